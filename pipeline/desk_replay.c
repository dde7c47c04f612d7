/* desk_replay.c - how a value came about, for a person who may look back: told from what is stored and sealed. */
#include "desk.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "doc/cause.h"
#include "doc/provenance.h"
#include "doc/value.h"
#include "sys/vault.h"

#define VERSIONS_SHOWN 16u  /* of the document, the newest                     */
#define PAGES_SEARCHED 60u  /* for what is right                               */
#define HANDS_ROOM (VERSIONS_SHOWN * KEYINGS_MAX)
#define READINGS_ARENA (48u << 20)
#define DIGITS_LEAST 4

enum desk_state
replay_state(const struct field *field)
{
    static const enum desk_state states[] = { [FIELD_VALUE] = DESK_HAS_VALUE, [FIELD_BLANK] = DESK_HAS_BLANK,
                                              [FIELD_UNREADABLE] = DESK_HAS_UNREADABLE,
                                              [FIELD_MISSING] = DESK_HAS_NOTHING };

    return field == NULL || (unsigned)field->state >= COUNT_OF(states) ? DESK_HAS_NOTHING : states[field->state];
}

/* The fields of one version; RC_NOT_FOUND when nothing is kept of it. */
static enum rc
version_fields(struct desk *desk, struct work *w, uint32_t version, struct fields **out)
{
    const struct seal_place place = { ARTIFACT_FIELDS, 0, version, 0, true };
    struct bytes sealed, plain;
    enum rc rc = store_replay_load(desk->db, &w->task, ARTIFACT_FIELDS, 0, version, w->arena, &sealed);

    if (rc != RC_OK)
        return rc;
    if (w->document_key == NULL)
        return RC_SEAL;
    if ((rc = vault_open(w->document_key, &place, sealed, w->arena, &plain)) != RC_OK)
        return rc;
    return fields_read(plain, w->arena, out);
}

static const char *
name_of(const struct replay_person *persons, uint32_t count, const struct id *who)
{
    for (uint32_t i = 0; i < count; i++)
        if (id_equal(&persons[i].id, who))
            return persons[i].name;
    return "";
}

/* What each version says of the field, and the hands that made it so. */
struct told {
    struct replay_person *persons;
    uint32_t person_count;
    const struct field *of[VERSIONS_SHOWN]; /* oldest first */
    uint32_t version[VERSIONS_SHOWN];
    uint32_t count;
};

static enum rc
tell_versions(struct desk *desk, struct work *w, const struct item *item, struct told *told, struct desk_replay *out)
{
    uint32_t first = w->task.version > VERSIONS_SHOWN ? w->task.version - VERSIONS_SHOWN + 1 : 1;
    enum rc rc;

    if ((out->hands = arena_array(w->arena, HANDS_ROOM, sizeof *out->hands)) == NULL)
        return RC_NOMEM;
    for (uint32_t v = first; v <= w->task.version; v++) {
        struct fields *fields = NULL;
        const struct field *f;

        if ((rc = version_fields(desk, w, v, &fields)) == RC_NOT_FOUND)
            continue;
        if (rc != RC_OK)
            return rc;
        if ((f = item_in(fields, item)) == NULL)
            continue;
        told->of[told->count] = f;
        told->version[told->count++] = v;
        for (uint32_t k = 0; f->story != NULL && k < f->story->keying_count; k++) {
            const struct keying *key = &f->story->keyings[k];
            struct field state = { .state = key->state };

            out->hands[out->hand_count++] = (struct desk_hand){
                v, (uint8_t)key->by, (uint8_t)replay_state(&state), key->at,
                key->by == ORIGIN_PERSON ? name_of(told->persons, told->person_count, &key->who) : "", key->value };
        }
        if (f->story == NULL || f->story->keying_count == 0) /* stored by an older program */
            out->hands[out->hand_count++] = (struct desk_hand){ v, (uint8_t)f->origin, (uint8_t)replay_state(f), 0, "",
                                                                f->value };
    }
    return RC_OK;
}

static enum rc
tell_sent(struct desk *desk, struct work *w, struct desk_replay *out)
{
    struct replay_sent *sent;
    uint32_t count;
    enum rc rc = store_replay_sent(desk->db, &w->task, w->arena, &sent, &count);

    if (rc != RC_OK)
        return rc;
    if (count > DESK_LIST_MAX)
        count = DESK_LIST_MAX;
    if ((out->sent = arena_array(w->arena, count, sizeof *out->sent)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < count; i++)
        out->sent[i] = (struct desk_sent){ sent[i].version, sent[i].refusal, sent[i].seq, sent[i].at };
    out->sent_count = count;
    return RC_OK;
}

static uint16_t
thousandths(double v)
{
    return (uint16_t)(v <= 0 ? 0 : v >= 1 ? 1000 : v * 1000 + 0.5);
}

static enum rc
tell_value(const struct session *s, const struct work *w, const struct field *f, struct desk_replay *out)
{
    const struct provenance *p = f->story;

    out->value = f->value;
    out->text = f->text;
    out->state = (uint8_t)replay_state(f);
    out->origin = (uint8_t)f->origin;
    out->verdict = (uint8_t)f->verdict;
    out->picture = !box_is_empty(f->box);
    out->page = f->page;
    out->sure = thousandths(f->confidence);
    out->reasons = arena_array(w->arena, FIELD_REASONS_MAX, sizeof *out->reasons);
    if (out->reasons == NULL)
        return RC_NOMEM;
    for (int i = 0; i < FIELD_REASONS_MAX && f->reasons[i] != 0; i++) {
        const struct reason_row *row = reason_row(f->reasons[i]);

        out->reasons[out->reason_count++] = s->spanish ? row->es : row->en;
    }
    if (p == NULL)
        return RC_OK;
    out->second = p->second;
    out->needed = thousandths(p->needed);
    out->others = arena_array(w->arena, p->alternative_count, sizeof *out->others);
    out->rules = arena_array(w->arena, p->fired_count, sizeof *out->rules);
    if (out->others == NULL || out->rules == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < p->alternative_count; i++)
        out->others[out->other_count++] = (struct desk_other){ p->alternatives[i].value, p->alternatives[i].text,
                                                               (int32_t)(p->alternatives[i].score * 1000.0f) };
    for (uint32_t i = 0; i < p->fired_count; i++)
        out->rules[out->rule_count++] = (struct desk_rule){ p->fired[i].rule, (uint8_t)p->fired[i].how };
    return RC_OK;
}

static enum rc
tell_made(const struct work *w, struct desk_replay *out)
{
    uint32_t count = w->fields->version_count < DESK_LIST_MAX ? w->fields->version_count : DESK_LIST_MAX;

    if ((out->made = arena_array(w->arena, count, sizeof *out->made)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < count; i++)
        out->made[i] = (struct desk_made){ w->fields->versions[i].name, w->fields->versions[i].value };
    out->made_count = count;
    return RC_OK;
}

/* ---- why it was wrong ---- */

/* The newest value that a person gave, and when; NULL: nobody did. */
static const char *
keyed_last(const struct told *told, int64_t *at)
{
    for (uint32_t v = told->count; v-- > 0;) {
        const struct provenance *p = told->of[v]->story;

        for (uint32_t k = p == NULL ? 0 : p->keying_count; k-- > 0;)
            if (p->keyings[k].by == ORIGIN_PERSON && p->keyings[k].state != FIELD_UNREADABLE) {
                *at = p->keyings[k].at;
                return p->keyings[k].state == FIELD_VALUE ? p->keyings[k].value : "";
            }
    }
    return NULL;
}

static const char *
value_of(const struct field *f)
{
    return f->state == FIELD_VALUE ? f->value : "";
}

/* The first value that was not right: of a version, or else of the machine before a person mended it. */
static const struct field *
wrong_one(const struct told *told, const char *right, struct arena *arena)
{
    const struct field *last = told->of[told->count - 1];
    struct field *machine;

    for (uint32_t v = 0; right != NULL && v < told->count; v++)
        if (strcmp(value_of(told->of[v]), right) != 0)
            return told->of[v];
    if (right == NULL || last->story == NULL || last->story->keying_count == 0 ||
        last->story->keyings[0].by == ORIGIN_PERSON || (machine = arena_alloc(arena, sizeof *machine)) == NULL)
        return last;
    *machine = *last;
    machine->origin = last->story->keyings[0].by;
    machine->state = last->story->keyings[0].state;
    machine->value = last->story->keyings[0].value;
    return machine;
}

static enum rc
load_pages(struct desk *desk, struct work *w, struct arena *arena, struct page_reading ***out, uint32_t *count)
{
    uint32_t most = w->page_count < PAGES_SEARCHED ? w->page_count : PAGES_SEARCHED;
    struct page_reading **pages = arena_array(arena, most + 1u, sizeof *pages);
    enum rc rc = pages == NULL ? RC_NOMEM : RC_OK;

    *count = 0;
    for (uint32_t p = 0; p < most && rc == RC_OK; p++) {
        const struct seal_place place = { ARTIFACT_READING, w->pages[p], 0, 0, true };
        struct bytes sealed, plain;

        rc = store_replay_load(desk->db, &w->task, ARTIFACT_READING, w->pages[p], 0, arena, &sealed);
        if (rc == RC_NOT_FOUND) {
            rc = RC_OK;
            continue;
        }
        if (rc == RC_OK && (rc = vault_open(w->file_key, &place, sealed, arena, &plain)) == RC_OK)
            rc = reading_read(plain, arena, &pages[*count]);
        *count += rc == RC_OK;
    }
    *out = pages;
    return rc;
}

static enum rc
tell_cause(struct desk *desk, struct work *w, const struct item *item, const struct told *told, bool refused,
           const char *right, struct desk_replay *out)
{
    struct arena *arena = arena_new(READINGS_ARENA);
    struct cause_facts facts = { .right = right, .refused = refused, .form = item->form };
    struct page_reading **pages = NULL;
    int64_t at = 0;
    enum rc rc = RC_OK;

    if (arena == NULL)
        return RC_NOMEM;
    if (facts.right == NULL)
        facts.right = keyed_last(told, &at);
    facts.confirmed = right != NULL || (out->sent_count > 0 && at > out->sent[0].at);
    facts.field = wrong_one(told, facts.right, w->arena);
    if (facts.right != NULL && strcmp(value_of(facts.field), facts.right) != 0)
        rc = load_pages(desk, w, arena, &pages, &facts.page_count);
    facts.pages = (const struct page_reading *const *)pages;
    if (rc == RC_OK) {
        out->cause = (uint8_t)cause_find(&facts, arena);
        out->wrong = out->cause != CAUSE_NONE ? value_of(facts.field) : "";
        out->right = out->cause != CAUSE_NONE && facts.right != NULL ? facts.right : "";
    }
    arena_free(arena);
    return rc;
}

enum rc
replay_story(struct desk *desk, struct session *s, uint32_t number, bool refused, const char *right,
             struct desk_replay *out)
{
    struct work *w = s->work;
    const struct item *item = &w->items[number];
    struct told told = { .count = 0 };
    enum rc rc;

    *out = (struct desk_replay){ .document = w->task.document, .form = w->fields->form, .name = item->name,
                                 .title = item->column, .standing = w->task.state, .item = number,
                                 .version = w->task.version, .pages = w->page_count, .value = "", .text = "",
                                 .second = "", .state = DESK_HAS_NOTHING, .wrong = "", .right = "" };
    if (item->form != NULL)
        out->title = s->spanish && item->form->title.es != NULL ? item->form->title.es
                     : item->form->title.en != NULL             ? item->form->title.en
                                                                : item->column;
    if ((rc = store_replay_persons(desk->db, &w->task, w->arena, &told.persons, &told.person_count)) != RC_OK ||
        (rc = tell_versions(desk, w, item, &told, out)) != RC_OK || (rc = tell_sent(desk, w, out)) != RC_OK ||
        (rc = tell_made(w, out)) != RC_OK)
        return rc;
    if (item->field != NULL && (rc = tell_value(s, w, item->field, out)) != RC_OK)
        return rc;
    return told.count == 0 ? RC_OK : tell_cause(desk, w, item, &told, refused, right, out);
}

/* ---- the question ---- */

/* The first and the last identifier that begin with these digits. */
static bool
range_of(const struct desk_ask *ask, struct id *low, struct id *high)
{
    if (ask->number < DIGITS_LEAST || ask->number > 2 * ID_SIZE)
        return false;
    *low = *high = ask->id;
    for (uint32_t digit = ask->number; digit < 2 * ID_SIZE; digit++) {
        uint8_t mask = digit % 2 == 0 ? 0xf0 : 0x0f;

        low->b[digit / 2] &= (uint8_t)~mask;
        high->b[digit / 2] |= mask;
    }
    return true;
}

static struct item *
item_named(struct work *w, const char *name, uint32_t *number)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (strcmp(w->items[i].name, name) == 0) {
            *number = i;
            return &w->items[i];
        }
    return NULL;
}

/* The fields that the form sets apart from this one; they and the list live in arena. */
static uint32_t
apart_from(const struct form *form, const char *column, struct arena *arena, const char ***out)
{
    uint32_t count = 0, room = 0;

    for (unsigned i = 0; form != NULL && i < form->toxic_count; i++)
        room += form->toxic[i].count;
    if ((*out = arena_array(arena, room + 1u, sizeof **out)) == NULL)
        return UINT32_MAX;
    for (unsigned i = 0; form != NULL && i < form->toxic_count; i++) {
        bool concerned = false;

        for (unsigned k = 0; k < form->toxic[i].count; k++)
            concerned = concerned || strcmp(form->toxic[i].items[k], column) == 0;
        for (unsigned k = 0; concerned && k < form->toxic[i].count; k++)
            if (strcmp(form->toxic[i].items[k], column) != 0)
                (*out)[count++] = form->toxic[i].items[k];
    }
    return count;
}

/* Who looks at what is written before it leaves. */
static enum rc
write_down(struct desk *desk, struct session *s, struct item *item)
{
    const char **apart;
    uint32_t count = apart_from(s->work->form, item->column, s->work->arena, &apart);
    char name[80];
    enum rc rc;

    if (count == UINT32_MAX)
        return RC_NOMEM;
    snprintf(name, sizeof name, "%.79s", item->name);
    rc = store_replay_saw(desk->db, &s->person.id, &s->work->task, name, apart, count, s->work->arena);
    item->seen = rc == RC_OK;
    return rc;
}

/* "FIELD" or "FIELD\nWHAT IS RIGHT", taken apart into the work's arena. */
static bool
split(struct work *w, const struct desk_ask *ask, const char **name, const char **right)
{
    size_t n = strcspn(ask->text, "\n");

    *right = NULL;
    if ((*name = arena_copy(w->arena, ask->text, n)) == NULL)
        return false;
    if ((ask->flag & DESK_REPLAY_RIGHT) == 0)
        return true;
    *right = ask->text[n] == '\0' ? "" : text_printable(w->arena, ask->text + n + 1, strlen(ask->text + n + 1));
    return *right != NULL;
}

/* As the form's values are written: "1.234,50" and "1234.50" are the same amount. */
static const char *
canonical(const struct item *item, const char *right, struct arena *arena)
{
    const char *out = NULL;

    if (right == NULL || right[0] == '\0' || item->form == NULL ||
        value_canonical(item->form, right, arena, &out) != RC_OK)
        return right;
    return out;
}

void
answer_replay(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    enum word_id why = W_D_DATABASE;
    const char *name, *right;
    struct desk_replay story;
    struct id low, high;
    struct item *item;
    struct buffer body;
    uint32_t number = 0;
    enum rc rc;

    work_end(desk, s, true);
    if (!range_of(ask, &low, &high)) {
        session_refuse(s, RC_INPUT, W_R_MORE);
        return;
    }
    if ((rc = work_look(desk, s, &low, &high, &why)) != RC_OK) {
        session_refuse(s, rc, why);
        return;
    }
    if (!split(s->work, ask, &name, &right)) {
        session_refuse(s, RC_NOMEM, W_D_FULL);
        return;
    }
    if (name[0] == '\0') {
        answer_document(s);
        return;
    }
    if ((item = item_named(s->work, name, &number)) == NULL) {
        session_refuse(s, RC_NOT_FOUND, W_D_NO_ITEM);
        return;
    }
    if (!item_allowed(s, item)) {
        session_refuse(s, RC_DENIED, W_D_NOT_ALLOWED);
        return;
    }
    if ((rc = write_down(desk, s, item)) != RC_OK) {
        session_refuse(s, rc, rc == RC_DENIED ? W_R_APART : rc == RC_LOST ? W_D_LEASE : W_D_DATABASE);
        return;
    }
    if ((s->work->looking = arena_alloc(s->work->arena, sizeof *s->work->looking)) != NULL)
        s->work->looking->item = number;
    rc = replay_story(desk, s, number, (ask->flag & DESK_REPLAY_NACKED) != 0, canonical(item, right, s->work->arena),
                      &story);
    if (rc != RC_OK) {
        log_event(LOG_WARN, "desk.no_story", LOG_ID("document", s->work->task.document.b), LOG_RC(rc));
        session_refuse(s, rc, rc == RC_SEAL || rc == RC_INPUT ? W_D_KEYS : rc == RC_LOST ? W_D_LEASE : W_D_DATABASE);
        return;
    }
    buffer_init(&body, DESK_ANSWER_MAX);
    desk_replay_write(&body, &story);
    session_answer(s, DESK_IS_REPLAY, &body);
    buffer_done(&body);
}
