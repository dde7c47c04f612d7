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

/* ---- photographs ---- */

#define TABLE_W 1240
#define TABLE_H 1640

/* Corners of the sheet on the table: top left, top right, bottom left, bottom right. */
static const double by_hand[8] = { 118, 96, 1150, 158, 92, 1560, 1118, 1512 };
static const double squarely[8] = { 120, 120, 1120, 120, 120, 1520, 1120, 1520 };

/* The map that takes the corners of a page of 1000 by 1400 to such places. */
static struct flat_map
map_to(const double corners[8])
{
    PTA *from = ptaCreate(4), *to = ptaCreate(4);
    l_float32 *c = NULL;
    struct flat_map map = { .on = true };

    for (int i = 0; i < 4; i++) {
        ptaAddPt(from, i & 1 ? 1000 : 0, i & 2 ? 1400 : 0);
        ptaAddPt(to, (l_float32)corners[2 * i], (l_float32)corners[2 * i + 1]);
    }
    assert_int_equal(getProjectiveXformCoeffs(from, to, &c), 0);
    for (int i = 0; i < 8; i++)
        map.p[i] = (double)c[i];
    lept_free(c);
    ptaDestroy(&from);
    ptaDestroy(&to);
    return map;
}

/* A page on a table; takes page. */
static PIX *
photo_of(PIX *page, const double corners[8], int table)
{
    struct flat_map map = map_to(corners), back;
    PIX *pix = pixCreate(TABLE_W, TABLE_H, 8);

    assert_true(flat_invert(&map, &back));
    pixSetResolution(pix, 150, 150);
    for (int y = 0; y < TABLE_H; y++)
        for (int x = 0; x < TABLE_W; x++) {
            l_uint32 v = (l_uint32)(table + (x * 7 + y * 3) % 5), a, b, c, d;
            double u, w, fu, fw;

            flat_point(&back, x, y, &u, &w);
            if (u >= 0 && w >= 0 && u < 999 && w < 1399) {
                fu = u - floor(u);
                fw = w - floor(w);
                pixGetPixel(page, (int)u, (int)w, &a);
                pixGetPixel(page, (int)u + 1, (int)w, &b);
                pixGetPixel(page, (int)u, (int)w + 1, &c);
                pixGetPixel(page, (int)u + 1, (int)w + 1, &d);
                v = (l_uint32)((a * (1 - fu) + b * fu) * (1 - fw) + (c * (1 - fu) + d * fu) * fw);
            }
            pixSetPixel(pix, x, y, v);
        }
    pixDestroy(&page);
    return pix;
}

/* Where a point of the upright photograph lies on the sheet, after quarter turns clockwise. */
static void
on_sheet(const double corners[8], int turned, double x, double y, double *px, double *py)
{
    struct flat_map map = map_to(corners), back;
    double u = x, v = y;

    assert_true(flat_invert(&map, &back));
    if (turned == 90) {
        u = y;
        v = TABLE_H - x;
    } else if (turned == 270) {
        u = TABLE_W - y;
        v = x;
    } else if (turned == 180) {
        u = TABLE_W - x;
        v = TABLE_H - y;
    }
    flat_point(&back, u, v, px, py);
}

/* Every line of the page is found, and its box lies where the line was printed. */
static void
lines_lie_where_printed(const struct clean_page *page, const double corners[8], int turned)
{
    assert_int_equal(page->lines.count, 24);
    for (uint32_t i = 0; i < 24; i++) {
        struct box b = clean_unskew(page, page->lines.lines[i].box);
        double x, y, row;

        on_sheet(corners, turned, (b.x0 + b.x1) / 2.0, (b.y0 + b.y1) / 2.0, &x, &y);
        row = fmod(y - 120, 50); /* rows stand 50 apart, their feet at 140 */
        if (x < 200 || x > 500 || row < 5 || row > 20)
            fail_msg("line %u lies at %.1f %.1f of the sheet", i, x, y);
    }
}

static void
a_photograph_is_laid_flat(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    PIX *pix = photo_of(printed_page(245, 20), by_hand, 90);
    struct clean_page page = cleaned(pix, arena);
    double x[4], y[4];

    (void)state;
    assert_true(page.flat.on && page.back.on);
    assert_true(page.skew == 0);
    assert_int_equal(page.width, TABLE_W);
    assert_int_equal(page.height, TABLE_H);
    for (int i = 0; i < 4; i++) {
        double u, v;

        flat_point(&page.flat, by_hand[2 * i], by_hand[2 * i + 1], &x[i], &y[i]);
        flat_point(&page.back, x[i], y[i], &u, &v);
        assert_true(fabs(u - by_hand[2 * i]) < 0.01 && fabs(v - by_hand[2 * i + 1]) < 0.01);
    }
    /* the sheet's corners are those of a rectangle, and of the picture */
    if (fabs(x[0] - x[2]) > 2 || fabs(x[1] - x[3]) > 2 || fabs(y[0] - y[1]) > 2 || fabs(y[2] - y[3]) > 2)
        fail_msg("%.1f %.1f  %.1f %.1f  %.1f %.1f  %.1f %.1f", x[0], y[0], x[1], y[1], x[2], y[2], x[3], y[3]);
    assert_true(fabs(x[0]) < 4 && fabs(y[0]) < 4);
    assert_true(fabs(x[3] - pixGetWidth(page.gray)) < 4 && fabs(y[3] - pixGetHeight(page.gray)) < 4);
    lines_lie_where_printed(&page, by_hand, 0);
    clean_done(&page);
    pixDestroy(&pix);
    arena_free(arena);
}

static void
a_photograph_may_lie_sideways(void **state)
{
    (void)state;
    for (int quarters = 1; quarters <= 3; quarters += 2) {
        struct arena *arena = arena_new(256u << 20);
        PIX *flat = photo_of(printed_page(245, 20), by_hand, 90), *pix = pixRotate90(flat, quarters == 1 ? 1 : -1);
        struct clean_page page;

        pixSetResolution(pix, 150, 150);
        page = cleaned(pix, arena);
        assert_true(page.flat.on);
        assert_int_equal(page.width, TABLE_W); /* upright, or upside down */
        assert_int_equal(page.height, TABLE_H);
        if (quarters == 1) /* turned once more, it is upside down: the reader notices and turns it */
            assert_int_equal(clean_turn(&page, arena), RC_OK);
        lines_lie_where_printed(&page, by_hand, 0);
        clean_done(&page);
        pixDestroy(&flat);
        pixDestroy(&pix);
        arena_free(arena);
    }
}

static void
a_photograph_turned_twice_is_as_before(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    PIX *pix = photo_of(printed_page(245, 20), by_hand, 90);
    struct clean_page page = cleaned(pix, arena);
    struct flat_map flat = page.flat, back = page.back;
    struct box box = page.lines.lines[5].box, first = clean_unskew(&page, box), then;
    int w = pixGetWidth(page.gray), h = pixGetHeight(page.gray);

    (void)state;
    assert_int_equal(clean_turn(&page, arena), RC_OK);
    assert_int_equal(page.rotation, 180);
    then = clean_unskew(&page, (struct box){ w - box.x1, h - box.y1, w - box.x0, h - box.y0 });
    assert_in_range(then.x0 - (TABLE_W - first.x1) + 1, 0, 2);
    assert_in_range(then.y0 - (TABLE_H - first.y1) + 1, 0, 2);
    assert_in_range(then.x1 - (TABLE_W - first.x0) + 1, 0, 2);
    assert_in_range(then.y1 - (TABLE_H - first.y0) + 1, 0, 2);
    assert_int_equal(clean_turn(&page, arena), RC_OK);
    for (int i = 0; i < 8; i++)
        assert_true(fabs(flat.p[i] - page.flat.p[i]) < 1e-6 && fabs(back.p[i] - page.back.p[i]) < 1e-6);
    clean_done(&page);
    pixDestroy(&pix);
    arena_free(arena);
}

/* A sheet on a scanner's dark glass, straight or not: a rectangle is no photograph. */
static void
dark_glass_is_no_table(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    PIX *pix = photo_of(printed_page(245, 20), squarely, 40), *askew;
    struct clean_page page = cleaned(pix, arena);
    l_int32 same = 0;

    (void)state;
    assert_false(page.flat.on);
    assert_true(page.skew == 0);
    pixEqual(pix, page.gray, &same);
    assert_int_equal(same, 1);
    clean_done(&page);
    askew = pixRotate(pix, 0.03f, L_ROTATE_AREA_MAP, L_BRING_IN_BLACK, 0, 0);
    page = cleaned(askew, arena);
    assert_false(page.flat.on);
    assert_true(fabsf(page.skew + 0.03f * 180 / 3.14159265f) < 0.2f);
    clean_done(&page);
    pixDestroy(&askew);
    pixDestroy(&pix);
    arena_free(arena);
}

/* No edge to be seen: the lines of print alone tell. */
static void
print_alone_tells_perspective(void **state)
{
    static const double close[8] = { -160, -60, 1320, -220, -160, 1700, 1320, 1860 };
    struct arena *arena = arena_new(256u << 20);
    PIX *small = printed_page(245, 20), *pix = photo_of(small, close, 245);
    struct clean_page page = cleaned(pix, arena);
    double x[4], y[4];

    (void)state;
    assert_true(page.flat.on);
    for (int i = 0; i < 4; i++)
        flat_point(&page.flat, close[2 * i], close[2 * i + 1], &x[i], &y[i]);
    if (fabs(y[0] - y[1]) > 12 || fabs(y[2] - y[3]) > 12)
        fail_msg("%.1f %.1f %.1f %.1f", y[0], y[1], y[2], y[3]);
    clean_done(&page);
    pixDestroy(&pix);
    arena_free(arena);
}

/* The head of a letter may be as dark as the table: what is printed on it is not cut off. */
static void
a_dark_head_stays_on_its_page(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    PIX *sheet = printed_page(245, 20), *head = pixCreate(1000, 130, 8), *pix;
    PIX *mask = pixCreate(1000, 130, 1);
    struct clean_page page;
    l_int32 wide, overflow;
    double x, y;

    (void)state;
    pixSetAllArbitrary(head, 88);
    pixSetTextline(mask, font, "LAKEVIEW INDUSTRIAL SERVICES, LLC, OLD HARBOUR ROAD, LAKEVIEW", 1, 100, 70, &wide,
                   &overflow);
    pixSetMasked(head, mask, 250);
    pixRasterop(sheet, 0, 0, 1000, 130, PIX_SRC, head, 0, 0);
    pix = photo_of(sheet, by_hand, 90);
    page = cleaned(pix, arena);
    assert_true(page.flat.on);
    flat_point(&page.flat, (by_hand[0] + by_hand[2]) / 2, (by_hand[1] + by_hand[3]) / 2, &x, &y);
    assert_true(y > -4);
    clean_done(&page);
    pixDestroy(&mask);
    pixDestroy(&head);
    pixDestroy(&pix);
    arena_free(arena);
}

/* A page of few dots an inch: read twice as large, its boxes where they were. */
static void
small_print_is_made_larger(void **state)
{
    (void)state;
    for (int k = 0; k <= 1; k++) {
        struct arena *arena = arena_new(256u << 20);
        PIX *page200 = printed_page(245, 20), *small = pixScale(page200, 0.5f, 0.5f), *pix;
        struct clean_page page;
        double u, v;

        pix = k == 0 ? pixClone(small) : pixRotate(small, 0.03f, L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0);
        pixSetResolution(pix, 75, 75);
        page = cleaned(pix, arena);
        assert_int_equal(page.width, 500);
        assert_int_equal(page.height, 700);
        assert_int_equal(pixGetWidth(page.gray), 1000);
        assert_int_equal(pixGetXRes(page.gray), 150);
        assert_int_equal(page.lines.count, 24);
        for (uint32_t i = 0; i < 24; i++) {
            struct box b = clean_unskew(&page, page.lines.lines[i].box);
            double a = -0.03 * k, x = (b.x0 + b.x1) / 2.0 - 250, y = (b.y0 + b.y1) / 2.0 - 350;
            double row = y * cos(a) + x * sin(a) + 350; /* before the page was turned */

            if (fabs(row - (66 + 25 * (double)i)) > 4)
                fail_msg("line %u lies at %.1f", i, row);
            if (b.y1 - b.y0 < 5 || b.y1 - b.y0 > 20)
                fail_msg("line %u is %d high, skew %.2f", i, b.y1 - b.y0, (double)page.skew);
        }
        flat_point(&page.flat, 250, 350, &u, &v);
        assert_true(fabs(u - 500) < 0.01 && fabs(v - 700) < 0.01);
        clean_done(&page);
        pixDestroy(&pix);
        pixDestroy(&small);
        pixDestroy(&page200);
        arena_free(arena);
    }
}

static void
pictures_of_nothing_harm_nobody(void **state)
{
    static const struct {
        int w, h, paper, step;
    } rows[] = { { 1, 65535, 128, 0 }, { 65535, 1, 128, 0 }, { 39, 30000, 200, 3 }, { 30000, 39, 200, 3 },
                 { 1, 1, 0, 0 },       { 8, 8, 255, 1 },     { 1200, 1600, 0, 0 },  { 1200, 1600, 255, 0 },
                 { 1200, 1600, 60, 7 }, { 561, 560, 20, 40 } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena *arena = arena_new(256u << 20);
        PIX *pix = pixCreate(rows[i].w, rows[i].h, 8);
        struct clean_page page;

        assert_non_null(pix);
        pixSetAllArbitrary(pix, (l_uint32)rows[i].paper);
        for (int y = 0; rows[i].step > 0 && y < rows[i].h; y += rows[i].step)
            for (int x = y % 11; x < rows[i].w; x += 2 * rows[i].step + 1)
                pixSetPixel(pix, x, y, 255);
        if (clean_make(pix, arena, &page) == RC_OK)
            assert_false(page.flat.on);
        clean_done(&page);
        pixDestroy(&pix);
        arena_free(arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skew_is_measured_and_taken_out),   cmocka_unit_test(a_straight_page_is_not_touched),
        cmocka_unit_test(sideways_pages_are_turned),        cmocka_unit_test(faint_pages_are_not_blank),
        cmocka_unit_test(empty_paper_is_blank),             cmocka_unit_test(a_shadow_hides_no_line),
        cmocka_unit_test(a_photograph_is_laid_flat),        cmocka_unit_test(a_photograph_may_lie_sideways),
        cmocka_unit_test(dark_glass_is_no_table),           cmocka_unit_test(a_photograph_turned_twice_is_as_before),
        cmocka_unit_test(print_alone_tells_perspective),    cmocka_unit_test(a_dark_head_stays_on_its_page),
        cmocka_unit_test(pictures_of_nothing_harm_nobody),  cmocka_unit_test(small_print_is_made_larger),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
