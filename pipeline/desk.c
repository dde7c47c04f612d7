/*
 * desk.c - escriba-desk, the broker of the review: it holds keys and database, so that the
 * terminal program need not.
 *
 * It knows who is there by SO_PEERCRED, hands out one picture and one value at a time, and
 * writes down what each person saw before it leaves.
 */
#include "desk.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ipc.h"
#include "base/log.h"
#include "sys/runtime.h"
#include "sys/secret.h"

static const char usage[] =
    "Usage: escriba-desk [--home DIR]\n"
    "\n"
    "The review desk: serves escriba-review on HOME/run/desk.sock. `escriba up` starts it.\n"
    "\n"
    "Example:\n"
    "  escriba-desk --home /srv/escriba\n"
    "\n"
    "Options:\n"
    "  --home DIR    the installation\n"
    "  -h, --help    this text;  --version  the version\n";

/* -1: go on; else the exit code. */
static int
parse(int argc, char **argv, const char **home)
{
    static const struct option longs[] = { { "home", required_argument, NULL, 'H' },
                                           { "help", no_argument, NULL, 'h' },
                                           { "version", no_argument, NULL, 'V' },
                                           { NULL, 0, NULL, 0 } };
    int c;

    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        switch (c) {
        case 'H': *home = optarg; break;
        case 'h': fputs(usage, stdout); return 0;
        case 'V': puts("escriba-desk " ESCRIBA_VERSION); return 0;
        default: fputs(usage, stderr); return 2;
        }
    }
    if (optind < argc) {
        fputs(usage, stderr);
        return 2;
    }
    return -1;
}

static enum rc
desk_open(struct desk *desk, const char *home, struct err *err)
{
    char path[PATH_ROOM + 32];
    char conninfo[PATH_ROOM];
    enum rc rc;

    if ((rc = secret_start(err)) != RC_OK || (rc = instance_open(home, &desk->in, err)) != RC_OK)
        return rc;
    if ((rc = instance_conninfo(&desk->in, "work", "desk", conninfo, sizeof conninfo)) != RC_OK)
        return err_set(err, rc, "there is no way to the database in the settings");
    if ((rc = db_open(conninfo, "escriba-desk", &desk->db, err)) != RC_OK)
        return rc;
    snprintf(path, sizeof path, "%s/keyd-desk.sock", desk->in.run);
    rc = keyclient_open(getenv("ESCRIBA_KEYD_FD") == NULL ? path : NULL, &desk->keys, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = forms_load(desk->in.forms, &desk->forms, err)) != RC_OK)
        return rc;
    snprintf(path, sizeof path, "%s/desk.sock", desk->in.run);
    /* Anybody may knock: who it is says the kernel, what they may says the database. */
    if ((rc = ipc_listen(path, 0666, &desk->listener)) != RC_OK) {
        err_where(err, "%s", path);
        err_cure(err, rc == RC_LIMIT ? "choose a shorter home folder" : "check the rights of HOME/run");
        return err_set(err, rc, "the desk's socket cannot be opened");
    }
    /* So that all who knock are let in at once. */
    if (fcntl(desk->listener, F_SETFL, O_NONBLOCK) != 0)
        return err_set(err, RC_IO, "the desk's socket cannot be set up");
    return RC_OK;
}

static void
desk_close(struct desk *desk)
{
    for (int i = 0; i < DESK_SESSIONS; i++)
        if (desk->sessions[i].sock >= 0)
            session_end(desk, &desk->sessions[i]);
    if (desk->listener >= 0) {
        char path[PATH_ROOM + 32];

        snprintf(path, sizeof path, "%s/desk.sock", desk->in.run);
        (void)unlink(path);
        close(desk->listener);
    }
    cell_host_stop(desk->host);
    forms_free(desk->forms);
    keyclient_close(desk->keys);
    db_close(desk->db);
}

/* A lease that nobody renewed has lapsed in the database; drop what we hold of it. */
static void
lapse(struct desk *desk, struct session *s)
{
    if (s->work != NULL && clock_ms() - s->work->renewed_ms > (int64_t)desk->in.review_seconds * 1000) {
        log_event(LOG_INFO, "desk.lapse", LOG_ID("document", s->work->task.document.b));
        work_end(desk, s, true);
    }
}

static void
serve_session(struct desk *desk, struct session *s, short events)
{
    bool good = (events & (POLLERR | POLLNVAL)) == 0;

    /* A peer that hung up may have left a last question; it gets no answer, but what it decided counts. */
    if (good && (events & (POLLIN | POLLHUP)) != 0 && s->out.size == 0)
        good = session_read(desk, s);
    if (good && s->out.size > 0)
        good = session_write(s);
    if (!good || (s->closing && s->out.size == 0))
        session_end(desk, s);
    else
        lapse(desk, s);
}

/* What will be wanted: the cage while a person still reads the queue, then the next pictures. */
static void
work_ahead(struct desk *desk)
{
    struct err err = { 0 };
    enum rc rc;

    if (desk->host == NULL && !desk->host_failed) {
        if ((rc = cell_host_start(NULL, desk->in.forms, &desk->host, &err)) != RC_OK) {
            desk->host_failed = true; /* the first picture asked for tries again and says so */
            log_event(LOG_ERROR, "desk.no_cell", LOG_RC(rc));
        }
        return;
    }
    for (int i = 0; i < DESK_SESSIONS; i++) {
        struct session *s = &desk->sessions[i];

        if (s->sock >= 0 && s->prefetch && s->out.size == 0 && crop_ahead(desk, s))
            return;
    }
}

/* The models of the cage are held only while somebody sits here. */
static void
rest(struct desk *desk, bool anybody)
{
    if (anybody)
        return;
    desk->host_failed = false;
    if (desk->host == NULL)
        return;
    cell_host_stop(desk->host);
    desk->host = NULL;
}

static void
turn(struct desk *desk)
{
    struct pollfd fds[DESK_SESSIONS + 1] = { { .fd = desk->listener, .events = POLLIN } };
    struct session *who[DESK_SESSIONS + 1] = { NULL };
    nfds_t count = 1;
    bool ahead = false;
    int n;

    for (int i = 0; i < DESK_SESSIONS; i++) {
        struct session *s = &desk->sessions[i];

        if (s->sock < 0)
            continue;
        ahead = ahead || (s->prefetch && s->out.size == 0) ||
                (s->known && desk->host == NULL && !desk->host_failed);
        who[count] = s;
        fds[count++] = (struct pollfd){ .fd = s->sock, .events = s->out.size > 0 ? POLLOUT : POLLIN };
    }
    rest(desk, count > 1);
    /* Nobody there: nothing wakes us but the next person. */
    n = poll(fds, count, ahead ? 0 : count > 1 ? 5000 : -1);
    if (n < 0)
        return;
    if (n == 0 && ahead) {
        work_ahead(desk);
        return;
    }
    for (nfds_t i = 1; i < count; i++)
        serve_session(desk, who[i], fds[i].revents);
    for (int i = 0; (fds[0].revents & POLLIN) != 0 && i < DESK_SESSIONS && session_accept(desk); i++)
        ;
}

int
main(int argc, char **argv)
{
    struct desk *desk = calloc(1, sizeof *desk);
    struct err err = { 0 };
    const char *home = NULL;
    enum rc rc;
    int code = parse(argc, argv, &home);

    if (code >= 0 || desk == NULL) {
        free(desk);
        return code >= 0 ? code : 1;
    }
    log_open("escriba-desk", LOG_INFO);
    runtime_signals();
    desk->listener = -1;
    for (int i = 0; i < DESK_SESSIONS; i++)
        session_reset(&desk->sessions[i]);
    if ((rc = desk_open(desk, home, &err)) == RC_OK) {
        log_event(LOG_INFO, "desk.ready", LOG_INT("pid", getpid()), LOG_INT("forms", desk->forms->count));
        runtime_notify("READY=1");
        while (!runtime_stopping())
            turn(desk);
        log_event(LOG_INFO, "desk.stop", LOG_INT("rss_kib", runtime_rss_kib()));
    } else {
        err_print(&err, stderr);
    }
    desk_close(desk);
    free(desk);
    return err_exit_code(rc);
}
