/*
 * memory_view.c - the words of a document in units of the page's width, and finding text among them.
 */
#include "memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "doc/lexicon.h"

#define NEAR_SHARE 0.22 /* of its letters may be misread */
#define NEAR_LEAST 5    /* a shorter word must be exact  */

double
memory_units(const struct layout *layout, uint32_t page, int pixels)
{
    const struct page_reading *p = layout->pages[page];
    uint32_t width = p->flat.on ? p->flat_width : p->facts.width; /* of the sheet, as a scanner would show it */

    return width > 0 ? (double)pixels * MEMORY_UNIT / width : 0;
}

double
memory_middle(const struct layout *layout, uint32_t page, struct box box)
{
    return memory_units(layout, page, box.y0 + box.y1) / 2;
}

bool
memory_plain_word(const char *fold)
{
    size_t n = strlen(fold);

    return n >= 2 && strpbrk(fold, "0123456789#%") == NULL;
}

bool
memory_same_word(const char *a, const char *b, bool near)
{
    size_t na = strlen(a), nb = strlen(b);

    if (na == nb && memcmp(a, b, na) == 0)
        return true;
    if (!near || na < NEAR_LEAST || nb < NEAR_LEAST)
        return false;
    return lexicon_distance(a, na, b, nb, NEAR_SHARE * (double)na) <= NEAR_SHARE * (double)na;
}

bool
memory_of_sender(const struct form *form, const struct form_field *f)
{
    const struct form_field *owner = f->near != NULL ? form_field(form, f->near) : NULL;

    /* BT-84: the account that an invoice is to be paid to is the seller's */
    return f->pick == PICK_SENDER || (owner != NULL && owner->pick == PICK_SENDER) ||
           (f->like != NULL && strcmp(f->like, "BT-84") == 0);
}

/* qsort has no context; the arrays of one view at a time. */
struct sorted_word {
    const char *fold;
    uint32_t at;
};

static int
by_fold(const void *a, const void *b)
{
    const struct sorted_word *p = a, *q = b;
    int order = strcmp(p->fold, q->fold);

    return order != 0 ? order : (p->at > q->at) - (p->at < q->at);
}

enum rc
memory_view_make(const struct layout *layout, struct arena *arena, struct memory_view *out)
{
    struct sorted_word *words = arena_array(arena, layout->word_count + 1u, sizeof *words);

    *out = (struct memory_view){ .layout = layout, .arena = arena };
    out->spots = arena_array(arena, layout->word_count + 1u, sizeof *out->spots);
    out->sorted = arena_array(arena, layout->word_count + 1u, sizeof *out->sorted);
    if (words == NULL || out->spots == NULL || out->sorted == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < layout->word_count; i++) {
        const struct lay_word *w = &layout->words[i];
        struct memory_spot *s = &out->spots[i];
        char fold[MEMORY_WORD_MAX + 1];

        lexicon_fold(w->word->text, fold, sizeof fold);
        s->page = w->page;
        s->x0 = (int32_t)memory_units(layout, w->page, w->box.x0);
        s->x1 = (int32_t)memory_units(layout, w->page, w->box.x1);
        s->y = (int32_t)memory_middle(layout, w->page, w->box);
        s->height = (int32_t)memory_units(layout, w->page, box_height(w->box));
        if ((s->fold = arena_str(arena, fold)) == NULL)
            return RC_NOMEM;
        words[i] = (struct sorted_word){ s->fold, i };
    }
    qsort(words, layout->word_count, sizeof *words, by_fold);
    for (uint32_t i = 0; i < layout->word_count; i++)
        out->sorted[i] = words[i].at;
    out->height = layout->page_count > 0 ? memory_units(layout, 0, (int)layout->height) : 0;
    if (out->height < 20)
        out->height = 20;
    return RC_OK;
}

/* How many words the letters from .. to of a folded line are of. */
static uint32_t
words_between(const struct lay_run *line, size_t from, size_t to, uint32_t *first)
{
    *first = line->first + line->fold_word[from];
    return line->fold_word[to - 1] - line->fold_word[from] + 1u;
}

/* Letters in the one that the other has not: a distance is never less than half of it. */
static unsigned
letters_apart(const char *a, const char *b, size_t n)
{
    int count[128] = { 0 };
    unsigned sum = 0;

    for (size_t i = 0; i < n; i++) {
        count[a[i] & 0x7f]++;
        count[b[i] & 0x7f]--;
    }
    for (int i = 0; i < 128; i++)
        sum += (unsigned)abs(count[i]);
    return sum / 2;
}

uint32_t
memory_text_at(const struct layout *layout, const char *fold, uint32_t *count, double *cost)
{
    size_t n = strlen(fold);
    double limit = 0.18 * (double)n, best = limit + 1;
    uint32_t found = UINT32_MAX;

    if (n < 4)
        return UINT32_MAX;
    for (uint32_t l = 0; l < layout->line_count; l++) {
        const struct lay_run *line = &layout->lines[l];
        const char *at = line->fold;

        while ((at = strstr(at, fold)) != NULL && line->edge[at - line->fold] == 0)
            at++;
        if (at == NULL)
            continue;
        *cost = 0;
        *count = words_between(line, (size_t)(at - line->fold), (size_t)(at - line->fold) + n, &found);
        return found;
    }
    for (uint32_t l = 0; l < layout->line_count && n >= 8; l++) {
        const struct lay_run *line = &layout->lines[l];

        for (uint32_t at = 0; at + n <= line->fold_size; at++) {
            double c;

            /* what is mistaken for something like it costs a half */
            if (line->edge[at] == 0 || letters_apart(fold, line->fold + at, n) > 2 * limit)
                continue;
            c = lexicon_distance(fold, n, line->fold + at, n, limit);
            if (c > limit || c >= best)
                continue;
            best = c;
            *count = words_between(line, at, at + n, &found);
        }
    }
    *cost = best;
    return found;
}
