/*
 * told.h - what a document's cage is told beside its pages, opened alike for the step that makes a document and for a
 * look back at it.
 */
#ifndef PIPELINE_TOLD_H
#define PIPELINE_TOLD_H

#include "sys/cell.h"
#include "sys/keyclient.h"
#include "sys/store.h"
#include "sys/vault.h"

/* What an e-invoice states, as input number "number": sealed with the key of the document's own file, which is "own",
 * or with its companion's, which is asked for.  The bytes live in arena. */
MUST_USE enum rc told_witness(struct keyclient *keys, const struct id *client, const struct id *file,
                              const struct doc_key *own, const struct witness_row *row, uint32_t number,
                              struct arena *arena, struct cell_input *out);
/* The key of what people taught; there must be one (wrapped_size > 0). */
MUST_USE enum rc told_memory_key(struct keyclient *keys, const struct id *client, const struct memory_told *told,
                                 struct doc_key **out);
/* One layout: RC_SEAL when it does not open. */
MUST_USE enum rc told_layout(const struct doc_key *key, const struct memory_row *row, struct arena *arena,
                             struct cell_input *out);

#endif
