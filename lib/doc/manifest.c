/* manifest.c - what a client says a batch holds, encoded. */
#include "doc/manifest.h"

#include <string.h>

#define VERSION 1

void
manifest_write(struct buffer *b, const struct manifest *manifest)
{
    write_u8(b, VERSION);
    write_u32(b, manifest->count);
    for (uint32_t i = 0; i < manifest->count; i++) {
        const struct manifest_entry *e = &manifest->entries[i];

        write_text(b, e->name);
        write_i32(b, e->pages);
        write_u8(b, e->has_sha256 ? 1 : 0);
        if (e->has_sha256)
            write_raw(b, e->sha256, sizeof e->sha256);
    }
}

enum rc
manifest_read(struct bytes bytes, struct arena *arena, struct manifest **out)
{
    struct reader r = reader_from(bytes);
    struct manifest *m;
    uint8_t version = read_u8(&r);
    uint32_t count = read_u32(&r);

    if (!reader_ok(&r) || version != VERSION)
        return RC_INPUT;
    if (count > MANIFEST_ENTRIES_MAX)
        return RC_LIMIT;
    /* an entry takes nine bytes at least: a count cannot ask for more memory than the bytes earn */
    if ((size_t)count * 9 > bytes.size)
        return RC_INPUT;
    if ((m = arena_alloc(arena, sizeof *m)) == NULL || (m->entries = arena_array(arena,
        count, sizeof *m->entries)) == NULL)
        return RC_NOMEM;
    m->count = count;
    for (uint32_t i = 0; i < count && reader_ok(&r); i++) {
        struct manifest_entry *e = &m->entries[i];
        const uint8_t *raw;

        e->name = read_text(&r, MANIFEST_NAME_MAX, arena);
        e->pages = read_i32(&r);
        e->has_sha256 = read_u8(&r) == 1;
        if (e->pages < -1 || e->name == NULL)
            reader_fail(&r);
        if (e->has_sha256 && (raw = read_raw(&r, sizeof e->sha256)) != NULL)
            memcpy(e->sha256, raw, sizeof e->sha256);
    }
    if (!reader_finished(&r))
        return RC_INPUT;
    *out = m;
    return RC_OK;
}
