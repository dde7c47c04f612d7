/*
 * zones_streaks.c - dirt on a scanner's glass draws a line down the whole page; seen through.
 *
 * Such a line is seldom quite black, and it darkens what lies beneath it by the same share all
 * the way down.  So each of its columns is divided by its own median: the paper comes back white and
 * the letters that it crosses come back whole.  Cutting the line out and closing the strokes again
 * takes the stems that stand in it (docs/decisions/0061).  Lines that are black, as a fax in black
 * and white has them, cannot be seen through and stay.
 */
#include "zone_sheet.h"

#include <string.h>

#define ROWS 8          /* every so many rows are looked at for candidates */
#define TALL 192        /* rows of which a column's median is taken        */
#define DARKENED 20     /* of 255: less is no streak                       */
#define BLACK 10        /* darker than this nothing is seen through it     */
#define EDGE 2          /* pixels of a soft edge                           */
#define WIDE 12         /* pixels: wider is a shadow or a bar              */

static inline int
value_at(PIX *pix, int x, int y)
{
    return GET_DATA_BYTE(pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix), x);
}

/* The median of a column between two rows. */
static int
median(PIX *pix, int x, int y0, int y1)
{
    unsigned hist[256] = { 0 }, n = 0, below = 0;
    int v = 0;

    for (int y = y0; y < y1; y++) {
        hist[value_at(pix, x, y)]++;
        n++;
    }
    while (v < 255 && below + hist[v] <= n / 2) {
        below += hist[v];
        v++;
    }
    return v;
}

/* Columns that are darker than the paper beside them nearly everywhere. */
static unsigned
find_columns(PIX *gray, unsigned *dark, uint8_t *is)
{
    int w = pixGetWidth(gray), h = pixGetHeight(gray);
    unsigned count = 0, seen = 0;

    for (int y = h / 50; y < h - h / 50; y += ROWS) {
        seen++;
        for (int x = 0; x < w; x++) {
            int left = x > WIDE ? value_at(gray, x - WIDE, y) : 255;
            int right = x + WIDE < w ? value_at(gray, x + WIDE, y) : 255;

            dark[x] += value_at(gray, x, y) + DARKENED < (left > right ? left : right);
        }
    }
    for (int x = 0; x < w; x++) {
        is[x] = dark[x] * 100 > seen * 88;
        count += is[x];
    }
    /* What is wide is no streak. */
    for (int x = 0, from = 0; x <= w; x++)
        if (x == w || !is[x]) {
            if (x - from > WIDE)
                for (int k = from; k < x; k++) {
                    is[k] = 0;
                    count--;
                }
            from = x + 1;
        }
    return count;
}

/* The paper beside a streak. */
static int
paper_beside(PIX *gray, const uint8_t *is, int x, int y0, int y1)
{
    int w = pixGetWidth(gray), best = 0;

    for (int side = -1; side <= 1; side += 2) {
        int k = x + side;

        while (k >= 0 && k < w && is[k])
            k += side;
        k += 2 * side;
        if (k >= 0 && k < w) {
            int m = median(gray, k, y0, y1);

            best = m > best ? m : best;
        }
    }
    return best;
}

static bool
near(const uint8_t *is, int w, int x)
{
    for (int k = x - EDGE; k <= x + EDGE; k++)
        if (k >= 0 && k < w && is[k])
            return true;
    return false;
}

enum rc
streaks_see_through(PIX *gray, struct arena *arena, PIX **out)
{
    int w = pixGetWidth(gray), h = pixGetHeight(gray);
    uint8_t *is = arena_array(arena, (size_t)w, 1);
    unsigned *dark = arena_array(arena, (size_t)w, sizeof *dark);
    PIX *copy;

    *out = NULL;
    if (is == NULL || dark == NULL)
        return RC_NOMEM;
    if (h < 4 * TALL || find_columns(gray, dark, is) == 0)
        return RC_OK;
    if ((copy = pixCopy(NULL, gray)) == NULL)
        return RC_NOMEM;
    for (int x = 0; x < w; x++) {
        /* The soft edges of a streak belong to it. */
        if (!near(is, w, x))
            continue;
        for (int y0 = 0; y0 < h; y0 += TALL) {
            int y1 = y0 + TALL < h ? y0 + TALL : h, m = median(gray, x, y0, y1);
            int paper = paper_beside(gray, is, x, y0, y1);

            if (m >= paper || m < BLACK)
                continue;
            for (int y = y0; y < y1; y++) {
                int v = value_at(gray, x, y) * paper / m;

                SET_DATA_BYTE(pixGetData(copy) + (size_t)y * (size_t)pixGetWpl(copy), x, v > 255 ? 255 : v);
            }
        }
    }
    *out = copy;
    return RC_OK;
}
