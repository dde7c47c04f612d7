/*
 * memory_match.c - is this a layout that was seen before, and how does it lie on the page?
 *
 * The words of a remembered layout are looked for where the best shift and scale puts them.  A
 * word that is at its height counts whole; one that kept its column but moved up or down counts in
 * part, for totals hang under tables of any length.  Who sends it decides between layouts that
 * one program made for two senders.
 */
#include "memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS_MAX 400
#define OFTEN 4          /* a word that stands oftener on a page says nothing about place */
#define CLOSE 90.0       /* units: 1.1 % of the width */
#define MOVED 0.55       /* what a word in its column is worth at another height */
#define TRIED 6          /* layouts whose geometry is looked at */
#define KNOWN_SENDER 0.36 /* what must be here of the layout: its sender stands on the page, */
#define NO_SENDER 0.58    /* it has none, */
#define OTHER_SENDER 2.0  /* another one: never */

enum rc
memory_set_open(const struct artifact_set *given, struct arena *arena, struct memory_set *out)
{
    *out = (struct memory_set){ .count = 0 };
    out->layouts = arena_array(arena, given->count + 1u, sizeof *out->layouts);
    out->slots = arena_array(arena, given->count + 1u, sizeof *out->slots);
    if (out->layouts == NULL || out->slots == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < given->count; i++) {
        const struct artifact *a = &given->items[i];
        enum rc rc;

        /* an empty one only says that its layout was used */
        if (a->kind != ARTIFACT_MEMORY || a->bytes.size == 0)
            continue;
        if ((rc = memory_read(a->bytes, arena, &out->layouts[out->count])) == RC_NOMEM)
            return rc;
        /* of another version of ours: learnt again when a person speaks again */
        if (rc != RC_OK)
            continue;
        out->slots[out->count++] = a->page;
    }
    return RC_OK;
}

/* The spots with this folded text: sorted[*first ..]; how many. */
static uint32_t
spots_of(const struct memory_view *view, const char *text, uint32_t *first)
{
    uint32_t low = 0, high = view->layout->word_count, n = 0;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (strcmp(view->spots[view->sorted[mid]].fold, text) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    *first = low;
    while (low + n < view->layout->word_count && strcmp(view->spots[view->sorted[low + n]].fold, text) == 0)
        n++;
    return n;
}

static double
weight_of(const struct memory_mark *k)
{
    double w = (1.0 + k->seen) / (1.0 + k->seen + 1.5 * k->missed);

    return strlen(k->text) <= 3 ? 0.5 * w : w;
}

/* The share of the layout's words that stand on the page at all: cheap, for a first choice. */
static double
words_here(const struct memory_layout *m, const struct memory_view *view)
{
    double here = 0, all = 0;

    for (uint32_t i = 0; i < m->mark_count; i++) {
        uint32_t first;

        all += weight_of(&m->marks[i]);
        if (spots_of(view, m->marks[i].text, &first) > 0)
            here += weight_of(&m->marks[i]);
    }
    return all > 0 ? here / all : 0;
}

static uint32_t
pairs_of(const struct memory_layout *m, const struct memory_view *view, struct memory_pair *pairs)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < m->mark_count; i++) {
        uint32_t first, n = spots_of(view, m->marks[i].text, &first), here = 0;

        if (m->marks[i].page > 0)
            continue;
        for (uint32_t k = 0; k < n; k++)
            here += view->spots[view->sorted[first + k]].page == 0;
        for (uint32_t k = 0; k < n && here <= OFTEN && count < PAIRS_MAX; k++) {
            const struct memory_spot *s = &view->spots[view->sorted[first + k]];

            if (s->page == 0)
                pairs[count++] = (struct memory_pair){ m->marks[i].x, m->marks[i].y, s->x0, s->y };
        }
    }
    return count;
}

/* What of the layout is where it should be. */
static double
overlap(const struct memory_layout *m, const struct memory_view *view, const struct memory_match *t)
{
    double here = 0, all = 0;

    for (uint32_t i = 0; i < m->mark_count; i++) {
        const struct memory_mark *k = &m->marks[i];
        double x = memory_fit_x(&t->fit, k->x, k->y), y = memory_fit_y(&t->fit, k->x, k->y), best = 0;

        if (k->page > 0)
            continue;
        all += weight_of(k);
        for (uint32_t s = 0; s < view->layout->word_count && best < 1; s++) {
            const struct memory_spot *spot = &view->spots[s];

            if (spot->page > 0 || fabs(spot->x0 - x) > CLOSE || !memory_same_word(k->text, spot->fold, true))
                continue;
            best = fabs(spot->y - y) <= CLOSE ? 1 : MOVED > best ? MOVED : best;
        }
        here += best * weight_of(k);
    }
    return all > 0 ? here / all : 0;
}

static bool
sender_here(const struct memory_layout *m, const struct memory_view *view)
{
    for (uint32_t i = 0; i < m->sender_count; i++) {
        uint32_t count;
        double cost;

        if (memory_text_at(view->layout, m->senders[i], &count, &cost) != UINT32_MAX)
            return true;
    }
    return false;
}

struct tried {
    uint32_t at;
    double here;
};

static int
by_here(const void *a, const void *b)
{
    const struct tried *p = a, *q = b;

    if (p->here > q->here || p->here < q->here)
        return p->here > q->here ? -1 : 1;
    return (p->at > q->at) - (p->at < q->at);
}

enum rc
memory_match(const struct memory_set *set, const char *form, const struct memory_view *view,
             struct memory_match *out)
{
    struct tried *tried = arena_array(view->arena, set->count + 1u, sizeof *tried);
    struct memory_pair *pairs = arena_array(view->arena, PAIRS_MAX, sizeof *pairs);
    double best = 0;
    uint32_t n = 0;

    *out = (struct memory_match){ .fit = memory_fit_same() };
    if (tried == NULL || pairs == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < set->count; i++)
        if (form == NULL || strcmp(set->layouts[i]->form, form) == 0)
            tried[n++] = (struct tried){ i, words_here(set->layouts[i], view) };
    qsort(tried, n, sizeof *tried, by_here);
    for (uint32_t i = 0; i < n && i < TRIED && tried[i].here > 0.2; i++) {
        struct memory_match t = { .layout = set->layouts[tried[i].at], .slot = set->slots[tried[i].at] };
        double need, worth;

        if (!memory_fit_find(pairs, pairs_of(t.layout, view, pairs), &t.fit))
            continue;
        t.score = overlap(t.layout, view, &t);
        if (t.score < KNOWN_SENDER)
            continue;
        t.sender = sender_here(t.layout, view);
        need = t.sender ? KNOWN_SENDER : t.layout->sender_count == 0 ? NO_SENDER : OTHER_SENDER;
        worth = t.score + (t.sender ? 0.25 : 0);
        if (t.score < need || worth <= best)
            continue;
        best = worth;
        *out = t;
    }
    return RC_OK;
}
