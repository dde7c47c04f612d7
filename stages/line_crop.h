/*
 * line_crop.h - one printed line as a small upright picture, the way a recogniser wants it.
 *
 * Dark print on white, whatever the page has; a given height; a line that bends with its paper is laid straight.
 * The text band (what lies between the tops of capitals and the ends of descenders) fills the same share of every
 * picture, so that one tall mark or a rule beside the line does not change the size of its letters.
 */
#ifndef STAGES_LINE_CROP_H
#define STAGES_LINE_CROP_H

#include <leptonica/allheaders.h>

#include "base/arena.h"
#include "ocr_lines.h"

#define LINE_MARGIN 0.08f      /* of the band's height, left free above, below and at both ends */
#define LINE_WIDTH_MAX 4096    /* columns; a longer line is squeezed into them                  */

struct line_image {
    uint8_t *pixels;   /* height rows of width bytes, 0 ink .. 255 paper */
    int width, height;
    float x0, scale;   /* column c begins at x0 + c * scale on the page  */
    struct box band;   /* what the picture shows, on the page; may reach over its edge */
};

/*
 * line: where the marks are, in pixels of gray (8 bits).  height: rows wanted, 8..256.  Deterministic; pixels live in
 * arena.  RC_INPUT: the box is empty or wholly off the page.  gray is only read.
 */
MUST_USE enum rc line_crop(PIX *gray, const struct line_box *line, int height, struct arena *arena,
                           struct line_image *out);
/* The same with more of what stands around the line, for training; margin: share of the band's height. */
MUST_USE enum rc line_crop_wide(PIX *gray, const struct line_box *line, int height, float margin, struct arena *arena,
                                struct line_image *out);

#endif
