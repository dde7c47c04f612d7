/*
 * extract_labels.c - where the labels of the form's fields stand on the page.
 *
 * Every phrase is tried at every word of every line.  Where two phrases claim the same words
 * the longer one wins, so that "total a deducir" is not taken for "total"; decoys are
 * phrases that belong to no field and win in the same way.
 */
#include "extract_party.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "doc/lexicon.h"

#define HITS_MAX 4000
#define PHRASE_ROOM 100
#define COMPANY_WORDS 7

struct phrase_row {
    char *fold;
    uint32_t length;
    uint16_t field, rank;
    uint32_t column;
};

struct phrase_list {
    struct phrase_row *rows;
    uint32_t count, room;
};

bool
has_phrases(const struct by_language *l)
{
    return l->en.count + l->es.count + l->de.count + l->fr.count > 0;
}

static uint32_t
phrase_count(const struct by_language *l)
{
    return l->en.count + l->es.count + l->de.count + l->fr.count;
}

/* The same phrase in two languages is one. */
static bool
known(const struct phrase_list *list, const struct phrase_row *row)
{
    for (uint32_t i = list->count; i-- > 0;) {
        if (list->rows[i].field != row->field || list->rows[i].column != row->column)
            return false;
        if (strcmp(list->rows[i].fold, row->fold) == 0)
            return true;
    }
    return false;
}

static enum rc
add_phrases(struct phrase_list *list, const struct by_language *l, uint16_t field, uint32_t column,
            struct arena *arena)
{
    const struct phrases *sets[] = { &l->en, &l->es, &l->de, &l->fr };

    for (size_t s = 0; s < COUNT_OF(sets); s++) {
        for (unsigned i = 0; i < sets[s]->count && list->count < list->room; i++) {
            struct phrase_row *row = &list->rows[list->count];
            char fold[PHRASE_ROOM];

            *row = (struct phrase_row){ .field = field, .rank = (uint16_t)i, .column = column };
            row->length = (uint32_t)lexicon_fold(sets[s]->items[i], fold, sizeof fold);
            row->fold = arena_str(arena, fold);
            if (row->fold == NULL)
                return RC_NOMEM;
            list->count += row->length > 0 && !known(list, row);
        }
    }
    return RC_OK;
}

static enum rc
all_phrases(const struct extraction *x, struct phrase_list *list)
{
    const struct form *form = x->form;
    enum rc rc = RC_OK;

    *list = (struct phrase_list){ .room = phrase_count(&form->decoys) };
    for (unsigned i = 0; i < form->field_count; i++)
        list->room += phrase_count(&form->fields[i].labels);
    for (unsigned i = 0; form->table != NULL && i < form->table->column_count; i++)
        list->room += phrase_count(&form->table->columns[i].labels);
    list->rows = arena_array(x->arena, list->room + 1, sizeof *list->rows);
    if (list->rows == NULL)
        return RC_NOMEM;
    rc = add_phrases(list, &form->decoys, NO_FIELD, UINT32_MAX, x->arena);
    for (unsigned i = 0; i < form->field_count && rc == RC_OK; i++)
        rc = add_phrases(list, &form->fields[i].labels, (uint16_t)i, UINT32_MAX, x->arena);
    for (unsigned i = 0; form->table != NULL && i < form->table->column_count && rc == RC_OK; i++)
        rc = add_phrases(list, &form->table->columns[i].labels, NO_FIELD, i, x->arena);
    return rc;
}

/* What stands in a word behind its first n folded characters; NULL when the label is part of a value. */
static const char *
word_tail(const char *text, size_t n)
{
    char part[8], folded[24];
    size_t seen = 0;

    while (*text != '\0' && seen < n) {
        size_t k = 1;

        if ((unsigned char)*text >= 0x80)
            while (k < 4 && ((unsigned char)text[k] & 0xc0) == 0x80)
                k++;
        memset(part, 0, sizeof part);
        memcpy(part, text, k);
        seen += lexicon_fold(part, folded, sizeof folded);
        text += k;
    }
    /* INVOICE-2026-1797 is a number, not a label with a number behind it. */
    if ((*text == '-' || *text == '/' || *text == '_') && strpbrk(text, "0123456789") != NULL)
        return NULL;
    while (*text != '\0' && strchr(":.#;,-/)=", *text) != NULL)
        text++;
    return text;
}

/* "IBAN-Nr.:" is all label. */
static bool
is_number_word(const char *text)
{
    static const char *const words[] = { "nr", "no", "num", "number", "nummer", "n", "numero", "id" };
    char fold[16];

    /* "Empleado/a:", "Trabajador(a)": an ending. */
    if (lexicon_fold(text, fold, sizeof fold) == 1 && (fold[0] == 'a' || fold[0] == 's' || fold[0] == 'o'))
        return true;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(fold, words[i]) == 0)
            return true;
    return false;
}

/* "Lieferant GmbH" is a company, not the label of one. */
static bool
is_company(const struct extraction *x, const struct label_hit *hit)
{
    const struct layout *lay = x->layout;
    const struct lay_run *piece = &lay->pieces[hit->piece];
    const char *last = lay->words[hit->first + hit->count - 1].word->text;
    char *text;

    if (hit->field == NO_FIELD || x->form->fields[hit->field].type != VALUE_NAME ||
        hit->first + hit->count >= piece->first + piece->count || strchr(last, ':') != NULL)
        return false;
    text = layout_text(lay, hit->first, piece->first + piece->count - hit->first, x->arena);
    return text != NULL && piece->first + piece->count - hit->first <= 4 && party_has_suffix(text);
}

/* "Order No." is not "No.": a word of three letters is a label only where a run begins. */
static bool
is_half(const struct extraction *x, const struct label_hit *hit)
{
    const struct layout *lay = x->layout;
    const char *before;

    if (hit->length > 3 || hit->first == lay->pieces[hit->piece].first)
        return false;
    before = lay->words[hit->first - 1].word->text;
    return isalpha((unsigned char)before[0]) && strchr(before, ':') == NULL;
}

/* "Fairmont Food Service Limited", "Transports Perrin SARL": one word of a company's name, and no label. */
static bool
is_in_company(const struct extraction *x, const struct label_hit *hit)
{
    const struct layout *lay = x->layout;
    const struct lay_run *piece = &lay->pieces[hit->piece];
    char *text;

    if (hit->count != 1 || hit->tail[0] != '\0' || piece->count < 2 || piece->count > COMPANY_WORDS ||
        (hit->field != NO_FIELD && x->form->fields[hit->field].type == VALUE_NAME) ||
        hit->first + 1 == piece->first + piece->count)
        return false;
    for (uint32_t w = piece->first; w < piece->first + piece->count; w++)
        if (strpbrk(lay->words[w].word->text, ":0123456789") != NULL)
            return false;
    text = layout_text(lay, piece->first, piece->count, x->arena);
    return text != NULL && party_has_suffix(text);
}

static bool
begins_small(const char *text)
{
    return islower((unsigned char)text[0]) != 0;
}

/*
 * "S/ albarán nº 98764 de fecha 29/05/2024", "Mantenimiento informático, cuota mensual": a word in lower case within a
 * sentence is said in passing.
 */
static bool
is_passing(const struct extraction *x, const struct label_hit *hit)
{
    static const char *const joins[] = { "de", "del", "du", "of", "dated", "vom", "con" };
    const struct layout *lay = x->layout;
    const struct lay_run *piece = &lay->pieces[hit->piece];
    const char *word = lay->words[hit->first].word->text, *before;
    uint32_t next = hit->first + 1;

    if (hit->first == piece->first || hit->tail[0] != '\0' || !begins_small(word) ||
        strchr(lay->words[hit->first + hit->count - 1].word->text, ':') != NULL)
        return false;
    before = lay->words[hit->first - 1].word->text;
    /* "cette facture à réception": nobody. */
    if (hit->field != NO_FIELD && x->form->fields[hit->field].type == VALUE_NAME && begins_small(before))
        return true;
    if (hit->count != 1)
        return false;
    for (size_t i = 0; i < COUNT_OF(joins); i++)
        if (strcmp(before, joins[i]) == 0)
            return true;
    return isalpha((unsigned char)before[0]) && next < piece->first + piece->count &&
           begins_small(lay->words[next].word->text);
}

static void
take_hit(struct extraction *x, uint32_t line_index, uint32_t start, size_t used, double cost,
         const struct phrase_row *row)
{
    const struct layout *lay = x->layout;
    const struct lay_run *line = &lay->lines[line_index];
    struct label_hit *hit = &x->hits[x->hit_count];
    uint32_t from = line->fold_word[start], to = line->fold_word[start + used - 1], inside = 0;

    if (x->hit_count >= HITS_MAX)
        return;
    /* "total excl. GST" must not swallow "total incl. GST": what keeps values away is exact. */
    if (row->field == NO_FIELD && row->column == UINT32_MAX && cost > 0.6)
        return;
    /* A label does not run over a wide gap. */
    if (lay->words[line->first + from].piece != lay->words[line->first + to].piece)
        return;
    for (size_t i = start; i < start + used; i++)
        inside += line->fold_word[i] == to;
    /* Where the label begins inside its last word, count from the word's beginning. */
    for (size_t i = start; i > 0 && line->fold_word[i - 1] == to; i--)
        inside++;
    *hit = (struct label_hit){ .field = row->field, .rank = row->rank, .page = line->page,
                               .line = line_index, .first = line->first + from,
                               .count = to - from + 1, .cost = cost, .length = row->length,
                               .column = row->column };
    hit->piece = lay->words[hit->first].piece;
    hit->box = lay->words[hit->first].box;
    for (uint32_t i = 1; i < hit->count; i++)
        hit->box = box_union(hit->box, lay->words[hit->first + i].box);
    hit->tail = word_tail(lay->words[line->first + to].word->text, inside);
    if (hit->tail == NULL)
        return;
    if (is_number_word(hit->tail))
        hit->tail = "";
    if (is_company(x, hit) || is_half(x, hit) || is_in_company(x, hit) || is_passing(x, hit))
        return;
    /* The label's part of its last word, when a value hangs on it. */
    if (hit->tail[0] != '\0') {
        struct box last = lay->words[line->first + to].box;
        size_t all = strlen(lay->words[line->first + to].word->text);
        size_t rest = strlen(hit->tail);

        hit->box.x1 = last.x1 - (int32_t)((double)(last.x1 - last.x0) * (double)rest / (double)(all + 1));
    }
    x->hit_count++;
}

static void
search_line(struct extraction *x, uint32_t line_index, const struct phrase_list *list)
{
    const struct lay_run *line = &x->layout->lines[line_index];

    for (uint32_t s = 0; s < line->fold_size; s++) {
        if (line->edge[s] == 0)
            continue;
        for (uint32_t p = 0; p < list->count; p++) {
            double cost;
            size_t used;

            if (lexicon_prefix(list->rows[p].fold, list->rows[p].length, line->fold + s,
                               line->fold_size - s, line->edge + s, &cost, &used))
                take_hit(x, line_index, s, used, cost, &list->rows[p]);
        }
    }
}

static bool
same_words(const struct label_hit *a, const struct label_hit *b)
{
    return a->first < b->first + b->count && b->first < a->first + a->count;
}

static bool
is_money(const struct extraction *x, const struct label_hit *hit)
{
    return hit->field != NO_FIELD && x->form->fields[hit->field].type == VALUE_MONEY;
}

/*
 * "Rechnungssumme netto (excl. USt.)": what stands in brackets, or behind another label for
 * an amount in one run of words, is part of that label.
 */
static bool
is_part(const struct extraction *x, const struct label_hit *hit)
{
    const struct layout *lay = x->layout;
    const struct lay_run *piece = &lay->pieces[hit->piece];
    bool bracket = false;

    for (uint32_t w = piece->first; w <= hit->first; w++) {
        const char *text = lay->words[w].word->text;

        if (strchr(text, '(') != NULL)
            bracket = true;
        if (w < hit->first && strchr(text, ')') != NULL)
            bracket = false;
    }
    for (uint32_t i = 0; i < x->hit_count; i++) {
        const struct label_hit *o = &x->hits[i];
        bool number = false;

        if (o->piece != hit->piece || o->first + o->count > hit->first || o->tail[0] != '\0')
            continue;
        if (bracket)
            return true;
        for (uint32_t w = o->first + o->count; w < hit->first; w++)
            number = number || strpbrk(lay->words[w].word->text, "0123456789") != NULL;
        if (!number && is_money(x, o) && (is_money(x, hit) || hit->field == NO_FIELD) &&
            hit->column == UINT32_MAX)
            return true;
    }
    return false;
}

/* "Total HT :" */
static bool
ends_in_colon(const struct extraction *x, const struct label_hit *hit)
{
    const struct layout *lay = x->layout;
    uint32_t next = hit->first + hit->count;

    return strchr(lay->words[next - 1].word->text, ':') != NULL ||
           (next < lay->pieces[hit->piece].first + lay->pieces[hit->piece].count &&
            strcmp(lay->words[next].word->text, ":") == 0);
}

/* In the head of a table "No." and "Total" are titles of columns and nothing else. */
static bool
is_title(const struct extraction *x, const struct label_hit *hit)
{
    uint32_t columns = 0;
    bool mine = false;

    if (hit->column != UINT32_MAX || ends_in_colon(x, hit))
        return false;
    for (uint32_t i = 0; i < x->hit_count; i++) {
        const struct label_hit *o = &x->hits[i];

        if (o->line != hit->line || o->column == UINT32_MAX)
            continue;
        columns++;
        mine = mine || same_words(o, hit);
    }
    return mine && columns >= 3;
}

/*
 * "LE CLIENT", "Casa Proveedor": the label of a party that ends a run of words, behind a word that
 * is no label and without a colon, is a part of a name.
 */
static bool
is_name_part(const struct extraction *x, const struct label_hit *hit)
{
    const struct layout *lay = x->layout;
    const struct lay_run *piece = &lay->pieces[hit->piece];
    const char *last = lay->words[hit->first + hit->count - 1].word->text;

    if (hit->field == NO_FIELD || x->form->fields[hit->field].type != VALUE_NAME || hit->count != 1 ||
        hit->first == piece->first || hit->first + 1 != piece->first + piece->count || hit->tail[0] != '\0' ||
        strchr(last, ':') != NULL)
        return false;
    /* "Nº cliente", "1. Client": figures and signs are no name. */
    for (const char *at = lay->words[hit->first - 1].word->text; *at != '\0'; at++)
        if (!isalpha((unsigned char)*at))
            return false;
    for (uint32_t i = 0; i < x->hit_count; i++)
        if (&x->hits[i] != hit && x->hits[i].piece == hit->piece)
            return false;
    return true;
}

/* Longer phrases win over shorter ones that share a word with them. */
static void
keep_longest(struct extraction *x)
{
    uint32_t kept = 0;
    bool *drop = arena_array(x->arena, x->hit_count + 1, sizeof *drop);

    if (drop == NULL)
        return;
    for (uint32_t i = 0; i < x->hit_count; i++) {
        const struct label_hit *a = &x->hits[i];
        double la = a->length - 2 * a->cost;

        for (uint32_t j = 0; j < x->hit_count && !drop[i]; j++) {
            const struct label_hit *b = &x->hits[j];
            double lb = b->length - 2 * b->cost;

            if (i == j || a->line != b->line || !same_words(a, b))
                continue;
            if (lb > la + 0.4)
                drop[i] = true;
        }
    }
    for (uint32_t i = 0; i < x->hit_count; i++)
        if (!drop[i])
            x->hits[kept++] = x->hits[i];
    x->hit_count = kept;
    for (uint32_t i = 0; i < x->hit_count; i++)
        drop[i] = is_part(x, &x->hits[i]) || is_title(x, &x->hits[i]) || is_name_part(x, &x->hits[i]);
    kept = 0;
    for (uint32_t i = 0; i < x->hit_count; i++)
        if (!drop[i])
            x->hits[kept++] = x->hits[i];
    x->hit_count = kept;
}

const struct label_hit *
hit_of_word(const struct extraction *x, uint32_t word)
{
    for (uint32_t i = 0; i < x->hit_count; i++)
        if (word >= x->hits[i].first && word < x->hits[i].first + x->hits[i].count)
            return &x->hits[i];
    return NULL;
}

enum rc
extract_labels(struct extraction *x)
{
    struct phrase_list list;
    enum rc rc = all_phrases(x, &list);

    if (rc != RC_OK)
        return rc;
    x->hits = arena_array(x->arena, HITS_MAX, sizeof *x->hits);
    if (x->hits == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < x->layout->line_count; i++)
        search_line(x, i, &list);
    keep_longest(x);
    return RC_OK;
}
