/*
 * strike.c - strokes through print, as strike.h has it.
 *
 * Along the middle of a line the longest dark path without a gap is looked for, a row up or down a column at most.
 * Letters have gaps between them and holes in them, so that print alone gives paths as long as a letter is wide; a path
 * of two and a half heights is a stroke when it is straight, mostly thin, and has print on both of its sides.
 */
#include "strike.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"

#define BAND_TOP 0.84    /* of a capital's height above the base: the path begins below it */
#define BAND_END 0.14
#define BOX_TOP 0.18     /* the same of a box that is all one knows, from its top */
#define BOX_END 0.80
#define REACH 1.5        /* heights, looked at beyond the ends of the print */
#define RULE_REACH 1.2   /* who goes on so far on both sides is a rule */
#define LEAST 2.5        /* heights of the shortest stroke */
#define LEAST_SMALL 4    /* of print so small that its letters touch */
#define SMALL 20         /* pixels */
#define HEIGHT_LEAST 8
#define HEIGHT_MOST 200
#define WIDTH_MOST 6000
#define SCRATCH (32u << 20)
#define CONTRAST_LEAST 40
#define DARK 0.45        /* of the way from paper to ink */
#define SLOPE_MOST 0.22
#define COLUMN 4         /* worth of a column of a path, and what a row up or down takes away */
#define MOVE 6
#define STRAY 0.14       /* heights that the path may stray from a straight line */
#define THIN 0.26        /* heights */
#define THIN_SHARE 0.3   /* of the columns in which nothing but the stroke is dark there */
#define SIDES_SHARE 0.4  /* of the places along it that have print above, and of those that have it below */

struct view {
    const uint8_t *dark; /* rows of width, 1: dark */
    int width, rows;     /* of the picture */
    int x0, y0;          /* its corner on the page */
    double height;       /* of a capital */
};

static uint8_t
percentile(const uint32_t *histogram, uint32_t total, double share)
{
    uint32_t seen = 0;
    int v = 0;

    while (v < 255 && (seen += histogram[v]) <= (uint32_t)(share * total))
        v++;
    return (uint8_t)v;
}

static bool
view_of(PIX *gray, struct box b, double height, struct arena *arena, struct view *v)
{
    uint32_t histogram[256] = { 0 }, *data = pixGetData(gray);
    int wpl = pixGetWpl(gray), paper, ink;
    uint8_t *dark;

    v->width = b.x1 - b.x0;
    v->rows = b.y1 - b.y0;
    v->x0 = b.x0;
    v->y0 = b.y0;
    v->height = height;
    if ((dark = arena_alloc(arena, (size_t)v->width * (size_t)v->rows)) == NULL)
        return false;
    for (int y = 0; y < v->rows; y++)
        for (int x = 0; x < v->width; x++) {
            uint8_t at = (uint8_t)GET_DATA_BYTE(data + (size_t)(b.y0 + y) * (size_t)wpl, b.x0 + x);

            dark[y * v->width + x] = at;
            histogram[at]++;
        }
    paper = percentile(histogram, (uint32_t)(v->width * v->rows), 0.8);
    ink = percentile(histogram, (uint32_t)(v->width * v->rows), 0.03);
    if (paper - ink < CONTRAST_LEAST)
        return false;
    for (int i = 0; i < v->width * v->rows; i++)
        dark[i] = dark[i] < paper - DARK * (paper - ink);
    v->dark = dark;
    return true;
}

/* A path's worth: its columns, less what it moves up and down, so that it does not change from stroke to stroke. */
struct walk {
    int32_t worth;
    int32_t columns;
};

/* The best path inside the band: its rows in path[from..to). */
static bool
best_path(const struct view *v, const int *top, const int *end, struct arena *arena, int16_t *path, int *from, int *to)
{
    struct walk *last = arena_array(arena, (size_t)v->rows * 2, sizeof *last), *next;
    int8_t *step = arena_alloc(arena, (size_t)v->rows * (size_t)v->width);
    int32_t best = 0;
    int columns = 0, at_x = 0, at_y = 0;

    if (last == NULL || step == NULL)
        return false;
    next = last + v->rows;
    memset(last, 0, (size_t)v->rows * sizeof *last);
    for (int x = 0; x < v->width; x++) {
        struct walk *swap = last;

        memset(next, 0, (size_t)v->rows * sizeof *next);
        for (int y = top[x]; y < end[x]; y++) {
            int s = 0;

            if (!v->dark[y * v->width + x])
                continue;
            if (y > 0 && last[y - 1].worth - MOVE > last[y].worth)
                s = -1;
            if (y + 1 < v->rows && last[y + 1].worth - MOVE > (s == 0 ? last[y].worth : last[y - 1].worth - MOVE))
                s = 1;
            next[y].worth = last[y + s].worth + COLUMN - (s != 0 ? MOVE : 0);
            next[y].columns = last[y + s].columns + 1;
            step[(size_t)y * (size_t)v->width + (size_t)x] = (int8_t)s;
            if (next[y].worth > best) {
                best = next[y].worth;
                columns = next[y].columns;
                at_x = x;
                at_y = y;
            }
        }
        last = next;
        next = swap;
    }
    *to = at_x + 1;
    *from = *to - columns;
    for (int x = at_x, y = at_y; x >= *from; x--) {
        path[x] = (int16_t)y;
        y += step[(size_t)y * (size_t)v->width + (size_t)x];
    }
    return columns >= (v->height < SMALL ? LEAST_SMALL : LEAST) * v->height;
}

static bool
is_straight(const struct view *v, const int16_t *path, int from, int to)
{
    double n = to - from, sx = 0, sy = 0, sxx = 0, sxy = 0, slope, base;

    for (int x = from; x < to; x++) {
        sx += x;
        sy += path[x];
        sxx += (double)x * x;
        sxy += (double)x * path[x];
    }
    slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
    base = (sy - slope * sx) / n;
    if (fabs(slope) > SLOPE_MOST)
        return false;
    for (int x = from; x < to; x++)
        if (fabs(path[x] - base - slope * x) > 1.5 + STRAY * v->height)
            return false;
    return true;
}

/* How many rows are dark in one stretch around the path in this column. */
static int
thickness(const struct view *v, int x, int y)
{
    int a = y, b = y;

    while (a > 0 && v->dark[(a - 1) * v->width + x])
        a--;
    while (b + 1 < v->rows && v->dark[(b + 1) * v->width + x])
        b++;
    return b - a + 1;
}

static bool
any_dark(const struct view *v, int x0, int x1, int y0, int y1)
{
    for (int y = y0 < 0 ? 0 : y0; y < y1 && y < v->rows; y++)
        for (int x = x0; x < x1; x++)
            if (v->dark[y * v->width + x])
                return true;
    return false;
}

static bool
is_strike(const struct view *v, const int16_t *path, int from, int to)
{
    const double h = v->height;
    const int window = h > 8 ? (int)(h * 0.6) : 5, far = (int)(h * 0.5) + 1;
    int thin = 0, pen = 0, near, places = 0, above = 0, below = 0;

    for (int x = from; x < to; x++) {
        int thick = thickness(v, x, path[x]);

        if (thick <= (h * THIN > 2 ? h * THIN : 2)) {
            thin++;
            pen += thick;
        }
    }
    if (thin < THIN_SHARE * (to - from))
        return false;
    near = pen / (2 * thin) + 3; /* the stroke's own edge is no print */
    for (int x = from; x + window <= to; x += window, places++) {
        int y = path[x + window / 2];

        above += any_dark(v, x, x + window, y - far, y - near + 1);
        below += any_dark(v, x, x + window, y + near, y + far + 1);
    }
    return places > 0 && above >= SIDES_SHARE * places && below >= SIDES_SHARE * places;
}

static bool
find_in(PIX *gray, const struct line_box *line, struct arena *arena, struct box *out)
{
    const struct box page = { 0, 0, pixGetWidth(gray), pixGetHeight(gray) };
    const bool known = line->height > 0;
    const double height = known ? line->height : (line->box.y1 - line->box.y0) * 0.75;
    const int reach = (int)(REACH * height), rule = (int)(RULE_REACH * height),
              more = (int)(height * 0.2);
    struct box b = line->box;
    struct view v;
    int16_t *path;
    int *top, *end, from, to;

    b = box_cut((struct box){ b.x0 - reach, b.y0 - more, b.x1 + reach, b.y1 + more }, page);
    if (line->light || height < HEIGHT_LEAST || height > HEIGHT_MOST || pixGetDepth(gray) != 8 || box_is_empty(b) ||
        b.x1 - b.x0 > WIDTH_MOST || b.y1 - b.y0 > 4 * HEIGHT_MOST || line->box.x1 - line->box.x0 < LEAST * height ||
        !view_of(gray, b, height, arena, &v))
        return false;
    path = arena_array(arena, (size_t)v.width, sizeof *path);
    top = arena_array(arena, (size_t)v.width * 2, sizeof *top);
    if (path == NULL || top == NULL)
        return false;
    end = top + v.width;
    for (int x = 0; x < v.width; x++) {
        double base = known ? (double)line_base_at(line, (float)(x + v.x0)) - v.y0 : 0;
        double tall = line->box.y1 - line->box.y0;
        double t = known ? base - BAND_TOP * height : line->box.y0 - v.y0 + BOX_TOP * tall;
        double e = known ? base - BAND_END * height : line->box.y0 - v.y0 + BOX_END * tall;

        top[x] = t < 0 ? 0 : t > v.rows ? v.rows : (int)t;
        end[x] = e < 0 ? 0 : e > v.rows ? v.rows : (int)e;
    }
    if (!best_path(&v, top, end, arena, path, &from, &to) || !is_straight(&v, path, from, to) ||
        !is_strike(&v, path, from, to))
        return false;
    if (from + v.x0 < line->box.x0 - rule && to + v.x0 > line->box.x1 + rule)
        return false;
    *out = (struct box){ from + v.x0, line->box.y0, to + v.x0, line->box.y1 };
    return true;
}

bool
strike_find(PIX *gray, const struct line_box *line, struct box *out)
{
    struct arena *scratch = arena_new(SCRATCH);
    bool found = scratch != NULL && find_in(gray, line, scratch, out);

    arena_free(scratch);
    return found;
}
