/*
 * step_memory.c - what people taught about this client's senders, on its way into the cage and back.
 *
 * The runner of a client's document is given that client's memory and no other's; what the cage
 * sends back is taken only after a person's order, decoded before it is sealed, and kept in the
 * transaction of the document that taught it.  Memory helps: where it does not open, a document
 * goes on without it.
 */
#include <string.h>

#include "base/log.h"
#include "doc/memory.h"
#include "step.h"
#include "told.h"

static enum rc
memory_key(struct step *s, struct step_memory *m)
{
    const struct memory_told *t = &m->told;
    const struct id *client = &s->claim->client;

    if (s->memory_key != NULL)
        return RC_OK;
    if (t->wrapped_size > 0)
        return told_memory_key(s->engine->keys, client, t, &s->memory_key);
    return keyclient_new(s->engine->keys, client, &t->memory, &s->memory_key, m->fresh, &m->fresh_size);
}

enum rc
step_memory_load(struct step *s)
{
    struct step_memory *m = arena_alloc(s->arena, sizeof *m);
    enum rc rc;

    if (m == NULL)
        return RC_NOMEM;
    memset(m, 0, sizeof *m);
    s->memory = m;
    if ((rc = store_memory(s->engine->work, s->claim, s->arena, &m->told)) != RC_OK || m->told.count == 0)
        return rc;
    if ((rc = memory_key(s, m)) != RC_OK) {
        log_event(LOG_WARN, "memory.unopened", LOG_ID("document", s->claim->document.b), LOG_RC(rc));
        m->told.count = 0;
        return rc == RC_SEAL || rc == RC_INPUT ? RC_OK : rc == RC_NOT_FOUND ? RC_BUSY : rc;
    }
    if ((m->inputs = arena_array(s->arena, m->told.count, sizeof *m->inputs)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < m->told.count; i++) {
        const struct memory_row *row = &m->told.rows[i];

        rc = told_layout(s->memory_key, row, s->arena, &m->inputs[i]);
        if (rc == RC_NOMEM)
            return rc;
        if (rc != RC_OK) {
            log_event(LOG_WARN, "memory.unopened", LOG_ID("document", s->claim->document.b), LOG_INT("slot", row->slot),
                      LOG_RC(rc));
            m->inputs[i].bytes = bytes_of(NULL, 0);
        }
    }
    return RC_OK;
}

void
step_memory_give(struct step *s, struct cell_input *inputs, uint32_t *count)
{
    struct step_memory *m = s->memory;

    for (uint32_t i = 0; i < *count; i++)
        m->ordered = m->ordered || inputs[i].kind == ARTIFACT_ORDER;
    for (uint32_t i = 0; i < m->told.count; i++)
        if (m->inputs[i].bytes.size > 0)
            inputs[(*count)++] = m->inputs[i];
}

static const struct memory_row *
row_of(const struct step_memory *m, uint32_t slot)
{
    for (uint32_t i = 0; i < m->told.count; i++)
        if (m->told.rows[i].slot == slot)
            return &m->told.rows[i];
    return NULL;
}

uint32_t
step_memory_version(const struct step *s, uint32_t slot)
{
    const struct memory_row *row = s->memory == NULL ? NULL : row_of(s->memory, slot);

    return row != NULL ? row->version : 0;
}

static enum rc
count_lesson(struct step *s, const struct memory_layout *layout, const struct fields *fields, struct memory_lesson *l)
{
    uint32_t n = 0;

    if ((l->fields = arena_array(s->arena, layout->field_count + 1u, sizeof *l->fields)) == NULL)
        return RC_NOMEM;
    for (int k = 0; k < 4; k++)
        if ((l->counts[k] = arena_array(s->arena, layout->field_count + 1u, sizeof *l->counts[k])) == NULL)
            return RC_NOMEM;
    l->form = layout->form;
    l->lessons = layout->lessons;
    for (uint32_t i = 0; i < layout->field_count; i++) {
        const struct memory_field *f = &layout->fields[i];

        /* what stands in clear are the form's own names, not something that a page says */
        if (fields_find(fields, f->name) == NULL)
            continue;
        l->fields[n] = f->name;
        l->counts[0][n] = f->corrected;
        l->counts[1][n] = f->confirmed;
        l->counts[2][n] = f->helped;
        l->counts[3][n] = f->misled;
        n++;
    }
    l->field_count = n;
    return RC_OK;
}

/* One layout that came back: a known one, or with page 0 a new one. */
static enum rc
take_lesson(struct step *s, const struct artifact *a, const struct fields *fields, struct document_outcome *o)
{
    struct step_memory *m = s->memory;
    const struct memory_row *row = row_of(m, a->page);
    struct memory_lesson *l = &m->lesson;
    struct memory_layout *layout;
    struct seal_place place = { ARTIFACT_MEMORY, 0, 0, 0, true };
    enum rc rc;

    if (a->page != 0 && row == NULL)
        return RC_INPUT;
    if ((rc = memory_read(a->bytes, s->arena, &layout)) != RC_OK)
        return rc;
    if (strcmp(layout->form, o->form) != 0)
        return RC_INPUT;
    memset(l, 0, sizeof *l);
    l->memory = m->told.memory;
    l->slot = row != NULL ? row->slot : m->told.next_slot;
    l->seen = row != NULL ? row->version : 0;
    place.page = l->slot;
    place.generation = l->seen + 1;
    if ((rc = memory_key(s, m)) != RC_OK || (rc = count_lesson(s, layout, fields, l)) != RC_OK ||
        (rc = vault_seal(s->memory_key, &place, a->bytes, s->arena, &l->sealed)) != RC_OK)
        return rc;
    l->wrapped = m->fresh;
    l->wrapped_size = m->fresh_size;
    o->lesson = l;
    return RC_OK;
}

enum rc
step_memory_take(struct step *s, const struct cell_answer *answer, const struct fields *fields,
                 struct document_outcome *o)
{
    for (uint32_t i = 0; i < answer->made.count; i++) {
        const struct artifact *a = &answer->made.items[i];
        enum rc rc;

        if (a->kind != ARTIFACT_MEMORY)
            continue;
        if (a->bytes.size == 0) {
            o->memory_used = row_of(s->memory, a->page) != NULL ? a->page : 0;
            continue;
        }
        /* nobody spoke, or two answers where there is one: a cell that is not itself */
        if (!s->memory->ordered || o->lesson != NULL || fields == NULL)
            return RC_INPUT;
        if ((rc = take_lesson(s, a, fields, o)) != RC_OK)
            return rc;
    }
    return RC_OK;
}
