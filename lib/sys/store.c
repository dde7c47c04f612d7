/* store.c - the door's side of the database: admitting files, batches; and publishing to clients. */
#include "sys/store.h"

#include <stdio.h>

#include "store_internal.h"

enum rc
store_one_bytes(struct db *db, const char *sql, const struct db_param *params, int count, struct arena *arena,
                struct bytes *out)
{
    struct db_result *r = NULL;
    enum rc rc = db_query(db, sql, params, count, &r);

    if (rc != RC_OK)
        return rc;
    if (db_rows(r) == 0 || db_is_null(r, 0, 0)) {
        rc = RC_NOT_FOUND;
    } else {
        struct bytes got = db_bytes(r, 0, 0);
        char *copy = arena_copy(arena, got.data, got.size);

        *out = bytes_of(copy, got.size);
        rc = copy != NULL ? RC_OK : RC_NOMEM;
    }
    db_result_free(r);
    return rc;
}

enum rc
store_integers(struct db *db, const char *sql, const struct db_param *params, int count, struct arena *arena,
               uint32_t **out, uint32_t *n)
{
    struct db_result *r = NULL;
    uint32_t *list;
    enum rc rc = db_query(db, sql, params, count, &r);

    if (rc != RC_OK)
        return rc;
    list = arena_array(arena, (size_t)db_rows(r) + 1, sizeof *list);
    if (list == NULL) {
        rc = RC_NOMEM;
    } else {
        for (int i = 0; i < db_rows(r); i++)
            list[i] = (uint32_t)db_int(r, i, 0);
        *out = list;
        *n = (uint32_t)db_rows(r);
    }
    db_result_free(r);
    return rc;
}

void
store_copy_wrapped(const struct db_result *r, int row, int col, uint8_t out[WRAPPED_KEY_MAX], size_t *size)
{
    struct bytes b = db_bytes(r, row, col);

    *size = db_is_null(r, row, col) || b.size > WRAPPED_KEY_MAX ? 0 : b.size;
    memset(out, 0, WRAPPED_KEY_MAX);
    memcpy(out, b.data, *size);
}

void
store_copy_text(const struct db_result *r, int row, int col, char *out, size_t room)
{
    snprintf(out, room, "%s", db_text(r, row, col));
}

static bool
is_zero(const uint8_t tag[32])
{
    static const uint8_t zero[32];

    return memcmp(tag, zero, sizeof zero) == 0;
}

static enum rc
send_parts(struct db *db, const struct id *client, const struct id *file, store_next_part *next, void *from)
{
    struct bytes part;
    int64_t n = 0;
    enum rc rc;

    while ((rc = next(from, &part)) == RC_OK) {
        const struct db_param p[] = { DB_P_ID(client), DB_P_ID(file), DB_P_INT(n), DB_P_BYTES(part) };

        if ((rc = db_run(db, "SELECT work.admit_part($1, $2, $3::int, $4)", p, COUNT_OF(p))) != RC_OK)
            return rc;
        n++;
    }
    if (rc != RC_NOT_FOUND)
        return rc;
    const struct db_param p[] = { DB_P_ID(client), DB_P_ID(file), DB_P_INT(n) };

    return db_run(db, "SELECT work.admit_done($1, $2, $3::int)", p, COUNT_OF(p));
}

enum rc
store_admit(struct db *db, const struct admit *a, store_next_part *next, void *from, enum admit_answer *answer,
            struct id *batch)
{
    const struct db_param p[] = {
        DB_P_ID(&a->client),       DB_P_ID(&a->file),        DB_P_TEXT(a->stream),
        DB_P_TEXT(a->batch),       tag_param(a->content_tag), tag_param(a->name_tag),
        is_zero(a->source_tag) ? DB_P_NULL : tag_param(a->source_tag),
        DB_P_BYTES(a->name),       DB_P_INT(a->size),        DB_P_INT(a->sealed_size),
        DB_P_BOOL(a->is_manifest), DB_P_BYTES(bytes_of(a->wrapped, a->wrapped_size)),
        is_zero(a->stem_tag) ? DB_P_NULL : tag_param(a->stem_tag), DB_P_BOOL(a->is_companion),
    };
    struct db_result *r = NULL;
    bool already;
    enum rc rc;

    if ((rc = db_begin(db)) != RC_OK)
        return rc;
    rc = db_query(db,
                  "SELECT answer, batch_id, already FROM work.admit($1, $2, $3, $4, $5, $6, $7::bytea, $8, $9, "
                  "$10, $11, $12, $13::bytea, $14)",
                  p, COUNT_OF(p), &r);
    if (rc != RC_OK || db_rows(r) != 1)
        goto out;
    *answer = (enum admit_answer)db_int(r, 0, 0);
    db_id(r, 0, 1, batch);
    already = db_bool(r, 0, 2);
    if (*answer == ADMIT_TAKEN && !already)
        rc = send_parts(db, &a->client, &a->file, next, from);
    if (rc == RC_OK)
        rc = db_commit(db);
out:
    db_result_free(r);
    if (rc != RC_OK)
        db_rollback(db);
    return rc;
}

enum rc
store_hot_folders(struct db *db, struct arena *arena, struct hot_folder **out, uint32_t *count)
{
    struct db_result *r = NULL;
    struct hot_folder *list;
    enum rc rc = db_query(db, "SELECT client_id, client, stream, state FROM work.hot_folders()", NULL, 0, &r);

    if (rc != RC_OK)
        return rc;
    if ((list = arena_array(arena, (size_t)db_rows(r) + 1, sizeof *list)) == NULL)
        rc = RC_NOMEM;
    for (int i = 0; rc == RC_OK && i < db_rows(r); i++) {
        db_id(r, i, 0, &list[i].client);
        list[i].name = arena_str(arena, db_text(r, i, 1));
        list[i].stream = arena_str(arena, db_text(r, i, 2));
        list[i].paused = strcmp(db_text(r, i, 3), "active") != 0;
        if (list[i].name == NULL || list[i].stream == NULL)
            rc = RC_NOMEM;
    }
    if (rc == RC_OK) {
        *out = list;
        *count = (uint32_t)db_rows(r);
    }
    db_result_free(r);
    return rc;
}

enum rc
store_batch_done(struct db *db, const struct id *client, const char *stream, const char *batch, bool *closed)
{
    const struct db_param p[] = { DB_P_ID(client), DB_P_TEXT(stream), DB_P_TEXT(batch) };
    struct db_result *r = NULL;
    enum rc rc = db_query(db, "SELECT work.batch_done($1, $2, $3)", p, COUNT_OF(p), &r);

    if (rc == RC_OK)
        *closed = db_bool(r, 0, 0);
    db_result_free(r);
    return rc;
}

enum rc
store_tick(struct db *db, uint32_t *closed)
{
    struct db_result *r = NULL;
    enum rc rc = db_query(db, "SELECT work.tick()", NULL, 0, &r);

    if (rc == RC_OK)
        *closed = (uint32_t)db_int(r, 0, 0);
    db_result_free(r);
    return rc;
}

/* ---- the delivery database ---------------------------------------------------------------- */

enum rc
store_publish(struct db *delivery, const struct publication *p, int64_t *seq, uint8_t digest[32])
{
    const struct db_param params[] = {
        DB_P_ID(&p->client),  DB_P_ID(&p->document), DB_P_INT(p->version),    DB_P_ID(&p->batch),
        DB_P_TEXT(p->kind),   DB_P_TEXT(p->form),    DB_P_BYTES(p->payload), tag_param(p->digest),
    };
    struct db_result *r = NULL;
    enum rc rc = db_query(delivery, "SELECT seq, digest FROM delivery.publish($1, $2, $3::int, $4, $5, $6, $7, $8)",
                          params, COUNT_OF(params), &r);

    if (rc != RC_OK)
        return rc;
    if (db_rows(r) == 1 && db_bytes(r, 0, 1).size == 32) {
        *seq = db_int(r, 0, 0);
        memcpy(digest, db_bytes(r, 0, 1).data, 32);
    } else {
        rc = RC_DB;
    }
    db_result_free(r);
    return rc;
}

enum rc
store_client_role(struct db *delivery, const struct id *client, const char *password, uint32_t retention_days,
                  char role[32])
{
    struct arena *arena = arena_new(65536);
    struct db_result *r = NULL;
    char *verifier = NULL;
    enum rc rc = RC_NOMEM;

    if (arena == NULL)
        return rc;
    if ((rc = db_scram(delivery, "client", password, arena, &verifier)) != RC_OK)
        goto out;
    const struct db_param p[] = { DB_P_ID(client), DB_P_TEXT(verifier), DB_P_INT(retention_days) };

    rc = db_query(delivery, "SELECT delivery.client_add($1, $2, $3::int)", p, COUNT_OF(p), &r);
    if (rc == RC_OK)
        store_copy_text(r, 0, 0, role, 32);
out:
    db_result_free(r);
    arena_free(arena);
    return rc;
}
