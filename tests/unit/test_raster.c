/* test_raster.c - is a raster believed only when its length is exactly what its head says? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/raster.h"
#include "doc/recipe.h"

static void
our_head_is_read(void **state)
{
    uint8_t raw[RASTER_HEADER + 6] = { 0 };
    struct raster r;

    (void)state;
    raster_header(raw, 3, 2, 300);
    raw[RASTER_HEADER + 5] = 77;
    assert_int_equal(raster_open(bytes_of(raw, sizeof raw), &r), RC_OK);
    assert_int_equal(r.width, 3);
    assert_int_equal(r.height, 2);
    assert_int_equal(r.dpi, 300);
    assert_int_equal(r.pixels[5], 77);
    for (size_t cut = 0; cut < sizeof raw; cut++)
        assert_int_not_equal(raster_open(bytes_of(raw, cut), &r), RC_OK);
}

static const struct {
    const char *head;
    size_t body;
    enum rc rc;
} rows[] = {
    { "P5\n3 2\n255\n", 6, RC_OK },
    { "P5\n3 2\n255\n", 5, RC_INPUT },
    { "P5\n3 2\n255\n", 7, RC_INPUT },
    { "P5\n0 2\n255\n", 0, RC_INPUT },
    { "P5\n3 2\n65535\n", 12, RC_INPUT },
    { "P5\n# c\n3 2\n255\n", 6, RC_INPUT },
    { "P5\n-3 2\n255\n", 6, RC_INPUT },
    { "P5\n30000 1\n255\n", 30000, RC_LIMIT },
    { "P5\n9999999 1\n255\n", 1, RC_INPUT },
    { "P5\n20000 20000\n255\n", 9, RC_LIMIT },
    { "P6\n3 2\n255\n", 18, RC_INPUT },
    { "P5\n3", 0, RC_INPUT },
    { "", 0, RC_INPUT },
};

static void
what_the_painter_writes_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t head = strlen(rows[i].head);
        uint8_t *raw = calloc(1, head + rows[i].body + 1);
        struct raster r;

        assert_non_null(raw);
        memcpy(raw, rows[i].head, head);
        if (raster_open(bytes_of(raw, head + rows[i].body), &r) != rows[i].rc)
            fail_msg("row %zu", i);
        free(raw);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_head_is_read),
        cmocka_unit_test(what_the_painter_writes_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
