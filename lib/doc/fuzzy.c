/*
 * fuzzy.c - lexicon.h: folding and one confusion-weighted edit distance.
 *
 * The weights were set by looking at what Tesseract confuses on faxed and worn pages;
 * they are round on purpose.
 */
#include "doc/lexicon.h"

#include <string.h>
#include <utf8proc.h>

#define LONGEST 120

static size_t
put_ascii(char c, char *out, size_t n, size_t room)
{
    if (c >= 'A' && c <= 'Z')
        c = (char)(c - 'A' + 'a');
    if (((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '#' || c == '%') && n + 1 < room)
        out[n++] = c;
    return n;
}

size_t
lexicon_fold(const char *text, char *out, size_t room)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
    size_t n = 0;

    while (*at != '\0') {
        utf8proc_int32_t point, parts[8];
        utf8proc_ssize_t step;
        int boundary = 0;

        if (*at < 0x80) {
            n = put_ascii((char)*at++, out, n, room);
            continue;
        }
        step = utf8proc_iterate(at, -1, &point);
        if (step <= 0) {
            at++;
            continue;
        }
        at += step;
        step = utf8proc_decompose_char(point, parts, 8,
                                       UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                           UTF8PROC_STRIPMARK,
                                       &boundary);
        for (utf8proc_ssize_t i = 0; i < step && i < 8; i++)
            if (parts[i] < 0x80)
                n = put_ascii((char)parts[i], out, n, room);
    }
    if (room > 0)
        out[n] = '\0';
    return n;
}

/* Characters that look alike to a reader; each string is one family. */
static const char *const alike[] = {
    "0oqd", "1il7t", "5s", "8b", "6bg", "2z", "ce", "uv", "ao", "rn", "hb", "fte", "gq9", "mn", "un",
};

/* A table made from the families on first use: this is asked millions of times a page. */
static float swaps[128][128];
static bool swaps_made;

static void
make_swaps(void)
{
    for (int a = 0; a < 128; a++)
        for (int b = 0; b < 128; b++)
            swaps[a][b] = a == b ? 0.0f : 1.0f;
    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++)
        for (const char *a = alike[i]; *a != '\0'; a++)
            for (const char *b = alike[i]; *b != '\0'; b++)
                if (*a != *b)
                    swaps[(int)*a][(int)*b] = 0.5f;
    /* What even a good page confuses. */
    for (const char *a = "1il"; *a != '\0'; a++)
        for (const char *b = "1il"; *b != '\0'; b++)
            if (*a != *b)
                swaps[(int)*a][(int)*b] = 0.25f;
    swaps['0']['o'] = swaps['o']['0'] = 0.25f;
    swaps_made = true;
}

static double
swap_cost(char a, char b)
{
    if (!swaps_made)
        make_swaps();
    return (double)swaps[a & 0x7f][b & 0x7f];
}

/* Two letters that melt into one. */
static double
melt_cost(const char *two, char one)
{
    static const char table[][4] = { "rnm", "cld", "vvw", "iiu", "lin", "nim", "1in", "lln", "ijy", "itu", "lju" };

    /* Only these can come out of two. */
    if (one != 'm' && one != 'd' && one != 'w' && one != 'u' && one != 'n' && one != 'y')
        return 9.0;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (two[0] == table[i][0] && two[1] == table[i][1] && one == table[i][2])
            return 0.5;
    return 9.0;
}

/* row[j] becomes the cost of a[0..n) against b[0..j), for each j up to nb. */
static void
fill(const char *a, size_t na, const char *b, size_t nb, double last[LONGEST + 1])
{
    double rows[3][LONGEST + 1];

    for (size_t j = 0; j <= nb; j++)
        rows[0][j] = (double)j;
    for (size_t i = 1; i <= na; i++) {
        double *now = rows[i % 3], *up = rows[(i - 1) % 3], *up2 = rows[(i + 1) % 3];

        now[0] = (double)i;
        for (size_t j = 1; j <= nb; j++) {
            double best = up[j - 1] + swap_cost(a[i - 1], b[j - 1]);

            if (up[j] + 1.0 < best)
                best = up[j] + 1.0;
            if (now[j - 1] + 1.0 < best)
                best = now[j - 1] + 1.0;
            if (i >= 2 && up2[j - 1] + melt_cost(a + i - 2, b[j - 1]) < best)
                best = up2[j - 1] + melt_cost(a + i - 2, b[j - 1]);
            if (j >= 2 && up[j - 2] + melt_cost(b + j - 2, a[i - 1]) < best)
                best = up[j - 2] + melt_cost(b + j - 2, a[i - 1]);
            now[j] = best;
        }
    }
    memcpy(last, rows[na % 3], (nb + 1) * sizeof last[0]);
}

double
lexicon_distance(const char *a, size_t na, const char *b, size_t nb, double limit)
{
    double last[LONGEST + 1];

    if (na > LONGEST || nb > LONGEST || (na > nb ? na - nb : nb - na) > limit + 1)
        return limit + 1;
    fill(a, na, b, nb, last);
    return last[nb] <= limit ? last[nb] : limit + 1;
}

double
lexicon_allowance(size_t n)
{
    if (n <= 2)
        return 0.0;
    if (n == 3)
        return 0.25;
    if (n <= 5)
        return 0.5;
    if (n <= 8)
        return 1.0;
    return n <= 14 ? 1.5 : 2.5;
}

/*
 * A cheap look before the table is filled: of the first six letters of a phrase that costs at
 * most 2.5, some three must stand in order at most two places off.
 */
static bool
may_begin(const char *phrase, size_t n, const char *text, size_t size)
{
    size_t look = n < 6 ? n : 6, found = 0;

    for (size_t i = 0; i < look; i++) {
        size_t from = i > 2 ? i - 2 : 0, to = i + 3 < size ? i + 3 : size;

        for (size_t j = from; j < to; j++) {
            if (swap_cost(phrase[i], text[j]) <= 0.5) {
                found++;
                break;
            }
        }
    }
    return found + 2 >= look;
}

bool
lexicon_prefix(const char *phrase, size_t n, const char *text, size_t size, const uint8_t *edge,
               double *cost, size_t *used)
{
    double limit = lexicon_allowance(n), last[LONGEST + 1];
    size_t most = n + 3 < size ? n + 3 : size;
    bool found = false;

    if (n == 0 || n > LONGEST - 3 || size + 3 < n)
        return false;
    /* The exact case is the usual one and costs a comparison. */
    if (size >= n && memcmp(phrase, text, n) == 0 && (n == size || edge[n] != 0)) {
        *cost = 0.0;
        *used = n;
        return true;
    }
    if (limit == 0.0 || swap_cost(phrase[0], text[0]) > 0.5 || !may_begin(phrase, n, text, most))
        return false;
    fill(phrase, n, text, most, last);
    for (size_t j = n > 3 ? n - 3 : 1; j <= most; j++) {
        if (last[j] > limit || (j < size && edge[j] == 0))
            continue;
        limit = last[j] - 0.001;
        *cost = last[j];
        *used = j;
        found = true;
    }
    return found;
}
