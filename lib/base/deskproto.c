/*
 * deskproto.c - the questions of the review station: one table says what each carries.
 */
#include "base/deskproto.h"

#include <string.h>

enum { HAS_ID = 1, HAS_NUMBER = 2, HAS_FLAG = 4, HAS_BOX = 8, HAS_TEXT = 16 };

static const struct shape {
    enum desk_what what;
    unsigned has;
} shapes[] = {
    { DESK_HELLO, HAS_NUMBER | HAS_TEXT },
    { DESK_QUEUE, 0 },
    { DESK_TAKE, HAS_ID },
    { DESK_FIELD, HAS_NUMBER },
    { DESK_CROP, HAS_NUMBER | HAS_FLAG | HAS_BOX },
    { DESK_ACCEPT, HAS_NUMBER },
    { DESK_CORRECT, HAS_NUMBER | HAS_FLAG | HAS_TEXT },
    { DESK_BLANK, HAS_NUMBER },
    { DESK_UNREADABLE, HAS_NUMBER },
    { DESK_UNDO, 0 },
    { DESK_FORMS, 0 },
    { DESK_RETYPE, HAS_FLAG | HAS_TEXT },
    { DESK_ADD_ROW, 0 },
    { DESK_REJECT, HAS_NUMBER },
    { DESK_FINISH, 0 },
    { DESK_LEAVE, 0 },
    { DESK_SKIP, 0 },
    { DESK_PING, 0 },
    { DESK_REPLAY, HAS_ID | HAS_NUMBER | HAS_FLAG | HAS_TEXT },
    { DESK_RERUN, 0 },
};

static const struct shape *
shape_of(unsigned what)
{
    for (size_t i = 0; i < COUNT_OF(shapes); i++)
        if ((unsigned)shapes[i].what == what)
            return &shapes[i];
    return NULL;
}

void
desk_ask_write(struct buffer *b, const struct desk_ask *ask)
{
    const struct shape *s = shape_of((unsigned)ask->what);

    if (s == NULL) {
        b->failed = true;
        return;
    }
    if (s->has & HAS_ID)
        write_raw(b, ask->id.b, ID_SIZE);
    if (s->has & HAS_NUMBER)
        write_u32(b, ask->number);
    if (s->has & HAS_FLAG)
        write_u8(b, ask->flag);
    if (s->has & HAS_BOX) {
        write_u16(b, ask->box.x0);
        write_u16(b, ask->box.y0);
        write_u16(b, ask->box.x1);
        write_u16(b, ask->box.y1);
    }
    if (s->has & HAS_TEXT)
        write_text(b, ask->text);
}

static bool
box_is_sound(const struct desk_box *box)
{
    return box->x0 <= box->x1 && box->y0 <= box->y1 && box->x1 <= 1000 && box->y1 <= 1000;
}

enum rc
desk_ask_read(uint16_t what, struct bytes body, struct arena *arena, struct desk_ask *out)
{
    const struct shape *s = shape_of(what);
    struct reader r = reader_from(body);

    memset(out, 0, sizeof *out);
    if (s == NULL || body.size > DESK_ASK_MAX)
        return RC_INPUT;
    out->what = s->what;
    out->text = "";
    if (s->has & HAS_ID) {
        const uint8_t *raw = read_raw(&r, ID_SIZE);
        if (raw != NULL)
            memcpy(out->id.b, raw, ID_SIZE);
    }
    if (s->has & HAS_NUMBER)
        out->number = read_u32(&r);
    if (s->has & HAS_FLAG)
        out->flag = read_u8(&r);
    if (s->has & HAS_BOX) {
        out->box.x0 = read_u16(&r);
        out->box.y0 = read_u16(&r);
        out->box.x1 = read_u16(&r);
        out->box.y1 = read_u16(&r);
        if (!box_is_sound(&out->box))
            reader_fail(&r);
    }
    if (s->has & HAS_TEXT) {
        out->text = read_text(&r, DESK_TEXT_MAX, arena);
        if (out->text == NULL)
            reader_fail(&r);
    }
    return reader_finished(&r) ? RC_OK : RC_INPUT;
}
