/*
 * pdf_image.c - the stream of a page that is one image, brought to pixels by Leptonica.
 *
 * Taken: DCT (gray, RGB), CCITT group 4, and whatever libqpdf itself unpacks to 1-bit or
 * 8-bit gray or RGB.  JBIG2, JPEG 2000, masks, palettes and CMYK go to the renderer.
 */
#include "pdf_image.h"

#include <stdlib.h>
#include <string.h>

#include "image_head.h"
#include "pdf.h"

#define TIFF_HEAD 110

static bool
is_name(qpdf_data q, qpdf_oh oh, const char *name)
{
    return qpdf_oh_is_name(q, oh) && strcmp(qpdf_oh_get_name(q, oh), name) == 0;
}

/* Samples of a colour space we take; 0 of any other. */
static uint32_t
samples_of(qpdf_data q, qpdf_oh space)
{
    qpdf_oh kind = qpdf_oh_is_array(q, space) && qpdf_oh_get_array_n_items(q, space) > 0
                       ? qpdf_oh_get_array_item(q, space, 0) : space;

    if (is_name(q, kind, "/DeviceGray") || is_name(q, kind, "/CalGray") || is_name(q, kind, "/G"))
        return 1;
    if (is_name(q, kind, "/DeviceRGB") || is_name(q, kind, "/CalRGB") || is_name(q, kind, "/RGB"))
        return 3;
    if (is_name(q, kind, "/ICCBased") && qpdf_oh_get_array_n_items(q, space) > 1) {
        qpdf_oh profile = qpdf_oh_get_array_item(q, space, 1);
        int n = 0;

        if (qpdf_oh_is_stream(q, profile))
            (void)qpdf_oh_get_value_as_int(q,
                                           qpdf_oh_get_key(q, qpdf_oh_get_dict(q, profile), "/N"),
                                           &n);
        return n == 1 || n == 3 ? (uint32_t)n : 0;
    }
    return 0;
}

/* [0 1 ...] is as it is, [1 0 ...] swapped; anything else is not ours. */
static bool
decode_of(qpdf_data q, qpdf_oh decode, uint32_t samples, bool *invert)
{
    int n = qpdf_oh_is_array(q, decode) ? qpdf_oh_get_array_n_items(q, decode) : 0;
    double first;

    *invert = false;
    if (n == 0)
        return true;
    if ((uint32_t)n != 2 * samples)
        return false;
    first = qpdf_oh_get_numeric_value(q, qpdf_oh_get_array_item(q, decode, 0));
    for (int i = 0; i < n; i++)
        if (qpdf_oh_get_numeric_value(q, qpdf_oh_get_array_item(q, decode, i)) !=
            (i % 2 == 0 ? first : 1 - first))
            return false;
    *invert = first == 1;
    return first == 0 || first == 1;
}

static bool
unpacked_by_qpdf(qpdf_data q, qpdf_oh filter)
{
    static const char *const names[] = { "/FlateDecode",
                                         "/LZWDecode",
                                         "/ASCII85Decode",
                                         "/ASCIIHexDecode",
                                         "/RunLengthDecode",
                                         "/Fl",
                                         "/LZW",
                                         "/A85",
                                         "/AHx",
                                         "/RL" };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (is_name(q, filter, names[i]))
            return true;
    return false;
}

/* Group 4 only, and without what TIFF cannot say. */
static bool
is_group4(qpdf_data q, qpdf_oh params, struct pdf_image *out)
{
    int k = 0, columns = 1728;
    QPDF_BOOL black_is_1 = QPDF_FALSE, align = QPDF_FALSE;

    if (qpdf_oh_is_array(q, params))
        params = qpdf_oh_get_array_n_items(q, params) > 0 ? qpdf_oh_get_array_item(q, params, 0)
                                                          : qpdf_oh_new_null(q);
    if (!qpdf_oh_is_dictionary(q, params))
        return false;
    (void)qpdf_oh_get_value_as_int(q, qpdf_oh_get_key(q, params, "/K"), &k);
    (void)qpdf_oh_get_value_as_int(q, qpdf_oh_get_key(q, params, "/Columns"), &columns);
    (void)qpdf_oh_get_value_as_bool(q, qpdf_oh_get_key(q, params, "/BlackIs1"), &black_is_1);
    (void)qpdf_oh_get_value_as_bool(q, qpdf_oh_get_key(q, params, "/EncodedByteAlign"), &align);
    if (k >= 0 || align || columns < 1 || (uint32_t)columns != out->width || out->depth != 1 ||
        out->samples != 1)
        return false;
    out->invert = out->invert != (black_is_1 != QPDF_FALSE);
    return true;
}

static enum pdf_coding
coding_of(qpdf_data q, qpdf_oh dict, struct pdf_image *out)
{
    qpdf_oh filter = qpdf_oh_get_key(q, dict, "/Filter");
    int n = qpdf_oh_is_array(q, filter) ? qpdf_oh_get_array_n_items(q, filter) : 0;

    if (qpdf_oh_is_null(q, filter) || (qpdf_oh_is_array(q, filter) && n == 0))
        return CODING_RAW;
    if (n > 1) {
        for (int i = 0; i < n; i++)
            if (!unpacked_by_qpdf(q, qpdf_oh_get_array_item(q, filter, i)))
                return CODING_OTHER;
        return CODING_RAW;
    }
    if (n == 1)
        filter = qpdf_oh_get_array_item(q, filter, 0);
    if (unpacked_by_qpdf(q, filter))
        return CODING_RAW;
    if (is_name(q, filter, "/DCTDecode") && out->depth == 8)
        return CODING_DCT;
    if (is_name(q, filter, "/CCITTFaxDecode") &&
        is_group4(q, qpdf_oh_get_key(q, dict, "/DecodeParms"), out))
        return CODING_G4;
    return CODING_OTHER;
}

void
pdf_image_look(qpdf_data q, qpdf_oh image, struct pdf_image *out)
{
    qpdf_oh dict = qpdf_oh_get_dict(q, image);
    QPDF_BOOL mask = QPDF_FALSE;
    int width = 0, height = 0, depth = 0;
    long long stored = 0;
    uint32_t detail;

    memset(out, 0, sizeof *out);
    (void)qpdf_oh_get_value_as_longlong(q, qpdf_oh_get_key(q, dict, "/Length"), &stored);
    out->stored = stored > 0 ? (uint64_t)stored : 0;
    (void)qpdf_oh_get_value_as_int(q, qpdf_oh_get_key(q, dict, "/Width"), &width);
    (void)qpdf_oh_get_value_as_int(q, qpdf_oh_get_key(q, dict, "/Height"), &height);
    (void)qpdf_oh_get_value_as_int(q, qpdf_oh_get_key(q, dict, "/BitsPerComponent"), &depth);
    (void)qpdf_oh_get_value_as_bool(q, qpdf_oh_get_key(q, dict, "/ImageMask"), &mask);
    if (width <= 0 || height <= 0 || mask ||
        size_reason((uint64_t)width, (uint64_t)height, &detail) != REASON_NONE)
        return;
    out->width = (uint32_t)width;
    out->height = (uint32_t)height;
    if (qpdf_oh_has_key(q, dict, "/SMask") || qpdf_oh_has_key(q, dict, "/Mask"))
        return;
    out->depth = (uint32_t)depth;
    out->samples = samples_of(q, qpdf_oh_get_key(q, dict, "/ColorSpace"));
    if ((depth != 1 && depth != 8) || out->samples == 0 || (depth == 1 && out->samples != 1) ||
        !decode_of(q, qpdf_oh_get_key(q, dict, "/Decode"), out->samples, &out->invert))
        return;
    out->coding = coding_of(q, dict, out);
}

QPDF_ERROR_CODE
pdf_open(qpdf_data *q, const void *data, uint64_t size)
{
    *q = qpdf_init();
    qpdf_silence_errors(*q);
    qpdf_set_suppress_warnings(*q, QPDF_TRUE);
    return qpdf_read_memory(*q, "original", data, size, NULL);
}

/* ---- pixels ---------------------------------------------------------------------- */

/* A group 4 stream with a TIFF's head before it, for libtiff. */
static PIX *
read_group4(const struct pdf_image *image, struct bytes b)
{
    const uint32_t entries[][4] = {
        { 256, 4, 1, image->width },
        { 257, 4, 1, image->height },
        { 258, 3, 1, 1 },
        { 259, 3, 1, 4 },
        { 262, 3, 1, 0 },
        { 273, 4, 1, TIFF_HEAD + 16 },
        { 277, 3, 1, 1 },
        { 278, 4, 1, image->height },
        { 279, 4, 1, (uint32_t)b.size },
    };
    struct buffer tiff;
    PIX *pix = NULL;

    buffer_init(&tiff, b.size + TIFF_HEAD + 64);
    write_raw(&tiff, "II\052\000\010\000\000\000", 8);
    write_u16(&tiff, COUNT_OF(entries));
    for (size_t i = 0; i < COUNT_OF(entries); i++) {
        write_u16(&tiff, (uint16_t)entries[i][0]);
        write_u16(&tiff, (uint16_t)entries[i][1]);
        write_u32(&tiff, entries[i][2]);
        write_u32(&tiff, entries[i][3]);
    }
    write_u32(&tiff, 0);
    while (!tiff.failed && tiff.size < TIFF_HEAD + 16)
        write_u8(&tiff, 0);
    write_raw(&tiff, b.data, b.size);
    if (!tiff.failed)
        pix = pixReadMemTiff(tiff.data, tiff.size, 0);
    buffer_done(&tiff);
    return pix;
}

/* Packed rows, 1-bit or 8-bit, gray or RGB, to a PIX. */
static PIX *
read_raw_rows(const struct pdf_image *image, struct bytes b)
{
    const size_t stride = ((size_t)image->width * image->samples * image->depth + 7) / 8;
    PIX *pix;

    if (b.size < stride * image->height)
        return NULL;
    pix = pixCreate((l_int32)image->width, (l_int32)image->height,
                    image->samples == 3 ? 32 : (l_int32)image->depth);
    if (pix == NULL)
        return NULL;
    for (uint32_t y = 0; y < image->height; y++) {
        l_uint32 *line = pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix);
        const uint8_t *from = b.data + y * stride;

        if (image->samples == 3)
            for (uint32_t x = 0; x < image->width; x++)
                line[x] = (l_uint32)from[3 * x] << 24 | (l_uint32)from[3 * x + 1] << 16 |
                          (l_uint32)from[3 * x + 2] << 8;
        else
            for (size_t i = 0; i < stride; i++)
                SET_DATA_BYTE(line, i, from[i]);
    }
    /* 1 is white in a PDF's gray and black in Leptonica's 1-bit */
    if (image->depth == 1)
        (void)pixInvert(pix, pix);
    return pix;
}

static PIX *
read_dct(const struct job *job, const struct pdf_image *image, struct bytes b, enum reason *why)
{
    struct image_head head;
    uint32_t detail = 0;
    l_int32 warnings = 0;

    if (jpeg_head(b, job->arena, &head, why, &detail) != RC_OK || *why != REASON_NONE)
        return NULL;
    if (head.frames[0].width != image->width || head.frames[0].height != image->height) {
        *why = REASON_DIMENSIONS;
        return NULL;
    }
    return pixReadMemJpeg(b.data, b.size, 0, 1, &warnings, 0);
}

static PIX *
read_coded(const struct job *job, const struct pdf_image *image, struct bytes b, enum reason *why)
{
    PIX *pix = NULL;

    switch (image->coding) {
    case CODING_DCT: pix = read_dct(job, image, b, why); break;
    case CODING_G4: pix = read_group4(image, b); break;
    case CODING_RAW: pix = read_raw_rows(image, b); break;
    case CODING_OTHER: break;
    }
    if (pix != NULL && image->invert)
        (void)pixInvert(pix, pix);
    return pix;
}

enum rc
pdf_stream(const struct job *job, struct bytes bytes, const struct recipe_page *page,
           struct result *result, PIX **out)
{
    struct pdf_image image;
    enum reason why = REASON_NONE;
    QPDF_BOOL filtered = QPDF_FALSE;
    unsigned char *data = NULL;
    size_t size = 0;
    qpdf_data q;
    qpdf_oh oh;

    *out = NULL;
    /* warnings are damage that was mended; decode has already decided to go on */
    if ((pdf_open(&q, bytes.data, bytes.size) & QPDF_ERRORS) == 0) {
        oh = qpdf_get_object_by_id(q, (int)page->object, 0);
        if (qpdf_oh_is_stream(q, oh)) {
            pdf_image_look(q, oh, &image);
            if (image.coding != CODING_OTHER &&
                (qpdf_oh_get_stream_data(q, oh,
                                         image.coding == CODING_RAW ? qpdf_dl_specialized
                                                                    : qpdf_dl_none,
                                         &filtered, &data, &size) &
                 QPDF_ERRORS) == 0 &&
                data != NULL)
                *out = read_coded(job, &image, bytes_of(data, size), &why);
        }
    }
    free(data);
    qpdf_cleanup(&q);
    if (*out == NULL)
        return reject(result, why != REASON_NONE ? why : REASON_DAMAGED, 0);
    return RC_OK;
}
