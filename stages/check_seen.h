/*
 * check_seen.h - the fields as one rule sees them: those of a row, and around it the document's.
 */
#ifndef STAGES_CHECK_SEEN_H
#define STAGES_CHECK_SEEN_H

#include "check.h"

struct seen {
    const struct form *form;
    struct fields *fields;
    struct field_row *row; /* NULL: the document alone */
};

/* The field or the row's cell of this name when it has a value; else NULL. */
struct field *seen_field(const struct seen *s, const char *name);
/* Its value, or NULL. */
const char *seen_value(const struct seen *s, const char *name);
bool seen_amount(const struct seen *s, const char *name, int64_t *out);

enum held { HELD_SILENT, HELD_YES, HELD_NO, HELD_OUTDATED };

/* The kinds that ask a table of rates. */
enum held held_rate(const struct rule *rule, const struct seen *s);
enum held held_known_rate(const struct rule *rule, const struct seen *s);
enum held held_within(const struct rule *rule, const struct seen *s);

#endif
