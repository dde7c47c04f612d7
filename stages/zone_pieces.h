/*
 * zone_pieces.h - the ink of each zone, cut out and set in order for the reader.
 */
#ifndef STAGES_ZONE_PIECES_H
#define STAGES_ZONE_PIECES_H

#include "doc/box.h"
#include "zone_sheet.h"

/* A zone with ink in it. */
struct piece {
    uint32_t zone;
    struct box box; /* of its ink, in pixels of the sheet */
    int body, baseline;
    int tall;       /* of its tallest word */
    unsigned cells; /* printed boxes of one character each, from cells_left on, pitch wide; 0: none */
    double cells_left, pitch;
    unsigned filled; /* of them with ink */
    bool later;     /* of another copy: read when the first is doubtful */
    unsigned first, count; /* its blots, in pieces.blots  */
    PIX *pix;       /* set and scaled; its reader destroys it */
    int at;         /* where it begins in its strip       */
    int up;         /* its baseline below its top         */
    const char *text;
    float conf;
    const char *second; /* what the second reader gave, or NULL: not asked */
    float second_conf;
    bool second_whole;  /* no letter is missing where there is ink       */
    const char *other;  /* what was read and not taken, or NULL         */
    float other_conf;
};

struct pieces {
    struct piece *at;
    unsigned count;
    const struct blot **blots; /* of each piece together, from left to right */
};

MUST_USE enum rc pieces_gather(const struct zone_template *t, const struct sheet *s, struct arena *arena,
                               struct pieces *out);
/*
 * Set a piece: its words on one baseline (printers drift), the gaps between words made plain, its
 * capital letters body pixels tall.  Sets pix and up; pix stays NULL when it cannot be had.
 */
void piece_set(const struct sheet *s, const struct pieces *pieces, struct piece *p, int body);

/*
 * Read every piece that is not for later: text, conf and second are set (text "" when nothing was found).  Our own
 * reader comes first, Tesseract where that is not sure enough.  RC_NOMEM, or what the reader says.
 */
MUST_USE enum rc pieces_read(const struct zone_template *t, const struct sheet *s, struct pieces *pieces,
                             struct arena *arena);
/* Tesseract's look at one piece alone, larger; p is a copy, whose text and conf are set anew. */
MUST_USE enum rc piece_look(const struct zone_template *t, const struct sheet *s, const struct pieces *pieces,
                            struct piece *p, struct arena *arena);

#endif
