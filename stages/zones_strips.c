/*
 * zones_strips.c - the pieces of ink, read by two readers.
 *
 * Our own reader sees each piece first.  What it is not sure enough of goes to Tesseract; calling that once a zone
 * would cost more than the reading itself, so pieces of one kind are laid side by side in strips: each scaled to the
 * same height of letters, on one baseline, with wide gaps.
 */
#include "ocr.h"
#include "second_line.h"
#include "zone_pieces.h"

#define BODY 26          /* pixels of a capital letter in a strip */
#define GAP 44           /* between zones of a strip              */
#define PAD 14
#define STRIP_WIDTH 1900 /* pixels */
#define PIECES_MAX 48    /* in a strip */
#define WORDS_MAX 250
#define EMPTY_COST 60.0  /* pixels: what a piece without a word weighs */
#define JOINED 0.3f       /* no word that reaches into the next zone is surer than this */
#define SECOND_ALONE 0.998f /* a second reader as sure as this is not checked by the first */

struct strip {
    struct piece *pieces[PIECES_MAX];
    unsigned count;
    int width;
};

/*
 * Give each word that was read to a piece.  Boxes from the reader are off by half a letter, so
 * the words are laid on the pieces in order, as near as they come, and no piece stays empty
 * when there are words enough.
 */
static void
align(const struct strip *strip, const struct ocr_text *text, unsigned char *owner)
{
    static double cost[WORDS_MAX + 1][PIECES_MAX + 1];
    static unsigned char from[WORDS_MAX + 1][PIECES_MAX + 1];
    unsigned words = text->count < WORDS_MAX ? text->count : WORDS_MAX, pieces = strip->count;

    /* cost[w][p]: words before w given to pieces before p, the last of them to p - 1. */
    for (unsigned w = 0; w <= words; w++)
        for (unsigned p = 0; p <= pieces; p++)
            cost[w][p] = w == 0 ? p * EMPTY_COST : 1e9;
    for (unsigned w = 1; w <= words; w++) {
        const struct box *b = &text->words[w - 1].box;
        double middle = (b->x0 + b->x1) / 2.0;

        for (unsigned p = 1; p <= pieces; p++) {
            const struct piece *q = strip->pieces[p - 1];
            double left = q->at, right = q->at + pixGetWidth(q->pix);
            double off = middle < left ? left - middle : middle > right ? middle - right : 0, best = 1e12;

            /* The word before went to the same piece, or to an earlier one (those between: empty). */
            if (cost[w - 1][p] < best && w > 1 && from[w - 1][p] != 255) {
                best = cost[w - 1][p];
                from[w][p] = (unsigned char)p;
            }
            for (unsigned e = p; e-- > 0;) {
                double c = cost[w - 1][e] + (p - 1 - e) * EMPTY_COST;

                if (w == 1 && e > 0)
                    continue;
                if (c < best) {
                    best = c;
                    from[w][p] = (unsigned char)e;
                }
            }
            cost[w][p] = best + off;
        }
        cost[w][0] = 1e9;
    }
    if (words > 0) {
        unsigned p = 1;

        for (unsigned q = 1; q <= pieces; q++)
            if (cost[words][q] + (pieces - q) * EMPTY_COST < cost[words][p] + (pieces - p) * EMPTY_COST)
                p = q;
        for (unsigned w = words; w > 0; w--) {
            owner[w - 1] = (unsigned char)(p - 1);
            p = from[w][p];
        }
    }
}

/* A word that reaches over into the neighbour holds letters of both: neither is sure, and each is looked at alone. */
static void
part_neighbours(const struct strip *strip, const struct ocr_text *text, const unsigned char *owner)
{
    for (unsigned w = 0; w < text->count && w < WORDS_MAX; w++) {
        const struct piece *p = strip->pieces[owner[w]];
        const struct box b = text->words[w].box;
        const int left = p->at - GAP / 2, right = p->at + pixGetWidth(p->pix) + GAP / 2;

        for (unsigned i = 0; i < strip->count; i++)
            if ((b.x0 < left && i <= owner[w] && b.x0 < strip->pieces[i]->at + pixGetWidth(strip->pieces[i]->pix)) ||
                (b.x1 > right && i >= owner[w] && b.x1 > strip->pieces[i]->at))
                strip->pieces[i]->conf = strip->pieces[i]->conf < JOINED ? strip->pieces[i]->conf : JOINED;
    }
}

static enum rc
read_strip(const struct strip *strip, const char *allow, struct arena *arena)
{
    int above = 0, below = 0, tall;
    struct ocr_text text;
    unsigned char owner[WORDS_MAX];
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
    if (rc == RC_OK)
        align(strip, &text, owner);
    for (unsigned w = 0; rc == RC_OK && w < text.count && w < WORDS_MAX; w++) {
        struct piece *p = strip->pieces[owner[w]];

        p->conf = p->text[0] == '\0' || text.words[w].conf < p->conf ? text.words[w].conf : p->conf;
        p->text = p->text[0] == '\0' ? arena_str(arena, text.words[w].text)
                                     : arena_printf(arena, "%s %s", p->text, text.words[w].text);
        if (p->text == NULL)
            rc = RC_NOMEM;
    }
    if (rc == RC_OK)
        part_neighbours(strip, &text, owner);
    pixDestroy(&pix);
    return rc;
}

/* The second reader first: it costs a sixth of the other one.  No text without one that is set. */
static enum rc
ask_second(struct piece *p, int body, const char *allow, struct arena *arena)
{
    PIX *room;
    enum rc rc;

    /* A thin letter at the very edge ("WI") is lost without paper beside it. */
    if ((room = pixAddBorderGeneral(p->pix, PAD, PAD, 0, 0, 255)) == NULL)
        return RC_NOMEM;
    rc = second_piece(room, body, p->up, allow, arena, &p->second, &p->second_conf, &p->second_whole);
    pixDestroy(&room);
    return rc;
}

/* Blots side by side: as many letters at least, unless one is broken. */
static unsigned
side_by_side(const struct pieces *pieces, const struct piece *p)
{
    unsigned n = 0;
    int end = 0;

    for (unsigned i = 0; i < p->count; i++) {
        const struct blot *b = pieces->blots[p->first + i];

        /* more than half under the one before: a dot, an accent, a part of it */
        if (n == 0 || 2 * ((end < b->x1 ? end : b->x1) - b->x0) <= b->x1 - b->x0)
            n++;
        end = n == 1 && i == 0 ? b->x1 : end > b->x1 ? end : b->x1;
    }
    return n;
}

/*
 * Where it is as sure as this, and no ink is left over, it was right every time, and the first reader, which would cost
 * six times as much, no surer (docs/decisions/0062).
 */
static bool
is_read(const struct pieces *pieces, struct piece *p)
{
    unsigned letters = 0;

    for (const char *c = p->second != NULL ? p->second : ""; *c != '\0'; c++)
        letters += *c != ' ' && ((unsigned char)*c & 0xc0) != 0x80;
    if (letters == 0 || p->second_conf < SECOND_ALONE || !p->second_whole || letters < side_by_side(pieces, p))
        return false;
    p->text = p->second;
    p->conf = p->second_conf;
    return true;
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

enum rc
pieces_read(const struct zone_template *t, const struct sheet *s, struct pieces *pieces, struct arena *arena)
{
    enum rc rc = RC_OK;

    for (int kind = 0; kind < (int)COUNT_OF(strip_allow) && rc == RC_OK; kind++) {
        struct strip strip = { .width = PAD };

        for (unsigned i = 0; i < pieces->count && rc == RC_OK; i++) {
            struct piece *p = &pieces->at[i];

            if (p->later || zone_kinds[t->zones[p->zone].read].strip != kind)
                continue;
            piece_set(s, pieces, p, BODY);
            if (p->pix == NULL)
                continue;
            if ((rc = ask_second(p, BODY, strip_allow[kind], arena)) != RC_OK || is_read(pieces, p)) {
                pixDestroy(&p->pix);
                continue;
            }
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

enum rc
piece_look(const struct zone_template *t, const struct sheet *s, const struct pieces *pieces, struct piece *p,
           struct arena *arena)
{
    struct strip strip = { .width = PAD };
    enum rc rc;

    p->text = "";
    p->conf = 0;
    piece_set(s, pieces, p, BODY + 8);
    if (p->pix == NULL)
        return RC_OK;
    p->at = PAD;
    strip.pieces[strip.count++] = p;
    strip.width = PAD + pixGetWidth(p->pix);
    rc = read_strip(&strip, zone_kinds[t->zones[p->zone].read].allow, arena);
    pixDestroy(&p->pix);
    return rc;
}
