/*
 * manifest.h - what a client says a batch holds: ARTIFACT_MANIFEST.
 *
 * From manifest.csv (header row; comma or semicolon; columns file, pages, sha256 in any order,
 * case ignored, also name/filename/fichero and paginas) or manifest.json ([{"file":...}], or
 * {"files":[...]}).
 */
#ifndef DOC_MANIFEST_H
#define DOC_MANIFEST_H

#include "base/codec.h"

#define MANIFEST_ENTRIES_MAX 100000
#define MANIFEST_NAME_MAX 1024

struct manifest_entry {
    const char *name;
    int32_t pages;        /* -1: not said */
    bool has_sha256;
    uint8_t sha256[32];
};

struct manifest {
    struct manifest_entry *entries;
    uint32_t count;
};

void manifest_write(struct buffer *b, const struct manifest *manifest);
/* RC_INPUT, RC_LIMIT, RC_NOMEM or RC_OK; *out lives in arena. */
MUST_USE enum rc manifest_read(struct bytes bytes, struct arena *arena, struct manifest **out);

#endif
