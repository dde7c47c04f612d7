/* fuzz_terms.c - what a document step is told of its client: whatever is read is within its bounds, and reads again. */
#include "fuzz.h"

#include "doc/terms.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct terms *t = NULL, *again = NULL;
    struct buffer b;

    if (terms_read(bytes_of(data, size), arena, &t) == RC_OK) {
        for (int i = 0; i < TERMS_BUDGETS; i++)
            HOLDS(t->budget[i] >= 0 && t->budget[i] <= 1);
        for (uint32_t i = 0; i < t->count; i++) {
            double p = calibration_accept(0.9, t->items[i].shift);

            HOLDS(p >= 0 && p <= 1 && p <= calibration_mean(0.9, t->items[i].shift));
        }
        (void)terms_drawn(t, "grand_total", 1);
        buffer_init(&b, FUZZ_ARENA);
        terms_write(&b, t);
        HOLDS(b.failed || terms_read(buffer_bytes(&b), arena, &again) != RC_INPUT);
        buffer_done(&b);
    }
    arena_free(arena);
    return 0;
}
