/*
 * secret_internal.h - what vault.c and keyring*.c know about keys, and nobody else.
 */
#ifndef SYS_SECRET_INTERNAL_H
#define SYS_SECRET_INTERNAL_H

#include "base/bytes.h"
#include "sys/secret.h"

struct doc_key {
    struct id client;
    struct id object;
    uint8_t raw[KEY_SIZE];
};

struct index_key {
    struct id client;
    uint8_t raw[KEY_SIZE];
};

/* Guarded and locked memory, zeroed; NULL when it cannot be locked. */
void *secret_alloc(size_t size) MUST_USE;
/* Wipe and release; NULL is fine. */
void secret_free(void *memory);

/* Commitment 32, nonce 24, tag 16. */
#define SECRET_BOX_OVERHEAD 72

/*
 * Authenticated encryption that commits to its key.  context is a literal that names the
 * purpose; ad is bound and not stored.  out has room for plain.size + SECRET_BOX_OVERHEAD.
 */
void secret_box_seal(const uint8_t key[KEY_SIZE], const char *context, struct bytes ad, struct bytes plain,
                     uint8_t *out);
/* RC_SEAL for another key, context or ad, or changed bytes.  out has room for sealed.size - SECRET_BOX_OVERHEAD. */
MUST_USE enum rc secret_box_open(const uint8_t key[KEY_SIZE], const char *context, struct bytes ad,
                                 struct bytes sealed, uint8_t *out);

#endif
