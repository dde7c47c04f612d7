/*
 * desk.h - inside escriba-desk: who sits there, the document each holds, what they decided.
 *
 * One process, one loop.  A document is open in it only while a person holds its lease; its
 * keys and values live in the session and are wiped when it ends.
 */
#ifndef PIPELINE_DESK_H
#define PIPELINE_DESK_H

#include "base/deskproto.h"
#include "doc/fields.h"
#include "doc/form.h"
#include "doc/recipe.h"
#include "sys/cell.h"
#include "sys/db.h"
#include "sys/instance.h"
#include "sys/keyclient.h"
#include "sys/store.h"
#include "words_en_es.h"

#define DESK_SESSIONS 64
#define DESK_PREFETCH 4          /* crops kept ready for a session           */
#define DESK_KEPT_MAX (512u << 10) /* bytes of one of them                   */
#define DESK_SKIPPED 64
#define DESK_UNDOS 512
#define DESK_BUDGETS 256

/* One thing on the list that a person goes through: a field, or a cell of the table. */
struct item {
    const struct form_field *form; /* NULL: the form does not know it              */
    const char *name;              /* "grand_total", "lines[3].charges"            */
    const char *column;            /* the cell's own name, for the order; or name  */
    int row;                       /* -1: not in the table                         */
    struct field *field;           /* what the machine made; NULL: nothing         */
    enum desk_mark mark;
    const char *value;             /* as corrected; in the work's arena            */
    enum field_level level;        /* what it asks of the person                   */
    const struct field *key;       /* what was typed before, not settled; or NULL  */
    bool seen;
};

struct undo {
    uint32_t item;
    enum desk_mark mark;
    const char *value;
};

/* What is known of a page of the document after its first crop. */
struct page_place {
    bool known;
    uint32_t width, height, dpi;
    int turn;
};

/* A look back at one value: the pages read again so far. */
struct looking {
    uint32_t item;
    struct bytes *again;        /* by page of the document; what is not read again is as it was stored */
    uint32_t *todo;             /* which pages                                     */
    uint32_t todo_count, done, same;
    bool failed;
};

/* The document that a session holds. */
struct work {
    struct review_task task;
    struct id person;           /* who holds it                                  */
    struct doc_key *document_key, *file_key;
    struct id twin;             /* of a duplicate: the document that came before; else zero */
    struct arena *arena;
    const struct form *form;
    struct fields *fields;      /* the machine's                                 */
    struct fields *before;      /* the order of an earlier round; NULL: none     */
    struct item *items;
    uint32_t count, room;
    uint32_t rows;              /* of the table, those added included            */
    bool by_hand;               /* a person types it in: the machine's values do not count */
    struct undo undo[DESK_UNDOS];
    uint32_t undos;
    uint32_t *pages;            /* of the document -> of the file                */
    uint32_t page_count;
    struct page_place *places;
    int original;               /* a memfd with the file, or -1                  */
    struct bytes recipe_bytes;
    struct recipe *recipe;
    int raster;                 /* the page last drawn by the second cage        */
    uint32_t raster_page;
    int64_t renewed_ms;
    struct looking *looking;    /* of a look back (task.replay); NULL: no field was asked for yet */
};

struct kept_crop {
    uint32_t item;
    uint8_t view;
    bool used;
    struct buffer answer;       /* the body of DESK_IS_CROP                      */
};

struct session {
    int sock;                   /* -1: free                                      */
    struct person person;
    bool known;                 /* HELLO was answered                            */
    bool spanish;
    struct buffer in, out;
    size_t sent;
    bool closing;
    struct work *work;
    struct kept_crop kept[DESK_PREFETCH];
    uint32_t looking;           /* the item last asked for                       */
    bool prefetch;              /* there may be something to fetch               */
    int64_t active_ms;
    struct id skipped[DESK_SKIPPED];
    uint32_t skipped_count;
    char user[64];
    uint32_t uid;
};

/* What a person may still ask for; it outlives the station, or starting it anew would be a way around. */
struct budget {
    uint32_t uid;
    bool used;
    double tokens;
    int64_t at_ms;
};

struct desk {
    struct instance in;
    struct db *db;
    struct keyclient *keys;
    struct form_set *forms;
    struct cell_host *host;      /* NULL while nobody is here */
    bool host_failed;
    int listener;
    struct session sessions[DESK_SESSIONS];
    struct budget budgets[DESK_BUDGETS];
};

/* ---- desk_session.c: sockets ---- */

void session_reset(struct session *s);
void session_end(struct desk *desk, struct session *s);
/* False when nobody waits. */
bool session_accept(struct desk *desk);
/* Read what came and answer each whole question. False: the conversation is over. */
bool session_read(struct desk *desk, struct session *s);
bool session_write(struct session *s);
/* The answer to the question at hand. */
void session_answer(struct session *s, enum desk_answer_kind kind, const struct buffer *body);
void session_refuse(struct session *s, enum rc rc, enum word_id id);

/* ---- desk_answer.c: the questions ---- */

void desk_answer(struct desk *desk, struct session *s, uint16_t what, struct bytes body);
/* The list of the document's items. */
void answer_document(struct session *s);

/* ---- desk_end.c ---- */

void answer_retype(struct desk *desk, struct session *s, const struct desk_ask *ask);
void answer_reject(struct desk *desk, struct session *s, const struct desk_ask *ask);
void answer_finish(struct desk *desk, struct session *s, const struct desk_ask *ask);
void answer_leave(struct desk *desk, struct session *s, const struct desk_ask *ask);
void answer_skip(struct desk *desk, struct session *s, const struct desk_ask *ask);
/* Has this person put it aside in this sitting? */
bool session_skipped(const struct session *s, const struct id *id);

/* ---- desk_work.c: the document held ---- */

/* RC_NOT_FOUND: none waits. The reason why not in *why. */
MUST_USE enum rc work_take(struct desk *desk, struct session *s, const struct id *id, enum word_id *why);
/* A look back at the one document whose id lies between these; the same answers, and RC_EXISTS for more than one. */
MUST_USE enum rc work_look(struct desk *desk, struct session *s, const struct id *low, const struct id *high,
                           enum word_id *why);
/* Wipe and forget; "give_back": tell the database. */
void work_end(struct desk *desk, struct session *s, bool give_back);
/* RC_LOST when the lease is gone. */
MUST_USE enum rc work_renew(struct desk *desk, struct session *s);
/* Make the list of items anew for this form; by_hand: all of them empty and to be typed. */
MUST_USE enum rc work_items(struct work *w, const struct form *form, bool by_hand);
MUST_USE enum rc work_add_row(struct work *w);
/* The original as a memfd, in work->original; the recipe. */
MUST_USE enum rc work_source(struct desk *desk, struct work *w);
/* May this person see it? */
bool item_allowed(const struct session *s, const struct item *item);
enum desk_type item_type(const struct item *item);
/* The field that an item means, in the fields of another version, run or order; NULL: it is not there. */
const struct field *item_in(const struct fields *fields, const struct item *item);
int32_t work_next(const struct session *s, uint32_t item);
uint32_t work_left(const struct session *s);

/* ---- desk_decide.c ---- */

void answer_accept(struct desk *desk, struct session *s, const struct desk_ask *ask);
void answer_correct(struct desk *desk, struct session *s, const struct desk_ask *ask);
void answer_blank(struct desk *desk, struct session *s, const struct desk_ask *ask);
void answer_unreadable(struct desk *desk, struct session *s, const struct desk_ask *ask);
void answer_undo(struct desk *desk, struct session *s, const struct desk_ask *ask);
/* What this person said, as ARTIFACT_ORDER, earlier rounds included; counts what is new. */
MUST_USE enum rc work_order(const struct work *w, const char *form, struct arena *arena, struct bytes *out,
                            uint32_t *accepted, uint32_t *corrected);
/* 0, or the sentence that says what is wrong with a value of this item. */
enum word_id value_doubt(const struct item *item, const char *value);

/* One decided item as it goes into the order; what must be typed once more has verdict FIELD_REVIEW. */
struct field item_ordered(const struct item *item);

/* ---- desk_judge.c: typed unseen, and counted ---- */

/* Must this person type it without seeing what the machine made? */
bool item_blind(const struct item *item);
/* Do two texts say the same, for this kind of value? */
bool item_same(const struct item *item, const char *a, const char *b);
/* What earlier persons said of this version, put on the items: settled, typed once, typed differently. */
void work_rounds(struct work *w);
/* For an item that two must type: does it stand, does it want another person? */
void item_keyed(const struct item *item, struct field *f);
/* What this person said of the machine's values, in arena. */
MUST_USE enum rc work_judged(const struct work *w, struct arena *arena, const struct judgement **out, uint32_t *count);
/* REASON_NONE when all is settled; else why another person must type or decide. */
enum reason work_unsettled(const struct work *w);

/* ---- desk_replay.c: how a value came about ---- */

void answer_replay(struct desk *desk, struct session *s, const struct desk_ask *ask);
void answer_rerun(struct desk *desk, struct session *s, const struct desk_ask *ask);
/* The story of one value, versions and all; in the work's arena. */
MUST_USE enum rc replay_story(struct desk *desk, struct session *s, uint32_t item, bool refused, const char *right,
                              struct desk_replay *out);
enum desk_state replay_state(const struct field *field);

/* ---- desk_told.c: what the stages are told beside the pages ---- */

/* An artifact of the document looked back at, or of its file's page; in arena.  RC_NOT_FOUND: there is none. */
MUST_USE enum rc replay_stored(struct desk *desk, struct work *w, enum artifact_kind kind, uint32_t page,
                               struct arena *arena, struct bytes *out);
/* The inputs of the document's cage: pages as given, then what the step was told then, or else today; in arena.
 * how (enum desk_told_how): which it was. */
MUST_USE enum rc replay_inputs(struct desk *desk, struct work *w, const struct bytes *pages, struct arena *arena,
                               struct cell_input **out, uint32_t *count, uint8_t how[DESK_TOLD_KINDS]);

/* ---- desk_crop.c ---- */

/*
 * In the desk's own cages, which are started when they are not there and once more when they are lost.  RC_IO,
 * RC_TIMEOUT: lost twice; what cell_host_start and cell_run say.
 */
MUST_USE enum rc desk_cell_run(struct desk *desk, const struct cell_call *call, struct arena *arena,
                               struct cell_answer *answer);
/* The page of the file as a raster in work->raster, when it must be drawn. */
MUST_USE enum rc work_paint(struct desk *desk, struct work *w, uint32_t file_page, struct arena *arena);

void answer_crop(struct desk *desk, struct session *s, const struct desk_ask *ask);
/* One crop ahead, when nobody waits. False: nothing to fetch. */
bool crop_ahead(struct desk *desk, struct session *s);
void crop_forget(struct session *s);

#endif
