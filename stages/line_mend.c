/*
 * line_mend.c - pieces of letters to letters.
 */
#include "line_rows.h"

#include <stdlib.h>

#define MEND 0.18f       /* heights between two pieces of one letter                      */
#define SMALL 0.45f      /* of a letter's height: less is a dot or a piece               */

static int
tall_of(struct box b)
{
    return b.y1 - b.y0;
}

static int
along(int a0, int a1, int b0, int b1)
{
    return (a1 < b1 ? a1 : b1) - (a0 > b0 ? a0 : b0);
}

static int
by_left(const void *a, const void *b)
{
    const struct mark *x = a, *y = b;

    return x->box.x0 != y->box.x0 ? (x->box.x0 > y->box.x0) - (x->box.x0 < y->box.x0)
                                  : (x->box.y0 > y->box.y0) - (x->box.y0 < y->box.y0);
}

/*
 * Pieces of one letter: dots of a needle printer, strokes that a worn head left out.  Above each other, close, and
 * together no higher than a letter.
 */
void
line_mend(struct mark *marks, uint32_t *count, float usual)
{
    uint32_t n = *count, kept = 0;

    for (int pass = 0; pass < 3; pass++) {
        bool any = false;

        for (uint32_t i = 0; i < n; i++) {
            struct box a = marks[i].box;

            if (box_is_empty(a))
                continue;
            for (uint32_t j = i + 1; j < n && marks[j].box.x0 < a.x1; j++) {
                struct box b = marks[j].box, u = box_union(a, b);
                int low = a.x1 - a.x0 < b.x1 - b.x0 ? a.x1 - a.x0 : b.x1 - b.x0;
                int gap = -along(a.y0, a.y1, b.y0, b.y1);

                if (box_is_empty(b) || (float)gap > MEND * usual + 1 || (float)tall_of(u) > 1.15f * usual ||
                    (float)(u.x1 - u.x0) > 1.4f * usual || along(a.x0, a.x1, b.x0, b.x1) * 2 < low)
                    continue;
                if ((float)tall_of(a) > 0.75f * usual && (float)tall_of(b) > 0.75f * usual)
                    continue;
                marks[i].box = a = u;
                marks[j].box = (struct box){ b.x0, 0, b.x0, 0 };
                any = true;
            }
        }
        if (!any)
            break;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (box_is_empty(marks[i].box))
            continue;
        marks[kept] = marks[i];
        marks[kept].small = (float)tall_of(marks[kept].box) < SMALL * usual;
        kept++;
    }
    *count = kept;
    qsort(marks, kept, sizeof *marks, by_left);
}
