/* xml_path.c - values of a tree by their paths: enough of XPath for four kinds of invoice, and no more. */
#include "xml.h"

#include <stdbool.h>
#include <string.h>

/* One step of a path: "name|other[key=value]". */
struct step {
    const char *names;
    size_t names_size;
    const char *key, *value; /* NULL without a condition */
    size_t key_size, value_size;
    const char *rest;        /* after the slash, or NULL */
};

static struct step
step_of(const char *path)
{
    struct step s = { .names = path, .names_size = strcspn(path, "/[@") };
    const char *at = path + s.names_size;

    if (*at == '[') {
        s.key = at + 1;
        s.key_size = strcspn(s.key, "=");
        s.value = s.key + s.key_size + (s.key[s.key_size] == '=');
        s.value_size = strcspn(s.value, "]");
        at = s.value + s.value_size;
        at += *at == ']';
    }
    s.rest = *at == '/' ? at + 1 : NULL;
    return s;
}

static bool
equals(const char *text, const char *part, size_t size)
{
    return strlen(text) == size && memcmp(text, part, size) == 0;
}

static bool
named(const struct xml_node *node, const struct step *s)
{
    const char *at = s->names, *end = at + s->names_size;

    while (at < end) {
        const char *bar = memchr(at, '|', (size_t)(end - at));
        size_t size = (size_t)((bar != NULL ? bar : end) - at);

        if (equals(node->name, at, size))
            return true;
        at += size + 1;
    }
    return false;
}

static bool
holds(const struct xml_node *node, const struct step *s)
{
    if (s->key == NULL)
        return true;
    for (unsigned i = 0; i < node->attr_count; i++)
        if (equals(node->attrs[i].name, s->key, s->key_size))
            return equals(node->attrs[i].value, s->value, s->value_size);
    for (const struct xml_node *c = node->first; c != NULL; c = c->next)
        if (equals(c->name, s->key, s->key_size) && equals(c->text, s->value, s->value_size))
            return true;
    return false;
}

/* Depth first, in the order of the document; *after is passed over until it was met. */
static const struct xml_node *
walk(const struct xml_node *node, const char *path, const struct xml_node **after)
{
    const struct step s = step_of(path);

    for (const struct xml_node *c = node->first; c != NULL; c = c->next) {
        const struct xml_node *found;

        if (!named(c, &s) || !holds(c, &s))
            continue;
        if (s.rest != NULL) {
            if ((found = walk(c, s.rest, after)) != NULL)
                return found;
        } else if (*after == NULL) {
            return c;
        } else if (*after == c) {
            *after = NULL;
        }
    }
    return NULL;
}

const struct xml_node *
xml_find(const struct xml_node *node, const char *path, const struct xml_node *at)
{
    return walk(node, path, &at);
}

const char *
xml_attr(const struct xml_node *node, const char *name)
{
    for (unsigned i = 0; i < node->attr_count; i++)
        if (strcmp(node->attrs[i].name, name) == 0)
            return node->attrs[i].value;
    return NULL;
}

const char *
xml_value(const struct xml_node *node, const char *path, const struct xml_node **at)
{
    const char *attr = strchr(path, '@');

    if (attr == path) { /* of the node itself */
        if (*at != NULL)
            return NULL;
        *at = node;
        return xml_attr(node, attr + 1);
    }
    while ((*at = xml_find(node, path, *at)) != NULL) {
        const char *value = attr != NULL ? xml_attr(*at, attr + 1) : (*at)->text;

        if (value != NULL && value[0] != 0)
            return value;
    }
    return NULL;
}
