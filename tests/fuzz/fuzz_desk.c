/* fuzz_desk.c - questions to the desk and its answers. */
#include "fuzz.h"

#include "base/deskproto.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct desk_answer answer;
    struct desk_ask ask;

    if (size > 1) {
        struct bytes body = bytes_of(data + 1, size - 1);

        (void)!desk_ask_read(data[0] % 24, body, arena, &ask);
        (void)!desk_answer_read((uint16_t)(96 + data[0] % 24), body, arena, &answer);
    }
    arena_free(arena);
    return 0;
}
