/*
 * levels.h - what it takes to settle a value: nothing, a look, typing it, two persons who type it.
 */
#ifndef STAGES_LEVELS_H
#define STAGES_LEVELS_H

#include "doc/fields.h"
#include "doc/form.h"
#include "doc/terms.h"

/*
 * The probability that a value of this field must have to go without a person.  Terms NULL or without
 * a budget for its criticality: as shipped (docs/decisions/0040 and 0060).
 */
double levels_needed(const struct form *form, const struct form_field *field, const struct terms *terms);
/*
 * What a value that waits for a person asks of them, so that what stays wrong afterwards is within the
 * budget; LEVEL_CONFIRM without one.  p is the client's probability that the machine's value is right,
 * 0 where it has none.
 */
enum field_level levels_asked(const struct form_field *field, const struct terms *terms, double p);

#endif
