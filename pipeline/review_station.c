/* review_station.c - what the views share: messages, questions, the document held. */
#include "review.h"

#include <stdio.h>
#include <string.h>

#include "screen.h"

void
station_text(struct station *st, bool alarm, const char *text)
{
    snprintf(st->message, sizeof st->message, "%s", text);
    st->alarm = alarm;
}

void
station_say(struct station *st, enum word_id id)
{
    station_text(st, false, word(st->spanish, id));
}

void
station_warn(struct station *st, enum word_id id)
{
    station_text(st, true, word(st->spanish, id));
}

void
station_go(struct station *st, const struct view *view)
{
    if (st->view != NULL && st->view != view && st->view->close != NULL)
        st->view->close(st);
    st->view = view;
    if (view->open != NULL)
        view->open(st);
}

static void
forget(struct station *st)
{
    arena_reset(st->document_arena);
    memset(&st->document, 0, sizeof st->document);
    st->held = false;
    st->item = 0;
}

void
station_release(struct station *st)
{
    forget(st);
    if (st->once)
        st->running = false;
    else
        station_go(st, &view_queue);
}

enum rc
station_ask(struct station *st, const struct desk_ask *ask, enum desk_answer_kind want, struct arena *arena,
            struct desk_answer *out)
{
    enum rc rc = link_ask(st->link, ask, want, arena, out);

    if (rc == RC_OK)
        return rc;
    if (link_message(st->link)[0] != '\0') {
        station_text(st, true, link_message(st->link));
        if (rc == RC_LOST && st->held)
            station_release(st);
        return rc;
    }
    /* Nothing was said: the conversation is over. */
    st->running = false;
    st->exit_code = 69;
    station_warn(st, rc == RC_INPUT || rc == RC_LIMIT ? W_DESK_ODD : W_DESK_GONE);
    return rc;
}

void
station_keep(struct station *st, const struct desk_document *d)
{
    st->document = *d;
    st->held = true;
    if (st->item >= d->count)
        st->item = 0;
}

void
station_take(struct station *st, const struct id *id)
{
    struct desk_ask ask = { .what = DESK_TAKE };
    struct desk_answer answer;
    int first;

    if (id != NULL)
        ask.id = *id;
    forget(st);
    station_say(st, W_WAIT);
    screen_begin();
    st->view->draw(st);
    screen_show();
    st->message[0] = '\0';
    if (station_ask(st, &ask, DESK_IS_DOCUMENT, st->document_arena, &answer) != RC_OK) {
        if (st->running && st->view != &view_queue)
            station_go(st, &view_queue);
        return;
    }
    station_keep(st, &answer.u.document);
    st->message[0] = '\0';
    first = station_flagged_after(st, -1);
    if (st->document.count == 0) {
        station_go(st, &view_document);
        station_warn(st, W_TYPE_FIRST);
    } else if (first >= 0) {
        st->item = (uint32_t)first;
        station_go(st, &view_field);
    } else {
        station_go(st, &view_document);
    }
}

int
station_flagged_after(const struct station *st, int item)
{
    int count = (int)st->document.count;

    for (int i = 1; i <= count; i++) {
        int at = (item + i) % count;

        if (at >= 0 && st->document.items[at].mark == DESK_FLAGGED)
            return at;
    }
    return -1;
}

unsigned
station_flagged(const struct station *st)
{
    unsigned n = 0;

    for (uint32_t i = 0; i < st->document.count; i++)
        n += st->document.items[i].mark == DESK_FLAGGED;
    return n;
}

int
station_frame(struct station *st, enum scope scope, const char *left, const char *right, int *last)
{
    int rows = screen_rows();
    int foot = rows >= 22 ? 2 : 1;
    unsigned from = 0;
    char line[1024];

    screen_bar(0, STYLE_TITLE, left, right);
    for (int i = 0; i < foot; i++) {
        binding_foot(scope, st->spanish, (unsigned)screen_columns(), &from, line, sizeof line);
        screen_put(rows - foot + i, 0, screen_columns(), STYLE_DIM, line);
    }
    *last = rows - foot - 1;
    if (st->message[0] != '\0') {
        int lines = (screen_width_of(st->message) + screen_columns() - 1) / screen_columns();

        lines = lines < 1 ? 1 : lines > 3 ? 3 : lines;
        *last = rows - foot - lines - 1;
        screen_wrap(*last + 1, 0, screen_columns(), lines + 1, st->alarm ? STYLE_ALERT : STYLE_BOLD, st->message);
    }
    return 2;
}

int
list_top(int top, int chosen, int room)
{
    if (room < 1)
        room = 1;
    if (chosen < top)
        top = chosen;
    if (chosen >= top + room)
        top = chosen - room + 1;
    return top < 0 ? 0 : top;
}

bool
list_act(enum action action, int *chosen, int count, int page)
{
    int at = *chosen;

    switch (action) {
    case ACT_UP: at--; break;
    case ACT_DOWN: at++; break;
    case ACT_PAGE_UP: at -= page; break;
    case ACT_PAGE_DOWN: at += page; break;
    case ACT_FIRST: at = 0; break;
    case ACT_LAST: at = count - 1; break;
    default: return false;
    }
    if (at >= count)
        at = count - 1;
    *chosen = at < 0 ? 0 : at;
    return true;
}
