/*
 * extract_legal.c - a company's legal form at the end of its name, misread by a letter.
 *
 * Of two words that nearly are a known form the form is meant ("SON. BHO." is "SDN. BHD."), and so is "5/8" for
 * "S/B"; a form of a single word is left alone, because names may look like it.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "doc/lexicon.h"
#include "extract_party.h"

#define DIRT 5 /* letters behind a form that are no name */

/* Companies Act 2016 (Malaysia) s. 25; Companies Act 1967 (Singapore) s. 27; Companies Act 2013 (India) s. 4. */
static const char *const forms[][2] = {
    { "SDN", "BHD" },
    { "PTE", "LTD" },
    { "PVT", "LTD" },
};

struct tail {
    size_t from, letters, end; /* of a word: where it begins, its letters without marks, its end */
};

/* The last word of text before end. */
static bool
word_before(const char *text, size_t end, struct tail *out)
{
    while (end > 0 && text[end - 1] == ' ')
        end--;
    out->end = end;
    while (end > 0 && text[end - 1] != ' ')
        end--;
    out->from = end;
    out->letters = out->end;
    while (out->letters > out->from && strchr(".,;:", text[out->letters - 1]) != NULL)
        out->letters--;
    return out->letters > out->from;
}

/* Letters in which the word differs from the form's, when they are as many; else many. */
static unsigned
differs(const char *word, size_t n, const char *form)
{
    unsigned count = 0;

    if (n != strlen(form))
        return 9;
    for (size_t i = 0; i < n; i++)
        count += toupper((unsigned char)word[i]) != form[i];
    return count;
}

/* The form's letters, as large as the word's. */
static void
put(char *at, const char *form)
{
    const bool small = islower((unsigned char)at[1]) && islower((unsigned char)at[2]);

    for (size_t i = 0; form[i] != '\0'; i++)
        at[i] = small && i > 0 ? (char)tolower((unsigned char)form[i]) : form[i];
}

/* "SPEED MART 5/8": of three characters, the middle one a stroke. */
static bool
mend_short(char *text, const struct tail *last)
{
    char *at = text + last->from;

    if (last->letters - last->from != 3 || at[1] != '/' || strchr("S5s", at[0]) == NULL ||
        strchr("B83", at[2]) == NULL || last->from < 4 || (at[0] == 'S' && at[2] == 'B'))
        return false;
    at[0] = 'S';
    at[2] = 'B';
    return true;
}

bool
party_mend_legal(char *text)
{
    struct tail last, before;

    if (!word_before(text, strlen(text), &last))
        return false;
    if (mend_short(text, &last))
        return true;
    if (!word_before(text, last.from, &before) || before.from == 0)
        return false;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        unsigned a = differs(text + before.from, before.letters - before.from, forms[i][0]);
        unsigned b = differs(text + last.from, last.letters - last.from, forms[i][1]);

        if (a > 1 || b > 1)
            continue;
        if (a + b == 0)
            return false;
        put(text + before.from, forms[i][0]);
        put(text + last.from, forms[i][1]);
        return true;
    }
    return false;
}

/* Do the words at "first" and "second" make a form of two words, a letter apart at most? */
static bool
is_form(const char *text, const struct tail *first, const struct tail *second)
{
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (differs(text + first->from, first->letters - first->from, forms[i][0]) +
                differs(text + second->from, second->letters - second->from, forms[i][1]) <= 1)
            return true;
    return false;
}

/*
 * What a reader sees behind a name's end is dirt when it is a few letters: "TIMBER SDN. BHD. AL".  A place in
 * brackets stays: "SDN BHD (KLANG)".
 */
static void
cut_behind(char *text)
{
    struct tail last, before;

    for (size_t end = strlen(text); word_before(text, end, &last) && word_before(text, last.from, &before);
         end = last.from) {
        unsigned letters = 0;

        if (!is_form(text, &before, &last))
            continue;
        for (const char *at = text + last.end; *at != '\0'; at++)
            letters += isalnum((unsigned char)*at) != 0 || (unsigned char)*at >= 0xc0;
        if (letters <= DIRT && strchr(text + last.end, ')') == NULL)
            text[last.end] = '\0';
        return;
    }
}

char *
party_legal_end(struct arena *arena, const char *text)
{
    char *out = arena_str(arena, text);
    struct tail last, before;

    if (out == NULL)
        return NULL;
    cut_behind(out);
    if (!word_before(out, strlen(out), &last) || !word_before(out, last.from, &before) || before.from == 0)
        return out;
    /* "SDN BH": the last letter was not seen. */
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        size_t n = last.letters - last.from, whole = strlen(forms[i][1]);

        if (n + 1 != whole || last.letters != last.end || strncasecmp(out + last.from, forms[i][1], n) != 0 ||
            differs(out + before.from, before.letters - before.from, forms[i][0]) > 0)
            continue;
        return arena_printf(arena, "%s%c", out, islower((unsigned char)out[last.letters - 1])
                                                    ? tolower((unsigned char)forms[i][1][n]) : forms[i][1][n]);
    }
    return out;
}
