/*
 * memory_remember.c - the remember stage: what a person said about this document, for the next one.
 *
 * It runs when a document comes back with an ORDER.  Only fields that a person confirmed,
 * corrected or left blank teach; what the machine was sure of by itself does not teach itself.
 * What memory offered is held against what the person said, so that a wrong lesson loses its
 * weight and in the end its place.
 */
#include "memory.h"

#include <string.h>

#include "doc/lexicon.h"
#include "document.h"
#include "forms_ready.h"
#include "stages.h"

#define COUNT_MAX 60000

struct lesson {
    struct extraction *x;
    struct memory_match match;
    struct memory_view view;
    const struct document *doc;
    uint8_t *taken; /* enum memory_taken, of each word */
};

static void
up(uint16_t *count)
{
    if (*count < COUNT_MAX)
        ++*count;
}

/* May a value of this field be kept as what the sender always has?  Not one of a person. */
static bool
may_keep(const struct form *form, const struct form_field *f)
{
    switch (f->type) {
    case VALUE_DATE:
    case VALUE_MONEY:
    case VALUE_NUMBER:
    case VALUE_PERCENT:
    case VALUE_MARK: return false;
    default: break;
    }
    return f->sensitivity < SENS_PERSONAL || memory_of_sender(form, f);
}

/* Does its value say who sends the paper? */
static bool
of_sender(const struct form *form, const struct form_field *f)
{
    return f->pick == PICK_SENDER || (f->type == VALUE_ID && memory_of_sender(form, f));
}

/* ---- what of the page is a value ---- */

static void
take_words(struct lesson *l, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count && first + i < l->x->layout->word_count; i++)
        l->taken[first + i] = MEMORY_VALUE;
}

static void
take_box(struct lesson *l, uint32_t page, struct box box)
{
    for (uint32_t i = 0; i < l->x->layout->word_count; i++) {
        const struct lay_word *w = &l->x->layout->words[i];
        struct box b = w->word->box;

        if (w->page == page && (b.x0 + b.x1) / 2 >= box.x0 && (b.x0 + b.x1) / 2 < box.x1 &&
            (b.y0 + b.y1) / 2 >= box.y0 && (b.y0 + b.y1) / 2 < box.y1)
            l->taken[i] = l->taken[i] == MEMORY_VALUE ? MEMORY_VALUE : MEMORY_ROW;
    }
}

/* Values are no part of the layout, whoever found them; neither are the rows of a table. */
static void
take_values(struct lesson *l)
{
    const struct fields *fields = l->doc->fields;

    for (uint32_t i = 0; i < fields->count; i++) {
        const struct form_field *f = form_field(l->x->form, fields->fields[i].name);
        struct memory_found found[MEMORY_FOUND_MAX];
        uint32_t n;

        if (f == NULL || fields->fields[i].state != FIELD_VALUE || fields->fields[i].value[0] == '\0' ||
            of_sender(l->x->form, f) || f->type == VALUE_CODE || f->type == VALUE_MARK)
            continue;
        n = memory_find(l->x, (uint16_t)(f - l->x->form->fields), fields->fields[i].value, found, MEMORY_FOUND_MAX);
        for (uint32_t k = 0; k < n; k++)
            take_words(l, found[k].first, found[k].count);
    }
    for (uint32_t r = 0; r < fields->row_count; r++)
        for (uint32_t c = 0; c < fields->rows[r].count; c++)
            if (!box_is_empty(fields->rows[r].cells[c].box))
                take_box(l, fields->rows[r].cells[c].page, fields->rows[r].cells[c].box);
}

/* ---- one field ---- */

static struct memory_field *
field_of(struct lesson *l, const char *name)
{
    struct memory_layout *m = l->match.layout;
    struct memory_field *f = memory_field(m, name);

    if (f != NULL || m->field_count == MEMORY_FIELDS_MAX || strlen(name) > MEMORY_NAME_MAX)
        return f;
    f = &m->fields[m->field_count++];
    *f = (struct memory_field){ .name = name, .constant = "", .shape = "" };
    f->places = arena_array(l->x->arena, MEMORY_PLACES_MAX, sizeof *f->places);
    if (f->places == NULL) {
        m->field_count--;
        return NULL;
    }
    return f;
}

static bool
overlap(const struct memory_found *at, const struct memory_pick *pick)
{
    return at->page == pick->page && at->first < pick->first + pick->count && pick->first < at->first + at->count;
}

/* The place that holds what stands at found, or where a new one goes; NULL: no room. */
static struct memory_place *
room_for(struct memory_field *mf)
{
    struct memory_place *worst = NULL;

    if (mf->place_count < MEMORY_PLACES_MAX)
        return &mf->places[mf->place_count++];
    for (uint32_t i = 0; i < mf->place_count; i++) {
        struct memory_place *p = &mf->places[i];

        if (worst == NULL || (int)p->right - (int)p->wrong < (int)worst->right - (int)worst->wrong)
            worst = p;
    }
    return worst;
}

/* Each place that memory has says what it would have given; a person's value judges it. */
static enum rc
judge_places(struct lesson *l, uint16_t field, struct memory_field *mf, const struct memory_found *found, uint32_t n,
             bool *confirmed)
{
    *confirmed = false;
    for (uint32_t i = 0; i < mf->place_count; i++) {
        struct memory_place *p = &mf->places[i];
        struct memory_pick pick;
        bool right = false;

        if (!memory_pick(l->x, &l->match, &l->view, field, mf, p, &pick))
            continue;
        for (uint32_t k = 0; k < n && !right; k++) {
            enum rc rc;

            if (!overlap(&found[k], &pick))
                continue;
            right = true;
            if ((rc = memory_place_again(l->x, &l->match, &l->view, l->taken, &found[k], p)) != RC_OK)
                return rc;
        }
        up(right ? &p->right : &p->wrong);
        *confirmed = *confirmed || right;
    }
    return RC_OK;
}

/* The machine took this from a place where it was not. */
static enum rc
refute(struct lesson *l, struct memory_field *mf, const struct field *said)
{
    struct memory_found at = { .count = 0, .lines = 1, .lead = "", .tail = "" };
    struct memory_place *p;
    enum rc rc;

    if (box_is_empty(said->box) || said->text[0] == '\0' || mf->place_count == MEMORY_PLACES_MAX)
        return RC_OK;
    for (uint32_t i = 0; i < l->x->layout->word_count; i++) {
        const struct lay_word *w = &l->x->layout->words[i];
        struct box b = w->word->box;

        if (w->page != said->page || b.x0 < said->box.x0 - 2 || b.x1 > said->box.x1 + 2 || b.y0 < said->box.y0 - 2 ||
            b.y1 > said->box.y1 + 2)
            continue;
        if (at.count > 0 && w->line != l->x->layout->words[at.first].line)
            break;
        if (at.count == 0) {
            at.first = i;
            at.box = w->box;
            at.page = w->page;
        }
        at.box = box_union(at.box, w->box);
        at.count = at.words = i - at.first + 1;
    }
    if (at.count == 0)
        return RC_OK;
    for (uint32_t i = 0; i < mf->place_count; i++) {
        struct memory_pick pick;

        /* it is known already, and was judged */
        if (memory_pick(l->x, &l->match, &l->view, (uint16_t)(form_field(l->x->form, mf->name) - l->x->form->fields),
                        mf, &mf->places[i], &pick) &&
            overlap(&at, &pick))
            return RC_OK;
    }
    p = room_for(mf);
    if ((rc = memory_place_make(l->x, &l->match, &l->view, l->taken, &at, p)) == RC_OK)
        p->wrong = 1;
    return rc;
}

/* A place that memory has not: the likeliest of those where the value stands; the second, unproven. */
static enum rc
new_places(struct lesson *l, struct memory_field *mf, const struct field *said, const struct memory_found *found,
           uint32_t n)
{
    uint32_t best = 0;

    /* where the machine found it and a person agreed */
    for (uint32_t k = 0; k < n; k++) {
        struct box b = layout_box(l->x->layout, found[k].first, found[k].words);

        if (!box_is_empty(box_cut(b, said->box)) && found[k].page == said->page) {
            best = k;
            break;
        }
    }
    for (uint32_t k = 0, made = 0; k < n && made < 2; k++) {
        const struct memory_found *at = &found[k == 0 ? best : k <= best ? k - 1 : k];
        struct memory_place *p = made == 0 ? room_for(mf) : mf->place_count < MEMORY_PLACES_MAX ? room_for(mf) : NULL;
        enum rc rc;

        if (p == NULL)
            break;
        if ((rc = memory_place_make(l->x, &l->match, &l->view, l->taken, at, p)) != RC_OK)
            return rc;
        p->right = made == 0;
        made++;
    }
    return RC_OK;
}

/* Is it printed as it was said, but for blanks and marks? */
static bool
said_so(const char *text, const char *value)
{
    char a[MEMORY_TEXT_MAX + 1], b[MEMORY_TEXT_MAX + 1];

    return value_key(text, a, sizeof a) == value_key(value, b, sizeof b) && strcmp(a, b) == 0;
}

static void
learn_shape(struct lesson *l, uint16_t field, struct memory_field *mf, const char *value, const struct memory_found *at)
{
    const struct extraction *x = l->x;
    const struct form_field *f = &x->form->fields[field];
    char *text = layout_text(x->layout, at->first, at->words, x->arena), shape[61];

    if (text == NULL)
        return;
    /* what was misread has the shape of what a person said */
    text = said_so(text, value) ? text : arena_str(x->arena, value);
    if (text == NULL)
        return;
    memory_shape(text, shape, sizeof shape);
    if (f->type == VALUE_ID && (mf->shape[0] == '\0' || !memory_shape_fits(mf->shape, text)))
        mf->shape = arena_str(x->arena, shape) != NULL ? arena_str(x->arena, shape) : "";
    for (uint32_t i = 0; i < x->amount_count; i++) {
        const struct amount *a = &x->amounts[i].readings[0];
        int64_t minor;

        if (x->amounts[i].first != at->first || !money_canonical(value, &minor))
            continue;
        if (a->mark != 0)
            mf->mark = a->mark;
        /* what is taken off is printed with a sign by some, and stated without by all */
        if (minor != 0 && (a->minor == minor || a->minor == -minor))
            mf->order = a->minor == minor || a->minor > 0 ? MEMORY_AS_PRINTED : MEMORY_OTHER_SIGN;
    }
}

/* Day or month first: only a date that can be read both ways, or one that cannot, says so. */
static void
learn_order(struct lesson *l, struct memory_field *mf, const char *value, const struct memory_found *at)
{
    const struct extraction *x = l->x;
    struct date want;

    if (!date_canonical(value, &want))
        return;
    for (uint32_t i = 0; i < x->date_count; i++) {
        const struct date_hit *h = &x->dates[i].hit;
        bool as_read;

        if (x->dates[i].first != at->first || (!h->ambiguous && !h->month_first && !h->day_first))
            continue;
        if (want.day == want.month)
            continue;
        as_read = h->date.day == want.day && h->date.month == want.month;
        if (!h->ambiguous)
            mf->order = h->month_first ? MEMORY_MONTH_FIRST : MEMORY_DAY_FIRST;
        else
            mf->order = as_read == x->month_first ? MEMORY_MONTH_FIRST : MEMORY_DAY_FIRST;
    }
}

static void
learn_constant(struct lesson *l, const struct form_field *f, struct memory_field *mf, const char *value)
{
    if (!may_keep(l->x->form, f) || strlen(value) > MEMORY_TEXT_MAX)
        return;
    if (mf->constant[0] == '\0' || mf->different > mf->same) {
        mf->constant = value;
        mf->same = 1;
        mf->different = 0;
        return;
    }
    up(strcmp(mf->constant, value) == 0 ? &mf->same : &mf->different);
}

/* What memory would have given for the field, against what the person said. */
static void
judge_offer(struct lesson *l, uint16_t field, struct memory_field *mf, const char *value)
{
    for (uint32_t i = 0; i < mf->place_count; i++) {
        struct memory_pick pick;

        if (mf->places[i].right <= mf->places[i].wrong ||
            !memory_pick(l->x, &l->match, &l->view, field, mf, &mf->places[i], &pick))
            continue;
        up(strcmp(pick.value, value) == 0 ? &mf->helped : &mf->misled);
        return;
    }
}

static enum rc
learn_field(struct lesson *l, const struct field *said)
{
    const struct form_field *f = form_field(l->x->form, said->name);
    struct memory_found found[MEMORY_FOUND_MAX];
    struct memory_field *mf;
    const char *machine = NULL;
    bool known, corrected;
    uint16_t field;
    uint32_t n;
    enum rc rc;

    if (f == NULL || f->type == VALUE_MARK || said->origin != ORIGIN_PERSON || (mf = field_of(l, f->name)) == NULL)
        return RC_OK;
    field = (uint16_t)(f - l->x->form->fields);
    if (said->state != FIELD_VALUE || said->value[0] == '\0') {
        if (said->state == FIELD_BLANK)
            up(&mf->blank);
        return said->state == FIELD_BLANK ? refute(l, mf, said) : RC_OK;
    }
    corrected = said->text[0] == '\0' ||
                value_canonical(f, said->text, l->x->arena, &machine) != RC_OK || strcmp(machine, said->value) != 0;
    up(corrected ? &mf->corrected : &mf->confirmed);
    judge_offer(l, field, mf, said->value);
    learn_constant(l, f, mf, said->value);
    if (f->type == VALUE_CODE)
        return RC_OK;
    n = memory_find(l->x, field, said->value, found, MEMORY_FOUND_MAX);
    n = memory_own_places(l->x, l->doc->fields, field, said->value, found, n);
    if ((rc = judge_places(l, field, mf, found, n, &known)) != RC_OK)
        return rc;
    if (n > 0 && !known)
        rc = new_places(l, mf, said, found, n);
    if (rc == RC_OK && n > 0) {
        learn_shape(l, field, mf, said->value, &found[0]);
        learn_order(l, mf, said->value, &found[0]);
    }
    if (rc == RC_OK && corrected) {
        bool elsewhere = true;

        for (uint32_t k = 0; k < n; k++)
            elsewhere = elsewhere && (found[k].page != said->page ||
                                      box_is_empty(box_cut(layout_box(l->x->layout, found[k].first, found[k].words),
                                                           said->box)));
        if (elsewhere)
            rc = refute(l, mf, said);
    }
    return rc;
}

/* ---- the layout ---- */

/* Who sends it: only what stands on the page, for only that can be found again. */
static void
learn_senders(struct lesson *l)
{
    struct memory_layout *m = l->match.layout;

    for (uint32_t i = 0; i < l->doc->fields->count; i++) {
        const struct field *v = &l->doc->fields->fields[i];
        const struct form_field *f = form_field(l->x->form, v->name);
        char fold[MEMORY_TEXT_MAX + 1];
        bool known = false;
        uint32_t count;
        double cost;

        if (f == NULL || v->state != FIELD_VALUE || !of_sender(l->x->form, f) ||
            (v->origin != ORIGIN_PERSON && v->confidence < 0.8) || m->sender_count == MEMORY_SENDERS_MAX)
            continue;
        if (lexicon_fold(v->value, fold, sizeof fold) < 5 ||
            memory_text_at(l->x->layout, fold, &count, &cost) == UINT32_MAX)
            continue;
        for (uint32_t k = 0; k < m->sender_count; k++)
            known = known || strcmp(m->senders[k], fold) == 0;
        if (!known && (m->senders[m->sender_count] = arena_str(l->x->arena, fold)) != NULL)
            m->sender_count++;
    }
}

static uint64_t
mixed(uint64_t h, struct bytes b)
{
    for (size_t i = 0; i < b.size; i++)
        h = (h ^ b.data[i]) * 1099511628211u;
    return h;
}

/* What was read and what was said: the same again is no new lesson. */
static uint64_t
name_of(const struct job *job)
{
    uint64_t h = 14695981039346656037u;

    for (uint32_t i = 0; i < job->given.count; i++)
        if (job->given.items[i].kind == ARTIFACT_ORDER ||
            (job->given.items[i].kind == ARTIFACT_READING && job->given.items[i].page == 0))
            h = mixed(h, job->given.items[i].bytes);
    return h | 1;
}

/* Room to grow: what was decoded is as long as it was. */
static enum rc
make_room(struct memory_layout *m, struct arena *arena)
{
    struct memory_field *fields = arena_array(arena, MEMORY_FIELDS_MAX, sizeof *fields);

    if (fields == NULL)
        return RC_NOMEM;
    if (m->field_count > 0)
        memcpy(fields, m->fields, m->field_count * sizeof *fields);
    m->fields = fields;
    for (uint32_t i = 0; i < m->field_count; i++) {
        struct memory_place *places = arena_array(arena, MEMORY_PLACES_MAX, sizeof *places);

        if (places == NULL)
            return RC_NOMEM;
        if (fields[i].place_count > 0)
            memcpy(places, fields[i].places, fields[i].place_count * sizeof *places);
        fields[i].places = places;
        for (uint32_t p = 0; p < fields[i].place_count; p++) {
            struct memory_anchor *anchors = arena_array(arena, MEMORY_ANCHORS_MAX, sizeof *anchors);

            if (anchors == NULL)
                return RC_NOMEM;
            if (places[p].anchor_count > 0)
                memcpy(anchors, places[p].anchors, places[p].anchor_count * sizeof *anchors);
            places[p].anchors = anchors;
        }
    }
    return RC_OK;
}

/* What contradicts itself goes; a second contradiction is enough. */
static void
forget_wrong(struct memory_layout *m)
{
    for (uint32_t i = 0; i < m->field_count; i++) {
        struct memory_field *f = &m->fields[i];
        uint32_t kept = 0;

        for (uint32_t p = 0; p < f->place_count; p++)
            if (f->places[p].right == 0 || f->places[p].wrong < f->places[p].right + 3u)
                f->places[kept++] = f->places[p];
        f->place_count = kept;
        if (f->different > f->same + 1u) {
            f->constant = "";
            f->same = f->different = 0;
        }
    }
}

static enum rc
send(const struct job *job, struct memory_layout *m, uint32_t slot)
{
    for (unsigned less = 0; less < 4; less++) {
        struct buffer b;
        enum rc rc;

        /* more than fits: what is likeliest to be missed least goes first */
        for (uint32_t i = 0; less > 0 && i < m->field_count; i++)
            for (uint32_t p = 0; p < m->fields[i].place_count; p++)
                if (m->fields[i].places[p].anchor_count > 7 - 2 * less)
                    m->fields[i].places[p].anchor_count = 7 - 2 * less;
        for (uint32_t i = 0; less > 1 && i < m->field_count; i++)
            if (m->fields[i].place_count > 1)
                m->fields[i].place_count = 1;
        buffer_init(&b, MEMORY_LAYOUT_MAX);
        memory_write(&b, m);
        rc = b.failed ? RC_LIMIT : job->emit(job->to, ARTIFACT_MEMORY, slot, buffer_bytes(&b));
        buffer_done(&b);
        if (rc != RC_LIMIT)
            return rc;
    }
    return RC_OK;
}

static enum rc
learn_all(struct lesson *l, const struct fields *order)
{
    struct memory_layout *m = l->match.layout;
    enum rc rc = RC_OK;

    take_values(l);
    if (l->match.slot > 0)
        memory_marks_again(&l->match, &l->view);
    else if ((rc = memory_marks_make(l->x, &l->view, l->taken, m)) != RC_OK)
        return rc;
    for (uint32_t i = 0; i < order->count && rc == RC_OK; i++)
        rc = learn_field(l, &order->fields[i]);
    learn_senders(l);
    up(&m->lessons);
    forget_wrong(m);
    return rc;
}

/* Which layout is it: one that is known, or a new one. */
static enum rc
lesson_open(struct lesson *l, const struct job *job)
{
    struct arena *arena = job->arena;
    struct memory_set set;
    enum rc rc = memory_set_open(&job->given, arena, &set);

    if (rc != RC_OK || (rc = memory_view_make(l->x->layout, arena, &l->view)) != RC_OK ||
        (rc = memory_match(&set, l->x->form->name, &l->view, &l->match)) != RC_OK)
        return rc;
    if (l->match.layout == NULL) {
        l->match = (struct memory_match){ .fit = memory_fit_same() };
        l->match.layout = arena_alloc(arena, sizeof *l->match.layout);
        if (l->match.layout == NULL)
            return RC_NOMEM;
        *l->match.layout = (struct memory_layout){ .form = l->x->form->name };
    }
    l->taken = arena_array(arena, l->x->layout->word_count + 1u, sizeof *l->taken);
    return l->taken == NULL ? RC_NOMEM : make_room(l->match.layout, arena);
}

static bool
was_seen(struct memory_layout *m, uint64_t name)
{
    for (int i = 0; i < MEMORY_SEEN_MAX; i++)
        if (m->seen[i] == name)
            return true;
    memmove(m->seen + 1, m->seen, (MEMORY_SEEN_MAX - 1) * sizeof m->seen[0]);
    m->seen[0] = name;
    return false;
}

enum rc
remember_run(const struct job *job, struct result *result)
{
    struct layout layout;
    struct extraction x = { .arena = job->arena, .layout = &layout };
    struct lesson l = { .x = &x };
    struct document doc;
    enum rc rc = document_open(job, &doc);

    *result = (struct result){ .verdict = VERDICT_PASS };
    if (rc != RC_OK)
        return rc;
    x.form = forms_find(doc.forms, doc.fields != NULL ? doc.fields->form : "");
    if (doc.order == NULL || doc.order->count == 0 || x.form == NULL || x.form->fixed || doc.page_count == 0)
        return RC_OK;
    l.doc = &doc;
    if ((rc = layout_make(doc.pages, doc.page_count, job->arena, &layout)) != RC_OK ||
        (rc = extract_labels(&x)) != RC_OK || (rc = extract_dates(&x)) != RC_OK ||
        (rc = extract_amounts(&x)) != RC_OK || (rc = lesson_open(&l, job)) != RC_OK)
        return rc;
    if (was_seen(l.match.layout, name_of(job)))
        return RC_OK;
    if ((rc = learn_all(&l, doc.order)) != RC_OK)
        return rc;
    return send(job, l.match.layout, l.match.slot);
}
