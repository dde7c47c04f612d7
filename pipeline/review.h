/*
 * review.h - what the screens of the review station share.
 *
 * A screen is a struct view: open, draw, key, close.  A view never calls another; it asks the
 * station to go there.
 */
#ifndef PIPELINE_REVIEW_H
#define PIPELINE_REVIEW_H

#include "base/deskproto.h"
#include "binding.h"
#include "review_link.h"

struct station;

struct view {
    enum scope scope;
    enum word_id title;
    void (*open)(struct station *st);
    void (*draw)(struct station *st);
    /* action is what the table says the key does; ACT_NONE: the key itself. */
    void (*key)(struct station *st, enum action action, struct key key);
    void (*close)(struct station *st); /* wipe what it held; may be NULL */
};

extern const struct view view_queue, view_document, view_field, view_type, view_reject, view_help;

struct station {
    struct link *link;
    bool spanish;
    bool spanish_forced;        /* --language */
    bool once;                  /* --once: end after one document */
    bool running;
    int exit_code;
    const struct view *view, *before_help;
    char message[600];
    bool alarm;                 /* the message is about something wrong */
    unsigned waiting;
    char person[64];
    unsigned idle_seconds;
    struct arena *document_arena;
    struct desk_document document; /* count 0 and a zero id: none is held */
    bool held;
    uint32_t item;              /* the field looked at */
};

/* The line above the foot; id W_COUNT clears it. */
void station_say(struct station *st, enum word_id id);
void station_warn(struct station *st, enum word_id id);
void station_text(struct station *st, bool alarm, const char *text);
/*
 * Ask; on anything but RC_OK the person is told, and what must follow (the document is lost, the desk is gone)
 * has been done.
 */
MUST_USE enum rc station_ask(struct station *st, const struct desk_ask *ask, enum desk_answer_kind want,
                             struct arena *arena, struct desk_answer *out);
void station_go(struct station *st, const struct view *view);
/* Take a document (NULL: the next) and open it. */
void station_take(struct station *st, const struct id *id);
/* The document is no longer ours; forget all of it and show the queue (or end, with --once). */
void station_release(struct station *st);
/* A document came as an answer: keep it. */
void station_keep(struct station *st, const struct desk_document *d);
/* The next flagged item after (and then before) this one; -1 none. */
int station_flagged_after(const struct station *st, int item);
unsigned station_flagged(const struct station *st);
/* Draw the title bar, the message and the foot; the rows between are the view's: returns the first,
 * *last is one below the last. */
int station_frame(struct station *st, enum scope scope, const char *left, const char *right, int *last);
/* First row to show of a list so that "chosen" is in sight. */
int list_top(int top, int chosen, int room);
/* Moves in a list; false for another action. */
bool list_act(enum action action, int *chosen, int count, int page);

#endif
