/* bricks.h - morphology of black-and-white pictures by large bricks, in a few passes. */
#ifndef STAGES_BRICKS_H
#define STAGES_BRICKS_H

#include <leptonica/allheaders.h>

/*
 * What pixOpenBrick(NULL, bits, across, down) and pixDilateBrick(NULL, bits, across, down) give, bit by bit, for sizes
 * of 1 and more (odd ones for brick_dilate).  Those ask for a pass over the whole picture for every pixel of the brick;
 * here each pass doubles the brick.  The caller owns the result; NULL without memory.
 */
PIX *brick_open(PIX *bits, int across, int down);
PIX *brick_dilate(PIX *bits, int across, int down);

#endif
