/* xml.c - reading XML into a tree: what xml.h promises is refused, is refused here. */
#include "xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define SEPARATOR '\x1f' /* cannot be part of a name or an address in XML */
#define TEXT_ROOM (XML_TEXT_MAX + 2)

struct reading {
    struct arena *arena;
    XML_Parser parser;
    struct xml_node *root, *at;
    unsigned nodes, depth;
    char text[TEXT_ROOM]; /* of the element that is open */
    size_t size;          /* TEXT_ROOM: too long         */
    enum reason why;
    enum rc rc;
};

static void
stop(struct reading *r, enum reason why, enum rc rc)
{
    if (r->why == REASON_NONE && r->rc == RC_OK) {
        r->why = why;
        r->rc = rc;
    }
    (void)XML_StopParser(r->parser, XML_FALSE);
}

/* Keep a text without the blanks around it; "" when it is too long to be a value. */
static const char *
keep(struct reading *r, const char *text, size_t size)
{
    const char *copy;

    while (size > 0 && strchr(" \t\r\n", text[0]) != NULL) {
        text++;
        size--;
    }
    while (size > 0 && strchr(" \t\r\n", text[size - 1]) != NULL)
        size--;
    if (size == 0 || size > XML_TEXT_MAX)
        return "";
    if ((copy = arena_copy(r->arena, text, size)) == NULL)
        stop(r, REASON_NONE, RC_NOMEM);
    return copy != NULL ? copy : "";
}

static const char *
local_name(const char *name)
{
    const char *at = strrchr(name, SEPARATOR);

    return at != NULL ? at + 1 : name;
}

static void
take_attrs(struct reading *r, struct xml_node *node, const char **attrs)
{
    unsigned n = 0;

    while (attrs[2 * n] != NULL && n < XML_ATTRS_MAX)
        n++;
    if (n == 0)
        return;
    if ((node->attrs = arena_array(r->arena, n, sizeof *node->attrs)) == NULL) {
        stop(r, REASON_NONE, RC_NOMEM);
        return;
    }
    for (; node->attr_count < n; node->attr_count++) {
        const char *name = local_name(attrs[2 * node->attr_count]), *value = attrs[2 * node->attr_count + 1];

        node->attrs[node->attr_count].name = keep(r, name, strlen(name));
        node->attrs[node->attr_count].value = keep(r, value, strlen(value));
    }
}

static void
on_start(void *to, const char *name, const char **attrs)
{
    struct reading *r = to;
    struct xml_node *node;
    const char *local = local_name(name);

    if (++r->nodes > XML_NODES_MAX || ++r->depth > XML_DEPTH_MAX) {
        stop(r, REASON_FILE_TOO_LARGE, RC_OK);
        return;
    }
    if ((node = arena_alloc(r->arena, sizeof *node)) == NULL) {
        stop(r, REASON_NONE, RC_NOMEM);
        return;
    }
    node->name = keep(r, local, strlen(local));
    node->space = r->root == NULL && local != name ? keep(r, name, (size_t)(local - name - 1)) : "";
    node->text = "";
    node->parent = r->at;
    take_attrs(r, node, attrs);
    if (r->at == NULL)
        r->root = node;
    else if (r->at->last == NULL)
        r->at->first = r->at->last = node;
    else
        r->at->last = r->at->last->next = node;
    r->at = node;
    r->size = 0;
}

static void
on_text(void *to, const char *text, int size)
{
    struct reading *r = to;
    size_t n = (size_t)size;

    /* indentation before an element is no part of anything */
    while (r->size == 0 && n > 0 && strchr(" \t\r\n", *text) != NULL) {
        text++;
        n--;
    }
    if (r->size + n >= TEXT_ROOM) {
        r->size = TEXT_ROOM;
        return;
    }
    memcpy(r->text + r->size, text, n);
    r->size += n;
}

static void
on_end(void *to, const char *name)
{
    struct reading *r = to;

    (void)name;
    if (r->at == NULL)
        return;
    if (r->at->first == NULL)
        r->at->text = r->size < TEXT_ROOM ? keep(r, r->text, r->size) : "";
    r->at = r->at->parent;
    r->depth--;
    r->size = 0;
}

static void
on_doctype(void *to, const char *name, const char *system, const char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    stop(to, REASON_EXTERNAL_PARTS, RC_OK);
}

static int
on_external(XML_Parser parser, const char *context, const char *base, const char *system, const char *public)
{
    (void)parser;
    (void)context;
    (void)base;
    (void)system;
    (void)public;
    return XML_STATUS_ERROR;
}

/* Programs of Windows write their own code page; expat knows UTF-8, UTF-16, Latin 1 and ASCII by itself. */
static int
on_encoding(void *to, const char *name, XML_Encoding *out)
{
    static const unsigned short high[32] = {
        0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178,
    };
    bool windows = strcasecmp(name, "windows-1252") == 0, latin9 = strcasecmp(name, "iso-8859-15") == 0;

    (void)to;
    if (!windows && !latin9)
        return XML_STATUS_ERROR;
    for (int i = 0; i < 256; i++)
        out->map[i] = windows && i >= 0x80 && i < 0xa0 ? high[i - 0x80] : i;
    if (latin9)
        out->map[0xa4] = 0x20ac;
    out->data = NULL;
    out->convert = NULL;
    out->release = NULL;
    return XML_STATUS_OK;
}

/* Against prepared collisions: of this process, and there before any cage is shut (getauxval(3), AT_RANDOM). */
static unsigned long
salt(void)
{
    const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM);
    unsigned long s = 0;

    if (random != NULL)
        memcpy(&s, random, sizeof s);
    return s | 1; /* 0 would make expat ask the system for bytes, which a cage does not answer */
}

enum rc
xml_read(struct bytes bytes, struct arena *arena, struct xml_node **out, enum reason *why)
{
    struct reading r = { .arena = arena };
    enum rc rc = RC_NOMEM;

    *out = NULL;
    *why = REASON_NONE;
    if (bytes.size > XML_BYTES_MAX) {
        *why = REASON_FILE_TOO_LARGE;
        return RC_OK;
    }
    if ((r.parser = XML_ParserCreateNS(NULL, SEPARATOR)) == NULL)
        return RC_NOMEM;
    if (XML_SetHashSalt(r.parser, salt()) == 0)
        goto out;
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, on_start, on_end);
    XML_SetCharacterDataHandler(r.parser, on_text);
    XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    XML_SetExternalEntityRefHandler(r.parser, on_external);
    XML_SetUnknownEncodingHandler(r.parser, on_encoding, NULL);
    (void)XML_SetParamEntityParsing(r.parser, XML_PARAM_ENTITY_PARSING_NEVER);
    if (XML_Parse(r.parser, (const char *)bytes.data, (int)bytes.size, XML_TRUE) != XML_STATUS_OK &&
        r.why == REASON_NONE && r.rc == RC_OK) {
        if (XML_GetErrorCode(r.parser) == XML_ERROR_NO_MEMORY)
            r.rc = RC_NOMEM;
        else
            r.why = REASON_DAMAGED;
    }
    rc = r.rc;
    *why = r.why;
    if (rc == RC_OK && r.why == REASON_NONE)
        *out = r.root;
out:
    XML_ParserFree(r.parser);
    return rc;
}
