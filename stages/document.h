/*
 * document.h - what the four steps of a document are given: its pages as read, its fields so
 * far, and what a person ordered.
 *
 * An ORDER is a struct fields: form is the type a person chose ("" leaves it to us), fields
 * and rows are a person's values, which win over the machine's.
 */
#ifndef STAGES_DOCUMENT_H
#define STAGES_DOCUMENT_H

#include "doc/fields.h"
#include "doc/form.h"
#include "doc/parties.h"
#include "doc/reading.h"
#include "doc/terms.h"
#include "stage.h"

struct document {
    const struct form_set *forms;
    const struct page_reading *const *pages;
    uint32_t page_count;
    const struct fields *fields; /* NULL before classify has run */
    const struct fields *order;  /* NULL: nobody spoke           */
    const struct terms *terms;   /* NULL: no client's, as shipped */
    const struct parties *parties; /* whose folder it is; NULL: not told */
};

/* Decode the job's artifacts; RC_INPUT when one is broken. */
MUST_USE enum rc document_open(const struct job *job, struct document *out);
/* Put a person's values over the machine's. */
MUST_USE enum rc document_orders(const struct document *doc, const struct form *form,
                                 struct arena *arena, struct fields *fields);
/* Emit ARTIFACT_FIELDS. */
MUST_USE enum rc document_emit(const struct job *job, const struct fields *fields);

#endif
