/* payload_values.c - amounts, dates and lines as codes write them: strictly, or not at all. */
#include "payload_kinds.h"

#include <ctype.h>
#include <string.h>

#include "doc/value.h"

bool
payload_digits(const char *text, size_t from, size_t to)
{
    size_t n = strspn(text, "0123456789");

    return text[n] == 0 && n >= from && n <= to;
}

bool
payload_amount(const char *text, unsigned whole, unsigned decimals, struct arena *arena, const char **out)
{
    bool minus = text[0] == '-';
    const char *at = text + minus, *after;
    size_t before = strspn(at, "0123456789"), behind = 0;
    int64_t minor = 0;
    bool fine = false;

    *out = NULL;
    after = at + before;
    if (*after == '.') {
        behind = strspn(after + 1, "0123456789");
        after += 1 + behind;
    }
    if (*after != 0 || before + behind == 0 || before > whole || behind > decimals ||
        (behind == 0 && at[before] == '.'))
        return false;
    for (size_t i = 0; i < before; i++) {
        minor = minor * 10 + (at[i] - '0');
        if (minor > AMOUNT_MAX / 100)
            return false;
    }
    minor *= 100;
    for (size_t i = 0; i < behind; i++) {
        int digit = at[before + 1 + i] - '0';

        minor += i == 0 ? digit * 10 : i == 1 ? digit : 0;
        fine = fine || (i > 1 && digit != 0);
    }
    if (!fine)
        *out = money_print(arena, minus ? -minor : minor);
    return true;
}

bool
payload_date(const char *text, const char *pattern, struct arena *arena, const char **out)
{
    struct date d = { 0, 0, 0 };
    int years = 0;

    if (strlen(text) != strlen(pattern))
        return false;
    for (size_t i = 0; pattern[i] != 0; i++) {
        int digit = text[i] - '0';

        if (strchr("DMY", pattern[i]) == NULL) {
            if (text[i] != pattern[i])
                return false;
            continue;
        }
        if (!isdigit((unsigned char)text[i]))
            return false;
        if (pattern[i] == 'D')
            d.day = d.day * 10 + digit;
        else if (pattern[i] == 'M')
            d.month = d.month * 10 + digit;
        else
            d.year = d.year * 10 + digit;
        years += pattern[i] == 'Y';
    }
    if (years == 2)
        d.year += 2000; /* none of these codes is older */
    if (!date_valid(d))
        return false;
    *out = date_print(arena, d);
    return true;
}

enum rc
payload_lines(const char *text, struct arena *arena, const char **lines, unsigned max, unsigned *count)
{
    *count = 0;
    for (;;) {
        size_t size = strcspn(text, "\n");
        size_t kept = size > 0 && text[size - 1] == '\r' ? size - 1 : size;

        if (text[size] == 0 && size == 0 && *count > 0)
            return RC_OK; /* the last line was ended, too */
        if (*count == max)
            return RC_INPUT;
        if ((lines[*count] = arena_copy(arena, text, kept)) == NULL)
            return RC_NOMEM;
        (*count)++;
        if (text[size] == 0)
            return RC_OK;
        text += size + 1;
    }
}

size_t
payload_length(const char *text)
{
    size_t n = 0;

    for (; *text != 0; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}
