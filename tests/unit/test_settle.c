/* test_settle.c - numbers of fixed forms to which the rule beside the box, or the next box, was read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "doc/form.h"
#include "zone_values.h"
#include "zones.h"

static void
a_rule_is_no_digit(void **state)
{
    static const struct {
        const char *read, *want;
        bool repaired;
    } cases[] = {
        { "1768044490", "768044490", true },
        { "191-0171738", "91-0171738", true },
        { "91-0171738I", "91-0171738", true },
        { "25-9988888 031125", "25-9988888", true },
        { "91-0171738", "91-0171738", false },
        { "4768044490", "4768044490", false }, /* no stroke: which digit is too many is not known */
        { "76804449", "76804449", false },
    };
    struct form_set *forms = NULL;
    struct err err = { .rc = RC_OK };
    struct arena *arena = arena_new(1u << 20);

    (void)state;
    assert_int_equal(forms_load(SOURCE_DIR "/forms", &forms, &err), RC_OK);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct field f = { .name = "fl_05_federal_tax_id", .value = cases[i].read, .text = cases[i].read,
                           .state = FIELD_VALUE, .confidence = 0.9 };
        struct fields out = { .form = "ub04", .fields = &f, .count = 1 };

        assert_int_equal(zones_settle(forms_find(forms, "ub04"), arena, &out, 0), RC_OK);
        assert_string_equal(f.value, cases[i].want);
        assert_int_equal(f.reasons[0] == REASON_REPAIRED, cases[i].repaired);
    }
    arena_free(arena);
    forms_free(forms);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_rule_is_no_digit) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
