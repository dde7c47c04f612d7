/*
 * codes.h - two-dimensional codes in a place that may hold one.
 */
#ifndef STAGES_CODES_H
#define STAGES_CODES_H

#include <allheaders.h>

#include "base/arena.h"
#include "base/rc.h"

#define CODE_BYTES_MAX 4000

/*
 * A Data Matrix (ISO/IEC 16022, ECC 200) in a gray crop: *text in arena as UTF-8, or NULL when there is none that its
 * check words hold for.  What it costs is bounded by pixels and tries, never by a clock: the same crop gives the same.
 */
MUST_USE enum rc codes_matrix(PIX *crop, struct arena *arena, const char **text);

#endif
