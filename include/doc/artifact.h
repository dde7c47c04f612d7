/*
 * artifact.h - the kinds of things a document is made of.
 *
 * The number is bound into every seal and stored in the database: never reuse one.
 */
#ifndef DOC_ARTIFACT_H
#define DOC_ARTIFACT_H

#include "base/arena.h"
#include "base/bytes.h"

enum artifact_kind {
    ARTIFACT_ORIGINAL = 1, /* of a file: the bytes as delivered (blob)                    */
    ARTIFACT_NAME = 2,     /* of a file: its name as delivered                            */
    ARTIFACT_RECIPE = 3,   /* of a file: struct recipe                                    */
    ARTIFACT_READING = 4,  /* of a page: struct page_reading                              */
    ARTIFACT_FIELDS = 5,   /* of a document version: struct fields                        */
    ARTIFACT_PACKAGE = 6,  /* of a document version: JSON, before sealing to the client   */
    ARTIFACT_MANIFEST = 7, /* of a batch manifest file: struct manifest                   */
    ARTIFACT_ENTRY = 8,    /* a file out of an archive, on its way to be a file           */
    ARTIFACT_RASTER = 9,   /* pixels; passed between cages, never stored                  */
    ARTIFACT_ORDER = 10,   /* what a person ordered: forced form, corrections             */
    ARTIFACT_CROP = 11,    /* a cut of a page for the desk; never stored                  */
    ARTIFACT_WITNESS = 12, /* of a file: what an e-invoice in or beside it states         */
    /* 13 to 15 are taken by parts that come */
    ARTIFACT_MEMORY = 14,  /* of a client: struct memory_layout, one layout of one sender */
    ARTIFACT_TERMS = 16,   /* of a document version: struct terms, numbers only           */
    ARTIFACT_PARTIES = 17, /* of a client: struct parties, whose documents come here       */
    ARTIFACT_TWINS = 18,   /* of a document: struct twins, what makes it the only one; never stored */
    ARTIFACT_LEARNED = 19, /* of a blank form and a marked one: struct learned; never stored */
    ARTIFACT_LAST = ARTIFACT_LEARNED
};

#define ARTIFACT_BIT(kind) (1u << (kind))

/* One artifact in the clear: only inside a cage or for the length of one step. */
struct artifact {
    enum artifact_kind kind;
    uint32_t page; /* from 0, for kinds of a page */
    struct bytes bytes;
};

struct artifact_set {
    struct artifact *items;
    uint32_t count;
};

/* The first of this kind and page, or NULL. */
const struct artifact *artifact_find(const struct artifact_set *set, enum artifact_kind kind, uint32_t page);

#endif
