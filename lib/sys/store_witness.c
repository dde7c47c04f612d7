/* store_witness.c - what e-invoices state: of a companion, kept; for a document, loaded. */
#include "store_internal.h"

enum rc
store_commit_companion(struct db *db, const struct claim *c, struct bytes sealed_witness)
{
    const struct db_param p[] = { DB_P_ID(&c->client), DB_P_ID(&c->file), DB_P_INT(c->token),
                                  DB_P_BYTES(sealed_witness) };

    return db_run(db, "SELECT work.commit_companion($1, $2, $3, $4)", p, COUNT_OF(p));
}

enum rc
store_witnesses(struct db *db, const struct claim *c, struct arena *arena, struct witness_row **out, uint32_t *count)
{
    const struct db_param p[] = { STEP_PARAMS(c) };
    struct witness_row *rows;
    struct db_result *r = NULL;
    enum rc rc = db_query(db,
                          "SELECT file_id, wrapped, sealed, waits"
                          "  FROM work.load_witnesses($1, $2, $3::int, $4::int, $5)",
                          p, COUNT_OF(p), &r);

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
