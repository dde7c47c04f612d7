/*
 * codelist.c - stored lists of codes: reading one, finding a code, asking all of a name.
 *
 * A stored list is text, sorted by code, so that a person can read it with `less` and a program
 * by halving:
 *
 *   escriba-codes 1
 *   name icd10cm
 *   from 2020-10-01            "-" for no limit
 *   until 2021-09-30
 *   count 2
 *   source <SHA-256 of the official file>
 *
 *   A00<TAB>0<TAB><TAB>Cholera                      0: a heading
 *   A000<TAB>1<TAB>2030-12-31<TAB>Cholera due to... withdrawn after that day
 */
#include "doc/codelist.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "doc/value.h"

#define LINE_MAX_BYTES (CODE_MAX + CODELIST_DATE + CODE_WORDS_MAX + 8)

/* The shape of a list's codes: A a letter, 9 a digit, X either; several ends by length. */
static const struct shape {
    const char *name;
    const char *shapes[3];
} shapes[] = {
    { "icd10cm", { "A9X????", NULL } },
    { "icd10pcs", { "XXXXXXX", NULL } },
    { "hcpcs", { "A9999", "AX", NULL } }, /* level II and its modifiers; CPT (level I) is not public */
    { "pos", { "99", NULL } },
    { "taxonomy", { "999XXXXXXX", NULL } },
    { "iso4217", { "AAA", NULL } },
    { "iso3166", { "AA", "AAA", NULL } },
};

static bool
fits(const char *shape, const char *code)
{
    for (; *shape != '\0'; shape++, code++) {
        unsigned char c = (unsigned char)*code;

        if (*shape == '?' && c == '\0')
            return true;
        if ((*shape == 'A' && !isupper(c)) || (*shape == '9' && !isdigit(c)) ||
            ((*shape == 'X' || *shape == '?') && !isupper(c) && !isdigit(c)))
            return false;
    }
    return *code == '\0';
}

bool
codelist_shape_good(const char *name, const char *code)
{
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        if (strcmp(shapes[i].name, name) != 0)
            continue;
        for (const char *const *s = shapes[i].shapes; *s != NULL; s++)
            if (fits(*s, code))
                return true;
        return false;
    }
    return true;
}

bool
codelist_name_good(const char *name)
{
    size_t n = strlen(name);

    if (n == 0 || n > CODELIST_NAME_MAX || name[0] == '-' || name[n - 1] == '-')
        return false;
    for (size_t i = 0; i < n; i++)
        if (!(name[i] >= 'a' && name[i] <= 'z') && !(name[i] >= '0' && name[i] <= '9') && name[i] != '-')
            return false;
    return true;
}

bool
codelist_key(const char *value, char out[CODE_MAX + 1])
{
    size_t n = 0;

    for (; *value != '\0'; value++) {
        unsigned char c = (unsigned char)*value;

        if (c == '.' || c == ' ')
            continue;
        if (n == CODE_MAX || c >= 0x80 || !(isalnum(c) || c == '-' || c == '/'))
            return false;
        out[n++] = (char)toupper(c);
    }
    out[n] = '\0';
    return n > 0;
}

/* ---- reading ------------------------------------------------------------------------------ */

struct scan {
    const char *at, *end;
};

/* The next line without its newline; false at the end or when the last line has none. */
static bool
next_line(struct scan *s, const char **line, size_t *size)
{
    const char *stop = s->at < s->end ? memchr(s->at, '\n', (size_t)(s->end - s->at)) : NULL;

    if (stop == NULL)
        return false;
    *line = s->at;
    *size = (size_t)(stop - s->at);
    s->at = stop + 1;
    return true;
}

/* "key value" into out; false when the line is another one or the value does not fit. */
static bool
head_line(struct scan *s, const char *key, char *out, size_t room)
{
    const char *line;
    size_t size, n = strlen(key);

    if (!next_line(s, &line, &size) || size < n + 2 || memcmp(line, key, n) != 0 || line[n] != ' ' ||
        size - n - 1 >= room || memchr(line, '\0', size) != NULL)
        return false;
    memcpy(out, line + n + 1, size - n - 1);
    out[size - n - 1] = '\0';
    return true;
}

static bool
head_date(struct scan *s, const char *key, char out[CODELIST_DATE])
{
    struct date d;

    if (!head_line(s, key, out, CODELIST_DATE))
        return false;
    if (strcmp(out, "-") != 0)
        return date_canonical(out, &d);
    out[0] = '\0';
    return true;
}

static bool
read_head(struct scan *s, struct codelist_head *head)
{
    char version[8], count[12];
    const char *line;
    size_t size;
    int64_t n;

    if (!head_line(s, "escriba-codes", version, sizeof version) || strcmp(version, "1") != 0 ||
        !head_line(s, "name", head->name, sizeof head->name) || !codelist_name_good(head->name) ||
        !head_date(s, "from", head->from) || !head_date(s, "until", head->until) ||
        !head_line(s, "count", count, sizeof count) || !text_parse_i64(count, 1, CODELIST_ROWS_MAX, &n) ||
        !head_line(s, "source", head->source, sizeof head->source) ||
        strspn(head->source, "0123456789abcdef") != CODELIST_SHA - 1 || !next_line(s, &line, &size) || size != 0)
        return false;
    head->count = (uint32_t)n;
    return true;
}

/* Split CODE, flag, until, words; lengths are checked, the words are not looked at. */
static bool
split_line(const char *line, size_t size, char code[CODE_MAX + 1], struct code_found *out)
{
    const char *tab = memchr(line, '\t', size), *second;
    size_t n = tab != NULL ? (size_t)(tab - line) : 0, rest, until;

    if (n == 0 || n > CODE_MAX || size > LINE_MAX_BYTES)
        return false;
    memcpy(code, line, n);
    code[n] = '\0';
    rest = size - n - 1;
    if (rest < 3 || (tab[1] != '0' && tab[1] != '1') || tab[2] != '\t' ||
        (second = memchr(tab + 3, '\t', rest - 2)) == NULL)
        return false;
    until = (size_t)(second - tab - 3);
    if (until != 0 && until != CODELIST_DATE - 1)
        return false;
    out->heading = tab[1] == '0';
    memcpy(out->until, tab + 3, until);
    out->until[until] = '\0';
    out->words = bytes_of(second + 1, (size_t)(line + size - second - 1));
    return true;
}

static bool
same_code(const char *code)
{
    char key[CODE_MAX + 1];

    return codelist_key(code, key) && strcmp(key, code) == 0;
}

enum rc
codelist_read(struct bytes bytes, struct arena *arena, struct codelist *out)
{
    struct scan s = { (const char *)bytes.data, (const char *)bytes.data + bytes.size };
    char last[CODE_MAX + 1] = "", code[CODE_MAX + 1];
    struct code_found found;
    uint32_t *lines;

    memset(out, 0, sizeof *out);
    if (bytes.size == 0 || bytes.size > UINT32_MAX || !read_head(&s, &out->head))
        return RC_INPUT;
    /* a code takes five bytes at least: a count that cannot be costs nothing */
    if (out->head.count > (size_t)(s.end - s.at) / 5)
        return RC_INPUT;
    if ((lines = arena_array(arena, out->head.count, sizeof *lines)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < out->head.count; i++) {
        const char *line;
        size_t size;
        struct date d;

        if (!next_line(&s, &line, &size) || !split_line(line, size, code, &found) || !same_code(code) ||
            strcmp(last, code) >= 0 || (found.until[0] != '\0' && !date_canonical(found.until, &d)))
            return RC_INPUT;
        lines[i] = (uint32_t)(line - (const char *)bytes.data);
        memcpy(last, code, sizeof last);
    }
    if (s.at != s.end)
        return RC_INPUT;
    out->text = bytes;
    out->lines = lines;
    return RC_OK;
}

bool
codelist_find(const struct codelist *list, const char *code, struct code_found *out)
{
    uint32_t low = 0, high = list->head.count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const char *line = (const char *)list->text.data + list->lines[middle];
        const char *stop = memchr(line, '\n', list->text.size - list->lines[middle]);
        char here[CODE_MAX + 1];
        int order;

        if (stop == NULL || !split_line(line, (size_t)(stop - line), here, out))
            return false;
        if ((order = strcmp(code, here)) == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

/* ---- asking ------------------------------------------------------------------------------- */

bool
codelist_covers(const struct codelist_head *head, const char *date)
{
    if (date == NULL || date[0] == '\0')
        return true;
    return (head->from[0] == '\0' || strcmp(head->from, date) <= 0) &&
           (head->until[0] == '\0' || strcmp(date, head->until) <= 0);
}

static enum codelist_answer
ask_one(const struct codelist *list, const char *code, const char *date)
{
    struct code_found found;

    if (!codelist_find(list, code, &found))
        return CODELIST_UNKNOWN;
    if (date != NULL && date[0] != '\0' && found.until[0] != '\0' && strcmp(date, found.until) > 0)
        return CODELIST_ENDED;
    return found.heading ? CODELIST_HEADING : CODELIST_GOOD;
}

enum codelist_answer
codelists_ask(const struct codelist_set *set, const char *name, const char *value, const char *date)
{
    enum codelist_answer best = CODELIST_SILENT;
    char code[CODE_MAX + 1];

    /* The shape is the business of the form's checks; a list does not know what it does not list. */
    if (set == NULL || !codelist_key(value, code) || !codelist_shape_good(name, code))
        return CODELIST_SILENT;
    for (unsigned i = 0; i < set->count; i++) {
        const struct codelist *list = &set->lists[i];
        enum codelist_answer answer;

        if (strcmp(list->head.name, name) != 0)
            continue;
        if (!codelist_covers(&list->head, date)) {
            if (best == CODELIST_SILENT)
                best = CODELIST_OUTDATED;
            continue;
        }
        answer = ask_one(list, code, date);
        if (answer == CODELIST_GOOD)
            return answer;
        /* a heading or a withdrawn code says more than a code that is not there */
        if (best == CODELIST_SILENT || best == CODELIST_OUTDATED || best == CODELIST_UNKNOWN)
            best = answer;
    }
    return best;
}

void
codelist_file_name(const struct codelist_head *head, char *out, size_t room)
{
    snprintf(out, room, "%s%s%s%s%s.codes", head->name, head->from[0] != '\0' ? ".from-" : "", head->from,
             head->until[0] != '\0' ? ".until-" : "", head->until);
}
