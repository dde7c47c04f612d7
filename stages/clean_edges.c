/*
 * clean_edges.c - the left and the right edge of a sheet of paper that lies on something darker.
 *
 * Looked for on a small picture: from column to column the paper begins where it becomes brighter by a share of what is
 * there, so that a shadow over sheet and table changes nothing.  Every straight line near to upright is tried.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clean_flat.h"

#define LONG_SIDE 560   /* pixels of the small picture, at most */
#define SHORT_SIDE 40
#define BRIGHTER 0.10   /* paper is so much brighter than what it lies on, of itself */
#define IN_SHADOW 0.3   /* of the brightness of the sheet where it is bright */
#define TILT_STEPS 40   /* to either side */
#define TILT 0.008
#define HOLDS 0.55      /* share of the rows in which an edge must be seen */
#define SEEN 0.5        /* share of the height in which it must be in the picture */
#define NEARLY 0.85     /* the outermost of the lines that are so good as the best */
#define STEP 0.25       /* a step from light to dark, of the lighter */
#define PLAIN 0.004     /* share of the pixels that a table top may have of them */
#define MISS_MOST 1.3   /* pixels of the small picture */

struct side {
    double tilt, x;   /* on the small picture: x + tilt (y - height / 2) */
    double holds;
};

static int
at(const l_uint32 *row, int x)
{
    return (int)GET_DATA_BYTE(row, x);
}

/* How much brighter it becomes here towards the middle of the page, of 255; 0 near the rim. */
static int
rise(const l_uint32 *row, int width, int x, int inward, int least)
{
    int in, out;

    if (x < 3 || x + 3 >= width)
        return 0;
    in = at(row, x + inward) + at(row, x + 2 * inward) + at(row, x + 3 * inward);
    out = at(row, x - inward) + at(row, x - 2 * inward) + at(row, x - 3 * inward);
    return in > out && in > least ? (in - out) * 255 / in : 0;
}

/* The brightness that a fifth of the picture exceeds. */
static int
paper_of(PIX *small)
{
    unsigned hist[256] = { 0 }, above = 0, all = (unsigned)pixGetWidth(small) * (unsigned)pixGetHeight(small);
    int v = 255;

    for (int y = 0; y < pixGetHeight(small); y++)
        for (int x = 0; x < pixGetWidth(small); x++)
            hist[at(pixGetData(small) + (size_t)y * (size_t)pixGetWpl(small), x)]++;
    while (v > 0 && above + hist[v] < all / 5)
        above += hist[v--];
    return v;
}

/* Marks of the rows where the paper may begin: 1 in a byte map of the small picture. */
static void
mark_rises(PIX *small, int inward, int paper, uint8_t *marks)
{
    int width = pixGetWidth(small), height = pixGetHeight(small), least = (int)(BRIGHTER * 255);
    int dim = (int)(3 * IN_SHADOW * paper);

    memset(marks, 0, (size_t)width * (size_t)height);
    for (int y = 0; y < height; y++) {
        const l_uint32 *row = pixGetData(small) + (size_t)y * (size_t)pixGetWpl(small);
        int before = 0, here = rise(row, width, 3, inward, dim);

        for (int x = 3; x + 4 < width; x++) {
            int after = rise(row, width, x + 1, inward, dim);

            marks[(size_t)y * (size_t)width + (size_t)x] = here >= least && here >= before && here > after;
            before = here;
            here = after;
        }
    }
}

/* Votes for every line; the place of a line is where it crosses half the height. */
static bool
best_line(const uint8_t *marks, int width, int height, int inward, double upright, uint32_t *votes, struct side *out)
{
    int room = 2 * width;
    double best = 0;

    for (int pass = 0; pass < 2; pass++) {
        out->holds = 0;
        for (int k = -TILT_STEPS; k <= TILT_STEPS; k++) {
            double tilt = upright + k * TILT;

            memset(votes, 0, (size_t)room * sizeof *votes);
            for (int y = 0; y < height; y += 2)
                for (int x = 3; x + 3 < width; x++)
                    if (marks[(size_t)y * (size_t)width + (size_t)x]) {
                        int place = (int)lround(x - tilt * (y - height / 2.0)) + width / 2;

                        if (place > 0 && place < room - 1)
                            votes[place]++;
                    }
            for (int place = 1; place < room - 1; place++) {
                double x = place - width / 2.0, rows = 0, holds;
                double half = fabs(tilt) * height / 2;

                /* it must lie in its own half, and most of it in the picture */
                if (inward > 0 ? x > width * 0.45 : x < width * 0.55)
                    continue;
                if (x - half >= 3 && x + half < width - 4)
                    rows = height / 2.0;
                else
                    for (int y = 0; y < height; y += 2)
                        rows += x + tilt * (y - height / 2.0) >= 3 && x + tilt * (y - height / 2.0) < width - 4;
                if (rows < SEEN * height / 2)
                    continue;
                holds = (votes[place - 1] + votes[place] + votes[place + 1]) / rows;
                if (pass == 0)
                    best = fmax(best, holds);
                else if (holds >= NEARLY * best &&
                         (out->holds == 0 || (inward > 0 ? x < out->x - 3 : x > out->x + 3) ||
                          (holds > out->holds && fabs(x - out->x) <= 3)))
                    *out = (struct side){ tilt, x, holds };
            }
        }
        if (best < HOLDS)
            return false;
    }
    return true;
}

/* A straight line through the marks near to the one found. */
static bool
refine(const uint8_t *marks, int width, int height, struct side *side)
{
    double reach = 3, miss = 0;

    for (int pass = 0; pass < 3; pass++) {
        double n = 0, sx = 0, sy = 0, syy = 0, sxy = 0, det;

        miss = 0;
        for (int y = 0; y < height; y++) {
            double dy = y - height / 2.0, want = side->x + side->tilt * dy, best = reach + 1;

            for (int x = (int)(want - reach); x <= (int)(want + reach) + 1; x++)
                if (x >= 0 && x < width && marks[(size_t)y * (size_t)width + (size_t)x] && fabs(x - want) < fabs(best))
                    best = x - want;
            if (fabs(best) > reach)
                continue;
            n++;
            sx += want + best;
            sy += dy;
            syy += dy * dy;
            sxy += dy * (want + best);
            miss += best * best;
        }
        det = n * syy - sy * sy;
        if (n < 20 || det <= 0)
            return false;
        side->tilt = (n * sxy - sy * sx) / det;
        side->x = (sx - side->tilt * sy) / n;
        miss = sqrt(miss / n);
        reach = fmax(2, 2.5 * miss);
    }
    return miss <= MISS_MOST;
}

static PIX *
small_of(PIX *gray)
{
    PIX *small = pixClone(gray);

    while (small != NULL && (pixGetWidth(small) > LONG_SIDE || pixGetHeight(small) > LONG_SIDE)) {
        bool wide = pixGetWidth(small) > 2 * SHORT_SIDE && pixGetHeight(small) > 2 * SHORT_SIDE;
        PIX *half = wide ? pixScaleAreaMap2(small) : NULL;

        pixDestroy(&small);
        small = half;
    }
    return small;
}

/* Is what lies beyond the edge as plain as a table top?  Print is all steps from light to dark; a shadow has none. */
static bool
nothing_beyond(PIX *small, int inward, const struct side *side)
{
    int width = pixGetWidth(small), height = pixGetHeight(small);
    unsigned seen = 0, steps = 0;

    for (int y = 0; y < height; y++) {
        const l_uint32 *row = pixGetData(small) + (size_t)y * (size_t)pixGetWpl(small);
        double edge = side->x + side->tilt * (y - height / 2.0);
        int from = inward > 0 ? 2 : (int)edge + 6, to = inward > 0 ? (int)edge - 6 : width - 2;

        for (int x = from < 2 ? 2 : from; x < to && x + 2 < width; x++) {
            int a = at(row, x - 2), b = at(row, x + 2), more = a > b ? a : b;

            seen++;
            steps += abs(a - b) * 255 > (int)(STEP * 255) * (more > 40 ? more : 40);
        }
    }
    return steps <= PLAIN * seen;
}

/* The edges at the left and the right of a small picture. */
static enum rc
both_sides(PIX *small, int paper, double upright, double by, struct arena *arena, struct flat_edge edges[2])
{
    int width = pixGetWidth(small), height = pixGetHeight(small);
    uint8_t *marks = arena_array(arena, (size_t)width * (size_t)height, 1);
    uint32_t *votes = arena_array(arena, (size_t)width * 2, sizeof *votes);

    if (marks == NULL || votes == NULL)
        return RC_NOMEM;
    for (int i = 0; i < 2; i++) {
        struct side side = { 0, 0, 0 };
        int inward = i == 0 ? 1 : -1;

        mark_rises(small, inward, paper, marks);
        edges[i].found = best_line(marks, width, height, inward, upright, votes, &side) &&
                         refine(marks, width, height, &side);
        edges[i].clear = edges[i].found && nothing_beyond(small, inward, &side);
        edges[i].place = (side.x + 0.5 - width / 2.0) * by;
        edges[i].tilt = side.tilt;
    }
    return RC_OK;
}

enum rc
flat_edges(PIX *upright, double slope, struct arena *arena, struct flat_edge edges[FLAT_SIDES])
{
    PIX *small = small_of(upright), *lying = NULL;
    enum rc rc = RC_OK;
    double by;
    int paper;

    for (int i = 0; i < FLAT_SIDES; i++)
        edges[i] = (struct flat_edge){ .found = false };
    if (small == NULL || pixGetWidth(small) < SHORT_SIDE || pixGetHeight(small) < SHORT_SIDE)
        goto out; /* too long and narrow */
    by = (double)pixGetHeight(upright) / pixGetHeight(small);
    paper = paper_of(small);
    if ((rc = both_sides(small, paper, -slope, by, arena, edges)) != RC_OK)
        goto out;
    /* counterclockwise: the top is at the left, and what falls to the right there leans to the right */
    if ((lying = pixRotate90(small, -1)) == NULL) {
        rc = RC_NOMEM;
        goto out;
    }
    rc = both_sides(lying, paper, -slope, by, arena, &edges[FLAT_TOP]);
    edges[FLAT_TOP].tilt = -edges[FLAT_TOP].tilt;
    edges[FLAT_BOTTOM].tilt = -edges[FLAT_BOTTOM].tilt;
out:
    pixDestroy(&lying);
    pixDestroy(&small);
    return rc;
}
