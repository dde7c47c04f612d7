/*
 * test_confidence.c - probabilities of values: monotone, honest at their ends, and what never passes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extract_score.h"

#define CRITICAL 0.96 /* what validate wants of a critical field */
#define STEPS 20

static const enum value_type types[] = { VALUE_TEXT, VALUE_NAME, VALUE_ADDRESS, VALUE_ID, VALUE_DATE,
                                         VALUE_MONEY, VALUE_NUMBER, VALUE_PERCENT, VALUE_CODE, VALUE_MARK };

/* A value as on a clean page: beside its own label, well read, without a rival. */
static void
clean(double row[FEATURE_COUNT])
{
    memset(row, 0, FEATURE_COUNT * sizeof *row);
    row[FEATURE_SCORE] = 1;
    row[FEATURE_MARGIN] = 0.8;
    row[FEATURE_CONF_MEAN] = row[FEATURE_CONF_MIN] = 0.96;
    row[FEATURE_LABEL_EXACT] = row[FEATURE_NEAR_LABEL] = row[FEATURE_PARTY_LABEL] = 1;
    row[FEATURE_PAGE_CONF] = 0.95;
    row[FEATURE_CLEAN_PAGE] = 1;
    row[FEATURE_WORDS] = 1.0 / 6;
    row[FEATURE_LENGTH] = 0.25;
    row[FEATURE_HIGH] = 0.5;
    row[FEATURE_TITLED] = 0.6;
    row[FEATURE_LABELLED] = 0.7;
    row[FEATURE_FILLED] = row[FEATURE_PROVED] = row[FEATURE_AGREES] = 1;
}

static double
weigh(enum value_type type, const double row[FEATURE_COUNT])
{
    char name[] = "a_field";
    struct form_field field = { .name = name, .type = type };

    return extract_weigh("a_form", &field, row);
}

static void
always_a_probability(void **state)
{
    uint32_t seed = 12345;

    (void)state;
    for (size_t t = 0; t < COUNT_OF(types); t++)
        for (int n = 0; n < 2000; n++) {
            double row[FEATURE_COUNT], p;

            for (unsigned i = 0; i < FEATURE_COUNT; i++) {
                seed = seed * 1664525u + 1013904223u;
                row[i] = (double)(seed >> 8) / (1u << 24) * 2 - 0.5;
            }
            p = weigh(types[t], row);
            assert_true(p >= 0 && p <= 1);
        }
}

static void
rises_with(enum feature a, enum feature b)
{
    for (size_t t = 0; t < COUNT_OF(types); t++) {
        double row[FEATURE_COUNT], last = -1;

        clean(row);
        for (int i = 0; i <= STEPS; i++) {
            double p;

            row[a] = row[b] = (double)i / STEPS;
            p = weigh(types[t], row);
            assert_true(p >= last);
            last = p;
        }
    }
}

static void
more_confidence_is_never_less(void **state)
{
    (void)state;
    rises_with(FEATURE_CONF_MEAN, FEATURE_CONF_MIN);
}

static void
more_score_is_never_less(void **state)
{
    (void)state;
    rises_with(FEATURE_SCORE, FEATURE_MARGIN);
}

static void
clean_and_proved_values_pass(void **state)
{
    double row[FEATURE_COUNT];

    (void)state;
    clean(row);
    row[FEATURE_CLOSED] = row[FEATURE_ADDS_UP] = 1;
    row[FEATURE_PROOFS] = 2.0 / 3;
    row[FEATURE_SURE_PROOF] = 0.96;
    assert_true(weigh(VALUE_MONEY, row) >= CRITICAL);
    clean(row);
    row[FEATURE_CHECKED] = row[FEATURE_PATTERN] = 1;
    row[FEATURE_SURE_CHECK] = 0.96;
    assert_true(weigh(VALUE_ID, row) >= CRITICAL);
}

/* The same, badly read or without its label, waits for a person. */
static void
doubtful_values_wait(void **state)
{
    double row[FEATURE_COUNT];

    (void)state;
    for (size_t t = 0; t < COUNT_OF(types); t++) {
        memset(row, 0, sizeof row);
        row[FEATURE_SCORE] = 0.4;
        row[FEATURE_MARGIN] = 0.02;
        row[FEATURE_CONF_MEAN] = row[FEATURE_CONF_MIN] = 0.4;
        row[FEATURE_PAGE_CONF] = 0.6;
        row[FEATURE_PAGE_WEAK] = 0.5;
        row[FEATURE_UNSURE] = row[FEATURE_RIVALS] = row[FEATURE_COARSE] = 1;
        if (weigh(types[t], row) >= CRITICAL)
            fail_msg("type %u: %.3f", (unsigned)types[t], weigh(types[t], row));
    }
}

static void
broken_values_never_pass(void **state)
{
    static const enum feature broken[] = { FEATURE_BROKEN, FEATURE_CHECK_FAILED, FEATURE_BESIDE, FEATURE_BARE,
                                           FEATURE_ODD, FEATURE_LOOKALIKE };

    (void)state;
    for (size_t t = 0; t < COUNT_OF(types); t++)
        for (size_t b = 0; b < COUNT_OF(broken); b++) {
            double row[FEATURE_COUNT];

            clean(row);
            row[FEATURE_SCORE] = 1.5;
            row[FEATURE_MARGIN] = row[FEATURE_CONF_MEAN] = row[FEATURE_CONF_MIN] = 1;
            row[FEATURE_CLOSED] = row[FEATURE_CHECKED] = row[FEATURE_REPEATED] = row[FEATURE_PROOFS] = 1;
            row[FEATURE_SURE_PROOF] = row[FEATURE_SURE_CHECK] = row[FEATURE_ADDS_UP] = 1;
            row[broken[b]] = 1;
            assert_true(weigh(types[t], row) <= 0.8);
        }
}

static void
every_feature_has_its_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FEATURE_COUNT; i++) {
        assert_non_null(extract_feature_names[i]);
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(extract_feature_names[i], extract_feature_names[k]);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(always_a_probability),
        cmocka_unit_test(more_confidence_is_never_less),
        cmocka_unit_test(more_score_is_never_less),
        cmocka_unit_test(clean_and_proved_values_pass),
        cmocka_unit_test(doubtful_values_wait),
        cmocka_unit_test(broken_values_never_pass),
        cmocka_unit_test(every_feature_has_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
