/*
 * story.h - how each value came about, as the steps of a document tell it.
 *
 * Extraction tells what else was considered and what the second reader gave, validation which rules spoke;
 * a person's keyings come with the order.  doc/provenance.h says what is kept.
 */
#ifndef STAGES_STORY_H
#define STAGES_STORY_H

#include "doc/codelist.h"
#include "doc/provenance.h"
#include "document.h"
#include "extract.h"

/* The candidates that were not chosen, and what chose: the ranker, or an equation. */
void story_choice(const struct extraction *x, unsigned index, struct field *field);
/* What the second reader gave where each value stands, and the machine's own keying. */
void story_machine(const struct document *doc, struct arena *arena, struct fields *fields);
/* A person's value takes the machine's place: the machine's story goes on with the person's keyings. */
void story_ordered(const struct field *given, const struct provenance *before, struct arena *arena,
                   struct field *field);
/* Which checks, lists and equations of the form hold for each value and which do not. */
void story_rules(const struct form *form, const struct codelist_set *lists, struct arena *arena,
                 struct fields *fields);
/* The probability that was asked of a value to go without a person. */
void story_needed(struct field *field, struct arena *arena, double needed);

#endif
