/*
 * vault.h - seal and open artifacts with a document's key.
 *
 * Envelope: "ESV1" | version u8 | suite u8 | kind u16 | client 16 | object 16 | page u32 |
 * generation u32 | part u32 | last u8 | key commitment 32 | nonce 24 | ciphertext + tag 16.
 * The part before the commitment (53 bytes) is the associated data.  It is never taken from
 * the row: it is made again from what the caller expects, so a row moved elsewhere does not
 * open.  Suite 1: BLAKE2b-512 keyed with the document's key, over "escriba vault 1" NUL nonce,
 * gives the XChaCha20-Poly1305 key (first half) and the commitment (second half); the
 * commitment makes sure that one envelope opens under one key only, which the cipher
 * alone does not promise.  Long artifacts (blobs) are sealed in parts of VAULT_PART bytes;
 * "last" is bound too, so that a cut blob does not open.
 */
#ifndef SYS_VAULT_H
#define SYS_VAULT_H

#include "base/arena.h"
#include "base/bytes.h"
#include "doc/artifact.h"
#include "sys/secret.h"

#define VAULT_PART (1u << 20)
#define VAULT_OVERHEAD 125 /* what sealing adds to one part, exactly */
#define VAULT_PLAIN_MAX (256u << 20)

struct seal_place {
    enum artifact_kind kind;
    uint32_t page;
    uint32_t generation; /* version of the document; 0 for files */
    uint32_t part;
    bool last;
};

/* The sealed bytes live in arena. */
MUST_USE enum rc vault_seal(const struct doc_key *key, const struct seal_place *place, struct bytes plain,
                            struct arena *arena, struct bytes *out);
/* RC_SEAL for a wrong key, changed bytes, or another place. The plain bytes live in arena (wiped with it). */
MUST_USE enum rc vault_open(const struct doc_key *key, const struct seal_place *place, struct bytes sealed,
                            struct arena *arena, struct bytes *out);

#endif
