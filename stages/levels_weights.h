/* levels_weights.h - made by bench/calibrate; do not edit. */
#ifndef STAGES_LEVELS_WEIGHTS_H
#define STAGES_LEVELS_WEIGHTS_H

/* Of the values of free layouts that are at least so sure: the share that is wrong. */
static const struct level {
    double needed, wrong;
} free_levels[] = {
    { 0.8, 0.026504 },
    { 0.85, 0.023519 },
    { 0.9, 0.015573 },
    { 0.93, 0.0096267 },
    { 0.95, 0.0077473 },
    { 0.96, 0.0057791 },
    { 0.97, 0.0048232 },
    { 0.98, 0.0034247 },
    { 0.985, 0.0031465 },
    { 0.99, 0.0023956 },
};

#endif
