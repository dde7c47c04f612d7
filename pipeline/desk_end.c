/* desk_end.c - how a document leaves a person: sent on, read again as another type, rejected, given back. */
#include "desk.h"

#include <string.h>

#include "base/log.h"
#include "sys/vault.h"

bool
session_skipped(const struct session *s, const struct id *id)
{
    for (uint32_t i = 0; i < s->skipped_count; i++)
        if (id_equal(&s->skipped[i], id))
            return true;
    return false;
}

static void
skip(struct session *s, const struct id *id)
{
    if (session_skipped(s, id))
        return;
    if (s->skipped_count == DESK_SKIPPED) {
        memmove(s->skipped, s->skipped + 1, (DESK_SKIPPED - 1) * sizeof *s->skipped);
        s->skipped_count--;
    }
    s->skipped[s->skipped_count++] = *id;
}

static void
answer_done(struct session *s, enum desk_end how, uint32_t accepted, uint32_t corrected)
{
    struct buffer body;

    buffer_init(&body, 64);
    desk_done_write(&body, &(struct desk_done){ (uint8_t)how, accepted, corrected });
    session_answer(s, DESK_IS_DONE, &body);
    buffer_done(&body);
}

/* Seal the order and hand the document back to the pipeline. */
static void
send_on(struct desk *desk, struct session *s, const char *form, enum desk_end how)
{
    struct work *w = s->work;
    struct arena *arena = arena_new(32u << 20);
    struct seal_place place = { ARTIFACT_ORDER, 0, w->task.version, 0, true };
    struct bytes plain;
    struct bytes sealed;
    struct review_order order = { .form = form };
    uint32_t accepted = 0;
    uint32_t corrected = 0;
    enum reason again;
    enum rc rc = RC_NOMEM;

    if (arena != NULL)
        rc = work_order(w, form, arena, &plain, &accepted, &corrected);
    if (rc == RC_OK)
        rc = w->document_key == NULL ? RC_SEAL : vault_seal(w->document_key, &place, plain, arena, &sealed);
    if (rc == RC_OK && how == DESK_END_RETYPED)
        rc = store_review_retype(desk->db, &s->person.id, &w->task, form, sealed);
    else if (rc == RC_OK && (rc = work_judged(w, arena, &order.judged, &order.judged_count)) == RC_OK) {
        order.sealed = sealed;
        order.corrected = corrected;
        order.accepted = accepted;
        again = work_unsettled(w);
        rc = again != REASON_NONE ? store_review_again(desk->db, &s->person.id, &w->task, again, &order)
                                  : store_review_done(desk->db, &s->person.id, &w->task, &order);
    }
    arena_free(arena);
    if (rc != RC_OK) {
        log_event(LOG_ERROR, "desk.not_sent", LOG_ID("document", w->task.document.b), LOG_RC(rc));
        session_refuse(s, rc, rc == RC_LOST ? W_D_LEASE : rc == RC_SEAL ? W_D_KEYS : W_D_DATABASE);
        if (rc == RC_LOST)
            work_end(desk, s, false);
        return;
    }
    log_event(LOG_INFO, "desk.sent", LOG_ID("document", w->task.document.b), LOG_ID("person", s->person.id.b),
              LOG_INT("accepted", accepted), LOG_INT("corrected", corrected));
    work_end(desk, s, false);
    answer_done(s, how, accepted, corrected);
}

void
answer_finish(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    (void)ask;
    if (s->work->form == NULL && s->work->count == 0) {
        session_refuse(s, RC_INPUT, W_TYPE_FIRST);
        return;
    }
    if (work_left(s) > 0) {
        session_refuse(s, RC_INPUT, W_D_LEFT_FLAGGED);
        return;
    }
    /* It may come back for somebody with more clearance; not to this person again. */
    for (uint32_t i = 0; i < s->work->count; i++)
        if (s->work->items[i].mark == DESK_FLAGGED) {
            skip(s, &s->work->task.document);
            break;
        }
    send_on(desk, s, s->work->form != NULL ? s->work->form->name : "", DESK_END_FINISHED);
}

void
answer_retype(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    const struct form *form = forms_find(desk->forms, ask->text);

    if (form == NULL) {
        session_refuse(s, RC_NOT_FOUND, W_D_NO_FORM);
        return;
    }
    crop_forget(s);
    /* Values said for another type do not belong to this one. */
    s->work->before = NULL;
    if (work_items(s->work, form, true) != RC_OK) {
        session_refuse(s, RC_NOMEM, W_D_FULL);
        return;
    }
    if (ask->flag == 0)
        send_on(desk, s, form->name, DESK_END_RETYPED);
    else
        answer_document(s);
}

void
answer_reject(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    enum rc rc;

    if (reason_row(ask->number)->class != CLASS_PERSON) {
        session_refuse(s, RC_INPUT, W_D_BROKEN);
        return;
    }
    rc = store_review_reject(desk->db, &s->person.id, &s->work->task, (enum reason)ask->number);
    if (rc != RC_OK) {
        session_refuse(s, rc, rc == RC_LOST ? W_D_LEASE : W_D_DATABASE);
        if (rc == RC_LOST)
            work_end(desk, s, false);
        return;
    }
    log_event(LOG_INFO, "desk.rejected", LOG_ID("document", s->work->task.document.b),
              LOG_ID("person", s->person.id.b), LOG_INT("reason", ask->number));
    work_end(desk, s, false);
    answer_done(s, DESK_END_REJECTED, 0, 0);
}

void
answer_leave(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    (void)ask;
    work_end(desk, s, true);
    answer_done(s, DESK_END_LEFT, 0, 0);
}

void
answer_skip(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    skip(s, &s->work->task.document);
    answer_leave(desk, s, ask);
}
