/* review_edit.h - one line of text being typed; no screen, no files. */
#ifndef PIPELINE_REVIEW_EDIT_H
#define PIPELINE_REVIEW_EDIT_H

#include <stdbool.h>
#include <wchar.h>

#include "binding.h"

#define EDIT_MAX 1000 /* characters */

struct edit {
    wchar_t text[EDIT_MAX + 1];
    int size, at;
    bool changed; /* by a key since edit_set */
};

/* From UTF-8; what is too long or not UTF-8 is cut. */
void edit_set(struct edit *e, const char *utf8);
/* To UTF-8, without blanks at either end. False when it does not fit. */
bool edit_get(const struct edit *e, char *out, size_t room);
/* Overwrite. */
void edit_wipe(struct edit *e);
/* False for an action that is none of the editor's. */
bool edit_act(struct edit *e, enum action action);
/* A typed character; false for one that cannot be part of a value. */
bool edit_type(struct edit *e, unsigned c);
/* A minus typed behind an amount makes it negative, as on an adding machine. */
bool edit_minus_behind(struct edit *e);

#endif
