/*
 * words.c - words.h: lines are what the reader numbered, straightened; pieces end at gaps.
 */
#include "words.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "doc/lexicon.h"

#define PIECE_GAP 1.25f /* in heights of the line's words */

static struct box
straight(const struct page_reading *page, struct box box)
{
    double a = (double)page->skew * 3.14159265 / 180.0;
    double cx = page->facts.width / 2.0, cy = page->facts.height / 2.0;
    double x = (box.x0 + box.x1) / 2.0 - cx, y = (box.y0 + box.y1) / 2.0 - cy;
    double w = (box.x1 - box.x0) / 2.0, h = (box.y1 - box.y0) / 2.0;
    double nx = x * cos(a) - y * sin(a) + cx, ny = x * sin(a) + y * cos(a) + cy;

    if (page->skew == 0)
        return box;
    return (struct box){ (int32_t)lround(nx - w), (int32_t)lround(ny - h), (int32_t)lround(nx + w),
                         (int32_t)lround(ny + h) };
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

        if (a->page == b->page && a->word->line == b->word->line && gap > 0 && gap < 2.2f * out->height)
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

    out->lines = arena_array(arena, out->word_count + 1, sizeof *out->lines);
    out->pieces = arena_array(arena, out->word_count + 1, sizeof *out->pieces);
    if (out->lines == NULL || out->pieces == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < out->word_count; i++) {
        struct lay_word *w = &out->words[i];
        bool fresh = i == 0 || w->page != w[-1].page || w->word->line != w[-1].word->line;

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
    uint32_t total = 0;
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
    if ((rc = usual_height(out, arena)) != RC_OK || (rc = usual_gap(out, arena)) != RC_OK)
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
