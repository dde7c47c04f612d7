/*
 * cluster_prepare.c - databases, migrations, and a password file for each program's role.
 *
 * Only scrambled passwords reach the server; each file is readable by the user of its program alone.
 */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cluster_internal.h"
#include "sys/migrate.h"

static const struct {
    const char *role;
    const char *database; /* where it may connect                           */
    const char *user;     /* the system user of the program that is this role */
} logins[] = {
    { "intake", "work", "escriba-intake" },     { "runner", "work", "escriba-runner" },
    { "publisher", "delivery", "escriba-runner" }, { "desk", "work", "escriba-desk" },
    { "operator", "work", NULL },               { "audit", "work", NULL },
    { "metrics", "work", "escriba-metrics" },
};

static enum rc
admin_open(const struct instance *in, const char *database, struct db **out, struct err *err)
{
    char conninfo[PATH_ROOM + 2048];
    enum rc rc = instance_conninfo(in, database, "admin", conninfo, sizeof conninfo);

    if (rc != RC_OK) {
        err_set(err, rc, "the production profile takes a database on TCP only with sslmode=verify-full");
        err_where(err, "%s/escriba.yaml", in->home);
        err_cure(err, "add sslmode=verify-full sslrootcert=FILE to the database setting");
        return rc;
    }
    return db_open(conninfo, "escriba prepare", out, err);
}

static enum rc
sql_failed(const struct db *db, enum rc rc, const char *what, struct err *err)
{
    rc = err_set(err, rc, "%s: %s", what, db_message(db));
    err_where(err, "SQLSTATE %s", db_sqlstate(db));
    err_cure(err, "escriba_admin needs the rights CREATEDB and CREATEROLE on this server");
    return rc;
}

static enum rc
make_databases(const struct instance *in, struct err *err)
{
    static const struct {
        const char *name;
        const char *sql; /* names cannot be parameters */
    } databases[] = {
        { "escriba_work", "CREATE DATABASE escriba_work TEMPLATE template0 ENCODING 'UTF8'" },
        { "escriba_delivery", "CREATE DATABASE escriba_delivery TEMPLATE template0 ENCODING 'UTF8'" },
    };
    struct db *db = NULL;
    struct db_result *r = NULL;
    enum rc rc = admin_open(in, "postgres", &db, err);

    for (size_t i = 0; i < COUNT_OF(databases) && rc == RC_OK; i++) {
        const struct db_param p[] = { DB_P_TEXT(databases[i].name) };

        rc = db_query(db, "SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1::name", p, 1, &r);
        if (rc == RC_OK && db_rows(r) == 0)
            rc = db_run(db, databases[i].sql, NULL, 0);
        db_result_free(r);
        r = NULL;
        if (rc != RC_OK && strcmp(db_sqlstate(db), "42P04") != 0) /* another one was quicker */
            return sql_failed(db, rc, "a database cannot be made", err), db_close(db), rc;
        rc = RC_OK;
    }
    /* In our own cluster a client's role must not look around in the databases that every cluster has. */
    if (rc == RC_OK && in->own_cluster) {
        rc = db_run(db, "REVOKE ALL ON DATABASE postgres FROM PUBLIC", NULL, 0);
        if (rc == RC_OK)
            rc = db_run(db, "REVOKE ALL ON DATABASE template1 FROM PUBLIC", NULL, 0);
        if (rc != RC_OK)
            rc = sql_failed(db, rc, "a right cannot be taken away", err);
    }
    db_close(db);
    return rc;
}

static enum rc
migrate_both(const struct instance *in, int *applied, struct err *err)
{
    struct db *db = NULL;
    int work = 0, delivery = 0;
    enum rc rc;

    if ((rc = admin_open(in, "work", &db, err)) != RC_OK ||
        (rc = migrate_apply(db, migrations_work, &work, err)) != RC_OK)
        goto out;
    db_close(db);
    db = NULL;
    if ((rc = admin_open(in, "delivery", &db, err)) != RC_OK)
        goto out;
    rc = migrate_apply(db, migrations_delivery, &delivery, err);
out:
    *applied = work + delivery;
    db_close(db);
    return rc;
}

static void
owner_of(const char *user, uid_t *uid, gid_t *gid)
{
    struct passwd *pw = NULL;

    *uid = (uid_t)-1;
    *gid = (gid_t)-1;
    if (geteuid() != 0 || user == NULL)
        return;
    if ((pw = getpwnam(user)) == NULL && (pw = getpwnam("escriba")) == NULL)
        return;
    *uid = pw->pw_uid;
    *gid = pw->pw_gid;
}

static bool
login_works(const struct instance *in, const char *database, const char *role, const char *path)
{
    char conninfo[PATH_ROOM + 2048];
    struct stat st;
    struct db *db = NULL;

    if (stat(path, &st) != 0 || instance_conninfo(in, database, role, conninfo, sizeof conninfo) != RC_OK ||
        db_open(conninfo, "escriba prepare", &db, NULL) != RC_OK)
        return false;
    db_close(db);
    return true;
}

static enum rc
set_password(struct db *admin, const char *role, const char *password, struct err *err)
{
    /* A utility statement takes no parameters: the verifier travels as a setting of this transaction. */
    static const char alter[] = "DO $$ BEGIN EXECUTE format('ALTER ROLE %I PASSWORD %L', "
                                "current_setting('escriba.role'), current_setting('escriba.verifier')); END $$";
    char full[64], *verifier = NULL;
    struct arena *arena = arena_new(65536);
    enum rc rc = RC_NOMEM;

    if (arena == NULL)
        return RC_NOMEM;
    snprintf(full, sizeof full, "escriba_%s", role);
    if ((rc = db_scram(admin, full, password, arena, &verifier)) != RC_OK)
        goto out;
    const struct db_param p[] = { DB_P_TEXT(full), DB_P_TEXT(verifier) };

    if ((rc = db_begin(admin)) != RC_OK ||
        (rc = db_run(admin, "SELECT set_config('escriba.role', $1, true), set_config('escriba.verifier', $2, true)",
                     p, 2)) != RC_OK ||
        (rc = db_run(admin, alter, NULL, 0)) != RC_OK || (rc = db_commit(admin)) != RC_OK) {
        sql_failed(admin, rc, "a role's password cannot be set", err);
        db_rollback(admin);
    }
out:
    arena_free(arena);
    return rc;
}

static enum rc
prepare_login(const struct instance *in, struct db *admin, size_t i, struct err *err)
{
    char path[PATH_ROOM + 64], password[PASSWORD_TEXT], line[256];
    uid_t uid;
    gid_t gid;
    enum rc rc = RC_OK;

    owner_of(logins[i].user, &uid, &gid);
    snprintf(path, sizeof path, "%s/escriba_%s.pgpass", in->secret, logins[i].role);
    if (login_works(in, logins[i].database, logins[i].role, path)) {
        if (uid != (uid_t)-1 && chown(path, uid, gid) != 0)
            rc = err_set(err, RC_IO, "a password file cannot be given to the user %s", logins[i].user);
        return rc;
    }
    cluster_password(password);
    snprintf(line, sizeof line, "*:*:*:escriba_%s:%s\n", logins[i].role, password);
    if ((rc = cluster_file(path, line, 0600, uid, gid, err)) == RC_OK)
        rc = set_password(admin, logins[i].role, password, err);
    bytes_wipe(password, sizeof password);
    bytes_wipe(line, sizeof line);
    return rc;
}

enum rc
cluster_prepare(const struct instance *in, int *applied, struct err *err)
{
    struct db *admin = NULL;
    enum rc rc;

    *applied = 0;
    if ((rc = cluster_folder(in->secret, 0711, (uid_t)-1, (gid_t)-1, err)) != RC_OK ||
        (rc = make_databases(in, err)) != RC_OK || (rc = migrate_both(in, applied, err)) != RC_OK ||
        (rc = admin_open(in, "work", &admin, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < COUNT_OF(logins) && rc == RC_OK; i++)
        rc = prepare_login(in, admin, i, err);
    db_close(admin);
    return rc;
}
