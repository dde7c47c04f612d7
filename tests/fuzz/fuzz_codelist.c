/* fuzz_codelist.c - official files of codes, and stored lists. */
#include "fuzz.h"

#include "doc/codelist.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct codelist_head head = { .name = "any" };
    struct arena *arena = fuzz_arena();
    struct err err = { .rc = RC_OK };
    struct codelist list;
    struct code_found found;
    struct buffer out;

    if (size < 1) {
        arena_free(arena);
        return 0;
    }
    memset(head.source, '0', CODELIST_SHA - 1);
    buffer_init(&out, FUZZ_ARENA);
    /* what an import wrote can be read, and holds what it says */
    if (codelist_import(bytes_of(data + 1, size - 1), (enum codelist_format)(data[0] & 3), &head, arena, &out,
                        &err) == RC_OK) {
        HOLDS(codelist_read(buffer_bytes(&out), arena, &list) == RC_OK);
        HOLDS(list.head.count == head.count && head.count > 0);
    }
    if (codelist_read(bytes_of(data, size), arena, &list) == RC_OK)
        (void)codelist_find(&list, "A000", &found);
    buffer_done(&out);
    arena_free(arena);
    return 0;
}
