/* ctl_replay_picture.c - a crop as braille, eight dots to a character; this program draws with no library. */
#include <stdlib.h>
#include <string.h>

#include "ctl_replay.h"

#define COLUMNS_MAX 200
#define ROWS_MAX_SHOWN 24

/* The level that parts ink from paper with the least spread on both sides (Otsu, IEEE Trans. SMC 9, 1979). */
static unsigned
level_of(const struct desk_crop *crop)
{
    double count[256] = { 0 }, total = (double)crop->pixels.size, sum = 0, below = 0, below_sum = 0, best = -1;
    unsigned level = 127;

    for (size_t i = 0; i < crop->pixels.size; i++)
        count[crop->pixels.data[i]]++;
    for (int v = 0; v < 256; v++)
        sum += v * count[v];
    for (unsigned v = 0; v < 255; v++) {
        double above, apart;

        below += count[v];
        below_sum += v * count[v];
        above = total - below;
        if (below == 0 || above == 0)
            continue;
        apart = below_sum / below - (sum - below_sum) / above;
        if (below * above * apart * apart > best) {
            best = below * above * apart * apart;
            level = v;
        }
    }
    return level;
}

/* Is the mean of the pixels under one dot ink? */
static bool
dot(const struct desk_crop *crop, double x0, double y0, double step, unsigned level)
{
    uint32_t left = (uint32_t)x0, top = (uint32_t)y0, right = (uint32_t)(x0 + step), bottom = (uint32_t)(y0 + step);
    unsigned long sum = 0, n = 0;

    right = right <= left ? left + 1 : right;
    bottom = bottom <= top ? top + 1 : bottom;
    for (uint32_t y = top; y < bottom && y < crop->height; y++)
        for (uint32_t x = left; x < right && x < crop->width; x++) {
            sum += crop->pixels.data[(size_t)y * crop->width + x];
            n++;
        }
    return n > 0 && sum / n <= level;
}

void
replay_picture(const struct desk_crop *crop, int columns, FILE *to)
{
    /* Unicode numbers braille dots by column, but for the lowest two. */
    static const unsigned bits[4][2] = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };
    double step, high;
    unsigned level;
    int wide, rows;

    if (crop->width == 0 || crop->height == 0)
        return;
    columns = columns > COLUMNS_MAX ? COLUMNS_MAX : columns < 10 ? 10 : columns;
    step = crop->width / (2.0 * columns);
    high = crop->height / (4.0 * ROWS_MAX_SHOWN);
    step = step > high ? step : high;
    /* A small value is not blown up beyond what can be told apart anyway. */
    if (step < 0.5)
        step = 0.5;
    level = level_of(crop);
    wide = (int)(crop->width / (2 * step)) + 1;
    rows = (int)(crop->height / (4 * step)) + 1;
    for (int r = 0; r < rows; r++) {
        fputs("  ", to);
        for (int c = 0; c < wide; c++) {
            unsigned cell = 0;

            for (int y = 0; y < 4; y++)
                for (int x = 0; x < 2; x++)
                    if (dot(crop, (c * 2 + x) * step, (r * 4 + y) * step, step, level))
                        cell |= bits[y][x];
            cell += 0x2800;
            fprintf(to, "%c%c%c", (int)(0xe0 | cell >> 12), (int)(0x80 | (cell >> 6 & 0x3f)),
                    (int)(0x80 | (cell & 0x3f)));
        }
        fputc('\n', to);
    }
}
