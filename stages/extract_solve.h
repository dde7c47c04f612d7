/* extract_solve.h - what holds among chosen values, and what is put right by it. */
#ifndef STAGES_EXTRACT_SOLVE_H
#define STAGES_EXTRACT_SOLVE_H

#include "extract.h"

enum equation_state {
    EQUATION_OPEN, /* a member is missing */
    EQUATION_HOLDS,
    EQUATION_FAILS
};

/*
 * One misread digit of an amount, and dates that may be day or month first, put right when just
 * one way of reading makes equations and order rules hold; a part of extract_solve.
 */
void extract_repair(struct extraction *x);

enum equation_state equation_state(const struct extraction *x, const struct equation *q);

#endif
