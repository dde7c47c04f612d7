/*
 * ctl_doctor_here.c - is this installation as it must be: folders, keys, databases?
 */
#include "ctl_doctor.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "sys/migrate.h"

#define FREE_LEAST_MIB 1024

/* A folder or file by name: kind, mode bits that must not be set. */
static bool
mode_is_well(struct doctor *d, const char *path, bool folder, mode_t never, enum weight weight, const char *check)
{
    struct stat st;
    char cure[PATH_ROOM + 64];

    if (lstat(path, &st) != 0)
        return true; /* absent: another check says so */
    if (S_ISLNK(st.st_mode)) {
        snprintf(cure, sizeof cure, "put the folder itself there, or move the installation with --home");
        doctor_say(d, false, weight, check, cure, "%s is a symbolic link", path);
        return false;
    }
    if (folder && !S_ISDIR(st.st_mode)) {
        doctor_say(d, false, weight, check, "remove it", "%s is not a folder", path);
        return false;
    }
    if ((st.st_mode & never) != 0) {
        snprintf(cure, sizeof cure, "chmod %04o %s", (unsigned)(st.st_mode & 07777 & ~never), path);
        doctor_say(d, false, weight, check, cure, "%s can be %s by others (mode %04o)", path,
                   (never & S_IROTH) != 0 ? "read" : "written", (unsigned)(st.st_mode & 07777));
        return false;
    }
    return true;
}

/* Everything one or two levels below a folder. */
static int
check_below(struct doctor *d, const char *dir, int depth, bool files, mode_t never, enum weight weight,
            const char *check)
{
    DIR *list = opendir(dir);
    struct dirent *e;
    int bad = 0;

    while (list != NULL && (e = readdir(list)) != NULL) {
        char path[PATH_ROOM];
        struct stat st;

        if (e->d_name[0] == '.' || (size_t)snprintf(path, sizeof path, "%s/%s", dir, e->d_name) >= sizeof path ||
            lstat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode) || files)
            bad += !mode_is_well(d, path, false, never, weight, check);
        if (S_ISDIR(st.st_mode) && depth > 1)
            bad += check_below(d, path, depth - 1, files, never, weight, check);
    }
    if (list != NULL)
        closedir(list);
    return bad;
}

static void
check_folders(struct doctor *d)
{
    const struct instance *in = &d->ctl->in;
    int bad = !mode_is_well(d, in->home, true, S_IWGRP | S_IWOTH, WEIGHT_PRODUCTION, "home");

    bad += !mode_is_well(d, in->hot, true, S_IWOTH, WEIGHT_PRODUCTION, "hot folders");
    bad += check_below(d, in->hot, 2, false, S_IWOTH, WEIGHT_PRODUCTION, "hot folders");
    if (bad == 0)
        doctor_say(d, true, WEIGHT_PRODUCTION, "hot folders", "", "no hot folder is a link or open to everybody");
    bad = !mode_is_well(d, in->secret, true, S_IROTH | S_IWOTH | S_IWGRP, WEIGHT_STRICT, "passwords");
    bad += check_below(d, in->secret, 1, true, S_IRWXO | S_IRWXG, WEIGHT_STRICT, "passwords");
    if (bad == 0)
        doctor_say(d, true, WEIGHT_STRICT, "passwords", "", "no password file can be read by others");
}

static void
check_keys(struct doctor *d)
{
    const struct instance *in = &d->ctl->in;
    struct stat keys, data;
    char path[PATH_ROOM];
    int bad;

    if (lstat(in->keys, &keys) != 0) {
        doctor_say(d, false, WEIGHT_STRICT, "keys", "escriba up makes it; or restore its backup there",
                   "there is no key store at %s", in->keys);
        return;
    }
    bad = !mode_is_well(d, in->keys, true, S_IRWXG | S_IRWXO, WEIGHT_STRICT, "keys");
    bad += check_below(d, in->keys, 1, true, S_IRWXG | S_IRWXO, WEIGHT_STRICT, "keys");
    if (bad == 0)
        doctor_say(d, true, WEIGHT_STRICT, "keys", "", "the key store is closed to others");
    snprintf(path, sizeof path, "%s/pg", in->home);
    if (in->own_cluster && stat(path, &data) == 0)
        doctor_say(d, keys.st_dev != data.st_dev, WEIGHT_ADVICE, "key volume",
                   "mount a small volume of its own at HOME/keys: then a copy of the data is not a copy of the keys",
                   keys.st_dev != data.st_dev ? "keys and data lie on different volumes"
                                              : "keys and data lie on one volume");
}

static void
check_room(struct doctor *d)
{
    struct statvfs v;

    if (statvfs(d->ctl->in.home, &v) != 0)
        return;
    unsigned long long mib = (unsigned long long)v.f_bavail * v.f_frsize >> 20;
    doctor_say(d, mib >= FREE_LEAST_MIB, WEIGHT_PRODUCTION, "disk", "make room; intake waits while there is none",
               "%llu MiB free for the installation", mib);
}

/* A query that gives one number, or -1. */
static int64_t
ask_number(struct doctor *d, const char *sql)
{
    struct db_result *r = NULL;
    int64_t n = -1;

    if (db_query(d->ctl->db, sql, NULL, 0, &r) == RC_OK && db_rows(r) == 1)
        n = db_int(r, 0, 0);
    db_result_free(r);
    return n;
}

static void
check_rights(struct doctor *d)
{
    int64_t n = ask_number(
        d, "SELECT count(*) FROM pg_roles WHERE (rolsuper OR rolbypassrls) AND rolname LIKE 'escriba\\_%' "
           "AND rolname <> 'escriba_admin'");

    doctor_say(d, n == 0, WEIGHT_STRICT, "roles", "ALTER ROLE ... NOSUPERUSER NOBYPASSRLS",
               n == 0 ? "no program's role is a superuser or passes row security"
                      : "%lld roles of ours are superusers or pass row security", (long long)n);
    n = ask_number(d, "SELECT (current_setting('data_checksums') = 'on')::int::bigint");
    doctor_say(d, n == 1, WEIGHT_PRODUCTION, "checksums", "pg_checksums --enable, with the server stopped",
               n == 1 ? "the server checks its pages" : "the server does not check its pages for damage");
    n = ask_number(d, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint");
    int64_t apart = n - clock_wall_ms();
    doctor_say(d, n >= 0 && apart < 5000 && apart > -5000, WEIGHT_PRODUCTION, "clocks",
               "set both machines' clocks from the network", "the database's clock and ours are %lld ms apart",
               (long long)(apart < 0 ? -apart : apart));
    n = ask_number(
        d, "SELECT count(*) FROM ops.audit_heads(NULL) h CROSS JOIN LATERAL ops.audit_rows(h.client_id, h.n, 1) r"
           " WHERE r.at > clock_timestamp()");
    doctor_say(d, n == 0, WEIGHT_PRODUCTION, "audit clock",
               "set the server's clock; entries must not go back in time",
               n == 0  ? "the audit log is not ahead of the clock"
               : n < 0 ? "the audit log cannot be read"
                       : "%lld chains of the audit log are ahead of the clock",
               (long long)n);
}

static void
check_row_security(struct doctor *d)
{
    int64_t n = ask_number(
        d, "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
           " WHERE n.nspname = 'delivery' AND c.relkind = 'r' AND c.relname <> 'schema_version'"
           " AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'client_id')"
           " AND NOT (c.relrowsecurity AND c.relforcerowsecurity)");

    doctor_say(d, n == 0, WEIGHT_STRICT, "row security",
               "escriba migrate; then ALTER TABLE ... FORCE ROW LEVEL SECURITY",
               n == 0  ? "row security is forced on every table that clients' results lie in"
               : n < 0 ? "the delivery database cannot be looked at"
                       : "%lld tables of the delivery database have row security that is not forced",
               (long long)n);
}

/* The database that a role can reach, without printing what ctl_connect would. */
static bool
reach(struct doctor *d, const char *database, const char *role, struct err *err)
{
    char conninfo[PATH_ROOM];

    db_close(d->ctl->db);
    d->ctl->db = NULL;
    if (instance_conninfo(&d->ctl->in, database, role, conninfo, sizeof conninfo) != RC_OK) {
        err_set(err, RC_CONFIG, "the way to the %s database is not known, or not allowed in this profile", database);
        return false;
    }
    return db_open(conninfo, "escriba doctor", &d->ctl->db, err) == RC_OK;
}

static void
check_pending(struct doctor *d, const char *database, const struct migration *list)
{
    struct err err = { 0 };
    int pending = 0;

    if (!reach(d, database, "admin", &err))
        return; /* not ours to see as this user */
    if (migrate_pending(d->ctl->db, list, &pending, &err) != RC_OK)
        doctor_say(d, false, WEIGHT_STRICT, "migrations", err.cure[0] != '\0' ? err.cure : "escriba migrate",
                   "%s", err.what);
    else
        doctor_say(d, pending == 0, WEIGHT_STRICT, "migrations", "escriba migrate",
                   "%d migrations are to be applied to the %s database", pending, database);
}

static void
check_databases(struct doctor *d)
{
    struct err err = { 0 };

    if (!reach(d, "work", "operator", &err)) {
        /* Refused settings must stop us; a server that is merely down is started by `up`. */
        doctor_say(d, false, err.rc == RC_CONFIG ? WEIGHT_STRICT : WEIGHT_ADVICE, "database",
                   err.cure[0] != '\0' ? err.cure : "escriba up", "%s", err.what);
        return;
    }
    doctor_say(d, true, WEIGHT_STRICT, "database", "",
               "the database answers; fsync, full_page_writes and synchronous_commit are on");
    check_rights(d);
    doctor_parties(d);
    if (reach(d, "delivery", "operator", &err))
        check_row_security(d);
    check_pending(d, "work", migrations_work);
    check_pending(d, "delivery", migrations_delivery);
}

static void
check_keyd(struct doctor *d)
{
    struct keyclient *k = NULL;
    struct err err = { 0 };
    uint8_t key[SIGN_KEY_SIZE];
    char path[PATH_ROOM + 16];
    bool well;

    snprintf(path, sizeof path, "%s/keyd.sock", d->ctl->in.run);
    well = keyclient_open(path, &k, &err) == RC_OK && keyclient_sign_key(k, key) == RC_OK;
    keyclient_close(k);
    doctor_say(d, well, WEIGHT_ADVICE, "keyd", "escriba up",
               well ? "escriba-keyd answers" : "escriba-keyd does not answer");
}

static void
check_programs_user(struct doctor *d)
{
    struct running run;

    ctl_running(&d->ctl->in, &run);
    doctor_say(d, !run.as_root, WEIGHT_PRODUCTION, "root",
               "escriba down && escriba up, which gives them to a user of their own",
               run.as_root ? "programs of ours run as root" : "no program of ours runs as root");
}

void
doctor_here(struct doctor *d)
{
    struct stat st;

    if (!d->ctl->in_open || stat(d->ctl->in.home, &st) != 0) {
        doctor_say(d, true, WEIGHT_ADVICE, "installation", "escriba up", "there is no installation yet");
        return;
    }
    check_folders(d);
    check_keys(d);
    check_room(d);
    check_databases(d);
    check_keyd(d);
    check_programs_user(d);
    doctor_codes(d);
    doctor_rates(d);
}
