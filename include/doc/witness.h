/*
 * witness.h - what a code on a page, or an e-invoice, states about a document.
 *
 * A witness is a second reader that cannot misread: it says values by the names of our forms'
 * fields.  It may still lie, or speak of another document, so it never overrules print: what
 * agrees is evidence, what differs is for a person.  Encoded as ARTIFACT_WITNESS.
 */
#ifndef DOC_WITNESS_H
#define DOC_WITNESS_H

#include "base/codec.h"

#define STATEMENTS_MAX 96
#define STATEMENT_VALUE_MAX 400

enum witness_source { WITNESS_CODE = 0, WITNESS_EINVOICE = 1 };

enum statement_force {
    STATEMENT_STATES = 0,   /* print that differs is a difference; what print lacks may be taken */
    STATEMENT_SUPPORTS = 1, /* equality is evidence, a difference says nothing: who is paid    */
    STATEMENT_PRINTED = 2   /* STATES where the value stands in print, SUPPORTS else: names                  */
};

/* What of the value is stated. */
enum statement_part {
    STATEMENT_WHOLE = 0,
    STATEMENT_END = 1,    /* its last characters: a seal, a number without its series      */
    STATEMENT_NUMBERS = 2 /* its groups of digits as numbers: 0001-00000042 is 00001-42    */
};

/* Several statements of one witness about one field are alternatives. */
struct statement {
    const char *field; /* as in our forms: "grand_total"                    */
    const char *value; /* canonical: 1234.56, 2026-11-21, text              */
    enum statement_force force;
    enum statement_part part;
};

struct witness {
    const char *kind; /* "mx_cfdi", "swiss_qr", "ubl", ...: a literal of the table it was read by */
    enum witness_source source;
    struct statement *items;
    uint32_t count, room;
};

/*
 * One statement more; the value is copied.  An empty or NULL value states nothing, one that is
 * too long or no UTF-8 neither: RC_OK.  RC_LIMIT when there are too many, RC_NOMEM.
 */
MUST_USE enum rc witness_add(struct witness *w, struct arena *arena, const char *field, const char *value,
                             enum statement_force force, enum statement_part part);
/* The same with STATES and WHOLE. */
MUST_USE enum rc witness_states(struct witness *w, struct arena *arena, const char *field, const char *value);
/* The first statement about a field, or NULL. */
const struct statement *witness_find(const struct witness *w, const char *field);

void witness_write(struct buffer *b, const struct witness *w);
MUST_USE enum rc witness_read(struct bytes bytes, struct arena *arena, struct witness **out);

#endif
