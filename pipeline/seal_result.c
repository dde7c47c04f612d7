/* seal_result.c - the body of a delivery; its shape is in the header. */
#include "seal_result.h"

#include <sodium.h>
#include <string.h>

void
seal_result_digest(struct bytes message, uint8_t digest[64])
{
    crypto_generichash(digest, 64, message.data, message.size, NULL, 0);
}

enum rc
seal_result(const uint8_t box_key[BOX_KEY_SIZE], const uint8_t signature[SIGNATURE_SIZE], struct bytes message,
            struct arena *arena, struct bytes *payload, uint8_t sha256[32])
{
    size_t size = SIGNATURE_SIZE + message.size;
    uint8_t *inner = arena_alloc(arena, size), *sealed = arena_alloc(arena, size + crypto_box_SEALBYTES);

    if (inner == NULL || sealed == NULL)
        return RC_NOMEM;
    memcpy(inner, signature, SIGNATURE_SIZE);
    memcpy(inner + SIGNATURE_SIZE, message.data, message.size);
    if (crypto_box_seal(sealed, inner, size, box_key) != 0)
        return RC_INPUT;
    *payload = bytes_of(sealed, size + crypto_box_SEALBYTES);
    crypto_hash_sha256(sha256, payload->data, payload->size);
    return RC_OK;
}
