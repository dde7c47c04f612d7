/*
 * memory_find.c - where on the pages does a value stand that a person gave?
 *
 * A person says what a value is, not where.  It is looked for by what it means (an amount, a day)
 * or by its letters, and where it stands nowhere, by what a reader may have made of it; of several
 * places the one beside a label of its field is likeliest, and one among many amounts of a line is not.
 */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#include "doc/lexicon.h"

#define KEY_ROOM 256
#define RUN_MAX 10
#define LINES_MAX 6
#define HEAD 22 /* letters of a long text by which its beginning is found */
#define NEAR_DIGITS 5 /* a shorter number that differs in one digit is another number */

struct finding {
    const struct extraction *x;
    uint16_t field;
    struct memory_found *out;
    uint32_t room, count;
};

static struct box
box_of(const struct layout *lay, uint32_t first, uint32_t count)
{
    struct box b = lay->words[first].box;

    for (uint32_t i = 1; i < count && lay->words[first + i].line == lay->words[first].line; i++)
        b = box_union(b, lay->words[first + i].box);
    return b;
}

/* How likely is it that this is the one that is meant? */
static double
worth_of(const struct extraction *x, uint16_t field, const struct memory_found *at)
{
    const struct form_field *f = &x->form->fields[field];
    const struct layout *lay = x->layout;
    uint32_t line = lay->words[at->first].line;
    double reach = 0, worth;
    unsigned amounts = 0;

    for (uint32_t h = 0; h < x->hit_count; h++) {
        double s;

        if (x->hits[h].field != field)
            continue;
        s = label_reach(x, &x->hits[h], at->page, line, at->box, f->place) + label_worth(x, &x->hits[h]);
        reach = s > reach ? s : reach;
    }
    worth = 1 + reach;
    for (uint32_t i = 0; i < x->amount_count; i++)
        amounts += x->amounts[i].line == line && !x->amounts[i].percent;
    if (amounts >= 3)
        worth -= 0.5;
    if (at->first > lay->lines[line].first && lay->words[at->first - 1].line == line)
        worth += 0.15;
    /* of sums, the later one; of names, the first */
    if (f->type == VALUE_MONEY)
        worth += 0.2 * line / (lay->line_count + 1.0);
    else
        worth -= 0.1 * line / (lay->line_count + 1.0);
    return worth;
}

static void
add(struct finding *f, struct memory_found found)
{
    uint32_t at;

    found.page = f->x->layout->words[found.first].page;
    found.box = box_of(f->x->layout, found.first, found.words);
    if (found.lead == NULL)
        found.lead = "";
    if (found.tail == NULL)
        found.tail = "";
    found.worth = worth_of(f->x, f->field, &found);
    for (uint32_t i = 0; i < f->count; i++)
        if (f->out[i].first == found.first)
            return;
    for (at = f->count; at > 0 && f->out[at - 1].worth < found.worth; at--)
        ;
    if (at >= f->room)
        return;
    if (f->count == f->room)
        f->count--;
    memmove(&f->out[at + 1], &f->out[at], (f->count - at) * sizeof *f->out);
    f->out[at] = found;
    f->count++;
}

static void
find_amount(struct finding *f, const char *value)
{
    const struct extraction *x = f->x;
    int64_t minor;

    if (!money_canonical(value, &minor))
        return;
    for (uint32_t i = 0; i < x->amount_count; i++) {
        const struct amount_at *a = &x->amounts[i];
        bool same = false;

        for (unsigned r = 0; r < a->reading_count; r++)
            same = same || a->readings[r].minor == minor || a->readings[r].minor == -minor;
        if (same && !a->in_date)
            add(f, (struct memory_found){ .first = a->first, .count = a->count, .words = a->count, .lines = 1 });
    }
}

static void
find_date(struct finding *f, const char *value)
{
    const struct extraction *x = f->x;
    struct date want;

    if (!date_canonical(value, &want))
        return;
    for (uint32_t i = 0; i < x->date_count; i++) {
        const struct date_at *d = &x->dates[i];
        struct date have = d->hit.date, other = { have.year, have.day, have.month };

        if (d->hit.no_year || d->hit.no_day)
            continue;
        if ((date_valid(have) && date_serial(have) == date_serial(want)) ||
            (d->hit.ambiguous && date_valid(other) && date_serial(other) == date_serial(want)))
            add(f, (struct memory_found){ .first = d->first, .count = d->count, .words = d->count, .lines = 1 });
    }
}

/* A value inside one word: "Nr.12345". */
static void
find_inside(struct finding *f, uint32_t i, const char *value)
{
    const char *text = f->x->layout->words[i].word->text, *at = strstr(text, value);
    size_t n = strlen(value);
    struct memory_found found = { .first = i, .count = 1, .words = 1, .lines = 1 };
    char *lead;

    if (at == NULL || n < 4 || (size_t)(at - text) > MEMORY_WORD_MAX || strlen(at + n) > MEMORY_WORD_MAX)
        return;
    if ((lead = arena_str(f->x->arena, text)) == NULL)
        return;
    lead[at - text] = '\0';
    found.lead = lead;
    found.tail = at + n;
    add(f, found);
}

static void
find_id(struct finding *f, const char *value)
{
    const struct layout *lay = f->x->layout;
    char want[KEY_ROOM];
    size_t n = value_key(value, want, sizeof want);

    if (n == 0)
        return;
    for (uint32_t i = 0; i < lay->word_count; i++) {
        char have[KEY_ROOM];
        size_t m = 0;

        for (uint32_t k = 0; k < RUN_MAX && i + k < lay->word_count; k++) {
            if (lay->words[i + k].line != lay->words[i].line)
                break;
            m += value_key(lay->words[i + k].word->text, have + m, sizeof have - m);
            if ((k == 0 && m == 0) || m > n || memcmp(have, want, m) != 0)
                break;
            if (m < n)
                continue;
            add(f, (struct memory_found){ .first = i, .count = k + 1, .words = k + 1, .lines = 1 });
            break;
        }
        if (m > n)
            find_inside(f, i, value);
    }
}

/* The next word of a text that goes on: in its piece, or in the piece below. */
static uint32_t
next_line(const struct layout *lay, uint32_t piece)
{
    const struct lay_run *p = &lay->pieces[piece];
    uint32_t best = UINT32_MAX;
    int least = (int)(2.6f * lay->height);

    for (uint32_t i = 0; i < lay->piece_count; i++) {
        const struct lay_run *q = &lay->pieces[i];
        int gap = q->box.y0 - p->box.y1;

        if (q->page != p->page || q->line == p->line || gap < -(int)(0.5f * lay->height) || gap > least ||
            q->box.y0 <= p->box.y0 || abs(q->box.x0 - p->box.x0) > (int)(2.0f * lay->height))
            continue;
        least = gap;
        best = i;
    }
    return best;
}

/* How much of the text, by its length, the words from first on hold; over lines when it is long. */
static bool
reach_of(const struct layout *lay, uint32_t first, size_t letters, struct memory_found *found)
{
    uint32_t piece = lay->words[first].piece, at = first;
    size_t have = 0;

    *found = (struct memory_found){ .first = first, .lines = 1 };
    for (uint32_t line = 0; line < LINES_MAX; line++) {
        const struct lay_run *p = &lay->pieces[piece];

        for (; at < p->first + p->count && have * 20 < letters * 19; at++) {
            char fold[KEY_ROOM];

            have += lexicon_fold(lay->words[at].word->text, fold, sizeof fold);
            found->count++;
            found->words += line == 0;
        }
        if (have * 20 >= letters * 19)
            return have * 10 <= letters * 13 + 30;
        if ((piece = next_line(lay, piece)) == UINT32_MAX)
            return have * 10 >= letters * 7;
        at = lay->pieces[piece].first;
        found->lines++;
    }
    return false;
}

static bool
spells(const struct layout *lay, uint32_t at, const char *fold, size_t n, bool near)
{
    const struct lay_run *line = &lay->lines[lay->words[at].line];
    uint32_t from = 0;
    size_t size;
    double limit;

    while (from < line->fold_size && line->first + line->fold_word[from] < at)
        from++;
    size = line->fold_size - from < n ? line->fold_size - from : n;
    if (size < 3 || (size < n && size < 6))
        return false;
    if (memcmp(line->fold + from, fold, size) == 0)
        return true;
    limit = near ? 0.2 * (double)size : 0;
    return limit >= 1 && lexicon_distance(fold, size, line->fold + from, size, limit) <= limit;
}

static void
find_text(struct finding *f, const char *value, bool near)
{
    const struct layout *lay = f->x->layout;
    char fold[KEY_ROOM];
    size_t n = lexicon_fold(value, fold, sizeof fold);

    if (n < 3)
        return;
    for (uint32_t i = 0; i < lay->word_count; i++) {
        struct memory_found found;

        if (spells(lay, i, fold, n < HEAD ? n : HEAD, near) && reach_of(lay, i, n, &found))
            add(f, found);
    }
}

/* ---- what a reader made of a value: a person corrects it, and its place is learnt all the same ---- */

/* Are these the same digits but for one, misread, lost or too many? */
static bool
digits_near(const char *a, const char *b)
{
    char p[KEY_ROOM], q[KEY_ROOM];
    size_t n = 0, m = 0, head = 0, tail = 0, longer;

    for (; *a != '\0' && n < sizeof p; a++)
        if (*a >= '0' && *a <= '9')
            p[n++] = *a;
    for (; *b != '\0' && m < sizeof q; b++)
        if (*b >= '0' && *b <= '9')
            q[m++] = *b;
    longer = n > m ? n : m;
    if (n < NEAR_DIGITS || m < NEAR_DIGITS || longer - n > 1 || longer - m > 1)
        return false;
    while (head < n && head < m && p[head] == q[head])
        head++;
    while (tail < n - head && tail < m - head && p[n - 1 - tail] == q[m - 1 - tail])
        tail++;
    return head + tail + 1 >= longer;
}

static void
near_amount(struct finding *f, const char *value)
{
    const struct extraction *x = f->x;

    for (uint32_t i = 0; i < x->amount_count; i++) {
        const struct amount_at *a = &x->amounts[i];
        bool near = false;

        for (unsigned r = 0; r < a->reading_count && !near; r++) {
            const char *have = money_print(x->arena, a->readings[r].minor);

            near = have != NULL && digits_near(have, value);
        }
        if (near && !a->in_date && !a->percent)
            add(f, (struct memory_found){ .first = a->first, .count = a->count, .words = a->count, .lines = 1 });
    }
}

static void
near_date(struct finding *f, const char *value)
{
    const struct extraction *x = f->x;

    for (uint32_t i = 0; i < x->date_count; i++) {
        const struct date_at *d = &x->dates[i];
        const char *have;

        if (d->hit.no_year || d->hit.no_day || (have = date_print(x->arena, d->hit.date)) == NULL)
            continue;
        if (digits_near(have, value))
            add(f, (struct memory_found){ .first = d->first, .count = d->count, .words = d->count, .lines = 1 });
    }
}

static void
near_id(struct finding *f, const char *value)
{
    const struct layout *lay = f->x->layout;
    char want[KEY_ROOM], have[KEY_ROOM];
    size_t n = lexicon_fold(value, want, sizeof want);
    double limit = n < 5 ? 0 : n < 9 ? 1.0 : 1.6, least = limit + 1;
    uint32_t best = UINT32_MAX, words = 0;

    for (uint32_t i = 0; i < lay->word_count && limit > 0; i++) {
        size_t m = 0;

        for (uint32_t k = 0; k < RUN_MAX && i + k < lay->word_count && m < n + 2; k++) {
            double cost;

            if (lay->words[i + k].line != lay->words[i].line)
                break;
            m += lexicon_fold(lay->words[i + k].word->text, have + m, sizeof have - m);
            if (m + 2 < n || m > n + 2 || (cost = lexicon_distance(want, n, have, m, limit)) > limit || cost >= least)
                continue;
            least = cost;
            best = i;
            words = k + 1;
        }
    }
    if (best != UINT32_MAX)
        add(f, (struct memory_found){ .first = best, .count = words, .words = words, .lines = 1 });
}

uint32_t
memory_find(const struct extraction *x, uint16_t field, const char *value, struct memory_found *out, uint32_t room)
{
    struct finding f = { x, field, out, room, 0 };

    switch (x->form->fields[field].type) {
    case VALUE_MONEY:
    case VALUE_NUMBER:
    case VALUE_PERCENT:
        find_amount(&f, value);
        if (f.count == 0)
            near_amount(&f, value);
        break;
    case VALUE_DATE:
        find_date(&f, value);
        if (f.count == 0)
            near_date(&f, value);
        break;
    case VALUE_ID:
        find_id(&f, value);
        if (f.count == 0)
            near_id(&f, value);
        break;
    case VALUE_TEXT:
    case VALUE_NAME:
    case VALUE_ADDRESS:
        find_text(&f, value, false);
        if (f.count == 0)
            find_text(&f, value, true);
        break;
    default: break;
    }
    return f.count;
}
