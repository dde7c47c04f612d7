/*
 * client_pull.c - fetch this client's results, prove them, write them, acknowledge them.
 *
 * Order matters: the file is durable, then the receipt, then the acknowledgement.  Whatever
 * stops us, the next pull goes on with nothing lost; at worst it writes the same file again.
 * NOTIFY is a hint; asking again every few seconds is what we rely on.
 */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>
#include <libpq-fe.h>

#include "base/text.h"

#define ROWS_AT_ONCE "100"
#define POLL_MS 5000

static volatile sig_atomic_t stopping;

static void
on_signal(int number)
{
    (void)number;
    stopping = 1;
}

/* ---- the connection ------------------------------------------------------------------ */

/* A conninfo, or @FILE with one in its first line: what the operator hands over. */
static const char *
conninfo_of(const char *given, char line[4096])
{
    FILE *file;

    if (given == NULL || given[0] != '@')
        return given != NULL ? given : "";
    if ((file = fopen(given + 1, "re")) == NULL || fgets(line, 4096, file) == NULL) {
        fprintf(stderr, "escriba-client: cannot read %s: %s\n", given + 1, strerror(errno));
        line = NULL;
    } else {
        line[strcspn(line, "\r\n")] = '\0';
    }
    if (file != NULL)
        fclose(file);
    return line;
}

/* The password lies beside connect.txt, wherever the folder was copied to. NULL: as the conninfo says. */
static const char *
own_passfile(const struct client_options *o, char *out, size_t room)
{
    if (o->handover == NULL || (size_t)snprintf(out, room, "%s/delivery.pgpass", o->handover) >= room ||
        access(out, R_OK) != 0)
        return NULL;
    return out;
}

static PGconn *
connect_to(const struct client_options *o, int *code)
{
    char line[4096];
    const char *conninfo = conninfo_of(o->conninfo, line);
    /* The settings that are ours come first, so that the client's own may change them. */
    const char *const names[] = { "application_name", "connect_timeout", "keepalives_idle", "keepalives_interval",
                                  "keepalives_count", "tcp_user_timeout", "dbname",         "passfile",        "user",
                                  NULL };
    char passfile[4096];
    const char *const values[] = { "escriba-client", "5", "10", "5", "3", "15000", conninfo,
                                   own_passfile(o, passfile, sizeof passfile), o->role, NULL };
    PGconn *c;

    *code = 1;
    if (conninfo == NULL)
        return NULL;
    if ((c = PQconnectdbParams(names, values, 1)) != NULL && PQstatus(c) == CONNECTION_OK)
        return c;
    fprintf(stderr,
            "escriba-client: cannot connect to the delivery database\n  what: %s  do:   check --conninfo: host,"
            " dbname, user and passfile are in the hand-over folder's connect.txt\n",
            c != NULL ? PQerrorMessage(c) : "no memory\n");
    *code = 69;
    PQfinish(c);
    return NULL;
}

/* A statement that gives rows or nothing; NULL after the error was printed. */
static PGresult *
ask(PGconn *c, const char *sql, int count, const char *const *values, int format, int *code)
{
    PGresult *r = PQexecParams(c, sql, count, NULL, values, NULL, NULL, format);
    ExecStatusType status = PQresultStatus(r);
    const char *state;

    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return r;
    state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    *code = PQstatus(c) != CONNECTION_OK ? 69 : 1;
    if (state != NULL && strcmp(state, "42501") == 0)
        *code = 77;
    if (state != NULL && strcmp(state, "ES404") == 0)
        *code = 4;
    fprintf(stderr, "escriba-client: %s", PQresultErrorMessage(r));
    PQclear(r);
    return NULL;
}

/* ---- writing one result ----------------------------------------------------------------- */

static bool
write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

/* Whole or not at all, and durable. */
static bool
write_file(int dir, const char *name, const struct opened *result)
{
    char part[280];
    int fd;
    bool good;

    snprintf(part, sizeof part, ".%s.part", name);
    if ((fd = openat(dir, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
        return false;
    good = write_all(fd, result->message, result->size) && fsync(fd) == 0;
    if (close(fd) != 0 || !good || renameat(dir, part, dir, name) != 0 || fsync(dir) != 0) {
        int saved = errno;

        unlinkat(dir, part, 0);
        errno = saved;
        return false;
    }
    return true;
}

/*
 * The row around the sealed result comes from a database that anybody who owns it can
 * rearrange.  What the message says of itself is signed: the two must agree.
 */
static bool
row_agrees(const struct opened *result, const char *document, const char *version, const char *kind)
{
    json_t *package = json_loadb((const char *)result->message, result->size, 0, NULL);
    const json_t *own = json_object_get(package, "delivery");
    const char *d = json_string_value(json_object_get(own, "document")),
               *k = json_string_value(json_object_get(own, "kind"));
    bool agrees = d != NULL && strcmp(d, document) == 0 && k != NULL && strcmp(k, kind) == 0 &&
                  json_integer_value(json_object_get(own, "version")) == strtoll(version, NULL, 10);

    json_decref(package);
    return agrees;
}

/* Names that come from the database become part of a path: letters, digits, - and _ only. */
static void
plain_name(const char *text, char *out, size_t room)
{
    size_t n = 0;

    for (; *text != '\0' && n + 1 < room; text++)
        if ((*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
            *text == '-' || *text == '_')
            out[n++] = *text;
    out[n] = '\0';
}

struct pull {
    const struct client_options *o;
    PGconn *c;
    struct client_key key;
    uint8_t signer[SIGN_KEY];
    struct receipts *receipts;
    int dir; /* -1: standard output */
    int64_t upto; /* all up to here are safe with us */
    int64_t after;
    long count;
};

enum { COL_SEQ, COL_DOCUMENT, COL_VERSION, COL_KIND, COL_FORM, COL_PAYLOAD };

static const char pull_sql[] =
    "SELECT seq::text, document::text, version::text, kind, coalesce(form, ''), payload"
    " FROM delivery.results WHERE ($1 OR acked_at IS NULL) AND seq > $2 ORDER BY seq LIMIT " ROWS_AT_ONCE;

/* One row; 0, or the exit code. */
static int
take_row(struct pull *p, const PGresult *r, int row)
{
    struct opened result;
    struct receipt receipt = { 0 };
    struct err err = { 0 };
    size_t size = 0;
    uint8_t *payload = PQunescapeBytea((const unsigned char *)PQgetvalue(r, row, COL_PAYLOAD), &size);
    const char *seq = PQgetvalue(r, row, COL_SEQ);
    enum box_answer answer =
        payload != NULL ? client_box_open(&p->key, p->signer, payload, size, &result) : BOX_NOMEM;
    int code = 1;

    PQfreemem(payload);
    if (answer != BOX_OK) {
        fprintf(stderr, "escriba-client: result %s: %s\n  do:   %s\n", seq,
                answer == BOX_NOT_OURS ? "this result was not sealed to this key, or was changed on the way"
                : answer == BOX_FORGED ? "the signature is not that of the installation which --signer names"
                                       : "no memory",
                answer == BOX_NOT_OURS
                    ? "name with --key the key whose fingerprint `escriba client show` gives; nothing was "
                      "acknowledged"
                    : "do not use it; tell the installation's operator; nothing was acknowledged");
        return answer == BOX_NOMEM ? 1 : CLIENT_BAD_DATA;
    }
    if (!row_agrees(&result, PQgetvalue(r, row, COL_DOCUMENT), PQgetvalue(r, row, COL_VERSION),
                    PQgetvalue(r, row, COL_KIND))) {
        fprintf(stderr,
                "escriba-client: result %s: the row names another document or version than the signed result\n"
                "  do:   do not use it; tell the installation's operator; nothing was acknowledged\n",
                seq);
        code = CLIENT_BAD_DATA;
        goto out;
    }
    receipt.seq = strtoll(seq, NULL, 10);
    receipt.version = strtoll(PQgetvalue(r, row, COL_VERSION), NULL, 10);
    plain_name(PQgetvalue(r, row, COL_DOCUMENT), receipt.document, sizeof receipt.document);
    snprintf(receipt.file, sizeof receipt.file, "%08" PRId64 "-%s-v%" PRId64 ".json", receipt.seq, receipt.document,
             receipt.version);
    memcpy(receipt.public, p->key.public, BOX_KEY);
    memcpy(receipt.signer, p->signer, SIGN_KEY);
    memcpy(receipt.digest, result.digest, MESSAGE_DIGEST);
    memcpy(receipt.signature, result.signature, SIGNATURE);
    if (p->dir >= 0 ? !write_file(p->dir, receipt.file, &result)
                    : !write_all(STDOUT_FILENO, result.message, result.size) ||
                          (result.message[result.size - 1] != '\n' &&
                           !write_all(STDOUT_FILENO, (const uint8_t *)"\n", 1))) {
        fprintf(stderr, "escriba-client: cannot write result %s: %s\n", seq, strerror(errno));
        goto out;
    }
    if (client_receipts_add(p->receipts, &receipt, &err) != RC_OK) {
        fprintf(stderr, "escriba-client: %s\n", err.what);
        goto out;
    }
    if (p->dir >= 0) {
        char kind[32], form[64];

        plain_name(PQgetvalue(r, row, COL_KIND), kind, sizeof kind);
        plain_name(PQgetvalue(r, row, COL_FORM), form, sizeof form);
        fprintf(stderr, "%s  %s  %s  %s\n", seq, kind, form[0] != '\0' ? form : "-", receipt.file);
    }
    p->upto = receipt.seq;
    p->after = receipt.seq;
    p->count++;
    code = 0;
out:
    client_box_free(&result);
    return code;
}

static int
acknowledge(PGconn *c, int64_t upto)
{
    char number[24];
    const char *values[] = { number };
    int code = 0;
    PGresult *r;

    snprintf(number, sizeof number, "%" PRId64, upto);
    r = ask(c, "SELECT delivery.ack($1::bigint)", 1, values, 0, &code);
    PQclear(r);
    return code;
}

/* All that waits; 0, or the exit code. */
static int
pull_waiting(struct pull *p)
{
    int code = 0, rows;

    do {
        char after[24];
        const char *values[] = { p->o->all ? "t" : "f", after };
        int64_t before = p->upto;
        PGresult *r;

        snprintf(after, sizeof after, "%" PRId64, p->after);
        if ((r = ask(p->c, pull_sql, 2, values, 0, &code)) == NULL)
            return code;
        rows = PQntuples(r);
        for (int i = 0; i < rows && code == 0 && !stopping; i++)
            code = take_row(p, r, i);
        PQclear(r);
        /* What came before a bad result is ours all the same. */
        if (p->upto > before && !p->o->no_ack) {
            int acked = acknowledge(p->c, p->upto);

            code = code != 0 ? code : acked;
        }
    } while (code == 0 && rows > 0 && !stopping);
    return code;
}

/* Until something may have come. */
static void
wait_for_news(PGconn *c)
{
    struct pollfd fd = { .fd = PQsocket(c), .events = POLLIN };
    PGnotify *news;

    if (poll(&fd, 1, POLL_MS) > 0) {
        PQconsumeInput(c);
        while ((news = PQnotifies(c)) != NULL)
            PQfreemem(news);
    }
}

/* Our role's own channel; where it cannot be had (a pooler), asking again is enough. */
static void
listen_for_news(PGconn *c)
{
    PQclear(PQexecParams(c, "DO $$ BEGIN EXECUTE format('LISTEN %I', current_user); END $$", 0, NULL, NULL, NULL,
                         NULL, 0));
}

static int
pull_run(struct pull *p)
{
    int code;

    if ((p->c = connect_to(p->o, &code)) == NULL)
        return code;
    if (p->o->follow)
        listen_for_news(p->c);
    code = pull_waiting(p);
    while (p->o->follow && !stopping && code == 0) {
        wait_for_news(p->c);
        code = pull_waiting(p);
        if (code == 69 && !stopping) { /* the server was restarted: come back to it */
            PQfinish(p->c);
            sleep(2);
            while ((p->c = connect_to(p->o, &code)) == NULL && code == 69 && !stopping)
                sleep(5);
            if (p->c == NULL)
                break;
            listen_for_news(p->c);
            code = 0;
        }
    }
    return stopping ? 0 : code;
}

int
client_pull(const struct client_options *o)
{
    struct pull p = { .o = o, .dir = -1 };
    struct err err = { 0 };
    char beside[4096];
    const char *receipts = o->receipts;
    bool to_stdout = strcmp(o->to, "-") == 0;
    int code = 1;

    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    signal(SIGPIPE, SIG_IGN);
    if (client_key_open(o->key, &p.key, &err) != RC_OK || client_public_read(o->signer, p.signer, &err) != RC_OK) {
        err_print(&err, stderr);
        code = err_exit_code(err.rc);
        goto out;
    }
    if (!to_stdout) {
        if (mkdir(o->to, 0700) != 0 && errno != EEXIST) {
            fprintf(stderr, "escriba-client: cannot make %s: %s\n", o->to, strerror(errno));
            goto out;
        }
        if ((p.dir = open(o->to, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
            fprintf(stderr, "escriba-client: cannot open %s: %s\n", o->to, strerror(errno));
            goto out;
        }
        if (receipts == NULL) {
            snprintf(beside, sizeof beside, "%s/receipts.jsonl", o->to);
            receipts = beside;
        }
    }
    if (client_receipts_open(receipts, &p.receipts, &err) != RC_OK) {
        err_print(&err, stderr);
        goto out;
    }
    code = pull_run(&p);
    if (!to_stdout)
        fprintf(stderr, "%ld result%s received%s\n", p.count, p.count == 1 ? "" : "s",
                o->no_ack ? ", not acknowledged" : p.count > 0 ? " and acknowledged" : "");
out:
    PQfinish(p.c);
    client_receipts_close(p.receipts);
    client_key_close(&p.key);
    if (p.dir >= 0)
        close(p.dir);
    return code;
}

int
client_ack(const struct client_options *o, int64_t upto)
{
    int code;
    PGconn *c = connect_to(o, &code);

    if (c == NULL)
        return code;
    code = acknowledge(c, upto);
    PQfinish(c);
    return code;
}

int
client_nack(const struct client_options *o, int64_t seq)
{
    char number[24];
    const char *values[] = { number, o->reason };
    PGresult *r;
    int code;
    PGconn *c = connect_to(o, &code);

    if (c == NULL)
        return code;
    code = 0;
    snprintf(number, sizeof number, "%" PRId64, seq);
    r = ask(c, "SELECT delivery.nack($1::bigint, $2)", 2, values, 0, &code);
    if (r != NULL && PQntuples(r) == 1 && strcmp(PQgetvalue(r, 0, 0), "t") != 0) {
        fprintf(stderr, "escriba-client: there is no result %s of yours\n", number);
        code = 4;
    }
    PQclear(r);
    PQfinish(c);
    return code;
}
