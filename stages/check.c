/*
 * check.c - checks of one value: its type's shape, its patterns, its check digits, its dates.
 */
#include "check.h"

#include <string.h>

#include "doc/checkdigit.h"
#include "doc/value.h"

/* As many decimals as were printed. */
static bool
plain_number(const char *value)
{
    size_t n;

    value += *value == '-';
    n = strspn(value, "0123456789");
    if (n > 0 && value[n] == '.' && value[n + 1] != '\0')
        n += 1 + strspn(value + n + 1, "0123456789");
    return n > 0 && value[n] == '\0';
}

static bool
has_shape(const struct form_field *form, const char *value)
{
    int64_t n;
    struct date d;

    switch (form->type) {
    case VALUE_MONEY:
    case VALUE_PERCENT: return money_canonical(value, &n);
    case VALUE_NUMBER: return plain_number(value);
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
        const struct value_check *check = value_check_find(form->checks.items[i]);
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
