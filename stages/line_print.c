/*
 * line_print.c - from gray to print.
 *
 * Dark bands with light print are turned over first.  The ground is brought to one brightness, the threshold follows
 * the print (bits.h).  Then long rules go; and on a page full of specks
 * (a dithered background, a copy of a copy) either the specks are the dots of a needle printer and are closed to
 * letters, or they are texture and go too.
 */
#include "line_print.h"

#include <stdlib.h>

#include "bits.h"
#include "bricks.h"

#define SPECK 0.22f       /* of a letter's height: a mark no larger is a speck */
#define SPECKS_LEAST 2500 /* fewer do not matter ...                          */
#define FEW 40            /* ... but on a page with fewer letters than this   */

/* What makes an area a band: black or nearly so, or a tint (mid gray, orange, light blue), of which more is asked. */
struct tone {
    int dark;     /* of 255: the area is darker than this                       */
    int median;   /* and most of it darker than this                            */
    float even;   /* so much of it lies within 25 levels of its usual tone      */
    float filled; /* so much of its box is filled                               */
    float most;   /* of it may be lighter: letters, not the paper beside it     */
    int contrast; /* times as much print lighter than it as darker              */
};

static const struct tone tones[] = {
    { 125, 135, 0, 0, 1, 1 },
    { 185, 180, 0.55f, 0.9f, 0.4f, 8 },
};

/* Mostly one dark tone, with more print lighter than it than darker? */
static bool
holds_light(PIX *part, const struct tone *tone, uint8_t *usual)
{
    NUMA *histogram = pixGetGrayHistogram(part, 1);
    l_float32 total = 0, below = 0, light = 0, darker = 0, even = 0, n;
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
        even += abs(i - median) <= 25 ? n : 0;
    }
    numaDestroy(&histogram);
    *usual = tone->filled > 0 ? (uint8_t)median : 0;
    return median < tone->median && light > (float)tone->contrast * darker && light > 0.005f * total &&
           light <= tone->most * total && even >= tone->even * total;
}

static bool
is_known(const struct bars *bars, struct box box)
{
    for (unsigned i = 0; i < bars->count; i++) {
        const struct box *b = &bars->boxes[i];

        if (b->x0 < box.x1 && box.x0 < b->x1 && b->y0 < box.y1 && box.y0 < b->y1)
            return true;
    }
    return false;
}

/* Is the i-th area about as large as its box?  A shadow is not. */
static bool
is_filled(PIXA *parts, l_int32 i, float share)
{
    PIX *part = pixaGetPix(parts, i, L_CLONE);
    l_int32 on = 0;
    bool filled = part != NULL && pixCountPixels(part, &on, NULL) == 0 &&
                  (float)on >= share * (float)pixGetWidth(part) * (float)pixGetHeight(part);

    pixDestroy(&part);
    return filled;
}

/*
 * Solid dark areas that are no more than a band or a box: light print may stand in them.
 * A dark table under the page is not one: it is too large.
 */
static void
find_tone(PIX *half, int dpi, const struct tone *tone, struct bars *bars)
{
    l_int32 page = pixGetWidth(half) * pixGetHeight(half), none = 1;
    PIX *dark = pixThresholdToBinary(half, tone->dark);
    PIX *solid = dark != NULL ? brick_open(dark, dpi / 5 + 1, dpi / 12 + 1) : NULL;
    PIX *closed = NULL;
    PIXA *parts = NULL;
    BOXA *boxes = NULL;

    if (solid == NULL)
        goto out;
    pixZero(solid, &none);
    if (none)
        goto out;
    closed = pixCloseSafeBrick(NULL, solid, dpi / 2 + 1, dpi / 4 + 1);
    boxes = closed != NULL ? pixConnComp(closed, tone->filled > 0 ? &parts : NULL, 8) : NULL;
    for (l_int32 i = 0; boxes != NULL && i < boxaGetCount(boxes) && bars->count < BARS_MAX; i++) {
        l_int32 x, y, w, h;
        BOX *box;
        PIX *part;

        boxaGetBoxGeometry(boxes, i, &x, &y, &w, &h);
        if ((double)w * h > 0.4 * page || is_known(bars, (struct box){ x, y, x + w, y + h }) ||
            (parts != NULL && !is_filled(parts, i, tone->filled)))
            continue;
        box = boxCreate(x, y, w, h);
        part = box != NULL ? pixClipRectangle(half, box, NULL) : NULL;
        if (part != NULL && holds_light(part, tone, &bars->tones[bars->count]))
            bars->boxes[bars->count++] = (struct box){ x, y, x + w, y + h };
        pixDestroy(&part);
        boxDestroy(&box);
    }
out:
    pixaDestroy(&parts);
    boxaDestroy(&boxes);
    pixDestroy(&closed);
    pixDestroy(&solid);
    pixDestroy(&dark);
}

static void
find_bars(PIX *half, int dpi, struct bars *bars)
{
    bars->count = 0;
    for (size_t i = 0; i < COUNT_OF(tones); i++)
        find_tone(half, dpi, &tones[i], bars);
}

/* The band becomes paper, what is lighter becomes print. */
static void
turn_over(PIX *half, struct box b, int tone)
{
    if (tone == 0) {
        pixRasterop(half, b.x0, b.y0, b.x1 - b.x0, b.y1 - b.y0, PIX_NOT(PIX_DST), NULL, 0, 0);
        return;
    }
    for (int y = b.y0; y < b.y1; y++) {
        l_uint32 *row = pixGetData(half) + (size_t)y * (size_t)pixGetWpl(half);

        for (int x = b.x0; x < b.x1; x++) {
            int light = (int)GET_DATA_BYTE(row, x) - tone;

            SET_DATA_BYTE(row, x, light <= 0 ? 255 : 255 - light * 255 / (256 - tone));
        }
    }
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
    for (unsigned i = 0; i < bars->count; i++)
        turn_over(half, bars->boxes[i], bars->tones[i]);
    if (pixGetWidth(half) > 60 && pixGetHeight(half) > 60)
        even = pixBackgroundNorm(half, NULL, NULL, 20, 20, 90, 30, BITS_GROUND, 2, 2);
    bits = even != NULL ? bits_of(even) : pixThresholdToBinary(half, 140);
    pixDestroy(&even);
    pixDestroy(&half);
    return bits;
}

static int
by_int(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
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

/*
 * Long straight strokes: frames, rules, fax streaks.  What goes on in their direction and is as thin as they are goes
 * with them; strokes of letters that cross or touch them stay.
 */
static PIX *
rules_of(PIX *bits, int length, bool down, int thick)
{
    PIX *long_ones = brick_open(bits, down ? 1 : length, down ? length : 1);
    PIX *fat = NULL, *wide = NULL;
    l_int32 none = 1;

    if (long_ones == NULL)
        return NULL;
    pixZero(long_ones, &none);
    if (none)
        return long_ones;
    fat = brick_open(bits, down ? thick : 1, down ? 1 : thick);
    wide = brick_dilate(long_ones, down ? 3 : length | 1, down ? length | 1 : 3);
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

/* Marks of letter size and specks among the boxes. */
static void
count_marks(BOXA *boxes, float usual, int *letters, int *specks)
{
    int n = boxaGetCount(boxes), most = (int)(SPECK * usual) < 2 ? 2 : (int)(SPECK * usual);

    *letters = *specks = 0;
    for (int i = 0; i < n; i++) {
        l_int32 w, h;

        boxaGetBoxGeometry(boxes, i, NULL, NULL, &w, &h);
        if (w <= most && h <= most)
            (*specks)++;
        else if ((float)h > 0.6f * usual && (float)h < 1.6f * usual && (float)w < 2.5f * usual)
            (*letters)++;
    }
}

/* Specks everywhere: the dots of letters, or the texture of the ground? */
static enum rc
settle_specks(struct line_print *p)
{
    BOXA *boxes = pixConnCompBB(p->bits, 8), *again = NULL;
    PIX *closed = NULL, *kept = NULL;
    int letters, specks, closed_letters, closed_specks;
    int most = (int)(SPECK * p->usual) < 2 ? 2 : (int)(SPECK * p->usual);
    float usual;
    enum rc rc = RC_OK;

    if (boxes == NULL)
        return RC_NOMEM;
    count_marks(boxes, p->usual > 0 ? p->usual : 20, &letters, &specks);
    if (specks < (letters < FEW ? SPECKS_LEAST / 10 : SPECKS_LEAST) || specks < 3 * letters)
        goto out;
    closed = pixCloseSafeBrick(NULL, p->bits, 3, 3);
    again = closed != NULL ? pixConnCompBB(closed, 8) : NULL;
    if (again == NULL) {
        rc = RC_NOMEM;
        goto out;
    }
    usual = usual_height(again, p->scale);
    count_marks(again, usual > 0 ? usual : 20, &closed_letters, &closed_specks);
    if (closed_letters > 2 * letters && closed_letters * 2 > closed_specks) {
        pixDestroy(&p->bits);
        p->bits = closed;
        p->usual = usual;
        closed = NULL;
    } else if ((kept = pixSelectBySize(p->bits, most, most, 8, L_SELECT_IF_EITHER, L_SELECT_IF_GT, NULL)) != NULL) {
        pixDestroy(&p->bits);
        p->bits = kept;
    }
out:
    boxaDestroy(&again);
    boxaDestroy(&boxes);
    pixDestroy(&closed);
    return rc;
}

enum rc
line_print_find(PIX *gray, struct line_print *out)
{
    int dpi = pixGetXRes(gray) >= 70 ? pixGetXRes(gray) : 200;
    BOXA *boxes = NULL;
    PIX *clean = NULL;
    enum rc rc = RC_NOMEM;

    *out = (struct line_print){ .scale = pixGetXRes(gray) >= 240 ? 2 : 1 };
    if ((out->bits = binarise(gray, out->scale, &out->bars)) == NULL ||
        (boxes = pixConnCompBB(out->bits, 8)) == NULL)
        goto out;
    out->usual = usual_height(boxes, out->scale);
    clean = without_rules(out->bits, out->usual > 0 ? out->usual : 20, dpi / out->scale);
    if (clean == NULL)
        goto out;
    pixDestroy(&out->bits);
    out->bits = clean;
    if ((rc = settle_specks(out)) != RC_OK)
        goto out;
    boxaDestroy(&boxes);
    if ((boxes = pixConnCompBB(out->bits, 8)) == NULL)
        rc = RC_NOMEM;
    else
        out->usual = usual_height(boxes, out->scale);
out:
    boxaDestroy(&boxes);
    if (rc != RC_OK)
        line_print_done(out);
    return rc;
}

void
line_print_done(struct line_print *print)
{
    pixDestroy(&print->bits);
}
