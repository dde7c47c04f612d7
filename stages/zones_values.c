/*
 * zones_values.c - zone texts made into canonical values.  Pure functions; no state.
 */
#include "zone_values.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/checkdigit.h"

#define SOLID_DATE 0.99f /* "051626": boxes of a form are often read without their blanks, and no worse for it */

static bool
digit(char c)
{
    return c >= '0' && c <= '9';
}

static unsigned
only_digits(const char *text, char *out, unsigned room)
{
    unsigned n = 0;

    for (; *text != '\0' && n + 1 < room; text++)
        if (digit(*text))
            out[n++] = *text;
    out[n] = '\0';
    return n;
}

static int
number(const char *s, unsigned n)
{
    int v = 0;

    for (unsigned i = 0; i < n; i++)
        v = v * 10 + (s[i] - '0');
    return v;
}

static bool
date_is(int y, int m, int d)
{
    static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

    return y >= 1850 && y <= 2200 && m >= 1 && m <= 12 && d >= 1 && d <= days[m - 1] &&
           (m != 2 || d < 29 || leap);
}

static int
full_year(int y, unsigned digits, int latest)
{
    if (digits == 4)
        return y;
    return 2000 + y <= latest ? 2000 + y : 1900 + y;
}

float
zone_date(const char *text, int latest, char out[VALUE_ROOM])
{
    char part[3][12], all[16];
    unsigned len[3] = { 0 }, n = 0, total;
    int y, m, d;
    float shape = 1;

    out[0] = '\0';
    for (const char *p = text; *p != '\0';) {
        if (!digit(*p)) {
            p++;
            continue;
        }
        if (n == 3)
            return 0;
        for (len[n] = 0; digit(*p) && len[n] < 10; p++)
            part[n][len[n]++] = *p;
        n++;
    }
    total = only_digits(text, all, sizeof all);
    if (n == 3 && len[0] == 4 && len[1] <= 2 && len[2] <= 2) {
        y = number(part[0], 4);
        m = number(part[1], len[1]);
        d = number(part[2], len[2]);
    } else if (n == 3 && len[0] <= 2 && len[1] <= 2 && (len[2] == 2 || len[2] == 4)) {
        m = number(part[0], len[0]);
        d = number(part[1], len[1]);
        y = full_year(number(part[2], len[2]), len[2], latest);
    } else if (n == 2 && len[0] <= 2 && len[1] == 4 && (number(part[1], 2) == 19 || number(part[1], 2) == 20)) {
        return 0; /* a month and a year */
    } else if (total == 6 || total == 8) {
        m = number(all, 2);
        d = number(all + 2, 2);
        y = full_year(number(all + 4, total - 4), total - 4, latest);
        shape = SOLID_DATE;
    } else {
        return 0;
    }
    if (!date_is(y, m, d))
        return 0;
    snprintf(out, VALUE_ROOM, "%04d-%02d-%02d", y, m, d);
    return shape;
}

int
zone_year_of(const char *iso)
{
    return strlen(iso) == 10 && digit(iso[0]) && digit(iso[3]) ? number(iso, 4) : 0;
}

float
zone_money(const char *text, char out[VALUE_ROOM])
{
    char digits[40];
    unsigned n = only_digits(text, digits, sizeof digits), cents = 0, whole, skip = 0;
    const char *last, *comma;
    char kept[VALUE_ROOM];
    bool minus = strchr(text, '-') != NULL && strspn(text, " $-") > strcspn(text, "-");
    float shape = 1;

    out[0] = '\0';
    if (n == 0 || n > 15)
        return 0;
    /* A stop at the end parts nothing: it is a speck or the end of a rule. */
    snprintf(kept, sizeof kept, "%s", text);
    for (size_t k = strlen(kept); k > 0 && !digit(kept[k - 1]); k--)
        kept[k - 1] = '\0';
    text = kept;
    last = strrchr(text, '.');
    comma = strrchr(text, ',');
    if (last == NULL || (comma != NULL && comma > last))
        last = comma;
    /* "320-31", "320 31": a point that was read as something else, or not at all. */
    if (last == NULL && (last = strrchr(text, '-')) == NULL)
        last = strrchr(text, ' ');
    if (last != NULL && *last != '.' && *last != ',') {
        if (last > text && digit(last[-1]) && strlen(last) == 3)
            shape = 0.8f;
        else
            last = NULL;
    }
    if (last != NULL) {
        char tail[40];

        cents = only_digits(last, tail, sizeof tail);
        /* A comma with three digits behind it parts thousands; so does a dot after another dot. */
        if (cents == 3 && (last == comma || strchr(text, '.') != last))
            cents = 0;
        else if (cents > 2)
            return 0;
    }
    whole = n - cents;
    while (skip + 1 < whole && digits[skip] == '0')
        skip++;
    if (whole == 0)
        snprintf(out, VALUE_ROOM, "%s0.%s%s", minus ? "-" : "", digits, cents == 1 ? "0" : "");
    else
        snprintf(out, VALUE_ROOM, "%s%.*s.%s%s", minus ? "-" : "", (int)(whole - skip), digits + skip,
                 cents == 0 ? "00" : digits + whole, cents == 1 ? "0" : "");
    return shape;
}

float
zone_phone(const char *text, char out[VALUE_ROOM])
{
    char d[32];
    unsigned n = only_digits(text, d, sizeof d);

    if (n == 11 && d[0] == '1')
        memmove(d, d + 1, 11);
    else if (n != 10) {
        zone_text(text, out);
        return n >= 7 ? 0.4f : 0;
    }
    snprintf(out, VALUE_ROOM, "(%.3s) %.3s-%s", d, d + 3, d + 6);
    return 1;
}

float
zone_digits(const char *text, unsigned count, char out[VALUE_ROOM])
{
    unsigned n = only_digits(text, out, VALUE_ROOM);

    if (n == 0)
        return 0;
    return count == 0 || n == count ? 1 : 0.3f;
}

/* The length of a speck read as a word of its own: a sign or two between blanks, no letter, no digit. */
static unsigned
lone_sign(const char *s, unsigned n)
{
    unsigned k = 0;

    while (k < n && s[k] != ' ' && !isalnum((unsigned char)s[k]))
        if ((unsigned char)s[k] == 0xc2 && k + 1 < n)
            k += 2; /* U+0080 to U+00BF: signs as well */
        else if ((unsigned char)s[k] >= 0x80)
            return 0;
        else
            k++;
    return k <= 2 && (k == n || s[k] == ' ') ? k : 0;
}

/* Specks and streaks beside a value are read as signs; a value has none that stand alone at its ends. */
static void
trim_specks(char *s)
{
    unsigned n = (unsigned)strlen(s), k;

    while ((k = lone_sign(s, n)) > 0 && k < n) {
        memmove(s, s + k + 1, n - k);
        n -= k + 1;
    }
    for (char *p = strrchr(s, ' '); p != NULL; p = strrchr(s, ' ')) {
        if (lone_sign(p + 1, (unsigned)strlen(p + 1)) == 0)
            break;
        *p = '\0';
    }
}

float
zone_text(const char *text, char out[VALUE_ROOM])
{
    unsigned n = 0;

    while (*text == ' ')
        text++;
    for (; *text != '\0' && n + 1 < VALUE_ROOM; text++)
        if (*text != ' ' || (n > 0 && out[n - 1] != ' '))
            out[n++] = *text;
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    trim_specks(out);
    return out[0] != '\0';
}

float
zone_id(const char *text, char out[VALUE_ROOM])
{
    size_t n;

    if (zone_text(text, out) == 0)
        return 0;
    for (n = strlen(out); n > 1 && strchr("-., ", out[n - 1]) != NULL; n--)
        out[n - 1] = '\0';
    return 1;
}

bool
zone_is_state(const char *text)
{
    return checkdigit_check("us_state", text) == CHECKDIGIT_GOOD;
}

float
zone_place(const char *text, char city[VALUE_ROOM], char state[VALUE_ROOM], char zip[VALUE_ROOM])
{
    char line[VALUE_ROOM];
    int n, end;
    float shape = 1;

    city[0] = state[0] = zip[0] = '\0';
    if (zone_text(text, line) == 0)
        return 0;
    n = (int)strlen(line);
    end = n;
    while (n > 0 && (digit(line[n - 1]) || line[n - 1] == '-' || (line[n - 1] == ' ' && n < end)))
        n--;
    if (end - n >= 5) {
        unsigned k = 0;

        for (int i = n; i < end; i++)
            if (line[i] != ' ')
                zip[k++] = line[i];
        zip[k] = '\0';
        if (k != 5 && k != 9 && k != 10)
            shape = 0.5f;
    } else {
        n = end;
        shape = 0.5f;
    }
    while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == ',' || line[n - 1] == '.'))
        n--;
    if (n >= 2 && isalpha((unsigned char)line[n - 1]) && isalpha((unsigned char)line[n - 2]) &&
        (n == 2 || !isalpha((unsigned char)line[n - 3]))) {
        state[0] = (char)toupper((unsigned char)line[n - 2]);
        state[1] = (char)toupper((unsigned char)line[n - 1]);
        state[2] = '\0';
        if (!zone_is_state(state))
            shape *= 0.6f;
        n -= 2;
    } else {
        shape *= 0.6f;
    }
    while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == ',' || line[n - 1] == '.'))
        n--;
    memcpy(city, line, (size_t)n);
    city[n] = '\0';
    return shape;
}

static char
as_digit(char c)
{
    static const char from[] = "OQDILZSBG", to[] = "000112586";
    const char *p = c == '\0' ? NULL : strchr(from, c);

    return p != NULL ? to[p - from] : c;
}

static char
as_letter(char c)
{
    static const char from[] = "0158624", to[] = "OISBGZA";
    const char *p = c == '\0' ? NULL : strchr(from, c);

    return p != NULL ? to[p - from] : c;
}

float
zone_diagnosis(const char *text, char out[VALUE_ROOM])
{
    char c[16];
    unsigned n = 0, w = 0;
    float shape = 1;
    bool dot = strchr(text, '.') != NULL;

    out[0] = '\0';
    for (; *text != '\0' && n < 10; text++)
        if (isalnum((unsigned char)*text))
            c[n++] = (char)toupper((unsigned char)*text);
    c[n] = '\0';
    if (n < 3 || n > 7)
        return 0;
    for (unsigned i = 0; i < n; i++) {
        char was = c[i];

        /* A letter, a digit, a digit (or A, B), then digits and some X; the seventh may be any. */
        if (i == 0)
            c[i] = as_letter(c[i]);
        else if (i == 1 || (i == 2 && c[i] != 'A' && c[i] != 'B') ||
                 (i >= 3 && i <= 5 && strchr("AXC", c[i]) == NULL))
            c[i] = as_digit(c[i]);
        else if (c[i] == 'O')
            c[i] = '0';
        if (was != c[i])
            shape *= 0.9f;
    }
    if (!isalpha((unsigned char)c[0]) || !digit(c[1]))
        return 0;
    for (unsigned i = 0; i < n; i++) {
        if (i == 3)
            out[w++] = '.';
        out[w++] = c[i];
    }
    out[w] = '\0';
    if (n > 3 && !dot)
        shape *= 0.97f;
    return shape;
}

float
zone_procedure(const char *text, char out[VALUE_ROOM])
{
    char c[16];
    unsigned n = 0;
    float shape = 1;

    out[0] = '\0';
    for (; *text != '\0' && n < 10; text++)
        if (isalnum((unsigned char)*text))
            c[n++] = (char)toupper((unsigned char)*text);
    c[n] = '\0';
    /* A zero read twice, as O and as 0. */
    for (unsigned i = 1; n == 6 && i + 1 < n; i++)
        if ((c[i] == 'O' && c[i + 1] == '0') || (c[i] == '0' && c[i + 1] == 'O')) {
            memmove(c + i, c + i + 1, n - i);
            c[i] = '0';
            n = 5;
            shape = 0.8f;
        }
    if (n != 5) {
        memcpy(out, c, n + 1);
        return n == 0 ? 0 : 0.2f;
    }
    for (unsigned i = 1; i < 4; i++) {
        char was = c[i];

        c[i] = as_digit(c[i]);
        if (was != c[i])
            shape *= 0.85f;
        if (!digit(c[i]))
            shape *= 0.3f;
    }
    /* 99213, J0696, 0042T: a letter stands first or last, and O is no first letter of a code. */
    if (c[0] == 'O') {
        c[0] = '0';
        shape *= 0.9f;
    }
    if (!digit(c[4]) && strchr("FTUM", c[4]) == NULL) {
        c[4] = as_digit(c[4]);
        shape *= 0.85f;
    }
    memcpy(out, c, 6);
    return shape;
}
