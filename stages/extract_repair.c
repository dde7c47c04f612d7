/*
 * extract_repair.c - one misread digit, and day or month first: decided by what must hold.
 *
 * An equation that fails is tried again with each of its amounts read another way: as the other
 * reader gave it, or with one digit taken for one that looks alike.  Only a single way to make
 * it hold, which breaks nothing that held, is taken; the value is flagged as repaired and goes
 * to a person.  Without the other reader's word only the amount that was read worst is changed.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "extract_cells.h"
#include "extract_solve.h"

#define TEXT_ROOM 64
#define DAYS_IN_YEAR 366

struct way {
    unsigned field;
    uint32_t first; /* its word */
    int64_t minor;
    unsigned held;  /* equations that hold with it and did not before */
    bool second;    /* the other reader says so                       */
};

struct ways {
    struct way best;
    unsigned count; /* of different ways as good as the best */
};

static bool
takes_part(const struct equation *q, const char *name)
{
    const struct phrases *sets[] = { &q->terms, &q->minus, &q->maybe, &q->maybe_minus };

    if (strcmp(q->result, name) == 0)
        return true;
    for (size_t s = 0; s < COUNT_OF(sets); s++)
        for (unsigned i = 0; i < sets[s]->count; i++)
            if (strcmp(sets[s]->items[i], name) == 0)
                return true;
    return false;
}

static void
note(struct ways *ways, const struct way *w)
{
    bool better = w->second != ways->best.second ? w->second : w->held > ways->best.held;

    if (ways->count > 0 && w->first == ways->best.first && w->minor == ways->best.minor) {
        ways->best.second = ways->best.second || w->second;
        return;
    }
    if (ways->count == 0 || better) {
        ways->best = *w;
        ways->count = 1;
    } else if (w->second == ways->best.second && w->held == ways->best.held) {
        ways->count++;
    }
}

/* One printed amount may be the value of two fields, "total" and "amount due": all of them read it so. */
static void
read_as(struct extraction *x, uint32_t first, int64_t was, int64_t minor)
{
    for (unsigned i = 0; i < x->form->field_count; i++) {
        struct choice *c = &x->choices[i];

        if (x->form->fields[i].type == VALUE_MONEY && c->chosen >= 0 && c->list[c->chosen].first == first &&
            c->list[c->chosen].minor == was)
            c->list[c->chosen].minor = minor;
    }
}

/* What would hold if this field were minor? */
static void
attempt(struct extraction *x, unsigned field, int64_t minor, bool second, const enum equation_state *before,
        struct ways *ways)
{
    struct candidate *c = &x->choices[field].list[x->choices[field].chosen];
    struct way w = { .field = field, .first = c->first, .minor = minor, .second = second };
    int64_t was = c->minor;
    bool harm = false;

    if (minor == was)
        return;
    read_as(x, c->first, was, minor);
    for (unsigned e = 0; e < x->form->equation_count && !harm; e++) {
        enum equation_state now = equation_state(x, &x->form->equations[e]);

        harm = before[e] == EQUATION_HOLDS && now != EQUATION_HOLDS;
        w.held += before[e] == EQUATION_FAILS && now == EQUATION_HOLDS;
    }
    read_as(x, c->first, minor, was);
    if (!harm && w.held > 0)
        note(ways, &w);
}

/* The candidate's words as the other reader gave them; false when it said nothing else. */
static bool
other_reading(const struct extraction *x, const struct candidate *c, char *out)
{
    size_t n = 0;
    bool any = false;

    for (uint32_t i = c->first; i < c->first + c->count && i < x->layout->word_count; i++) {
        const struct word *w = x->layout->words[i].word;
        const char *text = w->second != NULL && w->second[0] != '\0' ? w->second : w->text;
        size_t k = strlen(text);

        any = any || (text != w->text && strcmp(text, w->text) != 0);
        if (n + k + 1 >= TEXT_ROOM)
            return false;
        memcpy(out + n, text, k + 1);
        n += k;
    }
    return any;
}

/* Is nothing else of the equations that fail read worse? */
static bool
is_worst(const struct extraction *x, unsigned field, const enum equation_state *before)
{
    const struct choice *mine = &x->choices[field];

    for (unsigned e = 0; e < x->form->equation_count; e++) {
        if (before[e] != EQUATION_FAILS || !takes_part(&x->form->equations[e], x->form->fields[field].name))
            continue;
        for (unsigned i = 0; i < x->form->field_count; i++) {
            const struct choice *o = &x->choices[i];

            if (i != field && o->chosen >= 0 && o->list[o->chosen].first != mine->list[mine->chosen].first &&
                takes_part(&x->form->equations[e], x->form->fields[i].name) &&
                o->list[o->chosen].conf <= mine->list[mine->chosen].conf)
                return false;
        }
    }
    return true;
}

/* What is printed twice was read twice: it is not the one that was misread. */
static bool
printed_twice(const struct extraction *x, const struct candidate *c)
{
    for (uint32_t i = 0; i < x->amount_count; i++)
        if (x->amounts[i].line != x->layout->words[c->first].line && x->amounts[i].readings[0].minor == c->minor &&
            !x->amounts[i].percent && c->minor != 0)
            return true;
    return false;
}

static void
ways_of(struct extraction *x, unsigned field, const enum equation_state *before, struct ways *ways)
{
    const struct candidate *c = &x->choices[field].list[x->choices[field].chosen];
    char text[TEXT_ROOM];
    struct amount readings[2];
    size_t n = strlen(c->text);
    bool worst;

    if (other_reading(x, c, text)) {
        unsigned count = money_readings(text, x->mark, readings);

        for (unsigned r = 0; r < count; r++)
            attempt(x, field, readings[r].minor, true, before, ways);
    }
    if (n >= TEXT_ROOM || printed_twice(x, c))
        return;
    worst = is_worst(x, field, before);
    memcpy(text, c->text, n + 1);
    for (size_t i = 0; i < n; i++) {
        char was = text[i];

        if (!isdigit((unsigned char)was))
            continue;
        for (const char *to = digits_alike[was - '0']; *to != '\0'; to++) {
            struct ways mine = { .count = 0 };
            unsigned count;

            text[i] = *to;
            count = money_readings(text, x->mark, readings);
            for (unsigned r = 0; r < count; r++)
                attempt(x, field, readings[r].minor, false, before, &mine);
            /* Two sums at once are proof enough for an amount that was read well. */
            if (mine.count > 0 && (worst || mine.best.held > 1))
                note(ways, &mine.best);
        }
        text[i] = was;
    }
}

static void
repair_amounts(struct extraction *x)
{
    enum equation_state *before = arena_array(x->arena, x->form->equation_count + 1, sizeof *before);
    struct ways ways = { .count = 0 };
    struct candidate *c;
    const char *value;
    unsigned fails = 0;
    int64_t was;

    if (before == NULL)
        return;
    for (unsigned e = 0; e < x->form->equation_count; e++) {
        before[e] = equation_state(x, &x->form->equations[e]);
        fails += before[e] == EQUATION_FAILS;
    }
    if (fails == 0)
        return;
    for (unsigned i = 0; i < x->form->field_count; i++) {
        bool member = false;

        if (x->form->fields[i].type != VALUE_MONEY || x->choices[i].chosen < 0)
            continue;
        for (unsigned e = 0; e < x->form->equation_count; e++)
            member = member || (before[e] == EQUATION_FAILS &&
                                takes_part(&x->form->equations[e], x->form->fields[i].name));
        if (member)
            ways_of(x, i, before, &ways);
    }
    if (ways.count != 1 || (value = money_print(x->arena, ways.best.minor)) == NULL)
        return;
    c = &x->choices[ways.best.field].list[x->choices[ways.best.field].chosen];
    was = c->minor;
    for (unsigned i = 0; i < x->form->field_count; i++) {
        struct choice *o = &x->choices[i];
        struct candidate *d = o->chosen >= 0 ? &o->list[o->chosen] : NULL;

        if (x->form->fields[i].type != VALUE_MONEY || d == NULL || d->first != ways.best.first || d->minor != was)
            continue;
        d->minor = ways.best.minor;
        d->value = value;
        d->repaired = true;
        o->by_equation = true;
    }
}

/* The chosen date, or with day and month exchanged. */
static bool
date_of(const struct extraction *x, const char *name, bool turned, struct date *out)
{
    const struct form_field *f = form_field(x->form, name);
    const struct choice *c = f != NULL ? &x->choices[f - x->form->fields] : NULL;

    if (c == NULL || f->type != VALUE_DATE || c->chosen < 0 || !date_canonical(c->list[c->chosen].value, out))
        return false;
    if (turned && c->list[c->chosen].ambiguous) {
        int day = out->day;

        out->day = out->month;
        out->month = day;
    }
    return true;
}

/*
 * How well the order rules like the dates: dates out of order, or more than a year apart, count
 * against them; a usual term of payment, a week and a whole month count for them.
 */
static int
order_worth(const struct extraction *x, bool turned, unsigned *pairs)
{
    static const int terms[] = { 0, 7, 10, 14, 15, 20, 21, 28, 30, 31, 45, 60, 90 };
    int worth = 0;

    for (unsigned r = 0; r < x->form->rule_count; r++) {
        const struct rule *rule = &x->form->rules[r];

        for (unsigned i = 0; rule->kind == RULE_ORDER && i + 1 < rule->fields.count; i++) {
            struct date a, b;
            int64_t days;

            if (!date_of(x, rule->fields.items[i], turned, &a) || !date_of(x, rule->fields.items[i + 1], turned, &b))
                continue;
            (*pairs)++;
            days = date_serial(b) - date_serial(a);
            worth -= days < 0 || days > DAYS_IN_YEAR ? 4 : 0;
            for (size_t t = 0; t < COUNT_OF(terms); t++)
                worth += days == terms[t] ? 1 : 0;
            worth += days == 6 || days == 13 ? 1 : 0;
            if (a.day == 1 && a.month == b.month && a.year == b.year && b.day == date_month_days(b.year, b.month))
                worth += 3;
        }
    }
    return worth;
}

/* Dates whose day could be the month: all of them one way, or all the other, as the rules like it. */
static void
settle_dates(struct extraction *x)
{
    unsigned pairs = 0, open = 0;
    int as_is, turned;

    for (unsigned i = 0; i < x->form->field_count; i++)
        open += x->form->fields[i].type == VALUE_DATE && x->choices[i].chosen >= 0 &&
                x->choices[i].list[x->choices[i].chosen].ambiguous;
    if (open == 0)
        return;
    as_is = order_worth(x, false, &pairs);
    turned = order_worth(x, true, &pairs);
    /* Less than a broken order, or a whole month, is no proof. */
    if (pairs == 0 || abs(as_is - turned) < 3)
        return;
    for (unsigned i = 0; i < x->form->field_count; i++) {
        struct choice *choice = &x->choices[i];
        struct candidate *c = choice->chosen >= 0 ? &choice->list[choice->chosen] : NULL;
        struct date d;

        if (x->form->fields[i].type != VALUE_DATE || c == NULL || !c->ambiguous)
            continue;
        if (turned > as_is && date_of(x, x->form->fields[i].name, true, &d)) {
            const char *value = date_print(x->arena, d);

            if (value == NULL)
                return;
            c->value = value;
            c->repaired = true;
        }
        c->ambiguous = false;
    }
}

void
extract_repair(struct extraction *x)
{
    repair_amounts(x);
    settle_dates(x);
}
