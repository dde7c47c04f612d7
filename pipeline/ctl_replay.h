/* ctl_replay.h - escriba replay: what its files share. */
#ifndef PIPELINE_CTL_REPLAY_H
#define PIPELINE_CTL_REPLAY_H

#include "base/deskproto.h"
#include "ctl.h"

/* What the client said about one delivery of the document. */
struct replay_nack {
    uint32_t version;
    int64_t at;
    const char *reason;
};

/* All that is shown; today's part counts when ran. */
struct replay_shown {
    struct desk_replay story;
    struct desk_rerun today;
    bool ran;
    bool knows_nacks; /* we could ask the delivery database */
    struct replay_nack *nacks;
    uint32_t nack_count;
    struct desk_crop crop;
    bool has_crop;
};

void replay_print(struct ctl *ctl, const struct replay_shown *shown);
void replay_json(struct ctl *ctl, const struct replay_shown *shown);
/* The picture as braille, ink as dots, to a terminal; columns: how wide it may be. */
void replay_picture(const struct desk_crop *crop, int columns, FILE *to);

#endif
