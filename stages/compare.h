/*
 * compare.h - what the codes on the pages and an e-invoice state, against what was read in print.
 *
 * A witness never overrules print.  Equal: the field is confirmed and its confidence raised. Different:
 * REASON_CODE_DIFFERS, a person looks; an e-invoice may say which of two prints is proposed.  Missing: the
 * value may come from the witness (ORIGIN_CODE); it is settled only when the same value stands in print
 * somewhere, or a second kind of witness says the same, and waits for a person (REASON_FROM_CODE) otherwise.
 */
#ifndef STAGES_COMPARE_H
#define STAGES_COMPARE_H

#include "doc/fields.h"
#include "doc/form.h"
#include "doc/reading.h"
#include "doc/witness.h"

/*
 * Probabilities, for whoever calibrates: an extraction states its own (extract_score.c); what a witness
 * changes in it is one of these and nothing else.  They are set by hand, above and below the thresholds
 * of validate.c, as no set of ours holds enough codes to measure them; evidence says which fields to count.
 */
#define COMPARE_AGREED 0.995  /* print and witness, read by different means, say the same         */
#define COMPARE_FOUND 0.97    /* the witness's value, found in print where no label led to it     */
#define COMPARE_ALONE 0.90    /* the witness's alone: never without a person                      */
#define COMPARE_DIFFERS 0.50  /* at most: print and witness contradict                            */
#define COMPARE_UNSURE 0.50   /* below it a reading gives way to what a code and print both say    */

/* Where a value stands in print. */
struct print_place {
    const char *text;
    uint32_t page;
    struct box box;
    bool weak; /* so short that it may stand there by chance */
};

/* Does a canonical value of this field say the same as a statement? */
bool compare_same(const struct form_field *field, const struct statement *statement, const char *value);
/* Look for a stated value among the words; the last place of an amount, the first of anything else. */
bool compare_find(const struct form_field *field, const struct statement *statement,
                  const struct page_reading *const *pages, uint32_t page_count, struct arena *arena,
                  struct print_place *out);
/* All statements of one witness against all fields. */
MUST_USE enum rc compare_witness(const struct form *form, const struct witness *witness,
                                 const struct page_reading *const *pages, uint32_t page_count,
                                 struct arena *arena, struct fields *fields);
/* All codes on the pages, each once; what is of no kind, or breaks its rules, says nothing. */
MUST_USE enum rc compare_codes(const struct form *form, const struct page_reading *const *pages,
                               uint32_t page_count, struct arena *arena, struct fields *fields);

#endif
