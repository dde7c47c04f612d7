/* unpack.h - what the parts of unpacking share: the limits of one archive. */
#ifndef STAGES_UNPACK_H
#define STAGES_UNPACK_H

#include "doc/entry.h"
#include "stage.h"

#define RATIO_MAX 200
#define RATIO_FREE (64u << 20) /* up to here any ratio goes: blank pages do compress */

/* May an archive of packed bytes give total bytes? REASON_NONE, or the limit that it meets. */
enum reason unpack_limit(uint64_t total, uint64_t packed, uint32_t *detail);

/* The whole of a gzip stream (all members), within the limits. The caller frees with buffer_done. */
MUST_USE enum rc gunzip(struct bytes packed, struct buffer *out, enum reason *why,
                        uint32_t *detail);

#endif
