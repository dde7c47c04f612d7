/*
 * checkdigit.c - the table of kinds, and what they share.
 */
#include "checkdigit_kinds.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/rc.h"

#define COMPACT_ROOM 80

static const struct checkdigit_kind *const lists[] = { checkdigit_world, checkdigit_us, checkdigit_es,
                                                       checkdigit_latin, checkdigit_vat };

const struct checkdigit_kind *
checkdigit_at(unsigned i)
{
    for (size_t l = 0; l < COUNT_OF(lists); l++)
        for (const struct checkdigit_kind *k = lists[l]; k->name != NULL; k++)
            if (i-- == 0)
                return k;
    return NULL;
}

const struct checkdigit_kind *
checkdigit_find(const char *name)
{
    const struct checkdigit_kind *k;

    for (unsigned i = 0; (k = checkdigit_at(i)) != NULL; i++)
        if (strcmp(k->name, name) == 0)
            return k;
    return NULL;
}

/* U+2010 to U+2015 and the minus sign, as a word processor makes them of a dash. */
static bool
is_dash(const unsigned char *s)
{
    return (s[1] == 0x80 && s[2] >= 0x90 && s[2] <= 0x95) || (s[1] == 0x88 && s[2] == 0x92);
}

/* UTF-8 stays as it is but for a small n with tilde, which becomes the large one. */
bool
checkdigit_compact(const char *value, char *out, unsigned room)
{
    unsigned n = 0;

    for (; *value != '\0'; value++) {
        unsigned char c = (unsigned char)*value;

        if (c == ' ' || c == '.' || c == '-' || c == '/' || c == '\t')
            continue;
        if (c == 0xe2 && is_dash((const unsigned char *)value)) {
            value += 2;
            continue;
        }
        if (n + 1 >= room)
            return false;
        if (c == 0xb1 && n > 0 && (unsigned char)out[n - 1] == 0xc3)
            c = 0x91;
        out[n++] = (char)toupper(c);
    }
    out[n] = '\0';
    return true;
}

enum checkdigit_answer
checkdigit_check(const char *kind, const char *value)
{
    const struct checkdigit_kind *k = checkdigit_find(kind);
    char compact[COMPACT_ROOM];

    if (k == NULL)
        return CHECKDIGIT_UNKNOWN;
    if (strcmp(kind, CHECKDIGIT_AS_PRINTED) == 0)
        return k->good(value) ? CHECKDIGIT_GOOD : CHECKDIGIT_BAD;
    return checkdigit_compact(value, compact, sizeof compact) && k->good(compact) ? CHECKDIGIT_GOOD : CHECKDIGIT_BAD;
}

bool
checkdigit_proves(const char *kind)
{
    const struct checkdigit_kind *k = checkdigit_find(kind);

    return k != NULL && k->proves;
}

bool
cd_all_digits(const char *s, unsigned length)
{
    size_t n = strspn(s, "0123456789");

    return s[n] == '\0' && n > 0 && (length == 0 || n == length);
}

int
cd_weighted(const char *digits, const int *weights, unsigned count)
{
    int sum = 0;

    for (unsigned i = 0; i < count; i++)
        sum += (digits[i] - '0') * weights[i];
    return sum;
}

bool
cd_luhn(const char *digits)
{
    int sum = 0;
    size_t n = strlen(digits);

    if (!cd_all_digits(digits, 0) || n < 2)
        return false;
    for (size_t i = 0; i < n; i++) {
        int d = digits[n - 1 - i] - '0';

        if (i % 2 == 1)
            d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return sum % 10 == 0;
}

int
cd_mod97(const char *s)
{
    int rest = 0;

    for (; *s != '\0'; s++) {
        if (*s >= '0' && *s <= '9')
            rest = (rest * 10 + *s - '0') % 97;
        else if (*s >= 'A' && *s <= 'Z')
            rest = (rest * 100 + *s - 'A' + 10) % 97;
        else
            return -1;
    }
    return rest;
}

bool
cd_date6(const char *s)
{
    static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int m, d;

    for (int i = 0; i < 6; i++)
        if (s[i] < '0' || s[i] > '9')
            return false;
    m = (s[2] - '0') * 10 + s[3] - '0';
    d = (s[4] - '0') * 10 + s[5] - '0';
    return m >= 1 && m <= 12 && d >= 1 && d <= days[m - 1];
}
