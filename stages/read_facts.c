/*
 * read_facts.c - what separation needs to know of a page: "page 2 of 3", and whether it looks
 * like the first page of something.  Numbers only; the words stay sealed.
 */
#include "read.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "doc/lexicon.h"

#define FOLD_ROOM 48

static const char *const page_words[] = { "page", "pagina", "pag", "seite", "blatt", "hoja", "sheet" };
static const char *const of_words[] = { "of", "de", "von", "sur", "out" };
static const char *const titles[] = {
    "invoice",   "factura",    "rechnung", "facture",   "receipt",  "recibo",     "nomina",
    "payslip",   "timesheet",  "statement", "quittung", "ticket",   "albaran",    "creditnote",
    "gutschrift", "avoir",     "abono",    "paystub",   "bill",     "cashsales",  "bon",
};

/* Beside these a title is the name of a sum: "TOTAL FACTURA", "Invoice amount". */
static const char *const sums[] = {
    "total", "totals", "subtotal", "importe", "amount", "summe", "gesamt", "montant", "base", "balance", "net", "neto",
};
/* How the line begins that carries over what the page before came to, folded and without blanks.  Statements of account
 * say "balance brought forward" on their first page: that begins otherwise. */
static const char *const carried[] = {
    "sumaanterior",   "arrastre",      "vienedela",   "sumaarrastrada", "carriedforward", "broughtforward",
    "continuedfrom",  "continuacion",  "ubertrag",    "fortsetzung",    "reportprecedent",
};

static bool
among(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}

/* A small number that stands alone at text; gives where it ends. */
static const char *
small_number(const char *text, uint32_t *out)
{
    const char *at = text;
    uint32_t n = 0;

    while (isdigit((unsigned char)*at) && at - text < 4)
        n = n * 10 + (uint32_t)(*at++ - '0');
    if (at == text || isdigit((unsigned char)*at) || n == 0 || n > 2000)
        return NULL;
    *out = n;
    return at;
}

/* "1/3", "1 of 3", "1 de 3" in the words from i on. */
static bool
pair_at(const struct page_reading *reading, uint32_t i, uint32_t *k, uint32_t *n)
{
    const struct word *w = reading->words;
    char folded[FOLD_ROOM];
    const char *rest;

    if (i >= reading->word_count || (rest = small_number(w[i].text, k)) == NULL)
        return false;
    if (*rest == '/')
        return (rest[1] != '\0' ? small_number(rest + 1, n) != NULL
                                : i + 1 < reading->word_count && small_number(w[i + 1].text, n) != NULL) &&
               *k <= *n;
    if (i + 2 >= reading->word_count || w[i + 2].line != w[i].line)
        return false;
    lexicon_fold(w[i + 1].text, folded, sizeof folded);
    if (!among(folded, of_words, COUNT_OF(of_words)) && strcmp(w[i + 1].text, "/") != 0)
        return false;
    return small_number(w[i + 2].text, n) != NULL && *k <= *n;
}

static void
find_page_number(struct page_reading *reading)
{
    struct page_facts *f = &reading->facts;
    char folded[FOLD_ROOM];

    for (uint32_t i = 0; i + 1 < reading->word_count; i++) {
        const struct word *w = &reading->words[i];
        uint32_t k = 0, n = 0;

        lexicon_fold(w->text, folded, sizeof folded);
        if (!among(folded, page_words, COUNT_OF(page_words)))
            continue;
        for (uint32_t j = i + 1; j <= i + 2 && j < reading->word_count; j++) {
            if (reading->words[j].line != w->line)
                break;
            if (pair_at(reading, j, &k, &n)) {
                f->page_k = k;
                f->page_n = n;
                return;
            }
        }
        /* "Page 2" alone, at the head or foot of the page. */
        if (reading->words[i + 1].line == w->line && small_number(reading->words[i + 1].text, &k) != NULL &&
            f->page_k == 0 && k < 500)
            f->page_k = k;
    }
}

/* Is one of these words in the line of word i? */
static bool
line_has(const struct page_reading *reading, uint32_t i, const char *const *list, size_t count)
{
    char folded[FOLD_ROOM];
    uint32_t first = i;

    while (first > 0 && reading->words[first - 1].line == reading->words[i].line)
        first--;
    for (; first < reading->word_count && reading->words[first].line == reading->words[i].line; first++) {
        lexicon_fold(reading->words[first].text, folded, sizeof folded);
        if (among(folded, list, count))
            return true;
    }
    return false;
}

static bool
has_title(const struct page_reading *reading)
{
    int32_t top = (int32_t)(reading->facts.height * 35 / 100);
    char folded[FOLD_ROOM];

    for (uint32_t i = 0; i < reading->word_count; i++) {
        if (reading->words[i].box.y0 > top)
            continue;
        lexicon_fold(reading->words[i].text, folded, sizeof folded);
        if (among(folded, titles, COUNT_OF(titles)) && !line_has(reading, i, sums, COUNT_OF(sums)))
            return true;
    }
    return false;
}

/* A line in the upper half says that the page goes on. */
static bool
is_carried(const struct page_reading *reading)
{
    const struct word *w = reading->words;

    for (uint32_t i = 0; i < reading->word_count; i++) {
        char folded[3 * FOLD_ROOM] = "";
        size_t n = 0;

        if (w[i].box.y0 > (int32_t)(reading->facts.height / 2) || (i > 0 && w[i - 1].line == w[i].line))
            continue;
        for (uint32_t k = i; k < i + 3 && k < reading->word_count && w[k].line == w[i].line; k++)
            n += lexicon_fold(w[k].text, folded + n, FOLD_ROOM);
        for (size_t c = 0; c < COUNT_OF(carried); c++)
            if (strncmp(folded, carried[c], strlen(carried[c])) == 0)
                return true;
    }
    return false;
}

void
read_facts(struct page_reading *reading, struct arena *arena)
{
    struct page_facts *f = &reading->facts;

    (void)arena;
    if (f->kind != PAGE_CONTENT)
        return;
    find_page_number(reading);
    if (reading->form[0] != '\0')
        f->start = 0.95f;
    else if (f->page_k == 1)
        f->start = 0.95f;
    else if (f->page_k > 1 || is_carried(reading))
        f->start = 0.05f;
    else
        f->start = has_title(reading) ? 0.7f : 0.4f;
}
