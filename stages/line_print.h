/* line_print.h - the print of a page as bits: what is light on dark turned over, rules and texture taken out. */
#ifndef STAGES_LINE_PRINT_H
#define STAGES_LINE_PRINT_H

#include <leptonica/allheaders.h>

#include "base/rc.h"
#include "doc/box.h"

#define BARS_MAX 40

struct bars {
    struct box boxes[BARS_MAX]; /* in pixels of the reduced page */
    uint8_t tones[BARS_MAX];    /* of a tint; 0: it is dark      */
    unsigned count;
};

struct line_print {
    PIX *bits;        /* 1 bit; the owner calls line_print_done                       */
    int scale;        /* pixels of the page to one of bits: 1, or 2 from 240 dots an inch on */
    float usual;      /* the usual height of a letter in bits; 0 without any print     */
    struct bars bars; /* where light print on dark ground was turned over              */
};

MUST_USE enum rc line_print_find(PIX *gray, struct line_print *out);
void line_print_done(struct line_print *print);

#endif
