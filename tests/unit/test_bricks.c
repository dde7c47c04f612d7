/*
 * test_bricks.c - openings and dilations are Leptonica's, bit by bit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../stages/bricks.h"

/* A picture of random runs both ways, some up to its edges. */
static PIX *
random_bits(int w, int h, unsigned seed)
{
    PIX *pix = pixCreate(w, h, 1);
    uint64_t s = seed * 2654435761u + 1;

    assert_non_null(pix);
    for (int i = 0; i < w * h / 60 + 3; i++) {
        int v[4];

        for (int k = 0; k < 4; k++) {
            s = s * 6364136223846793005u + 1442695040888963407u;
            v[k] = (int)(s >> 40);
        }
        if (v[2] & 1)
            pixRasterop(pix, v[0] % w, v[1] % h, v[2] / 2 % 70 + 1, v[3] % 3 + 1, PIX_SET, NULL, 0, 0);
        else
            pixRasterop(pix, v[0] % w, v[1] % h, v[3] % 3 + 1, v[2] / 2 % 70 + 1, PIX_SET, NULL, 0, 0);
    }
    return pix;
}

static const int sizes[][2] = { { 37, 20 }, { 64, 64 }, { 101, 130 }, { 233, 90 }, { 31, 3 }, { 1, 40 } };
static const int bricks[][2] = {
    { 1, 1 },  { 2, 1 },  { 1, 2 },  { 3, 1 },  { 1, 3 },  { 9, 1 },   { 1, 9 },  { 31, 1 }, { 1, 31 },
    { 33, 1 }, { 1, 64 }, { 64, 1 }, { 83, 1 }, { 1, 101 }, { 5, 11 }, { 20, 8 }, { 300, 1 },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
compare(PIX *(*ours)(PIX *, int, int), PIX *(*theirs)(PIX *, PIX *, l_int32, l_int32), bool odd)
{
    for (unsigned i = 0; i < COUNT(sizes); i++)
        for (unsigned k = 0; k < COUNT(bricks); k++) {
            int across = odd ? bricks[k][0] | 1 : bricks[k][0], down = odd ? bricks[k][1] | 1 : bricks[k][1];
            PIX *in = random_bits(sizes[i][0], sizes[i][1], i * 100 + k), *a = ours(in, across, down);
            PIX *b = theirs(NULL, in, across, down);
            l_int32 same = 0;

            assert_non_null(a);
            assert_non_null(b);
            pixEqual(a, b, &same);
            if (!same)
                print_error("%d x %d by %d x %d\n", sizes[i][0], sizes[i][1], across, down);
            assert_true(same);
            pixDestroy(&in);
            pixDestroy(&a);
            pixDestroy(&b);
        }
}

static void
openings_are_leptonicas(void **state)
{
    (void)state;
    compare(brick_open, pixOpenBrick, false);
}

static void
dilations_are_leptonicas(void **state)
{
    (void)state;
    compare(brick_dilate, pixDilateBrick, true);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openings_are_leptonicas),
        cmocka_unit_test(dilations_are_leptonicas),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
