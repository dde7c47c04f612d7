/*
 * bits.c - the threshold follows the print.
 *
 * One threshold for a page loses whatever is fainter than the rest: the middle of a receipt whose head is printed in
 * bold, the last lines of a ribbon.  Here every tile of the page says how dark its darkest print is (in a window of
 * three by three tiles), and the threshold is a share of that, between tiles by interpolation.
 */
#include "bits.h"

#include <math.h>
#include <stdlib.h>

#define TILE 16
#define SHARE 0.45f   /* of the local darkness                                       */
#define DARKEST 0.02f /* of a window's pixels are taken for its print                */
#define LEAST 17.0f   /* levels: below it is the structure of the paper              */
#define MOST 75.0f    /* levels: above it everything is print, however black others are */
#define QUIET 0.25f   /* of the tiles are taken for empty paper                      */
#define NOISE 1.6f    /* times the darkest of empty paper is still paper             */

struct tiles {
    int columns, rows;
    uint16_t *histograms; /* 64 classes of 4 levels of darkness a tile */
    float *level;
};

#define CLASSES 64

static void
count_tiles(PIX *even, struct tiles *t)
{
    l_int32 w = pixGetWidth(even), h = pixGetHeight(even), wpl = pixGetWpl(even);
    l_uint32 *data = pixGetData(even);

    for (int y = 0; y < h; y++) {
        l_uint32 *row = data + (size_t)y * (size_t)wpl;
        uint16_t *tiles = t->histograms + (size_t)(y / TILE) * (size_t)t->columns * CLASSES;

        for (int x = 0; x < w; x++) {
            int dark = BITS_GROUND - (int)GET_DATA_BYTE(row, x);

            tiles[x / TILE * CLASSES + (dark < 0 ? 0 : dark / 4)]++;
        }
    }
}

/* How dark the darkest print of a window of tiles is. */
static float
window_dark(const struct tiles *t, int column, int row)
{
    uint32_t sum[CLASSES] = { 0 }, total = 0, seen = 0;
    int k = CLASSES - 1;

    for (int y = row - 1; y <= row + 1; y++) {
        for (int x = column - 1; x <= column + 1; x++) {
            const uint16_t *h;

            if (x < 0 || y < 0 || x >= t->columns || y >= t->rows)
                continue;
            h = t->histograms + ((size_t)y * (size_t)t->columns + (size_t)x) * CLASSES;
            for (int i = 0; i < CLASSES; i++) {
                sum[i] += h[i];
                total += h[i];
            }
        }
    }
    for (; k > 0 && (float)(seen + sum[k]) < DARKEST * (float)total; k--)
        seen += sum[k];
    return (float)k * 4 + 2;
}

static int
by_float(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* The levels of all tiles; the quietest tell the paper's noise. */
static int
set_levels(struct tiles *t)
{
    size_t n = (size_t)t->columns * (size_t)t->rows;
    float *sorted = malloc((n + 1) * sizeof *sorted), least;

    if (sorted == NULL)
        return -1;
    for (int y = 0; y < t->rows; y++)
        for (int x = 0; x < t->columns; x++)
            t->level[(size_t)y * (size_t)t->columns + (size_t)x] = window_dark(t, x, y);
    for (size_t i = 0; i < n; i++)
        sorted[i] = t->level[i];
    qsort(sorted, n, sizeof *sorted, by_float);
    least = sorted[(size_t)((float)n * QUIET)] * NOISE;
    least = least < LEAST ? LEAST : least > 40 ? 40 : least;
    free(sorted);
    for (size_t i = 0; i < n; i++) {
        float level = t->level[i] * SHARE;

        t->level[i] = level < least ? least : level > MOST ? MOST : level;
    }
    return 0;
}

/* The level at a place between the centres of tiles. */
static void
level_row(const struct tiles *t, int y, float *out)
{
    float at = ((float)y + 0.5f) / TILE - 0.5f;
    int a = at < 0 ? 0 : (int)at, b;
    float s;

    a = a > t->rows - 1 ? t->rows - 1 : a;
    b = a + 1 < t->rows ? a + 1 : a;
    s = at < (float)a ? 0 : at - (float)a;
    s = s > 1 ? 1 : s;
    for (int x = 0; x < t->columns; x++)
        out[x] = t->level[(size_t)a * (size_t)t->columns + (size_t)x] * (1 - s) +
                 t->level[(size_t)b * (size_t)t->columns + (size_t)x] * s;
}

static void
threshold(PIX *even, const struct tiles *t, float *levels, PIX *bits)
{
    l_int32 w = pixGetWidth(even), h = pixGetHeight(even), wpl = pixGetWpl(even), wpl1 = pixGetWpl(bits);
    l_uint32 *data = pixGetData(even), *data1 = pixGetData(bits);

    for (int y = 0; y < h; y++) {
        l_uint32 *row = data + (size_t)y * (size_t)wpl, *row1 = data1 + (size_t)y * (size_t)wpl1;

        level_row(t, y, levels);
        for (int x = 0; x < w; x++) {
            float at = ((float)x + 0.5f) / TILE - 0.5f, s;
            int a = at < 0 ? 0 : (int)at, b = a + 1 < t->columns ? a + 1 : a;

            s = at < (float)a ? 0 : at - (float)a;
            if ((float)(BITS_GROUND - (int)GET_DATA_BYTE(row, x)) > levels[a] * (1 - s) + levels[b] * s)
                SET_DATA_BIT(row1, x);
        }
    }
}

PIX *
bits_of(PIX *even)
{
    l_int32 w = pixGetWidth(even), h = pixGetHeight(even);
    struct tiles t = { .columns = (w + TILE - 1) / TILE, .rows = (h + TILE - 1) / TILE };
    size_t n = (size_t)t.columns * (size_t)t.rows;
    float *levels = calloc((size_t)t.columns + 1, sizeof *levels);
    PIX *bits = pixCreate(w, h, 1);

    t.histograms = calloc(n * CLASSES + 1, sizeof *t.histograms);
    t.level = calloc(n + 1, sizeof *t.level);
    if (levels == NULL || bits == NULL || t.histograms == NULL || t.level == NULL) {
        pixDestroy(&bits);
        goto out;
    }
    count_tiles(even, &t);
    if (set_levels(&t) != 0) {
        pixDestroy(&bits);
        goto out;
    }
    threshold(even, &t, levels, bits);
    pixSetResolution(bits, pixGetXRes(even), pixGetYRes(even));
out:
    free(t.level);
    free(t.histograms);
    free(levels);
    return bits;
}
