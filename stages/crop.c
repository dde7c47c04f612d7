/*
 * crop.c - a cut of a page for the desk: the box with a margin, scaled down when it is large.
 *
 * The box is in pixels of the upright page, as the reading gives it (turn included).
 */
#include "doc/raster.h"
#include "pixels.h"
#include "stages.h"

#define MARGIN_INCHES 0.12

static PIX *
cut(PIX *page, struct box box, uint32_t most)
{
    const int width = pixGetWidth(page), height = pixGetHeight(page);
    const int margin = (int)(MARGIN_INCHES * pixGetXRes(page));
    struct box whole = { 0, 0, width, height };
    struct box b = box_is_empty(box) ? whole
                                     : box_cut((struct box){ box.x0 - margin, box.y0 - margin,
                                                             box.x1 + margin, box.y1 + margin },
                                               whole);
    BOX *where = box_is_empty(b) ? NULL : boxCreate(b.x0, b.y0, b.x1 - b.x0, b.y1 - b.y0);
    PIX *part = where != NULL ? pixClipRectangle(page, where, NULL) : NULL, *small;
    int side;

    boxDestroy(&where);
    if (part == NULL || most == 0)
        return part;
    side = pixGetWidth(part) > pixGetHeight(part) ? pixGetWidth(part) : pixGetHeight(part);
    if ((uint32_t)side <= most)
        return part;
    small = pixScaleAreaMap(part, (float)most / (float)side, (float)most / (float)side);
    pixDestroy(&part);
    return small;
}

static enum rc
emit_pix(const struct job *job, PIX *pix)
{
    const uint32_t width = (uint32_t)pixGetWidth(pix), height = (uint32_t)pixGetHeight(pix);
    const size_t size = RASTER_HEADER + (size_t)width * height;
    uint8_t *raw = arena_alloc(job->arena, size);

    if (raw == NULL)
        return RC_NOMEM;
    raster_header(raw, width, height, (uint32_t)pixGetXRes(pix));
    for (uint32_t y = 0; y < height; y++) {
        const l_uint32 *line = pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix);

        for (uint32_t x = 0; x < width; x++)
            raw[RASTER_HEADER + (size_t)y * width + x] = (uint8_t)GET_DATA_BYTE(line, x);
    }
    return job->emit(job->to, ARTIFACT_CROP, job->page, bytes_of(raw, size));
}

enum rc
crop_run(const struct job *job, struct result *result)
{
    PIX *page = NULL, *turned, *part;
    enum rc rc = pixels_get(job, result, &page);

    if (rc != RC_OK || page == NULL)
        return rc;
    if (job->turn % 360 != 0) {
        turned = pixRotateOrth(page, (job->turn / 90) & 3);
        pixDestroy(&page);
        if ((page = turned) == NULL)
            return RC_NOMEM;
    }
    part = cut(page, job->crop, job->crop_max);
    pixDestroy(&page);
    if (part == NULL)
        return reject(result, REASON_DIMENSIONS, 0);
    rc = emit_pix(job, part);
    pixDestroy(&part);
    return rc;
}
