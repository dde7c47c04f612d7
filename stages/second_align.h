/* second_align.h - where two readings of one line go apart and where they come together again. */
#ifndef STAGES_SECOND_ALIGN_H
#define STAGES_SECOND_ALIGN_H

#include "ocr.h"

/* So many words of each stand before the cut. */
struct second_cut {
    uint32_t first, second;
};

/*
 * Cut both readings where both see a gap between words, at the same place of the line and of the text: what lies
 * between two cuts is the same print, read twice, with at least a word of one of them.  The last cut is the end of
 * both; none when neither has a word.  cuts live in arena.  Boxes in one frame, words from left to right.
 */
MUST_USE enum rc second_align(const struct ocr_text *first, const struct ocr_text *second, struct arena *arena,
                              struct second_cut **cuts, uint32_t *count);

#endif
