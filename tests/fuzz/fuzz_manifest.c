/* fuzz_manifest.c - manifests: the codec, CSV and JSON. */
#include "fuzz.h"

#include "doc/manifest.h"
#include "stages.h"

static enum rc
keep(void *to, enum artifact_kind kind, uint32_t page, struct bytes bytes)
{
    struct manifest *m = NULL;
    struct arena *arena = to;

    (void)page;
    HOLDS(kind == ARTIFACT_MANIFEST);
    HOLDS(manifest_read(bytes, arena, &m) != RC_INPUT);
    return RC_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct artifact original = { ARTIFACT_ORIGINAL, 0, bytes_of(data, size) };
    struct job job = {
        .given = { &original, 1 }, .arena = arena, .hint = "", .name = "", .emit = keep, .to = arena
    };
    struct result result = { VERDICT_PASS, REASON_NONE, 0 };
    struct manifest *m = NULL;

    (void)!manifest_read(bytes_of(data, size), arena, &m);
    HOLDS(manifest_run(&job, &result) != RC_INPUT);
    arena_free(arena);
    return 0;
}
