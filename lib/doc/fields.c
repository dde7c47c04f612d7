/* fields.c - encode and decode the values of one document. */
#include "doc/fields.h"

#include <string.h>

#include "doc/provenance.h"

#define VERSION 3
#define VERSION_BEFORE_STORIES 2
#define VERSION_BEFORE_LEVELS 1 /* stored documents of the first release */
#define NAME_MAX_SIZE 128
#define VALUE_MAX_SIZE 8192

static void
put_field(struct buffer *b, const struct field *f)
{
    write_text(b, f->name);
    write_text(b, f->value);
    write_text(b, f->text);
    write_f64(b, f->confidence);
    write_f64(b, f->stated);
    write_u8(b, (uint8_t)f->level);
    write_u8(b, (uint8_t)f->verdict);
    write_u8(b, (uint8_t)f->state);
    write_u8(b, (uint8_t)f->origin);
    write_u8(b, f->evidence);
    for (int i = 0; i < FIELD_REASONS_MAX; i++)
        write_u16(b, f->reasons[i]);
    write_u32(b, f->page);
    write_i32(b, f->box.x0);
    write_i32(b, f->box.y0);
    write_i32(b, f->box.x1);
    write_i32(b, f->box.y1);
    provenance_write(b, f->story);
}

static void
get_field(struct reader *r, struct arena *arena, unsigned version, struct field *f)
{
    uint8_t level = LEVEL_AUTO;
    uint8_t verdict;
    uint8_t state;
    uint8_t origin;

    f->name = read_text(r, NAME_MAX_SIZE, arena);
    f->value = read_text(r, VALUE_MAX_SIZE, arena);
    f->text = read_text(r, VALUE_MAX_SIZE, arena);
    f->confidence = f->stated = read_f64(r);
    if (version > VERSION_BEFORE_LEVELS) {
        f->stated = read_f64(r);
        level = read_u8(r);
    }
    verdict = read_u8(r);
    state = read_u8(r);
    origin = read_u8(r);
    f->evidence = version > VERSION_BEFORE_LEVELS ? read_u8(r) : 0;
    for (int i = 0; i < FIELD_REASONS_MAX; i++)
        f->reasons[i] = read_u16(r);
    f->page = read_u32(r);
    f->box.x0 = read_i32(r);
    f->box.y0 = read_i32(r);
    f->box.x1 = read_i32(r);
    f->box.y1 = read_i32(r);
    if (version > VERSION_BEFORE_STORIES)
        f->story = provenance_read(r, arena);
    if (verdict > FIELD_REVIEW || state > FIELD_MISSING || origin > ORIGIN_CODE || level > LEVEL_DOUBLE ||
        !(f->confidence >= 0 && f->confidence <= 1) || !(f->stated >= 0 && f->stated <= 1))
        reader_fail(r);
    f->level = level;
    f->verdict = verdict;
    f->state = state;
    f->origin = origin;
}

void
fields_write(struct buffer *b, const struct fields *fields)
{
    write_u8(b, VERSION);
    write_text(b, fields->form);
    write_f64(b, fields->form_confidence);
    write_u32(b, fields->count);
    for (uint32_t i = 0; i < fields->count; i++)
        put_field(b, &fields->fields[i]);
    write_u32(b, fields->row_count);
    for (uint32_t i = 0; i < fields->row_count; i++) {
        write_u32(b, fields->rows[i].count);
        for (uint32_t k = 0; k < fields->rows[i].count; k++)
            put_field(b, &fields->rows[i].cells[k]);
    }
    versions_write(b, fields->versions, fields->version_count);
}

static bool
get_list(struct reader *r, struct arena *arena, unsigned version, struct field **list, uint32_t *count)
{
    *count = read_count(r, FIELDS_MAX);
    if ((*list = arena_array(arena, *count, sizeof **list)) == NULL)
        return false;
    for (uint32_t i = 0; i < *count && reader_ok(r); i++)
        get_field(r, arena, version, &(*list)[i]);
    return true;
}

enum rc
fields_read(struct bytes bytes, struct arena *arena, struct fields **out)
{
    struct reader r = reader_from(bytes);
    struct fields *f = arena_alloc(arena, sizeof *f);
    unsigned version;

    if (f == NULL)
        return RC_NOMEM;
    version = read_u8(&r);
    if (version > VERSION || version < VERSION_BEFORE_LEVELS)
        return RC_INPUT;
    f->form = read_text(&r, NAME_MAX_SIZE, arena);
    f->form_confidence = read_f64(&r);
    if (!get_list(&r, arena, version, &f->fields, &f->count))
        return RC_NOMEM;
    f->row_count = read_count(&r, ROWS_MAX);
    if ((f->rows = arena_array(arena, f->row_count, sizeof *f->rows)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < f->row_count && reader_ok(&r); i++)
        if (!get_list(&r, arena, version, &f->rows[i].cells, &f->rows[i].count))
            return RC_NOMEM;
    if (version > VERSION_BEFORE_STORIES && !versions_read(&r, arena, &f->versions, &f->version_count))
        return RC_NOMEM;
    if (!reader_finished(&r))
        return RC_INPUT;
    *out = f;
    return RC_OK;
}

struct field *
fields_find(const struct fields *fields, const char *name)
{
    for (uint32_t i = 0; i < fields->count; i++)
        if (strcmp(fields->fields[i].name, name) == 0)
            return &fields->fields[i];
    return NULL;
}

void
field_note(struct field *field, enum reason reason)
{
    for (int i = 0; i < FIELD_REASONS_MAX; i++) {
        if (field->reasons[i] == reason)
            return;
        if (field->reasons[i] == REASON_NONE) {
            field->reasons[i] = (uint16_t)reason;
            return;
        }
    }
}

void
field_doubt(struct field *field, enum reason reason)
{
    field->verdict = FIELD_REVIEW;
    field_note(field, reason);
}

bool
field_doubted(const struct field *field)
{
    for (int i = 0; i < FIELD_REASONS_MAX && field->reasons[i] != REASON_NONE; i++)
        if (reason_row(field->reasons[i])->class != CLASS_NOTE)
            return true;
    return false;
}
