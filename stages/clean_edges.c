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

#define SMALL 100000    /* pixels of the small picture, at most */
#define SHORT_SIDE 40
#define BRIGHTER 0.10   /* paper is so much brighter than what it lies on, of itself */
#define FURTHER 6       /* pixels of the small picture */
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

/*
 * How much brighter it becomes here towards the middle of the page, of 255; 0 near the rim.  It must be as dark further
 * out: beyond a rule or a streak of a fax the paper goes on.
 */
static int
rise(const l_uint32 *row, int width, int x, int inward, int least)
{
    int in, out, far = 0;

    if (x < 3 || x + 3 >= width)
        return 0;
    in = at(row, x + inward) + at(row, x + 2 * inward) + at(row, x + 3 * inward);
    out = at(row, x - inward) + at(row, x - 2 * inward) + at(row, x - 3 * inward);
    if (in <= out || in <= least)
        return 0;
    for (int k = FURTHER; k < FURTHER + 3; k++) {
        int there = x - k * inward;

        far += at(row, there < 0 ? 0 : there >= width ? width - 1 : there);
    }
    out = out > far ? out : far;
    return in > out ? (in - out) * 255 / in : 0;
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

/* Marks of every second row, as places. */
struct spots {
    uint16_t *x, *y;
    uint32_t count;
};

static void
spots_of(const uint8_t *marks, int width, int height, struct spots *out)
{
    out->count = 0;
    for (int y = 0; y < height; y += 2)
        for (int x = 3; x + 3 < width; x++)
            if (marks[(size_t)y * (size_t)width + (size_t)x]) {
                out->x[out->count] = (uint16_t)x;
                out->y[out->count++] = (uint16_t)y;
            }
}

/* In how many of the rows that are looked at does a line lie in the picture? */
static double
rows_seen(int width, int height, double x, double tilt)
{
    double half = fabs(tilt) * height / 2, rows = 0;

    if (x - half >= 3 && x + half < width - 4)
        return height / 2.0;
    for (int y = 0; y < height; y += 2)
        rows += x + tilt * (y - height / 2.0) >= 3 && x + tilt * (y - height / 2.0) < width - 4;
    return rows;
}

/*
 * Votes for every line: which share of its rows holds a mark.  A line is where it crosses half the height.  The best
 * share is found first, then the outermost of the lines that are nearly as good: frames of tables are good lines, too.
 */
static bool
best_line(const struct spots *spots, int width, int height, int inward, double upright, uint32_t *votes,
          struct side *out)
{
    double best = 0;

    for (int pass = 0; pass < 2; pass++) {
        out->holds = 0;
        for (int k = -TILT_STEPS; k <= TILT_STEPS; k++) {
            double tilt = upright + k * TILT;

            memset(votes, 0, 2 * (size_t)width * sizeof *votes);
            for (uint32_t i = 0; i < spots->count; i++) {
                int place = (int)lround(spots->x[i] - tilt * (spots->y[i] - height / 2.0)) + width / 2;

                if (place > 0 && place < 2 * width - 1)
                    votes[place]++;
            }
            for (int place = 1; place < 2 * width - 1; place++) {
                uint32_t sum = votes[place - 1] + votes[place] + votes[place + 1];
                double x = place - width / 2.0, rows, holds;

                /* it must lie in its own half, and most of it in the picture */
                if (sum < HOLDS * SEEN * height / 2 || (inward > 0 ? x > width * 0.45 : x < width * 0.55))
                    continue;
                rows = rows_seen(width, height, x, tilt);
                if (rows < SEEN * height / 2)
                    continue;
                holds = sum / rows;
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

/* One pixel of shrink by shrink, of four in it: a page that is no photograph must not pay for it. */
static PIX *
small_of(PIX *gray, int shrink)
{
    int width = pixGetWidth(gray) / shrink, height = pixGetHeight(gray) / shrink, wpl = pixGetWpl(gray);
    int low = shrink / 4, high = 3 * shrink / 4;
    PIX *small = pixCreate(width, height, 8);

    if (small == NULL)
        return NULL;
    for (int y = 0; y < height; y++) {
        const l_uint32 *above = pixGetData(gray) + (size_t)(y * shrink + low) * (size_t)wpl;
        const l_uint32 *below = pixGetData(gray) + (size_t)(y * shrink + high) * (size_t)wpl;
        l_uint32 *to = pixGetData(small) + (size_t)y * (size_t)pixGetWpl(small);

        for (int x = 0; x < width; x++) {
            int l = x * shrink + low, r = x * shrink + high;

            SET_DATA_BYTE(to, x, (at(above, l) + at(above, r) + at(below, l) + at(below, r)) / 4);
        }
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

/* The edges at the left and the right of a small picture, in its pixels. */
static enum rc
both_sides(PIX *small, int paper, double upright, struct arena *arena, struct clean_edge edges[2])
{
    int width = pixGetWidth(small), height = pixGetHeight(small);
    uint8_t *marks = arena_array(arena, (size_t)width * (size_t)height, 1);
    uint32_t *votes = arena_array(arena, (size_t)width * 2, sizeof *votes);
    size_t most = (size_t)width * ((size_t)height / 2 + 1);
    struct spots spots = { arena_array(arena, most, sizeof *spots.x), arena_array(arena, most, sizeof *spots.y), 0 };

    if (marks == NULL || votes == NULL || spots.x == NULL || spots.y == NULL)
        return RC_NOMEM;
    for (int i = 0; i < 2; i++) {
        struct side side = { 0, 0, 0 };
        int inward = i == 0 ? 1 : -1;

        mark_rises(small, inward, paper, marks);
        spots_of(marks, width, height, &spots);
        edges[i].found = best_line(&spots, width, height, inward, upright, votes, &side) &&
                         refine(marks, width, height, &side);
        edges[i].clear = edges[i].found && nothing_beyond(small, inward, &side);
        edges[i].place = side.x + 0.5;
        edges[i].tilt = side.tilt;
    }
    return RC_OK;
}

enum rc
clean_edges_find(PIX *upright, double slope, struct arena *arena, struct clean_edge edges[SIDES])
{
    int width = pixGetWidth(upright), height = pixGetHeight(upright);
    PIX *small = NULL, *lying = NULL;
    enum rc rc = RC_NOMEM;
    int paper, shrink = 1;

    for (int i = 0; i < SIDES; i++)
        edges[i] = (struct clean_edge){ .found = false };
    while ((width / shrink) * (height / shrink) > SMALL)
        shrink++;
    if (width < SHORT_SIDE * shrink || height < SHORT_SIDE * shrink)
        return RC_OK; /* too long and narrow */
    /* counterclockwise: the top is at the left, and what falls to the right there leans to the right */
    if ((small = small_of(upright, shrink)) == NULL || (lying = pixRotate90(small, -1)) == NULL)
        goto out;
    paper = paper_of(small);
    if ((rc = both_sides(small, paper, -slope, arena, edges)) != RC_OK ||
        (rc = both_sides(lying, paper, -slope, arena, &edges[SIDE_TOP])) != RC_OK)
        goto out;
    for (int i = 0; i < SIDES; i++) {
        edges[i].place = edges[i].place * shrink - (i < SIDE_TOP ? width : height) / 2.0;
        if (i >= SIDE_TOP)
            edges[i].tilt = -edges[i].tilt;
    }
out:
    pixDestroy(&lying);
    pixDestroy(&small);
    return rc;
}
