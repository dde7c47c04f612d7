/*
 * date.c - dates as people print them in four languages.
 *
 * A text is cut into numbers, words and separators; a handful of shapes are tried at each
 * token.  Nothing is guessed here: what may be day or month first is marked so.
 */
#include "doc/value.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "doc/lexicon.h"

#define TOKENS_MAX 400

enum token_kind { TOKEN_NUMBER, TOKEN_MONTH, TOKEN_LINK, TOKEN_MARK, TOKEN_OTHER };

struct token {
    enum token_kind kind;
    int value;         /* of a number or month; the character of a mark */
    uint8_t digits;
    bool blank_before;
    size_t start, end;
};

static const struct { const char *name; int month; } months[] = {
    { "january", 1 },   { "jan", 1 },   { "januar", 1 },   { "janvier", 1 },  { "enero", 1 },
    { "ene", 1 },       { "janv", 1 },  { "february", 2 }, { "feb", 2 },      { "februar", 2 },
    { "fevrier", 2 },   { "febrero", 2 }, { "fevr", 2 },   { "march", 3 },    { "mar", 3 },
    { "maerz", 3 },     { "marz", 3 },  { "mars", 3 },     { "marzo", 3 },    { "mrz", 3 },
    { "april", 4 },     { "apr", 4 },   { "avril", 4 },    { "abril", 4 },    { "abr", 4 },
    { "avr", 4 },       { "may", 5 },   { "mai", 5 },      { "mayo", 5 },     { "june", 6 },
    { "jun", 6 },       { "juni", 6 },  { "juin", 6 },     { "junio", 6 },    { "july", 7 },
    { "jul", 7 },       { "juli", 7 },  { "juillet", 7 },  { "julio", 7 },    { "august", 8 },
    { "aug", 8 },       { "aout", 8 },  { "agosto", 8 },   { "ago", 8 },      { "september", 9 },
    { "sep", 9 },       { "sept", 9 },  { "septembre", 9 }, { "septiembre", 9 }, { "october", 10 },
    { "oct", 10 },      { "oktober", 10 }, { "okt", 10 },  { "octobre", 10 }, { "octubre", 10 },
    { "november", 11 }, { "nov", 11 },  { "novembre", 11 }, { "noviembre", 11 }, { "december", 12 },
    { "dec", 12 },      { "dezember", 12 }, { "dez", 12 }, { "decembre", 12 }, { "diciembre", 12 },
    { "dic", 12 },
};

static int
month_named(const char *text, size_t size)
{
    char word[64], folded[64];
    size_t n;

    if (size >= sizeof word)
        return 0;
    memcpy(word, text, size);
    word[size] = '\0';
    n = lexicon_fold(word, folded, sizeof folded);
    if (n < 3)
        return 0;
    for (size_t i = 0; i < COUNT_OF(months); i++)
        if (strcmp(folded, months[i].name) == 0)
            return months[i].month;
    if (n < 5)
        return 0;
    for (size_t i = 0; i < COUNT_OF(months); i++)
        if (strlen(months[i].name) >= 5 &&
            lexicon_distance(folded, n, months[i].name, strlen(months[i].name), 1.0) <= 1.0)
            return months[i].month;
    return 0;
}

/* Letters that stand for digits, when they stand among digits: 2O18, l2/05. */
static int
digit_of(const char *text, size_t i, size_t size)
{
    char c = text[i];
    bool left = i > 0 && (isdigit((unsigned char)text[i - 1]) || text[i - 1] == '/');
    bool right = i + 1 < size && (isdigit((unsigned char)text[i + 1]) || text[i + 1] == '/');

    if (isdigit((unsigned char)c))
        return c - '0';
    if (!left && !right)
        return -1;
    if ((c == 'O' || c == 'o') && left)
        return 0;
    if ((c == 'l' || c == 'I' || c == '|') && (right || left))
        return 1;
    return -1;
}

static bool
is_word_byte(char c)
{
    return isalpha((unsigned char)c) || (unsigned char)c >= 0x80;
}

static unsigned
tokens_of(const char *text, struct token *out)
{
    size_t size = strlen(text), i = 0;
    unsigned count = 0;
    bool blank = true;

    while (i < size && count < TOKENS_MAX) {
        struct token t = { .start = i, .blank_before = blank };

        if (isspace((unsigned char)text[i])) {
            blank = true;
            i++;
            continue;
        }
        blank = false;
        if (digit_of(text, i, size) >= 0) {
            t.kind = TOKEN_NUMBER;
            while (i < size && digit_of(text, i, size) >= 0 && t.digits < 9) {
                t.value = t.value * 10 + digit_of(text, i, size);
                t.digits++;
                i++;
            }
            /* 1st, 2nd, 3rd, 4th, 1er */
            if (t.digits <= 2 && i + 1 < size && isalpha((unsigned char)text[i]) &&
                (strncmp(text + i, "st", 2) == 0 || strncmp(text + i, "nd", 2) == 0 ||
                 strncmp(text + i, "rd", 2) == 0 || strncmp(text + i, "th", 2) == 0 ||
                 strncmp(text + i, "er", 2) == 0) &&
                (i + 2 >= size || !is_word_byte(text[i + 2])))
                i += 2;
        } else if (is_word_byte(text[i])) {
            size_t from = i;

            while (i < size && is_word_byte(text[i]))
                i++;
            t.value = month_named(text + from, i - from);
            t.kind = t.value > 0 ? TOKEN_MONTH : TOKEN_OTHER;
            if ((i - from == 2 && strncasecmp(text + from, "de", 2) == 0) ||
                (i - from == 3 && strncasecmp(text + from, "del", 3) == 0) ||
                (i - from == 2 && strncasecmp(text + from, "of", 2) == 0))
                t.kind = TOKEN_LINK;
        } else {
            t.kind = TOKEN_MARK;
            t.value = text[i++];
        }
        t.end = i;
        out[count++] = t;
    }
    return count;
}

bool
date_valid(struct date d)
{
    return d.year >= 1900 && d.year <= 2099 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
           d.day <= date_month_days(d.year, d.month);
}

int
date_month_days(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    if (month < 1 || month > 12)
        return 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

int64_t
date_serial(struct date d)
{
    /* Days from civil, counting years from March: the leap day comes last. */
    int64_t y = d.year - (d.month <= 2), era = y / 400, yoe = y - era * 400;
    int64_t doy = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

static bool
year_of(const struct token *t, int *year, bool *is_short)
{
    *is_short = t->digits == 2;
    if (t->kind != TOKEN_NUMBER || (t->digits != 4 && t->digits != 2))
        return false;
    *year = t->digits == 4 ? t->value : t->value < 70 ? 2000 + t->value : 1900 + t->value;
    return *year >= 1900 && *year <= 2099;
}

static bool
is_mark(const struct token *t, unsigned left, const char *set)
{
    return left > 0 && t->kind == TOKEN_MARK && strchr(set, t->value) != NULL;
}

static bool
is_number(const struct token *t, unsigned left, unsigned least, unsigned most)
{
    return left > 0 && t->kind == TOKEN_NUMBER && t->digits >= least && t->digits <= most;
}

/* "#19- 10/03/2018": the date begins at the third number, which stands with its fellows between marks of one kind. */
static bool
begins_later(const struct token *t, unsigned left)
{
    return left >= 7 && t[1].value != t[3].value && is_mark(&t[5], 1, "/-.") && t[5].value == t[3].value &&
           t[6].kind == TOKEN_NUMBER && (t[6].digits == 4 || t[6].digits == 2) && !t[5].blank_before &&
           !t[6].blank_before && t[4].digits <= 2;
}

/* 2025-11-21, 21/11/2025, 4-25-17: three numbers with marks between. */
static unsigned
numeric(const struct token *t, unsigned left, struct date_hit *hit)
{
    struct date d, m;
    int year;

    if (left < 5 || !is_mark(&t[1], 1, "/-.,") || !is_mark(&t[3], 1, "/-.,") ||
        t[0].kind != TOKEN_NUMBER || t[2].kind != TOKEN_NUMBER || t[4].kind != TOKEN_NUMBER)
        return 0;
    if ((t[1].value == '.' || t[1].value == ',') && (t[2].blank_before && !t[4].blank_before))
        return 0;
    if (begins_later(t, left))
        return 0;
    if (t[0].digits == 4 && t[2].digits <= 2 && t[4].digits <= 2) {
        d = (struct date){ t[0].value, t[2].value, t[4].value };
        if (!date_valid(d))
            return 0;
        hit->date = d;
        return 5;
    }
    if (t[0].digits > 2 || t[2].digits > 2 || !year_of(&t[4], &year, &hit->short_year))
        return 0;
    d = (struct date){ year, t[2].value, t[0].value };
    m = (struct date){ year, t[0].value, t[2].value };
    if (!date_valid(d) && !date_valid(m)) {
        /* 18-10-31: the year first, short. */
        d = (struct date){ t[0].value < 70 ? 2000 + t[0].value : 0, t[2].value, t[4].value };
        if (t[4].digits != 2 || t[0].digits != 2 || !date_valid(d))
            return 0;
        hit->date = d;
        return 5;
    }
    hit->ambiguous = date_valid(d) && date_valid(m) && t[0].value != t[2].value;
    hit->month_first = !date_valid(d);
    hit->day_first = !date_valid(m);
    hit->date = date_valid(d) ? d : m;
    return 5;
}

/* 31 de julio de 2025, 11. Juli 2014, 24-May-2020, 1 julio. */
static unsigned
day_month(const struct token *t, unsigned left, struct date_hit *hit)
{
    unsigned i = 1;
    int year;

    if (!is_number(t, left, 1, 2) || t[0].value < 1 || t[0].value > 31)
        return 0;
    while (i < left && i < 3 && (t[i].kind == TOKEN_LINK || is_mark(&t[i], 1, ".-/,")))
        i++;
    if (i >= left || t[i].kind != TOKEN_MONTH)
        return 0;
    hit->date = (struct date){ 0, t[i].value, t[0].value };
    unsigned end = i + 1;
    for (i = end; i < left && i < end + 2 && (t[i].kind == TOKEN_LINK || is_mark(&t[i], 1, ".-/,'"));)
        i++;
    if (i < left && year_of(&t[i], &year, &hit->short_year) &&
        (!hit->short_year || i == end || t[i - 1].kind == TOKEN_MARK)) {
        hit->date.year = year;
        end = i + 1;
        return date_valid(hit->date) ? end : 0;
    }
    hit->no_year = true;
    return hit->date.day <= 31 ? end : 0;
}

/* February 17, 2026; Jun 08, 2020; julio 2025. */
static unsigned
month_day(const struct token *t, unsigned left, struct date_hit *hit)
{
    unsigned i = 1;
    int year;

    if (left < 2 || t[0].kind != TOKEN_MONTH)
        return 0;
    while (i < left && i < 3 && (t[i].kind == TOKEN_LINK || is_mark(&t[i], 1, ".-/,")))
        i++;
    if (is_number(&t[i], left - i, 4, 4) && year_of(&t[i], &year, &hit->short_year)) {
        hit->date = (struct date){ year, t[0].value, 0 };
        hit->no_day = true;
        return i + 1;
    }
    if (!is_number(&t[i], left - i, 1, 2))
        return 0;
    hit->date = (struct date){ 0, t[0].value, t[i].value };
    i++;
    while (i < left && is_mark(&t[i], 1, ".-/,"))
        i++;
    if (i >= left || !is_number(&t[i], 1, 4, 4) || !year_of(&t[i], &year, &hit->short_year))
        return 0;
    hit->date.year = year;
    return date_valid(hit->date) ? i + 1 : 0;
}

/* 20181230, 30122018: eight digits that stand alone. */
static unsigned
packed(const struct token *t, struct date_hit *hit)
{
    struct date a, b;

    if (t->kind != TOKEN_NUMBER || t->digits != 8)
        return 0;
    a = (struct date){ t->value / 10000, t->value / 100 % 100, t->value % 100 };
    b = (struct date){ t->value % 10000, t->value / 10000 % 100, t->value / 1000000 };
    if (date_valid(a) && a.year >= 1990)
        hit->date = a;
    else if (date_valid(b) && b.year >= 1990)
        hit->date = b;
    else
        return 0;
    return 1;
}

unsigned
dates_find(const char *text, struct date_hit *out, unsigned max)
{
    struct token tokens[TOKENS_MAX];
    unsigned n = tokens_of(text, tokens), count = 0;

    for (unsigned i = 0; i < n && count < max;) {
        struct date_hit hit = { .start = tokens[i].start };
        unsigned used = numeric(tokens + i, n - i, &hit);

        /* A longer number around it is no date: 1-25/12/2018. */
        if (used == 0) {
            hit = (struct date_hit){ .start = tokens[i].start };
            used = day_month(tokens + i, n - i, &hit);
        }
        if (used == 0) {
            hit = (struct date_hit){ .start = tokens[i].start };
            used = month_day(tokens + i, n - i, &hit);
        }
        if (used == 0) {
            hit = (struct date_hit){ .start = tokens[i].start };
            used = packed(&tokens[i], &hit);
        }
        if (used == 0) {
            i++;
            continue;
        }
        hit.end = tokens[i + used - 1].end;
        out[count++] = hit;
        i += used;
    }
    return count;
}

char *
date_print(struct arena *arena, struct date d)
{
    return arena_printf(arena, "%04d-%02d-%02d", d.year, d.month, d.day);
}

bool
date_canonical(const char *text, struct date *out)
{
    struct date d;
    int used = 0;

    if (sscanf(text, "%4d-%2d-%2d%n", &d.year, &d.month, &d.day, &used) != 3 ||
        (size_t)used != strlen(text) || used != 10 || !date_valid(d))
        return false;
    *out = d;
    return true;
}
