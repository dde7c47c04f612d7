/*
 * extract_score.c - evidence to probability.
 */
#include "extract_score.h"

#include <math.h>

double
extract_probability(const struct extraction *x, unsigned index)
{
    const struct choice *choice = &x->choices[index];
    const struct candidate *c = &choice->list[choice->chosen];
    double z = -1.0 + 2.0 * (c->score - 0.5) + 2.0 * (c->conf - 0.5);

    z += choice->closed ? 2.5 : choice->broken ? -1.0 : 0;
    z += c->checked ? 2.0 : c->check_failed ? -1.5 : 0;
    return 1 / (1 + exp(-z));
}
