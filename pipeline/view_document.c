/* view_document.c - the fields of the document held: which need a look; no values. */
#include <stdio.h>
#include <string.h>

#include "review.h"
#include "screen.h"

static int top;

/* A sign and a word: colour alone would be lost on a third of all people and terminals. */
static const struct {
    const char *sign;
    enum word_id word;
    enum style style;
} marks[] = {
    [DESK_QUIET] = { " ", W_MARK_QUIET, STYLE_DIM },
    [DESK_FLAGGED] = { "!", W_MARK_FLAGGED, STYLE_ALERT },
    [DESK_ACCEPTED] = { "+", W_MARK_ACCEPTED, STYLE_GOOD },
    [DESK_CORRECTED] = { "=", W_MARK_CORRECTED, STYLE_GOOD },
    [DESK_IS_BLANK] = { "0", W_MARK_BLANK, STYLE_GOOD },
    [DESK_NOT_READABLE] = { "?", W_MARK_UNREADABLE, STYLE_GOOD },
};

static void
draw_item(struct station *st, int row, const struct desk_item *item, bool chosen)
{
    enum style style = chosen ? STYLE_CHOSEN : marks[item->mark].style;
    int columns = screen_columns();
    int half = columns / 2 - 6;

    screen_bar(row, chosen ? STYLE_CHOSEN : STYLE_PLAIN, chosen ? ">" : " ", "");
    screen_put(row, 2, 2, style, marks[item->mark].sign);
    screen_put(row, 4, half, chosen ? STYLE_CHOSEN : STYLE_PLAIN, item->title);
    screen_put(row, 5 + half, 24, style, word(st->spanish, marks[item->mark].word));
    if (item->required && item->mark == DESK_FLAGGED)
        screen_put(row, 5 + half + 24, columns - half - 29, chosen ? STYLE_CHOSEN : STYLE_DIM,
                   word(st->spanish, W_MUST));
}

static void
document_draw(struct station *st)
{
    const struct desk_document *d = &st->document;
    unsigned left = station_flagged(st);
    char title[300];
    char right[160];
    int first;
    int last;

    if (d->count > 0 && left == 0 && st->message[0] == '\0')
        station_say(st, W_FINISH_HINT);
    snprintf(title, sizeof title, " %s \xc2\xb7 %s", word(st->spanish, W_APP),
             d->title[0] != '\0' ? d->title : word(st->spanish, W_TYPE_UNKNOWN));
    if (left > 0)
        word_count(st->spanish, W_LEFT, left, 0, right, sizeof right);
    else
        snprintf(right, sizeof right, "%s", d->count > 0 ? word(st->spanish, W_NONE_LEFT) : "");
    snprintf(right + strlen(right), sizeof right - strlen(right), " \xc2\xb7 %s ", st->person);
    first = station_frame(st, IN_DOCUMENT, title, right, &last);
    if (d->why[0] != '\0')
        first += screen_wrap(first - 1, 2, screen_columns() - 4, 2, STYLE_PLAIN, d->why);
    top = list_top(top, (int)st->item, last - first);
    for (int i = top; i < (int)d->count && first + i - top < last; i++)
        draw_item(st, first + i - top, &d->items[i], i == (int)st->item);
}

static void
send_on(struct station *st)
{
    struct desk_ask ask = { .what = DESK_FINISH };
    struct desk_answer answer;
    struct arena *arena = arena_new(1u << 16);
    char text[256];

    if (arena == NULL)
        return;
    if (station_ask(st, &ask, DESK_IS_DONE, arena, &answer) == RC_OK) {
        word_count(st->spanish, W_DONE, answer.u.done.accepted, answer.u.done.corrected, text, sizeof text);
        station_release(st);
        station_text(st, false, text);
    }
    arena_free(arena);
}

static void
end_with(struct station *st, enum desk_what what, enum word_id said)
{
    struct desk_ask ask = { .what = what };
    struct desk_answer answer;
    struct arena *arena = arena_new(1u << 16);

    if (arena == NULL)
        return;
    if (station_ask(st, &ask, DESK_IS_DONE, arena, &answer) == RC_OK) {
        if (what == DESK_SKIP) {
            station_take(st, NULL);
        } else {
            station_release(st);
        }
        if (st->held || what != DESK_SKIP)
            station_say(st, said);
    }
    arena_free(arena);
}

/* The document came back changed as a whole: a row more, a decision less. */
static bool
renew(struct station *st, enum desk_what what)
{
    struct desk_ask ask = { .what = what };
    struct desk_answer answer;
    struct arena *fresh = arena_new(8u << 20);
    struct arena *old = st->document_arena;

    if (fresh == NULL)
        return false;
    if (station_ask(st, &ask, DESK_IS_DOCUMENT, fresh, &answer) != RC_OK) {
        arena_free(fresh);
        return false;
    }
    st->document_arena = fresh;
    station_keep(st, &answer.u.document);
    arena_free(old);
    return true;
}

static void
undo(struct station *st)
{
    struct desk_ask ask = { .what = DESK_UNDO };
    struct desk_answer answer;
    struct arena *arena = arena_new(1u << 16);

    if (arena == NULL)
        return;
    if (station_ask(st, &ask, DESK_IS_DECIDED, arena, &answer) == RC_OK) {
        if (answer.u.decided.item < st->document.count) {
            st->document.items[answer.u.decided.item].mark = answer.u.decided.mark;
            st->item = answer.u.decided.item;
        }
        station_say(st, W_UNDONE);
    }
    arena_free(arena);
}

static void
enter(struct station *st)
{
    unsigned left = station_flagged(st);

    if (st->document.count == 0)
        station_go(st, &view_type);
    else if (left == 0)
        send_on(st);
    else
        station_go(st, &view_field);
}

static void
document_key(struct station *st, enum action action, struct key key)
{
    int chosen = (int)st->item;
    int next;

    (void)key;
    st->message[0] = '\0';
    if (list_act(action, &chosen, (int)st->document.count, 10)) {
        st->item = (uint32_t)chosen;
        return;
    }
    switch (action) {
    case ACT_ACCEPT: enter(st); break;
    case ACT_NEXT:
        if ((next = station_flagged_after(st, (int)st->item)) >= 0)
            st->item = (uint32_t)next;
        break;
    case ACT_BACK: st->item -= st->item > 0; break;
    case ACT_PAGE:
        if (st->document.count > 0)
            station_go(st, &view_field);
        break;
    case ACT_UNDO: undo(st); break;
    case ACT_ADD_ROW:
        if (renew(st, DESK_ADD_ROW)) {
            st->item = st->document.count - 1;
            station_say(st, W_ROW_ADDED);
        }
        break;
    case ACT_SKIP: end_with(st, DESK_SKIP, W_GIVEN_BACK); break;
    case ACT_TYPE: station_go(st, &view_type); break;
    case ACT_REJECT: station_go(st, &view_reject); break;
    case ACT_LEAVE: end_with(st, DESK_LEAVE, W_GIVEN_BACK); break;
    default: break;
    }
}

const struct view view_document = { IN_DOCUMENT, W_TITLE_DOCUMENT, NULL, document_draw, document_key, NULL };
