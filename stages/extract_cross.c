/*
 * extract_cross.c - amounts that stand where a label's line meets a titled column.
 *
 * A pay stub prints "Gross Pay  4,957.04  27,939.68": the label is that of the pay of the period, and
 * only the title far above, "year to date", says what the second amount is.
 */
#include <stdlib.h>

#include "doc/lexicon.h"
#include "extract.h"

#define TITLES_MAX 16
#define ROW_WORTH 0.75 /* of 0.95: a label of the field's own is better */

struct heading {
    uint32_t page, line;
    struct box box;
};

/* Where one line has the phrase, as a box. */
static bool
heading_in(const struct lay_run *line, const struct layout *lay, const char *fold, size_t n, uint32_t *at,
           struct box *box)
{
    for (; *at < line->fold_size; (*at)++) {
        double cost;
        size_t used;

        if (line->edge[*at] == 0 ||
            !lexicon_prefix(fold, n, line->fold + *at, line->fold_size - *at, line->edge + *at, &cost, &used) ||
            cost > 0.6)
            continue;
        uint32_t from = line->fold_word[*at], to = line->fold_word[*at + used - 1];

        *box = lay->words[line->first + from].box;
        for (uint32_t w = from + 1; w <= to; w++)
            *box = box_union(*box, lay->words[line->first + w].box);
        (*at)++;
        return true;
    }
    return false;
}

static unsigned
headings_of(const struct extraction *x, const struct by_language *under, struct heading out[TITLES_MAX])
{
    const struct phrases *sets[] = { &under->en, &under->es, &under->de, &under->fr };
    const struct layout *lay = x->layout;
    unsigned n = 0;

    for (size_t s = 0; s < COUNT_OF(sets); s++) {
        for (unsigned i = 0; i < sets[s]->count; i++) {
            char fold[100];
            size_t size = lexicon_fold(sets[s]->items[i], fold, sizeof fold);

            for (uint32_t l = 0; l < lay->line_count; l++) {
                struct box box;

                for (uint32_t at = 0; n < TITLES_MAX && heading_in(&lay->lines[l], lay, fold, size, &at, &box);)
                    out[n++] = (struct heading){ lay->lines[l].page, l, box };
            }
        }
    }
    return n;
}

/* The amount's column is the title's when they overlap or end together; lower is better, below 0: it is not. */
static double
off_column(const struct extraction *x, const struct amount_at *a, const struct heading *t)
{
    double h = x->layout->height > 1 ? x->layout->height : 1;

    if (t->page != a->page || t->line >= a->line || (box_across(a->box, t->box) <= 0 && abs(a->box.x1 - t->box.x1) > h))
        return -1;
    return abs(a->box.x1 - t->box.x1) / h;
}

/* The amounts behind a row's label that stand under one of the titles.  hit: the label, or -1. */
static void
offer_row(struct extraction *x, uint16_t field, const struct heading *row, const struct heading *titles, unsigned n,
          int hit, double worth)
{
    for (uint32_t k = 0; k < x->amount_count; k++) {
        const struct amount_at *a = &x->amounts[k];
        double off = -1;

        if (a->page != row->page || a->line != row->line || a->box.x0 < row->box.x1 || a->percent || a->in_date)
            continue;
        for (unsigned t = 0; t < n; t++) {
            double d = off_column(x, a, &titles[t]);

            off = d >= 0 && (off < 0 || d < off) ? d : off;
        }
        if (off < 0)
            continue;
        for (unsigned r = 0; r < a->reading_count; r++) {
            struct candidate c = { .page = a->page, .first = a->first, .count = a->count, .hit = hit,
                                   .minor = a->readings[r].minor, .repaired = a->readings[r].repaired,
                                   .conf = layout_conf(x->layout, a->first, a->count) };

            c.score = worth - 0.03 * (off < 10 ? off : 10) - 0.12 * r;
            c.text = layout_text(x->layout, a->first, a->count, x->arena);
            c.value = money_print(x->arena, c.minor);
            if (c.text != NULL && c.value != NULL)
                choice_add(&x->choices[field], &c);
        }
    }
}

/* Does nothing but the phrase stand on its line before the first amount? */
static bool
stands_alone(const struct extraction *x, const struct heading *row)
{
    const struct layout *lay = x->layout;
    const struct lay_run *line = &lay->lines[row->line];
    int first = row->box.x1;

    for (uint32_t k = 0; k < x->amount_count; k++)
        if (x->amounts[k].page == row->page && x->amounts[k].line == row->line && x->amounts[k].box.x0 >= first) {
            for (uint32_t w = line->first; w < x->amounts[k].first; w++)
                if (lay->words[w].box.x0 >= row->box.x1 || lay->words[w].box.x1 <= row->box.x0)
                    return false;
            return true;
        }
    return false;
}

void
extract_cross(struct extraction *x, uint16_t field)
{
    const struct form_field *f = &x->form->fields[field];
    const struct form_field *row = f->cross != NULL ? form_field(x->form, f->cross) : NULL;
    struct heading titles[TITLES_MAX], rows[TITLES_MAX];
    unsigned n = headings_of(x, &f->under, titles), m = headings_of(x, &f->rows, rows);

    for (uint32_t i = 0; i < x->hit_count && n > 0; i++) {
        const struct label_hit *hit = &x->hits[i];
        struct heading at = { hit->page, hit->line, hit->box };

        if (row != NULL && hit->field == (uint16_t)(row - x->form->fields))
            offer_row(x, field, &at, titles, n, (int)i, 0.95 + label_worth(x, hit));
    }
    for (unsigned i = 0; i < m && n > 0; i++)
        if (stands_alone(x, &rows[i]))
            offer_row(x, field, &rows[i], titles, n, -1, ROW_WORTH);
}
