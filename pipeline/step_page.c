/*
 * step_page.c - a page step: its pixels, then what stands on it.
 */
#include <unistd.h>

#include "doc/reading.h"
#include "step.h"

/* A page that is not one image is drawn first, in the second cage. */
static enum rc
page_paint(struct step *s, const struct cell_input *inputs, uint32_t count, struct cell_answer *answer)
{
    struct cell_call call = { .stage = stage_find("paint"), .inputs = inputs, .input_count = count,
                              .page = s->claim->page, .hint = "", .name = "" };

    return step_cell(s, &call, answer);
}

static enum rc
page_commit(struct step *s, const struct doc_key *key, const struct artifact *made)
{
    struct page_reading *reading;
    struct bytes sealed;
    enum rc rc;

    if (made == NULL || reading_read(made->bytes, s->arena, &reading) != RC_OK)
        return store_refuse(s->engine->work, s->claim, REASON_DAMAGED, s->claim->page);
    if ((rc = step_seal(s, key, ARTIFACT_READING, s->claim->page, 0, made->bytes, &sealed)) != RC_OK)
        return rc;
    return store_commit_page(s->engine->work, s->claim, &reading->facts, reading->form, reading->form_conf, sealed);
}

enum rc
step_page(struct step *s)
{
    const struct seal_place place = { ARTIFACT_RECIPE, 0, 0, 0, true };
    struct cell_input inputs[3] = { { .kind = ARTIFACT_ORIGINAL, .fd = -1 }, { .kind = ARTIFACT_RECIPE, .fd = -1 } };
    struct cell_call call = { .stage = stage_find("read"), .inputs = inputs, .input_count = 2,
                              .page = s->claim->page, .hint = s->claim->hint, .name = "" };
    struct cell_answer answer = { .raster_fd = -1 };
    struct recipe *recipe;
    struct doc_key *key;
    int raster = -1;
    enum rc rc;

    if ((rc = step_file_key(s, &key)) != RC_OK || (rc = step_original(s)) != RC_OK ||
        (rc = step_load(s, key, &place, &inputs[1].bytes)) != RC_OK ||
        (rc = recipe_read(inputs[1].bytes, s->arena, &recipe)) != RC_OK)
        return rc;
    if (s->claim->page >= recipe->count)
        return RC_INPUT;
    inputs[0].fd = s->engine->original.fd;
    if (recipe->pages[s->claim->page].way == WAY_RENDER) {
        if ((rc = page_paint(s, inputs, 2, &answer)) != RC_OK)
            goto out;
        raster = answer.raster_fd;
        if (answer.result.verdict == VERDICT_REJECT || raster < 0) {
            rc = store_refuse(s->engine->work, s->claim,
                              answer.result.reason != REASON_NONE ? answer.result.reason : REASON_DAMAGED,
                              answer.result.detail);
            goto out;
        }
        inputs[2] = (struct cell_input){ .kind = ARTIFACT_RASTER, .page = s->claim->page, .fd = raster };
        call.input_count = 3;
    }
    if ((rc = step_cell(s, &call, &answer)) != RC_OK)
        goto out;
    if (answer.result.verdict == VERDICT_REJECT)
        rc = store_refuse(s->engine->work, s->claim, answer.result.reason, answer.result.detail);
    else
        rc = page_commit(s, key, artifact_find(&answer.made, ARTIFACT_READING, s->claim->page));
out:
    if (raster >= 0)
        close(raster);
    return rc;
}
