/*
 * zone_values.h - the text of a zone made into a canonical value.
 *
 * Each returns how well the text has the value's shape: 1 as it should be, less when it had to be
 * bent, 0 when it is no such value (then out is "").
 */
#ifndef STAGES_ZONE_VALUES_H
#define STAGES_ZONE_VALUES_H

#include <stdbool.h>

#include "base/arena.h"
#include "doc/fields.h"
#include "doc/form.h"

#define VALUE_ROOM 200

/*
 * A date as boxes, slashes, dots or nothing part it; month first, or year first with four digits.
 * A year of two digits belongs to 2000 to latest, else to the century before.  "2026-05-28".
 */
float zone_date(const char *text, int latest, char out[VALUE_ROOM]);
/* "1246.97": thousands parted or not; without cents ".00". */
float zone_money(const char *text, char out[VALUE_ROOM]);
/* "(325) 678-5499" from ten digits; anything else as it stands. */
float zone_phone(const char *text, char out[VALUE_ROOM]);
/* Digits only; blanks go.  count 0: any. */
float zone_digits(const char *text, unsigned count, char out[VALUE_ROOM]);
/* Runs of blanks become one, signs that stand alone at the ends go; upper and lower case stay. */
float zone_text(const char *text, char out[VALUE_ROOM]);
/* The same; a hyphen or a stop at the end is a speck, for a number does not end so. */
float zone_id(const char *text, char out[VALUE_ROOM]);
/* "DOVER, CA 90619" to its three parts; a part that is missing is "". */
float zone_place(const char *text, char city[VALUE_ROOM], char state[VALUE_ROOM], char zip[VALUE_ROOM]);
/* Two letters that are a state, district or territory of the United States. */
bool zone_is_state(const char *text);
/* An ICD-10 code: O and I in its number become 0 and 1; "S72.001A". */
float zone_diagnosis(const char *text, char out[VALUE_ROOM]);
/* A CPT or HCPCS code: five characters, a letter first or last or none. */
float zone_procedure(const char *text, char out[VALUE_ROOM]);
/* The year of the latest date among texts is not in the future of the document. */
int zone_year_of(const char *iso);


/*
 * Settle doubtful readings by the form itself: a twin on the page, a closed set of codes, the build of
 * a number.  Rows from first_row on.  What was changed is marked REASON_REPAIRED.  RC_NOMEM.
 */
MUST_USE enum rc zones_settle(const struct form *form, struct arena *arena, struct fields *fields, uint32_t first_row);

/* Take another reading (copied) for what was read.  REASON_REPAIRED alone, confidence .9 at most.  RC_NOMEM. */
MUST_USE enum rc zones_put_right(struct field *f, const char *value, double confidence, struct arena *arena);

#endif
