/*
 * ctl_audit.c - the audit log: what happened, and whether every chain is whole.
 *
 * Connects as the role that may read the log and nothing else.
 */
#include "ctl.h"

#include <string.h>

static const struct column columns[] = {
    { "client", CELL_TEXT, "client", "cliente" },
    { "n", CELL_INT, "entry", "asiento" },
    { "at", CELL_TIME, "when", "cuándo" },
    { "actor", CELL_TEXT, "who", "quién" },
    { "event", CELL_TEXT, "what", "qué" },
    { "code", CELL_REASON, "reason", "motivo" },
    { "amount", CELL_INT, "amount", "cantidad" },
    { "page", CELL_INT, "page", "página" },
    { "document_id", CELL_ID, "document", "documento" },
    { "file_id", CELL_ID, "file", "archivo" },
    { "batch_id", CELL_ID, NULL, NULL },
    { "person_id", CELL_ID, NULL, NULL },
    { "hash", CELL_HEX, NULL, NULL },
    { NULL, 0, NULL, NULL }
};

int
ctl_audit_show_run(struct ctl *ctl)
{
    const char *client = ctl_value(ctl, "client");
    struct db_result *r = NULL;
    int64_t limit;
    int code;

    if (!ctl_number(ctl, "limit", 1, 100000, 50, &limit))
        return CTL_USAGE;
    struct db_param params[] = { client != NULL ? DB_P_TEXT(client) : DB_P_NULL, DB_P_INT(limit) };
    if ((code = ctl_connect(ctl, "work", "audit")) != CTL_OK ||
        (code = ctl_query(ctl,
                          "SELECT h.client, r.* FROM ops.audit_heads($1::text) h CROSS JOIN LATERAL"
                          " ops.audit_rows(h.client_id, greatest(h.n - $2 + 1, 1), $2::int) r"
                          " ORDER BY r.at DESC, h.client, r.n DESC LIMIT $2",
                          params, 2, "reading the audit log", &r)) != CTL_OK)
        return code;
    ctl_rows(ctl, r, columns, "nothing happened yet", "aún no ha pasado nada");
    db_result_free(r);
    return CTL_OK;
}
