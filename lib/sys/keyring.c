/*
 * keyring.c - root key, epoch key, client keys, document keys; the files are in keyring_file.c.
 *
 * Each layer wraps the next with what it belongs to bound in: an epoch key to the installation,
 * a client's record to its epoch and client, a document's key to client, object and version.
 */
#include "sys/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "keyring_internal.h"

#define CLIENT_SLOTS 32
#define KEK_VERSIONS_MAX 16
#define WRAP_VERSION 1
#define SIGN_CONTEXT "escriba result v1\n"

struct client_slot {
    struct id client;
    uint64_t used; /* 0: empty */
    uint32_t active;
    uint32_t count;
    uint8_t kek[KEK_VERSIONS_MAX][KEY_SIZE]; /* version 1 first */
    uint8_t index[KEY_SIZE];
    uint8_t box_public[BOX_KEY_SIZE];
};

#define CLIENT_PLAIN_MAX (4 + 4 + KEK_VERSIONS_MAX * KEY_SIZE + KEY_SIZE + BOX_KEY_SIZE)

/* What an inner layer is bound to: a word, the installation, the epoch, and a client or zero. */
static struct bytes
bind(const struct keyring *ring, const struct id *client, uint8_t out[64])
{
    static const struct id nobody;

    memcpy(out, ring->installation, ID_SIZE);
    memcpy(out + ID_SIZE, client != NULL ? client->b : nobody.b, ID_SIZE);
    for (int i = 0; i < 4; i++)
        out[2 * ID_SIZE + i] = (uint8_t)(ring->epoch >> (8 * i));
    return bytes_of(out, 2 * ID_SIZE + 4);
}

static enum rc
epoch_make(struct keyring *ring)
{
    uint8_t ad[64], sealed[KEY_SIZE + SECRET_BOX_OVERHEAD];
    struct buffer b;
    enum rc rc = RC_NOMEM;

    ring->epoch = 1;
    randombytes_buf(ring->installation, sizeof ring->installation);
    randombytes_buf(ring->secrets->epoch, KEY_SIZE);
    secret_box_seal(ring->secrets->root, "escriba epoch 1", bind(ring, NULL, ad),
                    bytes_of(ring->secrets->epoch, KEY_SIZE), sealed);
    buffer_init(&b, 512);
    write_u32(&b, ring->epoch);
    write_raw(&b, ring->installation, ID_SIZE);
    write_raw(&b, sealed, sizeof sealed);
    if (!b.failed)
        rc = record_write(ring->wrapped, "epoch.key", RECORD_EPOCH, buffer_bytes(&b), false);
    buffer_done(&b);
    return rc;
}

static enum rc
epoch_load(struct keyring *ring, struct err *err)
{
    uint8_t body[RECORD_BODY_MAX], ad[64];
    const uint8_t *installation, *sealed;
    size_t size = 0;
    struct reader r;
    enum rc rc;

    if ((rc = record_read(ring->wrapped, "epoch.key", RECORD_EPOCH, body, &size)) != RC_OK) {
        err_set(err, rc, "the epoch key cannot be read");
        err_where(err, "keys/wrapped/epoch.key");
        err_cure(err, "escriba-keyd --restore BACKUP");
        return rc;
    }
    r = reader_from(bytes_of(body, size));
    ring->epoch = read_u32(&r);
    installation = read_raw(&r, ID_SIZE);
    sealed = read_raw(&r, KEY_SIZE + SECRET_BOX_OVERHEAD);
    if (!reader_finished(&r))
        return err_set(err, RC_CONFIG, "the epoch key is damaged");
    memcpy(ring->installation, installation, ID_SIZE);
    rc = secret_box_open(ring->secrets->root, "escriba epoch 1", bind(ring, NULL, ad),
                         bytes_of(sealed, KEY_SIZE + SECRET_BOX_OVERHEAD), ring->secrets->epoch);
    if (rc != RC_OK) {
        err_set(err, rc, "the root key is not the one of this key store");
        err_where(err, "keys/wrapped/epoch.key");
        err_cure(err, "escriba-keyd --restore BACKUP");
        return rc;
    }
    return RC_OK;
}

/* The signing key is made once; crypto_sign derives the pair from the seed. */
static enum rc
sign_load(struct keyring *ring, bool fresh, struct err *err)
{
    uint8_t body[RECORD_BODY_MAX], ad[64], sealed[KEY_SIZE + SECRET_BOX_OVERHEAD];
    uint8_t *seed = secret_alloc(KEY_SIZE);
    size_t size = 0;
    enum rc rc;

    if (seed == NULL)
        return RC_NOMEM;
    rc = record_read(ring->wrapped, "sign.key", RECORD_SIGN, body, &size);
    if (rc == RC_NOT_FOUND && fresh) {
        randombytes_buf(seed, KEY_SIZE);
        secret_box_seal(ring->secrets->epoch, "escriba sign 1", bind(ring, NULL, ad), bytes_of(seed, KEY_SIZE),
                        sealed);
        rc = record_write(ring->wrapped, "sign.key", RECORD_SIGN, bytes_of(sealed, sizeof sealed), false);
    } else if (rc == RC_OK) {
        rc = size != sizeof sealed ? RC_CONFIG
                                   : secret_box_open(ring->secrets->epoch, "escriba sign 1",
                                                     bind(ring, NULL, ad), bytes_of(body, size), seed);
    }
    if (rc == RC_OK)
        crypto_sign_seed_keypair(ring->sign_public, ring->secrets->sign_secret, seed);
    secret_free(seed);
    if (rc != RC_OK) {
        err_set(err, rc, "the signing key cannot be read");
        err_where(err, "keys/wrapped/sign.key");
        err_cure(err, "escriba-keyd --restore BACKUP");
    }
    return rc;
}

static bool
has_clients(struct keyring *ring)
{
    unsigned clients = 0, newer = 0;

    return keyring_count(ring, &clients, &newer) != RC_OK || clients > 0;
}

bool
keyring_epoch_fits(int wrapped, const uint8_t root[KEY_SIZE])
{
    struct keyring ring = { .dir = -1, .wrapped = wrapped };
    bool fits;

    if ((ring.secrets = secret_alloc(sizeof *ring.secrets)) == NULL)
        return false;
    memcpy(ring.secrets->root, root, KEY_SIZE);
    fits = epoch_load(&ring, NULL) == RC_OK;
    secret_free(ring.secrets);
    return fits;
}

enum rc
keyring_open(const char *dir, const struct root_source *source, struct keyring **out, struct err *err)
{
    struct keyring *ring = calloc(1, sizeof *ring);
    bool fresh;
    enum rc rc = RC_NOMEM;

    if (ring == NULL)
        return RC_NOMEM;
    ring->dir = ring->wrapped = -1;
    ring->secrets = secret_alloc(sizeof *ring->secrets);
    ring->slots = secret_alloc(CLIENT_SLOTS * sizeof *ring->slots);
    if (ring->secrets == NULL || ring->slots == NULL)
        goto out;
    if ((rc = keyring_folder(dir, &ring->dir, &ring->wrapped, err)) != RC_OK)
        goto out;
    fresh = faccessat(ring->wrapped, "epoch.key", F_OK, AT_SYMLINK_NOFOLLOW) != 0;
    if (fresh && has_clients(ring)) {
        rc = err_set(err, RC_NOT_FOUND, "the epoch key of this key store is lost");
        goto out;
    }
    if ((rc = root_find(ring->dir, source, fresh, ring->secrets->root, err)) != RC_OK)
        goto out;
    if (fresh && (rc = epoch_make(ring)) != RC_OK) {
        err_set(err, rc, "the key store cannot be written");
        goto out;
    }
    if (!fresh && (rc = epoch_load(ring, err)) != RC_OK)
        goto out;
    /* A kill between the two files leaves an epoch without a signing key and without clients. */
    if ((rc = sign_load(ring, !has_clients(ring), err)) != RC_OK)
        goto out;
    *out = ring;
    ring = NULL;
out:
    keyring_close(ring);
    return rc;
}

void
keyring_close(struct keyring *ring)
{
    if (ring == NULL)
        return;
    if (ring->dir >= 0)
        close(ring->dir);
    if (ring->wrapped >= 0)
        close(ring->wrapped);
    secret_free(ring->secrets);
    secret_free(ring->slots);
    free(ring);
}

static void
client_file(const struct id *client, char out[64])
{
    char text[ID_TEXT];

    id_text(client, text);
    snprintf(out, 64, "client-%s.key", text);
}

static enum rc
client_store(struct keyring *ring, const struct client_slot *slot)
{
    uint8_t ad[64], sealed[CLIENT_PLAIN_MAX + SECRET_BOX_OVERHEAD];
    uint8_t *plain = secret_alloc(CLIENT_PLAIN_MAX), *at = plain;
    char name[64];
    size_t size;

    if (plain == NULL)
        return RC_NOMEM;
    *at++ = (uint8_t)slot->active;
    *at++ = (uint8_t)slot->count;
    for (uint32_t i = 0; i < slot->count; i++, at += KEY_SIZE)
        memcpy(at, slot->kek[i], KEY_SIZE);
    memcpy(at, slot->index, KEY_SIZE);
    memcpy(at + KEY_SIZE, slot->box_public, BOX_KEY_SIZE);
    size = (size_t)(at - plain) + KEY_SIZE + BOX_KEY_SIZE;
    secret_box_seal(ring->secrets->epoch, "escriba client 1", bind(ring, &slot->client, ad),
                    bytes_of(plain, size), sealed);
    secret_free(plain);
    client_file(&slot->client, name);
    return record_write(ring->wrapped, name, RECORD_CLIENT, bytes_of(sealed, size + SECRET_BOX_OVERHEAD), false);
}

static enum rc
client_parse(struct client_slot *slot, const struct id *client, const uint8_t *plain, size_t size)
{
    const uint8_t *at = plain + 2;

    if (size < 2 || plain[1] < 1 || plain[1] > KEK_VERSIONS_MAX || plain[0] < 1 || plain[0] > plain[1] ||
        size != 2 + (size_t)plain[1] * KEY_SIZE + KEY_SIZE + BOX_KEY_SIZE)
        return RC_CONFIG;
    memset(slot, 0, sizeof *slot);
    slot->client = *client;
    slot->active = plain[0];
    slot->count = plain[1];
    for (uint32_t i = 0; i < slot->count; i++, at += KEY_SIZE)
        memcpy(slot->kek[i], at, KEY_SIZE);
    memcpy(slot->index, at, KEY_SIZE);
    memcpy(slot->box_public, at + KEY_SIZE, BOX_KEY_SIZE);
    return RC_OK;
}

/* The client's keys, from the cache or the file; the slot stays valid until the next call. */
static enum rc
client_find(struct keyring *ring, const struct id *client, struct client_slot **out)
{
    uint8_t body[RECORD_BODY_MAX], ad[64];
    struct client_slot *slot = &ring->slots[0];
    uint8_t *plain;
    char name[64];
    size_t size = 0;
    enum rc rc;

    for (unsigned i = 0; i < CLIENT_SLOTS; i++) {
        if (ring->slots[i].used != 0 && id_equal(&ring->slots[i].client, client)) {
            slot = &ring->slots[i];
            slot->used = ++ring->ticks;
            *out = slot;
            return RC_OK;
        }
        if (ring->slots[i].used < slot->used)
            slot = &ring->slots[i];
    }
    client_file(client, name);
    if ((rc = record_read(ring->wrapped, name, RECORD_CLIENT, body, &size)) != RC_OK)
        return rc;
    if (size < SECRET_BOX_OVERHEAD || size > CLIENT_PLAIN_MAX + SECRET_BOX_OVERHEAD)
        return RC_CONFIG;
    if ((plain = secret_alloc(CLIENT_PLAIN_MAX)) == NULL)
        return RC_NOMEM;
    rc = secret_box_open(ring->secrets->epoch, "escriba client 1", bind(ring, client, ad), bytes_of(body, size),
                         plain);
    if (rc == RC_OK)
        rc = client_parse(slot, client, plain, size - SECRET_BOX_OVERHEAD);
    secret_free(plain);
    if (rc != RC_OK)
        return rc;
    slot->used = ++ring->ticks;
    *out = slot;
    return RC_OK;
}

enum rc
keyring_add_client(struct keyring *ring, const struct id *client, const uint8_t box_key[BOX_KEY_SIZE])
{
    struct client_slot *slot = NULL, *fresh;
    enum rc rc = client_find(ring, client, &slot);

    if (rc == RC_OK)
        return sodium_memcmp(slot->box_public, box_key, BOX_KEY_SIZE) == 0 ? RC_OK : RC_EXISTS;
    if (rc != RC_NOT_FOUND)
        return rc;
    if (id_is_zero(client) || sodium_is_zero(box_key, BOX_KEY_SIZE))
        return RC_INPUT;
    if ((fresh = secret_alloc(sizeof *fresh)) == NULL)
        return RC_NOMEM;
    fresh->client = *client;
    fresh->active = fresh->count = 1;
    randombytes_buf(fresh->kek[0], KEY_SIZE);
    randombytes_buf(fresh->index, KEY_SIZE);
    memcpy(fresh->box_public, box_key, BOX_KEY_SIZE);
    rc = client_store(ring, fresh);
    secret_free(fresh);
    return rc;
}

/* wrapped: version u8 | KEK version u32 | box of the key, bound to client, object and KEK version. */
static struct bytes
wrap_bind(const struct id *client, const struct id *object, const uint8_t head[5], uint8_t out[64])
{
    memcpy(out, client->b, ID_SIZE);
    memcpy(out + ID_SIZE, object->b, ID_SIZE);
    memcpy(out + 2 * ID_SIZE, head, 5);
    return bytes_of(out, 2 * ID_SIZE + 5);
}

enum rc
keyring_new_key(struct keyring *ring, const struct id *client, const struct id *object, uint8_t raw[KEY_SIZE],
                uint8_t wrapped[WRAPPED_KEY_MAX], size_t *wrapped_size)
{
    struct client_slot *slot;
    uint8_t ad[64];
    enum rc rc = client_find(ring, client, &slot);

    if (rc != RC_OK)
        return rc;
    randombytes_buf(raw, KEY_SIZE);
    wrapped[0] = WRAP_VERSION;
    for (int i = 0; i < 4; i++)
        wrapped[1 + i] = (uint8_t)(slot->active >> (8 * i));
    secret_box_seal(slot->kek[slot->active - 1], "escriba dek 1", wrap_bind(client, object, wrapped, ad),
                    bytes_of(raw, KEY_SIZE), wrapped + 5);
    *wrapped_size = 5 + KEY_SIZE + SECRET_BOX_OVERHEAD;
    return RC_OK;
}

enum rc
keyring_open_key(struct keyring *ring, const struct id *client, const struct id *object, struct bytes wrapped,
                 uint8_t raw[KEY_SIZE])
{
    struct client_slot *slot;
    uint32_t version = 0;
    uint8_t ad[64];
    enum rc rc;

    if (wrapped.size != 5 + KEY_SIZE + SECRET_BOX_OVERHEAD || wrapped.data[0] != WRAP_VERSION)
        return RC_SEAL;
    if ((rc = client_find(ring, client, &slot)) != RC_OK)
        return rc;
    for (int i = 0; i < 4; i++)
        version |= (uint32_t)wrapped.data[1 + i] << (8 * i);
    if (version < 1 || version > slot->count)
        return RC_SEAL;
    return secret_box_open(slot->kek[version - 1], "escriba dek 1", wrap_bind(client, object, wrapped.data, ad),
                           bytes_of(wrapped.data + 5, wrapped.size - 5), raw);
}

enum rc
keyring_index(struct keyring *ring, const struct id *client, uint8_t raw[KEY_SIZE])
{
    struct client_slot *slot;
    enum rc rc = client_find(ring, client, &slot);

    if (rc == RC_OK)
        memcpy(raw, slot->index, KEY_SIZE);
    return rc;
}

/* From the first key of the client, which stays when another becomes the active one. */
enum rc
keyring_own_key(struct keyring *ring, const struct id *client, uint8_t raw[KEY_SIZE])
{
    static const char word[] = "escriba own 1";
    struct client_slot *slot;
    enum rc rc = client_find(ring, client, &slot);

    if (rc == RC_OK)
        crypto_generichash(raw, KEY_SIZE, (const uint8_t *)word, sizeof word, slot->kek[0], KEY_SIZE);
    return rc;
}

enum rc
keyring_box_key(struct keyring *ring, const struct id *client, uint8_t out[BOX_KEY_SIZE])
{
    struct client_slot *slot;
    enum rc rc = client_find(ring, client, &slot);

    if (rc == RC_OK)
        memcpy(out, slot->box_public, BOX_KEY_SIZE);
    return rc;
}

enum rc
keyring_sign(struct keyring *ring, const struct id *client, const uint8_t digest[64],
             uint8_t signature[SIGNATURE_SIZE])
{
    const size_t word = strlen(SIGN_CONTEXT);
    uint8_t message[32 + BOX_KEY_SIZE + 64];
    struct client_slot *slot;
    enum rc rc = client_find(ring, client, &slot);

    if (rc != RC_OK)
        return rc;
    memcpy(message, SIGN_CONTEXT, word);
    memcpy(message + word, slot->box_public, BOX_KEY_SIZE);
    memcpy(message + word + BOX_KEY_SIZE, digest, 64);
    crypto_sign_detached(signature, NULL, message, word + BOX_KEY_SIZE + 64, ring->secrets->sign_secret);
    return RC_OK;
}

void
keyring_sign_key(const struct keyring *ring, uint8_t out[SIGN_KEY_SIZE])
{
    memcpy(out, ring->sign_public, SIGN_KEY_SIZE);
}
