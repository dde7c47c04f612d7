/* cause.c - why a value was wrong, from what is stored of it. */
#include "doc/cause.h"

#include <ctype.h>
#include <string.h>

#include "doc/value.h"

#define SPAN_WORDS 8
#define SPAN_BYTES 512

/* Letters and digits only, in capitals; what is not ASCII stays as it is. */
static size_t
squeeze(const char *text, char *out, size_t room)
{
    size_t n = 0;

    for (; *text != '\0' && n + 1 < room; text++) {
        unsigned char c = (unsigned char)*text;

        if (c >= 0x80 || isalnum(c))
            out[n++] = (char)(c >= 0x80 ? c : (unsigned char)toupper(c));
    }
    out[n] = '\0';
    return n;
}

static bool
alike(const char *a, const char *b)
{
    char x[SPAN_BYTES], y[SPAN_BYTES];

    return squeeze(a, x, sizeof x) == squeeze(b, y, sizeof y) && strcmp(x, y) == 0;
}

/* Does this printed text say the value? */
static bool
says(const struct cause_facts *f, const char *text, const char *value, struct arena *arena)
{
    const char *canonical;

    if (alike(text, value))
        return true;
    return f->form != NULL && value_canonical(f->form, text, arena, &canonical) == RC_OK && canonical[0] != '\0' &&
           strcmp(canonical, value) == 0;
}

/* Spans of words of one line, none longer than SPAN_WORDS; long texts are looked for in the whole line. */
static bool
line_says(const struct cause_facts *f, const struct page_reading *page, uint32_t first, uint32_t end, const char *value,
          struct arena *arena)
{
    char want[SPAN_BYTES], all[4 * SPAN_BYTES], span[SPAN_BYTES];
    size_t used = 0, wanted = squeeze(value, want, sizeof want);

    for (uint32_t i = first; i < end; i++) {
        size_t at = 0;

        used += squeeze(page->words[i].text, all + used, sizeof all - used);
        for (uint32_t k = i; k < end && k < i + SPAN_WORDS; k++) {
            size_t n = strlen(page->words[k].text);

            if (at + n + 2 > sizeof span)
                break;
            if (at > 0)
                span[at++] = ' ';
            memcpy(span + at, page->words[k].text, n + 1);
            at += n;
            if (says(f, span, value, arena))
                return true;
        }
    }
    all[used] = '\0';
    /* A short code inside a longer number is another thing. */
    return wanted >= 8 && strstr(all, want) != NULL;
}

bool
cause_was_read(const struct cause_facts *f, const char *value, struct arena *arena)
{
    for (uint32_t p = 0; p < f->page_count; p++) {
        const struct page_reading *page = f->pages[p];

        for (uint32_t i = 0; i < page->word_count;) {
            uint32_t end = i + 1;

            while (end < page->word_count && page->words[end].line == page->words[i].line &&
                   page->words[end].block == page->words[i].block)
                end++;
            if (line_says(f, page, i, end, value, arena))
                return true;
            i = end;
        }
        for (uint32_t i = 0; i < page->zone_count; i++)
            if (says(f, page->zones[i].text, value, arena))
                return true;
    }
    return false;
}

/* Was it read so, and changed by us? */
static bool
changed_by_rule(const struct cause_facts *f, struct arena *arena)
{
    const struct provenance *story = f->field->story;

    if (f->field->origin == ORIGIN_REPAIR)
        return f->field->text != NULL && says(f, f->field->text, f->right, arena);
    for (uint32_t i = 0; story != NULL && i < story->fired_count; i++) {
        if (story->fired[i].how != FIRED_CHOSE && story->fired[i].how != FIRED_REPAIRED)
            continue;
        for (uint32_t k = 0; k < story->alternative_count; k++)
            if (strcmp(story->alternatives[k].value, f->right) == 0)
                return true;
    }
    return false;
}

enum cause
cause_find(const struct cause_facts *f, struct arena *arena)
{
    const char *value = f->field->state == FIELD_VALUE ? f->field->value : "";

    if (f->right == NULL)
        return f->refused ? CAUSE_UNKNOWN : CAUSE_NONE;
    if (strcmp(value, f->right) == 0) {
        if (!f->refused)
            return CAUSE_NONE;
        return f->confirmed ? CAUSE_SOURCE : CAUSE_UNKNOWN;
    }
    if (f->field->origin == ORIGIN_PERSON)
        return CAUSE_KEYED;
    if (f->right[0] == '\0') /* it should have been left empty: something that is no value was taken for one */
        return CAUSE_CANDIDATE;
    if (changed_by_rule(f, arena))
        return CAUSE_RULE;
    if (cause_was_read(f, f->right, arena))
        return CAUSE_CANDIDATE;
    return value[0] == '\0' && f->field->state != FIELD_UNREADABLE ? CAUSE_NOT_FOUND : CAUSE_MISREAD;
}
