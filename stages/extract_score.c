/*
 * extract_score.c - evidence to probability.
 */
#include "extract_score.h"

#include <string.h>

#include "extract_weights.h"

/* What no other evidence outweighs: with this a value is not taken without a person. */
static const struct {
    enum feature feature;
    double at_most;
} caps[] = {
    { FEATURE_BROKEN, 0.7 },
    { FEATURE_CHECK_FAILED, 0.7 },
    { FEATURE_BESIDE, 0.5 },
    { FEATURE_BARE, 0.5 },
    { FEATURE_ODD, 0.8 },
    { FEATURE_LOOKALIKE, 0.8 },
};

static const struct weights *
weights_of(const struct form_field *field)
{
    bool near = field->near != NULL;

    for (size_t i = 0; i < COUNT_OF(weights); i++)
        if ((weights[i].types & (1u << field->type)) != 0 && (weights[i].near == near || !weights[i].near))
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

/*
 * A kind of value that was hardly ever wrong where it was learnt has never shown what being wrong looks like.  So,
 * whatever was learnt: what is read badly on a page that is read badly, and that nothing proves, does not pass.
 */
#define BADLY_READ 0.9

static bool
is_badly_read(const double row[FEATURE_COUNT])
{
    return row[FEATURE_CONF_MIN] < 0.5 && row[FEATURE_PAGE_CONF] < 0.7 && row[FEATURE_CLOSED] <= 0 &&
           row[FEATURE_CHECKED] <= 0;
}

double
extract_weigh(const char *form, const struct form_field *field, const double row[FEATURE_COUNT])
{
    const struct weights *w = weights_of(field);
    double z = w->bias, p;

    for (unsigned i = 0; i < FEATURE_COUNT; i++)
        z += w->weight[i] * row[i];
    for (size_t i = 0; i < COUNT_OF(offsets); i++)
        if (strcmp(offsets[i].form, form) == 0 && strcmp(offsets[i].field, field->name) == 0)
            z += offsets[i].offset;
    p = through(w->knots, w->knot_count, z);
    for (size_t i = 0; i < COUNT_OF(caps); i++)
        if (row[caps[i].feature] > 0 && p > caps[i].at_most)
            p = caps[i].at_most;
    if (p > BADLY_READ && is_badly_read(row))
        p = BADLY_READ;
    return p;
}

double
extract_probability(const struct extraction *x, unsigned index)
{
    double row[FEATURE_COUNT];

    extract_features(x, index, row);
    return extract_weigh(x->form->name, &x->form->fields[index], row);
}
