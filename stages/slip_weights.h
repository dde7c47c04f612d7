/* slip_weights.h - made by bench/train_ranker; do not edit. */
#ifndef STAGES_SLIP_WEIGHTS_H
#define STAGES_SLIP_WEIGHTS_H

#include "extract_slip.h"

#define SLIP_FORM "receipt"

struct slip_word {
    const char *word;
    double name, address;
};

static const double slip_start[SLIP_LABELS] = { 0 };
static const double slip_turn[SLIP_LABELS][SLIP_LABELS] = { { 0 } };
static const double slip_emit[SLIP_LABELS][SLIP_FEATURE_COUNT] = { { 0 } };
static const struct slip_word slip_words[] = { { "zzz", 0, 0 } };

#endif
