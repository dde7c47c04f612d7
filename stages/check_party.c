/*
 * check_party.c - does the paper belong to the client whose folder it came in, and what makes it
 * the only one?
 */
#include <stdio.h>
#include <string.h>

#include "check_seen.h"
#include "doc/lexicon.h"
#include "doc/value.h"

/* ---- whose it is --------------------------------------------------------------------------- */

static const struct form_field *
type_of(const struct form *form, const char *name)
{
    const struct form_field *f = form_field(form, name);

    return f != NULL ? f : form_column(form, name);
}

/* One group of fields: a number decides before a name. */
static enum held
group_held(const struct phrases *group, const struct parties *parties, const struct seen *s)
{
    enum held held = HELD_SILENT;

    for (int names = 0; names <= 1 && held == HELD_SILENT; names++) {
        if (!parties_have(parties, names == 1))
            continue;
        for (unsigned i = 0; i < group->count; i++) {
            const struct form_field *form = type_of(s->form, group->items[i]);
            const char *value = seen_value(s, group->items[i]);

            if (form == NULL || value == NULL || (form->type == VALUE_ID) != (names == 0))
                continue;
            if (names == 1 ? parties_know_name(parties, value) : parties_know_id(parties, value))
                return HELD_YES;
            held = HELD_NO;
        }
    }
    return held;
}

/* Whoever decided, a person too: this is about the paper, not about the reading. */
static void
mark_group(const struct phrases *group, const struct seen *s, enum reason reason)
{
    for (unsigned i = 0; i < group->count; i++) {
        struct field *f = seen_field(s, group->items[i]);

        if (f != NULL)
            field_doubt(f, reason);
    }
}

enum party_answer
check_party(const struct form *form, const struct parties *parties, struct fields *fields)
{
    const struct seen s = { form, fields, NULL };
    bool against = false;

    if (parties == NULL || parties->count == 0 || form->party_count == 0)
        return PARTY_OURS;
    for (unsigned i = 0; i < form->party_count; i++) {
        enum held held = group_held(&form->party[i], parties, &s);

        if (held == HELD_YES)
            return PARTY_OURS;
        against = against || held == HELD_NO;
    }
    if (against) {
        for (unsigned i = 0; i < form->party_count; i++)
            mark_group(&form->party[i], &s, REASON_NOT_FOR_THIS_CLIENT);
        return PARTY_STRANGER;
    }
    for (unsigned i = 0; i < form->party_count; i++)
        for (unsigned k = 0; k < form->party[i].count; k++) {
            struct field *f = fields_find(fields, form->party[i].items[k]);

            if (f != NULL && f->origin != ORIGIN_PERSON)
                field_doubt(f, REASON_FIELD_MISSING);
        }
    return PARTY_UNNAMED;
}

/* ---- what makes it the only one -------------------------------------------------------------- */

/* One value in one shape: ids without separators, names folded, the rest as it is. */
static bool
put_value(const struct form_field *form, const char *value, char *out, size_t room, size_t *n)
{
    char shape[300];

    if (form->type == VALUE_ID)
        (void)value_key(value, shape, sizeof shape);
    else if (form->type == VALUE_NAME || form->type == VALUE_TEXT)
        (void)lexicon_fold(value, shape, sizeof shape);
    else
        (void)snprintf(shape, sizeof shape, "%s", value);
    if (shape[0] == '\0' || *n + strlen(shape) + 2 >= room)
        return false;
    *n += (size_t)snprintf(out + *n, room - *n, "%s\x1e", shape);
    return true;
}

/* A field of the document, or a column with all its rows. */
static bool
put_field(const struct form *form, const struct fields *fields, const char *name, char *out, size_t room, size_t *n)
{
    struct seen s = { form, (struct fields *)(uintptr_t)fields, NULL };
    const struct form_field *f = type_of(form, name);
    const char *value;

    if (form_field(form, name) != NULL || f == NULL)
        return f != NULL && (value = seen_value(&s, name)) != NULL && put_value(f, value, out, room, n);
    for (uint32_t r = 0; r < fields->row_count; r++) {
        s.row = &fields->rows[r];
        if ((value = seen_value(&s, name)) == NULL || !put_value(f, value, out, room, n))
            return false;
    }
    return fields->row_count > 0;
}

static bool
put_all(const struct form *form, const struct fields *fields, const struct form_unique *u, char *out, size_t room)
{
    size_t n = (size_t)snprintf(out, room, "%s\x1f", form->name);

    for (unsigned i = 0; i < u->fields.count; i++) {
        if (!put_field(form, fields, u->fields.items[i], out, room, &n) || n + 2 >= room)
            return false;
        out[n++] = '\x1f';
    }
    for (unsigned i = 0; i < u->maybe.count; i++) {
        size_t before = n;

        if (!put_field(form, fields, u->maybe.items[i], out, room, &n))
            n = before;
        if (n + 2 >= room)
            return false;
        out[n++] = '\x1f';
    }
    out[n] = '\0';
    return true;
}

enum rc
check_twins(const struct form *form, const struct fields *fields, struct arena *arena, struct twins *out)
{
    char text[TWIN_TEXT_MAX];

    out->count = 0;
    for (unsigned i = 0; i < form->unique_count && out->count < TWINS_MAX; i++) {
        if (!put_all(form, fields, &form->unique[i], text, sizeof text))
            continue;
        out->items[out->count] = (struct twin){ form->unique[i].fields.items[0], arena_str(arena, text) };
        if (out->items[out->count++].text == NULL)
            return RC_NOMEM;
    }
    bytes_wipe(text, sizeof text);
    return RC_OK;
}
