/*
 * calibration.h - from the probability that we ship to this client's own.
 *
 * What persons said about the values of one field of one form of one client is counted by the
 * probability that was stated for them.  The counts move the logit of every stated probability
 * by one amount: a normal prior of deviation 1 around "as shipped", worth 34 values at 0.97 and
 * four at 0.5.  One amount keeps the order of values, so more evidence never gives less; and few
 * values move it little.  docs/decisions/0041-own-calibration.md has what else was measured.
 */
#ifndef DOC_CALIBRATION_H
#define DOC_CALIBRATION_H

#include <stdint.h>

#define CALIBRATION_BINS 16
/* Half an interval of 90 %: five in a hundred times the truth lies below the low end. */
#define CALIBRATION_TAIL 0.05

/* Which bin a stated probability is counted in; narrow where acceptance is decided. */
unsigned calibration_bin(double p);

/* Of the values of one bin: how many were right and wrong, and the mean of what was stated for them. */
struct judged {
    double right, wrong;
    double stated;
};

/* By how much to move logits: the posterior's mean, and its low end. */
struct shift {
    double mean, low;
};

/* No counts give { 0, below 0 }. */
struct shift calibration_shift(const struct judged bins[CALIBRATION_BINS]);
/* A stated probability, moved; 0 and 1 stay. */
double calibration_moved(double p, double by);
/* The best guess for this client. */
double calibration_mean(double p, struct shift shift);
/*
 * What decides acceptance: down with the mean at once, up only as far as the low end of the interval
 * reaches.  Never above the mean, so a few good values open nothing.
 */
double calibration_accept(double p, struct shift shift);

/*
 * The most wrong values among some whose probabilities of being wrong add up to expected, with 95 %
 * certainty: the Poisson quantile, which is never below that of unequal independent chances (Hoeffding 1956).
 */
uint32_t calibration_most(double expected);
/* Clopper and Pearson: the share of wrong values that fewer than 5 in 100 samples of n with so few wrong come from. */
double calibration_share(uint32_t wrong, uint32_t n);

#endif
