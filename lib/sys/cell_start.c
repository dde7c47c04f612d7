/*
 * cell_start.c - start and stop an escriba-cell process.
 *
 * It gets its control socket as descriptor 3, nothing else of ours, and an environment of
 * its own: OMP_THREAD_LIMIT must be there before exec, or OpenMP starts threads that the
 * cage kills.
 */
#include "sys/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/ipc.h"
#include "cell_host.h"
#include "sys/cell_wire.h"

#define READY_MS 60000
#define STOP_MS 2000

static bool
beside_us(char *out, size_t room)
{
    ssize_t n = readlink("/proc/self/exe", out, room - 1);
    char *slash;

    if (n <= 0)
        return false;
    out[n] = 0;
    if ((slash = strrchr(out, '/')) == NULL ||
        (size_t)(slash + 1 - out) + sizeof "escriba-cell" > room)
        return false;
    memcpy(slash + 1, "escriba-cell", sizeof "escriba-cell");
    return true;
}

/* "NAME=value" when the variable is set: where models or lists of codes lie. */
static char *
inherited(const char *name, char *out, size_t room)
{
    const char *value = getenv(name);
    int n = value != NULL && value[0] != 0 ? snprintf(out, room, "%s=%s", name, value) : -1;

    return n > 0 && (size_t)n < room ? out : NULL;
}

static NO_RETURN void
become_host(const char *program, const char *forms_dir, int control, pid_t parent)
{
    char tessdata[4200], codes[4200];
    char *argv[] = { "escriba-cell", (char *)(uintptr_t)forms_dir, NULL };
    char *envp[] = { "OMP_THREAD_LIMIT=1", "LC_ALL=C", "PATH=/usr/bin:/bin", "TZ=UTC", NULL, NULL, NULL };
    int null = open("/dev/null", O_RDWR), more = 4;

    if ((envp[more] = inherited("TESSDATA_PREFIX", tessdata, sizeof tessdata)) != NULL)
        more++;
    envp[more] = inherited("ESCRIBA_CODES", codes, sizeof codes);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent || null < 0 || (control = fcntl(control, F_DUPFD, 16)) < 0)
        _exit(127);
    /* what libraries print about a document must not reach a terminal or a log */
    if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
        dup2(control, CELL_CONTROL_FD) < 0)
        _exit(127);
    (void)syscall(SYS_close_range, CELL_CONTROL_FD + 1, ~0u, 0);
    execve(program, argv, envp);
    _exit(127);
}

/* The host says what it lacks, or why it cannot serve. */
static enum rc
wait_ready(struct cell_host *host, struct err *err)
{
    struct arena *arena = arena_new(1u << 20);
    struct buffer buffer;
    struct frame frame;
    struct reader r;
    const char *what, *where, *cure, *versions = NULL;
    enum rc said, rc;

    buffer_init(&buffer, CELL_REQUEST_MAX);
    rc = arena == NULL ? RC_NOMEM
                       : ipc_recv(host->control, CELL_REQUEST_MAX, READY_MS, &buffer, &frame);
    if (rc != RC_OK) {
        rc = err_set(err, rc, "the cell host did not start");
        err_cure(err, "is the program whole? build or install it again");
        goto out;
    }
    r = reader_from(frame.body);
    host->lacks = read_u32(&r);
    said = (enum rc)read_u32(&r);
    what = read_text(&r, 256, arena);
    where = read_text(&r, 256, arena);
    cure = read_text(&r, 256, arena);
    if (!reader_finished(&r))
        versions = read_text(&r, sizeof host->versions - 1, arena);
    snprintf(host->versions, sizeof host->versions, "%s", versions != NULL ? versions : "");
    if (frame.type != CELL_HELLO || !reader_finished(&r)) {
        rc = err_set(err, RC_BUG, "the cell host speaks another language");
        goto out;
    }
    if (said != RC_OK) {
        rc = err_set(err, said, "%s", what);
        err_where(err, "%s", where);
        err_cure(err, "%s", cure);
    }
out:
    buffer_done(&buffer);
    arena_free(arena);
    return rc;
}

enum rc
cell_host_start(const char *program, const char *forms_dir, struct cell_host **out, struct err *err)
{
    char beside[4096];
    struct cell_host *host = NULL;
    const pid_t self = getpid();
    int pair[2] = { -1, -1 };
    enum rc rc = RC_NOMEM;

    if (program == NULL)
        program = beside_us(beside, sizeof beside) ? beside : "";
    if (access(program, X_OK) != 0) {
        (void)err_set(err, RC_CONFIG, "escriba-cell cannot be run: %s", strerror(errno));
        err_where(err, "%s", program);
        err_cure(err, "build or install escriba-cell beside this program");
        return RC_CONFIG;
    }
    if ((host = calloc(1, sizeof *host)) == NULL)
        goto out;
    host->control = -1;
    rc = RC_IO;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        goto out;
    if ((host->pid = fork()) < 0)
        goto out;
    if (host->pid == 0)
        become_host(program, forms_dir != NULL ? forms_dir : "", pair[1], self);
    close(pair[1]);
    host->control = pair[0];
    pair[0] = pair[1] = -1;
    if ((rc = wait_ready(host, err)) != RC_OK)
        goto out;
    *out = host;
    host = NULL;
out:
    if (rc != RC_OK && err != NULL && err->rc == RC_OK)
        (void)err_set(err, rc, "the cell host could not be started: %s", strerror(errno));
    if (pair[0] >= 0) {
        close(pair[0]);
        close(pair[1]);
    }
    cell_host_stop(host);
    return rc;
}

void
cell_host_stop(struct cell_host *host)
{
    int64_t until = clock_ms() + STOP_MS;

    if (host == NULL)
        return;
    /* the end of its control socket is its order to go */
    if (host->control >= 0)
        close(host->control);
    if (host->pid > 0) {
        int status;

        while (waitpid(host->pid, &status, WNOHANG) == 0) {
            if (clock_ms() > until) {
                (void)kill(host->pid, SIGKILL);
                (void)waitpid(host->pid, &status, 0);
                break;
            }
            clock_sleep_ms(1);
        }
    }
    free(host);
}

bool
cell_host_lost(const struct cell_host *host)
{
    return host->lost;
}

const char *
cell_host_versions(const struct cell_host *host)
{
    return host->versions;
}

unsigned
cell_host_lacks(const struct cell_host *host)
{
    return host->lacks;
}
