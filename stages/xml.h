/*
 * xml.h - a small XML document as a tree, by expat.
 *
 * There is no DTD, no entity but the five of XML, nothing outside the document: a document type
 * declaration ends the reading at once, so neither a bomb of entities nor a foreign file can be asked
 * for.  Names are local; a text or attribute longer than XML_TEXT_MAX is left out (a seal, a picture in
 * base64), as no value of ours is so long.
 */
#ifndef STAGES_XML_H
#define STAGES_XML_H

#include "base/arena.h"
#include "base/bytes.h"
#include "doc/reason.h"

#define XML_BYTES_MAX (16u << 20)
#define XML_NODES_MAX 200000
#define XML_DEPTH_MAX 64
#define XML_ATTRS_MAX 64
#define XML_TEXT_MAX 400

struct xml_attr {
    const char *name, *value;
};

struct xml_node {
    const char *name;  /* local */
    const char *space; /* namespace of the root; "" of all others */
    const char *text;  /* without the blanks around it; "" when it has elements inside, or is too long */
    struct xml_attr *attrs;
    unsigned attr_count;
    struct xml_node *parent, *first, *last, *next;
};

/*
 * RC_OK with *out; or with *out NULL and *why saying what is wrong with it: FILE_TOO_LARGE,
 * EXTERNAL_PARTS (a document type), DAMAGED.  RC_NOMEM.  The tree lives in arena.
 */
MUST_USE enum rc xml_read(struct bytes bytes, struct arena *arena, struct xml_node **out, enum reason *why);

const char *xml_attr(const struct xml_node *node, const char *name); /* NULL without */

/*
 * The value at a path below a node: "a/b|c/d" (b or c), "a/b@attr" for an attribute, "a/b[attr=value]" or
 * "a/b[child=value]" for one of several.  Called again with *at it gives the next; *at is NULL at first.
 * NULL after the last.
 */
const char *xml_value(const struct xml_node *node, const char *path, const struct xml_node **at);
/* The same for elements: the next after "at", or the first. */
const struct xml_node *xml_find(const struct xml_node *node, const char *path, const struct xml_node *at);

#endif
