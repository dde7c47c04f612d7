/*
 * extract_table.c - the rows of a table, by the titles of its columns.
 *
 * The line with the most column titles is the head.  A word below belongs to the column whose
 * title it stands under; a line with an amount begins a row, a line without one goes on with
 * the text of the row before.  A table that a page ends before its last line goes on on the next
 * page, under a head of that page's own or, without one, under the same columns.
 */
#include "extract_cells.h"
#include "extract_sample.h"

#include <ctype.h>
#include <string.h>

#include "doc/lexicon.h"

#define CELL_WORDS_MAX 40
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static enum rc
cell(const struct extraction *x, const struct column *c, const uint32_t *words, unsigned count,
     struct field *out)
{
    const struct layout *lay = x->layout;
    char *text = NULL;
    const char *value;
    float conf = 1;

    for (unsigned i = 0; i < count; i++) {
        const struct lay_word *w = &lay->words[words[i]];

        const char *word = cell_word(w->word->text, i > 0 ? lay->words[words[i - 1]].word->text : "");

        text = text == NULL ? arena_str(x->arena, word) : arena_printf(x->arena, "%s %s", text, word);
        if (text == NULL)
            return RC_NOMEM;
        out->box = i == 0 ? w->word->box : box_union(out->box, w->word->box);
        out->page = w->page;
        conf = w->word->conf < conf ? w->word->conf : conf;
    }
    out->text = text != NULL ? text : "";
    out->state = text != NULL ? FIELD_VALUE : FIELD_BLANK;
    out->confidence = text != NULL ? 0.2 + 0.6 * (double)conf : 0.5;
    out->verdict = FIELD_REVIEW;
    out->value = "";
    if (text == NULL)
        return RC_OK;
    switch (value_canonical(c->field, text, x->arena, &value)) {
    case RC_OK: out->value = value; return RC_OK;
    case RC_NOMEM: return RC_NOMEM;
    default:
        break;
    }
    /* "5u": the unit stands close. */
    if (c->field->type == VALUE_NUMBER && count == 1) {
        size_t n = strspn(text, "0123456789.,");

        if (n > 0 && text[n] != '\0' && text[n + strspn(text + n, LETTERS)] == '\0') {
            const char *number = arena_copy(x->arena, text, n);

            if (number == NULL)
                return RC_NOMEM;
            if (value_canonical(c->field, number, x->arena, &value) == RC_OK && value[0] != '\0') {
                out->value = value;
                out->confidence *= 0.7;
                return RC_OK;
            }
        }
    }
    /* "2 Stk", "363,67 EUR 19%": the one word of the cell that has the shape. */
    for (unsigned i = 0; i < count; i++) {
        if (value_canonical(c->field, lay->words[words[i]].word->text, x->arena, &value) != RC_OK ||
            value[0] == '\0')
            continue;
        out->value = value;
        out->confidence *= 0.7;
        return RC_OK;
    }
    out->value = out->text;
    out->confidence = 0.05;
    field_doubt(out, REASON_FORMAT_WRONG);
    return RC_OK;
}

static enum rc
take_row(const struct extraction *x, const struct head *head, uint32_t line, struct field_row *row,
         bool *has_amount)
{
    const struct lay_run *run = &x->layout->lines[line];
    unsigned sure = 0, could = 0;
    bool money = false;

    row->count = 0;
    row->cells = arena_array(x->arena, head->count, sizeof *row->cells);
    if (row->cells == NULL)
        return RC_NOMEM;
    *has_amount = false;
    for (unsigned k = 0; k < head->count; k++) {
        const struct column *c = &head->columns[k];
        uint32_t words[CELL_WORDS_MAX];
        struct field *out = &row->cells[row->count];
        unsigned n = 0;
        enum rc rc;

        if (c->field == NULL)
            continue;
        for (uint32_t i = 0; i < run->count && n < CELL_WORDS_MAX; i++) {
            struct box b = x->layout->words[run->first + i].box;
            int middle = (b.x0 + word_end(x->layout, run, run->first + i)) / 2;

            if (middle >= c->left && middle < c->right && !word_is_rule(x->layout, run->first + i))
                words[n++] = run->first + i;
        }
        *out = (struct field){ .name = c->field->name };
        if ((rc = cell(x, c, words, n, out)) != RC_OK)
            return rc;
        row->count++;
        money = money || (c->field->type == VALUE_MONEY && n > 0 && out->confidence > 0.1);
        sure += c->field->type != VALUE_TEXT && c->field->type != VALUE_ID && n > 0 && out->confidence > 0.1;
        could += c->field->type != VALUE_TEXT && c->field->type != VALUE_ID;
    }
    /* One number alone may belong to anything when the table has several columns of them. */
    *has_amount = money || sure >= (could > 2 ? 2u : 1u);
    return RC_OK;
}

/*
 * "S/ albarán nº 9317 de fecha 25/01/2025", "Delivery note 76426 dated ...": a line that names another
 * paper by its number is about the delivery, and goes on with no description.
 */
static bool
is_note(const struct field *cell)
{
    static const char *const papers[] = { "albaran", "salbaran", "sualbaran", "nalbaran", "supedido", "spedido",
                                          "deliverynote", "packingslip", "packinglist", "yourorder", "purchaseorder",
                                          "lieferschein", "bestellung", "ihrebestellung", "auftrag", "bondelivraison",
                                          "bondecommande", "bl", "bc" };
    const char *digit = strpbrk(cell->text, "0123456789");
    char head[60], fold[60];
    size_t n;

    if (digit == NULL || (size_t)(digit - cell->text) >= sizeof head / 2)
        return false;
    n = (size_t)(digit - cell->text);
    memcpy(head, cell->text, n);
    head[n] = '\0';
    lexicon_fold(head, fold, sizeof fold);
    for (size_t i = 0; i < COUNT_OF(papers); i++) {
        size_t size = strlen(papers[i]);
        const char *rest = fold + size;

        if (strncmp(fold, papers[i], size) != 0)
            continue;
        /* "nr", "no", "nº" read in many ways */
        if (strlen(rest) <= 3 || strcmp(rest, "number") == 0 || strcmp(rest, "nummer") == 0)
            return true;
    }
    return false;
}

/* A line of text alone goes on with the text above it. */
static void
continue_row(const struct extraction *x, struct field_row *row, const struct field_row *more)
{
    for (uint32_t k = 0; k < row->count && k < more->count; k++) {
        const struct form_field *f = form_column(x->form, row->cells[k].name);

        if (f == NULL || f->type != VALUE_TEXT || more->cells[k].text[0] == '\0' ||
            row->cells[k].text[0] == '\0' || is_note(&more->cells[k]))
            continue;
        /* The next day of a week, on which nothing was done. */
        if (weekday_in(more->cells[k].text) >= 0 && weekday_in(row->cells[k].text) >= 0)
            continue;
        char *text = arena_printf(x->arena, "%s %s", row->cells[k].text, more->cells[k].text);
        if (text == NULL)
            return;
        row->cells[k].text = row->cells[k].value = text;
        row->cells[k].box = box_union(row->cells[k].box, more->cells[k].box);
    }
}

static int64_t
amount_in(const struct field *cell)
{
    int64_t minor = 0;

    return cell->value != NULL && money_canonical(cell->value, &minor) ? minor : 0;
}

/*
 * "Summe 1644.93" between groups of rows, "Carried forward": one amount, in the last column of
 * amounts, that says so or is the sum of the rows above it.
 */
static bool
is_subtotal(const struct extraction *x, uint32_t line, const struct field_row *row, const struct fields *out,
            uint32_t from)
{
    static const char *const words[] = { "summe", "zwischensumme", "subtotal", "suma", "sumaysigue", "soustotal",
                                         "ubertrag", "carriedforward", "broughtforward", "sumaanterior",
                                         "total", "report" };
    const struct lay_run *run = &x->layout->lines[line];
    unsigned filled = 0, last = 0;
    int64_t sum = 0;

    for (uint32_t k = 0; k < row->count; k++) {
        const struct form_field *f = form_column(x->form, row->cells[k].name);

        if (f == NULL || f->type == VALUE_TEXT || row->cells[k].value == NULL ||
            strpbrk(row->cells[k].value, "0123456789") == NULL)
            continue;
        filled++;
        last = k;
    }
    if (filled != 1 || row->count == 0 || form_column(x->form, row->cells[last].name)->type != VALUE_MONEY)
        return false;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        size_t n = strlen(words[i]);

        if (strncmp(run->fold, words[i], n) == 0 && !isalpha((unsigned char)run->fold[n]))
            return true;
    }
    for (uint32_t r = from; r < out->row_count; r++)
        if (last < out->rows[r].count)
            sum += amount_in(&out->rows[r].cells[last]);
    return out->row_count >= from + 2 && sum != 0 && sum == amount_in(&row->cells[last]);
}

/* Is enough of the row filled in to be one where no head says that a table is here? */
static bool
is_full(const struct field_row *row)
{
    uint32_t filled = 0;

    for (uint32_t k = 0; k < row->count; k++) {
        if (row->cells[k].reasons[0] == REASON_FORMAT_WRONG) /* "Page" is no price */
            return false;
        filled += row->cells[k].state == FIELD_VALUE && row->cells[k].confidence > 0.1;
    }
    return filled >= 2 && filled * 2 >= row->count;
}

/*
 * The rows from a line on, to the end of its page.  bare: no head stands above them on this page,
 * so what comes before the first full row is the letterhead.  on: the page ended, not the table.
 */
static enum rc
take_rows(const struct extraction *x, const struct head *head, uint32_t first, bool bare, uint32_t room,
          struct fields *out, bool *on)
{
    uint32_t empty = 0, page = x->layout->lines[first].page, before = out->row_count, from = before;
    bool after_sum = false;

    *on = false;
    for (uint32_t l = first; l < x->layout->line_count && out->row_count < room; l++) {
        struct field_row row;
        bool has_amount;
        enum rc rc;

        if (x->layout->lines[l].page != page)
            break;
        if (grid_ends(x, l) || empty > 3)
            return RC_OK;
        if ((rc = take_row(x, head, l, &row, &has_amount)) != RC_OK)
            return rc;
        if (bare && out->row_count == before &&
            !(has_amount && is_full(&row) && !is_subtotal(x, l, &row, out, from)))
            continue;
        if (has_amount && is_subtotal(x, l, &row, out, from)) {
            from = out->row_count;
            after_sum = true;
            empty = 0;
        } else if (has_amount) {
            out->rows[out->row_count++] = row;
            after_sum = false;
            empty = 0;
        } else if (after_sum) {
            empty++; /* the title of the next group */
        } else if (out->row_count > 0) {
            continue_row(x, &out->rows[out->row_count - 1], &row);
            empty++;
        }
    }
    *on = out->row_count > before;
    return RC_OK;
}

/* The first line of a page; UINT32_MAX: it has none. */
static uint32_t
first_line(const struct layout *lay, uint32_t page)
{
    for (uint32_t l = 0; l < lay->line_count; l++)
        if (lay->lines[l].page == page)
            return l;
    return UINT32_MAX;
}

enum rc
extract_table(struct extraction *x, struct fields *out)
{
    uint32_t room = x->layout->line_count < ROWS_MAX ? x->layout->line_count : ROWS_MAX;
    struct head head = { .count = 0 };
    bool on = false;
    enum rc rc;

    if (x->form->table == NULL)
        return RC_OK;
    out->rows = arena_array(x->arena, room + 1, sizeof *out->rows);
    if (out->rows == NULL)
        return RC_NOMEM;
    for (uint32_t page = 0; page < x->layout->page_count; page++) {
        bool bare = !grid_find(x, page, &head);
        uint32_t first = bare ? first_line(x->layout, page) : head.line + 1;

        if (first >= x->layout->line_count || (bare && !on)) {
            on = false;
            continue;
        }
        if ((rc = take_rows(x, &head, first, bare, room, out, &on)) != RC_OK)
            return rc;
    }
    return (rc = cells_dates(x, out)) != RC_OK ? rc : cells_span(x, out);
}
