/*
 * lexicon.h - finding known words in text that a reader may have misread.
 */
#ifndef DOC_LEXICON_H
#define DOC_LEXICON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Lower-case ASCII letters, digits, '#' and '%'; accents go, everything else is left out.
 * Writes at most room - 1 bytes and a NUL; gives the length.
 */
size_t lexicon_fold(const char *text, char *out, size_t room);

/*
 * Edit distance in which what a reader confuses (0 and o, 1 and l, rn and m) costs less.
 * Anything above limit is given as limit + 1.
 */
double lexicon_distance(const char *a, size_t na, const char *b, size_t nb, double limit);

/*
 * Does the folded phrase stand at the beginning of the folded text?  edge[i] tells that a
 * word ends before text[i]; a match must end at an edge or at the end.  cost: 0 for exact.
 */
bool lexicon_prefix(const char *phrase, size_t n, const char *text, size_t size, const uint8_t *edge,
                    double *cost, size_t *used);

/* What a phrase of n letters may cost and still be meant. */
double lexicon_allowance(size_t n);

#endif
