/*
 * linefind.c - the lines of pages without reading them, for trying and measuring.
 *
 *     linefind [-r] IMAGE...          "page PATH WIDTH HEIGHT ROTATION SKEW USUAL SECONDS", then a line each:
 *                                     "line X0 Y0 X1 Y1 LIGHT"
 *     linefind [-r] -p OUT.png IMAGE  the page with the lines drawn on it
 *     linefind [-r] -c OUT.png IMAGE  the pictures of its lines, 32 pixels high, under each other
 *
 * -r: the page as it is, without turning and straightening.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clean.h"
#include "image_head.h"
#include "line_crop.h"

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static PIX *
load(const char *path)
{
    PIX *pix = pixRead(path), *gray = pix != NULL ? pixConvertTo8(pix, 0) : NULL;
    l_int32 dpi;

    if (gray != NULL) {
        dpi = (l_int32)dpi_believed((uint32_t)pixGetXRes(pix), (uint32_t)pixGetWidth(pix), (uint32_t)pixGetHeight(pix));
        pixSetResolution(gray, dpi, dpi);
    }
    pixDestroy(&pix);
    return gray;
}

static void
paint_lines(const struct clean_page *page, const char *path)
{
    PIX *color = pixConvertTo32(page->gray);

    for (uint32_t i = 0; color != NULL && i < page->lines.count; i++) {
        struct box b = page->lines.lines[i].box;
        BOX *box = boxCreate(b.x0, b.y0, b.x1 - b.x0, b.y1 - b.y0);

        if (box != NULL)
            pixRenderBoxArb(color, box, 2, i % 2 ? 230 : 0, page->lines.lines[i].light ? 160 : 0, i % 2 ? 0 : 230);
        boxDestroy(&box);
    }
    if (color != NULL)
        pixWrite(path, color, IFF_PNG);
    pixDestroy(&color);
}

static void
paint_crops(const struct clean_page *page, const char *path, struct arena *arena)
{
    int height = 36 * (int)page->lines.count + 4;
    PIX *sheet = pixCreate(1400, height > 0 ? height : 1, 8);

    for (uint32_t i = 0; sheet != NULL && i < page->lines.count; i++) {
        struct line_image image;

        if (line_crop(page->gray, &page->lines.lines[i], 32, arena, &image) != RC_OK)
            continue;
        for (int y = 0; y < image.height; y++)
            for (int x = 0; x < image.width && x < 1400; x++)
                pixSetPixel(sheet, x, (l_int32)i * 36 + 2 + y, image.pixels[y * image.width + x]);
    }
    if (sheet != NULL)
        pixWrite(path, sheet, IFF_PNG);
    pixDestroy(&sheet);
}

static int
one(const char *path, bool raw, char mode, const char *to)
{
    struct arena *arena = arena_new((size_t)512 << 20);
    struct clean_page page = { .gray = NULL };
    PIX *gray = load(path);
    double t0 = now();
    enum rc rc = RC_INPUT;

    if (gray == NULL || arena == NULL)
        goto out;
    if (raw) {
        page.gray = pixClone(gray);
        page.width = (uint32_t)pixGetWidth(gray);
        page.height = (uint32_t)pixGetHeight(gray);
        rc = ocr_lines_find(gray, arena, &page.lines);
    } else {
        rc = clean_make(gray, arena, &page);
    }
    if (rc != RC_OK)
        goto out;
    printf("page %s %u %u %d %.2f %.1f %.4f %s\n", path, page.width, page.height, page.rotation, page.skew,
           page.lines.height, now() - t0, page.blank ? "blank" : page.back.on ? "flat" : "print");
    for (uint32_t i = 0; i < page.lines.count; i++) {
        struct box b = clean_unskew(&page, page.lines.lines[i].box);

        printf("line %d %d %d %d %d\n", b.x0, b.y0, b.x1, b.y1, page.lines.lines[i].light);
    }
    if (mode == 'p')
        paint_lines(&page, to);
    if (mode == 'c')
        paint_crops(&page, to, arena);
out:
    if (rc != RC_OK)
        fprintf(stderr, "%s: %s\n", path, rc_name(rc));
    clean_done(&page);
    pixDestroy(&gray);
    arena_free(arena);
    return rc != RC_OK;
}

int
main(int argc, char **argv)
{
    const char *to = NULL;
    bool raw = false;
    char mode = 'l';
    int bad = 0, i = 1;

    setMsgSeverity(L_SEVERITY_NONE);
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (argv[i][1] == 'r') {
            raw = true;
        } else if (i + 1 < argc) {
            mode = argv[i][1];
            to = argv[++i];
        }
    }
    for (; i < argc; i++)
        bad |= one(argv[i], raw, mode, to);
    return bad;
}
