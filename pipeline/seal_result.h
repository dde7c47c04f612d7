/*
 * seal_result.h - the body of a delivery: signed by us, sealed to the client.
 *
 *   payload   = crypto_box_seal(client's key, signature 64 || message)
 *   signature = Ed25519 over "escriba result v1\n" || client's key 32 || BLAKE2b-512(message)
 *   message   = JSON, UTF-8
 *
 * The signature lies inside the seal and names its reader: nobody can take it off and
 * pass it on as a result for somebody else.
 */
#ifndef PIPELINE_SEAL_RESULT_H
#define PIPELINE_SEAL_RESULT_H

#include "base/arena.h"
#include "base/bytes.h"
#include "sys/keyclient.h"

/* What keyd signs: BLAKE2b-512 of the message. */
void seal_result_digest(struct bytes message, uint8_t digest[64]);
/* The payload lives in arena. RC_INPUT for a key that is no point on the curve. */
MUST_USE enum rc seal_result(const uint8_t box_key[BOX_KEY_SIZE], const uint8_t signature[SIGNATURE_SIZE],
                             struct bytes message, struct arena *arena, struct bytes *payload,
                             uint8_t sha256[32]);

#endif
