/*
 * check.h - rules that a value or a document must obey.
 */
#ifndef STAGES_CHECK_H
#define STAGES_CHECK_H

#include "doc/codelist.h"
#include "doc/fields.h"
#include "doc/form.h"
#include "doc/parties.h"
#include "doc/reading.h"

/* Shape, pattern, check digits and named checks of one field; adds its reasons. */
void check_field(const struct form_field *form, struct field *field);
/* Equations and rules of the form over all fields; adds reasons to those concerned. */
void check_document(const struct form *form, struct fields *fields);
/*
 * Codes against the lists of their fields; adds REASON_CODE_UNKNOWN, or REASON_LIST_OUTDATED.  Without a
 * list of that name nothing is said.
 */
void check_lists(const struct form *form, const struct codelist_set *lists, struct fields *fields);
/*
 * Does the paper belong to the client whose folder it came in?  Ours also when nothing is known of the client or the
 * form does not ask.  A stranger's party fields get REASON_NOT_FOR_THIS_CLIENT, whoever filled them in; where the paper
 * names nobody, they get REASON_FIELD_MISSING.
 */
enum party_answer { PARTY_OURS, PARTY_STRANGER, PARTY_UNNAMED };
enum party_answer check_party(const struct form *form, const struct parties *parties, struct fields *fields);
/* What makes the document the only one, for each group of the form whose fields are all there. */
MUST_USE enum rc check_twins(const struct form *form, const struct fields *fields, struct arena *arena,
                             struct twins *out);
/*
 * Values through which a stroke goes get REASON_CROSSED_OUT; of a free form whose strokes go through what no field has,
 * the critical fields do, for what was crossed out may have been one of them.
 */
void check_strikes(const struct form *form, const struct page_reading *const *pages, uint32_t page_count,
                   struct fields *fields);
/* Do the values of this equation add up?  1 yes, -1 no, 0 something is missing. */
int check_equation(const struct form *form, const struct equation *q, const struct fields *fields);

#endif
