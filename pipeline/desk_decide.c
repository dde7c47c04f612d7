/* desk_decide.c - what a person says about an item, taken back, and as the order that goes on. */
#include "desk.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "doc/checkdigit.h"
#include "doc/provenance.h"
#include "doc/value.h"

static struct item *
item_of(struct session *s, const struct desk_ask *ask)
{
    struct item *item;

    if (s->work == NULL) {
        session_refuse(s, RC_NOT_FOUND, W_D_NO_DOCUMENT);
        return NULL;
    }
    if (ask->number >= s->work->count) {
        session_refuse(s, RC_NOT_FOUND, W_D_NO_ITEM);
        return NULL;
    }
    item = &s->work->items[ask->number];
    if (!item_allowed(s, item)) {
        session_refuse(s, RC_DENIED, W_D_NOT_ALLOWED);
        return NULL;
    }
    return item;
}

static void
answer_decided(struct session *s, uint32_t item, enum desk_outcome outcome, const char *message)
{
    struct desk_decided d = { .item = item, .outcome = (uint8_t)outcome, .mark = (uint8_t)s->work->items[item].mark,
                              .message = message, .next = work_next(s, item), .left = work_left(s) };
    struct buffer body;

    buffer_init(&body, 4096);
    desk_decided_write(&body, &d);
    session_answer(s, DESK_IS_DECIDED, &body);
    buffer_done(&body);
    s->prefetch = true;
}

static void
decide(struct session *s, uint32_t number, enum desk_mark mark, const char *value)
{
    struct work *w = s->work;
    struct item *item = &w->items[number];

    /* The oldest decision can no longer be taken back once the list is full. */
    if (w->undos == DESK_UNDOS) {
        memmove(w->undo, w->undo + 1, (DESK_UNDOS - 1) * sizeof *w->undo);
        w->undos--;
    }
    w->undo[w->undos++] = (struct undo){ number, item->mark, item->value };
    item->mark = mark;
    item->value = value;
    answer_decided(s, number, DESK_TAKEN, "");
}

void
answer_accept(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    struct item *item = item_of(s, ask);

    (void)desk;
    if (item == NULL)
        return;
    /* What was decided already stands; accepting it again moves on. */
    if (item->mark != DESK_FLAGGED && item->mark != DESK_QUIET) {
        answer_decided(s, ask->number, DESK_TAKEN, "");
        return;
    }
    if (item->field == NULL || item->field->state == FIELD_MISSING) {
        answer_decided(s, ask->number, DESK_REFUSED, word(s->spanish, W_EMPTY_VALUE));
        return;
    }
    if (item->key != NULL && !item_blind(item)) {
        if (item->key->value[0] == '\0')
            answer_decided(s, ask->number, DESK_REFUSED, word(s->spanish, W_EMPTY_VALUE));
        else
            decide(s, ask->number, DESK_CORRECTED, item->key->value);
        return;
    }
    if (item_blind(item)) {
        answer_decided(s, ask->number, DESK_REFUSED, word(s->spanish, W_D_TYPE_IT));
        return;
    }
    decide(s, ask->number, DESK_ACCEPTED, NULL);
}

enum word_id
value_doubt(const struct item *item, const char *value)
{
    const struct form_field *form = item->form;

    if (form == NULL)
        return 0;
    for (unsigned i = 0; i < form->code_count; i++)
        if (strcmp(form->codes[i].code, value) == 0)
            return 0;
    if (form->code_count > 0)
        return W_D_CODE;
    if (!value_matches(form, value))
        return W_D_PATTERN;
    for (unsigned i = 0; i < form->checks.count; i++)
        if (checkdigit_check(form->checks.items[i], value) == CHECKDIGIT_BAD)
            return W_D_CHECK;
    return 0;
}

void
answer_correct(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    struct item *item = item_of(s, ask);
    const char *value = NULL;
    enum word_id doubt;
    char text[400];

    (void)desk;
    if (item == NULL)
        return;
    value = text_printable(s->work->arena, ask->text, strlen(ask->text));
    if (value != NULL && item->form != NULL) {
        const char *canonical = NULL;

        if (value_canonical(item->form, value, s->work->arena, &canonical) != RC_OK) {
            answer_decided(s, ask->number, DESK_REFUSED, word(s->spanish, W_D_UNFIT));
            return;
        }
        value = canonical;
    }
    if (value == NULL) {
        session_refuse(s, RC_NOMEM, W_D_FULL);
        return;
    }
    if (value[0] == '\0' && item_type(item) != DESK_MARK) {
        answer_decided(s, ask->number, DESK_REFUSED, word(s->spanish, W_EMPTY_VALUE));
        return;
    }
    doubt = value_doubt(item, value);
    /* A printed number may really have a wrong check digit; the person, who sees it, may insist. */
    if (doubt != 0 && ask->flag == 0) {
        word_with(s->spanish, W_D_INSIST, (const char *const[2]){ word(s->spanish, doubt), "" }, text, sizeof text);
        answer_decided(s, ask->number, DESK_DOUBTED, text);
        return;
    }
    /* Two who read independently and say the same are right; one who is alone may have mistyped. */
    if (item_blind(item) && item->level == LEVEL_SINGLE && item->field->state == FIELD_VALUE) {
        if (item_same(item, value, item->field->value)) {
            decide(s, ask->number, DESK_ACCEPTED, NULL);
            return;
        }
        if (ask->flag == 0) {
            answer_decided(s, ask->number, DESK_DOUBTED, word(s->spanish, W_D_DIFFERS));
            return;
        }
    }
    decide(s, ask->number, DESK_CORRECTED, value);
}

void
answer_blank(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    (void)desk;
    if (item_of(s, ask) != NULL)
        decide(s, ask->number, DESK_IS_BLANK, NULL);
}

void
answer_unreadable(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    (void)desk;
    if (item_of(s, ask) != NULL)
        decide(s, ask->number, DESK_NOT_READABLE, NULL);
}

void
answer_undo(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    struct undo *last;

    (void)desk;
    (void)ask;
    if (s->work == NULL) {
        session_refuse(s, RC_NOT_FOUND, W_D_NO_DOCUMENT);
        return;
    }
    if (s->work->undos == 0) {
        session_refuse(s, RC_NOT_FOUND, W_NOTHING_TO_UNDO);
        return;
    }
    last = &s->work->undo[--s->work->undos];
    s->work->items[last->item].mark = last->mark;
    s->work->items[last->item].value = last->value;
    answer_decided(s, last->item, DESK_TAKEN, "");
}

/* ---- the order ---- */

static bool
is_decided(const struct item *item)
{
    return item->mark != DESK_QUIET && item->mark != DESK_FLAGGED;
}

struct field
item_ordered(const struct item *item)
{
    struct field f = { .name = item->column, .value = "", .text = "", .confidence = 1, .verdict = FIELD_AUTO,
                       .state = FIELD_VALUE, .origin = ORIGIN_PERSON };

    if (item->field != NULL) {
        f.text = item->field->text;
        f.page = item->field->page;
        f.box = item->field->box;
    }
    switch (item->mark) {
    case DESK_ACCEPTED:
        f.value = item->field->value;
        f.state = item->field->state;
        break;
    case DESK_CORRECTED: f.value = item->value; break;
    case DESK_IS_BLANK: f.state = FIELD_BLANK; break;
    case DESK_NOT_READABLE: f.state = FIELD_UNREADABLE; break;
    default: break;
    }
    item_keyed(item, &f);
    return f;
}

/* Put a field into a list where a later one of the same name wins. */
static void
put(struct field *list, uint32_t *count, const struct field *f)
{
    for (uint32_t i = 0; i < *count; i++)
        if (strcmp(list[i].name, f->name) == 0) {
            list[i] = *f;
            return;
        }
    list[(*count)++] = *f;
}

/* The order tells who keyed what and when: of a cell the machine's value first, then everybody's before this person. */
static void
sign(const struct work *w, const struct item *item, struct arena *arena, struct field *f)
{
    const struct fields *before = w->by_hand ? NULL : w->before;
    const struct field *earlier = item_in(before, item);
    const struct field *machine = item->field != NULL && item->row >= 0 && !w->by_hand ? item->field : NULL;
    struct field of_machine;

    f->story = NULL;
    if (machine != NULL && machine->origin != ORIGIN_PERSON) {
        of_machine = *machine;
        of_machine.story = NULL;
        provenance_keyed(&of_machine, arena, NULL, 0);
        f->story = of_machine.story;
    }
    if (earlier != NULL && earlier->story != NULL)
        for (uint32_t i = 0; i < earlier->story->keying_count; i++) {
            const struct keying *k = &earlier->story->keyings[i];
            struct provenance *p = k->by == ORIGIN_PERSON ? provenance_of(f, arena) : NULL;

            if (p != NULL && p->keying_count < KEYINGS_MAX)
                p->keyings[p->keying_count++] = *k;
        }
    provenance_keyed(f, arena, &w->person, clock_wall_ms() / 1000);
}

static enum rc
order_rows(const struct work *w, struct arena *arena, struct fields *order)
{
    uint32_t old = w->before != NULL && !w->by_hand ? w->before->row_count : 0;
    uint32_t rows = old;

    for (uint32_t i = 0; i < w->count; i++)
        if (w->items[i].row >= 0 && is_decided(&w->items[i]) && (uint32_t)w->items[i].row + 1 > rows)
            rows = (uint32_t)w->items[i].row + 1;
    order->rows = arena_array(arena, rows, sizeof *order->rows);
    if (order->rows == NULL)
        return RC_NOMEM;
    order->row_count = rows;
    for (uint32_t r = 0; r < rows; r++) {
        uint32_t most = r < old ? w->before->rows[r].count : 0;

        for (uint32_t i = 0; i < w->count; i++)
            most += w->items[i].row == (int)r && is_decided(&w->items[i]);
        if ((order->rows[r].cells = arena_array(arena, most, sizeof(struct field))) == NULL)
            return RC_NOMEM;
        for (uint32_t c = 0; r < old && c < w->before->rows[r].count; c++)
            put(order->rows[r].cells, &order->rows[r].count, &w->before->rows[r].cells[c]);
    }
    for (uint32_t i = 0; i < w->count; i++)
        if (w->items[i].row >= 0 && is_decided(&w->items[i])) {
            struct field_row *row = &order->rows[w->items[i].row];
            struct field f = item_ordered(&w->items[i]);

            sign(w, &w->items[i], arena, &f);
            put(row->cells, &row->count, &f);
        }
    return RC_OK;
}

enum rc
work_order(const struct work *w, const char *form, struct arena *arena, struct bytes *out, uint32_t *accepted,
           uint32_t *corrected)
{
    uint32_t old = w->before != NULL && !w->by_hand ? w->before->count : 0;
    struct fields *order = arena_alloc(arena, sizeof *order);
    struct buffer b;
    enum rc rc;

    *accepted = *corrected = 0;
    if (order == NULL || (order->fields = arena_array(arena, old + w->count, sizeof(struct field))) == NULL)
        return RC_NOMEM;
    /* The form is part of what was said: values of an invoice must not end up in a receipt. */
    order->form = form;
    order->form_confidence = 1;
    for (uint32_t i = 0; i < old; i++)
        put(order->fields, &order->count, &w->before->fields[i]);
    for (uint32_t i = 0; i < w->count; i++) {
        struct field f;

        if (!is_decided(&w->items[i]))
            continue;
        *accepted += w->items[i].mark == DESK_ACCEPTED;
        *corrected += w->items[i].mark != DESK_ACCEPTED;
        if (w->items[i].row >= 0)
            continue;
        f = item_ordered(&w->items[i]);
        sign(w, &w->items[i], arena, &f);
        put(order->fields, &order->count, &f);
    }
    if ((rc = order_rows(w, arena, order)) != RC_OK)
        return rc;
    buffer_init(&b, 16u << 20);
    fields_write(&b, order);
    rc = b.failed ? RC_LIMIT : RC_OK;
    if (rc == RC_OK) {
        void *copy = arena_copy(arena, b.data, b.size);

        *out = bytes_of(copy, b.size);
        rc = copy == NULL ? RC_NOMEM : RC_OK;
    }
    buffer_done(&b);
    return rc;
}
