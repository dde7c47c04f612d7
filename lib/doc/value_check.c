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

static const struct value_check checks[] = {
    { "not_future", REASON_DATE_IMPOSSIBLE, not_future },
    { "recent", REASON_DATE_IMPOSSIBLE, recent },
    { "positive", REASON_RULE_BROKEN, positive },
    { "not_negative", REASON_RULE_BROKEN, not_negative },
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
