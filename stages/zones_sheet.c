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
#define DARK 150       /* of 255, where ink is black and paper white: darker is ink */
#define FADED 100      /* ink as light as this is read as it is */
#define FAINTEST 165   /* of 255: ink that is fainter is not stretched to black */
#define INK_BLOCK 128  /* and of one whose ink is */
#define SCALE_MIN 1.9  /* pixels a point: 137 dpi */
#define SCALE_MAX 4.17 /* 300 dpi: more helps no letter */
#define RED_ENOUGH 22  /* how much redder than green and blue a rule is when printed red */

/* A page's gray in the order of its columns, or the red of a colour page. */
struct source {
    const uint8_t *gray;
    const l_uint32 *color; /* or NULL */
    ptrdiff_t step;        /* from one row to the next, bytes or pixels */
    int width, height;
};

static inline int
source_at(const struct source *s, bool color, ptrdiff_t at)
{
    return color ? (int)(s->color[at] >> L_RED_SHIFT & 0xff) : s->gray[at];
}

/* 8.8 fixed point, bilinear; outside the page is white.  safe: all of it is known to be inside. */
static inline int
source_sample(const struct source *s, bool color, bool safe, int fx, int fy)
{
    int x = fx >> 8, y = fy >> 8, ax = fx & 255, ay = fy & 255, top, bottom;
    ptrdiff_t at = y * s->step + x;

    if (!safe && (x < 0 || y < 0 || x + 1 >= s->width || y + 1 >= s->height))
        return 255;
    top = source_at(s, color, at) * (256 - ax) + source_at(s, color, at + 1) * ax;
    bottom = source_at(s, color, at + s->step) * (256 - ax) + source_at(s, color, at + s->step + 1) * ax;
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

static bool
is_bilevel(PIX *gray)
{
    const l_uint32 *data = pixGetData(gray);
    int w = pixGetWidth(gray), h = pixGetHeight(gray), wpl = pixGetWpl(gray), dark = 0, between = 0;

    for (int y = 0; y < h; y += 5)
        for (int x = y % 3; x < w; x += 3) {
            int v = GET_DATA_BYTE(data + (size_t)y * (size_t)wpl, x);

            dark += v < 215;
            between += v < 215 && v > 40;
        }
    return between * 10 < dark;
}

/* Part of a row of the sheet, from (fx, fy) of the source on. */
static inline void
warp_run(const struct source *s, bool color, bool safe, int fx, int fy, int sx, int sy, uint8_t *to, int count)
{
    for (int c = 0; c < count; c++) {
        to[c] = (uint8_t)source_sample(s, color, safe, fx, fy);
        fx += sx;
        fy += sy;
    }
}

/* One tile, whose corners lie at x, y of the source. */
static void
warp_tile(const struct source *s, const double x[4], const double y[4], uint8_t *to, ptrdiff_t stride, int width,
          int height)
{
    bool safe = true;

    for (int i = 0; i < 4; i++)
        safe = safe && x[i] > 2 && y[i] > 2 && x[i] < s->width - 3 && y[i] < s->height - 3;
    for (int r = 0; r < height; r++) {
        double f = (double)r / TILE;
        double x0 = x[0] + (x[2] - x[0]) * f, x1 = x[1] + (x[3] - x[1]) * f;
        double y0 = y[0] + (y[2] - y[0]) * f, y1 = y[1] + (y[3] - y[1]) * f;
        int fx = (int)floor((x0 - 0.5) * 256), fy = (int)floor((y0 - 0.5) * 256);
        int sx = (int)((x1 - x0) * 256 / TILE), sy = (int)((y1 - y0) * 256 / TILE);

        /* Four times the same, so that nothing is asked for each pixel. */
        if (s->color == NULL && safe)
            warp_run(s, false, true, fx, fy, sx, sy, to + r * stride, width);
        else if (s->color == NULL)
            warp_run(s, false, false, fx, fy, sx, sy, to + r * stride, width);
        else if (safe)
            warp_run(s, true, true, fx, fy, sx, sy, to + r * stride, width);
        else
            warp_run(s, true, false, fx, fy, sx, sy, to + r * stride, width);
    }
}

static void
warp(const struct source *s, const struct zone_map *map, const struct sheet *sheet, uint8_t *to, ptrdiff_t stride)
{
    for (int ty = 0; ty < sheet->height; ty += TILE)
        for (int tx = 0; tx < sheet->width; tx += TILE) {
            int width = sheet->width - tx < TILE ? sheet->width - tx : TILE;
            int height = sheet->height - ty < TILE ? sheet->height - ty : TILE;
            double x[4], y[4];

            for (int i = 0; i < 4; i++)
                zone_map_point(map, sheet->left + (tx + (i & 1) * TILE + 0.5) / sheet->scale,
                               sheet->top + (ty + (i >> 1) * TILE + 0.5) / sheet->scale, &x[i], &y[i]);
            warp_tile(s, x, y, to + ty * stride + tx, stride, width, height);
        }
}

/* The paper's brightness in a block: nine of ten pixels are darker or as bright. */
static int
paper_of(const uint8_t *data, ptrdiff_t stride, int x0, int y0, int x1, int y1)
{
    unsigned hist[256] = { 0 }, n = 0, above = 0;
    int v = 255;

    for (int y = y0; y < y1; y += 2)
        for (int x = x0; x < x1; x += 2) {
            hist[data[y * stride + x]]++;
            n++;
        }
    while (v > 0 && above + hist[v] < n / 5) {
        above += hist[v];
        v--;
    }
    return v;
}

static int
darkest(const uint8_t *data, ptrdiff_t stride, int x0, int y0, int x1, int y1, unsigned thousandths)
{
    unsigned hist[256] = { 0 }, n = 0, below = 0;
    int v = 0;

    for (int y = y0; y < y1; y += 2)
        for (int x = x0; x < x1; x += 2) {
            hist[data[y * stride + x]]++;
            n++;
        }
    while (v < 255 && below + hist[v] < n * thousandths / 1000) {
        below += hist[v];
        v++;
    }
    return v;
}

/* How dark the ink is on paper that is white: printing and typing, or typing alone. */
static int
ink_of(const uint8_t *data, ptrdiff_t stride, int x0, int y0, int x1, int y1)
{
    return darkest(data, stride, x0, y0, x1, y1, 20);
}

static int
ink_of_typing(const uint8_t *data, ptrdiff_t stride, int x0, int y0, int x1, int y1)
{
    return darkest(data, stride, x0, y0, x1, y1, 6);
}

/* A value for every so many pixels, read between them. */
struct grid {
    float *at;
    int across, down, step;
};

/* Row y of the picture, read between the grid's values: constant at the edges. */
static void
grid_row(const struct grid *g, int y, int width, float *out)
{
    float step = (float)g->step, half = step / 2, gy = ((float)y - half) / step;
    const float *upper, *lower;
    int iy;

    gy = gy < 0 ? 0 : gy > (float)(g->down - 1) ? (float)(g->down - 1) : gy;
    iy = (int)gy;
    gy -= (float)iy;
    upper = g->at + iy * g->across;
    lower = iy + 1 < g->down ? upper + g->across : upper;
    /* From the middle of a block to the middle of the next one. */
    for (int i = -1; i < g->across; i++) {
        int l = i < 0 ? 0 : i, r = i + 1 < g->across ? i + 1 : l;
        int begin = (int)half + i * g->step, end = begin + g->step;
        float a = upper[l], b = upper[r], c = lower[l], d = lower[r];

        begin = begin < 0 ? 0 : begin;
        end = end < width ? end : width;
        for (int x = begin; x < end && (l == r || i < 0); x++)
            out[x] = a * (1 - gy) + c * gy;
        for (int x = begin; x < end && l != r && i >= 0; x++) {
            float gx = ((float)x - half) / step - (float)l;

            out[x] = (a * (1 - gx) + b * gx) * (1 - gy) + (c * (1 - gx) + d * gx) * gy;
        }
    }
}

static enum rc
grid_make(const struct sheet *s, const uint8_t *data, ptrdiff_t stride, int step,
          int (*measure)(const uint8_t *, ptrdiff_t, int, int, int, int), struct arena *arena, struct grid *g)
{
    *g = (struct grid){ NULL, (s->width + step - 1) / step, (s->height + step - 1) / step, step };
    g->at = arena_array(arena, (size_t)g->across * (size_t)g->down, sizeof *g->at);
    if (g->at == NULL)
        return RC_NOMEM;
    for (int y = 0; y < g->down; y++)
        for (int x = 0; x < g->across; x++) {
            int x1 = (x + 1) * step, y1 = (y + 1) * step;

            g->at[y * g->across + x] = (float)measure(data, stride, x * step, y * step, x1 < s->width ? x1 : s->width,
                                                      y1 < s->height ? y1 : s->height);
        }
    return RC_OK;
}

/* A mean of each value and its neighbours; where it is far below the best of them, the best. */
static enum rc
grid_smooth(struct grid *g, bool fill, struct arena *arena)
{
    float *out = arena_array(arena, (size_t)g->across * (size_t)g->down, sizeof *out);

    if (out == NULL)
        return RC_NOMEM;
    for (int y = 0; y < g->down; y++)
        for (int x = 0; x < g->across; x++) {
            float sum = 0, most = 0;
            int n = 0;

            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++)
                    if (y + dy >= 0 && y + dy < g->down && x + dx >= 0 && x + dx < g->across) {
                        float v = g->at[(y + dy) * g->across + x + dx];

                        sum += v;
                        n++;
                        most = v > most ? v : most;
                    }
            out[y * g->across + x] = fill && g->at[y * g->across + x] < 0.7f * most ? most : sum / (float)n;
        }
    g->at = out;
    return RC_OK;
}

/*
 * A block without writing has no ink of its own, only noise: none may be much fainter than the
 * ink of the page, which is that of the darkest blocks.  What is left of a dropped red is no ink
 * at all: there the whole page is stretched alike, and only as far as the typed ink is faded.
 */
static void
grid_hold(struct grid *g, bool dropped)
{
    unsigned hist[256] = { 0 }, n = 0, below = 0, part = dropped ? 8 : 4;
    int cells = g->across * g->down, typical = 0;
    float faintest;

    for (int i = 0; i < cells; i++)
        if (g->at[i] < 200) {
            hist[(int)g->at[i]]++;
            n++;
        }
    while (typical < 255 && below + hist[typical] < n / part) {
        below += hist[typical];
        typical++;
    }
    faintest = typical + 35 < FAINTEST ? (float)(typical + 35) : FAINTEST;
    for (int i = 0; i < cells; i++)
        if (dropped)
            g->at[i] = typical > 70 ? (float)(typical - 70) : 0;
        else if (g->at[i] > faintest)
            g->at[i] = faintest;
}

/* A row by its paper; a function of its own so that the compiler takes several pixels at once. */
static void
divide(uint8_t *restrict line, const float *restrict paper, int width)
{
    for (int x = 0; x < width; x++) {
        int v = (int)((float)line[x] * 255 / (paper[x] < 40 ? 40 : paper[x]));

        line[x] = (uint8_t)(v > 255 ? 255 : v);
    }
}

/*
 * Divide by the paper, so that shadows and tints go; then stretch faded ink to black, so that
 * one threshold serves the whole page.
 */
static enum rc
whiten(struct sheet *s, uint8_t *data, ptrdiff_t stride, struct arena *arena)
{
    float *row = arena_array(arena, (size_t)s->width, sizeof *row);
    struct grid paper, ink;
    enum rc rc = row == NULL ? RC_NOMEM : grid_make(s, data, stride, BLOCK, paper_of, arena, &paper);

    /* A block full of ink has no paper of its own: the brightest of its neighbours stands in. */
    if (rc == RC_OK)
        rc = grid_smooth(&paper, true, arena);
    if (rc != RC_OK)
        return rc;
    for (int y = 0; y < s->height; y++) {
        uint8_t *line = data + y * stride;

        grid_row(&paper, y, s->width, row);
        divide(line, row, s->width);
    }
    rc = grid_make(s, data, stride, INK_BLOCK, s->dropped ? ink_of_typing : ink_of, arena, &ink);
    if (rc == RC_OK)
        rc = grid_smooth(&ink, false, arena);
    if (rc != RC_OK)
        return rc;
    grid_hold(&ink, s->dropped);
    s->ink = pixCreate(s->width, s->height, 1);
    if (s->ink == NULL)
        return RC_NOMEM;
    for (int y = 0; y < s->height; y++) {
        uint8_t *line = data + y * stride;
        l_uint32 *dark = pixGetData(s->ink) + (size_t)y * (size_t)pixGetWpl(s->ink);

        grid_row(&ink, y, s->width, row);
        for (int x = 0; x < s->width; x++) {
            int v = line[x];
            float d = row[x];

            if (v > 240)
                continue;
            if ((float)(255 - v) * 255 > (255 - d) * (255 - DARK))
                SET_DATA_BIT(dark, x);
            /* For the reader only what is really faint: bold letters close their holes. */
            if (d > FADED) {
                v = 255 - (int)((float)(255 - v) * 255 / (255 - (d - FADED)));
                line[x] = (uint8_t)(v < 0 ? 0 : v);
            }
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

/* Warped and whitened, with each word's bytes in the order of the columns meanwhile. */
static enum rc
lay_flat(PIX *from, const struct zone_map *map, struct arena *arena, struct sheet *out)
{
    bool color = pixGetDepth(from) == 32;
    struct source source = { .step = pixGetWpl(from), .width = pixGetWidth(from), .height = pixGetHeight(from) };
    PIX *bytes = color ? NULL : pixEndianByteSwapNew(from);
    uint8_t *to;
    enum rc rc;

    out->gray = pixCreate(out->width, out->height, 8);
    if (out->gray == NULL || (!color && bytes == NULL)) {
        pixDestroy(&bytes);
        return RC_NOMEM;
    }
    if (color) {
        source.color = pixGetData(from);
    } else {
        source.gray = (const uint8_t *)pixGetData(bytes);
        source.step *= 4;
    }
    to = (uint8_t *)pixGetData(out->gray);
    warp(&source, map, out, to, (ptrdiff_t)pixGetWpl(out->gray) * 4);
    pixDestroy(&bytes);
    rc = whiten(out, to, (ptrdiff_t)pixGetWpl(out->gray) * 4, arena);
    pixEndianByteSwap(out->gray);
    return rc;
}

enum rc
sheet_flatten(PIX *gray, PIX *color, const struct zone_match *m, struct arena *arena, struct sheet *out)
{
    double x0, y0, x1, y1, ax, ay, bx, by, scale;
    PIX *from = gray, *light = NULL;
    enum rc rc;

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
    } else if ((rc = streaks_see_through(gray, arena, &light)) != RC_OK) {
        return rc;
    } else if (light != NULL) {
        from = light;
    }
    out->bilevel = !out->dropped && is_bilevel(gray);
    rc = lay_flat(from, &m->map, arena, out);
    pixDestroy(&light);
    return rc;
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
