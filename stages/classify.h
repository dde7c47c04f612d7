/* classify.h - scoring forms by their clues. */
#ifndef STAGES_CLASSIFY_H
#define STAGES_CLASSIFY_H

#include "doc/form.h"
#include "words.h"

/* What the form's clues add up to; scratch memory from the arena. */
double classify_score(const struct form *form, const struct layout *layout, struct arena *arena);
/* *out is NULL when no form fits. */
MUST_USE enum rc classify_words(const struct form_set *forms, const struct page_reading *const *pages,
                                uint32_t count, struct arena *arena, const struct form **out,
                                double *confidence);

#endif
