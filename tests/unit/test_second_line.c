/* test_second_line.c - letters that the second reader lost: the ink that is left over tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "second_line.h"

#define PITCH 13
#define MARGIN 14

/* A bar of ink for each printed letter, half a pitch wide or, of an I, a tenth; what was read has its middle half. */
static void
letters_and_ink(void **state)
{
    static const struct {
        const char *printed, *read; /* '_' in read: printed there and not read */
        bool whole;
    } cases[] = {
        { "V03460120", "V03460120", true }, { "V03460120", "V0346012_", false }, { "V03460120", "_03460120", false },
        { "V03460120", "V034_0120", false }, { "AB CD", "AB CD", true },
        /* beside a blank it cannot tell; the count of blots does */
        { "AB CD", "AB _D", true }, { "AB CD", "A_ CD", true },
        { "A", "A", true },         { "AB", "A_", false },                      { "", "", true },
        { "A", "", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        static uint8_t gray[SECOND_HEIGHT * 400];
        struct second_char chars[16];
        struct second_text text = { .chars = chars };
        const size_t n = strlen(cases[i].printed);
        const int width = 2 * MARGIN + (int)n * PITCH;

        memset(gray, 255, sizeof gray);
        memset(chars, 0, sizeof chars);
        for (size_t k = 0; k < n; k++) {
            const int left = MARGIN + (int)k * PITCH;

            for (int y = 6; cases[i].printed[k] != ' ' && y < 26; y++)
                memset(gray + y * width + left + 1, 0, PITCH - 2);
            if (k < strlen(cases[i].read) && cases[i].read[k] != '_')
                chars[text.count++] = (struct second_char){ .c = (uint32_t)cases[i].read[k], .conf = 1,
                                                            .x0 = left + PITCH / 4, .x1 = left + 3 * PITCH / 4 };
        }
        if (second_accounts(&text, gray, width) != cases[i].whole)
            fail_msg("%s read as %s", cases[i].printed, cases[i].read);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(letters_and_ink) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
