/* fuzz_payload.c - the text of a code, and the codec of what it states. */
#include "fuzz.h"

#include "doc/payload.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    char *text = arena_copy(arena, data, size);
    struct witness w, *back = NULL;
    struct buffer b;

    HOLDS(text != NULL);
    (void)!witness_read(bytes_of(data, size), arena, &back);
    if (payload_read(text, arena, &w) == RC_OK) {
        HOLDS(w.count > 0 && w.count <= STATEMENTS_MAX);
        buffer_init(&b, 1 << 20);
        witness_write(&b, &w);
        HOLDS(!b.failed && witness_read(buffer_bytes(&b), arena, &back) == RC_OK && back->count == w.count);
        buffer_done(&b);
    }
    arena_free(arena);
    return 0;
}
