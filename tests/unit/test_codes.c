/* test_codes.c - PDF417: where its stripes are seen, how it may be turned, and what is no symbol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "codes.h"
#include "codes_pdf417.h"
#include "codes_stripes.h"
#include "read.h"

/* By zint 2.11: zint -b 55 --binary --cols=4 --secure=3 --dump -d TEXT; each row once. */
#define TEXT "Escriba, PDF417: 0123456789"
static const char *const symbol[] = {
    "######## # # #   ##### # # #####  # # ##    ##     ###  # #  ###    # ###  #### ##   ## ###  ##    #  ### # #  ###  "
    "   ####### #   # #  #",
    "######## # # #   ##### # #     ## ## # ###  #      #  #### # ####   ##     # ### #   ## ##     #### # #### # #  #   "
    "   ####### #   # #  #",
    "######## # # #   ## # #  #####    # ## #     ###   ### #    ##### # ### ##  # #####  #   #### # #     ###### # ## # "
    "   ####### #   # #  #",
    "######## # # #   ## # ####  ##### ## # ####  ##### # #   ### ###    ###  # ## ####   #  #  ##    ##   # # ##### ####"
    "#  ####### #   # #  #",
    "######## # # #   ## # #### ##     ### ## ###   #   # ###### # ##    # ###### # ##    # ###### # ##    #### # ###  ##"
    "#  ####### #   # #  #",
    "######## # # #   #### # ####  #   ##    ### #  ### #     ##  #  ### #  ###  ### #### #   ###   #  ##  ### # #####   "
    "#  ####### #   # #  #",
    "######## # # #   ### #  ### ##### ###    # #   ### ###  ## ### #### ###  ##  # ##    # ###   ####  ## # #  ###  ### "
    "   ####### #   # #  #",
    "######## # # #   ###### #  #  ### #### #  ### ###  ####   #  #  #   #   #### #  #### ### # ##      #  # # ###### ###"
    "   ####### #   # #  #",
    "######## # # #   # #  ##  #####   # ##  #     ###  # ### #      ##  #  ##    # ###   # ###     #   ## ##### #  ###  "
    "#  ####### #   # #  #",
};

/* Modules from columns "from" to "to" only, at a place on a page of 300 dots an inch. */
static void
put(PIX *page, int x0, int y0, int module, size_t from, size_t to)
{
    for (size_t r = 0; r < COUNT_OF(symbol); r++)
        for (size_t k = from; k < strlen(symbol[r]) && k < to; k++)
            if (symbol[r][k] == '#')
                pixRasterop(page, x0 + (int)k * module, y0 + (int)r * 3 * module, module, 3 * module, PIX_CLR, NULL, 0, 0);
}

static PIX *
paper_of(int w, int h)
{
    PIX *page = pixCreate(w, h, 8);

    assert_non_null(page);
    pixSetAll(page);
    pixSetResolution(page, 300, 300);
    return page;
}

/* Reads and frees the page; how many codes say TEXT. */
static unsigned
told(PIX *page, unsigned *others)
{
    struct arena *arena = arena_new(32u << 20);
    struct page_reading reading = { .form = "" };
    unsigned same = 0;

    pixSetResolution(page, 300, 300);
    assert_int_equal(codes_read(page, arena, &reading), RC_OK);
    for (uint32_t i = 0; i < reading.code_count; i++)
        same += strcmp(reading.codes[i].kind, "PDF417") == 0 && strcmp(reading.codes[i].text, TEXT) == 0;
    *others = reading.code_count - same;
    arena_free(arena);
    pixDestroy(&page);
    return same;
}

static void
read_however_turned(void **state)
{
    static const struct {
        int quarters, module;
        float skew; /* radians */
        int blur;   /* half width of the box, pixels */
    } rows[] = { { 0, 3, 0, 0 },    { 1, 3, 0, 0 },    { 2, 3, 0, 0 },      { 3, 3, 0, 0 },     { 0, 4, 0.035f, 1 },
                 { 2, 4, -0.035f, 1 }, { 1, 4, 0.035f, 1 }, { 3, 4, -0.02f, 0 }, { 0, 8, 0.01f, 1 }, { 0, 2, 0, 0 } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        PIX *page = paper_of(1700, 700), *next;
        unsigned others;

        put(page, 200, 150, rows[i].module, 0, SIZE_MAX);
        if (rows[i].skew != 0) {
            next = pixRotateAMGray(page, rows[i].skew, 255);
            pixDestroy(&page);
            page = next;
        }
        if (rows[i].blur > 0) {
            next = pixBlockconv(page, rows[i].blur, rows[i].blur);
            pixDestroy(&page);
            page = next;
        }
        next = pixRotateOrth(page, rows[i].quarters);
        pixDestroy(&page);
        if (told(next, &others) != 1 || others != 0)
            fail_msg("row %zu is not read", i);
    }
}

static void
two_on_a_page_and_none(void **state)
{
    PIX *page = paper_of(2480, 3508);
    unsigned others;

    (void)state;
    put(page, 300, 400, 4, 0, SIZE_MAX);
    put(page, 1200, 2000, 3, 0, SIZE_MAX);
    assert_int_equal(told(page, &others), 2);
    assert_int_equal(told(paper_of(2480, 3508), &others), 0);
    assert_int_equal(told(paper_of(1, 1), &others), 0);
    assert_int_equal(others, 0);
}

/* A symbol without its stop, one half covered, a fence: none is read, and none says something else. */
static void
what_is_no_symbol_says_nothing(void **state)
{
    PIX *page = paper_of(1700, 700);
    unsigned others;

    (void)state;
    put(page, 200, 150, 4, 0, 119);
    assert_int_equal(told(page, &others), 0);
    assert_int_equal(others, 0);
    page = paper_of(1700, 700);
    put(page, 200, 150, 4, 0, 30);
    put(page, 200, 150, 4, 110, SIZE_MAX);
    assert_int_equal(told(page, &others), 0);
    assert_int_equal(others, 0);
    page = paper_of(1700, 700);
    for (int x = 100; x < 1600; x += 8)
        pixRasterop(page, x, 100, 4, 500, PIX_CLR, NULL, 0, 0);
    assert_int_equal(told(page, &others), 0);
    assert_int_equal(others, 0);
}

static void
the_shim_keeps_its_contract(void **state)
{
    PIX *page = paper_of(700, 200);
    struct pdf417_crop crop = { codes_bytes(page), 700, 200, false };
    uint8_t out[64];
    size_t size = 7;

    (void)state;
    assert_non_null(crop.gray);
    assert_int_equal(codes_pdf417_bytes(&crop, out, sizeof out, &size), RC_NOT_FOUND);
    assert_int_equal(size, 0);
    free((void *)crop.gray);
    put(page, 50, 30, 4, 0, SIZE_MAX);
    crop.gray = codes_bytes(page);
    assert_non_null(crop.gray);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(codes_pdf417_bytes(&crop, out, sizeof out, &size), RC_OK);
        assert_int_equal(size, strlen(TEXT));
        assert_memory_equal(out, TEXT, size);
    }
    assert_int_equal(codes_pdf417_bytes(&crop, out, size, &size), RC_OK);
    assert_int_equal(codes_pdf417_bytes(&crop, out, strlen(TEXT) - 1, &size), RC_NOT_FOUND);
    crop.width = 0;
    assert_int_equal(codes_pdf417_bytes(&crop, out, sizeof out, &size), RC_LIMIT);
    crop.width = crop.height = 65536;
    assert_int_equal(codes_pdf417_bytes(&crop, out, sizeof out, &size), RC_LIMIT);
    free((void *)crop.gray);
    pixDestroy(&page);
}

static void
bytes_become_utf8(void **state)
{
    static const struct {
        const char *bytes, *text;
    } rows[] = { { "plain", "plain" }, { "\xd1uble", "\xc3\x91uble" }, { "\xc3\x91uble", "\xc3\x91uble" },
                 { "\xe9\xd1", "\xc3\xa9\xc3\x91" } };
    struct arena *arena = arena_new(1 << 16);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(codes_text((const unsigned char *)rows[i].bytes, strlen(rows[i].bytes), arena), rows[i].text);
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_however_turned),
        cmocka_unit_test(two_on_a_page_and_none),
        cmocka_unit_test(what_is_no_symbol_says_nothing),
        cmocka_unit_test(the_shim_keeps_its_contract),
        cmocka_unit_test(bytes_become_utf8),
    };

    setMsgSeverity(L_SEVERITY_NONE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
