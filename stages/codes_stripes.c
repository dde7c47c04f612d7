/*
 * codes_stripes.c - lines over the page, for what begins and ends each row of a PDF417.
 *
 * Each row of a symbol begins with 81111113 and ends with 711311121, widths of bars and gaps by turns (ISO/IEC 15438).
 * Both on one line, of the same size and some columns apart, are met in no text and hardly in another picture.
 */
#include "codes_stripes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LINES_PER_INCH 16 /* 1.5 mm from line to line                     */
#define LINES_LEAST 2     /* that must agree                              */
#define LINES_APART 3     /* between two that belong together             */
#define CONTRAST_LEAST 60 /* a line without it has nothing to look at     */
#define RUNS 9            /* of the longer pattern                        */
#define COLUMN 17         /* modules of a column, and of the start        */
#define STOP 18           /* of the stop                                  */
#define COLUMNS_LEAST 5   /* start, two indicators, one of data, stop */
#define COLUMNS_MAX 34    /* with 30 of data */
#define MODULE_LEAST 1.3f /* pixels; thinner ones are not read            */

/* Widths in modules from the left; each begins with a bar. The second pair is the first, upside down. */
static const struct pattern {
    int widths[RUNS], runs, total;
    bool opens;     /* the left one of a pair */
    bool ends_dark; /* else its last gap is wanted, too */
    bool turned;
} patterns[] = {
    { { 8, 1, 1, 1, 1, 1, 1, 3 }, 8, COLUMN, true, false, false },
    { { 7, 1, 1, 3, 1, 1, 1, 2, 1 }, 9, STOP, false, true, false },
    { { 1, 2, 1, 1, 1, 3, 1, 1, 7 }, 9, STOP, true, true, true },
    /* without its gap of 3, which would come first: a pattern begins with a bar */
    { { 1, 1, 1, 1, 1, 1, 8 }, 7, COLUMN - 3, false, true, true },
};

/* The last runs of a line, the newest first. */
struct runs {
    int width[RUNS];
    int count;
    bool dark; /* the newest one */
};

/* A pattern that was met: where it begins and ends, and how wide its modules are. */
struct met {
    int from, to;
    float module;
};

/* Both patterns on one line. */
struct hit {
    int line, from, to;
    float module;
};

struct search {
    struct arena *arena;
    struct hit *hits;
    unsigned count, room;
};

static bool
fits(const struct runs *r, const struct pattern *p, float *module)
{
    int total = 0;
    float off = 0;

    if (r->count < p->runs || r->dark != p->ends_dark)
        return false;
    for (int i = 0; i < p->runs; i++)
        total += r->width[i];
    *module = (float)total / (float)p->total;
    if (*module < MODULE_LEAST)
        return false;
    for (int i = 0; i < p->runs; i++) {
        float d = fabsf((float)r->width[p->runs - 1 - i] - (float)p->widths[i] * *module);

        if (d > 0.85f * *module)
            return false;
        off += d;
    }
    return off < 0.4f * (float)total;
}

/* Are the two of one symbol: of one size, and as far apart as its columns are? */
static bool
belong(const struct met *left, const struct met *right)
{
    float module = (left->module + right->module) / 2, columns;

    if (left->to == 0 || fabsf(left->module - right->module) > 0.25f * module)
        return false;
    columns = ((float)(right->to - left->from) / module - 1) / COLUMN; /* the stop has one module more */
    return columns > COLUMNS_LEAST - 0.5f && columns < COLUMNS_MAX + 0.5f;
}

/* A run of a line has ended before x. */
static void
run_ended(struct search *s, const struct runs *runs, int line, int x, struct met left[2])
{
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        const struct pattern *p = &patterns[i];
        struct met met = { .to = x };

        if (!fits(runs, p, &met.module))
            continue;
        met.from = x - (int)((float)p->total * met.module + 0.5f);
        if (p->opens)
            left[p->turned] = met;
        else if (belong(&left[p->turned], &met) && s->count < s->room)
            s->hits[s->count++] =
                (struct hit){ line, left[p->turned].from, x, (left[p->turned].module + met.module) / 2 };
    }
}

/* One line, of bytes: dark is what is nearer to the darkest than to the lightest around. */
static void
look(struct search *s, const uint8_t *bytes, int size, int line)
{
    struct runs runs = { .dark = false };
    struct met left[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
    int least = 255, most = 0, begin = 0, middle;

    for (int x = 0; x < size; x++) {
        least = bytes[x] < least ? bytes[x] : least;
        most = bytes[x] > most ? bytes[x] : most;
    }
    if (most - least < CONTRAST_LEAST)
        return;
    middle = (least + most) / 2;
    for (int x = 0; x <= size; x++) {
        bool dark = x < size && bytes[x] < middle;

        if (x < size && dark == runs.dark)
            continue;
        memmove(runs.width + 1, runs.width, (RUNS - 1) * sizeof runs.width[0]);
        runs.width[0] = x - begin;
        runs.count += runs.count < RUNS;
        run_ended(s, &runs, line, x, left);
        begin = x;
        runs.dark = dark;
    }
}

static void
look_all(struct search *s, PIX *gray, bool sideways, int step, uint8_t *bytes)
{
    int w = pixGetWidth(gray), h = pixGetHeight(gray), wpl = pixGetWpl(gray);
    const l_uint32 *data = pixGetData(gray);

    /* row by row also for the columns, as memory lies */
    for (int y = sideways ? 0 : step / 2; y < h; y += sideways ? 1 : step) {
        const l_uint32 *row = data + (size_t)y * (size_t)wpl;

        for (int x = sideways ? step / 2 : 0; x < w; x += sideways ? step : 1)
            bytes[sideways ? (x / step) * h + y : x] = (uint8_t)GET_DATA_BYTE(row, x);
        if (!sideways)
            look(s, bytes, w, y);
    }
    for (int x = step / 2; sideways && x < w; x += step)
        look(s, bytes + (x / step) * h, h, x);
}

/* Hits of neighbouring lines, one above the other, are a place. */
static void
gather(const struct search *s, PIX *gray, bool sideways, int step, struct stripes *places, unsigned *count)
{
    bool *used = arena_array(s->arena, s->count + 1, sizeof *used);
    const struct box page = { 0, 0, pixGetWidth(gray), pixGetHeight(gray) };

    for (unsigned i = 0; used != NULL && i < s->count && *count < STRIPES_MAX; i++) {
        struct hit all = s->hits[i];
        int last = all.line, lines = 1, along, across;

        if (used[i])
            continue;
        for (unsigned k = i + 1; k < s->count; k++) {
            const struct hit *h = &s->hits[k];
            int slack = (all.to - all.from) / 10;

            if (used[k] || h->line - last > LINES_APART * step || abs(h->from - s->hits[i].from) > slack * 2 ||
                abs(h->to - s->hits[i].to) > slack * 2)
                continue;
            used[k] = true;
            lines += h->line != last;
            last = h->line;
            all.from = h->from < all.from ? h->from : all.from;
            all.to = h->to > all.to ? h->to : all.to;
        }
        if (lines < LINES_LEAST)
            continue;
        /* 3 degrees of skew, and the line before the first one that was looked at */
        across = 2 * step + (all.to - all.from) / 19;
        along = (int)(6 * all.module) + (last - all.line) / 19;
        all.from -= along;
        all.to += along;
        places[(*count)++] = (struct stripes){
            .box = box_cut(sideways ? (struct box){ all.line - across, all.from, last + across, all.to }
                                    : (struct box){ all.from, all.line - across, all.to, last + across }, page),
            .module = all.module,
            .sideways = sideways,
        };
    }
}

enum rc
codes_stripes(PIX *gray, struct arena *arena, struct stripes *places, unsigned *count)
{
    int w = pixGetWidth(gray), h = pixGetHeight(gray), longer = w > h ? w : h;
    int step = pixGetXRes(gray) > 2 * LINES_PER_INCH ? pixGetXRes(gray) / LINES_PER_INCH : 12;
    struct search s = { .arena = arena, .room = 400 };
    uint8_t *bytes = arena_array(arena, (size_t)longer + 1, (size_t)w / (size_t)step + 2);

    *count = 0;
    s.hits = arena_array(arena, s.room, sizeof *s.hits);
    if (bytes == NULL || s.hits == NULL)
        return RC_NOMEM;
    for (int sideways = 0; sideways < 2; sideways++) {
        s.count = 0;
        look_all(&s, gray, sideways, step, bytes);
        gather(&s, gray, sideways, step, places, count);
    }
    return RC_OK;
}
