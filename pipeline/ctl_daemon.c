/*
 * ctl_daemon.c - start escribad detached, stop it, and see what runs.
 *
 * escribad locks HOME/run/escribad.pid: the lock, not the number in the file, says whether it
 * runs.  A stale file is no trap, and of two that start at once one goes on.
 */
#include "ctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ipc.h"

#define START_WAIT_MS 20000
#define STOP_WAIT_MS 90000

static void
pid_path(const struct instance *in, char out[PATH_ROOM])
{
    snprintf(out, PATH_ROOM, "%.4000s/escribad.pid", in->run);
}

/* Who holds the lock; 0: nobody. */
static pid_t
supervisor_of(const struct instance *in)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    char path[PATH_ROOM];
    pid_t pid = 0;
    int fd;

    pid_path(in, path);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0)
        return 0;
    if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
        pid = lock.l_pid;
    close(fd);
    return pid;
}

/* The program's name and parent from /proc/PID/stat. */
static bool
read_stat(const char *pid, char name[32], pid_t *parent)
{
    char path[64], line[512];
    FILE *file;
    const char *open_paren, *close_paren;
    bool good = false;

    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    if ((file = fopen(path, "re")) == NULL)
        return false;
    if (fgets(line, sizeof line, file) != NULL && (open_paren = strchr(line, '(')) != NULL &&
        (close_paren = strrchr(line, ')')) != NULL) {
        long ppid = 0;
        char state = '?';

        snprintf(name, 32, "%.*s", (int)(close_paren - open_paren - 1), open_paren + 1);
        good = sscanf(close_paren + 1, " %c %ld", &state, &ppid) == 2 && state != 'Z';
        *parent = (pid_t)ppid;
    }
    fclose(file);
    return good;
}

/* Does its command line name this installation? */
static bool
is_ours(const char *pid, const char *home)
{
    char path[64], line[8192];
    FILE *file;
    size_t n = 0;

    snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
    if ((file = fopen(path, "re")) != NULL) {
        n = fread(line, 1, sizeof line - 1, file);
        fclose(file);
    }
    line[n] = '\0';
    for (const char *at = line; at < line + n; at += strlen(at) + 1)
        if (strcmp(at, home) == 0)
            return true;
    return false;
}

/* The owner of /proc/PID says nothing here: it is root's for a process that cannot be dumped. */
static bool
is_root(const char *pid)
{
    char path[64], line[256];
    FILE *file;
    long uid = -1;

    snprintf(path, sizeof path, "/proc/%.20s/status", pid);
    if ((file = fopen(path, "re")) == NULL)
        return false;
    while (uid < 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "Uid:", 4) == 0)
            uid = strtol(line + 4, NULL, 10);
    fclose(file);
    return uid == 0;
}

void
ctl_running(const struct instance *in, struct running *out)
{
    DIR *proc = opendir("/proc");
    struct dirent *e;

    memset(out, 0, sizeof *out);
    out->supervisor = supervisor_of(in);
    while (proc != NULL && (e = readdir(proc)) != NULL) {
        char name[32];
        pid_t parent;

        /* A forked cell carries its host's name: only children of escribad, or of systemd, are programs. */
        if (e->d_name[0] < '1' || e->d_name[0] > '9' || !read_stat(e->d_name, name, &parent) ||
            strncmp(name, "escriba-", 8) != 0 || parent != (out->supervisor != 0 ? out->supervisor : 1) ||
            !is_ours(e->d_name, in->home))
            continue;
        out->intake += strcmp(name, "escriba-intake") == 0;
        out->runners += strcmp(name, "escriba-runner") == 0;
        out->keyd += strcmp(name, "escriba-keyd") == 0;
        out->desk += strcmp(name, "escriba-desk") == 0;
        out->as_root = out->as_root || is_root(e->d_name);
    }
    if (proc != NULL)
        closedir(proc);
    out->up = out->keyd > 0 && out->intake > 0 && out->runners > 0;
}

static int
fail_start(const struct ctl *ctl, const char *what)
{
    struct err err = { 0 };

    err_set(&err, RC_BUSY, "%s", what);
    err_where(&err, "%s/escribad.log", ctl->in.log);
    err_cure(&err, "the last lines of that file say why; then escriba doctor");
    ctl_fail(ctl, &err);
    return CTL_UNAVAILABLE;
}

/* In the child that becomes escribad: give up root, our terminal and our folder. Returns only on failure. */
static void
become_supervisor(const struct ctl *ctl, const struct keeper *keeper, const char *program)
{
    char log[PATH_ROOM + 32];
    int null = open("/dev/null", O_RDWR), out;
    sigset_t none;

    snprintf(log, sizeof log, "%s/escribad.log", ctl->in.log);
    if (getuid() == 0 && (setgroups(0, NULL) != 0 || setgid(keeper->gid) != 0 || setuid(keeper->uid) != 0))
        _exit(77);
    if (setsid() < 0 || chdir("/") != 0)
        _exit(71);
    umask(077);
    if (null < 0 || (out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0640)) < 0)
        _exit(73);
    if (dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
        _exit(71);
    if (null > 2)
        close(null);
    if (out > 2)
        close(out);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    /* Tesseract reads it before main: it must be there before exec. */
    setenv("OMP_THREAD_LIMIT", "1", 1);
    execl(program, "escribad", "--home", ctl->in.home, (char *)NULL);
    _exit(69);
}

/* The desk's process is there before its socket is: who looks back or reviews right after `up` shall find it. */
static bool
desk_listens(const struct ctl *ctl)
{
    char path[PATH_ROOM + 16];
    int fd = -1;

    snprintf(path, sizeof path, "%s/desk.sock", ctl->in.run);
    if (ipc_connect(path, &fd) != RC_OK)
        return false;
    close(fd);
    return true;
}

/* Do keyd and the desk answer, and does the supervisor live? */
static int
wait_until_ready(struct ctl *ctl, pid_t pid)
{
    char path[PATH_ROOM + 16];
    int64_t end = clock_ms() + START_WAIT_MS;

    snprintf(path, sizeof path, "%s/keyd.sock", ctl->in.run);
    while (clock_ms() < end) {
        struct keyclient *k = NULL;
        uint8_t key[SIGN_KEY_SIZE];
        struct running run;
        int status;
        bool well = access(path, F_OK) == 0 && keyclient_open(path, &k, NULL) == RC_OK &&
                    keyclient_sign_key(k, key) == RC_OK;

        keyclient_close(k);
        ctl_running(&ctl->in, &run);
        if (well && run.intake > 0 && run.runners > 0 && run.desk > 0 && desk_listens(ctl))
            return CTL_OK;
        if (waitpid(pid, &status, WNOHANG) == pid)
            return fail_start(ctl, "escribad ended at once");
        clock_sleep_ms(30);
    }
    return fail_start(ctl, "escribad runs, but not all of its programs started");
}

int
ctl_daemon_start(struct ctl *ctl)
{
    char program[PATH_ROOM], dir[PATH_ROOM - 32];
    struct keeper keeper;
    int code = ctl_keeper(ctl, "escriba", &keeper);
    pid_t pid;

    if (code != CTL_OK || supervisor_of(&ctl->in) != 0)
        return code;
    if (getuid() == 0)
        snprintf(program, sizeof program, "%s/bin/escribad", ctl->in.home);
    else if (ctl_program_dir(dir, sizeof dir))
        snprintf(program, sizeof program, "%s/escribad", dir);
    else
        return ctl_fail_rc(ctl, RC_IO, "finding escribad");
    if ((pid = fork()) == 0)
        become_supervisor(ctl, &keeper, program);
    return pid > 0 ? wait_until_ready(ctl, pid) : ctl_fail_rc(ctl, RC_NOMEM, "starting escribad");
}

int
ctl_daemon_stop(struct ctl *ctl)
{
    pid_t pid = supervisor_of(&ctl->in);
    int64_t end = clock_ms() + STOP_WAIT_MS;

    if (pid == 0)
        return CTL_OK;
    if (kill(pid, SIGTERM) != 0 && errno != ESRCH)
        return ctl_fail_rc(ctl, errno == EPERM ? RC_DENIED : RC_IO, "stopping escribad");
    /* It ends after its programs, which finish the step at hand. */
    while (supervisor_of(&ctl->in) == pid) {
        if (clock_ms() > end) {
            kill(pid, SIGKILL);
            return fail_start(ctl, "escribad did not stop in time and was killed; its programs go with it");
        }
        clock_sleep_ms(20);
    }
    return CTL_OK;
}
