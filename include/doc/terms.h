/*
 * terms.h - what a document step is told about its client: the contract's numbers, and how far its
 * values are from what we ship.  ARTIFACT_TERMS; numbers and names of forms and fields only.
 */
#ifndef DOC_TERMS_H
#define DOC_TERMS_H

#include "base/codec.h"
#include "doc/calibration.h"
#include "doc/form.h"

#define TERMS_MAX 4000
#define TERMS_BUDGETS 3 /* by enum criticality */
#define TERMS_DRAW 16

/* Of one field of one form; a column of a table is "lines.charges". */
struct term {
    const char *form, *field;
    struct shift shift;
};

struct terms {
    double budget[TERMS_BUDGETS]; /* the largest share of wrong values agreed; 0: none, the shipped levels hold */
    double sample;                /* the share of accepted values that a person looks at all the same */
    uint8_t draw[TERMS_DRAW];     /* what the lots are drawn with: the document's own number */
    struct term *items;
    uint32_t count;
};

void terms_write(struct buffer *b, const struct terms *terms);
/* RC_INPUT when it is not exactly one; everything lives in arena. */
MUST_USE enum rc terms_read(struct bytes bytes, struct arena *arena, struct terms **out);
/* { 0, 0 } for a field that nobody has judged, and without terms. */
struct shift terms_shift(const struct terms *terms, const char *form, const char *field);
/* Is this value one of those drawn?  The same for the same document, however often it is asked. */
bool terms_drawn(const struct terms *terms, const char *field, uint32_t row);
/* How a column of the table is named among the fields: "lines.charges".  NULL without memory. */
const char *terms_column(const char *column, struct arena *arena);

/* May it stand in the database as the name of a field or column?  A name there is no place for text. */
bool terms_name(const char *field);

#endif
