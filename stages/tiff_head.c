/*
 * tiff_head.c - the directories of a TIFF, walked without libtiff (TIFF 6.0, section 2).
 *
 * Gives every page's size and the offset of its directory.  A chain that comes back to a
 * directory it has seen ends there; one that never ends meets the page limit.
 */
#include "image_head.h"

#include <stdlib.h>
#include <string.h>

#include "base/codec.h"

#define ENTRIES_LIMIT 1024 /* of one directory; writers use about twenty */
#define STRIPS_LIMIT 1000000
#define SAMPLES_MAX 5      /* CMYK and one alpha */

enum tag {
    TAG_SUBFILE = 254,
    TAG_WIDTH = 256,
    TAG_HEIGHT = 257,
    TAG_BITS = 258,
    TAG_COMPRESSION = 259,
    TAG_STRIPS = 273,
    TAG_ORIENTATION = 274,
    TAG_SAMPLES = 277,
    TAG_STRIP_SIZES = 279,
    TAG_XRES = 282,
    TAG_YRES = 283,
    TAG_UNIT = 296,
    TAG_TILE_WIDTH = 322,
    TAG_TILES = 324,
    TAG_TILE_SIZES = 325
};

struct tiff {
    struct bytes b;
    bool big;
};

struct directory {
    uint32_t width, height, bits, samples, compression, orientation, unit, subfile;
    double xres, yres;
    size_t offsets, sizes; /* the entries that say where the pixels lie; 0: absent */
    uint32_t next;
};

static uint32_t
get16(const struct tiff *t, size_t at)
{
    const uint8_t *p = t->b.data + at;

    return t->big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static uint32_t
get32(const struct tiff *t, size_t at)
{
    return t->big ? get16(t, at) << 16 | get16(t, at + 2) : get16(t, at + 2) << 16 | get16(t, at);
}

static bool
inside(const struct tiff *t, size_t at, size_t size)
{
    return at <= t->b.size && size <= t->b.size - at;
}

static bool
open_tiff(struct bytes b, struct tiff *t)
{
    t->b = b;
    if (b.size < 8)
        return false;
    t->big = b.data[0] == 'M';
    return (memcmp(b.data, "II", 2) == 0 || memcmp(b.data, "MM", 2) == 0) && get16(t, 2) == 42;
}

/* The first value of an entry, of type SHORT or LONG; for BitsPerSample with more, the first of them. */
static uint32_t
value_of(const struct tiff *t, size_t entry)
{
    uint32_t type = get16(t, entry + 2), count = get32(t, entry + 4);
    size_t at = entry + 8;

    if (type == 3 && count > 2)
        at = get32(t, entry + 8);
    if (type == 4 && count > 1)
        at = get32(t, entry + 8);
    if (!inside(t, at, 4))
        return 0;
    return type == 3 ? get16(t, at) : type == 4 ? get32(t, at) : type == 1 ? t->b.data[at] : 0;
}

/* How many values an entry has, and where the first lies; 0 when they do not lie inside the file. */
static uint32_t
array_of(const struct tiff *t, size_t entry, size_t *at, uint32_t *width)
{
    uint32_t type = get16(t, entry + 2), count = get32(t, entry + 4);

    *width = type == 3 ? 2 : type == 4 ? 4 : 0;
    if (*width == 0 || count == 0 || count > STRIPS_LIMIT)
        return 0;
    *at = (size_t)count * *width <= 4 ? entry + 8 : get32(t, entry + 8);
    return inside(t, *at, (size_t)count * *width) ? count : 0;
}

/* Do all strips or tiles lie inside the file?  libtiff fills what is missing with white or black. */
static enum reason
check_data(const struct tiff *t, const struct directory *d)
{
    size_t at = 0, sizes_at = 0;
    uint32_t width, sizes_width = 0, count, sizes = 0;

    if (d->offsets == 0)
        return REASON_DAMAGED;
    if ((count = array_of(t, d->offsets, &at, &width)) == 0)
        return REASON_TRUNCATED;
    if (d->sizes != 0)
        sizes = array_of(t, d->sizes, &sizes_at, &sizes_width);
    for (uint32_t i = 0; i < count; i++) {
        size_t offset = width == 2 ? get16(t, at + 2 * (size_t)i) : get32(t, at + 4 * (size_t)i),
               size = 1;

        if (i < sizes)
            size = sizes_width == 2 ? get16(t, sizes_at + 2 * (size_t)i)
                                    : get32(t, sizes_at + 4 * (size_t)i);
        if (!inside(t, offset, size))
            return REASON_TRUNCATED;
    }
    return REASON_NONE;
}

static double
rational_of(const struct tiff *t, size_t entry)
{
    size_t at = get32(t, entry + 8);

    if (get16(t, entry + 2) != 5 || !inside(t, at, 8) || get32(t, at + 4) == 0)
        return 0;
    return (double)get32(t, at) / get32(t, at + 4);
}

static void
take_entry(const struct tiff *t, size_t entry, struct directory *d)
{
    switch (get16(t, entry)) {
    case TAG_SUBFILE: d->subfile = value_of(t, entry); break;
    case TAG_WIDTH: d->width = value_of(t, entry); break;
    case TAG_HEIGHT: d->height = value_of(t, entry); break;
    case TAG_BITS: d->bits = value_of(t, entry); break;
    case TAG_COMPRESSION: d->compression = value_of(t, entry); break;
    case TAG_ORIENTATION: d->orientation = value_of(t, entry); break;
    case TAG_SAMPLES: d->samples = value_of(t, entry); break;
    case TAG_XRES: d->xres = rational_of(t, entry); break;
    case TAG_YRES: d->yres = rational_of(t, entry); break;
    case TAG_UNIT: d->unit = value_of(t, entry); break;
    case TAG_STRIPS: case TAG_TILES: d->offsets = entry; break;
    case TAG_STRIP_SIZES: case TAG_TILE_SIZES: d->sizes = entry; break;
    default: break;
    }
}

/* Do the values of an entry lie inside the file?  Private tags (from 32768) are their owners' business. */
static bool
entry_inside(const struct tiff *t, size_t entry)
{
    static const uint8_t sizes[13] = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8 };
    uint32_t type = get16(t, entry + 2);
    size_t size = type < COUNT_OF(sizes) ? (size_t)get32(t, entry + 4) * sizes[type] : 0;

    return get16(t, entry) >= 32768 || size <= 4 || inside(t, get32(t, entry + 8), size);
}

/* REASON_TRUNCATED when the directory, or what it points at, does not lie inside the file. */
static enum reason
read_directory(const struct tiff *t, uint32_t at, struct directory *d)
{
    uint32_t count;

    *d = (struct directory){
        .bits = 1, .samples = 1, .compression = 1, .orientation = 1, .unit = 2
    };
    if (at < 8 || !inside(t, at, 2))
        return REASON_TRUNCATED;
    count = get16(t, at);
    if (count == 0 || count > ENTRIES_LIMIT)
        return REASON_DAMAGED;
    if (!inside(t, (size_t)at + 2, (size_t)count * 12 + 4))
        return REASON_TRUNCATED;
    for (uint32_t i = 0; i < count; i++) {
        size_t entry = (size_t)at + 2 + (size_t)i * 12;

        if (!entry_inside(t, entry))
            return REASON_TRUNCATED;
        take_entry(t, entry, d);
    }
    d->next = get32(t, (size_t)at + 2 + (size_t)count * 12);
    return REASON_NONE;
}

static enum reason
check_directory(const struct tiff *t, const struct directory *d, uint32_t *detail)
{
    static const uint32_t depths[] = { 1, 2, 4, 8, 16, 32 };
    enum reason why = size_reason(d->width, square_height(d->height, d->xres, d->yres), detail);
    bool depth = false;

    if (why != REASON_NONE)
        return why;
    for (size_t i = 0; i < COUNT_OF(depths); i++)
        depth = depth || d->bits == depths[i];
    if (!depth || d->samples == 0 || d->samples > SAMPLES_MAX)
        return REASON_DAMAGED;
    return check_data(t, d);
}

static void
take_frame(const struct directory *d, uint32_t offset, struct image_frame *f)
{
    double dpi = d->unit == 3 ? d->xres * 2.54 : d->unit == 2 ? d->xres : 0;

    f->width = d->width;
    f->height = square_height(d->height, d->xres, d->yres);
    f->offset = offset;
    f->dpi = dpi > 0 && dpi < 10000 ? (uint32_t)(dpi + 0.5) : 0;
    orientation_turn(d->orientation, f);
}

static bool
seen(const struct image_head *head, uint32_t offset)
{
    for (uint32_t i = 0; i < head->count; i++)
        if (head->frames[i].offset == offset)
            return true;
    return false;
}

enum rc
tiff_head(struct bytes bytes, struct arena *arena, struct image_head *out, enum reason *why,
          uint32_t *detail)
{
    struct tiff t;
    struct directory d;
    uint32_t at, visited = 0;

    out->count = 0;
    *why = REASON_TRUNCATED;
    if (!open_tiff(bytes, &t))
        return RC_OK;
    if ((out->frames = arena_array(arena, FRAMES_MAX, sizeof *out->frames)) == NULL)
        return RC_NOMEM;
    for (at = get32(&t, 4); at != 0 && !seen(out, at); at = d.next) {
        if (++visited > 2 * FRAMES_MAX || out->count == FRAMES_MAX) {
            *why = REASON_TOO_MANY_PAGES;
            *detail = FRAMES_MAX;
            return RC_OK;
        }
        if ((*why = read_directory(&t, at, &d)) != REASON_NONE)
            return RC_OK;
        /* bit 0: a reduced copy (a thumbnail) of another page */
        if ((d.subfile & 1) != 0 && d.next != 0)
            continue;
        if ((*why = check_directory(&t, &d, detail)) != REASON_NONE)
            return RC_OK;
        take_frame(&d, at, &out->frames[out->count++]);
    }
    *why = out->count > 0 ? REASON_NONE : REASON_NO_PAGES;
    return RC_OK;
}

unsigned
exif_orientation(struct bytes tiff)
{
    struct directory d;
    struct tiff t;

    if (!open_tiff(tiff, &t) || read_directory(&t, get32(&t, 4), &d) != REASON_NONE)
        return 1;
    return d.orientation;
}
