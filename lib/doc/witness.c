/* witness.c - build, encode and decode what a code or an e-invoice states. */
#include "doc/witness.h"

#include <string.h>

#include "base/text.h"

#define VERSION 1
#define KIND_MAX 32
#define FIELD_MAX 64

enum rc
witness_add(struct witness *w, struct arena *arena, const char *field, const char *value,
            enum statement_force force, enum statement_part part)
{
    size_t size = value != NULL ? strlen(value) : 0;
    char *copy;

    if (size == 0 || size > STATEMENT_VALUE_MAX || !text_is_utf8(value, size))
        return RC_OK;
    if (w->count == STATEMENTS_MAX)
        return RC_LIMIT;
    if (w->count == w->room) {
        uint32_t room = w->room == 0 ? 16 : w->room * 2;
        struct statement *more = arena_array(arena, room, sizeof *more);

        if (more == NULL)
            return RC_NOMEM;
        if (w->count > 0)
            memcpy(more, w->items, w->count * sizeof *more);
        w->items = more;
        w->room = room;
    }
    if ((copy = arena_copy(arena, value, size)) == NULL)
        return RC_NOMEM;
    w->items[w->count++] = (struct statement){ field, copy, force, part };
    return RC_OK;
}

enum rc
witness_states(struct witness *w, struct arena *arena, const char *field, const char *value)
{
    return witness_add(w, arena, field, value, STATEMENT_STATES, STATEMENT_WHOLE);
}

const struct statement *
witness_find(const struct witness *w, const char *field)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (strcmp(w->items[i].field, field) == 0)
            return &w->items[i];
    return NULL;
}

void
witness_write(struct buffer *b, const struct witness *w)
{
    write_u8(b, VERSION);
    write_text(b, w->kind);
    write_u8(b, (uint8_t)w->source);
    write_u32(b, w->count);
    for (uint32_t i = 0; i < w->count; i++) {
        write_text(b, w->items[i].field);
        write_text(b, w->items[i].value);
        write_u8(b, (uint8_t)w->items[i].force);
        write_u8(b, (uint8_t)w->items[i].part);
    }
}

enum rc
witness_read(struct bytes bytes, struct arena *arena, struct witness **out)
{
    struct reader r = reader_from(bytes);
    struct witness *w = arena_alloc(arena, sizeof *w);
    uint8_t source;

    if (w == NULL)
        return RC_NOMEM;
    if (read_u8(&r) != VERSION)
        return RC_INPUT;
    w->kind = read_text(&r, KIND_MAX, arena);
    source = read_u8(&r);
    w->count = w->room = read_count(&r, STATEMENTS_MAX);
    if ((w->items = arena_array(arena, w->count, sizeof *w->items)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < w->count && reader_ok(&r); i++) {
        struct statement *s = &w->items[i];
        uint8_t force, part;

        s->field = read_text(&r, FIELD_MAX, arena);
        s->value = read_text(&r, STATEMENT_VALUE_MAX, arena);
        force = read_u8(&r);
        part = read_u8(&r);
        if (force > STATEMENT_PRINTED || part > STATEMENT_NUMBERS ||
            (s->value != NULL && !text_is_utf8(s->value, strlen(s->value))))
            reader_fail(&r);
        s->force = force;
        s->part = part;
    }
    if (source > WITNESS_EINVOICE)
        reader_fail(&r);
    w->source = source;
    if (!reader_finished(&r))
        return RC_INPUT;
    *out = w;
    return RC_OK;
}
