/*
 * extract_ids.c - numbers and codes that somebody gave out: the run of words that fits the
 * field's pattern, near its label, put right by its check digit.
 */
#include "extract.h"

#include <stdlib.h>
#include <string.h>

#include "doc/checkdigit.h"

#define ID_WORDS 8

/* Checks of the field's own: how the answer of a check digit moves a candidate. */
static void
apply_checks(const struct form_field *f, struct candidate *c)
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
    if (!known)
        return;
    c->checked = good && proves;
    c->check_failed = !good;
    c->score += good ? (proves ? 0.25 : 0.1) : -0.2;
    if (c->repaired)
        c->score -= 0.1;
}

/* Punctuation at both ends belongs to the line, not to the id. */
static char *
trim_id(struct arena *arena, const char *text)
{
    static const char edge[] = ":;,.#()[]|*'\"=<>_ ";
    char *out;
    size_t n;

    while (*text != '\0' && strchr(edge, *text) != NULL)
        text++;
    out = arena_str(arena, text);
    if (out == NULL)
        return NULL;
    n = strlen(out);
    while (n > 0 && strchr(edge, out[n - 1]) != NULL)
        n--;
    while (n > 0 && (out[n - 1] == '-' || out[n - 1] == '/'))
        n--;
    out[n] = '\0';
    return out;
}

static bool
has_digit(const char *text)
{
    return strpbrk(text, "0123456789") != NULL;
}

static char *
without_blanks(struct arena *arena, const char *text)
{
    char *out = arena_str(arena, text);
    size_t n = 0;

    for (const char *at = text; out != NULL && *at != '\0'; at++)
        if (*at != ' ')
            out[n++] = *at;
    if (out != NULL)
        out[n] = '\0';
    return out;
}

static bool
check_holds(const struct form_field *f, const char *value)
{
    bool known = false;

    for (unsigned i = 0; i < f->checks.count; i++) {
        enum checkdigit_answer answer = checkdigit_check(f->checks.items[i], value);

        if (answer == CHECKDIGIT_GOOD)
            return true;
        known = known || answer == CHECKDIGIT_BAD;
    }
    return !known;
}

/*
 * The id that begins with word "first" of a piece: the longest run of words that fits a
 * pattern; without patterns one word with a digit.  lead: what stands before, inside the
 * label's last word.
 */
static bool
id_at(struct extraction *x, const struct form_field *f, uint32_t first, uint32_t end, const char *lead,
      struct candidate *c)
{
    const struct layout *lay = x->layout;
    uint32_t most = end - first < ID_WORDS ? end - first : ID_WORDS;

    for (uint32_t n = most + (lead != NULL); n-- > 0;) {
        uint32_t count = lead != NULL ? n : n + 1;
        char *rest = count > 0 ? layout_text(lay, first, count, x->arena) : arena_str(x->arena, "");
        char *text;

        if (lead == NULL && n >= most)
            continue;
        if (rest == NULL)
            return false;
        text = lead == NULL ? rest
                            : arena_printf(x->arena, "%s%s%s", lead, count > 0 ? " " : "", rest);
        text = text != NULL ? trim_id(x->arena, text) : NULL;
        if (text == NULL || text[0] == '\0')
            continue;
        c->repaired = false;
        if (f->pattern.count == 0 ? (count + (lead != NULL) != 1 || !has_digit(text))
                                  : !value_matches(f, text)) {
            const char *right = NULL;

            if (f->pattern.count == 0 || !has_digit(text))
                continue;
            /* "DE94534 1079": a blank of the reader's. */
            if (count > 1 && (right = without_blanks(x->arena, text)) != NULL && value_matches(f, right) &&
                f->checks.count > 0 && check_holds(f, right)) {
                text = (char *)right;
            } else {
                if (!value_repair(f, text, x->arena, &right))
                    continue;
                c->repaired = true;
                text = (char *)right;
            }
        } else if (f->checks.count > 0 && !check_holds(f, text)) {
            const char *right;

            if (value_repair(f, text, x->arena, &right)) {
                c->repaired = true;
                text = (char *)right;
            }
        }
        c->text = c->value = text;
        c->first = lead != NULL ? first - 1 : first;
        c->count = count + (lead != NULL);
        c->page = lay->words[c->first].page;
        c->conf = layout_conf(lay, c->first, c->count);
        return true;
    }
    return false;
}

static void
offer_id(struct extraction *x, uint16_t field, struct candidate *c, double score)
{
    const struct form_field *f = &x->form->fields[field];
    struct date_hit date;
    size_t n = strlen(c->value);

    c->score = score;
    /* Without a pattern anything with a digit would do: dates and amounts are seldom meant. */
    if (f->pattern.count == 0) {
        if (dates_find(c->value, &date, 1) == 1 && date.start == 0 && date.end == n)
            c->score -= 0.3;
        if (n < 3)
            c->score -= 0.1;
        if (strstr(c->value, "%") != NULL)
            c->score -= 0.3;
    }
    apply_checks(f, c);
    if (c->score > REACH_LEAST)
        choice_add(&x->choices[field], c);
}

void
extract_ids(struct extraction *x, uint16_t field)
{
    const struct layout *lay = x->layout;
    const struct form_field *f = &x->form->fields[field];

    for (uint32_t h = 0; h < x->hit_count; h++) {
        const struct label_hit *hit = &x->hits[h];
        struct candidate c = { .hit = (int)h };

        if (hit->field != field)
            continue;
        if (hit->tail[0] != '\0') {
            const struct lay_run *p = &lay->pieces[hit->piece];

            if (id_at(x, f, hit->first + hit->count, p->first + p->count, hit->tail, &c))
                offer_id(x, field, &c, 1.02 + label_worth(x, hit));
        }
        for (uint32_t i = 0; i < lay->word_count; i++) {
            const struct lay_word *w = &lay->words[i];
            const struct lay_run *p = &lay->pieces[w->piece];
            double s;

            if (w->page != hit->page || (i >= hit->first && i < hit->first + hit->count))
                continue;
            s = label_reach(x, hit, w->page, w->line, w->box, f->place);
            if (s < REACH_LEAST || hit_of_word(x, i) != NULL)
                continue;
            c = (struct candidate){ .hit = (int)h };
            if (id_at(x, f, i, p->first + p->count, NULL, &c))
                offer_id(x, field, &c, s + label_worth(x, hit));
        }
    }
    if (!f->keep_unlabelled || f->pattern.count == 0)
        return;
    for (uint32_t i = 0; i < lay->word_count; i++) {
        const struct lay_run *p = &lay->pieces[lay->words[i].piece];
        struct candidate c = { .hit = -1 };

        if (id_at(x, f, i, p->first + p->count, NULL, &c) && !c.repaired)
            offer_id(x, field, &c, 0.5 - 0.05 * (double)lay->words[i].line / (lay->line_count + 1));
    }
}
