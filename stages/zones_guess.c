/*
 * zones_guess.c - where a template might lie on a page: the slant of its lines, then the scale
 * and offset at which the profile of the page's middle shows the template's rules.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zone_fit.h"

#define SLANT_MAX 0.14 /* 8 degrees */
#define SPAN 0.6       /* of the page and the template, in the middle: perspective bends the rest */
#define PROFILE_MAX 4096
#define RULES_MAX 1200
#define NEAR 3 /* pixels a line may be off in the profile */

/* How peaked the profile of points is when sheared by tan. */
static double
peaked(const struct line_set *set, double tan, unsigned step)
{
    static unsigned short bins[PROFILE_MAX];
    double sum = 0;

    memset(bins, 0, sizeof bins);
    for (unsigned i = 0; i < set->count; i += step) {
        int v = (int)((set->across[i] - tan * set->along[i]) / 1.5 + PROFILE_MAX / 4);

        if (v >= 0 && v < PROFILE_MAX)
            bins[v]++;
    }
    for (unsigned i = 0; i < PROFILE_MAX; i++)
        sum += (double)bins[i] * bins[i];
    return sum;
}

double
lines_slant(const struct line_set *set)
{
    unsigned step = set->count / 4000 + 1;
    double best = 0, at = 0, middle;

    for (int i = -28; i <= 28; i++) {
        double v = peaked(set, i * SLANT_MAX / 28, step);

        if (v > best) {
            best = v;
            at = i * SLANT_MAX / 28;
        }
    }
    middle = at;
    for (int i = -8; i <= 8; i++) {
        double v = peaked(set, middle + i * SLANT_MAX / 28 / 8, step);

        if (v > best) {
            best = v;
            at = middle + i * SLANT_MAX / 28 / 8;
        }
    }
    return at;
}

/* One direction's rules, cut to the middle of the template, and the page's profile there. */
struct profile {
    double at[RULES_MAX], length[RULES_MAX];
    unsigned count;
    unsigned short seen[PROFILE_MAX]; /* points within NEAR pixels */
    int size;
};

static void
profile_make(const struct zone_template *t, const struct line_set *set, bool across, double slant,
             int size, double lo, double hi, struct profile *p)
{
    double t0 = across ? t->left : t->top, t1 = across ? t->right : t->bottom;
    double cut = (t1 - t0) * (1 - SPAN) / 2;
    static unsigned short raw[PROFILE_MAX];
    unsigned run = 0;

    memset(p, 0, sizeof *p);
    t0 += cut;
    t1 -= cut;
    for (unsigned i = 0; i < t->rule_count && p->count < RULES_MAX; i++) {
        const struct zone_rule *r = &t->rules[i];
        double a = across ? r->x0 : r->y0, b = across ? r->x1 : r->y1;

        if (r->across != across || r->dashed)
            continue;
        a = a > t0 ? a : t0;
        b = b < t1 ? b : t1;
        if (b - a < 8)
            continue;
        p->at[p->count] = across ? r->y0 : r->x0;
        p->length[p->count++] = b - a;
    }
    p->size = size < PROFILE_MAX ? size : PROFILE_MAX;
    memset(raw, 0, sizeof raw);
    for (unsigned i = 0; i < set->count; i++) {
        int v;

        if (set->along[i] < lo || set->along[i] > hi)
            continue;
        v = (int)(set->across[i] - slant * set->along[i]);
        if (v >= 0 && v < p->size && raw[v] < 60000)
            raw[v]++;
    }
    for (int v = 0; v < p->size + NEAR && v < PROFILE_MAX; v++) {
        run += raw[v];
        if (v >= 2 * NEAR + 1)
            run -= raw[v - 2 * NEAR - 1];
        if (v >= NEAR)
            p->seen[v - NEAR] = (unsigned short)(run < 60000 ? run : 60000);
    }
}

/* The share of the rules' length that the profile bears out at one scale and offset. */
static double
profile_score(const struct profile *p, double s, double o)
{
    double have = 0, want = 0;

    for (unsigned i = 0; i < p->count; i++) {
        int v = (int)(p->at[i] * s + o);
        double weight = p->length[i] < 120 ? p->length[i] : 120;
        double expect = p->length[i] * s / LINE_STEP, seen;

        want += weight;
        if (v < 0 || v >= p->size)
            continue;
        seen = p->seen[v] / expect;
        have += weight * (seen < 1 ? seen : 1);
    }
    return want > 0 ? have / want : 0;
}

/* The best offset at one scale. */
static double
best_offset(const struct profile *p, double s, double lo, double hi, double step, double *offset)
{
    double best = -1;

    for (double o = lo; o <= hi; o += step) {
        double v = profile_score(p, s, o);

        if (v > best) {
            best = v;
            *offset = o;
        }
    }
    return best;
}

static void
middle_of(const struct line_set *set, int length, double *lo, double *hi)
{
    double a = length, b = 0;

    /* The bins that hold one and ninety-nine of a hundred points. */
    for (unsigned n = 0; n < set->bins; n++) {
        if (set->start[n + 1] < set->count / 100)
            continue;
        if (n * LINE_STEP < a)
            a = n * LINE_STEP;
        if (set->start[n] < set->count - set->count / 100)
            b = (n + 1) * LINE_STEP;
    }
    *lo = a + (b - a) * (1 - SPAN) / 2;
    *hi = b - (b - a) * (1 - SPAN) / 2;
}

static int
best_first(const void *a, const void *b)
{
    const struct zone_guess *x = a, *y = b;

    return x->score > y->score ? -1 : x->score < y->score;
}

/* The best guesses that differ, best first. */
static void
keep(struct zone_guess *list, unsigned *count, const struct zone_guess *g)
{
    unsigned at = *count;

    for (unsigned i = 0; i < *count && at == *count; i++)
        if (fabs(list[i].sy / g->sy - 1) < 0.025 && fabs(list[i].oy - g->oy) < 14 &&
            fabs(list[i].ox - g->ox) < 14)
            at = i;
    if (at == *count && *count < GUESSES_MAX)
        list[(*count)++].score = -1;
    else if (at == *count)
        at = *count - 1; /* the worst */
    if (g->score > list[at].score)
        list[at] = *g;
    qsort(list, *count, sizeof *list, best_first);
}

unsigned
zone_guesses(const struct zone_template *t, const struct page_lines *lines, double a, double b,
             struct zone_guess out[GUESSES_MAX])
{
    static struct profile across, down;
    struct zone_guess tall[GUESSES_MAX];
    unsigned tall_count = 0, count = 0;
    double base = lines->height / t->height, lo, hi;

    if ((double)lines->width / t->width > base)
        base = lines->width / t->width;
    memset(tall, 0, sizeof tall);
    memset(out, 0, GUESSES_MAX * sizeof *out);
    middle_of(&lines->across, lines->width, &lo, &hi);
    profile_make(t, &lines->across, true, a, lines->height + lines->width / 8, lo, hi, &across);
    middle_of(&lines->down, lines->height, &lo, &hi);
    profile_make(t, &lines->down, false, b, lines->width + lines->height / 8, lo, hi, &down);
    for (double s = base * 0.6; s <= base * 1.2; s *= 1.012) {
        struct zone_guess g = { 0, 0, s, 0, a, b, 0 };
        double from = -0.25 * lines->height - t->top * s * 0.5;

        g.score = best_offset(&across, s, from, lines->height - t->bottom * s * 0.6, 3, &g.oy);
        if (g.score > 0.25)
            keep(tall, &tall_count, &g);
    }
    for (unsigned i = 0; i < tall_count; i++)
        for (double f = 0.94; f <= 1.06; f *= 1.012) {
            struct zone_guess g = tall[i];
            double from, score;

            g.sx = g.sy * f;
            from = -0.25 * lines->width - t->left * g.sx * 0.5;
            score = best_offset(&down, g.sx, from, lines->width - t->right * g.sx * 0.6, 3, &g.ox);
            g.score = tall[i].score * score;
            if (score > 0.2)
                keep(out, &count, &g);
        }
    return count;
}
