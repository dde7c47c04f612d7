/*
 * extract_grid.c - extract_grid.h: titles say which columns there are, the rows say where they part.
 *
 * The line with the most column titles is the head.  What else stands in it heads a column that is
 * not asked for ("Disc %"), so that its figures are nobody else's.  Two columns part where no row has
 * print between their titles.  The rows also show what no title says: article codes before the
 * descriptions, and amounts whose title could not be read.
 */
#include "extract_sample.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "doc/lexicon.h"

#define COLUMNS_BEFORE 8 /* of a head whose left half could not be read */

static int
by_left(const void *a, const void *b)
{
    const struct column *p = a, *q = b;

    return (p->box.x0 > q->box.x0) - (p->box.x0 < q->box.x0);
}

/* Titles of two lines, or set a little lower, are one head: its last line is l. */
static bool
in_head(const struct extraction *x, uint32_t l, const struct label_hit *hit)
{
    const struct lay_run *line = &x->layout->lines[l];

    return hit->page == line->page && hit->line <= l && hit->line + 3 > l &&
           line->box.y1 - hit->box.y0 < 3.4f * x->layout->height;
}

/* A line with amounts is a row, and "me" in it no title. */
static bool
is_priced(const struct extraction *x, uint32_t l)
{
    const struct lay_run *line = &x->layout->lines[l];

    for (uint32_t i = line->first; i < line->first + line->count; i++)
        if (sample_amount(x->layout->words[i].word->text))
            return true;
    return false;
}

/* Which titles stand in the head that ends with line l; a text may be meant by several ("Item", "Description"). */
static unsigned
titles(const struct extraction *x, uint32_t l, struct head *head)
{
    unsigned different = 0;

    *head = (struct head){ .line = l };
    for (uint32_t h = 0; h < x->hit_count && head->count < COLUMNS_MAX; h++) {
        const struct label_hit *hit = &x->hits[h];
        bool same = false, twice = false;

        if (hit->column == UINT32_MAX || !in_head(x, l, hit) || is_priced(x, hit->line))
            continue;
        for (unsigned k = 0; k < head->count; k++) {
            const struct column *c = &head->columns[k];

            same = same || c->field == &x->form->table->columns[hit->column];
            twice = twice || box_across(c->box, hit->box) > 0 ||
                    (c->field == &x->form->table->columns[hit->column] &&
                     (c->field->type != VALUE_TEXT ||
                      (float)-box_across(c->box, hit->box) < x->layout->height || hit->line != l));
        }
        if (twice)
            continue;
        head->columns[head->count++] =
            (struct column){ .field = &x->form->table->columns[hit->column], .box = hit->box };
        different += !same;
    }
    return different;
}

/* A word of the head that is no label: part of the title that it is close to, or a title of its own. */
static void
other_title(const struct extraction *x, struct head *head, uint32_t word)
{
    const struct layout *lay = x->layout;
    struct column *best = NULL;
    struct box b = lay->words[word].box;
    int least = 0;

    if (box_height(b) < lay->height / 3 || word_is_rule(lay, word))
        return;
    for (unsigned k = 0; k < head->count; k++) {
        struct column *c = &head->columns[k];
        int gap = -box_across(c->box, b);

        if (gap < 0)
            return;
        if ((float)gap < 1.2f * lay->height + lay->slack && (best == NULL || gap < least)) {
            best = c;
            least = gap;
        }
    }
    if (best != NULL)
        best->box = box_union(best->box, b);
    else if (head->count < COLUMNS_MAX)
        head->columns[head->count++] = (struct column){ .box = b };
}

/* Words of titles that are not part of a label, and what else stands in the head's lines. */
static void
other_titles(const struct extraction *x, struct head *head)
{
    const struct layout *lay = x->layout;
    struct box all = head->columns[0].box;

    for (unsigned k = 1; k < head->count; k++)
        all = box_union(all, head->columns[k].box);
    for (uint32_t l = head->line > 2 ? head->line - 2 : 0; l <= head->line; l++) {
        const struct lay_run *line = &lay->lines[l];
        int middle = (line->box.y0 + line->box.y1) / 2;

        if (line->page != lay->lines[head->line].page || middle < all.y0 || middle > all.y1)
            continue;
        for (uint32_t i = line->first; i < line->first + line->count; i++)
            other_title(x, head, i);
    }
}

/* Where two neighbours part, by their titles alone: text begins at its title, numbers end near it. */
static int
parted_by_titles(const struct column *c, const struct column *next)
{
    if (column_text(c))
        return column_text(next) ? next->box.x0 - 4 : next->box.x0 - (next->box.x0 - c->box.x1) / 3;
    return (c->box.x1 + next->box.x0) / 2;
}

/* Where the table begins: what stands farther left, beside it, is no part of it. */
static int
left_end(const struct sample *s, const struct column *first)
{
    const struct layout *lay = s->x->layout;
    int least = first->box.x0, margin = (int)(0.7f * lay->height);

    if (s->count == 0)
        return 0;
    if (sample_begins(s, first->box.x0) * 5 >= s->count * 4)
        return first->box.x0 - margin;
    for (unsigned r = 0; r < s->count; r++) {
        const struct lay_run *line = &lay->lines[s->lines[r]];
        int mine = INT32_MAX;

        /* the run of words that goes on into the column, or else the nearest one before it */
        for (uint32_t i = line->first; i < line->first + line->count; i++) {
            const struct lay_run *piece = &lay->pieces[lay->words[i].piece];

            if (piece->box.x0 >= first->right)
                break;
            mine = piece->box.x0;
            if (piece->box.x1 > first->box.x0)
                break;
        }
        least = mine < least ? mine : least;
    }
    return least - margin;
}

static void
set_limits(const struct sample *s, struct head *head)
{
    for (unsigned k = 0; k < head->count; k++) {
        struct column *c = &head->columns[k];
        const struct column *next = k + 1 < head->count ? &head->columns[k + 1] : NULL;
        int a, b;

        c->left = k == 0 ? 0 : head->columns[k - 1].right;
        if (next == NULL) {
            c->right = 1 << 20;
            break;
        }
        c->right = parted_by_titles(c, next);
        if (s->count == 0 || !sample_gap(s, c->box.x1, next->box.x0, &a, &b))
            continue;
        /* text has a ragged end, and its longest line may stand elsewhere */
        c->right = column_text(c) ? b - (b - a) / 4 : (a + b) / 2;
    }
    if (head->count > 0)
        head->columns[0].left = left_end(s, &head->columns[0]);
}

/* The column of the form for what somebody gave out, or for how many; the last one of amounts; NULL: not clear. */
static const struct form_field *
column_for(const struct form *form, enum value_type type)
{
    const struct form_field *found = NULL;

    for (unsigned k = 0; k < form->table->column_count; k++) {
        const struct form_field *f = &form->table->columns[k];

        if (f->type != type)
            continue;
        if (found != NULL && type != VALUE_MONEY)
            return NULL;
        found = f;
    }
    return found;
}

static bool
is_titled(const struct head *head, const struct form_field *field)
{
    for (unsigned k = 0; k < head->count; k++)
        if (head->columns[k].field == field)
            return true;
    return false;
}

static void
insert(struct head *head, unsigned at, struct column c)
{
    if (head->count == COLUMNS_MAX)
        return;
    memmove(&head->columns[at + 1], &head->columns[at], (head->count - at) * sizeof head->columns[0]);
    head->columns[at] = c;
    head->count++;
}

static void
take_out(struct head *head, unsigned at)
{
    head->count--;
    memmove(&head->columns[at], &head->columns[at + 1], (head->count - at) * sizeof head->columns[0]);
}

/*
 * "Artículo" heads codes where "Concepto" heads the text.  Of two columns that one title could mean the one
 * with more letters in it is meant; the other is of codes, or else part of the text.
 */
static void
one_of_two(const struct sample *s, struct head *head)
{
    for (unsigned k = 0; k + 1 < head->count; k++) {
        struct column *a = &head->columns[k], *b = &head->columns[k + 1];
        struct content in_a, in_b;

        if (a->field == NULL || a->field != b->field)
            continue;
        in_a = sample_content(s, a->left, a->right);
        in_b = sample_content(s, b->left, b->right);
        if (in_a.filled > 0 && in_a.codes * 10 >= in_a.filled * 7 && in_b.letters > in_a.letters) {
            a->field = NULL;
        } else if (in_b.filled > 0 && in_b.codes * 10 >= in_b.filled * 7 && in_a.letters > in_b.letters) {
            b->field = NULL;
        } else {
            a->box = box_union(a->box, b->box);
            a->right = b->right;
            take_out(head, k + 1);
            k--;
        }
    }
}

static bool
is_count(const char *text)
{
    return isdigit((unsigned char)*text) && text[strspn(text, "0123456789.,")] == '\0';
}

/*
 * What begins the text of (nearly) every row and is no text, behind which the text begins at one edge, is a
 * column of its own.  false: it is not so.
 */
static bool
split_off(const struct sample *s, struct head *head, unsigned k, bool (*is_other)(const char *text),
          const struct form_field *field)
{
    const struct layout *lay = s->x->layout;
    struct column *c = &head->columns[k], new = { .field = field, .box = c->box, .left = c->left };
    unsigned others = 0, second = 0;
    int edge = 0, most = 0;

    for (unsigned r = 0; r < s->count; r++) {
        const struct lay_run *line = &lay->lines[s->lines[r]];
        uint32_t i = line->first, end = line->first + line->count;

        while (i < end && (lay->words[i].box.x0 + lay->words[i].box.x1) / 2 < c->left)
            i++;
        if (i + 1 >= end || lay->words[i + 1].box.x0 >= c->right || !is_other(lay->words[i].word->text))
            continue;
        others++;
        edge = others == 1 ? lay->words[i + 1].box.x0 : edge;
        most = lay->words[i].box.x1 > most ? lay->words[i].box.x1 : most;
        second += (float)abs(lay->words[i + 1].box.x0 - edge) < 0.7f * lay->height;
    }
    if (others < 2 || others * 10 < s->count * 9 || second * 10 < others * 9 || most >= edge)
        return false;
    new.right = c->left = (most + edge) / 2;
    new.box.x1 = most;
    c->box.x0 = c->box.x0 < edge ? edge : c->box.x0;
    insert(head, k, new);
    return true;
}

/* Columns whose titles no label knows, or that have none: article codes before the text, how many before the unit. */
static void
columns_in_text(const struct sample *s, struct head *head)
{
    const struct form_field *number = column_for(s->x->form, VALUE_NUMBER);
    bool text = false;

    for (unsigned k = 0; k < head->count; k++) {
        struct column *c = &head->columns[k];

        if (!column_text(c))
            continue;
        if (!text && split_off(s, head, k, sample_code, NULL)) {
            k++;
        } else if (!text && k == 0 && c->left > 0) {
            struct content before = sample_content(s, 0, c->left);

            if (before.codes > 1 && before.codes * 10 >= s->count * 9) {
                insert(head, 0, (struct column){ .box = c->box, .left = 0, .right = c->left });
                k++;
            }
        } else if (text && number != NULL && !is_titled(head, number) && split_off(s, head, k, is_count, number)) {
            k++;
        }
        text = true;
    }
}

/* The gaps, wider than blanks, that the rows leave between from and to: where each is cut. */
static unsigned
cuts(const struct sample *s, int from, int to, int *out, unsigned room)
{
    float least = 1.2f * s->x->layout->height + s->x->layout->slack;
    unsigned n = 0;
    int a, b, next;

    /* the widest one first, then what is left and right of it */
    if (from >= to || room == 0 || !sample_gap(s, from, to, &a, &b) || (float)(b - a) < least)
        return 0;
    n = cuts(s, from, a - 1, out, room - 1);
    next = (int)n;
    out[next] = b - (b - a) / 4;
    n++;
    return n + cuts(s, b + 1, to, out + n, room - n);
}

/*
 * A head of which only the right half could be read (white on black): what the rows have left of its first
 * title, cut at their gaps.  The column of words is the text, one of numbers how many.
 */
static void
columns_before(const struct sample *s, struct head *head)
{
    const struct layout *lay = s->x->layout;
    const struct form_field *number = column_for(s->x->form, VALUE_NUMBER), *text = NULL;
    int at[COLUMNS_BEFORE + 1], from = INT32_MAX, to = head->columns[0].box.x0;
    unsigned n, most = 0, best = 0;

    for (unsigned k = 0; k < head->count; k++)
        if (column_text(&head->columns[k]))
            return;
    for (unsigned k = s->x->form->table->column_count; k-- > 0;)
        text = s->x->form->table->columns[k].type == VALUE_TEXT ? &s->x->form->table->columns[k] : text;
    for (unsigned r = 0; r < s->count; r++) {
        struct box b = lay->words[lay->lines[s->lines[r]].first].box;

        from = b.x0 < from ? b.x0 : from;
    }
    if (text == NULL || s->count < 2 || from >= to || (n = cuts(s, from, to, at, COLUMNS_BEFORE)) == 0 ||
        head->count + n > COLUMNS_MAX)
        return;
    for (unsigned k = 0; k < n; k++) {
        struct content in = sample_content(s, k == 0 ? from : at[k - 1], at[k]);

        if (in.letters > most) {
            most = in.letters;
            best = k;
        }
    }
    if (most < 3 * s->count)
        return;
    for (unsigned k = 0; k < n; k++) {
        struct column c = { .left = k == 0 ? from - (int)lay->height : at[k - 1], .right = at[k] };
        struct content in = sample_content(s, c.left, c.right);

        c.box = (struct box){ c.left, head->columns[k].box.y0, c.right, head->columns[k].box.y1 };
        if (k == best)
            c.field = text;
        else if (number != NULL && !is_titled(head, number) && in.letters == 0 && in.codes * 2 < s->count &&
                 k > best && in.filled * 10 >= s->count * 8)
            c.field = number;
        insert(head, k, c);
    }
    head->columns[n].left = at[n - 1];
}

/* A column of amounts at the right end that has no title, or one that was misread. */
static void
amounts_at_the_end(const struct sample *s, struct head *head)
{
    struct column *last = &head->columns[head->count - 1];
    const struct form_field *field = column_for(s->x->form, VALUE_MONEY);
    struct content in;
    int a, b;

    if (field == NULL || s->count < 2 || is_titled(head, field))
        return;
    in = sample_content(s, last->left, last->right);
    if (last->field == NULL) {
        if (in.amounts * 10 >= s->count * 8)
            last->field = field;
        return;
    }
    /* beyond the last title: a gap that all rows leave, amounts behind it that end at one edge */
    if (last->field->type == VALUE_TEXT || !sample_gap(s, last->box.x1, in.right_most, &a, &b) ||
        (float)(b - a) < s->x->layout->height)
        return;
    in = sample_content(s, b - 1, last->right);
    if (in.amounts * 10 >= s->count * 8 && (float)(in.right_most - in.right_least) < s->x->layout->height) {
        struct column new = { .field = field, .box = last->box, .left = (a + b) / 2, .right = last->right };

        new.box.x0 = b;
        new.box.x1 = in.right_most;
        last->right = new.left;
        insert(head, head->count, new);
    }
}

/* Codes before the text, under a title that no label knows or none at all. */
static void
name_codes(const struct sample *s, struct head *head)
{
    const struct form_field *field = column_for(s->x->form, VALUE_ID);

    for (unsigned k = 0; field != NULL && k + 1 < head->count; k++) {
        struct column *c = &head->columns[k];
        struct content in;

        if (c->field != NULL || !column_text(c + 1) || is_titled(head, field))
            continue;
        in = sample_content(s, c->left, c->right);
        if (in.codes > 0 && in.codes * 10 >= in.filled * 7)
            c->field = field;
    }
}

/*
 * What stands in the head's line and is no title of a label's is one when it heads something: beside the
 * table in half of its rows, and within it between two gaps that are wider than blanks.  A stamp is none.
 */
static void
drop_untitled(const struct sample *s, struct head *head)
{
    float least = 0.8f * s->x->layout->height + s->x->layout->slack;

    while (head->count > 1 && head->columns[0].field == NULL &&
           sample_begins(s, head->columns[0].box.x0) * 2 < s->count)
        take_out(head, 0);
    while (head->count > 1 && head->columns[head->count - 1].field == NULL) {
        struct box b = head->columns[head->count - 1].box;

        if (sample_content(s, b.x0, b.x1).filled * 2 >= s->count)
            break;
        head->count--;
    }
    for (unsigned k = 1; k + 1 < head->count; k++) {
        const struct column *c = &head->columns[k];
        int a, b, from, to;

        if (c->field != NULL)
            continue;
        if (s->count > 0 && sample_gap(s, c[-1].box.x1, c->box.x0, &a, &b) && (float)(b - a) >= least) {
            from = (a + b) / 2;
            if (sample_gap(s, c->box.x1, c[1].box.x0, &a, &b) && (float)(b - a) >= least) {
                to = (a + b) / 2;
                if (sample_content(s, from, to).filled > 0)
                    continue;
            }
        }
        take_out(head, k--);
    }
}

bool
grid_find(const struct extraction *x, uint32_t page, struct head *out)
{
    struct sample sample;
    unsigned most = 0;

    for (uint32_t l = 0; l < x->layout->line_count; l++) {
        struct head head;
        unsigned different;

        if (x->layout->lines[l].page != page)
            continue;
        different = titles(x, l, &head);
        /* one title of the head may lie a little lower than the others */
        if (different >= 2 && (different > most || (different == most && head.count > out->count &&
                                                    x->layout->lines[l].box.y0 < x->layout->lines[out->line].box.y1))) {
            most = different;
            *out = head;
        }
    }
    if (most == 0)
        return false;
    other_titles(x, out);
    qsort(out->columns, out->count, sizeof out->columns[0], by_left);
    sample_rows(x, out, &sample);
    drop_untitled(&sample, out);
    set_limits(&sample, out);
    columns_before(&sample, out);
    one_of_two(&sample, out);
    columns_in_text(&sample, out);
    amounts_at_the_end(&sample, out);
    name_codes(&sample, out);
    return true;
}

bool
grid_ends(const struct extraction *x, uint32_t line)
{
    const struct lay_run *run = &x->layout->lines[line];
    const struct by_language *stop = &x->form->table->stop;
    const struct phrases *sets[] = { &stop->en, &stop->es, &stop->de, &stop->fr };

    for (size_t s = 0; s < COUNT_OF(sets); s++) {
        for (unsigned i = 0; i < sets[s]->count; i++) {
            char fold[100];
            double cost;
            size_t used, n = lexicon_fold(sets[s]->items[i], fold, sizeof fold);

            for (uint32_t at = 0; at < run->fold_size; at++)
                if (run->edge[at] != 0 &&
                    lexicon_prefix(fold, n, run->fold + at, run->fold_size - at, run->edge + at, &cost, &used))
                    return true;
        }
    }
    return false;
}
