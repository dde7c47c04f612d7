/*
 * ctl_document.c - documents and files: list, show, try again, set aside.
 *
 * Shows states, counts and codes; what a document says is for the desk alone.
 */
#include "ctl.h"

#include <string.h>

#include "doc/reason.h"

static const struct column list_columns[] = {
    { "document_id", CELL_ID, "document", "documento" },
    { "version", CELL_INT, "v", "v" },
    { "client", CELL_TEXT, "client", "cliente" },
    { "form", CELL_TEXT, "form", "tipo" },
    { "form_confidence", CELL_REAL, NULL, NULL },
    { "state", CELL_TEXT, "state", "estado" },
    { "reason", CELL_REASON, "reason", "motivo" },
    { "detail", CELL_INT, NULL, NULL },
    { "pages", CELL_INT, "pages", "páginas" },
    { "fields", CELL_INT, "fields", "campos" },
    { "doubtful", CELL_INT, "doubtful", "dudosos" },
    { "expected_errors", CELL_REAL, NULL, NULL },
    { "created_at", CELL_TIME, NULL, NULL },
    { "changed_at", CELL_TIME, "changed", "cambio" },
    { "deadline", CELL_TIME, NULL, NULL },
    { "seq", CELL_INT, "delivery", "entrega" },
    { "batch_id", CELL_ID, NULL, NULL },
    { "file_id", CELL_ID, NULL, NULL },
    { "person", CELL_TEXT, NULL, NULL },
    { NULL, 0, NULL, NULL }
};

static const struct column one_columns[] = {
    { "document_id", CELL_ID, "document", "documento" },
    { "version", CELL_INT, "version", "versión" },
    { "client", CELL_TEXT, "client", "cliente" },
    { "batch_id", CELL_ID, "batch", "lote" },
    { "file_id", CELL_ID, "file", "archivo" },
    { "form", CELL_TEXT, "form", "tipo" },
    { "form_confidence", CELL_REAL, "how sure", "certeza" },
    { "state", CELL_TEXT, "state", "estado" },
    { "reason", CELL_REASON, "reason", "motivo" },
    { "detail", CELL_INT, "detail", "detalle" },
    { "pages", CELL_INT, "pages", "páginas" },
    { "fields", CELL_INT, "fields", "campos" },
    { "doubtful", CELL_INT, "doubtful", "dudosos" },
    { "expected_errors", CELL_REAL, "expected errors", "errores esperados" },
    { "created_at", CELL_TIME, "made", "creado" },
    { "changed_at", CELL_TIME, "changed", "cambio" },
    { "deadline", CELL_TIME, "deadline", "plazo" },
    { "seq", CELL_INT, "delivery number", "número de entrega" },
    { "person", CELL_TEXT, "with", "con" },
    { NULL, 0, NULL, NULL }
};

static const struct column history_columns[] = {
    { "at", CELL_TIME, "when", "cuándo" },
    { "actor", CELL_TEXT, "who", "quién" },
    { "person", CELL_ID, NULL, NULL },
    { "event", CELL_TEXT, "what", "qué" },
    { "code", CELL_INT, "code", "código" },
    { "amount", CELL_INT, "amount", "cantidad" },
    { "page", CELL_INT, "page", "página" },
    { "n", CELL_INT, "entry", "asiento" },
    { NULL, 0, NULL, NULL }
};

static const struct column seen_columns[] = {
    { "at", CELL_TIME, "when", "cuándo" },
    { "person", CELL_TEXT, "person", "persona" },
    { "field", CELL_TEXT, "saw", "vio" },
    { NULL, 0, NULL, NULL }
};

int
ctl_document_list_run(struct ctl *ctl)
{
    const char *client = ctl_value(ctl, "client"), *state = ctl_value(ctl, "state"), *batch = ctl_value(ctl, "batch");
    struct db_result *r = NULL;
    struct id id;
    int64_t limit;
    int code;

    if (!ctl_number(ctl, "limit", 1, 1000000, 50, &limit))
        return CTL_USAGE;
    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (batch != NULL && (code = ctl_find_id(ctl, ctl_batch_ids, batch, &id)) != CTL_OK))
        return code;
    struct db_param params[] = { client != NULL ? DB_P_TEXT(client) : DB_P_NULL,
                                 state != NULL ? DB_P_TEXT(state) : DB_P_NULL,
                                 batch != NULL ? DB_P_ID(&id) : DB_P_NULL, DB_P_INT(limit) };
    if ((code = ctl_query(ctl, "SELECT * FROM ops.documents($1::text, $2::text, $3::uuid, $4::int)", params, 4,
                          "listing documents", &r)) != CTL_OK)
        return code;
    ctl_rows(ctl, r, list_columns, "no document", "ningún documento");
    db_result_free(r);
    return CTL_OK;
}

static json_t *
rows_json(const struct db_result *r, const struct column *columns)
{
    json_t *list = json_array();

    for (int i = 0; i < db_rows(r); i++)
        json_array_append_new(list, ctl_row_json(r, i, columns));
    return list;
}

/* "name value" lines as one object. */
static json_t *
made_json(const char *lines)
{
    json_t *o = json_object();

    while (*lines != '\0') {
        size_t n = strcspn(lines, "\n"), name = strcspn(lines, " ");
        char key[64];

        if (name < n && name < sizeof key) {
            memcpy(key, lines, name);
            key[name] = '\0';
            json_object_set_new(o, key, json_stringn(lines + name + 1, n - name - 1));
        }
        lines += n;
        lines += *lines == '\n';
    }
    return o;
}

/* What made each version: programs, libraries, models, weights, form. */
static void
show_made(struct ctl *ctl, const struct db_result *made, json_t *into)
{
    json_t *list = into != NULL ? json_array() : NULL;

    if (into == NULL && db_rows(made) > 0)
        printf("\n%s\n", ctl_tr(ctl, "What made it:", "Qué lo hizo:"));
    for (int i = 0; i < db_rows(made); i++) {
        const char *lines = db_text(made, i, 1);

        if (list != NULL) {
            json_array_append_new(list, json_pack("{s:I,s:s,s:o}", "version", (json_int_t)db_int(made, i, 0), "at",
                                                  db_text(made, i, 2), "made_by", made_json(lines)));
            continue;
        }
        while (*lines != '\0') {
            size_t n = strcspn(lines, "\n");
            const char *line = arena_copy(ctl->arena, lines, n);

            printf("  v%lld  %s\n", (long long)db_int(made, i, 0), line != NULL ? ctl_safe(ctl, line) : "");
            lines += n;
            lines += *lines == '\n';
        }
    }
    if (into != NULL)
        json_object_set_new(into, "made", list);
}

int
ctl_document_show_run(struct ctl *ctl)
{
    struct db_result *one = NULL, *history = NULL, *seen = NULL, *twin = NULL, *made = NULL;
    struct id id;
    struct db_param param = DB_P_ID(&id);
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_find_id(ctl, ctl_document_ids, ctl->argv[0], &id)) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT * FROM ops.document($1)", &param, 1, "showing a document", &one)) !=
            CTL_OK ||
        (code = ctl_query(ctl, "SELECT * FROM ops.history($1)", &param, 1, "showing its history", &history)) !=
            CTL_OK ||
        (code = ctl_query(ctl, "SELECT twin_of FROM ops.twin($1)", &param, 1, "looking for its twin", &twin)) !=
            CTL_OK ||
        (code = ctl_query(ctl, "SELECT * FROM ops.seen($1)", &param, 1, "showing who saw it", &seen)) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT version, made, at FROM ops.made($1)", &param, 1, "showing what made it",
                          &made)) != CTL_OK)
        goto out;
    if (db_rows(one) == 0) {
        code = ctl_fail_rc(ctl, RC_NOT_FOUND, "showing a document");
        goto out;
    }
    if (ctl->json) {
        json_t *o = ctl_row_json(one, 0, one_columns);

        if (db_rows(twin) > 0)
            json_object_set_new(o, "duplicate_of", json_string(db_text(twin, 0, 0)));
        json_object_set_new(o, "history", rows_json(history, history_columns));
        json_object_set_new(o, "seen", rows_json(seen, seen_columns));
        show_made(ctl, made, o);
        ctl_json(o);
        goto out;
    }
    ctl_row(ctl, one, 0, one_columns);
    if (db_rows(twin) > 0)
        printf("%s: %s\n", ctl_tr(ctl, "came before as", "llegó antes como"), db_text(twin, 0, 0));
    if (db_rows(history) > 0)
        printf("\n%s\n", ctl_tr(ctl, "What happened:", "Lo que pasó:"));
    ctl_rows(ctl, history, history_columns, NULL, NULL);
    if (db_rows(seen) > 0)
        printf("\n%s\n", ctl_tr(ctl, "Who saw what:", "Quién vio qué:"));
    ctl_rows(ctl, seen, seen_columns, NULL, NULL);
    show_made(ctl, made, NULL);
out:
    db_result_free(one);
    db_result_free(history);
    db_result_free(seen);
    db_result_free(twin);
    db_result_free(made);
    return code;
}

/* One id through a function that says what it was. */
static int
change_one(struct ctl *ctl, const char *sql, const struct db_param *params, int count, const char *doing,
           const char *done)
{
    struct db_result *r = NULL;
    char text[ID_TEXT];
    int code = ctl_query(ctl, sql, params, count, doing, &r);

    if (code != CTL_OK)
        return code;
    id_text(params[0].id, text);
    if (ctl->json) {
        json_t *o = json_object();

        json_object_set_new(o, "id", json_string(text));
        json_object_set_new(o, "kind", json_string(db_text(r, 0, 0)));
        json_object_set_new(o, "done", json_string(done));
        ctl_json(o);
    } else {
        ctl_say(ctl, "%s %s: %s", db_text(r, 0, 0), text, done);
    }
    db_result_free(r);
    return CTL_OK;
}

/* Everything of one client that was given up. */
static int
retry_all(struct ctl *ctl, const char *client)
{
    struct db_param param = DB_P_TEXT(client);
    struct db_result *r = NULL;
    int bad = CTL_OK, code;

    code = ctl_query(ctl,
                     "SELECT document_id FROM ops.documents($1, NULL, NULL, 1000000) WHERE state IN "
                     "('set_aside', 'quarantined')"
                     " UNION ALL SELECT file_id FROM ops.files($1, NULL, NULL, 1000000)"
                     " WHERE state IN ('set_aside', 'quarantined')",
                     &param, 1, "looking for what was given up", &r);
    if (code != CTL_OK)
        return code;
    for (int i = 0; i < db_rows(r); i++) {
        struct id id;

        if (!db_id(r, i, 0, &id))
            continue;
        struct db_param one = DB_P_ID(&id);
        if ((code = change_one(ctl, "SELECT ops.retry($1)", &one, 1, "trying again", "tried again")) != CTL_OK)
            bad = code;
    }
    ctl_say(ctl, "%d", db_rows(r));
    db_result_free(r);
    return bad;
}

int
ctl_retry_run(struct ctl *ctl)
{
    const char *client = ctl_value(ctl, "client");
    bool all = ctl_value(ctl, "all") != NULL;
    int code;

    if (all ? client == NULL || ctl->argc > 0 : ctl->argc == 0)
        return ctl_usage(ctl, "`retry` takes ids, or --all with --client");
    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK)
        return code;
    if (all)
        return retry_all(ctl, client);
    for (int i = 0; i < ctl->argc && code == CTL_OK; i++) {
        struct id id;
        struct db_param param = DB_P_ID(&id);

        if ((code = ctl_find_id(ctl, ctl_work_ids, ctl->argv[i], &id)) == CTL_OK)
            code = change_one(ctl, "SELECT ops.retry($1)", &param, 1, "trying again", "tried again");
    }
    return code;
}

int
ctl_set_aside_run(struct ctl *ctl)
{
    const char *word = ctl_value(ctl, "reason");
    unsigned reason = REASON_PERSON_OTHER;
    int code;

    if (word != NULL) {
        const struct reason_row *row = NULL;

        for (unsigned i = 0; (row = reason_at(i)) != NULL && strcmp(row->word, word) != 0; i++)
            ;
        if (row == NULL)
            return ctl_usage(ctl, "`%s` is not a reason; `escriba codes reasons` lists them", word);
        reason = (unsigned)row->reason;
    }
    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK)
        return code;
    for (int i = 0; i < ctl->argc && code == CTL_OK; i++) {
        struct id id;
        struct db_param params[] = { DB_P_ID(&id), DB_P_INT(reason) };

        if ((code = ctl_find_id(ctl, ctl_work_ids, ctl->argv[i], &id)) == CTL_OK)
            code = change_one(ctl, "SELECT ops.set_aside($1, $2::int)", params, 2, "setting aside", "set aside");
    }
    return code;
}

int
ctl_document_reopen_run(struct ctl *ctl)
{
    int code = ctl_connect(ctl, "work", "operator");

    for (int i = 0; i < ctl->argc && code == CTL_OK; i++) {
        struct id id;
        struct db_param param = DB_P_ID(&id);

        if ((code = ctl_find_id(ctl, ctl_document_ids, ctl->argv[i], &id)) == CTL_OK)
            code = change_one(ctl, "SELECT 'document' || coalesce(ops.reopen($1)::text, '')", &param, 1, "reopening",
                              "goes to a person again");
    }
    return code;
}
