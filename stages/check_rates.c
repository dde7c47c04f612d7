/*
 * check_rates.c - rules that ask a table of rates what was in force on the document's day.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "check_seen.h"
#include "doc/checkdigit.h"
#include "doc/rates.h"
#include "doc/value.h"
#include "forms_ready.h"

/* A year stands for its middle: yearly tables have no other day to ask for. */
static bool
day_of(const struct rule *rule, const struct seen *s, char out[11])
{
    const char *value = rule->on != NULL ? seen_value(s, rule->on) : NULL;
    struct date d;

    if (value == NULL)
        return false;
    if (date_canonical(value, &d)) {
        memcpy(out, value, 11);
        return true;
    }
    if (strlen(value) != 4 || strspn(value, "0123456789") != 4)
        return false;
    snprintf(out, 11, "%.4s-07-01", value);
    return true;
}

/* The country that a tax number belongs to, by its own letters or by the check digit that it has. */
static bool
country_of(const struct form_field *form, const char *value, char out[3])
{
    char compact[40];

    if (!checkdigit_compact(value, compact, sizeof compact))
        return false;
    if (checkdigit_check("eu_vat", value) == CHECKDIGIT_GOOD) {
        snprintf(out, 3, "%.2s", compact);
        return true;
    }
    for (unsigned i = 0; i < form->checks.count; i++) {
        const struct checkdigit_kind *kind = checkdigit_find(form->checks.items[i]);

        if (kind != NULL && strlen(kind->country) == 2 && kind->proves && kind->good(compact)) {
            snprintf(out, 3, "%s", kind->country);
            return true;
        }
    }
    return false;
}

static bool
by_country(const struct rate_table *table)
{
    const char *key = table->rows[0].key;

    return key != NULL && strlen(key) == 2 && isupper((unsigned char)key[0]) && isupper((unsigned char)key[1]);
}

/* Which rows: the word in the rule, the value of a field, the country of a tax number. */
static bool
key_of(const struct rule *rule, const struct rate_table *table, const struct seen *s, char out[21])
{
    const struct form_field *form;
    const char *value;

    out[0] = '\0';
    if (rule->key == NULL)
        return true;
    form = form_field(s->form, rule->key);
    if (form == NULL)
        form = form_column(s->form, rule->key);
    if (form == NULL) {
        snprintf(out, 21, "%s", rule->key);
        return true;
    }
    if ((value = seen_value(s, rule->key)) == NULL)
        return false;
    if (form->type == VALUE_ID && by_country(table))
        return country_of(form, value, out);
    while (value[0] == '0' && value[1] != '\0')
        value++;
    return (size_t)snprintf(out, 21, "%s", value) < 21;
}

static enum rate_answer
ask(const struct rule *rule, const struct seen *s, const struct rate_row *rows[RATES_AT_ONCE], unsigned *count)
{
    const struct rate_table *table = rates_find(rates_loaded(), rule->table);
    char day[11], key[21];

    *count = 0;
    if (table == NULL || !day_of(rule, s, day) || !key_of(rule, table, s, key))
        return RATES_SILENT;
    return rates_ask(table, key, day, rows, count);
}

static int64_t
tolerance_of(const struct rule *rule)
{
    int64_t n;

    return rule->tolerance != NULL && money_canonical(rule->tolerance, &n) ? n : 1;
}

/* The sum of the fields from "first" on that are there. */
static bool
sum_of(const struct rule *rule, const struct seen *s, unsigned first, int64_t *sum)
{
    bool any = false;

    *sum = 0;
    for (unsigned i = first; i < rule->fields.count; i++) {
        int64_t v;

        if (seen_amount(s, rule->fields.items[i], &v)) {
            *sum += v;
            any = true;
        }
    }
    return any;
}

enum held
held_rate(const struct rule *rule, const struct seen *s)
{
    const struct rate_row *rows[RATES_AT_ONCE];
    int64_t amount, base, tolerance = tolerance_of(rule);
    unsigned count;
    enum rate_answer answer;

    if (!seen_amount(s, rule->fields.items[0], &amount) || !sum_of(rule, s, 1, &base))
        return HELD_SILENT;
    if ((answer = ask(rule, s, rows, &count)) != RATES_HERE)
        return answer == RATES_OUTDATED ? HELD_OUTDATED : HELD_SILENT;
    for (unsigned i = 0; i < count; i++) {
        int64_t rate, due;

        if (rows[i]->value == NULL || !money_canonical(rows[i]->value, &rate))
            continue;
        due = (base * rate + (base >= 0 ? 5000 : -5000)) / 10000;
        if (amount - due <= tolerance && due - amount <= tolerance)
            return HELD_YES;
    }
    return HELD_NO;
}

static bool
among(const struct rate_row *const *rows, unsigned count, int64_t rate)
{
    for (unsigned i = 0; i < count; i++) {
        int64_t here;

        if (rows[i]->value != NULL && money_canonical(rows[i]->value, &here) && here == rate)
            return true;
    }
    return false;
}

enum held
held_known_rate(const struct rule *rule, const struct seen *s)
{
    const struct rate_row *rows[RATES_AT_ONCE];
    unsigned count, there = 0;
    enum rate_answer answer;
    enum held held = HELD_YES;

    for (unsigned i = 0; i < rule->fields.count; i++)
        there += seen_value(s, rule->fields.items[i]) != NULL;
    if (there == 0)
        return HELD_SILENT;
    if ((answer = ask(rule, s, rows, &count)) != RATES_HERE)
        return answer == RATES_OUTDATED ? HELD_OUTDATED : HELD_SILENT;
    /* With "values" the fields' names say the rate: "tax at 21". */
    for (unsigned i = 0; i < rule->values.count; i++) {
        int64_t rate;

        if (!money_canonical(rule->values.items[i], &rate) || !among(rows, count, rate))
            held = HELD_NO;
    }
    for (unsigned i = 0; i < rule->fields.count && rule->values.count == 0; i++) {
        int64_t rate;

        if (seen_amount(s, rule->fields.items[i], &rate) && !among(rows, count, rate))
            held = HELD_NO;
    }
    return held;
}

enum held
held_within(const struct rule *rule, const struct seen *s)
{
    const struct rate_row *rows[RATES_AT_ONCE];
    int64_t sum, limit, tolerance = tolerance_of(rule);
    enum rate_answer answer;
    unsigned count;

    if (!sum_of(rule, s, 0, &sum))
        return HELD_SILENT;
    if ((answer = ask(rule, s, rows, &count)) != RATES_HERE)
        return answer == RATES_OUTDATED ? HELD_OUTDATED : HELD_SILENT;
    for (unsigned i = 0; i < count; i++) {
        if (rows[i]->least != NULL && money_canonical(rows[i]->least, &limit) && sum < limit - tolerance)
            continue;
        if (rows[i]->most != NULL && money_canonical(rows[i]->most, &limit) && sum > limit + tolerance)
            continue;
        return HELD_YES;
    }
    return HELD_NO;
}
