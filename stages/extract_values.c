/*
 * extract_values.c - every amount and every date on the pages, wherever it stands.
 */
#include "extract.h"
#include "extract_latin.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define AMOUNTS_MAX 6000
#define DATES_IN_RUN 12

static bool
all_digits(const char *text, size_t least, size_t most)
{
    size_t n = strspn(text, "0123456789");

    return text[n] == '\0' && n >= least && n <= most;
}

/* "234,56", "234.567,00": what may follow a group of thousands. */
static bool
is_continuation(const char *text)
{
    return strspn(text, "0123456789") == 3 && (text[3] == '\0' || strchr(".,", text[3]) != NULL);
}

static void
add_amount(struct extraction *x, uint32_t first, uint32_t count, const char *text, bool joined)
{
    const struct layout *lay = x->layout;
    struct amount_at *a = &x->amounts[x->amount_count];
    char copy[64];
    size_t n = strlen(text);

    if (x->amount_count >= AMOUNTS_MAX || n == 0 || n >= sizeof copy)
        return;
    *a = (struct amount_at){ .first = first, .count = count, .joined = joined, .best_field = NO_FIELD };
    memcpy(copy, text, n + 1);
    while (n > 0 && strchr("%),;:", copy[n - 1]) != NULL) {
        if (copy[n - 1] == ')' && strchr(copy, '(') != NULL)
            break;
        a->percent = a->percent || copy[n - 1] == '%';
        copy[--n] = '\0';
    }
    a->reading_count = money_readings(copy, x->mark, a->readings);
    if (a->reading_count > 1 && x->latin != NULL && x->latin->whole)
        a->reading_count = 1; /* 1.234 is never a little more than one */
    if (a->reading_count == 0)
        return;
    a->page = lay->words[first].page;
    a->line = lay->words[first].line;
    a->piece = lay->words[first].piece;
    a->box = lay->words[first].box;
    for (uint32_t i = 1; i < count; i++)
        a->box = box_union(a->box, lay->words[first + i].box);
    if (first + count < lay->word_count && lay->words[first + count].line == a->line &&
        lay->words[first + count].word->text[0] == '%')
        a->percent = true;
    x->amount_count++;
}

static int
gap_after(const struct layout *lay, uint32_t i)
{
    return lay->words[i + 1].box.x0 - lay->words[i].box.x1;
}

static void
amounts_of_line(struct extraction *x, const struct lay_run *line)
{
    const struct layout *lay = x->layout;

    for (uint32_t k = 0; k < line->count; k++) {
        uint32_t i = line->first + k;
        const char *text = lay->words[i].word->text;
        bool more = k + 1 < line->count && lay->words[i + 1].piece == lay->words[i].piece;
        int h = box_height(lay->words[i].box);

        /* 1 234,56: a narrow blank between thousands. */
        if (more && all_digits(text, 1, 3) && is_continuation(lay->words[i + 1].word->text) &&
            gap_after(lay, i) * 5 < h * 4) {
            char both[64];
            size_t a = strlen(text), b = strlen(lay->words[i + 1].word->text);

            if (a + b + 1 < sizeof both) {
                memcpy(both, text, a);
                memcpy(both + a, lay->words[i + 1].word->text, b + 1);
                add_amount(x, i, 2, both, true);
            }
            /* Neither half is an amount of its own. */
            k++;
            continue;
        }
        /* 1.234, 56 or 12 .50: a blank beside the mark. */
        if (more && strlen(text) > 1 && strchr(".,", text[strlen(text) - 1]) != NULL &&
            strlen(lay->words[i + 1].word->text) == 2 &&
            strpbrk(lay->words[i + 1].word->text, "0123456789") != NULL && gap_after(lay, i) < h) {
            char both[64];
            size_t a = strlen(text);

            if (a + 3 < sizeof both) {
                memcpy(both, text, a);
                memcpy(both + a, lay->words[i + 1].word->text, 3);
                add_amount(x, i, 2, both, true);
            }
        }
        add_amount(x, i, 1, text, false);
    }
}

/* Which decimal mark do the sure amounts use? */
static char
usual_mark(const struct extraction *x)
{
    unsigned stops = 0, commas = 0;

    for (uint32_t i = 0; i < x->amount_count; i++) {
        const struct amount *a = &x->amounts[i].readings[0];

        if (!a->sure || x->amounts[i].percent)
            continue;
        stops += a->mark == '.';
        commas += a->mark == ',';
    }
    if (x->latin != NULL && x->latin->whole)
        return x->latin->mark;
    if (stops > commas * 2)
        return '.';
    if (x->latin != NULL && stops == commas)
        return x->latin->mark;
    return commas > stops * 2 ? ',' : 0;
}

/*
 * On a page whose amounts have decimals, 3100 may be 31.00 with a lost point: a second
 * reading, which only an equation can bring forward.
 */
static void
lost_points(struct extraction *x)
{
    unsigned sure = 0;

    for (uint32_t i = 0; i < x->amount_count; i++)
        sure += x->amounts[i].readings[0].sure && x->amounts[i].readings[0].mark != 0;
    for (uint32_t i = 0; i < x->amount_count && sure >= 3; i++) {
        struct amount_at *a = &x->amounts[i];

        if (a->reading_count != 1 || !a->readings[0].whole || a->readings[0].digits < 3 ||
            a->readings[0].digits > 7 || a->readings[0].money)
            continue;
        a->readings[1] = a->readings[0];
        a->readings[1].minor /= 100;
        a->readings[1].whole = false;
        a->readings[1].repaired = true;
        a->reading_count = 2;
    }
}

static void
mark_dates(struct extraction *x)
{
    for (uint32_t i = 0; i < x->amount_count; i++) {
        struct amount_at *a = &x->amounts[i];

        for (uint32_t d = 0; d < x->date_count && !a->in_date; d++) {
            const struct date_at *at = &x->dates[d];

            a->in_date = !at->hit.no_year && !at->hit.no_day && a->first < at->first + at->count &&
                         at->first < a->first + a->count;
        }
    }
}

enum rc
extract_amounts(struct extraction *x)
{
    x->amounts = arena_array(x->arena, AMOUNTS_MAX, sizeof *x->amounts);
    if (x->amounts == NULL)
        return RC_NOMEM;
    for (int pass = 0; pass < 2; pass++) {
        x->amount_count = 0;
        for (uint32_t i = 0; i < x->layout->line_count; i++)
            amounts_of_line(x, &x->layout->lines[i]);
        if (pass == 0 && (x->mark = usual_mark(x)) == 0)
            break;
    }
    lost_points(x);
    mark_dates(x);
    return RC_OK;
}

static bool
covered(const struct extraction *x, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < x->date_count; i++)
        if (first < x->dates[i].first + x->dates[i].count && x->dates[i].first < first + count)
            return true;
    return false;
}

/* The dates in words first .. first + count. */
static enum rc
dates_of_run(struct extraction *x, uint32_t first, uint32_t count)
{
    const struct layout *lay = x->layout;
    struct date_hit hits[DATES_IN_RUN];
    char *text = layout_text(lay, first, count, x->arena);
    unsigned n;

    if (text == NULL)
        return RC_NOMEM;
    n = dates_find(text, hits, DATES_IN_RUN);
    for (unsigned i = 0; i < n && x->date_count < DATES_MAX; i++) {
        struct date_at *d = &x->dates[x->date_count];
        size_t at = 0;
        uint32_t from = count, to = 0;

        for (uint32_t w = 0; w < count; w++) {
            size_t size = strlen(lay->words[first + w].word->text);

            if (at < hits[i].end && at + size > hits[i].start) {
                from = w < from ? w : from;
                to = w + 1;
            }
            at += size + 1;
        }
        if (from >= to || covered(x, first + from, to - from))
            continue;
        *d = (struct date_at){ .first = first + from, .count = to - from, .hit = hits[i],
                               .best_field = NO_FIELD };
        d->page = lay->words[d->first].page;
        d->line = lay->words[d->first].line;
        d->piece = lay->words[d->first].piece;
        d->box = lay->words[d->first].box;
        for (uint32_t w = 1; w < d->count; w++)
            d->box = box_union(d->box, lay->words[d->first + w].box);
        x->date_count++;
    }
    return RC_OK;
}

/* "del 1 de julio al 31 de julio de 2025": the first has no year of its own. */
static void
lend_years(struct extraction *x)
{
    for (uint32_t i = 0; i < x->date_count; i++) {
        struct date_hit *h = &x->dates[i].hit;

        if (!h->no_year)
            continue;
        for (uint32_t j = 0; j < x->date_count; j++) {
            const struct date_hit *o = &x->dates[j].hit;

            if (x->dates[j].line != x->dates[i].line || o->no_year || o->no_day ||
                x->dates[j].first < x->dates[i].first)
                continue;
            h->date.year = o->date.month < h->date.month ? o->date.year - 1 : o->date.year;
            if (date_valid(h->date))
                h->no_year = false;
            break;
        }
    }
}

/* American paper: a state and a ZIP code, or dollars without a word that says otherwise. */
static bool
looks_american(const struct extraction *x)
{
    const struct layout *lay = x->layout;
    unsigned zips = 0, dollars = 0, others = 0;

    for (uint32_t i = 0; i < lay->word_count; i++) {
        const char *t = lay->words[i].word->text;

        dollars += t[0] == '$' || strncmp(t, "US$", 3) == 0 || strcmp(t, "USD") == 0;
        others += strcmp(t, "RM") == 0 || strstr(t, "\xe2\x82\xac") != NULL || strcmp(t, "EUR") == 0 ||
                  strstr(t, "\xc2\xa3") != NULL || strcmp(t, "CHF") == 0;
        if (i > 0 && strlen(t) >= 5 && strspn(t, "0123456789") == 5 && lay->words[i - 1].line == lay->words[i].line) {
            const char *s = lay->words[i - 1].word->text;

            zips += strlen(s) >= 2 && strlen(s) <= 3 && isupper((unsigned char)s[0]) && isupper((unsigned char)s[1]);
        }
    }
    return others == 0 && (dollars > 0 || zips > 0);
}

static void
settle_order(struct extraction *x)
{
    unsigned first = 0, second = 0;

    for (uint32_t i = 0; i < x->date_count; i++) {
        const struct date_hit *h = &x->dates[i].hit;

        first += h->month_first;
        second += h->day_first;
    }
    /* One date against another is a misread one, and proves nothing. */
    x->order_sure = first != second || x->latin != NULL;
    x->month_first = first > second || (first == second && x->latin == NULL && looks_american(x));
    for (uint32_t i = 0; i < x->date_count; i++) {
        struct date_hit *h = &x->dates[i].hit;

        if (h->ambiguous && x->month_first) {
            int day = h->date.day;

            h->date.day = h->date.month;
            h->date.month = day;
        }
    }
}

enum rc
extract_dates(struct extraction *x)
{
    const struct layout *lay = x->layout;

    x->dates = arena_array(x->arena, DATES_MAX, sizeof *x->dates);
    if (x->dates == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < lay->piece_count; i++) {
        enum rc rc = dates_of_run(x, lay->pieces[i].first, lay->pieces[i].count);

        if (rc != RC_OK)
            return rc;
    }
    /* Wide print breaks a date into pieces. */
    for (uint32_t i = 0; i < lay->line_count; i++) {
        enum rc rc = dates_of_run(x, lay->lines[i].first, lay->lines[i].count);

        if (rc != RC_OK)
            return rc;
    }
    dates_mend(x);
    lend_years(x);
    settle_order(x);
    return RC_OK;
}
