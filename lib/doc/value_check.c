/*
 * value_check.c - checks of one value that have no check digit: dates that cannot be, signs.
 */
#include "doc/value.h"

#include <string.h>

#include "base/clock.h"

#define DAY_MS 86400000LL

static int64_t
today(void)
{
    return clock_wall_ms() / DAY_MS;
}

/* A day's grace: a paper may be dated where it is already tomorrow. */
static bool
not_future(const char *value)
{
    struct date d;

    return date_canonical(value, &d) && date_serial(d) <= today() + 1;
}

static bool
recent(const char *value)
{
    struct date d;

    return date_canonical(value, &d) && date_serial(d) > today() - 10 * 366;
}

static bool
positive(const char *value)
{
    int64_t n;

    return money_canonical(value, &n) && n > 0;
}

static bool
not_negative(const char *value)
{
    int64_t n;

    return money_canonical(value, &n) && n >= 0;
}

/* Codes of box 12: General Instructions for Forms W-2 and W-3 (IRS), up to those new in 2026. */
static bool
us_w2_code(const char *value)
{
    static const char *const codes[] = { "A",  "B",  "C",  "D",  "E",  "F",  "G",  "H",  "J",  "K",  "L",
                                         "M",  "N",  "P",  "Q",  "R",  "S",  "T",  "V",  "W",  "Y",  "Z",
                                         "AA", "BB", "DD", "EE", "FF", "GG", "HH", "II", "TA", "TP", "TT" };

    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (strcmp(codes[i], value) == 0)
            return true;
    return false;
}

/* A year of taxes: since withholding began as it is now, and not after the one that runs. */
static bool
tax_year(const char *value)
{
    char day[11];
    struct date d;

    if (strlen(value) != 4 || strspn(value, "0123456789") != 4)
        return false;
    memcpy(day, value, 4);
    memcpy(day + 4, "-01-01", 7);
    return date_canonical(day, &d) && d.year >= 1978 && date_serial(d) <= today() + 1;
}

static const struct value_check checks[] = {
    { "not_future", REASON_DATE_IMPOSSIBLE, not_future },
    { "recent", REASON_DATE_IMPOSSIBLE, recent },
    { "positive", REASON_RULE_BROKEN, positive },
    { "not_negative", REASON_RULE_BROKEN, not_negative },
    { "us_w2_code", REASON_CODE_UNKNOWN, us_w2_code },
    { "tax_year", REASON_DATE_IMPOSSIBLE, tax_year },
};

const struct value_check *
value_check_at(unsigned i)
{
    return i < COUNT_OF(checks) ? &checks[i] : NULL;
}

const struct value_check *
value_check_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(checks); i++)
        if (strcmp(checks[i].name, name) == 0)
            return &checks[i];
    return NULL;
}
