/*
 * read.c - the read stage: one page, to words or to zones.
 *
 * A known fixed form is tried first: recognising it costs little, and then only its zones
 * are read.  Any other page is read whole.
 */
#include "read.h"

#include <string.h>

#include "forms_ready.h"
#include "ocr.h"
#include "pixels.h"
#include "second.h"
#include "stages.h"
#include "versions.h"
#include "zones.h"

#define READING_BYTES_MAX (16u << 20)

enum rc
read_ready(void)
{
    enum rc rc = ocr_ready();

    if (rc != RC_OK)
        return rc;
    if ((rc = second_ready()) != RC_OK || (rc = forms_ready()) != RC_OK)
        return rc;
    versions_tell("reader", second_version());
    return zones_ready(forms_folder(), forms_loaded(), NULL);
}

/* Turn as the match says and read the zones. */
static enum rc
read_fixed(const struct job *job, PIX *gray, const struct zone_match *match,
           struct page_reading *reading)
{
    PIX *page = match->rotation == 0     ? pixClone(gray)
                : match->rotation == 180 ? pixRotate180(NULL, gray)
                                         : pixRotate90(gray, match->rotation == 90 ? 1 : -1);
    PIX *color = NULL, *upright = NULL;
    struct result ignored = { .verdict = VERDICT_PASS };
    enum rc rc;

    if (page == NULL)
        return RC_NOMEM;
    pixSetResolution(page, pixGetXRes(gray), pixGetYRes(gray));
    rc = RC_OK;
    if (pixels_may_have_color(job) && (rc = pixels_get_color(job, &ignored, &color)) != RC_OK)
        goto out;
    if (color != NULL && pixGetDepth(color) == 32 && match->rotation != 0)
        upright = match->rotation == 180 ? pixRotate180(NULL, color)
                                         : pixRotate90(color, match->rotation == 90 ? 1 : -1);
    else if (color != NULL && pixGetDepth(color) == 32)
        upright = pixClone(color);
    *reading = (struct page_reading){ .form = "" };
    reading->dpi = pixGetXRes(page) > 0 ? (uint32_t)pixGetXRes(page) : 300;
    reading->rotation = match->rotation;
    reading->facts.width = (uint32_t)pixGetWidth(page);
    reading->facts.height = (uint32_t)pixGetHeight(page);
    reading->facts.ink = ink_share(page);
    if ((rc = zones_read(page, upright, match, job->arena, reading)) != RC_OK)
        goto out;
    read_facts(reading, job->arena);
out:
    pixDestroy(&upright);
    pixDestroy(&color);
    pixDestroy(&page);
    return rc;
}

static enum rc
read_any(const struct job *job, PIX *gray, struct page_reading *reading)
{
    const struct form_set *forms = job->forms != NULL ? job->forms : forms_loaded();
    const struct form *form = forms_find(forms, job->hint);
    const char *hint = form != NULL ? form->name : "";
    struct zone_match match;
    enum rc rc = RC_NOT_FOUND;

    /* A stream of invoices is not searched for medical claims. */
    if (form == NULL || form->fixed)
        rc = zones_match(gray, hint, &match);
    if (rc == RC_OK)
        return read_fixed(job, gray, &match, reading);
    if (rc != RC_NOT_FOUND)
        return rc;
    return read_page(gray, form, job->arena, reading);
}

enum rc
read_run(const struct job *job, struct result *result)
{
    struct page_reading reading = { .form = "" };
    struct recipe_page recipe;
    struct buffer buffer;
    PIX *gray = NULL;
    enum rc rc;

    *result = (struct result){ .verdict = VERDICT_PASS };
    buffer_init(&buffer, READING_BYTES_MAX);
    rc = pixels_get(job, result, &gray);
    if (rc != RC_OK || gray == NULL)
        goto out;
    if ((rc = read_any(job, gray, &reading)) != RC_OK)
        goto out;
    if (pixels_recipe(job, result, &recipe) == RC_OK && result->verdict == VERDICT_PASS &&
        reading.facts.reason == REASON_NONE)
        reading.facts.reason = ink_reason(&recipe, reading.facts.ink);
    if (reading.made_by == NULL)
        reading.made_by = versions_readers();
    reading_write(&buffer, &reading);
    rc = buffer.failed ? RC_LIMIT
                       : job->emit(job->to, ARTIFACT_READING, job->page, buffer_bytes(&buffer));
    if (rc == RC_OK && result->verdict == VERDICT_PASS && reading.facts.reason != REASON_NONE) {
        result->verdict = VERDICT_REVIEW;
        result->reason = reading.facts.reason;
    }
out:
    buffer_done(&buffer);
    pixDestroy(&gray);
    return rc;
}
