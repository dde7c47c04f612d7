/*
 * step_document.c - a document step: classify, extract, validate and package, in one cage.
 */
#include <string.h>

#include "doc/fields.h"
#include "step.h"

static enum rc
document_inputs(struct step *s, struct cell_input **out, uint32_t *count)
{
    const struct claim *claim = s->claim;
    struct cell_input *inputs;
    struct doc_key *key;
    uint32_t *pages, page_count;
    enum rc rc;

    if ((rc = step_file_key(s, &key)) != RC_OK ||
        (rc = store_document_pages(s->engine->work, claim, s->arena, &pages, &page_count)) != RC_OK)
        return rc;
    if ((inputs = arena_array(s->arena, (size_t)page_count + 1, sizeof *inputs)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < page_count; i++) {
        const struct seal_place place = { ARTIFACT_READING, pages[i], 0, 0, true };

        inputs[i] = (struct cell_input){ .kind = ARTIFACT_READING, .page = i, .fd = -1 };
        if ((rc = step_load(s, key, &place, &inputs[i].bytes)) != RC_OK)
            return rc;
    }
    *out = inputs;
    *count = page_count;
    return RC_OK;
}

/* What a person ordered, when there is such an order. */
static enum rc
document_order(struct step *s, const struct doc_key *key, struct cell_input *inputs, uint32_t *count)
{
    const struct seal_place place = { ARTIFACT_ORDER, 0, s->claim->version, 0, true };
    struct cell_input *order = &inputs[*count];
    enum rc rc;

    *order = (struct cell_input){ .kind = ARTIFACT_ORDER, .fd = -1 };
    if (s->claim->document_wrapped_size == 0)
        return RC_OK;
    if ((rc = step_load(s, key, &place, &order->bytes)) == RC_OK)
        (*count)++;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static void
count_field(const struct field *f, struct document_outcome *o)
{
    o->fields++;
    if (f->verdict == FIELD_REVIEW)
        o->doubtful++;
    else if (f->confidence >= 0 && f->confidence <= 1)
        o->expected_errors += 1 - f->confidence;
}

static void
count_fields(const struct fields *fields, struct document_outcome *o)
{
    for (uint32_t i = 0; i < fields->count; i++)
        count_field(&fields->fields[i], o);
    for (uint32_t i = 0; i < fields->row_count; i++)
        for (uint32_t k = 0; k < fields->rows[i].count; k++)
            count_field(&fields->rows[i].cells[k], o);
}

static enum rc
document_outcome(struct step *s, const struct doc_key *key, const struct cell_answer *answer,
                 struct document_outcome *o)
{
    const struct artifact *made = NULL, *package = artifact_find(&answer->made, ARTIFACT_PACKAGE, 0);
    struct fields *fields;
    enum rc rc;

    o->verdict = answer->result.verdict;
    o->reason = answer->result.reason;
    o->detail = answer->result.detail;
    o->form = "";
    o->form_conf = 0;
    /* Each of the four stages may have sent the fields; the last word counts. */
    for (uint32_t i = 0; i < answer->made.count; i++)
        if (answer->made.items[i].kind == ARTIFACT_FIELDS)
            made = &answer->made.items[i];
    if (made != NULL) {
        if ((rc = fields_read(made->bytes, s->arena, &fields)) != RC_OK)
            return rc;
        o->form = fields->form;
        o->form_conf = fields->form_confidence;
        count_fields(fields, o);
        if ((rc = step_seal(s, key, ARTIFACT_FIELDS, 0, s->claim->version, made->bytes, &o->sealed_fields)) != RC_OK)
            return rc;
    }
    if (o->verdict != VERDICT_PASS)
        return RC_OK;
    if (package == NULL || made == NULL)
        return RC_INPUT;
    return step_seal(s, key, ARTIFACT_PACKAGE, 0, s->claim->version, package->bytes, &o->sealed_package);
}

enum rc
step_document(struct step *s)
{
    struct document_outcome outcome = { 0 };
    struct cell_call call = { .stage = stage_find("classify"), .hint = s->claim->hint, .name = "" };
    uint8_t wrapped[WRAPPED_KEY_MAX];
    size_t wrapped_size = 0;
    struct cell_input *inputs;
    struct cell_answer answer;
    struct doc_key *key;
    uint32_t count;
    bool fresh;
    enum rc rc;

    if ((rc = document_inputs(s, &inputs, &count)) != RC_OK ||
        (rc = step_document_key(s, &key, &fresh, wrapped, &wrapped_size)) != RC_OK ||
        (rc = document_order(s, key, inputs, &count)) != RC_OK)
        return rc;
    call.inputs = inputs;
    call.input_count = count;
    if ((rc = step_cell(s, &call, &answer)) != RC_OK)
        return rc;
    if ((rc = document_outcome(s, key, &answer, &outcome)) != RC_OK) {
        /* An answer that does not decode is one from a cell that was not itself. */
        if (rc != RC_INPUT && rc != RC_LIMIT)
            return rc;
        s->reason = REASON_CELL_DIED;
        return RC_KILLED;
    }
    if (fresh) {
        outcome.wrapped = wrapped;
        outcome.wrapped_size = wrapped_size;
    }
    return store_commit_document(s->engine->work, s->claim, &outcome);
}
