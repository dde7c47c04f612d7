/* extract_score.h - how probably a chosen value is right. */
#ifndef STAGES_EXTRACT_SCORE_H
#define STAGES_EXTRACT_SCORE_H

#include "extract.h"

/* 0..1, for the chosen candidate of field index. */
double extract_probability(const struct extraction *x, unsigned index);

#endif
