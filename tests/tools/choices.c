/*
 * choices.c - where the two readers differ on a page, with the numbers by which one is chosen.
 *
 *     choices IMAGE...
 *
 * For each stretch: "D", the page, both texts and the row of second_choice.c, between tabs; for each word of the
 * result: "W", the page, its text, the other reader's.  bench/train_choice learns from it.  It prints what is on the
 * pages, so it is for made and published ones only.
 */
#include <stdio.h>
#include <string.h>

#include "ocr.h"
#include "read.h"
#include "second_choice.h"
#include "second_line.h"

double __real_second_choice(const struct second_pair *pair);
double __wrap_second_choice(const struct second_pair *pair);

static const char *page;

double
__wrap_second_choice(const struct second_pair *pair)
{
    double row[SECOND_CHOICE_FEATURES];

    second_choice_row(pair, row);
    printf("D\t%s\t%s\t%s", page, pair->first, pair->second);
    for (int i = 0; i < SECOND_CHOICE_FEATURES; i++)
        printf("\t%.5g", row[i]);
    putchar('\n');
    return __real_second_choice(pair);
}

int
main(int argc, char **argv)
{
    if (argc < 2 || ocr_ready() != RC_OK || second_ready() != RC_OK) {
        fprintf(stderr, "usage: choices IMAGE...\n");
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        struct arena *arena = arena_new(512u << 20);
        PIX *any = pixRead(argv[i]), *gray = any != NULL ? pixConvertTo8(any, 0) : NULL;
        struct page_reading reading;

        page = argv[i];
        if (gray != NULL && arena != NULL && read_page(gray, NULL, arena, &reading) == RC_OK)
            for (uint32_t w = 0; w < reading.word_count; w++)
                printf("W\t%s\t%s\t%s\t%d %d %d %d line %u block %u\n", page, reading.words[w].text, reading.words[w].second,
                       reading.words[w].box.x0, reading.words[w].box.y0, reading.words[w].box.x1, reading.words[w].box.y1,
                       reading.words[w].line, reading.words[w].block);
        pixDestroy(&gray);
        pixDestroy(&any);
        arena_free(arena);
    }
    return 0;
}
