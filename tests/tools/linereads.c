/*
 * linereads.c - pictures of lines read by one reader, with its CPU time.
 *
 *     linereads second|scalar|avx2|avx512|tesseract FILE [TABLE WEIGHT BONUS]
 *
 * FILE: pictures one after the other, each u32 width, u32 height, then the pixels (gray, little-endian numbers), as
 * bench/line_readers writes them.  TABLE: other n-grams than those of the program, see second_lean.  One line of text comes out for each, and "# cpu_ms_a_line: N" at the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ocr.h"
#include "second.h"

static double
cpu_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
put_utf8(uint32_t c)
{
    if (c < 0x80) {
        putchar((int)c);
    } else if (c < 0x800) {
        putchar((int)(0xc0 | c >> 6));
        putchar((int)(0x80 | (c & 0x3f)));
    } else {
        putchar((int)(0xe0 | c >> 12));
        putchar((int)(0x80 | (c >> 6 & 0x3f)));
        putchar((int)(0x80 | (c & 0x3f)));
    }
}

static PIX *
next(FILE *from)
{
    uint32_t size[2];
    PIX *pix;

    if (fread(size, sizeof size[0], 2, from) != 2 || size[0] < 1 || size[1] < 1 || size[0] > 20000 || size[1] > 4000 ||
        (pix = pixCreate((l_int32)size[0], (l_int32)size[1], 8)) == NULL)
        return NULL;
    for (uint32_t y = 0; y < size[1]; y++) {
        l_uint32 *row = pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix);

        for (uint32_t x = 0; x < size[0]; x++)
            SET_DATA_BYTE(row, x, fgetc(from) & 255);
    }
    return pix;
}

static void
by_second(PIX *pix, struct arena *arena)
{
    const float scale = (float)SECOND_HEIGHT / (float)pixGetHeight(pix);
    PIX *small = pixScaleGeneral(pix, scale, scale, 0, 0);
    int w = pixGetWidth(small);
    uint8_t *gray = arena_alloc(arena, (size_t)w * SECOND_HEIGHT);
    struct second_text text;

    for (int y = 0; y < SECOND_HEIGHT; y++)
        for (int x = 0; x < w; x++)
            gray[y * w + x] = (uint8_t)GET_DATA_BYTE(
                pixGetData(small) + (size_t)(y < pixGetHeight(small) ? y : pixGetHeight(small) - 1) * (size_t)pixGetWpl(small), x);
    if (second_read(gray, w, NULL, arena, &text) == RC_OK)
        for (uint32_t i = 0; i < text.count; i++)
            put_utf8(text.chars[i].c);
    pixDestroy(&small);
}

static void
by_tesseract(PIX *pix, struct arena *arena)
{
    struct ocr_text text;

    pixSetResolution(pix, 200, 200);
    if (ocr_read(pix, OCR_ENG, OCR_LINE, NULL, arena, &text) == RC_OK)
        for (uint32_t i = 0; i < text.count; i++)
            printf("%s%s", i > 0 ? " " : "", text.words[i].text);
}

/* Another table in place of the one in the program; it stays until the end. */
static enum rc
lean(char **argv)
{
    static uint8_t table[4 << 20];
    FILE *from = fopen(argv[0], "rb");
    const size_t size = from != NULL ? fread(table, 1, sizeof table, from) : 0;

    if (from != NULL)
        fclose(from);
    return second_lean(bytes_of(table, size), (int)strtol(argv[1], NULL, 10), (int)strtol(argv[2], NULL, 10));
}

int
main(int argc, char **argv)
{
    static const char *const names[] = { "second", "scalar", "avx2", "avx512", "tesseract" };
    struct arena *arena = arena_new(256u << 20);
    FILE *from = argc == 3 || argc == 6 ? fopen(argv[2], "rb") : NULL;
    double ms = 0;
    int lines = 0, which = 0;
    PIX *pix;

    while (which < 5 && argc > 1 && strcmp(argv[1], names[which]) != 0)
        which++;
    if (from == NULL || arena == NULL || which == 5) {
        fprintf(stderr, "usage: linereads second|scalar|avx2|avx512|tesseract FILE [TABLE WEIGHT BONUS]\n");
        return 2;
    }
    if ((which == 4 ? ocr_ready() : second_ready()) != RC_OK || (which < 4 && !second_use((enum second_path)which))) {
        fprintf(stderr, "this reader is not here\n");
        return 1;
    }
    if (argc == 6 && lean(argv + 3) != RC_OK) {
        fprintf(stderr, "not a table\n");
        return 1;
    }
    while ((pix = next(from)) != NULL) {
        const double begin = cpu_ms();

        if (which == 4)
            by_tesseract(pix, arena);
        else
            by_second(pix, arena);
        putchar('\n');
        ms += cpu_ms() - begin;
        lines++;
        pixDestroy(&pix);
        arena_reset(arena);
    }
    printf("# cpu_ms_a_line: %.3f\n", lines > 0 ? ms / lines : 0);
    arena_free(arena);
    fclose(from);
    return 0;
}
