/*
 * payload_url.c - the address in a code, taken apart (RFC 3986).
 *
 * A plus sign stays one: base64 has it, and no authority here writes a blank so.
 */
#include "payload_kinds.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

static int
hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A decoded copy; RC_INPUT for a broken escape, a control character, no UTF-8. */
static enum rc
decode(const char *from, size_t size, struct arena *arena, const char **out)
{
    char *copy = arena_alloc(arena, size + 1);
    size_t n = 0;

    if (copy == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < size; i++) {
        char c = from[i];

        if (c == '%') {
            int high = i + 2 < size ? hex(from[i + 1]) : -1, low = high >= 0 ? hex(from[i + 2]) : -1;

            if (low < 0)
                return RC_INPUT;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if ((unsigned char)c < 0x20 || c == 0x7f)
            return RC_INPUT;
        copy[n++] = c;
    }
    if (!text_is_utf8(copy, n))
        return RC_INPUT;
    *out = copy;
    return RC_OK;
}

static enum rc
split_param(const char *at, size_t size, struct arena *arena, struct url *out)
{
    const char *equal = memchr(at, '=', size), *name, *value;
    size_t before = equal != NULL ? (size_t)(equal - at) : size;
    enum rc rc;

    if (size == 0)
        return RC_OK;
    if (out->count == URL_PARAMS_MAX)
        return RC_INPUT;
    if ((rc = decode(at, before, arena, &name)) != RC_OK ||
        (rc = decode(equal != NULL ? equal + 1 : "", equal != NULL ? size - before - 1 : 0, arena, &value)) != RC_OK)
        return rc;
    if (url_get(out, name) != NULL)
        return RC_INPUT;
    out->params[out->count].name = name;
    out->params[out->count].value = value;
    out->count++;
    return RC_OK;
}

enum rc
url_split(const char *text, struct arena *arena, struct url *out)
{
    const char *at, *query, *slash, *end;
    char *host;
    enum rc rc;

    *out = (struct url){ .host = "", .path = "" };
    at = strncasecmp(text, "https://", 8) == 0 ? text + 8 : strncasecmp(text, "http://", 7) == 0 ? text + 7 : NULL;
    if (at == NULL || (query = strchr(at, '?')) == NULL)
        return RC_NOT_FOUND;
    if ((slash = memchr(at, '/', (size_t)(query - at))) == NULL)
        slash = query;
    if ((host = arena_copy(arena, at, (size_t)(slash - at))) == NULL ||
        (out->path = arena_copy(arena, slash, (size_t)(query - slash))) == NULL)
        return RC_NOMEM;
    for (char *c = host; *c != 0; c++)
        *c = (char)tolower((unsigned char)*c);
    out->host = host;
    end = query + 1 + strcspn(query + 1, "#");
    for (at = query + 1; at < end;) {
        const char *and = memchr(at, '&', (size_t)(end - at));
        size_t size = (size_t)((and != NULL ? and : end) - at);

        if ((rc = split_param(at, size, arena, out)) != RC_OK)
            return rc;
        at += size + 1;
    }
    return RC_OK;
}

const char *
url_get(const struct url *url, const char *name)
{
    for (unsigned i = 0; i < url->count; i++)
        if (strcasecmp(url->params[i].name, name) == 0)
            return url->params[i].value;
    return NULL;
}

bool
url_is(const struct url *url, const char *const *hosts, const char *path)
{
    if (path != NULL && strcasecmp(url->path, path) != 0)
        return false;
    for (; *hosts != NULL; hosts++)
        if (strcmp(url->host, *hosts) == 0)
            return true;
    return false;
}
