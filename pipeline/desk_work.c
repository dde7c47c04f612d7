/*
 * desk_work.c - the document that a person holds: taken under a lease, opened with its keys,
 * listed as items, and wiped when it goes.
 */
#include "desk.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ipc.h"
#include "base/log.h"
#include "sys/vault.h"

#define WORK_ARENA (24u << 20)
#define RENEW_MS 60000

/* ---- opening and closing ---- */

static void
work_free(struct work *w)
{
    if (w == NULL)
        return;
    doc_key_free(w->document_key);
    doc_key_free(w->file_key);
    arena_free(w->arena);
    if (w->original >= 0)
        close(w->original);
    if (w->raster >= 0)
        close(w->raster);
    bytes_wipe(w, sizeof *w);
    free(w);
}

void
work_end(struct desk *desk, struct session *s, bool give_back)
{
    enum rc rc = RC_OK;

    if (s->work == NULL)
        return;
    if (give_back)
        rc = store_review_leave(desk->db, &s->work->task);
    log_event(LOG_INFO, "desk.closed", LOG_ID("document", s->work->task.document.b), LOG_INT("given_back", give_back),
              LOG_RC(rc));
    work_free(s->work);
    s->work = NULL;
    s->prefetch = false;
    crop_forget(s);
}

enum rc
work_renew(struct desk *desk, struct session *s)
{
    enum rc rc;

    if (s->work == NULL || clock_ms() - s->work->renewed_ms < RENEW_MS)
        return RC_OK;
    rc = store_review_renew(desk->db, &s->work->task, desk->in.review_seconds);
    if (rc == RC_OK)
        s->work->renewed_ms = clock_ms();
    return rc;
}

/* An artifact of the document or of its file, opened into the work's arena. RC_NOT_FOUND: there is none. */
static enum rc
open_artifact(struct desk *desk, struct work *w, enum artifact_kind kind, struct bytes *out)
{
    struct seal_place place = { kind, 0, 0, 0, true };
    bool of_document = kind == ARTIFACT_FIELDS || kind == ARTIFACT_ORDER;
    struct bytes sealed;
    enum rc rc = store_review_load(desk->db, &w->task, kind, 0, w->arena, &sealed);

    if (rc != RC_OK)
        return rc;
    if (of_document)
        place.generation = w->task.version;
    if (of_document && w->document_key == NULL)
        return RC_SEAL;
    return vault_open(of_document ? w->document_key : w->file_key, &place, sealed, w->arena, out);
}

/* The keys of the document and of its file. */
static enum rc
open_keys(struct desk *desk, struct work *w)
{
    const struct review_task *t = &w->task;
    enum rc rc = RC_OK;

    if (t->document_wrapped_size > 0)
        rc = keyclient_open_key(desk->keys, &t->client, &t->document, t->document_wrapped, t->document_wrapped_size,
                                &w->document_key);
    if (rc == RC_OK)
        rc = keyclient_open_key(desk->keys, &t->client, &t->file, t->file_wrapped, t->file_wrapped_size,
                                &w->file_key);
    return rc;
}

static enum rc
open_fields(struct desk *desk, struct work *w)
{
    struct bytes plain;
    enum rc rc = open_artifact(desk, w, ARTIFACT_FIELDS, &plain);

    if (rc == RC_OK)
        rc = fields_read(plain, w->arena, &w->fields);
    else if (rc == RC_NOT_FOUND)
        rc = (w->fields = arena_alloc(w->arena, sizeof *w->fields)) == NULL ? RC_NOMEM : RC_OK;
    if (rc != RC_OK)
        return rc;
    if (w->fields->form == NULL)
        w->fields->form = "";
    rc = open_artifact(desk, w, ARTIFACT_ORDER, &plain);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    return rc == RC_OK ? fields_read(plain, w->arena, &w->before) : rc;
}

static enum rc
work_open(struct desk *desk, struct work *w)
{
    enum rc rc;

    if ((w->arena = arena_new(WORK_ARENA)) == NULL)
        return RC_NOMEM;
    if ((rc = open_keys(desk, w)) != RC_OK || (rc = open_fields(desk, w)) != RC_OK)
        return rc;
    if ((rc = store_review_pages(desk->db, &w->task, w->arena, &w->pages, &w->page_count)) != RC_OK)
        return rc;
    w->places = arena_array(w->arena, w->page_count + 1, sizeof *w->places);
    if (w->places == NULL)
        return RC_NOMEM;
    return work_items(w, forms_find(desk->forms, w->fields->form), false);
}

static enum word_id
word_of(enum rc rc)
{
    switch (rc) {
    case RC_NOT_FOUND: return W_D_NONE_WAITING;
    case RC_DENIED: return W_D_NOT_ALLOWED;
    case RC_LOST:
    case RC_BUSY: return W_D_NOT_WAITING;
    case RC_SEAL:
    case RC_INPUT: return W_D_KEYS;
    default: return W_D_DATABASE;
    }
}

enum rc
work_take(struct desk *desk, struct session *s, const struct id *id, enum word_id *why)
{
    struct work *w = calloc(1, sizeof *w);
    enum rc rc;

    if (w == NULL)
        return RC_NOMEM;
    w->original = w->raster = -1;
    rc = store_review_take(desk->db, &s->person.id, id, desk->in.review_seconds, &w->task);
    if (rc != RC_OK) {
        *why = id != NULL && rc == RC_NOT_FOUND ? W_D_NOT_WAITING : word_of(rc);
        log_event(LOG_INFO, "desk.not_taken", LOG_ID("person", s->person.id.b), LOG_RC(rc),
                  LOG_WORD("sqlstate", db_sqlstate(desk->db)));
        work_free(w);
        return rc;
    }
    w->renewed_ms = clock_ms();
    w->person = s->person.id;
    s->work = w;
    if ((w->task.reason == REASON_DUPLICATE_OF &&
         (rc = store_review_twin(desk->db, &w->task, &w->twin)) != RC_OK) ||
        (rc = work_open(desk, w)) != RC_OK) {
        log_event(LOG_ERROR, "desk.unopened", LOG_ID("document", w->task.document.b), LOG_RC(rc));
        *why = rc == RC_DB || rc == RC_NOMEM ? W_D_DATABASE : W_D_KEYS;
        work_end(desk, s, true);
        return rc;
    }
    s->prefetch = true;
    log_event(LOG_INFO, "desk.taken", LOG_ID("document", w->task.document.b), LOG_ID("person", s->person.id.b),
              LOG_INT("items", w->count));
    return RC_OK;
}

enum rc
work_look(struct desk *desk, struct session *s, const struct id *low, const struct id *high, enum word_id *why)
{
    struct work *w = calloc(1, sizeof *w);
    enum rc rc;

    if (w == NULL)
        return RC_NOMEM;
    w->original = w->raster = -1;
    rc = store_replay_take(desk->db, &s->person.id, low, high, desk->in.review_seconds, &w->task);
    if (rc == RC_OK && strcmp(w->task.state, "erased") == 0)
        rc = RC_LIMIT;
    if (rc != RC_OK) {
        *why = rc == RC_NOT_FOUND ? W_R_NONE : rc == RC_EXISTS ? W_R_MORE : rc == RC_LIMIT ? W_R_ERASED : word_of(rc);
        log_event(LOG_INFO, "desk.not_looked", LOG_ID("person", s->person.id.b), LOG_RC(rc),
                  LOG_WORD("sqlstate", db_sqlstate(desk->db)));
        work_free(w);
        return rc == RC_LIMIT ? RC_NOT_FOUND : rc;
    }
    w->renewed_ms = clock_ms();
    w->person = s->person.id;
    s->work = w;
    if ((rc = work_open(desk, w)) != RC_OK) {
        log_event(LOG_ERROR, "desk.unopened", LOG_ID("document", w->task.document.b), LOG_RC(rc));
        *why = rc == RC_DB || rc == RC_NOMEM ? W_D_DATABASE : W_D_KEYS;
        work_end(desk, s, true);
        return rc;
    }
    log_event(LOG_INFO, "desk.looked", LOG_ID("document", w->task.document.b), LOG_ID("person", s->person.id.b));
    return RC_OK;
}

enum rc
work_source(struct desk *desk, struct work *w)
{
    int fd;
    enum rc rc = RC_OK;

    if (w->recipe == NULL) {
        if ((rc = open_artifact(desk, w, ARTIFACT_RECIPE, &w->recipe_bytes)) != RC_OK ||
            (rc = recipe_read(w->recipe_bytes, w->arena, &w->recipe)) != RC_OK)
            return rc;
    }
    if (w->original >= 0)
        return RC_OK;
    if ((fd = memfd_create("original", MFD_CLOEXEC | MFD_ALLOW_SEALING)) < 0)
        return RC_NOMEM;
    /* Part by part, so that a file of many megabytes never lies whole in our memory. */
    for (uint32_t part = 0; rc == RC_OK; part++) {
        struct arena *arena = arena_new(4u * VAULT_PART);
        struct seal_place place = { ARTIFACT_ORIGINAL, 0, 0, part, false };
        struct bytes sealed;
        struct bytes plain;

        if (arena == NULL) {
            rc = RC_NOMEM;
            break;
        }
        rc = store_review_load_part(desk->db, &w->task, part, arena, &sealed);
        /* Only the part sealed as the last one ends the file; a missing one has been taken away. */
        if (rc == RC_NOT_FOUND && part > 0)
            rc = RC_SEAL;
        if (rc == RC_OK && vault_open(w->file_key, &place, sealed, arena, &plain) != RC_OK) {
            place.last = true;
            rc = vault_open(w->file_key, &place, sealed, arena, &plain);
        }
        if (rc == RC_OK)
            rc = ipc_write_all(fd, plain.data, plain.size);
        arena_free(arena);
        if (rc == RC_OK && place.last)
            break;
    }
    if (rc != RC_OK) {
        close(fd);
        return rc;
    }
    w->original = fd;
    return RC_OK;
}
