/*
 * deskproto.h - what the review station and the desk say to each other.
 *
 * One question, one answer, over HOME/run/desk.sock, in the frames of base/ipc.h.  The
 * station (escriba-review) holds no key and no database: it asks, the desk (escriba-desk)
 * looks who is there and gives one picture and one value at a time.  Questions are small
 * and of fixed shape; both sides read with base/codec.h and refuse anything left over.
 */
#ifndef BASE_DESKPROTO_H
#define BASE_DESKPROTO_H

#include "base/codec.h"
#include "base/id.h"

#define DESK_VERSION 1
#define DESK_ASK_MAX (16u << 10)    /* bytes of a question             */
#define DESK_ANSWER_MAX (4u << 20)  /* bytes of an answer, a crop's    */
#define DESK_TEXT_MAX 4096u         /* a value                         */
#define DESK_TITLE_MAX 512u         /* a title, a sentence             */
#define DESK_ROWS_MAX 500u          /* rows of the queue shown         */
#define DESK_ITEMS_MAX 6000u        /* fields and cells of a document  */
#define DESK_LIST_MAX 64u           /* choices, reasons, forms         */
#define DESK_SIDE_MAX 1600u         /* pixels of a crop, either side   */

/* ---- questions ------------------------------------------------------------- */

enum desk_what {
    DESK_HELLO = 1,      /* number: DESK_VERSION; text: language wanted, "" the person's own */
    DESK_QUEUE = 2,      /* what waits for this person                                       */
    DESK_TAKE = 3,       /* id: this document, or zero for the next                          */
    DESK_FIELD = 4,      /* number: item; its value, alone                                   */
    DESK_CROP = 5,       /* flag: enum desk_view; number: item, or for DESK_VIEW_PAGE the
                            page of the document, of which box is wanted                     */
    DESK_ACCEPT = 6,     /* number: item, as it stands                                       */
    DESK_CORRECT = 7,    /* number: item; text: value; flag 1: insist against a rule         */
    DESK_BLANK = 8,      /* number: item is empty on the paper                               */
    DESK_UNREADABLE = 9, /* number: item cannot be read by anyone                            */
    DESK_UNDO = 10,      /* take back the last decision in this document                     */
    DESK_FORMS = 11,     /* which types are there                                            */
    DESK_RETYPE = 12,    /* text: form; flag 0: read again as it, 1: I type it in            */
    DESK_ADD_ROW = 13,   /* one more row in the table                                        */
    DESK_REJECT = 14,    /* number: a REASON_PERSON_*                                        */
    DESK_FINISH = 15,    /* all is decided: send it on                                       */
    DESK_LEAVE = 16,     /* give it back                                                     */
    DESK_SKIP = 17,      /* give it back, and not to me again in this sitting                */
    DESK_PING = 18,      /* the person is still at work                                      */
    DESK_REPLAY = 30,    /* look back: id, of which number hexadecimal digits were given;
                            flag: DESK_REPLAY_*; text: the field, "" for a list of them, and
                            after a line's end what is right, if it is known               */
    DESK_RERUN = 31      /* of the document looked back at: read one more page again, then
                            run the rest                                                    */
};

#define DESK_REPLAY_NACKED 1 /* the client refused what was delivered          */
#define DESK_REPLAY_RIGHT 2  /* the text goes on with what is right            */

enum desk_view { DESK_VIEW_VALUE = 0, DESK_VIEW_LINE = 1, DESK_VIEW_PAGE = 2 };

/* A part of a page in thousandths of its width and height. */
struct desk_box {
    uint16_t x0, y0, x1, y1;
};

/* Which members count follows from what; the others are zero. */
struct desk_ask {
    enum desk_what what;
    struct id id;
    uint32_t number;
    uint8_t flag;
    struct desk_box box;
    const char *text;
};

void desk_ask_write(struct buffer *b, const struct desk_ask *ask);
/* RC_INPUT for a kind or shape that is not ours; text lives in arena. */
MUST_USE enum rc desk_ask_read(uint16_t what, struct bytes body, struct arena *arena, struct desk_ask *out);

/* ---- answers --------------------------------------------------------------- */

enum desk_answer_kind {
    DESK_IS_WELCOME = 101,
    DESK_IS_QUEUE = 102,
    DESK_IS_DOCUMENT = 103,
    DESK_IS_FIELD = 104,
    DESK_IS_CROP = 105,
    DESK_IS_DECIDED = 106,
    DESK_IS_FORMS = 107,
    DESK_IS_DONE = 108,
    DESK_IS_ERROR = 109,
    DESK_IS_PONG = 110,
    DESK_IS_REPLAY = 130,
    DESK_IS_RERUN = 131
};

struct desk_welcome {
    uint32_t version;
    const char *name, *role, *language;
    uint32_t idle_seconds; /* lock the screen after so long without a key */
    uint32_t waiting;
};

struct desk_row {
    struct id document;
    const char *form;     /* title in the person's language, "" when unknown */
    uint32_t reason;
    const char *why;      /* the reason's sentence                           */
    uint32_t waiting;     /* seconds                                         */
    int64_t deadline;     /* seconds since 1970, 0 none                      */
    uint32_t pages;
    uint8_t taken;        /* somebody works on it                            */
};

struct desk_queue {
    uint32_t total;       /* may be more than the rows given                 */
    struct desk_row *rows;
    uint32_t count;
};

enum desk_type { DESK_TEXT = 0, DESK_MONEY = 1, DESK_DATE = 2, DESK_ID = 3, DESK_CODE = 4, DESK_MARK = 5,
                 DESK_NUMBER = 6 };
/* Where an item stands. */
enum desk_mark { DESK_QUIET = 0, DESK_FLAGGED = 1, DESK_ACCEPTED = 2, DESK_CORRECTED = 3, DESK_IS_BLANK = 4,
                 DESK_NOT_READABLE = 5 };

struct desk_item {
    const char *name;     /* "grand_total", "lines[3].charges"  */
    const char *title;
    uint8_t type;         /* enum desk_type                     */
    uint8_t mark;         /* enum desk_mark                     */
    uint8_t required;
    uint32_t page;
};

/* What 04/05/2026 means on this document. */
enum desk_date_order { DESK_DAY_FIRST = 0, DESK_MONTH_FIRST = 1, DESK_ORDER_UNKNOWN = 2 };

struct desk_document {
    struct id id;
    const char *form, *title;
    const char *why;
    uint32_t version, pages;
    int64_t deadline;
    uint8_t table;        /* rows can be added  */
    uint8_t date_order;   /* enum desk_date_order: how its dates are written */
    struct desk_item *items;
    uint32_t count;
};

enum desk_state { DESK_HAS_VALUE = 0, DESK_HAS_BLANK = 1, DESK_HAS_UNREADABLE = 2, DESK_HAS_NOTHING = 3,
                  DESK_HAS_HIDDEN = 4 /* to be typed without seeing it */ };

struct desk_field {
    uint32_t item;
    const char *value;    /* canonical                                      */
    const char *text;     /* as printed                                     */
    uint8_t state;        /* enum desk_state                                */
    uint16_t sure;        /* thousandths                                    */
    uint8_t picture;      /* it has a place on the page                     */
    uint32_t page;
    const char **reasons; /* sentences                                      */
    uint32_t reason_count;
    const char **choices; /* what it may be: marks, codes, other readings   */
    uint32_t choice_count;
};

struct desk_crop {
    uint32_t item;
    uint32_t page;
    struct desk_box window; /* which part of the page this is                      */
    uint32_t width, height;
    uint32_t x0, y0, x1, y1; /* where in the picture the value is; empty: nowhere   */
    struct bytes pixels;    /* gray, 0 black, width * height; borrowed on reading  */
};

enum desk_outcome { DESK_TAKEN = 0, DESK_DOUBTED = 1, DESK_REFUSED = 2 };

struct desk_decided {
    uint32_t item;
    uint8_t outcome;      /* DOUBTED: a rule says no, ask again with flag 1 to insist */
    uint8_t mark;         /* enum desk_mark the item has now                          */
    const char *message;
    int32_t next;         /* the next flagged item, -1 none                           */
    uint32_t left;        /* flagged items left                                       */
};

struct desk_form {
    const char *name, *title;
};

struct desk_forms {
    struct desk_form *forms;
    uint32_t count;
};

enum desk_end { DESK_END_FINISHED = 0, DESK_END_REJECTED = 1, DESK_END_LEFT = 2, DESK_END_RETYPED = 3 };

struct desk_done {
    uint8_t how; /* enum desk_end */
    uint32_t accepted, corrected;
};

/* ---- looking back: one value and how it came about (doc/provenance.h) ---- */

struct desk_hand {
    uint32_t version;
    uint8_t by;           /* 0 machine, 1 person, 2 repair            */
    uint8_t state;        /* enum desk_state                          */
    int64_t at;           /* seconds since 1970; 0: the machine's run */
    const char *who;      /* system user of a person                  */
    const char *value;
};

struct desk_other {
    const char *value, *text;
    int32_t score;        /* thousandths, the ranker's */
};

struct desk_rule {
    const char *rule;
    uint8_t how;          /* 0 held, 1 failed, 2 chose, 3 repaired */
};

struct desk_sent {
    uint32_t version;
    uint8_t refusal;
    int64_t seq, at;
};

struct desk_made {
    const char *name, *value;
};

/* Why a value was wrong, where it was (doc/cause.h). */
enum desk_cause { DESK_CAUSE_NONE = 0, DESK_CAUSE_UNKNOWN = 1, DESK_CAUSE_NOT_FOUND = 2, DESK_CAUSE_MISREAD = 3,
                  DESK_CAUSE_CANDIDATE = 4, DESK_CAUSE_RULE = 5, DESK_CAUSE_KEYED = 6, DESK_CAUSE_SOURCE = 7 };

struct desk_replay {
    struct id document;
    const char *form, *name, *title;
    const char *standing; /* of the document: "delivered", "review", ... */
    uint32_t item, version, page, pages;
    const char *value, *text, *second;
    uint8_t state;        /* enum desk_state */
    uint8_t origin, verdict, picture;
    uint16_t sure, needed; /* thousandths; needed 0: nothing was asked */
    const char **reasons;
    uint32_t reason_count;
    struct desk_hand *hands;
    uint32_t hand_count;
    struct desk_other *others;
    uint32_t other_count;
    struct desk_rule *rules;
    uint32_t rule_count;
    struct desk_sent *sent;
    uint32_t sent_count;
    struct desk_made *made;
    uint32_t made_count;
    uint8_t cause;        /* enum desk_cause                                 */
    const char *wrong;    /* the value that was wrong, and what is right: "" */
    const char *right;
};

/* What the stages are told beside the pages, and whether today's run was told the same as the run of then. */
enum desk_told { DESK_TOLD_TERMS = 0, DESK_TOLD_MEMORY = 1, DESK_TOLD_PARTIES = 2, DESK_TOLD_WITNESSES = 3,
                 DESK_TOLD_KINDS = 4 };
enum desk_told_how {
    DESK_TOLD_NOTHING = 0, /* nor was it then                                 */
    DESK_TOLD_THEN = 1,    /* the same as then                                */
    DESK_TOLD_TODAY = 2,   /* what there is today: what it was then, nobody wrote down */
    DESK_TOLD_GONE = 3     /* nothing: what it was then is no longer there, or was not kept */
};

struct desk_rerun {
    uint32_t done, of;    /* pages read again so far       */
    uint8_t finished;     /* then what follows counts      */
    uint8_t failed;       /* a page or the document could not be done again */
    uint8_t same;         /* the machine says the same     */
    uint32_t pages_same;  /* read exactly as they were     */
    const char *form, *value, *text;
    uint8_t state, verdict;
    uint16_t sure;
    uint8_t told[DESK_TOLD_KINDS]; /* enum desk_told_how        */
    struct desk_made *made;
    uint32_t made_count;
};

struct desk_error {
    uint16_t rc;
    const char *message; /* in the person's language: what, and what to do */
};

/* Each writes the body of one answer; the frame's type says which. */
void desk_welcome_write(struct buffer *b, const struct desk_welcome *v);
void desk_queue_write(struct buffer *b, const struct desk_queue *v);
void desk_document_write(struct buffer *b, const struct desk_document *v);
void desk_field_write(struct buffer *b, const struct desk_field *v);
void desk_crop_write(struct buffer *b, const struct desk_crop *v);
void desk_decided_write(struct buffer *b, const struct desk_decided *v);
void desk_forms_write(struct buffer *b, const struct desk_forms *v);
void desk_done_write(struct buffer *b, const struct desk_done *v);
void desk_error_write(struct buffer *b, const struct desk_error *v);
void desk_replay_write(struct buffer *b, const struct desk_replay *v);
void desk_rerun_write(struct buffer *b, const struct desk_rerun *v);
/* Parts of desk_answer_read; they fail the reader. */
void desk_replay_read(struct reader *r, struct arena *arena, struct desk_replay *v);
void desk_rerun_read(struct reader *r, struct arena *arena, struct desk_rerun *v);

/* One answer, as read; all of it lives in the arena, but crop pixels, which are borrowed. */
struct desk_answer {
    enum desk_answer_kind kind;
    union {
        struct desk_welcome welcome;
        struct desk_queue queue;
        struct desk_document document;
        struct desk_field field;
        struct desk_crop crop;
        struct desk_decided decided;
        struct desk_forms forms;
        struct desk_done done;
        struct desk_error error;
        struct desk_replay replay;
        struct desk_rerun rerun;
    } u;
};

/* RC_INPUT for anything that is not exactly one answer; RC_NOMEM at the arena's ceiling. */
MUST_USE enum rc desk_answer_read(uint16_t kind, struct bytes body, struct arena *arena, struct desk_answer *out);

#endif
