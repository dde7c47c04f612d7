/*
 * zones_proof.c - does the template account for what the page shows?
 *
 * A table with many rules bears out the few rules of a small form wherever it is laid, most of all
 * when the map collapses onto one of its lines.  What gives it away are the lines that it leaves
 * over: on a form most lines inside its outline are the form's own.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "zone_fit.h"

#define NEAR 3 /* pixels a point may lie off its rule */

enum { ACROSS = 1, DOWN = 2 };

static void
paint(const struct zone_template *t, const struct zone_map *map, int w, int h, uint8_t *mask)
{
    for (unsigned i = 0; i < t->rule_count; i++) {
        const struct zone_rule *r = &t->rules[i];
        double length = r->across ? r->x1 - r->x0 : r->y1 - r->y0;

        for (double d = -2; d < length + 2; d += 0.6) {
            double x, y;

            zone_map_point(map, r->across ? r->x0 + d : r->x0, r->across ? r->y0 : r->y0 + d, &x, &y);
            for (int n = -NEAR; n <= NEAR; n++) {
                int px = (int)floor(x) + (r->across ? 0 : n), py = (int)floor(y) + (r->across ? n : 0);

                if (px >= 0 && py >= 0 && px < w && py < h)
                    mask[(size_t)py * (size_t)w + (size_t)px] |= r->across ? ACROSS : DOWN;
            }
        }
    }
}

/* Is the point inside the form's outline, whose corners go around clockwise?  Never when it is folded. */
static bool
inside(const double corner[4][2], double x, double y)
{
    for (int i = 0; i < 4; i++) {
        const double *a = corner[i], *b = corner[(i + 1) % 4];

        if ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) < 0)
            return false;
    }
    return true;
}

static double
explained(const struct line_set *set, uint8_t bit, const double corner[4][2], int w, int h, const uint8_t *mask)
{
    unsigned all = 0, ours = 0;

    for (unsigned i = 0; i < set->count; i++) {
        double x = bit == ACROSS ? set->along[i] : set->across[i];
        double y = bit == ACROSS ? set->across[i] : set->along[i];

        if (x < 0 || y < 0 || x >= w || y >= h || !inside(corner, x, y))
            continue;
        all++;
        ours += (mask[(size_t)y * (size_t)w + (size_t)x] & bit) != 0;
    }
    return all == 0 ? 0 : (double)ours / all;
}

enum rc
zone_proof(const struct zone_template *t, const struct page_lines *lines, const struct zone_map *map,
           double *share)
{
    double corner[4][2], a, d;
    uint8_t *mask = calloc((size_t)lines->width, (size_t)lines->height);

    if (mask == NULL)
        return RC_NOMEM;
    zone_map_point(map, t->left - 2, t->top - 2, &corner[0][0], &corner[0][1]);
    zone_map_point(map, t->right + 2, t->top - 2, &corner[1][0], &corner[1][1]);
    zone_map_point(map, t->right + 2, t->bottom + 2, &corner[2][0], &corner[2][1]);
    zone_map_point(map, t->left - 2, t->bottom + 2, &corner[3][0], &corner[3][1]);
    paint(t, map, lines->width, lines->height, mask);
    a = explained(&lines->across, ACROSS, corner, lines->width, lines->height, mask);
    d = explained(&lines->down, DOWN, corner, lines->width, lines->height, mask);
    *share = a < d ? a : d;
    free(mask);
    return RC_OK;
}
