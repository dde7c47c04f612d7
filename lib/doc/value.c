/*
 * value.c - one value of a form's field: canonical form, patterns, keys.
 */
#include "doc/value.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "doc/lexicon.h"

#define MATCH_LIMIT 100000u /* a pattern that runs away is a pattern that does not match */

#define CACHE_MAX 256

/* Compiled once: patterns live as long as the forms, which is as long as the process. */
static struct {
    const char *pattern;
    pcre2_code *code;
} cache[CACHE_MAX];

static pcre2_code *
compiled(const char *pattern, bool *mine)
{
    int error;
    PCRE2_SIZE at;
    pcre2_code *code;
    size_t slot = 0;

    *mine = false;
    while (slot < CACHE_MAX && cache[slot].pattern != NULL && cache[slot].pattern != pattern)
        slot++;
    if (slot < CACHE_MAX && cache[slot].pattern == pattern)
        return cache[slot].code;
    code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                         PCRE2_UTF | PCRE2_CASELESS | PCRE2_ANCHORED | PCRE2_ENDANCHORED, &error, &at,
                         NULL);
    if (slot < CACHE_MAX) {
        cache[slot].pattern = pattern;
        cache[slot].code = code;
    } else {
        *mine = true;
    }
    return code;
}

bool
value_pattern_ok(const char *pattern, char *what, size_t room, size_t *at)
{
    int error;
    PCRE2_SIZE offset = 0;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_CASELESS, &error,
                      &offset, NULL);

    if (code != NULL) {
        pcre2_code_free(code);
        return true;
    }
    if (pcre2_get_error_message(error, (PCRE2_UCHAR *)what, room) < 0 && room > 0)
        what[0] = '\0';
    *at = offset;
    return false;
}

void
value_forget(const char *pattern)
{
    for (size_t i = 0; i < CACHE_MAX; i++) {
        if (cache[i].pattern != pattern)
            continue;
        pcre2_code_free(cache[i].code);
        for (size_t j = i; j + 1 < CACHE_MAX; j++)
            cache[j] = cache[j + 1];
        cache[CACHE_MAX - 1].pattern = NULL;
        cache[CACHE_MAX - 1].code = NULL;
        return;
    }
}

static bool
pattern_fits(const char *pattern, const char *value)
{
    bool mine;
    pcre2_code *code = compiled(pattern, &mine);
    pcre2_match_data *match = NULL;
    pcre2_match_context *context = NULL;
    bool fits = false;

    if (code == NULL)
        return false;
    match = pcre2_match_data_create_from_pattern(code, NULL);
    context = pcre2_match_context_create(NULL);
    if (match == NULL || context == NULL)
        goto out;
    pcre2_set_match_limit(context, MATCH_LIMIT);
    pcre2_set_depth_limit(context, MATCH_LIMIT);
    fits = pcre2_match(code, (PCRE2_SPTR)value, PCRE2_ZERO_TERMINATED, 0, 0, match, context) > 0;
out:
    pcre2_match_context_free(context);
    pcre2_match_data_free(match);
    if (mine)
        pcre2_code_free(code);
    return fits;
}

bool
value_matches(const struct form_field *field, const char *value)
{
    if (field->pattern.count == 0)
        return true;
    for (unsigned i = 0; i < field->pattern.count; i++)
        if (pattern_fits(field->pattern.items[i], value))
            return true;
    return false;
}

size_t
value_key(const char *text, char *out, size_t room)
{
    size_t n = 0;

    for (; *text != '\0' && n + 1 < room; text++)
        if (isalnum((unsigned char)*text))
            out[n++] = (char)toupper((unsigned char)*text);
    if (room > 0)
        out[n] = '\0';
    return n;
}

static enum rc
code_canonical(const struct form_field *field, const char *text, const char **out)
{
    char wanted[80], folded[80];

    lexicon_fold(text, wanted, sizeof wanted);
    for (unsigned i = 0; i < field->code_count; i++) {
        const struct form_code *c = &field->codes[i];

        if (strcasecmp(c->code, text) == 0) {
            *out = c->code;
            return RC_OK;
        }
        for (unsigned j = 0; j < c->printed.count; j++) {
            lexicon_fold(c->printed.items[j], folded, sizeof folded);
            if (strcmp(c->printed.items[j], text) == 0 ||
                (folded[0] != '\0' && strcmp(folded, wanted) == 0)) {
                *out = c->code;
                return RC_OK;
            }
        }
    }
    return RC_INPUT;
}

/* Blanks at the ends go, runs of blanks become one. */
static char *
tidy(struct arena *arena, const char *text)
{
    char *out = arena_str(arena, text);
    size_t n = 0;

    if (out == NULL)
        return NULL;
    for (const char *at = text; *at != '\0'; at++) {
        if (!isspace((unsigned char)*at))
            out[n++] = *at;
        else if (n > 0 && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    return out;
}

static enum rc
date_value(const char *text, struct arena *arena, const char **out)
{
    struct date_hit hit;
    struct date d;

    if (date_canonical(text, &d)) {
        *out = date_print(arena, d);
    } else {
        if (dates_find(text, &hit, 1) != 1 || hit.no_year || hit.no_day)
            return RC_INPUT;
        *out = date_print(arena, hit.date);
    }
    return *out != NULL ? RC_OK : RC_NOMEM;
}

enum rc
value_canonical(const struct form_field *field, const char *text, struct arena *arena,
                const char **out)
{
    struct amount amounts[2];
    int64_t minor;

    *out = tidy(arena, text);
    if (*out == NULL)
        return RC_NOMEM;
    if ((*out)[0] == '\0')
        return RC_OK;
    switch (field->type) {
    case VALUE_MONEY:
    case VALUE_PERCENT:
    case VALUE_NUMBER:
        if (field->type != VALUE_MONEY && strchr(*out, '%') != NULL)
            *strchr((char *)*out, '%') = ' ';
        if (!money_canonical(*out, &minor)) {
            if (money_readings(*out, 0, amounts) == 0)
                return RC_INPUT;
            minor = amounts[0].minor;
        }
        *out = money_print(arena, minor);
        return *out != NULL ? RC_OK : RC_NOMEM;
    case VALUE_DATE:
        return date_value(*out, arena, out);
    case VALUE_CODE:
        return code_canonical(field, *out, out);
    default:
        return RC_OK;
    }
}
