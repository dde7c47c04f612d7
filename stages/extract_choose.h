/*
 * extract_choose.h - a learnt ranker for fields that labels alone do not find: a slip's total and date.
 *
 * Every amount, or date, of the pages is a candidate with a row of numbers; learnt weights
 * (choose_weights.h, made by bench/train_ranker) say how much each speaks for it.  The hand-set
 * score of extract_rank.c is one of the numbers.
 */
#ifndef STAGES_EXTRACT_CHOOSE_H
#define STAGES_EXTRACT_CHOOSE_H

#include "extract.h"

#define CHOOSE_COLUMNS 96

/* What stands left of an amount on its line, or above it when nothing does. */
enum choose_said {
    SAID_TOTAL, SAID_GRAND, SAID_SUB, SAID_NET, SAID_GROSS, SAID_AMOUNT, SAID_DUE, SAID_PAYABLE, SAID_ROUND, SAID_INCL,
    SAID_EXCL, SAID_TAX, SAID_SERVICE, SAID_CASH, SAID_CHANGE, SAID_CARD, SAID_DISCOUNT, SAID_SAVING, SAID_QTY,
    SAID_BALANCE, SAID_TENDER, SAID_SALES, SAID_BEFORE, SAID_AFTER, SAID_ITEM, SAID_POINTS, SAID_SUMMARY, SAID_COUNT
};

enum choose_amount {
    AMOUNT_SAID,                              /* SAID_COUNT columns */
    AMOUNT_ABOVE = AMOUNT_SAID + SAID_COUNT,  /* SAID_COUNT columns */
    AMOUNT_NOTHING_SAID = AMOUNT_ABOVE + SAID_COUNT,
    AMOUNT_PLAIN_TOTAL,  /* "total" and nothing that says which other total */
    AMOUNT_LAST_TOTAL,   /* no line with "total" below                      */
    AMOUNT_LARGEST,
    AMOUNT_SHARE,        /* of the largest                                  */
    AMOUNT_REPEATED,
    AMOUNT_PAID,         /* cash less change gives it                       */
    AMOUNT_PAID_PLACE,   /* two amounts below differ by it                  */
    AMOUNT_ROUNDED,      /* an amount above and the rounding make it        */
    AMOUNT_UNROUNDED,    /* with the rounding it makes an amount below      */
    AMOUNT_TAXED,        /* an amount and a tax make it                     */
    AMOUNT_FIVES,
    AMOUNT_DECIMALS,
    AMOUNT_SIGN,         /* a currency with it                              */
    AMOUNT_NEGATIVE,
    AMOUNT_ZERO,
    AMOUNT_TALL,
    AMOUNT_DOWN,
    AMOUNT_AFTER_SUMMARY,
    AMOUNT_AFTER_CHANGE,
    AMOUNT_AFTER_PAID,   /* a line with cash or a card stands above         */
    AMOUNT_RIGHT,
    AMOUNT_TIMES,        /* "@", "2 x" on its line                          */
    AMOUNT_AFTER_TOTAL,  /* lines with "total" above                        */
    AMOUNT_HAND,         /* the hand-set score                              */
    AMOUNT_HAND_BEST,
    AMOUNT_SECOND,       /* another reading of a printed amount             */
    AMOUNT_BIG,          /* more than ten thousand                          */
    AMOUNT_COLUMNS
};

enum choose_date {
    DATE_HAND,
    DATE_HAND_BEST,
    DATE_LABEL,      /* "date" on its line or above it    */
    DATE_TIME,       /* hours and minutes on its line     */
    DATE_OTHER,      /* "expiry", "printed", "valid"      */
    DATE_PACKED,     /* eight figures in a row            */
    DATE_SHORT_YEAR,
    DATE_UNLIKELY,   /* before 2000 or after 2035         */
    DATE_MONTH_NAME,
    DATE_DOWN,
    DATE_FIRST,
    DATE_REPEATED,
    DATE_EMBEDDED,   /* letters or figures stick to it    */
    DATE_MIXED,      /* its marks differ                  */
    DATE_ALONE,      /* nothing else on its line          */
    DATE_YEAR_FIRST,
    DATE_LATEST,
    DATE_AMBIGUOUS,
    DATE_COLUMNS
};

/* Is there a model for this field of the form? */
bool choose_knows(const struct form *form, uint16_t field);
/* The field's candidates anew, by the model; those that the labels found are among the evidence. */
void choose_rank(struct extraction *x, uint16_t field);
/* What no candidate is worth. */
double choose_none(const struct form *form, uint16_t field);
/* Weights times row; what each candidate is worth, in logits. */
double choose_weigh(const struct form *form, uint16_t field, const char *value, const double *row, unsigned columns);

#endif
