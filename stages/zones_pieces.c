/*
 * zones_pieces.c - the ink of each zone, set in order for the reader.
 *
 * Typed forms drift: the month of a date stands higher than its day, a year runs over the dashes.
 * The reader expects one line, so the words of a zone are moved onto one baseline, and the gaps
 * between words are made wide enough to be seen as blanks.
 */
#include "zone_pieces.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64
#define LETTER_MIN 3.2 /* points: the capitals of five-point type */

/* Neighbouring blots that make a word. */
struct group {
    int x0, y0, x1, y1;
    int baseline;
    bool apart; /* a blank stands before it */
};

static int
by_left(const void *a, const void *b)
{
    const struct blot *x = *(const struct blot *const *)a, *y = *(const struct blot *const *)b;

    return x->x0 != y->x0 ? (x->x0 < y->x0 ? -1 : 1) : x->y0 - y->y0;
}

static int
by_int(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* A zone with nothing taller than a dash holds no value. */
static void
drop_dirt(const struct sheet *s, struct pieces *pieces)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < pieces->count; i++)
        if (pieces->at[i].tall >= LETTER_MIN * s->scale)
            pieces->at[kept++] = pieces->at[i];
    pieces->count = kept;
}

/* Where the boxes of one character each lie on the sheet. */
static void
set_cells(const struct zone_template *t, const struct sheet *s, struct piece *p)
{
    const struct zone *z = &t->zones[p->zone];

    if (z->cells < 2)
        return;
    p->cells = z->cells;
    p->pitch = (z->x1 - z->x0) * s->scale / z->cells;
    p->cells_left = (z->x0 - s->left) * s->scale;
}

enum rc
pieces_gather(const struct zone_template *t, const struct sheet *s, struct arena *arena, struct pieces *out)
{
    int *index = arena_array(arena, t->zone_count + 1, sizeof *index);
    unsigned used = 0;

    out->at = arena_array(arena, t->zone_count + 1, sizeof *out->at);
    out->blots = arena_array(arena, s->blot_count + 1, sizeof *out->blots);
    out->count = 0;
    if (out->at == NULL || out->blots == NULL || index == NULL)
        return RC_NOMEM;
    for (unsigned i = 0; i < s->word_count; i++) {
        const struct ink_word *w = &s->words[i];
        struct piece *p;

        if (w->zone < 0)
            continue;
        if (index[w->zone] == 0) {
            index[w->zone] = (int)++out->count;
            p = &out->at[out->count - 1];
            *p = (struct piece){ .zone = (uint32_t)w->zone, .box = { w->x0, w->y0, w->x1, w->y1 },
                                 .body = w->body, .baseline = w->baseline, .text = "" };
            set_cells(t, s, p);
        }
        p = &out->at[index[w->zone] - 1];
        p->tall = w->y1 - w->y0 > p->tall ? w->y1 - w->y0 : p->tall;
        p->box = box_union(p->box, (struct box){ w->x0, w->y0, w->x1, w->y1 });
        /* The tallest word tells the size; a lone dot or dash tells nothing. */
        if (w->body > p->body) {
            p->body = w->body;
            p->baseline = w->baseline;
        }
    }
    drop_dirt(s, out);
    for (unsigned i = 0; i < out->count; i++) {
        struct piece *p = &out->at[i];

        p->first = used;
        for (unsigned b = 0; b < s->blot_count; b++)
            if (s->blots[b].word >= 0 && s->words[s->blots[b].word].zone == (int)p->zone)
                out->blots[used++] = &s->blots[b];
        p->count = used - p->first;
        qsort(out->blots + p->first, p->count, sizeof *out->blots, by_left);
    }
    return RC_OK;
}

/* The gap that parts words: wider than a letter's, for narrow and for typewriter faces. */
static int
word_gap(const struct blot *const *blots, unsigned count, int body)
{
    int gaps[128], right = blots[0]->x1, gap, median;
    unsigned n = 0;

    for (unsigned i = 1; i < count && n < 128; i++) {
        if (blots[i]->x0 > right && blots[i]->x0 - right < 2 * body)
            gaps[n++] = blots[i]->x0 - right;
        right = blots[i]->x1 > right ? blots[i]->x1 : right;
    }
    if (n == 0)
        return body / 2;
    qsort(gaps, n, sizeof *gaps, by_int);
    median = gaps[n / 2];
    gap = 3 * median > body * 28 / 100 ? 3 * median : body * 28 / 100;
    return gap < body * 9 / 10 ? gap : body * 9 / 10;
}

static void
group_done(const struct blot *const *blots, unsigned from, unsigned to, const struct piece *p, struct group *g)
{
    int bottoms[64];
    unsigned n = 0;

    *g = (struct group){ blots[from]->x0, blots[from]->y0, blots[from]->x1, blots[from]->y1, p->baseline, false };
    for (unsigned i = from; i < to; i++) {
        g->x1 = blots[i]->x1 > g->x1 ? blots[i]->x1 : g->x1;
        g->y0 = blots[i]->y0 < g->y0 ? blots[i]->y0 : g->y0;
        g->y1 = blots[i]->y1 > g->y1 ? blots[i]->y1 : g->y1;
        if ((blots[i]->y1 - blots[i]->y0) * 4 >= p->body * 3 && n < 64)
            bottoms[n++] = blots[i]->y1;
    }
    if (n > 0) {
        qsort(bottoms, n, sizeof *bottoms, by_int);
        g->baseline = bottoms[n / 2];
    }
}

/* The box that a blot stands in. */
static int
cell_of(const struct piece *p, const struct blot *b)
{
    return (int)(((b->x0 + b->x1) / 2.0 - p->cells_left) / p->pitch);
}

/* Of boxes with a character each, each box is a group, however near or far its strokes are. */
static unsigned
groups_by_cell(const struct pieces *pieces, const struct piece *p, struct group out[WORDS_MAX])
{
    const struct blot *const *blots = pieces->blots + p->first;
    unsigned from = 0, n = 0;

    for (unsigned i = 1; i <= p->count; i++) {
        if (i < p->count && (cell_of(p, blots[i]) == cell_of(p, blots[from]) || n + 1 == WORDS_MAX))
            continue;
        group_done(blots, from, i, p, &out[n]);
        out[n++].apart = from > 0 && cell_of(p, blots[from]) > cell_of(p, blots[from - 1]) + 1;
        from = i;
    }
    return n;
}

static unsigned
groups_of(const struct pieces *pieces, const struct piece *p, struct group out[WORDS_MAX])
{
    const struct blot *const *blots = pieces->blots + p->first;
    int gap = word_gap(blots, p->count, p->body), right = blots[0]->x1;
    unsigned from = 0, n = 0;

    for (unsigned i = 1; i <= p->count; i++) {
        if (i < p->count && (blots[i]->x0 - right <= gap || n + 1 == WORDS_MAX)) {
            right = blots[i]->x1 > right ? blots[i]->x1 : right;
            continue;
        }
        group_done(blots, from, i, p, &out[n]);
        out[n++].apart = from > 0;
        from = i;
        if (i < p->count)
            right = blots[i]->x1;
    }
    return n;
}

void
piece_set(const struct sheet *s, const struct pieces *pieces, struct piece *p, int body)
{
    struct group groups[WORDS_MAX];
    unsigned n = p->cells > 0 ? groups_by_cell(pieces, p, groups) : groups_of(pieces, p, groups);
    /* Characters of boxes stand as close as in a word; an empty box between them is a blank. */
    int above = 0, below = 0, x = 0, space = p->body * 6 / 10 + 1, close = p->body / 6 + 2;
    float f = (float)body / (float)(p->body < 4 ? 4 : p->body);
    PIX *line;

    p->pix = NULL;
    p->filled = p->cells > 0 ? n : 0;
    for (unsigned i = 0; i < n; i++) {
        int up = groups[i].baseline - groups[i].y0, down = groups[i].y1 - groups[i].baseline;

        above = up > above ? up : above;
        below = down > below ? down : below;
        x += groups[i].x1 - groups[i].x0 + (i == 0 ? 4 : groups[i].apart ? space : close);
    }
    if (x < 3 || x > 6000 || above + below > 400)
        return;
    line = pixCreate(x, above + below + 4, 8);
    if (line == NULL)
        return;
    pixSetAll(line);
    x = 0;
    for (unsigned i = 0; i < n; i++) {
        const struct group *g = &groups[i];

        x += i == 0 ? 0 : g->apart ? space : close;
        pixRasterop(line, x, above + 2 - (g->baseline - g->y0) - 2, g->x1 - g->x0 + 4, g->y1 - g->y0 + 4,
                    PIX_SRC, s->clean, g->x0 - 2, g->y0 - 2);
        x += g->x1 - g->x0;
    }
    /* The reader was taught on gray: letters of black and white alone get soft edges. */
    if (s->bilevel) {
        PIX *soft = pixBlockconv(line, 1, 1);

        if (soft != NULL) {
            pixDestroy(&line);
            line = soft;
        }
    }
    f = f > 3 ? 3 : f < 0.3f ? 0.3f : f;
    p->pix = f > 0.92f && f < 1.08f ? pixClone(line) : pixScale(line, f, f);
    p->up = (int)((float)(above + 2) * (f > 0.92f && f < 1.08f ? 1 : f));
    pixDestroy(&line);
}
