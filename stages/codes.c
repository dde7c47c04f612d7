/*
 * codes.c - two-dimensional codes: QR, Data Matrix where no QR is, PDF417 where its stripes are.
 *
 * A code reader over the whole page costs half a second.  So the page is first closed at a
 * low resolution: a two-dimensional code becomes one block, about square, neither full nor
 * empty; only such blocks are given to the reader.  A PDF417 has any shape: codes_stripes.c looks for it.
 */
#include "codes.h"
#include "codes_pdf417.h"
#include "codes_stripes.h"
#include "read.h"

#include <stdlib.h>
#include <string.h>
#include <zbar.h>

#include "base/text.h"
#include "doc/box.h"

#define CODES_MAX 16
#define LOW_DPI 50
#define MODULE_BEST 4.0f /* pixels: the bars of a larger PDF417 are made so wide */

/* What our separator sheets say; printed by us, so it must be exact. */
static const char separate_document[] = "ESCRIBA:SEPARATE";
static const char separate_batch[] = "ESCRIBA:BATCH";

unsigned char *
codes_bytes(PIX *gray)
{
    size_t w = (size_t)pixGetWidth(gray), h = (size_t)pixGetHeight(gray);
    unsigned char *raw = malloc(w * h + 1);

    for (size_t y = 0; raw != NULL && y < h; y++) {
        l_uint32 *line = pixGetData(gray) + y * (size_t)pixGetWpl(gray);

        for (size_t x = 0; x < w; x++)
            raw[y * w + x] = GET_DATA_BYTE(line, x);
    }
    return raw;
}

char *
codes_text(const unsigned char *bytes, size_t size, struct arena *arena)
{
    char *out;
    size_t n = 0;

    if (text_is_utf8((const char *)bytes, size))
        return arena_copy(arena, bytes, size);
    if ((out = arena_alloc(arena, 2 * size + 1)) == NULL)
        return NULL;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] >= 0x80)
            out[n++] = (char)(0xc0 | bytes[i] >> 6);
        out[n++] = (char)(bytes[i] < 0x80 ? bytes[i] : 0x80 | (bytes[i] & 0x3f));
    }
    out[n] = '\0';
    return out;
}

/* A code among those of the page; text is in the arena. */
static void
take(const char *kind, const char *text, struct box at, struct page_reading *out)
{
    out->codes[out->code_count++] = (struct code_reading){ .kind = kind, .text = text, .box = at };
    if (strcmp(text, separate_document) == 0)
        out->facts.kind = PAGE_SEPARATOR;
    else if (strcmp(text, separate_batch) == 0)
        out->facts.kind = PAGE_BATCH_SEPARATOR;
}

static enum rc
take_symbols(const zbar_image_t *image, struct box at, struct arena *arena, struct page_reading *out)
{
    const zbar_symbol_t *s = zbar_image_first_symbol(image);

    for (; s != NULL && out->code_count < CODES_MAX; s = zbar_symbol_next(s)) {
        const char *text = zbar_symbol_get_data(s);
        size_t size = zbar_symbol_get_data_length(s);

        if (size == 0 || size > CODE_BYTES_MAX || memchr(text, '\0', size) != NULL)
            continue;
        if ((text = arena_copy(arena, text, size)) == NULL)
            return RC_NOMEM;
        take(zbar_get_symbol_name(zbar_symbol_get_type(s)), text, at, out);
    }
    return RC_OK;
}

static enum rc
scan(PIX *gray, struct box at, struct arena *arena, struct page_reading *out)
{
    BOX *box = boxCreate(at.x0, at.y0, at.x1 - at.x0, at.y1 - at.y0);
    PIX *crop = box != NULL ? pixClipRectangle(gray, box, NULL) : NULL;
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    zbar_image_t *image = zbar_image_create();
    l_uint8 *raw = NULL;
    const char *matrix = NULL;
    size_t w = 0, h = 0;
    enum rc rc = RC_NOMEM;

    if (crop == NULL || scanner == NULL || image == NULL)
        goto out;
    w = (size_t)pixGetWidth(crop);
    h = (size_t)pixGetHeight(crop);
    if ((raw = codes_bytes(crop)) == NULL)
        goto out;
    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
    zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
    zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
    zbar_image_set_size(image, (unsigned)w, (unsigned)h);
    zbar_image_set_data(image, raw, w * h, NULL);
    rc = RC_OK;
    if (zbar_scan_image(scanner, image) > 0)
        rc = take_symbols(image, at, arena, out);
    else if ((rc = codes_matrix(crop, arena, &matrix)) == RC_OK && matrix != NULL && out->code_count < CODES_MAX)
        take("DataMatrix", matrix, at, out);
out:
    if (image != NULL)
        zbar_image_destroy(image);
    if (scanner != NULL)
        zbar_image_scanner_destroy(scanner);
    free(raw);
    pixDestroy(&crop);
    boxDestroy(&box);
    return rc;
}

/* The bytes of a PDF417, in what is left of a crop that is given away. */
static enum rc
read_stripes(PIX *crop, bool sideways, unsigned char *bytes, size_t room, size_t *size)
{
    struct pdf417_crop view = { .sideways = sideways };
    unsigned char *raw = crop != NULL ? codes_bytes(crop) : NULL;
    enum rc rc = RC_NOMEM;

    if (raw != NULL) {
        view.gray = raw;
        view.width = pixGetWidth(crop);
        view.height = pixGetHeight(crop);
        rc = codes_pdf417_bytes(&view, bytes, room, size);
    }
    free(raw);
    pixDestroy(&crop);
    return rc;
}

/* A place with the stripes of a PDF417: smoothed, as its reader takes specks for bars; then as it is, for thin bars. */
static enum rc
scan_stripes(PIX *gray, const struct stripes *place, struct arena *arena, struct page_reading *out)
{
    const struct box at = place->box;
    float by = place->module > MODULE_BEST ? MODULE_BEST / place->module : 1.0f;
    BOX *box = boxCreate(at.x0, at.y0, at.x1 - at.x0, at.y1 - at.y0);
    PIX *crop = box != NULL ? pixClipRectangle(gray, box, NULL) : NULL;
    PIX *small = crop != NULL && by < 1 ? pixScale(crop, by, by) : pixClone(crop);
    unsigned char bytes[CODE_BYTES_MAX / 2];
    const char *text = NULL;
    size_t size = 0;
    enum rc rc = RC_NOMEM;

    if (small != NULL) {
        rc = read_stripes(pixBlockconv(small, 1, 1), place->sideways, bytes, sizeof bytes, &size);
        if (rc == RC_NOT_FOUND)
            rc = read_stripes(pixClone(small), place->sideways, bytes, sizeof bytes, &size);
    }
    if (rc == RC_NOT_FOUND || rc == RC_LIMIT) {
        rc = RC_OK;
    } else if (rc == RC_OK && memchr(bytes, '\0', size) == NULL && out->code_count < CODES_MAX) {
        if ((text = codes_text(bytes, size, arena)) == NULL)
            rc = RC_NOMEM;
        else
            take("PDF417", text, at, out);
    }
    pixDestroy(&small);
    pixDestroy(&crop);
    boxDestroy(&box);
    return rc;
}

/* The places that may hold a code, in pixels of the page. */
static BOXA *
suspects(PIX *gray, int shrink)
{
    PIX *low = pixScaleSmooth(gray, 1.0f / (float)shrink, 1.0f / (float)shrink);
    PIX *bits = low != NULL ? pixThresholdToBinary(low, 150) : NULL;
    PIX *closed = bits != NULL ? pixCloseSafeBrick(NULL, bits, 3, 3) : NULL;
    BOXA *all = closed != NULL ? pixConnCompBB(closed, 8) : NULL;
    BOXA *some = boxaCreate(4);

    for (l_int32 i = 0; all != NULL && some != NULL && i < boxaGetCount(all); i++) {
        l_int32 x, y, w, h, dark = 0;
        BOX *box;
        PIX *part;

        boxaGetBoxGeometry(all, i, &x, &y, &w, &h);
        /* From 9 mm up, about square. */
        if (w < LOW_DPI * 9 / 25 || h < LOW_DPI * 9 / 25 || w * 10 > h * 14 || h * 10 > w * 14)
            continue;
        box = boxCreate(x, y, w, h);
        part = box != NULL ? pixClipRectangle(closed, box, NULL) : NULL;
        if (part != NULL)
            pixCountPixels(part, &dark, NULL);
        pixDestroy(&part);
        boxDestroy(&box);
        if (dark > 0.35 * w * h && boxaGetCount(some) < 6)
            boxaAddBox(some, boxCreate(x * shrink, y * shrink, w * shrink, h * shrink), L_INSERT);
    }
    boxaDestroy(&all);
    pixDestroy(&closed);
    pixDestroy(&bits);
    pixDestroy(&low);
    return some;
}

enum rc
codes_read(PIX *gray, struct arena *arena, struct page_reading *out)
{
    int shrink = pixGetXRes(gray) > LOW_DPI ? pixGetXRes(gray) / LOW_DPI : 4;
    BOXA *places = suspects(gray, shrink);
    struct stripes stripes[STRIPES_MAX];
    unsigned stripe_count = 0;
    enum rc rc = places != NULL ? codes_stripes(gray, arena, stripes, &stripe_count) : RC_NOMEM;

    if (rc == RC_OK && (boxaGetCount(places) > 0 || stripe_count > 0)) {
        out->codes = arena_array(arena, CODES_MAX, sizeof *out->codes);
        if (out->codes == NULL)
            rc = RC_NOMEM;
    }
    for (unsigned i = 0; rc == RC_OK && i < stripe_count; i++)
        rc = scan_stripes(gray, &stripes[i], arena, out);
    for (l_int32 i = 0; rc == RC_OK && i < boxaGetCount(places); i++) {
        l_int32 x, y, w, h, margin;

        boxaGetBoxGeometry(places, i, &x, &y, &w, &h);
        margin = w / 8 + 8; /* a code needs its quiet zone */
        rc = scan(gray,
                  box_cut((struct box){ x - margin, y - margin, x + w + margin, y + h + margin },
                          (struct box){ 0, 0, pixGetWidth(gray), pixGetHeight(gray) }),
                  arena, out);
    }
    boxaDestroy(&places);
    return rc;
}
