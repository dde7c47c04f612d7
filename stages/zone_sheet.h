/*
 * zone_sheet.h - a fixed form laid flat: its gray picture and the ink that was filled in.
 */
#ifndef STAGES_ZONE_SHEET_H
#define STAGES_ZONE_SHEET_H

#include <leptonica/allheaders.h>

#include "zone_template.h"
#include "zones.h"

/* One connected piece of ink. */
struct blot {
    int x0, y0, x1, y1;
    int area;  /* dark pixels */
    int word;  /* index of its word, or -1 */
    bool kept; /* belongs to what was filled in, not to the form or the dirt */
};

/* Blots that make a word, in pixels of the sheet. */
struct ink_word {
    int x0, y0, x1, y1;
    int body;     /* height of its capital letters and digits */
    int baseline; /* bottom of most of its letters */
    int blots;
    int zone;     /* index of the template's zone, or -1 */
};

#define SOLIDS_MAX 64

struct sheet {
    double scale;     /* pixels of the sheet to a point of the form */
    double left, top; /* the sheet's corner, in points of the form  */
    int width, height;
    bool dropped;     /* the form's own printing was dropped by its colour */
    bool bilevel;     /* the page came in black and white, as from a fax     */
    PIX *gray;        /* 8 bits, paper made white                                     */
    PIX *ink;         /* 1 bit: everything dark; after sheet_clean without rules and streaks */
    PIX *clean;       /* 8 bits: what was filled in, on white                         */
    struct blot *blots;
    unsigned blot_count;
    struct ink_word *words;
    unsigned word_count;
    struct blot solids[SOLIDS_MAX]; /* bars, holes and blots that may hide something */
    unsigned solid_count;
};

/* Lay the form flat.  sheet_done() releases what it made, also after a failure. */
MUST_USE enum rc sheet_flatten(PIX *gray, PIX *color, const struct zone_match *match,
                               struct arena *arena, struct sheet *out);
/* Part the ink that was filled in from the form and the dirt; find its words and their zones. */
MUST_USE enum rc sheet_clean(const struct zone_template *t, struct arena *arena, struct sheet *sheet);
/* Take the template's black bars off the sheet's ink; and its rules, which are followed on the ink as it was before
 * anything was cut.  Not for a sheet whose printing was dropped by its colour. */
void sheet_clear_bars(const struct zone_template *t, struct sheet *sheet);
void sheet_cut_rules(const struct zone_template *t, PIX *before, struct sheet *sheet);
void sheet_done(struct sheet *sheet);
/* The page with the streaks of a dirty scanner lightened; *out NULL when it has none.  The caller destroys it. */
MUST_USE enum rc streaks_see_through(PIX *gray, struct arena *arena, PIX **out);

static inline int
sheet_x(const struct sheet *s, double x)
{
    return (int)((x - s->left) * s->scale + 0.5);
}

static inline int
sheet_y(const struct sheet *s, double y)
{
    return (int)((y - s->top) * s->scale + 0.5);
}

/* The share of dark pixels within a rectangle of the form, in points. */
double sheet_ink(const struct sheet *s, double x0, double y0, double x1, double y1);

#endif
