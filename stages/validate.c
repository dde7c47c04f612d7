/*
 * validate.c - the validate stage: every rule of the form is tried, and what is sure enough
 * is accepted without a person.
 *
 * A person's value is accepted as it is; rules that it breaks are still said.
 */
#include <string.h>

#include "check.h"
#include "document.h"
#include "forms_ready.h"
#include "levels.h"
#include "stages.h"
#include "story.h"
#include "versions.h"

/* What the decisions about one document share. */
struct deciding {
    const struct form *form;
    const struct terms *terms; /* NULL: nobody's */
    struct arena *arena;
};

#define DOUBTED_AT_MOST 0.7 /* a value that a rule speaks against is no surer than this */

static bool
says(const struct field *field, enum reason reason)
{
    for (int i = 0; i < FIELD_REASONS_MAX && field->reasons[i] != REASON_NONE; i++)
        if (field->reasons[i] == reason)
            return true;
    return false;
}

/* From what is shipped to this client's own: the field's name as it is counted, and its number of row. */
static void
decide(const struct deciding *d, const struct form_field *ff, const char *name, uint32_t row, struct field *field)
{
    struct shift shift = terms_shift(d->terms, d->form->name, name);
    bool doubted = field_doubted(field);
    double accept;

    field->stated = field->confidence;
    if (field->origin == ORIGIN_PERSON) {
        field->verdict = FIELD_AUTO;
        return;
    }
    if (field->state == FIELD_MISSING && !ff->required && !doubted) {
        field->verdict = FIELD_AUTO;
        return;
    }
    accept = calibration_accept(field->stated, shift);
    story_needed(field, d->arena, levels_needed(d->form, ff, d->terms));
    field->confidence = calibration_mean(field->stated, shift);
    if (field->state == FIELD_VALUE && accept < levels_needed(d->form, ff, d->terms))
        field_doubt(field, REASON_LOW_CONFIDENCE);
    else if (field->state == FIELD_VALUE && !doubted && terms_drawn(d->terms, name, row))
        field_doubt(field, REASON_SAMPLED);
    field->verdict = field_doubted(field) ? FIELD_REVIEW : FIELD_AUTO;
    field->level = LEVEL_AUTO;
    if (field->verdict == FIELD_REVIEW) {
        double p = field->state == FIELD_VALUE ? accept : 0;

        field->level = levels_asked(ff, d->terms, doubted && p > DOUBTED_AT_MOST ? DOUBTED_AT_MOST : p);
        /* Who is shown a value believes it: with a budget agreed, a sample is typed. */
        if (says(field, REASON_SAMPLED) && d->terms->budget[ff->criticality] > 0)
            field->level = LEVEL_SINGLE;
    }
}

static enum rc
decide_rows(const struct deciding *d, struct fields *fields, bool *review)
{
    for (uint32_t r = 0; r < fields->row_count; r++)
        for (uint32_t c = 0; c < fields->rows[r].count; c++) {
            struct field *cell = &fields->rows[r].cells[c];
            const struct form_field *f = form_column(d->form, cell->name);
            const char *name = terms_column(cell->name, d->arena);

            if (name == NULL)
                return RC_NOMEM;
            if (f != NULL)
                decide(d, f, name, r, cell);
            *review = *review || (d->form->fixed && cell->verdict == FIELD_REVIEW) ||
                      says(cell, REASON_SAMPLED) || says(cell, REASON_SUM_DIFFERS) ||
                      says(cell, REASON_CROSSED_OUT);
        }
    return RC_OK;
}

/* Is all that waits for a person there because it was drawn by lot? */
static bool
only_lots(const struct form *form, const struct fields *fields)
{
    for (uint32_t i = 0; i < fields->count; i++)
        if (fields->fields[i].verdict == FIELD_REVIEW && !says(&fields->fields[i], REASON_SAMPLED))
            return false;
    for (uint32_t r = 0; form->fixed && r < fields->row_count; r++)
        for (uint32_t c = 0; c < fields->rows[r].count; c++)
            if (fields->rows[r].cells[c].verdict == FIELD_REVIEW && !says(&fields->rows[r].cells[c], REASON_SAMPLED))
                return false;
    return true;
}

/* A person has seen every field that waited: what nobody touched was accepted as it stood. */
static bool
spoke(const struct document *doc)
{
    return doc->order != NULL && doc->order->count > 0;
}

/* What makes the document the only one: the runner hashes it with the client's key, and nobody keeps it. */
static enum rc
emit_twins(const struct job *job, const struct form *form, const struct fields *fields)
{
    struct twins twins;
    struct buffer buffer;
    enum rc rc = check_twins(form, fields, job->arena, &twins);

    if (rc != RC_OK || twins.count == 0)
        return rc;
    buffer_init(&buffer, TWINS_MAX * (TWIN_TEXT_MAX + 256));
    twins_write(&buffer, &twins);
    rc = buffer.failed ? RC_LIMIT : job->emit(job->to, ARTIFACT_TWINS, 0, buffer_bytes(&buffer));
    buffer_done(&buffer);
    return rc;
}

enum rc
validate_run(const struct job *job, struct result *result)
{
    struct document doc;
    const struct form *form;
    struct deciding d;
    struct fields *fields;
    bool review = false;
    enum party_answer party;
    enum rc rc = document_open(job, &doc);

    *result = (struct result){ .verdict = VERDICT_PASS };
    if (rc != RC_OK)
        return rc;
    if (doc.fields == NULL)
        return RC_BUG;
    fields = (struct fields *)doc.fields; /* decoded into our own arena: ours to change */
    form = forms_find(doc.forms, fields->form);
    if ((rc = versions_of(form, doc.pages, doc.page_count, job->arena, fields)) != RC_OK)
        return rc;
    if (form == NULL) {
        result->verdict = VERDICT_REVIEW;
        result->reason = REASON_UNKNOWN_TYPE;
        return document_emit(job, fields);
    }
    for (uint32_t i = 0; i < fields->count; i++) {
        const struct form_field *f = form_field(form, fields->fields[i].name);

        if (f != NULL)
            check_field(f, &fields->fields[i]);
    }
    d = (struct deciding){ form, doc.terms, job->arena };
    for (uint32_t r = 0; r < fields->row_count; r++)
        for (uint32_t c = 0; c < fields->rows[r].count; c++) {
            const struct form_field *f = form_column(form, fields->rows[r].cells[c].name);

            if (f != NULL)
                check_field(f, &fields->rows[r].cells[c]);
        }
    check_strikes(form, doc.pages, doc.page_count, fields);
    check_document(form, fields);
    check_lists(form, codelists_loaded(), fields);
    party = check_party(form, doc.parties, fields);
    if ((rc = emit_twins(job, form, fields)) != RC_OK)
        return rc;
    story_rules(form, codelists_loaded(), job->arena, fields);
    for (uint32_t i = 0; i < fields->count; i++) {
        const struct form_field *f = form_field(form, fields->fields[i].name);

        if (f == NULL)
            continue;
        decide(&d, f, f->name, 0, &fields->fields[i]);
        review = review || fields->fields[i].verdict == FIELD_REVIEW;
    }
    if ((rc = decide_rows(&d, fields, &review)) != RC_OK)
        return rc;
    if (party == PARTY_STRANGER) { /* who may let it pass was asked before: then we are told no parties */
        result->verdict = VERDICT_REVIEW;
        result->reason = REASON_NOT_FOR_THIS_CLIENT;
    } else if (review && !spoke(&doc)) {
        result->verdict = VERDICT_REVIEW;
        result->reason = only_lots(form, fields) ? REASON_SAMPLED : REASON_LOW_CONFIDENCE;
    }
    return document_emit(job, fields);
}
