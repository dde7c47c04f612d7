/* desk_judge.c - values that are typed unseen, by one person or by two; and what was said of them, as numbers. */
#include "desk.h"

#include <string.h>

#include "base/text.h"
#include "doc/terms.h"

static bool
says(const struct field *field, enum reason reason)
{
    for (int i = 0; i < FIELD_REASONS_MAX && field->reasons[i] != REASON_NONE; i++)
        if (field->reasons[i] == reason)
            return true;
    return false;
}

bool
item_blind(const struct item *item)
{
    return item->level >= LEVEL_SINGLE && item->field != NULL && item->mark != DESK_ACCEPTED;
}

/* The letters and figures of a text, folded: what is left of "ACME, S.A." and "Acme S.A." is the same. */
static bool
next_sign(const unsigned char **at, unsigned char *out)
{
    for (; **at != '\0'; (*at)++) {
        unsigned char c = **at;

        if (c >= 'a' && c <= 'z')
            c = (unsigned char)(c - 'a' + 'A');
        if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80) {
            *out = c;
            (*at)++;
            return true;
        }
    }
    return false;
}

bool
item_same(const struct item *item, const char *a, const char *b)
{
    const unsigned char *p = (const unsigned char *)a, *q = (const unsigned char *)b;
    enum desk_type type = item_type(item);

    if (type == DESK_MONEY || type == DESK_DATE || type == DESK_NUMBER || type == DESK_MARK || type == DESK_CODE)
        return strcmp(a, b) == 0;
    for (;;) {
        unsigned char x = 0, y = 0;
        bool more = next_sign(&p, &x), other = next_sign(&q, &y);

        if (more != other || x != y)
            return false;
        if (!more)
            return true;
    }
}

static const struct field *
said_before(const struct work *w, const struct item *item)
{
    const struct fields *before = w->before;

    if (before == NULL || w->by_hand)
        return NULL;
    if (item->row < 0)
        return fields_find(before, item->name);
    for (uint32_t c = 0; (uint32_t)item->row < before->row_count && c < before->rows[item->row].count; c++)
        if (strcmp(before->rows[item->row].cells[c].name, item->column) == 0)
            return &before->rows[item->row].cells[c];
    return NULL;
}

void
work_rounds(struct work *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        struct item *item = &w->items[i];
        const struct field *said = said_before(w, item);

        item->level = item->field != NULL && item->field->verdict == FIELD_REVIEW && !w->by_hand ? item->field->level
                                                                                                  : LEVEL_CONFIRM;
        if (said == NULL || said->origin != ORIGIN_PERSON)
            continue;
        if (said->verdict != FIELD_REVIEW) {
            item->mark = DESK_QUIET;
            continue;
        }
        item->key = said;
        item->mark = DESK_FLAGGED;
        /* The third sees what the two typed and decides. */
        item->level = says(said, REASON_KEYS_DIFFER) ? LEVEL_CONFIRM : LEVEL_DOUBLE;
    }
}

/* A place for each thing that may be said: a value, or that there is none. */
static bool
same_said(const struct item *item, const struct field *a, const struct field *b)
{
    return a->state == b->state && (a->state != FIELD_VALUE || item_same(item, a->value, b->value));
}

void
item_keyed(const struct item *item, struct field *f)
{
    if (item->level != LEVEL_DOUBLE || item->field == NULL)
        return;
    if (item->key == NULL) {
        field_doubt(f, REASON_SECOND_KEY);
    } else if (!same_said(item, item->key, f)) {
        const char *second = f->state == FIELD_VALUE ? f->value : "";

        f->value = item->key->state == FIELD_VALUE ? item->key->value : "";
        f->text = second;
        f->state = FIELD_VALUE;
        field_doubt(f, REASON_KEYS_DIFFER);
    }
}

/* Of what kind was the question that a person answered? */
static enum judged_way
way_of(const struct field *machine)
{
    if (machine->verdict != FIELD_REVIEW)
        return JUDGED_FOUND;
    if (says(machine, REASON_SAMPLED))
        return JUDGED_DRAWN;
    for (int i = 0; i < FIELD_REASONS_MAX && machine->reasons[i] != REASON_NONE; i++)
        if (machine->reasons[i] != REASON_LOW_CONFIDENCE && reason_row(machine->reasons[i])->class != CLASS_NOTE)
            return JUDGED_RULED;
    return JUDGED_DOUBTED;
}

static bool
judge(const struct item *item, struct arena *arena, struct judgement *out)
{
    const struct field *machine = item->field;
    struct field said;

    if (machine == NULL || machine->state != FIELD_VALUE || machine->origin == ORIGIN_PERSON || item->form == NULL ||
        item->mark == DESK_QUIET || item->mark == DESK_FLAGGED || item->mark == DESK_NOT_READABLE)
        return false;
    said = item_ordered(item);
    if (said.verdict == FIELD_REVIEW)
        return false;
    *out = (struct judgement){ .field = item->row < 0 ? item->name : terms_column(item->column, arena),
                               .stated = machine->stated > 0 ? machine->stated : machine->confidence,
                               .way = way_of(machine),
                               .keyed = item->key != NULL ? LEVEL_DOUBLE : item->level == LEVEL_AUTO ? LEVEL_CONFIRM
                                                                                                     : item->level };
    out->right = item->mark == DESK_ACCEPTED ||
                 (item->mark == DESK_CORRECTED && item_same(item, item->value, machine->value));
    return out->field != NULL && terms_name(out->field);
}

enum rc
work_judged(const struct work *w, struct arena *arena, const struct judgement **out, uint32_t *count)
{
    struct judgement *list = arena_array(arena, w->count + 1u, sizeof *list);

    *count = 0;
    if (list == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < w->count; i++)
        *count += judge(&w->items[i], arena, &list[*count]);
    *out = list;
    return RC_OK;
}

enum reason
work_unsettled(const struct work *w)
{
    enum reason reason = REASON_NONE;

    for (uint32_t i = 0; i < w->count; i++) {
        struct field said;

        if (w->items[i].mark == DESK_QUIET || w->items[i].mark == DESK_FLAGGED)
            continue;
        said = item_ordered(&w->items[i]);
        if (says(&said, REASON_KEYS_DIFFER))
            return REASON_KEYS_DIFFER;
        if (said.verdict == FIELD_REVIEW)
            reason = REASON_SECOND_KEY;
    }
    return reason;
}
