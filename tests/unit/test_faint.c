/* test_faint.c - a form whose rules a fax has dissolved into rows of dots is found. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rc.h"
#include "zone_lines.h"
#include "zone_template.h"
#include "zones.h"

#define WIDTH 1700
#define HEIGHT 2200
#define SCALE (200 / 72.0)

static int
load(void **state)
{
    struct err err = { .rc = RC_OK };

    (void)state;
    return zones_ready(SOURCE_DIR "/forms", NULL, &err) == RC_OK ? 0 : -1;
}

static const struct zone_template *
template_of(const char *form)
{
    const struct zone_template **all;
    unsigned n = zone_templates(&all);

    for (unsigned i = 0; i < n; i++)
        if (strcmp(all[i]->form, form) == 0)
            return all[i];
    fail_msg("no template of %s", form);
    return NULL;
}

static PIX *
drawn(const struct zone_template *t)
{
    PIX *pix = pixCreate(WIDTH, HEIGHT, 8);

    pixSetAll(pix);
    for (unsigned i = 0; i < t->rule_count; i++) {
        const struct zone_rule *r = &t->rules[i];
        int x = (int)(r->x0 * SCALE), y = (int)(r->y0 * SCALE), long_x = (int)((r->x1 - r->x0) * SCALE),
            long_y = (int)((r->y1 - r->y0) * SCALE);

        if (!r->dashed)
            pixRasterop(pix, x, y, r->across ? long_x : 2, r->across ? 2 : long_y, PIX_CLR, NULL, 0, 0);
    }
    return pix;
}

/* Of the black dots two fifths stay, and of the white ones some turn black: the same ones every time. */
static void
dissolve(PIX *pix)
{
    uint32_t lot = 12345;

    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            l_uint32 v;

            lot = lot * 1664525u + 1013904223u;
            pixGetPixel(pix, x, y, &v);
            if (v == 0 ? lot >> 16 > 65536u * 2 / 5 : lot >> 16 < 65536u / 1600)
                pixSetPixel(pix, x, y, v == 0 ? 255 : 0);
        }
}

static void
dissolved_rules_are_found(void **state)
{
    PIX *pix = drawn(template_of("ub04"));
    struct zone_match m;

    (void)state;
    assert_false(page_is_broken(pix));
    dissolve(pix);
    assert_true(page_is_broken(pix));
    assert_int_equal(zones_match(pix, "", &m), RC_OK);
    assert_string_equal(m.form, "ub04");
    for (unsigned i = 0; i < m.template->zone_count; i++) {
        double x, y;

        zone_map_point(&m.map, m.template->zones[i].x0, m.template->zones[i].y0, &x, &y);
        assert_true(hypot(x - m.template->zones[i].x0 * SCALE, y - m.template->zones[i].y0 * SCALE) < 7);
    }
    pixDestroy(&pix);
}

/* Specks alone are no form. */
static void
specks_are_no_form(void **state)
{
    PIX *pix = pixCreate(WIDTH, HEIGHT, 8);
    struct zone_match m;

    (void)state;
    pixSetAll(pix);
    dissolve(pix);
    assert_true(page_is_broken(pix));
    assert_int_equal(zones_match(pix, "", &m), RC_NOT_FOUND);
    pixDestroy(&pix);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dissolved_rules_are_found),
        cmocka_unit_test(specks_are_no_form),
    };

    return cmocka_run_group_tests(tests, load, NULL);
}
