/* unfit.h - why no document type fits: what a person is told who must choose one. */
#ifndef STAGES_UNFIT_H
#define STAGES_UNFIT_H

#include "doc/reading.h"

/* REASON_UNREADABLE without a word, REASON_NO_DOCUMENT with hardly one that a reader is sure of, REASON_LANGUAGE
 * when next to none is a common word of a language that is read here; else REASON_UNKNOWN_TYPE. */
enum reason unfit_reason(const struct page_reading *const *pages, uint32_t count);

#endif
