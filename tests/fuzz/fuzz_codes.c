/*
 * fuzz_codes.c - pictures of stripes: where a PDF417 may lie, and its reader behind our shim.
 *
 * The first byte says how wide a module is and which way the bars lie, the second how many modules a row has; the rest are
 * modules, a bit each, row after row.  tests/fuzz/found/fuzz_codes holds a whole symbol to begin with.
 */
#include "fuzz.h"

#include "codes.h"
#include "codes_pdf417.h"
#include "codes_stripes.h"

#define ROWS_MAX 90
#define MARGIN 12

static PIX *
drawn(const uint8_t *data, size_t size, int width, int rows, int module)
{
    PIX *pix = pixCreate((width + 2 * MARGIN) * module, (rows * 3 + 2 * MARGIN) * module, 8);

    HOLDS(pix != NULL);
    pixSetAll(pix);
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < width; x++) {
            size_t bit = (size_t)y * (size_t)width + (size_t)x;

            if (bit / 8 < size && (data[bit / 8] >> (7 - bit % 8) & 1) != 0)
                pixRasterop(pix, (MARGIN + x) * module, (MARGIN + y * 3) * module, module, 3 * module, PIX_CLR, NULL, 0, 0);
        }
    pixSetResolution(pix, 200, 200);
    return pix;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct stripes places[STRIPES_MAX];
    uint8_t out[CODE_BYTES_MAX / 2];
    struct pdf417_crop crop;
    unsigned count = 0;
    size_t got = 0;
    int width, rows;
    PIX *pix, *turned;

    if (size < 12) {
        arena_free(arena);
        return 0;
    }
    width = 52 + data[1] % 200;
    rows = (int)((size - 2) * 8 / (size_t)width) + 1;
    pix = drawn(data + 2, size - 2, width, rows > ROWS_MAX ? ROWS_MAX : rows, 2 + data[0] % 3);
    turned = pixRotateOrth(pix, data[0] >> 6);
    HOLDS(turned != NULL);
    HOLDS(codes_stripes(turned, arena, places, &count) == RC_OK && count <= STRIPES_MAX);
    for (unsigned i = 0; i < count; i++)
        HOLDS(!box_is_empty(places[i].box) && places[i].box.x1 <= pixGetWidth(turned) &&
              places[i].box.y1 <= pixGetHeight(turned) && places[i].module > 0);
    crop = (struct pdf417_crop){ codes_bytes(turned), pixGetWidth(turned), pixGetHeight(turned), (data[0] & 64) != 0 };
    HOLDS(crop.gray != NULL);
    if (codes_pdf417_bytes(&crop, out, sizeof out, &got) == RC_OK)
        HOLDS(got > 0 && got <= sizeof out && codes_text(out, got, arena) != NULL);
    free((void *)crop.gray);
    pixDestroy(&turned);
    pixDestroy(&pix);
    arena_free(arena);
    return 0;
}
