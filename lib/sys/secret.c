/*
 * secret.c - keys in guarded, locked memory, and the one cipher that everything uses.
 */
#include "sys/secret.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "secret_internal.h"

#define COMMIT_SIZE 32
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(COMMIT_SIZE + NONCE_SIZE + TAG_SIZE == SECRET_BOX_OVERHEAD, "the box's overhead");

enum rc
secret_start(struct err *err)
{
    const struct rlimit none = { 0, 0 };
    long page = sysconf(_SC_PAGESIZE);
    void *probe;

    if (sodium_init() < 0)
        return err_set(err, RC_CONFIG, "libsodium does not start");
    /* Twice, because one may be forbidden: a unit's filter can refuse to change limits. */
    (void)!setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__
    /* The leak checker of a sanitizer build has to look at its own process. */
    if (prctl(PR_SET_DUMPABLE, 0) != 0)
        return err_set(err, RC_CONFIG, "the process cannot be hidden from debuggers");
#endif
    /* sodium_malloc goes on without a word when locking fails, so ask once ourselves. */
    probe = mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (probe == MAP_FAILED)
        return err_set(err, RC_NOMEM, "no memory");
    if (mlock(probe, (size_t)page) != 0) {
        munmap(probe, (size_t)page);
        err_set(err, RC_CONFIG, "memory cannot be locked, so keys could be swapped out");
        err_cure(err, "raise the limit: ulimit -l 8192, or LimitMEMLOCK=8M in the unit");
        return RC_CONFIG;
    }
    munmap(probe, (size_t)page);
    return RC_OK;
}

void *
secret_alloc(size_t size)
{
    void *memory = sodium_malloc(size);

    if (memory == NULL)
        return NULL;
    if (sodium_mlock(memory, size) != 0) {
        sodium_free(memory);
        return NULL;
    }
    memset(memory, 0, size);
    return memory;
}

void
secret_free(void *memory)
{
    sodium_free(memory);
}

struct doc_key *
doc_key_new(const struct id *client, const struct id *object, const uint8_t raw[KEY_SIZE])
{
    struct doc_key *key = secret_alloc(sizeof *key);

    if (key == NULL)
        return NULL;
    key->client = *client;
    key->object = *object;
    memcpy(key->raw, raw, KEY_SIZE);
    sodium_mprotect_readonly(key);
    return key;
}

void
doc_key_free(struct doc_key *key)
{
    secret_free(key);
}

struct index_key *
index_key_new(const struct id *client, const uint8_t raw[KEY_SIZE])
{
    struct index_key *key = secret_alloc(sizeof *key);

    if (key == NULL)
        return NULL;
    key->client = *client;
    memcpy(key->raw, raw, KEY_SIZE);
    sodium_mprotect_readonly(key);
    return key;
}

void
index_key_free(struct index_key *key)
{
    secret_free(key);
}

void
index_key_tag(const struct index_key *key, const char *purpose, const void *bytes, size_t size,
              uint8_t out[32])
{
    crypto_generichash_state state;

    /* The NUL after the purpose keeps "ab" + "c" and "a" + "bc" apart. */
    crypto_generichash_init(&state, key->raw, KEY_SIZE, 32);
    crypto_generichash_update(&state, (const uint8_t *)purpose, strlen(purpose) + 1);
    crypto_generichash_update(&state, bytes, size);
    crypto_generichash_final(&state, out, 32);
    sodium_memzero(&state, sizeof state);
}

/* One encryption key and one commitment for each nonce, from the long-lived key. */
static void
box_derive(const uint8_t key[KEY_SIZE], const char *context, const uint8_t nonce[NONCE_SIZE],
           uint8_t out[KEY_SIZE + COMMIT_SIZE])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, key, KEY_SIZE, KEY_SIZE + COMMIT_SIZE);
    crypto_generichash_update(&state, (const uint8_t *)context, strlen(context) + 1);
    crypto_generichash_update(&state, nonce, NONCE_SIZE);
    crypto_generichash_final(&state, out, KEY_SIZE + COMMIT_SIZE);
    sodium_memzero(&state, sizeof state);
}

void
secret_box_seal(const uint8_t key[KEY_SIZE], const char *context, struct bytes ad, struct bytes plain,
                uint8_t *out)
{
    uint8_t derived[KEY_SIZE + COMMIT_SIZE];
    uint8_t *nonce = out + COMMIT_SIZE;

    randombytes_buf(nonce, NONCE_SIZE);
    box_derive(key, context, nonce, derived);
    memcpy(out, derived + KEY_SIZE, COMMIT_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_SIZE, NULL, plain.data, plain.size, ad.data,
                                               ad.size, NULL, nonce, derived);
    sodium_memzero(derived, sizeof derived);
}

enum rc
secret_box_open(const uint8_t key[KEY_SIZE], const char *context, struct bytes ad, struct bytes sealed,
                uint8_t *out)
{
    uint8_t derived[KEY_SIZE + COMMIT_SIZE];
    const uint8_t *nonce = sealed.data + COMMIT_SIZE;
    enum rc rc = RC_SEAL;

    if (sealed.size < SECRET_BOX_OVERHEAD)
        return RC_SEAL;
    box_derive(key, context, nonce, derived);
    if (sodium_memcmp(derived + KEY_SIZE, sealed.data, COMMIT_SIZE) == 0 &&
        crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, nonce + NONCE_SIZE,
                                                   sealed.size - COMMIT_SIZE - NONCE_SIZE, ad.data, ad.size,
                                                   nonce, derived) == 0)
        rc = RC_OK;
    sodium_memzero(derived, sizeof derived);
    return rc;
}
