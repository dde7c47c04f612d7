/*
 * spool_end.c - is the end of a file's format there?
 *
 * Decoders do not notice a cut file (a PDF without its last 30 bytes, a zip without its last 5 were
 * accepted by theirs), so completeness is decided here.  Reads a few blocks with pread, follows
 * nothing it reads further than the file's size, and allocates nothing.
 */
#include <string.h>
#include <unistd.h>

#include "doc/sniff.h"
#include "sys/spool.h"

#define HEAD_SIZE 1024
#define TAIL_SIZE 4096
#define ZIP_TAIL (65535 + 22) /* the comment is at most 65,535 bytes */
#define IFDS_MAX 1100
#define IFD_ENTRIES_MAX 512

static bool
get(const struct spool_file *file, uint64_t at, void *out, size_t size)
{
    return at <= file->size && size <= file->size - at && pread(file->fd, out, size, (off_t)at) == (ssize_t)size;
}

/* Is the mark in the last "window" bytes? */
static bool
tail_has(const struct spool_file *file, size_t window, const void *mark, size_t size)
{
    uint8_t tail[TAIL_SIZE];
    size_t n = file->size < window ? (size_t)file->size : window;

    return get(file, file->size - n, tail, n) && memmem(tail, n, mark, size) != NULL;
}

/* The end record's comment must end with the file. */
static bool
zip_ended(const struct spool_file *file)
{
    uint8_t block[TAIL_SIZE + 22];
    uint64_t from = file->size > ZIP_TAIL ? file->size - ZIP_TAIL : 0;

    for (uint64_t at = file->size; at > from;) {
        uint64_t start = at > from + TAIL_SIZE ? at - TAIL_SIZE : from;
        size_t n = (size_t)(at - start) + 22;

        if (n > file->size - start)
            n = (size_t)(file->size - start);
        if (!get(file, start, block, n))
            return false;
        for (size_t i = n < 22 ? 0 : n - 22 + 1; i-- > 0;)
            if (memcmp(block + i, "PK\5\6", 4) == 0 &&
                start + i + 22 + (block[i + 20] | block[i + 21] << 8) == file->size)
                return true;
        at = start;
    }
    return false;
}

static uint64_t
number(const uint8_t *at, unsigned size, bool big)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < size; i++)
        n |= (uint64_t)at[big ? size - 1 - i : i] << (8 * i);
    return n;
}

/* What the directories of a TIFF say, classic or big. */
struct tiff {
    const struct spool_file *file;
    bool big_endian, big;
};

/* The i-th of an array of SHORT, LONG or LONG8, which lies in the entry when it fits there. */
static bool
tiff_value(const struct tiff *t, const uint8_t *entry, uint64_t i, uint64_t *out)
{
    unsigned type = (unsigned)number(entry + 2, 2, t->big_endian);
    unsigned width = type == 3 ? 2 : type == 4 ? 4 : type == 16 ? 8 : 0;
    uint64_t count = number(entry + 4, t->big ? 8 : 4, t->big_endian);
    const uint8_t *inside = entry + (t->big ? 12 : 8);
    unsigned room = t->big ? 8 : 4;
    uint8_t raw[8];

    if (width == 0 || i >= count || count > t->file->size)
        return false;
    if (count * width <= room) {
        *out = number(inside + i * width, width, t->big_endian);
        return true;
    }
    if (!get(t->file, number(inside, room, t->big_endian) + i * width, raw, width))
        return false;
    *out = number(raw, width, t->big_endian);
    return true;
}

/* One directory: the last strip or tile must lie within the file. */
static bool
tiff_directory(const struct tiff *t, uint64_t at, uint64_t *next)
{
    unsigned head = t->big ? 8 : 2, width = t->big ? 20 : 12, link = t->big ? 8 : 4;
    uint8_t raw[20], offsets[20], counts[20];
    bool have_offsets = false, have_counts = false;
    uint64_t entries;

    if (at < 8 || !get(t->file, at, raw, head))
        return false;
    entries = number(raw, head, t->big_endian);
    if (entries == 0 || entries > IFD_ENTRIES_MAX)
        return false;
    for (uint64_t i = 0; i < entries; i++) {
        unsigned tag;

        if (!get(t->file, at + head + i * width, raw, width))
            return false;
        tag = (unsigned)number(raw, 2, t->big_endian);
        if (tag == 273 || tag == 324) {
            memcpy(offsets, raw, width);
            have_offsets = true;
        } else if (tag == 279 || tag == 325) {
            memcpy(counts, raw, width);
            have_counts = true;
        }
    }
    if (have_offsets && have_counts) {
        uint64_t last = number(offsets + 4, t->big ? 8 : 4, t->big_endian), offset = 0, size = 0;

        if (last == 0 || !tiff_value(t, offsets, last - 1, &offset) || !tiff_value(t, counts, last - 1, &size) ||
            offset > t->file->size || size > t->file->size - offset)
            return false;
    }
    if (!get(t->file, at + head + entries * width, raw, link))
        return false;
    *next = number(raw, link, t->big_endian);
    return true;
}

static bool
tiff_ended(const struct spool_file *file, const uint8_t *head)
{
    struct tiff t = { file, head[0] == 'M', false };
    uint64_t at;

    t.big = number(head + 2, 2, t.big_endian) == 43;
    at = number(head + (t.big ? 8 : 4), t.big ? 8 : 4, t.big_endian);
    for (unsigned i = 0; i < IFDS_MAX; i++) {
        if (!tiff_directory(&t, at, &at))
            return false;
        if (at == 0)
            return true;
    }
    return true; /* more pages than we take: decode says so */
}

/* Two blocks of zeros, and whole blocks. */
static bool
tar_ended(const struct spool_file *file)
{
    uint8_t end[1024];

    if (file->size < 1536 || file->size % 512 != 0 || !get(file, file->size - sizeof end, end, sizeof end))
        return false;
    for (size_t i = 0; i < sizeof end; i++)
        if (end[i] != 0)
            return false;
    return true;
}

enum spool_end
spool_end(const struct spool_file *file)
{
    uint8_t head[HEAD_SIZE];
    size_t n = file->size < sizeof head ? (size_t)file->size : sizeof head;
    bool ended;

    /* An empty file is one that somebody has just made. */
    if (n == 0 || !get(file, 0, head, n))
        return SPOOL_CUT;
    switch (format_sniff((struct bytes){ head, n }, NULL)) {
    case FORMAT_PNG: ended = tail_has(file, 1024, "IEND\xae\x42\x60\x82", 8); break;
    case FORMAT_JPEG: ended = tail_has(file, TAIL_SIZE, "\xff\xd9", 2); break;
    case FORMAT_PDF: ended = tail_has(file, 2048, "%%EOF", 5); break;
    case FORMAT_ZIP: ended = zip_ended(file); break;
    case FORMAT_TIFF: ended = n >= 16 && tiff_ended(file, head); break;
    case FORMAT_TAR: ended = tar_ended(file); break;
    default: return SPOOL_NO_MARK;
    }
    return ended ? SPOOL_ENDED : SPOOL_CUT;
}
