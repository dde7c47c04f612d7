/*
 * step.h - one claimed thing takes one step: load, open, run in a cage, seal, commit.
 *
 * Nothing is kept on failure.  A step's code says what happened to us; the runner decides
 * by it whether to give the claim back.
 */
#ifndef PIPELINE_STEP_H
#define PIPELINE_STEP_H

#include "doc/fields.h"
#include "sys/cell.h"
#include "sys/instance.h"
#include "sys/keyclient.h"
#include "sys/store.h"
#include "sys/vault.h"

/* The last opened original: the pages of one file come one after the other. */
struct original {
    struct id file;
    int fd;              /* a memfd, sealed against change; -1: none */
    uint64_t size;
    enum reason refused; /* intake kept no copy, for this reason     */
};

struct engine {
    const struct instance *in;
    struct db *work;
    struct db *delivery;
    struct keyclient *keys;
    struct cell_host *cells;
    struct id worker;
    struct original original;
};

struct step {
    struct engine *engine;
    const struct claim *claim;
    struct arena *arena;
    struct doc_key *file_key;     /* opened when first asked for */
    struct doc_key *document_key;
    struct doc_key *memory_key;
    struct step_memory *memory;   /* of a document step: what people taught */
    enum reason reason;           /* why a cell died: goes with RC_KILLED       */
    bool no_keys;                 /* keyd does not know the client: see step_end */
    uint32_t cpu_ms, peak_kib;
};

/* What the runner must know about a step that ended, beside its code. */
struct step_end {
    enum reason reason;           /* goes with RC_KILLED                                   */
    bool no_keys;                 /* the client's keys are lost or not restored: a person
                                     must act, and no document is to blame                 */
    uint32_t cpu_ms, peak_kib;    /* of its caged children                                 */
};

/* Run the step of the claim. */
MUST_USE enum rc step_run(struct engine *engine, const struct claim *claim, struct step_end *end);
/* Close the cached original. */
void step_forget(struct engine *engine);

/* ---- what the four kinds of step share ---- */

MUST_USE enum rc step_file_key(struct step *s, struct doc_key **out);
/* The document's key: opened, or made when this is its first step (fresh says so; wrapped is for the database). */
MUST_USE enum rc step_document_key(struct step *s, struct doc_key **out, bool *fresh,
                                   uint8_t wrapped[WRAPPED_KEY_MAX], size_t *wrapped_size);
/* Load one sealed artifact and open it; RC_NOT_FOUND when there is none. */
MUST_USE enum rc step_load(struct step *s, const struct doc_key *key, const struct seal_place *place,
                           struct bytes *out);
MUST_USE enum rc step_seal(struct step *s, const struct doc_key *key, enum artifact_kind kind, uint32_t page,
                           uint32_t generation, struct bytes plain, struct bytes *out);
/* The original in engine->original, opened part by part. */
MUST_USE enum rc step_original(struct step *s);
/* cell_run, with a lost host started again (RC_BUSY then: try the step again). */
MUST_USE enum rc step_cell(struct step *s, const struct cell_call *call, struct cell_answer *answer);

/* ---- step_guard.c ---- */

/* Put the client's parties among the inputs, when there are any and nobody has decided; decided: for step_twins.
 * version: of those that were put there, or 0. */
MUST_USE enum rc step_parties(struct step *s, struct cell_input *inputs, uint32_t *count, enum reason *decided,
                              uint32_t *version);
/*
 * Keep what makes the document the only one, hashed; when another had it first, it waits for a person: outcome and
 * fields say so, and *encoded gets the fields anew.  RC_INPUT for an answer that does not decode.
 */
MUST_USE enum rc step_twins(struct step *s, enum reason decided, const struct cell_answer *answer,
                            struct fields *fields, struct document_outcome *outcome, struct bytes *encoded);

/* ---- step_memory.c ---- */

/* What people taught about the client's senders, for one document step; all of it lives in the step's arena. */
struct step_memory {
    struct memory_told told;
    struct cell_input *inputs; /* of told.rows; no bytes: it did not open */
    uint8_t fresh[WRAPPED_KEY_MAX];
    size_t fresh_size;
    bool ordered;        /* a person spoke */
    struct memory_lesson lesson;
};
/* Into s->memory.  Nothing known is no failure; neither is what does not open: it is logged, and left out. */
MUST_USE enum rc step_memory_load(struct step *s);
/* At most told.count more inputs; looks whether an order is among those that are there. */
void step_memory_give(struct step *s, struct cell_input *inputs, uint32_t *count);
/* The version of the layout that was given in this slot; 0: none. */
uint32_t step_memory_version(const struct step *s, uint32_t slot);
/* What came back of the cage, into the outcome, whose form is known.  RC_INPUT: the cage was not itself. */
MUST_USE enum rc step_memory_take(struct step *s, const struct cell_answer *answer, const struct fields *fields,
                                  struct document_outcome *o);

/* ---- the four kinds ---- */

MUST_USE enum rc step_file(struct step *s);
MUST_USE enum rc step_page(struct step *s);
MUST_USE enum rc step_document(struct step *s);
MUST_USE enum rc step_delivery(struct step *s);

/* What intake stores in place of an original that it did not keep: the reason and the size. */
#define STUB_MAGIC "ESRF"
#define STUB_SIZE 14 /* magic 4, reason u16, size u64 */

#endif
