/*
 * learn.c - the learn stage: a blank form and a marked one, to the geometry of a new fixed form.
 *
 * The artifacts of page 0 are the blank, those of page 1 the marked page; without the latter only
 * rules and captions are found.  The marked page is registered by the rules of the blank, so it
 * may be another scan or even a photo of it.
 */
#include "learn.h"

#include <string.h>

#include "pixels.h"
#include "stages.h"
#include "zones.h"

#define LEARNED_BYTES_MAX (4u << 20)
#define RULES_MIN 12

/* The job of one of the pictures: its artifacts alone, as page 0. */
static enum rc
job_of(const struct job *job, uint32_t page, struct job *out)
{
    *out = *job;
    out->page = 0;
    out->given.count = 0;
    out->given.items = arena_array(job->arena, job->given.count + 1, sizeof *out->given.items);
    if (out->given.items == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < job->given.count; i++)
        if (job->given.items[i].page == page) {
            out->given.items[out->given.count] = job->given.items[i];
            out->given.items[out->given.count++].page = 0;
        }
    return RC_OK;
}

/* The page laid on the template: one pixel after the other, for learning is not done often. */
static PIX *
lay_flat(PIX *page, const struct zone_map *map, int w, int h)
{
    PIX *color = pixConvertTo32(page), *out = pixCreate(w, h, 32);
    int pw = pixGetWidth(page), ph = pixGetHeight(page);

    if (color == NULL || out == NULL) {
        pixDestroy(&color);
        pixDestroy(&out);
        return NULL;
    }
    pixSetAll(out);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            double px, py;
            int ix, iy;

            zone_map_point(map, (x + 0.5) / LEARN_SCALE, (y + 0.5) / LEARN_SCALE, &px, &py);
            ix = (int)px;
            iy = (int)py;
            if (px >= 0 && py >= 0 && ix < pw && iy < ph)
                pixGetData(out)[(size_t)y * (size_t)pixGetWpl(out) + (size_t)x] =
                    pixGetData(color)[(size_t)iy * (size_t)pixGetWpl(color) + (size_t)ix];
        }
    pixDestroy(&color);
    return out;
}

/* REASON_NONE, or why the marked page cannot be used. */
static enum rc
look_at_marked(const struct job *job, PIX *flat, struct learned *l, struct result *result)
{
    struct zone_template template;
    struct zone_file file;
    struct zone_match match;
    PIX *page = NULL, *gray = NULL, *turned = NULL, *laid = NULL;
    enum rc rc = pixels_get_color(job, result, &page);

    if (rc != RC_OK || page == NULL)
        return rc;
    rc = RC_NOMEM;
    if (pixGetDepth(page) != 32) {
        rc = reject(result, REASON_FORMAT_REFUSED, 1); /* no colours: no marks to be seen */
        goto out;
    }
    gray = pixConvertTo8(page, 0);
    if (gray == NULL || (rc = learn_template(l, job->arena, &template, &file)) != RC_OK)
        goto out;
    rc = zones_match_template(gray, &template, &match);
    if (rc == RC_NOT_FOUND) {
        rc = reject(result, REASON_UNKNOWN_TYPE, (uint32_t)(match.conf * 100)); /* another form */
        goto out;
    }
    if (rc != RC_OK)
        goto out;
    turned = match.rotation == 0 ? pixClone(page) : pixRotateOrth(page, match.rotation / 90);
    laid = turned == NULL ? NULL : lay_flat(turned, &match.map, pixGetWidth(flat), pixGetHeight(flat));
    rc = laid == NULL ? RC_NOMEM : learn_boxes(flat, laid, job->arena, l);
    if (rc == RC_OK && l->zone_count == 0)
        rc = reject(result, REASON_NO_INK, 0); /* nothing is marked */
out:
    pixDestroy(&laid);
    pixDestroy(&turned);
    pixDestroy(&gray);
    pixDestroy(&page);
    return rc;
}

enum rc
learn_run(const struct job *job, struct result *result)
{
    struct learned learned = { .width = 0 };
    struct job blank, marked;
    struct buffer buffer;
    PIX *page = NULL, *flat = NULL;
    enum rc rc;

    *result = (struct result){ .verdict = VERDICT_PASS };
    buffer_init(&buffer, LEARNED_BYTES_MAX);
    if ((rc = job_of(job, 0, &blank)) != RC_OK || (rc = job_of(job, 1, &marked)) != RC_OK ||
        (rc = pixels_get_color(&blank, result, &page)) != RC_OK || page == NULL)
        goto out;
    rc = learn_blank(page, job->arena, &learned, &flat);
    if (rc == RC_INPUT || rc == RC_LIMIT) {
        rc = reject(result, REASON_DIMENSIONS, 0);
        goto out;
    }
    if (rc != RC_OK)
        goto out;
    if (learned.across_count + learned.down_count < RULES_MIN || learned.across_count < 3 || learned.down_count < 3) {
        rc = reject(result, REASON_FIELD_MISSING, learned.across_count + learned.down_count);
        goto out;
    }
    if (marked.given.count > 0 && ((rc = look_at_marked(&marked, flat, &learned, result)) != RC_OK ||
                                   result->verdict != VERDICT_PASS))
        goto out;
    learned_write(&buffer, &learned);
    rc = buffer.failed ? RC_LIMIT : job->emit(job->to, ARTIFACT_LEARNED, 0, buffer_bytes(&buffer));
out:
    buffer_done(&buffer);
    pixDestroy(&flat);
    pixDestroy(&page);
    return rc;
}
