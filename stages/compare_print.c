/*
 * compare_print.c - is a stated value the same as a read one, and does it stand in print at all?
 */
#include "compare.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "doc/value.h"

#define KEY_ROOM 512
#define RUN_WORDS 8     /* an IBAN is printed in up to nine groups, but seldom */
#define RUN_ROOM 512
#define WEAK_KEY 4      /* shorter ids stand on any page */
#define WEAK_MINOR 1000 /* so do amounts below 10.00 */
#define END_LEAST 4

static bool
is_number(enum value_type type)
{
    return type == VALUE_MONEY || type == VALUE_NUMBER || type == VALUE_PERCENT;
}

/* "ESB12345678" and "B12345678" are one tax id. */
static const char *
without_country(const char *key)
{
    return isalpha((unsigned char)key[0]) && isalpha((unsigned char)key[1]) && strlen(key) > 8 ? key + 2 : key;
}

/* Groups of digits without their leading zeros, a dash between. */
static void
numbers_of(const char *text, char *out, size_t room)
{
    size_t n = 0;
    bool inside = false;

    for (; *text != 0 && n + 2 < room; text++) {
        if (!isdigit((unsigned char)*text)) {
            if (inside)
                out[n++] = '-';
            inside = false;
        } else if (*text != '0' || (inside && n > 0 && out[n - 1] != '-')) {
            out[n++] = *text;
            inside = true;
        }
    }
    if (n > 0 && out[n - 1] == '-')
        n--;
    out[n] = 0;
}

static bool
same_text(const char *field, const struct statement *s, const char *value)
{
    char said[KEY_ROOM], read[KEY_ROOM];
    size_t n, m;

    if (s->part == STATEMENT_NUMBERS) {
        numbers_of(s->value, said, sizeof said);
        numbers_of(value, read, sizeof read);
        return said[0] != 0 && strcmp(said, read) == 0;
    }
    n = value_key(s->value, said, sizeof said);
    m = value_key(value, read, sizeof read);
    if (n == 0 || m == 0)
        return false;
    if (s->part == STATEMENT_END)
        return n >= END_LEAST && m >= n && strcmp(read + m - n, said) == 0;
    if (strcmp(said, read) == 0)
        return true;
    return text_ends(field, "_tax_id") &&
           (strcmp(without_country(said), read) == 0 || strcmp(said, without_country(read)) == 0);
}

bool
compare_same(const struct form_field *field, const struct statement *s, const char *value)
{
    int64_t said, read;

    if (is_number(field->type) && money_canonical(s->value, &said) && money_canonical(value, &read))
        return said == read;
    if (field->type == VALUE_DATE || field->type == VALUE_CODE || field->type == VALUE_MARK)
        return strcmp(s->value, value) == 0;
    return same_text(field->name, s, value);
}

/* ---- in print ---------------------------------------------------------------------- */

static bool
prints_amount(const char *text, int64_t minor)
{
    struct amount readings[2];
    unsigned n = money_readings(text, 0, readings);

    for (unsigned i = 0; i < n; i++)
        if (readings[i].minor == minor && !readings[i].repaired)
            return true;
    return false;
}

static bool
prints_date(const char *text, struct date want)
{
    struct date_hit hits[4];
    unsigned n = dates_find(text, hits, COUNT_OF(hits));

    for (unsigned i = 0; i < n; i++) {
        struct date d = hits[i].date;

        if (hits[i].no_year || hits[i].no_day || d.year != want.year)
            continue;
        if ((d.month == want.month && d.day == want.day) ||
            (hits[i].ambiguous && d.month == want.day && d.day == want.month))
            return true;
    }
    return false;
}

/* A currency and the like: as the form says that it is printed. */
static bool
prints_code(const struct form_field *field, const char *text, const char *code)
{
    if (strcasecmp(text, code) == 0)
        return true;
    for (unsigned i = 0; i < field->code_count; i++) {
        const struct phrases *printed = &field->codes[i].printed;

        if (strcmp(field->codes[i].code, code) != 0)
            continue;
        for (unsigned k = 0; k < printed->count; k++)
            if (strcasecmp(text, printed->items[k]) == 0)
                return true;
    }
    return false;
}

static bool
prints(const struct form_field *field, const struct statement *s, const char *text)
{
    struct date date;
    int64_t minor;

    if (is_number(field->type))
        return money_canonical(s->value, &minor) && prints_amount(text, minor);
    if (field->type == VALUE_DATE)
        return date_canonical(s->value, &date) && prints_date(text, date);
    if (field->type == VALUE_CODE)
        return prints_code(field, text, s->value);
    return same_text(field->name, s, text);
}

static bool
is_weak(const struct form_field *field, const struct statement *s)
{
    char key[KEY_ROOM];
    int64_t minor;

    if (is_number(field->type))
        return !money_canonical(s->value, &minor) || (minor < WEAK_MINOR && minor > -WEAK_MINOR);
    if (field->type == VALUE_DATE || field->type == VALUE_CODE)
        return false;
    return value_key(s->value, key, sizeof key) < WEAK_KEY;
}

/* The words first to last of one line, as the first or the second reader gave them; false when they are too long. */
static bool
join(const struct word *words, uint32_t count, bool second, char out[RUN_ROOM])
{
    size_t n = 0;
    bool any = false;

    for (uint32_t i = 0; i < count; i++) {
        const char *text = words[i].text;
        size_t size;

        if (second && words[i].second != NULL && words[i].second[0] != 0) {
            text = words[i].second;
            any = true;
        }
        size = strlen(text);
        if (n + size + 2 > RUN_ROOM)
            return false;
        if (i > 0)
            out[n++] = ' ';
        memcpy(out + n, text, size);
        n += size;
    }
    out[n] = 0;
    return !second || any;
}

static struct box
run_box(const struct word *words, uint32_t count)
{
    struct box b = words[0].box;

    for (uint32_t i = 1; i < count; i++) {
        b.x0 = words[i].box.x0 < b.x0 ? words[i].box.x0 : b.x0;
        b.y0 = words[i].box.y0 < b.y0 ? words[i].box.y0 : b.y0;
        b.x1 = words[i].box.x1 > b.x1 ? words[i].box.x1 : b.x1;
        b.y1 = words[i].box.y1 > b.y1 ? words[i].box.y1 : b.y1;
    }
    return b;
}

/* How many words from here, one line's, print the value; 0: none do. */
static uint32_t
run_at(const struct form_field *field, const struct statement *s, const struct page_reading *page, uint32_t at,
       char text[RUN_ROOM])
{
    const struct word *w = &page->words[at];

    for (uint32_t n = 1; n <= RUN_WORDS && at + n <= page->word_count && w[n - 1].line == w->line; n++)
        for (int reader = 0; reader < 2; reader++)
            if (join(w, n, reader == 1, text) && prints(field, s, text))
                return n;
    return 0;
}

bool
compare_find(const struct form_field *field, const struct statement *s, const struct page_reading *const *pages,
             uint32_t page_count, struct arena *arena, struct print_place *out)
{
    const bool last = is_number(field->type);
    bool found = false;

    for (uint32_t p = 0; p < page_count; p++)
        for (uint32_t i = 0; i < pages[p]->word_count; i++) {
            char text[RUN_ROOM];
            uint32_t n = run_at(field, s, pages[p], i, text);

            if (n == 0)
                continue;
            out->text = arena_str(arena, text);
            out->page = p;
            out->box = run_box(&pages[p]->words[i], n);
            out->weak = is_weak(field, s);
            found = out->text != NULL;
            if (found && !last)
                return true;
        }
    return found;
}
