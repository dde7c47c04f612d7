/* image_head.c - what PNG, JPEG and TIFF heads have in common: sizes, turns, resolutions. */
#include "image_head.h"

#include "doc/recipe.h"

#define A4_LONG_INCHES 11.69
#define INCHES_LEAST 1.0
#define INCHES_MOST 60.0
#define SQUARE_LEAST 1.2
#define SQUARE_MOST 4.2

enum reason
size_reason(uint64_t width, uint64_t height, uint32_t *detail)
{
    /* libraries hold sizes in 32 bits with a sign: what does not fit there is not a size */
    if (width == 0 || height == 0 || width >= INT32_MAX || height >= INT32_MAX)
        return REASON_DIMENSIONS;
    if (width > SIDE_MAX || height > SIDE_MAX) {
        *detail = SIDE_MAX;
        return REASON_SIDE_TOO_LONG;
    }
    if (width * height > PIXELS_MAX) {
        *detail = PIXELS_MAX;
        return REASON_TOO_MANY_PIXELS;
    }
    return REASON_NONE;
}

void
orientation_turn(unsigned orientation, struct image_frame *frame)
{
    static const int turns[9] = { 0, 0, 0, 180, 180, 270, 90, 90, 270 };

    if (orientation < 1 || orientation > 8)
        orientation = 1;
    frame->rotation = turns[orientation];
    /* 2: left and right swapped; 4, 5, 7: swapped, then turned */
    frame->mirrored = orientation == 2 || orientation == 4 || orientation == 5 || orientation == 7;
}

uint32_t
square_height(uint32_t height, double xdpi, double ydpi)
{
    double ratio = xdpi > 0 && ydpi > 0 ? xdpi / ydpi : 1;

    return ratio > SQUARE_LEAST && ratio < SQUARE_MOST ? (uint32_t)(height * ratio + 0.5) : height;
}

uint32_t
dpi_believed(uint32_t dpi, uint32_t width, uint32_t height)
{
    uint32_t side = width > height ? width : height, guess;

    if (dpi >= 72 && dpi <= 1200 && side >= INCHES_LEAST * dpi && side <= INCHES_MOST * dpi) {
        /* 72 and 96 are what programs write when they do not know: not for a big scan */
        if (dpi > 96 || side <= 14 * dpi)
            return dpi;
    }
    guess = (uint32_t)(side / A4_LONG_INCHES + 0.5);
    return guess < 72 ? 72 : guess > 600 ? 600 : guess;
}
