/*
 * compare.c - the compare stage: codes and e-invoices as a second reader; the rules are in compare.h.
 */
#include "compare.h"

#include <string.h>

#include "doc/payload.h"
#include "doc/provenance.h"
#include "doc/value.h"
#include "document.h"
#include "stages.h"

/* A doubt that was about the reading alone goes when somebody else read the same. */
static void
undoubt(struct field *f, enum reason reason)
{
    int n = 0;

    for (int i = 0; i < FIELD_REASONS_MAX; i++)
        if (f->reasons[i] != reason)
            f->reasons[n++] = f->reasons[i];
    while (n < FIELD_REASONS_MAX)
        f->reasons[n++] = REASON_NONE;
}

static uint8_t
evidence_of(const struct witness *w)
{
    return w->source == WITNESS_EINVOICE ? EVIDENCE_EINVOICE : EVIDENCE_CODE;
}

/* The story keeps who said what. */
static void
tell(struct field *f, const struct witness *w, enum fired_how how, struct arena *arena)
{
    provenance_fired(f, arena, w->source == WITNESS_EINVOICE ? "einvoice" : "code", w->kind, how);
}

static void
agree(struct field *f, const struct witness *w)
{
    bool other = (f->evidence & ~evidence_of(w)) != 0;

    f->evidence |= evidence_of(w);
    if (f->origin == ORIGIN_CODE && f->text[0] == 0) {
        /* two witnesses of different kinds, and no print: good enough, when both say it */
        if (other) {
            undoubt(f, REASON_FROM_CODE);
            f->confidence = COMPARE_FOUND;
        }
        return;
    }
    undoubt(f, REASON_CONFLICT); /* day and month could be swapped: now they cannot */
    undoubt(f, REASON_REPAIRED);
    if (f->confidence < COMPARE_AGREED)
        f->confidence = COMPARE_AGREED;
}

/* The value of a statement as this field would carry it, or NULL. */
static const char *
canonical(const struct form_field *ff, const struct statement *s, struct arena *arena)
{
    const char *value = NULL;
    int64_t minor;

    if (s->part != STATEMENT_WHOLE || value_canonical(ff, s->value, arena, &value) != RC_OK || value == NULL ||
        value[0] == 0)
        return NULL;
    if (ff->type == VALUE_ID && !value_matches(ff, value))
        return NULL;
    /* "nothing was paid before" need not be printed */
    if (ff->type == VALUE_MONEY && !ff->required && money_canonical(value, &minor) && minor == 0)
        return NULL;
    return value;
}

static void
take(struct field *f, const char *value, const struct print_place *place)
{
    f->value = value;
    f->state = FIELD_VALUE;
    f->origin = ORIGIN_CODE;
    f->text = place != NULL ? place->text : "";
    f->page = place != NULL ? place->page : 0;
    f->box = place != NULL ? place->box : (struct box){ 0, 0, 0, 0 };
}

struct comparing {
    const struct form *form;
    const struct witness *witness;
    const struct page_reading *const *pages;
    uint32_t page_count;
    struct arena *arena;
};

/*
 * Nobody read it.  What stands in print is settled by print and witness together; of what does not, only a
 * field that must be there is worth a person's look: an e-invoice states much that nobody prints.
 */
static void
fill(const struct comparing *c, const struct form_field *ff, const struct statement *s, struct field *f)
{
    const char *value = canonical(ff, s, c->arena);
    struct print_place place;
    bool printed;

    if (value == NULL)
        return;
    printed = compare_find(ff, s, c->pages, c->page_count, c->arena, &place);
    if (printed && !place.weak) {
        take(f, value, &place);
        f->confidence = COMPARE_FOUND;
    } else if (printed && c->witness->source == WITNESS_EINVOICE && s->force == STATEMENT_STATES) {
        take(f, value, &place); /* 7.67 may stand there by chance: somebody looks whether it is this one */
        f->confidence = COMPARE_ALONE;
        field_doubt(f, REASON_FROM_CODE);
    } else if (ff->required && s->force == STATEMENT_STATES) {
        take(f, value, NULL);
        f->confidence = COMPARE_ALONE;
        field_doubt(f, REASON_FROM_CODE);
    } else {
        return;
    }
    f->evidence |= evidence_of(c->witness);
    tell(f, c->witness, FIRED_CHOSE, c->arena);
}

/*
 * A credit note states what it gives back, and is printed with a minus by some: EN 16931 (BT-3, code 381) takes the
 * minus out of the amounts and puts it into the type of the document.
 */
static bool
printed_opposite(const struct comparing *c, const struct form_field *ff, const struct statement *s,
                 struct print_place *place)
{
    struct statement other = *s;
    int64_t minor;
    char *value;

    if (c->witness->source != WITNESS_EINVOICE || ff->type != VALUE_MONEY || !money_canonical(s->value, &minor) ||
        minor == 0 || (value = arena_alloc(c->arena, strlen(s->value) + 2)) == NULL)
        return false;
    value[0] = '-';
    memcpy(value + 1, s->value, strlen(s->value) + 1);
    other.value = s->value[0] == '-' ? s->value + 1 : value;
    return compare_find(ff, &other, c->pages, c->page_count, c->arena, place) && !place->weak;
}

/*
 * Print and witness contradict: a person looks.  What is proposed to them is what we read, unless what the witness
 * states stands in print as well: then it is only a question of which print is meant.  An e-invoice names its fields,
 * so its value is proposed; a code's only when the reading was not sure of itself.  What gave way stays beside it.
 */
static void
differ(const struct comparing *c, const struct form_field *ff, const struct statement *s, struct field *f)
{
    const char *value = canonical(ff, s, c->arena);
    struct print_place place;
    bool printed = value != NULL && compare_find(ff, s, c->pages, c->page_count, c->arena, &place) && !place.weak;

    printed = printed || (value != NULL && printed_opposite(c, ff, s, &place));
    if (s->force == STATEMENT_PRINTED && !printed)
        return;
    if (printed && (f->confidence < COMPARE_UNSURE || c->witness->source == WITNESS_EINVOICE)) {
        provenance_alternative(f, c->arena, f->value, f->text, f->confidence);
        take(f, value, &place);
        f->evidence |= evidence_of(c->witness);
        field_doubt(f, REASON_FROM_CODE);
        tell(f, c->witness, FIRED_CHOSE, c->arena);
    } else {
        provenance_alternative(f, c->arena, s->value, "", COMPARE_DIFFERS);
        tell(f, c->witness, FIRED_FAILED, c->arena);
    }
    if (f->confidence > COMPARE_DIFFERS)
        f->confidence = COMPARE_DIFFERS;
    field_doubt(f, REASON_CODE_DIFFERS);
}

/*
 * A date whose day and month may be the other way round, and are by the witness: print says both, so it is read so, and
 * nothing differs.
 */
static bool
other_way_round(const struct comparing *c, const struct form_field *ff, const struct statement *s, struct field *f)
{
    struct date_hit printed;
    struct date d;
    const char *turned;
    bool open = false;

    for (int i = 0; i < FIELD_REASONS_MAX; i++)
        open = open || f->reasons[i] == REASON_CONFLICT;
    if (!open || ff->type != VALUE_DATE || !date_canonical(f->value, &d) ||
        dates_find(f->text, &printed, 1) != 1 || !printed.ambiguous)
        return false;
    d = (struct date){ d.year, d.day, d.month };
    if (!date_valid(d) || (turned = date_print(c->arena, d)) == NULL || !compare_same(ff, s, turned))
        return false;
    provenance_alternative(f, c->arena, f->value, f->text, COMPARE_DIFFERS);
    f->value = turned;
    return true;
}

/* All that a witness states of one field are alternatives: from item "first" on. */
static void
compare_field(const struct comparing *c, uint32_t first, const struct form_field *ff, struct field *f)
{
    const struct witness *w = c->witness;
    const struct statement *states = NULL;

    for (uint32_t i = first; i < w->count; i++) {
        const struct statement *s = &w->items[i];

        if (strcmp(s->field, ff->name) != 0)
            continue;
        if (f->state == FIELD_VALUE && (compare_same(ff, s, f->value) || other_way_round(c, ff, s, f))) {
            agree(f, w);
            tell(f, w, FIRED_HELD, c->arena);
            return;
        }
        if (states == NULL && s->force != STATEMENT_SUPPORTS)
            states = s;
    }
    if (states == NULL)
        return;
    if (f->state == FIELD_VALUE)
        differ(c, ff, states, f);
    else if (f->state == FIELD_MISSING)
        fill(c, ff, states, f);
}

enum rc
compare_witness(const struct form *form, const struct witness *w, const struct page_reading *const *pages,
                uint32_t page_count, struct arena *arena, struct fields *fields)
{
    const struct comparing c = { form, w, pages, page_count, arena };

    for (uint32_t i = 0; i < w->count; i++) {
        const struct form_field *ff = form_field(form, w->items[i].field);
        struct field *f = ff != NULL ? fields_find(fields, w->items[i].field) : NULL;

        /* a person has spoken; or an earlier item of the same field was the first of the alternatives */
        if (f == NULL || f->origin == ORIGIN_PERSON || witness_find(w, w->items[i].field) != &w->items[i])
            continue;
        compare_field(&c, i, ff, f);
    }
    return RC_OK;
}

/* The same code may stand on every page: once is enough. */
static bool
seen_before(const struct page_reading *const *pages, uint32_t page, uint32_t code)
{
    const char *text = pages[page]->codes[code].text;

    for (uint32_t p = 0; p <= page; p++)
        for (uint32_t i = 0; i < (p < page ? pages[p]->code_count : code); i++)
            if (strcmp(pages[p]->codes[i].text, text) == 0)
                return true;
    return false;
}

enum rc
compare_codes(const struct form *form, const struct page_reading *const *pages, uint32_t page_count,
              struct arena *arena, struct fields *fields)
{
    for (uint32_t p = 0; p < page_count; p++)
        for (uint32_t i = 0; i < pages[p]->code_count; i++) {
            struct witness w;
            enum rc rc;

            if (seen_before(pages, p, i))
                continue;
            rc = payload_read(pages[p]->codes[i].text, arena, &w);
            /* not one of ours, or one that breaks its own rules: it proves nothing */
            if (rc == RC_NOT_FOUND || rc == RC_INPUT)
                continue;
            if (rc != RC_OK || (rc = compare_witness(form, &w, pages, page_count, arena, fields)) != RC_OK)
                return rc;
        }
    return RC_OK;
}

enum rc
compare_run(const struct job *job, struct result *result)
{
    struct document doc;
    const struct form *form;
    struct fields *fields;
    enum rc rc = document_open(job, &doc);

    *result = (struct result){ .verdict = VERDICT_PASS };
    if (rc != RC_OK)
        return rc;
    if (doc.fields == NULL)
        return RC_BUG;
    fields = (struct fields *)doc.fields; /* decoded into our own arena: ours to change */
    form = forms_find(doc.forms, fields->form);
    if (form == NULL)
        return document_emit(job, fields);
    if ((rc = compare_codes(form, doc.pages, doc.page_count, job->arena, fields)) != RC_OK)
        return rc;
    for (uint32_t i = 0; i < job->given.count; i++) {
        struct witness *w;

        if (job->given.items[i].kind != ARTIFACT_WITNESS)
            continue;
        if ((rc = witness_read(job->given.items[i].bytes, job->arena, &w)) != RC_OK ||
            (rc = compare_witness(form, w, doc.pages, doc.page_count, job->arena, fields)) != RC_OK)
            return rc;
    }
    return document_emit(job, fields);
}
