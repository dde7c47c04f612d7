/*
 * codes_pdf417.h - PDF417 by zxing-cpp; the only header of ours whose other side is C++ (codes_pdf417.cc).
 */
#ifndef STAGES_CODES_PDF417_H
#define STAGES_CODES_PDF417_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A gray picture, 8 bits a pixel, owned by the caller and only read. */
struct pdf417_crop {
    const uint8_t *gray;
    int width, height;
    bool sideways; /* its bars lie: look at it turned by a quarter */
};

/*
 * The bytes of a PDF417 symbol (ISO/IEC 15438) in a crop, upright or upside down: RC_OK, *size of them in out.
 * RC_NOT_FOUND: none whose check words hold, or more than room bytes; RC_LIMIT: the picture has no pixels or more than
 * PDF417_PIXELS_MAX; RC_NOMEM.  No exception leaves it, nothing is kept, no clock is asked: the same crop gives the
 * same.
 */
#define PDF417_PIXELS_MAX (16u << 20)
MUST_USE enum rc codes_pdf417_bytes(const struct pdf417_crop *crop, uint8_t *out, size_t room, size_t *size);

#ifdef __cplusplus
}
#endif

#endif
