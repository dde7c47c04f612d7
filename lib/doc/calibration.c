/* calibration.c - one amount by which a client's values of a field are surer or less sure than shipped. */
#include "doc/calibration.h"

#include <math.h>


#define REACH 8.0 /* logits that are looked at on both sides */
#define STEP 0.1
#define POINTS 161 /* 2 * REACH / STEP + 1 */
#define DEVIATION 1.0
#define EDGE 1e-4 /* nothing is surer than this, nor less sure */

static const double edges[CALIBRATION_BINS - 1] = { 0.20, 0.40, 0.60, 0.70, 0.80,  0.85,  0.90, 0.93,
                                                    0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995 };

unsigned
calibration_bin(double p)
{
    unsigned i = 0;

    while (i < CALIBRATION_BINS - 1 && p >= edges[i])
        i++;
    return i;
}

static double
logit(double p)
{
    p = p < EDGE ? EDGE : p > 1 - EDGE ? 1 - EDGE : p;
    return log(p / (1 - p));
}

/* log of the logistic function, for both tails. */
static double
log_share(double z)
{
    return z > 0 ? -log1p(exp(-z)) : z - log1p(exp(z));
}

/* The logarithm of the posterior at one shift, but for a constant. */
static double
weigh(const struct judged bins[CALIBRATION_BINS], double by)
{
    double sum = -by * by / (2 * DEVIATION * DEVIATION);

    for (unsigned i = 0; i < CALIBRATION_BINS; i++) {
        double z = logit(bins[i].stated) + by;

        if (bins[i].right > 0)
            sum += bins[i].right * log_share(z);
        if (bins[i].wrong > 0)
            sum += bins[i].wrong * log_share(-z);
    }
    return sum;
}

struct shift
calibration_shift(const struct judged bins[CALIBRATION_BINS])
{
    double at[POINTS], best = -INFINITY, all = 0, mean = 0, below = 0, low = -REACH;

    for (unsigned i = 0; i < POINTS; i++) {
        at[i] = weigh(bins, -REACH + STEP * i);
        best = at[i] > best ? at[i] : best;
    }
    for (unsigned i = 0; i < POINTS; i++) {
        at[i] = exp(at[i] - best);
        all += at[i];
        mean += at[i] * (-REACH + STEP * i);
    }
    mean /= all;
    for (unsigned i = 0; i < POINTS; i++) {
        if (below + at[i] >= CALIBRATION_TAIL * all) {
            /* between two points in proportion, or the low end would go in steps */
            low = -REACH + STEP * (i - 0.5 + (CALIBRATION_TAIL * all - below) / at[i]);
            break;
        }
        below += at[i];
    }
    return (struct shift){ fabs(mean) < 1e-9 ? 0 : mean, low };
}

double
calibration_moved(double p, double by)
{
    double z;

    if (p <= 0 || p >= 1 || by == 0)
        return p;
    z = log(p / (1 - p)) + by;
    return 1 / (1 + exp(-z));
}

double
calibration_mean(double p, struct shift shift)
{
    return calibration_moved(p, shift.mean);
}

double
calibration_accept(double p, struct shift shift)
{
    double up = shift.low > 0 ? shift.low : 0, mean = calibration_mean(p, shift);
    double moved = calibration_moved(p, shift.mean < up ? shift.mean : up);

    return moved < mean ? moved : mean; /* a move of next to nothing rounds, and may round up */
}

uint32_t
calibration_most(double expected)
{
    double term, sum;
    uint32_t k = 0;

    if (!(expected > 0))
        return 0;
    /* Beyond what exp() can hold the normal curve is as good. */
    if (expected > 500)
        return (uint32_t)ceil(expected + 1.6449 * sqrt(expected) + 1);
    term = sum = exp(-expected);
    while (sum < 0.95 && k < 2000) {
        k++;
        term *= expected / k;
        sum += term;
    }
    return k;
}

/* Of n chances p each: the probability of at most k. */
static double
at_most(uint32_t k, uint32_t n, double p)
{
    double sum = 0;

    for (uint32_t i = 0; i <= k; i++)
        sum += exp(lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) + i * log(p) + (n - i) * log1p(-p));
    return sum;
}

double
calibration_share(uint32_t wrong, uint32_t n)
{
    double low = 0, high = 1;

    if (n == 0 || wrong >= n)
        return 1;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;

        if (at_most(wrong, n, middle) > 0.05)
            low = middle;
        else
            high = middle;
    }
    return high;
}
