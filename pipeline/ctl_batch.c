/*
 * ctl_batch.c - batches: the unit that a contract speaks of.
 */
#include "ctl.h"

#include <string.h>

static const struct column list_columns[] = {
    { "batch_id", CELL_ID, "batch", "lote" },
    { "client", CELL_TEXT, "client", "cliente" },
    { "stream", CELL_TEXT, "stream", "flujo" },
    { "folder", CELL_TEXT, "folder", "carpeta" },
    { "state", CELL_TEXT, "state", "estado" },
    { "opened_at", CELL_TIME, "opened", "abierto" },
    { "closed_at", CELL_TIME, NULL, NULL },
    { "cause", CELL_TEXT, NULL, NULL },
    { "deadline", CELL_TIME, "deadline", "plazo" },
    { "late", CELL_BOOL, "late", "tarde" },
    { "expected_files", CELL_INT, NULL, NULL },
    { "files", CELL_INT, "files", "archivos" },
    { "pages", CELL_INT, "pages", "páginas" },
    { "documents", CELL_INT, "docs", "docs" },
    { "in_work", CELL_INT, "in work", "en curso" },
    { "in_review", CELL_INT, "review", "revisión" },
    { "delivered", CELL_INT, "delivered", "entregadas" },
    { "rejected", CELL_INT, "rejected", "rechazadas" },
    { "other", CELL_INT, "other", "otras" },
    { "findings", CELL_INT, "findings", "hallazgos" },
    { NULL, 0, NULL, NULL }
};

static const struct column one_columns[] = {
    { "batch_id", CELL_ID, "batch", "lote" },
    { "client", CELL_TEXT, "client", "cliente" },
    { "stream", CELL_TEXT, "stream", "flujo" },
    { "folder", CELL_TEXT, "folder", "carpeta" },
    { "state", CELL_TEXT, "state", "estado" },
    { "cause", CELL_TEXT, "closed by", "cerrado por" },
    { "opened_at", CELL_TIME, "opened", "abierto" },
    { "closed_at", CELL_TIME, "closed", "cerrado" },
    { "deadline", CELL_TIME, "deadline", "plazo" },
    { "late", CELL_BOOL, "late", "tarde" },
    { "expected_files", CELL_INT, "files announced", "archivos anunciados" },
    { "files", CELL_INT, "files", "archivos" },
    { "documents", CELL_INT, "documents", "documentos" },
    { "pages", CELL_INT, "pages", "páginas" },
    { "in_work", CELL_INT, "  in work", "  en curso" },
    { "in_review", CELL_INT, "  in review", "  en revisión" },
    { "delivered", CELL_INT, "  delivered", "  entregadas" },
    { "rejected", CELL_INT, "  rejected", "  rechazadas" },
    { "other", CELL_INT, "  other", "  otras" },
    { "findings", CELL_INT, "findings", "hallazgos" },
    { NULL, 0, NULL, NULL }
};

static const struct column file_columns[] = {
    { "file_id", CELL_ID, "file", "archivo" },
    { "parent_id", CELL_ID, NULL, NULL },
    { "state", CELL_TEXT, "state", "estado" },
    { "reason", CELL_REASON, "reason", "motivo" },
    { "detail", CELL_INT, NULL, NULL },
    { "pages", CELL_INT, "pages", "páginas" },
    { "documents", CELL_INT, "docs", "docs" },
    { "received_at", CELL_TIME, "received", "recibido" },
    { "duplicate_of", CELL_ID, NULL, NULL },
    { "is_manifest", CELL_BOOL, "manifest", "manifiesto" },
    { NULL, 0, NULL, NULL }
};

static const struct column finding_columns[] = {
    { "finding", CELL_TEXT, "finding", "hallazgo" },
    { "entry", CELL_INT, "entry", "entrada" },
    { "file_id", CELL_ID, "file", "archivo" },
    { "expected", CELL_INT, "expected", "esperado" },
    { "found", CELL_INT, "found", "hallado" },
    { NULL, 0, NULL, NULL }
};

int
ctl_batch_list_run(struct ctl *ctl)
{
    const char *client = ctl_value(ctl, "client"), *state = ctl_value(ctl, "state");
    struct db_result *r = NULL;
    int64_t limit;
    int code;

    if (!ctl_number(ctl, "limit", 1, 100000, 50, &limit))
        return CTL_USAGE;
    struct db_param params[] = { client != NULL ? DB_P_TEXT(client) : DB_P_NULL,
                                 state != NULL ? DB_P_TEXT(state) : DB_P_NULL, DB_P_INT(limit) };
    /* "closed" is every batch that takes no more, whether all of it is done or not. */
    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_query(ctl,
                          "SELECT * FROM ops.batches($1::text, true) WHERE $2::text IS NULL OR state = $2::text"
                          " OR ($2::text = 'closed' AND state = 'done') ORDER BY opened_at DESC LIMIT $3",
                          params, 3, "listing batches", &r)) != CTL_OK)
        return code;
    ctl_rows(ctl, r, list_columns, "no batch", "ningún lote");
    db_result_free(r);
    return CTL_OK;
}

int
ctl_batch_show_run(struct ctl *ctl)
{
    struct db_result *one = NULL, *files = NULL, *findings = NULL, *stated = NULL;
    struct id id;
    struct db_param param = DB_P_ID(&id);
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_find_id(ctl, ctl_batch_ids, ctl->argv[0], &id)) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT * FROM ops.batch($1)", &param, 1, "showing a batch", &one)) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT * FROM ops.batch_files($1)", &param, 1, "showing its files", &files)) !=
            CTL_OK ||
        (code = ctl_query(ctl, "SELECT * FROM ops.batch_findings($1)", &param, 1, "showing its findings",
                          &findings)) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT * FROM ops.batch_stated($1)", &param, 1, "showing what is expected of it",
                          &stated)) != CTL_OK)
        goto out;
    if (db_rows(one) == 0) {
        code = ctl_fail_rc(ctl, RC_NOT_FOUND, "showing a batch");
        goto out;
    }
    if (ctl->json) {
        json_t *o = ctl_row_json(one, 0, one_columns), *list = json_array(), *more = json_array();

        for (int i = 0; i < db_rows(files); i++)
            json_array_append_new(list, ctl_row_json(files, i, file_columns));
        for (int i = 0; i < db_rows(findings); i++)
            json_array_append_new(more, ctl_row_json(findings, i, finding_columns));
        json_object_set_new(o, "file_list", list);
        json_object_set_new(o, "finding_list", more);
        ctl_expected(ctl, stated, o);
        ctl_json(o);
        goto out;
    }
    ctl_row(ctl, one, 0, one_columns);
    putchar('\n');
    ctl_rows(ctl, files, file_columns, "no files", "sin archivos");
    if (db_rows(findings) > 0)
        printf("\n%s\n", ctl_tr(ctl, "What differs from the manifest:", "Lo que difiere del manifiesto:"));
    ctl_rows(ctl, findings, finding_columns, NULL, NULL);
    ctl_expected(ctl, stated, NULL);
out:
    db_result_free(one);
    db_result_free(files);
    db_result_free(findings);
    db_result_free(stated);
    return code;
}

int
ctl_batch_close_run(struct ctl *ctl)
{
    struct db_result *r = NULL;
    struct id id;
    struct db_param param = DB_P_ID(&id);
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) == CTL_OK &&
        (code = ctl_find_id(ctl, ctl_batch_ids, ctl->argv[0], &id)) == CTL_OK &&
        (code = ctl_query(ctl, "SELECT ops.batch_close($1)", &param, 1, "closing the batch", &r)) == CTL_OK)
        ctl_say(ctl, "%s", ctl_tr(ctl, "closed", "cerrado"));
    db_result_free(r);
    return code;
}
