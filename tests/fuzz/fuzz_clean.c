/* fuzz_clean.c - pages: a sheet with four corners anywhere on a table of any gray, and boxes drawn on it. */
#include "fuzz.h"

#include <math.h>

#include "clean.h"

/* Is the point on the inner side of all four edges? */
static bool
inside(const double c[8], double x, double y)
{
    static const int way[5] = { 0, 1, 3, 2, 0 };

    for (int i = 0; i < 4; i++) {
        const double *a = &c[2 * way[i]], *b = &c[2 * way[i + 1]];

        if ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) < 0)
            return false;
    }
    return true;
}

static PIX *
drawn(const uint8_t *data, size_t size)
{
    int w = 1 + data[0] * 2, h = 1 + data[1] * 2;
    PIX *pix = pixCreate(w, h, 8);
    double c[8];

    if (pix == NULL)
        return NULL;
    for (int i = 0; i < 8; i++) /* about the picture's corners */
        c[i] = ((i & 1) == 0 ? (i >> 1) & 1 : i >> 2) * (double)((i & 1) == 0 ? w : h) + (data[4 + i] - 128) * 0.4;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            pixSetPixel(pix, x, y, inside(c, x, y) ? data[3] : data[2]);
    for (size_t at = 12; at + 5 <= size; at += 5) {
        BOX *box = boxCreate(data[at] * 2, data[at + 1] * 2, 1 + data[at + 2], 1 + data[at + 3]);

        if (box != NULL)
            pixSetInRectArbitrary(pix, box, data[at + 4]);
        boxDestroy(&box);
    }
    return pix;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct clean_page page = { .gray = NULL };
    PIX *pix;

    setMsgSeverity(L_SEVERITY_NONE);
    if (size >= 12 && (pix = drawn(data, size)) != NULL) {
        if (clean_make(pix, arena, &page) == RC_OK && clean_turn(&page, arena) == RC_OK) {
            for (uint32_t i = 0; i < page.lines.count; i++) {
                struct box b = clean_unskew(&page, page.lines.lines[i].box);

                HOLDS(b.x0 <= b.x1 && b.y0 <= b.y1 && abs(b.x0) < 100000 && abs(b.y0) < 100000);
            }
            for (int i = 0; page.back.on && i < 4; i++) {
                double x = i & 1 ? page.width : 0, y = i & 2 ? page.height : 0, u, v;

                flat_point(&page.flat, x, y, &u, &v);
                flat_point(&page.back, u, v, &u, &v);
                HOLDS(fabs(u - x) < 1 && fabs(v - y) < 1);
            }
        }
        clean_done(&page);
        pixDestroy(&pix);
    }
    arena_free(arena);
    return 0;
}
