/*
 * second_search.c - prefix beam search of CTC over one stretch, and where its letters stand.
 *
 * Both cases of a letter are searched as one, because the labels of real lines do not tell them apart
 * (docs/decisions/0052).
 */
#include "second_search.h"

#include <string.h>

#define WIDTH 10
#define OFFERS 8           /* classes of one column that are followed   */
#define OFFER_LEAST 0.004f /* a smaller share is no offer               */
#define KEEP_LEAST 1e-5    /* of the best prefix; what is less is given up */

/* A prefix: its last character and the way back. */
struct prefix {
    struct prefix *parent, *child, *next;
    unsigned group;            /* 0: the root */
    language_past past;
    double factor;             /* what the language says of its last character */
    double blank, letter;      /* how probable, ending in CTC's blank or in its character */
    double to_blank, to_letter; /* the same one column on */
    bool listed;
};

struct beam {
    const struct decode_stretch *s;
    struct arena *arena;
    struct prefix *kept[WIDTH], *listed[WIDTH * (OFFERS + 2)];
    int kept_count, listed_count;
};

struct offer {
    unsigned group;
    double share;
};

static float
group_share(const struct decoder *d, const float *row, unsigned group)
{
    return row[group] + (d->partner[group] != 0 ? row[d->partner[group]] : 0);
}

/* What the network offers in a column, no digits: where they won, no search is made. */
static int
offers_of(const struct decoder *d, const float *row, struct offer offers[OFFERS])
{
    int count = 0;

    for (unsigned i = 1; i < d->net->classes; i++) {
        float share;
        int at;

        if (row[i] < OFFER_LEAST / 2 || d->symbol[i] == LANGUAGE_DIGIT)
            continue;
        /* a letter once: at its capital, or here when that has next to nothing itself */
        if (d->group[i] != i && row[d->group[i]] >= OFFER_LEAST / 2)
            continue;
        if ((share = group_share(d, row, d->group[i])) < OFFER_LEAST)
            continue;
        for (at = count < OFFERS ? count++ : OFFERS; at > 0 && offers[at - 1].share < (double)share; at--)
            if (at < OFFERS)
                offers[at] = offers[at - 1];
        if (at < OFFERS)
            offers[at] = (struct offer){ d->group[i], (double)share };
    }
    return count;
}

static void
list(struct beam *b, struct prefix *p)
{
    if (p->listed)
        return;
    p->listed = true;
    p->to_blank = p->to_letter = 0;
    b->listed[b->listed_count++] = p;
}

/* The prefix with one character more. */
static struct prefix *
longer(struct beam *b, struct prefix *p, unsigned group)
{
    const struct decoder *d = b->s->d;
    struct prefix *c;

    for (c = p->child; c != NULL; c = c->next)
        if (c->group == group)
            return c;
    if ((c = arena_alloc(b->arena, sizeof *c)) == NULL)
        return NULL;
    *c = (struct prefix){ .parent = p, .next = p->child, .group = group };
    p->child = c;
    c->factor = d->factor[language_cost(d->language, p->past, d->symbol[group])];
    c->past = language_push(d->language, p->past, d->symbol[group]);
    return c;
}

/* The WIDTH best of the listed are kept, best first, and made even so that nothing runs out of range. */
static void
keep_best(struct beam *b)
{
    double best;

    b->kept_count = 0;
    for (int i = 0; i < b->listed_count; i++) {
        struct prefix *p = b->listed[i];
        const double all = p->to_blank + p->to_letter;
        int at = b->kept_count < WIDTH ? b->kept_count++ : WIDTH;

        p->listed = false;
        p->blank = p->to_blank;
        p->letter = p->to_letter;
        for (; at > 0 && b->kept[at - 1]->blank + b->kept[at - 1]->letter < all; at--)
            if (at < WIDTH)
                b->kept[at] = b->kept[at - 1];
        if (at < WIDTH)
            b->kept[at] = p;
    }
    b->listed_count = 0;
    best = b->kept[0]->blank + b->kept[0]->letter;
    while (b->kept_count > 1 &&
           b->kept[b->kept_count - 1]->blank + b->kept[b->kept_count - 1]->letter < KEEP_LEAST * best)
        b->kept_count--;
    for (int k = 0; k < b->kept_count; k++) {
        b->kept[k]->blank /= best;
        b->kept[k]->letter /= best;
    }
}

static enum rc
step(struct beam *b, const struct offer *offers, int count, double blank)
{
    for (int k = 0; k < b->kept_count; k++) {
        struct prefix *p = b->kept[k];
        const double all = p->blank + p->letter;

        list(b, p);
        p->to_blank += all * blank;
        for (int i = 0; i < count; i++) {
            const bool again = offers[i].group == p->group;
            struct prefix *c;

            if (again)
                p->to_letter += p->letter * offers[i].share;
            if (again && p->blank <= 0)
                continue;
            if ((c = longer(b, p, offers[i].group)) == NULL)
                return RC_NOMEM;
            list(b, c);
            c->to_letter += (again ? p->blank : all) * offers[i].share * c->factor;
        }
    }
    keep_best(b);
    return RC_OK;
}

/* ---- where the characters of the best prefix stand --------------------------------- */

/* The member of a group with the larger share. */
static unsigned
member(const struct decoder *d, const float *row, unsigned group)
{
    const unsigned other = d->partner[group];

    return other != 0 && row[other] > row[group] ? other : group;
}

/* One column of the best way through the states blank, letter 0, blank, letter 1 ... blank; from[]: how many back. */
static void
align_column(const struct decode_stretch *s, const float *row, const unsigned *groups, uint32_t states, double *way,
             uint8_t *from)
{
    double best = 0;

    for (uint32_t k = states; k-- > 0;) { /* downwards: way[k - 1] is still the column before */
        const double share = k % 2 == 0 ? (double)row[0] : (double)group_share(s->d, row, groups[k / 2]);
        const bool may_skip = k % 2 == 1 && k >= 3 && groups[k / 2] != groups[k / 2 - 1];

        from[k] = 0;
        if (k >= 1 && way[k - 1] > way[k]) {
            way[k] = way[k - 1];
            from[k] = 1;
        }
        if (may_skip && way[k - 2] > way[k]) {
            way[k] = way[k - 2];
            from[k] = 2;
        }
        way[k] *= share + 1e-9;
        best = way[k] > best ? way[k] : best;
    }
    for (uint32_t k = 0; k < states && best > 0; k++)
        way[k] /= best;
}

static float
best_share(const struct decoder *d, const float *row, unsigned *best)
{
    *best = 0;
    for (unsigned i = 1; i < d->net->classes; i++)
        if (row[i] > row[*best])
            *best = i;
    return group_share(d, row, *best);
}

/* The marks of groups, and where the network had rather something else than nothing beside one, how little it had. */
static enum rc
align(const struct decode_stretch *s, const unsigned *groups, uint32_t count, struct arena *scratch,
      struct decode_mark *out)
{
    const uint32_t states = 2 * count + 1, columns = (uint32_t)(s->to - s->from);
    uint8_t *from = arena_array(scratch, columns, states);
    double *way = arena_array(scratch, states, sizeof *way);
    uint32_t k = states - 1;

    if (from == NULL || way == NULL)
        return RC_NOMEM;
    way[0] = 1; /* before the first column: in the first blank, from which the first letter is one on */
    for (uint32_t x = 0; x < columns; x++)
        align_column(s, s->scores + (size_t)(s->from + (int)x) * s->d->net->classes, groups, states, way,
                     from + (size_t)x * states);
    if (way[states - 2] > way[states - 1])
        k = states - 2;
    for (uint32_t i = 0; i < count; i++)
        out[i] = (struct decode_mark){ .class = 0 };
    for (uint32_t x = columns; x-- > 0; k -= from[(size_t)x * states + k]) {
        const int at = s->from + (int)x;
        const float *row = s->scores + (size_t)at * s->d->net->classes;
        struct decode_mark *m = &out[k / 2 < count ? k / 2 : count - 1];
        unsigned best;

        if (k % 2 == 0) { /* nothing is said here, but the network would have */
            (void)best_share(s->d, row, &best);
            if (best != 0 && (m->most <= 0 || row[0] < m->most))
                m->most = row[0] > .001f ? row[0] : .001f;
            continue;
        }
        if (m->class == 0)
            m->to = at + 1;
        m->from = at;
        if (m->class == 0 || group_share(s->d, row, groups[k / 2]) >
                                 group_share(s->d, s->scores + (size_t)m->peak * s->d->net->classes, groups[k / 2]))
            m->peak = at;
        m->class = groups[k / 2];
    }
    for (uint32_t i = 0; i < count; i++) {
        if (out[i].class == 0)
            return RC_BUG;
        out[i].class = member(s->d, s->scores + (size_t)out[i].peak * s->d->net->classes, groups[i]);
    }
    return RC_OK;
}

/* ---- one stretch ------------------------------------------------------------------- */

static void
begin(const struct decode_stretch *s, struct prefix *root)
{
    const struct decoder *d = s->d;
    const uint32_t before = s->first > d->language->order ? s->first - d->language->order : 0;

    if (before == 0)
        root->past = language_push(d->language, 0, LANGUAGE_BLANK);
    for (uint32_t i = before; i < s->first; i++)
        root->past = language_push(d->language, root->past, d->symbol[s->marks[i].class]);
    if (s->first > 0) { /* what stands before may still be seen in the first columns */
        root->group = d->group[s->marks[s->first - 1].class];
        root->letter = 1;
    } else {
        root->blank = 1;
    }
}

/* What comes after the stretch comes anyway: a column of it alone, or the end of the line as the end of a word. */
static enum rc
finish(struct beam *b)
{
    const struct decode_stretch *s = b->s;
    const struct decoder *d = s->d;
    const struct offer next = { s->end < s->count ? d->group[s->marks[s->end].class] : 0, 1 };

    if (next.group != 0)
        return step(b, &next, 1, 0);
    for (int k = 0; k < b->kept_count; k++) {
        struct prefix *p = b->kept[k];
        const double end = p->past % LANGUAGE_SYMBOLS == LANGUAGE_BLANK
                               ? 1
                               : d->factor[language_cost(d->language, p->past, LANGUAGE_BLANK)];

        list(b, p);
        p->to_blank = p->blank * end;
        p->to_letter = p->letter * end;
    }
    keep_best(b);
    return RC_OK;
}

/* The groups of the best prefix without the root and, where something follows, without that; the count of them. */
static uint32_t
spell(const struct beam *b, const struct prefix *root, unsigned *groups)
{
    const struct prefix *last = b->s->end < b->s->count ? b->kept[0]->parent : b->kept[0];
    uint32_t count = 0, at;

    for (const struct prefix *p = last; p != NULL && p != root; p = p->parent)
        count++;
    at = count;
    for (const struct prefix *p = last; p != NULL && p != root; p = p->parent)
        groups[--at] = p->group;
    return count;
}

/* The best path says the same, but for case. */
static bool
same(const struct decode_stretch *s, const unsigned *groups, uint32_t count)
{
    if (count != s->end - s->first)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (groups[i] != s->d->group[s->marks[s->first + i].class])
            return false;
    return true;
}

enum rc
second_search(const struct decode_stretch *stretch, struct arena *scratch, struct decode_mark *out, uint32_t room,
              uint32_t *n)
{
    struct beam *b = arena_alloc(scratch, sizeof *b);
    struct prefix *root = arena_alloc(scratch, sizeof *root);
    unsigned *groups = arena_array(scratch, (size_t)(stretch->to - stretch->from) + 2, sizeof *groups);
    struct offer offers[OFFERS];
    uint32_t count;
    enum rc rc = RC_OK;

    *n = 0;
    if (b == NULL || root == NULL || groups == NULL)
        return RC_NOMEM;
    b->s = stretch;
    b->arena = scratch;
    b->kept[0] = root;
    b->kept_count = 1;
    begin(stretch, root);
    for (int x = stretch->from; rc == RC_OK && x < stretch->to; x++) {
        const float *row = stretch->scores + (size_t)x * stretch->d->net->classes;

        rc = step(b, offers, offers_of(stretch->d, row, offers), (double)row[0] + 1e-7);
    }
    if (rc == RC_OK)
        rc = finish(b);
    if (rc != RC_OK)
        return rc;
    count = spell(b, root, groups);
    if (count == 0 || count > room || same(stretch, groups, count))
        return RC_OK;
    if ((rc = align(stretch, groups, count, scratch, out)) == RC_OK)
        *n = count;
    return rc == RC_BUG ? RC_OK : rc;
}
