/*
 * extract_sample.c - extract_sample.h: rows are lines that fill the columns of figures.
 */
#include "extract_sample.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define FREE_SHARE 10    /* a gap may be crossed in one row of so many         */
#define ROWS_APART 12.0f /* heights of a word                                  */
#define WIDTH_MOST 60000 /* pixels                                             */
#define CODE_LEAST 3     /* "1", "2" number the rows, "0421" is a code         */

int
word_end(const struct layout *lay, const struct lay_run *line, uint32_t i)
{
    struct box b = lay->words[i].box;

    return i + 1 < line->first + line->count && lay->words[i + 1].box.x0 < b.x1 ? lay->words[i + 1].box.x0 : b.x1;
}

bool
word_is_rule(const struct layout *lay, uint32_t i)
{
    const char *text = lay->words[i].word->text;

    return strspn(text, "|") == strlen(text);
}

static bool
has_digit(const char *text)
{
    return strpbrk(text, "0123456789") != NULL;
}

/* Does a line fill enough of the columns of numbers to be a row? */
static bool
is_row(const struct extraction *x, const struct head *head, const struct lay_run *line, bool strict)
{
    const struct layout *lay = x->layout;
    unsigned filled = 0, could = 0;
    uint32_t from = line->first; /* a figure fills one column only */

    for (unsigned k = 0; k < head->count; k++) {
        const struct column *c = &head->columns[k];
        bool found = false;

        if (c->field == NULL || column_text(c) || c->field->type == VALUE_ID)
            continue;
        could++;
        for (uint32_t i = from; i < line->first + line->count && !found; i++) {
            found = has_digit(lay->words[i].word->text) &&
                    (float)box_across(c->box, lay->words[i].box) > -lay->height;
            from = found ? i + 1 : from;
        }
        filled += found;
    }
    return could > 0 && (strict ? filled * 3 >= could * 2 : filled * 2 >= could);
}

void
sample_rows(const struct extraction *x, const struct head *head, struct sample *out)
{
    for (int strict = 1; strict >= 0; strict--) {
        *out = (struct sample){ .x = x };
        for (uint32_t l = head->line + 1; l < x->layout->line_count && out->count < SAMPLE_MAX; l++) {
            const struct lay_run *line = &x->layout->lines[l];
            const struct lay_run *above = &x->layout->lines[out->count > 0 ? out->lines[out->count - 1] : head->line];

            /* what stands so far below is the foot of the page */
            if (line->page != above->page || grid_ends(x, l) ||
                (out->count > 0 && (float)(line->box.y0 - above->box.y1) > ROWS_APART * x->layout->height))
                break;
            if (is_row(x, head, line, strict != 0))
                out->lines[out->count++] = l;
        }
        if (out->count > 0)
            return;
    }
}

bool
sample_gap(const struct sample *s, int from, int to, int *a, int *b)
{
    const struct layout *lay = s->x->layout;
    uint8_t *rows, *last; /* of each place: how many rows have print there, and the last one of them */
    int start = -1;

    *a = *b = 0;
    if (from < 0 || to < from || to - from > WIDTH_MOST)
        return false;
    rows = arena_array(s->x->arena, (size_t)(to - from) + 1, sizeof *rows);
    last = arena_array(s->x->arena, (size_t)(to - from) + 1, sizeof *last);
    if (rows == NULL || last == NULL)
        return false;
    for (unsigned r = 0; r < s->count; r++) {
        const struct lay_run *line = &lay->lines[s->lines[r]];

        for (uint32_t i = line->first; i < line->first + line->count; i++) {
            int x0 = lay->words[i].box.x0, x1 = word_end(lay, line, i);

            if (word_is_rule(lay, i))
                continue;
            for (int at = x0 < from ? from : x0; at <= x1 && at <= to; at++) {
                rows[at - from] += last[at - from] != r + 1;
                last[at - from] = (uint8_t)(r + 1);
            }
        }
    }
    for (int at = from; at <= to + 1; at++) {
        bool open = at <= to && rows[at - from] * FREE_SHARE <= s->count;

        if (open && start < 0)
            start = at;
        if (!open && start >= 0) {
            if (at - start > *b - *a) {
                *a = start;
                *b = at;
            }
            start = -1;
        }
    }
    return *b > *a;
}

unsigned
sample_begins(const struct sample *s, int at)
{
    const struct layout *lay = s->x->layout;
    unsigned n = 0;

    for (unsigned r = 0; r < s->count; r++) {
        const struct lay_run *line = &lay->lines[s->lines[r]];
        bool hit = false;

        for (uint32_t i = line->first; i < line->first + line->count && !hit; i++)
            hit = (float)abs(lay->words[i].box.x0 - at) < 0.7f * lay->height;
        n += hit;
    }
    return n;
}

bool
sample_code(const char *text)
{
    size_t n = strlen(text);
    struct date_hit date;

    if (dates_find(text, &date, 1) > 0 && !date.no_year && strpbrk(text, "/.-") != NULL)
        return false;
    if (n < CODE_LEAST || n > 24 || !has_digit(text))
        return false;
    for (; *text != '\0'; text++)
        if (!isdigit((unsigned char)*text) && !isupper((unsigned char)*text) && strchr("-./_#", *text) == NULL)
            return false;
    return true;
}

bool
sample_amount(const char *text)
{
    const char *last = strpbrk(text, "0123456789");
    size_t n;

    if (last == NULL || (n = strspn(last, "0123456789.,'")) < 4)
        return false;
    return strchr(".,", last[n - 3]) != NULL && last[n] != '%';
}

struct content
sample_content(const struct sample *s, int left, int right)
{
    const struct layout *lay = s->x->layout;
    struct content out = { .right_least = INT32_MAX };

    for (unsigned r = 0; r < s->count; r++) {
        const struct lay_run *line = &lay->lines[s->lines[r]];
        unsigned words = 0, codes = 0, amounts = 0;
        int end = 0;

        for (uint32_t i = line->first; i < line->first + line->count; i++) {
            const char *text = lay->words[i].word->text;
            struct box b = lay->words[i].box;
            int middle = (b.x0 + word_end(lay, line, i)) / 2;

            if (middle < left || middle >= right || word_is_rule(lay, i))
                continue;
            words++;
            codes += sample_code(text);
            amounts += sample_amount(text);
            end = b.x1;
            for (; *text != '\0'; text++)
                out.letters += isalpha((unsigned char)*text) != 0;
        }
        out.words += words;
        out.filled += words > 0;
        out.codes += words == 1 && codes == 1;
        out.amounts += amounts == 1;
        if (words > 0) {
            out.right_least = end < out.right_least ? end : out.right_least;
            out.right_most = end > out.right_most ? end : out.right_most;
        }
    }
    return out;
}
