/*
 * marks.c - check boxes by their ink: blank, marked, doubtful, several.
 *
 * A cross covers a fifth of its box or more and a tick a twelfth; what a form's own frame leaves
 * after its rules are cut is under three hundredths.
 */
#include "marks.h"

enum mark_state
mark_of_ink(float ink)
{
    if (ink < MARK_BLANK_MAX)
        return MARK_BLANK;
    return ink < MARK_MARKED_MIN || ink > MARK_FULL ? MARK_DOUBTFUL : MARK_MARKED;
}

void
marks_compare(struct zone_reading **boxes, uint32_t count)
{
    float most = 0;

    for (uint32_t i = 0; i < count; i++)
        most = boxes[i]->ink > most && boxes[i]->ink <= MARK_FULL ? boxes[i]->ink : most;
    for (uint32_t i = 0; i < count; i++) {
        struct zone_reading *b = boxes[i];

        /* A trace beside a plain mark is dirt or the end of the neighbour's cross. */
        if (b->mark == MARK_DOUBTFUL && b->ink < 0.3f * most)
            b->mark = MARK_BLANK;
        else if (b->mark == MARK_MARKED && b->ink < 0.3f * most)
            b->mark = MARK_DOUBTFUL;
    }
}

enum marks_answer
marks_answer(struct zone_reading *const *boxes, uint32_t count, uint32_t *which, float *conf)
{
    uint32_t marked = 0, doubtful = 0;
    float first = 0, second = 0;

    *which = 0;
    for (uint32_t i = 0; i < count; i++) {
        marked += boxes[i]->mark == MARK_MARKED;
        doubtful += boxes[i]->mark == MARK_DOUBTFUL;
        if (boxes[i]->ink > first) {
            second = first;
            first = boxes[i]->ink;
            *which = i;
        } else if (boxes[i]->ink > second) {
            second = boxes[i]->ink;
        }
    }
    *conf = 0.5f;
    if (marked == 0 && doubtful == 0)
        return MARKS_NONE;
    if (marked == 1 && doubtful == 0 && boxes[*which]->mark == MARK_MARKED) {
        float margin = (first - second) / 0.15f;

        *conf = 0.90f + 0.099f * (margin > 1 ? 1 : margin);
        return MARKS_ONE;
    }
    return marked > 1 ? MARKS_SEVERAL : MARKS_DOUBTFUL;
}
