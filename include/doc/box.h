/* box.h - a rectangle in page pixels: x0,y0 inside, x1,y1 just outside; y grows down. */
#ifndef DOC_BOX_H
#define DOC_BOX_H

#include <stdbool.h>
#include <stdint.h>

struct box {
    int32_t x0, y0, x1, y1;
};

static inline bool
box_is_empty(struct box b)
{
    return b.x1 <= b.x0 || b.y1 <= b.y0;
}

struct box box_union(struct box a, struct box b);
struct box box_cut(struct box a, struct box b);

#endif
