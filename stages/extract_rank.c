/*
 * extract_rank.c - which value goes with which label.
 *
 * A value on the label's line to its right, or below it in the same column, with no other
 * label between.  Every label competes for every amount and date, so that the value of
 * "invoice date" is not taken for "due date" only because that stands nearer.
 */
#include "extract.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "doc/lexicon.h"
#include "extract_choose.h"
#include "extract_latin.h"

#define ONLY_AMOUNT 0.5 /* score of the one amount of a page that no label leads to */

void
choice_add(struct choice *choice, const struct candidate *c)
{
    uint32_t at;

    for (uint32_t i = 0; i < choice->count; i++) {
        if (strcmp(choice->list[i].value, c->value) != 0)
            continue;
        /* Seen again: the second sighting is a little more evidence. */
        if (choice->list[i].score >= c->score)
            return;
        memmove(&choice->list[i], &choice->list[i + 1],
                (choice->count - i - 1) * sizeof *choice->list);
        choice->count--;
        break;
    }
    for (at = choice->count; at > 0 && choice->list[at - 1].score < c->score; at--)
        ;
    if (at >= CANDIDATES_MAX)
        return;
    if (choice->count == CANDIDATES_MAX)
        choice->count--;
    memmove(&choice->list[at + 1], &choice->list[at], (choice->count - at) * sizeof *choice->list);
    choice->list[at] = *c;
    choice->count++;
}

double
label_worth(const struct extraction *x, const struct label_hit *hit)
{
    double worth = -0.12 * hit->cost - 0.03 * hit->rank;

    /* A short word by itself is said in passing; a phrase is meant. */
    if (hit->length < 4)
        worth -= 0.08;
    (void)x;
    return worth < -0.4 ? -0.4 : worth;
}

/* Another label between this one and a value on its right. */
static unsigned
labels_between(const struct extraction *x, const struct label_hit *hit, struct box box)
{
    unsigned n = 0;

    for (uint32_t i = 0; i < x->hit_count; i++) {
        const struct label_hit *o = &x->hits[i];

        if (o->line != hit->line || o == hit || o->first < hit->first + hit->count)
            continue;
        n += o->box.x0 >= hit->box.x1 - 2 && o->box.x1 <= box.x0 + 2;
    }
    return n;
}

/* Another label below this one, above the value, in its column. */
static unsigned
labels_above(const struct extraction *x, const struct label_hit *hit, struct box box)
{
    unsigned n = 0;

    for (uint32_t i = 0; i < x->hit_count; i++) {
        const struct label_hit *o = &x->hits[i];

        if (o->page != hit->page || o->line <= hit->line || o->cost > 0.6)
            continue;
        n += o->box.y0 >= hit->box.y1 - 2 && o->box.y1 <= box.y0 + 2 && box_across(o->box, box) > 0;
    }
    return n;
}

static double
reach_right(const struct extraction *x, const struct label_hit *hit, uint32_t line, struct box box)
{
    double h = x->layout->height > 1 ? x->layout->height : 1;
    double gap = (box.x0 - hit->box.x1) / h;
    int low = box_height(box) < box_height(hit->box) ? box_height(box) : box_height(hit->box);
    double s;

    if (gap < -0.6 || (line != hit->line && box_along(box, hit->box) < 0.5 * low))
        return -1;
    s = 1.0 - (gap > 3 ? 0.02 + 0.004 * (gap - 3) : 0.02 * (gap > 0 ? gap : 0) / 3);
    if (s < 0.6)
        s = 0.6;
    return s - 0.5 * labels_between(x, hit, box);
}

static double
reach_below(const struct extraction *x, const struct label_hit *hit, struct box box)
{
    double h = x->layout->height > 1 ? x->layout->height : 1;
    double dy = (box.y0 - hit->box.y1) / h, s;
    int across = box_across(box, hit->box);
    int narrow = box.x1 - box.x0 < hit->box.x1 - hit->box.x0 ? box.x1 - box.x0 : hit->box.x1 - hit->box.x0;
    double aligned = abs(box.x0 - hit->box.x0) < h || abs(box.x1 - hit->box.x1) < h ? 0.05 : 0;

    if (dy < -0.5 || dy > 9 || across < -0.5 * h)
        return -1;
    s = 0.86 + aligned - 0.05 * (dy > 0 ? dy : 0);
    if (across < 0.3 * narrow)
        s -= 0.15;
    return s - 0.4 * labels_above(x, hit, box);
}

double
label_reach(const struct extraction *x, const struct label_hit *hit, uint32_t page, uint32_t line,
            struct box box, unsigned places)
{
    double best = -1, s;

    if (page != hit->page)
        return -1;
    if (places == 0)
        places = PLACE_RIGHT | PLACE_BELOW;
    if (places & (PLACE_RIGHT | PLACE_SAME))
        best = reach_right(x, hit, line, box);
    if ((places & PLACE_BELOW) && (s = reach_below(x, hit, box)) > best)
        best = s;
    if (places & PLACE_ABOVE) {
        struct label_hit upside = *hit;

        upside.box = (struct box){ hit->box.x0, 2 * box.y1 - hit->box.y1, hit->box.x1,
                                   2 * box.y1 - hit->box.y0 };
        upside.box.y1 = box.y0 - (hit->box.y0 - box.y1);
        if (hit->box.y0 >= box.y1 - 3 && (s = reach_below(x, &upside, box) - 0.05) > best)
            best = s;
    }
    if ((places & PLACE_LEFT) && hit->line == line && box.x1 <= hit->box.x0 + 3) {
        s = 0.9 - 0.02 * (hit->box.x0 - box.x1) / (x->layout->height + 1);
        if (s > best)
            best = s;
    }
    return best;
}

/* A date reaches as far as the cell it stands in: "MENS 01/03/2024 a 31/03/2024". */
static double
date_reach(const struct extraction *x, const struct label_hit *hit, const struct date_at *date,
           unsigned places)
{
    double own = label_reach(x, hit, date->page, date->line, date->box, places);
    double cell = label_reach(x, hit, date->page, date->line, x->layout->pieces[date->piece].box, places) - 0.03;

    return own > cell || date->line == hit->line ? own : cell;
}

static bool
is_number_type(enum value_type t)
{
    return t == VALUE_MONEY || t == VALUE_PERCENT || t == VALUE_NUMBER;
}

/* What each label could do for each value, so that a value knows its best label. */
static void
compete(struct extraction *x)
{
    for (uint32_t h = 0; h < x->hit_count; h++) {
        const struct label_hit *hit = &x->hits[h];
        const struct form_field *f = hit->field != NO_FIELD ? &x->form->fields[hit->field] : NULL;

        for (uint32_t i = 0; i < x->amount_count; i++) {
            struct amount_at *a = &x->amounts[i];
            double s;

            if (f != NULL && !is_number_type(f->type) && f->type != VALUE_ID)
                continue;
            if (hit->column != UINT32_MAX)
                continue;
            s = label_reach(x, hit, a->page, a->line, a->box, f != NULL ? f->place : PLACE_RIGHT) +
                label_worth(x, hit);
            if (s > a->best) {
                a->best = s;
                a->best_field = hit->field;
            }
        }
        for (uint32_t i = 0; i < x->date_count; i++) {
            struct date_at *d = &x->dates[i];
            double s;

            if ((f != NULL && f->type != VALUE_DATE) || hit->column != UINT32_MAX)
                continue;
            s = date_reach(x, hit, d, f != NULL ? f->place : 0) + label_worth(x, hit);
            if (s > d->best) {
                d->best = s;
                d->best_hit = h;
                d->best_field = hit->field;
            }
        }
    }
}

/* Is the field only ever taken off?  "-172.07" before "withheld" is a withholding of 172.07. */
static bool
is_taken_off(const struct form *form, const char *name)
{
    bool off = false;

    for (unsigned e = 0; e < form->equation_count; e++) {
        const struct equation *q = &form->equations[e];
        const struct phrases *adds[] = { &q->terms, &q->maybe }, *takes[] = { &q->minus, &q->maybe_minus };

        if (strcmp(q->result, name) == 0)
            return false;
        for (size_t s = 0; s < 2; s++) {
            for (unsigned i = 0; i < adds[s]->count; i++)
                if (strcmp(adds[s]->items[i], name) == 0)
                    return false;
            for (unsigned i = 0; i < takes[s]->count; i++)
                off = off || strcmp(takes[s]->items[i], name) == 0;
        }
    }
    return off;
}

static void
rank_amounts(struct extraction *x, uint16_t field)
{
    const struct form_field *f = &x->form->fields[field];
    bool off = is_taken_off(x->form, f->name);

    for (uint32_t h = 0; h < x->hit_count; h++) {
        const struct label_hit *hit = &x->hits[h];

        if (hit->field != field)
            continue;
        for (uint32_t i = 0; i < x->amount_count; i++) {
            const struct amount_at *a = &x->amounts[i];
            double s = label_reach(x, hit, a->page, a->line, a->box, f->place);

            if (s < REACH_LEAST || a->in_date || (f->type == VALUE_MONEY && a->percent) ||
                (f->type == VALUE_PERCENT && !a->percent && a->readings[0].whole))
                continue;
            s += label_worth(x, hit);
            if (a->best_field != field && a->best > s)
                s -= 0.7 * (a->best - s) + 0.1;
            if (f->type == VALUE_PERCENT && !a->percent)
                s -= 0.15;
            if (f->pick == PICK_LAST)
                s += 0.03 * (double)a->line / (double)(x->layout->line_count + 1);
            for (unsigned r = 0; r < a->reading_count; r++) {
                struct candidate c = { .page = a->page, .first = a->first, .count = a->count,
                                       .minor = a->readings[r].minor, .hit = (int)h,
                                       .repaired = a->readings[r].repaired,
                                       .conf = layout_conf(x->layout, a->first, a->count) };

                if (off && c.minor < 0)
                    c.minor = -c.minor;
                c.score = s - 0.12 * r - (c.repaired ? 0.05 : 0);
                if (f->type == VALUE_MONEY && a->readings[r].whole && !a->readings[0].money)
                    c.score -= a->readings[r].digits > 6 ? 0.6 : 0.25;
                c.text = layout_text(x->layout, a->first, a->count, x->arena);
                c.value = money_print(x->arena, c.minor);
                if (c.text != NULL && c.value != NULL)
                    choice_add(&x->choices[field], &c);
            }
        }
    }
}

/*
 * No label led to an amount that must be there, and one amount only is printed ("Charges"): it is that, and a person
 * will look, as nothing speaks for it but that it is alone.
 */
static void
only_amount(struct extraction *x, uint16_t field)
{
    const struct form_field *f = &x->form->fields[field];
    struct candidate c = { .hit = -1, .score = ONLY_AMOUNT };
    const struct amount_at *only = NULL;

    if (!f->required || f->type != VALUE_MONEY || x->choices[field].count > 0)
        return;
    for (uint32_t i = 0; i < x->amount_count; i++) {
        const struct amount_at *a = &x->amounts[i];

        if (a->in_date || a->percent || a->readings[0].whole || !a->readings[0].sure)
            continue;
        if (only != NULL)
            return;
        only = a;
    }
    if (only == NULL || only->best_field != NO_FIELD)
        return;
    c.page = only->page;
    c.first = only->first;
    c.count = only->count;
    c.minor = only->readings[0].minor;
    c.conf = layout_conf(x->layout, only->first, only->count);
    c.text = layout_text(x->layout, only->first, only->count, x->arena);
    c.value = money_print(x->arena, c.minor);
    if (c.text != NULL && c.value != NULL)
        choice_add(&x->choices[field], &c);
}

/* Two fields that share one printed label do not compete. */
static bool
same_label(const struct extraction *x, uint32_t a, int b)
{
    return b >= 0 && x->hits[a].first == x->hits[b].first;
}

/*
 * A column whose last amount is the sum of those above it: the sum is what the title means,
 * the others are its parts.
 */
static void
column_sums(struct extraction *x, uint16_t field)
{
    struct choice *choice = &x->choices[field], moved = { .count = 0 };
    double shift[CANDIDATES_MAX] = { 0 };
    bool any = false;

    for (uint32_t i = 0; i < choice->count; i++) {
        const struct candidate *c = &choice->list[i];
        int64_t sum = 0;
        unsigned parts = 0;

        for (uint32_t j = 0; j < choice->count; j++) {
            const struct candidate *d = &choice->list[j];

            if (d->hit != c->hit || x->layout->words[d->first].line >= x->layout->words[c->first].line ||
                x->layout->words[d->first].line <= x->hits[c->hit].line)
                continue;
            sum += d->minor;
            parts++;
        }
        if (parts < 2 || sum != c->minor || sum == 0)
            continue;
        any = true;
        for (uint32_t j = 0; j < choice->count; j++)
            if (choice->list[j].hit == c->hit)
                shift[j] += j == i ? 0.4 : -0.15;
    }
    if (!any || (moved.list = arena_array(x->arena, CANDIDATES_MAX, sizeof *moved.list)) == NULL)
        return;
    for (uint32_t i = 0; i < choice->count; i++) {
        struct candidate c = choice->list[i];

        c.score += shift[i];
        choice_add(&moved, &c);
    }
    memcpy(choice->list, moved.list, moved.count * sizeof *moved.list);
    choice->count = moved.count;
}

/* How many dates stand between a label and a date on its line. */
static unsigned
dates_between(const struct extraction *x, const struct label_hit *hit, const struct date_at *date)
{
    unsigned n = 0;

    for (uint32_t i = 0; i < x->date_count; i++)
        n += x->dates[i].line == date->line && x->dates[i].first < date->first &&
             (hit->line != date->line || x->dates[i].first >= hit->first);
    return n;
}

static void
rank_dates(struct extraction *x, uint16_t field)
{
    const struct form_field *f = &x->form->fields[field];

    for (uint32_t i = 0; i < x->date_count; i++) {
        const struct date_at *d = &x->dates[i];
        struct candidate c = { .page = d->page, .first = d->first, .count = d->count, .hit = -1 };
        double best = -1;

        if (d->hit.no_year || d->hit.no_day || !date_valid(d->hit.date))
            continue;
        for (uint32_t h = 0; h < x->hit_count; h++) {
            double s;

            if (x->hits[h].field != field)
                continue;
            s = date_reach(x, &x->hits[h], d, f->place);
            if (s < REACH_LEAST)
                continue;
            s += label_worth(x, &x->hits[h]);
            /* "from ... to ...": one label, two dates. */
            if (f->pick == PICK_LAST)
                s += 0.1 * dates_between(x, &x->hits[h], d);
            else if (f->pick == PICK_FIRST)
                s -= 0.1 * dates_between(x, &x->hits[h], d);
            if (s > best) {
                best = s;
                c.hit = (int)h;
            }
        }
        if (d->best_field != field && d->best > best + 0.001 && best > 0 && !same_label(x, d->best_hit, c.hit))
            best -= 0.7 * (d->best - best) + 0.1;
        if (best < 0 && f->keep_unlabelled && d->best < 0.6)
            best = 0.55 - 0.1 * (double)d->line / (double)(x->layout->line_count + 1);
        if (best < REACH_LEAST)
            continue;
        c.score = best - (d->hit.short_year ? 0.03 : 0) - (d->repaired ? 0.05 : 0);
        c.repaired = d->repaired;
        c.ambiguous = d->hit.ambiguous && !x->order_sure;
        c.conf = layout_conf(x->layout, d->first, d->count);
        c.text = layout_text(x->layout, d->first, d->count, x->arena);
        c.value = date_print(x->arena, d->hit.date);
        if (c.text != NULL && c.value != NULL)
            choice_add(&x->choices[field], &c);
    }
}

/* A sign before a number without decimals is half a sign: the postcode "S16 1DH" is read as "$16". */
static bool
is_bare_sign(const char *word, const char *mark)
{
    return !isalpha((unsigned char)mark[0]) && strpbrk(word, "0123456789") != NULL && strpbrk(word, ".,") == NULL;
}

/* Codes are counted: the one that is printed most, or beside the field's label. */
static void
rank_codes(struct extraction *x, uint16_t field)
{
    const struct layout *lay = x->layout;
    const struct form_field *f = &x->form->fields[field];

    for (unsigned k = 0; k < f->code_count; k++) {
        struct candidate c = { .hit = -1, .value = f->codes[k].code, .text = f->codes[k].code };
        double seen = 0;

        for (uint32_t i = 0; i < lay->word_count; i++) {
            const char *t = lay->words[i].word->text;

            for (unsigned p = 0; p < f->codes[k].printed.count; p++) {
                const char *mark = f->codes[k].printed.items[p];
                const char *at = latin_sign(x->latin, f->codes[k].code, mark) ? strstr(t, mark) : NULL;
                size_t n = strlen(mark);

                /* A sign may stick to an amount; a word stands between other than letters. */
                if (at == NULL || (isalpha((unsigned char)mark[0]) &&
                                   ((at > t && isalpha((unsigned char)at[-1])) ||
                                    isalpha((unsigned char)at[n]))))
                    continue;
                if (seen == 0) {
                    c.first = i;
                    c.count = 1;
                    c.page = lay->words[i].page;
                    c.conf = lay->words[i].word->conf;
                    c.text = arena_str(x->arena, mark);
                }
                seen += is_bare_sign(t, mark) ? 0.5 : 1;
                break;
            }
        }
        if (seen == 0 || c.text == NULL)
            continue;
        c.score = 0.6 + 0.4 * seen / (seen + 2);
        choice_add(&x->choices[field], &c);
    }
}

enum rc
extract_rank(struct extraction *x)
{
    compete(x);
    for (unsigned i = 0; i < x->form->field_count; i++) {
        const struct form_field *f = &x->form->fields[i];

        if (is_number_type(f->type)) {
            rank_amounts(x, (uint16_t)i);
            only_amount(x, (uint16_t)i);
            column_sums(x, (uint16_t)i);
            if (f->cross != NULL || has_phrases(&f->rows))
                extract_cross(x, (uint16_t)i);
        } else if (f->type == VALUE_DATE)
            rank_dates(x, (uint16_t)i);
        else if (f->type == VALUE_ID)
            extract_ids(x, (uint16_t)i);
        else if (f->type == VALUE_CODE)
            rank_codes(x, (uint16_t)i);
        if (choose_knows(x->form, (uint16_t)i))
            choose_rank(x, (uint16_t)i);
    }
    return RC_OK;
}
