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
    { 1u << VALUE_MONEY | 1u << VALUE_NUMBER | 1u << VALUE_PERCENT,
      -4.3187,
      {
        [FEATURE_SCORE] = 7.4086,
        [FEATURE_CONF_MEAN] = 0.10916,
        [FEATURE_CONF_MIN] = 0.10905,
        [FEATURE_LABEL_EXACT] = 0.014472,
        [FEATURE_LABEL_FUZZY] = -0.60136,
        [FEATURE_LABEL_LONG] = -1.3179,
        [FEATURE_CLOSED] = 2.1795,
        [FEATURE_BROKEN] = -1.4585,
        [FEATURE_MOVED] = -0.89194,
        [FEATURE_REPEATED] = 0.3996,
        [FEATURE_SHARED] = -2.2284,
        [FEATURE_RIVALS] = -0.26718,
        [FEATURE_WORDS] = -0.30645,
        [FEATURE_HIGH] = 0.46319,
        [FEATURE_BIG] = 2.8806,
        [FEATURE_NEAR_LABEL] = 1.2307,
        [FEATURE_BESIDE] = -8.3062,
        [FEATURE_NOTHING] = -3.353,
        [FEATURE_UNSURE] = -1.8278,
        [FEATURE_PROOFS] = 1.562,
        [FEATURE_SURE_PROOF] = 0.91327,
        [FEATURE_ADDS_UP] = 0.40361,
        [FEATURE_NOT_LARGEST] = 1.6936,
      },
      6,
      {
        { -0.89994, 0.38079 },
        { 1.4116, 0.74671 },
        { 2.9922, 0.91887 },
        { 4.7576, 0.93046 },
        { 5.6123, 0.95724 },
        { 7.371, 0.98758 },
      } },
    { 1u << VALUE_DATE,
      -0.83203,
      {
        [FEATURE_SCORE] = 0.17241,
        [FEATURE_MARGIN] = 0.25387,
        [FEATURE_CONF_MEAN] = 0.99197,
        [FEATURE_CONF_MIN] = 1.2642,
        [FEATURE_LABEL_EXACT] = 0.98145,
        [FEATURE_LABEL_FUZZY] = 1.3229,
        [FEATURE_LABEL_LONG] = 1.1756,
        [FEATURE_REPEATED] = 1.8132,
        [FEATURE_SHARED] = -2.211,
        [FEATURE_PAGE_CONF] = 5.5493,
        [FEATURE_COARSE] = -1.2293,
        [FEATURE_RIVALS] = -0.68608,
        [FEATURE_WORDS] = 1.1185,
        [FEATURE_HIGH] = -5.9232,
        [FEATURE_BIG] = 4.1433,
        [FEATURE_NEAR_LABEL] = 0.5262,
      },
      4,
      {
        { 1.3593, 0.74306 },
        { 2.732, 0.90972 },
        { 3.7541, 0.97626 },
        { 5.6307, 0.97917 },
      } },
    { 1u << VALUE_ID,
      0.16787,
      {
        [FEATURE_SCORE] = 1.0253,
        [FEATURE_MARGIN] = 0.18859,
        [FEATURE_CONF_MEAN] = 2.2014,
        [FEATURE_CONF_MIN] = 1.0977,
        [FEATURE_LABEL_EXACT] = -0.079936,
        [FEATURE_LABEL_FUZZY] = 0.079936,
        [FEATURE_LABEL_LONG] = -0.96516,
        [FEATURE_CHECKED] = 0.19631,
        [FEATURE_CHECK_FAILED] = -3.1426,
        [FEATURE_REPEATED] = 1.7232,
        [FEATURE_PAGE_CONF] = 5.3908,
        [FEATURE_PAGE_WEAK] = -3.4197,
        [FEATURE_COARSE] = -3.0172,
        [FEATURE_RIVALS] = 7.3371,
        [FEATURE_WORDS] = 1.1126,
        [FEATURE_PATTERN] = -1.4265,
        [FEATURE_ODD] = -22.995,
        [FEATURE_HIGH] = -3.5293,
        [FEATURE_BIG] = -0.65762,
        [FEATURE_SURE_CHECK] = 0.18465,
      },
      6,
      {
        { -0.65676, 0.72078 },
        { 2.8548, 0.93669 },
        { 4.2629, 0.95806 },
        { 5.1056, 0.96795 },
        { 5.9467, 0.97525 },
        { 7.4998, 0.99091 },
      } },
    { 1u << VALUE_TEXT | 1u << VALUE_NAME | 1u << VALUE_ADDRESS,
      -7.2789,
      {
        [FEATURE_SCORE] = 2.7067,
        [FEATURE_MARGIN] = 1.1943,
        [FEATURE_CONF_MEAN] = 1.6205,
        [FEATURE_CONF_MIN] = 1.6523,
        [FEATURE_LABEL_EXACT] = 1.3916,
        [FEATURE_LABEL_FUZZY] = -3.3108,
        [FEATURE_LABEL_LONG] = -0.9525,
        [FEATURE_PAGE_CONF] = 0.2361,
        [FEATURE_RIVALS] = -0.80603,
        [FEATURE_WORDS] = 0.71077,
        [FEATURE_SUFFIX] = 0.40292,
        [FEATURE_ODD] = -27.137,
        [FEATURE_HIGH] = 2.1837,
        [FEATURE_BIG] = -0.15905,
        [FEATURE_ECHO] = 3.4413,
        [FEATURE_NEAR_LABEL] = 0.23555,
        [FEATURE_UNSURE] = -0.52127,
      },
      9,
      {
        { -5.4007, 0.12255 },
        { -1.8827, 0.27941 },
        { -0.59574, 0.43627 },
        { 0.15491, 0.52451 },
        { 0.83806, 0.65196 },
        { 1.6169, 0.68447 },
        { 2.2906, 0.87745 },
        { 2.687, 0.93627 },
        { 3.4712, 0.97794 },
      } },
    { 1u << VALUE_CODE | 1u << VALUE_MARK,
      1.2195,
      {
        [FEATURE_SCORE] = 2.6698,
        [FEATURE_MARGIN] = 1.7138,
        [FEATURE_CONF_MEAN] = 0.96272,
        [FEATURE_CONF_MIN] = 0.96272,
        [FEATURE_PAGE_CONF] = 0.98202,
        [FEATURE_PAGE_WEAK] = -0.1525,
        [FEATURE_RIVALS] = -9.6674,
        [FEATURE_HIGH] = -3.3416,
        [FEATURE_BIG] = 0.65621,
        [FEATURE_UNSURE] = -1.3256,
      },
      3,
      {
        { 1.8406, 0.83333 },
        { 2, 0.91667 },
        { 5.0984, 0.99194 },
      } },
};

static const struct {
    const char *form, *field;
    double offset;
} offsets[] = {
    { "receipt", "grand_total", 0.10612 },
    { "receipt", "issue_date", -0.34531 },
    { "receipt", "seller_address", -0.43351 },
    { "receipt", "seller_name", -0.0057935 },
    { "", "", 0 },
};

#endif
