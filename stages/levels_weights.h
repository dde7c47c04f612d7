/* levels_weights.h - made by bench/calibrate; do not edit. */
#ifndef STAGES_LEVELS_WEIGHTS_H
#define STAGES_LEVELS_WEIGHTS_H

/* Of the values of free layouts that are at least so sure: the share that is wrong. */
static const struct level {
    double needed, wrong;
} free_levels[] = {
    { 0.8, 0.037515 },
    { 0.85, 0.029789 },
    { 0.9, 0.026581 },
    { 0.93, 0.025159 },
    { 0.95, 0.019967 },
    { 0.96, 0.015996 },
    { 0.97, 0.015231 },
    { 0.98, 0.010976 },
    { 0.985, 0.010976 },
    { 0.99, 0.0042373 },
};

#endif
