/* store_claim.c - the queue, and what the holder of a step may read. */
#include "store_internal.h"

static void
take_row(const struct db_result *r, int i, struct claim *c)
{
    struct id object;

    memset(c, 0, sizeof *c);
    c->step = db_int(r, i, 0);
    c->token = db_int(r, i, 1);
    c->unit = (enum unit)db_int(r, i, 2);
    db_id(r, i, 3, &c->client);
    db_id(r, i, 4, &c->file);
    db_id(r, i, 5, &object);
    if (c->unit == UNIT_DOCUMENT || c->unit == UNIT_DELIVERY)
        c->document = object;
    c->version = (uint32_t)db_int(r, i, 6);
    c->page = (uint32_t)db_int(r, i, 7);
    c->pages = (uint32_t)db_int(r, i, 8);
    c->depth = (uint32_t)db_int(r, i, 9);
    c->attempts = (uint32_t)db_int(r, i, 10);
    c->is_manifest = db_bool(r, i, 11);
    store_copy_text(r, i, 12, c->hint, sizeof c->hint);
    store_copy_wrapped(r, i, 13, c->file_wrapped, &c->file_wrapped_size);
    store_copy_wrapped(r, i, 14, c->document_wrapped, &c->document_wrapped_size);
    c->refusal = (enum reason)db_int(r, i, 15);
    c->refusal_detail = (uint32_t)db_int(r, i, 16);
    db_id(r, i, 17, &c->batch);
    store_copy_text(r, i, 18, c->form, sizeof c->form);
}

enum rc
store_claim(struct db *db, const struct id *worker, unsigned mask, uint32_t count, uint32_t lease_seconds,
            struct claim *out, uint32_t *got)
{
    static const char sql[] = "SELECT step_id, token, unit, client_id, file_id, object_id, version, page, pages, "
                              "depth, attempts, is_manifest,"
                              " hint, file_wrapped, document_wrapped, reason, detail, batch_id, form FROM "
                              "work.claim($1, $2::int[], $3::int, $4::int)";
    struct arena *arena = arena_new(4096);
    struct db_result *r = NULL;
    int64_t units[4];
    size_t n = 0;
    enum rc rc;

    *got = 0;
    if (arena == NULL)
        return RC_NOMEM;
    for (int u = UNIT_FILE; u <= UNIT_DELIVERY; u++)
        if (mask & (1u << u))
            units[n++] = u;
    const struct db_param p[] = { DB_P_ID(worker), db_int_list(arena, units, n), DB_P_INT(count),
                                  DB_P_INT(lease_seconds) };

    rc = db_query(db, sql, p, COUNT_OF(p), &r);
    if (rc == RC_OK)
        for (int i = 0; i < db_rows(r) && *got < count; i++)
            take_row(r, i, &out[(*got)++]);
    db_result_free(r);
    arena_free(arena);
    return rc;
}

enum rc
store_renew(struct db *db, const struct claim *c, uint32_t lease_seconds)
{
    const struct db_param p[] = { STEP_PARAMS(c), DB_P_INT(lease_seconds) };

    return db_run(db, "SELECT work.renew($1, $2, $3::int, $4::int, $5, $6::int)", p, COUNT_OF(p));
}

enum rc
store_worker_back(struct db *db, const struct id *worker, uint32_t *freed)
{
    const struct db_param p[] = { DB_P_ID(worker) };
    struct db_result *r = NULL;
    enum rc rc = db_query(db, "SELECT work.worker_back($1)", p, COUNT_OF(p), &r);

    if (rc == RC_OK)
        *freed = db_rows(r) == 1 ? (uint32_t)db_int(r, 0, 0) : 0;
    db_result_free(r);
    return rc;
}

enum rc
store_release(struct db *db, const struct claim *c, enum reason reason, uint32_t delay_seconds)
{
    const struct db_param p[] = { STEP_PARAMS(c), DB_P_INT(reason), DB_P_INT(delay_seconds) };

    return db_run(db, "SELECT work.release($1, $2, $3::int, $4::int, $5, $6::int, $7::int)", p, COUNT_OF(p));
}

enum rc
store_refuse(struct db *db, const struct claim *c, enum reason reason, uint32_t detail)
{
    const struct db_param p[] = { STEP_PARAMS(c), DB_P_INT(reason), DB_P_INT(detail) };

    return db_run(db, "SELECT work.refuse($1, $2, $3::int, $4::int, $5, $6::int, $7)", p, COUNT_OF(p));
}

enum rc
store_load(struct db *db, const struct claim *c, enum artifact_kind kind, uint32_t page, struct arena *arena,
           struct bytes *out)
{
    const struct db_param p[] = { STEP_PARAMS(c), DB_P_INT(kind), DB_P_INT(page) };

    return store_one_bytes(db, "SELECT work.load($1, $2, $3::int, $4::int, $5, $6::int, $7::int)", p, COUNT_OF(p),
                           arena, out);
}

enum rc
store_load_part(struct db *db, const struct claim *c, uint32_t part, struct arena *arena, struct bytes *out)
{
    const struct db_param p[] = { STEP_PARAMS(c), DB_P_INT(part) };

    return store_one_bytes(db, "SELECT work.load_part($1, $2, $3::int, $4::int, $5, $6::int)", p, COUNT_OF(p),
                           arena, out);
}

enum rc
store_document_pages(struct db *db, const struct claim *c, struct arena *arena, uint32_t **pages, uint32_t *count)
{
    const struct db_param p[] = { STEP_PARAMS(c) };

    return store_integers(db, "SELECT file_page FROM work.load_pages($1, $2, $3::int, $4::int, $5)", p, COUNT_OF(p),
                          arena, pages, count);
}
