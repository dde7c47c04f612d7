/*
 * step_guard.c - of a document step: whose folder it is, told to the cage; and whether the same
 * document came before.
 *
 * What a person has decided stays decided: then the cage is not told whose folder it is, and a
 * twin holds nobody up.
 */
#include <string.h>

#include "doc/parties.h"
#include "step.h"

#define FIELDS_BYTES_MAX (8u << 20)

enum rc
step_parties(struct step *s, struct cell_input *inputs, uint32_t *count, enum reason *decided, uint32_t *version)
{
    struct cell_input *input = &inputs[*count];
    struct doc_key *key = NULL;
    struct parties_told told;
    enum rc rc = store_document_parties(s->engine->work, s->claim, s->arena, &told);

    if (rc != RC_OK)
        return rc;
    *decided = told.decided;
    *version = 0;
    if (told.sealed.size == 0 || told.decided == REASON_NOT_FOR_THIS_CLIENT)
        return RC_OK;
    const struct seal_place place = { ARTIFACT_PARTIES, 0, told.version, 0, true };

    *input = (struct cell_input){ .kind = ARTIFACT_PARTIES, .fd = -1 };
    if ((rc = keyclient_own_key(s->engine->keys, &s->claim->client, &key)) == RC_OK)
        rc = vault_open(key, &place, told.sealed, s->arena, &input->bytes);
    doc_key_free(key);
    if (rc == RC_OK) {
        (*count)++;
        *version = told.version;
    }
    return rc;
}

/* A document that is new has no tags to be taken back. */
static enum rc
tags_of(struct step *s, const struct twins *twins, struct id *twin)
{
    uint8_t tags[TWINS_MAX][32];
    struct index_key *index = NULL;
    enum rc rc = RC_OK;

    memset(twin, 0, sizeof *twin);
    if (twins->count == 0 && s->claim->document_wrapped_size == 0)
        return RC_OK;
    if (twins->count > 0)
        rc = keyclient_index(s->engine->keys, &s->claim->client, &index);
    for (uint32_t i = 0; i < twins->count && rc == RC_OK; i++)
        index_key_tag(index, "twin", twins->items[i].text, strlen(twins->items[i].text), tags[i]);
    if (rc == RC_OK)
        rc = store_document_twins(s->engine->work, s->claim, (const uint8_t(*)[32])tags, twins->count, twin);
    index_key_free(index);
    return rc;
}

enum rc
step_twins(struct step *s, enum reason decided, const struct cell_answer *answer, struct fields *fields,
           struct document_outcome *o, struct bytes *encoded)
{
    const struct artifact *made = artifact_find(&answer->made, ARTIFACT_TWINS, 0);
    struct twins twins = { .count = 0 };
    struct field *first;
    struct buffer b;
    struct id twin;
    enum rc rc = made != NULL ? twins_read(made->bytes, s->arena, &twins) : RC_OK;

    if (rc != RC_OK || (rc = tags_of(s, &twins, &twin)) != RC_OK || id_is_zero(&twin))
        return rc;
    if (o->verdict == VERDICT_REJECT || decided == REASON_DUPLICATE_OF || decided == REASON_NOT_FOR_THIS_CLIENT)
        return RC_OK;
    o->verdict = VERDICT_REVIEW;
    if (o->reason != REASON_NOT_FOR_THIS_CLIENT)
        o->reason = REASON_DUPLICATE_OF;
    for (uint32_t i = 0; i < twins.count; i++)
        if ((first = fields_find(fields, twins.items[i].field)) != NULL)
            field_doubt(first, REASON_DUPLICATE_OF);
    buffer_init(&b, FIELDS_BYTES_MAX);
    fields_write(&b, fields);
    *encoded = bytes_of(arena_copy(s->arena, b.data, b.size), b.size);
    rc = b.failed || encoded->data == NULL ? RC_NOMEM : RC_OK;
    buffer_done(&b);
    return rc;
}
