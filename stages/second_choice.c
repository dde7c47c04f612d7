/*
 * second_choice.c - which of two readers to believe where they differ.
 *
 * A logistic model of what both say about themselves and of how their texts differ; its weights are learnt on pages
 * that the second reader has not seen (bench/train_choice).
 */
#include "second_line.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "second_choice.h"

#define WORDLIKE 2 /* letters; fewer are no words */
#define ORDINAL 0.9       /* for the second reader      */
#define ORDINAL_LEAST 0.4f
#define ORDINAL_SURE 0.8f /* when the first has a digit */

static double
odds(float share)
{
    const double p = (double)share < .002 ? .002 : (double)share > .998 ? .998 : (double)share;

    return log(p / (1 - p));
}

static double
count_of(const char *text, int (*is)(int))
{
    double n = 0;

    for (; *text != '\0'; text++)
        n += is((unsigned char)*text) != 0;
    return n;
}

static int
is_strange(int c)
{
    return c < 0x80 && strchr("|~_{}[]\\^`<>=*", c) != NULL;
}

static int
is_mark(int c)
{
    return c < 0x80 && ispunct(c);
}

/* Letters and digits side by side, as a misread number has them. */
static double
mixed(const char *text)
{
    double n = 0;

    for (; text[0] != '\0' && text[1] != '\0'; text++)
        n += (isdigit((unsigned char)text[0]) && isalpha((unsigned char)text[1])) ||
             (isalpha((unsigned char)text[0]) && isdigit((unsigned char)text[1]));
    return n;
}

void
second_choice_row(const struct second_pair *p, double row[SECOND_CHOICE_FEATURES])
{
    const double a = (double)strlen(p->first), b = (double)strlen(p->second), longer = a > b ? a : b;
    const double scale = longer > 0 ? longer : 1;

    row[0] = 1;
    row[1] = odds(p->first_conf);
    row[2] = odds(p->second_conf);
    row[3] = odds(p->first_line);
    row[4] = odds(p->second_line);
    row[5] = a == 0;
    row[6] = b == 0;
    row[7] = (b - a) / scale;
    row[8] = (count_of(p->second, isdigit) - count_of(p->first, isdigit)) / scale;
    row[9] = (count_of(p->second, is_strange) - count_of(p->first, is_strange)) / scale;
    row[10] = (count_of(p->second, is_mark) - count_of(p->first, is_mark)) / scale;
    row[11] = (mixed(p->second) - mixed(p->first)) / scale;
    row[12] = longer > 12 ? 1 : longer / 12;
    row[13] = second_strangeness(p->first) - second_strangeness(p->second);
    if (count_of(p->first, isalpha) < WORDLIKE || count_of(p->second, isalpha) < WORDLIKE)
        row[13] = 0;
}

/*
 * "2º" or "1ª", as floors and ranks are written in Spanish: the first reader, which has no such letter in its English
 * model, gives "2%", "1?", "22".  A number that it read without doubt and the second with stays a number.
 */
static bool
is_ordinal(const struct second_pair *p)
{
    const size_t digits = strspn(p->second, "0123456789"), first = strspn(p->first, "0123456789");
    const char *sign = p->second + digits;

    if (digits == 0 || digits > 2 || (strncmp(sign, "\xc2\xba", 2) != 0 && strncmp(sign, "\xc2\xaa", 2) != 0) ||
        strlen(sign) > 3 || strlen(p->first) > digits + 2 || strncmp(p->first, p->second, digits) != 0)
        return false;
    return first > digits ? p->second_conf >= ORDINAL_SURE : p->second_conf >= ORDINAL_LEAST;
}

double
second_choice(const struct second_pair *p)
{
    double row[SECOND_CHOICE_FEATURES], z = 0;

    if (is_ordinal(p))
        return ORDINAL;
    second_choice_row(p, row);
    for (int i = 0; i < SECOND_CHOICE_FEATURES; i++)
        z += row[i] * second_choice_weights[i];
    return 1 / (1 + exp(-z));
}
