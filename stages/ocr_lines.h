/* ocr_lines.h - the lines of print on a page, found by Leptonica and by counting. */
#ifndef STAGES_OCR_LINES_H
#define STAGES_OCR_LINES_H

#include <leptonica/allheaders.h>

#include "base/arena.h"
#include "doc/box.h"

#define LINE_KNOTS 9

struct line_box {
    struct box box;  /* of the marks, in pixels of the page given */
    bool light;      /* light print on a dark ground              */
    float height;    /* of its taller letters; 0: what follows is not known (a box drawn by hand) */
    float up, down;  /* how far its marks reach above and below the base                       */
    float base[LINE_KNOTS]; /* y on which the letters stand, at places evenly spaced from box.x0 to box.x1 */
};

struct line_set {
    struct line_box *lines; /* top to bottom, then left to right */
    uint32_t count;
    uint32_t marks;  /* components that look like characters */
    bool sideways;   /* the print seems to run down the page */
    float height;    /* the usual height of a capital letter, pixels; 0 without print */
};

/*
 * Lines end where the gap is wide (the next column).  The page must be upright and nearly
 * straight.  Everything lives in arena.
 */
MUST_USE enum rc ocr_lines_find(PIX *gray, struct arena *arena, struct line_set *out);

/* The y on which the letters of a line stand at x; beyond its ends, as at them. */
float line_base_at(const struct line_box *line, float x);

#endif
