/* store_memory.c - what people taught about a client's senders: loaded for a step, and kept with its document. */
#include "store_internal.h"

enum rc
store_memory(struct db *db, const struct claim *c, struct arena *arena, struct memory_told *out)
{
    const struct db_param p[] = { DB_P_ID(&c->client), DB_P_ID(&c->document), DB_P_INT(c->token) };
    struct db_result *r = NULL;
    enum rc rc = db_query(db, "SELECT slot, version, memory_id, wrapped, sealed FROM work.memory_load($1, $2, $3)", p,
                          COUNT_OF(p), &r);

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

enum rc
store_memory_put(struct db *db, const struct claim *c, const struct memory_lesson *l)
{
    struct arena *arena = arena_new(1u << 20);
    struct db_result *r = NULL;
    enum rc rc;

    if (arena == NULL)
        return RC_NOMEM;
    const struct db_param p[] = {
        DB_P_ID(&c->client),
        DB_P_ID(&c->document),
        DB_P_INT(c->token),
        DB_P_ID(&l->memory),
        maybe_bytes(bytes_of(l->wrapped, l->wrapped_size)),
        DB_P_INT(l->slot),
        DB_P_INT(l->seen),
        DB_P_TEXT(l->form),
        DB_P_INT(l->lessons),
        db_text_list(arena, l->fields, l->field_count),
        db_int_list(arena, l->counts[0], l->field_count),
        db_int_list(arena, l->counts[1], l->field_count),
        db_int_list(arena, l->counts[2], l->field_count),
        db_int_list(arena, l->counts[3], l->field_count),
        DB_P_BYTES(l->sealed),
    };

    rc = db_query(db,
                  "SELECT work.memory_put($1, $2, $3, $4, $5::bytea, $6::int, $7::int, $8, $9::int, $10, $11, $12, $13,"
                  " $14, $15)",
                  p, COUNT_OF(p), &r);
    if (rc == RC_OK && (db_rows(r) != 1 || !db_bool(r, 0, 0)))
        rc = RC_EXISTS;
    db_result_free(r);
    arena_free(arena);
    return rc;
}

enum rc
store_memory_used(struct db *db, const struct claim *c, uint32_t slot)
{
    const struct db_param p[] = { DB_P_ID(&c->client), DB_P_ID(&c->document), DB_P_INT(c->token), DB_P_INT(slot) };

    return db_run(db, "SELECT work.memory_used($1, $2, $3, $4::int)", p, COUNT_OF(p));
}
