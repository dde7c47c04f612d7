/* entry.c - one file out of an archive: its head, and a name made harmless. */
#include "doc/entry.h"

#include <string.h>

#include "doc/sniff.h"

#define VERSION 1

void
entry_head(struct buffer *b, enum file_format format, const char *name)
{
    write_u8(b, VERSION);
    write_u8(b, (uint8_t)format);
    write_text(b, name);
}

enum rc
entry_read(struct bytes bytes, struct arena *arena, struct entry *out)
{
    struct reader r = reader_from(bytes);
    uint8_t version = read_u8(&r), format = read_u8(&r);
    char *name = read_text(&r, ENTRY_NAME_MAX, arena);
    struct bytes raw;

    if (!reader_ok(&r) || version != VERSION || !format_is_known(format) || name == NULL)
        return RC_INPUT;
    /* whoever made this may have lied: clean it again */
    raw = bytes_str(name);
    if ((name = entry_name_clean(raw, arena)) == NULL)
        return RC_NOMEM;
    out->format = (enum file_format)format;
    out->name = name;
    out->bytes = bytes_of(r.at, (size_t)(r.end - r.at));
    return RC_OK;
}

/* Length of the UTF-8 sequence at p, or 0 when it is not one; *code gets the character. */
static size_t
utf8_at(const uint8_t *p, size_t left, uint32_t *code)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t n = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
    uint32_t c;

    if (n == 0 || n > left)
        return 0;
    c = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if (p[i] >> 6 != 2)
            return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return 0;
    *code = c;
    return n;
}

/* Control characters, and those that turn or hide text. */
static bool
is_hidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xffff) || c >= 0xe0000;
}

char *
entry_name_clean(struct bytes raw, struct arena *arena)
{
    char name[ENTRY_NAME_MAX + 1];
    size_t from = 0, size = 0;

    for (size_t i = 0; i < raw.size; i++)
        if ((raw.data[i] == '/' || raw.data[i] == '\\') && i + 1 < raw.size)
            from = i + 1;
    while (from < raw.size) {
        uint32_t c = 0;
        size_t n = utf8_at(raw.data + from, raw.size - from, &c);

        if (n == 0 || is_hidden(c) || c == '/' || c == '\\') {
            if (size + 1 > ENTRY_NAME_MAX)
                break;
            name[size++] = '_';
            from += n == 0 ? 1 : n;
            continue;
        }
        if (size + n > ENTRY_NAME_MAX)
            break;
        memcpy(name + size, raw.data + from, n);
        size += n;
        from += n;
    }
    name[size] = 0;
    if (size == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return arena_str(arena, "entry");
    return arena_copy(arena, name, size);
}
