/*
 * clean_flat.c - clean_flat.h: how lines fan out, how edges converge, and the page pulled straight.
 */
#include "clean_flat.h"

#include <math.h>
#include <stdlib.h>

#define RUN_LEAST 5.0    /* a run shorter than so many letters tells no slope */
#define LEVEL_LEAST 20.0
#define RUNS_LEAST 6     /* and fewer runs no perspective                     */
#define SLOPE_MOST 0.3
#define FAN_LEAST 0.02   /* top and bottom lines: radians between them; deskewing and bent crops deal with less */
#define CONVERGE_LEAST 0.012 /* left and right edge */
#define CONVERGE_MOST 0.5
#define ASTRAY 0.03      /* how far print may lie from the sheet's edges */
#define LEAN_MOST 0.2    /* what is a right angle on paper */
#define NEAREST 0.45     /* how much of the way to the point where lines meet the page may reach */
#define SHRINK_MOST 0.3
#define GROW_MOST 1.35   /* the flat page beside the photograph */

static const double degree = 3.14159265358979 / 180;

/* A line of print on the upright page, from its middle: x, y, slope. */
struct run {
    double x, y, slope, weight, height;
};

/* s = a + b (s x - y): lines that meet in one point (1 / b, a / b). */
struct pencil {
    double a, b;
    double low, high; /* where the runs are, from the top to the bottom */
    double miss;      /* how far slopes lie from it, middle of them     */
    uint32_t count;
};

static int
by_value(const void *p, const void *q)
{
    double a = *(const double *)p, b = *(const double *)q;

    return (a > b) - (a < b);
}

/* The slope of a line's feet, on the upright page and not on the deskewed one. */
static bool
run_of(const struct line_box *line, double width, double height, float skew, struct run *out)
{
    double span = line->box.x1 - line->box.x0, mx = 0, my = 0, xx = 0, xy = 0;
    double turn = -(double)skew * degree, x, y;

    if (line->height <= 0 || span < RUN_LEAST * (double)line->height)
        return false;
    for (int i = 0; i < LINE_KNOTS; i++)
        my += (double)line->base[i] / LINE_KNOTS;
    mx = (line->box.x0 + line->box.x1) / 2.0;
    for (int i = 0; i < LINE_KNOTS; i++) {
        double dx = span * i / (LINE_KNOTS - 1) - span / 2;

        xx += dx * dx;
        xy += dx * ((double)line->base[i] - my);
    }
    out->slope = tan(atan(xy / xx) + turn);
    x = mx - width / 2;
    y = my - height / 2;
    out->x = x * cos(turn) - y * sin(turn);
    out->y = x * sin(turn) + y * cos(turn);
    out->height = (double)line->height;
    out->weight = span * span;
    if (xy == 0 && span < LEVEL_LEAST * (double)line->height)
        return false; /* level is what the finder says of a line that is too short to tell */
    return fabs(out->slope) < SLOPE_MOST;
}

/* Weighted least squares, what lies far from the rest left out by steps. */
static bool
pencil_of(const struct run *runs, uint32_t count, double *room, struct pencil *out)
{
    double limit = SLOPE_MOST;

    *out = (struct pencil){ .a = 0 };
    for (int pass = 0; pass < 5; pass++) {
        double sw = 0, su = 0, suu = 0, ss = 0, sus = 0, det;
        uint32_t n = 0;

        for (uint32_t i = 0; i < count; i++) {
            const struct run *r = &runs[i];
            double u = r->slope * r->x - r->y;

            if (pass > 0 && fabs(r->slope - out->a - out->b * u) > limit)
                continue;
            sw += r->weight;
            su += r->weight * u;
            suu += r->weight * u * u;
            ss += r->weight * r->slope;
            sus += r->weight * u * r->slope;
            n++;
        }
        det = sw * suu - su * su;
        if (n < RUNS_LEAST || det <= 1e-9 * sw * sw)
            return false;
        out->b = (sw * sus - su * ss) / det;
        out->a = (ss - out->b * su) / sw;
        out->count = n;
        for (uint32_t i = 0; i < count; i++)
            room[i] = fabs(runs[i].slope - out->a - out->b * (runs[i].slope * runs[i].x - runs[i].y));
        qsort(room, count, sizeof *room, by_value);
        out->miss = room[count / 2];
        limit = fmax(3 * out->miss, 0.004);
    }
    out->low = 1e9;
    out->high = -1e9;
    for (uint32_t i = 0; i < count; i++) {
        double off = fabs(runs[i].slope - out->a - out->b * (runs[i].slope * runs[i].x - runs[i].y));

        if (off <= limit) {
            out->low = fmin(out->low, runs[i].y);
            out->high = fmax(out->high, runs[i].y);
        }
    }
    return true;
}

static enum rc
fan_of(const struct line_set *lines, double width, double height, float skew, struct arena *arena, struct pencil *fan,
       bool *sure)
{
    struct run *runs = arena_array(arena, lines->count + 1, sizeof *runs);
    double *room = arena_array(arena, lines->count + 1, sizeof *room);
    uint32_t n = 0;

    *sure = false;
    if (runs == NULL || room == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < lines->count; i++)
        n += run_of(&lines->lines[i], width, height, skew, &runs[n]);
    if (n < RUNS_LEAST || !pencil_of(runs, n, room, fan))
        return RC_OK;
    *sure = fan->count * 4 >= n * 3 && fan->high - fan->low >= 0.25 * height;
    return RC_OK;
}

/* Where two opposite edges of the sheet meet. */
static bool
edges_meet(const struct clean_edge edge[2], struct pencil *out)
{
    if (!edge[0].found || !edge[1].found || edge[1].place - edge[0].place < 1)
        return false;
    /* tilt = a - b place */
    out->b = (edge[0].tilt - edge[1].tilt) / (edge[1].place - edge[0].place);
    out->a = edge[0].tilt + out->b * edge[0].place;
    return true;
}

/* From the middle of the upright page to the flat one: lines meet as across says, edges as down. */
static struct flat_map
middle_map(const struct pencil *across, const struct pencil *down)
{
    struct flat_map back = { true, { 1, down->a, 0, across->a, 1, 0, across->b, down->b } }, flat;

    (void)flat_invert(&back, &flat);
    return flat;
}

/* How far the flat page reaches: as far as the photograph does, or to an edge of the sheet beyond which nothing is. */
static void
reach_of(const struct flat_map *flat, double width, double height, const struct clean_edge edges[SIDES],
         double reach[SIDES])
{
    double cut[SIDES], nothing;

    for (int i = 0; i < 4; i++) {
        double x, y;

        flat_point(flat, i & 1 ? width / 2 : -width / 2, i & 2 ? height / 2 : -height / 2, &x, &y);
        reach[SIDE_LEFT] = i == 0 ? x : fmin(reach[SIDE_LEFT], x);
        reach[SIDE_RIGHT] = i == 0 ? x : fmax(reach[SIDE_RIGHT], x);
        reach[SIDE_TOP] = i == 0 ? y : fmin(reach[SIDE_TOP], y);
        reach[SIDE_BOTTOM] = i == 0 ? y : fmax(reach[SIDE_BOTTOM], y);
    }
    flat_point(flat, edges[SIDE_LEFT].place, 0, &cut[SIDE_LEFT], &nothing);
    flat_point(flat, edges[SIDE_RIGHT].place, 0, &cut[SIDE_RIGHT], &nothing);
    flat_point(flat, 0, edges[SIDE_TOP].place, &nothing, &cut[SIDE_TOP]);
    flat_point(flat, 0, edges[SIDE_BOTTOM].place, &nothing, &cut[SIDE_BOTTOM]);
    for (int i = 0; i < SIDES; i++)
        if (edges[i].found && edges[i].clear)
            reach[i] = i == SIDE_LEFT || i == SIDE_TOP ? fmax(reach[i], cut[i]) : fmin(reach[i], cut[i]);
}

static void
plan_map(double width, double height, const struct flat_map *flat, const struct clean_edge edges[SIDES],
         struct clean_flat *plan)
{
    struct flat_map there = { true, { 1, 0, -width / 2, 0, 1, -height / 2, 0, 0 } }, shift;
    double reach[4], w, h;

    reach_of(flat, width, height, edges, reach);
    w = reach[SIDE_RIGHT] - reach[SIDE_LEFT];
    h = reach[SIDE_BOTTOM] - reach[SIDE_TOP];
    if (!(w <= GROW_MOST * width && h <= GROW_MOST * height && w >= SHRINK_MOST * width && h >= SHRINK_MOST * height))
        return;
    shift = (struct flat_map){ true, { 1, 0, -reach[SIDE_LEFT], 0, 1, -reach[SIDE_TOP], 0, 0 } };
    plan->to = flat_join(&there, flat);
    plan->to = flat_join(&plan->to, &shift);
    plan->width = (int)ceil(w);
    plan->height = (int)ceil(h);
    if (!plan->to.on || !flat_invert(&plan->to, &plan->back))
        plan->back.on = plan->to.on = false;
}

enum rc
clean_flat_plan(PIX *upright, const struct line_set *lines, float skew, struct arena *arena,
                struct clean_flat *plan)
{
    double width = pixGetWidth(upright), height = pixGetHeight(upright), text = -tan((double)skew * degree);
    struct pencil fan = { .a = text }, across = fan, down = fan;
    struct clean_edge edges[SIDES];
    struct flat_map flat;
    bool sure, sides, ends;
    enum rc rc;

    *plan = (struct clean_flat){ .width = 0 };
    if (pixGetDepth(upright) != 8 || lines->count < RUNS_LEAST)
        return RC_OK;
    if ((rc = fan_of(lines, width, height, skew, arena, &fan, &sure)) != RC_OK ||
        (rc = clean_edges_find(upright, text, arena, edges)) != RC_OK)
        return rc;
    sides = edges_meet(&edges[SIDE_LEFT], &down);
    ends = edges_meet(&edges[SIDE_TOP], &across);
    if (sides && ends) {
        /* all four: the sheet's when its print lies with them, and in perspective when they are no rectangle */
        if (fabs(across.a - (sure ? fan.a : text)) > ASTRAY + fabs(across.b) * height / 2 ||
            (fabs(across.b) * height < CONVERGE_LEAST && fabs(down.b) * width < CONVERGE_LEAST &&
             fabs(down.a + across.a) < CONVERGE_LEAST))
            return RC_OK;
    } else {
        double opening = fabs(fan.b) * (fan.high - fan.low);

        if (!sure || opening < FAN_LEAST || fan.miss > opening / 4)
            return RC_OK;
        across = fan;
        if (!sides)
            down = (struct pencil){ .a = -fan.a };
    }
    if (fabs(down.a + across.a) > LEAN_MOST || fabs(down.b) * width > CONVERGE_MOST ||
        fabs(across.b) * height > CONVERGE_MOST)
        return RC_OK;
    /* nothing of the page may lie behind the camera */
    if (fabs(across.b) * width / 2 + fabs(down.b) * height / 2 > NEAREST)
        return RC_OK;
    flat = middle_map(&across, &down);
    if (flat.on)
        plan_map(width, height, &flat, edges, plan);
    return RC_OK;
}

/* 8.8 fixed point, bilinear; beyond the photograph its rim goes on: a white corner would have an edge. */
static inline l_uint32
sample(const l_uint32 *data, int wpl, int width, int height, double x, double y)
{
    int fx = (int)fmax(0, fmin(x, width - 1.01) * 256), fy = (int)fmax(0, fmin(y, height - 1.01) * 256);
    int ix = fx >> 8, iy = fy >> 8, ax = fx & 255, ay = fy & 255, top, low;
    const l_uint32 *row = data + (size_t)iy * (size_t)wpl, *next = row + wpl;

    top = (int)GET_DATA_BYTE(row, ix) * (256 - ax) + (int)GET_DATA_BYTE(row, ix + 1) * ax;
    low = (int)GET_DATA_BYTE(next, ix) * (256 - ax) + (int)GET_DATA_BYTE(next, ix + 1) * ax;
    return (l_uint32)(top * (256 - ay) + low * ay) >> 16;
}

PIX *
clean_flat_lay(PIX *upright, const struct clean_flat *plan)
{
    int width = pixGetWidth(upright), height = pixGetHeight(upright), wpl = pixGetWpl(upright), step;
    const l_uint32 *data = pixGetData(upright);
    PIX *flat = pixCreate(plan->width, plan->height, 8);
    const double *p = plan->back.p;

    if (flat == NULL)
        return NULL;
    pixSetResolution(flat, pixGetXRes(upright), pixGetYRes(upright));
    step = pixGetWpl(flat);
    for (int y = 0; y < plan->height; y++) {
        l_uint32 *to = pixGetData(flat) + (size_t)y * (size_t)step;
        double u = p[1] * y + p[2], v = p[4] * y + p[5], w = p[7] * y + 1;

        for (int x = 0; x < plan->width; x++) {
            double k = 1 / w;

            SET_DATA_BYTE(to, x, sample(data, wpl, width, height, u * k, v * k));
            u += p[0];
            v += p[3];
            w += p[6];
        }
    }
    return flat;
}
