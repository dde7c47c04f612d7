/*
 * second_merge.c - two readings of a line made one.
 *
 * Both are cut where both see a gap (second_align.c); a stretch between two cuts is decided as a whole, because readers
 * also differ in where a word ends.
 */
#include "second_line.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "second_align.h"

struct side {
    const struct ocr_text *text;
    uint32_t at, end; /* the words of the stretch at hand */
    double letters;   /* mean over the line */
};

static double
mean_of(const struct ocr_text *t)
{
    double sum = 0, letters = 0;

    for (uint32_t i = 0; i < t->count; i++) {
        const double n = (double)strlen(t->words[i].text);

        sum += n * (double)t->words[i].conf;
        letters += n;
    }
    return letters > 0 ? sum / letters : 0;
}

/* Two words are of one place when the smaller lies at least a third under the other. */
static bool
touch(struct box a, struct box b)
{
    int left = a.x0 > b.x0 ? a.x0 : b.x0, right = a.x1 < b.x1 ? a.x1 : b.x1;
    int wa = a.x1 - a.x0, wb = b.x1 - b.x0, low = wa < wb ? wa : wb;

    return (right - left) * 3 > low;
}

static const char *
joined(const struct side *s, float *least, struct arena *arena)
{
    size_t size = 1, n = 0;
    char *at;

    *least = s->end > s->at ? 1 : 0;
    for (uint32_t i = s->at; i < s->end; i++)
        size += strlen(s->text->words[i].text) + 1;
    if ((at = arena_alloc(arena, size)) == NULL)
        return NULL;
    for (uint32_t i = s->at; i < s->end; i++) {
        const struct word *w = &s->text->words[i];
        const size_t length = strlen(w->text);

        if (n > 0)
            at[n++] = ' ';
        memcpy(at + n, w->text, length);
        n += length;
        *least = w->conf < *least ? w->conf : *least;
    }
    return at;
}

/* The words of one side into the result; the other's text is kept beside the word it stands over. */
static enum rc
lead(const struct side *from, const struct side *other, struct arena *arena, struct ocr_text *out)
{
    for (uint32_t i = from->at; i < from->end; i++) {
        struct word *w = &out->words[out->count++];
        struct side mine = { .text = other->text, .at = other->at, .end = other->at };

        *w = from->text->words[i];
        while (mine.at < other->end && from->end - from->at > 1 && !touch(w->box, other->text->words[mine.at].box))
            mine.at++;
        mine.end = mine.at;
        while (mine.end < other->end && (from->end - from->at == 1 || touch(w->box, other->text->words[mine.end].box)))
            mine.end++;
        if ((w->second = joined(&mine, &w->second_conf, arena)) == NULL)
            return RC_NOMEM;
    }
    return RC_OK;
}

enum rc
second_merge(const struct ocr_text *first, const struct ocr_text *second, struct arena *arena, struct ocr_text *out)
{
    struct side a = { .text = first, .letters = mean_of(first) }, b = { .text = second, .letters = mean_of(second) };
    double sum = 0, letters = 0;
    struct second_cut *cuts;
    uint32_t count;
    enum rc rc = second_align(first, second, arena, &cuts, &count);

    *out = (struct ocr_text){ .count = 0 };
    if (rc != RC_OK)
        return rc;
    out->words = arena_array(arena, (size_t)first->count + second->count + 1, sizeof *out->words);
    if (out->words == NULL)
        return RC_NOMEM;
    for (uint32_t c = 0; rc == RC_OK && c < count; c++) {
        struct second_pair pair = { .first_line = (float)a.letters, .second_line = (float)b.letters };

        a.at = a.end;
        b.at = b.end;
        a.end = cuts[c].first;
        b.end = cuts[c].second;
        if ((pair.first = joined(&a, &pair.first_conf, arena)) == NULL ||
            (pair.second = joined(&b, &pair.second_conf, arena)) == NULL)
            return RC_NOMEM;
        if (strcmp(pair.first, pair.second) == 0 || second_choice(&pair) < .5) {
            rc = lead(&a, &b, arena, out);
        } else {
            rc = lead(&b, &a, arena, out);
            if (a.end - a.at == 1 && b.end - b.at == 1) /* Tesseract's boxes fit more closely */
                out->words[out->count - 1].box = first->words[a.at].box;
        }
    }
    for (uint32_t i = 0; i < out->count; i++) {
        const double n = (double)strlen(out->words[i].text);

        sum += n * (double)out->words[i].conf;
        letters += n;
    }
    out->conf = letters > 0 ? (float)(sum / letters) : 0;
    return rc;
}

#define AGREE_LEAST 0.08 /* share of the letters, in words of three and more, that both readers give alike */
#define DISOWNED 0.4f    /* of a word's own number is left */

bool
second_disowns(struct word *words, uint32_t count)
{
    size_t all = 0, alike = 0;

    for (uint32_t i = 0; i < count; i++) {
        const size_t n = strlen(words[i].text);

        if (n < 3)
            continue;
        all += n;
        alike += words[i].second != NULL && strcasecmp(words[i].text, words[i].second) == 0 ? n : 0;
    }
    if (count == 0 || (double)alike > AGREE_LEAST * (double)all)
        return false;
    for (uint32_t i = 0; i < count; i++)
        words[i].conf *= DISOWNED;
    return true;
}
