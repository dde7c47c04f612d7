/* store_parties.c - whose folder it is, and which document came before: two functions of a step, one of the desk. */
#include "store_internal.h"

enum rc
store_document_parties(struct db *db, const struct claim *c, struct arena *arena, struct parties_told *out)
{
    const struct db_param p[] = { DB_P_ID(&c->client), DB_P_ID(&c->document), DB_P_INT(c->token) };
    struct db_result *r = NULL;
    enum rc rc = db_query(db, "SELECT version, sealed, decided FROM work.document_parties($1, $2, $3)", p, COUNT_OF(p),
                          &r);

    if (rc != RC_OK)
        return rc;
    *out = (struct parties_told){ .sealed = { NULL, 0 } };
    if (db_rows(r) == 1) {
        struct bytes sealed = db_bytes(r, 0, 1);

        out->version = (uint32_t)db_int(r, 0, 0);
        out->decided = (enum reason)db_int(r, 0, 2);
        if (sealed.size > 0) {
            out->sealed = bytes_of(arena_copy(arena, sealed.data, sealed.size), sealed.size);
            rc = out->sealed.data != NULL ? RC_OK : RC_NOMEM;
        }
    } else {
        rc = RC_LOST;
    }
    db_result_free(r);
    return rc;
}

/* A document's id in one row, or zero for none. */
static enum rc
one_id(struct db *db, const char *sql, const struct db_param *p, int count, struct id *out)
{
    struct db_result *r = NULL;
    enum rc rc = db_query(db, sql, p, count, &r);

    memset(out, 0, sizeof *out);
    if (rc == RC_OK && db_rows(r) == 1 && !db_is_null(r, 0, 0))
        db_id(r, 0, 0, out);
    db_result_free(r);
    return rc;
}

enum rc
store_document_twins(struct db *db, const struct claim *c, const uint8_t (*tags)[32], uint32_t count, struct id *twin)
{
    struct bytes list[16];
    struct arena *arena;
    enum rc rc;

    if (count > COUNT_OF(list))
        return RC_LIMIT;
    if ((arena = arena_new(1u << 16)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < count; i++)
        list[i] = bytes_of(tags[i], 32);
    {
        const struct db_param p[] = { DB_P_ID(&c->client), DB_P_ID(&c->document), DB_P_INT(c->token),
                                      db_bytes_list(arena, list, count) };

        rc = one_id(db, "SELECT work.document_twins($1, $2, $3, $4)", p, COUNT_OF(p), twin);
    }
    arena_free(arena);
    return rc;
}

enum rc
store_review_twin(struct db *db, const struct review_task *t, struct id *twin)
{
    const struct db_param p[] = { DB_P_ID(&t->client), DB_P_ID(&t->document), DB_P_INT(t->token) };

    return one_id(db, "SELECT work.review_twin($1, $2, $3)", p, COUNT_OF(p), twin);
}
