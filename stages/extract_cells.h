/*
 * extract_cells.h - what the cells of a table say about one another.
 */
#ifndef STAGES_EXTRACT_CELLS_H
#define STAGES_EXTRACT_CELLS_H

#include "extract.h"

/* Digits that readers take for one another on worn or low print; both ways, likeliest first. */
extern const char *const digits_alike[10];

/* The day of the week that a text names, Monday 0; -1: none. */
int weekday_in(const char *text);
/*
 * The dates of a column: one order of day and month for all of them, the year that the document
 * lends, and a digit that the days of the week put right.  A changed reading is flagged.
 */
MUST_USE enum rc cells_dates(const struct extraction *x, struct fields *out);
/*
 * The form's span: hours = out - in - break in each row, and what all rows add up to.  Of the ways
 * to read the cells the only cheapest one that holds is taken; a changed reading is flagged.
 */
MUST_USE enum rc cells_span(const struct extraction *x, struct fields *out);
/*
 * A word of a cell as it must have been printed where what was read is no word: "20 Ib" is pounds, "mm?" square
 * millimetres, a single "á" the French à.  before: the word before it, or "".
 */
const char *cell_word(const char *word, const char *before);
/* Give a cell another value than was read first. */
void cell_mend(struct field *cell, const char *value);

#endif
