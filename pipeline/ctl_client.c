/*
 * ctl_client.c - clients: keys through keyd, a role in the delivery database, hot folders.
 *
 * The order is keys, role, work row, folders: whatever stops us, nothing of the client is
 * admitted before its keys are there, and the same command can be given again.
 */
#include "ctl.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/text.h"
#include "client.h"
#include "doc/form.h"

#define STREAMS_MAX 32
#define CLEARANCE_DEFAULT 1
#define PASSWORD_BYTES 24

static const struct column list_columns[] = {
    { "client_id", CELL_ID, NULL, NULL },
    { "client", CELL_TEXT, "client", "cliente" },
    { "code", CELL_TEXT, NULL, NULL },
    { "title", CELL_TEXT, "name", "nombre" },
    { "state", CELL_TEXT, "state", "estado" },
    { "streams", CELL_TEXT, "streams", "flujos" },
    { "sla_seconds", CELL_SECONDS, "deadline after", "plazo" },
    { "quiet_seconds", CELL_SECONDS, NULL, NULL },
    { "retention_days", CELL_INT, NULL, NULL },
    { "files", CELL_INT, "files", "archivos" },
    { "documents", CELL_INT, "docs", "docs" },
    { "delivery_role", CELL_TEXT, NULL, NULL },
    { "created_at", CELL_TIME, "since", "desde" },
    { NULL, 0, NULL, NULL }
};

static const struct column one_columns[] = {
    { "client", CELL_TEXT, "client", "cliente" },
    { "title", CELL_TEXT, "name", "nombre" },
    { "client_id", CELL_ID, "id", "id" },
    { "state", CELL_TEXT, "state", "estado" },
    { "streams", CELL_TEXT, "streams", "flujos" },
    { "sla_seconds", CELL_SECONDS, "deadline after", "plazo" },
    { "quiet_seconds", CELL_SECONDS, "a batch closes after", "un lote se cierra tras" },
    { "retention_days", CELL_INT, "days kept after ack", "días tras el acuse" },
    { "clearance", CELL_INT, "clearance", "acceso" },
    { "files", CELL_INT, "files", "archivos" },
    { "documents", CELL_INT, "documents", "documentos" },
    { "created_at", CELL_TIME, "since", "desde" },
    { "delivery_role", CELL_TEXT, "delivery role", "rol de entrega" },
    { NULL, 0, NULL, NULL }
};

static const struct column delivery_columns[] = {
    { "last_seq", CELL_INT, "results published", "resultados publicados" },
    { "acked_seq", CELL_INT, "acknowledged up to", "con acuse hasta" },
    { "waiting", CELL_INT, "waiting for the client", "esperan al cliente" },
    { "nacked", CELL_INT, "refused by the client", "rechazados por el cliente" },
    { NULL, 0, NULL, NULL }
};

static const struct column refused_columns[] = {
    { "seq", CELL_INT, "delivery", "entrega" },
    { "document", CELL_ID, "document", "documento" },
    { "version", CELL_INT, "v", "v" },
    { "nacked_at", CELL_TIME, "refused", "rechazado" },
    { "reason", CELL_TEXT, "why", "por qué" },
    { NULL, 0, NULL, NULL }
};

static const struct column stream_columns[] = {
    { "stream", CELL_TEXT, "stream", "flujo" },
    { "form", CELL_TEXT, "form", "tipo" },
    { "language", CELL_TEXT, "language", "idioma" },
    { "files", CELL_INT, "files", "archivos" },
    { NULL, 0, NULL, NULL }
};

/* What `client add` was asked for, and what it makes. */
struct adding {
    const char *code, *title;
    struct id id;
    uint8_t box_key[BOX_KEY];
    char *streams[STREAMS_MAX];
    unsigned stream_count;
    int64_t sla_hours, quiet_seconds, retention_days;
    char role[80];
    char password[PASSWORD_BYTES * 2 + 1];
    uint8_t sign_key[SIGN_KEY_SIZE];
    char handover[PATH_ROOM];
};

static bool
code_is_well(const char *code)
{
    size_t n = strlen(code);

    return n >= 1 && n <= 31 && code[0] != '-' && strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

/* Comma-separated; each must be "mixed" or the name of a form in force. */
static int
parse_streams(struct ctl *ctl, const char *text, struct adding *a)
{
    struct form_set *set = NULL;
    struct err err = { 0 };
    int code = CTL_OK;

    if (forms_load(ctl->in.forms, &set, &err) != RC_OK)
        return ctl_fail(ctl, &err);
    while (*text != '\0' && code == CTL_OK) {
        size_t n = strcspn(text, ",");
        char *one = arena_alloc(ctl->arena, n + 1);
        const struct form *form;

        if (one == NULL || a->stream_count == STREAMS_MAX) {
            code = ctl_usage(ctl, "too many streams");
            break;
        }
        memcpy(one, text, n);
        text += n;
        text += *text == ',';
        if (n == 0)
            continue;
        form = strcmp(one, "mixed") != 0 ? forms_find(set, one) : NULL;
        if (form == NULL && strcmp(one, "mixed") != 0)
            code = ctl_usage(ctl, "`%s` is not a document type, nor `mixed`; `escriba forms` lists them", one);
        else
            a->streams[a->stream_count++] = form != NULL ? arena_str(ctl->arena, form->name) : one;
    }
    if (code == CTL_OK && a->stream_count == 0)
        code = ctl_usage(ctl, "--streams names none");
    forms_free(set);
    return code;
}

static int
open_keyd(struct ctl *ctl, struct keyclient **out)
{
    char path[PATH_ROOM + 16];
    struct err err = { 0 };

    snprintf(path, sizeof path, "%s/keyd.sock", ctl->in.run);
    if (keyclient_open(path, out, &err) == RC_OK)
        return CTL_OK;
    if (err.cure[0] == '\0')
        err_cure(&err, "escriba up");
    ctl_fail(ctl, &err);
    return CTL_UNAVAILABLE;
}

static int
make_keys(struct ctl *ctl, struct adding *a)
{
    struct keyclient *k = NULL;
    enum rc rc;
    int code = open_keyd(ctl, &k);

    if (code != CTL_OK)
        return code;
    if ((rc = keyclient_add_client(k, &a->id, a->box_key)) != RC_OK ||
        (rc = keyclient_sign_key(k, a->sign_key)) != RC_OK)
        code = ctl_fail_rc(ctl, rc, "making the client's keys");
    keyclient_close(k);
    return code;
}

static int
make_role(struct ctl *ctl, struct adding *a)
{
    uint8_t raw[PASSWORD_BYTES];
    char *verifier = NULL;
    struct db_result *r = NULL;
    enum rc rc;
    int code;

    randombytes_buf(raw, sizeof raw);
    text_hex(raw, sizeof raw, a->password);
    if ((code = ctl_connect(ctl, "delivery", "operator")) != CTL_OK)
        return code;
    if ((rc = db_scram(ctl->db, "client", a->password, ctl->arena, &verifier)) != RC_OK)
        return ctl_fail_rc(ctl, rc, "scrambling the password");
    struct db_param params[] = { DB_P_ID(&a->id), DB_P_TEXT(verifier), DB_P_INT(a->retention_days) };
    if ((code = ctl_query(ctl, "SELECT delivery.client_add($1, $2, $3::int)", params, 3,
                          "making the client's delivery role", &r)) != CTL_OK)
        return code;
    snprintf(a->role, sizeof a->role, "%s", db_text(r, 0, 0));
    db_result_free(r);
    return CTL_OK;
}

static int
make_row(struct ctl *ctl, const struct adding *a)
{
    struct db_param params[] = { DB_P_ID(&a->id),
                                 DB_P_TEXT(a->code),
                                 DB_P_TEXT(a->title),
                                 DB_P_TEXT(a->role),
                                 DB_P_BYTES(bytes_of(a->box_key, BOX_KEY)),
                                 DB_P_INT(a->sla_hours * 3600),
                                 DB_P_INT(a->quiet_seconds),
                                 DB_P_INT(a->retention_days),
                                 DB_P_INT(CLEARANCE_DEFAULT) };
    struct db_result *r = NULL;
    int code = ctl_connect(ctl, "work", "operator");

    if (code != CTL_OK)
        return code;
    code = ctl_query(ctl, "SELECT ops.client_add($1, $2, $3, $4, $5, $6::int, $7::int, $8::int, $9::int)", params, 9,
                     "adding the client", &r);
    db_result_free(r);
    return code;
}

static int
make_streams(struct ctl *ctl, const struct adding *a)
{
    int code = CTL_OK;

    for (unsigned i = 0; i < a->stream_count && code == CTL_OK; i++) {
        bool mixed = strcmp(a->streams[i], "mixed") == 0;
        struct db_param params[] = { DB_P_TEXT(a->code), DB_P_TEXT(a->streams[i]),
                                     DB_P_TEXT(mixed ? "" : a->streams[i]) };
        struct db_result *r = NULL;

        code = ctl_query(ctl, "SELECT ops.stream_add($1, $2, $3, '')", params, 3, "adding a stream", &r);
        db_result_free(r);
        if (code == CTL_OK)
            code = ctl_hot_folder(ctl, a->code, a->streams[i]);
    }
    return code;
}

/* Where the client connects: the server without user and dbname, for the hand-over. */
static void
connect_line(const struct ctl *ctl, const struct adding *a, char *out, size_t room)
{
    snprintf(out, room, "%s dbname=escriba_delivery user=%s passfile='%s/delivery.pgpass'\n", ctl->in.database,
             a->role, a->handover);
}

/* What goes to the client: its password, where to connect, and the key that signs its results. */
static int
hand_over(struct ctl *ctl, struct adding *a)
{
    struct keeper me = { getuid(), getgid() };
    char path[PATH_ROOM], text[PATH_ROOM * 3];
    char hex[SIGN_KEY_SIZE * 2 + 2];
    int code;

    snprintf(path, sizeof path, "%s/handover", ctl->in.home);
    snprintf(a->handover, sizeof a->handover, "%s/handover/%s", ctl->in.home, a->code);
    if ((code = ctl_folder(ctl, path, 0700, &me)) != CTL_OK ||
        (code = ctl_folder(ctl, a->handover, 0700, &me)) != CTL_OK)
        return code;
    snprintf(path, sizeof path, "%.3900s/delivery.pgpass", a->handover);
    snprintf(text, sizeof text, "*:*:*:%s:%s\n", a->role, a->password);
    if ((code = ctl_file(ctl, path, text, strlen(text), 0600, &me)) != CTL_OK)
        return code;
    snprintf(path, sizeof path, "%.3900s/connect.txt", a->handover);
    connect_line(ctl, a, text, sizeof text);
    if ((code = ctl_file(ctl, path, text, strlen(text), 0600, &me)) != CTL_OK)
        return code;
    text_hex(a->sign_key, SIGN_KEY_SIZE, hex);
    hex[SIGN_KEY_SIZE * 2] = '\n';
    snprintf(path, sizeof path, "%.3900s/signer.pub", a->handover);
    code = ctl_file(ctl, path, hex, SIGN_KEY_SIZE * 2 + 1, 0644, &me);
    sodium_memzero(text, sizeof text);
    return code;
}

static void
report_added(struct ctl *ctl, const struct adding *a)
{
    char theirs[FINGERPRINT_ROOM], ours[FINGERPRINT_ROOM], id[ID_TEXT];

    client_fingerprint(a->box_key, theirs);
    client_fingerprint(a->sign_key, ours);
    id_text(&a->id, id);
    if (ctl->json) {
        json_t *o = json_object(), *folders = json_array();

        json_object_set_new(o, "client", json_string(a->code));
        json_object_set_new(o, "client_id", json_string(id));
        json_object_set_new(o, "delivery_role", json_string(a->role));
        json_object_set_new(o, "handover", json_string(a->handover));
        json_object_set_new(o, "client_key", json_string(theirs));
        json_object_set_new(o, "signing_key", json_string(ours));
        for (unsigned i = 0; i < a->stream_count; i++)
            json_array_append_new(folders, json_sprintf("%s/%s/%s", ctl->in.hot, a->code, a->streams[i]));
        json_object_set_new(o, "hot_folders", folders);
        ctl_json(o);
        return;
    }
    printf("client:        %s (%s)\nits key:       %s   compare with the client by voice\nour signature: %s\n"
           "delivery role: %s\nhand-over:     %s   password file, connect.txt and signer.pub, for the client alone\n",
           a->code, ctl_safe(ctl, a->title), theirs, ours, a->role, a->handover);
    for (unsigned i = 0; i < a->stream_count; i++)
        printf("%s%s/%s/%s\n", i == 0 ? "hot folders:   " : "               ", ctl->in.hot, a->code, a->streams[i]);
}

/* Is there such a client already? CTL_OK when not. */
static int
must_be_new(struct ctl *ctl, const char *name)
{
    struct db_param param = DB_P_TEXT(name);
    struct db_result *r = NULL;
    struct err err = { 0 };
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT 1 FROM ops.clients() WHERE client = $1", &param, 1,
                          "looking for the client", &r)) != CTL_OK)
        return code;
    if (db_rows(r) > 0) {
        err_set(&err, RC_EXISTS, "there is a client %s already", name);
        err_cure(&err, "escriba client show %s; escriba client streams %s STREAM adds a hot folder", name, name);
        code = ctl_fail(ctl, &err);
    }
    db_result_free(r);
    return code;
}

int
ctl_client_add_run(struct ctl *ctl)
{
    struct adding a = { .code = ctl->argv[0], .title = ctl_value(ctl, "name") };
    const char *key = ctl_value(ctl, "key"), *streams = ctl_value(ctl, "streams");
    struct err err = { 0 };
    int code;

    if (a.title == NULL || key == NULL)
        return ctl_usage(ctl, "`client add` needs --name and --key");
    if (!code_is_well(a.code))
        return ctl_usage(ctl, "a client's code is 1 to 31 of a-z, 0-9 and -: it names folders");
    if (!ctl_number(ctl, "sla-hours", 1, 24 * 365, 24, &a.sla_hours) ||
        !ctl_number(ctl, "quiet-seconds", 1, 86400, 900, &a.quiet_seconds) ||
        !ctl_number(ctl, "retention-days", 0, 36500, 30, &a.retention_days))
        return CTL_USAGE;
    if (client_public_read(key, a.box_key, &err) != RC_OK)
        return ctl_fail(ctl, &err);
    if ((code = ctl_instance(ctl)) != CTL_OK ||
        (code = parse_streams(ctl, streams != NULL ? streams : "mixed", &a)) != CTL_OK ||
        (code = must_be_new(ctl, a.code)) != CTL_OK)
        return code;
    id_new(&a.id);
    if ((code = make_keys(ctl, &a)) == CTL_OK && (code = make_role(ctl, &a)) == CTL_OK &&
        (code = hand_over(ctl, &a)) == CTL_OK && (code = make_row(ctl, &a)) == CTL_OK &&
        (code = make_streams(ctl, &a)) == CTL_OK)
        report_added(ctl, &a);
    sodium_memzero(a.password, sizeof a.password);
    return code;
}

int
ctl_client_list_run(struct ctl *ctl)
{
    struct db_result *r = NULL;
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT *, client AS code FROM ops.clients() ORDER BY client", NULL, 0,
                          "listing clients", &r)) != CTL_OK)
        return code;
    ctl_rows(ctl, r, list_columns, "no client yet: escriba client add",
             "ningún cliente todavía: escriba client add");
    db_result_free(r);
    return CTL_OK;
}

/* The fingerprint of the key that keyd seals to; "-" when keyd is away. */
static void
sealing_key(struct ctl *ctl, const struct id *client, char out[FINGERPRINT_ROOM])
{
    char path[PATH_ROOM + 16];
    struct keyclient *k = NULL;
    uint8_t key[BOX_KEY_SIZE];

    snprintf(path, sizeof path, "%s/keyd.sock", ctl->in.run);
    snprintf(out, FINGERPRINT_ROOM, "-");
    if (keyclient_open(path, &k, NULL) == RC_OK && keyclient_box_key(k, client, key) == RC_OK)
        client_fingerprint(key, out);
    keyclient_close(k);
}

int
ctl_client_show_run(struct ctl *ctl)
{
    struct db_param param = DB_P_TEXT(ctl->argv[0]);
    struct db_result *r = NULL, *d = NULL;
    char key[FINGERPRINT_ROOM], handover[PATH_ROOM];
    struct id id = { { 0 } };
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT * FROM ops.client($1)", &param, 1, "showing the client", &r)) != CTL_OK)
        return code;
    for (int c = 0; c < db_columns(r); c++)
        if (strcmp(db_column(r, c), "client_id") == 0)
            db_id(r, 0, c, &id);
    sealing_key(ctl, &id, key);
    snprintf(handover, sizeof handover, "%s/handover/%s", ctl->in.home, ctl->argv[0]);
    param = DB_P_ID(&id);
    if ((code = ctl_connect(ctl, "delivery", "operator")) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT * FROM delivery.clients() WHERE client_id = $1", &param, 1,
                          "looking at its deliveries", &d)) != CTL_OK)
        goto out;
    if (ctl->json) {
        json_t *o = ctl_row_json(r, 0, one_columns);
        json_t *more = db_rows(d) > 0 ? ctl_row_json(d, 0, delivery_columns) : json_object();

        json_object_update(o, more);
        json_decref(more);
        json_object_set_new(o, "key", json_string(key));
        json_object_set_new(o, "handover", json_string(handover));
        ctl_json(o);
        goto out;
    }
    ctl_row(ctl, r, 0, one_columns);
    if (db_rows(d) > 0)
        ctl_row(ctl, d, 0, delivery_columns);
    printf("%s %s\n%s %s/%s\n%s %s\n", ctl_tr(ctl, "its key:", "su clave:"), key,
           ctl_tr(ctl, "hot folders:", "carpetas de entrada:"), ctl->in.hot, ctl->argv[0],
           ctl_tr(ctl, "hand-over:", "para el cliente:"), handover);
out:
    db_result_free(r);
    db_result_free(d);
    return code;
}

int
ctl_client_refused_run(struct ctl *ctl)
{
    struct db_param param = DB_P_TEXT(ctl->argv[0]);
    struct db_result *r = NULL, *refused = NULL;
    struct id id = { { 0 } };
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT client_id FROM ops.client($1)", &param, 1, "finding the client", &r)) != CTL_OK)
        return code;
    db_id(r, 0, 0, &id);
    db_result_free(r);
    param = DB_P_ID(&id);
    if ((code = ctl_connect(ctl, "delivery", "operator")) != CTL_OK ||
        (code = ctl_query(ctl,
                          "SELECT seq, document, version, nacked_at, reason FROM delivery.nacks()"
                          " WHERE client_id = $1 ORDER BY seq",
                          &param, 1, "asking what it refused", &refused)) != CTL_OK)
        return code;
    ctl_rows(ctl, refused, refused_columns, "it refused nothing", "no rechazó nada");
    db_result_free(refused);
    return CTL_OK;
}

int
ctl_client_streams_run(struct ctl *ctl)
{
    struct adding a = { .code = ctl->argv[0] };
    struct db_param param = DB_P_TEXT(a.code);
    struct db_result *r = NULL;
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK)
        return code;
    for (int i = 1; i < ctl->argc; i++)
        if ((code = parse_streams(ctl, ctl->argv[i], &a)) != CTL_OK)
            return code;
    if ((code = make_streams(ctl, &a)) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT * FROM ops.streams($1)", &param, 1, "listing streams", &r)) != CTL_OK)
        return code;
    ctl_rows(ctl, r, stream_columns, "no streams", "sin flujos");
    db_result_free(r);
    return CTL_OK;
}
