/*
 * check.c - checks of one value: its type's shape, its patterns, its check digits, its dates.
 */
#include "check.h"

#include <string.h>

#include "base/clock.h"
#include "doc/checkdigit.h"
#include "doc/value.h"

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

static const struct check checks[] = {
    { "not_future", REASON_DATE_IMPOSSIBLE, not_future },
    { "recent", REASON_DATE_IMPOSSIBLE, recent },
    { "positive", REASON_RULE_BROKEN, positive },
    { "not_negative", REASON_RULE_BROKEN, not_negative },
};

const struct check *
check_at(unsigned i)
{
    return i < COUNT_OF(checks) ? &checks[i] : NULL;
}

const struct check *
check_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(checks); i++)
        if (strcmp(checks[i].name, name) == 0)
            return &checks[i];
    return NULL;
}

static bool
has_shape(const struct form_field *form, const char *value)
{
    int64_t n;
    struct date d;

    switch (form->type) {
    case VALUE_MONEY:
    case VALUE_PERCENT:
    case VALUE_NUMBER: return money_canonical(value, &n);
    case VALUE_DATE: return date_canonical(value, &d);
    default: return true;
    }
}

void
check_field(const struct form_field *form, struct field *field)
{
    bool digit_known = false, digit_good = false;

    if (field->state != FIELD_VALUE) {
        if (form->required && field->origin != ORIGIN_PERSON)
            field_doubt(field, REASON_FIELD_MISSING);
        return;
    }
    if (!has_shape(form, field->value) || (form->type == VALUE_ID && !value_matches(form, field->value)))
        field_doubt(field, REASON_FORMAT_WRONG);
    for (unsigned i = 0; i < form->checks.count; i++) {
        const struct check *check = check_find(form->checks.items[i]);
        enum checkdigit_answer answer;

        if (check != NULL) {
            if (!check->holds(field->value))
                field_doubt(field, check->reason);
            continue;
        }
        answer = checkdigit_check(form->checks.items[i], field->value);
        digit_known = digit_known || answer != CHECKDIGIT_UNKNOWN;
        digit_good = digit_good || answer == CHECKDIGIT_GOOD;
    }
    /* Several kinds are alternatives: a NIF or a CIF or an NIE. */
    if (digit_known && !digit_good)
        field_doubt(field, REASON_CHECK_DIGIT);
}
