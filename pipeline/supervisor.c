/*
 * supervisor.c - escribad: starts the other daemons, starts them again, stops them.
 *
 * It knows no secret and no database.  For each child that may ask keyd it makes one socket
 * pair and keeps both ends, so that the pair outlives either side: keyd is known to a runner
 * and a runner to keyd by a socket that nobody else has.
 */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "sys/instance.h"
#include "sys/runtime.h"

struct options {
    const char *home;
    const char *only; /* names, comma separated; NULL: all */
    int passphrase_fd;
};

static const char usage[] =
    "escribad [--home DIR] [--only NAMES] [--passphrase-fd N]\n"
    "\n"
    "Runs an Escriba installation: escriba-keyd, escriba-intake, the runners, the desk and the figures for\n"
    "Prometheus.  Stop it with SIGTERM: work at hand is finished first.\n"
    "\n"
    "  --home DIR           the installation\n"
    "  --only NAMES         only these, with commas: keyd,intake,runner,desk,metrics\n"
    "  --passphrase-fd N    hand this descriptor to keyd, which reads the passphrase of the root key from it\n"
    "  -h, --help           this text;  --version  the version\n";

static bool
options_read(int argc, char **argv, struct options *o)
{
    static const struct option known[] = { { "home", required_argument, NULL, 'h' },
                                           { "only", required_argument, NULL, 'o' },
                                           { "passphrase-fd", required_argument, NULL, 'f' },
                                           { NULL, 0, NULL, 0 } };
    int64_t n;
    int c;

    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (c) {
        case 'h': o->home = optarg; break;
        case 'o': o->only = optarg; break;
        case 'f':
            if (!text_parse_i64(optarg, 3, 1 << 20, &n))
                return false;
            o->passphrase_fd = (int)n;
            break;
        default: return false;
        }
    }
    return optind == argc;
}

/*
 * Which process is escribad here, for `escriba down`.  An advisory lock says whether it lives:
 * a number alone may belong to somebody else by now.
 */
static enum rc
pid_file(const struct instance *in, int *out, struct err *err)
{
    char path[PATH_ROOM + 32], text[32];
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd, n;

    snprintf(path, sizeof path, "%s/escribad.pid", in->run);
    if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)) < 0) {
        err_set(err, RC_CONFIG, "the pid file cannot be written");
        err_where(err, "%s", path);
        err_cure(err, "make the installation first: escriba up");
        return RC_CONFIG;
    }
    if (fcntl(fd, F_SETLK, &lock) != 0) {
        close(fd);
        err_set(err, RC_EXISTS, "escribad runs here already");
        err_where(err, "%s", path);
        err_cure(err, "escriba status, or escriba down");
        return RC_EXISTS;
    }
    n = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (fchmod(fd, 0644) != 0 || ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n) {
        close(fd);
        return err_set(err, RC_IO, "the pid file cannot be written");
    }
    *out = fd;
    return RC_OK;
}

static enum rc
check_user(const struct instance *in, struct err *err)
{
    if (geteuid() != 0)
        return RC_OK;
    if (in->production) {
        err_set(err, RC_CONFIG, "escribad does not run as root in the production profile");
        err_cure(err, "run it as its own user; the systemd units do");
        return RC_CONFIG;
    }
    log_plain(LOG_WARN, "escribad.root");
    return RC_OK;
}

/* Signals come through a descriptor, so that nothing happens between two lines of ours. */
static int
signals_open(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* True when somebody wants us to stop. */
static bool
signals_take(int fd)
{
    struct signalfd_siginfo info;
    bool stop = false;

    while (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
        stop = stop || info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT;
    return stop;
}

/* Until all are there or a stop is asked for; then drain. */
static enum rc
supervise(struct children *children, int signal_fd)
{
    int64_t stop_at = 0;
    bool told = false;

    for (;;) {
        struct pollfd p = { .fd = signal_fd, .events = POLLIN };
        int64_t wait;

        children_reap(children, stop_at != 0);
        if (stop_at == 0) {
            wait = children_start_due(children);
            if (!told && children_all_run(children)) {
                runtime_notify("READY=1\nSTATUS=all programs run");
                log_event(LOG_INFO, "escribad.ready", LOG_INT("programs", children->count));
                told = true;
            }
        } else {
            if (children_running(children) == 0)
                return RC_OK;
            wait = children_stop(children, clock_ms() - stop_at);
        }
        if (poll(&p, 1, (int)wait) < 0 && errno != EINTR)
            return RC_IO;
        if (signals_take(signal_fd) && stop_at == 0) {
            runtime_notify("STOPPING=1");
            log_plain(LOG_INFO, "escribad.stopping");
            stop_at = clock_ms();
        }
    }
}

int
main(int argc, char **argv)
{
    struct options o = { .passphrase_fd = -1 };
    struct instance in;
    struct children children = { 0 };
    struct err err = { 0 };
    int signal_fd = -1, pid_fd = -1;
    enum rc rc;

    log_open("escribad", LOG_INFO);
    umask(077);
    if (runtime_answered(argc, argv, "escribad", usage))
        return 0;
    if (!options_read(argc, argv, &o)) {
        fputs(usage, stderr);
        return 64;
    }
    if ((rc = instance_open(o.home, &in, &err)) != RC_OK || (rc = check_user(&in, &err)) != RC_OK ||
        (rc = pid_file(&in, &pid_fd, &err)) != RC_OK)
        goto out;
    rc = RC_IO;
    if ((signal_fd = signals_open()) < 0)
        goto out;
    if ((rc = children_plan(&children, &in, o.only, o.passphrase_fd, &err)) != RC_OK)
        goto out;
    rc = supervise(&children, signal_fd);
    log_event(LOG_INFO, "escribad.stop", LOG_RC(rc));
out:
    if (rc != RC_OK) {
        if (err.rc == RC_OK)
            err_set(&err, rc, "escribad cannot go on");
        err_print(&err, stderr);
    }
    children_done(&children);
    if (signal_fd >= 0)
        close(signal_fd);
    if (pid_fd >= 0) {
        if (ftruncate(pid_fd, 0) != 0)
            log_plain(LOG_WARN, "escribad.pidfile");
        close(pid_fd);
    }
    return err_exit_code(rc);
}
