/*
 * strike.h - was something printed crossed out?
 *
 * A stroke of a pen, or of a drawing program, through a value says that it does not hold, and both readers read
 * through it as if it were not there.  A rule of a table or an underline is none: a strike has print above and below
 * it, and ends about where the print ends.
 */
#ifndef STAGES_STRIKE_H
#define STAGES_STRIKE_H

#include <leptonica/allheaders.h>

#include "ocr_lines.h"

/*
 * gray: 8 bits, dark print on light ground; line: where print stands, in its pixels (height 0: only the box is known).
 * True, with *out: the part that is crossed out.  Only the longest stroke of a line is told.
 */
bool strike_find(PIX *gray, const struct line_box *line, struct box *out);

#define STRIKES_MOST 500 /* of a page; a page with more is a drawing */

#endif
