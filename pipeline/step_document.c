/*
 * step_document.c - a document step: classify, extract, validate and package, in one cage.
 */
#include <string.h>

#include "doc/fields.h"
#include "step.h"
#include "told.h"

#define TERMS_BYTES_MAX (2u << 20)
#define STATED_MAX 500

static enum rc
document_inputs(struct step *s, struct cell_input **out, uint32_t *count, struct document_told *told)
{
    const struct claim *claim = s->claim;
    struct cell_input *inputs;
    struct doc_key *key;
    struct witness_row *witnesses;
    uint32_t *pages, page_count, witness_count;
    enum rc rc;

    if ((rc = step_file_key(s, &key)) != RC_OK ||
        (rc = store_document_pages(s->engine->work, claim, s->arena, &pages, &page_count)) != RC_OK ||
        (rc = store_witnesses(s->engine->work, claim, s->arena, &witnesses, &witness_count)) != RC_OK)
        return rc;
    if ((inputs = arena_array(s->arena, (size_t)page_count + witness_count + s->memory->told.count + 4,
                              sizeof *inputs)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < page_count; i++) {
        const struct seal_place place = { ARTIFACT_READING, pages[i], 0, 0, true };

        inputs[i] = (struct cell_input){ .kind = ARTIFACT_READING, .page = i, .fd = -1 };
        if ((rc = step_load(s, key, &place, &inputs[i].bytes)) != RC_OK)
            return rc;
    }
    for (uint32_t i = 0; i < witness_count; i++)
        if ((rc = told_witness(s->engine->keys, &claim->client, &claim->file, key, &witnesses[i], i, s->arena,
                               &inputs[page_count + i])) != RC_OK)
            return rc;
    told->witnesses = witnesses;
    told->witness_count = witness_count;
    *out = inputs;
    *count = page_count + witness_count;
    return RC_OK;
}

/* What a person ordered, when there is such an order. */
static enum rc
document_order(struct step *s, const struct doc_key *key, struct cell_input *inputs, uint32_t *count)
{
    const struct seal_place place = { ARTIFACT_ORDER, 0, s->claim->version, 0, true };
    struct cell_input *order = &inputs[*count];
    enum rc rc;

    *order = (struct cell_input){ .kind = ARTIFACT_ORDER, .fd = -1 };
    if (s->claim->document_wrapped_size == 0)
        return RC_OK;
    if ((rc = step_load(s, key, &place, &order->bytes)) == RC_OK)
        (*count)++;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* What the contract says, and how far this client's values are from what we ship. */
static enum rc
document_terms(struct step *s, struct cell_input *inputs, uint32_t *count)
{
    struct cell_input *input = &inputs[*count];
    struct terms terms;
    struct buffer b;
    enum rc rc = store_terms(s->engine->work, s->claim, s->arena, &terms);

    if (rc != RC_OK)
        return rc;
    buffer_init(&b, TERMS_BYTES_MAX);
    terms_write(&b, &terms);
    *input = (struct cell_input){ .kind = ARTIFACT_TERMS, .fd = -1 };
    input->bytes = bytes_of(arena_copy(s->arena, b.data, b.size), b.size);
    rc = b.failed || input->bytes.data == NULL ? RC_NOMEM : RC_OK;
    buffer_done(&b);
    (*count)++;
    return rc;
}

/* What the cage was told is kept, so that it can be told the same again; memory and e-invoices stay where they lie. */
static enum rc
keep_told(struct step *s, const struct doc_key *key, const struct cell_input *inputs, uint32_t count,
          struct document_outcome *o)
{
    enum rc rc = RC_OK;

    for (uint32_t i = 0; i < count && rc == RC_OK; i++) {
        struct bytes *out = inputs[i].kind == ARTIFACT_TERMS && o->stated_count > 0 ? &o->sealed_terms
                            : inputs[i].kind == ARTIFACT_PARTIES                    ? &o->told.sealed_parties
                                                                                    : NULL;

        if (out != NULL)
            rc = step_seal(s, key, inputs[i].kind, 0, s->claim->version, inputs[i].bytes, out);
    }
    /* a lesson on a layout that was known says in the same place that it was used */
    o->told.memory_slot = o->lesson != NULL && o->lesson->seen > 0 ? o->lesson->slot : o->memory_used;
    o->told.memory_version = step_memory_version(s, o->told.memory_slot);
    return rc;
}

/* The values of the document by field, in sums. */
struct counting {
    struct stated *list;
    uint32_t count;
};

static struct stated *
stated_of(struct counting *c, const char *field)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (strcmp(c->list[i].field, field) == 0)
            return &c->list[i];
    if (c->count == STATED_MAX || !terms_name(field))
        return NULL;
    c->list[c->count] = (struct stated){ .field = field };
    return &c->list[c->count++];
}

static void
count_field(const struct field *f, const char *name, struct counting *c, struct document_outcome *o)
{
    struct stated *t = stated_of(c, name);
    double q = 1 - f->confidence;

    o->fields++;
    o->doubtful += f->verdict == FIELD_REVIEW;
    if (f->verdict != FIELD_REVIEW)
        o->expected_errors += q;
    if (t == NULL)
        return;
    if (f->verdict == FIELD_REVIEW) {
        t->asked[f->level == LEVEL_AUTO ? LEVEL_CONFIRM : f->level]++;
        for (int i = 0; i < FIELD_REASONS_MAX; i++)
            t->sampled += f->reasons[i] == REASON_SAMPLED;
    } else if (f->origin == ORIGIN_PERSON) {
        t->by_person++;
    } else if (f->state == FIELD_VALUE) {
        t->accepted++;
        t->doubt += q;
        t->spread += q * (1 - q);
    }
}

static enum rc
count_fields(struct step *s, const struct fields *fields, struct document_outcome *o)
{
    struct counting c = { arena_array(s->arena, STATED_MAX, sizeof *c.list), 0 };

    if (c.list == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < fields->count; i++)
        count_field(&fields->fields[i], fields->fields[i].name, &c, o);
    for (uint32_t i = 0; i < fields->row_count; i++)
        for (uint32_t k = 0; k < fields->rows[i].count; k++) {
            const char *name = terms_column(fields->rows[i].cells[k].name, s->arena);

            if (name == NULL)
                return RC_NOMEM;
            count_field(&fields->rows[i].cells[k], name, &c, o);
        }
    o->stated = c.list;
    o->stated_count = c.count;
    return RC_OK;
}

static enum rc
document_outcome(struct step *s, const struct doc_key *key, enum reason decided, const struct cell_answer *answer,
                 struct document_outcome *o)
{
    const struct artifact *made = NULL, *package = artifact_find(&answer->made, ARTIFACT_PACKAGE, 0);
    struct fields *fields;
    enum rc rc;

    o->verdict = answer->result.verdict;
    o->reason = answer->result.reason;
    o->detail = answer->result.detail;
    o->form = "";
    o->form_conf = 0;
    /* Each of the four stages may have sent the fields; the last word counts. */
    for (uint32_t i = 0; i < answer->made.count; i++)
        if (answer->made.items[i].kind == ARTIFACT_FIELDS)
            made = &answer->made.items[i];
    if (made != NULL) {
        struct bytes encoded = made->bytes;

        if ((rc = fields_read(made->bytes, s->arena, &fields)) != RC_OK ||
            (rc = step_twins(s, decided, answer, fields, o, &encoded)) != RC_OK)
            return rc;
        o->form = fields->form;
        o->form_conf = fields->form_confidence;
        if ((rc = step_memory_take(s, answer, fields, o)) != RC_OK || (rc = count_fields(s, fields, o)) != RC_OK)
            return rc;
        if ((rc = step_seal(s, key, ARTIFACT_FIELDS, 0, s->claim->version, encoded, &o->sealed_fields)) != RC_OK)
            return rc;
    }
    if (o->verdict != VERDICT_PASS)
        return RC_OK;
    if (package == NULL || made == NULL)
        return RC_INPUT;
    return step_seal(s, key, ARTIFACT_PACKAGE, 0, s->claim->version, package->bytes, &o->sealed_package);
}

/*
 * What made it, as the cell host said before it saw any document: the word of the cage itself would be one
 * way out for what it reads.  Of the forms only the one that was used.
 */
static const char *
made_by(struct step *s, const char *form)
{
    const char *at = s->engine->cells == NULL ? "" : cell_host_versions(s->engine->cells);
    char *made = arena_alloc(s->arena, strlen(at) + 1);
    size_t used = 0, name = strlen(form);

    if (made == NULL)
        return NULL;
    while (*at != '\0') {
        size_t n = strcspn(at, "\n") + 1;

        if (at[n - 1] == '\0')
            break;
        if (strncmp(at, "form:", 5) != 0 || (strncmp(at + 5, form, name) == 0 && at[5 + name] == ' ')) {
            memcpy(made + used, at, n);
            used += n;
        }
        at += n;
    }
    return used > 0 ? made : NULL;
}

enum rc
step_document(struct step *s)
{
    struct document_outcome outcome = { 0 };
    struct cell_call call = { .stage = stage_find("classify"), .hint = s->claim->hint, .name = "" };
    uint8_t wrapped[WRAPPED_KEY_MAX];
    size_t wrapped_size = 0;
    struct cell_input *inputs;
    struct cell_answer answer;
    struct doc_key *key;
    enum reason decided;
    uint32_t count;
    bool fresh;
    enum rc rc;

    if ((rc = step_memory_load(s)) != RC_OK || (rc = document_inputs(s, &inputs, &count, &outcome.told)) != RC_OK ||
        (rc = step_document_key(s, &key, &fresh, wrapped, &wrapped_size)) != RC_OK ||
        (rc = document_order(s, key, inputs, &count)) != RC_OK ||
        (rc = step_parties(s, inputs, &count, &decided, &outcome.told.parties_version)) != RC_OK)
        return rc;
    step_memory_give(s, inputs, &count);
    if ((rc = document_terms(s, inputs, &count)) != RC_OK)
        return rc;
    call.inputs = inputs;
    call.input_count = count;
    if ((rc = step_cell(s, &call, &answer)) != RC_OK)
        return rc;
    if ((rc = document_outcome(s, key, decided, &answer, &outcome)) != RC_OK) {
        /* An answer that does not decode is one from a cell that was not itself. */
        if (rc != RC_INPUT && rc != RC_LIMIT)
            return rc;
        s->reason = REASON_CELL_DIED;
        return RC_KILLED;
    }
    if ((rc = keep_told(s, key, inputs, count, &outcome)) != RC_OK)
        return rc;
    if (fresh) {
        outcome.wrapped = wrapped;
        outcome.wrapped_size = wrapped_size;
    }
    outcome.made = made_by(s, outcome.form);
    /* Somebody else taught the same layout since we looked: once more, on what is known now. */
    rc = store_commit_document(s->engine->work, s->claim, &outcome);
    return rc == RC_EXISTS && outcome.lesson != NULL ? RC_BUSY : rc;
}
