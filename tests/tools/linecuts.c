/*
 * linecuts.c - the lines of pages, found and cut as the second reader gets them, with more margin; to learn from.
 *
 *     linecuts HEIGHT MARGIN IMAGE...
 *
 * For each line: "line INDEX X0 Y0 X1 Y1 WIDTH" (INDEX: of the image, from 0; the box on the page as it came) and a
 * newline, then WIDTH x HEIGHT bytes and a newline.  Pages that had to be turned are left out.
 */
#include <stdio.h>
#include <stdlib.h>

#include "clean.h"
#include "image_head.h"
#include "line_crop.h"

static int
one(const char *path, int index, int height, float margin)
{
    struct arena *arena = arena_new((size_t)512 << 20);
    PIX *pix = pixRead(path), *gray = pix != NULL ? pixConvertTo8(pix, 0) : NULL;
    struct clean_page page = { .gray = NULL };
    l_int32 dpi;

    if (gray == NULL || arena == NULL)
        return 1;
    dpi = (l_int32)dpi_believed((uint32_t)pixGetXRes(pix), (uint32_t)pixGetWidth(pix), (uint32_t)pixGetHeight(pix));
    pixSetResolution(gray, dpi, dpi);
    if (clean_make(gray, arena, &page) == RC_OK && page.rotation == 0)
        for (uint32_t i = 0; i < page.lines.count; i++) {
            struct line_image image;
            struct box b = clean_unskew(&page, page.lines.lines[i].box);

            if (line_crop_wide(page.gray, &page.lines.lines[i], height, margin, arena, &image) != RC_OK)
                continue;
            printf("line %d %d %d %d %d %d\n", index, b.x0, b.y0, b.x1, b.y1, image.width);
            fwrite(image.pixels, (size_t)image.width, (size_t)height, stdout);
            putchar('\n');
        }
    clean_done(&page);
    pixDestroy(&gray);
    pixDestroy(&pix);
    arena_free(arena);
    return 0;
}

int
main(int argc, char **argv)
{
    int height = argc > 3 ? (int)strtol(argv[1], NULL, 10) : 0, bad = 0;

    if (height < 8 || height > 256) {
        fprintf(stderr, "usage: linecuts HEIGHT MARGIN IMAGE...\n");
        return 2;
    }
    setMsgSeverity(L_SEVERITY_NONE);
    for (int i = 3; i < argc; i++)
        bad |= one(argv[i], i - 3, height, strtof(argv[2], NULL));
    return bad;
}
