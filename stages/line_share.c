/*
 * line_share.c - no stretch of a row belongs to two lines.
 *
 * On bent paper the two halves of a row may be found as lines that reach into each other; read as they are, what they
 * share would come out twice ("CASH" as "CAS" and "ASH").  The longer line keeps it.
 */
#include "line_share.h"

#include <math.h>
#include <string.h>

#define SAME_BASE 0.4f   /* of the letters' height: bases closer than this are of one row  */
#define SHARED 0.3f      /* of the letters' height: less than this is only a touch         */
#define LEAST 0.5f       /* of the letters' height: what is narrower afterwards is no line */

/* The line from x0 to x1 only; its base stays where it was. */
static void
trim(struct line_box *line, int x0, int x1)
{
    float base[LINE_KNOTS];

    for (int k = 0; k < LINE_KNOTS; k++)
        base[k] = line_base_at(line, (float)x0 + (float)(x1 - x0) * (float)k / (LINE_KNOTS - 1));
    memcpy(line->base, base, sizeof base);
    line->box.x0 = x0;
    line->box.x1 = x1;
}

/* a gives up to b what both have; false: then nothing is left of it. */
static bool
give(struct line_box *a, const struct line_box *b)
{
    int left = a->box.x0 > b->box.x0 ? a->box.x0 : b->box.x0, right = a->box.x1 < b->box.x1 ? a->box.x1 : b->box.x1;
    float height = a->height < b->height ? a->height : b->height, middle = (float)(left + right) / 2;
    int before = left - a->box.x0, after = a->box.x1 - right, x0, x1;

    if (height <= 0 || (float)(right - left) < SHARED * height || a->light != b->light ||
        fabsf(line_base_at(a, middle) - line_base_at(b, middle)) > SAME_BASE * height)
        return true;
    x0 = before >= after ? a->box.x0 : right;
    x1 = before >= after ? left : a->box.x1;
    if ((float)(x1 - x0) < LEAST * height)
        return false;
    trim(a, x0, x1);
    return true;
}

void
lines_share(struct line_set *set)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < set->count; i++) {
        struct line_box *a = &set->lines[i];
        bool stays = true;

        for (uint32_t j = 0; stays && j < set->count; j++) {
            const struct line_box *b = &set->lines[j];
            int wa = a->box.x1 - a->box.x0, wb = b->box.x1 - b->box.x0;

            if (j != i && b->box.x1 > b->box.x0 && (wa < wb || (wa == wb && i > j)))
                stays = give(a, b);
        }
        if (!stays)
            a->box.x1 = a->box.x0; /* still looked at by the others, as nothing */
    }
    for (uint32_t i = 0; i < set->count; i++)
        if (set->lines[i].box.x1 > set->lines[i].box.x0)
            set->lines[kept++] = set->lines[i];
    set->count = kept;
}
