/* read.h - what the parts of the read stage share. */
#ifndef STAGES_READ_H
#define STAGES_READ_H

#include <leptonica/allheaders.h>

#include "doc/form.h"
#include "doc/reading.h"

/*
 * Read a whole page: every line of print.  gray: 8 bits, resolution set.  hint: a form's
 * name or "".  form may be NULL.  Everything in *out lives in arena.
 */
MUST_USE enum rc read_page(PIX *gray, const struct form *form, struct arena *arena,
                           struct page_reading *out);

/* "page k of n", how surely a page begins a document: from the words. */
void read_facts(struct page_reading *reading, struct arena *arena);

/*
 * Bar and two-dimensional codes, where a cheap look says there may be one; fills codes and,
 * for our separator sheets, facts.kind.
 */
MUST_USE enum rc codes_read(PIX *gray, struct arena *arena, struct page_reading *out);

#endif
