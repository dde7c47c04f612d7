/*
 * extract.c - the extract stage: from what was read to the fields of the form.
 */
#include "extract.h"

#include <math.h>
#include <string.h>

#include "document.h"
#include "extract_score.h"
#include "extract_latin.h"
#include "memory.h"
#include "stages.h"
#include "story.h"
#include "zones.h"

/* A field as the document will carry it. */
static void
settle_field(const struct extraction *x, unsigned index, struct field *out)
{
    const struct form_field *f = &x->form->fields[index];
    const struct choice *choice = &x->choices[index];
    const struct candidate *c;

    *out = (struct field){ .name = f->name, .value = "", .text = "", .state = FIELD_MISSING,
                           .verdict = FIELD_REVIEW };
    story_choice(x, index, out);
    if (choice->chosen < 0)
        return;
    c = &choice->list[choice->chosen];
    out->value = c->value;
    out->text = c->text;
    out->state = FIELD_VALUE;
    out->page = c->page;
    out->box = layout_box(x->layout, c->first, c->count);
    out->origin = c->repaired ? ORIGIN_REPAIR : ORIGIN_MACHINE;
    out->confidence = memory_confidence(x, index, extract_probability(x, index));
    if (c->repaired)
        field_doubt(out, REASON_REPAIRED);
    if (c->check_failed)
        field_doubt(out, REASON_CHECK_DIGIT);
    if (choice->broken && !choice->closed)
        field_doubt(out, REASON_SUM_DIFFERS);
    if (c->ambiguous)
        field_doubt(out, REASON_CONFLICT);
}

enum rc
extract_free(const struct form *form, const struct page_reading *const *pages, uint32_t page_count,
             struct arena *arena, struct fields *out)
{
    uint32_t slot;

    return extract_taught(form, pages, page_count, NULL, arena, out, &slot);
}

enum rc
extract_taught(const struct form *form, const struct page_reading *const *pages, uint32_t page_count,
               const struct memory_set *memory, struct arena *arena, struct fields *out, uint32_t *slot)
{
    struct layout *layout = arena_alloc(arena, sizeof *layout);
    struct extraction x = { .arena = arena, .form = form, .layout = layout };
    struct memory_use use;
    enum rc rc;

    *slot = 0;
    if (layout == NULL || (rc = layout_make(pages, page_count, arena, layout)) != RC_OK)
        return RC_NOMEM;
    x.latin = latin_paper(layout);
    x.choices = arena_array(arena, form->field_count + 1, sizeof *x.choices);
    if (x.choices == NULL)
        return RC_NOMEM;
    for (unsigned i = 0; i < form->field_count; i++) {
        x.choices[i].chosen = -1;
        x.choices[i].list = arena_array(arena, CANDIDATES_MAX, sizeof *x.choices[i].list);
        if (x.choices[i].list == NULL)
            return RC_NOMEM;
    }
    if ((rc = extract_labels(&x)) != RC_OK)
        return rc;
    latin_labels(&x);
    if ((rc = extract_dates(&x)) != RC_OK ||
        (rc = extract_amounts(&x)) != RC_OK || (rc = extract_rank(&x)) != RC_OK ||
        (rc = extract_parties(&x)) != RC_OK)
        return rc;
    if (memory != NULL && memory->count > 0) {
        if ((rc = memory_view_make(layout, arena, &use.view)) != RC_OK ||
            (rc = memory_match(memory, form->name, &use.view, &use.match)) != RC_OK)
            return rc;
        x.memory = use.match.layout != NULL ? &use : NULL;
        *slot = use.match.layout != NULL ? use.match.slot : 0;
        if ((rc = memory_offer(&x)) != RC_OK)
            return rc;
    }
    extract_solve(&x);
    out->form = form->name;
    out->count = form->field_count;
    out->fields = arena_array(arena, form->field_count + 1, sizeof *out->fields);
    if (out->fields == NULL)
        return RC_NOMEM;
    for (unsigned i = 0; i < form->field_count; i++)
        settle_field(&x, i, &out->fields[i]);
    if ((rc = extract_table(&x, out)) == RC_OK)
        extract_proof(&x, out);
    return rc;
}

static enum rc
extract_fixed(const struct form *form, const struct document *doc, struct arena *arena,
              struct fields *out)
{
    for (uint32_t p = 0; p < doc->page_count; p++) {
        enum rc rc = zones_extract(form, doc->pages[p], p, arena, out);

        if (rc != RC_OK)
            return rc;
    }
    return zones_sums(form, arena, out);
}

enum rc
extract_run(const struct job *job, struct result *result)
{
    struct document doc;
    struct fields out = { .form = "" };
    struct memory_set memory = { .count = 0 };
    const struct form *form;
    uint32_t slot = 0;
    enum rc rc = document_open(job, &doc);

    *result = (struct result){ .verdict = VERDICT_PASS };
    if (rc != RC_OK)
        return rc;
    form = forms_find(doc.forms, doc.fields != NULL ? doc.fields->form : "");
    out.form = doc.fields != NULL ? doc.fields->form : "";
    out.form_confidence = doc.fields != NULL ? doc.fields->form_confidence : 0;
    if (form != NULL && form->fixed)
        rc = extract_fixed(form, &doc, job->arena, &out);
    else if (form != NULL && (rc = memory_set_open(&job->given, job->arena, &memory)) == RC_OK)
        rc = extract_taught(form, doc.pages, doc.page_count, &memory, job->arena, &out, &slot);
    if (rc != RC_OK)
        return rc;
    /* an empty one says that this layout was used */
    if (slot > 0 && (rc = job->emit(job->to, ARTIFACT_MEMORY, slot, bytes_of(NULL, 0))) != RC_OK)
        return rc;
    out.form_confidence = doc.fields != NULL ? doc.fields->form_confidence : 0;
    story_machine(&doc, job->arena, &out);
    if ((rc = document_orders(&doc, form, job->arena, &out)) != RC_OK)
        return rc;
    return document_emit(job, &out);
}
