/*
 * codes_matrix.c - Data Matrix, by libdmtx.
 *
 * The library walks over the picture in ever finer steps and follows each edge that it meets, until its clock runs out:
 * stripes keep it busy for minutes.  A clock would make a busy machine read less.  So we walk ourselves: a code has two
 * solid sides, and who comes in from the four sides of the place, in the middle and beside it, meets them.
 */
#include "codes.h"

#include <dmtx.h>
#include <stdlib.h>
#include <string.h>

#define SIDE_MAX 360   /* pixels: 88 modules of four                      */
#define STEP 2         /* pixels between the points that are looked at     */
#define DEEP 4         /* the walk ends at this part of the way through    */
#define LINES 3        /* from each side                                  */
#define TRIES_MAX 6    /* squares with the border of a code                */
#define SIDE_LEAST 40  /* 10 modules of four pixels, nothing is smaller    */
#define FNC1 29        /* as scanners give it: GS                          */

/* One point; counts the squares that were tried. */
static enum rc
look(DmtxDecode *dec, int x, int y, int *tries, struct arena *arena, const char **text)
{
    DmtxRegion *region = dmtxRegionScanPixel(dec, x, y);
    DmtxMessage *message = region != NULL ? dmtxDecodeMatrixRegion(dec, region, DmtxUndefined) : NULL;
    size_t size = message != NULL && message->outputIdx > 0 ? (size_t)message->outputIdx : 0;
    enum rc rc = RC_OK;

    if (size > 0 && size <= CODE_BYTES_MAX / 2 && memchr(message->output, '\0', size) == NULL &&
        (*text = codes_text(message->output, size, arena)) == NULL)
        rc = RC_NOMEM;
    *tries += region != NULL;
    if (message != NULL)
        dmtxMessageDestroy(&message);
    if (region != NULL)
        dmtxRegionDestroy(&region);
    return rc;
}

static enum rc
search(DmtxDecode *dec, int w, int h, struct arena *arena, const char **text)
{
    int tries = 0, most = (w > h ? w : h) / DEEP;
    enum rc rc = RC_OK;

    for (int i = 0; i < most / STEP * LINES * 4; i++) {
        int d = 1 + i / (LINES * 4) * STEP, line = 4 + i / 4 % LINES; /* at 4, 5 and 6 tenths of the side */
        const int at[4][2] = { { d, h * line / 10 }, { w * line / 10, d }, { w - 1 - d, h * line / 10 },
                               { w * line / 10, h - 1 - d } };
        const int *p = at[i % 4];

        if (rc != RC_OK || *text != NULL || tries == TRIES_MAX)
            break;
        if (p[0] >= 0 && p[1] >= 0)
            rc = look(dec, p[0], p[1], &tries, arena, text);
    }
    return rc;
}

enum rc
codes_matrix(PIX *crop, struct arena *arena, const char **text)
{
    int side = pixGetWidth(crop) > pixGetHeight(crop) ? pixGetWidth(crop) : pixGetHeight(crop);
    float by = side > SIDE_MAX ? SIDE_MAX / (float)side : 1.0f;
    PIX *small = by < 1 ? pixScale(crop, by, by) : pixClone(crop);
    unsigned char *raw = NULL;
    DmtxImage *image = NULL;
    DmtxDecode *dec = NULL;
    enum rc rc = RC_NOMEM;

    *text = NULL;
    if (small == NULL || (raw = codes_bytes(small)) == NULL ||
        (image = dmtxImageCreate(raw, pixGetWidth(small), pixGetHeight(small), DmtxPack8bppK)) == NULL ||
        (dec = dmtxDecodeCreate(image, 1)) == NULL)
        goto out;
    dmtxDecodeSetProp(dec, DmtxPropEdgeMin, SIDE_LEAST);
    dmtxDecodeSetProp(dec, DmtxPropSymbolSize, DmtxSymbolSquareAuto);
    dmtxDecodeSetProp(dec, DmtxPropFnc1, FNC1);
    rc = search(dec, pixGetWidth(small), pixGetHeight(small), arena, text);
out:
    if (dec != NULL)
        dmtxDecodeDestroy(&dec);
    if (image != NULL)
        dmtxImageDestroy(&image);
    free(raw);
    pixDestroy(&small);
    return rc;
}
