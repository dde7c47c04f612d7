/*
 * money.c - amounts as people print them.
 *
 * The grammar is small: groups of digits with separators, a sign before or behind, brackets,
 * a currency.  What decides is the last separator and how many digits follow it.
 */
#include "doc/value.h"

#include <ctype.h>
#include <string.h>

#define DIGITS_MAX 13
#define TEXT_MAX 48

static const char *const currencies[] = {
    "EUR", "USD", "GBP", "CHF", "JPY", "MXN", "COP", "CLP", "ARS", "PEN", "MYR", "CAD",
    "AUD", "RM",  "EURO", "EUROS", "US", "S$", "SGD", "BRL", "R$",  "SFR", "FR",  "USO",
};

/* What a reader makes of a digit. */
static char
as_digit(char c)
{
    switch (c) {
    case 'O': case 'o': case 'Q': case 'D': return '0';
    case 'l': case 'I': case '|': case 'i': case '!': return '1';
    case 'S': case 's': return '5';
    case 'B': return '8';
    case 'Z': case 'z': return '2';
    case 'G': return '6';
    default: return 0;
    }
}

/* Currency signs are not ASCII; they become '$'.  Odd blanks and dashes become plain ones. */
static size_t
plain(const char *text, char *out, size_t room)
{
    static const struct { const char *from; char to; } table[] = {
        { "\xe2\x82\xac", '$' }, { "\xc2\xa3", '$' },     { "\xc2\xa5", '$' },
        { "\xc2\xa0", ' ' },     { "\xe2\x80\x99", '\'' }, { "\xe2\x80\x98", '\'' },
        { "\xe2\x88\x92", '-' }, { "\xe2\x80\x93", '-' }, { "\xe2\x80\x94", '-' },
        { "\xe2\x80\xaf", ' ' },    { "\xe2\x80\x9c", '"' },    { "\xe2\x80\x9d", '"' },
        { "\xe2\x80\x9e", '"' },    { "\xe2\x80\x9a", ',' },    { "\xc2\xb0", '.' },
        { "\xc2\xb7", '.' },
    };
    size_t n = 0;

    while (*text != '\0') {
        bool done = false;

        if (n + 1 >= room)
            return 0;
        for (size_t i = 0; i < COUNT_OF(table) && !done; i++) {
            size_t k = strlen(table[i].from);

            if (strncmp(text, table[i].from, k) == 0) {
                out[n++] = table[i].to;
                text += k;
                done = true;
            }
        }
        if (done)
            continue;
        if ((unsigned char)*text >= 0x80)
            return 0;
        out[n++] = *text++;
    }
    out[n] = '\0';
    return n;
}

/* Cut what is not the number from one end; reports signs and currencies. */
static bool
trim(char **from, char **to, bool *minus, bool *money)
{
    bool again = true;

    while (again && *from < *to) {
        again = false;
        while (*from < *to && (strchr(" *:=\"|~_[]", **from) != NULL)) {
            (*from)++;
            again = true;
        }
        while (*from < *to && strchr(" *:=\"|~_[]", (*to)[-1]) != NULL) {
            (*to)--;
            again = true;
        }
        if (*from < *to && (**from == '$' || (*to)[-1] == '$')) {
            if (**from == '$')
                (*from)++;
            else
                (*to)--;
            *money = again = true;
        }
        if (*from < *to && (**from == '-' || (*to)[-1] == '-')) {
            if (**from == '-')
                (*from)++;
            else
                (*to)--;
            *minus = again = true;
        }
        if (*from < *to && **from == '+') {
            (*from)++;
            again = true;
        }
        if (*to - *from > 2 && **from == '(' && (*to)[-1] == ')') {
            (*from)++;
            (*to)--;
            *minus = again = true;
        }
        if (*to - *from > 2 && strncasecmp(*to - 2, "CR", 2) == 0) {
            *to -= 2;
            *minus = again = true;
        }
        for (size_t i = 0; i < COUNT_OF(currencies) && !again; i++) {
            size_t k = strlen(currencies[i]);

            if ((size_t)(*to - *from) <= k)
                continue;
            if (strncasecmp(*from, currencies[i], k) == 0 && !isalpha((unsigned char)(*from)[k])) {
                *from += k;
                *money = again = true;
            } else if (strncasecmp(*to - k, currencies[i], k) == 0 &&
                       !isalpha((unsigned char)(*to)[-(ptrdiff_t)k - 1])) {
                *to -= k;
                *money = again = true;
            }
        }
    }
    /* A full stop or comma that ends the sentence, not the number. */
    while (*from < *to && strchr(".,;", (*to)[-1]) != NULL)
        (*to)--;
    return *from < *to && (isdigit((unsigned char)**from) || as_digit(**from) != 0 || **from == '.' ||
                           **from == ',');
}

struct groups {
    char digits[DIGITS_MAX + 1];
    unsigned count;      /* digits */
    unsigned after;      /* digits behind the last separator */
    unsigned before;     /* digits before the first separator */
    unsigned separators;
    char last, other;    /* the last separator; a different one before it */
    bool odd;            /* groups that no thousands have */
    bool repaired;
};

static bool
split(const char *from, const char *to, struct groups *g)
{
    unsigned run = 0, real = 0;
    bool first = true;

    *g = (struct groups){ .count = 0 };
    for (const char *at = from; at < to; at++) {
        char c = *at;

        if (isdigit((unsigned char)c) || as_digit(c) != 0) {
            if (g->count == DIGITS_MAX)
                return false;
            if (!isdigit((unsigned char)c))
                g->repaired = true;
            else
                real++;
            g->digits[g->count++] = isdigit((unsigned char)c) ? c : as_digit(c);
            run++;
            continue;
        }
        if (strchr(".,' ", c) == NULL)
            return false;
        /* "1, 234" and "12 .50": a blank beside a separator is the reader's. */
        if (c == ' ' && ((at > from && strchr(".,", at[-1]) != NULL) ||
                         (at + 1 < to && strchr(".,", at[1]) != NULL)))
            continue;
        if (first)
            g->before = run;
        else if (run != 3)
            g->odd = true;
        first = false;
        if (g->separators > 0 && c != g->last)
            g->other = g->last;
        g->last = c;
        g->separators++;
        run = 0;
    }
    g->digits[g->count] = '\0';
    g->after = run;
    if (first)
        g->before = run;
    return g->count > 0 && real * 2 > g->count && (!g->repaired || g->separators > 0 || real > 3);
}

static int64_t
number(const struct groups *g, unsigned decimals)
{
    int64_t n = 0;

    for (unsigned i = 0; i < g->count; i++)
        n = n * 10 + (g->digits[i] - '0');
    while (decimals < 2) {
        n *= 10;
        decimals++;
    }
    while (decimals > 2) {
        n = (n + 5) / 10; /* a unit price with more decimals: to the cent */
        decimals--;
    }
    return n;
}

static void
put(struct amount *out, const struct groups *g, unsigned decimals, char mark, bool sure, bool minus,
    bool money)
{
    int64_t n = number(g, decimals);

    *out = (struct amount){ .minor = minus ? -n : n, .mark = mark, .sure = sure,
                            .whole = decimals == 0, .repaired = g->repaired, .money = money,
                            .digits = (uint8_t)g->count };
}

unsigned
money_readings(const char *text, char mark, struct amount out[2])
{
    char buffer[TEXT_MAX], *from = buffer, *to;
    struct groups g;
    bool minus = false, money = false;
    size_t n = plain(text, buffer, sizeof buffer);

    if (n == 0)
        return 0;
    to = buffer + n;
    if (!trim(&from, &to, &minus, &money) || !split(from, to, &g))
        return 0;
    if (g.separators == 0) {
        if (g.count > 9)
            return 0;
        put(&out[0], &g, 0, 0, true, minus, money);
        return 1;
    }
    if (g.last == '\'' || g.last == ' ') {
        if (g.after != 3 || g.odd || g.before == 0 || g.before > 3)
            return 0;
        put(&out[0], &g, 0, 0, true, minus, money);
        return 1;
    }
    if (g.other != 0 && g.separators > 2 && g.odd)
        return 0;
    /* Two different separators: the last one is the mark. */
    if (g.other != 0 || g.after != 3 || g.before == 0 || g.before > 3) {
        bool several = g.separators > 1 && g.other == 0;

        if (several && g.after != 3) {
            /* 1.234.56: a comma read as a stop. */
            if (g.odd || g.after != 2)
                return 0;
            g.repaired = true;
        }
        if (g.after == 0 || g.after > 6 || (g.other != 0 && (g.odd || g.before > 3)))
            return 0;
        put(&out[0], &g, g.after, g.last, g.after <= 2, minus, money);
        return 1;
    }
    /* 1.234 or 12,345,678: thousands, unless the page's mark says otherwise. */
    if (g.odd)
        return 0;
    if (g.separators > 1 || mark != g.last) {
        put(&out[0], &g, 0, 0, g.separators > 1, minus, money);
        if (g.separators > 1)
            return 1;
        put(&out[1], &g, 3, g.last, false, minus, money);
        return 2;
    }
    put(&out[0], &g, 3, g.last, false, minus, money);
    put(&out[1], &g, 0, 0, false, minus, money);
    return 2;
}

char *
money_print(struct arena *arena, int64_t minor)
{
    int64_t n = minor < 0 ? -minor : minor;

    return arena_printf(arena, "%s%lld.%02lld", minor < 0 ? "-" : "", (long long)(n / 100),
                        (long long)(n % 100));
}

bool
money_canonical(const char *text, int64_t *minor)
{
    bool minus = *text == '-';
    int64_t n = 0;
    unsigned decimals = 0, digits = 0;

    if (minus)
        text++;
    for (; isdigit((unsigned char)*text); text++, digits++) {
        n = n * 10 + (*text - '0');
        if (n > AMOUNT_MAX)
            return false;
    }
    if (digits == 0)
        return false;
    if (*text == '.')
        for (text++; isdigit((unsigned char)*text) && decimals < 2; text++, decimals++)
            n = n * 10 + (*text - '0');
    if (*text != '\0')
        return false;
    for (; decimals < 2; decimals++)
        n *= 10;
    *minor = minus ? -n : n;
    return n <= AMOUNT_MAX;
}
