/* supervisor.h - inside escribad: the programs it starts. */
#ifndef PIPELINE_SUPERVISOR_H
#define PIPELINE_SUPERVISOR_H

#include <stdint.h>
#include <sys/types.h>

#include "sys/instance.h"

#define CHILDREN_MAX 80
#define CHILD_ARGS 16

struct child_row {
    const char *name;    /* "runner"; the program is escriba-runner */
    const char *every;   /* not NULL: the verb of this name of escriba, every so many seconds */
    bool asks_keyd;      /* gets a socket to it                     */
    bool many;           /* one for each worker                     */
    bool takes_slot;     /* --slot N                                */
    unsigned drain_ms;   /* it may take this long to stop           */
    unsigned stop_order; /* lower stops first                       */
};

struct running {
    const struct child_row *row;
    unsigned slot;
    char path[PATH_ROOM];
    int keyd_end, own_end; /* the socket pair; -1: none */
    pid_t pid;             /* 0: not running            */
    int64_t started_ms, due_ms;
    unsigned failures;     /* in a row                  */
    bool asked, killed;    /* to stop                   */
};

struct children {
    const struct instance *in;
    struct running items[CHILDREN_MAX];
    unsigned count;
    int passphrase_fd;
};

/* Which programs there are to be; makes the sockets. */
MUST_USE enum rc children_plan(struct children *children, const struct instance *in, const char *only,
                               int passphrase_fd, struct err *err);
/* Start those whose time has come; gives the milliseconds until the next. */
int64_t children_start_due(struct children *children);
/* Note who died; not an accident while stopping. */
void children_reap(struct children *children, bool stopping);
/* Ask the next to stop, in order, and kill what does not; gives how long to wait. */
int64_t children_stop(struct children *children, int64_t since_ms);
unsigned children_running(const struct children *children);
bool children_all_run(const struct children *children);
void children_done(struct children *children);

#endif
