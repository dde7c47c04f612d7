/*
 * codes_pdf417.cc - PDF417, by zxing-cpp; the one file that is C++, as that library has no other face.
 *
 * The library is asked for this kind alone, for one symbol, and not to try other sizes or turns: codes_stripes.c knows
 * where a symbol lies and how it is turned.
 */
#include "codes_pdf417.h"

#include <algorithm>
#include <new>

#include <ReadBarcode.h>

static enum rc
read_crop(const struct pdf417_crop *crop, uint8_t *out, size_t room, size_t *size)
{
    const ZXing::ImageView upright(crop->gray, crop->width, crop->height, ZXing::ImageFormat::Lum);
    const ZXing::DecodeHints hints = ZXing::DecodeHints()
                                         .setFormats(ZXing::BarcodeFormat::PDF417)
                                         .setMaxNumberOfSymbols(1)
                                         .setTryRotate(false)
                                         .setTryDownscale(false);
    const ZXing::Result found = ZXing::ReadBarcode(crop->sideways ? upright.rotated(90) : upright, hints);

    /* a part of a set of symbols is no text of its own */
    if (!found.isValid() || found.format() != ZXing::BarcodeFormat::PDF417 || found.isPartOfSequence() ||
        found.bytes().empty() || found.bytes().size() > room)
        return RC_NOT_FOUND;
    std::copy(found.bytes().begin(), found.bytes().end(), out);
    *size = found.bytes().size();
    return RC_OK;
}

extern "C" enum rc
codes_pdf417_bytes(const struct pdf417_crop *crop, uint8_t *out, size_t room, size_t *size)
{
    *size = 0;
    if (crop->width <= 0 || crop->height <= 0 ||
        static_cast<uint64_t>(crop->width) * static_cast<uint64_t>(crop->height) > PDF417_PIXELS_MAX)
        return RC_LIMIT;
    try {
        return read_crop(crop, out, room, size);
    } catch (const std::bad_alloc &) {
        return RC_NOMEM;
    } catch (...) {
        return RC_NOT_FOUND; /* the library's word for a symbol that makes no sense */
    }
}
