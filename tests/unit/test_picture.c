/* test_picture.c - pixels become the braille dots that they should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../pipeline/picture.c"

static struct arena *arena;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(32u << 20);
    return arena == NULL;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct desk_crop
blank(uint32_t width, uint32_t height, uint8_t **pixels)
{
    *pixels = arena_alloc(arena, (size_t)width * height);
    assert_non_null(*pixels);
    memset(*pixels, 255, (size_t)width * height);
    return (struct desk_crop){ .width = width, .height = height, .x1 = width, .y1 = height,
                               .pixels = { *pixels, (size_t)width * height } };
}

static bool
has_ink(const struct picture *p, int x, int y)
{
    wchar_t c = p->cells[y * p->columns + x];

    return c > 0x2800 && c <= 0x28ff;
}

/* An upright stroke stays upright at any width: libchafa once sheared pictures whose rows were not a multiple of four. */
static void
test_upright(void **state)
{
    (void)state;
    for (uint32_t width = 60; width < 76; width++) {
        struct picture_plan plan = { .columns = 100, .dots = 1 };
        struct picture p;
        uint8_t *pixels;
        struct desk_crop crop = blank(width, 40, &pixels);

        for (uint32_t y = 4; y < 36; y++)
            memset(pixels + (size_t)y * width + 30, 0, 4);
        assert_int_equal(picture_make(&crop, &plan, arena, &p), RC_OK);
        assert_int_equal(p.rows, 10);
        for (int y = 0; y < p.rows; y++)
            for (int x = 0; x < p.columns; x++)
                assert_int_equal(has_ink(&p, x, y), (x == 15 || x == 16) && y > 0 && y < 9);
    }
}

static void
test_empty_paper(void **state)
{
    struct picture_plan plan = { .columns = 80, .dots = 0.7 };
    struct picture p;
    uint8_t *pixels;
    struct desk_crop crop = blank(200, 50, &pixels);

    (void)state;
    /* Paper is never quite white. */
    for (size_t i = 0; i < 200 * 50; i++)
        pixels[i] = (uint8_t)(235 + i * 7919 % 20);
    assert_int_equal(picture_make(&crop, &plan, arena, &p), RC_OK);
    for (int i = 0; i < p.rows * p.columns; i++)
        assert_false(has_ink(&p, i % p.columns, i / p.columns));
}

/* What is wider than the screen goes on below, cut where there is no ink. */
static void
test_fold(void **state)
{
    struct picture_plan plan = { .columns = 20, .dots = 1, .fold = true };
    struct picture p;
    uint8_t *pixels;
    struct desk_crop crop = blank(100, 16, &pixels);
    unsigned whole = 0;

    (void)state;
    for (uint32_t letter = 0; letter < 9; letter++)
        for (uint32_t y = 4; y < 12; y++)
            memset(pixels + (size_t)y * 100 + letter * 11 + 2, 0, 7);
    assert_int_equal(picture_make(&crop, &plan, arena, &p), RC_OK);
    assert_true(p.rows > 4 && p.rows % 4 == 0);
    for (int i = 0; i < p.rows * p.columns; i++)
        whole += p.cells[i] == 0x28ff;
    /* No letter was torn in two: each of them has at least two full cells in each of two rows. */
    assert_true(whole >= 9 * 2 * 2);
    plan.fold = false;
    assert_int_equal(picture_make(&crop, &plan, arena, &p), RC_OK);
    assert_int_equal(p.rows, 4);
}

static void
test_scale(void **state)
{
    uint8_t *pixels;
    struct desk_crop crop = blank(200, 40, &pixels);

    (void)state;
    /* Ten letters over 200 pixels: 20 each. */
    assert_true(picture_scale(&crop, 10, 8) > 0.39 && picture_scale(&crop, 10, 8) < 0.41);
    /* A value misread as one letter does not fill the screen with it. */
    assert_true(picture_scale(&crop, 1, 8) > 8.0 / (40 * 1.2) - 0.01);
    assert_true(picture_scale(&crop, 0, 8) > 0.1);
    crop.width = crop.x1 = 1;
    crop.height = crop.y1 = 1;
    assert_true(picture_scale(&crop, 400, 8) <= 4);
}

/* A zone of a form: a rule above, a speck at the edge, small letters in the middle. */
static void
test_focus(void **state)
{
    uint8_t *pixels;
    struct desk_crop crop = blank(600, 80, &pixels);
    struct desk_crop focus;

    (void)state;
    memset(pixels + 600 * 10, 0, 600 * 2);
    pixels[600 * 70 + 3] = 0;
    for (uint32_t letter = 0; letter < 9; letter++)
        for (uint32_t y = 40; y < 56; y++)
            memset(pixels + (size_t)y * 600 + 200 + letter * 14, 0, 9);
    assert_int_equal(picture_focus(&crop, arena, &focus), RC_OK);
    assert_true(focus.width < 250 && focus.width > 121);
    assert_true(focus.height < 40 && focus.height > 16);
    assert_int_equal(focus.pixels.size, (size_t)focus.width * focus.height);
    /* All nine letters are in it. */
    unsigned ink = 0;
    for (size_t i = 0; i < focus.pixels.size; i++)
        ink += focus.pixels.data[i] == 0;
    assert_int_equal(ink, 9 * 9 * 16);
    /* Nine letters of 14 pixels: eight dots each. */
    assert_true(picture_scale(&focus, 9, 8) > 0.5);
    /* Nothing written: the whole. */
    memset(pixels, 255, 600 * 80);
    assert_int_equal(picture_focus(&crop, arena, &focus), RC_OK);
    assert_int_equal(focus.width, 600);
}

static void
test_limits(void **state)
{
    struct picture_plan plan = { .columns = 0, .dots = 1 };
    struct picture p;
    uint8_t *pixels;
    struct desk_crop crop = blank(1600, 1600, &pixels);

    (void)state;
    assert_int_equal(picture_make(&crop, &plan, arena, &p), RC_LIMIT);
    plan = (struct picture_plan){ .columns = 5000, .dots = 1 };
    assert_int_equal(picture_make(&crop, &plan, arena, &p), RC_LIMIT);
    plan = (struct picture_plan){ .columns = 100, .dots = 4 };
    assert_int_equal(picture_make(&crop, &plan, arena, &p), RC_LIMIT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upright), cmocka_unit_test(test_empty_paper), cmocka_unit_test(test_fold),
        cmocka_unit_test(test_scale),   cmocka_unit_test(test_focus),       cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
