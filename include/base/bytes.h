/*
 * bytes.h - a slice of memory, and a buffer that grows to a ceiling.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"

struct bytes {
    const uint8_t *data; /* borrowed */
    size_t size;
};

struct buffer {
    uint8_t *data;
    size_t size;
    size_t room;
    size_t limit;
    bool failed; /* an append did not fit; all later ones fail too */
};

void buffer_init(struct buffer *buffer, size_t limit);
/* Wipe and release. */
void buffer_done(struct buffer *buffer);
/* False, and failed is set, when the ceiling or memory ends. */
bool buffer_append(struct buffer *buffer, const void *bytes, size_t size);
/* Room for size more bytes at the end, which the caller fills; NULL on failure. */
uint8_t *buffer_extend(struct buffer *buffer, size_t size);
struct bytes buffer_bytes(const struct buffer *buffer);
struct bytes bytes_of(const void *data, size_t size);
struct bytes bytes_str(const char *text);
bool bytes_equal(struct bytes a, struct bytes b);
/* Overwrite so that the compiler cannot leave it out. */
void bytes_wipe(void *data, size_t size);

#endif
