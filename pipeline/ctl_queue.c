/*
 * ctl_queue.c - where the work is: hot folders, queue, and the balance of every page.
 */
#include "ctl.h"

#include <string.h>

static const struct column queue_columns[] = {
    { "client", CELL_TEXT, "client", "cliente" },
    { "unit", CELL_TEXT, "step", "paso" },
    { "waiting", CELL_INT, "waiting", "en espera" },
    { "delayed", CELL_INT, "delayed", "aplazados" },
    { "leased", CELL_INT, "at work", "en curso" },
    { "lapsed", CELL_INT, "lapsed", "vencidos" },
    { "most_attempts", CELL_INT, "attempts", "intentos" },
    { "oldest_seconds", CELL_SECONDS, "oldest", "el más viejo" },
    { "earliest_deadline", CELL_TIME, "deadline", "plazo" },
    { NULL, 0, NULL, NULL }
};

int
ctl_queue_run(struct ctl *ctl)
{
    const char *client = ctl_value(ctl, "client");
    struct db_param param = client != NULL ? DB_P_TEXT(client) : DB_P_NULL;
    struct db_result *r = NULL;
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT * FROM ops.queue() WHERE $1::text IS NULL OR client = $1::text", &param, 1,
                          "reading the queue", &r)) != CTL_OK)
        return code;
    ctl_rows(ctl, r, queue_columns, "nothing waits", "nada espera");
    db_result_free(r);
    return CTL_OK;
}

/* ---- the hot folders ------------------------------------------------------------------ */

static const struct column refused_columns[] = {
    { "client", CELL_TEXT, "client", "cliente" },
    { "stream", CELL_TEXT, "stream", "flujo" },
    { "file_id", CELL_ID, "file", "archivo" },
    { "state", CELL_TEXT, "state", "estado" },
    { "reason", CELL_REASON, "reason", "motivo" },
    { "received_at", CELL_TIME, "received", "recibido" },
    { NULL, 0, NULL, NULL }
};

struct hot {
    struct ctl *ctl;
    int count, stuck;
};

static void
show_waiting(void *to, const struct waiting_file *f)
{
    struct hot *h = to;
    char age[32];

    h->count++;
    h->stuck += f->stuck;
    if (h->ctl->json) {
        json_t *o = json_object();

        json_object_set_new(o, "where", json_string("hot"));
        json_object_set_new(o, "client", json_string(f->client));
        json_object_set_new(o, "stream", json_string(f->stream));
        json_object_set_new(o, "name", json_string(ctl_safe(h->ctl, f->name)));
        json_object_set_new(o, "bytes", json_integer(f->size));
        json_object_set_new(o, "seconds", json_integer(f->age));
        json_object_set_new(o, "stuck", json_boolean(f->stuck));
        json_object_set_new(o, "why", json_string(f->why_en));
        ctl_json(o);
        return;
    }
    if (h->count == 1)
        printf("%s%s%s\n", ctl_bold(h->ctl), ctl_tr(h->ctl, "In the hot folders:", "En las carpetas de entrada:"),
               ctl_plain(h->ctl));
    ctl_duration(f->age, age, sizeof age);
    printf("  %s/%s/%s  %lld B  %s  %s%s%s\n", f->client, f->stream, ctl_safe(h->ctl, f->name),
           (long long)f->size, age, f->stuck ? ctl_warm(h->ctl) : "", ctl_tr(h->ctl, f->why_en, f->why_es),
           f->stuck ? ctl_plain(h->ctl) : "");
}

/* What intake itself says it left lying, by folder: HOME/run/intake.json. */
static int
show_left(struct ctl *ctl, const char *client)
{
    char path[PATH_ROOM + 32];
    json_t *report, *folder, *count;
    const char *why;
    size_t i;
    int left = 0;

    snprintf(path, sizeof path, "%s/intake.json", ctl->in.run);
    report = json_load_file(path, 0, NULL);
    json_array_foreach(json_object_get(report, "folders"), i, folder) {
        const char *name = json_string_value(json_object_get(folder, "client"));
        const char *stream = json_string_value(json_object_get(folder, "stream"));
        json_t *reasons = json_object_get(folder, "left");

        if (name == NULL || stream == NULL || json_object_size(reasons) == 0 ||
            (client != NULL && strcmp(client, name) != 0))
            continue;
        left++;
        if (ctl->json) {
            ctl_json(json_pack("{s:s, s:s, s:s, s:O}", "where", "left", "client", name, "stream", stream, "left",
                               reasons));
            continue;
        }
        printf("  %s%s/%s%s  %s", ctl_warm(ctl), ctl_safe(ctl, name), ctl_safe(ctl, stream), ctl_plain(ctl),
               ctl_tr(ctl, "left there:", "se dejó ahí:"));
        json_object_foreach(reasons, why, count) printf(" %lld %s", (long long)json_integer_value(count),
                                                        ctl_safe(ctl, why));
        putchar('\n');
    }
    json_decref(report);
    return left;
}

int
ctl_intake_run(struct ctl *ctl)
{
    int left;
    const char *client = ctl_value(ctl, "client");
    struct db_param param = client != NULL ? DB_P_TEXT(client) : DB_P_NULL;
    struct hot hot = { .ctl = ctl };
    struct db_result *r = NULL;
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK)
        return code;
    ctl_hot_walk(&ctl->in, client, show_waiting, &hot);
    left = show_left(ctl, client);
    if (hot.count == 0 && left == 0 && !ctl->json)
        ctl_say(ctl, "%s", ctl_tr(ctl, "nothing waits in the hot folders", "nada espera en las carpetas de entrada"));
    code = ctl_query(ctl,
                     "SELECT * FROM ops.files($1::text, NULL, NULL, 100000)"
                     " WHERE state IN ('refused', 'duplicate', 'quarantined', 'set_aside')"
                     " ORDER BY received_at DESC LIMIT 50",
                     &param, 1, "looking for what was refused", &r);
    if (code != CTL_OK)
        return code;
    if (!ctl->json && db_rows(r) > 0)
        printf("\n%s%s%s\n", ctl_bold(ctl), ctl_tr(ctl, "Taken in, and not passed on:", "Recibidos y no tramitados:"),
               ctl_plain(ctl));
    ctl_rows(ctl, r, refused_columns, NULL, NULL);
    db_result_free(r);
    return hot.stuck > 0 || left > 0 ? CTL_PEOPLE : CTL_OK;
}

/* ---- the balance ----------------------------------------------------------------------- */

static const struct column balance_columns[] = {
    { "client", CELL_TEXT, "client", "cliente" },
    { "unit", CELL_TEXT, "unit", "unidad" },
    { "arrived", CELL_INT, "arrived", "entradas" },
    { "delivered", CELL_INT, "delivered", "entregadas" },
    { "in_work", CELL_INT, "in work", "en curso" },
    { "in_review", CELL_INT, "review", "revisión" },
    { "rejected", CELL_INT, "rejected", "rechazadas" },
    { "blank", CELL_INT, "blank", "en blanco" },
    { "separator", CELL_INT, "separator", "separador" },
    { "duplicate", CELL_INT, "duplicate", "duplicadas" },
    { "set_aside", CELL_INT, "set aside", "apartadas" },
    { "quarantined", CELL_INT, "quarantined", "cuarentena" },
    { "erased", CELL_INT, "erased", "borradas" },
    { "containers", CELL_INT, "containers", "contenedores" },
    { "difference", CELL_INT, "difference", "diferencia" },
    { "problems", CELL_INT, "problems", "problemas" },
    { "holds", CELL_BOOL, "holds", "cuadra" },
    { NULL, 0, NULL, NULL }
};

static const struct column problem_columns[] = {
    { "client", CELL_TEXT, "client", "cliente" },
    { "problem", CELL_TEXT, "problem", "problema" },
    { "file_id", CELL_ID, "file", "archivo" },
    { "document_id", CELL_ID, "document", "documento" },
    { "page", CELL_INT, "page", "página" },
    { "number", CELL_INT, "number", "número" },
    { NULL, 0, NULL, NULL }
};

static const struct column batch_columns[] = {
    { "batch_id", CELL_ID, "batch", "lote" },
    { "client", CELL_TEXT, "client", "cliente" },
    { "pages", CELL_INT, "pages", "páginas" },
    { "delivered", CELL_INT, "delivered", "entregadas" },
    { "in_work", CELL_INT, "in work", "en curso" },
    { "in_review", CELL_INT, "review", "revisión" },
    { "rejected", CELL_INT, "rejected", "rechazadas" },
    { "other", CELL_INT, "other", "otras" },
    { "difference", CELL_INT, "difference", "diferencia" },
    { "holds", CELL_BOOL, "holds", "cuadra" },
    { NULL, 0, NULL, NULL }
};

static int
balance_batch(struct ctl *ctl, const char *batch)
{
    struct db_result *r = NULL;
    struct id id;
    struct db_param param = DB_P_ID(&id);
    int code;

    if ((code = ctl_find_id(ctl, ctl_batch_ids, batch, &id)) != CTL_OK ||
        (code = ctl_query(
             ctl,
             "SELECT b.*, b.pages - (b.delivered + b.in_work + b.in_review + b.rejected + b.other) AS difference,"
             " b.pages = b.delivered + b.in_work + b.in_review + b.rejected + b.other AS holds"
             " FROM ops.batch($1) b",
             &param, 1, "reading the balance", &r)) != CTL_OK)
        return code;
    ctl_rows(ctl, r, batch_columns, NULL, NULL);
    db_result_free(r);
    return CTL_OK;
}

/* Does every row hold?  The column is there for people; the exit code is for scripts. */
static bool
all_hold(const struct db_result *r)
{
    for (int c = 0; c < db_columns(r); c++)
        if (strcmp(db_column(r, c), "holds") == 0)
            for (int i = 0; i < db_rows(r); i++)
                if (!db_bool(r, i, c))
                    return false;
    return true;
}

int
ctl_balance_run(struct ctl *ctl)
{
    const char *client = ctl_value(ctl, "client"), *batch = ctl_value(ctl, "batch");
    struct db_param param = client != NULL ? DB_P_TEXT(client) : DB_P_NULL;
    struct db_result *r = NULL, *problems = NULL;
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK)
        return code;
    if (batch != NULL)
        return balance_batch(ctl, batch);
    if ((code = ctl_query(ctl, "SELECT * FROM ops.balance($1::text)", &param, 1, "reading the balance", &r)) !=
            CTL_OK ||
        (code = ctl_query(ctl, "SELECT * FROM ops.balance_problems($1::text)", &param, 1, "looking for problems",
                          &problems)) != CTL_OK)
        goto out;
    ctl_rows(ctl, r, balance_columns, "no client yet", "ningún cliente todavía");
    ctl_rows(ctl, problems, problem_columns, NULL, NULL);
    code = all_hold(r) && db_rows(problems) == 0 ? CTL_OK : CTL_FAILED;
    if (!ctl->json && db_rows(r) > 0)
        printf("%s%s%s\n", code == CTL_OK ? ctl_bold(ctl) : ctl_warm(ctl),
               code == CTL_OK ? ctl_tr(ctl, "The balance holds: every page has exactly one owner.",
                                       "El balance cuadra: cada página tiene exactamente un dueño.")
                              : ctl_tr(ctl, "The balance does NOT hold; the lines above name what is missing.",
                                       "El balance NO cuadra; las líneas de arriba dicen qué falta."),
               ctl_plain(ctl));
out:
    db_result_free(r);
    db_result_free(problems);
    return code;
}
