/*
 * binding.h - the one table of keys: it decides what a key does and prints the help.
 */
#ifndef PIPELINE_BINDING_H
#define PIPELINE_BINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "words_en_es.h"

enum scope {
    IN_QUEUE = 1,
    IN_DOCUMENT = 2,
    IN_FIELD = 4,
    IN_TYPE = 8,
    IN_REJECT = 16,
    IN_HELP = 32,
    IN_LISTS = IN_QUEUE | IN_DOCUMENT | IN_TYPE | IN_REJECT,
    IN_ALL = 63
};

enum action {
    ACT_NONE = 0,
    ACT_ACCEPT, ACT_NEXT, ACT_BACK, ACT_UP, ACT_DOWN, ACT_PAGE_UP, ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST,
    ACT_PAN_LEFT, ACT_PAN_RIGHT, ACT_PAN_UP, ACT_PAN_DOWN,
    ACT_BLANK, ACT_UNREADABLE, ACT_UNDO, ACT_RESTORE, ACT_CHOICE, ACT_PAGE, ACT_ZOOM, ACT_ADD_ROW, ACT_SKIP,
    ACT_TYPE, ACT_REJECT, ACT_HELP, ACT_LEAVE, ACT_REFRESH, ACT_LOCK, ACT_REDRAW, ACT_ESCAPE,
    ACT_LEFT, ACT_RIGHT, ACT_DELETE, ACT_BACKSPACE, ACT_DELETE_END
};

/* What a terminal sent: a character, or one of the KEY_ codes of curses. */
struct key {
    bool is_code;
    unsigned value;
};

struct binding {
    unsigned scopes;
    struct key key;
    const char *name;    /* "Enter", "Ctrl+U"; NULL: another key for the row above */
    enum action action;
    enum word_id label;
    bool shown;          /* in the line at the foot, not only in the help */
};

/* What this key does there; ACT_NONE for a key that is typed or means nothing. */
enum action binding_find(enum scope scope, struct key key);
/* The i-th row that has a name and counts in this scope, or NULL after the last. */
const struct binding *binding_at(enum scope scope, unsigned i);
/* One line of the foot, "Enter accept · Tab next", beginning with row *from and moving it on past what fitted. */
void binding_foot(enum scope scope, bool spanish, unsigned columns, unsigned *from, char *out, size_t room);

#endif
