/*
 * codelist.h - lists of codes in force between two dates: diagnoses, procedures, currencies.
 *
 * We ship no list: `escriba codes import` takes the official files, one stored file for each
 * list and validity.  Codes are compared in upper case without dots and blanks.
 */
#ifndef DOC_CODELIST_H
#define DOC_CODELIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

#define CODELIST_NAME_MAX 32
#define CODE_MAX 16
#define CODE_WORDS_MAX 100           /* bytes of a description that are kept, for display  */
#define CODELIST_SOURCE_MAX (64u << 20)
#define CODELIST_ROWS_MAX 500000
#define CODELIST_DATE 11             /* "2026-11-21"; "" for no limit                      */
#define CODELIST_SHA 65

enum codelist_format {
    CODELIST_AUTO,
    CODELIST_TSV,
    CODELIST_CSV,
    CODELIST_CMS /* the plain files of CMS and CDC: order files, or code and words by blanks */
};

struct codelist_head {
    char name[CODELIST_NAME_MAX + 1];
    char from[CODELIST_DATE], until[CODELIST_DATE];
    char source[CODELIST_SHA]; /* SHA-256 of the file it was made from, hexadecimal */
    uint32_t count;
};

/* One stored list, read; text and lines belong to whoever read it. */
struct codelist {
    struct codelist_head head;
    struct bytes text;
    const uint32_t *lines; /* where each code's line begins */
};

struct codelist_set {
    struct codelist *lists;
    unsigned count;
    struct arena *arena;
};

struct code_found {
    bool heading;              /* a group of codes, not to be used by itself */
    char until[CODELIST_DATE]; /* withdrawn after this day; "": not          */
    struct bytes words;        /* the description, for display               */
};

enum codelist_answer {
    CODELIST_SILENT,   /* no such list, or the value is none of the kind that it lists */
    CODELIST_GOOD,
    CODELIST_UNKNOWN,  /* not in the list          */
    CODELIST_HEADING,  /* a group's code           */
    CODELIST_ENDED,    /* withdrawn before the day */
    CODELIST_OUTDATED  /* there are lists of this name, none for the day */
};

/* Lower-case letters, digits and single dashes: a name of a list is a name of files. */
bool codelist_name_good(const char *name);
/* "icd10cm" for lists whose codes have a known shape: is it one of theirs?  True for other lists. */
bool codelist_shape_good(const char *name, const char *code);
/* Upper case without dots and blanks; false when it is empty, too long or has other characters. */
bool codelist_key(const char *value, char out[CODE_MAX + 1]);

/*
 * A source as it comes to the bytes of a stored list.  head has name, dates and source; count is
 * filled.  Nothing is kept of a source in which one line is wrong: RC_INPUT with what, where (the
 * line) and cure.  RC_LIMIT above the limits, RC_NOMEM.
 */
MUST_USE enum rc codelist_import(struct bytes source, enum codelist_format format, struct codelist_head *head,
                                 struct arena *arena, struct buffer *out, struct err *err);

/* A stored list; borrows bytes.  RC_INPUT for anything that codelist_import does not write. */
MUST_USE enum rc codelist_read(struct bytes bytes, struct arena *arena, struct codelist *out);
/* code as codelist_key gives it. */
bool codelist_find(const struct codelist *list, const char *code, struct code_found *out);
/* Is it in force on a canonical date?  Any list is when there is no date (NULL or ""). */
bool codelist_covers(const struct codelist_head *head, const char *date);

/* The file's name: "icd10cm.from-2020-10-01.until-2021-09-30.codes", "iso4217.codes". */
void codelist_file_name(const struct codelist_head *head, char *out, size_t room);
/*
 * Every *.codes of the folder; a folder that is not there gives an empty set.  RC_CONFIG with
 * err for a damaged one; RC_IO; RC_NOMEM.  *out goes to codelists_free.
 */
MUST_USE enum rc codelists_load(const char *folder, struct codelist_set **out, struct err *err);
void codelists_free(struct codelist_set *set); /* may be NULL */
/* What the lists of this name say about a value on a date; set may be NULL. */
enum codelist_answer codelists_ask(const struct codelist_set *set, const char *name, const char *value,
                                   const char *date);

#endif
