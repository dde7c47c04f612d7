/*
 * classify.c - the classify stage: which form is this document?
 *
 * A person's word and the stream's name win; then a page that matched a fixed form; then a
 * layout whose type a person said before; then the clues of the forms, phrases with weights,
 * counted where they stand: a title high on the page says more than a word in a footer.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classify.h"
#include "doc/lexicon.h"
#include "document.h"
#include "memory.h"
#include "stages.h"
#include "unfit.h"
#include "versions.h"
#include "words.h"

#define SURE 0.5 /* below it a person chooses the type */
/* what must be here of a layout that people named: a sender's other papers have its letterhead, too */
#define NAMED 0.5
#define NAMED_OTHER 0.62 /* where the words say another type */

static int
by_number(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

    return (x > y) - (x < y);
}

/*
 * "@narrow": a till's roll.  Across its print go 20 to 50 letters; across a letter's 76 and more
 * (220 receipts, 260 other papers).  Specks at the edges are left out: a tenth of the lines on each side.
 */
static double
narrow(const struct layout *layout, struct arena *arena)
{
    int32_t *left = arena_array(arena, layout->line_count + 1, sizeof *left);
    int32_t *right = arena_array(arena, layout->line_count + 1, sizeof *right);
    double wide = 0, letters = 0, across;
    uint32_t n = 0;

    if (left == NULL || right == NULL)
        return 0;
    for (uint32_t l = 0; l < layout->line_count; l++) {
        if (layout->lines[l].page > 0)
            return 0;
        if (layout->lines[l].fold_size < 4)
            continue;
        left[n] = layout->lines[l].box.x0;
        right[n++] = layout->lines[l].box.x1;
    }
    for (uint32_t i = 0; i < layout->word_count; i++) {
        size_t size = strlen(layout->words[i].word->text);

        if (size < 3)
            continue;
        wide += layout->words[i].box.x1 - layout->words[i].box.x0;
        letters += (double)size;
    }
    if (n < 8 || wide <= 0)
        return 0;
    qsort(left, n, sizeof *left, by_number);
    qsort(right, n, sizeof *right, by_number);
    across = (right[n * 9 / 10] - left[n / 10]) * letters / wide;
    return across < 58 ? 1 : across > 70 ? 0 : (70 - across) / 12;
}

/* The best place of a phrase: 1 anywhere, up to 1.6 at the top in large print; 0 nowhere. */
static double
place_of(const struct layout *layout, const char *phrase)
{
    char fold[100];
    size_t n = lexicon_fold(phrase, fold, sizeof fold);
    double best = 0;

    for (uint32_t l = 0; l < layout->line_count && n > 0; l++) {
        const struct lay_run *line = &layout->lines[l];
        const struct page_facts *facts = &layout->pages[line->page]->facts;

        for (uint32_t s = 0; s < line->fold_size; s++) {
            double cost, worth = 1.0, y;
            size_t used;

            if (line->edge[s] == 0 || !lexicon_prefix(fold, n, line->fold + s, line->fold_size - s,
                                                      line->edge + s, &cost, &used))
                continue;
            y = facts->height > 0 ? (double)line->box.y0 / facts->height : 0.5;
            if (y < 0.3)
                worth += 0.3;
            if (box_height(layout->words[line->first + line->fold_word[s]].box) > 1.4 * layout->height)
                worth += 0.3;
            worth -= 0.2 * cost;
            best = worth > best ? worth : best;
        }
    }
    return best;
}

double
classify_score(const struct form *form, const struct layout *layout, struct arena *arena)
{
    double sum = 0;

    for (unsigned i = 0; i < form->clue_count; i++) {
        const struct form_clue *clue = &form->clues[i];
        double best = 0;

        for (unsigned k = 0; k < clue->words.count; k++) {
            const char *words = clue->words.items[k];
            double p = strcmp(words, "@narrow") == 0 ? narrow(layout, arena) : place_of(layout, words);

            best = p > best ? p : best;
        }
        sum += clue->weight * best;
    }
    return sum;
}

enum rc
classify_words(const struct form_set *forms, const struct page_reading *const *pages, uint32_t count,
               struct arena *arena, const struct form **out, double *confidence)
{
    struct layout layout;
    const struct form *best = NULL;
    double most = 0, second = 0;
    enum rc rc = layout_make(pages, count, arena, &layout);

    *out = NULL;
    *confidence = 0;
    if (rc != RC_OK)
        return rc;
    for (unsigned i = 0; i < forms->count; i++) {
        double s;

        if (forms->forms[i]->fixed || forms->forms[i]->clue_count == 0)
            continue;
        s = classify_score(forms->forms[i], &layout, arena);
        if (s > most) {
            second = most;
            most = s;
            best = forms->forms[i];
        } else if (s > second) {
            second = s;
        }
    }
    if (best == NULL || most < 1.5)
        return RC_OK;
    *out = best;
    /* How much, and how much more than the next. */
    *confidence = 1 / (1 + exp(-(0.8 * (most - 3.0) + 0.9 * (most - second - 1.0))));
    return RC_OK;
}

/* A layout that a person taught is of the type that the person said, where words say none or another. */
static enum rc
remembered(const struct job *job, const struct document *doc, const struct form **form, double *confidence)
{
    struct memory_set set;
    struct memory_view view;
    struct memory_match any, same = { .layout = NULL };
    struct layout layout;
    const struct form *named;
    enum rc rc = memory_set_open(&job->given, job->arena, &set);

    if (rc != RC_OK || set.count == 0 || doc->page_count == 0)
        return rc;
    if ((rc = layout_make(doc->pages, doc->page_count, job->arena, &layout)) != RC_OK ||
        (rc = memory_view_make(&layout, job->arena, &view)) != RC_OK ||
        (rc = memory_match(&set, NULL, &view, &any)) != RC_OK)
        return rc;
    if (any.layout == NULL || !any.sender || any.score < NAMED)
        return RC_OK;
    named = forms_find(doc->forms, any.layout->form);
    if (named == NULL || named->fixed || named == *form)
        return RC_OK;
    if (*form != NULL && *confidence >= SURE) {
        if ((rc = memory_match(&set, (*form)->name, &view, &same)) != RC_OK)
            return rc;
        if (any.score < NAMED_OTHER || (same.layout != NULL && same.score > any.score - 0.15))
            return RC_OK;
    }
    *form = named;
    *confidence = 0.6 + 0.37 * any.score;
    return RC_OK;
}

static enum rc
choose(const struct job *job, const struct document *doc, struct fields *out, struct result *result)
{
    const struct form *form = NULL;
    enum reason unfit = REASON_UNKNOWN_TYPE;
    double confidence = 0;
    enum rc rc;

    if (doc->order != NULL && doc->order->form[0] != '\0') {
        form = forms_find(doc->forms, doc->order->form);
        confidence = 1;
    }
    for (uint32_t p = 0; p < doc->page_count && form == NULL; p++) {
        if (doc->pages[p]->form[0] == '\0')
            continue;
        form = forms_find(doc->forms, doc->pages[p]->form);
        confidence = (double)doc->pages[p]->form_conf;
    }
    if (form == NULL && job->hint[0] != '\0' && (form = forms_find(doc->forms, job->hint)) != NULL) {
        /* A fixed form that no page matched is not that form. */
        if (form->fixed)
            form = NULL;
        else
            confidence = 0.97;
    }
    if (form == NULL) {
        rc = classify_words(doc->forms, doc->pages, doc->page_count, job->arena, &form, &confidence);
        if (rc != RC_OK || (rc = remembered(job, doc, &form, &confidence)) != RC_OK)
            return rc;
        unfit = unfit_reason(doc->pages, doc->page_count);
    }
    out->form = form != NULL ? form->name : "";
    out->form_confidence = form != NULL ? confidence : 0;
    if (form == NULL || confidence < SURE) {
        result->verdict = VERDICT_REVIEW;
        result->reason = form == NULL ? unfit : REASON_UNKNOWN_TYPE;
    } else if (unfit == REASON_LANGUAGE) { /* a few words that look like ours do not make it so */
        result->verdict = VERDICT_REVIEW;
        result->reason = unfit;
    }
    return RC_OK;
}

enum rc
classify_run(const struct job *job, struct result *result)
{
    struct document doc;
    struct fields out = { .form = "" };
    uint32_t words = 0, zones = 0;
    enum rc rc = document_open(job, &doc);

    *result = (struct result){ .verdict = VERDICT_PASS };
    if (rc != RC_OK)
        return rc;
    if (doc.forms == NULL)
        return RC_BUG;
    if ((rc = choose(job, &doc, &out, result)) != RC_OK)
        return rc;
    for (uint32_t p = 0; p < doc.page_count; p++) {
        words += doc.pages[p]->word_count;
        zones += doc.pages[p]->zone_count;
    }
    if (words + zones == 0) {
        result->verdict = VERDICT_REVIEW;
        result->reason = REASON_UNREADABLE;
    }
    if ((rc = versions_of(forms_find(doc.forms, out.form), doc.pages, doc.page_count, job->arena, &out)) != RC_OK)
        return rc;
    return document_emit(job, &out);
}
