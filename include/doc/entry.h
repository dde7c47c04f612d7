/*
 * entry.h - one file out of an archive, on its way to be a file: ARTIFACT_ENTRY.
 *
 * The name is data: at most ENTRY_NAME_MAX bytes, valid UTF-8, without control characters,
 * its last component only.  It is never joined to a path.
 *
 * Encoded: u8 version, u8 format, text name, then the bytes to the end.
 */
#ifndef DOC_ENTRY_H
#define DOC_ENTRY_H

#include "doc/recipe.h"

#define ENTRY_NAME_MAX 255
#define ENTRIES_MAX 10000
#define ENTRY_BYTES_MAX (512u << 20) /* of all entries of one archive together */
#define ARCHIVE_DEPTH_MAX 2

struct entry {
    enum file_format format; /* by its first bytes; a guess that decode makes again */
    const char *name;
    struct bytes bytes;      /* borrowed */
};

/* What comes before the bytes. */
void entry_head(struct buffer *b, enum file_format format, const char *name);
/* RC_INPUT, RC_NOMEM or RC_OK; the name lives in arena, the bytes stay borrowed. */
MUST_USE enum rc entry_read(struct bytes bytes, struct arena *arena, struct entry *out);
/* A name as an archive gives it, made harmless: last component, no control characters, cut at a
 * character's end.  Never empty: "entry" when nothing is left.  Lives in arena. */
char *entry_name_clean(struct bytes raw, struct arena *arena);

#endif
