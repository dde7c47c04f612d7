/*
 * cause.h - why a value was wrong: what to mend so that it does not happen again.
 *
 * Told from what is stored: the value and its story, what was read on the pages, and what is right, which a person
 * keyed later or says now.  Without what is right nothing can be told.
 */
#ifndef DOC_CAUSE_H
#define DOC_CAUSE_H

#include "doc/form.h"
#include "doc/provenance.h"
#include "doc/reading.h"

/* The numbers are those of the desk's conversation (base/deskproto.h). */
enum cause {
    CAUSE_NONE = 0,      /* nothing says that it is wrong                                            */
    CAUSE_UNKNOWN = 1,   /* wrong by the client's word, and nobody has said what is right            */
    CAUSE_NOT_FOUND = 2, /* nothing was given, and what is right was not read anywhere               */
    CAUSE_MISREAD = 3,   /* something else was read where it stands                                  */
    CAUSE_CANDIDATE = 4, /* what is right was read, and something else, or nothing, was taken for it */
    CAUSE_RULE = 5,      /* what is right was there, and a rule or a repair changed it               */
    CAUSE_KEYED = 6,     /* a person keyed it so                                                     */
    CAUSE_SOURCE = 7     /* it is what the paper says; the paper is wrong                            */
};

struct cause_facts {
    const struct field *field;     /* the value in question, with its story                      */
    const char *right;             /* what is right, canonical; NULL: not known                  */
    bool refused;                  /* the client refused it                                      */
    bool confirmed;                /* a person looked at the paper again and said the same       */
    const struct form_field *form; /* NULL: the form does not know it                            */
    const struct page_reading *const *pages;
    uint32_t page_count;
};

enum cause cause_find(const struct cause_facts *facts, struct arena *arena);
/* Was this canonical value read on one of the pages, in the words of one line or in a zone? */
bool cause_was_read(const struct cause_facts *facts, const char *value, struct arena *arena);

#endif
