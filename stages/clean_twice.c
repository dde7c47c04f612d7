/*
 * clean_twice.c - a page twice as large, by cubic interpolation: linear blurs small faint print away.
 */
#include "clean_flat.h"

#define RES_MOST 200

/* Of 1024: four pixels in a row, for a place a quarter before the third of them and a quarter behind the second. */
static const int weights[2][4] = { { -24, 232, 888, -72 }, { -72, 888, 232, -24 } };

static inline int
held(int v, int most)
{
    return v < 0 ? 0 : v > most ? most : v;
}

/* One row of the page between four of its rows, 1024 times as bright. */
static void
between(PIX *gray, int y, const int weight[4], int *out)
{
    int width = pixGetWidth(gray), last = pixGetHeight(gray) - 1;
    const l_uint32 *rows[4];

    for (int i = 0; i < 4; i++)
        rows[i] = pixGetData(gray) + (size_t)held(y + i, last) * (size_t)pixGetWpl(gray);
    for (int x = 0; x < width; x++) {
        int sum = 0;

        for (int i = 0; i < 4; i++)
            sum += weight[i] * (int)GET_DATA_BYTE(rows[i], x);
        out[x] = sum;
    }
}

PIX *
clean_twice(PIX *gray, struct arena *arena)
{
    int width = pixGetWidth(gray), height = pixGetHeight(gray), res;
    int *row = arena_array(arena, (size_t)width, sizeof *row);
    PIX *large = row != NULL && pixGetDepth(gray) == 8 ? pixCreate(2 * width, 2 * height, 8) : NULL;

    if (large == NULL)
        return NULL;
    /* from 240 dots an inch on lines are looked for on half the picture: what was just gained would be lost */
    res = 2 * pixGetXRes(gray) < RES_MOST ? 2 * pixGetXRes(gray) : RES_MOST;
    pixSetResolution(large, res, res);
    for (int y = 0; y < 2 * height; y++) {
        l_uint32 *to = pixGetData(large) + (size_t)y * (size_t)pixGetWpl(large);

        between(gray, y / 2 - 2 + (y & 1), weights[y & 1], row);
        for (int x = 0; x < 2 * width; x++) {
            const int *weight = weights[x & 1];
            int at = x / 2 - 2 + (x & 1);
            int64_t sum = 0;

            for (int i = 0; i < 4; i++)
                sum += (int64_t)weight[i] * row[held(at + i, width - 1)];
            SET_DATA_BYTE(to, x, held((int)((sum + (1 << 19)) >> 20), 255));
        }
    }
    return large;
}
