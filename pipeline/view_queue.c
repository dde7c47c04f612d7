/* view_queue.c - what waits: types, reasons, pages, deadlines; no values. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "review.h"
#include "screen.h"

#define AGAIN_MS 15000

static struct {
    struct arena *arena;
    struct desk_queue queue;
    int chosen, top;
    int64_t looked;
} q;

static void
look(struct station *st)
{
    struct desk_ask ask = { .what = DESK_QUEUE };
    struct desk_answer answer;

    if (q.arena == NULL)
        q.arena = arena_new(2u << 20);
    if (q.arena == NULL)
        return;
    arena_reset(q.arena);
    memset(&q.queue, 0, sizeof q.queue);
    q.looked = clock_ms();
    if (station_ask(st, &ask, DESK_IS_QUEUE, q.arena, &answer) != RC_OK)
        return;
    q.queue = answer.u.queue;
    st->waiting = q.queue.total;
    if (q.chosen >= (int)q.queue.count)
        q.chosen = q.queue.count > 0 ? (int)q.queue.count - 1 : 0;
}

/* "3 min", "2 h", "5 d": the same in both languages. */
static void
span(int64_t seconds, char *out, size_t room)
{
    int64_t s = seconds < 0 ? -seconds : seconds;

    if (s < 3600)
        snprintf(out, room, "%d min", (int)(s / 60));
    else if (s < 48 * 3600)
        snprintf(out, room, "%d h", (int)(s / 3600));
    else
        snprintf(out, room, "%d d", (int)(s / 86400));
}

static void
draw_row(struct station *st, int row, const struct desk_row *r, bool chosen)
{
    enum style style = chosen ? STYLE_CHOSEN : STYLE_PLAIN;
    int columns = screen_columns();
    char waits[32];
    char due[32] = "";
    char pages[16];
    int64_t left = r->deadline - clock_wall_ms() / 1000;

    span(r->waiting, waits, sizeof waits);
    if (r->deadline > 0 && left <= 0)
        snprintf(due, sizeof due, "%s", word(st->spanish, W_LATE));
    else if (r->deadline > 0)
        span(left, due, sizeof due);
    snprintf(pages, sizeof pages, "%u", (unsigned)r->pages);
    screen_bar(row, style, chosen ? ">" : " ", "");
    screen_put(row, 2, 22, style, r->form[0] != '\0' ? r->form : word(st->spanish, W_TYPE_UNKNOWN));
    screen_put(row, 25, 6, style, pages);
    screen_put(row, 32, 8, style, waits);
    screen_put(row, 41, 8, style, due);
    screen_put(row, 50, columns - 50, style, r->taken ? word(st->spanish, W_TAKEN) : r->why);
}

static void
queue_draw(struct station *st)
{
    char left[128];
    char right[128];
    int first;
    int last;
    bool es = st->spanish;

    if (clock_ms() - q.looked > AGAIN_MS)
        look(st);
    snprintf(left, sizeof left, " %s \xc2\xb7 %s", word(es, W_APP), word(es, W_TITLE_QUEUE));
    word_count(es, W_QUEUE_COUNT, q.queue.total, 0, right, sizeof right);
    snprintf(right + strlen(right), sizeof right - strlen(right), " \xc2\xb7 %s ", st->person);
    first = station_frame(st, IN_QUEUE, left, right, &last);
    if (q.queue.count == 0) {
        screen_put(first + 1, 2, screen_columns() - 4, STYLE_BOLD, word(es, W_QUEUE_EMPTY));
        screen_put(first + 2, 2, screen_columns() - 4, STYLE_PLAIN, word(es, W_QUEUE_EMPTY_HINT));
        return;
    }
    screen_put(first - 1, 2, 22, STYLE_BOLD, word(es, W_COL_TYPE));
    screen_put(first - 1, 25, 6, STYLE_BOLD, word(es, W_COL_PAGES));
    screen_put(first - 1, 32, 8, STYLE_BOLD, word(es, W_COL_WAITING));
    screen_put(first - 1, 41, 8, STYLE_BOLD, word(es, W_COL_DEADLINE));
    screen_put(first - 1, 50, 20, STYLE_BOLD, word(es, W_COL_WHY));
    q.top = list_top(q.top, q.chosen, last - first);
    for (int i = q.top; i < (int)q.queue.count && first + i - q.top < last; i++)
        draw_row(st, first + i - q.top, &q.queue.rows[i], i == q.chosen);
}

static void
queue_key(struct station *st, enum action action, struct key key)
{
    struct id id;

    (void)key;
    if (list_act(action, &q.chosen, (int)q.queue.count, 10)) {
        st->message[0] = '\0';
        return;
    }
    switch (action) {
    case ACT_ACCEPT:
        if (q.queue.count == 0) {
            look(st);
            return;
        }
        /* The first row is "the next": the desk may know a better one by now. */
        id = q.queue.rows[q.chosen].document;
        station_take(st, q.chosen == 0 ? NULL : &id);
        if (st->view == &view_queue && st->running)
            look(st);
        break;
    case ACT_REFRESH: look(st); break;
    case ACT_LEAVE: st->running = false; break;
    default: break;
    }
}

static void
queue_close(struct station *st)
{
    (void)st;
    arena_free(q.arena);
    memset(&q, 0, sizeof q);
}

const struct view view_queue = { IN_QUEUE, W_TITLE_QUEUE, look, queue_draw, queue_key, queue_close };
