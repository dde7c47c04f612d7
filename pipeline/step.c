/*
 * step.c - what every step does: keys, sealed artifacts, the original, the cage.
 */
#include "step.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/ipc.h"
#include "base/log.h"

/* The sealed children of the largest archive, and what is opened beside them. */
#define STEP_ARENA_MAX ((size_t)1400 << 20)
#define PART_ARENA_MAX ((size_t)8 << 20)

/* A client that keyd does not know is our loss, not a fault of its documents. */
static enum rc
key_answer(struct step *s, enum rc rc)
{
    if (rc != RC_NOT_FOUND)
        return rc;
    s->no_keys = true;
    return RC_BUSY;
}

enum rc
step_file_key(struct step *s, struct doc_key **out)
{
    const struct claim *c = s->claim;
    enum rc rc = RC_OK;

    if (s->file_key == NULL)
        rc = keyclient_open_key(s->engine->keys, &c->client, &c->file, c->file_wrapped, c->file_wrapped_size,
                                &s->file_key);
    *out = s->file_key;
    return key_answer(s, rc);
}

enum rc
step_document_key(struct step *s, struct doc_key **out, bool *fresh, uint8_t wrapped[WRAPPED_KEY_MAX],
                  size_t *wrapped_size)
{
    const struct claim *c = s->claim;
    enum rc rc;

    *fresh = c->document_wrapped_size == 0;
    if (*fresh)
        rc = keyclient_new(s->engine->keys, &c->client, &c->document, &s->document_key, wrapped, wrapped_size);
    else
        rc = keyclient_open_key(s->engine->keys, &c->client, &c->document, c->document_wrapped,
                                c->document_wrapped_size, &s->document_key);
    *out = s->document_key;
    return key_answer(s, rc);
}

enum rc
step_load(struct step *s, const struct doc_key *key, const struct seal_place *place, struct bytes *out)
{
    struct bytes sealed;
    enum rc rc = store_load(s->engine->work, s->claim, place->kind, place->page, s->arena, &sealed);

    return rc == RC_OK ? vault_open(key, place, sealed, s->arena, out) : rc;
}

enum rc
step_seal(struct step *s, const struct doc_key *key, enum artifact_kind kind, uint32_t page, uint32_t generation,
          struct bytes plain, struct bytes *out)
{
    const struct seal_place place = { kind, page, generation, 0, true };

    return vault_seal(key, &place, plain, s->arena, out);
}

void
step_forget(struct engine *engine)
{
    if (engine->original.fd >= 0)
        close(engine->original.fd);
    engine->original = (struct original){ .fd = -1 };
}

/* Intake keeps no copy of what is larger than the limit; it leaves a note of 14 bytes. */
static enum reason
stub_reason(struct bytes plain)
{
    struct reader r = reader_from(plain);
    const uint8_t *magic = read_raw(&r, 4);
    uint16_t reason = read_u16(&r);

    (void)read_u64(&r);
    if (!reader_finished(&r) || memcmp(magic, STUB_MAGIC, 4) != 0)
        return REASON_NONE;
    switch (reason_row(reason)->class) {
    case CLASS_REJECT:
    case CLASS_LIMIT: return (enum reason)reason;
    default: return REASON_NONE;
    }
}

/*
 * Part after part into a memfd.  Which part is the last is known only when there is none after
 * it, and the seal says whether it was sealed as the last: a cut original does not open.
 */
static enum rc
original_read(struct step *s, const struct doc_key *key, int fd, uint64_t *size, enum reason *refused)
{
    struct arena *arenas[2] = { arena_new(PART_ARENA_MAX), arena_new(PART_ARENA_MAX) };
    struct bytes sealed[2], plain;
    enum rc rc = RC_NOMEM, next = RC_OK;

    if (arenas[0] == NULL || arenas[1] == NULL)
        goto out;
    if ((rc = store_load_part(s->engine->work, s->claim, 0, arenas[0], &sealed[0])) != RC_OK)
        goto out;
    for (uint32_t part = 0; next == RC_OK; part++) {
        unsigned this = part & 1, other = this ^ 1;
        struct seal_place place = { ARTIFACT_ORIGINAL, 0, 0, part, false };

        arena_reset(arenas[other]);
        next = store_load_part(s->engine->work, s->claim, part + 1, arenas[other], &sealed[other]);
        if (next != RC_OK && next != RC_NOT_FOUND) {
            rc = next;
            goto out;
        }
        place.last = next == RC_NOT_FOUND;
        if ((rc = vault_open(key, &place, sealed[this], arenas[this], &plain)) != RC_OK ||
            (rc = ipc_write_all(fd, plain.data, plain.size)) != RC_OK)
            goto out;
        if (part == 0 && place.last)
            *refused = stub_reason(plain);
        *size += plain.size;
    }
out:
    arena_free(arenas[0]);
    arena_free(arenas[1]);
    return rc;
}

enum rc
step_original(struct step *s)
{
    struct original *o = &s->engine->original, fresh = { .file = s->claim->file, .fd = -1 };
    struct doc_key *key;
    enum rc rc;

    if (o->fd >= 0 && id_equal(&o->file, &s->claim->file))
        return RC_OK;
    step_forget(s->engine);
    if ((rc = step_file_key(s, &key)) != RC_OK)
        return rc;
    if ((fresh.fd = memfd_create("original", MFD_CLOEXEC | MFD_ALLOW_SEALING)) < 0)
        return RC_NOMEM;
    if ((rc = original_read(s, key, fresh.fd, &fresh.size, &fresh.refused)) == RC_OK &&
        fcntl(fresh.fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
        rc = RC_IO;
    if (rc != RC_OK) {
        close(fresh.fd);
        return rc;
    }
    *o = fresh;
    return RC_OK;
}

enum rc
step_cell(struct step *s, const struct cell_call *call, struct cell_answer *answer)
{
    struct engine *e = s->engine;
    struct err err = { 0 };
    enum rc rc;

    if (e->cells == NULL && cell_host_start(NULL, e->in->forms, &e->cells, &err) != RC_OK) {
        e->cells = NULL;
        return RC_CONFIG;
    }
    rc = cell_run(e->cells, call, s->arena, answer);
    s->cpu_ms += answer->cpu_ms;
    if (answer->peak_kib > s->peak_kib)
        s->peak_kib = answer->peak_kib;
    if (cell_host_lost(e->cells)) {
        log_event(LOG_WARN, "cell.host.lost", LOG_RC(rc), LOG_WORD("stage", call->stage->name));
        cell_host_stop(e->cells);
        e->cells = NULL;
        s->reason = REASON_CELL_DIED;
        /* A host that does not answer in time was held up by this document; one that is gone may have been killed. */
        return rc == RC_TIMEOUT ? RC_KILLED : RC_BUSY;
    }
    if (rc == RC_OK)
        return RC_OK;
    /*
     * Any other code came out of the cage, and a cage may hold anybody: it may say something about
     * itself, but not that we have lost our claim or must stop.
     */
    s->reason = rc == RC_KILLED ? answer->result.reason : rc == RC_NOMEM ? REASON_MEMORY : REASON_CELL_DIED;
    if (rc != RC_KILLED)
        log_event(LOG_WARN, "cell.failed", LOG_RC(rc), LOG_WORD("stage", call->stage->name));
    return RC_KILLED;
}

enum rc
step_run(struct engine *engine, const struct claim *claim, struct step_end *end)
{
    static enum rc (*const kinds[])(struct step *) = {
        [UNIT_FILE] = step_file,
        [UNIT_PAGE] = step_page,
        [UNIT_DOCUMENT] = step_document,
        [UNIT_DELIVERY] = step_delivery,
    };
    struct step s = { .engine = engine, .claim = claim };
    enum rc rc = RC_BUG;

    memset(end, 0, sizeof *end);
    if ((unsigned)claim->unit >= COUNT_OF(kinds) || kinds[claim->unit] == NULL)
        return RC_BUG;
    if ((s.arena = arena_new(STEP_ARENA_MAX)) == NULL)
        return RC_NOMEM;
    rc = kinds[claim->unit](&s);
    *end = (struct step_end){ s.reason, s.no_keys, s.cpu_ms, s.peak_kib };
    doc_key_free(s.file_key);
    doc_key_free(s.document_key);
    doc_key_free(s.memory_key);
    arena_free(s.arena);
    return rc;
}
