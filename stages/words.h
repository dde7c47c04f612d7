/*
 * words.h - the words of a document laid out: lines, pieces of lines, what stands where.
 *
 * Geometry is on the straightened page.  A piece is a run of words on one line without a wide
 * gap: a label, a value, a cell.
 */
#ifndef STAGES_WORDS_H
#define STAGES_WORDS_H

#include "base/arena.h"
#include "doc/reading.h"

struct lay_word {
    struct box box;          /* straightened */
    const struct word *word; /* as read: its text, its box on the page */
    uint32_t page, line, piece;
};

struct lay_run { /* a line or a piece: words first .. first + count */
    struct box box;
    uint32_t first, count, page;
    uint32_t line;           /* of a piece: its line; of a line: itself */
    char *fold;              /* of a line: folded, without blanks */
    uint16_t *fold_word;     /* which word of the line a folded character is of */
    uint8_t *edge;           /* a word or number ends before this character */
    uint32_t fold_size;
};

struct layout {
    const struct page_reading *const *pages;
    uint32_t page_count;
    struct lay_word *words;
    uint32_t word_count;
    struct lay_run *lines;
    uint32_t line_count;
    struct lay_run *pieces;
    uint32_t piece_count;
    float height; /* the usual height of a word */
    float slack;  /* how much wider than usual blanks are, pixels */
};

/* pages[0..count) stay the caller's. */
MUST_USE enum rc layout_make(const struct page_reading *const *pages, uint32_t count,
                             struct arena *arena, struct layout *out);

/* The text of words first .. first + count, blanks between. */
char *layout_text(const struct layout *layout, uint32_t first, uint32_t count, struct arena *arena);
/* The lowest reader's number of some words. */
float layout_conf(const struct layout *layout, uint32_t first, uint32_t count);
/* Their box on the page as it lies (not straightened). */
struct box layout_box(const struct layout *layout, uint32_t first, uint32_t count);

static inline int
box_height(struct box b)
{
    return b.y1 - b.y0;
}

static inline int
box_across(struct box a, struct box b) /* overlap in x; negative: the gap */
{
    int left = a.x0 > b.x0 ? a.x0 : b.x0, right = a.x1 < b.x1 ? a.x1 : b.x1;

    return right - left;
}

static inline int
box_along(struct box a, struct box b) /* overlap in y */
{
    int top = a.y0 > b.y0 ? a.y0 : b.y0, end = a.y1 < b.y1 ? a.y1 : b.y1;

    return end - top;
}

#endif
