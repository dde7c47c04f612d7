/* second_choice.h - the features of two readers' difference and their learnt weights; made by bench/train_choice. */
#ifndef STAGES_SECOND_CHOICE_H
#define STAGES_SECOND_CHOICE_H

struct second_pair;

#define SECOND_CHOICE_FEATURES 13

/* bias; odds of both for the stretch and for the line; nothing read by one; how length and kinds of marks differ. */
static const double second_choice_weights[SECOND_CHOICE_FEATURES] = {
    0, -0.5, 0.7, -0.2, 0.6, 0, 0, 0, 0, 0, 0, 0, 0,
};

/* The row of features, for learning. */
void second_choice_row(const struct second_pair *pair, double row[SECOND_CHOICE_FEATURES]);

#endif
