/* sha256.c - SHA-256 as FIPS 180-4 writes it down. */
#include "base/sha256.h"

#include <stdio.h>
#include <string.h>

/* Section 4.2.2: the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t rounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t
turn(uint32_t v, unsigned by)
{
    return v >> by | v << (32 - by);
}

static void
take_block(struct sha256 *s, const uint8_t *at)
{
    uint32_t w[64], v[8];

    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)at[4 * i] << 24 | (uint32_t)at[4 * i + 1] << 16 | (uint32_t)at[4 * i + 2] << 8 | at[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t near = w[i - 15], far = w[i - 2];

        w[i] = w[i - 16] + w[i - 7] + (turn(near, 7) ^ turn(near, 18) ^ near >> 3) +
               (turn(far, 17) ^ turn(far, 19) ^ far >> 10);
    }
    memcpy(v, s->state, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t choose = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t most = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        uint32_t one = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) + choose + rounds[i] + w[i];
        uint32_t two = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) + most;

        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += one;
        v[0] = one + two;
    }
    for (int i = 0; i < 8; i++)
        s->state[i] += v[i];
}

void
sha256_init(struct sha256 *s)
{
    static const uint32_t first[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

    memcpy(s->state, first, sizeof first);
    s->size = 0;
}

void
sha256_add(struct sha256 *s, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    while (size > 0) {
        size_t have = s->size % 64, n = 64 - have < size ? 64 - have : size;

        memcpy(s->block + have, at, n);
        s->size += n;
        at += n;
        size -= n;
        if (have + n == 64)
            take_block(s, s->block);
    }
}

void
sha256_end(struct sha256 *s, uint8_t out[SHA256_SIZE])
{
    static const uint8_t pad[64] = { 0x80 };
    uint64_t bits = s->size * 8;
    size_t have = s->size % 64;
    uint8_t length[8];

    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    sha256_add(s, pad, have < 56 ? 56 - have : 120 - have);
    sha256_add(s, length, sizeof length);
    for (int i = 0; i < SHA256_SIZE; i++)
        out[i] = (uint8_t)(s->state[i / 4] >> (24 - 8 * (i % 4)));
}

enum rc
sha256_file(const char *path, uint8_t out[SHA256_SIZE])
{
    FILE *file = fopen(path, "rbe");
    struct sha256 s;
    char chunk[1 << 14];
    size_t n;
    enum rc rc;

    if (file == NULL)
        return RC_IO;
    sha256_init(&s);
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
        sha256_add(&s, chunk, n);
    rc = ferror(file) ? RC_IO : RC_OK;
    (void)fclose(file);
    if (rc == RC_OK)
        sha256_end(&s, out);
    return rc;
}
