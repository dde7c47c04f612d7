/* clock.c - time for waiting and measuring; tests can set the wall clock. */
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/text.h"

int64_t
clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
clock_wall_ms(void)
{
    const char *fixed = getenv("ESCRIBA_NOW");
    struct timespec t;
    int64_t seconds;

    if (fixed != NULL && text_parse_i64(fixed, 0, INT64_MAX / 1000, &seconds))
        return seconds * 1000;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
clock_sleep_ms(int64_t ms)
{
    struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

    while (ms > 0 && nanosleep(&t, &t) != 0 && errno == EINTR)
        continue;
}
