/*
 * form.h - document types as data: forms/NAME.yaml, read by libcyaml.
 *
 * A form says which fields a document has, how a reader finds them, which rules they
 * obey and who may see them.  Adding a document type means adding a file; docs/FORMS.md
 * explains every key.  Everything here is plain data, read-only after forms_load().
 */
#ifndef DOC_FORM_H
#define DOC_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum value_type {
    VALUE_TEXT,    /* free text of one line                              */
    VALUE_NAME,    /* a person or a company                              */
    VALUE_ADDRESS, /* one to six lines                                   */
    VALUE_ID,      /* a number or code that somebody gave out            */
    VALUE_DATE,    /* canonical 2026-11-21                               */
    VALUE_MONEY,   /* canonical 1234.56                                  */
    VALUE_NUMBER,  /* canonical plain decimal, as many digits as printed */
    VALUE_PERCENT, /* canonical 15.40                                    */
    VALUE_CODE,    /* one of field.codes                                 */
    VALUE_MARK     /* a check box: "X" / "", or the code of the marked box */
};

enum criticality { CRIT_MINOR, CRIT_MAJOR, CRIT_CRITICAL };

/* Who may see it, least to most; the letters are those of the forms. */
enum sensitivity {
    SENS_BUSINESS,  /* B: public or business            */
    SENS_FINANCIAL, /* F: amounts, terms                */
    SENS_PERSONAL,  /* P: personal data                 */
    SENS_IDENTITY,  /* G: government id, bank, signature */
    SENS_HEALTH,    /* H: health                        */
    SENS_SPECIAL    /* S: special category              */
};

/* Where a value stands, seen from its label; a set of bits. */
enum place {
    PLACE_RIGHT = 1,
    PLACE_BELOW = 2,
    PLACE_ABOVE = 4,
    PLACE_LEFT = 8,
    PLACE_SAME = 16 /* the label is part of the value's own line or word */
};

/* Which candidate wins when labels do not decide; PICK_LABEL wants a label. */
enum pick { PICK_LABEL, PICK_FIRST, PICK_LAST, PICK_LARGEST, PICK_MOST, PICK_SENDER, PICK_ADDRESSEE };

struct phrases {
    char **items;
    unsigned count;
};

/* The same thing in several languages. */
struct by_language {
    struct phrases en, es, de, fr;
};

struct title {
    char *en, *es;
};

struct form_code {
    char *code;             /* canonical: "EUR"              */
    struct phrases printed; /* as found on paper: "€", "euro" */
};

struct form_field {
    char *name;
    struct title title;
    enum value_type type;
    bool required;
    enum criticality criticality;
    enum sensitivity sensitivity;
    struct by_language labels;
    unsigned place;        /* bits of enum place; 0 means right, then below        */
    enum pick pick;
    char *near;            /* the field whose block this one belongs to, or NULL   */
    char *cross;           /* stands on the lines of this field's labels, under a title of "under"; or NULL */
    struct by_language under; /* titles of its column: "year to date"              */
    struct by_language rows;  /* what stands alone before it on its line: "total"  */
    struct phrases pattern;/* PCRE2, whole value, any of them                      */
    struct phrases checks; /* names of checks: "iban", "not_future"                */
    struct form_code *codes;
    unsigned code_count;
    char *zone;            /* fixed forms: the zone to take it from; NULL: name    */
    char *twin;            /* fixed forms: the field that says the same when both are filled in, or NULL */
    char *like;            /* the name that standards use: "BT-112"                */
    unsigned lines;        /* the most printed lines a text value may span; 0: one */
    bool keep_unlabelled;  /* may be taken without a label                         */
    char *list;            /* the list of codes that it must be in: "icd10cm"      */
    char *list_on;         /* the date field whose day the list must be in force   */
};

enum equation_kind { EQ_SUM, EQ_PRODUCT, EQ_PERCENT };

/*
 * sum:     result = terms - minus        (a field of "maybe"/"maybe_minus" counts when it is there)
 * product: result = terms[0] * terms[1]
 * percent: result = terms[0] * rate / 100; rate is a number or the name of a field
 */
struct equation {
    char *name;
    enum equation_kind kind;
    char *result;
    struct phrases terms, minus, maybe, maybe_minus;
    char *rate;
    char *tolerance; /* "0.02"; NULL: a cent a term */
};

enum rule_kind {
    RULE_ORDER, RULE_EQUAL, RULE_DIFFERENT, RULE_NEEDS, RULE_AT_MOST, RULE_ONE_OF,
    RULE_POINTERS, RULE_ADDS_TO, RULE_DAYS, RULE_RATE, RULE_KNOWN_RATE, RULE_WITHIN
};

/*
 * order: dates a <= b <= c; needs: when the first is there the others must be; at_most: a <= b.
 * pointers: each letter of the first names one of the others (A the second, B the third), which
 * must be there.  adds_to: a column's sum is one of the others, give or take one of "maybe".
 * days: from, to and how many days.  rate: the first is a rate in force times the sum of the
 * others.  known_rate: each is a rate in force, or each of "values" is when one is there.
 * within: their sum lies between the limits in force.  A rule that names columns is tried for
 * each row, but for adds_to.  A soft rule that does not hold is said, and holds nobody up.
 */
struct rule {
    char *name;
    enum rule_kind kind;
    struct phrases fields;
    struct phrases maybe;
    struct phrases values;
    struct phrases matches; /* PCRE2, whole value, any; with "when": the rule is for these only */
    char *when;             /* the field that says whether the rule is to be tried              */
    char *table;            /* a table of rates: forms/rates/TABLE.yaml                         */
    char *on;               /* the date, or year, whose day counts                              */
    char *key;              /* which rows of the table: a field, or a word as it stands there   */
    char *tolerance;        /* an amount; NULL: a cent                                          */
    bool soft;
};

/* What makes a document the only one: two with the same values in all fields are twins. */
struct form_unique {
    struct phrases fields; /* all must be there                     */
    struct phrases maybe;  /* count when they are there: a resent claim differs by its code */
};

/* hours = to - from - less, in each row; the two ends are times of day, the others hours. */
struct form_span {
    char *result, *from, *to;
    char *less; /* NULL: none */
};

struct form_table {
    char *name;
    struct form_field *columns;
    unsigned column_count;
    struct by_language stop; /* a row that begins so ends the table */
    struct form_span *span;  /* NULL: none */
};

/* A phrase that speaks for this form; negative weights speak against it. */
struct form_clue {
    struct phrases words;
    double weight;
};

struct form {
    char *name;
    unsigned version;
    struct title title;
    bool fixed;               /* read by zones on a known template */
    char *zones;              /* forms/zones/ZONES.yaml; NULL: name */
    struct phrases languages; /* "en", "es", ...: the reader's models */
    struct form_clue *clues;
    unsigned clue_count;
    struct by_language decoys; /* labels of things that are no field: they keep their values away */
    struct form_field *fields;
    unsigned field_count;
    struct form_table *table; /* NULL: none */
    struct equation *equations;
    unsigned equation_count;
    struct rule *rules;
    unsigned rule_count;
    struct phrases *toxic;    /* fields that one person must not see together */
    unsigned toxic_count;
    struct phrases *party;    /* fields of which one group must name the folder's client */
    unsigned party_count;
    struct form_unique *unique;
    unsigned unique_count;
    unsigned retention_days;  /* after ack, as is usual; 0: not said. What counts is the client's */
    uint64_t hash;            /* of the file's bytes: the version that a value names */
};

struct form_set {
    struct form **forms;
    unsigned count;
};

/*
 * Every *.yaml of the folder, by name.  RC_CONFIG with what, where (file, line, column)
 * and a cure; RC_IO; RC_NOMEM.  The caller frees *out.
 */
MUST_USE enum rc forms_load(const char *folder, struct form_set **out, struct err *err);
/* One file; the same errors. */
MUST_USE enum rc form_load(const char *path, struct form **out, struct err *err);
void forms_free(struct form_set *set); /* may be NULL */
void form_free(struct form *form);     /* may be NULL */

/* NULL when there is none.  "w-2" and "W2" find "w2". */
const struct form *forms_find(const struct form_set *set, const char *name);
const struct form_field *form_field(const struct form *form, const char *name);
const struct form_field *form_column(const struct form *form, const char *name);

const char *value_type_name(enum value_type type);
const char *sensitivity_name(enum sensitivity s);
const char *criticality_name(enum criticality c);

#endif
