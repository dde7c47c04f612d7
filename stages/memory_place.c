/*
 * memory_place.c - places and marks made from a page, and held against the next one.
 */
#include "memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "doc/lexicon.h"

#define FAR 3500.0 /* units: an anchor is no farther */
#define MARKS_LEAST 40
#define GONE 2 /* a word missed so often, and more often than seen, is not of the layout */

struct near_word {
    uint32_t spot;
    double cost;
};

static void
ends_of(const struct extraction *x, const struct memory_found *at, double *x0, double *x1, double *y)
{
    *x0 = memory_units(x->layout, at->page, at->box.x0);
    *x1 = memory_units(x->layout, at->page, at->box.x1);
    *y = memory_middle(x->layout, at->page, at->box);
}

/* A word that a form knows as a label is likelier to stand there again than any other. */
static bool
is_label(const struct extraction *x, uint32_t word)
{
    return hit_of_word(x, word) != NULL;
}

static double
cost_of(const struct extraction *x, const struct memory_view *view, const uint8_t *taken, uint32_t word, double px0,
        double px1, double py)
{
    const struct memory_spot *s = &view->spots[word];
    double dy = fabs(s->y - py), gap, cost;

    if (dy < 0.7 * view->height) {
        /* what stands before it on its line is what it is called, however far */
        gap = s->x1 <= px0 + 0.3 * view->height ? 0.15 * (px0 - s->x1) : 0.8 * (s->x0 - px1);
        cost = gap > 0 ? gap : 0;
    } else {
        gap = s->x1 < px0 ? px0 - s->x1 : s->x0 > px1 ? s->x0 - px1 : 0;
        cost = (s->y < py ? 1.4 : 1.9) * dy + 0.6 * gap;
        /* rows of a table are other rows next time */
        if (taken[word] == MEMORY_ROW)
            cost = 4 * cost + 500;
    }
    return cost * (is_label(x, word) ? 0.5 : 1);
}

static int
by_cost(const void *a, const void *b)
{
    const struct near_word *p = a, *q = b;

    return p->cost < q->cost ? -1 : p->cost > q->cost ? 1 : (p->spot > q->spot) - (p->spot < q->spot);
}

/* Words around a value, nearest first, until the place has as many as it may. */
static enum rc
add_anchors(const struct extraction *x, const struct memory_match *m, const struct memory_view *view,
            const uint8_t *taken, const struct memory_found *at, struct memory_place *place)
{
    struct near_word *near = arena_array(x->arena, x->layout->word_count + 1u, sizeof *near);
    double px0, px1, py;
    uint32_t n = 0;

    if (near == NULL)
        return RC_NOMEM;
    ends_of(x, at, &px0, &px1, &py);
    for (uint32_t i = 0; i < x->layout->word_count; i++) {
        const struct memory_spot *s = &view->spots[i];
        double cost;

        if (s->page != at->page || taken[i] == MEMORY_VALUE || !memory_plain_word(s->fold) ||
            view->layout->words[i].word->conf < 0.3f || (i >= at->first && i < at->first + at->count))
            continue;
        if ((cost = cost_of(x, view, taken, i, px0, px1, py)) < FAR)
            near[n++] = (struct near_word){ i, cost };
    }
    qsort(near, n, sizeof *near, by_cost);
    for (uint32_t i = 0; i < n && place->anchor_count < MEMORY_ANCHORS_MAX; i++) {
        const struct memory_spot *s = &view->spots[near[i].spot];
        struct memory_anchor *a = &place->anchors[place->anchor_count];
        bool known = false;

        for (uint32_t k = 0; k < place->anchor_count; k++)
            known = known || strcmp(place->anchors[k].text, s->fold) == 0;
        if (known)
            continue;
        *a = (struct memory_anchor){ .text = s->fold, .seen = 1 };
        memory_fit_apart(&m->fit, px0 - s->x0, py - s->y, &a->dx, &a->dy);
        place->anchor_count++;
    }
    return RC_OK;
}

enum rc
memory_place_make(const struct extraction *x, const struct memory_match *m, const struct memory_view *view,
                  const uint8_t *taken, const struct memory_found *at, struct memory_place *out)
{
    double x0, x1, y;

    ends_of(x, at, &x0, &x1, &y);
    *out = (struct memory_place){ .page = at->page > 0, .words = (uint8_t)(at->words < 255 ? at->words : 255),
                                  .lines = (uint8_t)at->lines };
    memory_fit_back(&m->fit, x0, y, &out->x, &out->y);
    out->width = (int32_t)lround((x1 - x0) / m->fit.xx);
    out->lead = at->lead;
    out->tail = at->tail;
    if ((out->anchors = arena_array(x->arena, MEMORY_ANCHORS_MAX, sizeof *out->anchors)) == NULL)
        return RC_NOMEM;
    return add_anchors(x, m, view, taken, at, out);
}

enum rc
memory_place_again(const struct extraction *x, const struct memory_match *m, const struct memory_view *view,
                   const uint8_t *taken, const struct memory_found *at, struct memory_place *place)
{
    struct memory_anchor *list = arena_array(x->arena, MEMORY_ANCHORS_MAX, sizeof *list);
    double x0, x1, y;
    uint32_t kept = 0;

    if (list == NULL)
        return RC_NOMEM;
    ends_of(x, at, &x0, &x1, &y);
    for (uint32_t i = 0; i < place->anchor_count; i++) {
        struct memory_anchor a = place->anchors[i];
        bool here = false;

        for (uint32_t s = 0; s < x->layout->word_count && !here; s++) {
            const struct memory_spot *spot = &view->spots[s];

            here = spot->page == at->page &&
                   fabs(spot->x0 + a.dx * m->fit.xx + a.dy * m->fit.xy - x0) < 2.0 * view->height &&
                   fabs(spot->y + a.dy * m->fit.yy + a.dx * m->fit.yx - y) < 0.8 * view->height &&
                   memory_same_word(a.text, spot->fold, true);
        }
        a.seen = (uint16_t)(a.seen + (here && a.seen < 1000));
        a.missed = (uint16_t)(a.missed + (!here && a.missed < 1000));
        if (a.missed < GONE || a.missed <= a.seen)
            list[kept++] = a;
    }
    place->anchors = list;
    place->anchor_count = kept;
    /* the text of a value may be longer than the first one was */
    if (at->lines > place->lines)
        place->lines = (uint8_t)at->lines;
    return add_anchors(x, m, view, taken, at, place);
}

/* In which order words of a first page are taken as marks: those of labels, then from the top. */
static bool
is_mark(const struct extraction *x, const struct memory_view *view, const uint8_t *taken, uint32_t word, bool label)
{
    const struct memory_spot *s = &view->spots[word];

    return s->page == 0 && !taken[word] && memory_plain_word(s->fold) && strlen(s->fold) >= 3 &&
           view->layout->words[word].word->conf >= 0.3f && is_label(x, word) == label;
}

enum rc
memory_marks_make(const struct extraction *x, const struct memory_view *view, const uint8_t *taken,
                  struct memory_layout *m)
{
    if ((m->marks = arena_array(x->arena, MEMORY_MARKS_MAX, sizeof *m->marks)) == NULL)
        return RC_NOMEM;
    m->mark_count = 0;
    for (int label = 1; label >= 0; label--)
        for (uint32_t i = 0; i < x->layout->word_count && m->mark_count < MEMORY_MARKS_MAX; i++)
            if (is_mark(x, view, taken, i, label != 0))
                m->marks[m->mark_count++] = (struct memory_mark){ .text = view->spots[i].fold, .x = view->spots[i].x0,
                                                                  .y = view->spots[i].y, .seen = 1 };
    return RC_OK;
}

void
memory_marks_again(const struct memory_match *m, const struct memory_view *view)
{
    struct memory_layout *layout = m->layout;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < layout->mark_count; i++) {
        struct memory_mark k = layout->marks[i];
        bool here = false;

        for (uint32_t s = 0; s < view->layout->word_count && !here; s++)
            here = view->spots[s].page == 0 && fabs(view->spots[s].x0 - memory_fit_x(&m->fit, k.x, k.y)) < 120 &&
                   memory_same_word(k.text, view->spots[s].fold, true);
        k.seen = (uint16_t)(k.seen + (here && k.seen < 1000));
        k.missed = (uint16_t)(k.missed + (!here && k.missed < 1000));
        if (k.missed < GONE || k.missed <= k.seen || layout->mark_count - (i - kept) <= MARKS_LEAST / 2)
            layout->marks[kept++] = k;
    }
    layout->mark_count = kept;
}
