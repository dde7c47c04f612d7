/*
 * cluster.c - our own private PostgreSQL cluster: made, started, stopped.
 *
 * It uses the distribution's server and touches none of the host's own clusters.  A new
 * data folder is made beside its place and renamed into it, so a half-made one is never used.
 */
#include "sys/cluster.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/bytes.h"
#include "base/text.h"
#include "cluster_internal.h"

#define SERVERS "/usr/lib/postgresql"
#define SOCKET_PATH_MAX 107 /* sun_path, less its NUL */

/*
 * What our server does otherwise than a plain one.  The log settings keep values out of its log
 * (an error's DETAIL shows whole rows, STATEMENT whole queries): measured, they leave nothing.
 */
static const char settings_text[] =
    "# written by escriba at each start; put your own settings into postgresql.conf below the include\n"
    "listen_addresses = ''\n"
    "unix_socket_directories = '%s'\n"
    "unix_socket_permissions = 0777\n"
    "password_encryption = 'scram-sha-256'\n"
    "fsync = on\n"
    "full_page_writes = on\n"
    "synchronous_commit = on\n"
    "max_connections = 200\n"
    "shared_buffers = 128MB\n"
    "jit = off\n"
    "lc_messages = 'C'\n"
    "timezone = 'UTC'\n"
    "log_timezone = 'UTC'\n"
    "logging_collector = on\n"
    "log_directory = 'log'\n"
    "log_filename = 'server-%%a.log'\n"
    "log_truncate_on_rotation = on\n"
    "log_rotation_age = 1d\n"
    "log_rotation_size = 0\n"
    "log_line_prefix = '%%m [%%p] %%q%%u@%%d '\n"
    "log_statement = 'none'\n"
    "log_min_duration_statement = -1\n"
    "log_min_error_statement = panic\n"
    "log_error_verbosity = terse\n"
    "log_parameter_max_length = 0\n"
    "log_parameter_max_length_on_error = 0\n"
    "log_min_messages = log\n" /* not error: its first line may repeat a value that did not fit its type */
    "log_checkpoints = off\n"
    "log_autovacuum_min_duration = -1\n"
    "autovacuum = on\n"
    "autovacuum_naptime = 5s\n"
    "client_connection_check_interval = 2000\n"
    "idle_in_transaction_session_timeout = 60000\n"
    "tcp_keepalives_idle = 5\n"
    "tcp_keepalives_interval = 2\n"
    "tcp_keepalives_count = 2\n"
    "tcp_user_timeout = 8000\n";

struct place {
    const struct instance *in;
    struct service as;
    char data[PATH_ROOM];   /* HOME/pg      */
    char socket[PATH_ROOM]; /* HOME/run/pg  */
    char bin[512];          /* of the server's own major version */
    int lock;
};

static int
highest_major(char *list, size_t room)
{
    DIR *dir = opendir(SERVERS);
    struct dirent *e;
    int best = 0;
    char path[512];

    list[0] = '\0';
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        int64_t major;

        snprintf(path, sizeof path, SERVERS "/%.16s/bin/initdb", e->d_name);
        if (!text_parse_i64(e->d_name, 9, 99, &major) || access(path, X_OK) != 0)
            continue;
        snprintf(list + strlen(list), room - strlen(list), "%s%.4s", list[0] != '\0' ? ", " : "", e->d_name);
        if (major > best)
            best = (int)major;
    }
    if (dir != NULL)
        closedir(dir);
    return best;
}

/* An existing cluster is started by its own major version, a new one by the newest installed. */
static enum rc
choose_server(struct place *p, struct err *err)
{
    char path[PATH_ROOM + 16], version[16] = "", list[128];
    int best = highest_major(list, sizeof list);

    snprintf(path, sizeof path, "%s/PG_VERSION", p->data);
    if (cluster_slurp(path, version, sizeof version)) {
        version[strcspn(version, "\n")] = '\0';
        snprintf(p->bin, sizeof p->bin, SERVERS "/%s/bin", version);
        snprintf(path, sizeof path, "%.500s/postgres", p->bin);
        if (access(path, X_OK) == 0)
            return RC_OK;
        err_set(err, RC_CONFIG, "the data are those of PostgreSQL %s, whose server is not installed", version);
        err_where(err, "%s (installed: %s)", p->data, list[0] != '\0' ? list : "none");
        err_cure(err, "apt-get install postgresql-%s", version);
        return RC_CONFIG;
    }
    if (best == 0) {
        err_set(err, RC_CONFIG, "no PostgreSQL server is installed");
        err_where(err, SERVERS);
        err_cure(err, "apt-get install postgresql, or name a server with `database` in escriba.yaml");
        return RC_CONFIG;
    }
    snprintf(p->bin, sizeof p->bin, SERVERS "/%d/bin", best);
    return RC_OK;
}

/* Fill the place and hold the lock, so that two commands do not start the same cluster. */
static enum rc
place_open(struct place *p, const struct instance *in, struct err *err)
{
    char path[PATH_ROOM + 32];
    enum rc rc;

    memset(p, 0, sizeof *p);
    p->in = in;
    p->lock = -1;
    if ((rc = cluster_service(&p->as, err)) != RC_OK)
        return rc;
    snprintf(p->data, sizeof p->data, "%s/pg", in->home);
    snprintf(p->socket, sizeof p->socket, "%.4080s/pg", in->run);
    if (strlen(p->socket) + strlen("/.s.PGSQL.5432") > SOCKET_PATH_MAX) {
        err_set(err, RC_CONFIG, "the path of the database's socket would be longer than %d bytes", SOCKET_PATH_MAX);
        err_where(err, "%s", p->socket);
        err_cure(err, "choose a shorter home folder with --home");
        return RC_CONFIG;
    }
    if (strpbrk(p->socket, "'\\\n,") != NULL) {
        err_set(err, RC_CONFIG, "the home folder has a quote, comma or backslash in its name");
        err_where(err, "%s", in->home);
        err_cure(err, "choose another home folder with --home");
        return RC_CONFIG;
    }
    if ((rc = cluster_folder(in->home, 0755, (uid_t)-1, (gid_t)-1, err)) != RC_OK ||
        (rc = cluster_folder(in->run, 0755, (uid_t)-1, (gid_t)-1, err)) != RC_OK)
        return rc;
    snprintf(path, sizeof path, "%s/cluster.lock", in->home);
    p->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (p->lock < 0 || flock(p->lock, LOCK_EX) != 0) {
        rc = err_set(err, errno == EACCES ? RC_DENIED : RC_IO, "the cluster cannot be locked: %s", strerror(errno));
        err_where(err, "%s", path);
        err_cure(err, "run this as the user who owns the folder");
    }
    return rc;
}

static void
place_close(struct place *p)
{
    if (p->lock >= 0)
        close(p->lock);
}

static bool
is_up(const struct place *p)
{
    char conninfo[PATH_ROOM + 64];

    snprintf(conninfo, sizeof conninfo, "host='%s' dbname=postgres user=escriba_admin connect_timeout=3",
             p->socket);
    PGPing ping = PQping(conninfo);

    return ping == PQPING_OK || ping == PQPING_REJECT;
}

/*
 * After kill -9 a container whose process 1 does not reap leaves a zombie postmaster, and the server's
 * own tools then take its lock file for that of a living server.
 */
static void
clear_dead_postmaster(const struct place *p)
{
    char path[PATH_ROOM + 24], text[512], status[64];
    const char *state;
    int64_t pid;

    snprintf(path, sizeof path, "%s/postmaster.pid", p->data);
    if (!cluster_slurp(path, text, sizeof text))
        return;
    text[strcspn(text, "\n")] = '\0';
    if (!text_parse_i64(text, 2, INT32_MAX, &pid))
        return;
    if (kill((pid_t)pid, 0) != 0 && errno == ESRCH) {
        unlink(path);
        return;
    }
    snprintf(status, sizeof status, "/proc/%d/status", (int)pid);
    if (!cluster_slurp(status, text, sizeof text) || (state = strstr(text, "\nState:\t")) == NULL)
        return;
    if (state[8] == 'Z' || state[8] == 'X')
        unlink(path);
}

static enum rc
write_settings(const struct place *p, const char *data, struct err *err)
{
    char path[PATH_ROOM + 24], text[sizeof settings_text + PATH_ROOM];

    snprintf(path, sizeof path, "%s/escriba.conf", data);
    snprintf(text, sizeof text, settings_text, p->socket);
    return cluster_file(path, text, 0600, p->as.uid, p->as.gid, err);
}

static enum rc
admin_password(const struct place *p, char password[PASSWORD_TEXT], struct err *err)
{
    char path[PATH_ROOM + 32], line[128];
    enum rc rc;

    /* 0711: each program opens its own file by name and cannot list the others. */
    if ((rc = cluster_folder(p->in->secret, 0711, (uid_t)-1, (gid_t)-1, err)) != RC_OK)
        return rc;
    cluster_password(password);
    snprintf(path, sizeof path, "%s/escriba_admin.pgpass", p->in->secret);
    snprintf(line, sizeof line, "*:*:*:escriba_admin:%s\n", password);
    rc = cluster_file(path, line, 0600, (uid_t)-1, (gid_t)-1, err);
    bytes_wipe(line, sizeof line);
    return rc;
}

static enum rc
make_cluster(struct place *p, struct err *err)
{
    char initdb[600], fresh[PATH_ROOM + 8], pwfile[PATH_ROOM + 16], pwarg[PATH_ROOM + 32], conf[PATH_ROOM + 32];
    char password[PASSWORD_TEXT], said[256];
    FILE *f;
    enum rc rc;

    snprintf(initdb, sizeof initdb, "%s/initdb", p->bin);
    snprintf(fresh, sizeof fresh, "%s.new", p->data);
    snprintf(pwfile, sizeof pwfile, "%s/.admin", p->socket);
    snprintf(pwarg, sizeof pwarg, "--pwfile=%s", pwfile);
    cluster_remove(fresh);
    if ((rc = cluster_folder(fresh, 0700, p->as.uid, p->as.gid, err)) != RC_OK ||
        (rc = admin_password(p, password, err)) != RC_OK ||
        (rc = cluster_file(pwfile, password, 0600, p->as.uid, p->as.gid, err)) != RC_OK)
        goto out;
    const char *const argv[] = { initdb, "-D", fresh, "-U", "escriba_admin", pwarg, "--data-checksums",
                                 "--auth-local=scram-sha-256", "--auth-host=reject", "--encoding=UTF8",
                                 "--locale=C.UTF-8", "--no-instructions", NULL };

    if (cluster_run(&p->as, argv, said, sizeof said) != 0) {
        rc = err_set(err, RC_IO, "the database cluster could not be made");
        err_where(err, "%s: %s", initdb, said);
        err_cure(err, "look at the free space and the rights of %s", p->in->home);
        goto out;
    }
    snprintf(conf, sizeof conf, "%s/postgresql.conf", fresh);
    if ((rc = write_settings(p, fresh, err)) != RC_OK)
        goto out;
    rc = RC_IO;
    if ((f = fopen(conf, "ae")) != NULL) {
        bool written = fputs("\ninclude 'escriba.conf'\n", f) >= 0 && fflush(f) == 0 && fsync(fileno(f)) == 0;

        if (fclose(f) == 0 && written && rename(fresh, p->data) == 0)
            rc = RC_OK;
    }
    if (rc != RC_OK) {
        err_set(err, RC_IO, "the new database cluster could not be put in its place: %s", strerror(errno));
        err_where(err, "%s", p->data);
    }
out:
    unlink(pwfile);
    bytes_wipe(password, sizeof password);
    return rc;
}

static enum rc
start_server(struct place *p, struct err *err)
{
    char ctl[600], log[PATH_ROOM + 16], said[256], tail[4096] = "";
    enum rc rc;

    snprintf(ctl, sizeof ctl, "%s/pg_ctl", p->bin);
    snprintf(log, sizeof log, "%s/start.log", p->data);
    const char *const argv[] = { ctl, "-D", p->data, "-l", log, "-w", "-t", "60", "-s", "start", NULL };

    if ((rc = write_settings(p, p->data, err)) != RC_OK)
        return rc;
    /* The backends of a killed postmaster need a moment to notice; until then shared memory is in use. */
    for (int i = 0; i < 5; i++) {
        clear_dead_postmaster(p);
        unlink(log);
        if (cluster_run(&p->as, argv, said, sizeof said) == 0 || is_up(p))
            return RC_OK;
        clock_sleep_ms(700);
    }
    cluster_slurp(log, tail, sizeof tail);
    const char *fatal = strstr(tail, "FATAL:");

    rc = err_set(err, RC_DB, "the database server does not start");
    if (fatal != NULL)
        err_where(err, "%.*s", (int)strcspn(fatal, "\n"), fatal);
    else
        err_where(err, "%s", said);
    err_cure(err, "read %s and %s/log", log, p->data);
    return rc;
}

enum rc
cluster_up(const struct instance *in, struct err *err)
{
    struct place p;
    char path[PATH_ROOM + 16];
    struct stat st;
    enum rc rc;

    if (!in->own_cluster)
        return RC_OK;
    if ((rc = place_open(&p, in, err)) != RC_OK)
        goto out;
    if (is_up(&p))
        goto out;
    if ((rc = choose_server(&p, err)) != RC_OK ||
        (rc = cluster_folder(p.socket, 0755, p.as.uid, p.as.gid, err)) != RC_OK)
        goto out;
    if (!cluster_reachable(&p.as, p.socket)) {
        rc = err_set(err, RC_DENIED, "the database server's user '%s' cannot reach the home folder", p.as.name);
        err_where(err, "%s (a folder above it is private)", in->home);
        err_cure(err, "choose a folder that others may pass through with --home, such as /var/lib/escriba");
        goto out;
    }
    snprintf(path, sizeof path, "%s/PG_VERSION", p.data);
    if (stat(path, &st) != 0 && (rc = make_cluster(&p, err)) != RC_OK)
        goto out;
    rc = start_server(&p, err);
out:
    place_close(&p);
    return rc;
}

enum rc
cluster_down(const struct instance *in, struct err *err)
{
    struct place p;
    char ctl[600], said[256];
    enum rc rc;

    if (!in->own_cluster)
        return RC_OK;
    if ((rc = place_open(&p, in, err)) != RC_OK)
        goto out;
    clear_dead_postmaster(&p);
    if (!is_up(&p))
        goto out;
    if ((rc = choose_server(&p, err)) != RC_OK)
        goto out;
    snprintf(ctl, sizeof ctl, "%s/pg_ctl", p.bin);
    const char *const argv[] = { ctl, "-D", p.data, "-m", "fast", "-w", "-t", "60", "-s", "stop", NULL };

    if (cluster_run(&p.as, argv, said, sizeof said) != 0 && is_up(&p)) {
        rc = err_set(err, RC_DB, "the database server does not stop");
        err_where(err, "%s", said);
    }
out:
    place_close(&p);
    return rc;
}

enum rc
cluster_status(const struct instance *in, enum cluster_state *out, struct err *err)
{
    struct place p = { .in = in, .lock = -1 };
    char path[PATH_ROOM + 16];
    struct stat st;

    (void)err;
    if (!in->own_cluster) {
        char conninfo[2048];

        snprintf(conninfo, sizeof conninfo, "%s dbname=postgres connect_timeout=3", in->database);
        PGPing ping = PQping(conninfo);

        *out = ping == PQPING_OK || ping == PQPING_REJECT ? CLUSTER_UP : CLUSTER_DOWN;
        return RC_OK;
    }
    snprintf(p.socket, sizeof p.socket, "%.4080s/pg", in->run);
    snprintf(path, sizeof path, "%s/pg/PG_VERSION", in->home);
    if (is_up(&p))
        *out = CLUSTER_UP;
    else
        *out = stat(path, &st) != 0 && errno == ENOENT ? CLUSTER_ABSENT : CLUSTER_DOWN;
    return RC_OK;
}
