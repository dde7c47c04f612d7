/*
 * zones_ink.c - what was filled in, parted from the form's own printing and from dirt.
 *
 * Long rules and streaks of the scanner are cut out and the strokes they crossed are closed
 * again; short printed rules and captions go by where the template says they are; specks go by
 * their size.  What is left is put into words, and each word into the zone it lies in.
 */
#include <stdlib.h>
#include <string.h>

#include "bricks.h"
#include "zone_sheet.h"

#define LONG_DOWN 20.0    /* points: no letter is so tall */
#define LONG_ACROSS 24.0  /* nor has a stroke so wide     */
#define CUT_THICK 2.6     /* points: thicker is no rule   */
#define STEM_MOST 14.0    /* points: no stem is so tall   */
#define DASH_MOST 16.0    /* nor a dash so long           */
#define SPECK_AREA 0.45   /* square points                */
#define BLOTS_MAX 30000

/* Which stretches of 32 rows and 32 columns hold anything; NULL without memory. */
static uint8_t *
inked_squares(PIX *bits)
{
    int h = pixGetHeight(bits), wpl = pixGetWpl(bits);
    uint8_t *inked = calloc((size_t)(h / 32 + 1) * (size_t)wpl, 1);

    for (int y = 0; inked != NULL && y < h; y++) {
        const l_uint32 *row = pixGetData(bits) + (size_t)y * (size_t)wpl;

        for (int i = 0; i < wpl; i++)
            inked[(size_t)(y >> 5) * (size_t)wpl + (size_t)i] |= row[i] != 0;
    }
    return inked;
}

/*
 * Put back what a cut line took from the strokes it crossed: a run of the line in a row (or a
 * column) with ink on both sides is the stroke's.
 */
static void
heal(PIX *cut, PIX *lines, bool down)
{
    int w = pixGetWidth(cut), h = pixGetHeight(cut), wpl = pixGetWpl(cut);
    l_uint32 *c = pixGetData(cut), *l = pixGetData(lines);
    int outer = down ? h : w, inner = down ? w : h;
    uint8_t *inked = inked_squares(lines);

#define AT(data, i, o) \
    ((i) >= 0 && (o) >= 0 && (i) < inner && (o) < outer && \
     (down ? GET_DATA_BIT((data) + (size_t)(o) * (size_t)wpl, (i)) \
          : GET_DATA_BIT((data) + (size_t)(i) * (size_t)wpl, (o))))
    for (int o = 1; o + 1 < outer; o++)
        for (int i = 0; i < inner;) {
            size_t square = (size_t)((down ? o : i) >> 5) * (size_t)wpl + (size_t)((down ? i : o) >> 5);
            int start;

            /* Empty stretches are passed over at once. */
            if ((i & 31) == 0 && inked != NULL && !inked[square]) {
                i += 32;
                continue;
            }
            if (!AT(l, i, o)) {
                i++;
                continue;
            }
            for (start = i; i < inner && AT(l, i, o); i++)
                ;
            if ((AT(c, start - 1, o) || AT(c, start - 1, o - 1) || AT(c, start - 1, o + 1)) &&
                (AT(c, i, o) || AT(c, i, o - 1) || AT(c, i, o + 1)))
                for (int k = start; k < i; k++) {
                    if (down)
                        SET_DATA_BIT(c + (size_t)o * (size_t)wpl, k);
                    else
                        SET_DATA_BIT(c + (size_t)k * (size_t)wpl, o);
                }
        }
#undef AT
    free(inked);
}

/* Cut runs of at least size pixels in one direction, heal what they crossed. */
static PIX *
cut_long(PIX *ink, int size, int thick, bool down)
{
    PIX *lines = down ? brick_open(ink, 1, size) : brick_open(ink, size, 1);
    PIX *wide, *cut = NULL;

    if (lines == NULL)
        return NULL;
    /* Thick things (a filled bar) are not lines: what survives an opening across stays. */
    wide = down ? brick_open(lines, thick, 1) : brick_open(lines, 1, thick);
    if (wide != NULL)
        pixSubtract(lines, lines, wide);
    pixDestroy(&wide);
    /* The line's soft edge belongs to it. */
    wide = down ? brick_dilate(lines, 3, 1) : brick_dilate(lines, 1, 3);
    if (wide != NULL) {
        cut = pixSubtract(NULL, ink, wide);
        if (cut != NULL)
            heal(cut, wide, down);
    }
    pixDestroy(&wide);
    pixDestroy(&lines);
    return cut;
}

/* Short printed rules: what lies on them and is as thin as they are. */
static void
cut_rules(const struct zone_template *t, const struct sheet *s, PIX *ink)
{
    int thick = (int)(1.6 * s->scale + 0.5), half = (int)(0.8 * s->scale + 0.5);
    PIX *wide = brick_open(ink, thick + 1, 1), *tall = brick_open(ink, 1, thick + 1);
    PIX *across = pixCreateTemplate(ink), *down = pixCreateTemplate(ink);

    if (wide == NULL || tall == NULL || across == NULL || down == NULL)
        goto out;
    for (unsigned i = 0; i < t->rule_count; i++) {
        const struct zone_rule *r = &t->rules[i];
        int x0 = sheet_x(s, r->x0), y0 = sheet_y(s, r->y0), x1 = sheet_x(s, r->x1), y1 = sheet_y(s, r->y1);

        /* Long ones are cut already, and better. */
        if (r->dashed || r->x1 - r->x0 > LONG_ACROSS || r->y1 - r->y0 > LONG_DOWN)
            continue;
        if (r->across)
            pixRasterop(across, x0 - half, y0 - half, x1 - x0 + 2 * half, 2 * half + 1, PIX_SET, NULL, 0, 0);
        else
            pixRasterop(down, x0 - half, y0 - half, 2 * half + 1, y1 - y0 + 2 * half, PIX_SET, NULL, 0, 0);
    }
    /* Near a rule across, ink that is not tall; near a rule down, ink that is not wide. */
    pixSubtract(across, across, tall);
    pixSubtract(down, down, wide);
    pixSubtract(ink, ink, across);
    pixSubtract(ink, ink, down);
out:
    pixDestroy(&wide);
    pixDestroy(&tall);
    pixDestroy(&across);
    pixDestroy(&down);
}

/* A thin rest of a rule. */
static bool
on_rule(const struct zone_template *t, const struct sheet *s, const struct blot *b)
{
    double x = s->left + (b->x0 + b->x1) / 2.0 / s->scale, y = s->top + (b->y0 + b->y1) / 2.0 / s->scale;
    double w = (b->x1 - b->x0) / s->scale, h = (b->y1 - b->y0) / s->scale;

    for (unsigned i = 0; i < t->rule_count; i++) {
        const struct zone_rule *r = &t->rules[i];

        if (r->across ? (h < 1.8 && y > r->y0 - 1.2 && y < r->y0 + 1.2 && x > r->x0 - 3 && x < r->x1 + 3)
                      : (w < 1.8 && x > r->x0 - 1.2 && x < r->x0 + 1.2 && y > r->y0 - 3 && y < r->y1 + 3))
            return true;
    }
    return false;
}

static bool
in_caption(const struct zone_template *t, const struct sheet *s, const struct blot *b)
{
    double x0 = s->left + b->x0 / s->scale, y0 = s->top + b->y0 / s->scale;
    double x1 = s->left + b->x1 / s->scale, y1 = s->top + b->y1 / s->scale;

    for (unsigned i = 0; i < t->file->caption_count; i++) {
        const double *c = t->file->captions[i].at;

        if (c[1] - 1.2 > y0)
            break; /* captions are in order of their tops... */
        if (x0 > c[0] - 1.2 && x1 < c[2] + 1.2 && y1 < c[3] + 1.2)
            return true;
    }
    return false;
}

/* A punched hole, a bar over a value, a blot: no letter is so full and so large. */
static bool
is_solid(const struct sheet *s, const struct blot *b)
{
    double w = (b->x1 - b->x0) / s->scale, h = (b->y1 - b->y0) / s->scale;
    double full = b->area / (w * h * s->scale * s->scale);

    return (w > 9 && h > 9 && full > 0.7) || (w > 13 && h > 4.5 && full > 0.85);
}

/* Is this connected piece of ink part of what somebody filled in? */
static bool
filled_in(const struct zone_template *t, const struct sheet *s, const struct blot *b)
{
    double w = (b->x1 - b->x0) / s->scale, h = (b->y1 - b->y0) / s->scale;

    if (b->area < SPECK_AREA * s->scale * s->scale || (w < 0.7 && h < 0.7))
        return false;
    if (h > 40 || w > 260 || is_solid(s, b))
        return false;
    /* What is left of a rule: so tall and thin, or so wide and flat, is no letter. */
    if ((h > STEM_MOST && w < 2.2) || (w > DASH_MOST && h < 1.8))
        return false;
    /* The edges of a red rule outlive the drop-out here and there; the captions do not. */
    return !on_rule(t, s, b) && (s->dropped || !in_caption(t, s, b));
}

static enum rc
find_blots(const struct zone_template *t, struct arena *arena, struct sheet *s, PIX **kept)
{
    PIXA *pixa = NULL;
    BOXA *boxa = pixConnComp(s->ink, &pixa, 8);
    int n = boxa == NULL ? 0 : boxaGetCount(boxa);
    enum rc rc = RC_NOMEM;

    if (boxa == NULL)
        return RC_NOMEM;
    if (n > BLOTS_MAX) {
        rc = RC_LIMIT;
        goto out;
    }
    s->blots = arena_array(arena, (size_t)n + 1, sizeof *s->blots);
    *kept = pixCreateTemplate(s->ink);
    if (s->blots == NULL || *kept == NULL)
        goto out;
    for (int i = 0; i < n; i++) {
        struct blot *b = &s->blots[s->blot_count];
        PIX *one = pixaGetPix(pixa, i, L_CLONE);
        l_int32 x, y, w, h, area = 0;

        boxaGetBoxGeometry(boxa, i, &x, &y, &w, &h);
        pixCountPixels(one, &area, NULL);
        *b = (struct blot){ x, y, x + w, y + h, area, -1, false };
        b->kept = filled_in(t, s, b);
        if (!b->kept && is_solid(s, b) && s->solid_count < SOLIDS_MAX && !in_caption(t, s, b))
            s->solids[s->solid_count++] = *b;
        if (b->kept) {
            pixRasterop(*kept, x, y, w, h, PIX_PAINT, one, 0, 0);
            s->blot_count++;
        }
        pixDestroy(&one);
    }
    rc = RC_OK;
out:
    boxaDestroy(&boxa);
    pixaDestroy(&pixa);
    return rc;
}

/* What was filled in, in its own gray, on white; strokes that were closed again are dark. */
static enum rc
paint_clean(struct sheet *s, PIX *kept)
{
    PIX *around = brick_dilate(kept, 3, 3);
    int wpl8 = pixGetWpl(s->gray), wpl1 = pixGetWpl(kept);

    s->clean = pixCreateTemplate(s->gray);
    if (around == NULL || s->clean == NULL) {
        pixDestroy(&around);
        return RC_NOMEM;
    }
    for (int y = 0; y < s->height; y++) {
        const l_uint32 *g = pixGetData(s->gray) + (size_t)y * (size_t)wpl8;
        const l_uint32 *a = pixGetData(around) + (size_t)y * (size_t)wpl1;
        l_uint32 *c = pixGetData(s->clean) + (size_t)y * (size_t)wpl8;

        memset(c, 255, (size_t)wpl8 * sizeof *c);
        for (int x = 0; x < s->width; x++) {
            /* Whole empty words of a row are passed over at once. */
            if ((x & 31) == 0 && a[x >> 5] == 0)
                x += 31;
            else if (GET_DATA_BIT(a, x))
                SET_DATA_BYTE(c, x, GET_DATA_BYTE(g, x));
        }
    }
    pixDestroy(&around);
    return RC_OK;
}

static int
by_left(const void *a, const void *b)
{
    const struct blot *x = a, *y = b;

    return x->x0 != y->x0 ? (x->x0 < y->x0 ? -1 : 1) : x->y0 - y->y0;
}

static int
by_int(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static bool
joins(const struct sheet *s, const struct blot *word, const struct blot *b)
{
    int tall = word->y1 - word->y0 > b->y1 - b->y0 ? word->y1 - word->y0 : b->y1 - b->y0;
    int low = word->y1 < b->y1 ? word->y1 : b->y1, high = word->y0 > b->y0 ? word->y0 : b->y0;
    int least = word->y1 - word->y0 < b->y1 - b->y0 ? word->y1 - word->y0 : b->y1 - b->y0;
    int gap = b->x0 - word->x1, reach = tall > (int)(5 * s->scale) ? tall : (int)(5 * s->scale);

    return gap <= reach * 4 / 10 && low - high >= least / 2;
}

/* Body height and baseline from the letters of one word. */
static void
measure(struct ink_word *w, const struct blot **members, unsigned count)
{
    int heights[64], bottoms[64], tall = 0;
    unsigned n = 0;

    for (unsigned i = 0; i < count; i++)
        if (members[i]->y1 - members[i]->y0 > tall)
            tall = members[i]->y1 - members[i]->y0;
    for (unsigned i = 0; i < count && n < 64; i++)
        if ((members[i]->y1 - members[i]->y0) * 10 >= tall * 6) {
            heights[n] = members[i]->y1 - members[i]->y0;
            bottoms[n++] = members[i]->y1;
        }
    qsort(heights, n, sizeof *heights, by_int);
    qsort(bottoms, n, sizeof *bottoms, by_int);
    w->body = n == 0 ? tall : heights[n * 3 / 4 < n ? n * 3 / 4 : n - 1];
    w->baseline = n == 0 ? w->y1 : bottoms[n / 2];
}

static void
place(const struct zone_template *t, const struct sheet *s, struct ink_word *w)
{
    double x0 = s->left + w->x0 / s->scale, x1 = s->left + w->x1 / s->scale;
    double cy = s->top + (w->y0 + w->y1) / 2.0 / s->scale, best = 0;

    w->zone = -1;
    for (unsigned i = 0; i < t->zone_count; i++) {
        const struct zone *z = &t->zones[i];
        double over = (x1 < z->x1 ? x1 : z->x1) - (x0 > z->x0 ? x0 : z->x0), mid, score;

        if (z->read == ZONE_MARK || over <= 0 || cy < z->y0 || cy > z->y1)
            continue;
        mid = 1 - 0.5 * (cy < (z->y0 + z->y1) / 2 ? (z->y0 + z->y1) / 2 - cy : cy - (z->y0 + z->y1) / 2) /
                      (z->y1 - z->y0);
        score = over / (x1 - x0) * mid;
        if (over > 0.35 * (x1 - x0) && score > best) {
            best = score;
            w->zone = (int)i;
        }
    }
}

/* Marks are read by their ink: their strokes are nobody's letters. */
static bool
in_mark(const struct zone_template *t, const struct sheet *s, const struct blot *b)
{
    double cx = s->left + (b->x0 + b->x1) / 2.0 / s->scale, cy = s->top + (b->y0 + b->y1) / 2.0 / s->scale;

    for (unsigned i = 0; i < t->zone_count; i++)
        if (t->zones[i].read == ZONE_MARK && cx > t->zones[i].x0 - 1 && cx < t->zones[i].x1 + 1 &&
            cy > t->zones[i].y0 - 1 && cy < t->zones[i].y1 + 1)
            return true;
    return false;
}

static enum rc
find_words(const struct zone_template *t, struct arena *arena, struct sheet *s)
{
    bool *taken = arena_array(arena, s->blot_count + 1, sizeof *taken);
    const struct blot **members = arena_array(arena, s->blot_count + 1, sizeof *members);

    s->words = arena_array(arena, s->blot_count + 1, sizeof *s->words);
    if (taken == NULL || members == NULL || s->words == NULL)
        return RC_NOMEM;
    qsort(s->blots, s->blot_count, sizeof *s->blots, by_left);
    for (unsigned i = 0; i < s->blot_count; i++) {
        struct blot word = s->blots[i];
        struct ink_word *w = &s->words[s->word_count];
        unsigned count = 0;

        if (taken[i] || in_mark(t, s, &word))
            continue;
        for (unsigned j = i; j < s->blot_count; j++) {
            const struct blot *b = &s->blots[j];

            if (b->x0 > word.x1 + (int)(8 * s->scale))
                break;
            if (taken[j] || !(j == i || joins(s, &word, b)))
                continue;
            taken[j] = true;
            s->blots[j].word = (int)s->word_count;
            members[count++] = b;
            word.x1 = b->x1 > word.x1 ? b->x1 : word.x1;
            word.y0 = b->y0 < word.y0 ? b->y0 : word.y0;
            word.y1 = b->y1 > word.y1 ? b->y1 : word.y1;
        }
        *w = (struct ink_word){ word.x0, word.y0, word.x1, word.y1, 0, 0, (int)count, -1 };
        measure(w, members, count);
        place(t, s, w);
        s->word_count++;
    }
    return RC_OK;
}

/* Rules and streaks out of s->ink. */
static enum rc
cut(const struct zone_template *t, struct sheet *s)
{
    int thick = (int)(CUT_THICK * s->scale + 0.5);
    PIX *before, *next;

    if (!s->dropped)
        sheet_clear_bars(t, s);
    before = s->ink;
    s->ink = NULL;
    next = cut_long(before, (int)(LONG_DOWN * s->scale), thick, true);
    if (next != NULL)
        s->ink = cut_long(next, (int)(LONG_ACROSS * s->scale), thick, false);
    pixDestroy(&next);
    if (s->ink != NULL && !s->dropped) {
        sheet_cut_rules(t, before, s);
        cut_rules(t, s, s->ink);
    }
    pixDestroy(&before);
    return s->ink == NULL ? RC_NOMEM : RC_OK;
}

enum rc
sheet_clean(const struct zone_template *t, struct arena *arena, struct sheet *s)
{
    PIX *kept = NULL;
    enum rc rc = cut(t, s);

    if (rc == RC_OK)
        rc = find_blots(t, arena, s, &kept);
    if (rc == RC_OK)
        rc = paint_clean(s, kept);
    if (rc == RC_OK)
        rc = find_words(t, arena, s);
    pixDestroy(&kept);
    return rc;
}
