/*
 * check_rules.c - checks across fields: equations and rules of the form.
 */
#include <string.h>

#include "check.h"
#include "doc/value.h"

static bool
amount(const struct fields *fields, const char *name, int64_t *out)
{
    const struct field *f = fields_find(fields, name);

    return f != NULL && f->state == FIELD_VALUE && money_canonical(f->value, out);
}

static int64_t
apart(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static bool
add_all(const struct fields *fields, const struct phrases *names, bool needed, int64_t sign,
        int64_t *sum, unsigned *present)
{
    for (unsigned i = 0; i < names->count; i++) {
        int64_t v;

        if (amount(fields, names->items[i], &v)) {
            *sum += sign < 0 ? (v < 0 ? v : -v) : v;
            (*present)++;
        } else if (needed) {
            return false;
        }
    }
    return true;
}

int
check_equation(const struct form *form, const struct equation *q, const struct fields *fields)
{
    int64_t result, sum = 0, rate, tolerance;
    unsigned present = 0;

    (void)form;
    if (!amount(fields, q->result, &result))
        return 0;
    if (q->tolerance == NULL || !money_canonical(q->tolerance, &tolerance))
        tolerance = (int64_t)(q->terms.count + q->minus.count + q->maybe.count + q->maybe_minus.count);
    if (q->kind == EQ_SUM) {
        if (!add_all(fields, &q->terms, true, 1, &sum, &present) ||
            !add_all(fields, &q->minus, true, -1, &sum, &present) ||
            !add_all(fields, &q->maybe, false, 1, &sum, &present) ||
            !add_all(fields, &q->maybe_minus, false, -1, &sum, &present) || present < 1)
            return 0;
        /* With nothing but optional terms, some may be off the page: no proof against. */
        if (q->terms.count + q->minus.count == 0 && present < 2)
            return 0;
    } else {
        int64_t a;

        if (q->terms.count < 1 || !amount(fields, q->terms.items[0], &a))
            return 0;
        if (q->kind == EQ_PRODUCT) {
            if (q->terms.count != 2 || !amount(fields, q->terms.items[1], &rate))
                return 0;
            rate *= 100;
        } else if (strcmp(q->rate, "any") == 0) {
            return 0; /* the page's rates are not known here */
        } else if (!money_canonical(q->rate, &rate) && !amount(fields, q->rate, &rate)) {
            return 0;
        }
        sum = (a * rate + (a >= 0 ? 5000 : -5000)) / 10000;
    }
    return apart(sum, result) <= tolerance ? 1 : -1;
}

static void
doubt_named(struct fields *fields, const struct phrases *names, enum reason reason)
{
    for (unsigned i = 0; i < names->count; i++) {
        struct field *f = fields_find(fields, names->items[i]);

        if (f != NULL && f->state == FIELD_VALUE && f->origin != ORIGIN_PERSON)
            field_doubt(f, reason);
    }
}

static bool
rule_holds(const struct rule *rule, const struct fields *fields)
{
    const struct field *last = NULL;
    unsigned there = 0;

    for (unsigned i = 0; i < rule->fields.count; i++) {
        const struct field *f = fields_find(fields, rule->fields.items[i]);
        bool has = f != NULL && f->state == FIELD_VALUE;
        int64_t a, b;

        there += has;
        if (rule->kind == RULE_NEEDS && i == 0 && !has)
            return true;
        if (rule->kind == RULE_NEEDS && !has)
            return false;
        if (!has)
            continue;
        if (last != NULL) {
            if (rule->kind == RULE_ORDER && strcmp(last->value, f->value) > 0)
                return false;
            if (rule->kind == RULE_EQUAL && strcmp(last->value, f->value) != 0)
                return false;
            if (rule->kind == RULE_DIFFERENT && strcmp(last->value, f->value) == 0)
                return false;
            if (rule->kind == RULE_AT_MOST && money_canonical(last->value, &a) &&
                money_canonical(f->value, &b) && a > b)
                return false;
        }
        last = f;
    }
    return rule->kind != RULE_ONE_OF || there > 0;
}

void
check_document(const struct form *form, struct fields *fields)
{
    for (unsigned i = 0; i < form->equation_count; i++) {
        const struct equation *q = &form->equations[i];
        struct phrases result = { .items = (char **)(const void *)&q->result, .count = 1 };

        if (check_equation(form, q, fields) >= 0)
            continue;
        doubt_named(fields, &result, REASON_SUM_DIFFERS);
        doubt_named(fields, &q->terms, REASON_SUM_DIFFERS);
        doubt_named(fields, &q->minus, REASON_SUM_DIFFERS);
        doubt_named(fields, &q->maybe, REASON_SUM_DIFFERS);
        doubt_named(fields, &q->maybe_minus, REASON_SUM_DIFFERS);
    }
    for (unsigned i = 0; i < form->rule_count; i++)
        if (!rule_holds(&form->rules[i], fields))
            doubt_named(fields, &form->rules[i].fields,
                        form->rules[i].kind == RULE_ORDER ? REASON_DATE_IMPOSSIBLE : REASON_RULE_BROKEN);
}
