/*
 * second_language.h - how probable a letter is after the letters before it: a table of character n-grams.
 *
 * Both cases of a letter are one symbol, all digits are one, so that no digit is ever preferred to another.
 * Interpolated Kneser-Ney (Chen and Goodman, 1999) in backoff form, learnt by bench/train_language (docs/TRAINING.md);
 * all numbers are whole, in 1/16 of a natural logarithm.
 */
#ifndef STAGES_SECOND_LANGUAGE_H
#define STAGES_SECOND_LANGUAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/rc.h"

#define LANGUAGE_STEP 16      /* of a cost in one natural logarithm */
#define LANGUAGE_COST_MAX 320 /* what has never been seen           */
#define LANGUAGE_SYMBOLS 64

enum language_symbol { LANGUAGE_NONE, LANGUAGE_BLANK, LANGUAGE_DIGIT, LANGUAGE_OTHER, LANGUAGE_FIRST };

struct language {
    const uint8_t *table;          /* borrowed: [slots] of 16 bits of check, 8 of cost, 8 of backing off */
    uint32_t slots, crc;
    unsigned order, shift;         /* the longest n-gram; 64 - log2(slots) */
    uint32_t letters[LANGUAGE_SYMBOLS]; /* of each symbol from LANGUAGE_FIRST on: its capital */
    unsigned symbols;
};

/* The table that is part of the program. */
extern const uint8_t second_language_weights[], second_language_weights_end[];

/* Look into file, which must stay; nothing is allocated.  RC_INPUT: not such a file, or damaged. */
MUST_USE enum rc language_load(struct bytes file, struct language *language);

/* The symbol of a character; small letters count as capitals. */
unsigned language_symbol(const struct language *language, uint32_t c);

/* What was read before: six bits a symbol, the last lowest, a number as one; at the beginning of a line, a blank. */
typedef uint64_t language_past;
language_past language_push(const struct language *language, language_past past, unsigned symbol);

/* The cost of symbol after past: -16 ln p, at most LANGUAGE_COST_MAX. */
unsigned language_cost(const struct language *language, language_past past, unsigned symbol);

/* Mean cost of the letters of a text (UTF-8) in natural logarithms; 0 without letters. */
double language_strangeness(const struct language *language, const char *text);

#endif
