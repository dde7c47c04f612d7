/* story.c - how each value came about: candidates, the second reader, rules, the machine's own keying. */
#include "story.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "doc/checkdigit.h"
#include "doc/value.h"

void
story_choice(const struct extraction *x, unsigned index, struct field *field)
{
    const struct choice *choice = &x->choices[index];

    for (uint32_t i = 0; i < choice->count; i++)
        if ((int)i != choice->chosen)
            provenance_alternative(field, x->arena, choice->list[i].value, choice->list[i].text,
                                   choice->list[i].score);
    if (choice->chosen < 0)
        return;
    if (choice->by_equation)
        provenance_fired(field, x->arena, "equation", "chosen", FIRED_CHOSE);
    if (choice->list[choice->chosen].remembered > 0)
        provenance_fired(field, x->arena, "memory", "place", FIRED_HELD);
    else if (choice->list[choice->chosen].refuted > 0)
        provenance_fired(field, x->arena, "memory", "place", FIRED_FAILED);
    if (choice->list[choice->chosen].repaired)
        provenance_fired(field, x->arena, "repair", "letters", FIRED_REPAIRED);
}

/* What the second reader gave for the words that stand in the value's box, in their order. */
static const char *
second_of(const struct page_reading *page, struct box box, struct arena *arena)
{
    char text[PROVENANCE_TEXT + 1];
    size_t at = 0;

    text[0] = '\0';
    for (uint32_t i = 0; i < page->word_count; i++) {
        const struct word *w = &page->words[i];
        int32_t x = w->box.x0 / 2 + w->box.x1 / 2, y = w->box.y0 / 2 + w->box.y1 / 2;
        int n;

        if (w->second == NULL || w->second[0] == '\0' || x < box.x0 || x >= box.x1 || y < box.y0 || y >= box.y1)
            continue;
        n = snprintf(text + at, sizeof text - at, "%s%s", at > 0 ? " " : "", w->second);
        if (n < 0 || (size_t)n >= sizeof text - at) {
            text[at] = '\0';
            break;
        }
        at += (size_t)n;
    }
    if (at == 0)
        for (uint32_t i = 0; i < page->zone_count; i++)
            if (page->zones[i].second != NULL && page->zones[i].second[0] != '\0' &&
                memcmp(&page->zones[i].box, &box, sizeof box) == 0)
                return page->zones[i].second;
    return at == 0 ? "" : arena_copy(arena, text, at);
}

static void
tell_machine(const struct document *doc, struct arena *arena, struct field *field)
{
    struct provenance *p = provenance_of(field, arena);
    const char *second = "";

    if (p == NULL)
        return;
    if (field->page < doc->page_count && !box_is_empty(field->box))
        second = second_of(doc->pages[field->page], field->box, arena);
    p->second = second != NULL ? second : "";
    p->keying_count = 0;
    provenance_keyed(field, arena, NULL, 0);
}

void
story_machine(const struct document *doc, struct arena *arena, struct fields *fields)
{
    for (uint32_t i = 0; i < fields->count; i++)
        tell_machine(doc, arena, &fields->fields[i]);
}

void
story_ordered(const struct field *given, const struct provenance *before, struct arena *arena, struct field *field)
{
    struct provenance *p;

    /* *field is a copy of *given by now: its story is the order's, which knows the persons only. */
    field->story = NULL;
    if ((p = provenance_of(field, arena)) == NULL)
        return;
    if (before != NULL)
        *p = *before;
    for (uint32_t i = 0; given->story != NULL && i < given->story->keying_count; i++) {
        const struct keying *k = &given->story->keyings[i];

        if (k->by != ORIGIN_PERSON || p->keying_count >= KEYINGS_MAX)
            continue;
        p->keyings[p->keying_count++] = *k;
    }
}

static void
tell_names(const struct equation *q, const struct phrases *names, struct arena *arena, struct fields *fields,
           enum fired_how how)
{
    for (unsigned i = 0; i < names->count; i++) {
        struct field *f = fields_find(fields, names->items[i]);

        if (f != NULL && f->state == FIELD_VALUE)
            provenance_fired(f, arena, "equation", q->name != NULL ? q->name : q->result, how);
    }
}

static void
tell_equation(const struct form *form, const struct equation *q, struct arena *arena, struct fields *fields)
{
    struct phrases result = { .items = (char **)(const void *)&q->result, .count = 1 };
    const int answer = check_equation(form, q, fields);
    const enum fired_how how = answer > 0 ? FIRED_HELD : FIRED_FAILED;

    if (answer == 0)
        return;
    tell_names(q, &result, arena, fields, how);
    tell_names(q, &q->terms, arena, fields, how);
    tell_names(q, &q->minus, arena, fields, how);
    tell_names(q, &q->maybe, arena, fields, how);
    tell_names(q, &q->maybe_minus, arena, fields, how);
}

/* Checks of the value alone. */
static void
tell_checks(const struct form_field *form, struct arena *arena, struct field *field)
{
    if (field->state != FIELD_VALUE)
        return;
    for (unsigned i = 0; i < form->checks.count; i++) {
        const char *name = form->checks.items[i];
        const struct value_check *check = value_check_find(name);
        enum checkdigit_answer answer;

        if (check != NULL) {
            provenance_fired(field, arena, "check", name, check->holds(field->value) ? FIRED_HELD : FIRED_FAILED);
            continue;
        }
        answer = checkdigit_check(name, field->value);
        if (answer != CHECKDIGIT_UNKNOWN)
            provenance_fired(field, arena, "check", name, answer == CHECKDIGIT_GOOD ? FIRED_HELD : FIRED_FAILED);
    }
    if (form->pattern.count > 0)
        provenance_fired(field, arena, "check", "pattern",
                         value_matches(form, field->value) ? FIRED_HELD : FIRED_FAILED);
}

/* Whatever else a step doubts is a rule that spoke, too: its word says which. */
static void
tell_doubts(struct arena *arena, struct field *field)
{
    for (int i = 0; i < FIELD_REASONS_MAX && field->reasons[i] != REASON_NONE; i++)
        provenance_fired(field, arena, "reason", reason_row(field->reasons[i])->word, FIRED_FAILED);
}

static void
tell_list(const struct form_field *form, const struct codelist_set *lists, struct arena *arena, struct field *field)
{
    if (form->list == NULL || lists == NULL || field->state != FIELD_VALUE)
        return;
    for (int i = 0; i < FIELD_REASONS_MAX && field->reasons[i] != REASON_NONE; i++)
        if (field->reasons[i] == REASON_CODE_UNKNOWN || field->reasons[i] == REASON_LIST_OUTDATED) {
            provenance_fired(field, arena, "list", form->list, FIRED_FAILED);
            return;
        }
    if (codelists_ask(lists, form->list, field->value, NULL) != CODELIST_SILENT)
        provenance_fired(field, arena, "list", form->list, FIRED_HELD);
}

void
story_rules(const struct form *form, const struct codelist_set *lists, struct arena *arena, struct fields *fields)
{
    for (uint32_t i = 0; i < fields->count; i++) {
        const struct form_field *f = form_field(form, fields->fields[i].name);

        if (f == NULL)
            continue;
        tell_checks(f, arena, &fields->fields[i]);
        tell_list(f, lists, arena, &fields->fields[i]);
    }
    for (unsigned i = 0; i < form->equation_count; i++)
        tell_equation(form, &form->equations[i], arena, fields);
    for (uint32_t i = 0; i < fields->count; i++)
        tell_doubts(arena, &fields->fields[i]);
    for (uint32_t r = 0; r < fields->row_count; r++)
        for (uint32_t c = 0; c < fields->rows[r].count; c++)
            tell_doubts(arena, &fields->rows[r].cells[c]);
}

void
story_needed(struct field *field, struct arena *arena, double needed)
{
    struct provenance *p = field->story == NULL ? NULL : provenance_of(field, arena);

    if (p != NULL && needed >= 0 && needed <= 1)
        p->needed = needed;
}
