/* box.c - rectangles in page pixels. */
#include "doc/box.h"

static int32_t
lesser(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t
greater(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

struct box
box_union(struct box a, struct box b)
{
    if (box_is_empty(a))
        return b;
    if (box_is_empty(b))
        return a;
    return (struct box){ lesser(a.x0, b.x0), lesser(a.y0, b.y0), greater(a.x1, b.x1), greater(a.y1, b.y1) };
}

struct box
box_cut(struct box a, struct box b)
{
    struct box cut = { greater(a.x0, b.x0), greater(a.y0, b.y0), lesser(a.x1, b.x1), lesser(a.y1, b.y1) };

    if (box_is_empty(cut))
        cut = (struct box){ 0, 0, 0, 0 };
    return cut;
}
