/*
 * marks.h - is a box marked?  By its ink, against blank neighbours.
 */
#ifndef STAGES_MARKS_H
#define STAGES_MARKS_H

#include "doc/reading.h"

/* Below: blank; above: marked; between, or nearly filled: doubtful. */
#define MARK_BLANK_MAX 0.035f
#define MARK_MARKED_MIN 0.085f
#define MARK_FULL 0.90f

/* One box by itself. */
enum mark_state mark_of_ink(float ink);

/*
 * The boxes of one question.  A box that looks marked only by a little while another is marked
 * plainly is doubtful, and so is a faint one when all the others are clean.  Changes the states.
 */
void marks_compare(struct zone_reading **boxes, uint32_t count);

/* What the boxes of one question say together. */
enum marks_answer { MARKS_NONE, MARKS_ONE, MARKS_DOUBTFUL, MARKS_SEVERAL };

/* *which is the marked (or likeliest) box; *conf how surely. */
enum marks_answer marks_answer(struct zone_reading *const *boxes, uint32_t count, uint32_t *which, float *conf);

#endif
