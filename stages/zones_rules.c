/*
 * zones_rules.c - what the template says is printed, taken off the flat sheet's ink: rules and black bars.
 *
 * A rule of a fax or of worn paper is a stair of short pieces, thicker here and thinner there, and up to two points
 * from where it should lie: an opening by a long brick takes only some of them, and what it leaves is read as strokes
 * of letters or ties the letters of several zones together.  So each rule is followed: in stretches of sixteen
 * points the row (or column) with the most ink is looked for, near the one of the stretch before; and along that
 * way goes whatever is no thicker than a rule.  A letter that stands on the rule or crosses it is thicker there, and
 * stays.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zone_sheet.h"

#define STRETCH 16.0     /* points: so long a rule is straight                               */
#define OFF_MOST 2.0     /* points that a rule may lie off                                   */
#define THICK 1.6        /* points: what is thicker is no rule                               */
#define INKED_LEAST 0.45 /* of a rule's length must be inked on its way                      */
#define SHORT 24.0       /* points: a shorter rule may be the stem of a letter beside it ... */
#define SHORT_LEAST 0.7  /* ... unless so much of it is inked                                */
#define BAR_INKED 0.6    /* of a stretch of a row: the bar goes on                           */
#define OFFS 25
#define STRETCHES_MAX 64

/* The ink's bits, as they lie or with rows and columns exchanged. */
struct bits {
    l_uint32 *data; /* looked at */
    l_uint32 *from; /* taken off from: of the same size, or the same */
    int wpl, along, across; /* its extents in the direction of a rule and across it */
    bool down;
};

static inline bool
inked(const struct bits *b, int along, int across)
{
    if (along < 0 || across < 0 || along >= b->along || across >= b->across)
        return false;
    return b->down ? GET_DATA_BIT(b->data + (size_t)along * (size_t)b->wpl, across)
                   : GET_DATA_BIT(b->data + (size_t)across * (size_t)b->wpl, along);
}

static inline void
clear(const struct bits *b, int along, int across)
{
    if (b->down)
        CLEAR_DATA_BIT(b->from + (size_t)along * (size_t)b->wpl, across);
    else
        CLEAR_DATA_BIT(b->from + (size_t)across * (size_t)b->wpl, along);
}

static struct bits
bits_of(PIX *ink, PIX *from, bool down)
{
    int w = pixGetWidth(ink), h = pixGetHeight(ink);

    return (struct bits){ pixGetData(ink), pixGetData(from), pixGetWpl(ink), down ? h : w, down ? w : h, down };
}

/* A rule in pixels: from, to along it, and where it should lie across. */
struct way {
    int from, to, at, reach, stretches;
    double step;                 /* pixels of a stretch */
    int off[STRETCHES_MAX];      /* of the middle of each stretch from at */
    double inked;                /* the share of its length that has ink on the way */
};

/* The offsets, one a stretch, under which the most ink lies without jumps. */
static void
follow(const struct bits *b, struct way *w)
{
    static int most[STRETCHES_MAX][OFFS];
    static signed char from[STRETCHES_MAX][OFFS];
    int count = 2 * w->reach + 1, best = 0, sum = 0;

    for (int k = 0; k < w->stretches; k++) {
        int a = w->from + (int)(k * w->step), e = w->from + (int)((k + 1) * w->step);

        for (int o = 0; o < count; o++) {
            int n = 0, before = k == 0 ? 0 : -1000000;

            for (int i = a; i < e; i++)
                n += inked(b, i, w->at + o - w->reach);
            for (int p = o - 2; k > 0 && p <= o + 2; p++) {
                int v;

                if (p < 0 || p >= count)
                    continue;
                v = most[k - 1][p] - abs(p - o) * (int)w->step / 8;
                if (v > before) {
                    before = v;
                    from[k][o] = (signed char)p;
                }
            }
            most[k][o] = n + before;
        }
    }
    for (int o = 1; o < count; o++)
        if (most[w->stretches - 1][o] > most[w->stretches - 1][best])
            best = o;
    for (int k = w->stretches - 1, o = best; k >= 0; k--) {
        w->off[k] = o - w->reach;
        o = from[k][o];
    }
    /* A stair steps inside a stretch: what lies beside the way counts, too. */
    for (int i = w->from; i < w->to; i++) {
        int k = (int)((i - w->from) / w->step), at = w->at + w->off[k < w->stretches ? k : w->stretches - 1];

        sum += inked(b, i, at) || inked(b, i, at - 1) || inked(b, i, at + 1);
    }
    w->inked = w->to > w->from ? (double)sum / (w->to - w->from) : 0;
}

/* Where the way lies at i, between the middles of its stretches. */
static int
way_at(const struct way *w, int i)
{
    double k = (i - w->from) / w->step - 0.5, f;
    int n = (int)floor(k);

    if (n < 0)
        return w->at + w->off[0];
    if (n + 1 >= w->stretches)
        return w->at + w->off[w->stretches - 1];
    f = k - n;
    return w->at + (int)lround(w->off[n] * (1 - f) + w->off[n + 1] * f);
}

/* Take off what is no thicker than a rule, along the way. */
static void
take_off(const struct bits *b, const struct way *w, int thick)
{
    for (int i = w->from; i < w->to; i++) {
        int at = way_at(w, i), low, high;

        if (!inked(b, i, at))
            at += inked(b, i, at - 1) ? -1 : 1;
        if (!inked(b, i, at))
            continue;
        for (low = at; at - low <= thick && inked(b, i, low - 1); low--)
            ;
        for (high = at; high - at <= thick && inked(b, i, high + 1); high++)
            ;
        for (int k = low; high - low < thick && k <= high; k++)
            clear(b, i, k);
    }
}

static void
cut_rule(const struct sheet *s, const struct bits *b, const struct zone_rule *r)
{
    double length = r->across ? r->x1 - r->x0 : r->y1 - r->y0;
    struct way w = { .from = r->across ? sheet_x(s, r->x0) : sheet_y(s, r->y0),
                     .to = r->across ? sheet_x(s, r->x1) : sheet_y(s, r->y1),
                     .at = r->across ? sheet_y(s, r->y0) : sheet_x(s, r->x0),
                     .reach = (int)(OFF_MOST * s->scale + 0.5), .stretches = (int)(length / STRETCH + 0.5) };

    w.reach = w.reach > OFFS / 2 ? OFFS / 2 : w.reach;
    w.stretches = w.stretches < 1 ? 1 : w.stretches > STRETCHES_MAX ? STRETCHES_MAX : w.stretches;
    w.step = (double)(w.to - w.from) / w.stretches;
    if (w.to - w.from < 4)
        return;
    follow(b, &w);
    if (w.inked < (length < SHORT ? SHORT_LEAST : INKED_LEAST))
        return;
    /* Its ends may reach a little farther. */
    w.from -= (int)s->scale;
    w.to += (int)s->scale;
    take_off(b, &w, (int)(THICK * s->scale + 0.5));
}

/* How much of a row is inked. */
static double
share(const struct bits *b, int x0, int x1, int y)
{
    int n = 0;

    for (int x = x0; x < x1; x++)
        n += inked(b, x, y);
    return x1 > x0 ? (double)n / (x1 - x0) : 0;
}

/* A bar lies up to some points off: above and below its inner part it goes on as long as its rows are full. */
static void
clear_bar(const struct sheet *s, const struct bits *b, const double at[4])
{
    int x0 = sheet_x(s, at[0]) - (int)s->scale, x1 = sheet_x(s, at[2]) + (int)s->scale;
    int y0 = sheet_y(s, at[1] + 1.5), y1 = sheet_y(s, at[3] - 1.5), more = (int)(4 * s->scale);
    int step = (int)(STRETCH * s->scale);

    for (int x = x0; x < x1; x += step) {
        int e = x1 - x < step + step / 2 ? x1 : x + step, top = y0, bottom = y1;

        while (y0 - top < more && share(b, x, e, top - 1) > BAR_INKED)
            top--;
        while (bottom - y1 < more && share(b, x, e, bottom) > BAR_INKED)
            bottom++;
        for (int y = top - 1; y <= bottom; y++)
            for (int k = x; k < e; k++)
                if (inked(b, k, y))
                    clear(b, k, y);
        if (e == x1)
            break;
    }
}

void
sheet_clear_bars(const struct zone_template *t, struct sheet *s)
{
    struct bits rows = bits_of(s->ink, s->ink, false);

    for (unsigned i = 0; i < t->file->bar_count; i++)
        clear_bar(s, &rows, t->file->bars[i].at);
}

void
sheet_cut_rules(const struct zone_template *t, PIX *before, struct sheet *s)
{
    struct bits rows = bits_of(before, s->ink, false), columns = bits_of(before, s->ink, true);

    for (unsigned i = 0; i < t->rule_count; i++)
        if (!t->rules[i].dashed)
            cut_rule(s, t->rules[i].across ? &rows : &columns, &t->rules[i]);
}
