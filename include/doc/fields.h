/*
 * fields.h - the values of one document: where each was found, how sure, who decided.
 *
 * Encoded as ARTIFACT_FIELDS.  The same shape carries a person's corrections back.
 */
#ifndef DOC_FIELDS_H
#define DOC_FIELDS_H

#include "base/codec.h"
#include "doc/box.h"
#include "doc/reason.h"

#define FIELDS_MAX 400
#define ROWS_MAX 2000
#define FIELD_REASONS_MAX 6

enum field_verdict { FIELD_AUTO = 0, FIELD_REVIEW = 1 };
enum field_state { FIELD_VALUE = 0, FIELD_BLANK = 1, FIELD_UNREADABLE = 2, FIELD_MISSING = 3 };
/* What it takes to settle a value: nothing, a look and a key, typing it without seeing it, two persons who do. */
enum field_level { LEVEL_AUTO = 0, LEVEL_CONFIRM = 1, LEVEL_SINGLE = 2, LEVEL_DOUBLE = 3 };
enum field_origin { ORIGIN_MACHINE = 0, ORIGIN_PERSON = 1, ORIGIN_REPAIR = 2,
                    ORIGIN_CODE = 3 /* a code or an e-invoice states it; it was not found in print */ };
/* Who else says what the field says: bits. */
enum field_evidence { EVIDENCE_CODE = 1, EVIDENCE_EINVOICE = 2 };

struct provenance;
struct version;

struct field {
    const char *name;  /* as in the form                                           */
    const char *value; /* canonical: 1234.56, 2026-11-21, text; "" without a value  */
    const char *text;  /* as printed                                               */
    double confidence; /* 0..1, for this client                                    */
    double stated;     /* 0..1, before what this client's persons said; 0: nothing */
    enum field_level level; /* of a field that waits for a person; set by validate */
    enum field_verdict verdict;
    enum field_state state;
    enum field_origin origin;
    uint8_t evidence; /* bits of enum field_evidence                               */
    uint16_t reasons[FIELD_REASONS_MAX]; /* enum reason, 0 ends                    */
    uint32_t page;                       /* of the document, from 0                */
    struct box box;
    struct provenance *story; /* how it came about (doc/provenance.h); NULL: nothing is told */
};

struct field_row {
    struct field *cells;
    uint32_t count;
};

struct fields {
    const char *form; /* "" when no form fits */
    double form_confidence;
    struct field *fields;
    uint32_t count;
    struct field_row *rows; /* of the form's one table */
    uint32_t row_count;
    struct version *versions; /* what made this: programs, models, form, lists (doc/provenance.h) */
    uint32_t version_count;
};

void fields_write(struct buffer *b, const struct fields *fields);
MUST_USE enum rc fields_read(struct bytes bytes, struct arena *arena, struct fields **out);
struct field *fields_find(const struct fields *fields, const char *name);
/* Add a reason once; sets the verdict to FIELD_REVIEW. */
void field_doubt(struct field *field, enum reason reason);
/* Add a reason once; the verdict stays: for reasons of class note. */
void field_note(struct field *field, enum reason reason);
/* Does a reason that is more than a note stand by it? */
bool field_doubted(const struct field *field);

#endif
