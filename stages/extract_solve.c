/*
 * extract_solve.c - arithmetic decides.
 *
 * An equation of the form that holds among values found on the page is strong evidence that
 * each of them was read and placed right; so for each equation the best combination of
 * candidates is sought, counting every other equation that shares a field with it.
 */
#include "extract_solve.h"

#include <stdlib.h>
#include <string.h>

#define MEMBERS_MAX 12
#define ROWS_AT_MOST 40
#define TRIES_MAX 60000
#define HOLDS 0.9      /* what an equation that holds is worth    */
#define FAILS 0.3      /* what one that fails costs               */
#define NOTHING 0.42   /* what leaving a field empty is worth     */
#define NOTHING_NEEDED 0.1 /* ... one that must be there           */
#define PLAIN 0.55     /* a candidate that stands by its label */

static int
field_index(const struct form *form, const char *name)
{
    const struct form_field *f = form_field(form, name);

    return f != NULL ? (int)(f - form->fields) : -1;
}

/* The chosen amount of a field; false when it has none. */
static bool
amount_of(const struct extraction *x, const char *name, int64_t *out)
{
    int i = field_index(x->form, name);

    if (i < 0 || x->choices[i].chosen < 0)
        return false;
    *out = x->choices[i].list[x->choices[i].chosen].minor;
    return true;
}

static int64_t
tolerance_of(const struct equation *q)
{
    int64_t t;

    if (q->tolerance != NULL && money_canonical(q->tolerance, &t))
        return t;
    return (int64_t)(q->terms.count + q->minus.count + q->maybe.count + q->maybe_minus.count);
}

static int64_t
distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static enum equation_state
sum_state(const struct extraction *x, const struct equation *q)
{
    int64_t result, sum = 0, v;
    unsigned present = 0, strict = 0;

    if (!amount_of(x, q->result, &result))
        return EQUATION_OPEN;
    for (unsigned i = 0; i < q->terms.count; i++) {
        if (!amount_of(x, q->terms.items[i], &v))
            return EQUATION_OPEN;
        sum += v;
        strict++;
    }
    for (unsigned i = 0; i < q->minus.count; i++) {
        if (!amount_of(x, q->minus.items[i], &v))
            return EQUATION_OPEN;
        sum -= v < 0 ? -v : v;
        strict++;
    }
    for (unsigned i = 0; i < q->maybe.count; i++)
        if (amount_of(x, q->maybe.items[i], &v)) {
            sum += v;
            present++;
        }
    for (unsigned i = 0; i < q->maybe_minus.count; i++)
        if (amount_of(x, q->maybe_minus.items[i], &v)) {
            sum -= v < 0 ? -v : v;
            present++;
        }
    /* "total = total" proves nothing. */
    if (strict + present < 2)
        return EQUATION_OPEN;
    if (result == 0)
        return EQUATION_OPEN;
    return distance(sum, result) <= tolerance_of(q) ? EQUATION_HOLDS : EQUATION_FAILS;
}

/* Is the result some rate of a that is printed on the page?  A rate elsewhere proves nothing against. */
static enum equation_state
any_rate(const struct extraction *x, int64_t a, int64_t result, int64_t tolerance)
{
    if (x->base_sum != 0 && distance(x->base_sum, a) <= tolerance &&
        distance(x->tax_sum, result) <= tolerance)
        return EQUATION_HOLDS;
    /* Of several rates, one is not the whole. */
    if (x->rate_count > 1)
        return EQUATION_OPEN;
    for (uint32_t i = 0; i < x->amount_count && a != 0 && result != 0; i++) {
        int64_t rate = x->amounts[i].readings[0].minor;

        if (x->amounts[i].percent && rate > 0 && rate <= 3500 &&
            distance((a * rate + (a >= 0 ? 5000 : -5000)) / 10000, result) <= tolerance)
            return EQUATION_HOLDS;
    }
    return EQUATION_OPEN;
}

static enum equation_state
product_state(const struct extraction *x, const struct equation *q)
{
    int64_t result, a, rate;

    if (q->terms.count < 1 || !amount_of(x, q->result, &result) || !amount_of(x, q->terms.items[0], &a))
        return EQUATION_OPEN;
    if (q->kind == EQ_PRODUCT) {
        if (q->terms.count != 2 || !amount_of(x, q->terms.items[1], &rate))
            return EQUATION_OPEN;
        rate *= 100; /* minor * minor: bring to parts of ten thousand */
    } else if (strcmp(q->rate, "any") == 0) {
        return any_rate(x, a, result, tolerance_of(q));
    } else if (!money_canonical(q->rate, &rate) && !amount_of(x, q->rate, &rate)) {
        return EQUATION_OPEN;
    }
    if (a == 0 || result == 0 || rate == 0)
        return EQUATION_OPEN;
    /* a (hundredths) * rate (hundredths of a percent) / 10000 */
    int64_t want = (a * rate + (a >= 0 ? 5000 : -5000)) / 10000;

    return distance(want, result) <= tolerance_of(q) ? EQUATION_HOLDS : EQUATION_FAILS;
}

enum equation_state
equation_state(const struct extraction *x, const struct equation *q)
{
    return q->kind == EQ_SUM ? sum_state(x, q) : product_state(x, q);
}

struct members {
    int fields[MEMBERS_MAX];
    unsigned count;
};

static void
add_member(const struct extraction *x, struct members *m, const char *name)
{
    int i = field_index(x->form, name);

    if (i < 0 || m->count == MEMBERS_MAX || x->choices[i].count == 0)
        return;
    for (unsigned k = 0; k < m->count; k++)
        if (m->fields[k] == i)
            return;
    m->fields[m->count++] = i;
}

static void
members_of(const struct extraction *x, const struct equation *q, struct members *m)
{
    const struct phrases *sets[] = { &q->terms, &q->minus, &q->maybe, &q->maybe_minus };

    m->count = 0;
    add_member(x, m, q->result);
    for (size_t s = 0; s < COUNT_OF(sets); s++)
        for (unsigned i = 0; i < sets[s]->count; i++)
            add_member(x, m, sets[s]->items[i]);
    if (q->kind == EQ_PERCENT)
        add_member(x, m, q->rate);
}

static bool
shares(const struct extraction *x, const struct equation *q, const struct members *m)
{
    struct members other;

    members_of(x, q, &other);
    for (unsigned i = 0; i < other.count; i++)
        for (unsigned k = 0; k < m->count; k++)
            if (other.fields[i] == m->fields[k])
                return true;
    return false;
}

/* Two fields on the same words: allowed only when the paper prints one amount for both. */
static double
worth(const struct extraction *x, const struct members *m, const bool *concerned)
{
    double sum = 0;

    for (unsigned k = 0; k < m->count; k++) {
        const struct choice *c = &x->choices[m->fields[k]];

        if (c->chosen >= 0)
            sum += c->list[c->chosen].score;
        else /* what is plainly there is not left out for the sake of a sum */
            sum += x->form->fields[m->fields[k]].required || c->list[0].score > PLAIN ? NOTHING_NEEDED
                                                                                     : NOTHING;
        for (unsigned j = 0; j < k; j++) {
            const struct choice *d = &x->choices[m->fields[j]];

            if (c->chosen >= 0 && d->chosen >= 0 && c->list[c->chosen].first == d->list[d->chosen].first)
                sum -= 0.15;
        }
    }
    for (unsigned i = 0; i < x->form->equation_count; i++) {
        if (!concerned[i])
            continue;
        switch (equation_state(x, &x->form->equations[i])) {
        case EQUATION_HOLDS: sum += HOLDS; break;
        case EQUATION_FAILS: sum -= FAILS; break;
        case EQUATION_OPEN: break;
        }
    }
    return sum;
}

/* Every combination of the members' best candidates; keeps the best. */
static void
search(struct extraction *x, const struct members *m, const bool *concerned)
{
    unsigned depth = CANDIDATES_MAX;
    int best[MEMBERS_MAX], now[MEMBERS_MAX];
    unsigned limit[MEMBERS_MAX];
    double most;
    size_t tries;

    /* As deep as the budget allows. */
    do {
        tries = 1;
        for (unsigned k = 0; k < m->count; k++) {
            unsigned n = x->choices[m->fields[k]].count;

            limit[k] = n < depth ? n : depth;
            tries *= limit[k] + 1;
        }
    } while (tries > TRIES_MAX && --depth > 1);
    for (unsigned k = 0; k < m->count; k++)
        best[k] = x->choices[m->fields[k]].chosen;
    most = worth(x, m, concerned);
    for (unsigned k = 0; k < m->count; k++)
        now[k] = -1;
    for (;;) {
        unsigned k = 0;
        double w;

        for (unsigned i = 0; i < m->count; i++)
            x->choices[m->fields[i]].chosen = now[i];
        w = worth(x, m, concerned);
        if (w > most + 1e-9) {
            most = w;
            memcpy(best, now, sizeof best);
        }
        while (k < m->count && now[k] + 1 >= (int)limit[k])
            now[k++] = -1;
        if (k == m->count)
            break;
        now[k]++;
    }
    for (unsigned k = 0; k < m->count; k++)
        x->choices[m->fields[k]].chosen = best[k];
}

static void
offer_amount(struct extraction *x, int field, const struct amount_at *a, double score)
{
    struct candidate c = { .page = a->page, .first = a->first, .count = a->count,
                           .minor = a->readings[0].minor, .hit = -1, .score = score };

    c.conf = layout_conf(x->layout, a->first, a->count);
    c.text = layout_text(x->layout, a->first, a->count, x->arena);
    c.value = money_print(x->arena, c.minor);
    if (c.text != NULL && c.value != NULL)
        choice_add(&x->choices[field], &c);
}

struct rate_row {
    int64_t rate;
    const struct amount_at *base, *tax;
};

/* "5  4.15  20 %  20.75": five times the price, and only by chance a fifth of the amount. */
static bool
is_quantity_row(const struct extraction *x, const struct amount_at *base, const struct amount_at *tax)
{
    for (uint32_t i = 0; i < x->amount_count; i++) {
        const struct amount_at *a = &x->amounts[i];

        if (a->line == base->line && a != base && a != tax && a->readings[0].whole && !a->percent &&
            a->readings[0].minor > 100 &&
            a->readings[0].minor / 100 * tax->readings[0].minor == base->readings[0].minor)
            return true;
    }
    return false;
}

/* Rows with a percentage and two amounts of which one is that share of the other. */
static unsigned
rate_rows(const struct extraction *x, struct rate_row *rows, unsigned room)
{
    unsigned n = 0;

    for (uint32_t p = 0; p < x->amount_count; p++) {
        const struct amount_at *mark = &x->amounts[p];
        int64_t rate = mark->readings[0].minor;

        if (!mark->percent || rate <= 0 || rate > 3500)
            continue;
        for (uint32_t i = 0; i < x->amount_count; i++) {
            for (uint32_t j = 0; j < x->amount_count && n < room; j++) {
                const struct amount_at *b = &x->amounts[i], *t = &x->amounts[j];
                int64_t bm = b->readings[0].minor, tm = t->readings[0].minor;
                bool known = false;

                if (i == j || b->line != mark->line || t->line != mark->line || b->percent || t->percent ||
                    b->readings[0].whole || t->readings[0].whole || bm <= 0 || tm <= 0 ||
                    distance((bm * rate + 5000) / 10000, tm) > 1 || is_quantity_row(x, b, t))
                    continue;
                for (unsigned k = 0; k < n; k++)
                    known = known || (rows[k].rate == rate && rows[k].base->readings[0].minor == bm);
                if (!known)
                    rows[n++] = (struct rate_row){ rate, b, t };
            }
        }
    }
    return n;
}

/* Does memory know a place of this field, with another amount? */
static bool
remembered_other(const struct extraction *x, int field, int64_t minor)
{
    const struct choice *choice = &x->choices[field];

    return choice->count > 0 && choice->list[0].remembered > 0.5 && choice->list[0].minor != minor;
}

/*
 * "21 %" in a row with two amounts of which one is 21 % of the other: base and tax, whatever
 * the row is called.  When the rate is open, one such row is the whole invoice's; of several,
 * the sums are, wherever they are printed.
 */
static void
percent_rows(struct extraction *x, const struct equation *q)
{
    int base = q->terms.count == 1 ? field_index(x->form, q->terms.items[0]) : -1;
    int tax = field_index(x->form, q->result);
    struct rate_row rows[ROWS_AT_MOST];
    unsigned n = rate_rows(x, rows, ROWS_AT_MOST);
    int64_t rate;

    if (base < 0 || tax < 0)
        return;
    if (strcmp(q->rate, "any") == 0) {
        x->base_sum = x->tax_sum = 0;
        x->rate_count = n;
        for (unsigned i = 0; i < n; i++) {
            x->base_sum += rows[i].base->readings[0].minor;
            x->tax_sum += rows[i].tax->readings[0].minor;
        }
        /* where people said that the sum stands, one row that was read is not all of them */
        if (n == 1 && !remembered_other(x, base, rows[0].base->readings[0].minor)) {
            offer_amount(x, base, rows[0].base, 0.6);
            offer_amount(x, tax, rows[0].tax, 0.6);
        }
        for (uint32_t i = 0; i < x->amount_count && n > 1; i++) {
            const struct amount_at *a = &x->amounts[i];

            if (a->percent || a->in_date)
                continue;
            if (a->readings[0].minor == x->base_sum)
                offer_amount(x, base, a, 0.6);
            if (a->readings[0].minor == x->tax_sum)
                offer_amount(x, tax, a, 0.6);
        }
        return;
    }
    if (!money_canonical(q->rate, &rate))
        return;
    for (unsigned i = 0; i < n; i++) {
        if (rows[i].rate != rate)
            continue;
        offer_amount(x, base, rows[i].base, 0.75);
        offer_amount(x, tax, rows[i].tax, 0.75);
    }
}

/* Is a rate printed whose own field was not found?  Then what was found is not all. */
static bool
rate_missing(const struct extraction *x, const char *field)
{
    for (unsigned e = 0; e < x->form->equation_count; e++) {
        const struct equation *q = &x->form->equations[e];
        int64_t rate;

        if (q->kind != EQ_PERCENT || !money_canonical(q->rate, &rate) ||
            (strcmp(q->result, field) != 0 && (q->terms.count != 1 || strcmp(q->terms.items[0], field) != 0)))
            continue;
        for (uint32_t i = 0; i < x->amount_count; i++)
            if (x->amounts[i].percent && x->amounts[i].readings[0].minor == rate)
                return true;
    }
    return false;
}

/* The only term of a sum that is there is the sum. */
static void
single_terms(struct extraction *x)
{
    for (unsigned e = 0; e < x->form->equation_count; e++) {
        const struct equation *q = &x->form->equations[e];
        int result = field_index(x->form, q->result), only = -1;
        unsigned present = 0;

        if (q->kind != EQ_SUM || q->terms.count > 0 || result < 0 || x->choices[result].chosen >= 0)
            continue;
        for (unsigned i = 0; i < q->maybe.count; i++) {
            int f = field_index(x->form, q->maybe.items[i]);

            if (f >= 0 && x->choices[f].chosen >= 0) {
                present++;
                only = f;
            } else if (rate_missing(x, q->maybe.items[i])) {
                present += 2;
            }
        }
        for (unsigned i = 0; i < q->maybe_minus.count; i++) {
            int f = field_index(x->form, q->maybe_minus.items[i]);

            present += f >= 0 && x->choices[f].chosen >= 0;
        }
        if (present != 1 || only < 0)
            continue;
        struct candidate c = x->choices[only].list[x->choices[only].chosen];

        choice_add(&x->choices[result], &c);
        for (uint32_t i = 0; i < x->choices[result].count; i++)
            if (strcmp(x->choices[result].list[i].value, c.value) == 0)
                x->choices[result].chosen = (int)i;
        x->choices[result].by_equation = true;
    }
}

static void
mark_states(struct extraction *x)
{
    for (unsigned e = 0; e < x->form->equation_count; e++) {
        enum equation_state state = equation_state(x, &x->form->equations[e]);
        struct members m;

        if (state == EQUATION_OPEN)
            continue;
        members_of(x, &x->form->equations[e], &m);
        for (unsigned k = 0; k < m.count; k++) {
            struct choice *c = &x->choices[m.fields[k]];

            if (c->chosen < 0)
                continue;
            c->closed = c->closed || state == EQUATION_HOLDS;
            c->broken = c->broken || state == EQUATION_FAILS;
        }
    }
}

void
extract_solve(struct extraction *x)
{
    bool *concerned = arena_array(x->arena, x->form->equation_count + 1, sizeof *concerned);
    int *before = arena_array(x->arena, x->form->field_count + 1, sizeof *before);

    if (concerned == NULL || before == NULL)
        return;
    for (unsigned e = 0; e < x->form->equation_count; e++)
        if (x->form->equations[e].kind == EQ_PERCENT)
            percent_rows(x, &x->form->equations[e]);
    for (unsigned i = 0; i < x->form->field_count; i++) {
        enum value_type t = x->form->fields[i].type;

        if (t == VALUE_MONEY || t == VALUE_PERCENT || t == VALUE_NUMBER)
            x->choices[i].chosen = x->choices[i].count > 0 && x->choices[i].list[0].score >= NOTHING ? 0 : -1;
        before[i] = x->choices[i].chosen;
    }
    for (int pass = 0; pass < 2; pass++) {
        for (unsigned e = 0; e < x->form->equation_count; e++) {
            struct members m;

            members_of(x, &x->form->equations[e], &m);
            if (m.count == 0)
                continue;
            for (unsigned o = 0; o < x->form->equation_count; o++)
                concerned[o] = shares(x, &x->form->equations[o], &m);
            search(x, &m, concerned);
        }
    }
    single_terms(x);
    extract_repair(x);
    for (unsigned i = 0; i < x->form->field_count; i++)
        if (x->choices[i].chosen != before[i])
            x->choices[i].by_equation = true;
    mark_states(x);
}
