/*
 * image_head.h - what an image file says of itself, read without decoding a pixel.
 *
 * Sizes are checked before a library sees the bytes: a header that asks for 10 GB or a
 * directory that points at itself must cost nothing.
 */
#ifndef STAGES_IMAGE_HEAD_H
#define STAGES_IMAGE_HEAD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "doc/reason.h"

#define FRAMES_MAX 1000
#define SCANS_MAX 100 /* of a progressive JPEG; encoders make about ten */

struct image_frame {
    uint32_t width, height; /* before turning; with square pixels (see square_height) */
    uint32_t dpi;           /* 0: not said, or not to be believed                  */
    int rotation;           /* degrees clockwise to make it upright: 0 90 180 270  */
    bool mirrored;
    uint32_t offset;        /* of a TIFF directory                                 */
};

struct image_head {
    struct image_frame *frames; /* in the arena */
    uint32_t count;
};

/*
 * Each: RC_OK with *why REASON_NONE and the head filled, or with the reason why not (detail a number
 * that goes with it); RC_NOMEM.
 */
MUST_USE enum rc png_head(struct bytes bytes, struct arena *arena, struct image_head *out,
                          enum reason *why, uint32_t *detail);
MUST_USE enum rc jpeg_head(struct bytes bytes, struct arena *arena, struct image_head *out,
                           enum reason *why, uint32_t *detail);
MUST_USE enum rc tiff_head(struct bytes bytes, struct arena *arena, struct image_head *out,
                           enum reason *why, uint32_t *detail);

/* REASON_NONE, or why an image of this size is not taken. */
enum reason size_reason(uint64_t width, uint64_t height, uint32_t *detail);
/* The EXIF block of a JPEG or a TIFF: its orientation, 1 to 8; 1 when it says none. */
unsigned exif_orientation(struct bytes tiff);
/* Orientation to a turn; 0 of the low ones is "as it is". */
void orientation_turn(unsigned orientation, struct image_frame *frame);

/*
 * Fax machines write fewer rows than columns to the inch (204 by 98): the height that makes the
 * pixels square, or height itself when they nearly are, or when the two cannot be believed.
 */
uint32_t square_height(uint32_t height, double xdpi, double ydpi);

/* Within 72..1200 and giving a page between 2 and 60 inches, else a guess from the longest side. */
uint32_t dpi_believed(uint32_t dpi, uint32_t width, uint32_t height);

#endif
