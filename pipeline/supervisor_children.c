/*
 * supervisor_children.c - the table of programs that escribad runs, and their lives.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "supervisor.h"
#include "sys/runtime.h"

#define BACK_OFF_FIRST_MS 250
#define BACK_OFF_MAX_MS 30000
#define LIVED_MS 20000 /* a program that lived this long did not fail at its start */
#define TEXT_ROOM 32

static const struct child_row rows[] = {
    /* name      every  asks keyd  many   slot   may drain   stops */
    { "keyd",    NULL,  false,     false, false, 5000,       3 },
    { "intake",  NULL,  true,      false, false, 15000,      0 },
    { "desk",    NULL,  true,      false, false, 5000,       1 },
    { "runner",  NULL,  true,      true,  true,  60000,      2 },
    { "metrics", "30",  false,     false, false, 2000,       0 }, /* under systemd a timer does it */
};

static bool
is_wanted(const char *only, const char *name)
{
    size_t size = strlen(name);

    for (const char *at = only; at != NULL; at = strchr(at, ',')) {
        if (*at == ',')
            at++;
        if (strncmp(at, name, size) == 0 && (at[size] == ',' || at[size] == '\0'))
            return true;
    }
    return only == NULL;
}

static enum rc
add(struct children *all, const struct child_row *row, unsigned slot)
{
    struct running *r = &all->items[all->count];
    char program[64];
    int pair[2];

    if (all->count == CHILDREN_MAX)
        return RC_LIMIT;
    *r = (struct running){ .row = row, .slot = slot, .keyd_end = -1, .own_end = -1 };
    snprintf(program, sizeof program, "escriba%s%s", row->every != NULL ? "" : "-",
        row->every != NULL ? "" : row->name);
    if (runtime_beside(program, r->path, sizeof r->path) != RC_OK)
        return RC_LIMIT;
    if (row->asks_keyd) {
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
            return RC_IO;
        r->keyd_end = pair[0];
        r->own_end = pair[1];
    }
    all->count++;
    return RC_OK;
}

enum rc
children_plan(struct children *all, const struct instance *in, const char *only, int passphrase_fd,
              struct err *err)
{
    enum rc rc = RC_OK;

    all->in = in;
    all->passphrase_fd = passphrase_fd;
    for (size_t i = 0; i < COUNT_OF(rows) && rc == RC_OK; i++) {
        unsigned count = rows[i].many ? in->workers : 1;

        if (!is_wanted(only, rows[i].name))
            continue;
        for (unsigned k = 0; k < count && rc == RC_OK; k++)
            rc = add(all, &rows[i], k);
    }
    /* for keyd alone: become() opens it there again */
    if (passphrase_fd >= 0 && fcntl(passphrase_fd, F_SETFD, FD_CLOEXEC) != 0)
        return err_set(err, RC_CONFIG, "--passphrase-fd names no open file");
    if (rc == RC_OK && all->count > 0 && access(all->items[0].path, X_OK) != 0) {
        err_set(err, RC_CONFIG, "a program is missing");
        err_where(err, "%s", all->items[0].path);
        err_cure(err, "install the programs of Escriba in one folder");
        return RC_CONFIG;
    }
    return rc == RC_OK ? RC_OK : err_set(err, rc, "the programs cannot be prepared");
}

/* Arguments and environment hold paths and numbers, never anything of a client. */
struct launch {
    char *args[CHILD_ARGS + 2 * CHILDREN_MAX];
    char text[2 * CHILDREN_MAX][TEXT_ROOM];
    unsigned arg_count, text_count;
    char home[sizeof((struct instance *)0)->home];
};

static void
push(struct launch *l, const char *arg)
{
    if (l->arg_count + 1 < COUNT_OF(l->args))
        l->args[l->arg_count++] = (char *)(uintptr_t)arg;
}

static void
push_text(struct launch *l, const char *before, const char *name, int number)
{
    if (l->text_count == COUNT_OF(l->text))
        return;
    snprintf(l->text[l->text_count], TEXT_ROOM, "%s%s%d", name, name[0] != '\0' ? ":" : "", number);
    push(l, before);
    push(l, l->text[l->text_count++]);
}

static void
keep_open(int fd)
{
    int flags = fcntl(fd, F_GETFD);

    if (flags >= 0)
        (void)fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
}

/* In the child: what it is given, and nothing else. */
NO_RETURN static void
become(const struct children *all, const struct running *r, pid_t parent)
{
    static struct launch l;
    char number[TEXT_ROOM];
    sigset_t none;

    push(&l, r->path);
    if (r->row->every != NULL) {
        push(&l, r->row->name);
        push(&l, "--every");
        push(&l, r->row->every);
    }
    push(&l, "--home");
    push(&l, all->in->home);
    if (r->row->takes_slot)
        push_text(&l, "--slot", "", (int)r->slot);
    if (strcmp(r->row->name, "keyd") == 0) {
        push(&l, "--keys");
        push(&l, all->in->keys);
        for (unsigned i = 0; i < all->count; i++) {
            if (all->items[i].keyd_end < 0)
                continue;
            push_text(&l, "--peer", all->items[i].row->name, all->items[i].keyd_end);
            keep_open(all->items[i].keyd_end);
        }
        if (all->passphrase_fd >= 0) {
            push_text(&l, "--passphrase-fd", "", all->passphrase_fd);
            keep_open(all->passphrase_fd);
        }
    }
    unsetenv("ESCRIBA_KEYD_FD");
    unsetenv("NOTIFY_SOCKET");
    if (r->own_end >= 0) {
        snprintf(number, sizeof number, "%d", r->own_end);
        if (setenv("ESCRIBA_KEYD_FD", number, 1) != 0)
            _exit(71);
        keep_open(r->own_end);
    }
    /* Tesseract reads it once, at its start; a second thread would be killed by the cage. */
    (void)setenv("OMP_THREAD_LIMIT", "1", 1);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    /* When escribad is killed, its programs go too; the next escribad starts from nothing. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(71);
    l.args[l.arg_count] = NULL;
    execv(r->path, l.args);
    _exit(71);
}

static void
start(struct children *all, struct running *r)
{
    pid_t parent = getpid(), pid = fork();

    r->started_ms = clock_ms();
    if (pid == 0)
        become(all, r, parent);
    if (pid < 0) {
        r->due_ms = r->started_ms + BACK_OFF_MAX_MS;
        log_event(LOG_ERROR, "escribad.fork", LOG_INT("errno", errno));
        return;
    }
    r->pid = pid;
    log_event(LOG_INFO, "program.start", LOG_WORD("program", r->row->name), LOG_INT("slot", r->slot),
              LOG_INT("pid", pid));
}

int64_t
children_start_due(struct children *all)
{
    int64_t now = clock_ms(), wait = 60000;

    for (unsigned i = 0; i < all->count; i++) {
        struct running *r = &all->items[i];

        if (r->pid != 0)
            continue;
        if (r->due_ms <= now)
            start(all, r);
        else if (r->due_ms - now < wait)
            wait = r->due_ms - now;
    }
    return wait;
}

static void
died(struct running *r, int status, bool stopping)
{
    int64_t now = clock_ms(), wait = BACK_OFF_FIRST_MS;

    log_event(stopping ? LOG_INFO : LOG_WARN, "program.end", LOG_WORD("program", r->row->name),
              LOG_INT("slot", r->slot), LOG_INT("exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
              LOG_INT("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0), LOG_MS(now - r->started_ms));
    r->pid = 0;
    r->failures = now - r->started_ms >= LIVED_MS ? 0 : r->failures + 1;
    for (unsigned i = 1; i < r->failures && wait < BACK_OFF_MAX_MS; i++)
        wait *= 2;
    r->due_ms = now + (wait < BACK_OFF_MAX_MS ? wait : BACK_OFF_MAX_MS);
}

void
children_reap(struct children *all, bool stopping)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (unsigned i = 0; i < all->count; i++)
            if (all->items[i].pid == pid)
                died(&all->items[i], status, stopping);
}

unsigned
children_running(const struct children *all)
{
    unsigned n = 0;

    for (unsigned i = 0; i < all->count; i++)
        n += all->items[i].pid != 0;
    return n;
}

bool
children_all_run(const struct children *all)
{
    return children_running(all) == all->count;
}

/* Intake first, so that nothing new comes; keyd last, because the others still need it. */
int64_t
children_stop(struct children *all, int64_t since_ms)
{
    unsigned order = 100;

    for (unsigned i = 0; i < all->count; i++)
        if (all->items[i].pid != 0 && all->items[i].row->stop_order < order)
            order = all->items[i].row->stop_order;
    for (unsigned i = 0; i < all->count; i++) {
        struct running *r = &all->items[i];

        if (r->pid == 0 || r->row->stop_order != order)
            continue;
        if (!r->asked) {
            (void)kill(r->pid, SIGTERM);
            r->asked = true;
        } else if (!r->killed && since_ms > r->row->drain_ms) {
            log_event(LOG_WARN, "program.kill", LOG_WORD("program", r->row->name), LOG_INT("pid", r->pid));
            (void)kill(r->pid, SIGKILL);
            r->killed = true;
        }
    }
    return 200;
}

void
children_done(struct children *all)
{
    for (unsigned i = 0; i < all->count; i++) {
        if (all->items[i].keyd_end >= 0)
            close(all->items[i].keyd_end);
        if (all->items[i].own_end >= 0)
            close(all->items[i].own_end);
    }
}
