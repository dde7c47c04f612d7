/* fuzz_image.c - images through our heads and then Leptonica, as pixels_get does it. */
#include "fuzz.h"

#include "pixels.h"
#include "stages.h"

struct kept {
    struct arena *arena;
    struct bytes recipe;
};

static enum rc
keep(void *to, enum artifact_kind kind, uint32_t page, struct bytes bytes)
{
    struct kept *k = to;

    (void)page;
    HOLDS(kind == ARTIFACT_RECIPE);
    k->recipe = bytes_of(arena_copy(k->arena, bytes.data, bytes.size), bytes.size);
    return RC_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kept kept = { fuzz_arena(), { NULL, 0 } };
    struct artifact given[2] = { { ARTIFACT_ORIGINAL, 0, bytes_of(data, size) },
                                 { ARTIFACT_RECIPE, 0, { NULL, 0 } } };
    struct job job = { .given = { given, 1 },
                       .arena = kept.arena,
                       .hint = "",
                       .name = "",
                       .emit = keep,
                       .to = &kept };
    struct result result = { VERDICT_PASS, REASON_NONE, 0 };
    struct recipe_page page;
    PIX *pix = NULL;

    setMsgSeverity(L_SEVERITY_NONE);
    /* libqpdf has fuzzers of its own: here only images */
    if (size > 4 && memmem(data, size < 1100 ? size : 1100, "%PDF", 4) == NULL &&
        decode_run(&job, &result) == RC_OK && kept.recipe.data != NULL) {
        given[1].bytes = kept.recipe;
        job.given.count = 2;
        HOLDS(pixels_recipe(&job, &result, &page) == RC_OK);
        if ((uint64_t)page.width * page.height < 1u << 20 &&
            pixels_get(&job, &result, &pix) == RC_OK && pix != NULL)
            HOLDS(pixGetDepth(pix) == 8 && (uint32_t)pixGetWidth(pix) == page.width);
        pixDestroy(&pix);
    }
    arena_free(kept.arena);
    return 0;
}
