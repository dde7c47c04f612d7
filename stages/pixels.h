/*
 * pixels.h - the upright pixels of one page, for the stages that look at them.
 *
 * From ARTIFACT_RASTER of job->page when there is one (a page drawn by the second cage), else
 * from ARTIFACT_ORIGINAL by the recipe's page.  Nothing is decoded before its size was checked.
 */
#ifndef STAGES_PIXELS_H
#define STAGES_PIXELS_H

#include <leptonica/allheaders.h>

#include "doc/recipe.h"
#include "stage.h"

/*
 * 8-bit gray without colour map, resolution set, turned as the file asks (EXIF, TIFF tag, /Rotate).
 * RC_OK with *out set: the caller owns it (pixDestroy).  RC_OK with *out NULL: the page cannot be had,
 * result says why (VERDICT_REJECT and a reason): return RC_OK at once.  Another code is about us.
 */
MUST_USE enum rc pixels_get(const struct job *job, struct result *result, PIX **out);
/* The same in 32-bit RGB when the page has colour (for red drop-out), else 8-bit gray. */
MUST_USE enum rc pixels_get_color(const struct job *job, struct result *result, PIX **out);
/* May the page have colour? Cheap: a file's head is looked at, nothing is decoded. */
bool pixels_may_have_color(const struct job *job);
/* The recipe's row of job->page; NULL with result filled when the recipe is broken. */
MUST_USE enum rc pixels_recipe(const struct job *job, struct result *result,
                               struct recipe_page *out);

/* Share of dark pixels of an 8-bit gray page, 0..1, measured on a page reduced eight times. */
float ink_share(PIX *gray);
/* REASON_NO_INK when the page should have marks by what the file says and none were drawn; else REASON_NONE. */
enum reason ink_reason(const struct recipe_page *page, float ink);

/* Refuse: fills result; always RC_OK, for "return reject(result, REASON_X, n);". */
enum rc reject(struct result *result, enum reason reason, uint32_t detail);

#endif
