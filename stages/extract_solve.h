/* extract_solve.h - the state of an equation among chosen values. */
#ifndef STAGES_EXTRACT_SOLVE_H
#define STAGES_EXTRACT_SOLVE_H

#include "extract.h"

enum equation_state {
    EQUATION_OPEN, /* a member is missing */
    EQUATION_HOLDS,
    EQUATION_FAILS
};

enum equation_state equation_state(const struct extraction *x, const struct equation *q);

#endif
