/* fuzz.h - what every fuzzer shares: an arena a run, small so that a few bytes cannot earn much memory. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"

#define FUZZ_ARENA (16u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline struct arena *
fuzz_arena(void)
{
    struct arena *arena = arena_new(FUZZ_ARENA);

    if (arena == NULL)
        abort();
    return arena;
}

/* A claim that must hold for every input. */
#define HOLDS(x)                                                                                                   \
    do {                                                                                                           \
        if (!(x))                                                                                                  \
            abort();                                                                                               \
    } while (0)

#endif
