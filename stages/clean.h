/* clean.h - a page made ready for reading: upright, straight, or known to be blank. */
#ifndef STAGES_CLEAN_H
#define STAGES_CLEAN_H

#include <leptonica/allheaders.h>

#include "doc/flat.h"
#include "ocr_lines.h"

struct clean_page {
    PIX *gray;     /* upright and straight; the owner calls clean_done */
    int rotation;  /* what was turned, clockwise: 0 90 180 270        */
    float skew;    /* degrees that were turned on top of it           */
    float ink;     /* share of dark pixels                            */
    bool blank;
    uint32_t width, height; /* of the upright page before straightening */
    struct flat_map back;   /* of a photograph laid flat, or small print made larger: from gray to the upright page, all
                               of the way: skew is no part of it any more */
    struct flat_map flat;   /* and from the upright page to gray                                     */
    struct line_set lines;  /* in pixels of gray                        */
};

/* given stays the caller's.  Lines live in arena. */
MUST_USE enum rc clean_make(PIX *given, struct arena *arena, struct clean_page *out);
/* Turn the page upside down and find its lines again. */
MUST_USE enum rc clean_turn(struct clean_page *page, struct arena *arena);
void clean_done(struct clean_page *page);

/* A box on the straightened page, as it lies on the upright one. */
struct box clean_unskew(const struct clean_page *page, struct box box);

#endif
