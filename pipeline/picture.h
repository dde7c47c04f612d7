/*
 * picture.h - a crop as braille: two by four dots to a character, ink as foreground.
 *
 * One colour only, so that it reads the same on dark and light screens, with NO_COLOR, over
 * ssh and inside tmux.  A value too wide for the screen is folded between its letters.
 */
#ifndef PIPELINE_PICTURE_H
#define PIPELINE_PICTURE_H

#include <wchar.h>

#include "base/arena.h"
#include "base/deskproto.h"

struct picture {
    wchar_t *cells; /* rows * columns */
    int rows, columns;
};

struct picture_plan {
    int columns;       /* cells that there are in width                                */
    double dots;       /* dots of the screen to a pixel of the crop                    */
    bool fold;         /* fold what is wider; else cut it off                          */
};

/*
 * The part of a crop where its writing is: ruled lines and specks do not count, and some paper is left around.
 * A zone of a form is often far larger than what stands in it.  The whole crop when nothing is found.
 */
MUST_USE enum rc picture_focus(const struct desk_crop *crop, struct arena *arena, struct desk_crop *out);
/*
 * Dots to a pixel so that each of "letters" characters of the value gets "per_letter" dots, within
 * what makes sense; letters 0: unknown, judged by the height.
 */
double picture_scale(const struct desk_crop *crop, unsigned letters, double per_letter);
/* The rows follow from the crop and the plan.  RC_NOMEM; the picture lives in arena. */
MUST_USE enum rc picture_make(const struct desk_crop *crop, const struct picture_plan *plan,
                              struct arena *arena, struct picture *out);

#endif
