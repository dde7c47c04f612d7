/*
 * second_align.c - two readings of one line laid side by side, letter by letter.
 *
 * Boxes alone cannot do it: each reader says only roughly where a letter stands, and a word that is cut in two places
 * would come out twice or not at all.  So the texts are aligned (Wagner and Fischer, 1974); a gap may only stand for a
 * gap near it, and there both are cut.
 */
#include "second_align.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ALONE 3       /* a letter that the other does not have */
#define OTHER 4       /* another letter in its place           */
#define CASE 1        /* the same in another size              */
#define NEVER 60000
#define CELLS_MAX (1u << 22) /* beyond, the line is one stretch */
#define GAP_NEAR 2.0  /* of the line's height: how far two places of one gap may be apart */

/* A reading letter by letter. */
struct string {
    const char **at;  /* each byte; NULL: a gap               */
    uint32_t *words;  /* of a gap: how many words are before  */
    uint32_t size;
    const struct ocr_text *text;
};

static enum rc
string_make(const struct ocr_text *text, struct arena *arena, struct string *out)
{
    size_t size = 0;

    for (uint32_t i = 0; i < text->count; i++)
        size += strlen(text->words[i].text) + 1;
    *out = (struct string){ .text = text };
    out->at = arena_array(arena, size + 1, sizeof *out->at);
    out->words = arena_array(arena, size + 1, sizeof *out->words);
    if (out->at == NULL || out->words == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < text->count; i++) {
        if (i > 0) {
            out->words[out->size] = i;
            out->at[out->size++] = NULL;
        }
        for (const char *c = text->words[i].text; *c != '\0'; c++)
            out->at[out->size++] = c;
    }
    return RC_OK;
}

static int
gap_at(const struct string *s, uint32_t i)
{
    const struct word *words = s->text->words;

    return (words[s->words[i] - 1].box.x1 + words[s->words[i]].box.x0) / 2;
}

static unsigned
cost_of(const struct string *a, uint32_t i, const struct string *b, uint32_t j, int near)
{
    if (a->at[i] == NULL && b->at[j] == NULL)
        return abs(gap_at(a, i) - gap_at(b, j)) <= near ? 0 : NEVER;
    if (a->at[i] == NULL || b->at[j] == NULL)
        return NEVER;
    if (*a->at[i] == *b->at[j])
        return 0;
    return tolower((unsigned char)*a->at[i]) == tolower((unsigned char)*b->at[j]) ? CASE : OTHER;
}

static int
height_of(const struct ocr_text *t)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < t->count; i++)
        sum += t->words[i].box.y1 - t->words[i].box.y0;
    return t->count > 0 ? (int)(sum / t->count) : 0;
}

/* costs[i][j]: of what stands from i and j on. */
static void
fill(const struct string *a, const struct string *b, int near, uint16_t *costs)
{
    const size_t pitch = (size_t)b->size + 1;

    for (uint32_t i = a->size + 1; i-- > 0;)
        for (uint32_t j = b->size + 1; j-- > 0;) {
            unsigned best = i == a->size && j == b->size ? 0 : NEVER, one;

            if (i < a->size && (one = costs[(i + 1) * pitch + j] + ALONE) < best)
                best = one;
            if (j < b->size && (one = costs[i * pitch + j + 1] + ALONE) < best)
                best = one;
            if (i < a->size && j < b->size && (one = costs[(i + 1) * pitch + j + 1] + cost_of(a, i, b, j, near)) < best)
                best = one;
            costs[i * pitch + j] = (uint16_t)best;
        }
}

/* Along the cheapest way; the gaps that stand for each other are cuts. */
static uint32_t
follow(const struct string *a, const struct string *b, int near, const uint16_t *costs, struct second_cut *cuts)
{
    const size_t pitch = (size_t)b->size + 1;
    uint32_t i = 0, j = 0, count = 0;

    while (i < a->size && j < b->size) {
        const unsigned here = costs[i * pitch + j], cost = cost_of(a, i, b, j, near);

        if (cost < NEVER && here == (unsigned)costs[(i + 1) * pitch + j + 1] + cost) {
            if (a->at[i] == NULL)
                cuts[count++] = (struct second_cut){ a->words[i], b->words[j] };
            i++;
            j++;
        } else if (here == (unsigned)costs[(i + 1) * pitch + j] + ALONE) {
            i++;
        } else {
            j++;
        }
    }
    return count;
}

/* How many words at one end of a's words from .. to stand wholly beside all of b's. */
static uint32_t
beside(const struct ocr_text *a, uint32_t from, uint32_t to, const struct ocr_text *b, uint32_t b_from, uint32_t b_to,
       bool at_end)
{
    uint32_t n = 0;

    while (n < to - from) {
        const struct box *box = &a->words[at_end ? to - 1 - n : from + n].box;

        if (at_end ? box->x0 < b->words[b_to - 1].box.x1 : box->x1 > b->words[b_from].box.x0)
            break;
        n++;
    }
    return n;
}

static void
add(struct second_cut *cuts, uint32_t *count, uint32_t first, uint32_t second)
{
    const struct second_cut last = *count > 0 ? cuts[*count - 1] : (struct second_cut){ 0, 0 };

    if (first > last.first || second > last.second)
        cuts[(*count)++] = (struct second_cut){ first, second };
}

/* What only one of them has seen, to the left or the right of all that the other has, is cut off. */
static void
cut_off(const struct ocr_text *first, const struct ocr_text *second, const struct second_cut *from, uint32_t n,
        struct second_cut *cuts, uint32_t *count)
{
    struct second_cut at = { 0, 0 };

    for (uint32_t i = 0; i < n; at = from[i++]) {
        uint32_t a0 = at.first, a1 = from[i].first, b0 = at.second, b1 = from[i].second;

        if (a0 < a1 && b0 < b1) {
            a0 += beside(first, a0, a1, second, b0, b1, false);
            b0 += a0 == at.first ? beside(second, b0, b1, first, a0, a1, false) : 0;
            if (a0 < a1 && b0 < b1) {
                add(cuts, count, a0, b0);
                a1 -= beside(first, a0, a1, second, b0, b1, true);
                b1 -= a1 == from[i].first ? beside(second, b0, b1, first, a0, a1, true) : 0;
                add(cuts, count, a1, b1);
            }
        }
        add(cuts, count, from[i].first, from[i].second);
    }
}

enum rc
second_align(const struct ocr_text *first, const struct ocr_text *second, struct arena *arena,
             struct second_cut **cuts, uint32_t *count)
{
    const uint32_t least = first->count < second->count ? first->count : second->count;
    const int ha = height_of(first), hb = height_of(second), near = (int)(GAP_NEAR * (ha > hb ? ha : hb));
    struct arena *scratch = arena_new(64u << 20);
    struct second_cut *gaps;
    struct string a, b;
    uint32_t n = 0;
    uint16_t *costs;
    size_t cells;
    enum rc rc = RC_NOMEM;

    *count = 0;
    *cuts = arena_array(arena, (size_t)first->count + second->count + 1, sizeof **cuts);
    gaps = scratch != NULL ? arena_array(scratch, (size_t)least + 1, sizeof *gaps) : NULL;
    if (*cuts == NULL || gaps == NULL || (rc = string_make(first, scratch, &a)) != RC_OK ||
        (rc = string_make(second, scratch, &b)) != RC_OK)
        goto out;
    cells = ((size_t)a.size + 1) * ((size_t)b.size + 1);
    if (least > 0 && cells <= CELLS_MAX) {
        if ((costs = arena_array(scratch, cells, sizeof *costs)) == NULL) {
            rc = RC_NOMEM;
            goto out;
        }
        fill(&a, &b, near, costs);
        n = follow(&a, &b, near, costs, gaps);
    }
    gaps[n++] = (struct second_cut){ first->count, second->count };
    cut_off(first, second, gaps, n, *cuts, count);
out:
    arena_free(scratch);
    return rc;
}
