/* store_told.c - what a document step is told beside its pages: for it, kept with what it made, for a look back. */
#include "store_internal.h"

/* One row a layout, the first with the key: work.memory_load. */
static enum rc
memory_rows(struct db *db, const char *sql, const struct db_param *p, int count, struct arena *arena,
            struct memory_told *out)
{
    struct db_result *r = NULL;
    enum rc rc = db_query(db, sql, p, count, &r);

    if (rc != RC_OK)
        return rc;
    memset(out, 0, sizeof *out);
    if (db_rows(r) == 0 || db_int(r, 0, 0) != 0 || !db_id(r, 0, 2, &out->memory)) {
        rc = RC_LOST;
        goto out;
    }
    out->next_slot = (uint32_t)db_int(r, 0, 1);
    if (!db_is_null(r, 0, 3))
        store_copy_wrapped(r, 0, 3, out->wrapped, &out->wrapped_size);
    if ((out->rows = arena_array(arena, (size_t)db_rows(r), sizeof *out->rows)) == NULL) {
        rc = RC_NOMEM;
        goto out;
    }
    for (int i = 1; i < db_rows(r); i++) {
        struct bytes sealed = db_bytes(r, i, 4);
        struct memory_row *row = &out->rows[out->count++];

        row->slot = (uint32_t)db_int(r, i, 0);
        row->version = (uint32_t)db_int(r, i, 1);
        row->sealed = bytes_of(arena_copy(arena, sealed.data, sealed.size), sealed.size);
        if (row->sealed.data == NULL) {
            rc = RC_NOMEM;
            goto out;
        }
    }
out:
    db_result_free(r);
    return rc;
}

static enum rc
witness_rows(struct db *db, const char *sql, const struct db_param *p, int params, struct arena *arena,
             struct witness_row **out, uint32_t *count)
{
    struct witness_row *rows;
    struct db_result *r = NULL;
    enum rc rc = db_query(db, sql, p, params, &r);

    if (rc != RC_OK)
        return rc;
    *count = 0;
    if ((rows = arena_array(arena, (size_t)db_rows(r) + 1, sizeof *rows)) == NULL)
        rc = RC_NOMEM;
    for (int i = 0; rc == RC_OK && i < db_rows(r); i++) {
        struct witness_row *row = &rows[*count];
        struct bytes sealed = db_bytes(r, i, 2);
        char *copy;

        if (db_bool(r, i, 3)) {
            rc = RC_BUSY;
            break;
        }
        db_id(r, i, 0, &row->file);
        store_copy_wrapped(r, i, 1, row->wrapped, &row->wrapped_size);
        if ((copy = arena_copy(arena, sealed.data, sealed.size)) == NULL)
            rc = RC_NOMEM;
        row->sealed = bytes_of(copy, sealed.size);
        (*count)++;
    }
    *out = rows;
    db_result_free(r);
    return rc;
}

enum rc
store_memory(struct db *db, const struct claim *c, struct arena *arena, struct memory_told *out)
{
    const struct db_param p[] = { DB_P_ID(&c->client), DB_P_ID(&c->document), DB_P_INT(c->token) };

    return memory_rows(db, "SELECT slot, version, memory_id, wrapped, sealed FROM work.memory_load($1, $2, $3)", p,
                       COUNT_OF(p), arena, out);
}

enum rc
store_replay_memory(struct db *db, const struct review_task *t, struct arena *arena, struct memory_told *out)
{
    const struct db_param p[] = { DB_P_ID(&t->client), DB_P_ID(&t->document), DB_P_INT(t->token) };

    return memory_rows(db, "SELECT slot, version, memory_id, wrapped, sealed FROM work.replay_memory($1, $2, $3)", p,
                       COUNT_OF(p), arena, out);
}

enum rc
store_witnesses(struct db *db, const struct claim *c, struct arena *arena, struct witness_row **out, uint32_t *count)
{
    const struct db_param p[] = { STEP_PARAMS(c) };

    return witness_rows(db,
                        "SELECT file_id, wrapped, sealed, waits"
                        "  FROM work.load_witnesses($1, $2, $3::int, $4::int, $5)",
                        p, COUNT_OF(p), arena, out, count);
}

enum rc
store_replay_witnesses(struct db *db, const struct review_task *t, struct arena *arena, struct witness_row **out,
                       uint32_t *count)
{
    const struct db_param p[] = { DB_P_ID(&t->client), DB_P_ID(&t->document), DB_P_INT(t->token) };

    return witness_rows(db, "SELECT file_id, wrapped, sealed, waits FROM work.replay_witnesses($1, $2, $3)", p,
                        COUNT_OF(p), arena, out, count);
}

enum rc
store_replay_told(struct db *db, const struct review_task *t, struct replay_told *out)
{
    const struct db_param p[] = { DB_P_ID(&t->client), DB_P_ID(&t->document), DB_P_INT(t->token) };
    struct db_result *r = NULL;
    enum rc rc = db_query(db,
                          "SELECT memory_slot, memory_version, parties, witnesses FROM work.replay_told($1, $2, $3)",
                          p, COUNT_OF(p), &r);

    if (rc != RC_OK)
        return rc;
    if (db_rows(r) == 1)
        *out = (struct replay_told){ (uint32_t)db_int(r, 0, 0), (uint32_t)db_int(r, 0, 1), (uint32_t)db_int(r, 0, 2),
                                     (uint32_t)db_int(r, 0, 3) };
    else
        rc = RC_NOT_FOUND;
    db_result_free(r);
    return rc;
}

enum rc
store_document_told(struct db *db, const struct claim *c, const struct document_told *told)
{
    struct arena *arena = arena_new(1u << 16);
    struct id *files = NULL;
    enum rc rc = RC_NOMEM;

    if (arena == NULL || (files = arena_array(arena, told->witness_count + 1u, sizeof *files)) == NULL)
        goto out;
    for (uint32_t i = 0; i < told->witness_count; i++)
        files[i] = told->witnesses[i].file;
    const struct db_param p[] = {
        DB_P_ID(&c->client),              DB_P_ID(&c->document),          DB_P_INT(c->token),
        DB_P_INT(told->memory_slot),      DB_P_INT(told->memory_version), DB_P_INT(told->parties_version),
        maybe_bytes(told->sealed_parties), db_id_list(arena, files, told->witness_count),
    };

    rc = db_run(db, "SELECT work.document_told($1, $2, $3, $4::int, $5::int, $6::int, $7::bytea, $8)", p, COUNT_OF(p));
out:
    arena_free(arena);
    return rc;
}
