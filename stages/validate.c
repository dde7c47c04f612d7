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
#include "stages.h"

/*
 * What a field's probability must be to go without a person; by what a mistake would cost.  Zones
 * of a fixed form and values of a free layout state theirs differently: the tables behind the
 * numbers are in docs/decisions/0060-fixed-forms.md and 0040-confidence.md.
 */
static double
needed(const struct form *form, const struct form_field *field)
{
    static const double fixed[] = { [CRIT_MINOR] = 0.95, [CRIT_MAJOR] = 0.9695, [CRIT_CRITICAL] = 0.9695 };
    static const double free_layout[] = { [CRIT_MINOR] = 0.80, [CRIT_MAJOR] = 0.95, [CRIT_CRITICAL] = 0.96 };

    return form->fixed ? fixed[field->criticality] : free_layout[field->criticality];
}

static void
decide(const struct form *form, const struct form_field *ff, struct field *field)
{
    bool doubted = field_doubted(field);

    if (field->origin == ORIGIN_PERSON) {
        field->verdict = FIELD_AUTO;
        return;
    }
    if (field->state == FIELD_MISSING && !ff->required && !doubted) {
        field->verdict = FIELD_AUTO;
        return;
    }
    if (field->state == FIELD_VALUE && field->confidence < needed(form, ff))
        field_doubt(field, REASON_LOW_CONFIDENCE);
    field->verdict = field_doubted(field) ? FIELD_REVIEW : FIELD_AUTO;
}

/* A person has seen every field that waited: what nobody touched was accepted as it stood. */
static bool
spoke(const struct document *doc)
{
    return doc->order != NULL && doc->order->count > 0;
}

enum rc
validate_run(const struct job *job, struct result *result)
{
    struct document doc;
    const struct form *form;
    struct fields *fields;
    bool review = false;
    enum rc rc = document_open(job, &doc);

    *result = (struct result){ .verdict = VERDICT_PASS };
    if (rc != RC_OK)
        return rc;
    if (doc.fields == NULL)
        return RC_BUG;
    fields = (struct fields *)doc.fields; /* decoded into our own arena: ours to change */
    form = forms_find(doc.forms, fields->form);
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
    check_document(form, fields);
    check_lists(form, codelists_loaded(), fields);
    for (uint32_t i = 0; i < fields->count; i++) {
        const struct form_field *f = form_field(form, fields->fields[i].name);

        if (f == NULL)
            continue;
        decide(form, f, &fields->fields[i]);
        review = review || fields->fields[i].verdict == FIELD_REVIEW;
    }
    for (uint32_t r = 0; r < fields->row_count; r++)
        for (uint32_t c = 0; c < fields->rows[r].count; c++) {
            const struct form_field *f = form_column(form, fields->rows[r].cells[c].name);

            if (f != NULL)
                decide(form, f, &fields->rows[r].cells[c]);
            review = review || (form->fixed && fields->rows[r].cells[c].verdict == FIELD_REVIEW);
        }
    if (review && !spoke(&doc)) {
        result->verdict = VERDICT_REVIEW;
        result->reason = REASON_LOW_CONFIDENCE;
    }
    return document_emit(job, fields);
}
