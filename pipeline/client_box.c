/*
 * client_box.c - open a sealed result and prove who sealed it.
 *
 * A sealed box says nothing about its sender: anybody with the public key can make one.  So
 * the installation signs inside the box, over the client's own public key and the message's
 * digest: a result for somebody else, sealed again to us, does not pass.
 */
#include "client.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

static const char context[] = "escriba result v1\n";

bool
client_box_signed(const uint8_t signer[SIGN_KEY], const uint8_t public[BOX_KEY], const uint8_t digest[MESSAGE_DIGEST],
                  const uint8_t signature[SIGNATURE])
{
    uint8_t signed_bytes[sizeof context - 1 + BOX_KEY + MESSAGE_DIGEST];

    memcpy(signed_bytes, context, sizeof context - 1);
    memcpy(signed_bytes + sizeof context - 1, public, BOX_KEY);
    memcpy(signed_bytes + sizeof context - 1 + BOX_KEY, digest, MESSAGE_DIGEST);
    return crypto_sign_verify_detached(signature, signed_bytes, sizeof signed_bytes, signer) == 0;
}

enum box_answer
client_box_open(const struct client_key *key, const uint8_t signer[SIGN_KEY], const uint8_t *payload, size_t size,
                struct opened *out)
{
    enum box_answer answer = BOX_NOT_OURS;

    memset(out, 0, sizeof *out);
    if (size < crypto_box_SEALBYTES + SIGNATURE || size - crypto_box_SEALBYTES > MESSAGE_MAX)
        return BOX_NOT_OURS;
    out->room = size - crypto_box_SEALBYTES;
    if ((out->buffer = malloc(out->room)) == NULL)
        return BOX_NOMEM;
    if (crypto_box_seal_open(out->buffer, payload, size, key->public, key->secret) != 0)
        goto out;
    memcpy(out->signature, out->buffer, SIGNATURE);
    out->message = out->buffer + SIGNATURE;
    out->size = out->room - SIGNATURE;
    crypto_generichash(out->digest, MESSAGE_DIGEST, out->message, out->size, NULL, 0);
    answer = client_box_signed(signer, key->public, out->digest, out->signature) ? BOX_OK : BOX_FORGED;
out:
    if (answer != BOX_OK)
        client_box_free(out);
    return answer;
}

void
client_box_free(struct opened *opened)
{
    if (opened->buffer != NULL)
        sodium_memzero(opened->buffer, opened->room);
    free(opened->buffer);
    opened->buffer = NULL;
}
