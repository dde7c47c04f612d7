/*
 * parties.h - whose documents come to a client's folder: its names and numbers; and what makes a
 * document the only one of its kind.
 *
 * Encoded as ARTIFACT_PARTIES (sealed with a key of the client's own, given to a document's cage)
 * and ARTIFACT_TWINS (out of the cage, to be hashed with the client's key, never stored).
 */
#ifndef DOC_PARTIES_H
#define DOC_PARTIES_H

#include <stdbool.h>

#include "base/codec.h"

#define PARTIES_MAX 400
#define PARTY_VALUE_MAX 200
#define PARTIES_BYTES_MAX (PARTIES_MAX * (PARTY_VALUE_MAX + 8))
#define TWINS_MAX 8
#define TWIN_TEXT_MAX 4000

enum party_kind { PARTY_NAME = 0, PARTY_TAX_ID = 1, PARTY_EIN = 2, PARTY_NPI = 3, PARTY_KINDS };

struct party {
    enum party_kind kind;
    const char *value;
};

struct parties {
    struct party *items;
    uint32_t count;
};

/* "name", "tax-id", "ein", "npi"; NULL after the last. */
const char *party_kind_name(unsigned kind);
/* PARTY_KINDS when there is none of this name. */
enum party_kind party_kind_find(const char *name);

void parties_write(struct buffer *b, const struct parties *parties);
MUST_USE enum rc parties_read(struct bytes bytes, struct arena *arena, struct parties *out);

/* Is there a name, or anything but a name? */
bool parties_have(const struct parties *parties, bool names);
/* A number on paper is one of theirs: letters and digits alone count, and the country before it may be missing. */
bool parties_know_id(const struct parties *parties, const char *value);
/*
 * A name on paper is one of theirs, as a reader may have misread it; what stands for the legal form (SL,
 * Inc., GmbH) does not count, and one of theirs may stand among other words.
 */
bool parties_know_name(const struct parties *parties, const char *text);
/* Would both be taken for the same identity?  For adding one that is there already. */
bool party_same(const struct party *a, const struct party *b);

struct twin {
    const char *field; /* the first field, which is shown to the person */
    const char *text;  /* form and values, in one shape                 */
};

struct twins {
    struct twin items[TWINS_MAX];
    uint32_t count;
};

void twins_write(struct buffer *b, const struct twins *twins);
MUST_USE enum rc twins_read(struct bytes bytes, struct arena *arena, struct twins *out);

#endif
