/* second_choice.h - the features of two readers' difference and their learnt weights; made by bench/train_choice. */
#ifndef STAGES_SECOND_CHOICE_H
#define STAGES_SECOND_CHOICE_H

struct second_pair;

#define SECOND_CHOICE_FEATURES 14

/* bias; odds of both for the stretch and the line; nothing read by one; how length, marks, likeness to words differ. */
static const double second_choice_weights[SECOND_CHOICE_FEATURES] = {
    1.1587, -0.6582, 0.2389, 0.0214, -0.0237, -5.9409,
    2.1261, -0.3006, 2.2211, -3.6241, 1.7666, -2.4143,
    -0.8871, 1.8456,
};

/* The row of features, for learning. */
void second_choice_row(const struct second_pair *pair, double row[SECOND_CHOICE_FEATURES]);

#endif
