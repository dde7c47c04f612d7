/*
 * extract_score.h - how probably a chosen value is right.
 *
 * Logistic weights for each kind of value make one number of its features, and a monotone table,
 * learnt on documents that the weights had not seen, makes a probability of that number.
 * bench/calibrate makes both: docs/decisions/0040-confidence.md.
 */
#ifndef STAGES_EXTRACT_SCORE_H
#define STAGES_EXTRACT_SCORE_H

#include "extract_features.h"

/* 0..1 for a row; of two rows of a field, more confidence or score never gives less. */
double extract_weigh(const char *form, const struct form_field *field, const double row[FEATURE_COUNT]);
/* 0..1, for the chosen candidate of field index. */
double extract_probability(const struct extraction *x, unsigned index);

#endif
