/*
 * vault.c - artifacts in envelopes; the shape is in sys/vault.h.
 */
#include "sys/vault.h"

#include <sodium.h>
#include <string.h>

#include "base/codec.h"
#include "secret_internal.h"

#define VAULT_VERSION 1
#define VAULT_SUITE 1
#define VAULT_HEADER 53
#define VAULT_CONTEXT "escriba vault 1"

_Static_assert(VAULT_HEADER + SECRET_BOX_OVERHEAD == VAULT_OVERHEAD, "the envelope's overhead");

/* The header that this key and place must have; sealing writes it and opening compares it. */
static enum rc
vault_header(const struct doc_key *key, const struct seal_place *place, uint8_t out[VAULT_HEADER])
{
    struct buffer b;
    enum rc rc = RC_NOMEM;

    buffer_init(&b, VAULT_HEADER);
    write_raw(&b, "ESV1", 4);
    write_u8(&b, VAULT_VERSION);
    write_u8(&b, VAULT_SUITE);
    write_u16(&b, (uint16_t)place->kind);
    write_raw(&b, key->client.b, ID_SIZE);
    write_raw(&b, key->object.b, ID_SIZE);
    write_u32(&b, place->page);
    write_u32(&b, place->generation);
    write_u32(&b, place->part);
    write_u8(&b, place->last ? 1 : 0);
    if (!b.failed && b.size == VAULT_HEADER) {
        memcpy(out, b.data, VAULT_HEADER);
        rc = RC_OK;
    }
    buffer_done(&b);
    return rc;
}

enum rc
vault_seal(const struct doc_key *key, const struct seal_place *place, struct bytes plain, struct arena *arena,
           struct bytes *out)
{
    uint8_t *sealed;
    enum rc rc;

    if (plain.size > VAULT_PLAIN_MAX)
        return RC_LIMIT;
    if ((sealed = arena_alloc(arena, plain.size + VAULT_OVERHEAD)) == NULL)
        return RC_NOMEM;
    if ((rc = vault_header(key, place, sealed)) != RC_OK)
        return rc;
    secret_box_seal(key->raw, VAULT_CONTEXT, bytes_of(sealed, VAULT_HEADER), plain, sealed + VAULT_HEADER);
    *out = bytes_of(sealed, plain.size + VAULT_OVERHEAD);
    return RC_OK;
}

enum rc
vault_open(const struct doc_key *key, const struct seal_place *place, struct bytes sealed, struct arena *arena,
           struct bytes *out)
{
    uint8_t expected[VAULT_HEADER];
    uint8_t *plain;
    size_t size;
    enum rc rc;

    if (sealed.size < VAULT_OVERHEAD || sealed.size > (size_t)VAULT_PLAIN_MAX + VAULT_OVERHEAD)
        return RC_SEAL;
    if ((rc = vault_header(key, place, expected)) != RC_OK)
        return rc;
    if (sodium_memcmp(expected, sealed.data, VAULT_HEADER) != 0)
        return RC_SEAL;
    size = sealed.size - VAULT_OVERHEAD;
    if ((plain = arena_alloc(arena, size)) == NULL)
        return RC_NOMEM;
    rc = secret_box_open(key->raw, VAULT_CONTEXT, bytes_of(expected, VAULT_HEADER),
                         bytes_of(sealed.data + VAULT_HEADER, sealed.size - VAULT_HEADER), plain);
    if (rc == RC_OK)
        *out = bytes_of(plain, size);
    return rc;
}
