/*
 * check_rules.c - checks across fields: equations and rules of the form.
 */
#include <string.h>

#include "check_seen.h"
#include "doc/lexicon.h"
#include "doc/value.h"

static struct field *
cell_of(const struct field_row *row, const char *name)
{
    for (uint32_t i = 0; i < row->count; i++)
        if (strcmp(row->cells[i].name, name) == 0)
            return &row->cells[i];
    return NULL;
}

struct field *
seen_field(const struct seen *s, const char *name)
{
    struct field *f = s->row != NULL ? cell_of(s->row, name) : NULL;

    if (f == NULL)
        f = fields_find(s->fields, name);
    return f != NULL && f->state == FIELD_VALUE && f->value[0] != '\0' ? f : NULL;
}

const char *
seen_value(const struct seen *s, const char *name)
{
    const struct field *f = seen_field(s, name);

    return f != NULL ? f->value : NULL;
}

bool
seen_amount(const struct seen *s, const char *name, int64_t *out)
{
    const struct field *f = seen_field(s, name);

    return f != NULL && money_canonical(f->value, out);
}

/* What a column adds up to; false when there is no row, or one without a readable amount. */
static bool
column_sum(const struct fields *fields, const char *name, int64_t *out)
{
    *out = 0;
    for (uint32_t r = 0; r < fields->row_count; r++) {
        const struct field *f = cell_of(&fields->rows[r], name);
        int64_t v;

        if (f == NULL || f->state != FIELD_VALUE || !money_canonical(f->value, &v))
            return false;
        *out += v;
    }
    return fields->row_count > 0;
}

/* A field's amount, or the sum of the column of this name. */
static bool
amount(const struct form *form, const struct fields *fields, const char *name, int64_t *out)
{
    const struct field *f = fields_find(fields, name);

    if (f == NULL && form_column(form, name) != NULL && form_field(form, name) == NULL)
        return column_sum(fields, name, out);
    return f != NULL && f->state == FIELD_VALUE && money_canonical(f->value, out);
}

static int64_t
apart(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static bool
add_all(const struct form *form, const struct fields *fields, const struct phrases *names, bool needed, int64_t sign,
        int64_t *sum, unsigned *present)
{
    for (unsigned i = 0; i < names->count; i++) {
        int64_t v;

        if (amount(form, fields, names->items[i], &v)) {
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

    if (!amount(form, fields, q->result, &result))
        return 0;
    if (q->tolerance == NULL || !money_canonical(q->tolerance, &tolerance))
        tolerance = (int64_t)(q->terms.count + q->minus.count + q->maybe.count + q->maybe_minus.count);
    if (q->kind == EQ_SUM) {
        if (!add_all(form, fields, &q->terms, true, 1, &sum, &present) ||
            !add_all(form, fields, &q->minus, true, -1, &sum, &present) ||
            !add_all(form, fields, &q->maybe, false, 1, &sum, &present) ||
            !add_all(form, fields, &q->maybe_minus, false, -1, &sum, &present) || present < 1)
            return 0;
        /* With nothing but optional terms, some may be off the page: no proof against. */
        if (q->terms.count + q->minus.count == 0 && present < 2)
            return 0;
    } else {
        int64_t a;

        if (q->terms.count < 1 || !amount(form, fields, q->terms.items[0], &a))
            return 0;
        if (q->kind == EQ_PRODUCT) {
            if (q->terms.count != 2 || !amount(form, fields, q->terms.items[1], &rate))
                return 0;
            rate *= 100;
        } else if (strcmp(q->rate, "any") == 0) {
            return 0; /* the page's rates are not known here */
        } else if (!money_canonical(q->rate, &rate) && !amount(form, fields, q->rate, &rate)) {
            return 0;
        }
        sum = (a * rate + (a >= 0 ? 5000 : -5000)) / 10000;
    }
    return apart(sum, result) <= tolerance ? 1 : -1;
}

static void
doubt_one(struct field *f, enum reason reason)
{
    if (f != NULL && f->state == FIELD_VALUE && f->origin != ORIGIN_PERSON)
        field_doubt(f, reason);
}

/* The fields of these names, or all cells of the column. */
static void
doubt_named(struct fields *fields, const struct phrases *names, enum reason reason)
{
    for (unsigned i = 0; i < names->count; i++) {
        struct field *f = fields_find(fields, names->items[i]);

        doubt_one(f, reason);
        for (uint32_t r = 0; f == NULL && r < fields->row_count; r++)
            doubt_one(cell_of(&fields->rows[r], names->items[i]), reason);
    }
}

/* ---- rules ------------------------------------------------------------------------------- */

/* Is this pair in the order, the sameness or the limit that the rule wants? */
static bool
pair_holds(const struct rule *rule, const struct seen *s, const struct field *a, const struct field *b)
{
    const struct form_field *form = form_field(s->form, a->name);
    char fold_a[400], fold_b[400];
    int64_t x, y;
    bool same = strcmp(a->value, b->value) == 0;

    switch (rule->kind) {
    case RULE_ORDER: return strcmp(a->value, b->value) <= 0;
    case RULE_DIFFERENT: return !same;
    case RULE_EQUAL:
        if (!same && form != NULL && (form->type == VALUE_NAME || form->type == VALUE_TEXT)) {
            lexicon_fold(a->value, fold_a, sizeof fold_a);
            lexicon_fold(b->value, fold_b, sizeof fold_b);
            same = strcmp(fold_a, fold_b) == 0;
        }
        return same;
    case RULE_AT_MOST: return !money_canonical(a->value, &x) || !money_canonical(b->value, &y) || x <= y;
    default: return true;
    }
}

static enum held
held_pairs(const struct rule *rule, const struct seen *s)
{
    const struct field *last = NULL;

    for (unsigned i = 0; i < rule->fields.count; i++) {
        const struct field *f = seen_field(s, rule->fields.items[i]);

        if (f == NULL)
            continue;
        if (last != NULL && !pair_holds(rule, s, last, f))
            return HELD_NO;
        last = f;
    }
    return HELD_YES;
}

static enum held
held_needs(const struct rule *rule, const struct seen *s)
{
    if (seen_field(s, rule->fields.items[0]) == NULL)
        return HELD_YES;
    for (unsigned i = 1; i < rule->fields.count; i++)
        if (seen_field(s, rule->fields.items[i]) == NULL)
            return HELD_NO;
    return HELD_YES;
}

static enum held
held_one_of(const struct rule *rule, const struct seen *s)
{
    for (unsigned i = 0; i < rule->fields.count; i++)
        if (seen_field(s, rule->fields.items[i]) != NULL)
            return HELD_YES;
    return HELD_NO;
}

/* "ABD" points to the first, second and fourth of the other fields. */
static enum held
held_pointers(const struct rule *rule, const struct seen *s)
{
    const char *letters = seen_value(s, rule->fields.items[0]);

    for (; letters != NULL && *letters != '\0'; letters++) {
        unsigned place = (unsigned)((*letters | 0x20) - 'a') + 1;

        if (*letters == ' ' || *letters == ',')
            continue;
        if (place >= rule->fields.count || seen_field(s, rule->fields.items[place]) == NULL)
            return HELD_NO;
    }
    return letters != NULL ? HELD_YES : HELD_SILENT;
}

/* Lines are net or gross, before a discount or with the freight: the column adds up to one of these. */
static enum held
held_adds_to(const struct rule *rule, const struct seen *s)
{
    int64_t sum, total, other, tolerance;
    bool any = false;

    if (!column_sum(s->fields, rule->fields.items[0], &sum))
        return HELD_SILENT;
    if (rule->tolerance == NULL || !money_canonical(rule->tolerance, &tolerance))
        tolerance = (int64_t)s->fields->row_count;
    for (unsigned i = 1; i < rule->fields.count; i++) {
        if (!seen_amount(s, rule->fields.items[i], &total))
            continue;
        any = true;
        if (apart(sum, total) <= tolerance)
            return HELD_YES;
        for (unsigned k = 0; k < rule->maybe.count; k++)
            if (seen_amount(s, rule->maybe.items[k], &other) &&
                (apart(sum + other, total) <= tolerance || apart(sum - other, total) <= tolerance))
                return HELD_YES;
    }
    return any ? HELD_NO : HELD_SILENT;
}

/* A month counts as 30 days or as those that it has; who began or left within it has those worked. */
static enum held
held_days(const struct rule *rule, const struct seen *s)
{
    const char *from = seen_value(s, rule->fields.items[0]), *to = seen_value(s, rule->fields.items[1]);
    int64_t days, said;
    struct date a, b;

    if (from == NULL || to == NULL || !date_canonical(from, &a) || !date_canonical(to, &b) ||
        !seen_amount(s, rule->fields.items[2], &said))
        return HELD_SILENT;
    days = date_serial(b) - date_serial(a) + 1;
    if (said == days * 100)
        return HELD_YES;
    return a.day == 1 && b.day == date_month_days(b.year, b.month) && a.year == b.year && a.month == b.month &&
                   said == 3000
               ? HELD_YES
               : HELD_NO;
}

static const struct {
    enum held (*held)(const struct rule *rule, const struct seen *s);
    enum reason reason;
    bool first; /* only the first field is to blame */
    bool whole; /* looks at all rows at once        */
} kinds[] = {
    [RULE_ORDER] = { held_pairs, REASON_DATE_IMPOSSIBLE, false, false },
    [RULE_EQUAL] = { held_pairs, REASON_RULE_BROKEN, false, false },
    [RULE_DIFFERENT] = { held_pairs, REASON_RULE_BROKEN, false, false },
    [RULE_NEEDS] = { held_needs, REASON_RULE_BROKEN, false, false },
    [RULE_AT_MOST] = { held_pairs, REASON_RULE_BROKEN, false, false },
    [RULE_ONE_OF] = { held_one_of, REASON_RULE_BROKEN, false, false },
    [RULE_POINTERS] = { held_pointers, REASON_POINTER_EMPTY, true, false },
    [RULE_ADDS_TO] = { held_adds_to, REASON_SUM_DIFFERS, true, true },
    [RULE_DAYS] = { held_days, REASON_RULE_BROKEN, false, false },
    [RULE_RATE] = { held_rate, REASON_RATE_DIFFERS, false, false },
    [RULE_KNOWN_RATE] = { held_known_rate, REASON_RATE_DIFFERS, false, false },
    [RULE_WITHIN] = { held_within, REASON_RATE_DIFFERS, false, false },
};

/* Is the rule meant for this document, or this row? */
static bool
applies(const struct rule *rule, const struct seen *s)
{
    const struct form_field only = { .pattern = rule->matches };
    const char *value;

    if (rule->when == NULL)
        return true;
    value = seen_value(s, rule->when);
    return value != NULL && value_matches(&only, value);
}

static void
blame(const struct rule *rule, const struct seen *s, enum held held)
{
    unsigned count = kinds[rule->kind].first || held == HELD_OUTDATED ? 1 : rule->fields.count;
    enum reason reason = held == HELD_OUTDATED ? REASON_RATES_OUTDATED : kinds[rule->kind].reason;
    const struct phrases first = { .items = rule->fields.items, .count = 1 };

    if (rule->soft && held == HELD_OUTDATED)
        return;
    if (kinds[rule->kind].whole && !rule->soft) {
        doubt_named(s->fields, &first, reason);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        struct field *f = seen_field(s, rule->fields.items[i]);

        if (f != NULL && rule->soft)
            field_note(f, REASON_UNUSUAL);
        else
            doubt_one(f, reason);
    }
}

static bool
names_columns(const struct form *form, const struct rule *rule)
{
    for (unsigned i = 0; i < rule->fields.count; i++)
        if (form_field(form, rule->fields.items[i]) == NULL && form_column(form, rule->fields.items[i]) != NULL)
            return true;
    return false;
}

static void
check_rule(const struct rule *rule, struct seen *s)
{
    enum held held = applies(rule, s) ? kinds[rule->kind].held(rule, s) : HELD_SILENT;

    if (held == HELD_NO || held == HELD_OUTDATED)
        blame(rule, s, held);
}

void
check_document(const struct form *form, struct fields *fields)
{
    struct seen s = { form, fields, NULL };

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
    for (unsigned i = 0; i < form->rule_count; i++) {
        s.row = NULL;
        if (kinds[form->rules[i].kind].whole || !names_columns(form, &form->rules[i])) {
            check_rule(&form->rules[i], &s);
            continue;
        }
        for (uint32_t r = 0; r < fields->row_count; r++) {
            s.row = &fields->rows[r];
            check_rule(&form->rules[i], &s);
        }
    }
}
