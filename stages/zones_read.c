/*
 * zones_read.c - read the zones that have ink.
 *
 * Calling the reader once a zone would cost more than the reading itself, so zones of one kind
 * are laid side by side in strips: each scaled to the same height of letters, on one baseline,
 * with wide gaps.  What is not sure is read again alone, larger.
 */
#include <stdlib.h>
#include <string.h>

#include "marks.h"
#include "ocr.h"
#include "zone_sheet.h"

#define BODY 26          /* pixels of a capital letter in a strip */
#define GAP 44           /* between zones of a strip              */
#define PAD 14
#define STRIP_WIDTH 1900 /* pixels */
#define PIECES_MAX 48    /* in a strip */
#define AGAIN_BELOW 0.80f

/* A zone with ink in it, cut out. */
struct piece {
    uint32_t zone;
    struct box box; /* of its ink, in pixels of the sheet */
    int body, baseline;
    int words;
    bool solid;
    PIX *pix;       /* scaled to BODY */
    int at;         /* where it begins in its strip */
    int up;         /* its baseline below its top, after scaling */
    char *text;
    float conf;
};

struct strip {
    struct piece *pieces[PIECES_MAX];
    unsigned count;
    int width;
};

/* The ink of every zone, its words joined. */
static enum rc
gather(const struct zone_template *t, const struct sheet *s, struct arena *arena, struct piece **out,
       unsigned *count)
{
    struct piece *pieces = arena_array(arena, t->zone_count + 1, sizeof *pieces);
    int *index = arena_array(arena, t->zone_count + 1, sizeof *index);

    if (pieces == NULL || index == NULL)
        return RC_NOMEM;
    *count = 0;
    for (unsigned i = 0; i < s->word_count; i++) {
        const struct ink_word *w = &s->words[i];
        struct piece *p;

        if (w->zone < 0)
            continue;
        if (index[w->zone] == 0) {
            index[w->zone] = (int)++*count;
            p = &pieces[*count - 1];
            *p = (struct piece){ .zone = (uint32_t)w->zone, .box = { w->x0, w->y0, w->x1, w->y1 },
                                 .body = w->body, .baseline = w->baseline, .text = "" };
        }
        p = &pieces[index[w->zone] - 1];
        p->box = box_union(p->box, (struct box){ w->x0, w->y0, w->x1, w->y1 });
        /* The widest word tells the size best; a lone dot or dash tells nothing. */
        if (w->body > p->body) {
            p->body = w->body;
            p->baseline = w->baseline;
        }
        p->words++;
        p->solid |= w->solid;
    }
    *out = pieces;
    return RC_OK;
}

/* Cut a piece out of the clean sheet and scale it so that its letters are body pixels tall. */
static PIX *
cut_out(const struct sheet *s, const struct piece *p, int body, int *up)
{
    BOX *box = boxCreate(p->box.x0 - 2, p->box.y0 - 2, p->box.x1 - p->box.x0 + 4, p->box.y1 - p->box.y0 + 4);
    PIX *cut = box == NULL ? NULL : pixClipRectangle(s->clean, box, NULL), *scaled;
    int top = p->box.y0 - 2 < 0 ? 0 : p->box.y0 - 2;
    float f = (float)body / (float)(p->body < 4 ? 4 : p->body);

    boxDestroy(&box);
    if (cut == NULL)
        return NULL;
    f = f > 3 ? 3 : f < 0.3f ? 0.3f : f;
    if (f > 0.9f && f < 1.1f)
        f = 1;
    scaled = f == 1 ? pixClone(cut) : pixScale(cut, f, f);
    pixDestroy(&cut);
    *up = (int)((float)(p->baseline - top) * f);
    return scaled;
}

static enum rc
read_strip(const struct strip *strip, const char *allow, struct arena *arena)
{
    int above = 0, below = 0, tall;
    struct ocr_text text;
    PIX *pix;
    enum rc rc;

    for (unsigned i = 0; i < strip->count; i++) {
        const struct piece *p = strip->pieces[i];
        int rest = pixGetHeight(p->pix) - p->up;

        above = p->up > above ? p->up : above;
        below = rest > below ? rest : below;
    }
    tall = above + below + 2 * PAD;
    if (tall > 8 * BODY)
        tall = 8 * BODY;
    pix = pixCreate(strip->width + PAD, tall, 8);
    if (pix == NULL)
        return RC_NOMEM;
    pixSetAll(pix);
    for (unsigned i = 0; i < strip->count; i++) {
        struct piece *p = strip->pieces[i];

        pixRasterop(pix, p->at, PAD + above - p->up, pixGetWidth(p->pix), pixGetHeight(p->pix), PIX_SRC,
                    p->pix, 0, 0);
    }
    rc = ocr_read(pix, OCR_ENG, OCR_LINE, allow, arena, &text);
    for (unsigned w = 0; rc == RC_OK && w < text.count; w++) {
        int middle = (text.words[w].box.x0 + text.words[w].box.x1) / 2;
        struct piece *p = strip->pieces[0];

        for (unsigned i = 1; i < strip->count && strip->pieces[i]->at - GAP / 2 <= middle; i++)
            p = strip->pieces[i];
        p->conf = p->text[0] == '\0' || text.words[w].conf < p->conf ? text.words[w].conf : p->conf;
        p->text = p->text[0] == '\0' ? arena_str(arena, text.words[w].text)
                                     : arena_printf(arena, "%s %s", p->text, text.words[w].text);
        if (p->text == NULL)
            rc = RC_NOMEM;
    }
    pixDestroy(&pix);
    return rc;
}

static enum rc
flush(struct strip *strip, const char *allow, struct arena *arena)
{
    enum rc rc = strip->count == 0 ? RC_OK : read_strip(strip, allow, arena);

    for (unsigned i = 0; i < strip->count; i++)
        pixDestroy(&strip->pieces[i]->pix);
    strip->count = 0;
    strip->width = PAD;
    return rc;
}

/* All characters that the zones of one strip number may hold. */
static const char *const strip_allow[] = {
    NULL,
    "0123456789-/.,() ",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./ ",
    "ABCDEFGHIJKL, ",
};

static enum rc
read_all(const struct zone_template *t, const struct sheet *s, struct piece *pieces, unsigned count,
         struct arena *arena)
{
    enum rc rc = RC_OK;

    for (int kind = 0; kind < (int)COUNT_OF(strip_allow) && rc == RC_OK; kind++) {
        struct strip strip = { .width = PAD };

        for (unsigned i = 0; i < count && rc == RC_OK; i++) {
            struct piece *p = &pieces[i];

            if (p->solid || zone_kinds[t->zones[p->zone].read].strip != kind)
                continue;
            p->pix = cut_out(s, p, BODY, &p->up);
            if (p->pix == NULL)
                continue;
            if (strip.count == PIECES_MAX || strip.width + pixGetWidth(p->pix) > STRIP_WIDTH) {
                PIX *keep = p->pix;

                p->pix = NULL;
                rc = flush(&strip, strip_allow[kind], arena);
                p->pix = keep;
            }
            p->at = strip.width;
            strip.width += pixGetWidth(p->pix) + GAP;
            strip.pieces[strip.count++] = p;
        }
        if (rc == RC_OK)
            rc = flush(&strip, strip_allow[kind], arena);
        for (unsigned i = 0; i < strip.count; i++)
            pixDestroy(&strip.pieces[i]->pix);
    }
    return rc;
}

/* Once more, alone: what was not sure, or not found in its strip. */
static enum rc
read_again(const struct zone_template *t, const struct sheet *s, struct piece *p, struct arena *arena)
{
    const struct zone_kind *kind = &zone_kinds[t->zones[p->zone].read];
    struct strip strip = { .width = PAD };
    struct piece alone = *p;
    enum rc rc;

    alone.text = "";
    alone.conf = 0;
    alone.pix = cut_out(s, p, BODY + 8, &alone.up);
    if (alone.pix == NULL)
        return RC_OK;
    alone.at = PAD;
    strip.pieces[strip.count++] = &alone;
    strip.width = PAD + pixGetWidth(alone.pix);
    rc = flush(&strip, kind->allow, arena);
    if (rc != RC_OK)
        return rc;
    if (strcmp(alone.text, p->text) == 0) {
        /* Two looks that agree are worth more than either. */
        p->conf = 1 - (1 - p->conf) * (1 - alone.conf * 0.6f);
    } else if (alone.conf > p->conf || p->text[0] == '\0') {
        p->text = alone.text;
        p->conf = alone.conf * 0.9f;
    } else {
        p->conf *= 0.9f;
    }
    return RC_OK;
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

static enum rc
read_sheet(const struct zone_match *m, const struct sheet *s, struct arena *arena, struct page_reading *out)
{
    const struct zone_template *t = m->template;
    struct zone_reading *zones = arena_array(arena, t->zone_count, sizeof *zones);
    struct piece *pieces;
    unsigned count;
    enum rc rc;

    if (zones == NULL)
        return RC_NOMEM;
    for (unsigned i = 0; i < t->zone_count; i++) {
        const struct zone *z = &t->zones[i];

        zones[i] = (struct zone_reading){ .zone = z->name, .text = "", .mark = MARK_NONE,
                                          .box = on_page(m, z->x0, z->y0, z->x1, z->y1) };
    }
    rc = gather(t, s, arena, &pieces, &count);
    if (rc == RC_OK)
        rc = read_all(t, s, pieces, count, arena);
    for (unsigned i = 0; rc == RC_OK && i < count; i++)
        if (!pieces[i].solid && pieces[i].conf < AGAIN_BELOW)
            rc = read_again(t, s, &pieces[i], arena);
    if (rc != RC_OK)
        return rc;
    for (unsigned i = 0; i < count; i++) {
        const struct piece *p = &pieces[i];
        struct zone_reading *z = &zones[p->zone];

        z->text = p->text;
        z->conf = p->conf < 0 ? 0 : p->conf > 1 ? 1 : p->conf;
        z->ink = (float)sheet_ink(s, s->left + p->box.x0 / s->scale, s->top + p->box.y0 / s->scale,
                                  s->left + p->box.x1 / s->scale, s->top + p->box.y1 / s->scale);
        z->box = on_page(m, s->left + p->box.x0 / s->scale - 1, s->top + p->box.y0 / s->scale - 1,
                         s->left + p->box.x1 / s->scale + 1, s->top + p->box.y1 / s->scale + 1);
    }
    read_marks(t, s, zones);
    out->zones = zones;
    out->zone_count = t->zone_count;
    out->form = m->form;
    out->form_conf = m->conf;
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
    sheet_done(&sheet);
    return rc;
}
