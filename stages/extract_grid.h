/*
 * extract_grid.h - the columns of a table: the titled ones, and those that only the rows show.
 */
#ifndef STAGES_EXTRACT_GRID_H
#define STAGES_EXTRACT_GRID_H

#include "extract.h"

#define COLUMNS_MAX 24

struct column {
    const struct form_field *field; /* NULL: a column of something that is not asked for */
    struct box box;                 /* of its title                                      */
    int left, right;                /* what belongs to it                                */
};

struct head {
    uint32_t line; /* its last line */
    struct column columns[COLUMNS_MAX]; /* from left to right */
    unsigned count;
};

/* The head of a page's table and what its rows make of it; false: the page has none, *out is as it was. */
bool grid_find(const struct extraction *x, uint32_t page, struct head *out);
/* Does the table end above this line? */
bool grid_ends(const struct extraction *x, uint32_t line);

#endif
