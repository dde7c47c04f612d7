/*
 * learn_blank.c - the rules and captions of a blank form.
 *
 * The page is brought to 200 dots an inch, laid straight by the slant of its own lines, and made
 * dark or not by the darkest of its colours, so that red rules count as well.  Long thin runs are
 * rules; short ones are, when both of their ends meet rules whose ends are met too, as the
 * sides of a check box are and the strokes of a letter are not.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "learn.h"
#include "zone_fit.h"

#define LONG_PT 13.0   /* a run of this length is a rule by itself */
#define SHORT_PT 5.0
#define THICK_PT 3.2
#define MEET_PT 1.6    /* how near the end of a rule another one meets it */
#define RED_ENOUGH 22

/* The darkest of a pixel's colours, in 8 bits: ink of any colour is dark. */
static PIX *
darkest_gray(PIX *page)
{
    int w = pixGetWidth(page), h = pixGetHeight(page);
    PIX *out = pixCreate(w, h, 8);

    if (out == NULL || pixGetDepth(page) != 32) {
        pixDestroy(&out);
        return pixConvertTo8(page, 0);
    }
    for (int y = 0; y < h; y++) {
        const l_uint32 *from = pixGetData(page) + (size_t)y * (size_t)pixGetWpl(page);
        l_uint32 *to = pixGetData(out) + (size_t)y * (size_t)pixGetWpl(out);

        for (int x = 0; x < w; x++) {
            int r, g, b;

            extractRGBValues(from[x], &r, &g, &b);
            SET_DATA_BYTE(to, x, r < g ? (r < b ? r : b) : (g < b ? g : b));
        }
    }
    return out;
}

static PIX *
straight(PIX *page, struct arena *arena)
{
    PIX *gray = darkest_gray(page), *out = NULL;
    struct page_lines lines;
    double a, b;

    if (gray == NULL)
        return NULL;
    if (page_lines_find(gray, arena, &lines) == RC_OK && lines.across.count > 0) {
        a = lines_slant(&lines.across);
        b = lines.down.count > 0 ? -lines_slant(&lines.down) : a;
        /* A page is turned, not sheared: both directions say by how much. */
        a = fabs(a - b) < 0.01 ? (a + b) / 2 : a;
        if (fabs(a) > 0.0007)
            out = pixRotate(page, (float)-atan(a), L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0);
    }
    pixDestroy(&gray);
    return out != NULL ? out : pixClone(page);
}

/* Runs of one direction as segments, in points. */
static enum rc
runs(PIX *ink, bool across, struct arena *arena, struct learned_box **out, uint32_t *count)
{
    int least = (int)(SHORT_PT * LEARN_SCALE), thick = (int)(THICK_PT * LEARN_SCALE);
    /* Rules that are a little broken or wavy are closed along before. */
    PIX *closed = across ? pixCloseSafeBrick(NULL, ink, 5, 1) : pixCloseSafeBrick(NULL, ink, 1, 5);
    PIX *lines = closed == NULL ? NULL
                 : across       ? pixOpenBrick(NULL, closed, least, 1)
                                : pixOpenBrick(NULL, closed, 1, least);
    PIX *wide = lines == NULL ? NULL
                : across      ? pixOpenBrick(NULL, closed, 1, thick)
                              : pixOpenBrick(NULL, closed, thick, 1);
    BOXA *boxa = NULL;
    enum rc rc = RC_NOMEM;
    int n;

    *count = 0;
    if (wide == NULL || lines == NULL)
        goto out;
    /* What is thick is a bar or belongs to the other direction's rules. */
    wide = pixOpenBrick(wide, wide, thick, thick);
    pixSubtract(lines, lines, wide);
    boxa = pixConnComp(lines, NULL, 8);
    n = boxa == NULL ? 0 : boxaGetCount(boxa);
    *out = arena_array(arena, (size_t)n + 1, sizeof **out);
    if (*out == NULL)
        goto out;
    for (int i = 0; i < n; i++) {
        l_int32 x, y, w, h;

        boxaGetBoxGeometry(boxa, i, &x, &y, &w, &h);
        if ((across ? w : h) < least || (across ? h : w) > 2 * thick)
            continue;
        if (across)
            (*out)[(*count)++] = (struct learned_box){ { x / LEARN_SCALE, (y + h / 2.0) / LEARN_SCALE,
                                                         (x + w) / LEARN_SCALE, (y + h / 2.0) / LEARN_SCALE } };
        else
            (*out)[(*count)++] = (struct learned_box){ { (x + w / 2.0) / LEARN_SCALE, y / LEARN_SCALE,
                                                         (x + w / 2.0) / LEARN_SCALE, (y + h) / LEARN_SCALE } };
    }
    rc = RC_OK;
out:
    boxaDestroy(&boxa);
    pixDestroy(&wide);
    pixDestroy(&lines);
    pixDestroy(&closed);
    return rc;
}

static bool
is_long(const struct learned_box *b)
{
    return b->at[2] - b->at[0] + b->at[3] - b->at[1] >= LONG_PT;
}

/* Does the end (x, y) of a rule lie on one of the others? */
static bool
met(double x, double y, const struct learned_box *others, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const double *o = others[i].at;

        if (x > o[0] - MEET_PT && x < o[2] + MEET_PT && y > o[1] - MEET_PT && y < o[3] + MEET_PT)
            return true;
    }
    return false;
}

/* Take away short runs with a loose end, until none is left. */
static void
prune(struct learned_box *a, uint32_t *a_count, struct learned_box *b, uint32_t *b_count)
{
    bool changed = true;

    while (changed) {
        changed = false;
        for (int turn = 0; turn < 2; turn++) {
            struct learned_box *mine = turn == 0 ? a : b;
            uint32_t *n = turn == 0 ? a_count : b_count, kept = 0;
            const struct learned_box *other = turn == 0 ? b : a;
            uint32_t others = turn == 0 ? *b_count : *a_count;

            for (uint32_t i = 0; i < *n; i++)
                if (is_long(&mine[i]) || (met(mine[i].at[0], mine[i].at[1], other, others) &&
                                          met(mine[i].at[2], mine[i].at[3], other, others)))
                    mine[kept++] = mine[i];
            changed = changed || kept != *n;
            *n = kept;
        }
    }
}

/* The ink that is no rule, word by word. */
static enum rc
captions(PIX *ink, const struct learned *l, struct arena *arena, struct learned_box **out, uint32_t *count)
{
    PIX *rest = pixCopy(NULL, ink), *words = NULL;
    BOXA *found = NULL, *sorted = NULL;
    enum rc rc = RC_NOMEM;
    int n;

    *count = 0;
    if (rest == NULL)
        return RC_NOMEM;
    for (int turn = 0; turn < 2; turn++) {
        const struct learned_box *b = turn == 0 ? l->across : l->down;

        for (uint32_t i = 0; i < (turn == 0 ? l->across_count : l->down_count); i++)
            pixRasterop(rest, (int)(b[i].at[0] * LEARN_SCALE) - 3, (int)(b[i].at[1] * LEARN_SCALE) - 3,
                        (int)((b[i].at[2] - b[i].at[0]) * LEARN_SCALE) + 7,
                        (int)((b[i].at[3] - b[i].at[1]) * LEARN_SCALE) + 7, PIX_CLR, NULL, 0, 0);
    }
    words = pixCloseSafeBrick(NULL, rest, (int)(4 * LEARN_SCALE), (int)(1.5 * LEARN_SCALE));
    found = words == NULL ? NULL : pixConnComp(words, NULL, 8);
    sorted = found == NULL ? NULL : boxaSort(found, L_SORT_BY_Y, L_SORT_INCREASING, NULL);
    if (sorted == NULL)
        goto out;
    n = boxaGetCount(sorted);
    *out = arena_array(arena, (size_t)n + 1, sizeof **out);
    if (*out == NULL)
        goto out;
    for (int i = 0; i < n && *count < LEARNED_CAPTIONS_MAX; i++) {
        l_int32 x, y, w, h;

        boxaGetBoxGeometry(sorted, i, &x, &y, &w, &h);
        if (w * h < 6 || (w < 3 && h < 3))
            continue;
        (*out)[(*count)++] = (struct learned_box){ { x / LEARN_SCALE, y / LEARN_SCALE, (x + w) / LEARN_SCALE,
                                                     (y + h) / LEARN_SCALE } };
    }
    rc = RC_OK;
out:
    boxaDestroy(&sorted);
    boxaDestroy(&found);
    pixDestroy(&words);
    pixDestroy(&rest);
    return rc;
}

/* Are the rules redder than they are green and blue? */
static bool
rules_red(PIX *flat, const struct learned *l)
{
    unsigned red = 0, seen = 0;

    if (pixGetDepth(flat) != 32)
        return false;
    for (uint32_t i = 0; i < l->across_count; i++)
        for (double f = 0.1; f < 1; f += 0.2) {
            const double *a = l->across[i].at;
            int x = (int)((a[0] + (a[2] - a[0]) * f) * LEARN_SCALE), y = (int)(a[1] * LEARN_SCALE), most = 0;

            for (int dy = -2; dy <= 2; dy++) {
                l_int32 r = 0, g = 0, b = 0;

                if (pixGetRGBPixel(flat, x, y + dy, &r, &g, &b) == 0 && r - (g + b) / 2 > most)
                    most = r - (g + b) / 2;
            }
            seen++;
            red += most > RED_ENOUGH;
        }
    return seen > 0 && red > 0.6 * seen;
}

/* To LEARN_SCALE by what the page says of its resolution; a page of unknown size is 8.5 or 8.27 inches wide. */
static PIX *
at_scale(PIX *page)
{
    int w = pixGetWidth(page), h = pixGetHeight(page), dpi = pixGetXRes(page);
    double inches = dpi >= 60 && dpi <= 1300 ? (double)w / dpi : 0, k;

    if (inches < 2 || inches > 24)
        inches = w > h ? 11 : (double)h / w > 1.36 ? 8.27 : 8.5;
    k = inches * 72 * LEARN_SCALE / w;
    return fabs(k - 1) < 0.002 ? pixClone(page) : pixScale(page, (float)k, (float)k);
}

enum rc
learn_blank(PIX *page, struct arena *arena, struct learned *out, PIX **flat)
{
    PIX *scaled = at_scale(page), *turned = scaled == NULL ? NULL : straight(scaled, arena);
    PIX *gray = turned == NULL ? NULL : darkest_gray(turned), *even = NULL, *ink = NULL;
    enum rc rc = RC_NOMEM;

    if (gray == NULL)
        goto out;
    out->width = pixGetWidth(turned) / LEARN_SCALE;
    out->height = pixGetHeight(turned) / LEARN_SCALE;
    rc = RC_INPUT;
    if (out->width < 100 || out->height < 100 || out->width > 2000 || out->height > 2000)
        goto out;
    even = pixBackgroundNormSimple(gray, NULL, NULL);
    ink = even == NULL ? NULL : pixThresholdToBinary(even, 176);
    rc = ink == NULL ? RC_NOMEM : runs(ink, true, arena, &out->across, &out->across_count);
    if (rc == RC_OK)
        rc = runs(ink, false, arena, &out->down, &out->down_count);
    if (rc != RC_OK)
        goto out;
    prune(out->across, &out->across_count, out->down, &out->down_count);
    if (out->across_count > LEARNED_RULES_MAX || out->down_count > LEARNED_RULES_MAX) {
        rc = RC_LIMIT;
        goto out;
    }
    rc = captions(ink, out, arena, &out->captions, &out->caption_count);
    if (rc != RC_OK)
        goto out;
    out->red = rules_red(turned, out);
    *flat = pixConvertTo32(turned);
    rc = *flat == NULL ? RC_NOMEM : RC_OK;
out:
    pixDestroy(&ink);
    pixDestroy(&even);
    pixDestroy(&gray);
    pixDestroy(&turned);
    pixDestroy(&scaled);
    return rc;
}

enum rc
learn_template(const struct learned *l, struct arena *arena, struct zone_template *out, struct zone_file *file)
{
    uint32_t n = l->across_count + l->down_count;

    memset(file, 0, sizeof *file);
    memset(out, 0, sizeof *out);
    out->rules = arena_array(arena, n + 1, sizeof *out->rules);
    if (out->rules == NULL)
        return RC_NOMEM;
    out->file = file;
    out->form = "";
    out->width = l->width;
    out->height = l->height;
    out->left = l->width;
    out->top = l->height;
    for (uint32_t i = 0; i < n; i++) {
        bool across = i < l->across_count;
        const double *a = across ? l->across[i].at : l->down[i - l->across_count].at;

        out->rules[out->rule_count++] = (struct zone_rule){ a[0], a[1], a[2], a[3], across, false };
        out->left = a[0] < out->left ? a[0] : out->left;
        out->top = a[1] < out->top ? a[1] : out->top;
        out->right = a[2] > out->right ? a[2] : out->right;
        out->bottom = a[3] > out->bottom ? a[3] : out->bottom;
    }
    return RC_OK;
}
