/*
 * ocr_lines.c - components to lines.
 *
 * Tesseract's own layout analysis takes a quarter of its time and joins or drops what
 * stands apart on forms.  Here every mark that has the size of a character looks for its
 * neighbour on the right; chains of neighbours are lines.  Rules and frames go first.
 */
#include "ocr_lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "line_rows.h"

#define MARKS_MAX 60000

#define BARS_MAX 40

struct bars {
    struct box boxes[BARS_MAX]; /* in pixels of the reduced page */
    unsigned count;
};

/* Mostly one dark tone, with more print lighter than it than darker? */
static bool
holds_light(PIX *part)
{
    NUMA *histogram = pixGetGrayHistogram(part, 1);
    l_float32 total = 0, below = 0, light = 0, darker = 0, n;
    int median = 0;

    if (histogram == NULL)
        return false;
    numaGetSum(histogram, &total);
    for (median = 0; median < 256; median++) {
        numaGetFValue(histogram, median, &n);
        below += n;
        if (below * 2 >= total)
            break;
    }
    for (int i = 0; i < 256; i++) {
        numaGetFValue(histogram, i, &n);
        light += i > median + 50 ? n : 0;
        darker += i < median - 50 ? n : 0;
    }
    numaDestroy(&histogram);
    return median < 135 && light > darker && light > 0.005f * total;
}

/*
 * Solid dark areas that are no more than a band or a box: light print may stand in them.
 * A dark table under the page is not one: it is too large.
 */
static void
find_bars(PIX *half, int dpi, struct bars *bars)
{
    l_int32 page = pixGetWidth(half) * pixGetHeight(half), none = 1;
    PIX *dark = pixThresholdToBinary(half, 125);
    PIX *solid = dark != NULL ? pixOpenBrick(NULL, dark, dpi / 5 + 1, dpi / 12 + 1) : NULL;
    PIX *closed = NULL;
    BOXA *boxes = NULL;

    bars->count = 0;
    if (solid == NULL)
        goto out;
    pixZero(solid, &none);
    if (none)
        goto out;
    closed = pixCloseSafeBrick(NULL, solid, dpi / 2 + 1, dpi / 4 + 1);
    boxes = closed != NULL ? pixConnCompBB(closed, 8) : NULL;
    for (l_int32 i = 0; boxes != NULL && i < boxaGetCount(boxes) && bars->count < BARS_MAX; i++) {
        l_int32 x, y, w, h;
        BOX *box;
        PIX *part;

        boxaGetBoxGeometry(boxes, i, &x, &y, &w, &h);
        if ((double)w * h > 0.4 * page)
            continue;
        box = boxCreate(x, y, w, h);
        part = box != NULL ? pixClipRectangle(half, box, NULL) : NULL;
        if (part != NULL && holds_light(part))
            bars->boxes[bars->count++] = (struct box){ x, y, x + w, y + h };
        pixDestroy(&part);
        boxDestroy(&box);
    }
out:
    boxaDestroy(&boxes);
    pixDestroy(&closed);
    pixDestroy(&solid);
    pixDestroy(&dark);
}

/* Dark marks on light ground, whatever the light; half size above 150 dots an inch. */
static PIX *
binarise(PIX *gray, int shrink, struct bars *bars)
{
    PIX *half = shrink == 2 ? pixScaleAreaMap2(gray) : pixCopy(NULL, gray);
    PIX *even = NULL, *bits = NULL, *border = NULL;

    if (half == NULL)
        return NULL;
    find_bars(half, pixGetXRes(gray) >= 70 ? pixGetXRes(gray) / shrink : 150, bars);
    for (unsigned i = 0; i < bars->count; i++) {
        struct box b = bars->boxes[i];

        pixRasterop(half, b.x0, b.y0, b.x1 - b.x0, b.y1 - b.y0, PIX_NOT(PIX_DST), NULL, 0, 0);
    }
    if (pixGetWidth(half) > 60 && pixGetHeight(half) > 60)
        even = pixBackgroundNorm(half, NULL, NULL, 20, 20, 90, 30, BITS_GROUND, 2, 2);
    bits = even != NULL ? bits_of(even) : pixThresholdToBinary(half, 140);
    border = bits != NULL ? bits_border(half, pixGetXRes(gray) >= 70 ? pixGetXRes(gray) / shrink : 150) : NULL;
    if (border != NULL)
        pixSubtract(bits, bits, border);
    pixDestroy(&border);
    pixDestroy(&even);
    pixDestroy(&half);
    return bits;
}

/*
 * Long straight strokes: frames, rules, fax streaks.  What goes on in their direction and is as thin as they are goes
 * with them; strokes of letters that cross or touch them stay.
 */
static PIX *
rules_of(PIX *bits, int length, bool down, int thick)
{
    PIX *long_ones = pixOpenBrick(NULL, bits, down ? 1 : length, down ? length : 1);
    PIX *fat = NULL, *wide = NULL;
    l_int32 none = 1;

    if (long_ones == NULL)
        return NULL;
    pixZero(long_ones, &none);
    if (none)
        return long_ones;
    fat = pixOpenBrick(NULL, bits, down ? thick : 1, down ? 1 : thick);
    wide = pixDilateBrick(NULL, long_ones, down ? 3 : length | 1, down ? length | 1 : 3);
    if (fat == NULL || wide == NULL) {
        pixDestroy(&long_ones);
    } else {
        pixAnd(wide, wide, bits);
        pixOr(long_ones, long_ones, wide);
        pixSubtract(long_ones, long_ones, fat);
    }
    pixDestroy(&fat);
    pixDestroy(&wide);
    return long_ones;
}

static PIX *
without_rules(PIX *bits, float usual, int dpi)
{
    int length = dpi / 2, thick = (int)(0.4f * usual) + 2;
    PIX *across = rules_of(bits, (int)(3.5f * usual) < length ? (int)(3.5f * usual) : length, false, thick);
    PIX *down = rules_of(bits, length, true, thick), *clean = NULL;

    if (across != NULL && down != NULL && (clean = pixSubtract(NULL, bits, across)) != NULL)
        pixSubtract(clean, clean, down);
    pixDestroy(&across);
    pixDestroy(&down);
    return clean;
}

static int
by_int(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
}

static int
by_x(const void *a, const void *b)
{
    const struct mark *x = a, *y = b;

    return x->box.x0 != y->box.x0 ? (x->box.x0 > y->box.x0) - (x->box.x0 < y->box.x0)
                                  : (x->box.y0 > y->box.y0) - (x->box.y0 < y->box.y0);
}

static int
height(struct box b)
{
    return b.y1 - b.y0;
}

static int
overlap_y(struct box a, struct box b)
{
    int top = a.y0 > b.y0 ? a.y0 : b.y0, end = a.y1 < b.y1 ? a.y1 : b.y1;

    return end - top;
}

/* The usual height of what could be a letter: the median of the upper half. */
static float
usual_height(BOXA *boxes, int scale)
{
    int n = boxaGetCount(boxes), *heights, count = 0;
    float result = 0;

    heights = calloc((size_t)n + 1, sizeof *heights);
    if (heights == NULL)
        return 0;
    for (int i = 0; i < n; i++) {
        l_int32 w, h;

        boxaGetBoxGeometry(boxes, i, NULL, NULL, &w, &h);
        if (h * scale >= 9 && h * scale <= 120 && w < 4 * h && h < 8 * w)
            heights[count++] = h;
    }
    if (count > 0) {
        qsort(heights, (size_t)count, sizeof *heights, by_int);
        result = (float)heights[count * 6 / 10];
    }
    free(heights);
    return result;
}

/* Left-overs of frames and rules: long and thin, or large and nearly empty. */
static bool
is_rule(int w, int h, int dark, float usual)
{
    if (w > 2.5f * usual && h < 0.3f * usual)
        return true;
    if (h > 1.6f * usual && w < 0.3f * usual)
        return true;
    return (h > 1.8f * usual || w > 3 * usual) && dark < 0.14 * w * h;
}

static uint32_t
collect_marks(BOXA *boxes, PIXA *parts, float usual, struct mark *marks)
{
    uint32_t count = 0;
    int n = boxaGetCount(boxes);

    for (int i = 0; i < n && count < MARKS_MAX; i++) {
        l_int32 x, y, w, h, dark = 0;
        struct mark *m = &marks[count];

        boxaGetBoxGeometry(boxes, i, &x, &y, &w, &h);
        if (h > 6 * usual || w > 40 * usual || (h < 2 && w < 2))
            continue;
        if (h > 1.5f * usual || w > 2.4f * usual)
            pixCountPixels(parts->pix[i], &dark, NULL);
        if ((h > 1.5f * usual || w > 2.4f * usual) && is_rule(w, h, dark, usual))
            continue;
        *m = (struct mark){ .box = { x, y, x + w, y + h } };
        m->small = h < 0.45f * usual;
        count++;
    }
    qsort(marks, count, sizeof *marks, by_x);
    return count;
}

struct run {
    struct box box, core; /* with and without small marks */
    uint32_t letters;
    bool dead;
};

static int
by_place(const void *a, const void *b)
{
    const struct line_box *x = a, *y = b;
    int ym = x->box.y0 + x->box.y1, yn = y->box.y0 + y->box.y1;

    return ym != yn ? (ym > yn) - (ym < yn) : (x->box.x0 > y->box.x0) - (x->box.x0 < y->box.x0);
}

/* The dot of a large i, the comma of a headline: small only beside the run they belong to. */
static void
absorb(struct run *runs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < count && !runs[i].dead; j++) {
            struct box a = runs[i].core, b = runs[j].core;
            int h = height(b), dy = a.y0 > b.y1 ? a.y0 - b.y1 : b.y0 > a.y1 ? b.y0 - a.y1 : 0;
            int dx = a.x0 > b.x1 ? a.x0 - b.x1 : b.x0 > a.x1 ? b.x0 - a.x1 : 0;
            bool inside = a.x0 >= b.x0 && a.x1 <= b.x1 && a.y0 >= b.y0 && a.y1 <= b.y1;

            if (i == j || runs[j].dead || runs[j].letters < 3 || runs[i].letters > 2)
                continue;
            if (!inside && (height(a) > 0.5 * h || dx > 0.3 * h || dy > 0.3 * h))
                continue;
            runs[j].box = box_union(runs[j].box, runs[i].box);
            runs[i].dead = true;
        }
    }
}

/* A flourish, the rim of a stamp: one or two marks, much higher than the lines that run through them. */
static void
drop_flourishes(struct run *runs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct box a = runs[i].box;
        double area = (double)(a.x1 - a.x0) * height(a), shared = 0;

        if (runs[i].dead || runs[i].letters > 2)
            continue;
        for (uint32_t j = 0; j < count; j++) {
            struct box both = box_cut(a, runs[j].box);

            if (j != i && !runs[j].dead && runs[j].letters > 2 && height(a) > 1.7 * height(runs[j].core) &&
                !box_is_empty(both))
                shared += (double)(both.x1 - both.x0) * height(both);
        }
        if (shared > 0.2 * area)
            runs[i].dead = true;
    }
}

/*
 * What the rules of a fax leave over: thin marks under each other, of all heights.  Ones in a
 * column are thin and under each other too, but all of one height.
 */
static void
drop_streaks(struct run *runs, uint32_t count, float usual)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct box a = runs[i].core;
        int least = height(a), most = height(a);
        uint32_t members = 0;

        if (runs[i].dead || runs[i].letters > 1 || a.x1 - a.x0 > 0.4f * usual)
            continue;
        for (int pass = 0; pass < 2; pass++) {
            for (uint32_t j = 0; j < count; j++) {
                const struct box b = runs[j].core;

                if (runs[j].dead || runs[j].letters > 1 || b.x1 - b.x0 > 0.4f * usual ||
                    abs(b.x0 + b.x1 - a.x0 - a.x1) > usual)
                    continue;
                if (pass == 1) {
                    runs[j].dead = true;
                    continue;
                }
                members++;
                least = height(b) < least ? height(b) : least;
                most = height(b) > most ? height(b) : most;
            }
            if (members < 5 || most * 2 < least * 3)
                break;
        }
    }
}

static bool
in_bar(const struct bars *bars, struct box b)
{
    int x = (b.x0 + b.x1) / 2, y = (b.y0 + b.y1) / 2;

    for (unsigned i = 0; i < bars->count; i++)
        if (x >= bars->boxes[i].x0 && x < bars->boxes[i].x1 && y >= bars->boxes[i].y0 &&
            y < bars->boxes[i].y1)
            return true;
    return false;
}

static enum rc
runs_of(PIX *bits, struct mark *marks, uint32_t count, float usual, int scale, const struct bars *bars,
        struct arena *arena, struct line_set *out)
{
    struct row *rows = NULL;
    struct run *runs;
    uint32_t n = 0;
    enum rc rc = line_rows(bits, marks, count, usual, arena, &rows, &n);

    if (rc != RC_OK)
        return rc;
    if ((runs = arena_array(arena, n + 1, sizeof *runs)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        runs[i] = (struct run){ .box = rows[i].box, .core = rows[i].core, .letters = rows[i].letters };
    absorb(runs, n);
    drop_flourishes(runs, n);
    drop_streaks(runs, n, usual);
    out->lines = arena_array(arena, n + 1, sizeof *out->lines);
    if (out->lines == NULL)
        return RC_NOMEM;
    for (uint32_t r = 0; r < n; r++) {
        struct box b = runs[r].box;

        if (runs[r].dead || height(runs[r].core) < 0.4f * usual)
            continue;
        out->lines[out->count].box =
            (struct box){ b.x0 * scale, b.y0 * scale, b.x1 * scale, b.y1 * scale };
        out->lines[out->count].light = in_bar(bars, b);
        out->count++;
    }
    qsort(out->lines, out->count, sizeof *out->lines, by_place);
    return RC_OK;
}

/*
 * Letters stand closer to the next letter of their line than to the next line.  For a
 * sample of marks, which neighbour is nearer: the one beside or the one below?
 */
static bool
runs_down(const struct mark *marks, uint32_t count)
{
    uint32_t step = count / 400 + 1, beside = 0, below = 0;

    for (uint32_t i = 0; i < count; i += step) {
        const struct box a = marks[i].box;
        int right = 1 << 20, under = 1 << 20;

        if (marks[i].small)
            continue;
        for (uint32_t j = 0; j < count; j++) {
            const struct box b = marks[j].box;

            if (j == i || marks[j].small)
                continue;
            if (b.x0 >= a.x1 && overlap_y(a, b) > 0 && b.x0 - a.x1 < right)
                right = b.x0 - a.x1;
            if (b.y0 >= a.y1 && b.x0 < a.x1 && a.x0 < b.x1 && b.y0 - a.y1 < under)
                under = b.y0 - a.y1;
        }
        if (right == under)
            continue;
        beside += right < under;
        below += under < right;
    }
    return below > 20 && below > 2 * beside;
}

enum rc
ocr_lines_find(PIX *gray, struct arena *arena, struct line_set *out)
{
    int scale = pixGetXRes(gray) >= 240 ? 2 : 1;
    struct bars bars = { .count = 0 };
    PIX *bits = binarise(gray, scale, &bars), *clean = NULL;
    BOXA *boxes = NULL;
    PIXA *parts = NULL;
    struct mark *marks = NULL;
    float usual;
    enum rc rc = RC_NOMEM;

    *out = (struct line_set){ .count = 0 };
    if (bits == NULL)
        goto out;
    if ((boxes = pixConnCompBB(bits, 8)) == NULL)
        goto out;
    usual = usual_height(boxes, scale);
    boxaDestroy(&boxes);
    clean = without_rules(bits, usual > 0 ? usual : 20, pixGetXRes(gray) >= 70 ? pixGetXRes(gray) / scale : 200);
    boxes = clean != NULL ? pixConnComp(clean, &parts, 8) : NULL;
    if (boxes == NULL)
        goto out;
    rc = RC_OK;
    usual = usual_height(boxes, scale);
    if (usual <= 0)
        goto out;
    marks = malloc(MARKS_MAX * sizeof *marks);
    if (marks == NULL) {
        rc = RC_NOMEM;
        goto out;
    }
    out->marks = collect_marks(boxes, parts, usual, marks);
    out->height = usual * (float)scale;
    out->sideways = runs_down(marks, out->marks);
    rc = runs_of(clean, marks, out->marks, usual, scale, &bars, arena, out);
out:
    free(marks);
    pixaDestroy(&parts);
    boxaDestroy(&boxes);
    pixDestroy(&clean);
    pixDestroy(&bits);
    return rc;
}
