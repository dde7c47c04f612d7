/*
 * db.c - one connection to PostgreSQL: parameters only, results in binary.
 *
 * What the server says is sorted into our codes by SQLSTATE; its texts go to no log.
 */
#include "sys/db.h"

#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db_internal.h"

#define PARAMS_MAX 40

struct db {
    PGconn *conn;
    bool in_transaction;
    char sqlstate[6];
    char message[256];
};

/* Object identifiers of pg_type that are fixed for ever (pg_type.dat). */
static const struct {
    enum db_type type;
    Oid oid;
    int format;
} param_types[] = {
    { DB_NULL, 0, 0 },           { DB_TEXT, 0, 0 },           { DB_INT, OID_INT8, 1 },
    { DB_BYTES, OID_BYTEA, 1 },  { DB_ID, OID_UUID, 1 },      { DB_BOOL, OID_BOOL, 1 },
    { DB_REAL, OID_FLOAT8, 1 },  { DB_TEXT_LIST, 1009, 1 },   { DB_INT_LIST, 1016, 1 },
    { DB_BYTES_LIST, 1001, 1 },  { DB_ID_LIST, 2951, 1 },     { DB_REAL_LIST, 1022, 1 },
};

/* What our own functions and the server mean by each class or code; first match wins. */
static const struct {
    const char *state; /* a prefix */
    enum rc rc;
} states[] = {
    { "ES001", RC_LOST },   { "ES400", RC_INPUT }, { "ES403", RC_DENIED }, { "ES404", RC_NOT_FOUND },
    { "ES409", RC_EXISTS }, { "ES503", RC_BUSY },  { "23505", RC_EXISTS }, { "42501", RC_DENIED },
    { "28", RC_DENIED },    { "22", RC_INPUT },    { "53100", RC_FULL },   { "54000", RC_LIMIT },
    { "53200", RC_NOMEM },
};

static void
note_failure(struct db *db, const char *state, const char *message)
{
    snprintf(db->sqlstate, sizeof db->sqlstate, "%s", state != NULL ? state : "08006");
    snprintf(db->message, sizeof db->message, "%s", message != NULL ? message : "the connection was lost");
}

static enum rc
rc_of_state(const char *state)
{
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
            return states[i].rc;
    return RC_DB;
}

static PGconn *
connect_with(const char *conninfo, const char *application)
{
    /* Our timeouts come first: what the operator's conninfo says wins (libpq reads left to right).
     * A worker on a cut link learns of it in 10 s; measured with a link between two namespaces. */
    const char *keys[] = { "connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count",
                           "tcp_user_timeout", "client_encoding", "dbname", "fallback_application_name", NULL };
    const char *values[] = { "5", "5", "2", "2", "8000", "UTF8", conninfo, application, NULL };

    return PQconnectdbParams(keys, values, 1);
}

/* Notices are for people at psql; libpq would print them to our standard error, values and all. */
static void
drop_notice(void *context, const PGresult *notice)
{
    (void)context;
    (void)notice;
}

/* A value that a client may not have weakened: asked of the server at each connection. */
static enum rc
check_durable(PGconn *conn, struct err *err)
{
    static const char ask[] = "SELECT name FROM pg_catalog.pg_settings WHERE name IN"
                              " ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'";
    PGresult *r = PQexec(conn, ask);
    enum rc rc = RC_OK;

    if (PQresultStatus(r) != PGRES_TUPLES_OK) {
        rc = err_set(err, RC_DB, "the database server did not answer a question about its settings");
    } else if (PQntuples(r) > 0) {
        rc = err_set(err, RC_CONFIG, "the database server runs with %s = off: a power cut could lose documents",
                     PQgetvalue(r, 0, 0));
        err_cure(err, "set %s = on in postgresql.conf (or for this role) and reload the server",
                 PQgetvalue(r, 0, 0));
    }
    PQclear(r);
    return rc;
}

static bool
is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 || strncmp(host, "127.", 4) == 0;
}

static enum rc
check_link(PGconn *conn, struct err *err)
{
    const char *host = PQhost(conn);
    PQconninfoOption *options;
    bool verified = false;

    if (host == NULL || host[0] == '/' || host[0] == '@' || host[0] == '\0' || is_loopback(host))
        return RC_OK;
    if ((options = PQconninfo(conn)) == NULL)
        return RC_NOMEM;
    for (PQconninfoOption *o = options; o->keyword != NULL; o++)
        if (strcmp(o->keyword, "sslmode") == 0 && o->val != NULL && strcmp(o->val, "verify-full") == 0)
            verified = PQsslInUse(conn) == 1;
    PQconninfoFree(options);
    if (verified)
        return RC_OK;
    err_set(err, RC_CONFIG, "the database is on another machine and the connection does not check who it is");
    err_cure(err, "add sslmode=verify-full and sslrootcert=FILE to the database setting");
    return RC_CONFIG;
}

static enum rc
explain_failed_connect(PGconn *conn, struct err *err)
{
    /* PQerrorMessage names host, role and database only.  The code of a refused login is not kept by
     * libpq 15, so the words decide (the server sends them untranslated: lc_messages is C in ours). */
    const char *said = PQerrorMessage(conn);
    bool refused = strstr(said, "authentication failed") != NULL || strstr(said, "no password supplied") != NULL ||
                   strstr(said, "permission denied") != NULL || strstr(said, "no pg_hba.conf entry") != NULL ||
                   strstr(said, "does not exist") != NULL || strstr(said, "rejects connection") != NULL;
    int length = (int)strcspn(said, "\n");

    err_set(err, refused ? RC_DENIED : RC_DB, "%s", refused ? "the database does not let this program in"
                                                            : "the database cannot be reached");
    err_where(err, "%.*s", length, said);
    err_cure(err, "%s", refused ? "look at HOME/secret and at `escriba status`"
                                : "start it with `escriba up`, or look at `database` in escriba.yaml");
    return refused ? RC_DENIED : RC_DB;
}

enum rc
db_open(const char *conninfo, const char *application, struct db **out, struct err *err)
{
    struct db *db = calloc(1, sizeof *db);
    enum rc rc;

    if (db == NULL)
        return err_set(err, RC_NOMEM, "no memory for a connection");
    db->conn = connect_with(conninfo, application);
    if (db->conn == NULL) {
        rc = err_set(err, RC_NOMEM, "no memory for a connection");
        goto out;
    }
    if (PQstatus(db->conn) != CONNECTION_OK) {
        rc = explain_failed_connect(db->conn, err);
        goto out;
    }
    PQsetNoticeReceiver(db->conn, drop_notice, NULL);
    if ((rc = check_link(db->conn, err)) != RC_OK || (rc = check_durable(db->conn, err)) != RC_OK)
        goto out;
    *out = db;
    db = NULL;
out:
    db_close(db);
    return rc;
}

void
db_close(struct db *db)
{
    if (db == NULL)
        return;
    PQfinish(db->conn);
    free(db);
}

/* Bring a broken connection back.  Inside a transaction that is the caller's matter: it must roll back first. */
static enum rc
mend(struct db *db)
{
    if (PQstatus(db->conn) == CONNECTION_OK)
        return RC_OK;
    if (db->in_transaction)
        return RC_DB;
    PQreset(db->conn);
    if (PQstatus(db->conn) != CONNECTION_OK || check_link(db->conn, NULL) != RC_OK ||
        check_durable(db->conn, NULL) != RC_OK) {
        note_failure(db, NULL, NULL);
        return RC_DB;
    }
    return RC_OK;
}

struct packed {
    Oid types[PARAMS_MAX];
    const char *values[PARAMS_MAX];
    int lengths[PARAMS_MAX];
    int formats[PARAMS_MAX];
    uint64_t numbers[PARAMS_MAX];
};

static void
pack(struct packed *p, const struct db_param *params, int count)
{
    static const char nothing[1];

    for (int i = 0; i < count; i++) {
        const struct db_param *in = &params[i];

        p->types[i] = param_types[in->type].oid;
        p->formats[i] = param_types[in->type].format;
        switch (in->type) {
        case DB_NULL:
            p->values[i] = NULL;
            break;
        case DB_TEXT:
            p->values[i] = in->text;
            break;
        case DB_INT:
            p->numbers[i] = htobe64((uint64_t)in->number);
            p->values[i] = (const char *)&p->numbers[i];
            p->lengths[i] = 8;
            break;
        case DB_BOOL:
            p->values[i] = in->number ? "\1" : "\0";
            p->lengths[i] = 1;
            break;
        case DB_ID:
            p->values[i] = in->id != NULL ? (const char *)in->id->b : NULL;
            p->lengths[i] = ID_SIZE;
            break;
        case DB_REAL:
            memcpy(&p->numbers[i], in->bytes.data, sizeof p->numbers[i]);
            p->numbers[i] = htobe64(p->numbers[i]);
            p->values[i] = (const char *)&p->numbers[i];
            p->lengths[i] = 8;
            break;
        default: /* bytes and arrays */
            p->values[i] = in->bytes.data != NULL ? (const char *)in->bytes.data
                           : in->type == DB_BYTES ? nothing
                                                  : NULL;
            p->lengths[i] = (int)in->bytes.size;
            break;
        }
    }
}

enum rc
db_query(struct db *db, const char *sql, const struct db_param *params, int count, struct db_result **out)
{
    struct packed p;
    PGresult *r;
    ExecStatusType status;
    enum rc rc;

    *out = NULL;
    if (count > PARAMS_MAX)
        return RC_BUG;
    if ((rc = mend(db)) != RC_OK)
        return rc;
    pack(&p, params, count);
    r = PQexecParams(db->conn, sql, count, p.types, p.values, p.lengths, p.formats, 1);
    status = PQresultStatus(r);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return db_result_wrap(r, out);
    note_failure(db, PQresultErrorField(r, PG_DIAG_SQLSTATE), PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(r);
    return rc_of_state(db->sqlstate);
}

enum rc
db_run(struct db *db, const char *sql, const struct db_param *params, int count)
{
    struct db_result *r = NULL;
    enum rc rc = db_query(db, sql, params, count, &r);

    db_result_free(r);
    return rc;
}

enum rc
db_script(struct db *db, const char *sql)
{
    PGresult *r;
    enum rc rc = mend(db);

    if (rc != RC_OK)
        return rc;
    r = PQexec(db->conn, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK &&
        PQresultStatus(r) != PGRES_EMPTY_QUERY) {
        note_failure(db, PQresultErrorField(r, PG_DIAG_SQLSTATE), PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
        rc = rc_of_state(db->sqlstate);
    }
    PQclear(r);
    return rc;
}

enum rc
db_begin(struct db *db)
{
    enum rc rc = db_run(db, "BEGIN", NULL, 0);

    db->in_transaction = rc == RC_OK;
    return rc;
}

enum rc
db_commit(struct db *db)
{
    /* COMMIT of a failed transaction answers "ROLLBACK" without an error: that must not pass for success. */
    if (!db->in_transaction || PQtransactionStatus(db->conn) != PQTRANS_INTRANS) {
        db_rollback(db);
        return RC_DB;
    }
    enum rc rc = db_run(db, "COMMIT", NULL, 0);

    db->in_transaction = false;
    return rc;
}

void
db_rollback(struct db *db)
{
    char state[sizeof db->sqlstate];

    db->in_transaction = false;
    if (PQstatus(db->conn) != CONNECTION_OK || PQtransactionStatus(db->conn) == PQTRANS_IDLE)
        return;
    memcpy(state, db->sqlstate, sizeof state);
    if (db_run(db, "ROLLBACK", NULL, 0) == RC_OK)
        memcpy(db->sqlstate, state, sizeof state);
}

const char *
db_sqlstate(const struct db *db)
{
    return db->sqlstate;
}

const char *
db_message(const struct db *db)
{
    return db->message;
}

int
db_socket(const struct db *db)
{
    return PQsocket(db->conn);
}

bool
db_notified(struct db *db)
{
    PGnotify *n;
    bool any = false;

    if (PQconsumeInput(db->conn) == 0)
        return false;
    while ((n = PQnotifies(db->conn)) != NULL) {
        any = true;
        PQfreemem(n);
    }
    return any;
}

enum rc
db_scram(struct db *db, const char *role, const char *password, struct arena *arena, char **out)
{
    char *made = PQencryptPasswordConn(db->conn, password, role, "scram-sha-256");

    if (made == NULL)
        return RC_DB;
    *out = arena_str(arena, made);
    PQfreemem(made);
    return *out != NULL ? RC_OK : RC_NOMEM;
}
