/* test_ctl_version.c - Debian's order of versions, by the cases of deb-version(7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../pipeline/ctl_version.c"

static const struct {
    const char *a, *b;
    int sign;
} rows[] = {
    { "1.0", "1.0", 0 },
    { "1.0", "1.1", -1 },
    { "1.9", "1.10", -1 },
    { "1.0-1", "1.0-2", -1 },
    { "1.0", "1.0-1", -1 },
    { "1.0-0", "1.0", 0 },
    { "1:0.1", "9.9", 1 },
    { "0:1.0", "1.0", 0 },
    { "1.0~rc1", "1.0", -1 },
    { "1.0~~", "1.0~", -1 },
    { "1.0~rc1-1", "1.0-1", -1 },
    { "1.0a", "1.0", 1 },
    { "1.0a", "1.0+", -1 },
    { "1.00", "1.0", 0 },
    { "1.2.4-0.2+deb12u1", "1.2.4-0.2", 1 },
    { "3.6.2-1+deb12u4", "3.6.2-1+deb12u5", -1 },
    { "3.6.2-1+deb12u10", "3.6.2-1+deb12u5", 1 },
    { "3.7.2-1", "3.6.2-1+deb12u5", 1 },
    { "1:2.1.5-2", "1:2.1.5-4", -1 },
    { "5.3.0-2", "5.3.0-2+b1", -1 },
    { "1.0-1-1", "1.0-1-2", -1 },
    { "", "0", 0 },
    { "1.", "1.0", 0 },
};

static int
sign_of(int n)
{
    return (n > 0) - (n < 0);
}

static void
versions_are_ordered(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (sign_of(version_compare(rows[i].a, rows[i].b)) != rows[i].sign ||
            sign_of(version_compare(rows[i].b, rows[i].a)) != -rows[i].sign)
            fail_msg("row %zu: %s against %s", i, rows[i].a, rows[i].b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(versions_are_ordered) };

    return cmocka_run_group_tests_name("ctl_version", tests, NULL, NULL);
}
