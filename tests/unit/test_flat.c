/*
 * test_flat.c - maps of photographed pages: there, back, one after the other, and what no map may do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>

#include "doc/flat.h"

static const struct flat_map tilted = { true, { 1.04, 0.06, -31, -0.09, 0.97, 12, 4e-5, -6e-5 } };

static void
there_and_back(void **state)
{
    struct flat_map back, both;

    (void)state;
    assert_true(flat_invert(&tilted, &back));
    both = flat_join(&tilted, &back);
    assert_true(both.on);
    for (int i = 0; i < 8; i++)
        assert_true(fabs(both.p[i] - (i % 4 == 0)) < 1e-9);
    for (int x = 0; x <= 2000; x += 400)
        for (int y = 0; y <= 3000; y += 500) {
            double u, v, px, py;

            flat_point(&tilted, x, y, &u, &v);
            flat_point(&back, u, v, &px, &py);
            assert_true(fabs(px - x) < 1e-6 && fabs(py - y) < 1e-6);
        }
}

static void
boxes_come_back(void **state)
{
    struct flat_map back;

    (void)state;
    assert_true(flat_invert(&tilted, &back));
    for (int x = 100; x <= 1900; x += 300)
        for (int y = 100; y <= 2900; y += 400) {
            struct box box = { x, y, x + 180, y + 30 }, again = flat_box(&back, flat_box(&tilted, box));

            /* the middle to the pixel; the sides are turned, which makes them a hundredth longer */
            assert_in_range(again.x0 + again.x1 - box.x0 - box.x1 + 3, 0, 6);
            assert_in_range(again.y0 + again.y1 - box.y0 - box.y1 + 3, 0, 6);
            assert_in_range(again.x1 - again.x0, 174, 188);
            assert_in_range(again.y1 - again.y0, 28, 32);
        }
}

static void
off_changes_nothing(void **state)
{
    struct flat_map off = { .on = false }, out = tilted;
    struct box box = { 3, 4, 50, 60 }, same = flat_box(&off, box);
    double x, y;

    (void)state;
    flat_point(&off, 7, 9, &x, &y);
    assert_true(x == 7 && y == 9);
    assert_memory_equal(&box, &same, sizeof box);
    out = flat_join(&off, &tilted);
    for (int i = 0; i < 8; i++)
        assert_true(out.p[i] == tilted.p[i]);
}

/* A map read from bytes may be anything; a box stays a box of this world. */
static void
no_map_sends_a_box_to_infinity(void **state)
{
    static const struct flat_map maps[] = {
        { true, { 0 } },
        { true, { 1, 0, 0, 0, 1, 0, -1, 0 } },
        { true, { 1e300, 1e300, 1e300, -1e300, 1e300, 1e300, 1e300, -1e300 } },
        { true, { 1e9, 0, 0, 0, 1e9, 0, 0, 0 } },
        { true, { 1, 0, 0, 0, 1, 0, 1e-320, 1e308 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
        for (int x = -1000000; x <= 1000000; x += 400000) {
            struct box box = flat_box(&maps[i], (struct box){ x, -x, x + 1, 1000000 });

            assert_true(box.x0 >= -2000000 && box.x1 <= 2000000 && box.y0 >= -2000000 && box.y1 <= 2000000);
        }
    struct flat_map out;

    assert_false(flat_invert(&maps[0], &out));
    assert_false(out.on);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(boxes_come_back),
        cmocka_unit_test(off_changes_nothing),
        cmocka_unit_test(no_map_sends_a_box_to_infinity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
