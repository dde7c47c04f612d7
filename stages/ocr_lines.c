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

#define MARKS_MAX 60000

struct mark {
    struct box box;
    uint32_t parent;
    bool small; /* a dot, comma or accent: joins a line, starts none */
};

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

/*
 * What counts as dark on a page whose ground was brought to 200.  Black print leaves room for
 * noise; the print of a worn thermal head is hardly darker than its paper.
 */
static int
level_of(PIX *even)
{
    NUMA *histogram = pixGetGrayHistogram(even, 2);
    l_float32 total = 0, below = 0, n;
    int ink = 0, level;

    if (histogram == NULL)
        return 150;
    numaGetSum(histogram, &total);
    for (ink = 0; ink < 255; ink++) {
        numaGetFValue(histogram, ink, &n);
        below += n;
        if (below >= 0.015f * total)
            break;
    }
    numaDestroy(&histogram);
    level = (200 + ink) / 2 + 8;
    return level < 150 ? 150 : level > 178 ? 178 : level;
}

/* Dark marks on light ground, whatever the light; half size above 150 dots an inch. */
static PIX *
binarise(PIX *gray, int shrink, struct bars *bars)
{
    PIX *half = shrink == 2 ? pixScaleAreaMap2(gray) : pixCopy(NULL, gray);
    PIX *even = NULL, *bits = NULL;

    if (half == NULL)
        return NULL;
    find_bars(half, pixGetXRes(gray) >= 70 ? pixGetXRes(gray) / shrink : 150, bars);
    for (unsigned i = 0; i < bars->count; i++) {
        struct box b = bars->boxes[i];

        pixRasterop(half, b.x0, b.y0, b.x1 - b.x0, b.y1 - b.y0, PIX_NOT(PIX_DST), NULL, 0, 0);
    }
    if (pixGetWidth(half) > 60 && pixGetHeight(half) > 60)
        even = pixBackgroundNorm(half, NULL, NULL, 20, 20, 90, 30, 200, 2, 2);
    bits = pixThresholdToBinary(even != NULL ? even : half, even != NULL ? level_of(even) : 140);
    pixDestroy(&even);
    pixDestroy(&half);
    return bits;
}

/* Long straight strokes: frames, rules, fax streaks. */
static PIX *
rules_of(PIX *bits, int length)
{
    PIX *across = pixOpenBrick(NULL, bits, length, 1);
    PIX *down = pixOpenBrick(NULL, bits, 1, length);

    if (across != NULL && down != NULL)
        pixOr(across, across, down);
    else
        pixDestroy(&across);
    pixDestroy(&down);
    return across;
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

static uint32_t
root(struct mark *marks, uint32_t i)
{
    while (marks[i].parent != i) {
        marks[i].parent = marks[marks[i].parent].parent;
        i = marks[i].parent;
    }
    return i;
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
    for (uint32_t i = 0; i < count; i++)
        marks[i].parent = i;
    return count;
}

/* Each letter-sized mark is joined with the next one on its right, if that is near. */
static void
chain(struct mark *marks, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct box a = marks[i].box;
        int best_gap = 1 << 30;
        uint32_t best = i;

        if (marks[i].small)
            continue;
        for (uint32_t j = i + 1; j < count; j++) {
            const struct box b = marks[j].box;
            int tall = height(a) > height(b) ? height(a) : height(b);
            int low = height(a) < height(b) ? height(a) : height(b);
            int gap = b.x0 - a.x1;

            if (b.x0 - a.x1 > 1.35 * tall && b.x0 > a.x1 + 3 * height(a))
                break;
            if (marks[j].small || gap > 1.35 * tall || overlap_y(a, b) < 0.5 * low ||
                tall > 3.2 * low || gap < -0.7 * (a.x1 - a.x0))
                continue;
            if (gap < best_gap) {
                best_gap = gap;
                best = j;
            }
        }
        if (best != i)
            marks[root(marks, best)].parent = root(marks, i);
    }
}

struct run {
    struct box box, core; /* with and without small marks */
    uint32_t root, letters;
    bool dead;
};

static int
by_place(const void *a, const void *b)
{
    const struct line_box *x = a, *y = b;
    int ym = x->box.y0 + x->box.y1, yn = y->box.y0 + y->box.y1;

    return ym != yn ? (ym > yn) - (ym < yn) : (x->box.x0 > y->box.x0) - (x->box.x0 < y->box.x0);
}

/* Dots, accents, commas and stray parts of letters join the run they touch. */
static void
adopt(struct run *runs, uint32_t run_count, const struct mark *marks, uint32_t count, float usual)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct box m = marks[i].box;
        double least = 1e9;
        struct run *best = NULL;

        if (!marks[i].small)
            continue;
        for (uint32_t r = 0; r < run_count; r++) {
            struct box c = runs[r].core;
            double h = height(c), dx = 0, dy = 0;

            if (m.x0 > c.x1)
                dx = m.x0 - c.x1;
            else if (m.x1 < c.x0)
                dx = c.x0 - m.x1;
            if (m.y0 > c.y1)
                dy = m.y0 - c.y1;
            else if (m.y1 < c.y0)
                dy = c.y0 - m.y1;
            if (runs[r].dead || dx > 0.9 * h || dy > 0.4 * h)
                continue;
            if (dx + 2 * dy < least) {
                least = dx + 2 * dy;
                best = &runs[r];
            }
        }
        if (best != NULL && (m.x1 - m.x0) < 3 * usual)
            best->box = box_union(best->box, m);
    }
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

/* Two runs on one line that stand close were one: a wide blank or a lost letter. */
static void
rejoin(struct run *runs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < count; j++) {
            struct box a = runs[i].core, b = runs[j].core;
            int low = height(a) < height(b) ? height(a) : height(b);
            int tall = height(a) > height(b) ? height(a) : height(b);

            if (i == j || runs[i].dead || runs[j].dead || b.x0 < a.x0)
                continue;
            if (overlap_y(a, b) < 0.6 * low || b.x0 - a.x1 > 1.1 * low || tall > 2.2 * low)
                continue;
            runs[i].box = box_union(runs[i].box, runs[j].box);
            runs[i].core = box_union(a, b);
            runs[i].letters += runs[j].letters;
            runs[j].dead = true;
            j = UINT32_MAX; /* look again with the longer run */
        }
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
runs_of(struct mark *marks, uint32_t count, float usual, int scale, const struct bars *bars,
        struct arena *arena, struct line_set *out)
{
    struct run *runs = arena_array(arena, count + 1, sizeof *runs);
    uint32_t *of = arena_array(arena, count + 1, sizeof *of), n = 0;

    if (runs == NULL || of == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t r = root(marks, i);

        if (marks[i].small)
            continue;
        if (of[r] == 0) {
            runs[n] = (struct run){ .box = marks[i].box, .core = marks[i].box, .root = r };
            of[r] = ++n;
        }
        struct run *run = &runs[of[r] - 1];
        run->box = box_union(run->box, marks[i].box);
        run->core = run->box;
        run->letters++;
    }
    rejoin(runs, n);
    absorb(runs, n);
    drop_streaks(runs, n, usual);
    adopt(runs, n, marks, count, usual);
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
    PIX *bits = binarise(gray, scale, &bars), *clean = NULL, *rules = NULL;
    BOXA *boxes = NULL;
    PIXA *parts = NULL;
    struct mark *marks = NULL;
    float usual;
    enum rc rc = RC_NOMEM;

    *out = (struct line_set){ .count = 0 };
    if (bits == NULL)
        goto out;
    rules = rules_of(bits, pixGetXRes(gray) >= 70 ? pixGetXRes(gray) / scale / 2 : 100);
    clean = rules != NULL ? pixSubtract(NULL, bits, rules) : NULL;
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
    chain(marks, out->marks);
    rc = runs_of(marks, out->marks, usual, scale, &bars, arena, out);
out:
    free(marks);
    pixaDestroy(&parts);
    boxaDestroy(&boxes);
    pixDestroy(&clean);
    pixDestroy(&rules);
    pixDestroy(&bits);
    return rc;
}
