/*
 * memory_predict.c - where a remembered place is on this page, and what stands there.
 *
 * Each word that stood around the value votes for where it should stand now; votes that agree
 * win.  Where the layout as a whole lies is one more vote, and says in which column to look.
 */
#include "memory.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "doc/checkdigit.h"
#include "doc/lexicon.h"

#define VOTES_MAX 200
#define NEAR_X 130.0 /* units: votes this near are one */
#define NEAR_Y 60.0
#define COLUMN 420.0 /* how far from its column a vote may be */
#define MOVED_COLUMN 0.7 /* what a label is worth that stands in another column */
#define DRIFT 0.3    /* what a vote loses that is far from where the place was */
#define FAR_OFF 2500.0
#define ALIGNED 2.6  /* heights: an edge of the value is this near its place */
#define BESIDE 1300.0 /* units: a number is no farther from its place because of a longer label */
#define BY_SHAPE 0.5 /* the strength of what was found by its shape alone */
#define RUN_MAX 24   /* words of a value */

struct vote {
    double x, y, weight;
    uint32_t page, anchor;
};

static double
anchor_weight(const struct memory_anchor *a)
{
    double w = (1.0 + a->seen) / (1.0 + a->seen + 2.0 * a->missed);
    double dx = fabs((double)a->dx), dy = fabs((double)a->dy);

    /* a label on the value's line, left of it, or over it */
    if (dy < 60)
        return a->dx > 0 ? w * 4500 / (1500 + 0.25 * dx) : w * 1500 / (1500 + dx);
    if (a->dy > 0 && dy < 400 && dx < 600)
        w *= 2;
    /* what is farther than some lines may drift apart from it */
    if (dy > 450)
        w *= 0.3;
    return w * 1500 / (1500 + dx + 2 * dy);
}

/* Before the value on its line, or right over it: what the value is called moves with it, into another column too. */
static bool
names_it(const struct memory_anchor *a)
{
    return (abs(a->dy) < 60 && a->dx > 0 && a->dx < 1600) || (a->dy > 60 && a->dy < 300 && abs(a->dx) < 500);
}

static uint32_t
votes_of(const struct memory_match *m, const struct memory_view *view, const struct memory_place *place,
         struct vote *votes)
{
    double column = memory_fit_x(&m->fit, place->x, place->y);
    uint32_t n = 0;

    for (uint32_t i = 0; i < place->anchor_count; i++) {
        const struct memory_anchor *a = &place->anchors[i];

        for (uint32_t s = 0; s < view->layout->word_count && n < VOTES_MAX; s++) {
            const struct memory_spot *spot = &view->spots[s];
            double x = spot->x0 + a->dx * m->fit.xx + a->dy * m->fit.xy;

            bool moved = fabs(x - column) > COLUMN;

            if ((moved && !names_it(a)) || !memory_same_word(a->text, spot->fold, true))
                continue;
            votes[n++] = (struct vote){ x, spot->y + a->dy * m->fit.yy + a->dx * m->fit.yx,
                                        (moved ? MOVED_COLUMN : 1) * anchor_weight(a), spot->page, i };
        }
    }
    if (n < VOTES_MAX && place->page == 0)
        votes[n++] = (struct vote){ column, memory_fit_y(&m->fit, place->x, place->y), 1.0, 0, MEMORY_ANCHORS_MAX };
    return n;
}

/* What agrees with one vote: each anchor counts once. */
static double
agreement(const struct vote *votes, uint32_t n, const struct vote *v, struct memory_spot_at *out)
{
    double best[MEMORY_ANCHORS_MAX + 1] = { 0 }, sum = 0, x = 0, y = 0, xy = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (votes[i].page != v->page || fabs(votes[i].x - v->x) > NEAR_X || fabs(votes[i].y - v->y) > NEAR_Y)
            continue;
        if (votes[i].weight > best[votes[i].anchor])
            best[votes[i].anchor] = votes[i].weight;
        x += votes[i].x * votes[i].weight;
        y += votes[i].y * votes[i].weight;
        xy += votes[i].weight;
    }
    for (int i = 0; i <= MEMORY_ANCHORS_MAX; i++)
        sum += best[i];
    if (xy > 0)
        *out = (struct memory_spot_at){ .page = v->page, .x = x / xy, .y = y / xy };
    return sum;
}

bool
memory_predict(const struct memory_match *m, const struct memory_view *view, const struct memory_place *place,
               struct memory_spot_at *out)
{
    struct vote *votes = arena_array(view->arena, VOTES_MAX, sizeof *votes);
    double most = 0, here = 0, all = 1.0, worth, was = memory_fit_y(&m->fit, place->x, place->y);
    uint32_t n;

    if (votes == NULL)
        return false;
    n = votes_of(m, view, place, votes);
    for (uint32_t i = 0; i < place->anchor_count; i++)
        all += anchor_weight(&place->anchors[i]);
    for (uint32_t i = 0; i < n; i++) {
        struct memory_spot_at at;
        double w = agreement(votes, n, &votes[i], &at), off = fabs(votes[i].y - was);

        /* of two that look alike, the one that is where it was: "Tax ID" of the seller and of the buyer */
        worth = w * (1 - DRIFT * (off < FAR_OFF ? off / FAR_OFF : 1));
        /* of equals, a page of the kind it stood on */
        if ((votes[i].page > 0) != (place->page > 0))
            worth -= 0.05;
        if (worth <= most)
            continue;
        most = worth;
        here = w;
        *out = at;
    }
    out->strength = here / all;
    out->right = out->x + place->width * m->fit.xx;
    return most > 0 && out->strength > 0.22;
}

/* How far from the place a thing at x0..x1, y stands, in heights; above 9: it is not there. */
static double
off_place(const struct memory_view *view, const struct memory_spot_at *at, uint32_t page, double x0, double x1,
          double y)
{
    double left = fabs(x0 - at->x), right = fabs(x1 - at->right), h = view->height;
    double dx = (left < right ? left : right) / h, dy = fabs(y - at->y) / h;

    if (page != at->page || dy > 0.85 || dx > ALIGNED)
        return 99;
    return dx + 2 * dy;
}

/* "7 %" stands in the name of some fields: an amount on the line of another rate is not theirs. */
static bool
other_rate(const struct extraction *x, const struct form_field *f, const struct amount_at *a)
{
    bool printed = false;

    for (unsigned e = 0; e < x->form->equation_count; e++) {
        const struct equation *q = &x->form->equations[e];
        int64_t rate;

        if (q->kind != EQ_PERCENT || !money_canonical(q->rate, &rate) ||
            (strcmp(q->result, f->name) != 0 && (q->terms.count != 1 || strcmp(q->terms.items[0], f->name) != 0)))
            continue;
        for (uint32_t i = 0; i < x->amount_count; i++) {
            if (!x->amounts[i].percent || x->amounts[i].line != a->line)
                continue;
            if (x->amounts[i].readings[0].minor == rate)
                return false;
            printed = true;
        }
    }
    return printed;
}

static bool
pick_amount(const struct extraction *x, const struct memory_view *view, const struct form_field *f,
            const struct memory_field *mf, const struct memory_spot_at *at, struct memory_pick *out)
{
    const struct amount_at *best = NULL;
    unsigned reading = 0;
    double least = 9;

    for (uint32_t i = 0; i < x->amount_count; i++) {
        const struct amount_at *a = &x->amounts[i];
        double off = off_place(view, at, a->page, memory_units(x->layout, a->page, a->box.x0),
                               memory_units(x->layout, a->page, a->box.x1), memory_middle(x->layout, a->page, a->box));

        if (off >= least || a->in_date || (f->type == VALUE_MONEY && (a->percent || other_rate(x, f, a))))
            continue;
        least = off;
        best = a;
    }
    if (best == NULL)
        return false;
    /* two readings differ by what the mark means */
    for (unsigned r = 0; r < best->reading_count; r++)
        if (mf->mark != 0 && best->readings[r].mark == mf->mark) {
            reading = r;
            break;
        }
    out->first = best->first;
    out->count = best->count;
    out->page = best->page;
    out->minor = best->readings[reading].minor;
    /* what this sender prints with a sign is stated without */
    if (mf->order == MEMORY_OTHER_SIGN && out->minor < 0)
        out->minor = -out->minor;
    out->repaired = best->readings[reading].repaired;
    out->text = layout_text(x->layout, best->first, best->count, x->arena);
    out->value = money_print(x->arena, out->minor);
    return out->text != NULL && out->value != NULL;
}

static bool
pick_date(const struct extraction *x, const struct memory_view *view, const struct memory_field *mf,
          const struct memory_spot_at *at, struct memory_pick *out)
{
    const struct date_at *best = NULL;
    struct date date;
    double least = 9;

    for (uint32_t i = 0; i < x->date_count; i++) {
        const struct date_at *d = &x->dates[i];
        double off = off_place(view, at, d->page, memory_units(x->layout, d->page, d->box.x0),
                               memory_units(x->layout, d->page, d->box.x1), memory_middle(x->layout, d->page, d->box));

        if (off >= least || d->hit.no_year || d->hit.no_day || !date_valid(d->hit.date))
            continue;
        least = off;
        best = d;
    }
    if (best == NULL)
        return false;
    date = best->hit.date;
    out->ambiguous = best->hit.ambiguous && !x->order_sure;
    /* without any other sign the extraction has chosen; this sender's own order decides */
    if (best->hit.ambiguous && mf->order != 0) {
        bool month_first = mf->order == MEMORY_MONTH_FIRST;

        if (month_first != x->month_first) {
            date = (struct date){ date.year, date.day, date.month };
            if (!date_valid(date))
                return false;
        }
        out->ambiguous = false;
    }
    out->first = best->first;
    out->count = best->count;
    out->page = best->page;
    out->text = layout_text(x->layout, best->first, best->count, x->arena);
    out->value = date_print(x->arena, date);
    return out->text != NULL && out->value != NULL;
}

/* The words at the place: those of one line from its left edge on, or up to its right one. */
static bool
run_at(const struct extraction *x, const struct memory_view *view, const struct memory_place *place,
       const struct memory_spot_at *at, bool loose, uint32_t *first, uint32_t *count)
{
    const struct layout *lay = x->layout;
    double h = view->height, least = ALIGNED;
    uint32_t from = UINT32_MAX, to = UINT32_MAX;

    for (uint32_t i = 0; i < lay->word_count; i++) {
        const struct memory_spot *s = &view->spots[i];

        if (s->page != at->page || fabs(s->y - at->y) / h > 0.75)
            continue;
        if (fabs(s->x0 - at->x) / h < least) {
            least = fabs(s->x0 - at->x) / h;
            from = i;
            to = UINT32_MAX;
        }
        /* a right edge must fit better: it may belong to something longer */
        if (fabs(s->x1 - at->right) / h < least - 0.5) {
            least = fabs(s->x1 - at->right) / h;
            to = i;
            from = UINT32_MAX;
        }
    }
    if (from == UINT32_MAX && to == UINT32_MAX)
        return false;
    if (from == UINT32_MAX) {
        uint32_t n = place->words > 0 ? place->words : 1u;

        from = to;
        while (n-- > 1 && from > 0 && lay->words[from - 1].piece == lay->words[to].piece)
            from--;
        *first = from;
        *count = to - from + 1;
        return true;
    }
    *first = from;
    *count = 1;
    while (from + *count < lay->word_count && *count < RUN_MAX &&
           lay->words[from + *count].piece == lay->words[from].piece && (loose || *count < place->words))
        (*count)++;
    return true;
}

/* A text without the print that stood around the value inside its words. */
static char *
cut_edges(struct arena *arena, const char *text, const struct memory_place *place)
{
    size_t n, lead = strlen(place->lead), tail = strlen(place->tail);
    char *out;

    if (lead > 0 && strncmp(text, place->lead, lead) == 0)
        text += lead;
    while (*text != '\0' && strchr(" :;,.|=#*", *text) != NULL)
        text++;
    if ((out = arena_str(arena, text)) == NULL)
        return NULL;
    n = strlen(out);
    if (tail > 0 && n > tail && strcmp(out + n - tail, place->tail) == 0)
        n -= tail;
    while (n > 0 && strchr(" :;,|=*", out[n - 1]) != NULL)
        n--;
    out[n] = '\0';
    return out;
}

static bool
suits(const struct form_field *f, const char *text, struct arena *arena, const char **value, bool *repaired)
{
    if (f->pattern.count == 0) {
        *value = text;
        return strpbrk(text, "0123456789") != NULL;
    }
    *value = text;
    if (value_matches(f, text))
        return true;
    *repaired = value_repair(f, text, arena, value);
    return *repaired;
}

/* A letter where the sender has a digit, or the other way round: what readers confuse is put right. */
static bool
mend_shape(struct arena *arena, const struct form_field *f, const char *shape, struct memory_pick *out)
{
    static const char letters[] = "OISBZGl|", digits[] = "01582611";
    char *mended = arena_str(arena, out->value);

    if (mended == NULL || strlen(shape) != strlen(mended))
        return false;
    for (size_t i = 0; shape[i] != '\0'; i++) {
        const char *from = shape[i] == '9' ? letters : digits, *to = shape[i] == '9' ? digits : letters, *at;
        bool digit = isdigit((unsigned char)mended[i]) != 0, letter = isalpha((unsigned char)mended[i]) != 0;

        if ((shape[i] == '9' && digit) || (shape[i] == 'A' && letter) || (shape[i] == mended[i] && !digit && !letter))
            continue;
        if ((shape[i] != '9' && shape[i] != 'A') || (at = strchr(from, mended[i])) == NULL)
            return false;
        mended[i] = to[at - from];
    }
    if (f->pattern.count > 0 && !value_matches(f, mended))
        return false;
    out->repaired = out->repaired || strcmp(mended, out->value) != 0;
    out->value = mended;
    return true;
}

/* Print of several kinds, such as PO-64772: what has the same letters and shape is hardly anything else. */
static bool
pick_shape(const struct extraction *x, const struct form_field *f, const struct memory_field *mf,
           struct memory_pick *out)
{
    const struct layout *lay = x->layout;
    size_t letters = 0, digits = 0;
    bool found = false;

    for (const char *s = mf->shape; *s != '\0'; s++) {
        letters += *s == 'A';
        digits += *s == '9';
    }
    if (letters < 2 || digits < 4 || strchr(mf->shape, ' ') != NULL || strlen(mf->constant) != strlen(mf->shape))
        return false;
    for (uint32_t i = 0; i < lay->word_count; i++) {
        const char *text = lay->words[i].word->text;
        bool same = memory_shape_fits(mf->shape, text);

        for (size_t k = 0; same && mf->shape[k] == 'A'; k++)
            same = text[k] == mf->constant[k];
        if (!same || (f->pattern.count > 0 && !value_matches(f, text)))
            continue;
        if (found && strcmp(out->text, text) != 0)
            return false;
        out->value = out->text = text;
        out->first = i;
        out->count = 1;
        out->page = lay->words[i].page;
        found = true;
    }
    return found;
}

/* Its label is longer on some papers of the sender: the nearest print of its shape on the line. */
static bool
shape_beside(const struct extraction *x, const struct memory_view *view, const struct form_field *f,
             const struct memory_field *mf, const struct memory_spot_at *at, struct memory_pick *out)
{
    double least = BESIDE;

    out->count = 0;
    for (uint32_t i = 0; i < x->layout->word_count && strlen(mf->shape) >= 6; i++) {
        const struct memory_spot *s = &view->spots[i];
        const char *text = x->layout->words[i].word->text;
        double off = fabs(s->x0 - at->x);

        if (s->page != at->page || fabs(s->y - at->y) / view->height > 0.75 || off >= least ||
            !memory_shape_fits(mf->shape, text) || (f->pattern.count > 0 && !value_matches(f, text)))
            continue;
        least = off;
        out->value = out->text = text;
        out->first = i;
        out->count = 1;
        out->page = at->page;
        out->repaired = false;
    }
    return out->count > 0;
}

static bool
pick_id(const struct extraction *x, const struct memory_view *view, const struct form_field *f,
        const struct memory_field *mf, const struct memory_place *place, const struct memory_spot_at *at,
        struct memory_pick *out)
{
    uint32_t first, count, most;

    if (!run_at(x, view, place, at, false, &first, &count))
        return shape_beside(x, view, f, mf, at, out);
    most = count + 2;
    /* as many words as it had; then one more or less */
    for (uint32_t n = 0; n < 4; n++) {
        uint32_t words = n == 0 ? count : n == 1 ? count + 1 : n == 2 ? (count > 1 ? count - 1 : 1) : most;
        char *text;

        if (first + words > x->layout->word_count ||
            x->layout->words[first + words - 1].line != x->layout->words[first].line)
            continue;
        if ((text = layout_text(x->layout, first, words, x->arena)) == NULL ||
            (text = cut_edges(x->arena, text, place)) == NULL)
            return false;
        out->repaired = false;
        if (text[0] == '\0' || !suits(f, text, x->arena, &out->value, &out->repaired))
            continue;
        /* without a pattern of the form's, the sender's own shape is all there is */
        if (mf->shape[0] != '\0' && !mend_shape(x->arena, f, mf->shape, out) && f->pattern.count == 0 && n > 0 &&
            !memory_shape_fits(mf->shape, out->value))
            continue;
        out->text = text;
        out->first = first;
        out->count = words;
        out->page = at->page;
        return true;
    }
    return shape_beside(x, view, f, mf, at, out);
}

/* The piece below, for values of several lines: UINT32_MAX when there is none. */
static uint32_t
piece_below(const struct layout *lay, uint32_t piece)
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

static bool
pick_text(const struct extraction *x, const struct memory_view *view, const struct memory_place *place,
          const struct memory_spot_at *at, struct memory_pick *out)
{
    const struct layout *lay = x->layout;
    uint32_t first, count, piece;
    char *text;

    if (!run_at(x, view, place, at, true, &first, &count))
        return false;
    if ((text = layout_text(lay, first, count, x->arena)) == NULL)
        return false;
    piece = lay->words[first].piece;
    out->first = first;
    out->count = count;
    out->page = at->page;
    for (uint32_t line = 1; line < place->lines && (piece = piece_below(lay, piece)) != UINT32_MAX; line++) {
        const struct lay_run *p = &lay->pieces[piece];
        char *more = layout_text(lay, p->first, p->count, x->arena);

        if (more == NULL || (text = arena_printf(x->arena, "%s %s", text, more)) == NULL)
            return false;
    }
    if ((text = cut_edges(x->arena, text, place)) == NULL)
        return false;
    out->text = out->value = text;
    return strlen(text) >= 2;
}

bool
memory_pick(const struct extraction *x, const struct memory_match *m, const struct memory_view *view,
            uint16_t field, const struct memory_field *mf, const struct memory_place *place, struct memory_pick *out)
{
    const struct form_field *f = &x->form->fields[field];
    struct memory_spot_at at;
    bool found = false;

    *out = (struct memory_pick){ .value = "" };
    if (!memory_predict(m, view, place, &at)) {
        out->strength = BY_SHAPE;
        return f->type == VALUE_ID && place->right > place->wrong && pick_shape(x, f, mf, out);
    }
    switch (f->type) {
    case VALUE_MONEY:
    case VALUE_NUMBER:
    case VALUE_PERCENT: found = pick_amount(x, view, f, mf, &at, out); break;
    case VALUE_DATE: found = pick_date(x, view, mf, &at, out); break;
    case VALUE_ID: found = pick_id(x, view, f, mf, place, &at, out); break;
    case VALUE_TEXT:
    case VALUE_NAME:
    case VALUE_ADDRESS:
        /* a street has a number, and a town has one */
        found = pick_text(x, view, place, &at, out) &&
                (f->type != VALUE_ADDRESS || strpbrk(out->value, "0123456789") != NULL);
        break;
    default: break;
    }
    out->strength = at.strength;
    /* a neighbour's number is no number of this kind: what is may stand elsewhere */
    if (f->type == VALUE_ID && place->right > place->wrong && mf->shape[0] != '\0' &&
        (!found || !memory_shape_fits(mf->shape, out->value))) {
        struct memory_pick other = { .value = "" };

        if (pick_shape(x, f, mf, &other)) {
            *out = other;
            out->strength = BY_SHAPE;
            return true;
        }
        if (found && strchr(mf->shape, 'A') != NULL && strpbrk(out->value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL)
            return false;
    }
    return found;
}
