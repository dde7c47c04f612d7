/*
 * zone_lines.h - the straight thin dark lines of a page, as points along them.
 */
#ifndef STAGES_ZONE_LINES_H
#define STAGES_ZONE_LINES_H

#include <leptonica/allheaders.h>
#include <stdbool.h>

#include "base/arena.h"

#define LINE_STEP 4 /* a point every so many pixels along a line */

/* Points on lines of one direction; along and across are x and y, or y and x. */
struct line_set {
    float *along, *across; /* sorted by bin of along, then across */
    unsigned count;
    unsigned *start; /* of each bin; bins + 1 entries */
    unsigned bins;
};

/* The page made small (about 100 dots an inch), and its lines. */
struct page_lines {
    int width, height;
    double reduce;         /* page pixels to one of ours */
    struct line_set across, down;
};

MUST_USE enum rc page_lines_find(PIX *gray, struct arena *arena, struct page_lines *out);
/* The same for faint rules on a grainy page: smoothed along each direction, so that grain goes and rules stay. */
MUST_USE enum rc page_lines_find_faint(PIX *gray, struct arena *arena, struct page_lines *out);
/* Is the page so grainy that faint rules are lost in it? */
bool page_is_grainy(PIX *gray);
/* Is it a black-and-white page on which faint rules have become rows of dots? */
bool page_is_broken(PIX *gray);
/* The same page turned clockwise by 90, 180 or 270 degrees; 0 shares the points. */
MUST_USE enum rc page_lines_turn(const struct page_lines *in, int rotation, struct arena *arena,
                                 struct page_lines *out);
/* The nearest point across from (along, across) within gate; false when there is none. */
bool line_nearest(const struct line_set *set, double along, double across, double gate, double *found);

#endif
