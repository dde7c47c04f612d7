/* zip_head.c - the end record and the central directory of a ZIP (PKWARE APPNOTE, section 4.3). */
#include "zip_head.h"

#include <stdbool.h>
#include <string.h>

#include "doc/entry.h"
#include "unpack.h"

#define END_SIZE 22
#define COMMENT_MAX 65535
#define ENTRY_SIZE 46
#define STORED 0
#define DEFLATED 8

struct directory {
    uint64_t at, size, count;
};

static uint32_t
le16(const uint8_t *p)
{
    return (uint32_t)p[1] << 8 | p[0];
}

static uint32_t
le32(const uint8_t *p)
{
    return le16(p + 2) << 16 | le16(p);
}

static uint64_t
le64(const uint8_t *p)
{
    return (uint64_t)le32(p + 4) << 32 | le32(p);
}

/* The last end record whose comment reaches to the end of the file, or the last of all. */
static const uint8_t *
find_end(struct bytes b)
{
    const uint8_t *last = NULL;
    size_t most = b.size < END_SIZE + COMMENT_MAX ? b.size : END_SIZE + COMMENT_MAX;

    for (size_t i = END_SIZE; i <= most; i++) {
        const uint8_t *p = b.data + b.size - i;

        if (memcmp(p, "PK\005\006", 4) != 0)
            continue;
        if (le16(p + 20) == i - END_SIZE)
            return p;
        if (last == NULL)
            last = p;
    }
    return last;
}

/* The 64-bit end record, when the small one says that its fields do not hold the numbers. */
static bool
big_end(struct bytes b, const uint8_t *end, struct directory *d)
{
    uint64_t at;

    if (end - b.data < 20 || memcmp(end - 20, "PK\006\007", 4) != 0)
        return false;
    at = le64(end - 12);
    if (at > b.size || b.size - at < 56 || memcmp(b.data + at, "PK\006\006", 4) != 0)
        return false;
    d->count = le64(b.data + at + 32);
    d->size = le64(b.data + at + 40);
    d->at = le64(b.data + at + 48);
    return true;
}

static bool
find_directory(struct bytes b, struct directory *d)
{
    const uint8_t *end = find_end(b);
    uint64_t before;

    if (end == NULL)
        return false;
    d->count = le16(end + 10);
    d->size = le32(end + 12);
    d->at = le32(end + 16);
    if ((d->count == 0xffff || d->size == 0xffffffff || d->at == 0xffffffff) && !big_end(b, end, d))
        return false;
    before = (uint64_t)(end - b.data);
    /* something may stand before the archive (a self-extractor): then the directory ends where the end record begins */
    if (d->at > before || d->size > before - d->at)
        return false;
    if (d->size > 0 && memcmp(b.data + d->at, "PK\001\002", 4) != 0)
        d->at = before - d->size;
    return true;
}

/* The real size of an entry: in the 64-bit extra field when the small field is full. */
static uint64_t
real_size(const uint8_t *entry, size_t name, size_t extra)
{
    const uint8_t *at = entry + ENTRY_SIZE + name, *end = at + extra;
    uint64_t size = le32(entry + 24);

    if (size != 0xffffffff)
        return size;
    while (end - at >= 4) {
        size_t n = le16(at + 2);

        if (n > (size_t)(end - at) - 4)
            break;
        if (le16(at) == 1 && n >= 8)
            return le64(at + 4);
        at += 4 + n;
    }
    return size;
}

static enum reason
check_entry(const uint8_t *p, size_t name, size_t extra, uint64_t *total, uint32_t *detail)
{
    uint32_t flags = le16(p + 8), method = le16(p + 10);

    if (flags & 1)
        return REASON_PASSWORD;
    if (method != STORED && method != DEFLATED) {
        *detail = method;
        return REASON_FORMAT_REFUSED;
    }
    *total += real_size(p, name, extra);
    return REASON_NONE;
}

enum reason
zip_head(struct bytes b, uint64_t *total, uint32_t *detail)
{
    struct directory d;
    uint64_t count = 0;
    const uint8_t *p, *end;
    enum reason why;

    *total = 0;
    if (!find_directory(b, &d))
        return REASON_TRUNCATED;
    if (d.count > ENTRIES_MAX) {
        *detail = ENTRIES_MAX;
        return REASON_TOO_MANY_ENTRIES;
    }
    for (p = b.data + d.at, end = p + d.size; end - p >= ENTRY_SIZE && count < d.count; count++) {
        size_t name = le16(p + 28), extra = le16(p + 30), comment = le16(p + 32);

        if (memcmp(p, "PK\001\002", 4) != 0 ||
            name + extra + comment > (size_t)(end - p) - ENTRY_SIZE)
            return REASON_DAMAGED;
        if ((why = check_entry(p, name, extra, total, detail)) != REASON_NONE)
            return why;
        if ((why = unpack_limit(*total, b.size, detail)) != REASON_NONE)
            return why;
        p += ENTRY_SIZE + name + extra + comment;
    }
    return count == d.count ? REASON_NONE : REASON_DAMAGED;
}
