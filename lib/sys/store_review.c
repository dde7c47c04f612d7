/* store_review.c - what the desk reads and writes for one person at a time. */
#include "store_internal.h"

enum rc
store_person(struct db *db, const char *system_user, struct person *out)
{
    const struct db_param p[] = { DB_P_TEXT(system_user) };
    struct db_result *r = NULL;
    enum rc rc = db_query(db, "SELECT person_id, name, role, language, clearance FROM work.person_of($1)", p,
                          COUNT_OF(p), &r);

    if (rc != RC_OK)
        return rc;
    if (db_rows(r) != 1) {
        rc = RC_DENIED;
    } else {
        memset(out, 0, sizeof *out);
        db_id(r, 0, 0, &out->id);
        store_copy_text(r, 0, 1, out->name, sizeof out->name);
        store_copy_text(r, 0, 2, out->role, sizeof out->role);
        store_copy_text(r, 0, 3, out->language, sizeof out->language);
        out->clearance = (uint32_t)db_int(r, 0, 4);
    }
    db_result_free(r);
    return rc;
}

enum rc
store_review_take(struct db *db, const struct id *person, const struct id *document, uint32_t lease_seconds,
                  struct review_task *out)
{
    static const char sql[] = "SELECT token, client_id, document_id, file_id, version, pages, form, reason, "
                              "file_wrapped, document_wrapped,"
                              " deadline FROM work.review_take($1, $2, $3::int)";
    const struct db_param p[] = { DB_P_ID(person), DB_P_ID(document), DB_P_INT(lease_seconds) };
    struct db_result *r = NULL;
    enum rc rc = db_query(db, sql, p, COUNT_OF(p), &r);

    if (rc != RC_OK)
        return rc;
    if (db_rows(r) != 1) {
        rc = RC_NOT_FOUND;
    } else {
        memset(out, 0, sizeof *out);
        out->token = db_int(r, 0, 0);
        db_id(r, 0, 1, &out->client);
        db_id(r, 0, 2, &out->document);
        db_id(r, 0, 3, &out->file);
        out->version = (uint32_t)db_int(r, 0, 4);
        out->pages = (uint32_t)db_int(r, 0, 5);
        store_copy_text(r, 0, 6, out->form, sizeof out->form);
        out->reason = (enum reason)db_int(r, 0, 7);
        store_copy_wrapped(r, 0, 8, out->file_wrapped, &out->file_wrapped_size);
        store_copy_wrapped(r, 0, 9, out->document_wrapped, &out->document_wrapped_size);
        out->deadline = db_int(r, 0, 10);
    }
    db_result_free(r);
    return rc;
}

enum rc
store_review_list(struct db *db, const struct id *person, uint32_t most, struct arena *arena,
                  struct review_row **out, uint32_t *count)
{
    const struct db_param p[] = { DB_P_ID(person), DB_P_INT(most) };
    struct db_result *r = NULL;
    struct review_row *rows;
    enum rc rc = db_query(db,
                          "SELECT client_id, client, document_id, version, form, reason, pages, doubtful, deadline,"
                          " queued_at, taken FROM work.review_list($1, $2::int)",
                          p, COUNT_OF(p), &r);

    if (rc != RC_OK)
        return rc;
    if ((rows = arena_array(arena, (size_t)db_rows(r) + 1, sizeof *rows)) == NULL)
        rc = RC_NOMEM;
    for (int i = 0; rc == RC_OK && i < db_rows(r); i++) {
        db_id(r, i, 0, &rows[i].client);
        rows[i].client_name = arena_str(arena, db_text(r, i, 1));
        db_id(r, i, 2, &rows[i].document);
        rows[i].version = (uint32_t)db_int(r, i, 3);
        rows[i].form = arena_str(arena, db_text(r, i, 4));
        rows[i].reason = (enum reason)db_int(r, i, 5);
        rows[i].pages = (uint32_t)db_int(r, i, 6);
        rows[i].doubtful = (uint32_t)db_int(r, i, 7);
        rows[i].deadline = db_int(r, i, 8);
        rows[i].queued = db_int(r, i, 9);
        rows[i].taken = db_bool(r, i, 10);
        if (rows[i].client_name == NULL || rows[i].form == NULL)
            rc = RC_NOMEM;
    }
    if (rc == RC_OK) {
        *out = rows;
        *count = (uint32_t)db_rows(r);
    }
    db_result_free(r);
    return rc;
}

#define TASK_PARAMS(t) DB_P_ID(&(t)->client), DB_P_ID(&(t)->document), DB_P_INT((t)->token)

enum rc
store_review_renew(struct db *db, const struct review_task *t, uint32_t lease_seconds)
{
    const struct db_param p[] = { TASK_PARAMS(t), DB_P_INT(lease_seconds) };

    if (t->replay)
        return store_replay_renew(db, t, lease_seconds);
    return db_run(db, "SELECT work.review_renew($1, $2, $3, $4::int)", p, COUNT_OF(p));
}

enum rc
store_review_leave(struct db *db, const struct review_task *t)
{
    const struct db_param p[] = { TASK_PARAMS(t) };

    if (t->replay)
        return store_replay_leave(db, t);
    return db_run(db, "SELECT work.review_leave($1, $2, $3)", p, COUNT_OF(p));
}

enum rc
store_review_done(struct db *db, const struct id *person, const struct review_task *t, const struct review_order *o)
{
    const struct db_param p[] = { DB_P_ID(person), TASK_PARAMS(t), DB_P_BYTES(o->sealed), DB_P_INT(o->corrected),
                                  DB_P_INT(o->accepted) };
    enum rc rc = db_begin(db);

    if (rc == RC_OK)
        rc = store_review_judged(db, person, t, o->form, o->judged, o->judged_count);
    if (rc == RC_OK)
        rc = db_run(db, "SELECT work.review_done($1, $2, $3, $4, $5, $6::int, $7::int)", p, COUNT_OF(p));
    if (rc == RC_OK)
        rc = db_commit(db);
    if (rc != RC_OK)
        db_rollback(db);
    return rc;
}

enum rc
store_review_retype(struct db *db, const struct id *person, const struct review_task *t, const char *form,
                    struct bytes sealed_order)
{
    const struct db_param p[] = { DB_P_ID(person), TASK_PARAMS(t), DB_P_TEXT(form), maybe_bytes(sealed_order) };

    return db_run(db, "SELECT work.review_retype($1, $2, $3, $4, $5, $6::bytea)", p, COUNT_OF(p));
}

enum rc
store_review_reject(struct db *db, const struct id *person, const struct review_task *t, enum reason reason)
{
    const struct db_param p[] = { DB_P_ID(person), TASK_PARAMS(t), DB_P_INT(reason) };

    return db_run(db, "SELECT work.review_reject($1, $2, $3, $4, $5::int)", p, COUNT_OF(p));
}

enum rc
store_review_saw(struct db *db, const struct id *person, const struct review_task *t, const char *field)
{
    const struct db_param p[] = { DB_P_ID(person), TASK_PARAMS(t), DB_P_TEXT(field) };

    return db_run(db, "SELECT work.review_saw($1, $2, $3, $4, $5)", p, COUNT_OF(p));
}

enum rc
store_review_load(struct db *db, const struct review_task *t, enum artifact_kind kind, uint32_t page,
                  struct arena *arena, struct bytes *out)
{
    const struct db_param p[] = { TASK_PARAMS(t), DB_P_INT(kind), DB_P_INT(page) };

    if (t->replay)
        return store_replay_load(db, t, kind, page, 0, arena, out);
    return store_one_bytes(db, "SELECT work.review_load($1, $2, $3, $4::int, $5::int)", p, COUNT_OF(p), arena, out);
}

enum rc
store_review_load_part(struct db *db, const struct review_task *t, uint32_t part, struct arena *arena,
                       struct bytes *out)
{
    const struct db_param p[] = { TASK_PARAMS(t), DB_P_INT(part) };

    if (t->replay)
        return store_replay_load_part(db, t, part, arena, out);
    return store_one_bytes(db, "SELECT work.review_load_part($1, $2, $3, $4::int)", p, COUNT_OF(p), arena, out);
}

enum rc
store_review_pages(struct db *db, const struct review_task *t, struct arena *arena, uint32_t **pages,
                   uint32_t *count)
{
    const struct db_param p[] = { TASK_PARAMS(t) };

    if (t->replay)
        return store_replay_pages(db, t, arena, pages, count);
    return store_integers(db, "SELECT file_page FROM work.review_pages($1, $2, $3)", p, COUNT_OF(p), arena, pages,
                          count);
}
