/*
 * extract_learnt.c - what the learnt ranker knows: extract_choose.h, weights of bench/train_ranker.
 */
#include <string.h>

#include "choose_weights.h"

static const struct choose_model *
model_of(const struct form *form, uint16_t field)
{
    for (size_t i = 0; i < COUNT_OF(choose_models); i++)
        if (strcmp(choose_models[i].form, form->name) == 0 &&
            strcmp(choose_models[i].field, form->fields[field].name) == 0)
            return &choose_models[i];
    return NULL;
}

bool
choose_knows(const struct form *form, uint16_t field)
{
    return model_of(form, field) != NULL;
}

double
choose_none(const struct form *form, uint16_t field)
{
    const struct choose_model *m = model_of(form, field);

    return m != NULL ? m->none : 0;
}

double
choose_weigh(const struct form *form, uint16_t field, const char *value, const double *row, unsigned columns)
{
    const struct choose_model *m = model_of(form, field);
    double z = 0;

    (void)value; /* bench/train_ranker listens here */
    for (unsigned i = 0; i < columns && m != NULL; i++)
        z += m->weight[i] * row[i];
    return z;
}
