/*
 * zones_match.c - which fixed form is this page, and how does it lie there.
 */
#include <math.h>
#include <string.h>

#include "zone_fit.h"

#define WORK_MEMORY ((size_t)64 << 20)
#define FITS_TRIED 3

/* The share of rules found that makes a match; with a hint from outside, less is asked. */
#define ENOUGH 0.62
#define ENOUGH_HINTED 0.45
#define ENOUGH_BROKEN 0.56f
#define CERTAIN 0.88
/* Right pages of a form of few rules have 0.95 and more; invoices and timesheets up to 0.57. */
#define ENOUGH_SPARSE 0.78

/* The share of the lines inside its outline that are a form's own: 0.35 on the worst fax, 0 on tables. */
#define OURS_MIN 0.25
/* How sure a form is when all of its bars are found, and next to nothing else: six of eight are enough. */
#define BY_BARS 0.84f

void
zone_map_point(const struct zone_map *m, double x, double y, double *px, double *py)
{
    double z = m->p[6] * x + m->p[7] * y + 1, gx, gy, fx, fy;
    int ix, iy;

    *px = (m->p[0] * x + m->p[1] * y + m->p[2]) / z;
    *py = (m->p[3] * x + m->p[4] * y + m->p[5]) / z;
    gx = x / m->width * (ZONE_NODES_X - 1);
    gy = y / m->height * (ZONE_NODES_Y - 1);
    gx = gx < 0 ? 0 : gx > ZONE_NODES_X - 1.001 ? ZONE_NODES_X - 1.001 : gx;
    gy = gy < 0 ? 0 : gy > ZONE_NODES_Y - 1.001 ? ZONE_NODES_Y - 1.001 : gy;
    ix = (int)gx;
    iy = (int)gy;
    fx = gx - ix;
    fy = gy - iy;
    for (int a = 0; a < 2; a++) {
        double v = (m->shift[iy][ix][a] * (1 - fx) + m->shift[iy][ix + 1][a] * fx) * (1 - fy) +
                   (m->shift[iy + 1][ix][a] * (1 - fx) + m->shift[iy + 1][ix + 1][a] * fx) * fy;

        *(a == 0 ? px : py) += v;
    }
}

/* From the small image to the page. */
static void
map_enlarge(struct zone_map *m, double k)
{
    for (int i = 0; i < 6; i++)
        m->p[i] *= k;
    for (int y = 0; y < ZONE_NODES_Y; y++)
        for (int x = 0; x < ZONE_NODES_X; x++)
            for (int a = 0; a < 2; a++)
                m->shift[y][x][a] *= (float)k;
}

/* Enough long lines in both directions for this template at all? */
static bool
may_be(const struct zone_template *t, const struct page_lines *lines)
{
    double across = 0, down = 0, scale;

    for (unsigned i = 0; i < t->rule_count; i++) {
        if (t->rules[i].dashed)
            continue;
        across += t->rules[i].x1 - t->rules[i].x0;
        down += t->rules[i].y1 - t->rules[i].y0;
    }
    scale = 0.6 * (lines->width + lines->height) / (t->width + t->height) / LINE_STEP;
    return lines->across.count > 0.35 * scale * across && lines->down.count > 0.35 * scale * down;
}

/* Which templates may be found. */
struct choice {
    const struct zone_template *const *templates;
    unsigned count;
    const char *hint; /* only this form; "": any */
    PIX *gray;        /* the page */
};

/* How well a template fits from one guess, and whether better than the best. */
static enum rc
try_guess(const struct zone_template *t, const struct page_lines *turned, int rotation, const struct zone_guess *guess,
          struct zone_match *best)
{
    struct zone_map map;
    double conf = zone_fit(t, turned, guess, &map), share;

    /* An old version has nearly the same rules and other boxes. */
    if (conf > 0 && zone_tells(t, turned, &map) < 0.45)
        conf *= 0.5;
    if (t->rule_count < ZONE_SPARSE && conf < ENOUGH_SPARSE)
        conf *= 0.5;
    if (conf > best->conf && conf >= ENOUGH_HINTED) {
        enum rc rc = zone_proof(t, turned, &map, &share);

        if (rc != RC_OK)
            return rc;
        if (share < OURS_MIN)
            conf *= 0.3;
    }
    if (conf > best->conf) {
        map_enlarge(&map, turned->reduce);
        *best = (struct zone_match){ t, t->form, (float)conf, rotation, map };
    }
    return RC_OK;
}

static enum rc
try_turn(const struct page_lines *lines, int rotation, const struct choice *choice, struct arena *arena,
         struct zone_match *best)
{
    struct page_lines turned;
    double a = 0, b = 0;
    bool slants = false;
    enum rc rc = page_lines_turn(lines, rotation, arena, &turned);

    if (rc != RC_OK)
        return rc;
    for (unsigned i = 0; i < choice->count; i++) {
        const struct zone_template *t = choice->templates[i];
        struct zone_guess guesses[GUESSES_MAX];
        unsigned n;

        if (choice->hint[0] != '\0' && strcmp(choice->hint, t->form) != 0)
            continue;
        if (!may_be(t, &turned))
            continue;
        if (!slants) {
            a = lines_slant(&turned.across);
            b = lines_slant(&turned.down);
            slants = true;
        }
        n = zone_guesses(t, &turned, a, b, guesses);
        for (unsigned g = 0; g < n && g < FITS_TRIED; g++) {
            if ((rc = try_guess(t, &turned, rotation, &guesses[g], best)) != RC_OK)
                return rc;
            if (best->template == t && best->conf > 0.85)
                return RC_OK;
        }
    }
    return RC_OK;
}

/* All ways up of the page's lines, until one fits. */
static enum rc
match_lines(const struct page_lines *lines, const struct choice *choice, float enough, struct arena *arena,
            struct zone_match *out)
{
    static const int turns[2][4] = { { 0, 180, 90, 270 }, { 90, 270, 0, 180 } };
    bool wide = lines->width > lines->height * 1.1;
    enum rc rc = RC_OK;

    /* A form on its head has much the same rules: only a very good fit ends the search. */
    for (int i = 0; rc == RC_OK && i < 4 && out->conf < (i < 2 ? CERTAIN : enough); i++)
        rc = try_turn(lines, turns[wide][i], choice, arena, out);
    return rc;
}

/* A fax that dissolves the rules leaves the bars: a page that is all of one sheet, mended by where they are. */
static void
match_bars(const struct page_lines *lines, const struct choice *choice, struct zone_match *out)
{
    for (unsigned i = 0; i < choice->count; i++)
        for (int turn = 0; turn <= 180; turn += 180) {
            const struct zone_template *t = choice->templates[i];
            struct zone_guess g = { .sx = lines->width / t->width, .sy = lines->height / t->height };
            unsigned agree;
            float conf;

            if (t->file->bar_count == 0 || (choice->hint[0] != '\0' && strcmp(choice->hint, t->form) != 0))
                continue;
            /* Twice: from nearer they are found more exactly. */
            if (zone_bars_guess(t, choice->gray, turn, lines->reduce, &g) == 0)
                continue;
            agree = zone_bars_guess(t, choice->gray, turn, lines->reduce, &g);
            conf = BY_BARS * (float)agree / (float)t->file->bar_count;
            if (agree == 0 || conf <= out->conf)
                continue;
            *out = (struct zone_match){ .template = t, .form = t->form, .conf = conf, .rotation = turn };
            zone_map_guess(t, &g, lines->reduce, &out->map);
        }
}

static enum rc
match(PIX *gray, const struct choice *choice, struct zone_match *out)
{
    struct arena *arena = arena_new(WORK_MEMORY);
    float enough = choice->hint[0] != '\0' ? ENOUGH_HINTED : ENOUGH;
    struct page_lines lines;
    bool broken;
    enum rc rc;

    memset(out, 0, sizeof *out);
    if (arena == NULL)
        return RC_NOMEM;
    rc = page_lines_find(gray, arena, &lines);
    if (rc == RC_OK)
        rc = match_lines(&lines, choice, enough, arena, out);
    /* On a grainy page faint rules are lost: they are looked for once more, more patiently. */
    broken = rc == RC_OK && out->conf < enough && page_is_broken(gray);
    if (broken)
        match_bars(&lines, choice, out);
    if (broken && out->conf >= enough)
        goto out;
    if (rc == RC_OK && (broken || (out->conf < CERTAIN && page_is_grainy(gray)))) {
        arena_reset(arena);
        rc = page_lines_find_faint(gray, arena, &lines);
        if (rc == RC_OK)
            rc = match_lines(&lines, choice, enough, arena, out);
    }
    /* Rules that are rows of dots are not found from end to end. */
    enough = broken && enough > ENOUGH_BROKEN ? ENOUGH_BROKEN : enough;
    if (rc == RC_OK)
        rc = out->conf >= enough ? RC_OK : RC_NOT_FOUND;
out:
    arena_free(arena);
    return rc;
}

enum rc
zones_match(PIX *gray, const char *hint, struct zone_match *out)
{
    struct choice choice = { .hint = hint, .gray = gray };
    const struct zone_template **templates;

    choice.count = zone_templates(&templates);
    choice.templates = templates;
    return match(gray, &choice, out);
}

enum rc
zones_match_template(PIX *gray, const struct zone_template *t, struct zone_match *out)
{
    const struct choice choice = { &t, 1, "", gray };

    return match(gray, &choice, out);
}
