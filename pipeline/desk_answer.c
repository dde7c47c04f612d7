/*
 * desk_answer.c - the questions of the station: each has a row that says what it costs and
 * what must be true before anybody looks at it.
 */
#include "desk.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

/* A person reads some thirty fields a minute; a program that empties the queue asks faster. */
#define TOKENS_MAX 120.0
#define TOKENS_A_SECOND 3.0
#define IDLE_SECONDS 120

static void answer_hello(struct desk *desk, struct session *s, const struct desk_ask *ask);
static void answer_queue(struct desk *desk, struct session *s, const struct desk_ask *ask);
static void answer_take(struct desk *desk, struct session *s, const struct desk_ask *ask);
static void answer_field(struct desk *desk, struct session *s, const struct desk_ask *ask);
static void answer_forms(struct desk *desk, struct session *s, const struct desk_ask *ask);
static void answer_add_row(struct desk *desk, struct session *s, const struct desk_ask *ask);
static void answer_ping(struct desk *desk, struct session *s, const struct desk_ask *ask);

static const struct question {
    enum desk_what what;
    bool stranger; /* may be asked before HELLO            */
    bool document; /* needs a document, whose lease it renews */
    double cost;
    void (*answer)(struct desk *desk, struct session *s, const struct desk_ask *ask);
} questions[] = {
    /* what              stranger doc    cost */
    { DESK_HELLO,        true,    false, 2,   answer_hello },
    { DESK_QUEUE,        false,   false, 1,   answer_queue },
    { DESK_TAKE,         false,   false, 6,   answer_take },
    { DESK_FIELD,        false,   true,  2,   answer_field },
    { DESK_CROP,         false,   true,  1,   answer_crop },
    { DESK_ACCEPT,       false,   true,  0.2, answer_accept },
    { DESK_CORRECT,      false,   true,  0.2, answer_correct },
    { DESK_BLANK,        false,   true,  0.2, answer_blank },
    { DESK_UNREADABLE,   false,   true,  0.2, answer_unreadable },
    { DESK_UNDO,         false,   true,  0.2, answer_undo },
    { DESK_FORMS,        false,   false, 0.5, answer_forms },
    { DESK_RETYPE,       false,   true,  2,   answer_retype },
    { DESK_ADD_ROW,      false,   true,  1,   answer_add_row },
    { DESK_REJECT,       false,   true,  1,   answer_reject },
    { DESK_FINISH,       false,   true,  1,   answer_finish },
    { DESK_LEAVE,        false,   false, 1,   answer_leave },
    { DESK_SKIP,         false,   true,  1,   answer_skip },
    { DESK_PING,         false,   false, 0.2, answer_ping },
    { DESK_REPLAY,       false,   false, 6,   answer_replay },
    { DESK_RERUN,        false,   true,  3,   answer_rerun },
};

/* The budget of this system user; a new one takes the place that was longest unused, which is full again anyway. */
static struct budget *
budget_of(struct desk *desk, uint32_t uid)
{
    struct budget *oldest = &desk->budgets[0];

    for (int i = 0; i < DESK_BUDGETS; i++) {
        struct budget *b = &desk->budgets[i];

        if (b->used && b->uid == uid)
            return b;
        if (oldest->used && (!b->used || b->at_ms < oldest->at_ms))
            oldest = b;
    }
    *oldest = (struct budget){ uid, true, TOKENS_MAX, clock_ms() };
    return oldest;
}

static bool
affords(struct desk *desk, const struct session *s, double cost)
{
    struct budget *b = budget_of(desk, s->uid);
    int64_t now = clock_ms();

    b->tokens += (double)(now - b->at_ms) / 1000 * TOKENS_A_SECOND;
    b->at_ms = now;
    if (b->tokens > TOKENS_MAX)
        b->tokens = TOKENS_MAX;
    if (b->tokens < cost)
        return false;
    b->tokens -= cost;
    return true;
}

void
desk_answer(struct desk *desk, struct session *s, uint16_t what, struct bytes body)
{
    struct arena *arena = arena_new(1u << 16);
    const struct question *q = NULL;
    struct desk_ask ask;
    enum rc rc;

    for (size_t i = 0; i < COUNT_OF(questions); i++)
        if ((uint16_t)questions[i].what == what)
            q = &questions[i];
    if (arena == NULL || q == NULL || (!q->stranger && !s->known) || desk_ask_read(what, body, arena, &ask) != RC_OK) {
        log_event(LOG_WARN, "desk.odd", LOG_INT("what", what), LOG_INT("known", s->known));
        session_refuse(s, RC_INPUT, W_D_BROKEN);
        s->closing = true;
    } else if (!affords(desk, s, q->cost)) {
        log_event(LOG_WARN, "desk.slower", LOG_ID("person", s->person.id.b));
        session_refuse(s, RC_BUSY, W_D_SLOWER);
    } else if (q->document && s->work == NULL) {
        session_refuse(s, RC_LOST, W_D_NO_DOCUMENT);
    } else if (q->document && s->work->task.replay != (q->what == DESK_RERUN) &&
               !(s->work->task.replay && q->what == DESK_CROP)) {
        /* A look back decides nothing; and nothing that waits for a person is run again. */
        session_refuse(s, RC_DENIED, W_D_NOT_ALLOWED);
    } else if ((rc = work_renew(desk, s)) != RC_OK) {
        /* The database may be away for a moment; only a lost lease loses the document. */
        session_refuse(s, rc == RC_LOST ? RC_LOST : RC_DB, rc == RC_LOST ? W_D_LEASE : W_D_DATABASE);
        if (rc == RC_LOST)
            work_end(desk, s, false);
    } else {
        q->answer(desk, s, &ask);
    }
    arena_free(arena);
}

static const char *
reason_words(const struct session *s, unsigned reason)
{
    const struct reason_row *row = reason_row(reason);

    if (row->reason == REASON_NONE)
        return "";
    return s->spanish ? row->es : row->en;
}

static const char *
title_of(const struct session *s, const struct title *title, const char *name)
{
    const char *t = s->spanish && title->es != NULL ? title->es : title->en;

    return t == NULL || t[0] == '\0' ? name : t;
}

/* ---- who is there ---- */

static void
answer_hello(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    struct person person;
    struct desk_welcome w;
    struct buffer body;
    enum rc rc;

    s->spanish = strncmp(ask->text, "es", 2) == 0;
    if (ask->number != DESK_VERSION) {
        session_refuse(s, RC_INPUT, W_D_VERSION);
        s->closing = true;
        return;
    }
    if ((rc = store_person(desk->db, s->user, &person)) != RC_OK) {
        if (rc == RC_NOT_FOUND)
            rc = RC_DENIED;
        log_event(LOG_WARN, "desk.unknown_person", LOG_RC(rc));
        session_refuse(s, rc, rc == RC_DENIED ? W_D_UNKNOWN : W_D_DATABASE);
        s->closing = true;
        return;
    }
    if (!s->known)
        log_event(LOG_INFO, "desk.came", LOG_ID("person", person.id.b));
    s->person = person;
    s->known = true;
    if (ask->text[0] == '\0')
        s->spanish = strncmp(person.language, "es", 2) == 0;
    w = (struct desk_welcome){ DESK_VERSION, person.name, person.role, ask->text[0] != '\0' ? "" : person.language,
                               IDLE_SECONDS, 0 };
    buffer_init(&body, 4096);
    desk_welcome_write(&body, &w);
    session_answer(s, DESK_IS_WELCOME, &body);
    buffer_done(&body);
}

static void
answer_ping(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    struct buffer body;

    (void)desk;
    (void)ask;
    buffer_init(&body, 64);
    session_answer(s, DESK_IS_PONG, &body);
    buffer_done(&body);
}

/* ---- what waits ---- */

static void
answer_queue(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    struct arena *arena = arena_new(2u << 20);
    struct review_row *waiting = NULL;
    struct desk_queue queue = { 0, NULL, 0 };
    struct buffer body;
    const int64_t now = clock_wall_ms() / 1000;
    uint32_t count = 0;
    enum rc rc = RC_NOMEM;

    (void)ask;
    buffer_init(&body, 1u << 20);
    if (arena != NULL)
        rc = store_review_list(desk->db, &s->person.id, DESK_ROWS_MAX, arena, &waiting, &count);
    queue.total = count;
    if (rc == RC_OK && (queue.rows = arena_array(arena, count, sizeof *queue.rows)) == NULL)
        rc = RC_NOMEM;
    for (uint32_t i = 0; rc == RC_OK && i < count; i++) {
        const struct form *form = forms_find(desk->forms, waiting[i].form);
        struct desk_row *row = &queue.rows[queue.count++];

        row->document = waiting[i].document;
        row->form = form != NULL ? title_of(s, &form->title, form->name) : "";
        row->reason = (uint32_t)waiting[i].reason;
        row->why = reason_words(s, waiting[i].reason);
        row->waiting = waiting[i].queued < now ? (uint32_t)(now - waiting[i].queued) : 0;
        row->deadline = waiting[i].deadline;
        row->pages = waiting[i].pages;
        row->taken = waiting[i].taken;
    }
    if (rc == RC_OK) {
        desk_queue_write(&body, &queue);
        session_answer(s, DESK_IS_QUEUE, &body);
    } else {
        session_refuse(s, rc, rc == RC_DENIED ? W_D_UNKNOWN : W_D_DATABASE);
    }
    buffer_done(&body);
    arena_free(arena);
}

/* ---- the document ---- */

static enum desk_date_order
date_order(const struct form *form)
{
    bool english = false;

    for (unsigned i = 0; form != NULL && i < form->languages.count; i++) {
        if (strcmp(form->languages.items[i], "en") != 0 && strcmp(form->languages.items[i], "eng") != 0)
            return form->languages.count > 1 ? DESK_ORDER_UNKNOWN : DESK_DAY_FIRST;
        english = true;
    }
    /* A fixed form in English only is an American one: CMS-1500, UB-04, W-2. */
    return form != NULL && english && form->fixed ? DESK_MONTH_FIRST : DESK_ORDER_UNKNOWN;
}

static const char *
item_title(const struct session *s, const struct item *item, struct arena *arena)
{
    const char *title = item->form == NULL ? item->column : title_of(s, &item->form->title, item->column);
    const char *line;

    if (item->row < 0)
        return title;
    line = arena_printf(arena, s->spanish ? "L\xc3\xadnea %d: %s" : "Line %d: %s", item->row + 1, title);
    return line == NULL ? title : line;
}

/* Why it waits; with the beginning of the document that came before, as `escriba document show` takes it. */
static const char *
why_of(const struct session *s, const struct work *w, struct arena *arena)
{
    const char *why = reason_words(s, (unsigned)w->task.reason);
    char id[ID_TEXT], *line;

    if (id_is_zero(&w->twin) || arena == NULL)
        return why;
    id_text(&w->twin, id);
    line = arena_printf(arena, s->spanish ? "%s (el otro es %.8s)" : "%s (the other is %.8s)", why, id);
    return line != NULL ? line : why;
}

void
answer_document(struct session *s)
{
    struct work *w = s->work;
    struct arena *arena = arena_new(4u << 20);
    struct desk_document d = { .id = w->task.document, .form = "", .title = "", .version = w->task.version,
                               .pages = w->page_count, .deadline = w->task.deadline };
    struct buffer body;

    d.why = why_of(s, w, arena);
    if (w->form != NULL) {
        d.form = w->form->name;
        d.title = title_of(s, &w->form->title, w->form->name);
        d.table = w->form->table != NULL;
    }
    d.date_order = (uint8_t)date_order(w->form);
    d.count = w->count;
    d.items = arena == NULL ? NULL : arena_array(arena, w->count, sizeof *d.items);
    buffer_init(&body, DESK_ANSWER_MAX);
    for (uint32_t i = 0; d.items != NULL && i < w->count; i++) {
        const struct item *item = &w->items[i];

        d.items[i] = (struct desk_item){ item->name, item_title(s, item, arena), (uint8_t)item_type(item),
                                         (uint8_t)item->mark, item->form != NULL && item->form->required,
                                         item->field == NULL ? 0 : item->field->page };
        /* What this person may not see is no question to them. */
        if (!item_allowed(s, item) && item->mark == DESK_FLAGGED)
            d.items[i].mark = DESK_QUIET;
    }
    if (d.items != NULL) {
        desk_document_write(&body, &d);
        session_answer(s, DESK_IS_DOCUMENT, &body);
    } else {
        session_refuse(s, RC_NOMEM, W_D_FULL);
    }
    buffer_done(&body);
    arena_free(arena);
}

/* The next one that this person has not put aside in this sitting. */
static enum rc
take_next(struct desk *desk, struct session *s, enum word_id *why)
{
    struct arena *arena = arena_new(2u << 20);
    struct review_row *waiting = NULL;
    uint32_t count = 0;
    enum rc rc = RC_NOMEM;

    if (arena != NULL)
        rc = store_review_list(desk->db, &s->person.id, DESK_ROWS_MAX, arena, &waiting, &count);
    *why = W_D_DATABASE;
    if (rc == RC_OK)
        rc = RC_NOT_FOUND;
    for (uint32_t i = 0; rc == RC_NOT_FOUND && i < count; i++)
        if (!waiting[i].taken && !session_skipped(s, &waiting[i].document))
            rc = work_take(desk, s, &waiting[i].document, why);
    if (rc == RC_NOT_FOUND)
        *why = W_D_NONE_WAITING;
    arena_free(arena);
    return rc;
}

static void
answer_take(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    enum word_id why = W_D_NONE_WAITING;
    enum rc rc;

    work_end(desk, s, true);
    if (!id_is_zero(&ask->id))
        rc = work_take(desk, s, &ask->id, &why);
    else if (s->skipped_count > 0)
        rc = take_next(desk, s, &why);
    else
        rc = work_take(desk, s, NULL, &why);
    if (rc == RC_OK)
        answer_document(s);
    else
        session_refuse(s, rc, why);
}

/* ---- one field ---- */

static void
field_choices(const struct item *item, const char **choices, uint32_t *count)
{
    const struct form_field *form = item->form;

    if (form != NULL)
        for (unsigned i = 0; i < form->code_count && *count < DESK_LIST_MAX; i++)
            choices[(*count)++] = form->codes[i].code;
    if (form != NULL && form->type == VALUE_MARK && form->code_count == 0)
        choices[(*count)++] = "X";
    if (*count == 0 && item->key != NULL && !item_blind(item)) {
        choices[(*count)++] = item->key->value;
        choices[(*count)++] = item->key->text;
    }
    /* Another reading: as printed, where the canonical value is something else. */
    if (*count == 0 && !item_blind(item) && (item_type(item) == DESK_TEXT || item_type(item) == DESK_ID) &&
        item->field != NULL &&
        item->field->text[0] != '\0' &&
        strcmp(item->field->text, item->field->value) != 0)
        choices[(*count)++] = item->field->text;
}

static void
answer_field(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    const char *reasons[FIELD_REASONS_MAX];
    const char *choices[DESK_LIST_MAX];
    struct desk_field f = { .item = ask->number, .value = "", .text = "", .state = DESK_HAS_NOTHING,
                            .reasons = reasons, .choices = choices };
    struct buffer body;
    struct item *item;
    char name[100];
    enum rc rc = RC_OK;

    if (ask->number >= s->work->count) {
        session_refuse(s, RC_NOT_FOUND, W_D_NO_ITEM);
        return;
    }
    item = &s->work->items[ask->number];
    if (!item_allowed(s, item)) {
        session_refuse(s, RC_DENIED, W_D_NOT_ALLOWED);
        return;
    }
    snprintf(name, sizeof name, "%.99s", item->name);
    if (!item->seen)
        rc = store_review_saw(desk->db, &s->person.id, &s->work->task, name);
    if (rc != RC_OK) {
        session_refuse(s, rc, rc == RC_LOST ? W_D_LEASE : W_D_DATABASE);
        return;
    }
    item->seen = true;
    s->looking = ask->number;
    if (item->field != NULL) {
        const struct field *m = item->field;

        f.value = m->value;
        f.text = m->text;
        f.state = (uint8_t)m->state;
        f.sure = (uint16_t)(m->confidence < 0 ? 0 : m->confidence > 1 ? 1000 : m->confidence * 1000);
        f.picture = !box_is_empty(m->box);
        f.page = m->page;
        for (int i = 0; i < FIELD_REASONS_MAX && m->reasons[i] != 0; i++)
            reasons[f.reason_count++] = reason_words(s, m->reasons[i]);
    }
    if (item_blind(item)) {
        f.value = f.text = "";
        f.state = DESK_HAS_HIDDEN;
        f.sure = 0;
    } else if (item->key != NULL && item->mark == DESK_FLAGGED) {
        /* What two persons typed, to be decided by this one. */
        f.value = item->key->value;
        f.text = item->key->text;
        reasons[0] = reason_words(s, REASON_KEYS_DIFFER);
        f.reason_count = 1;
        f.state = DESK_HAS_VALUE;
    }
    if (item->mark == DESK_CORRECTED) {
        f.value = item->value;
        f.state = DESK_HAS_VALUE;
    } else if (item->mark == DESK_IS_BLANK || item->mark == DESK_NOT_READABLE) {
        f.value = "";
        f.state = item->mark == DESK_IS_BLANK ? DESK_HAS_BLANK : DESK_HAS_UNREADABLE;
    }
    field_choices(item, choices, &f.choice_count);
    buffer_init(&body, DESK_ANSWER_MAX);
    desk_field_write(&body, &f);
    session_answer(s, DESK_IS_FIELD, &body);
    buffer_done(&body);
}

static void
answer_add_row(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    (void)desk;
    (void)ask;
    if (work_add_row(s->work) == RC_OK)
        answer_document(s);
    else
        session_refuse(s, RC_LIMIT, W_D_NO_ROWS);
}

static void
answer_forms(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    struct desk_form forms[DESK_LIST_MAX];
    struct desk_forms list = { forms, 0 };
    struct buffer body;

    (void)ask;
    for (unsigned i = 0; i < desk->forms->count && list.count < DESK_LIST_MAX; i++) {
        const struct form *form = desk->forms->forms[i];

        forms[list.count++] = (struct desk_form){ form->name, title_of(s, &form->title, form->name) };
    }
    buffer_init(&body, 1u << 17);
    desk_forms_write(&body, &list);
    session_answer(s, DESK_IS_FORMS, &body);
    buffer_done(&body);
}
