/*
 * test_learn.c - a form that nobody knows is learnt from a blank and a marked picture and read at once;
 * streaks are seen through; doubtful readings are settled by the form.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "doc/learned.h"
#include "learn.h"
#include "ocr.h"
#include "second.h"
#include "zone_sheet.h"
#include "zone_values.h"

#define PX(points) ((int)((points) * 200 / 72.0 + 0.5))

static void
rule(PIX *pix, double x0, double y0, double x1, double y1)
{
    pixRasterop(pix, PX(x0), PX(y0), PX(x1) - PX(x0) + 3, PX(y1) - PX(y0) + 3, PIX_CLR, NULL, 0, 0);
}

/* A letter page with a grid of nine by four boxes, a comb of six, and a check box. */
static PIX *
blank_form(void)
{
    PIX *pix = pixCreate(1700, 2200, 32);

    assert_non_null(pix);
    pixSetAll(pix);
    pixSetResolution(pix, 200, 200);
    for (int y = 0; y <= 9; y++)
        rule(pix, 60, 100 + 44 * y, 540, 100 + 44 * y);
    for (int x = 0; x <= 4; x++)
        rule(pix, 60 + 120 * x, 100, 60 + 120 * x, 496);
    rule(pix, 72, 520, 192, 520);
    rule(pix, 72, 538, 192, 538);
    for (int x = 0; x <= 6; x++)
        rule(pix, 72 + 20 * x, 520, 72 + 20 * x, 538);
    rule(pix, 300, 520, 311, 520);
    rule(pix, 300, 531, 311, 531);
    rule(pix, 300, 520, 300, 531);
    rule(pix, 311, 520, 311, 531);
    return pix;
}

static void
frame(PIX *pix, double x0, double y0, double x1, double y1, l_uint32 r, l_uint32 g, l_uint32 b)
{
    BOX *box = boxCreate(PX(x0), PX(y0), PX(x1) - PX(x0), PX(y1) - PX(y0));

    pixRenderBoxArb(pix, box, 4, (l_uint8)r, (l_uint8)g, (l_uint8)b);
    boxDestroy(&box);
}

static void
type(PIX *pix, L_BMF *font, double x, double y, const char *text)
{
    assert_int_equal(pixSetTextline(pix, font, text, 0, PX(x), PX(y), NULL, NULL), 0);
}

static void
test_learning(void **state)
{
    struct arena *arena = arena_new((size_t)256 << 20);
    PIX *blank = blank_form(), *marked = blank_form(), *flat = NULL, *filled, *gray;
    L_BMF *font = bmfCreate(NULL, 10);
    struct learned l = { .width = 0 };
    struct zone_template t;
    struct zone_file file;
    struct zone_match m;
    struct page_reading reading = { 0 };
    struct zone zones[8];

    (void)state;
    assert_non_null(font);
    frame(marked, 64, 120, 176, 140, 20, 60, 230);
    type(marked, font, 70, 136, "surname");
    frame(marked, 184, 120, 296, 140, 10, 160, 60);
    frame(marked, 72, 519, 193, 539, 230, 120, 0);
    frame(marked, 300, 520, 311.5, 531.5, 20, 60, 230);

    assert_int_equal(learn_blank(blank, arena, &l, &flat), RC_OK);
    assert_in_range(l.across_count, 12, 18);
    assert_in_range(l.down_count, 10, 18);
    assert_false(l.red);
    assert_int_equal(learn_template(&l, arena, &t, &file), RC_OK);
    assert_int_equal(learn_boxes(flat, marked, arena, &l), RC_OK);
    assert_int_equal(l.zone_count, 4);
    assert_string_equal(l.zones[0].name, "surname");
    assert_true(l.zones[0].at[0] > 62 && l.zones[0].at[0] < 68 && l.zones[0].at[3] > 136 && l.zones[0].at[3] < 142);
    assert_int_equal(l.zones[0].cells, 0);
    assert_int_equal(l.zones[2].cells, 6);

    /* A filled page, turned and moved, is found and read by what was learnt. */
    for (unsigned i = 0; i < l.zone_count; i++)
        zones[i] = (struct zone){ i == 2 ? "number" : i == 3 ? "box=yes" : "text",
                                  i == 2 ? ZONE_DIGITS : i == 3 ? ZONE_MARK : ZONE_TEXT,
                                  l.zones[i].at[0], l.zones[i].at[1], l.zones[i].at[2], l.zones[i].at[3], 1, 0,
                                  l.zones[i].cells };
    t.zones = zones;
    t.zone_count = l.zone_count;
    filled = blank_form();
    type(filled, font, 70, 136, "MARLOWE");
    for (int i = 0; i < 6; i++) {
        const char digit[2] = { (char)('1' + i), '\0' };

        type(filled, font, 78 + 20 * i, 534, digit);
    }
    pixRenderLine(filled, PX(301), PX(521), PX(310), PX(530), 4, L_CLEAR_PIXELS);
    pixRenderLine(filled, PX(310), PX(521), PX(301), PX(530), 4, L_CLEAR_PIXELS);
    gray = pixConvertTo8(filled, 0);
    assert_int_equal(pixRotateShearCenterIP(gray, 0.012f, L_BRING_IN_WHITE), 0);
    assert_int_equal(zones_match_template(gray, &t, &m), RC_OK);
    assert_true(m.conf > 0.85f);
    assert_int_equal(zones_read(gray, NULL, &m, arena, &reading), RC_OK);
    assert_string_equal(reading.zones[0].text, "MARLOWE");
    assert_string_equal(reading.zones[1].text, "");
    assert_string_equal(reading.zones[2].text, "123456");
    assert_int_equal(reading.zones[3].mark, MARK_MARKED);

    pixDestroy(&gray);
    pixDestroy(&filled);
    pixDestroy(&flat);
    pixDestroy(&marked);
    pixDestroy(&blank);
    bmfDestroy(&font);
    arena_free(arena);
}

/* A sheet without rules is no fixed form; one without marks has no zones. */
static void
test_nothing_there(void **state)
{
    struct arena *arena = arena_new((size_t)256 << 20);
    PIX *empty = pixCreate(1700, 2200, 32), *blank = blank_form(), *flat = NULL, *again = NULL;
    struct learned l = { .width = 0 }, none = { .width = 0 };

    (void)state;
    pixSetAll(empty);
    pixSetResolution(empty, 200, 200);
    assert_int_equal(learn_blank(empty, arena, &none, &again), RC_OK);
    assert_int_equal(none.across_count + none.down_count, 0);
    assert_int_equal(learn_blank(blank, arena, &l, &flat), RC_OK);
    assert_int_equal(learn_boxes(flat, flat, arena, &l), RC_OK);
    assert_int_equal(l.zone_count, 0);
    pixDestroy(&again);
    pixDestroy(&flat);
    pixDestroy(&blank);
    pixDestroy(&empty);
    arena_free(arena);
}

/* What comes out of the cage is believed by no one: every number is checked again. */
static void
test_codec(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct learned_box across[] = { { { 10, 20, 300, 20 } } };
    struct learned_zone zones[] = { { { 10, 20, 90, 40 }, 6, "Sur Name;$(x)" } };
    struct learned l = { .width = 612, .height = 792, .across = across, .across_count = 1, .zones = zones,
                         .zone_count = 1 };
    struct learned *back;
    struct buffer b;

    (void)state;
    buffer_init(&b, 1 << 16);
    learned_write(&b, &l);
    assert_int_equal(learned_read(buffer_bytes(&b), arena, &back), RC_OK);
    assert_string_equal(back->zones[0].name, "sur_namex");
    assert_int_equal(back->zones[0].cells, 6);
    for (size_t n = 0; n < b.size; n += 5)
        assert_int_not_equal(learned_read(bytes_of(b.data, n), arena, &back), RC_OK);
    buffer_done(&b);

    across[0].at[2] = 700; /* outside the page */
    buffer_init(&b, 1 << 16);
    learned_write(&b, &l);
    assert_int_equal(learned_read(buffer_bytes(&b), arena, &back), RC_INPUT);
    buffer_done(&b);
    arena_free(arena);
}

/* A gray streak down the page leaves paper and letters as they were; a rule of a form stays. */
static void
test_streaks(void **state)
{
    struct arena *arena = arena_new(1 << 24);
    PIX *pix = pixCreate(600, 900, 8), *out = NULL;
    l_uint32 v;

    (void)state;
    pixSetAll(pix);
    pixRasterop(pix, 280, 400, 50, 20, PIX_CLR, NULL, 0, 0);  /* a stroke across the streak */
    pixRasterop(pix, 100, 200, 3, 500, PIX_CLR, NULL, 0, 0);  /* a rule, not of the page's height */
    for (int y = 0; y < 900; y++)
        for (int x = 300; x < 304; x++) {
            pixGetPixel(pix, x, y, &v);
            pixSetPixel(pix, x, y, v * 90 / 255);
        }
    assert_int_equal(streaks_see_through(pix, arena, &out), RC_OK);
    assert_non_null(out);
    pixGetPixel(out, 301, 100, &v);
    assert_in_range(v, 245, 255);
    pixGetPixel(out, 301, 410, &v);
    assert_in_range(v, 0, 10);
    pixGetPixel(out, 101, 400, &v);
    assert_in_range(v, 0, 10);
    pixDestroy(&out);
    pixDestroy(&pix);
    arena_free(arena);
}

static char *dn[] = { "DN" }, *dk[] = { "DK" };

/* Near readings are settled, far ones and sure ones are left alone. */
static void
test_settling(void **state)
{
    static struct form_code codes[] = { { "DN", { dn, 1 } }, { "DK", { dk, 1 } } };
    static char *build[] = { "0\\d{3}|[123]\\d{3}" };
    static const struct {
        const char *value, *twin;
        double conf, twin_conf;
        const char *want;
    } twins[] = {
        { "SENTERVILLE", "CENTERVILLE", 0.87, 0.91, "CENTERVILLE" },
        { "SENTERVILLE", "CENTERVILLE", 0.96, 0.97, "SENTERVILLE" }, /* sure of itself   */
        { "SENTERVILLE", "CENTERVILLE", 0.87, 0.60, "SENTERVILLE" }, /* the twin is worse */
        { "OAK STREET 5", "ELM AVENUE 77", 0.80, 0.95, "OAK STREET 5" },
        { "TOM", "TIM", 0.80, 0.95, "TOM" },                         /* short ones are alike by chance */
    };
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(twins); i++) {
        struct form_field ff[] = { { .name = "a", .twin = "b" }, { .name = "b" } };
        struct form form = { .name = "f", .fields = ff, .field_count = 2 };
        struct field f[] = {
            { .name = "a", .value = twins[i].value, .text = twins[i].value, .confidence = twins[i].conf },
            { .name = "b", .value = twins[i].twin, .text = twins[i].twin, .confidence = twins[i].twin_conf },
        };
        struct fields all = { .fields = f, .count = 2 };

        assert_int_equal(zones_settle(&form, arena, &all, 0), RC_OK);
        assert_string_equal(f[0].value, twins[i].want);
        assert_int_equal(f[0].reasons[0], strcmp(twins[i].want, twins[i].value) == 0 ? 0 : REASON_REPAIRED);
    }
    {
        struct form_field ff[] = { { .name = "q", .codes = codes, .code_count = 2 },
                                   { .name = "r", .pattern = { build, 1 } },
                                   { .name = "s", .pattern = { build, 1 } } };
        struct form form = { .name = "f", .fields = ff, .field_count = 3 };
        struct field f[] = { { .name = "q", .value = "ON", .text = "ON", .confidence = 0.9 },
                             { .name = "r", .value = "6250", .text = "6250", .confidence = 0.9 },
                             { .name = "s", .value = "4250", .text = "4250", .confidence = 0.9 } };
        struct fields all = { .fields = f, .count = 3 };

        assert_int_equal(zones_settle(&form, arena, &all, 0), RC_OK);
        assert_string_equal(f[0].value, "DN");
        assert_string_equal(f[1].value, "0250");
        assert_string_equal(f[2].value, "1250");
        assert_int_equal(f[2].verdict, FIELD_REVIEW);
    }
    arena_free(arena);
}

static int
setup(void **state)
{
    (void)state;
    return ocr_ready() == RC_OK && second_ready() == RC_OK ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    second_done();
    ocr_done();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learning), cmocka_unit_test(test_nothing_there), cmocka_unit_test(test_codec),
        cmocka_unit_test(test_streaks),  cmocka_unit_test(test_settling),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
