/*
 * memory.h - what people taught us about one sender's layout: ARTIFACT_MEMORY.
 *
 * One artifact is one layout of one client.  Positions are in MEMORY_UNIT parts of the page's
 * width, on the straightened page that taught them.  A field's place is said by the words
 * around it (its anchors), so that it moves with them.  Counts say how often a person agreed
 * and how often not; what is contradicted oftener than confirmed is no longer used.
 */
#ifndef DOC_MEMORY_H
#define DOC_MEMORY_H

#include "base/codec.h"

#define MEMORY_UNIT 8192
#define MEMORY_WORD_MAX 24        /* bytes of a folded word: longer ones are cut  */
#define MEMORY_TEXT_MAX 240       /* bytes of a value that is always the same     */
#define MEMORY_NAME_MAX 100       /* bytes of a field's or form's name            */
#define MEMORY_MARKS_MAX 90
#define MEMORY_SENDERS_MAX 4
#define MEMORY_FIELDS_MAX 64
#define MEMORY_PLACES_MAX 3
#define MEMORY_ANCHORS_MAX 8
#define MEMORY_COLUMNS_MAX 16
#define MEMORY_SEEN_MAX 8
#define MEMORY_LAYOUT_MAX (24u << 10) /* bytes of one layout, encoded             */
#define MEMORY_LAYOUTS_MAX 256        /* of one client                            */

/* A word that belongs to the layout and not to its values. */
struct memory_mark {
    const char *text; /* folded                             */
    int32_t x, y;     /* of its left end, at half its height */
    uint8_t page;     /* 0: the first; 1: a later one        */
    uint16_t seen, missed;
};

/* A word near a value; dx, dy: from its left end to the value's, at half their heights. */
struct memory_anchor {
    const char *text;
    int32_t dx, dy;
    uint16_t seen, missed;
};

/* Where a value stood. */
struct memory_place {
    int32_t x, y;      /* its left end, at half its first line's height         */
    int32_t width;
    uint8_t page;      /* 0: the first; 1: a later one                          */
    uint8_t words;     /* of its first line                                     */
    uint8_t lines;
    const char *lead, *tail; /* print inside its first and last word that is not of the value */
    uint16_t right, wrong;   /* what stood there was, was not the value          */
    struct memory_anchor *anchors;
    uint32_t anchor_count;
};

enum memory_order {
    MEMORY_DAY_FIRST = 1,
    MEMORY_MONTH_FIRST = 2,
    MEMORY_AS_PRINTED = 1, /* of amounts: the sign that is printed, */
    MEMORY_OTHER_SIGN = 2  /* or the other one                      */
};

struct memory_field {
    const char *name;
    uint16_t confirmed, corrected, blank; /* how often a person said so                  */
    uint16_t helped, misled;              /* what memory offered was, was not the value  */
    const char *constant;                 /* the value that it always had, or ""         */
    uint16_t same, different;             /* how often it had it, and how often not      */
    const char *shape;                    /* of its value as printed: "AA-9999", or ""   */
    char mark;                            /* the decimal mark, or 0                      */
    uint8_t order;                        /* enum memory_order; of dates, or of amounts  */
    struct memory_place *places;
    uint32_t place_count;
};

/* A column of the table. */
struct memory_column {
    const char *name;
    int32_t left, right;
    uint16_t seen;
};

struct memory_layout {
    const char *form;
    uint16_t lessons;  /* documents that taught it                          */
    uint64_t seen[MEMORY_SEEN_MAX]; /* the last documents, so that one is not counted twice; 0: none */
    const char *senders[MEMORY_SENDERS_MAX]; /* folded: who sends it         */
    uint32_t sender_count;
    struct memory_mark *marks;
    uint32_t mark_count;
    struct memory_field *fields;
    uint32_t field_count;
    struct memory_column *columns;
    uint32_t column_count;
};

/* What is put out of the way by the ceilings is what was seen least; the caller keeps within them. */
void memory_write(struct buffer *b, const struct memory_layout *m);
/* RC_INPUT for anything that memory_write does not make; all of it lives in arena. */
MUST_USE enum rc memory_read(struct bytes bytes, struct arena *arena, struct memory_layout **out);

/* NULL when there is none of this name. */
struct memory_field *memory_field(const struct memory_layout *m, const char *name);
/* How far a count of agreements is to be trusted against one of disagreements: 0 to 1; 0 at wrong >= right. */
double memory_trust(uint32_t right, uint32_t wrong);
/* "F-2025-0017" gives "A-9999-9999"; letters A, digits 9, the rest as it is. */
void memory_shape(const char *text, char *out, size_t room);
/* Has a text this shape, up to the lengths of its runs? */
bool memory_shape_fits(const char *shape, const char *text);

#endif
