/*
 * rates.h - dated tables of rates and limits: forms/rates/NAME.yaml, read by libcyaml.
 *
 * A tax has its rate from one day to another, a contribution its highest base by year.  Rules of
 * forms name a table; what a law changes is a line in a file.
 */
#ifndef DOC_RATES_H
#define DOC_RATES_H

#include "base/err.h"
#include "doc/form.h"

enum rate_unit { RATE_PERCENT, RATE_AMOUNT };

struct rate_row {
    char *from, *until; /* canonical dates; NULL: no limit                  */
    char *key;          /* "ES", "7"; NULL: for all                         */
    char *value;        /* of a percentage: plain decimal                   */
    char *least, *most; /* of amounts: plain decimals, either may be absent */
};

struct rate_table {
    char *name;
    struct title title;
    char *source; /* where a person can check it */
    enum rate_unit unit;
    struct rate_row *rows;
    unsigned row_count;
};

struct rate_set {
    struct rate_table **tables;
    unsigned count;
};

enum rate_answer {
    RATES_SILENT,  /* no such table, or nothing under this key at any time */
    RATES_OUTDATED,/* it has rows for this key, none for the day           */
    RATES_HERE
};

#define RATES_AT_ONCE 32

/*
 * Every *.yaml of the folder; one that is not there gives an empty set.  RC_CONFIG with what,
 * where and a cure; RC_IO; RC_NOMEM.  *out goes to rates_free.
 */
MUST_USE enum rc rates_load(const char *folder, struct rate_set **out, struct err *err);
void rates_free(struct rate_set *set); /* may be NULL */
/* NULL when there is none; set may be NULL. */
const struct rate_table *rates_find(const struct rate_set *set, const char *name);
/* The rows for this key ("": those without a key) in force on a canonical date. */
enum rate_answer rates_ask(const struct rate_table *table, const char *key, const char *date,
                           const struct rate_row *out[RATES_AT_ONCE], unsigned *count);
/* Is it in force on that day? */
bool rate_covers(const struct rate_row *row, const char *date);

#endif
