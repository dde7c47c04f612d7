/* levels_weights.h - made by bench/calibrate; do not edit. */
#ifndef STAGES_LEVELS_WEIGHTS_H
#define STAGES_LEVELS_WEIGHTS_H

/* Of the values of free layouts that are at least so sure: the share that is wrong. */
static const struct level {
    double needed, wrong;
} free_levels[] = {
    { 0.8, 0.02009 },
    { 0.85, 0.016694 },
    { 0.9, 0.014048 },
    { 0.93, 0.011156 },
    { 0.95, 0.010409 },
    { 0.96, 0.0088652 },
    { 0.97, 0.0058492 },
    { 0.98, 0.0045024 },
    { 0.985, 0.003501 },
    { 0.99, 0.003501 },
};

#endif
