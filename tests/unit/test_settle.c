/* test_settle.c - numbers of fixed forms to which the rule beside the box, or the next box, was read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "doc/form.h"
#include "doc/provenance.h"
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

/* Three rows of a UB-04 and their total; one of the four is read wrong, or two. */
struct rows {
    const char *charges[3], *total;
    double conf[3], total_conf;
    const char *other;      /* what the second row's other reading gave, or NULL */
    const char *charge, *sum; /* the second row's charge and the total afterwards  */
    bool repaired;
};

static void
rows_add_up(void **state)
{
    static const struct rows cases[] = {
        /* holds: nothing is touched, whatever the other reading says */
        { { "120.00", "53.10", "7.25" }, "180.35", { .99, .6, .99 }, .99, "58.10", "53.10", "180.35", false },
        /* the other reading makes it hold */
        { { "120.00", "53.10", "7.25" }, "185.35", { .99, .99, .99 }, .99, "58.10", "58.10", "185.35", true },
        /* the worst one, a digit of like looks */
        { { "120.00", "53.10", "7.25" }, "185.35", { .99, .6, .99 }, .99, NULL, "58.10", "185.35", true },
        { { "120.00", "58.10", "7.25" }, "135.35", { .99, .99, .99 }, .7, NULL, "58.10", "185.35", true },
        /* the rule beside the box read as its first digit */
        { { "120.00", "158.10", "7.25" }, "185.35", { .99, .6, .99 }, .99, NULL, "58.10", "185.35", true },
        /* read well, and yet no other amount can make it hold */
        { { "120.00", "53.10", "7.25" }, "185.35", { .99, .99, .99 }, .99, NULL, "58.10", "185.35", true },
        /* two amounts can, and neither was read worse: nobody knows which; or one of them was */
        { { "53.10", "53.10", "7.25" }, "118.45", { .99, .99, .99 }, .99, NULL, "53.10", "118.45", false },
        { { "53.10", "53.10", "7.25" }, "118.45", { .99, .8, .99 }, .99, NULL, "58.10", "118.45", true },
        /* no digit of like looks makes it hold */
        { { "120.00", "53.10", "7.25" }, "181.35", { .99, .6, .99 }, .99, NULL, "53.10", "181.35", false },
        /* could not be read as an amount; the other reading could */
        { { "120.00", "", "7.25" }, "185.35", { .99, .3, .99 }, .99, "58.10", "58.10", "185.35", true },
        { { "120.00", "", "7.25" }, "185.35", { .99, .3, .99 }, .99, "58.11", "", "185.35", false },
        /* the point was lost */
        { { "120.00", "5810.00", "7.25" }, "185.35", { .99, .6, .99 }, .99, NULL, "58.10", "185.35", true },
    };
    struct form_set *forms = NULL;
    struct err err = { .rc = RC_OK };

    (void)state;
    assert_int_equal(forms_load(SOURCE_DIR "/forms", &forms, &err), RC_OK);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct rows *c = &cases[i];
        struct arena *arena = arena_new(1u << 20);
        struct field total = { .name = "fl_47_total_charges", .value = c->total, .text = c->total, .state = FIELD_VALUE,
                               .confidence = c->total_conf };
        struct field cells[3];
        struct field_row rows[3];
        struct fields out = { .form = "ub04", .fields = &total, .count = 1, .rows = rows, .row_count = 3 };
        const struct field *changed;

        for (int r = 0; r < 3; r++) {
            const char *text = strcmp(c->charges[r], "5810.00") == 0 ? "58 10" : c->charges[r];

            cells[r] = (struct field){ .name = "total_charges", .value = c->charges[r], .text = text,
                                       .state = c->charges[r][0] != '\0' ? FIELD_VALUE : FIELD_UNREADABLE,
                                       .confidence = c->conf[r] };
            rows[r] = (struct field_row){ .cells = &cells[r], .count = 1 };
        }
        if (c->other != NULL)
            provenance_alternative(&cells[1], arena, c->other, c->other, 0.5);
        assert_int_equal(zones_sums(forms_find(forms, "ub04"), arena, &out), RC_OK);
        assert_string_equal(cells[1].value, c->charge);
        assert_string_equal(total.value, c->sum);
        assert_string_equal(cells[0].value, c->charges[0]);
        changed = strcmp(c->total, c->sum) != 0 ? &total : &cells[1];
        assert_int_equal(changed->reasons[0] == REASON_REPAIRED, c->repaired);
        if (c->repaired) {
            assert_true(changed->confidence <= 0.9);
            assert_int_equal(changed->story->fired[0].how, FIRED_REPAIRED);
            assert_string_equal(changed->story->fired[0].rule, "equation:total");
        }
        arena_free(arena);
    }
    forms_free(forms);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_rule_is_no_digit), cmocka_unit_test(rows_add_up) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
