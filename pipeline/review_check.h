/*
 * review_check.h - what a typed value must look like, judged at the station.
 *
 * Only shapes: an amount, a date, one of a list.  Check digits and rules need the form and
 * are judged by the desk.  What is written another way becomes canonical here.
 */
#ifndef PIPELINE_REVIEW_CHECK_H
#define PIPELINE_REVIEW_CHECK_H

#include <stddef.h>

#include "base/deskproto.h"
#include "words_en_es.h"

/*
 * 0 and the canonical value in out, or the sentence that says what is wrong.
 */
enum word_id check_value(enum desk_type type, enum desk_date_order order, const struct desk_field *field,
            const char *typed, char *out, size_t room);

#endif
