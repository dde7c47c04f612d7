/* second_decode.c - shares, the best path of CTC, and which stretches of it deserve a search. */
#include "second_decode.h"

#include <string.h>

#include "second_search.h"

#define OTHER_LEAST 0.01f /* alternatives below are not worth naming */
#define SURE 0.95f        /* share of a column's best from which nothing is asked */
#define WEIGHT_MAX 300

/* e^x for x <= 0, of additions and multiplications only: the same bits on every machine. */
static double
power(double x)
{
    double y = x * 1.4426950408889634, f, p;
    int whole;

    if (x < -60)
        return 0;
    whole = (int)y - 1;
    f = (y - whole) * 0.69314718055994531; /* 0 .. 1.39 */
    p = 1 + f * (1 + f * (.5 + f * (1.0 / 6 + f * (1.0 / 24 + f * (1.0 / 120 + f * (1.0 / 720 + f * (1.0 / 5040)))))));
    for (; whole < 0; whole++)
        p *= .5;
    return p;
}

enum rc
decoder_make(const struct net *net, const struct language *language, int weight, int bonus, struct decoder *d)
{
    *d = (struct decoder){ .net = net, .language = language, .searches = weight > 0 };
    if (net->classes > CLASSES_MAX || weight < 0 || weight > WEIGHT_MAX || bonus < 0 || bonus > WEIGHT_MAX)
        return RC_CONFIG;
    for (unsigned i = 1; i < net->classes; i++) {
        d->group[i] = (uint8_t)i;
        d->symbol[i] = (uint8_t)language_symbol(language, net->letters[i - 1]);
        for (unsigned k = 1; k < i; k++)
            if ((net->letters[k - 1] ^ net->letters[i - 1]) == 0x20 && (net->letters[k - 1] | 0x20) >= 'a' &&
                (net->letters[k - 1] | 0x20) <= 'z') {
                d->partner[i] = (uint8_t)k;
                d->partner[k] = (uint8_t)i;
                d->group[i] = (uint8_t)k;
            }
    }
    /* up to e^bonus, so by way of its inverse */
    for (int cost = 0; cost <= LANGUAGE_COST_MAX; cost++)
        d->factor[cost] = power(-(double)weight / 100 * cost / LANGUAGE_STEP) / power(-(double)bonus / 100);
    return RC_OK;
}

static void
shares(float *row, unsigned classes)
{
    float top = row[0], sum = 0;

    for (unsigned i = 1; i < classes; i++)
        top = row[i] > top ? row[i] : top;
    for (unsigned i = 0; i < classes; i++) {
        row[i] = (float)power((double)(row[i] - top));
        sum += row[i];
    }
    for (unsigned i = 0; i < classes; i++)
        row[i] = row[i] / sum;
}

static unsigned
best_of(const float *row, unsigned classes)
{
    unsigned best = 0;

    for (unsigned i = 1; i < classes; i++)
        if (row[i] > row[best])
            best = i;
    return best;
}

/* What the network says of one character in the column where it is most sure of it. */
static void
settle(const struct decoder *d, unsigned class, const float *row, struct second_char *c)
{
    c->conf = 0;
    for (unsigned i = 1; i < d->net->classes; i++) {
        if (d->group[i] == d->group[class]) {
            c->conf += row[i];
            continue;
        }
        for (int k = 0; row[i] >= OTHER_LEAST && k < SECOND_OTHERS; k++)
            if (row[i] > c->other_conf[k]) {
                for (int j = SECOND_OTHERS - 1; j > k; j--) {
                    c->other[j] = c->other[j - 1];
                    c->other_conf[j] = c->other_conf[j - 1];
                }
                c->other[k] = d->net->letters[i - 1];
                c->other_conf[k] = row[i];
                break;
            }
    }
}

/* ---- the best path --------------------------------------------------------------- */

static uint32_t
best_path(const struct decoder *d, float *scores, int columns, struct decode_mark *marks)
{
    const unsigned classes = d->net->classes;
    struct decode_mark *mark = NULL;
    uint32_t count = 0;
    float peak = 0;

    for (int x = 0; x < columns; x++) {
        float *row = scores + (size_t)x * classes;
        unsigned won;

        shares(row, classes);
        won = best_of(row, classes);
        if (won == 0) {
            mark = NULL;
            continue;
        }
        if (mark == NULL || won != mark->class) {
            mark = &marks[count++];
            *mark = (struct decode_mark){ .class = won, .from = x };
            peak = 0;
        }
        mark->to = x + 1;
        if (row[won] > peak) {
            peak = row[won];
            mark->peak = x;
        }
    }
    return count;
}

/* ---- which stretches are asked about ---------------------------------------------- */

static bool
is_blank(const struct decoder *d, const struct decode_mark *mark)
{
    return d->symbol[mark->class] == LANGUAGE_BLANK;
}

/* The word from first on has no digit; *end: the mark after it. */
static bool
letters_only(const struct decoder *d, const struct decode_mark *marks, uint32_t first, uint32_t count, uint32_t *end)
{
    bool digits = false;

    for (*end = first; *end < count && !is_blank(d, &marks[*end]); ++*end)
        digits = digits || d->symbol[marks[*end].class] == LANGUAGE_DIGIT;
    return !digits;
}

static bool
doubtful(const struct decoder *d, const float *scores, int from, int to)
{
    for (int x = from; x < to; x++) {
        const float *row = scores + (size_t)x * d->net->classes;
        const unsigned best = best_of(row, d->net->classes);

        if (row[best] + (d->partner[best] != 0 ? row[d->partner[best]] : 0) < SURE)
            return true;
    }
    return false;
}

/* Words without digits, from first on; *end: the mark after the last.  False: the word there has one, or is none. */
static bool
next_stretch(const struct decoder *d, const struct decode_mark *marks, uint32_t first, uint32_t count, uint32_t *end)
{
    uint32_t word = first, after = first;

    for (*end = first; word < count && letters_only(d, marks, word, count, &after) && after > word;) {
        *end = after;
        for (word = after; word < count && is_blank(d, &marks[word]);)
            word++;
    }
    if (*end > first)
        return true;
    *end = after > first ? after : first + 1;
    return false;
}

static enum rc
search_stretches(const struct decoder *d, const float *scores, int columns, struct arena *scratch,
                 struct decode_mark **marks, uint32_t *count)
{
    const size_t room = (size_t)columns * 2 + 2;
    struct decode_mark *out = arena_array(scratch, room, sizeof *out), *in = *marks;
    uint32_t made = 0, first = 0, end;
    enum rc rc = RC_OK;

    if (out == NULL)
        return RC_NOMEM;
    for (; rc == RC_OK && first < *count; first = end) {
        struct decode_stretch s = { .d = d, .scores = scores, .marks = in, .count = *count, .first = first };
        const bool asks = next_stretch(d, in, first, *count, &end);
        uint32_t n = 0;

        s.end = end;
        s.from = first > 0 ? in[first - 1].to : 0;
        s.to = end < *count ? in[end].from : columns;
        if (asks && doubtful(d, scores, s.from, s.to) &&
            ((rc = second_search(&s, scratch, out + made, (uint32_t)room - made, &n)) != RC_OK || n > 0)) {
            made += n;
            continue;
        }
        memcpy(out + made, in + first, (end - first) * sizeof *in);
        made += end - first;
    }
    *marks = out;
    *count = made;
    return rc;
}

enum rc
decode(const struct decoder *d, float *scores, int columns, bool words, struct arena *scratch, struct arena *arena,
       struct second_text *out)
{
    struct decode_mark *marks = arena_array(scratch, (size_t)columns + 1, sizeof *marks);
    double sum = 0;
    uint32_t count;
    enum rc rc = RC_OK;

    *out = (struct second_text){ .count = 0 };
    if (marks == NULL)
        return RC_NOMEM;
    count = best_path(d, scores, columns, marks);
    if (words && d->searches && (rc = search_stretches(d, scores, columns, scratch, &marks, &count)) != RC_OK)
        return rc;
    if ((out->chars = arena_array(arena, (size_t)count + 1, sizeof *out->chars)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        struct second_char *c = &out->chars[out->count++];
        const struct decode_mark *m = &marks[i];

        *c = (struct second_char){ .c = d->net->letters[m->class - 1], .x0 = m->from * DECODE_COLUMN - DECODE_FREE,
                                   .x1 = m->to * DECODE_COLUMN - DECODE_FREE };
        settle(d, m->class, scores + (size_t)m->peak * d->net->classes, c);
        if (m->most > 0 && c->conf > m->most)
            c->conf = m->most;
        sum += (double)c->conf;
    }
    out->conf = out->count > 0 ? (float)(sum / out->count) : 0;
    return RC_OK;
}
