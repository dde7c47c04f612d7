/*
 * second.h - the second reader: one line of print, read by a small network of our own.
 *
 * Independent of Tesseract in its training, its errors and its code, as a second keyer is: where both agree there is
 * evidence, where they differ somebody looks.  Convolutions and CTC (Graves and others, ICML 2006) in whole numbers:
 * the same line gives the same answer on every machine.  Weights: bench/train_reader, docs/TRAINING.md.
 */
#ifndef STAGES_SECOND_H
#define STAGES_SECOND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/rc.h"

#define SECOND_HEIGHT 32 /* rows of a line image */
#define SECOND_OTHERS 2

/* One character as read; columns are pixels of the line image. */
struct second_char {
    uint32_t c;    /* Unicode; ' ' between words                */
    float conf;    /* 0..1: the network's own share for it      */
    int x0, x1;    /* where it was seen: about its middle half  */
    uint32_t other[SECOND_OTHERS]; /* what else it may be, 0: nothing */
    float other_conf[SECOND_OTHERS];
};

struct second_text {
    struct second_char *chars;
    uint32_t count;
    float conf; /* mean over characters, 0 without any */
};

enum second_path { SECOND_BEST, SECOND_SCALAR, SECOND_AVX2, SECOND_AVX512 };

/* Load weights and table of n-grams, which are part of the program; before the cage shuts.  RC_CONFIG: damaged. */
MUST_USE enum rc second_ready(void);
void second_done(void);
/* The version of the weights and of the table, as recorded with what was read: "1a2b3c4d-5e6f7a8b". */
const char *second_version(void);
/* How little a text's letters and marks (UTF-8) look like words, natural logarithms a letter; 0 without any. */
double second_strangeness(const char *text);
/* Only for tests and measuring: false when the machine cannot. */
bool second_use(enum second_path path);
/*
 * Only for tests and measuring, after second_ready: another table of n-grams, which must stay, with how much it counts
 * (hundredths; 0: the best path of the network alone).  RC_CONFIG: damaged.
 */
MUST_USE enum rc second_lean(struct bytes table, int weight, int bonus);

/*
 * Read one line.  gray: SECOND_HEIGHT rows of width pixels, 0 black to 255 white, dark print on a light ground; the
 * marks fill some 27 of the rows, in the middle.  allow: the only characters (ASCII) that may come out, or NULL.
 * Widths above 4000 are RC_LIMIT.
 */
MUST_USE enum rc second_read(const uint8_t *gray, int width, const char *allow, struct arena *arena,
                             struct second_text *out);

#endif
