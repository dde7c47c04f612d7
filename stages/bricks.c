/*
 * bricks.c - openings and dilations by large bricks.
 *
 * A run of n pixels is two overlapping runs of fewer: from runs of k, one shift by at most k and one AND give runs of
 * up to 2k.  So a rule of 80 pixels takes seven passes each way and not eighty.  Outside the picture is paper, as
 * Leptonica's usual boundary has it.
 */
#include "bricks.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct bits {
    l_uint32 *data, *moved; /* moved: room for one row */
    int wpl, h;
};

/* The bits of a row n nearer to its beginning; what comes in is paper. */
static void
row_left(const l_uint32 *from, l_uint32 *to, int words, int n)
{
    int whole = n / 32, part = n % 32;

    for (int i = 0; i < words; i++) {
        l_uint32 a = i + whole < words ? from[i + whole] : 0, b = i + whole + 1 < words ? from[i + whole + 1] : 0;

        to[i] = part == 0 ? a : a << part | b >> (32 - part);
    }
}

static void
row_right(const l_uint32 *from, l_uint32 *to, int words, int n)
{
    int whole = n / 32, part = n % 32;

    for (int i = 0; i < words; i++) {
        l_uint32 a = i >= whole ? from[i - whole] : 0, b = i > whole ? from[i - whole - 1] : 0;

        to[i] = part == 0 ? a : a >> part | b << (32 - part);
    }
}

static l_uint32 *
row_of(const struct bits *b, int y)
{
    return b->data + (ptrdiff_t)y * b->wpl;
}

/* One more doubling on the way from have to n. */
static int
step_of(int have, int n)
{
    return have < n - have ? have : n - have;
}

static l_uint32
any_of(const l_uint32 *row, int words)
{
    l_uint32 any = 0;

    for (int i = 0; i < words; i++)
        any |= row[i];
    return any;
}

/* What is left of each run: its pixels that begin n of it. */
static void
erode_across(const struct bits *b, int n)
{
    for (int y = 0; y < b->h; y++) {
        l_uint32 *row = row_of(b, y);

        for (int have = 1; have < n && any_of(row, b->wpl) != 0;) {
            int step = step_of(have, n);

            row_left(row, b->moved, b->wpl, step);
            for (int i = 0; i < b->wpl; i++)
                row[i] &= b->moved[i];
            have += step;
        }
    }
}

static void
erode_down(const struct bits *b, int n)
{
    for (int have = 1; have < n;) {
        int step = step_of(have, n);

        for (int y = 0; y < b->h; y++) {
            l_uint32 *row = row_of(b, y), *below = row_of(b, y + step);

            if (y + step >= b->h)
                memset(row, 0, (size_t)b->wpl * sizeof *row);
            else
                for (int i = 0; i < b->wpl; i++)
                    row[i] &= below[i];
        }
        have += step;
    }
}

/* Each pixel becomes n of them, towards the end or the beginning. */
static void
grow_across(const struct bits *b, int n, void (*move)(const l_uint32 *, l_uint32 *, int, int))
{
    for (int y = 0; y < b->h && n > 1; y++) {
        l_uint32 *row = row_of(b, y);

        if (any_of(row, b->wpl) == 0)
            continue;
        for (int have = 1; have < n;) {
            int step = step_of(have, n);

            move(row, b->moved, b->wpl, step);
            for (int i = 0; i < b->wpl; i++)
                row[i] |= b->moved[i];
            have += step;
        }
    }
}

static void
grow_down(const struct bits *b, int n)
{
    for (int have = 1; have < n;) {
        int step = step_of(have, n);

        for (int y = b->h - 1; y >= step; y--) {
            l_uint32 *row = row_of(b, y), *above = row_of(b, y - step);

            for (int i = 0; i < b->wpl; i++)
                row[i] |= above[i];
        }
        have += step;
    }
}

static void
grow_up(const struct bits *b, int n)
{
    for (int have = 1; have < n;) {
        int step = step_of(have, n);

        for (int y = 0; y + step < b->h; y++) {
            l_uint32 *row = row_of(b, y), *below = row_of(b, y + step);

            for (int i = 0; i < b->wpl; i++)
                row[i] |= below[i];
        }
        have += step;
    }
}

/* A copy to work on, nothing set beyond its right edge; NULL without memory. */
static PIX *
copy_of(PIX *bits, struct bits *b)
{
    PIX *out = pixCopy(NULL, bits);

    *b = (struct bits){ .data = NULL };
    if (out == NULL)
        return NULL;
    *b = (struct bits){ pixGetData(out), NULL, pixGetWpl(out), pixGetHeight(out) };
    b->moved = malloc((size_t)b->wpl * sizeof *b->moved);
    if (b->moved == NULL)
        pixDestroy(&out);
    else
        pixSetPadBits(out, 0);
    return out;
}

PIX *
brick_open(PIX *bits, int across, int down)
{
    struct bits b;
    PIX *out = copy_of(bits, &b);

    if (out == NULL)
        return NULL;
    erode_across(&b, across);
    erode_down(&b, down);
    grow_across(&b, across, row_right);
    grow_down(&b, down);
    pixSetPadBits(out, 0);
    free(b.moved);
    return out;
}

PIX *
brick_dilate(PIX *bits, int across, int down)
{
    struct bits b;
    PIX *out = copy_of(bits, &b);

    if (out == NULL)
        return NULL;
    grow_across(&b, across / 2 + 1, row_right);
    grow_across(&b, across / 2 + 1, row_left);
    grow_down(&b, down / 2 + 1);
    grow_up(&b, down / 2 + 1);
    pixSetPadBits(out, 0);
    free(b.moved);
    return out;
}
