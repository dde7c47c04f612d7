/* store_memory.c - what people taught about a client's senders, kept with the document that taught it. */
#include "store_internal.h"

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
