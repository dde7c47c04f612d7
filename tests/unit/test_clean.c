/*
 * test_clean.c - a page is turned upright and straight before it is read; an empty one is known to be empty.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <leptonica/allheaders.h>
#include <math.h>

#include "clean.h"

static L_BMF *font;

static int
load(void **state)
{
    (void)state;
    setMsgSeverity(L_SEVERITY_NONE);
    font = bmfCreate(NULL, 8);
    return font != NULL ? 0 : -1;
}

static int
unload(void **state)
{
    (void)state;
    bmfDestroy(&font);
    return 0;
}

static PIX *
printed_page(int paper, int ink)
{
    PIX *pix = pixCreate(1000, 1400, 8), *mask = pixCreate(1000, 1400, 1);
    char text[80];
    l_int32 wide, overflow;

    assert_non_null(pix);
    assert_non_null(mask);
    pixSetAllArbitrary(pix, (l_uint32)paper);
    pixSetResolution(pix, 150, 150);
    for (int i = 0; i < 24; i++) {
        snprintf(text, sizeof text, "Line %d says that 1%d.50 was paid in cash", i, i);
        pixSetTextline(mask, font, text, 1, 100, 140 + i * 50, &wide, &overflow);
    }
    pixSetMasked(pix, mask, (l_uint32)ink);
    pixDestroy(&mask);
    return pix;
}

static struct clean_page
cleaned(PIX *pix, struct arena *arena)
{
    struct clean_page page;

    assert_int_equal(clean_make(pix, arena, &page), RC_OK);
    return page;
}

static void
skew_is_measured_and_taken_out(void **state)
{
    (void)state;
    for (int k = -3; k <= 3; k += 2) {
        struct arena *arena = arena_new(256u << 20);
        float degrees = (float)k * 1.1f;
        PIX *flat = printed_page(245, 20);
        PIX *pix = pixRotate(flat, degrees * 3.14159265f / 180, L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0);
        struct clean_page page;

        pixSetResolution(pix, 150, 150);
        page = cleaned(pix, arena);
        if (fabsf(page.skew + degrees) > 0.2f || page.lines.count != 24)
            fail_msg("turned by %.2f: %.2f found, %u lines", (double)degrees, (double)page.skew, page.lines.count);
        clean_done(&page);
        pixDestroy(&pix);
        pixDestroy(&flat);
        arena_free(arena);
    }
}

/* Upright pages stay as they are, to the last pixel: turning blurs. */
static void
a_straight_page_is_not_touched(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    PIX *pix = printed_page(245, 20);
    struct clean_page page = cleaned(pix, arena);
    l_int32 same = 0;

    (void)state;
    assert_true(page.skew == 0);
    pixEqual(pix, page.gray, &same);
    assert_int_equal(same, 1);
    assert_int_equal(page.rotation, 0);
    clean_done(&page);
    pixDestroy(&pix);
    arena_free(arena);
}

static void
sideways_pages_are_turned(void **state)
{
    (void)state;
    for (int quarters = 1; quarters <= 3; quarters += 2) {
        struct arena *arena = arena_new(256u << 20);
        PIX *flat = printed_page(245, 20), *pix = pixRotate90(flat, quarters == 1 ? 1 : -1);
        struct clean_page page;

        pixSetResolution(pix, 150, 150);
        page = cleaned(pix, arena);
        assert_true(page.rotation == 90 || page.rotation == 270);
        assert_int_equal(page.lines.count, 24);
        clean_done(&page);
        pixDestroy(&pix);
        pixDestroy(&flat);
        arena_free(arena);
    }
}

/* The print of a worn head: hardly darker than the paper. */
static void
faint_pages_are_not_blank(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    PIX *pix = printed_page(240, 195);
    struct clean_page page = cleaned(pix, arena);

    (void)state;
    assert_false(page.blank);
    assert_int_equal(page.lines.count, 24);
    clean_done(&page);
    pixDestroy(&pix);
    arena_free(arena);
}

static void
empty_paper_is_blank(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    PIX *pix = printed_page(240, 240);
    uint32_t seed = 3;
    struct clean_page page;

    (void)state;
    for (int i = 0; i < 300; i++) { /* a little dust */
        seed = seed * 1664525u + 1013904223u;
        pixSetPixel(pix, (l_int32)(seed >> 8) % 1000, (l_int32)(seed >> 19) % 1400, 60);
    }
    page = cleaned(pix, arena);
    assert_true(page.blank);
    clean_done(&page);
    pixDestroy(&pix);
    arena_free(arena);
}

/* Light that falls off to a tenth of the page: the threshold goes with it. */
static void
a_shadow_hides_no_line(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    PIX *pix = printed_page(240, 30);
    struct clean_page page;

    (void)state;
    for (int y = 0; y < 1400; y++)
        for (int x = 0; x < 1000; x++) {
            l_uint32 v;

            pixGetPixel(pix, x, y, &v);
            pixSetPixel(pix, x, y, v * (l_uint32)(1600 - x) / 1600);
        }
    page = cleaned(pix, arena);
    assert_int_equal(page.lines.count, 24);
    clean_done(&page);
    pixDestroy(&pix);
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skew_is_measured_and_taken_out),   cmocka_unit_test(a_straight_page_is_not_touched),
        cmocka_unit_test(sideways_pages_are_turned),        cmocka_unit_test(faint_pages_are_not_blank),
        cmocka_unit_test(empty_paper_is_blank),             cmocka_unit_test(a_shadow_hides_no_line),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
