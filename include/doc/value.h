/*
 * value.h - printed text to canonical values: amounts, dates, ids.
 *
 * An amount is int64 minor units and a plain decimal string outside; a date is ISO 8601.
 * What can be read in two ways says so: the extraction decides by what adds up.
 */
#ifndef DOC_VALUE_H
#define DOC_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "doc/form.h"
#include "doc/reason.h"

#define AMOUNT_MAX 99999999999999LL /* minor units: far above any paper, far below overflow */

struct amount {
    int64_t minor;  /* hundredths                                                        */
    char mark;      /* the decimal mark in it: '.', ','; 0 when there is none             */
    bool sure;      /* no other reading                                                  */
    bool whole;     /* printed without decimals                                          */
    bool repaired;  /* a letter was read as the digit it looks like                      */
    bool money;     /* a currency sign or word stood with it                             */
    uint8_t digits; /* how many                                                          */
};

/*
 * The readings of a text as an amount, likeliest first: 0, 1 or 2.  mark is the decimal mark
 * that the page seems to use, or 0.  Takes 1.234,56 1,234.56 1'234.50 1 234,56 (12.00) 12.00-
 * 12.00 CR, with a currency before or after.
 */
unsigned money_readings(const char *text, char mark, struct amount out[2]);
/* "-1234.56"; NULL without memory. */
char *money_print(struct arena *arena, int64_t minor);
/* A canonical string back; false for anything but a plain decimal with at most two decimals. */
bool money_canonical(const char *text, int64_t *minor);

struct date {
    int year, month, day;
};

struct date_hit {
    struct date date;
    size_t start, end;  /* bytes of the text */
    bool ambiguous;     /* day and month may be the other way round; date is day first      */
    bool month_first;   /* it can only be month first (4/25/2017)                           */
    bool day_first;     /* it can only be day first (25/4/2017)                             */
    bool no_year;       /* year is 0: "1 de julio" of "del 1 de julio al 31 de julio de 2025" */
    bool no_day;        /* day is 0: "julio 2025"                                           */
    bool short_year;    /* two digits                                                       */
};

/* The dates in a text, left to right; at most max. */
unsigned dates_find(const char *text, struct date_hit *out, unsigned max);
bool date_valid(struct date d);
/* Days since 1970-01-01. */
int64_t date_serial(struct date d);
int date_month_days(int year, int month);
char *date_print(struct arena *arena, struct date d);
bool date_canonical(const char *text, struct date *out);

/*
 * What a person typed, or a zone holds, as the canonical value of this type; RC_INPUT when it
 * has not the type's shape.  Marks give "X" or "".
 */
MUST_USE enum rc value_canonical(const struct form_field *field, const char *text,
                                 struct arena *arena, const char **out);
/* Does a canonical value fit the field's patterns?  True without patterns. */
bool value_matches(const struct form_field *field, const char *value);
/* Does the pattern compile?  On false "what" says why, "at" where in it. */
bool value_pattern_ok(const char *pattern, char *what, size_t room, size_t *at);

/* A named check of a canonical value that is no check digit: "not_future", "positive". */
struct value_check {
    const char *name;
    enum reason reason; /* when it fails */
    bool (*holds)(const char *value);
};

/* NULL when there is none of this name; NULL after the last. */
const struct value_check *value_check_find(const char *name);
const struct value_check *value_check_at(unsigned i);

/* Before a form goes away: its compiled patterns go too. */
void value_forget(const char *pattern);
/*
 * A misread id put right: the only exchange of look-alike letters and digits with which one of
 * the field's check digits holds.  False when there is none, or more than one.
 */
bool value_repair(const struct form_field *field, const char *text, struct arena *arena,
                  const char **out);
/* Letters and digits only, upper case: what ids are compared by. */
size_t value_key(const char *text, char *out, size_t room);

#endif
