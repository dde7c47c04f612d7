/* line_rows.h - marks on a page to rows of print. */
#ifndef STAGES_LINE_ROWS_H
#define STAGES_LINE_ROWS_H

#include <leptonica/allheaders.h>

#include "base/arena.h"
#include "doc/box.h"
#include "ocr_lines.h"

struct mark {
    struct box box;
    bool small;   /* lower than half a letter: a dot, a dash, a piece of a broken letter */
    uint32_t row; /* set by line_rows; ROW_NONE: stands in none                          */
};

#define ROW_NONE UINT32_MAX

struct row {
    struct box box;   /* of all marks, without what reaches far above or below the letters */
    struct box core;  /* of the letters alone                                              */
    uint32_t letters; /* marks that are not small                                          */
    uint32_t marks;
    float height;     /* of its taller letters                                             */
    float up, down, base[LINE_KNOTS]; /* as in struct line_box                             */
};

/*
 * bits: the print, without rules.  marks: its letters and their pieces; they are mended and their row is set.  usual:
 * the usual height of a letter on the page.  Rows end where the gap is wide; they live in arena and are in no order.
 */
MUST_USE enum rc line_rows(PIX *bits, struct mark *marks, uint32_t count, float usual, struct arena *arena,
                           struct row **rows, uint32_t *row_count);

/* Pieces that stand above each other and are together no higher than a letter become one mark; sorted by x then. */
void line_mend(struct mark *marks, uint32_t *count, float usual);

#endif
