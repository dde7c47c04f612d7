/*
 * unfit.c - unfit.h: counted on the words as read, nothing guessed of what they say.
 *
 * A photograph of a desk gives a reader some ten scraps of text that it is not sure of.  Of running text in a
 * language that is read here, a fifth or more are its commonest words; of a till slip that is all names and
 * numbers one in thirty at least (the lowest of 136 slips had 3.7 %), of a Polish letter none.
 */
#include "unfit.h"

#include <string.h>

#include "read_language.h"

#define SURE 0.6f          /* of the reader's own number              */
#define LEAST_SURE 5       /* words: fewer are no document            */
#define LEAST_FOR_LANGUAGE 60
#define LEAST_KNOWN 0.025  /* share of words known to some language   */

static bool
is_word(const struct word *w)
{
    return strlen(w->text) >= 3 && w->conf >= SURE;
}

enum reason
unfit_reason(const struct page_reading *const *pages, uint32_t count)
{
    struct language_votes votes = { .words = 0 };
    uint32_t words = 0, sure = 0, zones = 0;

    for (uint32_t p = 0; p < count; p++) {
        words += pages[p]->word_count;
        zones += pages[p]->zone_count;
        for (uint32_t i = 0; i < pages[p]->word_count; i++)
            sure += is_word(&pages[p]->words[i]);
        language_listen(&votes, pages[p]->words, pages[p]->word_count);
    }
    if (zones > 0)
        return REASON_UNKNOWN_TYPE;
    if (words == 0)
        return REASON_UNREADABLE;
    if (sure < LEAST_SURE)
        return REASON_NO_DOCUMENT;
    if (votes.words >= LEAST_FOR_LANGUAGE && votes.known < LEAST_KNOWN * votes.words)
        return REASON_LANGUAGE;
    return REASON_UNKNOWN_TYPE;
}
