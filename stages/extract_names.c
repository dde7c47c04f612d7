/*
 * extract_names.c - text with a label; then parties; then what belongs to a party's block.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extract_party.h"
#include "extract_slip.h"
#include "extract_latin.h"

/* How many words from first on, up to end, before the next label begins. */
static uint32_t
until_label(const struct extraction *x, uint32_t first, uint32_t end, const struct label_hit *own)
{
    uint32_t n = 0;

    while (first + n < end) {
        const struct label_hit *hit = hit_of_word(x, first + n);

        if (hit != NULL && hit != own && hit->first == first + n && hit->cost < 0.8)
            break;
        n++;
    }
    return n;
}

/* A name whose company form stands alone in the next line, whole. */
static char *
with_tail(const struct extraction *x, char *name, uint32_t first, uint32_t count)
{
    const struct layout *lay = x->layout;
    const struct lay_run *piece, *tail;
    char *end;

    if (name == NULL || count == 0 || party_has_suffix(name))
        return name;
    piece = &lay->pieces[lay->words[first].piece];
    tail = first + count == piece->first + piece->count ? party_tail_below(x, piece) : NULL;
    end = tail != NULL ? layout_text(lay, tail->first, tail->count, x->arena) : NULL;
    return tail == NULL ? name : end == NULL ? NULL : arena_printf(x->arena, "%s %s", name, end);
}

static void
offer_text(struct extraction *x, uint16_t field, const struct label_hit *hit, const char *lead,
           uint32_t first, uint32_t count, double score)
{
    const struct form_field *f = &x->form->fields[field];
    struct candidate c = { .hit = (int)(hit - x->hits), .page = hit->page, .first = first,
                           .count = count, .score = score };
    char *text = count > 0 ? layout_text(x->layout, first, count, x->arena) : arena_str(x->arena, "");
    size_t n;

    if (text != NULL && lead[0] != '\0')
        text = arena_printf(x->arena, "%s%s%s", lead, count > 0 ? " " : "", text);
    if (text == NULL)
        return;
    while (*text != '\0' && strchr(" :;|_-=.,*'", *text) != NULL)
        text++;
    n = strlen(text);
    while (n > 0 && strchr(" :;|_=,*", text[n - 1]) != NULL)
        text[--n] = '\0';
    if (n < 2 || !value_matches(f, text))
        return;
    if (lead[0] != '\0') {
        c.first = first - 1;
        c.count = count + 1;
    }
    c.text = c.value = text;
    c.conf = layout_conf(x->layout, c.first, c.count);
    if (f->type == VALUE_NAME) {
        text = with_tail(x, party_clean(x->arena, text), first, count);
        if (text == NULL)
            return;
        c.value = text;
        c.score -= (party_letters(text) < 0.3 ? 1.0 : 0.5) * (1 - party_letters(text));
        if (party_is_contact(text) || party_is_street(text))
            c.score -= 0.3;
        if (party_has_suffix(text))
            c.score += 0.08;
    }
    if (c.score > 0.35)
        choice_add(&x->choices[field], &c);
}

/* Right of the label: in its own piece, else the next piece of the line. */
static bool
text_right(struct extraction *x, uint16_t field, const struct label_hit *hit)
{
    const struct layout *lay = x->layout;
    const struct lay_run *p = &lay->pieces[hit->piece];
    uint32_t first = hit->first + hit->count, end = p->first + p->count;
    uint32_t n = until_label(x, first, end, hit);
    double worth = label_worth(x, hit), h = lay->height;

    if (n > 0 || strlen(hit->tail) > 1) {
        offer_text(x, field, hit, hit->tail, first, n, 1.0 + worth);
        return true;
    }
    if (hit->piece + 1 >= lay->piece_count)
        return false;
    p++;
    if (p->line != hit->line || (p->box.x0 - hit->box.x1) > 22 * h)
        return false;
    n = until_label(x, p->first, p->first + p->count, hit);
    /* "Nº MATRÍC.": the next title, with a word before its label. */
    if (n == 0 || (n < 2 && n < p->count))
        return false;
    /* Wide print: the next pieces belong to it when the gaps are like those inside. */
    while (p->first + n < lay->word_count && lay->words[p->first + n].line == hit->line &&
           n >= p->count && lay->words[p->first + n].box.x0 - lay->words[p->first + n - 1].box.x1 < 2.2 * h &&
           hit_of_word(x, p->first + n) == NULL)
        n++;
    offer_text(x, field, hit, "", p->first, n, 0.95 - 0.01 * (p->box.x0 - hit->box.x1) / h + worth);
    return true;
}

static void
text_below(struct extraction *x, uint16_t field, const struct label_hit *hit)
{
    const struct layout *lay = x->layout;
    const struct lay_run *best = NULL;
    double best_reach = 0.35;

    for (uint32_t i = 0; i < lay->piece_count; i++) {
        const struct lay_run *p = &lay->pieces[i];
        const struct label_hit *inner;
        double s;

        if (p->page != hit->page || p->line <= hit->line)
            continue;
        s = label_reach(x, hit, p->page, p->line, p->box, PLACE_BELOW);
        if (s <= best_reach)
            continue;
        /* "Bill to" and below it "Name: ...": the inner label speaks for the same field. */
        inner = hit_of_word(x, p->first);
        if (inner != NULL && inner->first == p->first && inner->field == field) {
            uint32_t from = inner->first + inner->count;

            offer_text(x, field, hit, inner->tail, from,
                       until_label(x, from, p->first + p->count, inner), s + label_worth(x, hit) + 0.3);
            continue;
        }
        if (until_label(x, p->first, p->first + p->count, hit) == 0)
            continue;
        best = p;
        best_reach = s;
    }
    if (best != NULL)
        offer_text(x, field, hit, "", best->first,
                   until_label(x, best->first, best->first + best->count, hit),
                   best_reach + label_worth(x, hit));
}

static void
rank_texts(struct extraction *x, uint16_t field)
{
    unsigned place = x->form->fields[field].place;

    if (place == 0)
        place = PLACE_RIGHT | PLACE_BELOW;
    for (uint32_t h = 0; h < x->hit_count; h++) {
        bool found = false;

        if (x->hits[h].field != field)
            continue;
        if (place & (PLACE_RIGHT | PLACE_SAME))
            found = text_right(x, field, &x->hits[h]);
        if ((place & PLACE_BELOW) && (!found || x->form->fields[field].type == VALUE_NAME))
            text_below(x, field, &x->hits[h]);
    }
}

static void
choose_best(struct choice *c)
{
    c->chosen = c->count > 0 && c->list[0].score >= 0.4 ? 0 : -1;
}

static struct box
words_box(const struct layout *lay, uint32_t first, uint32_t count)
{
    struct box b = lay->words[first].box;

    for (uint32_t i = 1; i < count; i++)
        b = box_union(b, lay->words[first + i].box);
    return b;
}

/* What stands in the block of its owner is more likely the owner's. */
static void
draw_near(struct extraction *x, uint16_t field, const struct candidate *owner, uint32_t owner_page)
{
    const struct layout *lay = x->layout;
    struct choice *choice = &x->choices[field], moved = { .list = NULL };
    struct box b = words_box(lay, owner->first, owner->count);
    double h = lay->height;

    moved.list = arena_array(x->arena, CANDIDATES_MAX, sizeof *moved.list);
    if (moved.list == NULL)
        return;
    for (uint32_t i = 0; i < choice->count; i++) {
        struct candidate c = choice->list[i];
        struct box v = words_box(lay, c.first, c.count);
        double dy = (v.y0 - b.y1) / h, bonus = -0.12;

        if (c.page == owner_page && dy > -1.5 && dy < 14) {
            bool column = box_across(v, b) > 0 || abs(v.x0 - b.x0) < 8 * h;

            if (column)
                bonus = 0.35 - 0.02 * (dy > 0 ? dy : 0);
            else if (fabs(dy) < 1.5)
                bonus = 0.05;
        }
        c.score += bonus;
        choice_add(&moved, &c);
    }
    memcpy(choice->list, moved.list, moved.count * sizeof *moved.list);
}

/* Two fields that must differ do not take the same words: the weaker one yields. */
static void
keep_apart(struct extraction *x)
{
    for (unsigned r = 0; r < x->form->rule_count; r++) {
        const struct rule *rule = &x->form->rules[r];
        const struct form_field *fa, *fb;
        struct choice *a, *b, *weak;

        if (rule->kind != RULE_DIFFERENT || rule->fields.count != 2)
            continue;
        fa = form_field(x->form, rule->fields.items[0]);
        fb = form_field(x->form, rule->fields.items[1]);
        if (fa == NULL || fb == NULL)
            continue;
        a = &x->choices[fa - x->form->fields];
        b = &x->choices[fb - x->form->fields];
        if (a->chosen < 0 || b->chosen < 0 ||
            strcmp(a->list[a->chosen].value, b->list[b->chosen].value) != 0)
            continue;
        weak = a->list[a->chosen].score < b->list[b->chosen].score ? a : b;
        weak->chosen = weak->count > 1 && weak->list[1].score >= 0.4 ? 1 : -1;
    }
}

/*
 * A slip's name and address by the chain of its lines; what the hand-set rules found stays as
 * the second choice.
 */
static enum rc
by_chain(struct extraction *x)
{
    uint16_t name = NO_FIELD, address = NO_FIELD;

    if (!slip_knows(x->form))
        return RC_OK;
    for (unsigned i = 0; i < x->form->field_count; i++) {
        if (x->form->fields[i].pick == PICK_SENDER)
            name = (uint16_t)i;
        else if (x->form->fields[i].type == VALUE_ADDRESS)
            address = (uint16_t)i;
    }
    for (uint32_t i = 0; name != NO_FIELD && i < x->choices[name].count; i++)
        x->choices[name].list[i].score *= 0.4;
    return slip_parties(x, name, address);
}

enum rc
extract_parties(struct extraction *x)
{
    const struct form *form = x->form;
    enum rc rc = RC_OK;

    for (unsigned i = 0; i < form->field_count && rc == RC_OK; i++) {
        const struct form_field *f = &form->fields[i];

        if (f->type != VALUE_TEXT && f->type != VALUE_NAME && f->type != VALUE_ADDRESS)
            continue;
        rank_texts(x, (uint16_t)i);
        if (f->pick == PICK_SENDER)
            rc = party_senders(x, (uint16_t)i);
        else if (f->pick == PICK_ADDRESSEE && x->choices[i].count == 0)
            rc = party_addressees(x, (uint16_t)i);
    }
    if (rc == RC_OK)
        rc = by_chain(x);
    for (unsigned i = 0; i < form->field_count; i++)
        choose_best(&x->choices[i]);
    keep_apart(x);
    for (unsigned i = 0; i < form->field_count && rc == RC_OK; i++) {
        const struct form_field *f = &form->fields[i];
        const struct form_field *owner = f->near != NULL ? form_field(form, f->near) : NULL;
        const struct choice *o = owner != NULL ? &x->choices[owner - form->fields] : NULL;

        if (o == NULL || o->chosen < 0)
            continue;
        if (f->type == VALUE_ADDRESS) {
            if (x->choices[i].count == 0)
                rc = party_address(x, (uint16_t)i);
        } else
            draw_near(x, (uint16_t)i, &o->list[o->chosen], o->list[o->chosen].page);
        choose_best(&x->choices[i]);
    }
    keep_apart(x);
    latin_parties(x);
    return rc;
}
