/*
 * readtext.c - what stands on pages, a line of print a line, for trying and measuring.
 *
 *     readtext IMAGE...     "page PATH SECONDS WORDS REASON", then the text
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "image_head.h"
#include "ocr.h"
#include "read.h"
#include "second.h"

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
one(const char *path)
{
    struct arena *arena = arena_new((size_t)512 << 20);
    PIX *pix = pixRead(path), *gray = pix != NULL ? pixConvertTo8(pix, 0) : NULL;
    struct page_reading reading = { .form = "" };
    double t0 = now();
    l_int32 dpi;

    if (gray == NULL || arena == NULL)
        return 1;
    dpi = (l_int32)dpi_believed((uint32_t)pixGetXRes(pix), (uint32_t)pixGetWidth(pix), (uint32_t)pixGetHeight(pix));
    pixSetResolution(gray, dpi, dpi);
    if (read_page(gray, NULL, arena, &reading) == RC_OK)
        printf("page %s %.3f %u %s\n", path, now() - t0, reading.word_count, reason_row(reading.facts.reason)->word);
    for (uint32_t i = 0; i < reading.word_count; i++)
        printf("%s%s", reading.words[i].text,
               i + 1 < reading.word_count && reading.words[i + 1].line == reading.words[i].line ? " " : "\n");
    fflush(stdout);
    pixDestroy(&gray);
    pixDestroy(&pix);
    arena_free(arena);
    return 0;
}

int
main(int argc, char **argv)
{
    int bad = 0;

    setenv("OMP_THREAD_LIMIT", "1", 1);
    setMsgSeverity(L_SEVERITY_NONE);
    if (ocr_ready() != RC_OK || second_ready() != RC_OK)
        return 2;
    for (int i = 1; i < argc; i++)
        bad |= one(argv[i]);
    ocr_done();
    return bad;
}
