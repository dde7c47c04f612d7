/*
 * extract_choose.c - extract_choose.h: the rows, and the candidates they make.
 */
#include "extract_choose.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "doc/lexicon.h"

#define NEAR_CENTS 5 /* what rounding to five cents takes or gives, at most; some tills round to ten */
#define ROWS_MAX_CHOSEN 400
#define SUMMED_MAX 300 /* amounts that are added up: a page of nothing but numbers must not take for ever */

/* The words of each class, folded. */
static const char *const said[SAID_COUNT][10] = {
    [SAID_TOTAL] = { "total", "jumlah", "ttl", "summe", "gesamt", "totalrm" },
    [SAID_GRAND] = { "grand", "nett", "final" },
    [SAID_SUB] = { "sub", "subtotal" },
    [SAID_NET] = { "net", "nett", "netto", "neto" },
    [SAID_GROSS] = { "gross", "brutto" },
    [SAID_AMOUNT] = { "amount", "amt", "importe", "betrag" },
    [SAID_DUE] = { "due", "outstanding" },
    [SAID_PAYABLE] = { "payable", "pay", "bepaid", "paid", "apagar", "zuzahlen", "topay" },
    [SAID_ROUND] = { "rounding", "rounded", "round", "rounddown", "roundup", "redondeo", "rnd", "roundadj" },
    [SAID_INCL] = { "incl", "inclusive", "including", "included", "inc", "with" },
    [SAID_EXCL] = { "excl", "exclusive", "excluding", "excluded", "exc", "without" },
    [SAID_TAX] = { "gst", "tax", "taxes", "iva", "mwst", "vat", "sst", "tva" },
    [SAID_SERVICE] = { "service", "serv", "svc", "servchg", "svctax", "servicecharge" },
    [SAID_CASH] = { "cash", "tunai", "efectivo", "bar" },
    [SAID_CHANGE] = { "change", "baki", "cambio", "ruckgeld", "changedue" },
    [SAID_CARD] = { "visa", "master", "mastercard", "credit", "debit", "card", "amex", "mydebit" },
    [SAID_DISCOUNT] = { "discount", "disc", "descuento", "rabatt", "lessdiscount" },
    [SAID_SAVING] = { "saving", "savings", "saved", "save" },
    [SAID_QTY] = { "qty", "quantity", "items", "count", "totalqty", "unit", "pcs" },
    [SAID_BALANCE] = { "balance", "bal" },
    [SAID_TENDER] = { "tender", "tendered", "received", "payment", "accepted", "entregado", "gegeben" },
    [SAID_SALES] = { "sales", "sale" },
    [SAID_BEFORE] = { "before", "taxable", "base" },
    [SAID_AFTER] = { "after" },
    [SAID_ITEM] = { "item", "price", "each", "sr", "zr", "zrl" },
    [SAID_POINTS] = { "point", "points", "member", "reward", "card", "bonus", "redeem" },
    [SAID_SUMMARY] = { "summary", "analysis", "breakdown", "rate" },
};

static const char *const date_labels[] = { "date", "fecha", "datum", "tarikh", "dated", "invoicedate", "billdate" };
static const char *const date_others[] = {
    "expiry", "exp",    "expires", "valid", "until",  "printed",   "printtime", "birth",
    "due",    "member", "since",   "act",   "before", "effective", "from",      "delivery",
};

static double
within(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

/* Does one of the words stand in words from..to of the line? */
static bool
speaks(const struct lay_run *line, uint32_t from, uint32_t to, const char *const *words, size_t count)
{
    for (uint32_t s = 0; s < line->fold_size; s++) {
        if (line->edge[s] == 0 || line->fold_word[s] < from)
            continue;
        if (line->fold_word[s] >= to)
            break;
        for (size_t i = 0; i < count && words[i] != NULL; i++) {
            size_t n = strlen(words[i]), used;
            double cost;

            if (lexicon_prefix(words[i], n, line->fold + s, line->fold_size - s, line->edge + s, &cost, &used))
                return true;
        }
    }
    return false;
}

/* The page's amounts as the model sees them: which words stand at each line. */
struct scene {
    bool says[ROWS_MAX_CHOSEN][SAID_COUNT]; /* of a line */
    uint32_t lines;
    int64_t largest;
    uint32_t last_total, first_change, first_paid, summary;
};

static bool
is_price(const struct amount_at *a)
{
    return !a->percent && !a->in_date && a->reading_count > 0 &&
           (!a->readings[0].whole || a->readings[0].money);
}

static void
see(const struct extraction *x, struct scene *s)
{
    const struct layout *lay = x->layout;

    memset(s, 0, sizeof *s);
    s->lines = lay->line_count < ROWS_MAX_CHOSEN ? lay->line_count : ROWS_MAX_CHOSEN;
    s->last_total = 0;
    s->first_change = s->first_paid = s->summary = UINT32_MAX;
    for (uint32_t i = 0; i < s->lines; i++) {
        for (int k = 0; k < SAID_COUNT; k++)
            s->says[i][k] = speaks(&lay->lines[i], 0, UINT32_MAX, said[k], COUNT_OF(said[k]));
        if (s->says[i][SAID_TOTAL] && !s->says[i][SAID_QTY] && s->summary == UINT32_MAX)
            s->last_total = i;
        if (s->says[i][SAID_CHANGE] && s->first_change == UINT32_MAX)
            s->first_change = i;
        if ((s->says[i][SAID_CASH] || s->says[i][SAID_CARD] || s->says[i][SAID_TENDER]) && i > s->lines / 4 &&
            s->first_paid == UINT32_MAX)
            s->first_paid = i;
        if (s->says[i][SAID_SUMMARY] && s->says[i][SAID_TAX] && s->summary == UINT32_MAX)
            s->summary = i;
    }
    for (uint32_t i = 0; i < x->amount_count; i++) {
        const struct amount_at *a = &x->amounts[i];
        bool paid = a->line < s->lines && (s->says[a->line][SAID_CASH] || s->says[a->line][SAID_TENDER]);

        if (is_price(a) && !a->readings[0].whole && !paid && a->readings[0].minor > s->largest &&
            a->readings[0].minor < 10000000)
            s->largest = a->readings[0].minor;
    }
}

/* What other amounts prove of this one. */
static void
sums(const struct extraction *x, const struct scene *s, const struct amount_at *a, int64_t v, double *row)
{
    uint32_t count = x->amount_count < SUMMED_MAX ? x->amount_count : SUMMED_MAX;

    for (uint32_t i = 0; i < count; i++) {
        const struct amount_at *b = &x->amounts[i];
        int64_t w = b->readings[0].minor;

        if (b == a || !is_price(b) || b->line >= s->lines)
            continue;
        if (w == v && b->line != a->line)
            row[AMOUNT_REPEATED] += 1.0 / 3;
        for (uint32_t j = 0; j < count; j++) {
            const struct amount_at *c = &x->amounts[j];
            int64_t r = c->readings[0].minor, ar = r < 0 ? -r : r;

            if (c == a || c == b || !is_price(c) || c->line >= s->lines)
                continue;
            if (w - r == v && w != v && b->line >= a->line && c->line >= b->line) {
                if (s->says[c->line][SAID_CHANGE] || s->says[b->line][SAID_CASH] || s->says[b->line][SAID_TENDER])
                    row[AMOUNT_PAID] = 1;
                else if (c->line <= b->line + 4 && b->line <= a->line + 8)
                    row[AMOUNT_PAID_PLACE] = 1;
            }
            if (r != 0 && ar <= NEAR_CENTS && s->says[c->line][SAID_ROUND]) {
                if ((w + r == v || w - r == v) && b->line < a->line)
                    row[AMOUNT_ROUNDED] = 1;
                if ((v + r == w || v - r == w) && b->line > a->line)
                    row[AMOUNT_UNROUNDED] = 1;
            }
            if (r > 0 && w > r && w + r == v && s->says[c->line][SAID_TAX])
                row[AMOUNT_TAXED] = 1;
        }
    }
    row[AMOUNT_REPEATED] = within(row[AMOUNT_REPEATED], 0, 1);
}

static bool
has_letters(const struct lay_run *line, uint32_t to)
{
    uint32_t n = 0;

    for (uint32_t s = 0; s < line->fold_size && line->fold_word[s] < to; s++)
        n += isalpha((unsigned char)line->fold[s]) != 0;
    return n >= 3;
}

static void
amount_row(const struct extraction *x, const struct scene *s, const struct amount_at *a, unsigned reading, double *row)
{
    const struct layout *lay = x->layout;
    const struct lay_run *line = &lay->lines[a->line];
    const struct page_facts *facts = &lay->pages[a->page]->facts;
    const struct amount *m = &a->readings[reading];
    uint32_t to = a->first - line->first, above = a->line > 0 ? a->line - 1 : 0;

    memset(row, 0, CHOOSE_COLUMNS * sizeof *row);
    for (int k = 0; k < SAID_COUNT; k++)
        row[AMOUNT_SAID + k] = s->says[a->line][k] && speaks(line, 0, to, said[k], COUNT_OF(said[k]));
    if (!has_letters(line, to)) {
        row[AMOUNT_NOTHING_SAID] = 1;
        if (a->line > 0 && lay->lines[above].page == a->page &&
            a->box.y0 - lay->lines[above].box.y1 < 2 * lay->height)
            for (int k = 0; k < SAID_COUNT; k++)
                row[AMOUNT_ABOVE + k] = s->says[above][k];
    }
    row[AMOUNT_PLAIN_TOTAL] = row[SAID_TOTAL] > 0 && row[SAID_SUB] + row[SAID_QTY] + row[SAID_EXCL] + row[SAID_TAX] +
                              row[SAID_DISCOUNT] + row[SAID_SAVING] + row[SAID_POINTS] + row[SAID_BEFORE] <= 0;
    row[AMOUNT_LAST_TOTAL] = a->line == s->last_total || (a->line == s->last_total + 1 && row[AMOUNT_NOTHING_SAID] > 0);
    row[AMOUNT_LARGEST] = m->minor == s->largest;
    row[AMOUNT_SHARE] = s->largest > 0 ? within((double)m->minor / (double)s->largest, 0, 1) : 0;
    sums(x, s, a, m->minor, row);
    row[AMOUNT_FIVES] = m->minor % 5 == 0;
    row[AMOUNT_DECIMALS] = !m->whole;
    row[AMOUNT_SIGN] = m->money;
    row[AMOUNT_NEGATIVE] = m->minor < 0;
    row[AMOUNT_ZERO] = m->minor == 0;
    row[AMOUNT_TALL] = within(box_height(a->box) / (double)lay->height - 1, -0.5, 1.5);
    row[AMOUNT_DOWN] = facts->height > 0 ? within((double)a->box.y0 / facts->height, 0, 1) : 0;
    row[AMOUNT_AFTER_SUMMARY] = a->line > s->summary;
    row[AMOUNT_AFTER_CHANGE] = a->line > s->first_change;
    row[AMOUNT_AFTER_PAID] = a->line > s->first_paid;
    row[AMOUNT_RIGHT] = facts->width > 0 ? within((double)a->box.x1 / facts->width, 0, 1) : 0;
    for (uint32_t w = 0; w < line->count; w++) {
        const char *t = lay->words[line->first + w].word->text;

        if (strchr(t, '@') != NULL || strcmp(t, "x") == 0 || strcmp(t, "X") == 0)
            row[AMOUNT_TIMES] = 1;
    }
    row[AMOUNT_AFTER_TOTAL] = a->line > s->last_total;
    row[AMOUNT_SECOND] = reading > 0;
    row[AMOUNT_BIG] = m->minor > 1000000;
}

/* The hand-set score of a candidate. */
static double
by_hand(const struct choice *hand, uint32_t first, const char *value, bool *best)
{
    *best = false;
    for (uint32_t i = 0; i < hand->count; i++)
        if (hand->list[i].first == first && strcmp(hand->list[i].value, value) == 0) {
            *best = i == 0;
            return within(hand->list[i].score, 0, 1.5);
        }
    return 0;
}

struct pool {
    struct candidate *list;
    double *z;
    uint32_t count;
};

static void
pool_add(struct pool *pool, const struct choice *hand, const struct candidate *c, double z)
{
    struct candidate *at = &pool->list[pool->count];

    *at = *c;
    for (uint32_t i = 0; i < hand->count; i++)
        if (hand->list[i].first == c->first && strcmp(hand->list[i].value, c->value) == 0)
            at->hit = hand->list[i].hit;
    pool->z[pool->count++] = z;
}

static void
pool_amounts(struct extraction *x, uint16_t field, struct pool *pool)
{
    struct scene *scene = arena_alloc(x->arena, sizeof *scene);
    const struct choice *hand = &x->choices[field];
    double row[CHOOSE_COLUMNS];

    if (scene == NULL)
        return;
    see(x, scene);
    for (uint32_t i = 0; i < x->amount_count; i++) {
        const struct amount_at *a = &x->amounts[i];

        for (unsigned r = 0; r < a->reading_count && pool->count < ROWS_MAX_CHOSEN && a->line < scene->lines; r++) {
            struct candidate c = { .page = a->page, .first = a->first, .count = a->count, .hit = -1,
                                   .minor = a->readings[r].minor, .repaired = a->readings[r].repaired,
                                   .conf = layout_conf(x->layout, a->first, a->count) };
            bool best;

            if (a->percent || a->in_date || (a->readings[r].whole && a->readings[r].digits > 6) || c.minor < 0)
                continue;
            c.text = layout_text(x->layout, a->first, a->count, x->arena);
            c.value = money_print(x->arena, c.minor);
            if (c.text == NULL || c.value == NULL)
                return;
            amount_row(x, scene, a, r, row);
            row[AMOUNT_HAND] = by_hand(hand, a->first, c.value, &best);
            row[AMOUNT_HAND_BEST] = best;
            pool_add(pool, hand, &c, choose_weigh(x->form, field, c.value, row, AMOUNT_COLUMNS));
        }
    }
}

static void
date_row(const struct extraction *x, const struct date_at *d, uint32_t index, double *row)
{
    const struct layout *lay = x->layout;
    const struct lay_run *line = &lay->lines[d->line], *up = d->line > 0 ? line - 1 : NULL;
    const struct page_facts *facts = &lay->pages[d->page]->facts;
    char *text = layout_text(lay, d->first, d->count, x->arena);
    const char *from = text != NULL ? text : "", *to;
    char mark = 0;

    memset(row, 0, CHOOSE_COLUMNS * sizeof *row);
    row[DATE_LABEL] = speaks(line, 0, UINT32_MAX, date_labels, COUNT_OF(date_labels));
    if (row[DATE_LABEL] <= 0 && up != NULL && up->page == d->page &&
        speaks(up, 0, UINT32_MAX, date_labels, COUNT_OF(date_labels)))
        row[DATE_LABEL] = 0.6;
    row[DATE_OTHER] = speaks(line, 0, UINT32_MAX, date_others, COUNT_OF(date_others));
    for (uint32_t w = 0; w < line->count; w++) {
        const char *t = lay->words[line->first + w].word->text, *colon = strchr(t, ':');

        if (colon != NULL && colon > t && isdigit((unsigned char)colon[-1]) && isdigit((unsigned char)colon[1]))
            row[DATE_TIME] = 1;
    }
    row[DATE_PACKED] = strpbrk(from, "/-.,") == NULL && strspn(from, "0123456789") >= 8;
    row[DATE_SHORT_YEAR] = d->hit.short_year;
    row[DATE_UNLIKELY] = d->hit.date.year < 2000 || d->hit.date.year > 2035;
    for (const char *s = from; *s != '\0'; s++) {
        if (isalpha((unsigned char)s[0]) && isalpha((unsigned char)s[1]) && isalpha((unsigned char)s[2]))
            row[DATE_MONTH_NAME] = 1;
        if (strchr("/-.", *s) != NULL && (s == from || isdigit((unsigned char)s[-1]))) {
            if (mark != 0 && mark != *s)
                row[DATE_MIXED] = 1;
            mark = *s;
        }
    }
    row[DATE_DOWN] = facts->height > 0 ? within((double)d->box.y0 / facts->height, 0, 1) : 0;
    row[DATE_FIRST] = 1;
    row[DATE_LATEST] = 1;
    for (uint32_t i = 0; i < x->date_count; i++) {
        const struct date_at *o = &x->dates[i];

        if (i == index || o->hit.no_year || o->hit.no_day)
            continue;
        if (o->line < d->line)
            row[DATE_FIRST] = 0;
        if (date_serial(o->hit.date) == date_serial(d->hit.date))
            row[DATE_REPEATED] = 1;
        else if (date_serial(o->hit.date) > date_serial(d->hit.date))
            row[DATE_LATEST] = 0;
    }
    /* The figures or letters that stick to it. */
    if (text != NULL) {
        struct date_hit hits[2];

        if (dates_find(text, hits, 2) > 0) {
            size_t a = hits[0].start, b = hits[0].end;

            to = text + b;
            row[DATE_EMBEDDED] =
                (a > 0 && (isalnum((unsigned char)text[a - 1]) || strchr("/-", text[a - 1]) != NULL)) ||
                isdigit((unsigned char)*to) || ((*to == '/' || *to == '-') && isdigit((unsigned char)to[1]));
        }
    }
    row[DATE_ALONE] = d->count == line->count;
    row[DATE_YEAR_FIRST] = strspn(from, "0123456789") == 4;
    row[DATE_AMBIGUOUS] = d->hit.ambiguous;
}

static void
pool_dates(struct extraction *x, uint16_t field, struct pool *pool)
{
    const struct choice *hand = &x->choices[field];
    double row[CHOOSE_COLUMNS];

    for (uint32_t i = 0; i < x->date_count && pool->count < ROWS_MAX_CHOSEN; i++) {
        const struct date_at *d = &x->dates[i];
        struct candidate c = { .page = d->page, .first = d->first, .count = d->count, .hit = -1,
                               .ambiguous = d->hit.ambiguous && !x->order_sure, .repaired = d->repaired,
                               .conf = layout_conf(x->layout, d->first, d->count) };
        bool best;

        if (d->hit.no_year || d->hit.no_day || !date_valid(d->hit.date))
            continue;
        c.text = layout_text(x->layout, d->first, d->count, x->arena);
        c.value = date_print(x->arena, d->hit.date);
        if (c.text == NULL || c.value == NULL)
            return;
        date_row(x, d, i, row);
        row[DATE_HAND] = by_hand(hand, d->first, c.value, &best);
        row[DATE_HAND_BEST] = best;
        pool_add(pool, hand, &c, choose_weigh(x->form, field, c.value, row, DATE_COLUMNS));
    }
}

void
choose_rank(struct extraction *x, uint16_t field)
{
    struct choice *choice = &x->choices[field], fresh = { .chosen = -1 };
    struct pool pool = { .list = arena_array(x->arena, ROWS_MAX_CHOSEN, sizeof *pool.list),
                         .z = arena_array(x->arena, ROWS_MAX_CHOSEN, sizeof *pool.z) };
    double all, most, none;

    fresh.list = arena_array(x->arena, CANDIDATES_MAX, sizeof *fresh.list);
    if (!choose_knows(x->form, field) || pool.list == NULL || pool.z == NULL || fresh.list == NULL)
        return;
    if (x->form->fields[field].type == VALUE_DATE)
        pool_dates(x, field, &pool);
    else
        pool_amounts(x, field, &pool);
    most = none = choose_none(x->form, field);
    for (uint32_t i = 0; i < pool.count; i++)
        most = pool.z[i] > most ? pool.z[i] : most;
    all = exp(none - most);
    for (uint32_t i = 0; i < pool.count; i++)
        all += exp(pool.z[i] - most);
    /* One value printed twice is one value: its sightings are summed. */
    for (uint32_t i = 0; i < pool.count; i++) {
        double p = 0, other = 0;

        for (uint32_t j = 0; j < pool.count; j++)
            if (strcmp(pool.list[j].value, pool.list[i].value) == 0) {
                p += exp(pool.z[j] - most) / all;
                other = pool.z[j] > pool.z[i] ? 1 : other;
            }
        if (other > 0 || p < 0.002)
            continue;
        pool.list[i].score = 0.35 + p;
        choice_add(&fresh, &pool.list[i]);
    }
    memcpy(choice->list, fresh.list, fresh.count * sizeof *fresh.list);
    choice->count = fresh.count;
}
