/*
 * codes.h - two-dimensional codes in a place that may hold one.
 */
#ifndef STAGES_CODES_H
#define STAGES_CODES_H

#include <allheaders.h>

#include "base/arena.h"
#include "base/rc.h"

#define CODE_BYTES_MAX 4000

/* The pixels of a gray picture, a byte each, row after row; the caller frees them. NULL without memory. */
unsigned char *codes_bytes(PIX *gray);
/*
 * What a code holds, as UTF-8 in the arena: bytes above ASCII are Latin-1 where the code does not say otherwise, and
 * writers of UTF-8 seldom say so; so what is UTF-8 stays.  NULL without memory.
 */
char *codes_text(const unsigned char *bytes, size_t size, struct arena *arena);

/*
 * A Data Matrix (ISO/IEC 16022, ECC 200) in a gray crop: *text in arena as UTF-8, or NULL when there is none that its
 * check words hold for.  What it costs is bounded by pixels and tries, never by a clock: the same crop gives the same.
 */
MUST_USE enum rc codes_matrix(PIX *crop, struct arena *arena, const char **text);

#endif
