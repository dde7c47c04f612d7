/*
 * extract_cells.c - the dates of a table's column, read together.
 *
 * "02/09" alone is the ninth of February or the second of September.  In a column the names of the
 * days beside it say which, or the dates themselves, which lie within a week and not within a
 * year; and a table that prints no year borrows it from the document.
 */
#include "extract_cells.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/lexicon.h"

#define DAYS_LENT 100 /* a date without a year lies no farther from the document's own */
#define DIGITS_ROOM 24

const char *const digits_alike[10] = {
    "869", "74", "73", "859", "91", "638", "850", "12", "3609", "4083",
};

/* One cell of the column. */
struct day {
    struct field *cell;
    int weekday;              /* as named in its row; -1: not named                      */
    struct date day, month;   /* read day first, and month first; year 0: not possible   */
    bool plain;               /* both are the same                                       */
    bool known;
    int64_t serial;           /* what was settled                                        */
};

void
cell_mend(struct field *cell, const char *value)
{
    if (strcmp(cell->value, value) == 0)
        return;
    cell->value = value;
    cell->state = FIELD_VALUE;
    cell->origin = ORIGIN_REPAIR;
    cell->confidence = cell->confidence < 0.6 ? 0.6 : cell->confidence;
    for (size_t i = 0; i < FIELD_REASONS_MAX; i++)
        if (cell->reasons[i] == REASON_FORMAT_WRONG)
            cell->reasons[i] = REASON_REPAIRED;
    field_doubt(cell, REASON_REPAIRED);
}

const char *
cell_word(const char *word, const char *before)
{
    static const struct {
        const char *read, *printed;
        bool counted; /* only behind a figure */
    } words[] = {
        { "Ib", "lb", true }, { "Im", "lm", true }, { "mm?", "mm\u00b2", false }, { "\u00e1", "\u00e0", false },
    };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(word, words[i].read) == 0 && (!words[i].counted || isdigit((unsigned char)before[0])))
            return words[i].printed;
    return word;
}

int
weekday_in(const char *text)
{
    static const char *const names[7][7] = {
        { "monday", "lunes", "montag", "lundi", "mon", "lun" },
        { "tuesday", "martes", "dienstag", "mardi", "tue" },
        { "wednesday", "miercoles", "mittwoch", "mercredi", "wed", "mie" },
        { "thursday", "jueves", "donnerstag", "jeudi", "thu", "jue" },
        { "friday", "viernes", "freitag", "vendredi", "fri", "vie" },
        { "saturday", "sabado", "samstag", "samedi", "sat", "sab" },
        { "sunday", "domingo", "sonntag", "dimanche", "sun", "dom" },
    };

    while (*text != '\0') {
        char word[40], fold[48];
        size_t n = strcspn(text, " "), size;

        snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), text);
        size = lexicon_fold(word, fold, sizeof fold);
        for (int d = 0; d < 7; d++)
            for (size_t k = 0; k < COUNT_OF(names[d]) && names[d][k] != NULL; k++) {
                size_t m = strlen(names[d][k]);
                double limit = m < 5 ? 0 : 1;

                if (size > 2 && lexicon_distance(fold, size, names[d][k], m, limit) <= limit)
                    return d;
            }
        text += n;
        text += strspn(text, " ");
    }
    return -1;
}

static int
weekday_of(int64_t serial)
{
    return (int)((serial % 7 + 10) % 7); /* 1970-01-01 was a Thursday */
}

/* "05/18": two numbers and no third. */
static bool
without_year(const char *text, int *first, int *second)
{
    for (const char *at = text; *at != '\0'; at++) {
        int used = 0;
        char mark;

        if (!isdigit((unsigned char)*at) || (at > text && isdigit((unsigned char)at[-1])))
            continue;
        if (sscanf(at, "%2d%c%2d%n", first, &mark, second, &used) != 3 || strchr("/-.", mark) == NULL)
            continue;
        if (at[used] == '\0' || (!isdigit((unsigned char)at[used]) && strchr("/-", at[used]) == NULL))
            return true;
    }
    return false;
}

/* The year that brings the day nearest to the document's date; 0: none is near. */
static int
lent_year(struct date d, struct date near)
{
    int best = 0;
    int64_t least = DAYS_LENT + 1;

    for (int y = near.year - 1; y <= near.year + 1; y++) {
        int64_t off;

        d.year = y;
        if (!date_valid(d))
            continue;
        off = llabs(date_serial(d) - date_serial(near));
        if (off < least) {
            least = off;
            best = y;
        }
    }
    return best;
}

/* The document's own date: that of a field, else the first one printed with a year. */
static bool
own_date(const struct extraction *x, struct date *out)
{
    for (unsigned i = x->form->field_count; i-- > 0;) {
        const struct choice *c = &x->choices[i];

        if (x->form->fields[i].type == VALUE_DATE && c->chosen >= 0 && date_canonical(c->list[c->chosen].value, out))
            return true;
    }
    for (uint32_t i = 0; i < x->date_count; i++) {
        *out = x->dates[i].hit.date;
        if (!x->dates[i].hit.no_year && !x->dates[i].hit.no_day && date_valid(*out))
            return true;
    }
    return false;
}

static void
read_day(const struct extraction *x, struct day *d)
{
    struct date_hit hit;
    struct date near;
    int a, b;

    if (dates_find(d->cell->text, &hit, 1) == 1 && !hit.no_year && !hit.no_day) {
        d->plain = !hit.ambiguous && !hit.month_first && !hit.day_first;
        if (!hit.month_first || d->plain)
            d->day = hit.date;
        if (hit.ambiguous)
            d->month = (struct date){ hit.date.year, hit.date.day, hit.date.month };
        else if (!hit.day_first || d->plain)
            d->month = hit.date;
        d->known = true;
        return;
    }
    if (!without_year(d->cell->text, &a, &b) || !own_date(x, &near))
        return;
    d->day = (struct date){ 0, b, a };
    d->month = (struct date){ 0, a, b };
    d->day.year = lent_year(d->day, near);
    d->month.year = lent_year(d->month, near);
    d->plain = a == b;
    d->known = d->day.year != 0 || d->month.year != 0;
}

static int64_t
spread(const struct day *days, uint32_t n, bool month)
{
    int64_t least = INT64_MAX, most = INT64_MIN;

    for (uint32_t i = 0; i < n; i++) {
        struct date d = month ? days[i].month : days[i].day;

        if (!days[i].known)
            continue;
        if (d.year == 0) /* cannot be read so at all */
            return INT64_MAX;
        least = date_serial(d) < least ? date_serial(d) : least;
        most = date_serial(d) > most ? date_serial(d) : most;
    }
    return most < least ? 0 : most - least;
}

/* Is the column month first? */
static bool
is_month_first(const struct extraction *x, const struct day *days, uint32_t n)
{
    unsigned month = 0, day = 0;
    int64_t as_month = spread(days, n, true), as_day = spread(days, n, false);

    for (uint32_t i = 0; i < n; i++) {
        const struct day *d = &days[i];

        if (!d->known || d->plain)
            continue;
        month += d->day.year == 0;
        day += d->month.year == 0;
        if (d->weekday < 0)
            continue;
        month += d->month.year != 0 && weekday_of(date_serial(d->month)) == d->weekday;
        day += d->day.year != 0 && weekday_of(date_serial(d->day)) == d->weekday;
    }
    if (month != day)
        return month > day;
    if (x->order_sure || n < 2)
        return x->month_first;
    if (as_month <= 31 && as_day > 31)
        return true;
    if (as_day <= 31 && as_month > 31)
        return false;
    return x->month_first;
}

/* How many digits must change, come or go to make one row of digits the other. */
static unsigned
digits_apart(const char *a, const char *b)
{
    unsigned row[DIGITS_ROOM + 1];
    size_t na = strlen(a), nb = strlen(b);

    if (na >= DIGITS_ROOM || nb >= DIGITS_ROOM)
        return 99;
    for (size_t j = 0; j <= nb; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        unsigned corner = row[0];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            unsigned up = row[j], best = corner + (a[i - 1] != b[j - 1]);

            best = up + 1 < best ? up + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            corner = up;
            row[j] = best;
        }
    }
    return row[nb];
}

/* Could this date have been printed where the cell's text was read? */
static bool
could_be(const char *text, struct date d, bool month_first)
{
    static const char *const shapes[] = { "%02d%02d%04d", "%02d%02d%02d", "%02d%02d" };
    static const unsigned allowed[] = { 2, 1, 1 };
    char digits[DIGITS_ROOM] = "", want[40];
    size_t n = 0;

    for (; *text != '\0' && n + 1 < sizeof digits; text++)
        if (isdigit((unsigned char)*text))
            digits[n++] = *text;
    digits[n] = '\0';
    for (size_t s = 0; s < COUNT_OF(shapes) && n > 1; s++) {
        int a = month_first ? d.month : d.day, b = month_first ? d.day : d.month;

        snprintf(want, sizeof want, "%02d%02d", a, b);
        if (s < 2)
            snprintf(want + 4, sizeof want - 4, s == 0 ? "%04d" : "%02d", s == 0 ? d.year : d.year % 100);
        if (digits_apart(digits, want) <= allowed[s])
            return true;
    }
    return false;
}

/* The date of a serial day, sought from one that is near. */
static struct date
date_of(int64_t serial)
{
    struct date d = { 1970 + (int)(serial / 366), 1, 1 };

    while (date_serial((struct date){ d.year + 1, 1, 1 }) <= serial)
        d.year++;
    while (date_serial((struct date){ d.year, d.month, date_month_days(d.year, d.month) }) < serial)
        d.month++;
    d.day = (int)(serial - date_serial(d)) + 1;
    return d;
}

/* A misread date between two that fit the names of their days. */
static void
mend_by_neighbours(const struct extraction *x, struct day *days, uint32_t n, bool month_first)
{
    for (uint32_t i = 0; i < n; i++) {
        struct day *d = &days[i];
        const struct day *anchor = NULL;
        unsigned fit = 0;
        uint32_t least = UINT32_MAX;

        if (d->weekday < 0 || d->cell->text[0] == '\0' || (d->known && weekday_of(d->serial) == d->weekday))
            continue;
        for (uint32_t j = 0; j < n; j++) {
            uint32_t off = i > j ? i - j : j - i;

            if (j == i || !days[j].known || days[j].weekday < 0 || weekday_of(days[j].serial) != days[j].weekday)
                continue;
            fit++;
            if (off < least) {
                least = off;
                anchor = &days[j];
            }
        }
        if (fit < 2)
            continue;
        int step = anchor < d ? (d->weekday - anchor->weekday + 7) % 7 : -((anchor->weekday - d->weekday + 7) % 7);
        struct date want = date_of(anchor->serial + step);
        char *value = date_print(x->arena, want);

        if (step == 0 || value == NULL || !could_be(d->cell->text, want, month_first))
            continue;
        d->known = true;
        d->serial = anchor->serial + step;
        cell_mend(d->cell, value);
    }
}

static enum rc
settle_column(const struct extraction *x, struct fields *out, const char *name)
{
    struct day *days = arena_array(x->arena, out->row_count + 1, sizeof *days);
    uint32_t n = 0;
    bool month_first;

    if (days == NULL)
        return RC_NOMEM;
    for (uint32_t r = 0; r < out->row_count; r++) {
        struct day *d = &days[n];

        *d = (struct day){ .weekday = -1 };
        for (uint32_t k = 0; k < out->rows[r].count; k++) {
            struct field *c = &out->rows[r].cells[k];

            if (strcmp(c->name, name) == 0)
                d->cell = c;
            if (d->weekday < 0)
                d->weekday = weekday_in(c->text);
        }
        if (d->cell == NULL)
            continue;
        read_day(x, d);
        n++;
    }
    month_first = is_month_first(x, days, n);
    for (uint32_t i = 0; i < n; i++) {
        struct day *d = &days[i];
        struct date settled = month_first && d->month.year != 0 ? d->month : d->day.year != 0 ? d->day : d->month;

        if (!d->known)
            continue;
        d->serial = date_serial(settled);
        if ((d->cell->value = date_print(x->arena, settled)) == NULL)
            return RC_NOMEM;
        if (d->cell->confidence < 0.1) { /* it had no year, or stood behind another word */
            d->cell->confidence = 0.6;
            memset(d->cell->reasons, 0, sizeof d->cell->reasons);
        }
    }
    mend_by_neighbours(x, days, n, month_first);
    return RC_OK;
}

enum rc
cells_dates(const struct extraction *x, struct fields *out)
{
    for (unsigned k = 0; k < x->form->table->column_count; k++) {
        const struct form_field *f = &x->form->table->columns[k];
        enum rc rc;

        if (f->type == VALUE_DATE && (rc = settle_column(x, out, f->name)) != RC_OK)
            return rc;
    }
    return RC_OK;
}
