/*
 * words.c - words.h: lines are what the reader numbered, straightened; pieces end at gaps.
 */
#include "words.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "doc/lexicon.h"

#define PIECE_GAP 1.25f /* in heights of the line's words */
#define SLOPES_APART 0.015

static struct box
straight(const struct page_reading *page, struct box box)
{
    double a = (double)page->skew * 3.14159265 / 180.0;
    double cx = page->facts.width / 2.0, cy = page->facts.height / 2.0;
    double x = (box.x0 + box.x1) / 2.0 - cx, y = (box.y0 + box.y1) / 2.0 - cy;
    double w = (box.x1 - box.x0) / 2.0, h = (box.y1 - box.y0) / 2.0;
    double nx = x * cos(a) - y * sin(a) + cx, ny = x * sin(a) + y * cos(a) + cy;

    if (page->flat.on)
        return flat_box(&page->flat, box);
    if (page->skew == 0)
        return box;
    return (struct box){ (int32_t)lround(nx - w), (int32_t)lround(ny - h), (int32_t)lround(nx + w),
                         (int32_t)lround(ny + h) };
}

/* One run of print as the reader found it: what stands together is read together. */
struct block {
    uint32_t first, count, page; /* words */
    struct box box;
};

static enum rc
blocks_of(const struct layout *out, struct arena *arena, struct block **blocks, uint32_t *count)
{
    struct block *list = arena_array(arena, out->word_count + 1, sizeof *list);
    uint32_t n = 0;

    if (list == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < out->word_count; i++) {
        const struct lay_word *w = &out->words[i];

        if (i > 0 && w->page == w[-1].page && w->word->block == w[-1].word->block &&
            w->word->line == w[-1].word->line) {
            list[n - 1].count++;
            list[n - 1].box = box_union(list[n - 1].box, w->box);
            continue;
        }
        list[n++] = (struct block){ i, 1, w->page, w->box };
    }
    *blocks = list;
    *count = n;
    return RC_OK;
}

/* Does the word stand on its line with both feet: no letter, and no mark, that goes below it? */
static bool
stands(const struct word *w)
{
    return w->text[0] != '\0' && strpbrk(w->text, "gjpqyQJ,;()[]{}|/\\$@_") == NULL &&
           strstr(w->text, "\u00e7") == NULL;
}

/* How a run of words lies: its slope, by the feet of those words that stand; false: too short to tell. */
static bool
slope_of(const struct layout *out, const struct block *k, double *slope, double *weight, double *middle)
{
    double mx = 0, my = 0, xx = 0, xy = 0;
    int left = INT_MAX, right = INT_MIN;
    unsigned n = 0;

    if (k->count < 3 || k->box.x1 - k->box.x0 < 8 * box_height(k->box))
        return false;
    for (uint32_t j = 0; j < k->count; j++) {
        const struct lay_word *v = &out->words[k->first + j];

        if (!stands(v->word))
            continue;
        mx += (v->box.x0 + v->box.x1) / 2.0;
        my += v->box.y1;
        left = v->box.x0 < left ? v->box.x0 : left;
        right = v->box.x1 > right ? v->box.x1 : right;
        n++;
    }
    if (n < 2 || right - left < 8 * box_height(k->box))
        return false;
    mx /= n;
    my /= n;
    for (uint32_t j = 0; j < k->count; j++) {
        const struct lay_word *v = &out->words[k->first + j];
        double dx = (v->box.x0 + v->box.x1) / 2.0 - mx;

        if (!stands(v->word))
            continue;
        xx += dx * dx;
        xy += dx * (v->box.y1 - my);
    }
    *slope = xx > 0 ? xy / xx : 0;
    *weight = xx;
    *middle = my;
    return fabs(*slope) <= 0.05;
}

/*
 * A photographed or warped page is straight nowhere at once: its lines fan out.  The slopes
 * of long runs tell how, as a straight function of the height on the page.  A run's slope is that of
 * the feet of its words: their middles fall from "Cinta" to "negra" on the straightest page.  A run that
 * lies quite otherwise than the others is left out: of two words one may be ill cut.
 */
static void
unfan(struct layout *out, const struct block *blocks, uint32_t count, uint32_t page)
{
    double a = 0, b = 0;
    double cx = out->pages[page]->facts.width / 2.0, cy = out->pages[page]->facts.height / 2.0;

    for (int pass = 0; pass < 2; pass++) {
        double sw = 0, sy = 0, syy = 0, ss = 0, sys = 0, det;

        for (uint32_t i = 0; i < count; i++) {
            double slope, w, y;

            if (blocks[i].page != page || !slope_of(out, &blocks[i], &slope, &w, &y))
                continue;
            y -= cy;
            if (pass > 0 && fabs(slope - a - b * y) > SLOPES_APART)
                continue;
            sw += w;
            sy += w * y;
            syy += w * y * y;
            ss += w * slope;
            sys += w * y * slope;
        }
        det = sw * syy - sy * sy;
        if (sw <= 0 || det <= 1e-6 * sw * sw)
            return;
        b = (sw * sys - sy * ss) / det;
        a = (ss - b * sy) / sw;
    }
    /* Less than a third of a letter from edge to edge is straight enough. */
    if ((fabs(a) + fabs(b) * cy) * 2 * cx < 0.3 * (double)out->height)
        return;
    for (uint32_t i = 0; i < out->word_count; i++) {
        struct lay_word *v = &out->words[i];
        double x = (v->box.x0 + v->box.x1) / 2.0 - cx, y = (v->box.y0 + v->box.y1) / 2.0 - cy;
        int32_t shift = (int32_t)lround((a + b * y) * x);

        if (v->page != page)
            continue;
        v->box.y0 -= shift;
        v->box.y1 -= shift;
    }
}

static int
by_top(const void *p, const void *q)
{
    const struct block *a = p, *b = q;
    int ya = a->box.y0 + a->box.y1, yb = b->box.y0 + b->box.y1;

    if (a->page != b->page)
        return a->page < b->page ? -1 : 1;
    return ya != yb ? (ya < yb ? -1 : 1) : (a->first < b->first ? -1 : 1);
}

/* Number the lines afresh, on the straightened page: blocks beside each other share one. */
static void
number_lines(struct layout *out, struct block *blocks, uint32_t count)
{
    uint32_t next = 0;

    for (uint32_t i = 0; i < count; i++) {
        blocks[i].box = out->words[blocks[i].first].box;
        for (uint32_t j = 1; j < blocks[i].count; j++)
            blocks[i].box = box_union(blocks[i].box, out->words[blocks[i].first + j].box);
        for (uint32_t j = 0; j < blocks[i].count; j++)
            out->words[blocks[i].first + j].line = UINT32_MAX;
    }
    qsort(blocks, count, sizeof *blocks, by_top);
    for (uint32_t i = 0; i < count; i++) {
        struct box a = blocks[i].box;

        if (out->words[blocks[i].first].line != UINT32_MAX)
            continue;
        for (uint32_t j = i; j < count && blocks[j].page == blocks[i].page; j++) {
            struct box b = blocks[j].box;
            int low = box_height(a) < box_height(b) ? box_height(a) : box_height(b);

            if (b.y0 > a.y1 + box_height(a))
                break;
            int narrow = a.x1 - a.x0 < b.x1 - b.x0 ? a.x1 - a.x0 : b.x1 - b.x0;

            /* what lies under each other is no line, however closely the rows are set */
            if (j != i && (out->words[blocks[j].first].line != UINT32_MAX || box_along(a, b) <= 0.55 * low ||
                           box_across(a, b) > 0.4 * narrow))
                continue;
            for (uint32_t k = 0; k < blocks[j].count; k++)
                out->words[blocks[j].first + k].line = next;
        }
        next++;
    }
}

static int
by_line(const void *a, const void *b)
{
    const struct lay_word *p = a, *q = b;

    if (p->line != q->line)
        return p->line < q->line ? -1 : 1;
    if (p->box.x0 != q->box.x0)
        return p->box.x0 < q->box.x0 ? -1 : 1;
    return p->word < q->word ? -1 : 1;
}

static int
by_place(const void *a, const void *b)
{
    const struct lay_word *p = a, *q = b;

    if (p->page != q->page)
        return p->page < q->page ? -1 : 1;
    if (p->word->line != q->word->line)
        return p->word->line < q->word->line ? -1 : 1;
    if (p->box.x0 != q->box.x0)
        return p->box.x0 < q->box.x0 ? -1 : 1;
    return p->word < q->word ? -1 : 1;
}

static int
by_float(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static enum rc
usual_height(struct layout *out, struct arena *arena)
{
    float *heights = arena_array(arena, out->word_count + 1, sizeof *heights);

    if (heights == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < out->word_count; i++)
        heights[i] = (float)box_height(out->words[i].box);
    qsort(heights, out->word_count, sizeof *heights, by_float);
    out->height = out->word_count > 0 ? heights[out->word_count / 2] : 1;
    return RC_OK;
}

/* Folded text of a line, with the way back to its words. */
static enum rc
fold_line(const struct layout *out, struct lay_run *line, struct arena *arena)
{
    size_t room = 1;
    uint32_t n = 0;

    for (uint32_t i = 0; i < line->count; i++)
        room += strlen(out->words[line->first + i].word->text) * 2 + 4;
    line->fold = arena_alloc(arena, room);
    line->fold_word = arena_array(arena, room, sizeof *line->fold_word);
    line->edge = arena_alloc(arena, room);
    if (line->fold == NULL || line->fold_word == NULL || line->edge == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < line->count; i++) {
        const char *at = out->words[line->first + i].word->text;

        line->edge[n] = 1;
        while (*at != '\0') {
            char part[16] = { 0 }, folded[24];
            size_t k = 1;

            if ((unsigned char)*at >= 0x80)
                while (k < 4 && ((unsigned char)at[k] & 0xc0) == 0x80)
                    k++;
            memcpy(part, at, k);
            at += k;
            lexicon_fold(part, folded, sizeof folded);
            if (folded[0] == '\0' || folded[0] == '%' || folded[0] == '#')
                line->edge[n] = 1; /* punctuation ends a word */
            for (const char *f = folded; *f != '\0' && n + 1 < room; f++) {
                if (n > 0 && (isdigit((unsigned char)*f) != 0) != (isdigit((unsigned char)line->fold[n - 1]) != 0))
                    line->edge[n] = 1;
                line->fold_word[n] = (uint16_t)i;
                line->fold[n++] = *f;
                if (*f == '%' || *f == '#')
                    line->edge[n] = 1;
            }
        }
    }
    line->edge[n] = 1;
    line->fold[n] = '\0';
    line->fold_size = n;
    return RC_OK;
}

static bool
starts_piece(const struct layout *out, uint32_t i)
{
    const struct lay_word *a = &out->words[i - 1], *b = &out->words[i];
    int ha = box_height(a->box), hb = box_height(b->box), h = ha > hb ? ha : hb;
    int gap = b->box.x0 - a->box.x1;

    if (h > 2.2f * out->height)
        h = (int)(2.2f * out->height);
    if (h < out->height)
        h = (int)out->height;
    return (float)gap > PIECE_GAP * (float)h + out->slack ||
           (a->word->block != b->word->block && (float)gap > 0.9f * (float)h + out->slack);
}

/* Typewriter print has blanks as wide as letters: there a gap must be wider to be one. */
static enum rc
usual_gap(struct layout *out, struct arena *arena)
{
    float *gaps = arena_array(arena, out->word_count + 1, sizeof *gaps);
    uint32_t n = 0;

    if (gaps == NULL)
        return RC_NOMEM;
    for (uint32_t i = 1; i < out->word_count; i++) {
        const struct lay_word *a = &out->words[i - 1], *b = &out->words[i];
        float gap = (float)(b->box.x0 - a->box.x1);

        if (a->page == b->page && a->line == b->line && gap > 0 && gap < 2.2f * out->height)
            gaps[n++] = gap;
    }
    if (n < 6)
        return RC_OK;
    qsort(gaps, n, sizeof *gaps, by_float);
    if (gaps[n / 2] * 1.9f > PIECE_GAP * out->height)
        out->slack = gaps[n / 2] * 1.9f - PIECE_GAP * out->height;
    return RC_OK;
}

static enum rc
cut(struct layout *out, struct arena *arena)
{
    struct lay_run *line = NULL, *piece = NULL;
    uint32_t last = 0;

    out->lines = arena_array(arena, out->word_count + 1, sizeof *out->lines);
    out->pieces = arena_array(arena, out->word_count + 1, sizeof *out->pieces);
    if (out->lines == NULL || out->pieces == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < out->word_count; i++) {
        struct lay_word *w = &out->words[i];
        uint32_t number = w->line;
        bool fresh = i == 0 || number != last;

        if (fresh) {
            line = &out->lines[out->line_count];
            *line = (struct lay_run){ .box = w->box, .first = i, .page = w->page,
                                      .line = out->line_count };
            out->line_count++;
        }
        if (fresh || starts_piece(out, i)) {
            piece = &out->pieces[out->piece_count++];
            *piece = (struct lay_run){ .box = w->box, .first = i, .page = w->page,
                                       .line = out->line_count - 1 };
        }
        last = number;
        line->box = box_union(line->box, w->box);
        piece->box = box_union(piece->box, w->box);
        line->count++;
        piece->count++;
        w->line = out->line_count - 1;
        w->piece = out->piece_count - 1;
    }
    for (uint32_t i = 0; i < out->line_count; i++) {
        enum rc rc = fold_line(out, &out->lines[i], arena);

        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

enum rc
layout_make(const struct page_reading *const *pages, uint32_t count, struct arena *arena,
            struct layout *out)
{
    uint32_t total = 0, block_count = 0;
    struct block *blocks = NULL;
    enum rc rc;

    *out = (struct layout){ .pages = pages, .page_count = count };
    for (uint32_t p = 0; p < count; p++)
        total += pages[p]->word_count;
    out->words = arena_array(arena, total + 1, sizeof *out->words);
    if (out->words == NULL)
        return RC_NOMEM;
    for (uint32_t p = 0; p < count; p++) {
        for (uint32_t i = 0; i < pages[p]->word_count; i++) {
            const struct word *w = &pages[p]->words[i];

            if (w->text[0] == '\0' || box_is_empty(w->box))
                continue;
            out->words[out->word_count++] =
                (struct lay_word){ .box = straight(pages[p], w->box), .word = w, .page = p };
        }
    }
    qsort(out->words, out->word_count, sizeof *out->words, by_place);
    if ((rc = usual_height(out, arena)) != RC_OK || (rc = blocks_of(out, arena, &blocks, &block_count)) != RC_OK)
        return rc;
    for (uint32_t p = 0; p < count; p++)
        unfan(out, blocks, block_count, p);
    number_lines(out, blocks, block_count);
    qsort(out->words, out->word_count, sizeof *out->words, by_line);
    if ((rc = usual_gap(out, arena)) != RC_OK)
        return rc;
    return cut(out, arena);
}

char *
layout_text(const struct layout *layout, uint32_t first, uint32_t count, struct arena *arena)
{
    size_t size = 1, n = 0;
    char *text;

    for (uint32_t i = 0; i < count; i++)
        size += strlen(layout->words[first + i].word->text) + 1;
    text = arena_alloc(arena, size);
    if (text == NULL)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        size_t k = strlen(layout->words[first + i].word->text);

        if (i > 0)
            text[n++] = ' ';
        memcpy(text + n, layout->words[first + i].word->text, k);
        n += k;
    }
    text[n] = '\0';
    return text;
}

float
layout_conf(const struct layout *layout, uint32_t first, uint32_t count)
{
    float least = 1.0f;

    for (uint32_t i = 0; i < count; i++)
        if (layout->words[first + i].word->conf < least)
            least = layout->words[first + i].word->conf;
    return least;
}

struct box
layout_box(const struct layout *layout, uint32_t first, uint32_t count)
{
    struct box box = layout->words[first].word->box;

    for (uint32_t i = 1; i < count; i++)
        box = box_union(box, layout->words[first + i].word->box);
    return box;
}
