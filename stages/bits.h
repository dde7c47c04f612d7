/* bits.h - which pixels are print, on paper that is uneven and with ink that fades. */
#ifndef STAGES_BITS_H
#define STAGES_BITS_H

#include <leptonica/allheaders.h>

#define BITS_GROUND 200 /* what pixBackgroundNorm was asked to bring the paper to */

/*
 * even: 8-bit gray whose paper lies at BITS_GROUND.  A pixel is print when it is darker than its paper by nearly half
 * of what the darkest print near it is, and by more than the paper's own noise: faint lines beside black ones are
 * kept, show-through is not.  The caller owns the 1-bit result; NULL without memory.
 */
PIX *bits_of(PIX *even);

#endif
