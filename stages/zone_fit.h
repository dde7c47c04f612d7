/*
 * zone_fit.h - laying a template on the lines of a page: guesses, then a fit.
 */
#ifndef STAGES_ZONE_FIT_H
#define STAGES_ZONE_FIT_H

#include "zone_lines.h"
#include "zone_template.h"
#include "zones.h"

/* x = sx X + ox along slanted axes; a, b: tangents of the rules across and down. */
struct zone_guess {
    double sx, ox, sy, oy;
    double a, b;
    double score;
};

#define GUESSES_MAX 6
#define ZONE_SPARSE 100 /* a form with fewer rules is fitted whole, and asked for more of them */

/* The slant of the lines of one direction: across grows by it for each pixel along. */
double lines_slant(const struct line_set *set);

/* Where the template might lie, best first; returns how many. */
unsigned zone_guesses(const struct zone_template *t, const struct page_lines *lines, double a, double b,
                      struct zone_guess out[GUESSES_MAX]);

/*
 * Fit a perspective and local shifts to the page's lines, beginning from a guess.  The map is in
 * the pixels of lines.  Returns the share of the template's rules that lie on lines of the page,
 * the worse of the two directions; 0 when nothing fits.
 */
double zone_fit(const struct zone_template *t, const struct page_lines *lines,
                const struct zone_guess *guess, struct zone_map *map);

/* The share of the rules that tell this version from others that is there; 1 when none do. */
double zone_tells(const struct zone_template *t, const struct page_lines *lines, const struct zone_map *map);

/*
 * The share of the page's line points inside the form's outline that lie on rules of the form, the
 * worse of the two directions.  RC_NOMEM.
 */
MUST_USE enum rc zone_proof(const struct zone_template *t, const struct page_lines *lines,
                            const struct zone_map *map, double *share);

/*
 * A better guess by where the form's bars are found, within 30 points of where the guess puts them; reduce as in
 * page_lines.  Returns how many agree; 0, and the guess as it was, when they are fewer than five.
 */
unsigned zone_bars_guess(const struct zone_template *t, PIX *gray, int rotation, double reduce,
                         struct zone_guess *guess);

/* The map of a guess, in pixels of the page. */
void zone_map_guess(const struct zone_template *t, const struct zone_guess *guess, double reduce, struct zone_map *map);

#endif
