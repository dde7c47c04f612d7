/*
 * extract_latin.h - paper of Chile, Mexico and Argentina: signs that mean something else there.
 */
#ifndef STAGES_EXTRACT_LATIN_H
#define STAGES_EXTRACT_LATIN_H

#include "extract.h"

struct latin {
    const char *label;    /* of a tax number, folded     */
    const char *check;    /* that the number must pass   */
    const char *currency; /* that "$" stands for         */
    char mark;            /* the decimal mark; 0: either */
    bool whole;           /* there are no cents          */
};

/* The country of a document, by the first label of a tax number with a good number behind it; or NULL. */
const struct latin *latin_paper(const struct layout *layout);
/* May a sign stand for this currency? "$" stands for the country's own; without a country for no peso. Others may. */
bool latin_sign(const struct latin *latin, const char *code, const char *sign);
/* Takes away labels that are some only on the paper of these countries, from other paper. */
void latin_labels(struct extraction *x);
/* Of two tax numbers that must differ, the upper one is the first field's; exchanged where both may be either. */
void latin_parties(struct extraction *x);

#endif
