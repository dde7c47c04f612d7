/*
 * zone_template.h - the geometry of one fixed form, as forms/zones/NAME.yaml says it.
 * Known to the zones_*.c files alone.
 */
#ifndef STAGES_ZONE_TEMPLATE_H
#define STAGES_ZONE_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* What may stand in a zone: decides the characters allowed and with whom it is read. */
enum zone_read {
    ZONE_TEXT, ZONE_ID, ZONE_CODE, ZONE_DIGITS, ZONE_DATE, ZONE_MONEY, ZONE_PHONE, ZONE_ZIP,
    ZONE_STATE, ZONE_TAXID, ZONE_POINTERS, ZONE_UNITS, ZONE_MARK, ZONE_READS
};

struct zone_kind {
    const char *name;
    const char *allow; /* NULL: any character */
    int strip;         /* kinds of one number may be read in one line */
};

extern const struct zone_kind zone_kinds[ZONE_READS];

struct zone_seg {
    double at[3];
};

struct zone_rect {
    double at[4]; /* x0 y0 x1 y1 */
};

struct zone_def {
    char *name;
    enum zone_read read;
    double box[4];
    unsigned lines; /* the most lines of text; 0: one */
    double split;   /* x of the rule that parts dollars and cents; 0: none */
    unsigned cells; /* printed boxes of one character each; 0: none */
};

struct zone_rows {
    unsigned count;
    double pitch;
    struct zone_def *zones;
    unsigned zone_count;
};

struct zone_copy {
    double dx, dy;
};

enum zone_ink { INK_ANY, INK_RED };

struct zone_file {
    char *form;
    double *page;
    unsigned page_count;
    enum zone_ink ink;
    struct zone_seg *across, *down, *dashed_across, *dashed_down;
    unsigned across_count, down_count, dashed_across_count, dashed_down_count;
    struct zone_seg *tells; /* rules across that other versions of the form do not have */
    unsigned tells_count;
    struct zone_rect *captions;
    unsigned caption_count;
    struct zone_rect *bars; /* printed full of ink, with what stands in them left white */
    unsigned bar_count;
    struct zone_def *zones;
    unsigned zone_count;
    struct zone_rows *rows; /* NULL: none */
    struct zone_copy *copies;
    unsigned copy_count;
};

/* A zone as it is read, rows and copies written out. */
struct zone {
    const char *name;
    enum zone_read read;
    double x0, y0, x1, y1;
    unsigned lines;
    double split;
    unsigned cells;
};

/* A printed rule: along x when across, along y else. */
struct zone_rule {
    double x0, y0, x1, y1;
    bool across, dashed;
};

struct zone_template {
    struct zone_file *file; /* what the YAML held; the rest points into it or is ours */
    const char *form;
    double width, height;
    double left, top, right, bottom; /* of all rules */
    struct zone_rule *rules;
    unsigned rule_count;
    struct zone *zones;
    unsigned zone_count;
    char *names; /* of rows and copies */
};

/* RC_CONFIG with what, where and a cure; RC_IO; RC_NOMEM.  zone_template_free releases it. */
MUST_USE enum rc zone_template_load(const char *path, struct zone_template **out, struct err *err);
void zone_template_free(struct zone_template *template);

/* All that are loaded, by zones_ready(). */
unsigned zone_templates(const struct zone_template ***out);

#endif
