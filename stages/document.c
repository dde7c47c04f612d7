/*
 * document.c - document.h: decoding, a person's orders, encoding.
 */
#include "document.h"

#include <string.h>

#include "forms_ready.h"
#include "story.h"

#define FIELDS_BYTES_MAX (8u << 20)

static int
page_of(const struct artifact *const *list, uint32_t count, const struct artifact *a)
{
    uint32_t at = count;

    while (at > 0 && list[at - 1]->page > a->page)
        at--;
    return (int)at;
}

enum rc
document_open(const struct job *job, struct document *out)
{
    const struct artifact **readings;
    struct page_reading **pages;
    uint32_t count = 0;
    enum rc rc;

    *out = (struct document){ .forms = job->forms != NULL ? job->forms : forms_loaded() };
    readings = arena_array(job->arena, job->given.count + 1, sizeof *readings);
    pages = arena_array(job->arena, job->given.count + 1, sizeof *pages);
    if (readings == NULL || pages == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < job->given.count; i++) {
        const struct artifact *a = &job->given.items[i];

        if (a->kind == ARTIFACT_READING) {
            int at = page_of(readings, count, a);

            memmove(readings + at + 1, readings + at, (count - (uint32_t)at) * sizeof *readings);
            readings[at] = a;
            count++;
        } else if (a->kind == ARTIFACT_TERMS) {
            struct terms *terms;

            if ((rc = terms_read(a->bytes, job->arena, &terms)) != RC_OK)
                return rc;
            out->terms = terms;
        } else if (a->kind == ARTIFACT_PARTIES) {
            struct parties *parties = arena_alloc(job->arena, sizeof *parties);

            if (parties == NULL)
                return RC_NOMEM;
            if ((rc = parties_read(a->bytes, job->arena, parties)) != RC_OK)
                return rc;
            out->parties = parties;
        } else if (a->kind == ARTIFACT_FIELDS || a->kind == ARTIFACT_ORDER) {
            struct fields *fields;

            if ((rc = fields_read(a->bytes, job->arena, &fields)) != RC_OK)
                return rc;
            if (a->kind == ARTIFACT_ORDER)
                out->order = fields;
            else
                out->fields = fields; /* the last one wins: it is the newest */
        }
    }
    for (uint32_t i = 0; i < count; i++)
        if ((rc = reading_read(readings[i]->bytes, job->arena, &pages[i])) != RC_OK)
            return rc;
    out->pages = (const struct page_reading *const *)pages;
    out->page_count = count;
    return RC_OK;
}

/* Room for one more field at the end of the list. */
static struct field *
append(struct fields *fields, struct arena *arena)
{
    struct field *bigger = arena_array(arena, fields->count + 2u, sizeof *bigger);

    if (bigger == NULL || fields->count >= FIELDS_MAX)
        return NULL;
    if (fields->count > 0)
        memcpy(bigger, fields->fields, fields->count * sizeof *bigger);
    fields->fields = bigger;
    return &bigger[fields->count++];
}

enum rc
document_orders(const struct document *doc, const struct form *form, struct arena *arena,
                struct fields *fields)
{
    if (doc->order == NULL || form == NULL)
        return RC_OK;
    for (uint32_t i = 0; i < doc->order->count; i++) {
        const struct field *given = &doc->order->fields[i];
        struct field *mine = fields_find(fields, given->name);
        const struct provenance *before = mine != NULL ? mine->story : NULL;

        /* What one person typed and another has not is no value yet. */
        if (given->origin != ORIGIN_PERSON || given->verdict == FIELD_REVIEW || form_field(form, given->name) == NULL)
            continue;
        if (mine == NULL && (mine = append(fields, arena)) == NULL)
            return RC_NOMEM;
        *mine = *given;
        story_ordered(given, before, arena, mine);
        mine->verdict = FIELD_AUTO;
        memset(mine->reasons, 0, sizeof mine->reasons);
    }
    if (doc->order->row_count > 0) {
        fields->rows = doc->order->rows;
        fields->row_count = doc->order->row_count;
    }
    return RC_OK;
}

enum rc
document_emit(const struct job *job, const struct fields *fields)
{
    struct buffer buffer;
    enum rc rc;

    buffer_init(&buffer, FIELDS_BYTES_MAX);
    fields_write(&buffer, fields);
    rc = buffer.failed ? RC_LIMIT : job->emit(job->to, ARTIFACT_FIELDS, 0, buffer_bytes(&buffer));
    buffer_done(&buffer);
    return rc;
}
