/* told.c - what a document's cage is told beside its pages: e-invoices, and what people taught. */
#include "told.h"

enum rc
told_witness(struct keyclient *keys, const struct id *client, const struct id *file, const struct doc_key *own,
             const struct witness_row *row, uint32_t number, struct arena *arena, struct cell_input *out)
{
    const struct seal_place place = { ARTIFACT_WITNESS, 0, 0, 0, true };
    struct doc_key *key = NULL;
    enum rc rc;

    *out = (struct cell_input){ .kind = ARTIFACT_WITNESS, .page = number, .fd = -1 };
    if (id_equal(&row->file, file))
        return vault_open(own, &place, row->sealed, arena, &out->bytes);
    if ((rc = keyclient_open_key(keys, client, &row->file, row->wrapped, row->wrapped_size, &key)) == RC_OK)
        rc = vault_open(key, &place, row->sealed, arena, &out->bytes);
    doc_key_free(key);
    return rc;
}

enum rc
told_memory_key(struct keyclient *keys, const struct id *client, const struct memory_told *told, struct doc_key **out)
{
    return keyclient_open_key(keys, client, &told->memory, told->wrapped, told->wrapped_size, out);
}

enum rc
told_layout(const struct doc_key *key, const struct memory_row *row, struct arena *arena, struct cell_input *out)
{
    const struct seal_place place = { ARTIFACT_MEMORY, row->slot, row->version, 0, true };

    *out = (struct cell_input){ .kind = ARTIFACT_MEMORY, .page = row->slot, .fd = -1 };
    return vault_open(key, &place, row->sealed, arena, &out->bytes);
}
