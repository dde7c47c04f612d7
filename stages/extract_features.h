/*
 * extract_features.h - what speaks for and against a chosen value, as a row of numbers.
 */
#ifndef STAGES_EXTRACT_FEATURES_H
#define STAGES_EXTRACT_FEATURES_H

#include "extract.h"

/* The row, in the order of extract_weights.h. */
enum feature {
    FEATURE_SCORE,        /* the candidate's own, of place, label and shape             */
    FEATURE_MARGIN,       /* to the best candidate with another value                   */
    FEATURE_CONF_MEAN,    /* the reader's number of its words                           */
    FEATURE_CONF_MIN,
    FEATURE_LABEL_EXACT,
    FEATURE_LABEL_FUZZY,
    FEATURE_LABEL_LONG,   /* of eight letters or more                                   */
    FEATURE_CHECKED,      /* a check digit holds                                        */
    FEATURE_CHECK_FAILED,
    FEATURE_CLOSED,       /* an equation holds with it, none fails                      */
    FEATURE_BROKEN,       /* an equation fails with it, none holds                      */
    FEATURE_MIXED,        /* some hold and some fail                                    */
    FEATURE_MOVED,        /* an equation moved the choice                               */
    FEATURE_REPEATED,     /* it stands on the pages again, 0 to 1                       */
    FEATURE_REPAIRED,
    FEATURE_AMBIGUOUS,
    FEATURE_SHARED,       /* another field of its type chose the same printed words     */
    FEATURE_PAGE_CONF,    /* the reader's mean over its page                            */
    FEATURE_PAGE_WEAK,    /* share of words on its page that were read badly            */
    FEATURE_COARSE,       /* letters smaller than reading wants, 0 to 1                 */
    FEATURE_RIVALS,       /* how many candidates, 0 to 1                                */
    FEATURE_WORDS,        /* how many words, 0 to 1                                     */
    FEATURE_PATTERN,      /* its field has a pattern                                    */
    FEATURE_SUFFIX,       /* a name of a company: "GmbH", "S.L."                        */
    FEATURE_ODD,          /* a character in it does not suit its type                    */
    FEATURE_HIGH,         /* how far up on its page, 0 to 1                             */
    FEATURE_BIG,          /* printed larger than usual, 0 to 1                          */
    FEATURE_ECHO,         /* a word of a name stands in a web or mail address           */
    FEATURE_NEAR_LABEL,   /* a label of its field on its page, its own or another's     */
    FEATURE_BESIDE,       /* a number stands so close that it may be a part of it       */
    FEATURE_NOTHING,      /* an amount of less than one                                 */
    FEATURE_UNSURE,       /* a word of it was read badly                                */
    FEATURE_PROOFS,       /* how many equations hold with it, 0 to 1                    */
    FEATURE_SURE_PROOF,   /* closed, by how well its worst word was read                */
    FEATURE_SURE_CHECK,   /* checked, likewise                                          */
    FEATURE_ADDS_UP,      /* some equation holds in the document, and none fails        */
    FEATURE_NOT_LARGEST,  /* larger amounts stand on the pages, 0 to 1                  */
    FEATURE_SWAPPABLE,    /* a date in figures whose day could be its month             */
    FEATURE_SHORT_YEAR,   /* a date with a year of two figures                          */
    FEATURE_ORDER_SURE,   /* a date, and some date of the page proves the order         */
    FEATURE_BARE,         /* a name that is little but its suffix                       */
    FEATURE_LENGTH,       /* characters of the value, 0 to 1                            */
    FEATURE_CLEAN_PAGE,   /* hardly a word of its page was read badly                   */
    FEATURE_PARTY_LABEL,  /* a name or id beside a label that was found exactly, no rival near */
    FEATURE_LOOKALIKE,    /* an id in which O and 0, I and 1 may be one another         */
    FEATURE_PARTY,        /* the score of the name beside which it must stand           */
    FEATURE_PARTY_MARGIN, /* and how far that name is ahead of others                   */
    FEATURE_AGREES,       /* the second reader gave the same, share of the letters it was asked for */
    FEATURE_DIFFERS,      /* the second reader gave something else, likewise; both 0: it was not asked */
    FEATURE_TITLED,       /* of the form's fields: the share whose label stands on the pages */
    FEATURE_LABELLED,     /* of the fields with a value: the share beside a label found exactly */
    FEATURE_FILLED,       /* of the fields that must be there: the share that has a value */
    FEATURE_PROVED,       /* as ADDS_UP, for every type of value                        */
    FEATURE_CONTESTED,    /* of the fields with a value: the share with a rival close by */
    FEATURE_COUNT
};

extern const char *const extract_feature_names[FEATURE_COUNT];

/* The row of the chosen candidate of field index. */
void extract_features(const struct extraction *x, unsigned index, double out[FEATURE_COUNT]);

#endif
