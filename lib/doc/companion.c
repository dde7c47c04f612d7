/* companion.c - names by which pages and their e-invoice meet. */
#include "doc/companion.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *
last_component(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash != NULL ? slash + 1 : name;
}

bool
companion_is(const char *name)
{
    const char *base = last_component(name), *dot = strrchr(base, '.');

    return dot != NULL && dot > base && strcasecmp(dot, ".xml") == 0;
}

size_t
companion_stem(const char *name, char out[STEM_MAX])
{
    const char *base = last_component(name), *dot = strrchr(base, '.');
    size_t size = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);

    out[0] = 0;
    if (size >= STEM_MAX)
        return 0;
    for (size_t i = 0; i < size; i++)
        out[i] = (char)tolower((unsigned char)base[i]);
    out[size] = 0;
    return size;
}
