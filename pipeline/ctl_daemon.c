/*
 * ctl_daemon.c - start escribad detached, stop it, and see what runs.
 *
 * HOME/run/escribad.pid is locked by a descriptor that escribad inherits: the lock, not the
 * number in the file, says whether it runs.  A stale file is no trap, and two `up` at once
 * start one.
 */
#include "ctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define START_WAIT_MS 20000
#define STOP_WAIT_MS 60000

static void
pid_path(const struct instance *in, char out[PATH_ROOM])
{
    snprintf(out, PATH_ROOM, "%.4000s/escribad.pid", in->run);
}

/* The number in the file, while somebody holds its lock; else 0. */
static pid_t
supervisor_of(const struct instance *in)
{
    char path[PATH_ROOM], text[32] = "";
    int fd;
    int64_t pid = 0;
    ssize_t n;

    pid_path(in, path);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0)
        return 0;
    if (flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK && (n = read(fd, text, sizeof text - 1)) > 0) {
        text[strcspn(text, "\n")] = '\0';
        if (!text_parse_i64(text, 2, 1 << 30, &pid))
            pid = 0;
    }
    close(fd);
    return (pid_t)pid;
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

void
ctl_running(const struct instance *in, struct running *out)
{
    DIR *proc;
    struct dirent *e;

    memset(out, 0, sizeof *out);
    if ((out->supervisor = supervisor_of(in)) == 0 || (proc = opendir("/proc")) == NULL)
        return;
    while ((e = readdir(proc)) != NULL) {
        char name[32];
        pid_t parent;

        if (e->d_name[0] < '1' || e->d_name[0] > '9' || !read_stat(e->d_name, name, &parent) ||
            parent != out->supervisor)
            continue;
        out->intake += strcmp(name, "escriba-intake") == 0;
        out->runners += strcmp(name, "escriba-runner") == 0;
        out->keyd += strcmp(name, "escriba-keyd") == 0;
        out->desk += strcmp(name, "escriba-desk") == 0;
    }
    closedir(proc);
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
become_supervisor(const struct ctl *ctl, const struct keeper *keeper, const char *program, int lock)
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
    fcntl(lock, F_SETFD, 0);
    /* Tesseract reads it before main: it must be there before exec. */
    setenv("OMP_THREAD_LIMIT", "1", 1);
    execl(program, "escribad", "--home", ctl->in.home, (char *)NULL);
    _exit(69);
}

/* Does keyd answer, and does the supervisor live? */
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
        if (well && run.intake > 0 && run.runners > 0 && run.desk > 0)
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
    char path[PATH_ROOM], program[PATH_ROOM], dir[PATH_ROOM - 32], text[32];
    struct keeper keeper;
    int fd, code = ctl_keeper(ctl, &keeper);
    pid_t pid;

    if (code != CTL_OK)
        return code;
    if (getuid() == 0)
        snprintf(program, sizeof program, "%s/bin/escribad", ctl->in.home);
    else if (ctl_program_dir(dir, sizeof dir))
        snprintf(program, sizeof program, "%s/escribad", dir);
    else
        return ctl_fail_rc(ctl, RC_IO, "finding escribad");
    pid_path(&ctl->in, path);
    if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)) < 0)
        return ctl_fail_rc(ctl, errno == EACCES ? RC_DENIED : RC_IO, "opening HOME/run/escribad.pid");
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) { /* it runs */
        close(fd);
        return CTL_OK;
    }
    if ((pid = fork()) == 0)
        become_supervisor(ctl, &keeper, program, fd);
    if (pid > 0) {
        int n = snprintf(text, sizeof text, "%ld\n", (long)pid);

        if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n)
            code = ctl_fail_rc(ctl, RC_IO, "writing HOME/run/escribad.pid");
    } else {
        code = ctl_fail_rc(ctl, RC_NOMEM, "starting escribad");
    }
    close(fd);
    return code == CTL_OK ? wait_until_ready(ctl, pid) : code;
}

int
ctl_daemon_stop(struct ctl *ctl)
{
    pid_t pid = supervisor_of(&ctl->in);
    int64_t end = clock_ms() + STOP_WAIT_MS;
    char path[PATH_ROOM];
    int fd;

    if (pid == 0)
        return CTL_OK;
    if (kill(pid, SIGTERM) != 0 && errno != ESRCH)
        return ctl_fail_rc(ctl, errno == EPERM ? RC_DENIED : RC_IO, "stopping escribad");
    pid_path(&ctl->in, path);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return CTL_OK;
    /* The lock goes when the last program that inherited it has gone. */
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (clock_ms() > end) {
            kill(pid, SIGKILL);
            close(fd);
            return fail_start(ctl, "escribad did not stop within a minute and was killed");
        }
        clock_sleep_ms(20);
    }
    close(fd);
    return CTL_OK;
}
