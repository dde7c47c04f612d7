/* fuzz_heads.c - heads of PNG, JPEG and TIFF: what passes keeps within the limits. */
#include "fuzz.h"

#include "doc/recipe.h"
#include "image_head.h"

static void
judge(enum rc rc, enum reason why, const struct image_head *head)
{
    for (uint32_t i = 0; rc == RC_OK && why == REASON_NONE && i < head->count; i++)
        HOLDS(head->frames[i].width > 0 && head->frames[i].width <= SIDE_MAX &&
              (uint64_t)head->frames[i].width * head->frames[i].height <= PIXELS_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct bytes b = bytes_of(data, size);
    struct image_head head = { NULL, 0 };
    enum reason why = REASON_NONE;
    uint32_t detail = 0;

    judge(png_head(b, arena, &head, &why, &detail), why, &head);
    judge(jpeg_head(b, arena, &head, &why, &detail), why, &head);
    judge(tiff_head(b, arena, &head, &why, &detail), why, &head);
    (void)exif_orientation(b);
    arena_free(arena);
    return 0;
}
