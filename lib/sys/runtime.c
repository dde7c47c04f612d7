/* runtime.c - signals, neighbours, and word to systemd (its protocol is one datagram: man 3 sd_notify). */
#include "sys/runtime.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static volatile sig_atomic_t stopping;

static void
on_stop(int signal_number)
{
    (void)signal_number;
    stopping = 1;
}

void
runtime_signals(void)
{
    struct sigaction stop = { .sa_handler = on_stop }, ignore = { .sa_handler = SIG_IGN };

    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGIO, &ignore, NULL); /* a file lease that is broken while we probe it */
    umask(077);
}

bool
runtime_stopping(void)
{
    return stopping != 0;
}

bool
runtime_answered(int argc, char **argv, const char *program, const char *usage)
{
    if (argc < 2)
        return false;
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        fputs(usage, stdout);
    else if (strcmp(argv[1], "--version") == 0)
        printf("%s %s\n", program, ESCRIBA_VERSION);
    else
        return false;
    return true;
}

enum rc
runtime_beside(const char *program, char *out, size_t room)
{
    ssize_t n = readlink("/proc/self/exe", out, room - 1);
    char *slash;

    if (n <= 0 || (size_t)n >= room - 1)
        return RC_LIMIT;
    out[n] = '\0';
    if ((slash = strrchr(out, '/')) == NULL || (size_t)(slash + 1 - out) + strlen(program) >= room)
        return RC_LIMIT;
    memcpy(slash + 1, program, strlen(program) + 1);
    return RC_OK;
}

void
runtime_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    size_t size;
    int fd;

    if (path == NULL || (path[0] != '/' && path[0] != '@'))
        return;
    if ((size = strlen(path)) >= sizeof to.sun_path)
        return;
    memcpy(to.sun_path, path, size);
    if (path[0] == '@')
        to.sun_path[0] = '\0';
    if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
        return;
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size));
    close(fd);
}

long
runtime_rss_kib(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");

    if (f == NULL)
        return 0;
    if (fscanf(f, "%*s %ld", &pages) != 1)
        pages = 0;
    fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}
