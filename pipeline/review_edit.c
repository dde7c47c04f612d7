/* review_edit.c - the line editor of a value. */
#include "review_edit.h"

#include <string.h>
#include <wctype.h>

#include "base/bytes.h"

void
edit_wipe(struct edit *e)
{
    bytes_wipe(e, sizeof *e);
}

void
edit_set(struct edit *e, const char *utf8)
{
    size_t left = strlen(utf8);
    mbstate_t state;

    edit_wipe(e);
    memset(&state, 0, sizeof state);
    while (left > 0 && e->size < EDIT_MAX) {
        wchar_t c;
        size_t n = mbrtowc(&c, utf8, left, &state);

        if (n == 0 || n > left)
            break;
        e->text[e->size++] = c;
        utf8 += n;
        left -= n;
    }
    e->at = e->size;
}

bool
edit_get(const struct edit *e, char *out, size_t room)
{
    int from = 0;
    int to = e->size;
    size_t size = 0;
    mbstate_t state;

    memset(&state, 0, sizeof state);
    while (from < to && iswspace((wint_t)e->text[from]))
        from++;
    while (to > from && iswspace((wint_t)e->text[to - 1]))
        to--;
    for (int i = from; i < to; i++) {
        char bytes[16];
        size_t n = wcrtomb(bytes, e->text[i], &state);

        if (n == (size_t)-1 || size + n + 1 > room)
            return false;
        memcpy(out + size, bytes, n);
        size += n;
    }
    if (size + 1 > room)
        return false;
    out[size] = '\0';
    return true;
}

static void
take_out(struct edit *e, int at)
{
    if (at < 0 || at >= e->size)
        return;
    wmemmove(e->text + at, e->text + at + 1, (size_t)(e->size - at));
    e->size--;
    e->text[e->size] = 0;
    e->changed = true;
}

bool
edit_act(struct edit *e, enum action action)
{
    switch (action) {
    case ACT_LEFT:
        e->at -= e->at > 0;
        return true;
    case ACT_RIGHT:
        e->at += e->at < e->size;
        return true;
    case ACT_FIRST:
        e->at = 0;
        return true;
    case ACT_LAST:
        e->at = e->size;
        return true;
    case ACT_DELETE:
        take_out(e, e->at);
        return true;
    case ACT_BACKSPACE:
        if (e->at > 0)
            take_out(e, --e->at);
        return true;
    case ACT_DELETE_END:
        while (e->size > e->at)
            take_out(e, e->size - 1);
        return true;
    default: return false;
    }
}

bool
edit_type(struct edit *e, unsigned c)
{
    if (e->size >= EDIT_MAX || !iswprint((wint_t)c) || wcwidth((wchar_t)c) < 1)
        return false;
    wmemmove(e->text + e->at + 1, e->text + e->at, (size_t)(e->size - e->at));
    e->text[e->at++] = (wchar_t)c;
    e->text[++e->size] = 0;
    e->changed = true;
    return true;
}

bool
edit_minus_behind(struct edit *e)
{
    if (e->at != e->size || e->size == 0 || e->size >= EDIT_MAX || !iswdigit((wint_t)e->text[e->size - 1]))
        return false;
    if (e->text[0] == L'-') {
        take_out(e, 0);
    } else {
        wmemmove(e->text + 1, e->text, (size_t)e->size);
        e->text[0] = L'-';
        e->text[++e->size] = 0;
    }
    e->at = e->size;
    e->changed = true;
    return true;
}
