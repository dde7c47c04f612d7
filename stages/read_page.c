/*
 * read_page.c - a page without a template: find its lines, read each of them.
 *
 * The longest lines are read first, in the language that the form or the last page
 * suggests.  They tell the language, and whether the page lies upside down, before the
 * rest is read.
 */
#include "read.h"

#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "ocr.h"
#include "read_language.h"
#include "second_line.h"
#include "strike.h"

#define SCOUTS 10           /* lines read before the language is settled */
#define LINES_MAX 1500
#define LARGE 66            /* pixels: a line higher than this is made ... */
#define USUAL 46            /* ... this high                               */
#define UPSIDE_DOWN 0.55f   /* mean confidence below which the other way up is tried */

struct line_read {
    struct ocr_text text;
    struct box crop;
    bool done;
};

struct page_work {
    struct clean_page page;
    struct arena *arena;
    struct line_read *reads;
    uint32_t *order; /* widest first */
    enum ocr_language language;
};

/* Tesseract loses its way in large print; it reads everything at 36 pixels anyway. */
static enum rc
read_crop(struct page_work *work, PIX *crop, int h, struct ocr_text *text)
{
    float scale = h > LARGE ? (float)USUAL / (float)h : 1.0f;
    PIX *small = NULL;
    enum rc rc;

    if (scale == 1.0f)
        return ocr_read(crop, work->language, OCR_LINE, NULL, work->arena, text);
    small = pixScale(crop, scale, scale);
    if (small == NULL)
        return RC_NOMEM;
    pixSetResolution(small, pixGetXRes(crop), pixGetYRes(crop));
    rc = ocr_read(small, work->language, OCR_LINE, NULL, work->arena, text);
    pixDestroy(&small);
    for (uint32_t i = 0; rc == RC_OK && i < text->count; i++) {
        struct box *b = &text->words[i].box;

        *b = (struct box){ (int32_t)((float)b->x0 / scale), (int32_t)((float)b->y0 / scale),
                           (int32_t)((float)b->x1 / scale), (int32_t)((float)b->y1 / scale) };
    }
    return rc;
}

static enum rc
read_line(struct page_work *work, uint32_t i)
{
    const struct line_box *line = &work->page.lines.lines[i];
    struct line_read *read = &work->reads[i];
    int h = line->box.y1 - line->box.y0, margin = h / 4 + 2;
    BOX *box;
    PIX *crop;
    enum rc rc;

    if (margin > 12)
        margin = 12;
    read->crop = (struct box){ line->box.x0 - margin, line->box.y0 - margin, line->box.x1 + margin,
                               line->box.y1 + margin };
    read->crop = box_cut(read->crop, (struct box){ 0, 0, pixGetWidth(work->page.gray),
                                                   pixGetHeight(work->page.gray) });
    box = boxCreate(read->crop.x0, read->crop.y0, read->crop.x1 - read->crop.x0,
                    read->crop.y1 - read->crop.y0);
    crop = box != NULL ? pixClipRectangle(work->page.gray, box, NULL) : NULL;
    boxDestroy(&box);
    if (crop == NULL)
        return RC_NOMEM;
    if (line->light)
        pixInvert(crop, crop);
    rc = read_crop(work, crop, h, &read->text);
    pixDestroy(&crop);
    read->done = rc == RC_OK;
    return rc;
}

/* What the second reader says about a line is weighed against the first one's words. */
static enum rc
read_again(struct page_work *work, uint32_t i)
{
    struct line_read *read = &work->reads[i];
    struct ocr_text own, both;
    enum rc rc = second_line(work->page.gray, &work->page.lines.lines[i], work->arena, &own);

    if (rc != RC_OK)
        return rc;
    for (uint32_t w = 0; w < own.count; w++) {
        struct box *b = &own.words[w].box; /* into the crop's frame, as the first one's are */

        *b = (struct box){ b->x0 - read->crop.x0, b->y0 - read->crop.y0, b->x1 - read->crop.x0, b->y1 - read->crop.y0 };
    }
    if ((rc = second_merge(&read->text, &own, work->arena, &both)) == RC_OK)
        read->text = both;
    for (uint32_t w = 0; rc == RC_OK && w < both.count; w++) {
        struct box *b = &both.words[w].box;
        struct box page = { b->x0 + read->crop.x0, b->y0 + read->crop.y0, b->x1 + read->crop.x0,
                            b->y1 + read->crop.y0 };

        second_cut_height(&work->page.lines.lines[i], &page);
        b->y0 = page.y0 - read->crop.y0;
        b->y1 = page.y1 - read->crop.y0;
    }
    return rc;
}

static const struct line_set *sort_lines; /* for qsort alone; one thread */

static int
by_width(const void *a, const void *b)
{
    struct box x = sort_lines->lines[*(const uint32_t *)a].box;
    struct box y = sort_lines->lines[*(const uint32_t *)b].box;
    int wx = x.x1 - x.x0, wy = y.x1 - y.x0;

    if (wx != wy)
        return wx < wy ? 1 : -1;
    return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

static enum rc
plan(struct page_work *work)
{
    uint32_t n = work->page.lines.count;

    if (n > LINES_MAX)
        n = work->page.lines.count = LINES_MAX;
    work->reads = arena_array(work->arena, n + 1, sizeof *work->reads);
    work->order = arena_array(work->arena, n + 1, sizeof *work->order);
    if (work->reads == NULL || work->order == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        work->order[i] = i;
    sort_lines = &work->page.lines;
    qsort(work->order, n, sizeof *work->order, by_width);
    return RC_OK;
}

static enum rc
scout(struct page_work *work, float *conf, struct language_votes *votes)
{
    uint32_t n = work->page.lines.count < SCOUTS ? work->page.lines.count : SCOUTS;
    double sum = 0;
    uint32_t read = 0;

    *votes = (struct language_votes){ .words = 0 };
    for (uint32_t k = 0; k < n; k++) {
        struct line_read *r = &work->reads[work->order[k]];
        enum rc rc = read_line(work, work->order[k]);

        if (rc != RC_OK)
            return rc;
        language_listen(votes, r->text.words, r->text.count);
        sum += r->text.conf;
        read++;
    }
    *conf = read > 0 ? (float)(sum / read) : 0;
    return RC_OK;
}

/* Language and way up, from the widest lines. */
static enum rc
settle(struct page_work *work)
{
    struct language_votes votes, other;
    float conf, turned_conf;
    enum ocr_language winner;
    enum rc rc = scout(work, &conf, &votes);

    if (rc != RC_OK)
        return rc;
    if (conf < UPSIDE_DOWN && work->page.lines.count >= 3 && votes.known * 8 < votes.words + 8) {
        struct line_set kept = work->page.lines;

        if ((rc = clean_turn(&work->page, work->arena)) != RC_OK || (rc = plan(work)) != RC_OK ||
            (rc = scout(work, &turned_conf, &other)) != RC_OK)
            return rc;
        if (turned_conf > conf + 0.05f || other.known > votes.known + 2) {
            votes = other;
        } else {
            if ((rc = clean_turn(&work->page, work->arena)) != RC_OK)
                return rc;
            work->page.lines = kept;
            if ((rc = plan(work)) != RC_OK)
                return rc;
        }
    }
    winner = language_winner(&votes, work->language);
    if (winner != work->language) {
        work->language = winner;
        for (uint32_t i = 0; i < work->page.lines.count; i++)
            work->reads[i].done = false;
    }
    return RC_OK;
}

/* Lines that stand beside each other share a number. */
static void
number_lines(struct page_work *work, uint32_t *numbers)
{
    const struct line_set *set = &work->page.lines;
    uint32_t next = 0;

    for (uint32_t i = 0; i < set->count; i++)
        numbers[i] = UINT32_MAX;
    for (uint32_t i = 0; i < set->count; i++) {
        if (numbers[i] != UINT32_MAX)
            continue;
        numbers[i] = next;
        struct box a = set->lines[i].box;

        for (uint32_t j = i + 1; j < set->count; j++) {
            struct box b = set->lines[j].box;
            int top = a.y0 > b.y0 ? a.y0 : b.y0, end = a.y1 < b.y1 ? a.y1 : b.y1;
            int low = a.y1 - a.y0 < b.y1 - b.y0 ? a.y1 - a.y0 : b.y1 - b.y0;

            if (b.y0 > a.y1 + (a.y1 - a.y0))
                break;
            if (numbers[j] == UINT32_MAX && end - top > 0.55 * low)
                numbers[j] = next;
        }
        next++;
    }
}

struct place_key {
    uint32_t line, index;
    int x;
};

static int
by_line_then_x(const void *a, const void *b)
{
    const struct place_key *p = a, *q = b;

    if (p->line != q->line)
        return p->line < q->line ? -1 : 1;
    return p->x != q->x ? (p->x < q->x ? -1 : 1) : (p->index < q->index ? -1 : 1);
}

/* All words of all lines, in reading order, on the upright page. */
static enum rc
gather(struct page_work *work, struct page_reading *out)
{
    uint32_t n = work->page.lines.count, total = 0, at = 0;
    uint32_t *numbers = arena_array(work->arena, n + 1, sizeof *numbers);
    struct place_key *keys = arena_array(work->arena, n + 1, sizeof *keys);

    if (numbers == NULL || keys == NULL)
        return RC_NOMEM;
    number_lines(work, numbers);
    for (uint32_t i = 0; i < n; i++) {
        total += work->reads[i].text.count;
        keys[i] = (struct place_key){ numbers[i], i, work->page.lines.lines[i].box.x0 };
    }
    qsort(keys, n, sizeof *keys, by_line_then_x);
    out->words = arena_array(work->arena, total + 1, sizeof *out->words);
    if (out->words == NULL)
        return RC_NOMEM;
    for (uint32_t k = 0; k < n; k++) {
        const struct line_read *read = &work->reads[keys[k].index];

        for (uint32_t w = 0; w < read->text.count; w++) {
            struct word word = read->text.words[w];

            word.box.x0 += read->crop.x0;
            word.box.x1 += read->crop.x0;
            word.box.y0 += read->crop.y0;
            word.box.y1 += read->crop.y0;
            word.box = clean_unskew(&work->page, word.box);
            word.line = keys[k].line;
            word.block = keys[k].index;
            out->words[at++] = word;
        }
    }
    out->word_count = at;
    return RC_OK;
}

static enum rc
read_lines(struct page_work *work, struct page_reading *out)
{
    enum rc rc;

    if ((rc = plan(work)) != RC_OK || (rc = settle(work)) != RC_OK)
        return rc;
    for (uint32_t i = 0; i < work->page.lines.count; i++)
        if ((!work->reads[i].done && (rc = read_line(work, i)) != RC_OK) || (rc = read_again(work, i)) != RC_OK)
            return rc;
    return gather(work, out);
}

static bool
in_code(const struct page_reading *page, struct box b)
{
    for (uint32_t i = 0; i < page->code_count; i++)
        if (!box_is_empty(box_cut(page->codes[i].box, b)))
            return true;
    return false;
}

/* After the codes: a row of a code is dark all along, too. */
static enum rc
strikes_on(const struct clean_page *page, struct arena *arena, struct page_reading *out)
{
    out->strikes = arena_array(arena, page->lines.count + 1, sizeof *out->strikes);
    if (out->strikes == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < page->lines.count && out->strike_count < STRIKES_MOST; i++) {
        struct box box;

        if (!strike_find(page->gray, &page->lines.lines[i], &box))
            continue;
        box = clean_unskew(page, box);
        if (!in_code(out, box))
            out->strikes[out->strike_count++] = box;
    }
    return RC_OK;
}

enum rc
read_page(PIX *gray, const struct form *form, struct arena *arena, struct page_reading *out)
{
    struct page_work work = { .arena = arena, .language = OCR_ENG };
    enum rc rc;

    *out = (struct page_reading){ .form = "" };
    if (form != NULL && form->languages.count == 1) {
        enum ocr_language l = ocr_language_of(form->languages.items[0]);

        work.language = ocr_has(l) ? l : OCR_ENG;
    }
    out->dpi = pixGetXRes(gray) > 0 ? (uint32_t)pixGetXRes(gray) : 300;
    if ((rc = clean_make(gray, arena, &work.page)) != RC_OK)
        goto out;
    if (work.page.blank)
        out->facts.kind = PAGE_BLANK;
    else if ((rc = read_lines(&work, out)) != RC_OK)
        goto out;
    out->rotation = work.page.rotation;
    out->skew = work.page.skew;
    out->flat = work.page.flat;
    out->flat_width = work.page.flat.on ? (uint32_t)pixGetWidth(work.page.gray) : 0;
    out->facts.ink = work.page.ink;
    out->facts.width = work.page.width;
    out->facts.height = work.page.height;
    out->facts.words = out->word_count;
    if (out->facts.kind == PAGE_CONTENT && (out->word_count == 0 || second_disowns(out->words, out->word_count)))
        out->facts.reason = REASON_UNREADABLE;
    if ((rc = codes_read(work.page.gray, arena, out)) != RC_OK)
        goto out;
    for (uint32_t i = 0; i < out->code_count; i++)
        out->codes[i].box = clean_unskew(&work.page, out->codes[i].box);
    if ((out->facts.kind == PAGE_CONTENT && (rc = strikes_on(&work.page, arena, out)) != RC_OK))
        goto out;
    read_facts(out, arena);
out:
    clean_done(&work.page);
    return rc;
}
