/*
 * ctl_version.c - which of two Debian package versions is newer (deb-version(7)).
 */
#include "ctl_doctor.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* '~' sorts before the end, the end before letters, letters before all else. */
static int
order(char c)
{
    if (c == '~')
        return -1;
    if (c == '\0' || isdigit((unsigned char)c))
        return 0;
    return isalpha((unsigned char)c) ? (unsigned char)c : (unsigned char)c + 256;
}

/* Compare parts that end at a_end and b_end: non-digits by order, digits by value, in turns. */
static int
compare_part(const char *a, const char *a_end, const char *b, const char *b_end)
{
    while (a < a_end || b < b_end) {
        int first = 0;

        while ((a < a_end && !isdigit((unsigned char)*a)) || (b < b_end && !isdigit((unsigned char)*b))) {
            int x = a < a_end ? order(*a) : 0, y = b < b_end ? order(*b) : 0;

            if (x != y)
                return x - y;
            a += a < a_end;
            b += b < b_end;
        }
        while (a < a_end && *a == '0')
            a++;
        while (b < b_end && *b == '0')
            b++;
        while (a < a_end && b < b_end && isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            if (first == 0)
                first = *a - *b;
            a++;
            b++;
        }
        if (a < a_end && isdigit((unsigned char)*a))
            return 1;
        if (b < b_end && isdigit((unsigned char)*b))
            return -1;
        if (first != 0)
            return first;
    }
    return 0;
}

static long
take_epoch(const char **version)
{
    const char *colon = strchr(*version, ':');
    long epoch = 0;

    if (colon != NULL) {
        for (const char *p = *version; p < colon && isdigit((unsigned char)*p) && epoch < 1000000; p++)
            epoch = epoch * 10 + (*p - '0');
        *version = colon + 1;
    }
    return epoch;
}

int
version_compare(const char *a, const char *b)
{
    long ea = take_epoch(&a), eb = take_epoch(&b);
    const char *a_end = a + strlen(a), *b_end = b + strlen(b);
    const char *a_dash = strrchr(a, '-'), *b_dash = strrchr(b, '-');
    int by_upstream;

    if (ea != eb)
        return ea < eb ? -1 : 1;
    by_upstream = compare_part(a, a_dash != NULL ? a_dash : a_end, b, b_dash != NULL ? b_dash : b_end);
    if (by_upstream != 0)
        return by_upstream;
    return compare_part(a_dash != NULL ? a_dash + 1 : a_end, a_end, b_dash != NULL ? b_dash + 1 : b_end, b_end);
}
