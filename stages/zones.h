/*
 * zones.h - fixed forms: is this page one, where does each zone lie on it, what stands there.
 *
 * The geometry of a form is data, forms/zones/NAME.yaml: rules, printed captions and zones in
 * points.  A page is registered by its own rules, however it was turned, scaled, sheared or
 * photographed; afterwards only the zones with ink are read.
 */
#ifndef STAGES_ZONES_H
#define STAGES_ZONES_H

#include <leptonica/allheaders.h>

#include "base/arena.h"
#include "doc/fields.h"
#include "doc/form.h"
#include "doc/reading.h"

struct zone_template;

#define ZONE_NODES_X 13
#define ZONE_NODES_Y 17

/* From points of the form to pixels of the page: a perspective and a small local shift. */
struct zone_map {
    double p[8];          /* x' = (p0 x + p1 y + p2) / (p6 x + p7 y + 1), y' = (p3 x + p4 y + p5) / ... */
    double width, height; /* of the form, in points */
    float shift[ZONE_NODES_Y][ZONE_NODES_X][2];
};

/* What a page was found to be. */
struct zone_match {
    const struct zone_template *template;
    const char *form; /* the form's name in forms/            */
    float conf;       /* 0..1                                 */
    int rotation;     /* degrees clockwise to turn the page before zones_read: 0 90 180 270 */
    struct zone_map map; /* to pixels of the page after that rotation */
};

/*
 * Load the geometry FOLDER/zones/NAME.yaml of every fixed form of the set, and every other file
 * there that says it is a version of one; before the cage.  err may be NULL.
 */
MUST_USE enum rc zones_ready(const char *folder, const struct form_set *forms, struct err *err);
void zones_done(void);

/*
 * Which fixed form is this page?  RC_OK with *out; RC_NOT_FOUND: none.  hint: the form that a
 * person or the stream names, or ""; it lowers what is asked of the page, and only that form
 * is tried first.  Cheap: some tens of milliseconds.
 */
MUST_USE enum rc zones_match(PIX *gray, const char *hint, struct zone_match *out);

/* The same for one template that is not loaded: a form that is being learnt. */
MUST_USE enum rc zones_match_template(PIX *gray, const struct zone_template *t, struct zone_match *out);

/*
 * Read the zones of a page turned by match->rotation.  color: the same page in 32 bits for red
 * drop-out, or NULL.  Fills zones, form, form_conf and facts.reason (REASON_HANDWRITING when
 * most of what is written is not printed); the words stay as they are.
 */
MUST_USE enum rc zones_read(PIX *gray, PIX *color, const struct zone_match *match,
                            struct arena *arena, struct page_reading *out);

/* Where a point of the form lies on the page. */
void zone_map_point(const struct zone_map *map, double x, double y, double *px, double *py);

/*
 * The fields of one page of a fixed form, from its zones: canonical values, confidences, rows.
 * Pages after the first add rows (page: the page's number in the document).
 */
MUST_USE enum rc zones_extract(const struct form *form, const struct page_reading *reading,
                               uint32_t page, struct arena *arena, struct fields *out);

/*
 * Put one misread amount right, where only one other reading of it makes a sum of the form hold; after all pages have
 * given their rows.  RC_NOMEM.
 */
MUST_USE enum rc zones_sums(const struct form *form, struct arena *arena, struct fields *fields);

#endif
