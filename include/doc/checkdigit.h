/*
 * checkdigit.h - is this number well formed, by its own check digit or its published shape?
 *
 * One table of kinds; pure functions.  Blanks, dots, dashes and slashes between characters are
 * allowed where people write them.
 */
#ifndef DOC_CHECKDIGIT_H
#define DOC_CHECKDIGIT_H

#include <stdbool.h>

enum checkdigit_answer {
    CHECKDIGIT_UNKNOWN, /* there is no such kind                */
    CHECKDIGIT_GOOD,
    CHECKDIGIT_BAD
};

struct checkdigit_kind {
    const char *name;    /* "es_nif", "iban": as a form's checks say it */
    bool proves;         /* a check digit (or several), not a shape alone */
    bool (*good)(const char *compact); /* upper case, separators gone   */
    const char *country; /* "ES"; "" for all */
};

/* NULL when there is none. */
const struct checkdigit_kind *checkdigit_find(const char *name);
/* The i-th kind, or NULL after the last. */
const struct checkdigit_kind *checkdigit_at(unsigned i);
enum checkdigit_answer checkdigit_check(const char *kind, const char *value);
/* Does a good answer of this kind nearly prove that the value was read right? */
bool checkdigit_proves(const char *kind);
/* Upper case without blanks, dots, dashes, slashes; false when longer than room. */
bool checkdigit_compact(const char *value, char *out, unsigned room);

#endif
