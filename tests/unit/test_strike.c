/* test_strike.c - what is crossed out is seen; rules, underlines and print alone are not strokes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "check.h"
#include "doc/fields.h"
#include "doc/form.h"
#include "strike.h"


/* A line of print in the middle of light paper. */
static PIX *
printed(const char *text, struct box *box)
{
    L_BMF *font = bmfCreate(NULL, 20);
    PIX *pix = pixCreate(1100, 160, 8), *found;
    l_int32 width, over, x, y, w, h;
    BOX *ink;

    pixSetAllArbitrary(pix, 235);
    assert_int_equal(pixSetTextline(pix, font, text, 30, 250, 90, &width, &over), 0);
    found = pixThresholdToBinary(pix, 130);
    assert_int_equal(pixClipToForeground(found, NULL, &ink), 0);
    boxGetGeometry(ink, &x, &y, &w, &h);
    *box = (struct box){ x - 4, y - 4, x + w + 4, y + h + 4 };
    boxDestroy(&ink);
    pixDestroy(&found);
    bmfDestroy(&font);
    return pix;
}

struct stroke {
    double from, to;   /* along the print: 0 its beginning, 1 its end */
    double y0, y1;     /* down it: 0 its top, 1 its foot              */
    int width;
};

static const struct {
    const char *what, *text;
    struct stroke strokes[2];
    bool found;
} cases[] = {
    { "print alone", "TOTAL 1234.50", { { 0, 0, 0, 0, 0 } }, false },
    { "letters with bars", "EFHEFTEE-HH", { { 0, 0, 0, 0, 0 } }, false },
    { "a stroke", "TOTAL 1234.50", { { -.03, 1.03, .55, .5, 4 } }, true },
    { "a slanting stroke", "TOTAL 1234.50", { { 0, 1, .7, .3, 4 } }, true },
    { "two strokes", "TOTAL 1234.50", { { -.02, 1.02, .35, .35, 3 }, { -.02, 1.02, .65, .65, 3 } }, true },
    { "the second word only", "TOTAL 1234.50", { { .45, 1.02, .5, .5, 4 } }, true },
    { "an underline", "TOTAL 1234.50", { { -.03, 1.03, 1.02, 1.02, 4 } }, false },
    { "a rule above", "TOTAL 1234.50", { { -.03, 1.03, -.05, -.05, 4 } }, false },
    { "a rule of the form on which print stands too high", "TOTAL 1234.50", { { -3, 3, .5, .5, 3 } }, false },
    { "a dash", "12 - 50", { { 0, 0, 0, 0, 0 } }, false },
};

static void
strokes_are_told_from_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct box box, out = { 0, 0, 0, 0 };
        PIX *pix = printed(cases[i].text, &box);
        const int w = box.x1 - box.x0, h = box.y1 - box.y0;
        struct line_box line = { .box = box };

        for (int k = 0; k < 2; k++) {
            const struct stroke *s = &cases[i].strokes[k];

            if (s->width > 0)
                pixRenderLineArb(pix, box.x0 + (int)(s->from * w), box.y0 + (int)(s->y0 * h), box.x0 + (int)(s->to * w),
                                 box.y0 + (int)(s->y1 * h), s->width, 40, 40, 40);
        }
        if (strike_find(pix, &line, &out) != cases[i].found)
            fail_msg("%s: %s", cases[i].what, cases[i].found ? "not seen" : "taken for a stroke");
        if (cases[i].found) {
            assert_true(out.x1 - out.x0 > w / 3 && out.y0 == box.y0 && out.y1 == box.y1);
            assert_true(out.x0 >= box.x0 - w / 4 && out.x1 <= box.x1 + w / 4);
        }
        pixDestroy(&pix);
    }
}

static void
pages_without_anything_are_quiet(void **state)
{
    PIX *pix = pixCreate(300, 100, 8), *one = pixCreate(300, 100, 1);
    struct line_box line = { .box = { 10, 10, 290, 50 } }, off = { .box = { 400, 10, 600, 50 } };
    struct box out;

    (void)state;
    assert_false(strike_find(pix, &line, &out)); /* black all over */
    pixSetAllArbitrary(pix, 255);
    assert_false(strike_find(pix, &line, &out));
    assert_false(strike_find(pix, &off, &out));
    assert_false(strike_find(one, &line, &out));
    pixDestroy(&pix);
    pixDestroy(&one);
}

/* A value under a stroke waits for a person, whatever the readers say; what a person typed does not. */
static void
who_is_crossed_out_is_looked_at(void **state)
{
    struct err err = { .rc = RC_OK };
    struct box strokes[] = { { 100, 100, 300, 130 }, { 100, 900, 900, 930 } };
    struct page_reading page = { .strikes = strokes, .strike_count = 1 };
    const struct page_reading *pages[] = { &page };
    struct field all[] = {
        { .name = "invoice_number", .value = "A-1", .state = FIELD_VALUE, .box = { 110, 102, 280, 128 }, .confidence = .99 },
        { .name = "issue_date", .value = "2025-01-01", .state = FIELD_VALUE, .box = { 110, 202, 280, 228 } },
        { .name = "grand_total", .value = "1.00", .state = FIELD_VALUE, .box = { 110, 102, 280, 128 }, .origin = ORIGIN_PERSON },
        { .name = "net_total", .value = "1.00", .state = FIELD_VALUE, .page = 1, .box = { 110, 102, 280, 128 } },
    };
    struct fields fields = { .form = "invoice", .fields = all, .count = COUNT_OF(all) };
    struct form *form;

    (void)state;
    assert_int_equal(form_load(SOURCE_DIR "/forms/invoice.yaml", &form, &err), RC_OK);
    check_strikes(form, pages, 1, &fields);
    assert_int_equal(all[0].reasons[0], REASON_CROSSED_OUT);
    assert_int_equal(all[1].reasons[0], REASON_NONE);
    assert_int_equal(all[2].reasons[0], REASON_NONE);
    assert_int_equal(all[3].reasons[0], REASON_NONE); /* another page */

    /* a long stroke through what no field has: it may have been one of those that matter most */
    page.strike_count = 2;
    check_strikes(form, pages, 1, &fields);
    assert_int_equal(all[1].reasons[0], REASON_CROSSED_OUT);
    assert_int_equal(all[2].reasons[0], REASON_NONE);
    form_free(form);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strokes_are_told_from_rules),
        cmocka_unit_test(pages_without_anything_are_quiet),
        cmocka_unit_test(who_is_crossed_out_is_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
