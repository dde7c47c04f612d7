/* deskproto_replay.c - the answers to a look back: a value's story, and what today's run of the stages says. */
#include <string.h>

#include "base/deskproto.h"

#define HANDS_MAX 256u

/* ---- writing ---- */

static void
write_made(struct buffer *b, const struct desk_made *made, uint32_t count)
{
    write_u32(b, count);
    for (uint32_t i = 0; i < count; i++) {
        write_text(b, made[i].name);
        write_text(b, made[i].value);
    }
}

static void
write_hands(struct buffer *b, const struct desk_replay *v)
{
    write_u32(b, v->hand_count);
    for (uint32_t i = 0; i < v->hand_count; i++) {
        const struct desk_hand *h = &v->hands[i];

        write_u32(b, h->version);
        write_u8(b, h->by);
        write_u8(b, h->state);
        write_i64(b, h->at);
        write_text(b, h->who);
        write_text(b, h->value);
    }
}

void
desk_replay_write(struct buffer *b, const struct desk_replay *v)
{
    write_raw(b, v->document.b, ID_SIZE);
    write_text(b, v->form);
    write_text(b, v->name);
    write_text(b, v->title);
    write_text(b, v->standing);
    write_u32(b, v->item);
    write_u32(b, v->version);
    write_u32(b, v->page);
    write_u32(b, v->pages);
    write_text(b, v->value);
    write_text(b, v->text);
    write_text(b, v->second);
    write_u8(b, v->state);
    write_u8(b, v->origin);
    write_u8(b, v->verdict);
    write_u8(b, v->picture);
    write_u16(b, v->sure);
    write_u16(b, v->needed);
    write_u32(b, v->reason_count);
    for (uint32_t i = 0; i < v->reason_count; i++)
        write_text(b, v->reasons[i]);
    write_hands(b, v);
    write_u32(b, v->other_count);
    for (uint32_t i = 0; i < v->other_count; i++) {
        write_text(b, v->others[i].value);
        write_text(b, v->others[i].text);
        write_i32(b, v->others[i].score);
    }
    write_u32(b, v->rule_count);
    for (uint32_t i = 0; i < v->rule_count; i++) {
        write_text(b, v->rules[i].rule);
        write_u8(b, v->rules[i].how);
    }
    write_u32(b, v->sent_count);
    for (uint32_t i = 0; i < v->sent_count; i++) {
        write_u32(b, v->sent[i].version);
        write_u8(b, v->sent[i].refusal);
        write_i64(b, v->sent[i].seq);
        write_i64(b, v->sent[i].at);
    }
    write_made(b, v->made, v->made_count);
    write_u8(b, v->cause);
    write_text(b, v->wrong);
    write_text(b, v->right);
}

void
desk_rerun_write(struct buffer *b, const struct desk_rerun *v)
{
    write_u32(b, v->done);
    write_u32(b, v->of);
    write_u8(b, v->finished);
    write_u8(b, v->failed);
    write_u8(b, v->same);
    write_u32(b, v->pages_same);
    write_text(b, v->form);
    write_text(b, v->value);
    write_text(b, v->text);
    write_u8(b, v->state);
    write_u8(b, v->verdict);
    write_u16(b, v->sure);
    for (int i = 0; i < DESK_TOLD_KINDS; i++)
        write_u8(b, v->told[i]);
    write_made(b, v->made, v->made_count);
}

/* ---- reading: as careful as with every other answer ---- */

static const char *
text(struct reader *r, struct arena *arena)
{
    const char *t = read_text(r, DESK_TEXT_MAX, arena);

    if (t == NULL)
        reader_fail(r);
    return t;
}

static uint8_t
small(struct reader *r, unsigned last)
{
    uint8_t v = read_u8(r);

    if (v > last)
        reader_fail(r);
    return v;
}

static uint16_t
share(struct reader *r)
{
    uint16_t v = read_u16(r);

    if (v > 1000)
        reader_fail(r);
    return v;
}

/* Room for a counted list; *count is 0 when the reader has failed. */
static void *
list(struct reader *r, struct arena *arena, uint32_t *count, uint32_t max, size_t size)
{
    void *p;

    *count = read_count(r, max);
    if ((p = arena_array(arena, *count, size)) == NULL) {
        *count = 0;
        reader_fail(r);
    }
    return p;
}

static void
read_made(struct reader *r, struct arena *arena, struct desk_made **made, uint32_t *count)
{
    *made = list(r, arena, count, DESK_LIST_MAX, sizeof **made);
    for (uint32_t i = 0; i < *count && reader_ok(r); i++) {
        (*made)[i].name = text(r, arena);
        (*made)[i].value = text(r, arena);
    }
}

static void
read_hands(struct reader *r, struct arena *arena, struct desk_replay *v)
{
    v->hands = list(r, arena, &v->hand_count, HANDS_MAX, sizeof *v->hands);
    for (uint32_t i = 0; i < v->hand_count && reader_ok(r); i++) {
        v->hands[i].version = read_u32(r);
        v->hands[i].by = small(r, 2);
        v->hands[i].state = small(r, DESK_HAS_NOTHING);
        v->hands[i].at = read_i64(r);
        v->hands[i].who = text(r, arena);
        v->hands[i].value = text(r, arena);
    }
}

static void
read_lists(struct reader *r, struct arena *arena, struct desk_replay *v)
{
    v->reasons = list(r, arena, &v->reason_count, DESK_LIST_MAX, sizeof *v->reasons);
    for (uint32_t i = 0; i < v->reason_count && reader_ok(r); i++)
        v->reasons[i] = text(r, arena);
    read_hands(r, arena, v);
    v->others = list(r, arena, &v->other_count, DESK_LIST_MAX, sizeof *v->others);
    for (uint32_t i = 0; i < v->other_count && reader_ok(r); i++) {
        v->others[i].value = text(r, arena);
        v->others[i].text = text(r, arena);
        v->others[i].score = read_i32(r);
    }
    v->rules = list(r, arena, &v->rule_count, DESK_LIST_MAX, sizeof *v->rules);
    for (uint32_t i = 0; i < v->rule_count && reader_ok(r); i++) {
        v->rules[i].rule = text(r, arena);
        v->rules[i].how = small(r, 3);
    }
    v->sent = list(r, arena, &v->sent_count, HANDS_MAX, sizeof *v->sent);
    for (uint32_t i = 0; i < v->sent_count && reader_ok(r); i++) {
        v->sent[i].version = read_u32(r);
        v->sent[i].refusal = small(r, 1);
        v->sent[i].seq = read_i64(r);
        v->sent[i].at = read_i64(r);
    }
}

void
desk_replay_read(struct reader *r, struct arena *arena, struct desk_replay *v)
{
    const uint8_t *raw = read_raw(r, ID_SIZE);

    if (raw != NULL)
        memcpy(v->document.b, raw, ID_SIZE);
    v->form = text(r, arena);
    v->name = text(r, arena);
    v->title = text(r, arena);
    v->standing = text(r, arena);
    v->item = read_u32(r);
    v->version = read_u32(r);
    v->page = read_u32(r);
    v->pages = read_u32(r);
    v->value = text(r, arena);
    v->text = text(r, arena);
    v->second = text(r, arena);
    v->state = small(r, DESK_HAS_NOTHING);
    v->origin = small(r, 2);
    v->verdict = small(r, 1);
    v->picture = small(r, 1);
    v->sure = share(r);
    v->needed = share(r);
    read_lists(r, arena, v);
    read_made(r, arena, &v->made, &v->made_count);
    v->cause = small(r, DESK_CAUSE_SOURCE);
    v->wrong = text(r, arena);
    v->right = text(r, arena);
}

void
desk_rerun_read(struct reader *r, struct arena *arena, struct desk_rerun *v)
{
    v->done = read_u32(r);
    v->of = read_u32(r);
    v->finished = small(r, 1);
    v->failed = small(r, 1);
    v->same = small(r, 1);
    v->pages_same = read_u32(r);
    v->form = text(r, arena);
    v->value = text(r, arena);
    v->text = text(r, arena);
    v->state = small(r, DESK_HAS_NOTHING);
    v->verdict = small(r, 1);
    v->sure = share(r);
    for (int i = 0; i < DESK_TOLD_KINDS; i++)
        v->told[i] = small(r, DESK_TOLD_GONE);
    read_made(r, arena, &v->made, &v->made_count);
}
