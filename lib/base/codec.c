/* codec.c - the only reader and writer of our binary data. */
#include "base/codec.h"

#include <string.h>

struct reader
reader_from(struct bytes bytes)
{
    return (struct reader){ bytes.data, bytes.data == NULL ? NULL : bytes.data + bytes.size, false };
}

void
reader_fail(struct reader *r)
{
    r->failed = true;
    r->at = r->end;
}

bool
reader_ok(const struct reader *r)
{
    return !r->failed;
}

bool
reader_finished(const struct reader *r)
{
    return !r->failed && r->at == r->end;
}

const uint8_t *
read_raw(struct reader *r, size_t size)
{
    const uint8_t *at = r->at;

    if (r->failed || size > (size_t)(r->end - r->at)) {
        reader_fail(r);
        return NULL;
    }
    r->at += size;
    return at;
}

static uint64_t
read_le(struct reader *r, size_t size)
{
    const uint8_t *at = read_raw(r, size);
    uint64_t v = 0;

    for (size_t i = 0; at != NULL && i < size; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

uint8_t read_u8(struct reader *r) { return (uint8_t)read_le(r, 1); }
uint16_t read_u16(struct reader *r) { return (uint16_t)read_le(r, 2); }
uint32_t read_u32(struct reader *r) { return (uint32_t)read_le(r, 4); }
uint64_t read_u64(struct reader *r) { return read_le(r, 8); }
int32_t read_i32(struct reader *r) { return (int32_t)read_le(r, 4); }
int64_t read_i64(struct reader *r) { return (int64_t)read_le(r, 8); }

double
read_f64(struct reader *r)
{
    uint64_t bits = read_le(r, 8);
    double v;

    memcpy(&v, &bits, sizeof v);
    /* Not a number would slip through every comparison that follows. */
    if (v != v) {
        reader_fail(r);
        return 0;
    }
    return v;
}

uint64_t
read_var(struct reader *r)
{
    uint64_t v = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t b = read_u8(r);

        if (shift == 63 && b > 1)
            break;
        v |= (uint64_t)(b & 0x7f) << shift;
        if ((b & 0x80) == 0)
            return r->failed ? 0 : v;
    }
    reader_fail(r);
    return 0;
}

int64_t
read_svar(struct reader *r)
{
    uint64_t v = read_var(r);

    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

struct bytes
read_bytes(struct reader *r, size_t max)
{
    uint32_t size = read_u32(r);
    const uint8_t *at;

    if (size > max) {
        reader_fail(r);
        return (struct bytes){ NULL, 0 };
    }
    at = read_raw(r, size);
    return (struct bytes){ at, at == NULL ? 0 : size };
}

char *
read_text(struct reader *r, size_t max, struct arena *arena)
{
    struct bytes b = read_bytes(r, max);
    char *text;

    if (r->failed || (b.size > 0 && memchr(b.data, 0, b.size) != NULL) ||
        (text = arena_copy(arena, b.data, b.size)) == NULL) {
        reader_fail(r);
        return NULL;
    }
    return text;
}

uint32_t
read_count(struct reader *r, uint32_t max)
{
    uint32_t count = read_u32(r);

    if (count > max) {
        reader_fail(r);
        return 0;
    }
    return count;
}

static void
write_le(struct buffer *b, uint64_t v, size_t size)
{
    uint8_t raw[8];

    for (size_t i = 0; i < size; i++)
        raw[i] = (uint8_t)(v >> (8 * i));
    buffer_append(b, raw, size);
}

void write_u8(struct buffer *b, uint8_t v) { write_le(b, v, 1); }
void write_u16(struct buffer *b, uint16_t v) { write_le(b, v, 2); }
void write_u32(struct buffer *b, uint32_t v) { write_le(b, v, 4); }
void write_u64(struct buffer *b, uint64_t v) { write_le(b, v, 8); }
void write_i32(struct buffer *b, int32_t v) { write_le(b, (uint32_t)v, 4); }
void write_i64(struct buffer *b, int64_t v) { write_le(b, (uint64_t)v, 8); }

void
write_f64(struct buffer *b, double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof bits);
    write_le(b, bits, 8);
}

void
write_var(struct buffer *b, uint64_t v)
{
    while (v >= 0x80) {
        write_u8(b, (uint8_t)(v | 0x80));
        v >>= 7;
    }
    write_u8(b, (uint8_t)v);
}

void
write_svar(struct buffer *b, int64_t v)
{
    write_var(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

void
write_raw(struct buffer *b, const void *v, size_t size)
{
    buffer_append(b, v, size);
}

void
write_bytes(struct buffer *b, struct bytes v)
{
    if (v.size > UINT32_MAX) {
        b->failed = true;
        return;
    }
    write_u32(b, (uint32_t)v.size);
    buffer_append(b, v.data, v.size);
}

void
write_text(struct buffer *b, const char *text)
{
    write_bytes(b, bytes_str(text == NULL ? "" : text));
}
