/*
 * sha256.h - SHA-256 (FIPS 180-4), for naming files: the same digits as sha256sum(1) prints.
 *
 * For programs that are linked with no cryptography.  What must be kept from strangers is hashed with keys
 * by sys/vault.h and its neighbours, never with this.
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"

#define SHA256_SIZE 32

struct sha256 {
    uint32_t state[8];
    uint64_t size;     /* bytes taken */
    uint8_t block[64]; /* what waits for a whole block */
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t size);
void sha256_end(struct sha256 *s, uint8_t out[SHA256_SIZE]);
/* A whole file; RC_IO with errno when it cannot be read. */
MUST_USE enum rc sha256_file(const char *path, uint8_t out[SHA256_SIZE]);

#endif
