/*
 * store.h - the work database as functions: each is one SQL function of schema work.
 *
 * Roles may call functions and touch no table.  Each function does one whole step and
 * writes the audit record in the same transaction.
 */
#ifndef SYS_STORE_H
#define SYS_STORE_H

#include "doc/recipe.h"
#include "doc/fields.h"
#include "doc/reading.h"
#include "doc/terms.h"
#include "stage.h"
#include "sys/db.h"
#include "sys/secret.h"

/* ---- intake ----------------------------------------------------------------- */

struct admit {
    struct id client;
    struct id file;          /* new, made by the caller                                  */
    const char *stream;      /* "invoice", "mixed", ...                                  */
    const char *batch;       /* the name of a sub-folder, or "" for the stream's open batch */
    uint8_t content_tag[32]; /* keyed hash of the SHA-256 of the bytes                   */
    uint8_t name_tag[32];    /* keyed hash of the name                                   */
    uint8_t source_tag[32];  /* keyed hash of the source's device, inode and time: the same bytes of the same source
                                again (we died before removing it) are answered as the first time; zero: none */
    struct bytes name;       /* sealed ARTIFACT_NAME                                     */
    uint64_t size;
    uint64_t sealed_size;
    bool is_manifest;        /* named manifest.csv or manifest.json                      */
    bool is_companion;       /* named *.xml: an e-invoice beside its pages               */
    uint8_t stem_tag[32];    /* keyed hash of the name without its ending, by which pages and companion meet */
    uint8_t wrapped[WRAPPED_KEY_MAX];
    size_t wrapped_size;
};

/* CLOSED: the client is paused, the source stays where it is. */
enum admit_answer { ADMIT_TAKEN = 0, ADMIT_DUPLICATE = 1, ADMIT_CLOSED = 2 };

/* Gives the sealed parts of the original one by one; RC_NOT_FOUND after the last. */
typedef enum rc store_next_part(void *from, struct bytes *out);

/*
 * One transaction: blob, file, step, audit, batch opened if needed.  A second delivery of the same bytes by
 * the same client is recorded as a duplicate (pages counted as duplicate), not as a second document.
 * Durable when it returns RC_OK (TAKEN or DUPLICATE): only then may the source leave the folder.  RC_NOT_FOUND for
 * an unknown client or stream.  next is not called for a duplicate, nor when the file was taken before.
 */
MUST_USE enum rc store_admit(struct db *db, const struct admit *admit, store_next_part *next, void *from,
                             enum admit_answer *answer, struct id *batch);

/* The folders to watch: HOT/client/stream. */
struct hot_folder {
    struct id client;
    const char *name;   /* of the client: its folder */
    const char *stream; /* its sub-folder            */
    bool paused;        /* take nothing              */
};
MUST_USE enum rc store_hot_folders(struct db *db, struct arena *arena, struct hot_folder **out, uint32_t *count);
/* The client says that a batch (a sub-folder, or "" for the stream's own) is complete; *closed false: none was
 * open. */
MUST_USE enum rc store_batch_done(struct db *db, const struct id *client, const char *stream, const char *batch,
                                  bool *closed);
/* Close the batches whose quiet time is over: to be called with each look through the folders. */
MUST_USE enum rc store_tick(struct db *db, uint32_t *closed);

/* ---- runner ----------------------------------------------------------------- */

struct claim {
    int64_t step;
    int64_t token;    /* fencing: every commit carries it */
    enum unit unit;
    struct id client;
    struct id file;
    struct id document;  /* UNIT_DOCUMENT, UNIT_DELIVERY; a refused file is delivered under its own id; zero else */
    struct id batch;
    uint32_t version;    /* of the document (the generation of its artifacts), or of a refused file */
    uint32_t page;       /* UNIT_PAGE: of the file, from 0        */
    uint32_t pages;      /* UNIT_DOCUMENT: how many               */
    uint32_t depth;      /* archives this file came out of        */
    uint32_t attempts;   /* this one included                     */
    bool is_manifest;
    char hint[64];       /* form forced by a person, else by the stream; "" for mixed */
    uint8_t file_wrapped[WRAPPED_KEY_MAX];
    size_t file_wrapped_size;
    uint8_t document_wrapped[WRAPPED_KEY_MAX]; /* size 0: no key yet, make one */
    size_t document_wrapped_size;
    enum reason refusal; /* UNIT_DELIVERY of a refused file or document; REASON_NONE: the package is delivered */
    uint32_t refusal_detail;
    char form[64];       /* UNIT_DELIVERY: of the document, "" when none fits */
};

/* Claim up to count steps of the units in mask (1 << UNIT_x), fairly between clients, earliest deadline first. */
MUST_USE enum rc store_claim(struct db *db, const struct id *worker, unsigned mask, uint32_t count,
                             uint32_t lease_seconds, struct claim *out, uint32_t *got);
/* A longer lease, for work that is alive; RC_LOST when somebody else has it. */
MUST_USE enum rc store_renew(struct db *db, const struct claim *claim, uint32_t lease_seconds);
/* A worker that died comes back under its name: what it held is free again at once, and counts as no try. */
MUST_USE enum rc store_worker_back(struct db *db, const struct id *worker, uint32_t *freed);
/* Give back: tried again after delay seconds.  REASON_NONE is about us and does not count; else at the last attempt
 * (3; 2 for TIME, MEMORY and CELL_DIED) the file or document is quarantined with the reason given, and its refusal
 * is queued for delivery.  A delivery is never given up, only tried more seldom. */
MUST_USE enum rc store_release(struct db *db, const struct claim *claim, enum reason reason,
                               uint32_t delay_seconds);

/* Sealed bytes of an artifact (RC_NOT_FOUND when absent): NAME, RECIPE (page 0) and READING (page of the file)
 * belong to the claim's file, sealed with generation 0; FIELDS, PACKAGE, ORDER (page 0) to its document's version.
 */
MUST_USE enum rc store_load(struct db *db, const struct claim *claim, enum artifact_kind kind, uint32_t page,
                            struct arena *arena, struct bytes *out);
/* Part "part" of the original of the claim's file; RC_NOT_FOUND after the last. */
MUST_USE enum rc store_load_part(struct db *db, const struct claim *claim, uint32_t part, struct arena *arena,
                                 struct bytes *out);
/* Which page of the file each page of the document is, in order. */
MUST_USE enum rc store_document_pages(struct db *db, const struct claim *claim, struct arena *arena,
                                      uint32_t **pages, uint32_t *count);

/* A file out of an archive becomes a file of its own (with its own key), child of claim->file. */
struct child {
    struct admit admit;
    struct bytes *parts;
    uint32_t part_count;
};
MUST_USE enum rc
store_commit_unpack(struct db *db, const struct claim *claim, const struct child *children, uint32_t count,
                    uint32_t dropped); /* of admit: client, stream, batch, source_tag are not read */
/* The file has these pages; one page step each.  sealed_witness: what an e-invoice in it states; size 0: none is. */
MUST_USE enum rc store_commit_decode(struct db *db, const struct claim *claim, const struct recipe *recipe,
                                     struct bytes sealed_recipe, struct bytes sealed_witness);
/* The file is an e-invoice, to lie beside its pages: paired with them, waiting for them, or refused. */
MUST_USE enum rc store_commit_companion(struct db *db, const struct claim *claim, struct bytes sealed_witness);

/* What an e-invoice in the document's file, or beside it, states. */
struct witness_row {
    struct id file;
    uint8_t wrapped[WRAPPED_KEY_MAX]; /* of that file's key */
    size_t wrapped_size;
    struct bytes sealed;              /* ARTIFACT_WITNESS, page 0, generation 0 */
};
/* RC_BUSY: one was admitted and is not read yet; try the step again. */
MUST_USE enum rc store_witnesses(struct db *db, const struct claim *claim, struct arena *arena,
                                 struct witness_row **out, uint32_t *count);
/* Manifest entries, as tags. */
struct manifest_tag {
    uint8_t name_tag[32];
    bool has_content;
    uint8_t content_tag[32];
    int32_t pages; /* -1 unknown */
};
MUST_USE enum rc store_commit_manifest(struct db *db, const struct claim *claim, const struct manifest_tag *entries,
                                       uint32_t count);
/* The page is read; when it was the file's last, pages are grouped into documents in this transaction. */
MUST_USE enum rc store_commit_page(struct db *db, const struct claim *claim, const struct page_facts *facts,
                                   const char *form, float form_conf, struct bytes sealed_reading);
/* Many pages in one commit, of any files and clients; RC_LOST keeps none of them. */
struct page_done {
    const struct claim *claim;
    const struct page_facts *facts;
    const char *form;
    float form_conf;
    struct bytes sealed_reading;
};
MUST_USE enum rc store_commit_pages(struct db *db, const struct page_done *pages, uint32_t count);
/* The values of one field of a document, or of one column of its table, as numbers. */
struct stated {
    const char *field;        /* "grand_total", "lines.charges"                                  */
    uint32_t accepted;        /* of the machine, without a person                                */
    double doubt, spread;     /* of these: the sums of q and of q(1-q), q the chance to be wrong */
    uint32_t by_person;
    uint32_t asked[4];        /* by enum field_level, of those that wait for a person            */
    uint32_t sampled;         /* of these: drawn by lot                                          */
};
/* What the cage is told of the client: its contract, and its calibration from what persons said. */
MUST_USE enum rc store_terms(struct db *db, const struct claim *claim, struct arena *arena, struct terms *out);
/* Part of store_commit_document's transaction. */
MUST_USE enum rc store_document_stated(struct db *db, const struct claim *claim, struct bytes sealed_terms,
                                       const struct stated *list, uint32_t count);
/* Whose folder it is: the client's parties, sealed with its own key (version is the generation; empty: none are known);
 * and for which reason the document was last put before a person who since let it go on (REASON_NONE: none). */
struct parties_told {
    struct bytes sealed;
    uint32_t version;
    enum reason decided;
};
MUST_USE enum rc store_document_parties(struct db *db, const struct claim *claim, struct arena *arena,
                                        struct parties_told *out);
/* These tags (16 at most) are the document's now; *twin: who had one of them before and is still there, or zero.  A
 * transaction of its own, the same as often as it is done. */
MUST_USE enum rc store_document_twins(struct db *db, const struct claim *claim, const uint8_t (*tags)[32],
                                      uint32_t count, struct id *twin);
/* What people taught about the senders of the step's client: sealed, a row a layout.  wrapped_size 0: nothing yet, and
 * memory is the object for a new key. */
struct memory_row {
    uint32_t slot, version;
    struct bytes sealed;
};
struct memory_told {
    struct id memory;
    uint8_t wrapped[WRAPPED_KEY_MAX];
    size_t wrapped_size;
    uint32_t next_slot;
    struct memory_row *rows;
    uint32_t count;
};
MUST_USE enum rc store_memory(struct db *db, const struct claim *claim, struct arena *arena, struct memory_told *out);
/* A layout as this document taught it. */
struct memory_lesson {
    struct id memory;
    const uint8_t *wrapped; /* the key, when this step made it */
    size_t wrapped_size;
    uint32_t slot, seen;    /* seen: the version that it was learnt on; 0: a new layout, slot is the next */
    const char *form;
    uint32_t lessons, field_count;
    const char **fields;
    int64_t *counts[4];     /* of each field: corrected, confirmed, helped, misled */
    struct bytes sealed;
};
/* Both are parts of store_commit_document's transaction.  RC_EXISTS: another step taught this layout since; nothing of
 * the transaction was done, and the document may be worked on again. */
MUST_USE enum rc store_memory_put(struct db *db, const struct claim *claim, const struct memory_lesson *lesson);
MUST_USE enum rc store_memory_used(struct db *db, const struct claim *claim, uint32_t slot);
/* What the cage was told beside pages, terms and order; kept so that a look back can tell it again. */
struct document_told {
    uint32_t memory_slot, memory_version; /* of the layout that the pages had; 0: none           */
    uint32_t parties_version;             /* 0: none were told                                   */
    struct bytes sealed_parties;          /* with the document's key, of this version of it      */
    const struct witness_row *witnesses;
    uint32_t witness_count;
};
/* A part of store_commit_document's transaction. */
MUST_USE enum rc store_document_told(struct db *db, const struct claim *claim, const struct document_told *told);
struct document_outcome {
    enum verdict verdict;
    enum reason reason;
    uint32_t detail;
    const char *form;          /* "" when none fits */
    double form_conf;
    uint32_t fields, doubtful; /* counts */
    double expected_errors;
    const struct stated *stated;
    uint32_t stated_count;
    struct bytes sealed_terms; /* what the cage was told; empty: nothing */
    struct document_told told; /* beside them                            */
    const struct memory_lesson *lesson; /* NULL: nobody taught anything */
    uint32_t memory_used;      /* the slot of the layout that it has; 0: none is known */
    const char *made;          /* what made it, "name value" lines that say nothing of the document; NULL: not told */
    const uint8_t *wrapped;    /* the document's key, when this step made it */
    size_t wrapped_size;
    struct bytes sealed_fields;
    struct bytes sealed_package; /* empty unless VERDICT_PASS */
};
MUST_USE enum rc store_commit_document(struct db *db, const struct claim *claim,
                                       const struct document_outcome *outcome);
/* Refuse the file (UNIT_FILE, UNIT_PAGE; for a page that is read again, its document): terminal; its refusal is
 * queued for delivery, its other steps are gone and whoever works on them gets RC_LOST. */
MUST_USE enum rc store_refuse(struct db *db, const struct claim *claim, enum reason reason, uint32_t detail);
MUST_USE enum rc store_commit_delivery(struct db *db, const struct claim *claim, int64_t seq,
                                       const uint8_t digest[32]);

/* ---- delivery database -------------------------------------------------------- */

/* Idempotent by (client, document, version): a second call returns the first sequence and digest.
 * payload is sealed to the client; digest is SHA-256 of it. */
struct publication {
    struct id client, document, batch;
    uint32_t version;
    const char *kind; /* "result" or "refusal" */
    const char *form;
    struct bytes payload;
    uint8_t digest[32];
};
MUST_USE enum rc store_publish(struct db *delivery, const struct publication *p, int64_t *seq, uint8_t digest[32]);
/* Operator: a login role for a client in the delivery database; the password is scrambled here and never travels.
 */
MUST_USE enum rc store_client_role(struct db *delivery, const struct id *client, const char *password,
                                   uint32_t retention_days, char role[32]);

/* ---- desk --------------------------------------------------------------------- */

struct review_task {
    int64_t token;
    struct id client, document, file;
    uint32_t version, pages;
    char form[64];
    enum reason reason;
    uint8_t file_wrapped[WRAPPED_KEY_MAX];
    size_t file_wrapped_size;
    uint8_t document_wrapped[WRAPPED_KEY_MAX];
    size_t document_wrapped_size;
    int64_t deadline; /* seconds since 1970 */
    /* of a look back (store_replay_take); nothing can be decided under such a task */
    bool replay;
    char state[16];   /* of the document: "delivered", "erased", ... */
    char hint[64];    /* the form that it is read as, "" for any     */
    int64_t changed;  /* seconds since 1970                          */
};
/* The next document this person may see (clearance, clients, languages), leased; RC_NOT_FOUND when none waits.
 * document NULL: any; else this one, RC_BUSY when another person has it (who took it before may take it again). */
MUST_USE enum rc store_review_take(struct db *db, const struct id *person, const struct id *document,
                                   uint32_t lease_seconds, struct review_task *out);
MUST_USE enum rc store_review_renew(struct db *db, const struct review_task *task, uint32_t lease_seconds);
MUST_USE enum rc store_review_leave(struct db *db, const struct review_task *task);
/* What a person said about one value of the machine, as numbers. */
enum judged_way { JUDGED_DOUBTED = 0, JUDGED_DRAWN = 1, JUDGED_RULED = 2, JUDGED_FOUND = 3 };
struct judgement {
    const char *field; /* as of struct stated             */
    double stated;     /* the probability that we ship    */
    enum judged_way way;
    enum field_level keyed;
    bool right;
};
/* Part of store_review_done's transaction. */
MUST_USE enum rc store_review_judged(struct db *db, const struct id *person, const struct review_task *task,
                                     const char *form, const struct judgement *list, uint32_t count);
/* The person's order; the document goes back to classify with it, as the next try of the same version. */
struct review_order {
    struct bytes sealed;
    uint32_t corrected, accepted;
    const char *form;
    const struct judgement *judged;
    uint32_t judged_count;
};
MUST_USE enum rc store_review_done(struct db *db, const struct id *person, const struct review_task *task,
                                   const struct review_order *order);
/* Another person must type it too, or decide: it waits on, with the order, and not for this person.
 * reason: REASON_SECOND_KEY or REASON_KEYS_DIFFER. */
MUST_USE enum rc store_review_again(struct db *db, const struct id *person, const struct review_task *task,
                                    enum reason reason, const struct review_order *order);
/* It is another type of document: its pages are read again with that form, then it comes back or passes.
 * sealed_order may be empty. */
MUST_USE enum rc store_review_retype(struct db *db, const struct id *person, const struct review_task *task,
                                     const char *form, struct bytes sealed_order);
/* reason: one of REASON_PERSON_... */
MUST_USE enum rc store_review_reject(struct db *db, const struct id *person, const struct review_task *task,
                                     enum reason reason);
/* What a person saw: one row, audited.  field: the form's name of it, at most 100 bytes; "" for a whole page. */
MUST_USE enum rc store_review_saw(struct db *db, const struct id *person, const struct review_task *task,
                                  const char *field);
/* The documents that wait for this person, most urgent first. */
struct review_row {
    struct id client, document;
    const char *client_name, *form;
    uint32_t version, pages, doubtful;
    enum reason reason;
    int64_t deadline, queued; /* seconds since 1970 */
    bool taken;               /* somebody has it open */
};
MUST_USE enum rc store_review_list(struct db *db, const struct id *person, uint32_t most, struct arena *arena,
                                   struct review_row **out, uint32_t *count);
/* The same loads as a runner, under the task's lease. */
MUST_USE enum rc store_review_load(struct db *db, const struct review_task *task, enum artifact_kind kind,
                                   uint32_t page, struct arena *arena, struct bytes *out);
MUST_USE enum rc store_review_load_part(struct db *db, const struct review_task *task, uint32_t part,
                                        struct arena *arena, struct bytes *out);
MUST_USE enum rc store_review_pages(struct db *db, const struct review_task *task, struct arena *arena,
                                    uint32_t **pages, uint32_t *count);
/*
 * A look back at the one document whose id lies between low and high, for a person who is an auditor or a senior:
 * RC_DENIED for another role, RC_NOT_FOUND when there is none that this person may see, RC_EXISTS for more than one.
 * An erased document has state "erased" and no keys.  renew, leave, load, load_part and pages of a review work under
 * such a task, too.
 */
MUST_USE enum rc store_replay_take(struct db *db, const struct id *person, const struct id *low, const struct id *high,
                                   uint32_t lease_seconds, struct review_task *out);
/* Write down that this field is looked at; RC_DENIED when the person has seen one of those that must stay apart. */
MUST_USE enum rc store_replay_saw(struct db *db, const struct id *person, const struct review_task *task,
                                  const char *field, const char *const *apart, uint32_t apart_count,
                                  struct arena *arena);
/* An artifact of this version of the document, or of its file. */
MUST_USE enum rc store_replay_load(struct db *db, const struct review_task *task, enum artifact_kind kind,
                                   uint32_t page, uint32_t version, struct arena *arena, struct bytes *out);
MUST_USE enum rc store_replay_renew(struct db *db, const struct review_task *task, uint32_t lease_seconds);
MUST_USE enum rc store_replay_leave(struct db *db, const struct review_task *task);
MUST_USE enum rc store_replay_load_part(struct db *db, const struct review_task *task, uint32_t part,
                                        struct arena *arena, struct bytes *out);
MUST_USE enum rc store_replay_pages(struct db *db, const struct review_task *task, struct arena *arena,
                                    uint32_t **pages, uint32_t *count);
/* What was delivered of it, by version. */
struct replay_sent {
    uint32_t version;
    bool refusal;
    int64_t seq, at; /* seconds since 1970 */
};
MUST_USE enum rc store_replay_sent(struct db *db, const struct review_task *task, struct arena *arena,
                                   struct replay_sent **out, uint32_t *count);
/* Who had it: the system user of each person's id. */
struct replay_person {
    struct id id;
    const char *name;
};
MUST_USE enum rc store_replay_persons(struct db *db, const struct review_task *task, struct arena *arena,
                                      struct replay_person **out, uint32_t *count);
/* What this version's step was told: versions and counts.  RC_NOT_FOUND: an older release made it and kept nothing. */
struct replay_told {
    uint32_t memory_slot, memory_version, parties_version, witnesses;
};
MUST_USE enum rc store_replay_told(struct db *db, const struct review_task *task, struct replay_told *out);
/* The layout and the e-invoices that were told, as they were, those that are still there; of an older release's
 * document, what there is today. */
MUST_USE enum rc store_replay_memory(struct db *db, const struct review_task *task, struct arena *arena,
                                     struct memory_told *out);
MUST_USE enum rc store_replay_witnesses(struct db *db, const struct review_task *task, struct arena *arena,
                                        struct witness_row **out, uint32_t *count);
/* The document that came before this one with the same values; zero: none. */
MUST_USE enum rc store_review_twin(struct db *db, const struct review_task *task, struct id *twin);
struct person {
    struct id id;
    char name[64], role[16], language[8];
    uint32_t clearance;
};
/* By the system user name that SO_PEERCRED gives; RC_DENIED when unknown or closed. */
MUST_USE enum rc store_person(struct db *db, const char *system_user, struct person *out);

#endif
