/*
 * value_repair.c - an id that a reader misread in the usual ways, put right by its check digit.
 *
 * Only exchanges of letters and digits that look alike are tried, one or two of them, and one
 * character too many; and only a single solution counts.  Digits are never exchanged for
 * digits: with a check of two digits some wrong number would always fit.
 */
#include "doc/value.h"

#include <ctype.h>
#include <string.h>

#include "doc/checkdigit.h"

#define LENGTH_MAX 48
#define TRIES_MAX 4000

static const struct { char from; const char *to; } exchanges[] = {
    { 'O', "0" }, { 'o', "0" }, { 'Q', "0" }, { 'D', "0" }, { '0', "OD" }, { 'I', "1" }, { 'l', "1" },
    { '|', "1" }, { '1', "I" }, { 'Z', "2" }, { 'z', "2" }, { '2', "Z" },  { 'S', "5" }, { 's', "5" },
    { '5', "S" }, { '$', "S" }, { 'B', "8" }, { '8', "B" }, { 'G', "6" },  { '6', "G" }, { 'T', "7" },
    { 't', "1" }, { 'A', "4" }, { '4', "A" }, { 'E', "F" }, { 'g', "9" },  { '?', "7" }, { 'b', "6" },
};

struct search {
    const struct form_field *field;
    char text[LENGTH_MAX + 1];
    char found[LENGTH_MAX + 1];
    unsigned solutions, tries;
};

static bool
proved(const struct form_field *field, const char *value)
{
    for (unsigned i = 0; i < field->checks.count; i++)
        if (checkdigit_proves(field->checks.items[i]) &&
            checkdigit_check(field->checks.items[i], value) == CHECKDIGIT_GOOD)
            return true;
    return false;
}

static void
attempt(struct search *s)
{
    if (s->tries++ >= TRIES_MAX || !proved(s->field, s->text) || !value_matches(s->field, s->text))
        return;
    if (s->solutions > 0 && strcmp(s->found, s->text) == 0)
        return;
    memcpy(s->found, s->text, sizeof s->found);
    s->solutions++;
}

static const char *
others(char c)
{
    for (size_t i = 0; i < COUNT_OF(exchanges); i++)
        if (exchanges[i].from == c)
            return exchanges[i].to;
    return "";
}

static void
exchange(struct search *s, size_t from, unsigned left)
{
    for (size_t i = from; s->text[i] != '\0' && s->solutions < 2; i++) {
        char was = s->text[i];

        for (const char *to = others(was); *to != '\0'; to++) {
            s->text[i] = *to;
            attempt(s);
            if (left > 1)
                exchange(s, i + 1, left - 1);
        }
        s->text[i] = was;
    }
}

/* "BO08948101": a zero read twice. */
static void
shorten(struct search *s)
{
    size_t n = strlen(s->text);
    char whole[LENGTH_MAX + 1];

    memcpy(whole, s->text, sizeof whole);
    for (size_t i = 0; i + 1 < n && s->solutions < 2; i++) {
        const char *twin = others(whole[i]);

        if ((*twin == '\0' || strchr(twin, whole[i + 1]) == NULL) &&
            (i == 0 || *twin == '\0' || strchr(twin, whole[i - 1]) == NULL))
            continue;
        memcpy(s->text, whole, i);
        memcpy(s->text + i, whole + i + 1, n - i);
        attempt(s);
    }
    memcpy(s->text, whole, sizeof whole);
}

bool
value_repair(const struct form_field *field, const char *text, struct arena *arena, const char **out)
{
    struct search s = { .field = field };
    size_t n = strlen(text);
    bool proves = false;

    for (unsigned i = 0; i < field->checks.count; i++)
        proves = proves || checkdigit_proves(field->checks.items[i]);
    if (!proves || n < 6 || n > LENGTH_MAX)
        return false;
    memcpy(s.text, text, n + 1);
    exchange(&s, 0, 1);
    if (s.solutions == 0)
        shorten(&s);
    if (s.solutions == 0)
        exchange(&s, 0, 2);
    if (s.solutions != 1)
        return false;
    *out = arena_str(arena, s.found);
    return *out != NULL;
}
