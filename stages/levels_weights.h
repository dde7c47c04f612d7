/* levels_weights.h - made by bench/calibrate; do not edit. */
#ifndef STAGES_LEVELS_WEIGHTS_H
#define STAGES_LEVELS_WEIGHTS_H

/* Of the values of free layouts that are at least so sure: the share that is wrong. */
static const struct level {
    double needed, wrong;
} free_levels[] = {
    { 0.8, 0.026 },
    { 0.85, 0.0194 },
    { 0.93, 0.0125 },
    { 0.95, 0.0111 },
    { 0.96, 0.0099 },
    { 0.97, 0.009 },
    { 0.985, 0.0024 },
};

#endif
