/* second_search.h - one stretch of words, searched with the language beside the network; for second_decode.c. */
#ifndef STAGES_SECOND_SEARCH_H
#define STAGES_SECOND_SEARCH_H

#include "second_decode.h"

/* A character on a path: its class, the columns from .. to, the one where the network is most sure of it. */
struct decode_mark {
    unsigned class;
    int from, to, peak;
    float most; /* the share of what was chosen beside it, when that is less than its own; 0: nothing was */
};

/* Marks first .. end of the best path, which stand in columns from .. to; those before and after stay as they are. */
struct decode_stretch {
    const struct decoder *d;
    const float *scores; /* shares */
    const struct decode_mark *marks;
    uint32_t count, first, end;
    int from, to;
};

/*
 * Prefix search (Hannun and others, arXiv 1408.2873).  *n: the marks written to out, which has room for that many; 0
 * when the best path stands.  RC_NOMEM.
 */
MUST_USE enum rc second_search(const struct decode_stretch *stretch, struct arena *scratch, struct decode_mark *out,
                               uint32_t room, uint32_t *n);

#endif
