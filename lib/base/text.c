/* text.c - UTF-8 checks, printable copies, strict parsing. */
#include "base/text.h"

#include <string.h>

/* The code point at text, its length in *size (0 when it is not valid UTF-8, RFC 3629). */
static uint32_t
decode(const uint8_t *text, size_t room, size_t *size)
{
    static const struct {
        uint8_t mask, want;
        uint32_t least;
    } rows[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };

    for (size_t n = 0; n < COUNT_OF(rows); n++) {
        uint32_t cp;

        if ((text[0] & rows[n].mask) != rows[n].want)
            continue;
        *size = 0;
        if (n + 1 > room)
            return 0;
        cp = text[0] & (uint8_t)~rows[n].mask;
        for (size_t i = 1; i <= n; i++) {
            if ((text[i] & 0xc0) != 0x80)
                return 0;
            cp = cp << 6 | (text[i] & 0x3f);
        }
        if (cp < rows[n].least || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
            return 0;
        *size = n + 1;
        return cp;
    }
    *size = 0;
    return 0;
}

bool
text_is_utf8(const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;

    while (size > 0) {
        size_t n;

        (void)decode(at, size, &n);
        if (n == 0)
            return false;
        at += n;
        size -= n;
    }
    return true;
}

bool
text_parse_i64(const char *text, int64_t min, int64_t max, int64_t *out)
{
    bool minus = text[0] == '-';
    uint64_t v = 0;
    int64_t n;

    if (minus)
        text++;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        if (v > ((uint64_t)INT64_MAX - (uint64_t)(*text - '0')) / 10)
            return false;
        v = v * 10 + (uint64_t)(*text - '0');
    }
    n = minus ? -(int64_t)v : (int64_t)v;
    if (n < min || n > max)
        return false;
    *out = n;
    return true;
}

bool
text_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
text_ends(const char *text, const char *suffix)
{
    size_t a = strlen(text);
    size_t b = strlen(suffix);

    return a >= b && memcmp(text + a - b, suffix, b) == 0;
}

/* Controls, and the marks that reorder or hide text (Unicode TR 36). */
static bool
is_unsafe(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x200b && cp <= 0x200f) ||
           (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff ||
           (cp >= 0xfff9 && cp <= 0xfffb) || cp == 0x061c || cp >= 0xe0000;
}

char *
text_printable(struct arena *arena, const char *text, size_t size)
{
    char *out = size < SIZE_MAX ? arena_alloc(arena, size + 1) : NULL;
    const uint8_t *at = (const uint8_t *)text;
    size_t n = 0;

    if (out == NULL)
        return NULL;
    while (size > 0) {
        size_t step;
        uint32_t cp = decode(at, size, &step);

        if (step == 0 || is_unsafe(cp)) {
            out[n++] = '?';
            step = step == 0 ? 1 : step;
        } else {
            memcpy(out + n, at, step);
            n += step;
        }
        at += step;
        size -= step;
    }
    out[n] = '\0';
    return out;
}

void
text_hex(const uint8_t *bytes, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * size] = '\0';
}

static int
nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
text_unhex(const char *text, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int high = nibble(text[2 * i]);
        int low = high < 0 ? -1 : nibble(text[2 * i + 1]);

        if (low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return text[2 * size] == '\0';
}
