/*
 * flat.c - projective maps of a page, as 3 by 3 matrices whose last number is 1.
 */
#include "doc/flat.h"

#include <math.h>

#define LEAST 1e-9
#define FAR 1e6 /* no coordinate is larger: reading.c */

static void
matrix_of(const struct flat_map *map, double m[9])
{
    for (int i = 0; i < 8; i++)
        m[i] = map->on ? map->p[i] : i % 4 == 0;
    m[8] = 1;
}

static struct flat_map
map_of(const double m[9])
{
    struct flat_map map = { .on = fabs(m[8]) > LEAST };

    for (int i = 0; i < 8 && map.on; i++) {
        map.p[i] = m[i] / m[8];
        if (!isfinite(map.p[i]))
            return (struct flat_map){ .on = false };
    }
    return map;
}

void
flat_point(const struct flat_map *map, double x, double y, double *px, double *py)
{
    const double *p = map->p;
    double w = p[6] * x + p[7] * y + 1, u, v;

    *px = x;
    *py = y;
    if (!map->on || !(fabs(w) > LEAST))
        return;
    u = (p[0] * x + p[1] * y + p[2]) / w;
    v = (p[3] * x + p[4] * y + p[5]) / w;
    if (!(fabs(u) < FAR) || !(fabs(v) < FAR))
        return;
    *px = u;
    *py = v;
}

/* How far apart the map puts two points. */
static double
apart(const struct flat_map *map, double x0, double y0, double x1, double y1)
{
    double ax, ay, bx, by;

    flat_point(map, x0, y0, &ax, &ay);
    flat_point(map, x1, y1, &bx, &by);
    return hypot(bx - ax, by - ay);
}

struct box
flat_box(const struct flat_map *map, struct box box)
{
    double x = (box.x0 + (double)box.x1) / 2, y = (box.y0 + (double)box.y1) / 2, nx, ny, w, h;

    if (!map->on)
        return box;
    w = apart(map, box.x0, y, box.x1, y) / 2;
    h = apart(map, x, box.y0, x, box.y1) / 2;
    flat_point(map, x, y, &nx, &ny);
    if (w > FAR / 4 || h > FAR / 4)
        return box;
    return (struct box){ (int32_t)lround(nx - w), (int32_t)lround(ny - h), (int32_t)lround(nx + w),
                         (int32_t)lround(ny + h) };
}

bool
flat_invert(const struct flat_map *map, struct flat_map *out)
{
    double m[9], r[9], size;

    matrix_of(map, m);
    r[0] = m[4] * m[8] - m[5] * m[7];
    r[1] = m[2] * m[7] - m[1] * m[8];
    r[2] = m[1] * m[5] - m[2] * m[4];
    r[3] = m[5] * m[6] - m[3] * m[8];
    r[4] = m[0] * m[8] - m[2] * m[6];
    r[5] = m[2] * m[3] - m[0] * m[5];
    r[6] = m[3] * m[7] - m[4] * m[6];
    r[7] = m[1] * m[6] - m[0] * m[7];
    r[8] = m[0] * m[4] - m[1] * m[3];
    size = m[0] * r[0] + m[1] * r[3] + m[2] * r[6];
    *out = (struct flat_map){ .on = false };
    if (fabs(size) > LEAST && isfinite(size))
        *out = map_of(r);
    return out->on;
}

struct flat_map
flat_join(const struct flat_map *first, const struct flat_map *second)
{
    double a[9], b[9], m[9] = { 0 };

    matrix_of(first, a);
    matrix_of(second, b);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                m[3 * i + j] += b[3 * i + k] * a[3 * k + j];
    return map_of(m);
}
