/*
 * learned.h - the geometry of a form as it was found on a blank page: ARTIFACT_LEARNED.
 *
 * Made in the cage from two pictures, written to forms/ outside of it: so every number is checked
 * again when it is read, and no text but short plain names comes through.  All in points from
 * the top left corner of the page.
 */
#ifndef DOC_LEARNED_H
#define DOC_LEARNED_H

#include <stdbool.h>

#include "base/codec.h"

#define LEARNED_RULES_MAX 900    /* of one direction */
#define LEARNED_CAPTIONS_MAX 1500
#define LEARNED_BOXES_MAX 400
#define LEARNED_NAME_MAX 60

struct learned_box {
    double at[4]; /* x0 y0 x1 y1 */
};

/* A box that was marked as a zone. */
struct learned_zone {
    double at[4];
    uint32_t cells;   /* printed boxes of one character each; 0: none        */
    const char *name; /* what was typed inside: letters, digits, _ = : . only; may be "" */
};

struct learned {
    double width, height; /* of the page */
    bool red;             /* its printing is red: it can be dropped by its colour */
    struct learned_box *across, *down; /* rules: a line's two ends */
    uint32_t across_count, down_count;
    struct learned_box *captions;
    uint32_t caption_count;
    struct learned_zone *zones; /* in reading order */
    uint32_t zone_count;
};

void learned_write(struct buffer *b, const struct learned *l);
/* RC_INPUT for what is not well formed, outside the page or above a limit. */
MUST_USE enum rc learned_read(struct bytes bytes, struct arena *arena, struct learned **out);

/* In place: lower case, blanks to _, everything else than a-z 0-9 _ = : . left out. */
void learned_name_clean(char *name);

#endif
