/* read_language.h - which language a page seems to be in, by its common words. */
#ifndef STAGES_READ_LANGUAGE_H
#define STAGES_READ_LANGUAGE_H

#include "ocr.h"

struct language_votes {
    double votes[OCR_LANGUAGES];
    uint32_t words; /* looked at */
    uint32_t known; /* found in some list */
};

void language_listen(struct language_votes *votes, const struct word *words, uint32_t count);
/* The winner, when it is clear; "now" otherwise. */
enum ocr_language language_winner(const struct language_votes *votes, enum ocr_language now);

#endif
