/* choose_weights.h - made by bench/train_ranker; do not edit. */
#ifndef STAGES_CHOOSE_WEIGHTS_H
#define STAGES_CHOOSE_WEIGHTS_H

#include "extract_choose.h"

struct choose_model {
    const char *form, *field;
    double weight[CHOOSE_COLUMNS];
    double none; /* what no candidate is worth */
};

static const struct choose_model choose_models[] = {
    { .form = "receipt", .field = "grand_total", .weight = { [AMOUNT_HAND] = 8 }, .none = 3 },
    { .form = "receipt", .field = "issue_date", .weight = { [DATE_HAND] = 8 }, .none = 3 },
};

#endif
