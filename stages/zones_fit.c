/*
 * zones_fit.c - fit a template to the lines of a page.
 *
 * Points along the template's rules look for the nearest line point across their direction;
 * the map is solved from those pairs by weighted least squares, over and over.  The region that
 * may speak grows from the middle outward, because a perspective is small there: the nearest
 * line is then the right one.  What remains after the perspective (a wavy feed, a bent sheet)
 * becomes small shifts on a grid.
 */
#include "zone_fit.h"

#include <math.h>
#include <string.h>

#define SAMPLE_STEP 5.0 /* points of the form */
#define SAMPLES_MAX 12000

struct pair {
    float x, y;    /* on the form, points          */
    float seen;    /* the coordinate that was found */
    float off;     /* found minus expected, pixels  */
    bool across;   /* seen is y; else x             */
    bool any;
};

struct samples {
    struct pair at[SAMPLES_MAX];
    unsigned count;
    unsigned across_count;
};

static void
samples_make(const struct zone_template *t, struct samples *s)
{
    s->count = s->across_count = 0;
    for (unsigned i = 0; i < t->rule_count; i++) {
        const struct zone_rule *r = &t->rules[i];
        double length = r->across ? r->x1 - r->x0 : r->y1 - r->y0;

        if (r->dashed || length < 8)
            continue;
        for (double d = 2.5; d < length - 1.5 && s->count < SAMPLES_MAX; d += SAMPLE_STEP) {
            struct pair *p = &s->at[s->count++];

            p->x = (float)(r->across ? r->x0 + d : r->x0);
            p->y = (float)(r->across ? r->y0 : r->y0 + d);
            p->across = r->across;
            s->across_count += r->across;
        }
    }
}

/* Look for every sample's line near where the map puts it; farther from the middle than reach: not yet. */
static void
samples_look(const struct zone_template *t, const struct page_lines *lines, const struct zone_map *map,
             double reach, double gate, struct samples *s)
{
    double cx = (t->left + t->right) / 2, cy = (t->top + t->bottom) / 2;
    double rx = (t->right - t->left) / 2 * reach, ry = (t->bottom - t->top) / 2 * reach;

    for (unsigned i = 0; i < s->count; i++) {
        struct pair *p = &s->at[i];
        double x, y, found;

        p->any = false;
        if (fabs(p->x - cx) > rx + 1 || fabs(p->y - cy) > ry + 1)
            continue;
        zone_map_point(map, p->x, p->y, &x, &y);
        if (p->across)
            p->any = line_nearest(&lines->across, x, y, gate, &found);
        else
            p->any = line_nearest(&lines->down, y, x, gate, &found);
        if (p->any) {
            p->seen = (float)found;
            p->off = (float)(found - (p->across ? y : x));
        }
    }
}

/* Gauss elimination with pivots; false when singular. */
static bool
solve(double m[8][9])
{
    for (int c = 0; c < 8; c++) {
        int best = c;

        for (int r = c + 1; r < 8; r++)
            if (fabs(m[r][c]) > fabs(m[best][c]))
                best = r;
        if (fabs(m[best][c]) < 1e-9)
            return false;
        for (int k = 0; k < 9; k++) {
            double keep = m[c][k];

            m[c][k] = m[best][k];
            m[best][k] = keep;
        }
        for (int r = 0; r < 8; r++) {
            double f = m[r][c] / m[c][c];

            if (r == c || f == 0)
                continue;
            for (int k = c; k < 9; k++)
                m[r][k] -= f * m[c][k];
        }
    }
    return true;
}

/*
 * Least squares over the pairs, in form coordinates centred and scaled to about one for the sake
 * of the numbers; stiff holds the perspective's two terms to zero.
 */
static bool
map_solve(const struct zone_template *t, const struct samples *s, double gate, double stiff,
          struct zone_map *map)
{
    double m[8][9] = { { 0 } }, k = 2 / t->height, cx = t->width / 2, cy = t->height / 2, q[8], f;
    unsigned used = 0;

    for (unsigned i = 0; i < s->count; i++) {
        const struct pair *p = &s->at[i];
        double d = p->off / gate, w, x, y, v[8];

        if (!p->any)
            continue;
        w = (1 - d * d) * (1 - d * d);
        x = (p->x - cx) * k;
        y = (p->y - cy) * k;
        memset(v, 0, sizeof v);
        v[p->across ? 3 : 0] = x;
        v[p->across ? 4 : 1] = y;
        v[p->across ? 5 : 2] = 1;
        v[6] = -p->seen * x;
        v[7] = -p->seen * y;
        for (int r = 0; r < 8; r++) {
            for (int c = 0; c < 8; c++)
                m[r][c] += w * v[r] * v[c];
            m[r][8] += w * v[r] * p->seen;
        }
        used++;
    }
    if (used < 24)
        return false;
    m[6][6] += stiff;
    m[7][7] += stiff;
    if (!solve(m))
        return false;
    for (int r = 0; r < 8; r++)
        q[r] = m[r][8] / m[r][r];
    /* Back from the centred coordinates: x -> k x - k cx. */
    f = 1 - q[6] * k * cx - q[7] * k * cy;
    if (fabs(f) < 0.2)
        return false;
    map->p[0] = q[0] * k / f;
    map->p[1] = q[1] * k / f;
    map->p[2] = (q[2] - q[0] * k * cx - q[1] * k * cy) / f;
    map->p[3] = q[3] * k / f;
    map->p[4] = q[4] * k / f;
    map->p[5] = (q[5] - q[3] * k * cx - q[4] * k * cy) / f;
    map->p[6] = q[6] * k / f;
    map->p[7] = q[7] * k / f;
    return true;
}

/* Smooth what is left over the grid's nodes: a weighted mean of the offsets around each. */
static void
map_bend(const struct samples *s, double sigma, double gate, struct zone_map *map)
{
    static double sum[ZONE_NODES_Y][ZONE_NODES_X][2], weight[ZONE_NODES_Y][ZONE_NODES_X][2];

    memset(sum, 0, sizeof sum);
    memset(weight, 0, sizeof weight);
    for (unsigned i = 0; i < s->count; i++) {
        const struct pair *p = &s->at[i];
        double nx = p->x / map->width * (ZONE_NODES_X - 1), ny = p->y / map->height * (ZONE_NODES_Y - 1);
        double gx = map->width / (ZONE_NODES_X - 1), gy = map->height / (ZONE_NODES_Y - 1);
        double d = p->off / gate, robust;

        if (!p->any)
            continue;
        robust = (1 - d * d) * (1 - d * d);
        for (int y = (int)(ny - 2 * sigma / gy); y <= (int)(ny + 2 * sigma / gy) + 1; y++)
            for (int x = (int)(nx - 2 * sigma / gx); x <= (int)(nx + 2 * sigma / gx) + 1; x++) {
                double dx = (nx - x) * gx / sigma, dy = (ny - y) * gy / sigma, w;

                if (x < 0 || y < 0 || x >= ZONE_NODES_X || y >= ZONE_NODES_Y)
                    continue;
                w = robust * exp(-0.5 * (dx * dx + dy * dy));
                sum[y][x][p->across] += w * p->off;
                weight[y][x][p->across] += w;
            }
    }
    for (int y = 0; y < ZONE_NODES_Y; y++)
        for (int x = 0; x < ZONE_NODES_X; x++)
            for (int a = 0; a < 2; a++)
                map->shift[y][x][a] += (float)(sum[y][x][a] / (weight[y][x][a] + 2.0));
}

/* The share of samples whose line was found within two pixels; the worse direction. */
static double
support(const struct samples *s)
{
    unsigned across = 0, down = 0, down_all = s->count - s->across_count;
    double a, d;

    for (unsigned i = 0; i < s->count; i++)
        if (s->at[i].any && fabs(s->at[i].off) <= 2.0) {
            if (s->at[i].across)
                across++;
            else
                down++;
        }
    if (s->across_count == 0 || down_all == 0)
        return 0;
    a = (double)across / s->across_count;
    d = (double)down / down_all;
    return a < d ? a : d;
}

static void
map_from_guess(const struct zone_template *t, const struct zone_guess *g, struct zone_map *map)
{
    double f = 1 / (1 - g->a * g->b);

    memset(map, 0, sizeof *map);
    map->width = t->width;
    map->height = t->height;
    /* u = sx X + ox, v = sy Y + oy; x = u + b y, y = v + a x. */
    map->p[0] = f * g->sx;
    map->p[1] = f * g->b * g->sy;
    map->p[2] = f * (g->ox + g->b * g->oy);
    map->p[3] = f * g->a * g->sx;
    map->p[4] = f * g->sy;
    map->p[5] = f * (g->oy + g->a * g->ox);
}

void
zone_map_guess(const struct zone_template *t, const struct zone_guess *guess, double reduce, struct zone_map *map)
{
    map_from_guess(t, guess, map);
    for (int i = 0; i < 6; i++)
        map->p[i] *= reduce;
}

#define POOR 0.62
#define GOOD 0.9

struct step {
    double reach, gate, stiff;
};

static double
fit_by(const struct step *steps, unsigned count, const struct zone_template *t, const struct page_lines *lines,
       const struct zone_guess *guess, struct zone_map *map)
{
    static struct samples s;

    map_from_guess(t, guess, map);
    samples_make(t, &s);
    for (unsigned i = 0; i < count; i++) {
        samples_look(t, lines, map, steps[i].reach, steps[i].gate, &s);
        if (!map_solve(t, &s, steps[i].gate, steps[i].stiff, map))
            return 0;
    }
    samples_look(t, lines, map, 1, 6, &s);
    map_bend(&s, 90, 6, map);
    samples_look(t, lines, map, 1, 5, &s);
    map_bend(&s, 50, 5, map);
    samples_look(t, lines, map, 1, 4, &s);
    return support(&s);
}

double
zone_fit(const struct zone_template *t, const struct page_lines *lines, const struct zone_guess *guess,
         struct zone_map *map)
{
    static const struct step growing[] = {
        { 0.5, 9, 1e12 }, { 0.5, 7, 1e12 }, { 0.6, 6, 1e12 }, { 0.7, 6, 1e3 }, { 0.8, 6, 1 },
        { 0.9, 6, 0 },    { 1.0, 6, 0 },    { 1.0, 5, 0 },    { 1.0, 4, 0 },   { 1.0, 4, 0 },
    };
    /* A form of few rules may have a single one in its middle: there all speak from the beginning. */
    static const struct step whole[] = {
        { 1.0, 9, 1e12 }, { 1.0, 7, 1e12 }, { 1.0, 6, 1e3 }, { 1.0, 6, 1 }, { 1.0, 5, 0 }, { 1.0, 4, 0 },
    };
    /* Strong perspective bends far lines to their neighbours before it is known: it is asked for at once, and what
     * may speak grows in small steps. */
    static const struct step slowly[] = {
        { 0.4, 9, 1e12 },  { 0.4, 7, 1e3 },  { 0.45, 6, 10 }, { 0.5, 6, 1 },  { 0.55, 6, 0.1 }, { 0.6, 5, 0 },
        { 0.65, 5, 0 },    { 0.7, 5, 0 },    { 0.75, 5, 0 },  { 0.8, 5, 0 },  { 0.84, 5, 0 },   { 0.88, 5, 0 },
        { 0.92, 5, 0 },    { 0.96, 5, 0 },   { 1.0, 5, 0 },   { 1.0, 4, 0 },  { 1.0, 4, 0 },
    };
    double share = fit_by(growing, COUNT_OF(growing), t, lines, guess, map), again;
    struct zone_map other;

    if (share >= GOOD)
        return share;
    if (t->rule_count >= ZONE_SPARSE)
        again = fit_by(slowly, COUNT_OF(slowly), t, lines, guess, &other);
    else if (share < POOR)
        again = fit_by(whole, COUNT_OF(whole), t, lines, guess, &other);
    else
        return share;
    if (again <= share)
        return share;
    *map = other;
    return again;
}

double
zone_tells(const struct zone_template *t, const struct page_lines *lines, const struct zone_map *map)
{
    unsigned all = 0, there = 0;

    for (unsigned i = 0; i < t->file->tells_count; i++) {
        const double *a = t->file->tells[i].at;

        for (double x = a[0] + 3; x < a[2] - 3; x += SAMPLE_STEP) {
            double px, py, found;

            zone_map_point(map, x, a[1], &px, &py);
            there += line_nearest(&lines->across, px, py, 3, &found);
            all++;
        }
    }
    return all == 0 ? 1 : (double)there / all;
}
