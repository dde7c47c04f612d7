/*
 * provenance.h - how a value came about: what else was considered, which rules spoke, who keyed what.
 *
 * It lies beside the value in ARTIFACT_FIELDS and ARTIFACT_ORDER, sealed with it, and is bounded: a few
 * alternatives, a few rules, a few keyings, texts cut to PROVENANCE_TEXT bytes.  What made the whole
 * result is a list of versions (struct version), the same for the same programs and files.
 */
#ifndef DOC_PROVENANCE_H
#define DOC_PROVENANCE_H

#include "base/id.h"
#include "doc/fields.h"

#define PROVENANCE_TEXT 200 /* bytes of a text that is kept here */
#define ALTERNATIVES_MAX 6
#define FIRED_MAX 10
#define KEYINGS_MAX 8
#define VERSIONS_MAX 64

/* Another value that was considered; score is the ranker's, good for comparing within one field only. */
struct alternative {
    const char *value, *text;
    float score;
};

/* What a rule said: it holds, it does not, it chose among candidates, it changed what was read. */
enum fired_how { FIRED_HELD = 0, FIRED_FAILED = 1, FIRED_CHOSE = 2, FIRED_REPAIRED = 3 };

/* One rule that spoke about this value: "equation:total", "check:iban", "list:icd10cm", "rule:dates". */
struct fired {
    const char *rule;
    enum fired_how how;
};

/* One hand at the value: the machine's first, then the persons' in order. */
struct keying {
    enum field_origin by;
    struct id who;   /* a person's id; zero for the machine                        */
    int64_t at;      /* seconds since 1970; 0 for the machine, whose runs are alike */
    enum field_state state;
    const char *value;
};

struct provenance {
    const char *second;  /* what the second reader gave where the value stands; "" */
    double needed;       /* the probability asked of it to go without a person; 0: none was asked */
    struct alternative alternatives[ALTERNATIVES_MAX];
    struct fired fired[FIRED_MAX];
    struct keying keyings[KEYINGS_MAX];
    uint32_t alternative_count, fired_count, keying_count;
};

/* What made a result: "tesseract" "5.3.0", "form" "invoice 3 0123456789abcdef". */
struct version {
    const char *name, *value;
};

/* The field's story, made when it has none; NULL without memory. */
struct provenance *provenance_of(struct field *field, struct arena *arena);
/* Each keeps a copy cut to PROVENANCE_TEXT; the best alternatives stay, and the first rules.  Nothing happens
 * without memory: a value is worth more than its story. */
void provenance_alternative(struct field *field, struct arena *arena, const char *value, const char *text,
                            double score);
/* One rule of a kind ("equation", "check", "list", "rule", "repair"); said once, the later word counts. */
void provenance_fired(struct field *field, struct arena *arena, const char *kind, const char *rule,
                      enum fired_how how);
/* The value as the field now has it, by these hands.  When full, the oldest but the first goes. */
void provenance_keyed(struct field *field, struct arena *arena, const struct id *who, int64_t at);
/* A version by its name, or NULL. */
const char *version_find(const struct version *list, uint32_t count, const char *name);
/* Add one; a name that is there twice keeps both (pages may have been read by different versions). */
MUST_USE enum rc versions_add(struct fields *fields, struct arena *arena, const char *name, const char *value);

const char *fired_word(enum fired_how how);

/* The codec of fields.c: a story, or that there is none. */
void provenance_write(struct buffer *b, const struct provenance *story);
/* Fails the reader for anything that provenance_write does not write. */
struct provenance *provenance_read(struct reader *r, struct arena *arena);
void versions_write(struct buffer *b, const struct version *list, uint32_t count);
MUST_USE bool versions_read(struct reader *r, struct arena *arena, struct version **list, uint32_t *count);

#endif
