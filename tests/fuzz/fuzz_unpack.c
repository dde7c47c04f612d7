/* fuzz_unpack.c - ZIP, TAR and gzip through libarchive and zlib, within the limits. */
#include "fuzz.h"

#include <archive.h>

#include "doc/entry.h"
#include "stages.h"

static enum rc
keep(void *to, enum artifact_kind kind, uint32_t page, struct bytes bytes)
{
    struct arena *arena = to;
    struct entry e;

    (void)page;
    HOLDS(kind == ARTIFACT_ENTRY);
    HOLDS(entry_read(bytes, arena, &e) != RC_INPUT);
    return RC_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct artifact original = { ARTIFACT_ORIGINAL, 0, bytes_of(data, size) };
    struct job job = { .given = { &original, 1 },
                       .arena = arena,
                       .hint = "",
                       .name = "x.gz",
                       .emit = keep,
                       .to = arena };
    struct result result = { VERDICT_PASS, REASON_NONE, 0 };

    (void)!unpack_run(&job, &result);
    arena_free(arena);
    return 0;
}
