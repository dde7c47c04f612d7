/*
 * levels.c - the contract's error budget, turned into what each value asks of persons.
 */
#include "levels.h"

#include "base/bytes.h"
#include "levels_weights.h"

/*
 * What persons let pass, until a client's own samples say otherwise; on the careful side of what is
 * published on keying.  One who is shown a wrong value takes it as right; one who types mistypes; and
 * one whose typing differs from what the machine read, and is told so, insists all the same.
 */
#define OVERLOOKS 0.05
#define MISTYPES 0.01
#define INSISTS 0.05
/* The highest level that was measured. */
#define ABOVE_MEASURED 0.985

/* Levels of probability, and the share of wrong values among those at or above, on documents and layouts that the
 * weights had not seen, the worse of the two: of free layouts bench/calibrate writes them (0040). */
static const struct level fixed_levels[] = { { 0.95, 0.0100 }, { 0.9695, 0.0006 } };

static double
budget_of(const struct form_field *field, const struct terms *terms)
{
    return terms != NULL && (unsigned)field->criticality < TERMS_BUDGETS ? terms->budget[field->criticality] : 0;
}

/* The lowest level that keeps the budget; beyond what was measured each value must keep it by itself. */
static double
level_for(double budget, const struct level *levels, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (levels[i].wrong <= budget)
            return levels[i].needed;
    return 1 - budget > ABOVE_MEASURED ? 1 - budget : ABOVE_MEASURED;
}

double
levels_needed(const struct form *form, const struct form_field *field, const struct terms *terms)
{
    static const double fixed[] = { [CRIT_MINOR] = 0.95, [CRIT_MAJOR] = 0.9695, [CRIT_CRITICAL] = 0.9695 };
    static const double free_layout[] = { [CRIT_MINOR] = 0.80, [CRIT_MAJOR] = 0.95, [CRIT_CRITICAL] = 0.96 };
    double budget = budget_of(field, terms);

    if (budget > 0)
        return form->fixed ? level_for(budget, fixed_levels, COUNT_OF(fixed_levels))
                           : level_for(budget, free_levels, COUNT_OF(free_levels));
    return form->fixed ? fixed[field->criticality] : free_layout[field->criticality];
}

enum field_level
levels_asked(const struct form_field *field, const struct terms *terms, double p)
{
    double budget = budget_of(field, terms), wrong = 1 - p;

    if (budget <= 0 || wrong * OVERLOOKS <= budget)
        return LEVEL_CONFIRM;
    /* One who types makes a mistake that stays when the machine was wrong too, or when a difference is not minded. */
    if (MISTYPES * (wrong + p * INSISTS) <= budget)
        return LEVEL_SINGLE;
    return LEVEL_DOUBLE;
}
