/* ink.c - how much of a page is dark, and whether that can be right. */
#include "pixels.h"

#define STEP 2          /* every second pixel both ways */
#define CONTRAST 48     /* darker than the paper by this much is ink */
#define PAPER_SHARE 0.5 /* the paper is at least as light as the median */
#define INK_LEAST 1e-6f

float
ink_share(PIX *gray)
{
    NUMA *histogram = pixGetGrayHistogram(gray, STEP);
    double total = 0, seen = 0, dark = 0;
    float count;
    int paper;

    if (histogram == NULL)
        return 0;
    for (int i = 0; i < 256; i++) {
        numaGetFValue(histogram, i, &count);
        total += count;
    }
    for (paper = 0; paper < 255 && seen < total * PAPER_SHARE; paper++) {
        numaGetFValue(histogram, paper, &count);
        seen += count;
    }
    for (int i = 0; i < paper - CONTRAST; i++) {
        numaGetFValue(histogram, i, &count);
        dark += count;
    }
    numaDestroy(&histogram);
    return total > 0 ? (float)(dark / total) : 0;
}

enum reason
ink_reason(const struct recipe_page *page, float ink)
{
    return page->marks && ink < INK_LEAST ? REASON_NO_INK : REASON_NONE;
}
