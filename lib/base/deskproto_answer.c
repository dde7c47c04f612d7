/*
 * deskproto_answer.c - the answers of the desk.
 *
 * The station reads them as carefully as the desk reads questions: a value is text from
 * a hostile page, and the lengths and counts around it are checked before any is used.
 */
#include "base/deskproto.h"

#include <string.h>

/* ---- writing ---- */

void
desk_welcome_write(struct buffer *b, const struct desk_welcome *v)
{
    write_u32(b, v->version);
    write_text(b, v->name);
    write_text(b, v->role);
    write_text(b, v->language);
    write_u32(b, v->idle_seconds);
    write_u32(b, v->waiting);
}

void
desk_queue_write(struct buffer *b, const struct desk_queue *v)
{
    write_u32(b, v->total);
    write_u32(b, v->count);
    for (uint32_t i = 0; i < v->count; i++) {
        const struct desk_row *row = &v->rows[i];
        write_raw(b, row->document.b, ID_SIZE);
        write_text(b, row->form);
        write_u32(b, row->reason);
        write_text(b, row->why);
        write_u32(b, row->waiting);
        write_i64(b, row->deadline);
        write_u32(b, row->pages);
        write_u8(b, row->taken);
    }
}

void
desk_document_write(struct buffer *b, const struct desk_document *v)
{
    write_raw(b, v->id.b, ID_SIZE);
    write_text(b, v->form);
    write_text(b, v->title);
    write_text(b, v->why);
    write_u32(b, v->version);
    write_u32(b, v->pages);
    write_i64(b, v->deadline);
    write_u8(b, v->table);
    write_u8(b, v->date_order);
    write_u32(b, v->count);
    for (uint32_t i = 0; i < v->count; i++) {
        const struct desk_item *item = &v->items[i];
        write_text(b, item->name);
        write_text(b, item->title);
        write_u8(b, item->type);
        write_u8(b, item->mark);
        write_u8(b, item->required);
        write_u32(b, item->page);
    }
}

static void
write_list(struct buffer *b, const char **texts, uint32_t count)
{
    write_u32(b, count);
    for (uint32_t i = 0; i < count; i++)
        write_text(b, texts[i]);
}

void
desk_field_write(struct buffer *b, const struct desk_field *v)
{
    write_u32(b, v->item);
    write_text(b, v->value);
    write_text(b, v->text);
    write_u8(b, v->state);
    write_u16(b, v->sure);
    write_u8(b, v->picture);
    write_u32(b, v->page);
    write_list(b, v->reasons, v->reason_count);
    write_list(b, v->choices, v->choice_count);
}

void
desk_crop_write(struct buffer *b, const struct desk_crop *v)
{
    write_u32(b, v->item);
    write_u32(b, v->page);
    write_u16(b, v->window.x0);
    write_u16(b, v->window.y0);
    write_u16(b, v->window.x1);
    write_u16(b, v->window.y1);
    write_u32(b, v->width);
    write_u32(b, v->height);
    write_u32(b, v->x0);
    write_u32(b, v->y0);
    write_u32(b, v->x1);
    write_u32(b, v->y1);
    write_bytes(b, v->pixels);
}

void
desk_decided_write(struct buffer *b, const struct desk_decided *v)
{
    write_u32(b, v->item);
    write_u8(b, v->outcome);
    write_u8(b, v->mark);
    write_text(b, v->message);
    write_i32(b, v->next);
    write_u32(b, v->left);
}

void
desk_forms_write(struct buffer *b, const struct desk_forms *v)
{
    write_u32(b, v->count);
    for (uint32_t i = 0; i < v->count; i++) {
        write_text(b, v->forms[i].name);
        write_text(b, v->forms[i].title);
    }
}

void
desk_done_write(struct buffer *b, const struct desk_done *v)
{
    write_u8(b, v->how);
    write_u32(b, v->accepted);
    write_u32(b, v->corrected);
}

void
desk_error_write(struct buffer *b, const struct desk_error *v)
{
    write_u16(b, v->rc);
    write_text(b, v->message);
}

/* ---- reading ---- */

static const char *
text(struct reader *r, size_t max, struct arena *arena)
{
    const char *t = read_text(r, max, arena);

    if (t == NULL)
        reader_fail(r);
    return t;
}

static void
id_in(struct reader *r, struct id *id)
{
    const uint8_t *raw = read_raw(r, ID_SIZE);

    if (raw != NULL)
        memcpy(id->b, raw, ID_SIZE);
}

/* A byte of an enumeration whose last member is "last". */
static uint8_t
small(struct reader *r, unsigned last)
{
    uint8_t v = read_u8(r);

    if (v > last)
        reader_fail(r);
    return v;
}

static void
read_welcome(struct reader *r, struct arena *arena, struct desk_welcome *v)
{
    v->version = read_u32(r);
    v->name = text(r, DESK_TITLE_MAX, arena);
    v->role = text(r, DESK_TITLE_MAX, arena);
    v->language = text(r, DESK_TITLE_MAX, arena);
    v->idle_seconds = read_u32(r);
    v->waiting = read_u32(r);
}

/* Room for a counted array, or a failed reader. */
static void *
room(struct reader *r, uint32_t *count, uint32_t max, size_t size, struct arena *arena)
{
    void *p;

    *count = read_count(r, max);
    p = arena_array(arena, *count, size);
    if (p == NULL) {
        *count = 0;
        reader_fail(r);
    }
    return p;
}

static void
read_queue(struct reader *r, struct arena *arena, struct desk_queue *v)
{
    v->total = read_u32(r);
    v->rows = room(r, &v->count, DESK_ROWS_MAX, sizeof *v->rows, arena);
    for (uint32_t i = 0; i < v->count && reader_ok(r); i++) {
        struct desk_row *row = &v->rows[i];
        id_in(r, &row->document);
        row->form = text(r, DESK_TITLE_MAX, arena);
        row->reason = read_u32(r);
        row->why = text(r, DESK_TITLE_MAX, arena);
        row->waiting = read_u32(r);
        row->deadline = read_i64(r);
        row->pages = read_u32(r);
        row->taken = small(r, 1);
    }
}

static void
read_document(struct reader *r, struct arena *arena, struct desk_document *v)
{
    id_in(r, &v->id);
    v->form = text(r, DESK_TITLE_MAX, arena);
    v->title = text(r, DESK_TITLE_MAX, arena);
    v->why = text(r, DESK_TITLE_MAX, arena);
    v->version = read_u32(r);
    v->pages = read_u32(r);
    v->deadline = read_i64(r);
    v->table = small(r, 1);
    v->date_order = small(r, DESK_ORDER_UNKNOWN);
    v->items = room(r, &v->count, DESK_ITEMS_MAX, sizeof *v->items, arena);
    for (uint32_t i = 0; i < v->count && reader_ok(r); i++) {
        struct desk_item *item = &v->items[i];
        item->name = text(r, DESK_TITLE_MAX, arena);
        item->title = text(r, DESK_TITLE_MAX, arena);
        item->type = small(r, DESK_NUMBER);
        item->mark = small(r, DESK_NOT_READABLE);
        item->required = small(r, 1);
        item->page = read_u32(r);
    }
}

static const char **
read_list(struct reader *r, struct arena *arena, size_t max, uint32_t *count)
{
    const char **texts = room(r, count, DESK_LIST_MAX, sizeof *texts, arena);

    for (uint32_t i = 0; i < *count && reader_ok(r); i++)
        texts[i] = text(r, max, arena);
    return texts;
}

static void
read_field(struct reader *r, struct arena *arena, struct desk_field *v)
{
    v->item = read_u32(r);
    v->value = text(r, DESK_TEXT_MAX, arena);
    v->text = text(r, DESK_TEXT_MAX, arena);
    v->state = small(r, DESK_HAS_HIDDEN);
    v->sure = read_u16(r);
    v->picture = small(r, 1);
    v->page = read_u32(r);
    v->reasons = read_list(r, arena, DESK_TITLE_MAX, &v->reason_count);
    v->choices = read_list(r, arena, DESK_TEXT_MAX, &v->choice_count);
    if (v->sure > 1000)
        reader_fail(r);
}

static void
read_crop(struct reader *r, struct desk_crop *v)
{
    v->item = read_u32(r);
    v->page = read_u32(r);
    v->window.x0 = read_u16(r);
    v->window.y0 = read_u16(r);
    v->window.x1 = read_u16(r);
    v->window.y1 = read_u16(r);
    v->width = read_u32(r);
    v->height = read_u32(r);
    v->x0 = read_u32(r);
    v->y0 = read_u32(r);
    v->x1 = read_u32(r);
    v->y1 = read_u32(r);
    v->pixels = read_bytes(r, DESK_SIDE_MAX * DESK_SIDE_MAX);
    if (v->width == 0 || v->height == 0 || v->width > DESK_SIDE_MAX || v->height > DESK_SIDE_MAX ||
        v->pixels.size != (size_t)v->width * v->height || v->x0 > v->x1 || v->y0 > v->y1 ||
        v->x1 > v->width || v->y1 > v->height || v->window.x0 > v->window.x1 ||
        v->window.y0 > v->window.y1 || v->window.x1 > 1000 || v->window.y1 > 1000)
        reader_fail(r);
}

static void
read_decided(struct reader *r, struct arena *arena, struct desk_decided *v)
{
    v->item = read_u32(r);
    v->outcome = small(r, DESK_REFUSED);
    v->mark = small(r, DESK_NOT_READABLE);
    v->message = text(r, DESK_TITLE_MAX, arena);
    v->next = read_i32(r);
    v->left = read_u32(r);
    if (v->next < -1 || v->next >= (int32_t)DESK_ITEMS_MAX)
        reader_fail(r);
}

static void
read_forms(struct reader *r, struct arena *arena, struct desk_forms *v)
{
    v->forms = room(r, &v->count, DESK_LIST_MAX, sizeof *v->forms, arena);
    for (uint32_t i = 0; i < v->count && reader_ok(r); i++) {
        v->forms[i].name = text(r, DESK_TITLE_MAX, arena);
        v->forms[i].title = text(r, DESK_TITLE_MAX, arena);
    }
}

enum rc
desk_answer_read(uint16_t kind, struct bytes body, struct arena *arena, struct desk_answer *out)
{
    struct reader r = reader_from(body);

    memset(out, 0, sizeof *out);
    switch (kind) {
    case DESK_IS_WELCOME: read_welcome(&r, arena, &out->u.welcome); break;
    case DESK_IS_QUEUE: read_queue(&r, arena, &out->u.queue); break;
    case DESK_IS_DOCUMENT: read_document(&r, arena, &out->u.document); break;
    case DESK_IS_FIELD: read_field(&r, arena, &out->u.field); break;
    case DESK_IS_CROP: read_crop(&r, &out->u.crop); break;
    case DESK_IS_DECIDED: read_decided(&r, arena, &out->u.decided); break;
    case DESK_IS_FORMS: read_forms(&r, arena, &out->u.forms); break;
    case DESK_IS_DONE:
        out->u.done.how = small(&r, DESK_END_RETYPED);
        out->u.done.accepted = read_u32(&r);
        out->u.done.corrected = read_u32(&r);
        break;
    case DESK_IS_ERROR:
        out->u.error.rc = read_u16(&r);
        out->u.error.message = text(&r, DESK_TITLE_MAX, arena);
        break;
    case DESK_IS_PONG: break;
    case DESK_IS_REPLAY: desk_replay_read(&r, arena, &out->u.replay); break;
    case DESK_IS_RERUN: desk_rerun_read(&r, arena, &out->u.rerun); break;
    default: return RC_INPUT;
    }
    out->kind = (enum desk_answer_kind)kind;
    return reader_finished(&r) ? RC_OK : RC_INPUT;
}
