/*
 * ctl_link.c - what a verb reaches: the installation, the databases, other programs.
 */
#include "ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int
ctl_fail(const struct ctl *ctl, const struct err *err)
{
    int code = err_exit_code(err->rc);

    if (ctl->json) {
        json_t *o = json_object(), *e = json_object();

        json_object_set_new(e, "code", json_string(rc_name(err->rc)));
        json_object_set_new(e, "what", json_string(err->what));
        json_object_set_new(e, "where", json_string(err->where));
        json_object_set_new(e, "do", json_string(err->cure));
        json_object_set_new(o, "error", e);
        json_dumpf(o, stderr, JSON_COMPACT);
        fputc('\n', stderr);
        json_decref(o);
    } else {
        err_print(err, stderr);
    }
    return code != 0 ? code : CTL_FAILED;
}

int
ctl_fail_rc(const struct ctl *ctl, enum rc rc, const char *doing)
{
    struct err err = { 0 };

    switch (rc) {
    case RC_DB:
        err_set(&err, rc, "the database is away, or answered with an error");
        err_cure(&err, "escriba status; escriba up starts what is down");
        break;
    case RC_DENIED:
        err_set(&err, rc, "not permitted");
        err_cure(&err, "run it as the user that owns the installation, or as root");
        break;
    case RC_NOT_FOUND:
        err_set(&err, rc, "there is no such thing");
        err_cure(&err, "the lists show what there is: escriba batch list, document list, client list");
        break;
    case RC_EXISTS: err_set(&err, rc, "it is there already"); break;
    case RC_INPUT:
        err_set(&err, rc, "a value was refused");
        err_cure(&err, "escriba help %s", ctl->verb->name);
        break;
    case RC_FULL:
        err_set(&err, rc, "the disk of the database is full");
        err_cure(&err, "make room; work goes on by itself");
        break;
    default: err_set(&err, rc, "failed: %s", rc_name(rc));
    }
    err_where(&err, "%s", doing);
    return ctl_fail(ctl, &err);
}

int
ctl_instance(struct ctl *ctl)
{
    struct err err = { 0 };

    if (ctl->in_open)
        return CTL_OK;
    if (instance_open(ctl->home, &ctl->in, &err) != RC_OK)
        return ctl_fail(ctl, &err);
    ctl->in_open = true;
    return CTL_OK;
}

int
ctl_connect(struct ctl *ctl, const char *database, const char *role)
{
    char conninfo[PATH_ROOM];
    struct err err = { 0 };
    enum rc rc;
    int code = ctl_instance(ctl);

    if (code != CTL_OK)
        return code;
    if ((rc = instance_conninfo(&ctl->in, database, role, conninfo, sizeof conninfo)) != RC_OK)
        return ctl_fail_rc(ctl, rc, "finding the way to the database");
    db_close(ctl->db);
    ctl->db = NULL;
    if (db_open(conninfo, "escriba", &ctl->db, &err) != RC_OK) {
        if (err.cure[0] == '\0')
            err_cure(&err, "escriba up, and run this as the user that owns %s, or as root", ctl->in.home);
        return ctl_fail(ctl, &err);
    }
    return CTL_OK;
}

int
ctl_query(struct ctl *ctl, const char *sql, const struct db_param *params, int count, const char *doing,
          struct db_result **out)
{
    enum rc rc = db_query(ctl->db, sql, params, count, out);
    struct err err = { 0 };

    if (rc == RC_OK)
        return CTL_OK;
    /* The server's own sentence, where it answered: it names what it refused. */
    if (db_sqlstate(ctl->db)[0] == '\0' || db_message(ctl->db)[0] == '\0')
        return ctl_fail_rc(ctl, rc, doing);
    err_set(&err, rc, "%s", ctl_safe(ctl, db_message(ctl->db)));
    err_where(&err, "%s (SQLSTATE %s)", doing, db_sqlstate(ctl->db));
    if (rc == RC_DB)
        err_cure(&err, "escriba doctor");
    else if (rc == RC_NOT_FOUND)
        err_cure(&err, "the lists show what there is: escriba batch list, document list, client list");
    else if (rc == RC_DENIED)
        err_cure(&err, "escriba migrate puts right what roles may do");
    else
        err_cure(&err, "escriba help %s", ctl->verb->name);
    return ctl_fail(ctl, &err);
}

const char ctl_batch_ids[] =
    "SELECT batch_id FROM ops.batches(NULL, true) WHERE starts_with(batch_id::text, $1) LIMIT 2";
const char ctl_document_ids[] = "SELECT document_id FROM ops.documents(NULL, NULL, NULL, 2147483647)"
                                " WHERE starts_with(document_id::text, $1) LIMIT 2";
const char ctl_work_ids[] = "SELECT document_id FROM ops.documents(NULL, NULL, NULL, 2147483647)"
                            " WHERE starts_with(document_id::text, $1) UNION ALL"
                            " SELECT file_id FROM ops.files(NULL, NULL, NULL, 2147483647)"
                            " WHERE starts_with(file_id::text, $1) LIMIT 2";

int
ctl_find_id(struct ctl *ctl, const char *sql, const char *text, struct id *out)
{
    struct db_param param = DB_P_TEXT(text);
    struct db_result *r = NULL;
    struct err err = { 0 };
    int code = CTL_NOT_FOUND;

    if (id_parse(text, out))
        return CTL_OK;
    if (strlen(text) < 4 || strspn(text, "0123456789abcdef-") != strlen(text))
        return ctl_usage(ctl, "`%s` is not an id, nor the beginning of one (four characters at least)", text);
    if ((code = ctl_query(ctl, sql, &param, 1, "looking for the id", &r)) != CTL_OK)
        return code;
    if (db_rows(r) == 1 && db_id(r, 0, 0, out)) {
        code = CTL_OK;
    } else if (db_rows(r) == 0) {
        err_set(&err, RC_NOT_FOUND, "nothing has an id that begins with %s", text);
        err_cure(&err, "the lists show ids: escriba batch list, escriba document list");
        code = ctl_fail(ctl, &err);
    } else {
        err_set(&err, RC_INPUT, "more than one id begins with %s", text);
        err_cure(&err, "give more of it");
        ctl_fail(ctl, &err);
        code = CTL_USAGE;
    }
    db_result_free(r);
    return code;
}

int
ctl_spawn(const char *const argv[], int out_fd)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status, bad;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return -1;
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (out_fd != STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    bad = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (bad != 0)
        return -1;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool
ctl_program_dir(char *out, size_t room)
{
    ssize_t n = readlink("/proc/self/exe", out, room - 1);
    char *slash;

    if (n <= 0)
        return false;
    out[n] = '\0';
    if ((slash = strrchr(out, '/')) == NULL)
        return false;
    *slash = '\0';
    return true;
}
