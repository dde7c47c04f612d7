/* test_calibration.c - a client's own probabilities, the bounds of what may be wrong, and the lots. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "doc/terms.h"

static struct judged bins[CALIBRATION_BINS];

static struct shift
shift_of(double p, double right, double wrong)
{
    memset(bins, 0, sizeof bins);
    bins[calibration_bin(p)] = (struct judged){ right, wrong, p };
    return calibration_shift(bins);
}

static void
near(double got, double want, double off)
{
    if (!(fabs(got - want) <= off))
        fail_msg("%.6f is not %.6f", got, want);
}

static void
test_as_shipped(void **state)
{
    struct shift none = shift_of(0.9, 0, 0);

    (void)state;
    near(none.mean, 0, 1e-9);
    near(none.low, -1.645, 0.01); /* of a standard normal */
    for (double p = 0; p <= 1.0001; p += 0.01)
        assert_true(calibration_accept(p > 1 ? 1 : p, none) == (p > 1 ? 1 : p));
}

/* Known posteriors, computed apart: mean and 5 % point of exp(-d^2/2) * s(z+d)^right * s(-z-d)^wrong, in steps of
 * 0.0004. */
static void
test_known_values(void **state)
{
    static const struct {
        double p, right, wrong, mean, low;
    } rows[] = {
        { 0.97, 10, 0, 0.3103, -1.1060 },
        { 0.97, 100, 0, 1.1767, 0.0932 },
        { 0.97, 0, 1, -0.9029, -2.4724 },
        { 0.97, 0, 3, -2.2420, -3.5556 },
        { 0.97, 97, 3, 0.0884, -0.7080 },
        { 0.50, 4, 4, 0.0000, -0.9740 },
        { 0.50, 0, 10, -1.7120, -2.8432 },
        { 0.90, 500, 20, 0.9931, 0.6440 },
        { 0.20, 3, 0, 1.4548, 0.1808 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct shift s = shift_of(rows[i].p, rows[i].right, rows[i].wrong);

        near(s.mean, rows[i].mean, 0.005);
        near(s.low, rows[i].low, 0.02);
    }
}

static void
test_monotone(void **state)
{
    static const double counts[] = { 0, 1, 2, 5, 20, 100, 1000 };

    (void)state;
    /* More right never gives less, more wrong never more; and of two values the surer stays the surer. */
    for (int i = 0; i + 1 < 7; i++)
        for (int k = 0; k + 1 < 7; k++) {
            struct shift here = shift_of(0.95, counts[i], counts[k]);

            assert_true(shift_of(0.95, counts[i + 1], counts[k]).mean > here.mean);
            assert_true(shift_of(0.95, counts[i], counts[k + 1]).mean < here.mean);
            assert_true(here.low < here.mean);
            for (double p = 0.01; p < 0.99; p += 0.01) {
                assert_true(calibration_accept(p + 0.01, here) > calibration_accept(p, here));
                assert_true(calibration_accept(p, here) <= calibration_mean(p, here) + 1e-12);
            }
        }
    for (double p = 0; p < 1; p += 0.001)
        assert_true(calibration_bin(p + 0.001) >= calibration_bin(p));
    assert_int_equal(calibration_bin(0), 0);
    assert_int_equal(calibration_bin(1), CALIBRATION_BINS - 1);
}

static void
test_few_open_nothing(void **state)
{
    (void)state;
    /* Twenty good values do not lift 0.94 over 0.96; a thousand do. */
    assert_true(calibration_mean(0.94, shift_of(0.94, 20, 0)) > 0.94);
    assert_true(calibration_accept(0.94, shift_of(0.94, 20, 0)) == 0.94);
    assert_true(calibration_accept(0.94, shift_of(0.94, 1000, 0)) > 0.96);
    /* Corrected again and again: 0.99 is below 0.96 after three, and other bins with it. */
    assert_true(calibration_accept(0.99, shift_of(0.99, 0, 1)) > 0.96);
    assert_true(calibration_accept(0.99, shift_of(0.99, 0, 3)) < 0.96);
    assert_true(calibration_accept(0.995, shift_of(0.90, 0, 8)) < 0.98);
    /* One wrong among many is what was stated. */
    near(calibration_accept(0.99, shift_of(0.99, 99, 1)), 0.99, 0.003);
}

static void
test_bounds(void **state)
{
    (void)state;
    assert_int_equal(calibration_most(0), 0);
    /* Poisson quantiles of 95 %, by table */
    assert_int_equal(calibration_most(0.05), 0);
    assert_int_equal(calibration_most(0.06), 1);
    assert_int_equal(calibration_most(1), 3);
    assert_int_equal(calibration_most(4.5), 8);
    assert_int_equal(calibration_most(10), 15);
    assert_int_equal(calibration_most(100), 117);
    assert_true(calibration_most(499.9) <= calibration_most(500.1));
    for (double m = 0; m < 600; m += 0.7)
        assert_true(calibration_most(m + 0.7) >= calibration_most(m) && calibration_most(m) >= floor(m));
    /* Clopper and Pearson, one-sided 95 % */
    near(calibration_share(0, 0), 1, 0);
    near(calibration_share(0, 59), 0.0495, 0.0005); /* 1 - 0.05^(1/59) */
    near(calibration_share(0, 299), 0.00997, 0.0001);
    near(calibration_share(1, 100), 0.0466, 0.0005);
    near(calibration_share(5, 100), 0.1023, 0.001);
    near(calibration_share(3, 3), 1, 0);
}

static void
test_terms(void **state)
{
    struct arena *arena = arena_new(1u << 20);
    struct term items[2] = { { "invoice", "grand_total", { -1.5, -2 } }, { "invoice", "lines.price", { 0.5, 0.25 } } };
    struct terms t = { .budget = { 0.01, 0.02, 0.005 }, .sample = 0.1, .draw = { 1, 2, 3 }, .items = items, .count = 2 };
    struct terms *got;
    unsigned drawn = 0;
    struct buffer b;

    (void)state;
    buffer_init(&b, 1u << 16);
    terms_write(&b, &t);
    assert_int_equal(terms_read(buffer_bytes(&b), arena, &got), RC_OK);
    assert_true(got->budget[1] == 0.02 && got->sample == 0.1 && got->count == 2);
    assert_true(terms_shift(got, "invoice", "lines.price").low == 0.25);
    assert_true(terms_shift(got, "receipt", "grand_total").mean == 0 && terms_shift(NULL, "a", "b").low == 0);
    for (size_t n = 0; n < b.size; n++)
        assert_int_equal(terms_read(bytes_of(b.data, n), arena, &got), RC_INPUT);
    t.sample = NAN;
    buffer_done(&b);
    buffer_init(&b, 1u << 16);
    terms_write(&b, &t);
    assert_int_equal(terms_read(buffer_bytes(&b), arena, &got), RC_INPUT);
    buffer_done(&b);
    t.sample = 0.1;
    /* The same lot for the same value; one in ten of many documents, fields and rows. */
    for (unsigned d = 0; d < 100; d++)
        for (uint32_t row = 0; row < 10; row++) {
            t.draw[0] = (uint8_t)d;
            drawn += terms_drawn(&t, "grand_total", row);
            assert_int_equal(terms_drawn(&t, "grand_total", row), terms_drawn(&t, "grand_total", row));
            drawn += terms_drawn(&t, "net_total", row);
        }
    assert_in_range(drawn, 150, 250);
    t.sample = 0;
    assert_false(terms_drawn(&t, "grand_total", 0) || terms_drawn(NULL, "a", 0));
    t.sample = 1;
    assert_true(terms_drawn(&t, "grand_total", 7));
    assert_true(terms_name("grand_total") && terms_name("lines.price_2"));
    assert_false(terms_name("") || terms_name("Ana Ruiz") || terms_name("a.b.c") || terms_name("a.") || terms_name(".a"));
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_shipped), cmocka_unit_test(test_known_values), cmocka_unit_test(test_monotone),
        cmocka_unit_test(test_few_open_nothing), cmocka_unit_test(test_bounds), cmocka_unit_test(test_terms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
