/*
 * desk_told.c - what the stages were told beside the pages when a document was made, told once more for a look back.
 *
 * The contract's terms and the client's parties were sealed with the document; the layout of the client's memory and
 * the e-invoices are taken from where they lie, in the version that was told.  A document of an older release says
 * nothing of the last two: then they are as they are today.  Persons' orders are never told: the machine is compared
 * with itself.
 */
#include "desk.h"

#include "base/log.h"
#include "told.h"

enum rc
replay_stored(struct desk *desk, struct work *w, enum artifact_kind kind, uint32_t page, struct arena *arena,
              struct bytes *out)
{
    bool of_file = kind == ARTIFACT_READING;
    const struct seal_place place = { kind, page, of_file ? 0 : w->task.version, 0, true };
    struct bytes sealed;
    enum rc rc = store_replay_load(desk->db, &w->task, kind, page, 0, arena, &sealed);

    if (rc != RC_OK)
        return rc;
    if (!of_file && w->document_key == NULL)
        return RC_SEAL;
    return vault_open(of_file ? w->file_key : w->document_key, &place, sealed, arena, out);
}

/* All that is on its way to the cage. */
struct telling {
    struct desk *desk;
    struct work *w;
    struct arena *arena;
    const struct replay_told *then; /* NULL: of an older release */
    struct cell_input *inputs;
    uint32_t count;
    uint8_t *how;
};

/* Sealed with the document when it was made; "was": there must be one. */
static enum rc
tell_sealed(struct telling *t, enum artifact_kind kind, bool was, uint8_t *how)
{
    struct cell_input *in = &t->inputs[t->count];
    enum rc rc;

    *in = (struct cell_input){ kind, 0, -1, { NULL, 0 } };
    rc = replay_stored(t->desk, t->w, kind, 0, t->arena, &in->bytes);
    *how = rc == RC_OK ? DESK_TOLD_THEN : was ? DESK_TOLD_GONE : DESK_TOLD_NOTHING;
    t->count += rc == RC_OK;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc
tell_memory(struct telling *t, const struct memory_told *memory)
{
    const struct id *client = &t->w->task.client;
    struct doc_key *key = NULL;
    uint32_t told = 0;
    enum rc rc = RC_OK;

    if (memory->count > 0 && memory->wrapped_size > 0)
        rc = told_memory_key(t->desk->keys, client, memory, &key);
    for (uint32_t i = 0; key != NULL && i < memory->count && rc != RC_NOMEM; i++)
        if ((rc = told_layout(key, &memory->rows[i], t->arena, &t->inputs[t->count])) == RC_OK) {
            t->count++;
            told++;
        }
    doc_key_free(key);
    t->how[DESK_TOLD_MEMORY] = told == 0 && t->then != NULL && t->then->memory_slot != 0 ? DESK_TOLD_GONE
                               : told == 0                                            ? DESK_TOLD_NOTHING
                               : t->then != NULL                                      ? DESK_TOLD_THEN
                                                                                      : DESK_TOLD_TODAY;
    /* As in the step: who has no memory that opens does without. */
    if (rc == RC_SEAL || rc == RC_INPUT)
        log_event(LOG_WARN, "memory.unopened", LOG_ID("document", t->w->task.document.b), LOG_RC(rc));
    return rc == RC_SEAL || rc == RC_INPUT ? RC_OK : rc;
}

static enum rc
tell_witnesses(struct telling *t, const struct witness_row *rows, uint32_t count)
{
    const struct review_task *task = &t->w->task;
    uint32_t were = t->then != NULL ? t->then->witnesses : count;

    for (uint32_t i = 0; i < count; i++) {
        enum rc rc = told_witness(t->desk->keys, &task->client, &task->file, t->w->file_key, &rows[i], i, t->arena,
                                  &t->inputs[t->count]);

        if (rc != RC_OK)
            return rc;
        t->count++;
    }
    t->how[DESK_TOLD_WITNESSES] = were == 0         ? DESK_TOLD_NOTHING
                                  : count < were    ? DESK_TOLD_GONE
                                  : t->then != NULL ? DESK_TOLD_THEN
                                                    : DESK_TOLD_TODAY;
    return RC_OK;
}

enum rc
replay_inputs(struct desk *desk, struct work *w, const struct bytes *pages, struct arena *arena,
              struct cell_input **out, uint32_t *count, uint8_t how[DESK_TOLD_KINDS])
{
    struct telling t = { .desk = desk, .w = w, .arena = arena, .how = how };
    struct replay_told then;
    struct memory_told memory;
    struct witness_row *witnesses;
    uint32_t witness_count;
    enum rc rc = store_replay_told(desk->db, &w->task, &then);

    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    t.then = rc == RC_OK ? &then : NULL;
    if ((rc = store_replay_memory(desk->db, &w->task, arena, &memory)) != RC_OK ||
        (rc = store_replay_witnesses(desk->db, &w->task, arena, &witnesses, &witness_count)) != RC_OK)
        return rc;
    t.inputs = arena_array(arena, (size_t)w->page_count + memory.count + witness_count + 2, sizeof *t.inputs);
    if (t.inputs == NULL)
        return RC_NOMEM;
    for (uint32_t p = 0; p < w->page_count; p++)
        t.inputs[t.count++] = (struct cell_input){ ARTIFACT_READING, p, -1, pages[p] };
    if ((rc = tell_witnesses(&t, witnesses, witness_count)) != RC_OK ||
        (rc = tell_sealed(&t, ARTIFACT_PARTIES, t.then == NULL || then.parties_version > 0,
                          &how[DESK_TOLD_PARTIES])) != RC_OK ||
        (rc = tell_memory(&t, &memory)) != RC_OK ||
        (rc = tell_sealed(&t, ARTIFACT_TERMS, false, &how[DESK_TOLD_TERMS])) != RC_OK)
        return rc;
    *out = t.inputs;
    *count = t.count;
    return RC_OK;
}
