/*
 * zones_lines.c - find the rules of a page quickly, however faint, without knowing its skew.
 *
 * The page is made small by minimum (a hair line survives), made dark or not against the mean
 * of its surroundings, and every long thin run gives points on its middle line.  Runs of a line
 * skewed by up to six degrees are still longer than the strokes of letters.
 */
#include "zone_lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORK_SIDE 1100 /* pixels of the longer side to aim at: 100 dpi for a letter page */
#define RUN_MIN 14
#define THICK_MAX 7
#define SMOOTH 5       /* half the stretch over which a row is smoothed      */
#define FAINT 5        /* of 255: how much darker than its surroundings      */
#define FAINT_THICK 5
#define GRAINY 6       /* mean difference of neighbours: scans have 2 to 4   */
#define BROKEN 20        /* one dark dot in so many stands alone where a fax has dissolved faint rules */
#define AROUND 12 /* half the window of the mean */

static PIX *
small_gray(PIX *gray, double *reduce)
{
    int longer = pixGetWidth(gray) > pixGetHeight(gray) ? pixGetWidth(gray) : pixGetHeight(gray);
    int k = (longer + WORK_SIDE / 2) / WORK_SIDE;

    *reduce = k < 1 ? 1 : k;
    return k <= 1 ? pixClone(gray) : pixScaleGrayMinMax(gray, k, k, L_CHOOSE_MIN);
}

/* dark[y * w + x] = 1 where a pixel is clearly darker than the mean around it. */
static enum rc
darken(PIX *pix, struct arena *arena, uint8_t **out)
{
    int w = pixGetWidth(pix), h = pixGetHeight(pix), wpl = pixGetWpl(pix);
    const l_uint32 *data = pixGetData(pix);
    uint8_t *dark = arena_array(arena, (size_t)w, (size_t)h);
    uint32_t *sum = arena_array(arena, (size_t)(w + 1) * (size_t)(h + 1), sizeof *sum);

    if (dark == NULL || sum == NULL)
        return RC_NOMEM;
    for (int y = 0; y < h; y++) {
        const l_uint32 *line = data + (size_t)y * (size_t)wpl;
        uint32_t row = 0;
        uint32_t *s = sum + (size_t)(y + 1) * (size_t)(w + 1);

        for (int x = 0; x < w; x++) {
            row += GET_DATA_BYTE(line, x);
            s[x + 1] = s[x + 1 - (w + 1)] + row;
        }
    }
    for (int y = 0; y < h; y++) {
        const l_uint32 *line = data + (size_t)y * (size_t)wpl;
        int y0 = y > AROUND ? y - AROUND : 0, y1 = y + AROUND < h ? y + AROUND : h;
        const uint32_t *a = sum + (size_t)y0 * (size_t)(w + 1), *b = sum + (size_t)y1 * (size_t)(w + 1);

        for (int x = 0; x < w; x++) {
            int x0 = x > AROUND ? x - AROUND : 0, x1 = x + AROUND < w ? x + AROUND : w;
            uint32_t total = b[x1] - b[x0] - a[x1] + a[x0];
            uint32_t area = (uint32_t)((x1 - x0) * (y1 - y0));

            /* Darker than 7/8 of the mean, and by 10 of 255 at the least. */
            dark[(size_t)y * (size_t)w + (size_t)x] =
                (uint32_t)GET_DATA_BYTE(line, x) * area * 8 < total * 7 &&
                ((uint32_t)GET_DATA_BYTE(line, x) + 10) * area < total;
        }
    }
    *out = dark;
    return RC_OK;
}

struct points {
    float *along, *across;
    unsigned count, room;
    int thick; /* the most that a line is */
};

/* One sample of a run: keep it when this row is the middle of the line's thickness here. */
static void
sample(const uint8_t *dark, int w, int h, int x, int y, struct points *p)
{
    int top = y, bottom = y;

    while (top > 0 && y - top <= p->thick && dark[(size_t)(top - 1) * (size_t)w + (size_t)x])
        top--;
    while (bottom + 1 < h && bottom - y <= p->thick && dark[(size_t)(bottom + 1) * (size_t)w + (size_t)x])
        bottom++;
    if (bottom - top + 1 > p->thick || (top + bottom) / 2 != y || p->count == p->room)
        return;
    p->along[p->count] = (float)(x + 0.5);
    p->across[p->count] = (float)((top + bottom + 1) / 2.0);
    p->count++;
}

/* Long dark runs of each row; a single light pixel does not end one. */
static void
runs(const uint8_t *dark, int w, int h, struct points *p)
{
    for (int y = 0; y < h; y++) {
        const uint8_t *row = dark + (size_t)y * (size_t)w;

        for (int x = 0; x < w;) {
            int start, end;

            if (!row[x]) {
                x++;
                continue;
            }
            start = x;
            end = x;
            while (x < w && (row[x] || (x + 1 < w && row[x + 1]))) {
                if (row[x])
                    end = x;
                x++;
            }
            if (end - start + 1 < RUN_MIN)
                continue;
            for (int s = (start + LINE_STEP - 1) / LINE_STEP * LINE_STEP; s <= end; s += LINE_STEP)
                if (row[s])
                    sample(dark, w, h, s, y, p);
        }
    }
}

/* Counting sort by bin; points came row by row, so each bin is sorted by across already. */
static enum rc
index_points(const struct points *p, int length, struct arena *arena, struct line_set *set)
{
    unsigned *fill;

    set->bins = (unsigned)(length / LINE_STEP + 1);
    set->count = p->count;
    set->start = arena_array(arena, set->bins + 1, sizeof *set->start);
    set->along = arena_array(arena, p->count + 1, sizeof *set->along);
    set->across = arena_array(arena, p->count + 1, sizeof *set->across);
    fill = arena_array(arena, set->bins + 1, sizeof *fill);
    if (set->start == NULL || set->along == NULL || set->across == NULL || fill == NULL)
        return RC_NOMEM;
    for (unsigned i = 0; i < p->count; i++)
        set->start[(unsigned)(p->along[i] / LINE_STEP) + 1]++;
    for (unsigned b = 0; b < set->bins; b++) {
        set->start[b + 1] += set->start[b];
        fill[b] = set->start[b];
    }
    for (unsigned i = 0; i < p->count; i++) {
        unsigned at = fill[(unsigned)(p->along[i] / LINE_STEP)]++;

        set->along[at] = p->along[i];
        set->across[at] = p->across[i];
    }
    return RC_OK;
}

static enum rc
find_set(const uint8_t *dark, int w, int h, int thick, struct arena *arena, struct line_set *set)
{
    struct points p = { NULL, NULL, 0, (unsigned)(w / LINE_STEP + 1) * (unsigned)h / 4, thick };

    p.along = malloc(p.room * sizeof *p.along);
    p.across = malloc(p.room * sizeof *p.across);
    if (p.along == NULL || p.across == NULL) {
        free(p.along);
        free(p.across);
        return RC_NOMEM;
    }
    runs(dark, w, h, &p);
    enum rc rc = index_points(&p, w, arena, set);
    free(p.along);
    free(p.across);
    return rc;
}

enum rc
page_lines_find(PIX *gray, struct arena *arena, struct page_lines *out)
{
    PIX *small = NULL;
    uint8_t *dark, *turned;
    enum rc rc = RC_NOMEM;

    memset(out, 0, sizeof *out);
    small = small_gray(gray, &out->reduce);
    if (small == NULL)
        return RC_NOMEM;
    out->width = pixGetWidth(small);
    out->height = pixGetHeight(small);
    rc = darken(small, arena, &dark);
    if (rc != RC_OK)
        goto out;
    rc = find_set(dark, out->width, out->height, THICK_MAX, arena, &out->across);
    if (rc != RC_OK)
        goto out;
    turned = arena_array(arena, (size_t)out->width, (size_t)out->height);
    if (turned == NULL) {
        rc = RC_NOMEM;
        goto out;
    }
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++)
            turned[(size_t)x * (size_t)out->height + (size_t)y] =
                dark[(size_t)y * (size_t)out->width + (size_t)x];
    rc = find_set(turned, out->height, out->width, THICK_MAX, arena, &out->down);
out:
    pixDestroy(&small);
    return rc;
}

bool
page_is_grainy(PIX *gray)
{
    const l_uint32 *data = pixGetData(gray);
    int w = pixGetWidth(gray), h = pixGetHeight(gray), wpl = pixGetWpl(gray);
    uint64_t sum = 0, n = 0;

    /* Neighbours on bare paper differ by the grain alone. */
    for (int y = 2; y < h; y += 7)
        for (int x = 2; x + 1 < w; x += 5) {
            const l_uint32 *line = data + (size_t)y * (size_t)wpl;
            int a = GET_DATA_BYTE(line, x), b = GET_DATA_BYTE(line, x + 1);

            if (a > 130 && b > 130 && abs(a - b) < 60) {
                sum += (uint64_t)abs(a - b);
                n++;
            }
        }
    return n > 1000 && sum > n * GRAINY;
}

bool
page_is_broken(PIX *gray)
{
    const l_uint32 *data = pixGetData(gray);
    int w = pixGetWidth(gray), h = pixGetHeight(gray), wpl = pixGetWpl(gray);
    uint64_t dark = 0, alone = 0, between = 0, n = 0;

    /* No grays, and many a dark dot has white above, below and on both sides. */
    for (int y = 3; y + 1 < h; y += 7)
        for (int x = 1; x + 1 < w; x++) {
            const l_uint32 *line = data + (size_t)y * (size_t)wpl;
            int v = GET_DATA_BYTE(line, x);

            n++;
            between += v > 20 && v < 235;
            if (v > 128)
                continue;
            dark++;
            alone += GET_DATA_BYTE(line, x - 1) > 128 && GET_DATA_BYTE(line, x + 1) > 128 &&
                     GET_DATA_BYTE(line - wpl, x) > 128 && GET_DATA_BYTE(line + wpl, x) > 128;
        }
    return between * 200 < n && alone * BROKEN > dark;
}

/*
 * dark where a pixel, smoothed along its row, is darker than the mean around it.  Grain of sigma 9 is
 * 2.6 after a mean of eleven; a rule printed gray on gray is still ten to twenty darker.
 */
static enum rc
darken_rows(const uint8_t *at, int w, int h, struct arena *arena, uint8_t *dark)
{
    uint32_t *sum = arena_array(arena, (size_t)(w + 1) * (size_t)(h + 1), sizeof *sum);

    if (sum == NULL)
        return RC_NOMEM;
    for (int y = 0; y < h; y++) {
        uint32_t row = 0, *s = sum + (size_t)(y + 1) * (size_t)(w + 1);

        for (int x = 0; x < w; x++) {
            row += at[(size_t)y * (size_t)w + (size_t)x];
            s[x + 1] = s[x + 1 - (w + 1)] + row;
        }
    }
#define SUM(x0, y0, x1, y1) \
    (sum[(size_t)(y1) * (size_t)(w + 1) + (size_t)(x1)] - sum[(size_t)(y1) * (size_t)(w + 1) + (size_t)(x0)] - \
     sum[(size_t)(y0) * (size_t)(w + 1) + (size_t)(x1)] + sum[(size_t)(y0) * (size_t)(w + 1) + (size_t)(x0)])
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int a = x > SMOOTH ? x - SMOOTH : 0, b = x + SMOOTH + 1 < w ? x + SMOOTH + 1 : w;
            int x0 = x > AROUND ? x - AROUND : 0, x1 = x + AROUND < w ? x + AROUND : w;
            int y0 = y > AROUND / 2 ? y - AROUND / 2 : 0, y1 = y + AROUND / 2 < h ? y + AROUND / 2 : h;
            uint32_t here = SUM(a, y, b, y + 1) * 16 / (uint32_t)(b - a);
            uint32_t mean = SUM(x0, y0, x1, y1) * 16 / (uint32_t)((x1 - x0) * (y1 - y0));

            dark[(size_t)y * (size_t)w + (size_t)x] = here + 16 * FAINT < mean;
        }
#undef SUM
    return RC_OK;
}

enum rc
page_lines_find_faint(PIX *gray, struct arena *arena, struct page_lines *out)
{
    int longer = pixGetWidth(gray) > pixGetHeight(gray) ? pixGetWidth(gray) : pixGetHeight(gray), w, h;
    int k = (longer + WORK_SIDE / 2) / WORK_SIDE;
    PIX *small = k <= 1 ? pixClone(gray) : pixScaleAreaMap(gray, 1.0f / (float)k, 1.0f / (float)k);
    uint8_t *at, *dark, *turned;
    enum rc rc = RC_NOMEM;

    memset(out, 0, sizeof *out);
    if (small == NULL)
        return RC_NOMEM;
    out->reduce = k < 1 ? 1 : k;
    out->width = w = pixGetWidth(small);
    out->height = h = pixGetHeight(small);
    at = arena_array(arena, (size_t)w, (size_t)h);
    turned = arena_array(arena, (size_t)w, (size_t)h);
    dark = arena_array(arena, (size_t)w, (size_t)h);
    if (at == NULL || turned == NULL || dark == NULL)
        goto out;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            uint8_t v = (uint8_t)GET_DATA_BYTE(pixGetData(small) + (size_t)y * (size_t)pixGetWpl(small), x);

            at[(size_t)y * (size_t)w + (size_t)x] = v;
            turned[(size_t)x * (size_t)h + (size_t)y] = v;
        }
    rc = darken_rows(at, w, h, arena, dark);
    if (rc == RC_OK)
        rc = find_set(dark, w, h, FAINT_THICK, arena, &out->across);
    if (rc == RC_OK)
        rc = darken_rows(turned, h, w, arena, dark);
    if (rc == RC_OK)
        rc = find_set(dark, h, w, FAINT_THICK, arena, &out->down);
out:
    pixDestroy(&small);
    return rc;
}

static int
by_across(const void *a, const void *b)
{
    const float *x = a, *y = b;

    return x[1] < y[1] ? -1 : x[1] > y[1];
}

/* A set whose along (or across) coordinates run the other way. */
static enum rc
mirrored(const struct line_set *in, double length, bool flip_along, double breadth, bool flip_across,
         struct arena *arena, struct line_set *out)
{
    float(*pair)[2] = arena_array(arena, in->count + 1, sizeof *pair);
    struct points p = { arena_array(arena, in->count + 1, sizeof(float)),
                        arena_array(arena, in->count + 1, sizeof(float)), in->count, in->count, 0 };

    if (pair == NULL || p.along == NULL || p.across == NULL)
        return RC_NOMEM;
    for (unsigned i = 0; i < in->count; i++) {
        pair[i][0] = (float)(flip_along ? length - in->along[i] : in->along[i]);
        pair[i][1] = (float)(flip_across ? breadth - in->across[i] : in->across[i]);
    }
    qsort(pair, in->count, sizeof *pair, by_across);
    for (unsigned i = 0; i < in->count; i++) {
        p.along[i] = pair[i][0] < 0 ? 0 : pair[i][0];
        p.across[i] = pair[i][1];
    }
    return index_points(&p, (int)length, arena, out);
}

enum rc
page_lines_turn(const struct page_lines *in, int rotation, struct arena *arena, struct page_lines *out)
{
    double w = in->width, h = in->height;
    enum rc rc = RC_OK;

    *out = *in;
    if (rotation == 180) {
        rc = mirrored(&in->across, w, true, h, true, arena, &out->across);
        if (rc == RC_OK)
            rc = mirrored(&in->down, h, true, w, true, arena, &out->down);
    }
    if (rotation == 90 || rotation == 270) {
        bool right = rotation == 90; /* clockwise: x' = h - y, y' = x; else x' = y, y' = w - x */

        out->width = in->height;
        out->height = in->width;
        rc = mirrored(&in->down, h, right, w, !right, arena, &out->across);
        if (rc == RC_OK)
            rc = mirrored(&in->across, w, !right, h, right, arena, &out->down);
    }
    return rc;
}

bool
line_nearest(const struct line_set *set, double along, double across, double gate, double *found)
{
    int b = (int)(along / LINE_STEP);
    double best = gate;
    bool any = false;

    for (int n = b - 1; n <= b + 1; n++) {
        unsigned lo, hi;

        if (n < 0 || n >= (int)set->bins)
            continue;
        lo = set->start[n];
        hi = set->start[n + 1];
        while (lo < hi) {
            unsigned mid = (lo + hi) / 2;

            if (set->across[mid] < across)
                lo = mid + 1;
            else
                hi = mid;
        }
        for (unsigned i = lo > set->start[n] ? lo - 1 : lo; i < set->start[n + 1] && i <= lo; i++) {
            double d = fabs(set->across[i] - across);

            if (d < best) {
                best = d;
                *found = set->across[i];
                any = true;
            }
        }
    }
    return any;
}
