/* test_cage.c - does the door shut, and does what must work still work behind it? tests/escape has the ways out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../pipeline/cage.h"

static const struct cage_limits limits = { .cpu_seconds = 5, .address_space = 1u << 30 };

/* How a caged child ended: its status, or 128 and its signal. */
static int
caged(void (*what)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        if (cage_enter(CAGE_STRICT, &limits, 2) != RC_OK)
            _exit(99);
        what();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void
computes(void)
{
    char *block = malloc(50u << 20);

    if (block == NULL)
        _exit(1);
    memset(block, 1, 50u << 20);
    free(block);
}

static void
opens(void)
{
    _exit(open("/etc/passwd", O_RDONLY) < 0 ? 7 : 8);
}

static void
forks(void)
{
    if (fork() == 0)
        _exit(0);
}

static void
takes_too_much(void)
{
    _exit(malloc(3ul << 30) == NULL ? 7 : 8);
}

static void
uses_a_descriptor(void)
{
    _exit(write(40, "x", 1) < 0 ? 7 : 8);
}

static void
the_door_shuts(void **state)
{
    (void)state;
    assert_int_equal(caged(computes), 0);
    assert_int_equal(caged(opens), 7);
    assert_int_equal(caged(forks), 128 + SIGSYS);
    assert_int_equal(caged(takes_too_much), 7);
    assert_int_equal(dup2(STDERR_FILENO, 40), 40);
    assert_int_equal(caged(uses_a_descriptor), 7);
    close(40);
}

static int
prepare(void **state)
{
    struct err err = { .rc = RC_OK };

    (void)state;
    return cage_prepare(&err) == RC_OK && cage_address_space() > 0 ? 0 : -1;
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_door_shuts) };

    return cmocka_run_group_tests(tests, prepare, NULL);
}
