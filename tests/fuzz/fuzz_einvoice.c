/* fuzz_einvoice.c - XML of strangers: the tree, the four kinds of invoice, the stage. */
#include "fuzz.h"

#include "einvoice.h"
#include "stages.h"

static enum rc
keep(void *to, enum artifact_kind kind, uint32_t page, struct bytes bytes)
{
    struct witness *w = NULL;

    HOLDS(kind == ARTIFACT_WITNESS && page == 0);
    HOLDS(witness_read(bytes, to, &w) == RC_OK && w->source == WITNESS_EINVOICE && w->count > 0);
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

    HOLDS(einvoice_run(&job, &result) != RC_INPUT);
    arena_free(arena);
    return 0;
}
