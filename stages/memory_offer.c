/*
 * memory_offer.c - what is remembered becomes candidates, and moves a probability.
 *
 * A remembered place is strong evidence, not a command: it is one candidate more, or more weight
 * for one that is there, and equations still choose among all of them.  A value that a sender
 * always has re-ranks what is printed; it is never taken from memory alone.
 */
#include "memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "doc/checkdigit.h"
#include "doc/lexicon.h"

#define BASE 1.12      /* a label beside its value is worth about 1 */
#define TRUSTED 0.40
#define CONSTANT 1.30
#define CORRECTED 0.10   /* a person said that what a label and a check digit speak for is another's */
#define LABELLED 0.85    /* a candidate beside a label of its field */
#define SURE_PLACE 0.75  /* most of what stood around the place is there again */
#define AGAINST 0.55   /* what a place that was wrong costs */
#define ALIKE 0.25     /* of the letters of a constant value may be misread */
#define FOLD_ROOM (MEMORY_TEXT_MAX + 1)

static bool
is_counted(enum value_type t)
{
    return t == VALUE_MONEY || t == VALUE_PERCENT || t == VALUE_NUMBER;
}

/* How far a place is to be trusted, from what people said. */
static double
trust_of(const struct memory_field *mf, const struct memory_place *place)
{
    double t = memory_trust(place->right, place->wrong);

    /* what misled oftener than it helped is left alone */
    if (mf->misled > mf->helped + 1u)
        t *= 0.3;
    return t;
}

static void
check(const struct form_field *f, struct candidate *c)
{
    bool known = false, good = false, proves = false;

    for (unsigned i = 0; i < f->checks.count; i++) {
        enum checkdigit_answer answer = checkdigit_check(f->checks.items[i], c->value);

        if (answer == CHECKDIGIT_UNKNOWN)
            continue;
        known = true;
        if (answer == CHECKDIGIT_GOOD) {
            good = true;
            proves = proves || checkdigit_proves(f->checks.items[i]);
        }
    }
    c->checked = known && good && proves;
    c->check_failed = known && !good;
    if (c->check_failed)
        c->score -= 0.3;
}

static bool
same_words(const struct candidate *a, const struct candidate *b)
{
    return a->page == b->page && a->first < b->first + b->count && b->first < a->first + a->count;
}

/* Add it; what is there already for the same value keeps what is known of it. */
static void
offer(struct extraction *x, uint16_t field, struct candidate *c)
{
    struct choice *choice = &x->choices[field];

    for (uint32_t i = 0; i < choice->count; i++) {
        const struct candidate *o = &choice->list[i];

        if (strcmp(o->value, c->value) != 0)
            continue;
        if (same_words(o, c)) {
            c->hit = o->hit;
            c->checked = o->checked;
            c->check_failed = o->check_failed;
            c->first = o->first;
            c->count = o->count;
            c->text = o->text;
        }
        if (o->score + 0.1 > c->score)
            c->score = o->score + 0.1;
    }
    choice_add(choice, c);
}

/* Its score, kept under that of another candidate beside a label of the field. */
static double
below_label(const struct choice *choice, const struct candidate *c)
{
    double score = c->score;

    for (uint32_t i = 0; i < choice->count; i++) {
        const struct candidate *o = &choice->list[i];

        if (o->hit >= 0 && o->score >= LABELLED && o->remembered <= 0 && strcmp(o->value, c->value) != 0 &&
            score > o->score - 0.05)
            score = o->score - 0.05;
    }
    return score;
}

static void
offer_place(struct extraction *x, uint16_t field, const struct memory_field *mf, const struct memory_place *place)
{
    const struct form_field *f = &x->form->fields[field];
    struct memory_pick pick;
    struct candidate c = { .hit = -1 };
    double trust = trust_of(mf, place);

    if (trust <= 0 || !memory_pick(x, &x->memory->match, &x->memory->view, field, mf, place, &pick))
        return;
    c.value = pick.value;
    c.text = pick.text;
    c.page = pick.page;
    c.first = pick.first;
    c.count = pick.count;
    c.minor = pick.minor;
    c.repaired = pick.repaired;
    c.ambiguous = pick.ambiguous;
    c.conf = layout_conf(x->layout, pick.first, pick.count);
    c.remembered = trust * (0.5 + 0.5 * pick.strength);
    c.score = BASE + TRUSTED * c.remembered;
    if (mf->corrected > 0 && c.remembered > 0.6 && !is_counted(f->type))
        c.score += CORRECTED;
    if (mf->shape[0] != '\0' && f->type == VALUE_ID && !memory_shape_fits(mf->shape, pick.text))
        c.score -= 0.2;
    /* what people only agreed to is found by its label; a place does not outweigh the label */
    if (mf->corrected == 0 && pick.strength < SURE_PLACE)
        c.score = below_label(&x->choices[field], &c);
    check(f, &c);
    offer(x, field, &c);
}

static bool
alike(const char *constant, const char *text)
{
    char a[FOLD_ROOM], b[FOLD_ROOM];
    size_t na = lexicon_fold(constant, a, sizeof a), nb = lexicon_fold(text, b, sizeof b);
    double limit = ALIKE * (double)na;

    return na >= 4 && lexicon_distance(a, na, b, nb, limit) <= limit;
}

/* The value that this sender always had: when it, or something that a reader would make of it, is printed. */
static void
offer_constant(struct extraction *x, uint16_t field, const struct memory_field *mf)
{
    const struct form_field *f = &x->form->fields[field];
    struct choice *choice = &x->choices[field];
    struct candidate c = { .hit = -1, .first = UINT32_MAX };
    char fold[FOLD_ROOM];
    double trust = memory_trust(mf->same, mf->different), cost;

    /* of other fields than the sender's own, once is no habit */
    if (trust <= 0 || mf->constant[0] == '\0' || !x->memory->match.sender ||
        (mf->same < 2 && !memory_of_sender(x->form, f)))
        return;
    for (uint32_t i = 0; i < choice->count && c.first == UINT32_MAX; i++)
        if (alike(mf->constant, choice->list[i].value)) {
            c = choice->list[i];
            c.repaired = false;
        }
    if (c.first == UINT32_MAX && lexicon_fold(mf->constant, fold, sizeof fold) >= 4)
        c.first = memory_text_at(x->layout, fold, &c.count, &cost);
    if (c.first == UINT32_MAX || (c.value = arena_str(x->arena, mf->constant)) == NULL)
        return;
    c.page = x->layout->words[c.first].page;
    c.text = layout_text(x->layout, c.first, c.count, x->arena);
    c.conf = layout_conf(x->layout, c.first, c.count);
    c.remembered = trust;
    c.score = CONSTANT + 0.2 * trust + (mf->corrected > 0 ? CORRECTED : 0);
    if (c.text == NULL)
        return;
    check(f, &c);
    offer(x, field, &c);
}

/* A sender that prints what is taken off with a sign does so wherever it stands. */
static void
turn_signs(struct extraction *x, uint16_t field)
{
    struct choice *choice = &x->choices[field];

    for (uint32_t i = 0; i < choice->count; i++) {
        struct candidate *c = &choice->list[i];
        const char *value;

        if (c->minor >= 0 || c->remembered > 0 || (value = money_print(x->arena, -c->minor)) == NULL)
            continue;
        c->minor = -c->minor;
        c->value = value;
    }
}

/* A currency has no place: it is counted all over the page. */
static void
prefer_code(struct extraction *x, uint16_t field, const struct memory_field *mf)
{
    struct choice *choice = &x->choices[field];

    for (uint32_t i = 0; i < choice->count; i++) {
        struct candidate c = choice->list[i];

        if (strcmp(c.value, mf->constant) != 0 || memory_trust(mf->same, mf->different) <= 0)
            continue;
        c.remembered = memory_trust(mf->same, mf->different);
        c.score = CONSTANT + 0.2 * c.remembered;
        choice_add(choice, &c);
        return;
    }
}

/* Candidates at places where a person said that they are not the value. */
static enum rc
push_back(struct extraction *x, uint16_t field, const struct memory_field *mf)
{
    struct choice *choice = &x->choices[field], moved = { .count = 0 };
    bool any = false;

    if ((moved.list = arena_array(x->arena, CANDIDATES_MAX, sizeof *moved.list)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < choice->count; i++) {
        struct candidate c = choice->list[i];

        for (uint32_t p = 0; p < mf->place_count && c.remembered <= 0; p++) {
            const struct memory_place *place = &mf->places[p];
            struct memory_pick pick;

            if (place->wrong <= place->right ||
                !memory_pick(x, &x->memory->match, &x->memory->view, field, mf, place, &pick) ||
                pick.page != c.page || pick.first >= c.first + c.count || c.first >= pick.first + pick.count)
                continue;
            c.score -= AGAINST * memory_trust(place->wrong, place->right);
            c.refuted = memory_trust(place->wrong, place->right);
            any = true;
            break;
        }
        if (c.score > 0.05)
            choice_add(&moved, &c);
    }
    if (any) {
        memcpy(choice->list, moved.list, moved.count * sizeof *moved.list);
        choice->count = moved.count;
    }
    return RC_OK;
}

/* Amounts are chosen by extract_solve; of the others the best is taken again. */
static void
choose_again(struct choice *choice, const char *before)
{
    int old = -1;

    for (uint32_t i = 0; i < choice->count; i++)
        if (before != NULL && strcmp(choice->list[i].value, before) == 0)
            old = (int)i;
    choice->chosen = old;
    if (choice->count == 0)
        return;
    if (choice->list[0].remembered > 0 && (old < 0 || choice->list[0].score > choice->list[old].score))
        choice->chosen = 0;
    if (old >= 0 && choice->chosen == old && choice->list[old].refuted > 0)
        choice->chosen = choice->list[0].score >= 0.5 && choice->list[0].refuted <= 0 ? 0 : -1;
}

enum rc
memory_offer(struct extraction *x)
{
    if (x->memory == NULL || x->memory->match.layout == NULL)
        return RC_OK;
    for (unsigned i = 0; i < x->form->field_count; i++) {
        struct memory_field *mf = memory_field(x->memory->match.layout, x->form->fields[i].name);
        struct choice *choice = &x->choices[i];
        const char *before = choice->chosen >= 0 ? choice->list[choice->chosen].value : NULL;
        enum rc rc;

        if (mf == NULL)
            continue;
        if (x->form->fields[i].type == VALUE_MONEY && mf->order == MEMORY_OTHER_SIGN)
            turn_signs(x, (uint16_t)i);
        for (uint32_t p = 0; p < mf->place_count; p++)
            offer_place(x, (uint16_t)i, mf, &mf->places[p]);
        if (x->form->fields[i].type == VALUE_CODE)
            prefer_code(x, (uint16_t)i, mf);
        else
            offer_constant(x, (uint16_t)i, mf);
        if ((rc = push_back(x, (uint16_t)i, mf)) != RC_OK)
            return rc;
        if (!is_counted(x->form->fields[i].type))
            choose_again(choice, before);
    }
    return RC_OK;
}

static double
logit(double p)
{
    p = p < 0.001 ? 0.001 : p > 0.999 ? 0.999 : p;
    return log(p / (1 - p));
}

double
memory_confidence(const struct extraction *x, unsigned index, double p)
{
    static const double most[] = { 0.93, 0.95, 0.96, 0.97, 0.98, 0.985 };
    const struct choice *choice = &x->choices[index];
    const struct candidate *c;
    const struct memory_field *mf;
    uint32_t said;
    double known, l;

    if (x->memory == NULL || x->memory->match.layout == NULL || choice->chosen < 0 ||
        (mf = memory_field(x->memory->match.layout, x->form->fields[index].name)) == NULL)
        return p;
    c = &choice->list[choice->chosen];
    if (c->refuted > 0)
        return p * (1 - 0.6 * c->refuted);
    if (c->remembered <= 0) {
        /* memory speaks for another value: one of the two is wrong */
        for (uint32_t i = 0; i < choice->count; i++)
            if (choice->list[i].remembered > 0.5 && strcmp(choice->list[i].value, c->value) != 0)
                return p * 0.7;
        return p;
    }
    /* what no other evidence outweighs stays so */
    if (c->check_failed || (choice->broken && !choice->closed))
        return p;
    said = (uint32_t)mf->confirmed + mf->corrected + mf->helped;
    known = c->remembered > 0.8 ? 0.8 : c->remembered;
    l = logit(p) + (p > 0.5 ? 2.0 * known : logit(0.35 + known) - logit(p));
    l = 1 / (1 + exp(-l));
    known = most[said < COUNT_OF(most) ? said : COUNT_OF(most) - 1];
    if (l <= known)
        return l;
    /* where the form knows no label, people are all there is */
    return p > known && c->hit >= 0 ? p : known;
}
