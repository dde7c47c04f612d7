/*
 * learn_boxes.c - the zones that somebody marked on a form: coloured boxes, drawn as frames or as a
 * highlighter does, with the field's name typed inside.
 *
 * What is coloured on the marked page and was not on the blank one is a mark, whatever its colour;
 * each colour is taken apart, so that boxes of different colours may touch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn.h"
#include "ocr.h"

#define COLORFUL 60     /* how far apart a mark's strongest and weakest colour are, at the least */
#define OWN_COLORFUL 40 /* the same of the form's own printing */
#define HUES 24
#define PEAKS_MAX 8
#define SIDE_PT 4.0     /* of the smallest zone */
#define NAME_TALL 40    /* pixels of a line of text for the reader */
#define CELLS_MAX 100

static int
hue_of(l_uint32 pixel, int *strength)
{
    int r, g, b, most, least, h;

    extractRGBValues(pixel, &r, &g, &b);
    most = r > g ? (r > b ? r : b) : (g > b ? g : b);
    least = r < g ? (r < b ? r : b) : (g < b ? g : b);
    *strength = most - least;
    if (most == least)
        return 0;
    h = most == r   ? (g - b) * 60 / (most - least)
        : most == g ? 120 + (b - r) * 60 / (most - least)
                    : 240 + (r - g) * 60 / (most - least);
    return (h + 360) % 360 * HUES / 360;
}

static int
apart(int a, int b)
{
    int d = abs(a - b);

    return d > HUES / 2 ? HUES - d : d;
}

/* 1 where a pixel has colour. */
static PIX *
colorful(PIX *pix, int least)
{
    int w = pixGetWidth(pix), h = pixGetHeight(pix), strength;
    PIX *out = pixCreate(w, h, 1);

    if (out == NULL)
        return NULL;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            (void)hue_of(pixGetData(pix)[(size_t)y * (size_t)pixGetWpl(pix) + (size_t)x], &strength);
            if (strength >= least)
                SET_DATA_BIT(pixGetData(out) + (size_t)y * (size_t)pixGetWpl(out), x);
        }
    return out;
}

/* The colours that were used for marking: peaks of the hues. */
static unsigned
find_peaks(PIX *marked, PIX *mask, int peaks[PEAKS_MAX])
{
    unsigned hist[HUES] = { 0 }, n = 0;
    int w = pixGetWidth(marked), h = pixGetHeight(marked), strength;

    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            if (GET_DATA_BIT(pixGetData(mask) + (size_t)y * (size_t)pixGetWpl(mask), x))
                hist[hue_of(pixGetData(marked)[(size_t)y * (size_t)pixGetWpl(marked) + (size_t)x], &strength)]++;
    while (n < PEAKS_MAX) {
        int best = 0;

        for (int i = 1; i < HUES; i++)
            best = hist[i] > hist[best] ? i : best;
        if (hist[best] < 60)
            break;
        peaks[n++] = best;
        for (int i = 0; i < HUES; i++)
            if (apart(i, best) <= 2)
                hist[i] = 0;
    }
    return n;
}

static PIX *
of_hue(PIX *marked, PIX *mask, int peak)
{
    int w = pixGetWidth(marked), h = pixGetHeight(marked), strength;
    PIX *out = pixCreate(w, h, 1);

    for (int y = 0; out != NULL && y < h; y++)
        for (int x = 0; x < w; x++) {
            l_uint32 pixel = pixGetData(marked)[(size_t)y * (size_t)pixGetWpl(marked) + (size_t)x];

            if (GET_DATA_BIT(pixGetData(mask) + (size_t)y * (size_t)pixGetWpl(mask), x) &&
                apart(hue_of(pixel, &strength), peak) <= 2)
                SET_DATA_BIT(pixGetData(out) + (size_t)y * (size_t)pixGetWpl(out), x);
        }
    return out;
}

/* What the blank has there in nearly the same colour is the form's own, not a mark. */
static void
drop_own(PIX *blank, PIX *marked, PIX *mask)
{
    PIX *own = colorful(blank, OWN_COLORFUL), *around = own == NULL ? NULL : pixDilateBrick(NULL, own, 7, 7);
    int peaks[PEAKS_MAX], w = pixGetWidth(mask), h = pixGetHeight(mask), strength;
    unsigned n = own == NULL ? 0 : find_peaks(blank, own, peaks);

    for (int y = 0; around != NULL && y < h; y++)
        for (int x = 0; x < w; x++) {
            l_uint32 *line = pixGetData(mask) + (size_t)y * (size_t)pixGetWpl(mask);
            int hue;

            if (!GET_DATA_BIT(line, x) || !GET_DATA_BIT(pixGetData(around) + (size_t)y * (size_t)pixGetWpl(around), x))
                continue;
            hue = hue_of(pixGetData(marked)[(size_t)y * (size_t)pixGetWpl(marked) + (size_t)x], &strength);
            for (unsigned i = 0; i < n; i++)
                if (apart(hue, peaks[i]) <= 3) {
                    CLEAR_DATA_BIT(line, x);
                    break;
                }
        }
    pixDestroy(&around);
    pixDestroy(&own);
}

struct found {
    struct learned_zone *at;
    uint32_t count, max;
};

static void
keep(struct found *f, double x0, double y0, double x1, double y1)
{
    if (x1 - x0 < SIDE_PT * LEARN_SCALE || y1 - y0 < SIDE_PT * LEARN_SCALE || f->count == f->max)
        return;
    f->at[f->count++] = (struct learned_zone){ { x0, y0, x1, y1 }, 0, "" };
}

/* The zones of one connected mark: its holes when it is a frame (or frames that touch), else itself. */
static enum rc
zones_of(PIX *one, int x, int y, struct found *f)
{
    int w = pixGetWidth(one), h = pixGetHeight(one);
    l_int32 area = 0;
    PIX *holes = pixInvert(NULL, one);
    BOXA *boxa = NULL;
    PIXA *pixa = NULL;
    uint32_t before = f->count;
    enum rc rc = RC_NOMEM;

    pixCountPixels(one, &area, NULL);
    if (holes == NULL)
        return RC_NOMEM;
    boxa = pixConnComp(holes, &pixa, 4);
    if (boxa == NULL)
        goto out;
    for (int i = 0; i < boxaGetCount(boxa); i++) {
        l_int32 hx, hy, hw, hh, full = 0;
        PIX *hole;

        boxaGetBoxGeometry(boxa, i, &hx, &hy, &hw, &hh);
        if (hx == 0 || hy == 0 || hx + hw == w || hy + hh == h || hw * hh * 20 < w * h)
            continue;
        hole = pixaGetPix(pixa, i, L_CLONE);
        pixCountPixels(hole, &full, NULL);
        pixDestroy(&hole);
        if (full * 10 > hw * hh * 6)
            keep(f, x + hx, y + hy, x + hx + hw, y + hy + hh);
    }
    /* No hole of a zone's size: it is filled, or open at a corner. */
    if (f->count == before)
        keep(f, x, y, x + w, y + h);
    rc = RC_OK;
out:
    boxaDestroy(&boxa);
    pixaDestroy(&pixa);
    pixDestroy(&holes);
    return rc;
}

static enum rc
boxes_of_hue(PIX *mask, struct found *f)
{
    PIX *closed = pixCloseSafeBrick(NULL, mask, 5, 5);
    PIXA *pixa = NULL;
    BOXA *boxa = closed == NULL ? NULL : pixConnComp(closed, &pixa, 8);
    enum rc rc = boxa == NULL ? RC_NOMEM : RC_OK;

    for (int i = 0; rc == RC_OK && i < boxaGetCount(boxa); i++) {
        l_int32 x, y, w, h;
        PIX *one;

        boxaGetBoxGeometry(boxa, i, &x, &y, &w, &h);
        if (w < SIDE_PT * LEARN_SCALE || h < SIDE_PT * LEARN_SCALE)
            continue;
        one = pixaGetPix(pixa, i, L_CLONE);
        rc = zones_of(one, x, y, f);
        pixDestroy(&one);
    }
    boxaDestroy(&boxa);
    pixaDestroy(&pixa);
    pixDestroy(&closed);
    return rc;
}

/* A box within a box is a letter of its name, or a splinter where two colours mix. */
static void
drop_inner(struct found *f)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < f->count; i++) {
        const double *a = f->at[i].at;
        bool inside = false;

        for (uint32_t j = 0; j < f->count && !inside; j++) {
            const double *b = f->at[j].at;

            double w = (a[2] < b[2] ? a[2] : b[2]) - (a[0] > b[0] ? a[0] : b[0]);
            double h = (a[3] < b[3] ? a[3] : b[3]) - (a[1] > b[1] ? a[1] : b[1]);
            double mine = (a[2] - a[0]) * (a[3] - a[1]);

            inside = j != i && w > 0 && h > 0 && w * h > 0.6 * mine &&
                     mine < (b[2] - b[0]) * (b[3] - b[1]) * 0.9;
        }
        if (!inside)
            f->at[kept++] = f->at[i];
    }
    f->count = kept;
}

/* Left to right in rows, rows from the top. */
static void
put_in_order(struct found *f)
{
    for (uint32_t i = 0; i < f->count; i++) {
        uint32_t best = i;

        for (uint32_t j = i + 1; j < f->count; j++)
            if (f->at[j].at[1] < f->at[best].at[1])
                best = j;
        /* The top one; of those beside it the leftmost. */
        for (uint32_t j = i, top = best; j < f->count; j++) {
            const double *a = f->at[j].at, *b = f->at[top].at;
            double y0 = a[1] > b[1] ? a[1] : b[1], y1 = a[3] < b[3] ? a[3] : b[3];
            double least = a[3] - a[1] < b[3] - b[1] ? a[3] - a[1] : b[3] - b[1];

            if (y1 - y0 > 0.5 * least && a[0] < f->at[best].at[0])
                best = j;
        }
        struct learned_zone keep_one = f->at[i];

        f->at[i] = f->at[best];
        f->at[best] = keep_one;
    }
}

/* Ink and its soft edges in the page's own gray, on white: the reader was taught on such. */
static PIX *
soft_ink(PIX *ink, PIX *page, int x0, int y0)
{
    int w = pixGetWidth(ink), h = pixGetHeight(ink);
    PIX *around = pixDilateBrick(NULL, ink, 3, 3), *out = pixCreate(w, h, 8);

    if (around == NULL || out == NULL) {
        pixDestroy(&around);
        pixDestroy(&out);
        return NULL;
    }
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            l_uint32 v = 255;

            if (GET_DATA_BIT(pixGetData(around) + (size_t)y * (size_t)pixGetWpl(around), x))
                (void)pixGetPixel(page, x0 + x, y0 + y, &v);
            SET_DATA_BYTE(pixGetData(out) + (size_t)y * (size_t)pixGetWpl(out), x, v);
        }
    pixDestroy(&around);
    return out;
}

/* What was typed into a box: dark or coloured ink that neither the blank nor the box's own mark has. */
static enum rc
read_name(PIX *fresh, PIX *page, struct learned_zone *z, struct arena *arena)
{
    int x = (int)z->at[0], y = (int)z->at[1], w = (int)(z->at[2] - z->at[0]), h = (int)(z->at[3] - z->at[1]);
    BOX *box = boxCreate(x + 1, y + 1, w - 2, h - 2), *ink = NULL;
    PIX *part = box == NULL ? NULL : pixClipRectangle(fresh, box, NULL), *tight = NULL, *gray = NULL, *big = NULL;
    PIX *room = NULL;
    struct ocr_text text;
    enum rc rc = RC_NOMEM;
    l_int32 cw = 0, ch = 0, ink_at[2] = { 0, 0 };
    char name[LEARNED_NAME_MAX + 1] = "";

    if (part == NULL)
        goto out;
    rc = RC_OK;
    if (pixClipToForeground(part, &tight, &ink) != 0 || tight == NULL)
        goto out; /* nothing was typed */
    boxGetGeometry(ink, &ink_at[0], &ink_at[1], NULL, NULL);
    cw = pixGetWidth(tight);
    ch = pixGetHeight(tight);
    if (ch < 8 || cw < 8 || cw < ch / 2)
        goto out;
    rc = RC_NOMEM;
    gray = soft_ink(tight, page, x + 1 + ink_at[0], y + 1 + ink_at[1]);
    big = gray == NULL ? NULL : pixScale(gray, (float)NAME_TALL / (float)ch, (float)NAME_TALL / (float)ch);
    room = big == NULL ? NULL : pixAddBorder(big, 14, 255);
    if (room == NULL)
        goto out;
    rc = ocr_read(room, OCR_ENG, OCR_LINE, "abcdefghijklmnopqrstuvwxyz0123456789_=:. ", arena, &text);
    for (uint32_t i = 0; rc == RC_OK && i < text.count; i++) {
        size_t used = strlen(name);

        snprintf(name + used, sizeof name - used, "%s%s", used > 0 ? "_" : "", text.words[i].text);
    }
    learned_name_clean(name);
    /* The number of a row, read as the letter that looks like it; its stop, as a blank. */
    if (name[0] != '\0' && (name[1] == '.' || name[1] == '_')) {
        char digit = strchr("li", name[0]) != NULL ? '1' : name[0] == 'z' ? '2' : name[0] == 's' ? '5' : name[0];

        if (digit >= '1' && digit <= '9') {
            name[0] = digit;
            name[1] = '.';
        }
    }
    if (rc == RC_OK && (z->name = arena_str(arena, name)) == NULL)
        rc = RC_NOMEM;
out:
    pixDestroy(&room);
    pixDestroy(&big);
    pixDestroy(&gray);
    pixDestroy(&tight);
    pixDestroy(&part);
    boxDestroy(&ink);
    boxDestroy(&box);
    return rc;
}

/* Dark on the marked page, and not near anything dark of the blank, nor of the marks themselves. */
static PIX *
typed_ink(PIX *blank, PIX *marked, PIX *colors)
{
    PIX *gray = pixConvertTo8(marked, 0), *before = pixConvertTo8(blank, 0), *out = NULL, *old = NULL, *wide = NULL;

    if (gray != NULL && before != NULL) {
        out = pixThresholdToBinary(gray, 130);
        old = pixThresholdToBinary(before, 190);
        wide = old == NULL ? NULL : pixDilateBrick(NULL, old, 5, 5);
    }
    if (out != NULL && wide != NULL) {
        pixSubtract(out, out, wide);
        pixSubtract(out, out, colors);
    } else {
        pixDestroy(&out);
    }
    pixDestroy(&wide);
    pixDestroy(&old);
    pixDestroy(&gray);
    pixDestroy(&before);
    return out;
}

/* Rules down that part a zone into even boxes of one character each. */
static void
count_cells(const struct learned *l, struct learned_zone *z)
{
    double at[CELLS_MAX], x0 = z->at[0], x1 = z->at[2], pitch;
    uint32_t n = 0;

    for (uint32_t i = 0; i < l->down_count; i++) {
        const double *r = l->down[i].at;
        double y0 = r[1] > z->at[1] ? r[1] : z->at[1], y1 = r[3] < z->at[3] ? r[3] : z->at[3];
        uint32_t k = n;

        if (r[0] < x0 - 3 || r[0] > x1 + 3 || y1 - y0 < 0.3 * (z->at[3] - z->at[1]) || n == CELLS_MAX)
            continue;
        while (k > 0 && at[k - 1] > r[0])
            k--;
        if ((k > 0 && r[0] - at[k - 1] < 2) || (k < n && at[k] - r[0] < 2))
            continue; /* the two edges of one thick rule */
        memmove(at + k + 1, at + k, (n - k) * sizeof *at);
        at[k] = r[0];
        n++;
    }
    if (n < 3)
        return;
    pitch = (at[n - 1] - at[0]) / (n - 1);
    if (pitch < 6 || pitch > 40)
        return;
    for (uint32_t i = 0; i + 1 < n; i++)
        if (at[i + 1] - at[i] < 0.85 * pitch || at[i + 1] - at[i] > 1.15 * pitch)
            return;
    /* The outermost boxes may be open, or their rules just outside of what was marked. */
    x0 = at[0] - x0 > 0.6 * pitch ? at[0] - pitch : at[0];
    x1 = x1 - at[n - 1] > 0.6 * pitch ? at[n - 1] + pitch : at[n - 1];
    z->cells = (uint32_t)((x1 - x0) / pitch + 0.5);
    z->at[0] = x0 < 0 ? 0 : x0;
    z->at[2] = x1 > l->width ? l->width : x1;
}

enum rc
learn_boxes(PIX *blank, PIX *marked, struct arena *arena, struct learned *out)
{
    PIX *mask = colorful(marked, COLORFUL), *fresh = NULL, *gray = NULL;
    struct found f = { .max = LEARNED_BOXES_MAX };
    int peaks[PEAKS_MAX];
    unsigned n;
    enum rc rc = RC_NOMEM;

    f.at = arena_array(arena, f.max, sizeof *f.at);
    if (mask == NULL || f.at == NULL)
        goto out;
    drop_own(blank, marked, mask);
    n = find_peaks(marked, mask, peaks);
    rc = RC_OK;
    for (unsigned i = 0; rc == RC_OK && i < n; i++) {
        PIX *hue = of_hue(marked, mask, peaks[i]);

        rc = hue == NULL ? RC_NOMEM : boxes_of_hue(hue, &f);
        pixDestroy(&hue);
    }
    drop_inner(&f);
    put_in_order(&f);
    if (rc != RC_OK)
        goto out;
    rc = RC_NOMEM;
    if ((fresh = typed_ink(blank, marked, mask)) == NULL || (gray = pixConvertTo8(marked, 0)) == NULL)
        goto out;
    rc = RC_OK;
    for (uint32_t i = 0; rc == RC_OK && i < f.count; i++) {
        rc = read_name(fresh, gray, &f.at[i], arena);
        for (int k = 0; k < 4; k++) {
            double limit = k & 1 ? out->height : out->width;

            f.at[i].at[k] /= LEARN_SCALE;
            f.at[i].at[k] = f.at[i].at[k] > limit ? limit : f.at[i].at[k];
        }
        count_cells(out, &f.at[i]);
    }
    out->zones = f.at;
    out->zone_count = f.count;
out:
    pixDestroy(&gray);
    pixDestroy(&fresh);
    pixDestroy(&mask);
    return rc;
}
