/*
 * clean_flat.h - the perspective of a page that was photographed by hand, and the page without it.
 *
 * Lines that are parallel on paper meet in one point of a photograph: print, and the top and bottom of the sheet, in
 * one, its left and right edge in another.  The two points give the map; at the middle of the page no size changes.
 */
#ifndef STAGES_CLEAN_FLAT_H
#define STAGES_CLEAN_FLAT_H

#include <leptonica/allheaders.h>

#include "base/rc.h"
#include "doc/flat.h"
#include "ocr_lines.h"

struct clean_flat {
    struct flat_map back;   /* from the flat page to the upright one; off: leave the page as it is */
    struct flat_map to;     /* the other way                                                       */
    int width, height;      /* of the flat page                                                    */
};

enum clean_side { SIDE_LEFT, SIDE_RIGHT, SIDE_TOP, SIDE_BOTTOM, SIDES };

/*
 * An edge of the sheet.  Left and right: its x at half the height, from the middle of the page, and how much x grows
 * with a row.  Top and bottom: its y at half the width, from the middle, and how much y grows with a column.
 */
struct clean_edge {
    bool found;
    bool clear; /* and no print lies beyond it, so that it may be cut off */
    double place, tilt;
};

/* slope: that of the print; edges lie nearly along it and square to it.  RC_NOMEM. */
MUST_USE enum rc clean_edges_find(PIX *upright, double slope, struct arena *arena, struct clean_edge edges[SIDES]);

/*
 * Does the upright page lie in perspective?  lines were found after it was turned by skew degrees round its middle.
 * plan->back.on is false when it does not, or when that is not sure.  RC_NOMEM.
 */
MUST_USE enum rc clean_flat_plan(PIX *upright, const struct line_set *lines, float skew, struct arena *arena,
                           struct clean_flat *plan);

/* The flat page; where the photograph ends its rim goes on.  The caller destroys it.  NULL: no memory. */
PIX *clean_flat_lay(PIX *upright, const struct clean_flat *plan);

/* The page twice as large; the caller destroys it.  arena holds a row.  NULL: no memory, or not 8 bits deep. */
PIX *clean_twice(PIX *gray, struct arena *arena);

#endif
