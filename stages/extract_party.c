/*
 * extract_party.c - who sent the paper, to whom, and their addresses.
 *
 * Letterheads carry no labels.  What tells the sender: it stands high, in larger print, ends
 * in a company form, and its name comes back in an address line, a web address or after
 * "payable to".
 */
#include "extract_party.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/lexicon.h"

#define WHOLE_NAME 11  /* letters of a name that are hardly another's by chance */
#define BELOW_MOST 12  /* pieces below a name are looked at */
#define NAME_TALL 1.15 /* of the body: a name in a letterhead */

/* Four or five digits in a row and letters behind them; "xxxxxx2968" is the end of a masked account. */
static bool
has_postal(const char *fold)
{
    for (const char *start = fold; *fold != '\0'; fold++) {
        size_t n = strspn(fold, "0123456789");
        bool masked = fold - start >= 2 && fold[-1] == 'x' && fold[-2] == 'x';

        if ((n == 4 || n == 5) && isalpha((unsigned char)fold[n]) && !masked)
            return true;
        fold += n > 0 ? n - 1 : 0;
    }
    return false;
}

/* "S.L." alone under a name that has no company form: its end; NULL: there is none. */
const struct lay_run *
party_tail_below(const struct extraction *x, const struct lay_run *piece)
{
    const struct layout *lay = x->layout;

    for (uint32_t i = 0; i < lay->piece_count; i++) {
        const struct lay_run *p = &lay->pieces[i];
        double tall = box_height(piece->box), gap = p->box.y0 - piece->box.y1;
        char *text;

        if (p->page != piece->page || p->count > 4 || gap < -0.4 * tall || gap > 1.3 * tall ||
            abs(p->box.x0 - piece->box.x0) > tall)
            continue;
        text = layout_text(lay, p->first, p->count, x->arena);
        /* the form of a company behind any word */
        if (text != NULL && party_is_tail(text) && (text = arena_printf(x->arena, "x %s", text)) != NULL &&
            party_has_suffix(text))
            return p;
    }
    return NULL;
}

/* Does the text come back: as the beginning of another line, or in a web address? */
static double
echo(const struct extraction *x, const struct lay_run *piece, const char *text)
{
    const struct layout *lay = x->layout;
    char fold[200], stem[16], whole[16];
    size_t n = lexicon_fold(text, fold, sizeof fold), k;
    double worth = 0;

    if (n < 4)
        return 0;
    for (uint32_t i = 0; i < lay->line_count; i++) {
        const struct lay_run *line = &lay->lines[i];
        const char *at = strstr(line->fold, fold);

        if (at == NULL || line->line == piece->line)
            continue;
        /* The line over the address window: name, street, town. */
        if (worth < 0.5)
            worth = at == line->fold && has_postal(at + n) ? 0.5 : 0.25;
        if (at > line->fold && worth < 0.4)
            worth = strstr(line->fold, "payable") != NULL || strstr(line->fold, "favor") != NULL ? 0.4 : 0.3;
    }
    for (k = 0; k < n && k < sizeof stem - 1; k++)
        stem[k] = whole[k] = fold[k];
    stem[k < 6 ? k : 6] = '\0';
    whole[k < WHOLE_NAME ? k : WHOLE_NAME] = '\0';
    for (uint32_t i = 0; i < lay->word_count; i++) {
        const char *t = lay->words[i].word->text;

        if (strchr(t, '@') == NULL && strstr(t, "www") == NULL && strstr(t, ".com") == NULL &&
            strstr(t, ".de") == NULL && strstr(t, ".es") == NULL)
            continue;
        lexicon_fold(t, fold, sizeof fold);
        if (strlen(stem) >= 4 && strstr(fold, stem) != NULL)
            worth += n >= WHOLE_NAME && strstr(fold, whole) != NULL ? 0.45 : 0.2; /* name@, or name's own domain */
    }
    return worth > 0.5 ? 0.5 : worth;
}

/* Is this the first line of the block whose postal line is below it? */
static bool
heads_address(const struct extraction *x, const struct lay_run *piece)
{
    const struct layout *lay = x->layout;
    double h = lay->height;

    for (uint32_t i = 0; i < lay->piece_count; i++) {
        const struct lay_run *p = &lay->pieces[i];
        double dy = (p->box.y0 - piece->box.y1) / h;
        char *text;

        if (p->page != piece->page || dy < -0.3 || dy > 8)
            continue;
        if (abs(p->box.x0 - piece->box.x0) > 3 * h &&
            abs(p->box.x0 + p->box.x1 - piece->box.x0 - piece->box.x1) > 6 * h &&
            abs(p->box.x1 - piece->box.x1) > 3 * h)
            continue;
        text = layout_text(lay, p->first, p->count, x->arena);
        if (text != NULL && (party_is_postal(text) || party_is_street(text)))
            return true;
    }
    return false;
}

/* Words that cannot be a name: labels, titles, amounts. */
static bool
is_taken(const struct extraction *x, const struct lay_run *piece)
{
    uint32_t labels = 0;

    for (uint32_t i = 0; i < piece->count; i++) {
        const struct label_hit *hit = hit_of_word(x, piece->first + i);

        labels += hit != NULL;
        /* "E Empresa: ...": dirt before a label does not make it a name.  Titles of columns
         * are common words: one of them does not unmake a name. */
        if (i < 2 && hit != NULL && hit->column == UINT32_MAX)
            return true;
    }
    return labels * 2 > piece->count;
}

/* The piece above the first one or left of it that a broken name goes on from; NULL: none. */
static const struct lay_run *
name_before(const struct extraction *x, const struct lay_run *piece)
{
    const struct layout *lay = x->layout;
    const struct lay_run *best = NULL;
    double h = lay->height;

    for (uint32_t i = 0; i < lay->piece_count; i++) {
        const struct lay_run *p = &lay->pieces[i];
        bool left = p->line == piece->line && p->box.x1 <= piece->box.x0 && piece->box.x0 - p->box.x1 < 5 * h;
        bool above = p->line < piece->line && box_across(p->box, piece->box) > 0 &&
                     piece->box.y0 - p->box.y1 < 1.6 * h && piece->box.y0 > p->box.y0;

        if (p->page != piece->page || p == piece || is_taken(x, p))
            continue;
        if (left || above) /* the nearest comes last */
            best = p;
        if (left)
            break;
    }
    return best;
}

/* A line of the table: below its head, with an amount. */
static bool
is_row(const struct extraction *x, const struct lay_run *piece)
{
    uint32_t columns = 0, line = UINT32_MAX;

    for (uint32_t i = 0; i < x->hit_count && columns < 3; i++) {
        const struct label_hit *hit = &x->hits[i];

        if (hit->column == UINT32_MAX || hit->page != piece->page || hit->line >= piece->line)
            continue;
        columns = hit->line == line ? columns + 1 : 1;
        line = hit->line;
    }
    for (uint32_t i = 0; i < x->amount_count && columns >= 3; i++)
        if (x->amounts[i].page == piece->page && x->amounts[i].line == piece->line)
            return true;
    return false;
}

/* In a narrow letterhead a name takes two lines of the same large print; NULL: it does not. */
static const struct lay_run *
name_above(const struct extraction *x, const struct lay_run *piece, const char *text)
{
    const struct layout *lay = x->layout;
    double own = box_height(piece->box);

    if (own < NAME_TALL * lay->height || party_letters(text) < 0.8)
        return NULL;
    for (uint32_t i = 0; i < lay->piece_count; i++) {
        const struct lay_run *p = &lay->pieces[i];
        double tall = box_height(p->box), gap = piece->box.y0 - p->box.y1;
        bool aligned = abs(p->box.x0 - piece->box.x0) < 0.6 * own ||
                       abs(p->box.x0 + p->box.x1 - piece->box.x0 - piece->box.x1) < own;
        char *above;

        if (p->page != piece->page || p->box.y0 >= piece->box.y0 || is_taken(x, p) || !aligned || gap > 0.9 * own ||
            gap < -0.4 * own || tall < 0.75 * own || tall > 1.35 * own)
            continue;
        above = layout_text(lay, p->first, p->count, x->arena);
        if (above != NULL && party_letters(above) > 0.9 && strlen(above) > 2 && !party_has_suffix(above) &&
            !party_is_common(above))
            return p;
    }
    return NULL;
}

/* Is the piece the first line of such a name? */
static bool
goes_on_below(const struct extraction *x, const struct lay_run *piece)
{
    const struct layout *lay = x->layout;
    int reach = piece->box.y1 + 2 * box_height(piece->box);
    unsigned near = 0;

    for (uint32_t i = 0; i < lay->piece_count && near < BELOW_MOST; i++) {
        const struct lay_run *p = &lay->pieces[i];
        char *text;

        if (p->page != piece->page || p->box.y0 <= piece->box.y0 || p->box.y0 > reach || is_taken(x, p) ||
            box_across(p->box, piece->box) <= 0)
            continue;
        near++;
        text = layout_text(lay, p->first, p->count, x->arena);
        if (text != NULL && (party_is_tail(text) ? name_before(x, p) : name_above(x, p, text)) == piece)
            return true;
    }
    return false;
}

static double
sender_worth(const struct extraction *x, const struct lay_run *piece, const char *text)
{
    const struct page_facts *facts = &x->layout->pages[piece->page]->facts;
    double h = x->layout->height > 1 ? x->layout->height : 1;
    double y = facts->height > 0 ? (double)piece->box.y0 / facts->height : 0;
    double tall = box_height(piece->box) / h, s = 0.30;

    s += party_has_suffix(text) ? 0.35 : party_has_trade(text) ? 0.18 : 0;
    s += 0.35 * (1 - y);
    s += tall > 1.15 ? 0.12 * (tall > 2.2 ? 1.05 : tall - 1.0) : 0;
    s += 0.6 * echo(x, piece, text);
    s += heads_address(x, piece) ? 0.22 : 0;
    s -= 0.8 * (1 - party_letters(text));
    s -= party_is_contact(text) || party_is_street(text) || party_is_postal(text) ? 0.5 : 0;
    s -= piece->page > 0 ? 0.5 : 0;
    s -= y > 0.45 ? 0.3 : 0;
    s -= is_row(x, piece) ? 0.5 : 0;
    s -= strlen(text) < 4 ? 0.3 : 0;
    s -= strlen(text) > 55 ? 0.25 : 0;
    return s;
}

/* Does the piece stand under a label of a field that names somebody else? */
static bool
under_other(const struct extraction *x, const struct lay_run *piece, uint16_t field)
{
    for (uint32_t i = 0; i < x->hit_count; i++) {
        const struct label_hit *hit = &x->hits[i];

        if (hit->field == NO_FIELD || hit->field == field || hit->page != piece->page)
            continue;
        if (x->form->fields[hit->field].type != VALUE_NAME)
            continue;
        if (hit->line == piece->line ? hit->box.x1 <= piece->box.x0 + 5
                                     : label_reach(x, hit, piece->page, piece->line, piece->box, PLACE_BELOW) > 0.4)
            return true;
    }
    return false;
}

enum rc
party_senders(struct extraction *x, uint16_t field)
{
    const struct layout *lay = x->layout;

    for (uint32_t i = 0; i < lay->piece_count; i++) {
        const struct lay_run *p = &lay->pieces[i];
        struct candidate c = { .hit = -1, .page = p->page, .first = p->first, .count = p->count };

        if (p->page > 0 || is_taken(x, p) || goes_on_below(x, p))
            continue;
        c.text = layout_text(lay, p->first, p->count, x->arena);
        if (c.text == NULL || (c.value = party_clean(x->arena, c.text)) == NULL)
            return RC_NOMEM;
        if (party_is_tail(c.value)) {
            const struct lay_run *before = name_before(x, p);
            char *whole = before != NULL ? layout_text(lay, before->first, before->count, x->arena) : NULL;

            if (whole == NULL)
                continue;
            c.text = arena_printf(x->arena, "%s %s", whole, c.text);
            if (c.text == NULL || (c.value = party_clean(x->arena, c.text)) == NULL)
                return RC_NOMEM;
            c.first = before->first;
            c.count = before->count;
        } else {
            const struct lay_run *above = name_above(x, p, c.value);
            char *whole = above != NULL ? layout_text(lay, above->first, above->count, x->arena) : NULL;

            if (above != NULL) {
                c.text = whole != NULL ? arena_printf(x->arena, "%s %s", whole, c.text) : NULL;
                if (c.text == NULL || (c.value = party_clean(x->arena, c.text)) == NULL)
                    return RC_NOMEM;
                c.first = above->first;
                c.count = above->count;
            }
        }
        if (party_letters(c.value) < 0.5 || strlen(c.value) < 3 || party_is_common(c.value))
            continue;
        c.score = sender_worth(x, p, c.value) - (under_other(x, p, field) ? 0.6 : 0);
        c.conf = layout_conf(lay, p->first, p->count);
        if (c.conf < 0.4f)
            c.score -= 0.25 * (0.4f - c.conf) / 0.4f;
        if (c.score > 0.3)
            choice_add(&x->choices[field], &c);
    }
    return RC_OK;
}

/* The first line of a block that holds a postal line and is not the sender's. */
enum rc
party_addressees(struct extraction *x, uint16_t field)
{
    const struct layout *lay = x->layout;

    for (uint32_t i = 0; i < lay->piece_count; i++) {
        const struct lay_run *p = &lay->pieces[i];
        struct candidate c = { .hit = -1, .page = p->page, .first = p->first, .count = p->count };
        const struct page_facts *facts = &lay->pages[p->page]->facts;
        double y;

        if (p->page > 0 || is_taken(x, p) || !heads_address(x, p) || under_other(x, p, field) || is_row(x, p))
            continue;
        c.text = layout_text(lay, p->first, p->count, x->arena);
        if (c.text == NULL || (c.value = party_clean(x->arena, c.text)) == NULL)
            return RC_NOMEM;
        if (party_letters(c.value) < 0.9 || strlen(c.value) < 4 || party_is_street(c.value) ||
            party_is_contact(c.value))
            continue;
        y = facts->height > 0 ? (double)p->box.y0 / facts->height : 1;
        c.score = 0.45 + (party_has_suffix(c.value) ? 0.15 : 0) - (y > 0.45 ? 0.4 : 0);
        /* The address field of a letter: left, a fifth down. */
        c.score += 0.15 - fabs(y - 0.2) * 0.5;
        /* A company that comes back is the sender; a person may be the payee of the slip below as well. */
        c.score -= (party_has_suffix(c.value) || party_has_trade(c.value) ? 0.8 : 0.3) * echo(x, p, c.value);
        c.conf = layout_conf(lay, p->first, p->count);
        if (c.score > 0.3)
            choice_add(&x->choices[field], &c);
    }
    return RC_OK;
}

/* Seven digits and more, and hardly a letter. */
static bool
is_phone(const char *text)
{
    unsigned digits = 0;

    for (const char *at = text; *at != '\0'; at++)
        digits += isdigit((unsigned char)*at) != 0;
    return digits >= 7 && party_letters(text) < 0.2;
}

enum rc
party_address(struct extraction *x, uint16_t field)
{
    const struct form_field *f = &x->form->fields[field];
    const struct form_field *owner = f->near != NULL ? form_field(x->form, f->near) : NULL;
    const struct choice *name = owner != NULL ? &x->choices[owner - x->form->fields] : NULL;
    const struct layout *lay = x->layout;
    const struct candidate *n;
    struct candidate c = { .hit = -1 };
    char *text = NULL;
    struct box last;
    uint32_t taken = 0, skipped = 0, street = 0;

    if (name == NULL || name->chosen < 0)
        return RC_OK;
    n = &name->list[name->chosen];
    last = lay->pieces[lay->words[n->first].piece].box;
    c.page = n->page;
    c.conf = 1.0f;
    for (uint32_t i = 0; i < lay->piece_count && taken < (f->lines > 0 ? f->lines : 6); i++) {
        const struct lay_run *p = &lay->pieces[i];
        double h = lay->height, dy = (p->box.y0 - last.y1) / h;
        char *line;

        if (p->page != n->page || p->first <= n->first || dy < -0.6)
            continue;
        if (dy > 3.2 || skipped > 2)
            break;
        if (box_across(p->box, last) < 0 && abs(p->box.x0 - last.x0) > 4 * h)
            continue;
        line = layout_text(lay, p->first, p->count, x->arena);
        if (line == NULL || (line = party_clean(x->arena, line)) == NULL)
            return RC_NOMEM;
        if (is_taken(x, p) || party_is_contact(line) || is_phone(line) || party_is_common(line)) {
            if (taken > 0)
                break;
            last = p->box;
            skipped++;
            continue;
        }
        /* "(JM0517726)", "789417-W": a register number under the name. */
        if (taken == 0 && p->count <= 3 && !party_is_street(line) && strpbrk(line, "0123456789") != NULL &&
            party_letters(line) < 0.5) {
            last = p->box;
            skipped++;
            continue;
        }
        /* A smudge is not a line of an address. */
        if (layout_conf(lay, p->first, p->count) < 0.3f && strlen(line) < 8) {
            last = p->box;
            continue;
        }
        street += party_is_street(line) || party_is_postal(line);
        text = text == NULL ? line : arena_printf(x->arena, "%s %s", text, line);
        if (text == NULL)
            return RC_NOMEM;
        if (taken++ == 0)
            c.first = p->first;
        c.count = p->first + p->count - c.first;
        last = p->box;
        if (layout_conf(lay, p->first, p->count) < c.conf)
            c.conf = layout_conf(lay, p->first, p->count);
    }
    if (taken == 0)
        return RC_OK;
    c.text = c.value = text;
    c.score = 0.45 + 0.12 * street;
    choice_add(&x->choices[field], &c);
    return RC_OK;
}
