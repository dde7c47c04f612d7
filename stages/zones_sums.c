/*
 * zones_sums.c - a misread amount of a fixed form, decided by what must add up.
 *
 * Where the rows and their total do not agree, each amount is tried as the other reading gave it; then with one digit
 * taken for one that looks alike, without a rule read as its first digit, or with a point that was lost.  Only one way
 * to make the sum hold, which breaks no other sum, is taken, or that of an amount which was read much worse than those
 * of the other ways: marked as repaired, and shown to a person.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "doc/provenance.h"
#include "extract_cells.h"
#include "zone_values.h"
#include "zones.h"

#define MEMBERS_MAX 256
#define TEXT_ROOM 40
#define PROVEN 0.9
#define MUCH_WORSE 0.05 /* of confidence */

/* The amounts of one equation. */
struct sum {
    const struct form *form;
    const struct equation *equation;
    struct fields *fields;
    struct arena *arena;
    struct field *members[MEMBERS_MAX];
    unsigned count, unread;
};

/* The amount that was read worst of those with which the sum holds. */
struct way {
    struct field *field;
    char value[TEXT_ROOM];
    bool alone; /* no other way of an amount read nearly as badly */
};

static void
add_member(struct sum *s, struct field *f)
{
    if (f == NULL || (f->state != FIELD_VALUE && f->state != FIELD_UNREADABLE))
        return;
    s->unread += f->state == FIELD_UNREADABLE;
    if (s->count < MEMBERS_MAX)
        s->members[s->count++] = f;
}

/* The field of this name, or all cells of the column. */
static void
add_named(struct sum *s, const char *name)
{
    struct field *f = fields_find(s->fields, name);

    add_member(s, f);
    for (uint32_t r = 0; f == NULL && r < s->fields->row_count; r++)
        for (uint32_t c = 0; c < s->fields->rows[r].count; c++)
            if (strcmp(s->fields->rows[r].cells[c].name, name) == 0)
                add_member(s, &s->fields->rows[r].cells[c]);
}

static void
gather(struct sum *s)
{
    const struct phrases *sets[] = { &s->equation->terms, &s->equation->minus, &s->equation->maybe,
                                     &s->equation->maybe_minus };

    s->count = s->unread = 0;
    add_named(s, s->equation->result);
    for (size_t k = 0; k < COUNT_OF(sets); k++)
        for (unsigned i = 0; i < sets[k]->count; i++)
            add_named(s, sets[k]->items[i]);
}

/* The other sums that hold. */
static unsigned
others_held(const struct sum *s)
{
    unsigned held = 0;

    for (unsigned e = 0; e < s->form->equation_count; e++)
        held += &s->form->equations[e] != s->equation && check_equation(s->form, &s->form->equations[e], s->fields) > 0;
    return held;
}

static bool
holds_with(const struct sum *s, struct field *f, const char *value)
{
    const struct field was = *f;
    const unsigned before = others_held(s);
    bool holds;

    f->state = FIELD_VALUE;
    f->value = value;
    holds = check_equation(s->form, s->equation, s->fields) > 0 && others_held(s) >= before;
    *f = was;
    return holds;
}

static void
attempt(const struct sum *s, struct field *f, const char *value, struct way *way)
{
    double worse;

    if (strlen(value) >= TEXT_ROOM || (f->state == FIELD_VALUE && strcmp(value, f->value) == 0) ||
        (way->field == f && strcmp(way->value, value) == 0) || !holds_with(s, f, value))
        return;
    worse = way->field == NULL ? 1 : way->field->confidence - f->confidence;
    if (worse > 0 && way->field != f) {
        way->field = f;
        memcpy(way->value, value, strlen(value) + 1);
        way->alone = worse >= MUCH_WORSE;
    } else if (way->field == f || worse > -MUCH_WORSE) {
        way->alone = false;
    }
}

/* As the other reading gave it. */
static void
try_others(const struct sum *s, struct field *f, struct way *way)
{
    for (uint32_t i = 0; f->story != NULL && i < f->story->alternative_count; i++) {
        char value[VALUE_ROOM];

        if (zone_money(f->story->alternatives[i].value, value) > 0)
            attempt(s, f, value, way);
    }
}

/* "37 90", "1314 30,": the digits alone, the last two of them cents. */
static void
try_cents(const struct sum *s, struct field *f, struct way *way)
{
    char digits[TEXT_ROOM], value[TEXT_ROOM + 2];
    size_t n = 0;

    for (const char *c = f->text != NULL ? f->text : ""; *c != '\0' && n + 4 < sizeof digits; c++)
        if (*c >= '0' && *c <= '9' && (n > 0 || *c != '0'))
            digits[n++] = *c;
    if (n < 3)
        return;
    snprintf(value, sizeof value, "%.*s.%.2s", (int)n - 2, digits, digits + n - 2);
    attempt(s, f, value, way);
}

/* With one digit taken for another of its look, or without a rule that was read as the first one. */
static void
try_looks(const struct sum *s, struct field *f, struct way *way)
{
    char text[VALUE_ROOM], value[VALUE_ROOM];
    const char *from = f->state == FIELD_VALUE ? f->value : f->text;
    size_t n = from != NULL ? strlen(from) : 0;

    try_cents(s, f, way);
    if (n == 0 || n >= TEXT_ROOM)
        return;
    memcpy(text, from, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char was = text[i];

        for (const char *to = was >= '0' && was <= '9' ? digits_alike[was - '0'] : ""; *to != '\0'; to++) {
            text[i] = *to;
            if (zone_money(text, value) > 0)
                attempt(s, f, value, way);
        }
        text[i] = was;
    }
    if (text[0] == '1' && zone_money(text + 1, value) > 0)
        attempt(s, f, value, way);
}

static enum rc
put_right(struct sum *s)
{
    struct way way = { .field = NULL };
    struct field *f;
    bool by_other;
    enum rc rc;

    for (unsigned i = 0; i < s->count; i++)
        if (s->unread == 0 || s->members[i]->state == FIELD_UNREADABLE)
            try_others(s, s->members[i], &way);
    by_other = way.field != NULL;
    for (unsigned i = 0; !by_other && i < s->count; i++)
        if (s->unread == 0 || s->members[i]->state == FIELD_UNREADABLE)
            try_looks(s, s->members[i], &way);
    if (way.field == NULL || !way.alone)
        return RC_OK;
    f = way.field;
    if (f->state == FIELD_VALUE)
        provenance_alternative(f, s->arena, f->value, f->text, f->confidence);
    rc = zones_put_right(f, way.value, PROVEN, s->arena);
    if (rc == RC_OK)
        provenance_fired(f, s->arena, "equation", s->equation->name, FIRED_REPAIRED);
    return rc;
}

enum rc
zones_sums(const struct form *form, struct arena *arena, struct fields *fields)
{
    struct sum s = { .form = form, .fields = fields, .arena = arena };
    enum rc rc = RC_OK;

    for (unsigned e = 0; rc == RC_OK && e < form->equation_count; e++) {
        s.equation = &form->equations[e];
        if (s.equation->kind != EQ_SUM || check_equation(form, s.equation, fields) > 0)
            continue;
        gather(&s);
        if (s.count > 1 && s.count < MEMBERS_MAX && s.unread < 2)
            rc = put_right(&s);
    }
    return rc;
}
