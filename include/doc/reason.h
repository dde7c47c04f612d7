/*
 * reason.h - why a file, page, document or field is not simply accepted; one table.
 *
 * A reason is a number that never changes, a word, sentences in two languages and a
 * class.  It never carries text from a document.  Classes map one to one to what a
 * client reads: reject, limit, locked (the file is refused), sanitize (accepted, but
 * something in it was dropped), review (a person must look), person (a person refused), note
 * (accepted, and worth saying).
 */
#ifndef DOC_REASON_H
#define DOC_REASON_H

#include <stdint.h>

enum reason_class {
    CLASS_NONE, CLASS_REJECT, CLASS_LIMIT, CLASS_LOCKED, CLASS_SANITIZE, CLASS_REVIEW, CLASS_PERSON, CLASS_NOTE
};

enum reason {
    REASON_NONE = 0,
    /* refusals of a file: reject */
    REASON_EMPTY_FILE = 10,
    REASON_UNKNOWN_FORMAT = 11,   /* no format of ours by its first bytes            */
    REASON_FORMAT_REFUSED = 12,   /* known, but not taken: 7z, rar, xz, webp, gif... */
    REASON_DAMAGED = 13,          /* the decoder says no                             */
    REASON_TRUNCATED = 14,        /* the end of its format is missing                */
    REASON_NO_PAGES = 15,
    REASON_NO_INK = 16,           /* drawn without ink although it holds marks       */
    REASON_PAGE_COUNT = 17,       /* fewer pages came out than it says               */
    REASON_CELL_DIED = 18,        /* the caged reader died twice on it               */
    REASON_DIMENSIONS = 19,       /* zero, negative or impossible size               */
    REASON_EXTERNAL_PARTS = 20,   /* needs something outside the file                */
    REASON_COMPANION_ALONE = 21,  /* an e-invoice without its pages                  */
    /* refusals: limit */
    REASON_FILE_TOO_LARGE = 30,
    REASON_SIDE_TOO_LONG = 31,
    REASON_TOO_MANY_PIXELS = 32,
    REASON_TOO_MANY_PAGES = 33,
    REASON_TOO_MANY_ENTRIES = 34,
    REASON_ARCHIVE_TOO_LARGE = 35,
    REASON_ARCHIVE_RATIO = 36,
    REASON_ARCHIVE_DEPTH = 37,
    REASON_TIME = 38,
    REASON_MEMORY = 39,
    /* refusals: locked */
    REASON_PASSWORD = 50,
    /* accepted with something dropped */
    REASON_ENTRIES_DROPPED = 60,  /* links, devices, odd names in an archive         */
    /* a person must look */
    REASON_UNREADABLE = 70,       /* no text could be read                           */
    REASON_UNKNOWN_TYPE = 71,     /* no form fits                                    */
    REASON_LOW_CONFIDENCE = 72,
    REASON_FIELD_MISSING = 73,
    REASON_RULE_BROKEN = 74,
    REASON_CHECK_DIGIT = 75,
    REASON_SUM_DIFFERS = 76,
    REASON_HANDWRITING = 77,
    REASON_DOUBTFUL_MARK = 78,
    REASON_CODE_UNKNOWN = 79,
    REASON_DATE_IMPOSSIBLE = 80,
    REASON_REPAIRED = 81,         /* a reading was changed so that a rule holds      */
    REASON_TEXT_LAYER_DIFFERS = 82,
    REASON_FORMAT_WRONG = 83,     /* the value does not have its field's shape       */
    REASON_CONFLICT = 84,         /* two readings differ                             */
    REASON_PAGES_UNSURE = 85,     /* where one document ends is not sure             */
    REASON_LIST_OUTDATED = 86,    /* no list of codes that was in force on that day  */
    REASON_DUPLICATE_OF = 87,     /* the same document came before, as another file  */
    REASON_NOT_FOR_THIS_CLIENT = 88, /* its buyer, employer or payer is somebody else */
    REASON_RATE_DIFFERS = 89,     /* no rate in force on its day gives this amount   */
    REASON_RATES_OUTDATED = 90,   /* no table of rates that was in force on that day */
    REASON_LANGUAGE = 92,         /* in a language that its form does not read       */
    REASON_POINTER_EMPTY = 93,    /* points to a place of the form that is empty     */
    REASON_SAMPLED = 94,          /* accepted; drawn by lot so that a person tells how often that is right */
    REASON_SECOND_KEY = 95,       /* one person has typed it; another one must        */
    REASON_KEYS_DIFFER = 96,      /* two persons typed different values               */
    REASON_UNUSUAL = 97,          /* a soft rule does not hold; said, and accepted   */
    REASON_NO_DOCUMENT = 98,      /* no sheet of paper with print is to be seen      */
    /* a person refused the document */
    REASON_PERSON_ILLEGIBLE = 100,
    REASON_PERSON_NOT_OURS = 101,
    REASON_PERSON_DUPLICATE = 102,
    REASON_PERSON_WRONG_KIND = 103,
    REASON_PERSON_INCOMPLETE = 104,
    REASON_PERSON_OTHER = 105,
    /* a person must look, too */
    REASON_CODE_DIFFERS = 110,    /* a code or an e-invoice states another value     */
    REASON_SEVERAL_MARKS = 112,   /* more than one box of a question is marked       */
    REASON_CROSSED_OUT = 113,     /* a stroke goes through what is printed there      */
    REASON_FROM_CODE = 111        /* the value is a code's: it was not read in print */
};

struct reason_row {
    enum reason reason;
    const char *word; /* "password", stable, for machines */
    enum reason_class class;
    const char *en;   /* one sentence: what, and what to do */
    const char *es;
};

/* The row of a reason; an unknown number gives the row of REASON_NONE. */
const struct reason_row *reason_row(unsigned reason);
/* NULL-terminated walk: the i-th row, or NULL after the last. */
const struct reason_row *reason_at(unsigned i);
const char *reason_class_name(enum reason_class class); /* "reject", "limit", ... */

#endif
