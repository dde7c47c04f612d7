/* id.c - the 16 random bytes that name things, and their UUID text. */
#include "base/id.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char digits[] = "0123456789abcdef";

void
id_text(const struct id *id, char out[ID_TEXT])
{
    char *at = out;

    for (int i = 0; i < ID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[id->b[i] >> 4];
        *at++ = digits[id->b[i] & 15];
    }
    *at = '\0';
}

static int
hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool
id_parse(const char *text, struct id *out)
{
    struct id id;

    for (int i = 0; i < ID_SIZE; i++) {
        int high;
        int low;

        if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
            return false;
        if ((high = hex(text[0])) < 0 || (low = hex(text[1])) < 0)
            return false;
        id.b[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    if (*text != '\0')
        return false;
    *out = id;
    return true;
}

bool
id_equal(const struct id *a, const struct id *b)
{
    return memcmp(a->b, b->b, ID_SIZE) == 0;
}

bool
id_is_zero(const struct id *id)
{
    static const struct id zero;

    return id_equal(id, &zero);
}

void
id_new(struct id *out)
{
    size_t got = 0;

    while (got < ID_SIZE) {
        ssize_t n = getrandom(out->b + got, ID_SIZE - got, 0);

        /* Only EINTR can fail here; without random bytes nothing may go on. */
        if (n > 0)
            got += (size_t)n;
        else if (n == 0)
            abort();
    }
    out->b[6] = (uint8_t)((out->b[6] & 0x0f) | 0x40);
    out->b[8] = (uint8_t)((out->b[8] & 0x3f) | 0x80);
}
