/*
 * raster.h - a page as plain pixels: 8-bit gray, row after row, no padding.
 *
 * Header: "ESR1" u32 width, u32 height, u32 dpi, u32 zero; then width*height bytes, 0 black.
 * The plain "P5\nW H\n255\n" that pdftoppm writes is read too (dpi 0: the recipe knows it).
 * Checked against SIDE_MAX and PIXELS_MAX before anything is allocated; the length must be exact.
 */
#ifndef DOC_RASTER_H
#define DOC_RASTER_H

#include "base/bytes.h"

struct raster {
    uint32_t width, height, dpi;
    const uint8_t *pixels; /* borrowed */
};

#define RASTER_HEADER 20

/* RC_INPUT, RC_LIMIT or RC_OK. */
MUST_USE enum rc raster_open(struct bytes bytes, struct raster *out);
void raster_header(uint8_t out[RASTER_HEADER], uint32_t width, uint32_t height, uint32_t dpi);

#endif
