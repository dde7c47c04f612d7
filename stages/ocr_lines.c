/*
 * ocr_lines.c - components to lines.
 *
 * Tesseract's own layout analysis takes a quarter of its time and joins or drops what
 * stands apart on forms.  Here the print of the page (line_print.c) is taken apart into
 * marks, marks are gathered to rows (line_rows.c), and what is no line of print goes.
 */
#include "ocr_lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "line_print.h"
#include "line_rows.h"
#include "line_share.h"

#define MARKS_MAX 60000

static int
by_x(const void *a, const void *b)
{
    const struct mark *x = a, *y = b;

    return x->box.x0 != y->box.x0 ? (x->box.x0 > y->box.x0) - (x->box.x0 < y->box.x0)
                                  : (x->box.y0 > y->box.y0) - (x->box.y0 < y->box.y0);
}

static int
height(struct box b)
{
    return b.y1 - b.y0;
}

static int
overlap_y(struct box a, struct box b)
{
    int top = a.y0 > b.y0 ? a.y0 : b.y0, end = a.y1 < b.y1 ? a.y1 : b.y1;

    return end - top;
}

/* Left-overs of frames and rules: long and thin, or large and nearly empty. */
static bool
is_rule(int w, int h, int dark, float usual)
{
    if (w > 2.5f * usual && h < 0.3f * usual)
        return true;
    if (h > 1.6f * usual && w < 0.3f * usual)
        return true;
    return (h > 1.8f * usual || w > 3 * usual) && dark < 0.14 * w * h;
}

static uint32_t
collect_marks(BOXA *boxes, PIXA *parts, float usual, struct mark *marks)
{
    uint32_t count = 0;
    int n = boxaGetCount(boxes);

    for (int i = 0; i < n && count < MARKS_MAX; i++) {
        l_int32 x, y, w, h, dark = 0;
        struct mark *m = &marks[count];

        boxaGetBoxGeometry(boxes, i, &x, &y, &w, &h);
        if (h > 6 * usual || w > 40 * usual || (h < 2 && w < 2))
            continue;
        if (h > 1.5f * usual || w > 2.4f * usual)
            pixCountPixels(parts->pix[i], &dark, NULL);
        if ((h > 1.5f * usual || w > 2.4f * usual) && is_rule(w, h, dark, usual))
            continue;
        *m = (struct mark){ .box = { x, y, x + w, y + h } };
        m->small = h < 0.45f * usual;
        count++;
    }
    qsort(marks, count, sizeof *marks, by_x);
    return count;
}

struct run {
    struct box box, core; /* with and without small marks */
    uint32_t letters;
    bool dead;
    const struct row *row; /* where its letters stand */
};

static int
by_place(const void *a, const void *b)
{
    const struct line_box *x = a, *y = b;
    int ym = x->box.y0 + x->box.y1, yn = y->box.y0 + y->box.y1;

    return ym != yn ? (ym > yn) - (ym < yn) : (x->box.x0 > y->box.x0) - (x->box.x0 < y->box.x0);
}

/* The dot of a large i, the comma of a headline: small only beside the run they belong to. */
static void
absorb(struct run *runs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < count && !runs[i].dead; j++) {
            struct box a = runs[i].core, b = runs[j].core;
            int h = height(b), dy = a.y0 > b.y1 ? a.y0 - b.y1 : b.y0 > a.y1 ? b.y0 - a.y1 : 0;
            int dx = a.x0 > b.x1 ? a.x0 - b.x1 : b.x0 > a.x1 ? b.x0 - a.x1 : 0;
            bool inside = a.x0 >= b.x0 && a.x1 <= b.x1 && a.y0 >= b.y0 && a.y1 <= b.y1;

            if (i == j || runs[j].dead || runs[j].letters < 3 || runs[i].letters > 8)
                continue;
            if (overlap_y(a, b) * 10 > 6 * height(a) && a.x0 >= b.x0 && a.x1 <= b.x1 &&
                runs[i].letters * 2 <= runs[j].letters)
                inside = true;
            if (!inside && (runs[i].letters > 2 || height(a) > 0.5 * h || dx > 0.3 * h || dy > 0.3 * h))
                continue;
            runs[j].box = box_union(runs[j].box, runs[i].box);
            runs[i].dead = true;
        }
    }
}

/* A flourish, the rim of a stamp: one or two marks, much higher than the lines that run through them. */
static void
drop_flourishes(struct run *runs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct box a = runs[i].box;
        double area = (double)(a.x1 - a.x0) * height(a), shared = 0;

        if (runs[i].dead || runs[i].letters > 2)
            continue;
        for (uint32_t j = 0; j < count; j++) {
            struct box both = box_cut(a, runs[j].box);

            if (j != i && !runs[j].dead && runs[j].letters > 2 && height(a) > 1.7 * height(runs[j].core) &&
                !box_is_empty(both))
                shared += (double)(both.x1 - both.x0) * height(both);
        }
        if (shared > 0.2 * area)
            runs[i].dead = true;
    }
}

/*
 * What the rules of a fax leave over: thin marks under each other, of all heights.  Ones in a
 * column are thin and under each other too, but all of one height.
 */
static void
drop_streaks(struct run *runs, uint32_t count, float usual)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct box a = runs[i].core;
        int least = height(a), most = height(a);
        uint32_t members = 0;

        if (runs[i].dead || runs[i].letters > 1 || a.x1 - a.x0 > 0.4f * usual)
            continue;
        for (int pass = 0; pass < 2; pass++) {
            for (uint32_t j = 0; j < count; j++) {
                const struct box b = runs[j].core;

                if (runs[j].dead || runs[j].letters > 1 || b.x1 - b.x0 > 0.4f * usual ||
                    abs(b.x0 + b.x1 - a.x0 - a.x1) > usual)
                    continue;
                if (pass == 1) {
                    runs[j].dead = true;
                    continue;
                }
                members++;
                least = height(b) < least ? height(b) : least;
                most = height(b) > most ? height(b) : most;
            }
            if (members < 5 || most * 2 < least * 3)
                break;
        }
    }
}

static bool
in_bar(const struct bars *bars, struct box b)
{
    int x = (b.x0 + b.x1) / 2, y = (b.y0 + b.y1) / 2;

    for (unsigned i = 0; i < bars->count; i++)
        if (x >= bars->boxes[i].x0 && x < bars->boxes[i].x1 && y >= bars->boxes[i].y0 &&
            y < bars->boxes[i].y1)
            return true;
    return false;
}

/* A lone speck, or a lone mark that hangs at the edge of the picture. */
static bool
is_dirt(const struct run *run, const struct line_print *print)
{
    const struct box b = run->box;

    if (run->letters > 1)
        return false;
    return height(b) < 0.62f * print->usual || b.x0 < 2 || b.y0 < 2 || b.x1 > pixGetWidth(print->bits) - 2 ||
           b.y1 > pixGetHeight(print->bits) - 2;
}

/* Where the letters stand, in pixels of the page.  The box may have grown since the row was made. */
static void
place(struct line_box *line, const struct run *run, float scale)
{
    const struct row *row = run->row;
    float wide = (float)(row->box.x1 - row->box.x0);

    line->height = row->height * scale;
    line->up = row->up * scale;
    line->down = row->down * scale;
    for (int k = 0; k < LINE_KNOTS; k++) {
        float x = (float)run->box.x0 + (float)(run->box.x1 - run->box.x0) * (float)k / (LINE_KNOTS - 1);
        float t = wide > 0 ? (x - (float)row->box.x0) * (LINE_KNOTS - 1) / wide : 0;
        int i;

        t = t < 0 ? 0 : t > LINE_KNOTS - 1 ? LINE_KNOTS - 1 : t;
        i = (int)t < LINE_KNOTS - 2 ? (int)t : LINE_KNOTS - 2;
        line->base[k] = (row->base[i] + (row->base[i + 1] - row->base[i]) * (t - (float)i)) * scale;
    }
}

static enum rc
runs_of(const struct line_print *print, struct mark *marks, uint32_t count, struct arena *arena,
        struct line_set *out)
{
    const float usual = print->usual;
    const int scale = print->scale;
    struct row *rows = NULL;
    struct run *runs;
    uint32_t n = 0;
    enum rc rc = line_rows(print->bits, marks, count, usual, arena, &rows, &n);

    if (rc != RC_OK)
        return rc;
    if ((runs = arena_array(arena, n + 1, sizeof *runs)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        runs[i] = (struct run){ .box = rows[i].box, .core = rows[i].core, .letters = rows[i].letters, .row = &rows[i] };
    absorb(runs, n);
    drop_flourishes(runs, n);
    drop_streaks(runs, n, usual);
    out->lines = arena_array(arena, n + 1, sizeof *out->lines);
    if (out->lines == NULL)
        return RC_NOMEM;
    for (uint32_t r = 0; r < n; r++) {
        struct box b = runs[r].box;

        if (runs[r].dead || height(runs[r].core) < 0.4f * usual || is_dirt(&runs[r], print))
            continue;
        out->lines[out->count].box =
            (struct box){ b.x0 * scale, b.y0 * scale, b.x1 * scale, b.y1 * scale };
        out->lines[out->count].light = in_bar(&print->bars, b);
        place(&out->lines[out->count++], &runs[r], (float)scale);
    }
    qsort(out->lines, out->count, sizeof *out->lines, by_place);
    lines_share(out);
    return RC_OK;
}

/*
 * Letters stand closer to the next letter of their line than to the next line.  For a
 * sample of marks, which neighbour is nearer: the one beside or the one below?
 */
static bool
runs_down(const struct mark *marks, uint32_t count)
{
    uint32_t step = count / 400 + 1, beside = 0, below = 0;

    for (uint32_t i = 0; i < count; i += step) {
        const struct box a = marks[i].box;
        int right = 1 << 20, under = 1 << 20;

        if (marks[i].small)
            continue;
        for (uint32_t j = 0; j < count; j++) {
            const struct box b = marks[j].box;

            if (j == i || marks[j].small)
                continue;
            if (b.x0 >= a.x1 && overlap_y(a, b) > 0 && b.x0 - a.x1 < right)
                right = b.x0 - a.x1;
            if (b.y0 >= a.y1 && b.x0 < a.x1 && a.x0 < b.x1 && b.y0 - a.y1 < under)
                under = b.y0 - a.y1;
        }
        if (right == under)
            continue;
        beside += right < under;
        below += under < right;
    }
    return below > 20 && below > 2 * beside;
}

float
line_base_at(const struct line_box *line, float x)
{
    float t = (x - (float)line->box.x0) * (LINE_KNOTS - 1) / (float)(line->box.x1 - line->box.x0);
    int k;

    t = t < 0 ? 0 : t > LINE_KNOTS - 1 ? LINE_KNOTS - 1 : t;
    k = (int)t < LINE_KNOTS - 2 ? (int)t : LINE_KNOTS - 2;
    return line->base[k] + (line->base[k + 1] - line->base[k]) * (t - (float)k);
}

enum rc
ocr_lines_find(PIX *gray, struct arena *arena, struct line_set *out)
{
    struct line_print print;
    struct mark *marks = NULL;
    BOXA *boxes = NULL;
    PIXA *parts = NULL;
    enum rc rc;

    *out = (struct line_set){ .count = 0 };
    if ((rc = line_print_find(gray, &print)) != RC_OK)
        return rc;
    if (print.usual <= 0)
        goto out;
    rc = RC_NOMEM;
    boxes = pixConnComp(print.bits, &parts, 8);
    marks = malloc(MARKS_MAX * sizeof *marks);
    if (boxes == NULL || marks == NULL)
        goto out;
    out->marks = collect_marks(boxes, parts, print.usual, marks);
    out->height = print.usual * (float)print.scale;
    out->sideways = runs_down(marks, out->marks);
    rc = runs_of(&print, marks, out->marks, arena, out);
out:
    free(marks);
    pixaDestroy(&parts);
    boxaDestroy(&boxes);
    line_print_done(&print);
    return rc;
}
