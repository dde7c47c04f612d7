/*
 * learn.h - a form's geometry found on a blank page, and its zones on a marked one.
 */
#ifndef STAGES_LEARN_H
#define STAGES_LEARN_H

#include <leptonica/allheaders.h>

#include "doc/learned.h"
#include "zone_template.h"

#define LEARN_SCALE 2.78 /* pixels to a point of the flat pictures: 200 dpi */

/*
 * The rules, captions and colour of a blank page (8 bits gray or 32 bits colour, its resolution
 * set).  *flat: the page laid straight, at LEARN_SCALE, in the same colours; the caller destroys it.
 * RC_INPUT when it is no page of a form.
 */
MUST_USE enum rc learn_blank(PIX *page, struct arena *arena, struct learned *out, PIX **flat);

/* What was learnt of the blank, as a template to register a page by; borrows nothing of l. */
MUST_USE enum rc learn_template(const struct learned *l, struct arena *arena, struct zone_template *out,
                                struct zone_file *file);

/*
 * The coloured boxes of a marked page that lies on the blank at LEARN_SCALE, both 32 bits; adds
 * the zones in reading order, with the names typed in them.  Zero zones: nothing was marked.
 */
MUST_USE enum rc learn_boxes(PIX *blank, PIX *marked, struct arena *arena, struct learned *out);

#endif
