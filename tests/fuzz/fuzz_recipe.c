/* fuzz_recipe.c - recipes, which come out of a cage that may lie. */
#include "fuzz.h"

#include "doc/recipe.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct recipe *r = NULL;

    if (recipe_read(bytes_of(data, size), arena, &r) == RC_OK)
        for (uint32_t i = 0; i < r->count; i++)
            HOLDS((uint64_t)r->pages[i].width * r->pages[i].height <= PIXELS_MAX &&
                  r->pages[i].dpi > 0);
    arena_free(arena);
    return 0;
}
