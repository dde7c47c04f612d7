/* review_link.h - the station's side of the conversation: ask, wait, take the answer apart. */
#ifndef PIPELINE_REVIEW_LINK_H
#define PIPELINE_REVIEW_LINK_H

#include "base/deskproto.h"

struct link;

/* RC_IO: nobody listens there; RC_DENIED: we may not. */
MUST_USE enum rc link_open(const char *path, struct link **out);
/* Wipes what was received. link may be NULL. */
void link_close(struct link *link);
/*
 * RC_OK: an answer of the kind wanted, all of it in arena.  Another code: the desk said no (link_message is
 * its sentence), or RC_IO, RC_TIMEOUT, RC_INPUT: the desk is gone, mute or not ours (link_message is "").
 */
MUST_USE enum rc link_ask(struct link *link, const struct desk_ask *ask, enum desk_answer_kind want,
                          struct arena *arena, struct desk_answer *out);
const char *link_message(const struct link *link);

#endif
