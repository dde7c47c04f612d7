/*
 * memory_fit.c - how a remembered layout lies on the page: from pairs of words that may be the same.
 *
 * First the shift and scale that put most words in their places; then, where enough of them
 * agree, least squares over those for slant and narrowing as well: what a photo does to paper.
 */
#include "memory.h"

#include <math.h>

#define CLOSE 90.0       /* units: 1.1 % of the width */
#define LEAST 4          /* words that must agree on shift and scale, */
#define SLANT_LEAST 9    /* and on slant */
#define SLANT_MAX 0.07
#define NARROW_MAX 0.15
#define HYPOTHESES 100   /* words of which two are tried together, */
#define APART 1200.0     /* when they stand so far apart */
#define SCALE_LEAST 0.75

struct memory_fit
memory_fit_same(void)
{
    return (struct memory_fit){ .xx = 1, .yy = 1 };
}

double
memory_fit_x(const struct memory_fit *f, double x, double y)
{
    return f->xx * x + f->xy * y + f->x0;
}

double
memory_fit_y(const struct memory_fit *f, double x, double y)
{
    return f->yx * x + f->yy * y + f->y0;
}

void
memory_fit_apart(const struct memory_fit *f, double dx, double dy, int32_t *mx, int32_t *my)
{
    double det = f->xx * f->yy - f->xy * f->yx;

    *mx = (int32_t)lround((f->yy * dx - f->xy * dy) / det);
    *my = (int32_t)lround((f->xx * dy - f->yx * dx) / det);
}

void
memory_fit_back(const struct memory_fit *f, double x, double y, int32_t *mx, int32_t *my)
{
    memory_fit_apart(f, x - f->x0, y - f->y0, mx, my);
}

static bool
agrees(const struct memory_pair *p, const struct memory_fit *f, double close)
{
    return fabs(memory_fit_x(f, p->mx, p->my) - p->sx) < close && fabs(memory_fit_y(f, p->mx, p->my) - p->sy) < close;
}

static unsigned
inliers(const struct memory_pair *pairs, uint32_t count, const struct memory_fit *f)
{
    unsigned n = 0;

    for (uint32_t i = 0; i < count; i++)
        n += agrees(&pairs[i], f, CLOSE);
    return n;
}

/* Least squares over what fits already: one scale, two shifts. */
static void
refine(const struct memory_pair *pairs, uint32_t count, struct memory_fit *f)
{
    double n = 0, mx = 0, my = 0, sx = 0, sy = 0, up = 0, low = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct memory_pair *p = &pairs[i];

        if (!agrees(p, f, CLOSE))
            continue;
        n++;
        mx += p->mx;
        my += p->my;
        sx += p->sx;
        sy += p->sy;
        up += p->mx * p->sx + p->my * p->sy;
        low += p->mx * p->mx + p->my * p->my;
    }
    if (n < LEAST)
        return;
    up -= (mx * sx + my * sy) / n;
    low -= (mx * mx + my * my) / n;
    if (low <= 0 || up / low < 0.6 || up / low > 1.6)
        return;
    f->xx = f->yy = up / low;
    f->x0 = (sx - f->xx * mx) / n;
    f->y0 = (sy - f->yy * my) / n;
}

static double
det3(const double a[3], const double b[3], const double c[3])
{
    return a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) +
           a[2] * (b[0] * c[1] - b[1] * c[0]);
}

/* The three numbers of a row of the fit, by Cramer's rule; rows of the normal equations are symmetric. */
static bool
solve(const double m[3][3], const double v[3], double out[3])
{
    double all = det3(m[0], m[1], m[2]);

    if (fabs(all) < 1e-9)
        return false;
    out[0] = det3(v, m[1], m[2]) / all;
    out[1] = det3(m[0], v, m[2]) / all;
    out[2] = det3(m[0], m[1], v) / all;
    return true;
}

/* All six numbers over what is within close; kept when it is no caricature and more words agree than before. */
static void
slant(const struct memory_pair *pairs, uint32_t count, double close, struct memory_fit *f)
{
    double m[3][3] = { { 0 } }, vx[3] = { 0 }, vy[3] = { 0 }, x[3], y[3];
    const double unit = MEMORY_UNIT;
    struct memory_fit t;
    unsigned n = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct memory_pair *p = &pairs[i];
        const double row[3] = { p->mx / unit, p->my / unit, 1 };

        if (!agrees(p, f, close))
            continue;
        n++;
        for (int r = 0; r < 3; r++) {
            for (int c = 0; c < 3; c++)
                m[r][c] += row[r] * row[c];
            vx[r] += row[r] * p->sx;
            vy[r] += row[r] * p->sy;
        }
    }
    if (n < SLANT_LEAST || !solve(m, vx, x) || !solve(m, vy, y))
        return;
    t = (struct memory_fit){ x[0] / unit, x[1] / unit, x[2], y[0] / unit, y[1] / unit, y[2] };
    if (fabs(t.xy) > SLANT_MAX || fabs(t.yx) > SLANT_MAX || t.xx < 0.6 || t.xx > 1.6 ||
        fabs(t.yy / t.xx - 1) > NARROW_MAX || inliers(pairs, count, &t) <= inliers(pairs, count, f))
        return;
    *f = t;
}

/*
 * Two words that stand apart say scale and shift across and down, each by itself: a photo taken at a slant, or a
 * fax of another fineness, is narrower one way than the other.
 */
static unsigned
narrowed(const struct memory_pair *pairs, uint32_t count, unsigned most, struct memory_fit *out)
{
    uint32_t some = count < HYPOTHESES ? count : HYPOTHESES;

    for (uint32_t i = 0; i < some; i++)
        for (uint32_t j = i + 1; j < some; j++) {
            const struct memory_pair *p = &pairs[i], *q = &pairs[j];
            double dx = q->mx - p->mx, dy = q->my - p->my;
            struct memory_fit t = { .xx = 0 };
            unsigned n;

            if (fabs(dx) < APART || fabs(dy) < APART)
                continue;
            t.xx = (q->sx - p->sx) / dx;
            t.yy = (q->sy - p->sy) / dy;
            if (t.xx < SCALE_LEAST || t.xx > 1 / SCALE_LEAST || fabs(t.yy / t.xx - 1) > NARROW_MAX)
                continue;
            t.x0 = p->sx - t.xx * p->mx;
            t.y0 = p->sy - t.yy * p->my;
            /* two words always agree with themselves: it takes more to be better than one scale for both */
            if ((n = inliers(pairs, count, &t)) <= most + 1)
                continue;
            most = n - 1;
            *out = t;
        }
    return most;
}

bool
memory_fit_find(const struct memory_pair *pairs, uint32_t count, struct memory_fit *out)
{
    static const double scales[] = { 1, 0.98, 1.02, 0.96, 1.04, 0.93, 1.07, 0.89, 1.12, 0.84, 1.18, 0.79, 1.25 };
    unsigned most = 0;

    *out = memory_fit_same();
    for (size_t s = 0; s < COUNT_OF(scales); s++)
        for (uint32_t i = 0; i < count; i++) {
            struct memory_fit t = { .xx = scales[s], .yy = scales[s] };
            unsigned n;

            t.x0 = pairs[i].sx - pairs[i].mx * scales[s];
            t.y0 = pairs[i].sy - pairs[i].my * scales[s];
            if ((n = inliers(pairs, count, &t)) <= most)
                continue;
            most = n;
            *out = t;
        }
    if (most < LEAST)
        return false;
    refine(pairs, count, out);
    refine(pairs, count, out);
    (void)narrowed(pairs, count, inliers(pairs, count, out), out);
    slant(pairs, count, 3 * CLOSE, out);
    slant(pairs, count, 2 * CLOSE, out);
    slant(pairs, count, CLOSE, out);
    return true;
}
