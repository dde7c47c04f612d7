/* second_choice.h - the features of two readers' difference and their learnt weights; made by bench/train_choice. */
#ifndef STAGES_SECOND_CHOICE_H
#define STAGES_SECOND_CHOICE_H

struct second_pair;

#define SECOND_CHOICE_FEATURES 13

/* bias; odds of both for the stretch and for the line; nothing read by one; how length and kinds of marks differ. */
static const double second_choice_weights[SECOND_CHOICE_FEATURES] = {
    1.0028, -0.7037, 0.3101, 0.0028, -0.0413, -6.7674,
    2.9055, 0.2992, 1.9119, -3.7844, 1.3801, -2.6240,
    -1.2626,
};

/* The row of features, for learning. */
void second_choice_row(const struct second_pair *pair, double row[SECOND_CHOICE_FEATURES]);

#endif
