/*
 * codes_stripes.h - where a PDF417 may lie: by its start and stop patterns, which no text has.
 */
#ifndef STAGES_CODES_STRIPES_H
#define STAGES_CODES_STRIPES_H

#include <allheaders.h>

#include "base/arena.h"
#include "base/rc.h"
#include "doc/box.h"

#define STRIPES_MAX 4

struct stripes {
    struct box box;   /* with a margin, within the picture           */
    float module;     /* pixels: the thinnest bar                    */
    bool sideways;    /* its bars lie                                */
};

/*
 * The places of a gray page that have both patterns, as far apart as 1 to 30 columns put them, on two or more lines:
 * places[0..*count), at most STRIPES_MAX.  Lines 1.5 mm apart are looked at, across and down: a ninth of the pixels.
 * A symbol without its stop pattern ("compact"), under 5 mm, or turned by more than some 5 degrees is not found.
 * RC_NOMEM.
 */
MUST_USE enum rc codes_stripes(PIX *gray, struct arena *arena, struct stripes *places, unsigned *count);

#endif
