/* provenance.c - how a value came about, gathered, cut to size, encoded and decoded. */
#include "doc/provenance.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define TEXT_READ_MAX (PROVENANCE_TEXT + 4)

/* A copy of at most PROVENANCE_TEXT bytes that ends between characters; "" for NULL or without memory. */
static const char *
kept(struct arena *arena, const char *text)
{
    size_t n = text == NULL ? 0 : strlen(text);
    const char *copy;

    if (n == 0)
        return "";
    if (n > PROVENANCE_TEXT) {
        n = PROVENANCE_TEXT;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
    }
    copy = arena_copy(arena, text, n);
    return copy == NULL ? "" : copy;
}

struct provenance *
provenance_of(struct field *field, struct arena *arena)
{
    if (field->story == NULL && (field->story = arena_alloc(arena, sizeof *field->story)) != NULL)
        field->story->second = "";
    return field->story;
}

void
provenance_alternative(struct field *field, struct arena *arena, const char *value, const char *text, double score)
{
    struct provenance *p = provenance_of(field, arena);
    uint32_t at;

    if (p == NULL || value == NULL || !(score > -1e6 && score < 1e6))
        return;
    at = p->alternative_count;
    while (at > 0 && (double)p->alternatives[at - 1].score < score)
        at--;
    if (at >= ALTERNATIVES_MAX)
        return;
    if (p->alternative_count < ALTERNATIVES_MAX)
        p->alternative_count++;
    memmove(&p->alternatives[at + 1], &p->alternatives[at], (p->alternative_count - at - 1) * sizeof *p->alternatives);
    p->alternatives[at] = (struct alternative){ kept(arena, value), kept(arena, text), (float)score };
}

void
provenance_fired(struct field *field, struct arena *arena, const char *kind, const char *rule, enum fired_how how)
{
    struct provenance *p = provenance_of(field, arena);
    char name[PROVENANCE_TEXT + 1];

    if (p == NULL)
        return;
    snprintf(name, sizeof name, "%s:%s", kind, rule != NULL ? rule : "");
    for (uint32_t i = 0; i < p->fired_count; i++)
        if (strcmp(p->fired[i].rule, name) == 0) {
            p->fired[i].how = how;
            return;
        }
    if (p->fired_count < FIRED_MAX)
        p->fired[p->fired_count++] = (struct fired){ kept(arena, name), how };
}

void
provenance_keyed(struct field *field, struct arena *arena, const struct id *who, int64_t at)
{
    struct provenance *p = provenance_of(field, arena);
    struct keying *k;

    if (p == NULL)
        return;
    if (p->keying_count == KEYINGS_MAX) {
        memmove(&p->keyings[1], &p->keyings[2], (KEYINGS_MAX - 2) * sizeof *p->keyings);
        p->keying_count--;
    }
    k = &p->keyings[p->keying_count++];
    *k = (struct keying){ .by = field->origin, .at = at, .state = field->state, .value = kept(arena, field->value) };
    if (who != NULL)
        k->who = *who;
}

const char *
version_find(const struct version *list, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return list[i].value;
    return NULL;
}

enum rc
versions_add(struct fields *fields, struct arena *arena, const char *name, const char *value)
{
    struct version *more;

    if (fields->version_count >= VERSIONS_MAX)
        return RC_LIMIT;
    if ((more = arena_array(arena, fields->version_count + 1u, sizeof *more)) == NULL)
        return RC_NOMEM;
    if (fields->version_count > 0)
        memcpy(more, fields->versions, fields->version_count * sizeof *more);
    more[fields->version_count] = (struct version){ kept(arena, name), kept(arena, value) };
    fields->versions = more;
    fields->version_count++;
    return RC_OK;
}

const char *
fired_word(enum fired_how how)
{
    static const char *const words[] = { "held", "failed", "chose", "repaired" };

    return (unsigned)how < COUNT_OF(words) ? words[how] : "held";
}

/* ---- codec ---- */

void
provenance_write(struct buffer *b, const struct provenance *story)
{
    write_u8(b, story != NULL);
    if (story == NULL)
        return;
    write_text(b, story->second != NULL ? story->second : "");
    write_f64(b, story->needed);
    write_u8(b, (uint8_t)story->alternative_count);
    for (uint32_t i = 0; i < story->alternative_count; i++) {
        write_text(b, story->alternatives[i].value);
        write_text(b, story->alternatives[i].text);
        write_f64(b, (double)story->alternatives[i].score);
    }
    write_u8(b, (uint8_t)story->fired_count);
    for (uint32_t i = 0; i < story->fired_count; i++) {
        write_text(b, story->fired[i].rule);
        write_u8(b, (uint8_t)story->fired[i].how);
    }
    write_u8(b, (uint8_t)story->keying_count);
    for (uint32_t i = 0; i < story->keying_count; i++) {
        const struct keying *k = &story->keyings[i];

        write_u8(b, (uint8_t)k->by);
        write_raw(b, k->who.b, ID_SIZE);
        write_u64(b, (uint64_t)k->at);
        write_u8(b, (uint8_t)k->state);
        write_text(b, k->value);
    }
}

/* A byte that must be under a limit. */
static uint8_t
small(struct reader *r, uint8_t limit)
{
    uint8_t v = read_u8(r);

    if (v >= limit)
        reader_fail(r);
    return v < limit ? v : 0;
}

/* A number that may stand in a text for people. */
static double
sane(struct reader *r)
{
    double v = read_f64(r);

    if (!(v > -1e6 && v < 1e6)) {
        reader_fail(r);
        return 0;
    }
    return v;
}

static void
read_keying(struct reader *r, struct arena *arena, struct keying *k)
{
    const uint8_t *raw;

    k->by = (enum field_origin)small(r, ORIGIN_REPAIR + 1);
    if ((raw = read_raw(r, ID_SIZE)) != NULL)
        memcpy(k->who.b, raw, ID_SIZE);
    k->at = (int64_t)read_u64(r);
    k->state = (enum field_state)small(r, FIELD_MISSING + 1);
    k->value = read_text(r, TEXT_READ_MAX, arena);
}

struct provenance *
provenance_read(struct reader *r, struct arena *arena)
{
    struct provenance *p;

    if (small(r, 2) == 0)
        return NULL;
    if ((p = arena_alloc(arena, sizeof *p)) == NULL) {
        reader_fail(r);
        return NULL;
    }
    p->second = read_text(r, TEXT_READ_MAX, arena);
    p->needed = sane(r);
    p->alternative_count = small(r, ALTERNATIVES_MAX + 1);
    for (uint32_t i = 0; i < p->alternative_count && reader_ok(r); i++) {
        p->alternatives[i].value = read_text(r, TEXT_READ_MAX, arena);
        p->alternatives[i].text = read_text(r, TEXT_READ_MAX, arena);
        p->alternatives[i].score = (float)sane(r);
    }
    p->fired_count = small(r, FIRED_MAX + 1);
    for (uint32_t i = 0; i < p->fired_count && reader_ok(r); i++) {
        p->fired[i].rule = read_text(r, TEXT_READ_MAX, arena);
        p->fired[i].how = (enum fired_how)small(r, FIRED_REPAIRED + 1);
    }
    p->keying_count = small(r, KEYINGS_MAX + 1);
    for (uint32_t i = 0; i < p->keying_count && reader_ok(r); i++)
        read_keying(r, arena, &p->keyings[i]);
    return p;
}

void
versions_write(struct buffer *b, const struct version *list, uint32_t count)
{
    write_u32(b, count);
    for (uint32_t i = 0; i < count; i++) {
        write_text(b, list[i].name);
        write_text(b, list[i].value);
    }
}

bool
versions_read(struct reader *r, struct arena *arena, struct version **list, uint32_t *count)
{
    *count = read_count(r, VERSIONS_MAX);
    if ((*list = arena_array(arena, *count, sizeof **list)) == NULL)
        return false;
    for (uint32_t i = 0; i < *count && reader_ok(r); i++) {
        (*list)[i].name = read_text(r, TEXT_READ_MAX, arena);
        (*list)[i].value = read_text(r, TEXT_READ_MAX, arena);
    }
    return true;
}
