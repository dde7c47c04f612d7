/*
 * checkdigit_kinds.h - the kinds by region; one list a file, each ending with a row without name.
 */
#ifndef DOC_CHECKDIGIT_KINDS_H
#define DOC_CHECKDIGIT_KINDS_H

/* The one kind whose letters' case and dashes count. */
#define CHECKDIGIT_AS_PRINTED "es_ticketbai"

#include "doc/checkdigit.h"

extern const struct checkdigit_kind checkdigit_world[], checkdigit_us[], checkdigit_es[],
    checkdigit_latin[], checkdigit_vat[];

/* What the kinds share; all take compact text. */
bool cd_all_digits(const char *s, unsigned length); /* exactly so many digits; length 0: one or more */
int cd_weighted(const char *digits, const int *weights, unsigned count);
bool cd_luhn(const char *digits);
int cd_mod97(const char *alnum);           /* letters count 10 to 35; -1 for another character */
bool cd_date6(const char *yymmdd);         /* a possible day in some century */
bool cd_iban(const char *compact);

#endif
