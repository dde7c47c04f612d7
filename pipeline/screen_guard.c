/*
 * screen_guard.c - what stays when the station is killed: nothing on the screen.
 *
 * A process cannot clean up after kill -9, so a second one waits at the end of a pipe.  It
 * has its own process group and name, holds neither document nor socket, and ends with the
 * station.  Killing both at once can leave the last screen; the alternate screen then
 * still keeps it out of the scrollback.
 */
#include "screen.h"

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "screen_term.h"

static int guard_pipe = -1;
static pid_t guard_pid = -1;

static void
give_back(const struct termios *before)
{
    struct winsize size = { 0, 0, 0, 0 };

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
        size.ws_row = 60;
    term_reset_after_kill(size.ws_row);
    (void)tcsetattr(STDOUT_FILENO, TCSANOW, before);
}

static NO_RETURN void
guard_wait(int end, const struct termios *before)
{
    char clean = 0;
    ssize_t n;

    (void)setpgid(0, 0);
    (void)prctl(PR_SET_NAME, "escriba-guard");
    (void)prctl(PR_SET_DUMPABLE, 0);
    /* A background process may write the terminal's settings only if it does not mind SIGTTOU. */
    (void)signal(SIGTTOU, SIG_IGN);
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    do {
        n = read(end, &clean, 1);
    } while (n < 0 && errno == EINTR);
    if (n != 1)
        give_back(before);
    _exit(0);
}

enum rc
screen_guard_start(void)
{
    struct termios before;
    int ends[2];

    if (tcgetattr(STDOUT_FILENO, &before) != 0 || pipe(ends) != 0)
        return RC_IO;
    guard_pid = fork();
    if (guard_pid < 0) {
        close(ends[0]);
        close(ends[1]);
        return RC_IO;
    }
    if (guard_pid == 0) {
        close(ends[1]);
        guard_wait(ends[0], &before);
    }
    close(ends[0]);
    guard_pipe = ends[1];
    return RC_OK;
}

void
screen_guard_end(void)
{
    if (guard_pipe < 0)
        return;
    (void)!write(guard_pipe, "k", 1);
    close(guard_pipe);
    guard_pipe = -1;
    (void)waitpid(guard_pid, NULL, 0);
}
