/*
 * zones_read.c - the zones that have ink: what two readers gave is weighed, what is not sure is read again.
 */
#include <stdlib.h>
#include <string.h>

#include "marks.h"
#include "second_line.h"
#include "strike.h"
#include "zone_pieces.h"

#define AGAIN_BELOW 0.80f
#define SECOND_RIGHT 0.95f /* where it differs and is as sure as this, it is the one that is right (191 of 197) */
#define DIFFER 0.75f       /* and yet a person looks at what two readers read differently */
#define SECOND_SURE 0.9f   /* a second reader as sure as this saves a second look */
#define LOOK_WORTH 0.57f   /* and what it saved is worth: 0.6 of the 0.95 that such looks had */

/* The piece of a zone's first copy: of "NAME@2" that of "NAME"; NULL when it has no ink. */
static const struct piece *
first_copy(const struct zone_template *t, const struct pieces *pieces, const struct piece *p)
{
    const char *name = t->zones[p->zone].name;
    size_t stem = strcspn(name, "@");

    for (unsigned i = 0; i < pieces->count; i++) {
        const char *other = t->zones[pieces->at[i].zone].name;

        if (strncmp(other, name, stem) == 0 && other[stem] == '\0')
            return &pieces->at[i];
    }
    return NULL;
}

/* A second copy on the page is read only where the first is doubtful. */
static void
put_off_copies(const struct zone_template *t, struct pieces *pieces)
{
    for (unsigned i = 0; i < pieces->count; i++)
        pieces->at[i].later = strchr(t->zones[pieces->at[i].zone].name, '@') != NULL &&
                              first_copy(t, pieces, &pieces->at[i]) != NULL;
}

static bool
wanted(const struct zone_template *t, const struct pieces *pieces, const struct piece *p)
{
    const struct piece *first = p->later ? first_copy(t, pieces, p) : NULL;

    return first == NULL || first->conf < AGAIN_BELOW;
}

/* For the story of the value: the surest of what was read and not taken. */
static void
not_taken(struct piece *p, const char *text, float conf)
{
    if (text[0] == '\0' || (p->other != NULL && p->other_conf >= conf))
        return;
    p->other = text;
    p->other_conf = conf;
}

/* Once more, alone: what was not sure, or not found in its strip. */
static enum rc
read_again(const struct zone_template *t, const struct sheet *s, const struct pieces *pieces, struct piece *p,
           struct arena *arena)
{
    struct piece alone = *p;
    enum rc rc = piece_look(t, s, pieces, &alone, arena);

    if (rc != RC_OK)
        return rc;
    if (strcmp(alone.text, p->text) == 0) {
        /* Two looks that agree are worth more than either. */
        p->conf = 1 - (1 - p->conf) * (1 - alone.conf * 0.6f);
    } else if (alone.conf > p->conf || p->text[0] == '\0') {
        not_taken(p, p->text, p->conf);
        p->text = alone.text;
        p->conf = alone.conf * 0.9f;
    } else {
        not_taken(p, alone.text, alone.conf);
        p->conf *= 0.9f;
    }
    return RC_OK;
}

static bool
same_but_blanks(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a == ' ')
            a++;
        while (*b == ' ')
            b++;
        if (*a != *b || *a == '\0')
            return *a == *b;
    }
}

/* Is a no more than the beginning of b, blanks aside? */
static bool
is_beginning(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a == ' ')
            a++;
        while (*b == ' ')
            b++;
        if (*a == '\0' || *a != *b)
            return *a == '\0' && *b != '\0';
    }
}

/*
 * Where the second reader, sure of itself, gave the very same letters and blanks, a second look of the first one
 * would say the same again (docs/decisions/0062), and costs six times as much.
 */
static bool
second_bears_out(const struct piece *p)
{
    return p->second != NULL && p->text[0] != '\0' && p->second_conf >= SECOND_SURE && strcmp(p->second, p->text) == 0;
}

/* What is not sure is looked at once more. */
static enum rc
settle_doubts(const struct zone_template *t, const struct sheet *s, struct pieces *pieces, struct arena *arena)
{
    enum rc rc = RC_OK;

    for (unsigned i = 0; rc == RC_OK && i < pieces->count; i++) {
        struct piece *p = &pieces->at[i];

        if (p->conf >= AGAIN_BELOW || !wanted(t, pieces, p))
            continue;
        if (second_bears_out(p))
            p->conf = 1 - (1 - p->conf) * (1 - p->second_conf * LOOK_WORTH);
        else
            rc = read_again(t, s, pieces, p, arena);
    }
    return rc;
}

/* Two readers that agree are worth more than either; where they differ, the more probable one is shown as
 * doubtful.  One that saw less is no better: a thin last letter (the I of "WI") is what the second one loses. */
static void
weigh(struct piece *p)
{
    struct second_pair pair = { .first = p->text, .second = p->second, .first_conf = p->conf,
                                .second_conf = p->second_conf, .first_line = p->conf, .second_line = p->second_conf };

    if (p->second == NULL || p->second[0] == '\0' || p->text == p->second)
        return;
    if (same_but_blanks(p->text, p->second)) {
        p->conf = 1 - (1 - p->conf) * (1 - p->second_conf * 0.6f);
    } else if (!is_beginning(p->second, p->text) && (p->second_conf >= SECOND_RIGHT || second_choice(&pair) > .5)) {
        not_taken(p, p->text, p->conf);
        p->text = p->second;
        p->conf = p->second_conf * DIFFER;
    } else {
        not_taken(p, p->second, p->second_conf);
        p->conf *= 0.9f;
    }
}

/* A printed rule stands for the decimal point: put one where the text has none. */
static enum rc
part_cents(const struct zone_template *t, const struct sheet *s, struct piece *p, struct arena *arena)
{
    double split = t->zones[p->zone].split, right = s->left + p->box.x1 / s->scale;
    char digits[32];
    unsigned n = 0;

    if (split == 0 || strpbrk(p->text, ".,") != NULL)
        return RC_OK;
    for (const char *c = p->text; *c != '\0' && n + 1 < sizeof digits; c++)
        if (*c >= '0' && *c <= '9')
            digits[n++] = *c;
    digits[n] = '\0';
    if (n == 0)
        return RC_OK;
    if (right < split + 3)
        p->text = arena_printf(arena, "%s.00", digits);
    else if (n >= 3)
        p->text = arena_printf(arena, "%.*s.%s", (int)n - 2, digits, digits + n - 2);
    return p->text == NULL ? RC_NOMEM : RC_OK;
}

/* A box holds one character: where more or fewer were read than boxes have ink, some are wrong. */
static void
count_cells(struct piece *p)
{
    unsigned n = 0;

    if (p->cells == 0)
        return;
    for (const char *c = p->text; *c != '\0'; c++)
        n += *c != ' ' && ((unsigned char)*c & 0xc0) != 0x80;
    if (n != p->filled && p->conf > 0.3f)
        p->conf = 0.3f;
}

static struct box
on_page(const struct zone_match *m, double x0, double y0, double x1, double y1)
{
    double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;

    for (int i = 0; i < 4; i++) {
        double x, y;

        zone_map_point(&m->map, i & 1 ? x1 : x0, i & 2 ? y1 : y0, &x, &y);
        left = x < left ? x : left;
        right = x > right ? x : right;
        top = y < top ? y : top;
        bottom = y > bottom ? y : bottom;
    }
    return (struct box){ (int)left, (int)top, (int)right + 1, (int)bottom + 1 };
}

static void
read_marks(const struct zone_template *t, const struct sheet *s, struct zone_reading *zones)
{
    for (unsigned i = 0; i < t->zone_count; i++) {
        const struct zone *z = &t->zones[i];
        /* Inside the frame when it was printed black; without its red frame, all of it. */
        double in = s->dropped ? 0.6 : 1.5;

        if (z->read != ZONE_MARK)
            continue;
        zones[i].ink = (float)sheet_ink(s, z->x0 + in, z->y0 + in, z->x1 - in, z->y1 - in);
        zones[i].mark = mark_of_ink(zones[i].ink);
    }
    for (unsigned i = 0; i < t->zone_count; i++) {
        struct zone_reading *group[32];
        uint32_t n = 0;
        size_t stem = strcspn(t->zones[i].name, "=");

        if (t->zones[i].read != ZONE_MARK)
            continue;
        for (unsigned j = 0; j < t->zone_count && n < 32; j++)
            if (t->zones[j].read == ZONE_MARK && strncmp(t->zones[i].name, t->zones[j].name, stem + 1) == 0) {
                if (n == 0 && j < i)
                    break; /* done with the group's first */
                group[n++] = &zones[j];
            }
        if (n > 0)
            marks_compare(group, n);
    }
}

/* When hardly a zone can be read, no machine printed them: a second look would be in vain. */
static bool
is_handwriting(const struct pieces *pieces)
{
    unsigned read = 0, doubtful = 0;

    for (unsigned i = 0; i < pieces->count; i++) {
        if (pieces->at[i].later)
            continue;
        read++;
        doubtful += pieces->at[i].conf < 0.35f;
    }
    return read >= 8 && doubtful * 10 > read * 7;
}

/* Where a bar or a hole covers part of a zone, what is read is not all that was written. */
static void
hidden(const struct zone_template *t, const struct sheet *s, struct zone_reading *zones)
{
    for (unsigned b = 0; b < s->solid_count; b++) {
        const struct blot *blot = &s->solids[b];
        double x0 = s->left + blot->x0 / s->scale, x1 = s->left + blot->x1 / s->scale;
        double y0 = s->top + blot->y0 / s->scale, y1 = s->top + blot->y1 / s->scale;

        for (unsigned i = 0; i < t->zone_count; i++) {
            const struct zone *z = &t->zones[i];
            double w = (x1 < z->x1 ? x1 : z->x1) - (x0 > z->x0 ? x0 : z->x0);
            double h = (y1 < z->y1 ? y1 : z->y1) - (y0 > z->y0 ? y0 : z->y0);

            if (w <= 1 || h <= 0.25 * (z->y1 - z->y0))
                continue;
            if (z->read == ZONE_MARK)
                zones[i].mark = MARK_DOUBTFUL;
            zones[i].ink = zones[i].ink > 0.01f ? zones[i].ink : 0.01f;
            zones[i].conf = zones[i].conf < 0.2f ? zones[i].conf : 0.2f;
        }
    }
}

static enum rc
read_sheet(const struct zone_match *m, const struct sheet *s, struct arena *arena, struct page_reading *out)
{
    const struct zone_template *t = m->template;
    struct zone_reading *zones = arena_array(arena, t->zone_count, sizeof *zones);
    struct pieces pieces;
    bool by_hand;
    enum rc rc;

    if (zones == NULL)
        return RC_NOMEM;
    for (unsigned i = 0; i < t->zone_count; i++) {
        const struct zone *z = &t->zones[i];

        zones[i] = (struct zone_reading){ .zone = z->name, .text = "", .mark = MARK_NONE,
                                          .box = on_page(m, z->x0, z->y0, z->x1, z->y1) };
    }
    rc = pieces_gather(t, s, arena, &pieces);
    if (rc == RC_OK) {
        put_off_copies(t, &pieces);
        rc = pieces_read(t, s, &pieces, arena);
    }
    by_hand = rc == RC_OK && is_handwriting(&pieces);
    if (rc == RC_OK && !by_hand)
        rc = settle_doubts(t, s, &pieces, arena);
    for (unsigned i = 0; rc == RC_OK && i < pieces.count; i++)
        weigh(&pieces.at[i]);
    for (unsigned i = 0; rc == RC_OK && i < pieces.count; i++)
        rc = part_cents(t, s, &pieces.at[i], arena);
    for (unsigned i = 0; rc == RC_OK && i < pieces.count; i++)
        count_cells(&pieces.at[i]);
    if (rc != RC_OK)
        return rc;
    for (unsigned i = 0; i < pieces.count; i++) {
        const struct piece *p = &pieces.at[i];
        struct zone_reading *z = &zones[p->zone];

        z->text = p->text;
        z->conf = p->conf < 0 ? 0 : p->conf > 1 ? 1 : p->conf;
        z->second = p->second;
        z->other = p->other;
        z->other_conf = p->other_conf;
        z->ink = (float)sheet_ink(s, s->left + p->box.x0 / s->scale, s->top + p->box.y0 / s->scale,
                                  s->left + p->box.x1 / s->scale, s->top + p->box.y1 / s->scale);
        z->box = on_page(m, s->left + p->box.x0 / s->scale - 1, s->top + p->box.y0 / s->scale - 1,
                         s->left + p->box.x1 / s->scale + 1, s->top + p->box.y1 / s->scale + 1);
    }
    read_marks(t, s, zones);
    hidden(t, s, zones);
    out->zones = zones;
    out->zone_count = t->zone_count;
    out->form = m->form;
    out->form_conf = m->conf;
    if (by_hand)
        out->facts.reason = REASON_HANDWRITING;
    return RC_OK;
}

/* On the page as it came: what lies across a zone was cleaned off the sheet, so that it could be read at all. */
static enum rc
strikes_on(PIX *gray, struct arena *arena, struct page_reading *out)
{
    out->strikes = arena_array(arena, out->zone_count + 1, sizeof *out->strikes);
    out->strike_count = 0;
    if (out->strikes == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < out->zone_count && out->strike_count < STRIKES_MOST; i++) {
        const struct line_box line = { .box = out->zones[i].box };

        if (out->zones[i].text[0] != '\0' && strike_find(gray, &line, &out->strikes[out->strike_count]))
            out->strike_count++;
    }
    return RC_OK;
}

enum rc
zones_read(PIX *gray, PIX *color, const struct zone_match *match, struct arena *arena, struct page_reading *out)
{
    struct sheet sheet;
    enum rc rc = sheet_flatten(gray, color, match, arena, &sheet);

    if (rc == RC_OK)
        rc = sheet_clean(match->template, arena, &sheet);
    if (rc == RC_OK)
        rc = read_sheet(match, &sheet, arena, out);
    if (rc == RC_OK)
        rc = strikes_on(gray, arena, out);
    sheet_done(&sheet);
    return rc;
}
