/*
 * extract_score.c - evidence to probability.
 */
#include "extract_score.h"

#include <string.h>

#include "extract_weights.h"

static const struct weights *
weights_of(enum value_type type)
{
    for (size_t i = 0; i < COUNT_OF(weights); i++)
        if (weights[i].types & (1u << type))
            return &weights[i];
    return &weights[0];
}

/* Straight lines between the knots; flat beyond the ends. */
static double
through(const struct knot *knots, unsigned count, double z)
{
    unsigned i = 1;

    if (z <= knots[0].z)
        return knots[0].p;
    while (i < count && z > knots[i].z)
        i++;
    if (i == count)
        return knots[count - 1].p;
    return knots[i - 1].p + (knots[i].p - knots[i - 1].p) * (z - knots[i - 1].z) / (knots[i].z - knots[i - 1].z);
}

double
extract_weigh(const char *form, const struct form_field *field, const double row[FEATURE_COUNT])
{
    const struct weights *w = weights_of(field->type);
    double z = w->bias;

    for (unsigned i = 0; i < FEATURE_COUNT; i++)
        z += w->weight[i] * row[i];
    for (size_t i = 0; i < COUNT_OF(offsets); i++)
        if (strcmp(offsets[i].form, form) == 0 && strcmp(offsets[i].field, field->name) == 0)
            z += offsets[i].offset;
    return through(w->knots, w->knot_count, z);
}

double
extract_probability(const struct extraction *x, unsigned index)
{
    double row[FEATURE_COUNT];

    extract_features(x, index, row);
    return extract_weigh(x->form->name, &x->form->fields[index], row);
}
