/*
 * codec.h - the only reader and writer of our binary data.
 *
 * Integers are little-endian; text and bytes carry a u32 length.  A reader cannot
 * run past the end: it remembers the first failure and then gives zeros, so the
 * caller tests once, with reader_finished().
 */
#ifndef BASE_CODEC_H
#define BASE_CODEC_H

#include "base/arena.h"
#include "base/bytes.h"

struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

struct reader reader_from(struct bytes bytes);
uint8_t read_u8(struct reader *r);
uint16_t read_u16(struct reader *r);
uint32_t read_u32(struct reader *r);
uint64_t read_u64(struct reader *r);
int32_t read_i32(struct reader *r);
int64_t read_i64(struct reader *r);
double read_f64(struct reader *r);
/* LEB128, at most 10 bytes. */
uint64_t read_var(struct reader *r);
/* Zig-zag LEB128. */
int64_t read_svar(struct reader *r);
/* A borrowed slice of at most max bytes. */
struct bytes read_bytes(struct reader *r, size_t max);
/* Exactly size raw bytes, or NULL. */
const uint8_t *read_raw(struct reader *r, size_t size);
/* A NUL-terminated copy of a text of at most max bytes without NUL bytes in it; NULL on failure. */
char *read_text(struct reader *r, size_t max, struct arena *arena);
/* A count of at most max; fails above it. */
uint32_t read_count(struct reader *r, uint32_t max);
void reader_fail(struct reader *r);
bool reader_ok(const struct reader *r);
/* No failure and nothing left over. */
bool reader_finished(const struct reader *r);

void write_u8(struct buffer *b, uint8_t v);
void write_u16(struct buffer *b, uint16_t v);
void write_u32(struct buffer *b, uint32_t v);
void write_u64(struct buffer *b, uint64_t v);
void write_i32(struct buffer *b, int32_t v);
void write_i64(struct buffer *b, int64_t v);
void write_f64(struct buffer *b, double v);
void write_var(struct buffer *b, uint64_t v);
void write_svar(struct buffer *b, int64_t v);
void write_bytes(struct buffer *b, struct bytes v);
void write_raw(struct buffer *b, const void *v, size_t size);
void write_text(struct buffer *b, const char *text); /* NULL is written as "" */

#endif
