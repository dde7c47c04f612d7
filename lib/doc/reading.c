/*
 * reading.c - encode and decode what was read on one page.
 *
 * Boxes are written as differences to the one before and the whole is deflated: a dense
 * page of 500 words takes some 6 KiB instead of 20.  Inflating stops at a ceiling.
 */
#include "doc/reading.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

#define VERSION 5
#define VERSION_LEAST 2 /* of 0.2.0: zones without second and other; 3: without strikes; 4, of 0.5.0: without flat */
#define SPAN_MAX 1000000 /* no coordinate and no difference is larger */
#define WORDS_MAX 40000
#define ZONES_MAX 2000
#define CODES_MAX 200
#define STRIKES_MAX 2000
#define TEXT_MAX 4096
#define PLAIN_MAX ((size_t)16 << 20)

static void
put_box(struct buffer *b, struct box *last, struct box box)
{
    write_svar(b, (int64_t)box.x0 - last->x0);
    write_svar(b, (int64_t)box.y0 - last->y0);
    write_svar(b, (int64_t)box.x1 - box.x0);
    write_svar(b, (int64_t)box.y1 - box.y0);
    *last = box;
}

static int32_t
clamp(int64_t v, struct reader *r)
{
    if (v < -SPAN_MAX || v > SPAN_MAX) {
        reader_fail(r);
        return 0;
    }
    return (int32_t)v;
}

static struct box
get_box(struct reader *r, struct box *last)
{
    struct box box;

    box.x0 = clamp(clamp(read_svar(r), r) + last->x0, r);
    box.y0 = clamp(clamp(read_svar(r), r) + last->y0, r);
    box.x1 = clamp(clamp(read_svar(r), r) + box.x0, r);
    box.y1 = clamp(clamp(read_svar(r), r) + box.y0, r);
    *last = box;
    return box;
}

/* Shares and confidences: 16 bits are plenty. */
static void
put_share(struct buffer *b, float v)
{
    write_u16(b, (uint16_t)(v <= 0 ? 0 : v >= 1 ? 65535 : v * 65535.0f + 0.5f));
}

static float
get_share(struct reader *r)
{
    return (float)read_u16(r) / 65535.0f;
}

static void
put_facts(struct buffer *b, const struct page_facts *f)
{
    write_u8(b, (uint8_t)f->kind);
    write_var(b, f->page_k);
    write_var(b, f->page_n);
    put_share(b, f->start);
    write_u32(b, f->width);
    write_u32(b, f->height);
    put_share(b, f->ink);
    write_u32(b, f->words);
    write_u16(b, (uint16_t)f->reason);
}

static void
get_facts(struct reader *r, struct page_facts *f)
{
    f->kind = read_u8(r) & 3;
    f->page_k = (uint32_t)read_var(r);
    f->page_n = (uint32_t)read_var(r);
    f->start = get_share(r);
    f->width = read_u32(r);
    f->height = read_u32(r);
    f->ink = get_share(r);
    f->words = read_u32(r);
    f->reason = reason_row(read_u16(r))->reason;
}

static void
put_flat(struct buffer *b, const struct flat_map *map, uint32_t width)
{
    write_u8(b, map->on);
    for (int i = 0; map->on && i < 8; i++)
        write_f64(b, map->p[i]);
    if (map->on)
        write_u32(b, width);
}

static void
get_flat(struct reader *r, struct flat_map *map, uint32_t *width)
{
    uint8_t on = read_u8(r);

    if (on > 1)
        reader_fail(r);
    map->on = on == 1;
    for (int i = 0; map->on && i < 8; i++) {
        map->p[i] = read_f64(r);
        if (!isfinite(map->p[i]))
            reader_fail(r);
    }
    if (map->on)
        *width = read_u32(r);
}

static void
write_plain(struct buffer *b, const struct page_reading *p)
{
    struct box last = { 0, 0, 0, 0 };

    put_facts(b, &p->facts);
    write_u32(b, p->dpi);
    write_u16(b, (uint16_t)p->rotation);
    write_f64(b, (double)p->skew);
    write_text(b, p->form);
    put_share(b, p->form_conf);
    write_text(b, p->made_by != NULL ? p->made_by : "");
    write_u32(b, p->word_count);
    for (uint32_t i = 0; i < p->word_count; i++) {
        put_box(b, &last, p->words[i].box);
        write_text(b, p->words[i].text);
        put_share(b, p->words[i].conf);
        write_text(b, p->words[i].second != NULL ? p->words[i].second : "");
        put_share(b, p->words[i].second_conf);
        write_u8(b, (uint8_t)p->words[i].reader);
        write_var(b, p->words[i].line);
        write_var(b, p->words[i].block);
    }
    write_u32(b, p->zone_count);
    for (uint32_t i = 0; i < p->zone_count; i++) {
        put_box(b, &last, p->zones[i].box);
        write_text(b, p->zones[i].zone);
        write_text(b, p->zones[i].text);
        put_share(b, p->zones[i].conf);
        put_share(b, p->zones[i].ink);
        write_u8(b, (uint8_t)p->zones[i].mark);
        write_text(b, p->zones[i].second != NULL ? p->zones[i].second : "");
        write_text(b, p->zones[i].other != NULL ? p->zones[i].other : "");
        put_share(b, p->zones[i].other_conf);
    }
    write_u32(b, p->code_count);
    for (uint32_t i = 0; i < p->code_count; i++) {
        put_box(b, &last, p->codes[i].box);
        write_text(b, p->codes[i].kind);
        write_text(b, p->codes[i].text);
    }
    write_u32(b, p->strike_count);
    for (uint32_t i = 0; i < p->strike_count; i++)
        put_box(b, &last, p->strikes[i]);
    put_flat(b, &p->flat, p->flat_width);
}

void
reading_write(struct buffer *b, const struct page_reading *reading)
{
    struct buffer plain;
    uLongf room;
    uint8_t *at;

    buffer_init(&plain, PLAIN_MAX);
    write_plain(&plain, reading);
    room = compressBound((uLong)plain.size);
    if (plain.failed) {
        b->failed = true;
        goto out;
    }
    write_u8(b, VERSION);
    write_u32(b, (uint32_t)plain.size);
    if ((at = buffer_extend(b, room)) == NULL)
        goto out;
    if (compress2(at, &room, plain.data, (uLong)plain.size, 6) != Z_OK)
        b->failed = true;
    else
        b->size = (size_t)(at - b->data) + room;
out:
    buffer_done(&plain);
}

static bool
get_words(struct reader *r, struct box *last, struct arena *arena, struct page_reading *p)
{
    p->word_count = read_count(r, WORDS_MAX);
    if ((p->words = arena_array(arena, p->word_count, sizeof *p->words)) == NULL)
        return false;
    for (uint32_t i = 0; i < p->word_count && reader_ok(r); i++) {
        p->words[i].box = get_box(r, last);
        p->words[i].text = read_text(r, TEXT_MAX, arena);
        p->words[i].conf = get_share(r);
        p->words[i].second = read_text(r, TEXT_MAX, arena);
        p->words[i].second_conf = get_share(r);
        p->words[i].reader = read_u8(r) == READER_OWN ? READER_OWN : READER_TESSERACT;
        p->words[i].line = (uint32_t)read_var(r);
        p->words[i].block = (uint32_t)read_var(r);
    }
    return true;
}

static bool
get_zones(struct reader *r, uint8_t version, struct box *last, struct arena *arena, struct page_reading *p)
{
    p->zone_count = read_count(r, ZONES_MAX);
    if ((p->zones = arena_array(arena, p->zone_count, sizeof *p->zones)) == NULL)
        return false;
    for (uint32_t i = 0; i < p->zone_count && reader_ok(r); i++) {
        p->zones[i].box = get_box(r, last);
        p->zones[i].zone = read_text(r, TEXT_MAX, arena);
        p->zones[i].text = read_text(r, TEXT_MAX, arena);
        p->zones[i].conf = get_share(r);
        p->zones[i].ink = get_share(r);
        p->zones[i].mark = read_u8(r) & 3;
        p->zones[i].second = version > 2 ? read_text(r, TEXT_MAX, arena) : "";
        p->zones[i].other = version > 2 ? read_text(r, TEXT_MAX, arena) : "";
        p->zones[i].other_conf = version > 2 ? get_share(r) : 0;
    }
    return true;
}

static bool
get_codes(struct reader *r, struct box *last, struct arena *arena, struct page_reading *p)
{
    p->code_count = read_count(r, CODES_MAX);
    if ((p->codes = arena_array(arena, p->code_count, sizeof *p->codes)) == NULL)
        return false;
    for (uint32_t i = 0; i < p->code_count && reader_ok(r); i++) {
        p->codes[i].box = get_box(r, last);
        p->codes[i].kind = read_text(r, TEXT_MAX, arena);
        p->codes[i].text = read_text(r, TEXT_MAX, arena);
    }
    return true;
}

static bool
get_strikes(struct reader *r, struct box *last, struct arena *arena, struct page_reading *p)
{
    p->strike_count = read_count(r, STRIKES_MAX);
    if ((p->strikes = arena_array(arena, p->strike_count, sizeof *p->strikes)) == NULL)
        return false;
    for (uint32_t i = 0; i < p->strike_count && reader_ok(r); i++)
        p->strikes[i] = get_box(r, last);
    return true;
}

enum rc
reading_read(struct bytes bytes, struct arena *arena, struct page_reading **out)
{
    struct reader outer = reader_from(bytes);
    struct page_reading *p = arena_alloc(arena, sizeof *p);
    struct box last = { 0, 0, 0, 0 };
    struct reader r;
    uint8_t version = read_u8(&outer);
    uint32_t size = read_u32(&outer);
    uLongf got = size;
    uint8_t *plain;

    if (!reader_ok(&outer) || version < VERSION_LEAST || version > VERSION)
        return RC_INPUT;
    if (size > PLAIN_MAX)
        return RC_LIMIT;
    if (p == NULL || (plain = arena_alloc(arena, size)) == NULL)
        return RC_NOMEM;
    if (uncompress(plain, &got, outer.at, (uLong)(outer.end - outer.at)) != Z_OK || got != size)
        return RC_INPUT;
    r = reader_from(bytes_of(plain, size));
    get_facts(&r, &p->facts);
    p->dpi = read_u32(&r);
    p->rotation = read_u16(&r);
    p->skew = (float)read_f64(&r);
    p->form = read_text(&r, TEXT_MAX, arena);
    p->form_conf = get_share(&r);
    p->made_by = read_text(&r, TEXT_MAX, arena);
    if (!get_words(&r, &last, arena, p) || !get_zones(&r, version, &last, arena, p) ||
        !get_codes(&r, &last, arena, p) || (version > 3 && !get_strikes(&r, &last, arena, p)))
        return RC_NOMEM;
    if (version > 4)
        get_flat(&r, &p->flat, &p->flat_width);
    if (!reader_finished(&r))
        return RC_INPUT;
    *out = p;
    return RC_OK;
}
