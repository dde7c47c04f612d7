/*
 * pixels.c - the upright pixels of one page, for read and crop.
 *
 * Sizes are compared with what the recipe says after decoding, and were checked by the
 * heads before; Leptonica brings every depth and colour model to 8-bit gray.
 */
#include "pixels.h"

#include <string.h>

#include "doc/raster.h"
#include "doc/sniff.h"
#include "image_head.h"
#include "pdf.h"

enum rc
pixels_recipe(const struct job *job, struct result *result, struct recipe_page *out)
{
    const struct artifact *a = artifact_find(&job->given, ARTIFACT_RECIPE, 0);
    struct recipe *recipe = NULL;
    enum rc rc;

    if (a == NULL)
        return RC_BUG;
    if ((rc = recipe_read(a->bytes, job->arena, &recipe)) == RC_NOMEM)
        return rc;
    if (rc != RC_OK || job->page >= recipe->count)
        return RC_INPUT;
    (void)result;
    *out = recipe->pages[job->page];
    return RC_OK;
}

/* Plain bytes to Leptonica's words of four pixels, most significant byte first. */
static PIX *
pix_of_raster(const struct raster *raster)
{
    PIX *pix = pixCreateNoInit((l_int32)raster->width, (l_int32)raster->height, 8);
    l_uint32 *data;
    size_t line;

    if (pix == NULL)
        return NULL;
    data = pixGetData(pix);
    line = (size_t)pixGetWpl(pix);
    for (uint32_t y = 0; y < raster->height; y++) {
        data[y * line + line - 1] = 0;
        memcpy(data + y * line, raster->pixels + (size_t)y * raster->width, raster->width);
    }
    pixEndianByteSwap(pix);
    return pix;
}

static PIX *
read_jpeg(const struct job *job, struct bytes b, bool color)
{
    struct image_head head;
    enum reason why = REASON_NONE;
    uint32_t detail = 0;
    l_int32 warnings = 0;
    PIX *pix = NULL, *turned;

    if (jpeg_head(b, job->arena, &head, &why, &detail) != RC_OK || why != REASON_NONE)
        return NULL;
    /* libjpeg makes gray of YCbCr for nothing; of CMYK it cannot, Leptonica can */
    if (!color)
        pix = pixReadMemJpeg(b.data, b.size, 0, 1, &warnings, L_JPEG_READ_LUMINANCE);
    if (pix == NULL)
        pix = pixReadMemJpeg(b.data, b.size, 0, 1, &warnings, 0);
    if (pix == NULL)
        return NULL;
    if (head.frames[0].mirrored)
        (void)pixFlipLR(pix, pix);
    if (head.frames[0].rotation == 0)
        return pix;
    turned = pixRotateOrth(pix, head.frames[0].rotation / 90);
    pixDestroy(&pix);
    return turned;
}

/* Leptonica turns by the tag; rows that were fewer to the inch are stretched, as the head has said they would be. */
static PIX *
read_tiff(struct bytes b, const struct recipe_page *page)
{
    size_t offset = page->object;
    PIX *pix = pixReadMemFromMultipageTiff(b.data, b.size, &offset), *square;
    uint32_t width, height;

    if (pix == NULL)
        return NULL;
    width = (uint32_t)pixGetWidth(pix);
    height = (uint32_t)pixGetHeight(pix);
    if ((width == page->width) == (height == page->height))
        return pix;
    square = pixScaleToSize(pix, (l_int32)page->width, (l_int32)page->height);
    pixDestroy(&pix);
    return square;
}

static PIX *
read_image(const struct job *job, struct bytes b, const struct recipe_page *page, bool color)
{
    switch (format_sniff(b, "")) {
    case FORMAT_JPEG: return read_jpeg(job, b, color);
    case FORMAT_PNG: return pixReadMemPng(b.data, b.size);
    case FORMAT_TIFF: return read_tiff(b, page);
    default: return NULL;
    }
}

/* Any depth, palette or alpha to what the caller wants; takes pix. */
static PIX *
bring_to(PIX *pix, bool color)
{
    PIX *next = NULL;

    if (pixGetSpp(pix) == 4 && pixGetDepth(pix) == 32) {
        next = pixRemoveAlpha(pix); /* over white, as paper is */
        pixDestroy(&pix);
        if ((pix = next) == NULL)
            return NULL;
    }
    if (color && pixGetColormap(pix) != NULL) {
        next = pixRemoveColormap(pix, REMOVE_CMAP_BASED_ON_SRC);
        pixDestroy(&pix);
        if ((pix = next) == NULL)
            return NULL;
    }
    if (pixGetDepth(pix) == 8 && pixGetColormap(pix) == NULL)
        return pix;
    if (color && pixGetDepth(pix) == 32)
        return pix;
    next = pixConvertTo8(pix, 0);
    pixDestroy(&pix);
    return next;
}

static enum rc
from_original(const struct job *job, struct result *result, const struct recipe_page *page,
              bool color, PIX **out)
{
    const struct artifact *a = artifact_find(&job->given, ARTIFACT_ORIGINAL, 0);
    PIX *pix = NULL, *turned;
    enum rc rc;

    if (a == NULL)
        return RC_BUG;
    if (page->way == WAY_RENDER)
        return RC_BUG; /* the painter comes first */
    if (page->way == WAY_STREAM) {
        if ((rc = pdf_stream(job, a->bytes, page, result, &pix)) != RC_OK || pix == NULL)
            return rc;
    } else if ((pix = read_image(job, a->bytes, page, color)) == NULL) {
        return reject(result, REASON_DAMAGED, 0);
    }
    if (page->way == WAY_STREAM && page->rotation != 0) {
        turned = pixRotateOrth(pix, page->rotation / 90);
        pixDestroy(&pix);
        pix = turned;
    }
    *out = pix;
    return pix != NULL ? RC_OK : RC_NOMEM;
}

static enum rc
get(const struct job *job, struct result *result, bool color, PIX **out)
{
    const struct artifact *a = artifact_find(&job->given, ARTIFACT_RASTER, job->page);
    struct recipe_page page;
    struct raster raster;
    PIX *pix = NULL;
    enum rc rc;

    *out = NULL;
    if ((rc = pixels_recipe(job, result, &page)) != RC_OK)
        return rc;
    if (a != NULL) {
        if (raster_open(a->bytes, &raster) != RC_OK)
            return reject(result, REASON_DAMAGED, 0);
        if ((pix = pix_of_raster(&raster)) == NULL)
            return RC_NOMEM;
    } else if ((rc = from_original(job, result, &page, color, &pix)) != RC_OK || pix == NULL) {
        return rc;
    }
    /* what came out must be what the head promised, or somebody lied to one of us */
    if ((uint32_t)pixGetWidth(pix) != page.width || (uint32_t)pixGetHeight(pix) != page.height) {
        pixDestroy(&pix);
        return reject(result, REASON_DIMENSIONS, 0);
    }
    if ((pix = bring_to(pix, color)) == NULL)
        return RC_NOMEM;
    pixSetResolution(pix, (l_int32)page.dpi, (l_int32)page.dpi);
    *out = pix;
    return RC_OK;
}

enum rc
pixels_get(const struct job *job, struct result *result, PIX **out)
{
    return get(job, result, false, out);
}

enum rc
pixels_get_color(const struct job *job, struct result *result, PIX **out)
{
    return get(job, result, true, out);
}

bool
pixels_may_have_color(const struct job *job)
{
    const struct artifact *a = artifact_find(&job->given, ARTIFACT_ORIGINAL, 0);
    struct result ignored = { .verdict = VERDICT_PASS };
    l_int32 format, width, height, bits, samples, mapped;
    struct recipe_page page;

    /* what the painter drew is gray */
    if (a == NULL || artifact_find(&job->given, ARTIFACT_RASTER, job->page) != NULL ||
        pixels_recipe(job, &ignored, &page) != RC_OK || ignored.verdict != VERDICT_PASS)
        return false;
    if (page.way != WAY_IMAGE || pixReadHeaderMem(a->bytes.data, a->bytes.size, &format, &width, &height, &bits,
                                                  &samples, &mapped) != 0)
        return true;
    return samples > 1 || mapped != 0;
}
