/*
 * memory.h - what a layout that people corrected before says about this document.
 *
 * Lengths are in units: MEMORY_UNIT parts of the page's width.  match finds the layout and how it
 * lies on this page; predict finds a place by the words around it; pick takes what stands there.
 */
#ifndef STAGES_MEMORY_H
#define STAGES_MEMORY_H

#include "doc/memory.h"
#include "extract.h"
#include "stage.h"

/* A word of the layout, in units. */
struct memory_spot {
    int32_t x0, x1, y; /* y: at half its height */
    int32_t height;
    uint32_t page;
    const char *fold;
};

/* The document, seen in units. */
struct memory_view {
    const struct layout *layout;
    struct arena *arena;
    struct memory_spot *spots; /* one for each word of the layout */
    uint32_t *sorted;          /* spots by their folded text      */
    double height;             /* the usual height of a word      */
};

/* All that this client's people taught. */
struct memory_set {
    struct memory_layout **layouts;
    uint32_t *slots; /* the artifact's page: its number with the client */
    uint32_t count;
};

/*
 * How a layout lies on a page: x -> xx * x + xy * y + x0, y -> yx * x + yy * y + y0.  A photo and a fax of one
 * paper differ in more than shift and scale: they are slanted and narrowed, too.
 */
struct memory_fit {
    double xx, xy, x0, yx, yy, y0;
};

/* A layout and how it lies on the page. */
struct memory_match {
    struct memory_layout *layout; /* NULL: none is known */
    uint32_t slot;
    double score;         /* 0 to 1: how much of the layout is here */
    struct memory_fit fit;
    bool sender;          /* its sender's name or number stands here */
};

/* What the extraction holds of it. */
struct memory_use {
    struct memory_match match;
    struct memory_view view;
};

/* A place found. */
struct memory_spot_at {
    uint32_t page;
    double x, y, right;
    double strength; /* 0 to 1: how much of what stood around it does */
};

/* What a place says that a field's value is. */
struct memory_pick {
    const char *value, *text;
    uint32_t first, count, page;
    int64_t minor;
    bool repaired, ambiguous;
    double strength;
};

/* ---- memory_view.c ---- */

MUST_USE enum rc memory_view_make(const struct layout *layout, struct arena *arena, struct memory_view *out);
/* Is this word the remembered one, as well as a reader reads?  near: a misread letter may be in it. */
bool memory_same_word(const char *a, const char *b, bool near);
/* May a word be part of a layout at all: letters, and no number? */
bool memory_plain_word(const char *fold);
double memory_units(const struct layout *layout, uint32_t page, int pixels);
/* The middle of a box in units. */
double memory_middle(const struct layout *layout, uint32_t page, struct box box);
/* Where does a folded text stand, misread letters allowed?  UINT32_MAX: nowhere.  count: of words. */
uint32_t memory_text_at(const struct layout *layout, const char *fold, uint32_t *count, double *cost);

/* Is it the sender's name, or a number or account of the sender? */
bool memory_of_sender(const struct form *form, const struct form_field *f);

/* ---- memory_fit.c ---- */

/* A word of the layout and one on the page that may be it. */
struct memory_pair {
    double mx, my, sx, sy;
};

/* As it was: nothing moved. */
struct memory_fit memory_fit_same(void);
/* The fit that brings most words to their places; false when too few agree. */
bool memory_fit_find(const struct memory_pair *pairs, uint32_t count, struct memory_fit *out);
double memory_fit_x(const struct memory_fit *f, double x, double y);
double memory_fit_y(const struct memory_fit *f, double x, double y);
/* From the page to the layout's own units; of points, and of distances. */
void memory_fit_back(const struct memory_fit *f, double x, double y, int32_t *mx, int32_t *my);
void memory_fit_apart(const struct memory_fit *f, double dx, double dy, int32_t *mx, int32_t *my);

/* ---- memory_match.c ---- */

/* The layouts among the job's artifacts; one that does not decode is left out. */
MUST_USE enum rc memory_set_open(const struct artifact_set *given, struct arena *arena, struct memory_set *out);
/* The layout of this form (NULL: of any) that the document has; out->layout is NULL when it has none of them. */
MUST_USE enum rc memory_match(const struct memory_set *set, const char *form, const struct memory_view *view,
                              struct memory_match *out);

/* ---- memory_predict.c, memory_offer.c ---- */

/* Where the place is on these pages; false when nothing speaks for it. */
bool memory_predict(const struct memory_match *m, const struct memory_view *view, const struct memory_place *place,
                    struct memory_spot_at *out);
/* What a remembered place holds for field, cut at the remembered shape; false: nothing that could be it. */
bool memory_pick(const struct extraction *x, const struct memory_match *m, const struct memory_view *view,
                 uint16_t field, const struct memory_field *mf, const struct memory_place *place,
                 struct memory_pick *out);
/* Add what is remembered to the candidates; between the making of candidates and the equations. */
MUST_USE enum rc memory_offer(struct extraction *x);
/* The probability of a field's chosen value, with what people said about its place before. */
double memory_confidence(const struct extraction *x, unsigned index, double p);

/* ---- memory_find.c ---- */

#define MEMORY_FOUND_MAX 8

/* A place where a value stands on the pages. */
struct memory_found {
    uint32_t first, count, page;
    uint32_t words, lines;  /* words of its first line, lines in all */
    struct box box;         /* straightened, of its first line       */
    const char *lead, *tail; /* print inside its first and last word that is not of it */
    double worth;           /* how likely it is the one that is meant */
};
/* Every place of a canonical value, likeliest first; at most room. */
uint32_t memory_find(const struct extraction *x, uint16_t field, const char *value, struct memory_found *out,
                     uint32_t room);

/* ---- memory_own.c ---- */

/*
 * Fields with one amount stand in different places: each takes the one that its label stands at, and of
 * those without a label the later field, in the order of the form, the lower one.  Keeps in found[0..n) what
 * is left for field and returns how many; none: it stood where nothing was read, and another's place would
 * mislead.  fields: what the document's fields are, a person's among them.
 */
uint32_t memory_own_places(const struct extraction *x, const struct fields *fields, uint16_t field, const char *value,
                           struct memory_found *found, uint32_t n);

/* ---- memory_place.c; taken says of each word of the layout what it is ---- */

enum memory_taken { MEMORY_FREE = 0, MEMORY_ROW = 1, MEMORY_VALUE = 2 };

/* A place made of where a value stands now, in the units of this page brought to the layout's. */
MUST_USE enum rc memory_place_make(const struct extraction *x, const struct memory_match *m,
                                   const struct memory_view *view, const uint8_t *taken, const struct memory_found *at,
                                   struct memory_place *out);
/* The same place again: anchors that are here gain, those that are not lose, and new ones come. */
MUST_USE enum rc memory_place_again(const struct extraction *x, const struct memory_match *m,
                                    const struct memory_view *view, const uint8_t *taken, const struct memory_found *at,
                                    struct memory_place *place);
/* The words of the layout, from a first page; or what of them is here again. */
MUST_USE enum rc memory_marks_make(const struct extraction *x, const struct memory_view *view, const uint8_t *taken,
                                   struct memory_layout *m);
void memory_marks_again(const struct memory_match *m, const struct memory_view *view);
/* The learn stage: see stages.h. */

#endif
