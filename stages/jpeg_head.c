/*
 * jpeg_head.c - the markers of a JPEG, walked to its end (ITU-T T.81, annex B).
 *
 * Finds the size, the density, the EXIF orientation; counts the scans (a progressive file
 * may repeat a scan thousands of times and cost minutes) and wants the end marker.
 */
#include "image_head.h"

#include <string.h>

struct walk {
    const uint8_t *at, *end;
    struct image_frame *frame;
    uint32_t *detail;
    uint32_t scans;
    bool sized;
};

static unsigned
be16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* SOF0 to SOF15 without DHT, JPG and DAC. */
static bool
is_frame(unsigned marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static enum reason
take_frame(struct walk *w, unsigned marker, const uint8_t *data, size_t size)
{
    enum reason why;

    /* baseline, extended and progressive Huffman are what libjpeg decodes; 8 bits */
    if (size < 6 || w->sized)
        return REASON_DAMAGED;
    if (marker > 0xc2 || data[0] != 8)
        return REASON_FORMAT_REFUSED;
    w->frame->height = be16(data + 1);
    w->frame->width = be16(data + 3);
    if ((data[5] != 1 && data[5] != 3 && data[5] != 4) || size < 6 + 3u * data[5])
        return REASON_DAMAGED;
    if ((why = size_reason(w->frame->width, w->frame->height, w->detail)) != REASON_NONE)
        return why;
    w->sized = true;
    return REASON_NONE;
}

static void
take_app(struct walk *w, unsigned marker, const uint8_t *data, size_t size)
{
    if (marker == 0xe0 && size >= 12 && memcmp(data, "JFIF", 5) == 0 &&
        be16(data + 8) == be16(data + 10)) {
        if (data[7] == 1)
            w->frame->dpi = be16(data + 8);
        else if (data[7] == 2)
            w->frame->dpi = (uint32_t)(be16(data + 8) * 2.54 + 0.5);
    }
    if (marker == 0xe1 && size > 6 && memcmp(data, "Exif\0", 6) == 0)
        orientation_turn(exif_orientation(bytes_of(data + 6, size - 6)), w->frame);
}

/* Past the coded data of a scan, to the next marker that is neither stuffing nor a restart. */
static bool
skip_scan(struct walk *w)
{
    while (w->end - w->at >= 2) {
        const uint8_t *ff = memchr(w->at, 0xff, (size_t)(w->end - w->at) - 1);

        if (ff == NULL)
            break;
        if (ff[1] != 0 && ff[1] != 0xff && (ff[1] < 0xd0 || ff[1] > 0xd7)) {
            w->at = ff;
            return true;
        }
        w->at = ff[1] == 0xff ? ff + 1 : ff + 2;
    }
    return false;
}

static enum reason
walk_markers(struct walk *w)
{
    enum reason why;

    while (w->end - w->at >= 2) {
        unsigned marker = w->at[1];
        size_t size;

        if (w->at[0] != 0xff)
            return REASON_DAMAGED;
        if (marker == 0xff) {
            w->at++;
            continue;
        }
        w->at += 2;
        if (marker == 0xd9)
            return w->sized && w->scans > 0 ? REASON_NONE : REASON_DAMAGED;
        if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8))
            continue;
        if (w->end - w->at < 2 || (size = be16(w->at)) > (size_t)(w->end - w->at))
            return REASON_TRUNCATED;
        if (size < 2)
            return REASON_DAMAGED;
        if (is_frame(marker) && (why = take_frame(w, marker, w->at + 2, size - 2)) != REASON_NONE)
            return why;
        if ((marker & 0xf0) == 0xe0)
            take_app(w, marker, w->at + 2, size - 2);
        w->at += size;
        if (marker != 0xda)
            continue;
        if (!w->sized)
            return REASON_DAMAGED;
        if (++w->scans > SCANS_MAX) {
            *w->detail = SCANS_MAX;
            return REASON_TIME;
        }
        if (!skip_scan(w))
            return REASON_TRUNCATED;
    }
    return REASON_TRUNCATED;
}

enum rc
jpeg_head(struct bytes bytes, struct arena *arena, struct image_head *out, enum reason *why,
          uint32_t *detail)
{
    struct walk w = { .at = bytes.data, .end = bytes.data + bytes.size, .detail = detail };

    if ((out->frames = arena_array(arena, 1, sizeof *out->frames)) == NULL)
        return RC_NOMEM;
    out->count = 1;
    w.frame = out->frames;
    *why = walk_markers(&w);
    return RC_OK;
}
