/* fuzz_reading.c - readings, which come out of a cage that may lie; what is read can be written and read again. */
#include "fuzz.h"

#include "doc/reading.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct page_reading *r = NULL, *again = NULL;
    struct buffer b;

    if (reading_read(bytes_of(data, size), arena, &r) == RC_OK) {
        for (uint32_t i = 0; i < r->word_count; i++) {
            struct box box = flat_box(&r->flat, r->words[i].box);

            HOLDS(box.x0 >= -2000000 && box.x1 <= 2000000 && box.y0 >= -2000000 && box.y1 <= 2000000);
        }
        buffer_init(&b, FUZZ_ARENA);
        reading_write(&b, r);
        HOLDS(b.failed || reading_read(buffer_bytes(&b), arena, &again) != RC_INPUT);
        buffer_done(&b);
    }
    arena_free(arena);
    return 0;
}
