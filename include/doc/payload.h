/*
 * payload.h - the text of a two-dimensional code that a tax authority or a bank has published
 * the rules of, read into statements.
 *
 * One table of kinds, a file each; pure functions that allocate only from the arena.  A text is
 * believed only when it keeps every published rule of its kind: lengths, versions, check
 * characters.  docs/FORMS.md lists the kinds.
 */
#ifndef DOC_PAYLOAD_H
#define DOC_PAYLOAD_H

#include "doc/witness.h"

#define PAYLOAD_MAX 4296 /* no QR code holds more characters (ISO/IEC 18004), no PDF417 half as many */

struct payload_kind {
    const char *name;  /* "mx_cfdi" */
    const char *title; /* for people */
    const char *rules; /* who published its rules */
    /* RC_OK; RC_NOT_FOUND: the text is of another kind; RC_INPUT: it begins as this kind and breaks a rule */
    enum rc (*read)(const char *text, struct arena *arena, struct witness *out);
};

/* NULL after the last. */
const struct payload_kind *payload_kind_at(unsigned i);

/*
 * Read the text of a code: RC_OK and *out; RC_NOT_FOUND when it is of no kind here; RC_INPUT when it
 * pretends to be of one and breaks its rules; RC_NOMEM.
 */
MUST_USE enum rc payload_read(const char *text, struct arena *arena, struct witness *out);

#endif
