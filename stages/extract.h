/*
 * extract.h - what the parts of the extraction share.
 *
 * Evidence flows one way: labels are found, values are found, values are ranked for each
 * field by the labels near them, then what must add up decides among the best.
 */
#ifndef STAGES_EXTRACT_H
#define STAGES_EXTRACT_H

#include "doc/fields.h"
#include "doc/form.h"
#include "doc/value.h"
#include "words.h"

#define CANDIDATES_MAX 16 /* kept for a field, best first */
#define NO_FIELD 0xffffu
#define REACH_LEAST 0.35  /* a worse fit of value and label is no fit */

struct label_hit {
    uint16_t field; /* index in form->fields; NO_FIELD: a decoy or a column title */
    uint16_t rank;  /* place of the phrase among the field's labels, from 0 */
    uint32_t page, line, piece, first, count; /* words */
    struct box box;
    double cost;    /* 0: exact */
    uint32_t length;
    const char *tail; /* what follows the label inside its last word, or "" */
    uint32_t column;  /* of a table, or UINT32_MAX */
};

struct amount_at {
    uint32_t page, line, piece, first, count;
    struct box box;
    struct amount readings[2];
    unsigned reading_count;
    bool percent; /* a percent sign follows */
    bool joined;  /* of several words */
    bool in_date; /* part of something that is a date */
    double best;  /* how well its best label fits: what competes for it */
    uint16_t best_field;
};

#define DATES_MAX 400

struct date_at {
    uint32_t page, line, piece, first, count;
    struct box box;
    struct date_hit hit;
    double best;
    uint32_t best_hit;
    uint16_t best_field;
    bool repaired; /* a digit was put right so that it can be a date */
};

struct candidate {
    const char *value, *text;
    uint32_t page, first, count;
    double score;      /* of place, label, shape; about 0 to 1.5                  */
    int64_t minor;     /* of amounts                                              */
    float conf;        /* the reader's, of its weakest word                        */
    int hit;           /* index of the label hit, or -1                            */
    bool checked;      /* a check digit holds                                      */
    bool check_failed;
    bool repaired;     /* letters were read as digits, or a check digit repaired it */
    bool ambiguous;    /* day and month could be swapped                           */
    double remembered; /* 0 to 1: how far people taught that it stands here (memory.h) */
    double refuted;    /* 0 to 1: ... that what stands here is not it                */
};

struct choice {
    struct candidate *list; /* room for CANDIDATES_MAX */
    uint32_t count;
    int chosen;     /* -1: none */
    bool closed;    /* an equation holds with it      */
    bool broken;    /* an equation fails with it      */
    bool by_equation; /* the equation moved the choice */
};

struct latin;
struct memory_use;
struct memory_set;

struct extraction {
    struct arena *arena;
    const struct form *form;
    const struct layout *layout;
    struct label_hit *hits;
    uint32_t hit_count;
    struct amount_at *amounts;
    uint32_t amount_count;
    struct date_at *dates;
    uint32_t date_count;
    struct choice *choices; /* one for each field of the form */
    char mark;              /* the page's decimal mark, or 0 */
    bool month_first;       /* dates read month first */
    unsigned rate_count;       /* rows of a tax breakdown that close */
    int64_t base_sum, tax_sum; /* of the rows of a tax breakdown, or 0 */
    bool order_sure;        /* some date on the page, or its country, proves the order */
    const struct latin *latin; /* the country whose paper it is (extract_latin.h), or NULL */
    const struct memory_use *memory; /* the layout as people taught it, or NULL */
};

/* Each fills its part of x. */
MUST_USE enum rc extract_labels(struct extraction *x);
MUST_USE enum rc extract_amounts(struct extraction *x);
/* Dates that one digit, read for one that looks like it, makes impossible. */
void dates_mend(struct extraction *x);
MUST_USE enum rc extract_dates(struct extraction *x);
/* Candidates of every field but parties. */
MUST_USE enum rc extract_rank(struct extraction *x);
/* Candidates of one field that stands where a label's line meets a titled column ("cross"); a part of extract_rank. */
void extract_cross(struct extraction *x, uint16_t field);
/* Candidates of one id field; a part of extract_rank. */
void extract_ids(struct extraction *x, uint16_t field);
/* Names and addresses, then what stands near them. */
MUST_USE enum rc extract_parties(struct extraction *x);
/* Let equations choose among candidates. */
void extract_solve(struct extraction *x);
/* The rows of the form's table. */
MUST_USE enum rc extract_table(struct extraction *x, struct fields *out);
/* What arithmetic says of its cells: quantity times price, and the sum below. */
void extract_proof(const struct extraction *x, struct fields *out);

/* All of the above: the fields of a document without a template. */
MUST_USE enum rc extract_free(const struct form *form, const struct page_reading *const *pages,
                              uint32_t page_count, struct arena *arena, struct fields *out);

/* The same, with what this client's people taught (NULL: nothing).  slot: of the layout that it is, or 0. */
MUST_USE enum rc extract_taught(const struct form *form, const struct page_reading *const *pages,
                                uint32_t page_count, const struct memory_set *memory, struct arena *arena,
                                struct fields *out, uint32_t *slot);

/* Put a candidate in its place by score; the worst falls off.  A value seen twice keeps its best. */
void choice_add(struct choice *choice, const struct candidate *c);
/* How well a value at box suits a label; below 0: not at all. */
double label_reach(const struct extraction *x, const struct label_hit *hit, uint32_t page,
                   uint32_t line, struct box box, unsigned places);
/* The label's own worth: exactness and rank. */
double label_worth(const struct extraction *x, const struct label_hit *hit);
/* The label hit that covers this word, or NULL. */
const struct label_hit *hit_of_word(const struct extraction *x, uint32_t word);
bool has_phrases(const struct by_language *l);

#endif
