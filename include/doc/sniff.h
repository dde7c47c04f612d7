/*
 * sniff.h - what a file is, decided once, by its first bytes.
 *
 * Magic numbers at offset 0 win over the "%PDF within the first 1024 bytes" rule: a
 * stored zip that holds a PDF is a zip.  The name is a hint for manifests alone.
 */
#ifndef DOC_SNIFF_H
#define DOC_SNIFF_H

#include "doc/recipe.h"

/* Pure; looks at the first 1024 bytes and the tar header, never allocates. name may be NULL or "". */
enum file_format format_sniff(struct bytes bytes, const char *name);
/* A word from a constant table: "pdf", "tiff", ...; "refused" and "unknown" too. */
const char *format_name(enum file_format format);
/* For FORMAT_REFUSED: which one, "7z", "rar", "webp", ...; "" when it is none of those. */
const char *format_refused_name(struct bytes bytes);
/* ZIP, TAR or GZIP: goes to unpack. */
bool format_is_archive(enum file_format format);
/* PDF, TIFF, PNG or JPEG: goes to decode. */
bool format_is_pages(enum file_format format);
/* The same by the number that a recipe or entry carries. */
bool format_is_known(unsigned format);

/*
 * Is the end of the format there?  Intake waits for it, decode refuses without it.  Formats without
 * an end marker of their own (TIFF, TAR, GZIP, manifests) always are.
 */
bool format_is_ended(enum file_format format, struct bytes bytes);

#endif
