/* bytes.c - slices, and a growing buffer with a ceiling. */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

void
bytes_wipe(void *data, size_t size)
{
    if (data != NULL && size > 0)
        explicit_bzero(data, size);
}

struct bytes
bytes_of(const void *data, size_t size)
{
    return (struct bytes){ data, size };
}

struct bytes
bytes_str(const char *text)
{
    return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

bool
bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

void
buffer_init(struct buffer *buffer, size_t limit)
{
    memset(buffer, 0, sizeof *buffer);
    buffer->limit = limit;
}

void
buffer_done(struct buffer *buffer)
{
    bytes_wipe(buffer->data, buffer->room);
    free(buffer->data);
    buffer->data = NULL;
    buffer->size = buffer->room = 0;
}

/* realloc would leave the old bytes behind unwiped, so growing copies and wipes. */
static bool
grow(struct buffer *buffer, size_t need)
{
    size_t room = buffer->room < 256 ? 256 : buffer->room;
    uint8_t *data;

    while (room < need)
        room = room > SIZE_MAX / 2 ? need : room * 2;
    if (room > buffer->limit)
        room = buffer->limit;
    data = malloc(room > 0 ? room : 1);
    if (data == NULL)
        return false;
    if (buffer->size > 0)
        memcpy(data, buffer->data, buffer->size);
    bytes_wipe(buffer->data, buffer->room);
    free(buffer->data);
    buffer->data = data;
    buffer->room = room;
    return true;
}

uint8_t *
buffer_extend(struct buffer *buffer, size_t size)
{
    uint8_t *at;

    if (buffer->failed || size > buffer->limit - buffer->size ||
        (buffer->data == NULL && !grow(buffer, size)) ||
        (buffer->size + size > buffer->room && !grow(buffer, buffer->size + size))) {
        buffer->failed = true;
        return NULL;
    }
    at = buffer->data + buffer->size;
    buffer->size += size;
    return at;
}

bool
buffer_append(struct buffer *buffer, const void *bytes, size_t size)
{
    uint8_t *at = buffer_extend(buffer, size);

    if (at == NULL)
        return false;
    if (size > 0)
        memcpy(at, bytes, size);
    return true;
}

struct bytes
buffer_bytes(const struct buffer *buffer)
{
    return (struct bytes){ buffer->data, buffer->size };
}
