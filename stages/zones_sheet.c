/*
 * zones_sheet.c - lay a registered form flat: undo the map, drop its red, make its paper white.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zone_sheet.h"

#define MARGIN 6.0     /* points around the outermost zone or rule */
#define TILE 16        /* pixels between exact evaluations of the map */
#define BLOCK 32       /* pixels of a block whose paper is measured */
#define SCALE_MIN 1.9  /* pixels a point: 137 dpi */
#define SCALE_MAX 4.17 /* 300 dpi: more helps no letter */
#define RED_ENOUGH 22  /* how much redder than green and blue a rule is when printed red */

/* The pixel of a page: gray, or the red of a colour page. */
struct source {
    const l_uint32 *data;
    int wpl, width, height;
    bool color;
};

static inline int
source_at(const struct source *s, int x, int y)
{
    const l_uint32 *line = s->data + (size_t)y * (size_t)s->wpl;

    return s->color ? (int)(line[x] >> L_RED_SHIFT & 0xff) : GET_DATA_BYTE(line, x);
}

/* 8.8 fixed point, bilinear; outside the page is white. */
static inline int
source_sample(const struct source *s, int fx, int fy)
{
    int x = fx >> 8, y = fy >> 8, ax = fx & 255, ay = fy & 255, top, bottom;

    if (x < 0 || y < 0 || x + 1 >= s->width || y + 1 >= s->height)
        return 255;
    top = source_at(s, x, y) * (256 - ax) + source_at(s, x + 1, y) * ax;
    bottom = source_at(s, x, y + 1) * (256 - ax) + source_at(s, x + 1, y + 1) * ax;
    return (top * (256 - ay) + bottom * ay) >> 16;
}

/* Are the form's rules red on this page?  Looks along them. */
static bool
printed_red(PIX *color, const struct zone_match *m)
{
    const struct zone_template *t = m->template;
    int w = pixGetWidth(color), h = pixGetHeight(color), red = 0, seen = 0;

    for (unsigned i = 0; i < t->rule_count; i++) {
        const struct zone_rule *r = &t->rules[i];

        if (r->dashed)
            continue;
        for (double f = 0.1; f < 1; f += 0.2) {
            double x, y;
            int best = 255 * 3, diff = 0;

            zone_map_point(&m->map, r->x0 + (r->x1 - r->x0) * f, r->y0 + (r->y1 - r->y0) * f, &x, &y);
            /* The darkest pixel close by is the rule. */
            for (int dy = -2; dy <= 2; dy++)
                for (int dx = -2; dx <= 2; dx++) {
                    l_int32 cr, cg, cb;

                    if (x + dx < 0 || y + dy < 0 || x + dx >= w || y + dy >= h)
                        continue;
                    pixGetRGBPixel(color, (int)x + dx, (int)y + dy, &cr, &cg, &cb);
                    if (cr + cg + cb < best) {
                        best = cr + cg + cb;
                        diff = cr - (cg + cb) / 2;
                    }
                }
            seen++;
            red += diff > RED_ENOUGH;
        }
    }
    return seen > 0 && red > 0.6 * seen;
}

static void
warp(const struct source *s, const struct zone_map *map, struct sheet *sheet)
{
    l_uint32 *data = pixGetData(sheet->gray);
    int wpl = pixGetWpl(sheet->gray);

    for (int ty = 0; ty < sheet->height; ty += TILE)
        for (int tx = 0; tx < sheet->width; tx += TILE) {
            double x[4], y[4];

            for (int i = 0; i < 4; i++)
                zone_map_point(map, sheet->left + (tx + (i & 1) * TILE + 0.5) / sheet->scale,
                               sheet->top + (ty + (i >> 1) * TILE + 0.5) / sheet->scale, &x[i], &y[i]);
            for (int r = 0; r < TILE && ty + r < sheet->height; r++) {
                l_uint32 *line = data + (size_t)(ty + r) * (size_t)wpl;
                double f = (double)r / TILE;
                double x0 = x[0] + (x[2] - x[0]) * f, x1 = x[1] + (x[3] - x[1]) * f;
                double y0 = y[0] + (y[2] - y[0]) * f, y1 = y[1] + (y[3] - y[1]) * f;
                int fx = (int)floor((x0 - 0.5) * 256), fy = (int)floor((y0 - 0.5) * 256);
                int sx = (int)((x1 - x0) * 256 / TILE), sy = (int)((y1 - y0) * 256 / TILE);

                for (int c = 0; c < TILE && tx + c < sheet->width; c++) {
                    SET_DATA_BYTE(line, tx + c, source_sample(s, fx, fy));
                    fx += sx;
                    fy += sy;
                }
            }
        }
}

/* The paper's brightness in a block: nine of ten pixels are darker or as bright. */
static int
paper_of(const l_uint32 *data, int wpl, int x0, int y0, int x1, int y1)
{
    unsigned hist[256] = { 0 }, n = 0, above = 0;
    int v = 255;

    for (int y = y0; y < y1; y += 2)
        for (int x = x0; x < x1; x += 2) {
            hist[GET_DATA_BYTE(data + (size_t)y * (size_t)wpl, x)]++;
            n++;
        }
    while (v > 0 && above + hist[v] < n / 5) {
        above += hist[v];
        v--;
    }
    return v;
}

/* Divide by the paper, so that shadows and tints go. */
static enum rc
whiten(struct sheet *s, struct arena *arena)
{
    int bw = (s->width + BLOCK - 1) / BLOCK, bh = (s->height + BLOCK - 1) / BLOCK;
    int wpl = pixGetWpl(s->gray);
    l_uint32 *data = pixGetData(s->gray);
    float *raw = arena_array(arena, (size_t)bw * (size_t)bh, sizeof *raw);
    float *paper = arena_array(arena, (size_t)bw * (size_t)bh, sizeof *paper);

    if (raw == NULL || paper == NULL)
        return RC_NOMEM;
    for (int y = 0; y < bh; y++)
        for (int x = 0; x < bw; x++) {
            int x1 = (x + 1) * BLOCK, y1 = (y + 1) * BLOCK;

            raw[y * bw + x] = (float)paper_of(data, wpl, x * BLOCK, y * BLOCK,
                                              x1 < s->width ? x1 : s->width, y1 < s->height ? y1 : s->height);
        }
    /* A block full of ink has no paper of its own: the brightest of its neighbours stands in. */
    for (int y = 0; y < bh; y++)
        for (int x = 0; x < bw; x++) {
            float sum = 0, most = 0;
            int n = 0;

            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++)
                    if (y + dy >= 0 && y + dy < bh && x + dx >= 0 && x + dx < bw) {
                        float v = raw[(y + dy) * bw + x + dx];

                        sum += v;
                        n++;
                        most = v > most ? v : most;
                    }
            paper[y * bw + x] = raw[y * bw + x] < 0.7f * most ? most : sum / (float)n;
        }
    for (int y = 0; y < s->height; y++) {
        l_uint32 *line = data + (size_t)y * (size_t)wpl;
        float gy = ((float)y - BLOCK / 2) / BLOCK;
        int iy = gy < 0 ? 0 : (int)gy >= bh - 1 ? (bh > 1 ? bh - 2 : 0) : (int)gy;
        int jy = bh > 1 ? iy + 1 : iy;
        float fy = gy - (float)iy < 0 ? 0 : gy - (float)iy > 1 ? 1 : gy - (float)iy;

        for (int x = 0; x < s->width; x++) {
            float gx = ((float)x - BLOCK / 2) / BLOCK;
            int ix = gx < 0 ? 0 : (int)gx >= bw - 1 ? (bw > 1 ? bw - 2 : 0) : (int)gx;
            int jx = bw > 1 ? ix + 1 : ix;
            float fx = gx - (float)ix < 0 ? 0 : gx - (float)ix > 1 ? 1 : gx - (float)ix;
            float p = (paper[iy * bw + ix] * (1 - fx) + paper[iy * bw + jx] * fx) * (1 - fy) +
                      (paper[jy * bw + ix] * (1 - fx) + paper[jy * bw + jx] * fx) * fy;
            float v = (float)GET_DATA_BYTE(line, x) * 255 / (p < 40 ? 40 : p);

            SET_DATA_BYTE(line, x, v > 255 ? 255 : (int)v);
        }
    }
    return RC_OK;
}

static void
extent(const struct zone_template *t, double *x0, double *y0, double *x1, double *y1)
{
    *x0 = t->left;
    *y0 = t->top;
    *x1 = t->right;
    *y1 = t->bottom;
    for (unsigned i = 0; i < t->zone_count; i++) {
        const struct zone *z = &t->zones[i];

        *x0 = z->x0 < *x0 ? z->x0 : *x0;
        *y0 = z->y0 < *y0 ? z->y0 : *y0;
        *x1 = z->x1 > *x1 ? z->x1 : *x1;
        *y1 = z->y1 > *y1 ? z->y1 : *y1;
    }
}

enum rc
sheet_flatten(PIX *gray, PIX *color, const struct zone_match *m, struct arena *arena, struct sheet *out)
{
    double x0, y0, x1, y1, ax, ay, bx, by, scale;
    struct source source;
    PIX *from = gray;

    memset(out, 0, sizeof *out);
    extent(m->template, &x0, &y0, &x1, &y1);
    out->left = x0 - MARGIN;
    out->top = y0 - MARGIN;
    zone_map_point(&m->map, x0, y0, &ax, &ay);
    zone_map_point(&m->map, x1, y1, &bx, &by);
    scale = hypot(bx - ax, by - ay) / hypot(x1 - x0, y1 - y0);
    out->scale = scale < SCALE_MIN ? SCALE_MIN : scale > SCALE_MAX ? SCALE_MAX : scale;
    out->width = (int)((x1 - x0 + 2 * MARGIN) * out->scale);
    out->height = (int)((y1 - y0 + 2 * MARGIN) * out->scale);
    if (out->width < 50 || out->height < 50 || out->width > 8000 || out->height > 8000)
        return RC_INPUT;
    if (color != NULL && pixGetDepth(color) == 32 && m->template->file->ink == INK_RED &&
        printed_red(color, m)) {
        out->dropped = true;
        from = color;
    }
    source = (struct source){ pixGetData(from), pixGetWpl(from), pixGetWidth(from), pixGetHeight(from),
                              from == color };
    out->gray = pixCreate(out->width, out->height, 8);
    if (out->gray == NULL)
        return RC_NOMEM;
    warp(&source, &m->map, out);
    return whiten(out, arena);
}

void
sheet_done(struct sheet *sheet)
{
    pixDestroy(&sheet->gray);
    pixDestroy(&sheet->ink);
    pixDestroy(&sheet->clean);
}

double
sheet_ink(const struct sheet *s, double x0, double y0, double x1, double y1)
{
    int ax = sheet_x(s, x0), ay = sheet_y(s, y0), bx = sheet_x(s, x1), by = sheet_y(s, y1);
    const l_uint32 *data = pixGetData(s->ink);
    int wpl = pixGetWpl(s->ink), dark = 0;

    ax = ax < 0 ? 0 : ax;
    ay = ay < 0 ? 0 : ay;
    bx = bx > s->width ? s->width : bx;
    by = by > s->height ? s->height : by;
    if (bx <= ax || by <= ay)
        return 0;
    for (int y = ay; y < by; y++)
        for (int x = ax; x < bx; x++)
            dark += GET_DATA_BIT(data + (size_t)y * (size_t)wpl, x);
    return (double)dark / ((double)(bx - ax) * (by - ay));
}
