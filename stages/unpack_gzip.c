/*
 * unpack_gzip.c - gzip by zlib, within the limits (RFC 1952).
 *
 * Not through libarchive: its "raw" format takes any bytes for one file.  Here what comes
 * out is looked at as if it had been delivered: a tar is unpacked, anything else is one file.
 */
#include <string.h>
#include <zlib.h>

#include "unpack.h"

#define CHUNK (1u << 18)
#define MEMBERS_MAX 1000

static enum reason
inflate_member(z_stream *z, struct bytes packed, struct buffer *out, uint32_t *detail)
{
    int status = Z_OK;

    while (status != Z_STREAM_END) {
        uint8_t *room = buffer_extend(out, CHUNK);
        enum reason why;

        if (room == NULL)
            return REASON_MEMORY;
        z->next_out = room;
        z->avail_out = CHUNK;
        status = inflate(z, Z_NO_FLUSH);
        out->size -= z->avail_out;
        if (status == Z_BUF_ERROR || (status == Z_OK && z->avail_in == 0 && z->avail_out > 0))
            return REASON_TRUNCATED;
        if (status == Z_MEM_ERROR)
            return REASON_MEMORY;
        if (status != Z_OK && status != Z_STREAM_END)
            return REASON_DAMAGED;
        if ((why = unpack_limit(out->size, packed.size, detail)) != REASON_NONE)
            return why;
    }
    return REASON_NONE;
}

enum rc
gunzip(struct bytes packed, struct buffer *out, enum reason *why, uint32_t *detail)
{
    z_stream z;

    memset(&z, 0, sizeof z);
    buffer_init(out, (size_t)ENTRY_BYTES_MAX + CHUNK + 1);
    *why = REASON_TRUNCATED;
    z.next_in = (Bytef *)(uintptr_t)packed.data;
    z.avail_in = (uInt)packed.size;
    if (packed.size > UINT32_MAX || inflateInit2(&z, 15 + 16) != Z_OK)
        return RC_NOMEM;
    for (int members = 0; members < MEMBERS_MAX; members++) {
        *why = inflate_member(&z, packed, out, detail);
        /* another member may follow; padding and other bytes after the last do not matter */
        if (*why != REASON_NONE || z.avail_in < 18 || z.next_in[0] != 0x1f ||
            z.next_in[1] != 0x8b || inflateReset(&z) != Z_OK)
            break;
    }
    (void)inflateEnd(&z);
    return *why == REASON_MEMORY && out->size < ENTRY_BYTES_MAX ? RC_NOMEM : RC_OK;
}
