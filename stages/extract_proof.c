/*
 * extract_proof.c - what arithmetic says of the cells of a table.
 *
 * A row whose quantity times price is its amount, and a column of amounts whose sum is printed below it, were read
 * right: a misread digit breaks both.  So such cells are as sure as the fields that equations prove
 * (docs/decisions/0057-proof-of-rows.md).
 */
#include "extract.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DISCOUNT_MOST 60  /* per cent */
#define HARDLY_SURE 0.78

enum row_proof { ROW_OPEN, ROW_DISCOUNTED, ROW_HOLDS };

/* How sure a cell is: rows by what the row proves, columns by whether the column's sum is printed. */
static const double amount_sure[][2] = { { 0, 0.985 }, { 0, 0.995 }, { 0.97, 0.998 } };
static const double factor_sure[][2] = { { 0, 0 }, { 0, 0.97 }, { 0.97, 0.998 } };

/* The cells of a row that arithmetic knows; NULL: none. */
struct proof_row {
    struct field *quantity, *price, *amount;
};

static struct field *
cell_named(struct field_row *row, const char *name)
{
    for (uint32_t k = 0; k < row->count; k++)
        if (strcmp(row->cells[k].name, name) == 0)
            return row->cells[k].state == FIELD_VALUE ? &row->cells[k] : NULL;
    return NULL;
}

static bool
minor_of(const struct field *f, int64_t *out)
{
    return f != NULL && money_canonical(f->value, out);
}

/* Quantity times price is the amount, to the cent; or that less a whole discount in percent, which proves less. */
static enum row_proof
row_closes(const struct proof_row *r)
{
    int64_t q, p, a;
    double full;

    if (!minor_of(r->quantity, &q) || !minor_of(r->price, &p) || !minor_of(r->amount, &a) || q == 0 || p == 0)
        return ROW_OPEN;
    full = (double)q * (double)p / 100;
    if (fabs(full - (double)a) <= 1.001)
        return ROW_HOLDS;
    for (int percent = 1; percent <= DISCOUNT_MOST; percent++)
        if (fabs(full * (100 - percent) / 100 - (double)a) <= 0.601)
            return ROW_DISCOUNTED;
    return ROW_OPEN;
}

/* The chosen amount of a field that no equation contradicts. */
static bool
chosen(const struct extraction *x, const char *name, int64_t *out)
{
    const struct form_field *f = form_field(x->form, name);
    const struct choice *c = f != NULL ? &x->choices[f - x->form->fields] : NULL;

    if (c == NULL || c->chosen < 0 || (c->broken && !c->closed))
        return false;
    *out = c->list[c->chosen].minor;
    return true;
}

static bool
column_closes(const struct extraction *x, int64_t sum)
{
    static const char *const sums[] = { "net_total", "grand_total" };
    int64_t v, discount = 0, shipping = 0;

    (void)chosen(x, "discount", &discount);
    (void)chosen(x, "shipping", &shipping);
    for (size_t i = 0; i < COUNT_OF(sums); i++)
        if (chosen(x, sums[i], &v) &&
            (v == sum || v == sum - llabs(discount) || v == sum + shipping || v == sum - llabs(discount) + shipping))
            return true;
    return false;
}

static void
surer(struct field *f, double p)
{
    if (f != NULL && !field_doubted(f) && f->confidence < p)
        f->confidence = p;
}

/* What no arithmetic knows waits for a person: descriptions, codes, units, rates. */
static void
by_reading(struct field *f)
{
    if (f->state != FIELD_VALUE || field_doubted(f))
        return;
    if (f->confidence > HARDLY_SURE)
        f->confidence = HARDLY_SURE;
}

static bool
is_arithmetic(const struct field *f)
{
    return strcmp(f->name, "quantity") == 0 || strcmp(f->name, "unit_price") == 0 || strcmp(f->name, "amount") == 0;
}

void
extract_proof(const struct extraction *x, struct fields *out)
{
    int64_t sum = 0;
    uint32_t amounts = 0;
    bool column;

    if (x->form->table == NULL || form_column(x->form, "amount") == NULL || out->row_count == 0)
        return;
    for (uint32_t i = 0; i < out->row_count; i++) {
        int64_t v;

        if (minor_of(cell_named(&out->rows[i], "amount"), &v)) {
            sum += v;
            amounts++;
        }
    }
    column = amounts == out->row_count && sum != 0 && column_closes(x, sum);
    for (uint32_t i = 0; i < out->row_count; i++) {
        struct field_row *row = &out->rows[i];
        struct proof_row r = { cell_named(row, "quantity"), cell_named(row, "unit_price"), cell_named(row, "amount") };
        enum row_proof proof = row_closes(&r);

        surer(r.amount, amount_sure[proof][column]);
        surer(r.quantity, factor_sure[proof][column]);
        surer(r.price, factor_sure[proof][column]);
        for (uint32_t k = 0; k < row->count; k++)
            if (!is_arithmetic(&row->cells[k]))
                by_reading(&row->cells[k]);
    }
}
