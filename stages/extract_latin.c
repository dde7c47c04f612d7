/*
 * extract_latin.c - paper of Chile, Mexico and Argentina, known by a labelled tax number.
 *
 * All three print "$" for a peso and the day before the month; the issuer's number stands above the buyer's: on the
 * printed models of the Chilean and the Argentine tax office it has its place at the top, in Mexico it is usual.
 */
#include "extract_latin.h"

#include <string.h>

#include "doc/checkdigit.h"
#include "doc/lexicon.h"

#define WORD_ROOM 40
#define WORDS_ON 3 /* from the label to the end of its number */

static const struct latin rows[] = {
    { "rut", "cl_rut", "CLP", ',', true },
    { "rfc", "mx_rfc", "MXN", 0, false },
    { "cuit", "ar_cuit", "ARS", ',', false },
};

/* Is the text, or its beginning before a colon, this label? *rest is what follows. */
static bool
begins_with(const char *text, const char *label, const char **rest)
{
    char head[WORD_ROOM], fold[WORD_ROOM];
    const char *colon = strchr(text, ':');
    size_t n = colon != NULL ? (size_t)(colon - text) : strlen(text);

    if (n >= sizeof head)
        return false;
    memcpy(head, text, n);
    head[n] = '\0';
    *rest = colon != NULL ? colon + 1 : "";
    return lexicon_fold(head, fold, sizeof fold) == strlen(label) && strcmp(fold, label) == 0;
}

/* Does the number begin with what is left of the label's word, or in one of the next words? */
static bool
number_follows(const struct layout *lay, uint32_t label, const char *rest, const char *check)
{
    for (uint32_t skip = 0; skip < WORDS_ON; skip++) {
        char joined[2 * WORD_ROOM] = "";
        size_t n = 0;

        for (uint32_t w = skip; w < WORDS_ON; w++) {
            const char *t = w == 0 ? rest : label + w < lay->word_count ? lay->words[label + w].word->text : "";

            if (w > 0 && (label + w >= lay->word_count || lay->words[label + w].line != lay->words[label].line))
                break;
            if (n + strlen(t) >= sizeof joined)
                break;
            memcpy(joined + n, t, strlen(t) + 1);
            n += strlen(t);
            if (n >= 9 && checkdigit_check(check, joined) == CHECKDIGIT_GOOD)
                return true;
        }
    }
    return false;
}

const struct latin *
latin_paper(const struct layout *lay)
{
    for (uint32_t i = 0; i < lay->word_count; i++)
        for (size_t k = 0; k < COUNT_OF(rows); k++) {
            const char *rest;

            if (begins_with(lay->words[i].word->text, rows[k].label, &rest) &&
                number_follows(lay, i, rest, rows[k].check))
                return &rows[k];
        }
    return NULL;
}

bool
latin_sign(const struct latin *latin, const char *code, const char *sign)
{
    bool peso = false;

    for (size_t k = 0; k < COUNT_OF(rows); k++)
        peso = peso || strcmp(rows[k].currency, code) == 0;
    return strcmp(sign, "$") != 0 || (latin != NULL ? strcmp(latin->currency, code) == 0 : !peso);
}

/* Labels on this paper that are something else on other: the "folio" of a page in a register of companies, in Spain. */
static const char *const only_here[] = { "folio" };

void
latin_labels(struct extraction *x)
{
    uint32_t kept = 0;

    for (uint32_t h = 0; h < x->hit_count; h++) {
        const char *text = x->layout->words[x->hits[h].first].word->text, *rest;
        bool here = true;

        for (size_t i = 0; x->latin == NULL && i < COUNT_OF(only_here); i++)
            here = here && (x->hits[h].count != 1 || !begins_with(text, only_here[i], &rest));
        if (here)
            x->hits[kept++] = x->hits[h];
    }
    x->hit_count = kept;
}

/* Where a value stands among the candidates of a field, or -1. */
static int
place_of(const struct choice *choice, const char *value)
{
    for (uint32_t i = 0; i < choice->count; i++)
        if (strcmp(choice->list[i].value, value) == 0)
            return (int)i;
    return -1;
}

void
latin_parties(struct extraction *x)
{
    for (unsigned r = 0; x->latin != NULL && r < x->form->rule_count; r++) {
        const struct rule *rule = &x->form->rules[r];
        const struct form_field *fa, *fb;
        struct choice *a, *b;
        int for_a, for_b;

        if (rule->kind != RULE_DIFFERENT || rule->fields.count != 2 ||
            (fa = form_field(x->form, rule->fields.items[0])) == NULL ||
            (fb = form_field(x->form, rule->fields.items[1])) == NULL || fa->type != VALUE_ID || fb->type != VALUE_ID)
            continue;
        a = &x->choices[fa - x->form->fields];
        b = &x->choices[fb - x->form->fields];
        if (a->chosen < 0 || b->chosen < 0 ||
            x->layout->words[a->list[a->chosen].first].line <= x->layout->words[b->list[b->chosen].first].line)
            continue;
        for_a = place_of(a, b->list[b->chosen].value);
        for_b = place_of(b, a->list[a->chosen].value);
        /* "RFC receptor" is the buyer's alone: then there is nothing to exchange */
        if (for_a >= 0 && for_b >= 0) {
            a->chosen = for_a;
            b->chosen = for_b;
        }
    }
}
