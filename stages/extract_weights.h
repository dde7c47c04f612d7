/* extract_weights.h - made by bench/calibrate; do not edit. */
#ifndef STAGES_EXTRACT_WEIGHTS_H
#define STAGES_EXTRACT_WEIGHTS_H

#include "extract_features.h"

struct knot {
    double z, p;
};

struct weights {
    unsigned types; /* bits of enum value_type */
    double bias, weight[FEATURE_COUNT];
    unsigned knot_count;
    struct knot knots[24];
};

static const struct weights weights[] = {
    { 0x3ffu, -3.0, { [FEATURE_SCORE] = 2.0, [FEATURE_CONF_MIN] = 2.0, [FEATURE_CLOSED] = 2.5, [FEATURE_MIXED] = 2.5,
      [FEATURE_BROKEN] = -1.0, [FEATURE_CHECKED] = 2.0, [FEATURE_CHECK_FAILED] = -1.5 }, 3,
      { { -6, 0.0025 }, { 0, 0.5 }, { 6, 0.9975 } } },
};

static const struct {
    const char *form, *field;
    double offset;
} offsets[] = { { "", "", 0 } };

#endif
