/*
 * zones_bars.c - where a form lies by its black bars alone.
 *
 * A fax that is set light dissolves every rule into a few dots; what was typed and the bars stay whole.  Each bar is
 * looked for up and down, then to both sides, and those that agree on one plane say how the form lies.
 */
#include <math.h>
#include <string.h>

#include "zone_fit.h"

#define SEARCH 30.0     /* points that a bar is looked for in each direction */
#define STEP 0.5
#define CONTRAST 90     /* of 255: a bar that is looked for stands out so    */
#define BARS_LEAST 5    /* so many of them make a guess                      */
#define ASTRAY 2.5      /* points: farther off the others' line is no bar    */
#define BARS_MOST 64

/* A page turned by rotation, and where the form lies on it. */
struct view {
    PIX *gray;
    int rotation;
    const struct zone_map *map;
};

/* The gray at a point of the form; -1 outside the page. */
static int
gray_at(const struct view *v, double fx, double fy)
{
    int w = pixGetWidth(v->gray), h = pixGetHeight(v->gray);
    double x, y, px, py;

    zone_map_point(v->map, fx, fy, &x, &y);
    px = v->rotation == 0 ? x : v->rotation == 90 ? y : v->rotation == 180 ? w - x : w - y;
    py = v->rotation == 0 ? y : v->rotation == 90 ? h - x : v->rotation == 180 ? h - y : x;
    if (px < 0 || py < 0 || px >= w || py >= h)
        return -1;
    return GET_DATA_BYTE(pixGetData(v->gray) + (size_t)(int)py * (size_t)pixGetWpl(v->gray), (int)px);
}

/* The mean along a line of the form; -1 when most of it is outside. */
static double
mean_along(const struct view *v, double x0, double y0, double x1, double y1)
{
    double sum = 0;
    int n = 0, steps = (int)(fabs(x1 - x0) + fabs(y1 - y0)) + 1;

    for (int i = 0; i <= steps; i++) {
        int g = gray_at(v, x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps);

        sum += g < 0 ? 0 : g;
        n += g >= 0;
    }
    return 2 * n < steps ? -1 : sum / n;
}

/* Three rows inside, because a caption may leave one of them half white; -1 outside. */
static double
mean_inside(const struct view *v, double x0, double y0, double x1, double y1)
{
    double sum = 0;

    for (int k = 0; k < 3; k++) {
        double y = y0 + (y1 - y0) * (0.14 + 0.36 * k), m = mean_along(v, x0, y, x1, y);

        if (m < 0)
            return -1;
        sum += m / 3;
    }
    return sum;
}

/* A bar that was found dx, dy points from where it was looked for. */
struct found {
    double x, y, dx, dy;
};

/* Darker than what lies above and below the middle of a bar; or, sideways, than what lies left and right of it. */
static double
stands_out(const struct view *v, const double at[4], double dx, double dy, bool sideways)
{
    double quarter = sideways ? 0 : (at[2] - at[0]) / 4, x0 = at[0] + dx + quarter, x1 = at[2] + dx - quarter;
    double y0 = at[1] + dy, y1 = at[3] + dy, in = mean_inside(v, x0, y0, x1, y1), a, b;

    a = sideways ? mean_along(v, x0 - 2, y0, x0 - 2, y1) : mean_along(v, x0, y0 - 2, x1, y0 - 2);
    b = sideways ? mean_along(v, x1 + 2, y0, x1 + 2, y1) : mean_along(v, x0, y1 + 2, x1, y1 + 2);
    return in < 0 || a < 0 || b < 0 ? -1 : (a < b ? a : b) - in;
}

static bool
find_bar(const struct view *v, const double at[4], struct found *f)
{
    double best = CONTRAST, beside = CONTRAST;

    *f = (struct found){ (at[0] + at[2]) / 2, (at[1] + at[3]) / 2, 0, 0 };
    for (double d = -SEARCH; d <= SEARCH; d += STEP) {
        double s = stands_out(v, at, 0, d, false);

        if (s > best) {
            best = s;
            f->dy = d;
        }
    }
    for (double d = -SEARCH; best > CONTRAST && d <= SEARCH; d += STEP) {
        double s = stands_out(v, at, d, f->dy, true);

        if (s > beside) {
            beside = s;
            f->dx = d;
        }
    }
    return best > CONTRAST && beside > CONTRAST;
}

/* off = p[0] + p[1] x + p[2] y over the bars kept, in the least squares; false when they lie on a line. */
static bool
plane(const struct found *f, const bool *keep, unsigned count, bool sideways, double p[3])
{
    double m[3][4] = { { 0 } };

    for (unsigned i = 0; i < count; i++) {
        double v[4] = { 1, f[i].x / 100, f[i].y / 100, sideways ? f[i].dx : f[i].dy };

        for (int r = 0; keep[i] && r < 3; r++)
            for (int c = 0; c < 4; c++)
                m[r][c] += v[r] * v[c];
    }
    for (int c = 0; c < 3; c++) {
        if (fabs(m[c][c]) < 1e-6)
            return false;
        for (int r = 0; r < 3; r++) {
            double k = m[r][c] / m[c][c];

            for (int j = c; r != c && j < 4; j++)
                m[r][j] -= k * m[c][j];
        }
    }
    for (int c = 0; c < 3; c++)
        p[c] = m[c][3] / m[c][c] / (c == 0 ? 1 : 100);
    return true;
}

static double
astray(const struct found *f, const double px[3], const double py[3])
{
    double x = f->dx - (px[0] + px[1] * f->x + px[2] * f->y), y = f->dy - (py[0] + py[1] * f->x + py[2] * f->y);

    return fabs(x) > fabs(y) ? fabs(x) : fabs(y);
}

unsigned
zone_bars_guess(const struct zone_template *t, PIX *gray, int rotation, double reduce, struct zone_guess *guess)
{
    struct zone_map map;
    struct view v = { gray, rotation, &map };
    struct found f[BARS_MOST];
    bool keep[BARS_MOST];
    double px[3], py[3];
    unsigned count = 0, kept;

    zone_map_guess(t, guess, reduce, &map);
    for (unsigned i = 0; i < t->file->bar_count && count < BARS_MOST; i++)
        if (find_bar(&v, t->file->bars[i].at, &f[count]))
            keep[count++] = true;
    /* The one that is farthest astray goes, until none is. */
    for (kept = count; kept >= BARS_LEAST; kept--) {
        unsigned worst = count;
        double most = ASTRAY;

        if (!plane(f, keep, count, true, px) || !plane(f, keep, count, false, py))
            return 0;
        for (unsigned i = 0; i < count; i++)
            if (keep[i] && astray(&f[i], px, py) > most) {
                most = astray(&f[i], px, py);
                worst = i;
            }
        if (worst == count)
            break;
        keep[worst] = false;
    }
    if (kept < BARS_LEAST)
        return 0;
    guess->ox += guess->sx * px[0];
    guess->oy += guess->sy * py[0];
    guess->b += guess->sx * px[2] / guess->sy;
    guess->a += guess->sy * py[1] / guess->sx;
    guess->sx *= 1 + px[1];
    guess->sy *= 1 + py[2];
    return kept;
}
