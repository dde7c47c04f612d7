/*
 * second_decode.h - from the network's scores to characters: the best path of CTC, and where letters are doubtful, a
 * search through what the network offers with a table of n-grams beside it.
 *
 * The table re-ranks, it never invents: only a character with a real share in its column can come out.  A word with a
 * digit in it is read by the network alone, and so is what stands without doubt.
 */
#ifndef STAGES_SECOND_DECODE_H
#define STAGES_SECOND_DECODE_H

#include "second.h"
#include "second_language.h"
#include "second_net.h"

#define DECODE_COLUMN 4 /* pixels for each column of scores                                        */
#define DECODE_FREE 8   /* pixels of ground at both ends: CTC may name a letter after it has gone by */
#define CLASSES_MAX 256

struct decoder {
    const struct net *net;           /* its letters and classes only; borrowed */
    const struct language *language; /* borrowed */
    uint8_t partner[CLASSES_MAX];    /* the other case of an ASCII letter, 0: none */
    uint8_t group[CLASSES_MAX];      /* both cases have the number of the capital  */
    uint8_t symbol[CLASSES_MAX];     /* of the language; 0 for the blank of CTC    */
    double factor[LANGUAGE_COST_MAX + 1]; /* e^(bonus - weight * cost)             */
    bool searches;
};

/* weight: how much the language counts beside the network, bonus: for each character; in hundredths, 0: not at all. */
MUST_USE enum rc decoder_make(const struct net *net, const struct language *language, int weight, int bonus,
                              struct decoder *d);

/*
 * scores: [columns][net->classes], which become shares of 1.  words: false when what stands here is no language (a
 * code, an amount): the best path alone.  The result is in arena; what is needed on the way, in scratch.
 */
MUST_USE enum rc decode(const struct decoder *d, float *scores, int columns, bool words, struct arena *scratch,
                        struct arena *arena, struct second_text *out);

#endif
