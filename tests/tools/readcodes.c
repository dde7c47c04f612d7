/*
 * readcodes.c - the codes on pages, as the read stage sees them, for trying and measuring.
 *
 *     readcodes [--times N] IMAGE...     "page PATH MILLISECONDS CODES" (the least of N),
 *         then "KIND TEXT" for each, line ends as \n
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "image_head.h"
#include "read.h"

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
print(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '\n')
            fputs("\\n", stdout);
        else
            putchar(*text);
    putchar('\n');
}

static int
one(const char *path, int times)
{
    PIX *pix = pixRead(path), *gray = pix != NULL ? pixConvertTo8(pix, 0) : NULL;
    double least = 1e9, spent;
    int bad = 1;
    l_int32 dpi;

    if (gray != NULL) {
        dpi = (l_int32)dpi_believed((uint32_t)pixGetXRes(pix), (uint32_t)pixGetWidth(pix), (uint32_t)pixGetHeight(pix));
        pixSetResolution(gray, dpi, dpi);
    }
    for (int i = 0; gray != NULL && i < times; i++) {
        struct arena *arena = arena_new((size_t)64 << 20);
        struct page_reading reading = { .form = "" };
        double t0 = now();
        bool read = arena != NULL && codes_read(gray, arena, &reading) == RC_OK;

        spent = now() - t0;
        least = spent < least ? spent : least;
        if (read && i + 1 == times) {
            printf("page %s %.3f %u\n", path, least, reading.code_count);
            for (uint32_t k = 0; k < reading.code_count; k++) {
                printf("%s ", reading.codes[k].kind);
                print(reading.codes[k].text);
            }
            bad = 0;
        }
        arena_free(arena);
    }
    pixDestroy(&gray);
    pixDestroy(&pix);
    return bad;
}

int
main(int argc, char **argv)
{
    int first = argc > 2 && strcmp(argv[1], "--times") == 0 ? 3 : 1, bad = 0;
    int times = first == 3 ? (int)strtol(argv[2], NULL, 10) : 1;

    setMsgSeverity(L_SEVERITY_NONE);
    for (int i = first; i < argc; i++)
        bad |= one(argv[i], times > 0 ? times : 1);
    return bad;
}
