/*
 * escape.c - an evil decoder: what a process that was taken over would try, from inside each cage.
 *
 * Every attempt is a row.  It runs first outside a cage, to know that it can succeed here at
 * all, and then inside.  Blocked means: the kernel killed the process, or the call was
 * answered with an error.  Prints escapes_tried, escapes_blocked, escapes_real (those that
 * did succeed outside).
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempts.h"
#include "cage.h"

#define ESCAPED 'E'
#define BLOCKED 'B'
#define LIMIT_MS 60000

static const struct cage_limits strict_limits = { .cpu_seconds = 1, .address_space = 512u << 20 };
static const struct cage_limits paint_limits = {
    .cpu_seconds = 1, .address_space = 512u << 20, .file_size = 1 << 20, .files = 64
};

/* The answer, or BLOCKED when none came: killed, or exited without a word. */
static char
read_answer(int fd, pid_t pid)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    char answer = BLOCKED;

    if (poll(&p, 1, LIMIT_MS) != 1 || read(fd, &answer, 1) != 1)
        answer = BLOCKED;
    (void)kill(pid, SIGKILL);
    return answer;
}

/* caged -1: outside. */
static char
attempt(const struct escape *e, int caged)
{
    const struct cage_limits *limits = caged == CAGE_PAINT ? &paint_limits : &strict_limits;
    int ends[2], status;
    char answer;
    pid_t pid;

    if (pipe(ends) != 0)
        exit(1);
    fflush(stdout);
    if ((pid = fork()) < 0)
        exit(1);
    if (pid == 0) {
        char said;

        escape_prepare();
        if (dup2(ends[1], 3) != 3)
            _exit(1);
        if (caged >= 0 && cage_enter((enum cage_kind)caged, limits, 3) != RC_OK)
            _exit(9);
        said = e->run() ? ESCAPED : BLOCKED;
        if (write(3, &said, 1) != 1)
            _exit(1);
        _exit(0);
    }
    close(ends[1]);
    answer = read_answer(ends[0], pid);
    close(ends[0]);
    while (waitpid(pid, &status, 0) < 0)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 9) {
        printf("Bail out! the cage does not close here\n");
        exit(1);
    }
    return answer;
}

int
main(void)
{
    struct err err = { .rc = RC_OK };
    unsigned tried = 0, blocked = 0, possible = 0;

    if (cage_prepare(&err) != RC_OK) {
        err_print(&err, stdout);
        return 1;
    }
    printf("# landlock ABI %d, host lacks %u\n", cage_landlock_abi(), cage_host());
    for (const struct escape *e = escapes; e->name != NULL; e++) {
        bool real = !e->harms && attempt(e, -1) == ESCAPED;

        possible += real;
        for (int kind = CAGE_STRICT; kind <= CAGE_PAINT; kind++) {
            char got;

            if (kind == CAGE_PAINT && e->painter_may)
                continue;
            got = attempt(e, kind);
            tried++;
            blocked += got == BLOCKED;
            printf("%s - %s cage: %s%s\n", got == BLOCKED ? "ok" : "not ok",
                   kind == CAGE_STRICT ? "strict" : "paint", e->name,
                   real ? "" : " (not shown to work outside)");
        }
    }
    printf("escapes_tried: %u\nescapes_blocked: %u\nescapes_real: %u\n", tried, blocked, possible);
    return tried == blocked && tried >= 60 ? 0 : 1;
}
