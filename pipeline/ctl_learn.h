/* ctl_learn.h - a form that was learnt: its zones with their names, and the files that say so. */
#ifndef PIPELINE_CTL_LEARN_H
#define PIPELINE_CTL_LEARN_H

#include "ctl.h"
#include "doc/learned.h"

/* How a zone is read, and what its field is. */
struct learn_kind {
    const char *word;  /* "date", as in a name and in a list of fields */
    const char *read;  /* in forms/zones/NAME.yaml                     */
    const char *type;  /* in forms/NAME.yaml                           */
};

/* A zone of the new form. */
struct learn_field {
    char name[LEARNED_NAME_MAX + 1];
    char title[81];
    const struct learn_kind *kind;
    double at[4];
    uint32_t cells;
};

struct learn_list {
    struct learn_field *at;
    unsigned count;
    bool placed; /* the list says where each zone lies */
};

/* The kind of this word; NULL when there is none. */
const struct learn_kind *learn_kind_of(const char *word);
/* The kind that a field's name lets expect: "due_date" is a date. */
const struct learn_kind *learn_kind_guess(const char *name);

/* name,type,title or name,type,x0,y0,x1,y1[,title] a line; RC_CONFIG with line and cure. */
MUST_USE enum rc learn_list_read(const char *path, struct arena *arena, struct learn_list *out, struct err *err);

/* The zones that were found, named by the list or by what was typed in them; checks every name. */
MUST_USE enum rc learn_fields(const struct learned *l, const struct learn_list *list, struct arena *arena,
                              struct learn_list *out, struct err *err);

/*
 * Write DIR/NAME.yaml and DIR/zones/NAME.yaml, each whole or not at all.  title may be NULL.
 * The paths are left in form_path and zones_path, of at least 4096 bytes each.
 */
MUST_USE enum rc learn_write(const char *dir, const char *name, const char *title, const struct learned *l,
                             const struct learn_list *fields, char *form_path, char *zones_path, struct err *err);

#endif
