/*
 * check.h - rules that a value or a document must obey.
 */
#ifndef STAGES_CHECK_H
#define STAGES_CHECK_H

#include "doc/codelist.h"
#include "doc/fields.h"
#include "doc/form.h"

/* Shape, pattern, check digits and named checks of one field; adds its reasons. */
void check_field(const struct form_field *form, struct field *field);
/* Equations and rules of the form over all fields; adds reasons to those concerned. */
void check_document(const struct form *form, struct fields *fields);
/*
 * Codes against the lists of their fields; adds REASON_CODE_UNKNOWN, or REASON_LIST_OUTDATED.  Without a
 * list of that name nothing is said.
 */
void check_lists(const struct form *form, const struct codelist_set *lists, struct fields *fields);
/* Do the values of this equation add up?  1 yes, -1 no, 0 something is missing. */
int check_equation(const struct form *form, const struct equation *q, const struct fields *fields);

#endif
