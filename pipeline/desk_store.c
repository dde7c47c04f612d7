/* desk_store.c - the two questions to the work database that are the desk's own. */
#include "desk.h"

#include <stdio.h>

enum rc
desk_waiting(struct desk *desk, const struct session *s, uint32_t most, struct arena *arena, struct waiting **out,
             uint32_t *count, uint32_t *total)
{
    const struct db_param params[] = { DB_P_ID(&s->person.id), DB_P_INT(most) };
    struct db_result *r = NULL;
    struct waiting *rows;
    enum rc rc;

    rc = db_query(desk->db, "SELECT document_id, form, reason, pages, "
                            "extract(epoch FROM clock_timestamp() - queued_at)::bigint, "
                            "extract(epoch FROM deadline)::bigint, taken "
                            "FROM work.review_list($1::uuid, $2::int)", params, 2, &r);
    if (rc != RC_OK)
        return rc;
    rows = arena_array(arena, (size_t)db_rows(r), sizeof *rows);
    *count = 0;
    for (int i = 0; rows != NULL && i < db_rows(r); i++) {
        struct waiting *w = &rows[*count];

        if (!db_id(r, i, 0, &w->document))
            continue;
        snprintf(w->form, sizeof w->form, "%s", db_text(r, i, 1));
        w->reason = (enum reason)db_int(r, i, 2);
        w->pages = (uint32_t)db_int(r, i, 3);
        w->seconds = db_int(r, i, 4) < 0 ? 0 : (uint32_t)db_int(r, i, 4);
        w->deadline = db_int(r, i, 5);
        w->taken = db_bool(r, i, 6);
        ++*count;
    }
    db_result_free(r);
    r = NULL;
    *out = rows;
    *total = *count;
    if (rows == NULL)
        return RC_NOMEM;
    if (*count < most)
        return RC_OK;
    rc = db_query(desk->db, "SELECT waiting FROM work.review_count($1::uuid)", params, 1, &r);
    if (rc == RC_OK && db_rows(r) == 1 && db_int(r, 0, 0) > *count)
        *total = (uint32_t)db_int(r, 0, 0);
    db_result_free(r);
    return rc;
}

enum rc
desk_retype(struct desk *desk, const struct session *s, const char *form, struct bytes sealed_order)
{
    const struct review_task *t = &s->work->task;
    const struct db_param params[] = { DB_P_ID(&s->person.id), DB_P_ID(&t->client),       DB_P_ID(&t->document),
                                       DB_P_INT(t->token),     DB_P_TEXT(form),           DB_P_BYTES(sealed_order) };

    return db_run(desk->db, "SELECT work.review_retype($1::uuid, $2::uuid, $3::uuid, $4::bigint, $5::text, $6::bytea)",
                  params, 6);
}
