/*
 * words_en_es.h - every sentence of the review station, in English and Spanish.
 *
 * A sentence may have the blanks %1 and %2; both languages have the same (tests/unit/test_review.c
 * holds them to it).
 */
#ifndef PIPELINE_WORDS_EN_ES_H
#define PIPELINE_WORDS_EN_ES_H

#include <stdbool.h>
#include <stddef.h>

enum word_id {
    W_APP,
    /* titles */
    W_TITLE_QUEUE, W_TITLE_DOCUMENT, W_TITLE_FIELD, W_TITLE_TYPE, W_TITLE_REJECT, W_TITLE_HELP, W_TITLE_LOCKED,
    /* the queue */
    W_QUEUE_EMPTY, W_QUEUE_EMPTY_HINT, W_QUEUE_COUNT, W_COL_TYPE, W_COL_WHY, W_COL_WAITING, W_COL_DEADLINE,
    W_COL_PAGES, W_TYPE_UNKNOWN, W_TAKEN, W_LATE,
    /* a document */
    W_LEFT, W_NONE_LEFT, W_PAGE_OF, W_REASON,
    W_MARK_QUIET, W_MARK_FLAGGED, W_MARK_ACCEPTED, W_MARK_CORRECTED, W_MARK_BLANK, W_MARK_UNREADABLE,
    W_MUST, W_FINISH_HINT, W_FINISH_REFUSED, W_TYPE_FIRST,
    /* a field */
    W_VALUE, W_PRINTED, W_SURE, W_NOT_FOUND, W_HIDDEN, W_NO_PICTURE, W_CHOICES, W_EMPTY_VALUE, W_ESCAPE, W_INSIST,
    W_UNDONE, W_NOTHING_TO_UNDO, W_NO_CHOICES, W_PICTURE_MORE, W_PICTURE_PAGE,
    W_KIND_TEXT, W_KIND_MONEY, W_KIND_DATE, W_KIND_ID, W_KIND_CODE, W_KIND_MARK, W_KIND_NUMBER,
    /* local checks */
    W_BAD_MONEY, W_BAD_NUMBER, W_BAD_DATE, W_DATE_UNSURE, W_BAD_CODE, W_TOO_LONG, W_BAD_CHARACTER,
    /* choosing a type, rejecting */
    W_TYPE_HINT, W_REJECT_HINT, W_REJECT_AGAIN,
    W_REJECT_ILLEGIBLE, W_REJECT_NOT_OURS, W_REJECT_DUPLICATE, W_REJECT_WRONG_KIND, W_REJECT_INCOMPLETE,
    W_REJECT_OTHER,
    /* ends */
    W_WAIT, W_DONE, W_REJECTED, W_GIVEN_BACK, W_RETYPED, W_ROW_ADDED,
    /* the lock */
    W_LOCKED, W_LOCKED_CONTINUE,
    /* trouble */
    W_DESK_ABSENT, W_DESK_ABSENT_CURE, W_DESK_FORBIDDEN, W_DESK_FORBIDDEN_CURE, W_DESK_GONE, W_DESK_ODD,
    W_NO_TERMINAL, W_NO_TERMINAL_CURE, W_BAD_TERM, W_BAD_TERM_CURE, W_TOO_SMALL, W_LOST,
    /* said by the desk */
    W_D_UNKNOWN, W_D_NOT_ALLOWED, W_D_VERSION, W_D_NONE_WAITING, W_D_NOT_WAITING, W_D_NO_DOCUMENT, W_D_NO_ITEM,
    W_D_DATABASE, W_D_KEYS, W_D_SLOWER, W_D_NO_PICTURE, W_D_LEASE, W_D_LEFT_FLAGGED, W_D_NO_FORM, W_D_NO_ROWS,
    W_R_NONE, W_R_MORE, W_R_ERASED, W_R_APART,
    W_D_BROKEN, W_D_CHECK, W_D_PATTERN, W_D_CODE, W_D_INSIST, W_D_UNFIT, W_D_FULL, W_D_TYPE_IT, W_D_DIFFERS,
    /* key labels */
    W_K_ACCEPT, W_K_OPEN, W_K_TAKE, W_K_CHOOSE, W_K_NEXT, W_K_BACK, W_K_BLANK, W_K_UNREADABLE, W_K_UNDO, W_K_HELP,
    W_K_CHOICE, W_K_PAGE, W_K_ZOOM, W_K_ADD_ROW, W_K_SKIP, W_K_SKIP_FIELD, W_K_TYPE, W_K_REJECT, W_K_LEAVE,
    W_K_CLOSE, W_K_QUIT, W_K_LOCK, W_K_REDRAW, W_K_MOVE, W_K_PAN, W_K_FINISH, W_K_TYPE_IN, W_K_REFRESH, W_K_RESTORE,
    W_K_DELETE_END,
    W_COUNT
};

/* Never NULL. */
const char *word(bool spanish, enum word_id id);
/* With its blanks filled, cut to fit. */
void word_with(bool spanish, enum word_id id, const char *const given[2], char *out, size_t room);
void word_count(bool spanish, enum word_id id, unsigned a, unsigned b, char *out, size_t room);

#endif
