/* fuzz_value.c - printed text to amounts, dates and check digits. */
#include "fuzz.h"

#include "doc/checkdigit.h"
#include "doc/value.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    char *text = arena_copy(arena, data, size);
    struct amount amounts[2];
    struct date_hit dates[8];
    unsigned n;

    HOLDS(text != NULL);
    n = money_readings(text, 0, amounts);
    HOLDS(n <= 2);
    for (unsigned i = 0; i < n; i++)
        HOLDS(amounts[i].minor <= AMOUNT_MAX && amounts[i].minor >= -AMOUNT_MAX &&
              money_print(arena, amounts[i].minor) != NULL);
    n = dates_find(text, dates, COUNT_OF(dates));
    HOLDS(n <= COUNT_OF(dates));
    for (unsigned i = 0; i < n; i++)
        HOLDS(dates[i].start <= dates[i].end && dates[i].end <= strlen(text));
    for (unsigned i = 0; checkdigit_at(i) != NULL; i++)
        (void)checkdigit_check(checkdigit_at(i)->name, text);
    arena_free(arena);
    return 0;
}
