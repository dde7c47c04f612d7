/*
 * extract_chain.c - the chain that labels the lines of a slip: Viterbi for the labels, forward
 * and backward sums for how sure they are.
 */
#include "extract_slip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "doc/lexicon.h"
#include "slip_weights.h"

static int
by_word(const void *key, const void *row)
{
    return strcmp(key, ((const struct slip_word *)row)->word);
}

bool
slip_word_known(const char *fold)
{
    return bsearch(fold, slip_words, COUNT_OF(slip_words), sizeof *slip_words, by_word) != NULL;
}

/* A known word, or one that a reader made of it. */
static const struct slip_word *
known(const char *word)
{
    const struct slip_word *w = bsearch(word, slip_words, COUNT_OF(slip_words), sizeof *slip_words, by_word);
    size_t n = strlen(word);
    double best = n < 8 ? 0.5 : 1.0;

    if (w != NULL || n < 5)
        return w;
    for (size_t i = 0; i < COUNT_OF(slip_words); i++) {
        size_t k = strlen(slip_words[i].word);
        double d;

        if (k < 5 || k > n + 1 || n > k + 1)
            continue;
        d = lexicon_distance(word, n, slip_words[i].word, k, best);
        if (d <= best && (w == NULL || d < best)) {
            w = &slip_words[i];
            best = d;
        }
    }
    return w;
}

static void
emissions(const struct slip_line *s, double out[SLIP_LABELS])
{
    out[SLIP_OTHER] = 0;
    for (int l = SLIP_NAME; l < SLIP_LABELS; l++) {
        out[l] = 0;
        for (int f = 0; f < SLIP_FEATURE_COUNT; f++)
            out[l] += slip_emit[l][f] * s->row[f];
    }
    for (uint32_t i = 0; i < s->word_count; i++) {
        const struct slip_word *w = known(s->words[i]);

        if (w != NULL) {
            out[SLIP_NAME] += w->name;
            out[SLIP_ADDRESS] += w->address;
        }
    }
}

/* What a turn from label k to label l is worth at this line. */
static double
turn(const struct slip_line *s, int k, int l)
{
    double worth = slip_turn[k][l];

    for (int f = 0; f < SLIP_FEATURE_COUNT && k == SLIP_NAME && l == SLIP_NAME; f++)
        worth += slip_goes_on[f] * s->row[f];
    return worth;
}

static double
log_add(double a, double b)
{
    return a > b ? a + log1p(exp(b - a)) : b + log1p(exp(a - b));
}

bool
slip_knows(const struct form *form)
{
    return strcmp(form->name, SLIP_FORM) == 0;
}

void
slip_label(struct slip *slip)
{
    double emit[SLIP_LINES][SLIP_LABELS], best[SLIP_LINES][SLIP_LABELS];
    double ahead[SLIP_LINES][SLIP_LABELS], behind[SLIP_LINES][SLIP_LABELS], all;
    uint8_t from[SLIP_LINES][SLIP_LABELS];
    uint32_t n = slip->count;
    int last = 0;

    if (n == 0)
        return;
    for (uint32_t i = 0; i < n; i++) {
        emissions(&slip->lines[i], emit[i]);
        for (int l = 0; l < SLIP_LABELS; l++) {
            if (i == 0) {
                best[0][l] = ahead[0][l] = slip_start[l] + emit[0][l];
                continue;
            }
            for (int k = 0; k < SLIP_LABELS; k++) {
                double t = turn(&slip->lines[i], k, l), b = best[i - 1][k] + t, a = ahead[i - 1][k] + t;

                if (k == 0 || b > best[i][l]) {
                    best[i][l] = b;
                    from[i][l] = (uint8_t)k;
                }
                ahead[i][l] = k == 0 ? a : log_add(ahead[i][l], a);
            }
            best[i][l] += emit[i][l];
            ahead[i][l] += emit[i][l];
        }
    }
    for (uint32_t i = n; i-- > 0;)
        for (int l = 0; l < SLIP_LABELS; l++) {
            behind[i][l] = 0;
            for (int k = 0; k < SLIP_LABELS && i + 1 < n; k++) {
                double b = turn(&slip->lines[i + 1], l, k) + emit[i + 1][k] + behind[i + 1][k];

                behind[i][l] = k == 0 ? b : log_add(behind[i][l], b);
            }
        }
    all = log_add(log_add(ahead[n - 1][0], ahead[n - 1][1]), ahead[n - 1][2]);
    for (int l = 1; l < SLIP_LABELS; l++)
        if (best[n - 1][l] > best[n - 1][last])
            last = l;
    for (uint32_t i = n; i-- > 0;) {
        slip->lines[i].label = (enum slip_label)last;
        for (int l = 0; l < SLIP_LABELS; l++)
            slip->lines[i].post[l] = exp(ahead[i][l] + behind[i][l] - all);
        last = i > 0 ? from[i][last] : 0;
    }
}
