/*
 * png_head.c - the chunks of a PNG, walked without inflating (W3C PNG, section 5).
 *
 * The walk must reach IEND: libpng would hand out the upper half of a cut image.
 */
#include "image_head.h"

#include <string.h>

#define SIGNATURE 8

static uint32_t
be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool
is_chunk(const uint8_t *at, const char *type)
{
    return memcmp(at + 4, type, 4) == 0;
}

/* Which depths go with which colour type: table 11.1. */
static bool
depth_fits(unsigned depth, unsigned color)
{
    switch (color) {
    case 0: return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case 3: return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case 2: case 4: case 6: return depth == 8 || depth == 16;
    default: return false;
    }
}

static enum reason
header(const uint8_t *data, uint32_t size, struct image_frame *f, uint32_t *detail)
{
    if (size != 13)
        return REASON_DAMAGED;
    f->width = be32(data);
    f->height = be32(data + 4);
    if (!depth_fits(data[8], data[9]) || data[10] != 0 || data[11] != 0 || data[12] > 1)
        return REASON_DAMAGED;
    return size_reason(f->width, f->height, detail);
}

static enum reason
walk(struct bytes b, struct image_frame *f, uint32_t *detail)
{
    const uint8_t *at = b.data + SIGNATURE, *end = b.data + b.size;
    bool first = true, image = false;
    enum reason why;

    while (end - at >= 12) {
        uint32_t size = be32(at);
        const uint8_t *data = at + 8;

        if (size > (size_t)(end - data) - 4)
            return size > INT32_MAX ? REASON_DAMAGED : REASON_TRUNCATED;
        if (first != is_chunk(at, "IHDR"))
            return REASON_DAMAGED;
        if (first && (why = header(data, size, f, detail)) != REASON_NONE)
            return why;
        first = false;
        image = image || is_chunk(at, "IDAT");
        /* pHYs: pixels per metre, when they are the same both ways */
        if (is_chunk(at, "pHYs") && size == 9 && data[8] == 1 && be32(data) == be32(data + 4) &&
            be32(data) < 100000)
            f->dpi = (uint32_t)(be32(data) * 0.0254 + 0.5);
        if (is_chunk(at, "IEND"))
            return image ? REASON_NONE : REASON_DAMAGED;
        at = data + size + 4;
    }
    return REASON_TRUNCATED;
}

enum rc
png_head(struct bytes bytes, struct arena *arena, struct image_head *out, enum reason *why,
         uint32_t *detail)
{
    if ((out->frames = arena_array(arena, 1, sizeof *out->frames)) == NULL)
        return RC_NOMEM;
    out->count = 1;
    *why = bytes.size < SIGNATURE ? REASON_TRUNCATED : walk(bytes, out->frames, detail);
    return RC_OK;
}
