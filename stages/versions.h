/*
 * versions.h - what makes a result here: program, libraries, models, weights, form and lists of codes.
 *
 * Gathered before the cage shuts, because files are hashed (SHA-256, the first 16 digits are kept).  The same
 * programs and files say the same; so a result can be made again and compared (docs/decisions/0073-replay.md).
 */
#ifndef STAGES_VERSIONS_H
#define STAGES_VERSIONS_H

#include "base/codec.h"
#include "doc/form.h"
#include "doc/provenance.h"
#include "doc/reading.h"

/* Look at everything; to be called after the stages are ready.  Once is enough. */
void versions_ready(void);
/* A part says what it brings: a name, and a value or a file whose hash is its version.  Before the cage. */
void versions_tell(const char *name, const char *value);
void versions_file(const char *name, const char *path);
/* "escriba 0.1.0, tesseract 5.3.0, eng 7d4322bd, reader 0": for page_reading.made_by. */
const char *versions_readers(void);
/* All that made the fields of a document: ours, its form, the lists its form names, and who read its pages. */
MUST_USE enum rc versions_of(const struct form *form, const struct page_reading *const *pages, uint32_t page_count,
                             struct arena *arena, struct fields *out);
/* "name value" lines, forms included: what the host says of itself at start. */
void versions_write_text(struct buffer *b, const struct form_set *forms);

#endif
