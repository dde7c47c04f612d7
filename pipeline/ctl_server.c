/*
 * ctl_server.c - up --database: make somebody else's PostgreSQL server ours to use.
 *
 * The string given may name any role that can make roles, and how it logs in.  What stays in
 * the settings is where the server is; the role escriba_admin gets a password of its own, in
 * a file of its own.
 */
#include "ctl.h"

#include <string.h>
#include <unistd.h>

#include <libpq-fe.h>
#include <sodium.h>

#include "base/bytes.h"
#include "base/text.h"

#define ADMIN "escriba_admin"
#define PASSWORD_BYTES 24

static int
fail(const struct ctl *ctl, enum rc rc, const char *what, const char *where, const char *cure)
{
    struct err err = { 0 };

    err_set(&err, rc, "%.*s", (int)strcspn(what, "\n"), what);
    err_where(&err, "%s", where);
    err_cure(&err, "%s", cure);
    return ctl_fail(ctl, &err);
}

/* Who logs in, and how, is not for the settings file. */
static bool
is_login(const char *keyword)
{
    static const char *const words[] = { "user", "password", "passfile", "dbname", "application_name" };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(words[i], keyword) == 0)
            return true;
    return false;
}

/* The string without who logs in; CTL_OK or the exit code. */
static int
where_only(struct ctl *ctl, const char *conninfo, char *out, size_t room)
{
    char *said = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &said);
    size_t n = 0;
    int code = CTL_OK;

    out[0] = '\0';
    if (options == NULL) {
        code = fail(ctl, RC_CONFIG, said != NULL ? said : "not a libpq connection string", "--database",
                    "write it as \"host=... port=...\"");
        PQfreemem(said);
        return code;
    }
    for (const PQconninfoOption *o = options; o->keyword != NULL && code == CTL_OK; o++) {
        if (o->val == NULL || o->val[0] == '\0' || is_login(o->keyword))
            continue;
        if (strpbrk(o->val, "'\\\"\n") != NULL)
            code = ctl_usage(ctl, "--database: %s holds a quote or a backslash", o->keyword);
        else
            n += (size_t)snprintf(out + n, n < room ? room - n : 0, "%s%s='%s'", n > 0 ? " " : "", o->keyword,
                                  o->val);
    }
    PQconninfoFree(options);
    if (code == CTL_OK && n >= room)
        code = ctl_usage(ctl, "--database is too long");
    if (code == CTL_OK && n == 0)
        code = ctl_usage(ctl, "--database names no server");
    return code;
}

static bool
run(PGconn *c, const char *sql, int count, const char *const *values)
{
    PGresult *r = PQexecParams(c, sql, count, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(r);

    PQclear(r);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* The role that applies migrations, with a new password; only the scrambled one reaches the server. */
static bool
make_admin(PGconn *c, char password[PASSWORD_BYTES * 2 + 1])
{
    static const char make[] =
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '" ADMIN "') THEN"
        " CREATE ROLE " ADMIN " LOGIN CREATEDB CREATEROLE; END IF;"
        " EXECUTE format('ALTER ROLE " ADMIN " LOGIN PASSWORD %L', current_setting('escriba.verifier')); END $$";
    uint8_t raw[PASSWORD_BYTES];
    char *verifier;
    bool good;

    randombytes_buf(raw, sizeof raw);
    text_hex(raw, sizeof raw, password);
    verifier = PQencryptPasswordConn(c, password, ADMIN, "scram-sha-256");
    const char *values[] = { verifier };
    /* A refused ADMIN option or a missing right ends the transaction; nothing stays. */
    good = verifier != NULL && run(c, "BEGIN", 0, NULL) &&
           run(c, "SELECT set_config('escriba.verifier', $1, true)", 1, values) && run(c, make, 0, NULL) &&
           run(c, "COMMIT", 0, NULL);
    PQfreemem(verifier);
    return good;
}

static int
write_password(struct ctl *ctl, const char *password)
{
    struct keeper me = { getuid(), getgid() };
    char path[PATH_ROOM + 32], line[512];
    int code, n;

    snprintf(path, sizeof path, "%s/" ADMIN ".pgpass", ctl->in.secret);
    n = snprintf(line, sizeof line, "*:*:*:" ADMIN ":%s\n", password);
    if (n < 0 || (size_t)n >= sizeof line || strpbrk(password, ":\\\n") != NULL)
        return ctl_usage(ctl, "the password of " ADMIN " holds a colon or a backslash, or is too long");
    code = ctl_file(ctl, path, line, (size_t)n, 0600, &me);
    bytes_wipe(line, sizeof line);
    return code;
}

int
ctl_server(struct ctl *ctl, const char *conninfo, char *out, size_t room)
{
    const char *const names[] = { "dbname", "dbname", "connect_timeout", "application_name", NULL };
    const char *const values[] = { conninfo, "postgres", "10", "escriba up", NULL };
    char path[PATH_ROOM + 32], password[PASSWORD_BYTES * 2 + 1] = "";
    PGconn *c = NULL;
    int code = where_only(ctl, conninfo, out, room);

    if (code != CTL_OK)
        return code;
    snprintf(path, sizeof path, "%s/" ADMIN ".pgpass", ctl->in.secret);
    if (access(path, R_OK) == 0) /* the administrator, or an earlier `up`, has seen to it */
        return CTL_OK;
    c = PQconnectdbParams(names, values, 1);
    if (c == NULL || PQstatus(c) != CONNECTION_OK) {
        code = fail(ctl, RC_DB, c != NULL ? PQerrorMessage(c) : "no memory", "--database",
                    "the string names a server, a role that can make roles, and how it logs in (passfile=FILE)");
    } else if (strcmp(PQuser(c), ADMIN) == 0) {
        const char *own = PQpass(c);

        code = own != NULL && own[0] != '\0' ? write_password(ctl, own) : CTL_OK;
    } else if (!make_admin(c, password)) {
        code = fail(ctl, RC_DENIED, PQerrorMessage(c), "making the role " ADMIN,
                    "use a role with CREATEROLE and CREATEDB, or have the administrator make " ADMIN);
    } else {
        code = write_password(ctl, password);
    }
    bytes_wipe(password, sizeof password);
    PQfinish(c);
    return code;
}
