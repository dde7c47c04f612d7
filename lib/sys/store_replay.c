/* store_replay.c - what the desk reads for a person who looks back at how a value came about. */
#include "store_internal.h"

#define TASK_PARAMS(t) DB_P_ID(&(t)->client), DB_P_ID(&(t)->document), DB_P_INT((t)->token)

enum rc
store_replay_take(struct db *db, const struct id *person, const struct id *low, const struct id *high,
                  uint32_t lease_seconds, struct review_task *out)
{
    static const char sql[] = "SELECT token, client_id, document_id, file_id, version, pages, form, reason,"
                              " file_wrapped, document_wrapped, state, hint, changed_at"
                              " FROM work.replay_take($1, $2, $3, $4::int)";
    const struct db_param p[] = { DB_P_ID(person), DB_P_ID(low), DB_P_ID(high), DB_P_INT(lease_seconds) };
    struct db_result *r = NULL;
    enum rc rc = db_query(db, sql, p, COUNT_OF(p), &r);

    if (rc != RC_OK)
        return rc;
    if (db_rows(r) != 1) {
        rc = RC_NOT_FOUND;
    } else {
        memset(out, 0, sizeof *out);
        out->replay = true;
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
        store_copy_text(r, 0, 10, out->state, sizeof out->state);
        store_copy_text(r, 0, 11, out->hint, sizeof out->hint);
        out->changed = db_int(r, 0, 12);
    }
    db_result_free(r);
    return rc;
}

enum rc
store_replay_renew(struct db *db, const struct review_task *t, uint32_t lease_seconds)
{
    const struct db_param p[] = { TASK_PARAMS(t), DB_P_INT(lease_seconds) };

    return db_run(db, "SELECT work.replay_renew($1, $2, $3, $4::int)", p, COUNT_OF(p));
}

enum rc
store_replay_leave(struct db *db, const struct review_task *t)
{
    const struct db_param p[] = { TASK_PARAMS(t) };

    return db_run(db, "SELECT work.replay_leave($1, $2, $3)", p, COUNT_OF(p));
}

enum rc
store_replay_saw(struct db *db, const struct id *person, const struct review_task *t, const char *field,
                 const char *const *apart, uint32_t apart_count, struct arena *arena)
{
    const struct db_param p[] = { DB_P_ID(person), TASK_PARAMS(t), DB_P_TEXT(field),
                                  db_text_list(arena, apart, apart_count) };

    return db_run(db, "SELECT work.replay_saw($1, $2, $3, $4, $5, $6)", p, COUNT_OF(p));
}

enum rc
store_replay_load(struct db *db, const struct review_task *t, enum artifact_kind kind, uint32_t page, uint32_t version,
                  struct arena *arena, struct bytes *out)
{
    const struct db_param p[] = { TASK_PARAMS(t), DB_P_INT(kind), DB_P_INT(page), DB_P_INT(version) };

    return store_one_bytes(db, "SELECT work.replay_load($1, $2, $3, $4::int, $5::int, $6::int)", p, COUNT_OF(p), arena,
                           out);
}

enum rc
store_replay_load_part(struct db *db, const struct review_task *t, uint32_t part, struct arena *arena,
                       struct bytes *out)
{
    const struct db_param p[] = { TASK_PARAMS(t), DB_P_INT(part) };

    return store_one_bytes(db, "SELECT work.replay_load_part($1, $2, $3, $4::int)", p, COUNT_OF(p), arena, out);
}

enum rc
store_replay_pages(struct db *db, const struct review_task *t, struct arena *arena, uint32_t **pages, uint32_t *count)
{
    const struct db_param p[] = { TASK_PARAMS(t) };

    return store_integers(db, "SELECT file_page FROM work.replay_pages($1, $2, $3)", p, COUNT_OF(p), arena, pages,
                          count);
}

enum rc
store_replay_sent(struct db *db, const struct review_task *t, struct arena *arena, struct replay_sent **out,
                  uint32_t *count)
{
    const struct db_param p[] = { TASK_PARAMS(t) };
    struct db_result *r = NULL;
    struct replay_sent *list;
    enum rc rc = db_query(db, "SELECT version, kind, seq, at FROM work.replay_sent($1, $2, $3)", p, COUNT_OF(p), &r);

    if (rc != RC_OK)
        return rc;
    if ((list = arena_array(arena, (size_t)db_rows(r) + 1, sizeof *list)) == NULL)
        rc = RC_NOMEM;
    for (int i = 0; rc == RC_OK && i < db_rows(r); i++)
        list[i] = (struct replay_sent){ .version = (uint32_t)db_int(r, i, 0),
                                        .refusal = strcmp(db_text(r, i, 1), "refusal") == 0,
                                        .seq = db_int(r, i, 2), .at = db_int(r, i, 3) };
    if (rc == RC_OK) {
        *out = list;
        *count = (uint32_t)db_rows(r);
    }
    db_result_free(r);
    return rc;
}

enum rc
store_replay_persons(struct db *db, const struct review_task *t, struct arena *arena, struct replay_person **out,
                     uint32_t *count)
{
    const struct db_param p[] = { TASK_PARAMS(t) };
    struct db_result *r = NULL;
    struct replay_person *list;
    enum rc rc = db_query(db, "SELECT person_id, system_user FROM work.replay_persons($1, $2, $3)", p, COUNT_OF(p), &r);

    if (rc != RC_OK)
        return rc;
    if ((list = arena_array(arena, (size_t)db_rows(r) + 1, sizeof *list)) == NULL)
        rc = RC_NOMEM;
    for (int i = 0; rc == RC_OK && i < db_rows(r); i++) {
        db_id(r, i, 0, &list[i].id);
        if ((list[i].name = arena_str(arena, db_text(r, i, 1))) == NULL)
            rc = RC_NOMEM;
    }
    if (rc == RC_OK) {
        *out = list;
        *count = (uint32_t)db_rows(r);
    }
    db_result_free(r);
    return rc;
}
