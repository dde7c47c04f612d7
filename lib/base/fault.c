/* fault.c - points where a test makes us die or fail; empty in a release build. */
#include "base/fault.h"

#ifdef ESCRIBA_FAULTS

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool
fault_point(const char *name)
{
    static long passes;
    const char *order = getenv("ESCRIBA_FAULT");
    size_t size = strlen(name);
    char *end;
    long nth;

    if (order == NULL || strncmp(order, name, size) != 0 || order[size] != ':')
        return false;
    nth = strtol(order + size + 1, &end, 10);
    if (*end != ':' || ++passes != nth)
        return false;
    if (strcmp(end + 1, "kill") == 0)
        kill(getpid(), SIGKILL);
    return true;
}

#else

/* A file must define something (C17 6.9). */
extern const char fault_points_are_off;
const char fault_points_are_off = 1;

#endif
