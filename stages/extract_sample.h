/*
 * extract_sample.h - what the rows under a table's head have in common: gaps, edges, contents.
 */
#ifndef STAGES_EXTRACT_SAMPLE_H
#define STAGES_EXTRACT_SAMPLE_H

#include "extract_grid.h"

#define SAMPLE_MAX 60 /* rows that are looked at */

struct sample {
    const struct extraction *x;
    uint32_t lines[SAMPLE_MAX];
    unsigned count;
};

/* What the rows have in a column. */
struct content {
    unsigned filled, codes, amounts, letters, words;
    int right_least, right_most; /* ends of its cells */
};

/* The rows under a head whose columns have their boxes: those on its page, to the table's end. */
void sample_rows(const struct extraction *x, const struct head *head, struct sample *out);
/* The widest gap that (nearly) all rows leave between from and to: *a to *b.  false: they leave none. */
bool sample_gap(const struct sample *s, int from, int to, int *a, int *b);
/* In how many rows does a word begin here, as text does that stands at its title's left edge? */
unsigned sample_begins(const struct sample *s, int at);
/* What stands between left and right. */
struct content sample_content(const struct sample *s, int left, int right);
/* "A3584", "004538", "P-02290": one word of figures, with letters in capitals. */
bool sample_code(const char *text);
/* "87.31", "1.133,40", "$24.90": figures that end in cents. */
bool sample_amount(const char *text);
/* Where a word of a line ends: one whose box runs on over the next word ends where that begins. */
int word_end(const struct layout *lay, const struct lay_run *line, uint32_t i);
/* "|": a rule between two columns, read as a letter. */
bool word_is_rule(const struct layout *lay, uint32_t i);

static inline bool
column_text(const struct column *c)
{
    return c->field != NULL && c->field->type == VALUE_TEXT;
}

#endif
