/* fuzz_fields.c - fields, which come out of a cage that may lie; what is read can be written and read again. */
#include "fuzz.h"

#include "doc/fields.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct fields *f = NULL, *again = NULL;
    struct buffer b;

    if (fields_read(bytes_of(data, size), arena, &f) == RC_OK) {
        buffer_init(&b, FUZZ_ARENA);
        fields_write(&b, f);
        HOLDS(b.failed || fields_read(buffer_bytes(&b), arena, &again) != RC_INPUT);
        buffer_done(&b);
    }
    arena_free(arena);
    return 0;
}
