/*
 * line_rows.c - who stands beside whom.
 *
 * Marks that have the size of letters look for their neighbour on the right; chains of neighbours are the beginnings
 * of rows.  A chain in which letters stand above each other was joined by a mark that touches two rows: it is taken
 * apart without its tall marks.  Then each row knows, at every place along it, between which heights its letters
 * stand (so it may bend with its paper), takes in the dots, dashes and pieces that lie there, and joins with the next
 * piece of the same row.
 */
#include "line_rows.h"

#include <stdlib.h>
#include <string.h>

#define CHAIN_GAP 1.35f  /* heights between two letters of one row                        */
#define JOIN_GAP 1.35f   /* heights between two pieces of one row                         */
#define BRIDGE_GAP 7.0f  /* the same, when what is between has print in it: letters under a stamp */
#define BRIDGE_INK 0.5f  /* of the columns between                                       */
#define TALL 1.5f        /* times its row's letters: may be two letters above each other  */
#define REACH 0.35f      /* heights above and below the letters that belong to a row      */
#define BEND 0.12f       /* heights: what bends less is straight                          */
#define STRETCH 3.0f     /* heights                                                      */
#define NEAR 3           /* letters on either side that say where a row runs              */

struct work {
    struct mark *marks;
    uint32_t count;
    uint32_t *parent;
    struct row *rows;
    uint32_t row_count;
    uint32_t *start, *member; /* letters of row r: member[start[r]] .. member[start[r + 1] - 1], by x */
    float usual;
    PIX *bits;
};

static int
tall_of(struct box b)
{
    return b.y1 - b.y0;
}

static int
along(int a0, int a1, int b0, int b1)
{
    return (a1 < b1 ? a1 : b1) - (a0 > b0 ? a0 : b0);
}

static uint32_t
root(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

static void
join(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = root(parent, a);
    b = root(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

/* How many columns between x0 and x1 have print between the heights y0 and y1? */
static int
inked(PIX *bits, int x0, int x1, int y0, int y1)
{
    l_int32 wpl = pixGetWpl(bits), count = 0;
    l_uint32 *data = pixGetData(bits);

    x0 = x0 < 0 ? 0 : x0;
    y0 = y0 < 0 ? 0 : y0;
    x1 = x1 > pixGetWidth(bits) ? pixGetWidth(bits) : x1;
    y1 = y1 > pixGetHeight(bits) ? pixGetHeight(bits) : y1;
    for (int x = x0; x < x1; x++)
        for (int y = y0; y < y1; y++)
            if (GET_DATA_BIT(data + (size_t)y * (size_t)wpl, x)) {
                count++;
                break;
            }
    return count;
}

/* May b stand to the right of a in one row? The gap, or -1. */
static int
beside(struct box a, struct box b)
{
    int ha = tall_of(a), hb = tall_of(b), tall = ha > hb ? ha : hb, low = ha < hb ? ha : hb;
    int gap = b.x0 - a.x1;

    if ((float)gap > CHAIN_GAP * (float)tall || (float)along(a.y0, a.y1, b.y0, b.y1) < 0.5f * (float)low ||
        (float)tall > 2.4f * (float)low || (float)gap < -0.7f * (float)(a.x1 - a.x0))
        return -1;
    return gap < 0 ? 0 : gap;
}

/* Letters of one group (or of all, group ROW_NONE) that are no taller than most find their right neighbours. */
static void
chain(struct work *w, const uint32_t *group, uint32_t which, float most)
{
    for (uint32_t i = 0; i < w->count; i++) {
        const struct mark *a = &w->marks[i];
        int best_gap = 1 << 30;
        uint32_t best = i;

        if (a->small || (group != NULL && group[i] != which) || (float)tall_of(a->box) > most)
            continue;
        for (uint32_t j = i + 1; j < w->count; j++) {
            const struct mark *b = &w->marks[j];
            int gap;

            if ((float)(b->box.x0 - a->box.x1) > 4 * CHAIN_GAP * (float)tall_of(a->box) ||
                b->box.x0 - a->box.x1 > best_gap)
                break;
            if (b->small || (group != NULL && group[j] != which) || (float)tall_of(b->box) > most ||
                (gap = beside(a->box, b->box)) < 0)
                continue;
            if (gap < best_gap) {
                best_gap = gap;
                best = j;
            }
        }
        if (best != i)
            join(w->parent, i, best);
    }
}

static int
by_int(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
}

/* Number the chains, list the letters of each by x, and measure their height. */
static enum rc
list_rows(struct work *w, struct arena *arena)
{
    uint32_t *of = arena_array(arena, (size_t)w->count + 1, sizeof *of), n = 0, at = 0;
    int *heights = arena_array(arena, (size_t)w->count + 1, sizeof *heights);

    w->start = arena_array(arena, (size_t)w->count + 2, sizeof *w->start);
    w->member = arena_array(arena, (size_t)w->count + 1, sizeof *w->member);
    w->rows = arena_array(arena, (size_t)w->count + 1, sizeof *w->rows);
    if (of == NULL || heights == NULL || w->start == NULL || w->member == NULL || w->rows == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < w->count; i++) {
        uint32_t r = root(w->parent, i);

        w->marks[i].row = ROW_NONE;
        if (w->marks[i].small)
            continue;
        if (of[r] == 0)
            of[r] = ++n;
        w->marks[i].row = of[r] - 1;
        w->start[of[r]]++;
    }
    w->row_count = n;
    for (uint32_t r = 0; r < n; r++)
        w->start[r + 1] += w->start[r];
    memset(of, 0, ((size_t)w->count + 1) * sizeof *of);
    for (uint32_t i = 0; i < w->count; i++)
        if (w->marks[i].row != ROW_NONE)
            w->member[w->start[w->marks[i].row] + of[w->marks[i].row]++] = i;
    for (uint32_t r = 0; r < n; r++) {
        struct row *row = &w->rows[r];

        *row = (struct row){ .letters = w->start[r + 1] - w->start[r] };
        at = 0;
        for (uint32_t k = w->start[r]; k < w->start[r + 1]; k++) {
            const struct box b = w->marks[w->member[k]].box;

            heights[at++] = tall_of(b);
            row->core = k == w->start[r] ? b : box_union(row->core, b);
        }
        qsort(heights, at, sizeof *heights, by_int);
        row->height = (float)heights[at * 3 / 4 < at ? at * 3 / 4 : at - 1];
        row->box = row->core;
        row->marks = row->letters;
    }
    return RC_OK;
}

/* Between which heights the letters of a row stand at x. */
static void
band_at(const struct work *w, uint32_t r, int x, float *top, float *bottom)
{
    uint32_t a = w->start[r], b = w->start[r + 1];
    int ends[2 * NEAR + 2], n = 0;

    while (a < b) {
        uint32_t m = (a + b) / 2;

        if (w->marks[w->member[m]].box.x0 < x)
            a = m + 1;
        else
            b = m;
    }
    b = a + NEAR < w->start[r + 1] ? a + NEAR : w->start[r + 1];
    a = a > w->start[r] + NEAR ? a - NEAR : w->start[r];
    for (uint32_t k = a; k < b && n < 2 * NEAR; k++)
        ends[n++] = w->marks[w->member[k]].box.y1;
    qsort(ends, (size_t)n, sizeof *ends, by_int);
    *bottom = n > 0 ? (float)ends[n / 2] : (float)w->rows[r].core.y1;
    *top = *bottom - w->rows[r].height;
}

/* Do letters of the row stand above each other? */
static bool
is_stacked(const struct work *w, uint32_t r)
{
    for (uint32_t k = w->start[r]; k < w->start[r + 1]; k++) {
        const struct box a = w->marks[w->member[k]].box;

        for (uint32_t l = k + 1; l < w->start[r + 1]; l++) {
            const struct box b = w->marks[w->member[l]].box;

            if (b.x0 >= a.x1)
                break;
            if (along(a.x0, a.x1, b.x0, b.x1) * 2 > (a.x1 - a.x0 < b.x1 - b.x0 ? a.x1 - a.x0 : b.x1 - b.x0) &&
                abs(a.y0 + a.y1 - b.y0 - b.y1) > 1.4f * w->rows[r].height)
                return true;
        }
    }
    return false;
}

/* Rows in which letters stand above each other are chained again without what is tall. */
static enum rc
part(struct work *w, struct arena *arena)
{
    uint32_t *group = arena_array(arena, (size_t)w->count + 1, sizeof *group);
    int *heights = arena_array(arena, (size_t)w->count + 1, sizeof *heights);
    bool any = false;

    if (group == NULL || heights == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < w->count; i++)
        group[i] = w->marks[i].row;
    for (uint32_t r = 0; r < w->row_count; r++) {
        int n = 0;

        if (w->rows[r].letters < 3 || !is_stacked(w, r))
            continue;
        for (uint32_t k = w->start[r]; k < w->start[r + 1]; k++) {
            heights[n++] = tall_of(w->marks[w->member[k]].box);
            w->parent[w->member[k]] = w->member[k];
        }
        qsort(heights, (size_t)n, sizeof *heights, by_int);
        chain(w, group, r, TALL * (float)heights[n * 4 / 10]);
        any = true;
    }
    return any ? list_rows(w, arena) : RC_OK;
}

/*
 * Pieces of one row that stand close are joined.  Between them a fragment may have been lost: what lies in the band
 * between the two shortens the gap.
 */
static bool
rejoin(struct work *w)
{
    bool any = false;

    for (uint32_t i = 0; i < w->row_count; i++) {
        float best_gap = 1e9f;
        uint32_t best = i;

        for (uint32_t j = 0; j < w->row_count; j++) {
            const struct row *a = &w->rows[i], *b = &w->rows[j];
            float low = a->height < b->height ? a->height : b->height;
            float tall = a->height > b->height ? a->height : b->height;
            float gap = (float)(b->box.x0 - a->box.x1), at, ae, bt, be, over;

            if (i == j || b->box.x0 < a->box.x0 || gap > BRIDGE_GAP * low || tall > 2.2f * low || gap >= best_gap ||
                along(a->core.y0, a->core.y1, b->core.y0, b->core.y1) <= 0)
                continue;
            band_at(w, i, b->core.x0, &at, &ae);
            band_at(w, j, a->core.x1 > b->core.x0 ? a->core.x1 : b->core.x0, &bt, &be);
            over = (ae < be ? ae : be) - (at > bt ? at : bt);
            if (over < 0.6f * low || (gap < -0.5f * low && over < 0.8f * tall))
                continue;
            if (gap > JOIN_GAP * tall &&
                (a->letters < 2 || b->letters < 2 || tall > 1.5f * low ||
                 (float)inked(w->bits, a->box.x1, b->box.x0, (int)at, (int)ae) < BRIDGE_INK * gap))
                continue;
            best_gap = gap;
            best = j;
        }
        if (best != i) {
            join(w->parent, w->member[w->start[i]], w->member[w->start[best]]);
            any = true;
        }
    }
    return any;
}

/* A mark widens its row's box, but what reaches far above or below the letters is left outside. */
static void
widen(struct work *w, uint32_t r, struct box m)
{
    struct row *row = &w->rows[r];
    float top, bottom, reach = REACH * row->height;

    band_at(w, r, (m.x0 + m.x1) / 2, &top, &bottom);
    if ((float)m.y0 < top - reach)
        m.y0 = (int)(top - reach);
    if ((float)m.y1 > bottom + reach)
        m.y1 = (int)(bottom + reach + 0.5f);
    if (!box_is_empty(m))
        row->box = box_union(row->box, m);
}

/* One large mark, far higher than letters: a logo, a stamp's rim, a flourish.  It gathers nothing. */
static bool
is_loner(const struct work *w, uint32_t r)
{
    return w->rows[r].letters < 3 && w->rows[r].height > 1.9f * w->usual;
}

/* How far a small mark is from a row, in heights; above 1: it does not belong there. */
static float
distance(const struct work *w, uint32_t r, struct box m)
{
    const struct row *row = &w->rows[r];
    float top, bottom, dx = 0, dy = 0;

    if (m.x0 > row->box.x1)
        dx = (float)(m.x0 - row->box.x1);
    else if (m.x1 < row->box.x0)
        dx = (float)(row->box.x0 - m.x1);
    if (dx > CHAIN_GAP * row->height)
        return 2;
    band_at(w, r, (m.x0 + m.x1) / 2, &top, &bottom);
    if ((float)m.y0 > bottom)
        dy = (float)m.y0 - bottom;
    else if ((float)m.y1 < top)
        dy = top - (float)m.y1;
    else if ((float)m.y1 > bottom)
        dy = ((float)m.y1 - bottom) * 0.3f;
    else if ((float)m.y0 < top)
        dy = (top - (float)m.y0) * 0.3f;
    return (dx * 0.5f + dy * 2) / (row->height > 1 ? row->height : 1);
}

/* Dots, accents, commas and pieces of broken letters join the row in whose band they lie. */
static void
adopt(struct work *w)
{
    for (int pass = 0; pass < 3; pass++) {
        bool any = false;

        for (uint32_t i = 0; i < w->count; i++) {
            struct mark *m = &w->marks[i];
            float least = 0.81f;
            uint32_t best = ROW_NONE;

            if (!m->small || m->row != ROW_NONE || (float)(m->box.x1 - m->box.x0) > 3 * w->usual)
                continue;
            for (uint32_t r = 0; r < w->row_count; r++) {
                float d = is_loner(w, r) ? 2 : distance(w, r, m->box);

                if (d < least) {
                    least = d;
                    best = r;
                }
            }
            if (best == ROW_NONE)
                continue;
            m->row = best;
            w->rows[best].marks++;
            widen(w, best, m->box);
            any = true;
        }
        if (!any)
            break;
    }
}

/* The boxes of all rows from their letters. */
static void
box_rows(struct work *w)
{
    for (uint32_t r = 0; r < w->row_count; r++) {
        w->rows[r].box = w->marks[w->member[w->start[r]]].box;
        w->rows[r].marks = w->rows[r].letters;
        for (uint32_t k = w->start[r]; k < w->start[r + 1]; k++) {
            if (k == w->start[r])
                w->rows[r].box = (struct box){ w->rows[r].box.x0, w->rows[r].core.y1, w->rows[r].box.x1,
                                               w->rows[r].core.y0 };
            struct box m = w->marks[w->member[k]].box;
            float top, bottom, reach = REACH * w->rows[r].height;

            band_at(w, r, (m.x0 + m.x1) / 2, &top, &bottom);
            m.y0 = (float)m.y0 < top - reach ? (int)(top - reach) : m.y0;
            m.y1 = (float)m.y1 > bottom + reach ? (int)(bottom + reach + 0.5f) : m.y1;
            w->rows[r].box.x0 = m.x0 < w->rows[r].box.x0 ? m.x0 : w->rows[r].box.x0;
            w->rows[r].box.x1 = m.x1 > w->rows[r].box.x1 ? m.x1 : w->rows[r].box.x1;
            w->rows[r].box.y0 = m.y0 < w->rows[r].box.y0 ? m.y0 : w->rows[r].box.y0;
            w->rows[r].box.y1 = m.y1 > w->rows[r].box.y1 ? m.y1 : w->rows[r].box.y1;
        }
    }
}

/*
 * A row's first or last letters may be lost in something large: a circle drawn around a total, a stamp, a frame that
 * touches.  From its ends on, columns with print belong to it as long as no blank is between.
 */
static void
stretch(struct work *w, uint32_t r, int direction)
{
    struct row *row = &w->rows[r];
    int x = direction > 0 ? row->box.x1 : row->box.x0 - 1, end = x, most = (int)(STRETCH * row->height), gap = 0;
    float top, bottom;

    band_at(w, r, x, &top, &bottom);
    for (int k = 0; k < most && x >= 0 && x < pixGetWidth(w->bits); k++, x += direction) {
        bool stranger = false;

        for (uint32_t o = 0; o < w->row_count && !stranger; o++)
            stranger = o != r && x >= w->rows[o].box.x0 && x < w->rows[o].box.x1 &&
                       along((int)top, (int)bottom, w->rows[o].box.y0, w->rows[o].box.y1) > 0;
        if (stranger)
            break;
        if (inked(w->bits, x, x + 1, (int)top, (int)bottom)) {
            gap = 0;
            end = x;
        } else if ((float)++gap > 0.3f * row->height) {
            break;
        }
    }
    if (direction > 0 && end >= row->box.x1)
        row->box.x1 = end + 1;
    if (direction < 0 && end < row->box.x0)
        row->box.x0 = end;
}

static float
base_at(const struct row *row, float x)
{
    float t = (x - (float)row->box.x0) * (LINE_KNOTS - 1) / (float)(row->box.x1 - row->box.x0 + 1);
    int k;

    t = t < 0 ? 0 : t > LINE_KNOTS - 1 ? LINE_KNOTS - 1 : t;
    k = (int)t < LINE_KNOTS - 2 ? (int)t : LINE_KNOTS - 2;
    return row->base[k] + (row->base[k + 1] - row->base[k]) * (t - (float)k);
}

/* Where the letters of a row stand along it: level, a straight slope, or the bend of its paper. */
static void
set_base(const struct work *w, uint32_t r)
{
    struct row *row = &w->rows[r];
    float top, sx = 0, sy = 0, sxx = 0, sxy = 0, n = LINE_KNOTS, slope, mid, most = 0, before;

    for (int k = 0; k < LINE_KNOTS; k++) {
        int x = row->box.x0 + (row->box.x1 - row->box.x0) * k / (LINE_KNOTS - 1);

        band_at(w, r, x, &top, &row->base[k]);
        sx += (float)k;
        sy += row->base[k];
        sxx += (float)(k * k);
        sxy += (float)k * row->base[k];
    }
    slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
    mid = (sy - slope * sx) / n;
    for (int k = 0; k < LINE_KNOTS; k++) {
        float d = row->base[k] - mid - slope * (float)k;

        most = d > most ? d : -d > most ? -d : most;
    }
    if (row->letters < 6 || most < BEND * row->height + 1) {
        if (row->letters < 4 || slope * (LINE_KNOTS - 1) < BEND * row->height)
            if (row->letters < 4 || slope * (LINE_KNOTS - 1) > -BEND * row->height) {
                mid = sy / n;
                slope = 0;
            }
        for (int k = 0; k < LINE_KNOTS; k++)
            row->base[k] = mid + slope * (float)k;
        return;
    }
    before = row->base[0];
    for (int k = 1; k + 1 < LINE_KNOTS; k++) {
        float here = row->base[k];

        row->base[k] = (before + 2 * here + row->base[k + 1]) / 4;
        before = here;
    }
}

/* How far the marks of each row reach above and below its base; what reaches out much further is not of the row. */
static void
set_reach(struct work *w)
{
    for (uint32_t r = 0; r < w->row_count; r++) {
        set_base(w, r);
        w->rows[r].up = 0.8f * w->rows[r].height;
    }
    for (uint32_t i = 0; i < w->count; i++) {
        const struct box b = w->marks[i].box;
        struct row *row;
        float base, reach, up, down;

        if (w->marks[i].row == ROW_NONE)
            continue;
        row = &w->rows[w->marks[i].row];
        base = base_at(row, (float)(b.x0 + b.x1) / 2);
        reach = REACH * row->height;
        up = base - (float)b.y0;
        down = (float)b.y1 - base;
        up = up > row->height + reach ? row->height + reach : up;
        down = down > reach ? reach : down;
        row->up = up > row->up ? up : row->up;
        row->down = down > row->down ? down : row->down;
    }
}

enum rc
line_rows(PIX *bits, struct mark *marks, uint32_t count, float usual, struct arena *arena, struct row **rows,
          uint32_t *row_count)
{
    struct work w = { .marks = marks, .count = count, .usual = usual, .bits = bits };
    enum rc rc;

    *rows = NULL;
    *row_count = 0;
    w.parent = arena_array(arena, (size_t)count + 1, sizeof *w.parent);
    if (w.parent == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < count; i++)
        w.parent[i] = i;
    line_mend(marks, &w.count, usual);
    chain(&w, NULL, ROW_NONE, 1e9f);
    if ((rc = list_rows(&w, arena)) != RC_OK || (rc = part(&w, arena)) != RC_OK)
        return rc;
    for (int pass = 0; pass < 4; pass++) {
        box_rows(&w);
        adopt(&w);
        if (!rejoin(&w))
            break;
        if ((rc = list_rows(&w, arena)) != RC_OK)
            return rc;
        if (pass == 3) {
            box_rows(&w);
            adopt(&w);
        }
    }
    for (uint32_t r = 0; r < w.row_count; r++) {
        if (w.rows[r].letters < 3 || w.rows[r].height > 2.5f * usual)
            continue;
        stretch(&w, r, 1);
        stretch(&w, r, -1);
    }
    set_reach(&w);
    *rows = w.rows;
    *row_count = w.row_count;
    return RC_OK;
}
