/*
 * secret.h - keys: their own types, guarded locked memory, wiped when freed.
 *
 * secret_start checks that memory can be locked and that core dumps are off, and
 * refuses otherwise (sodium_malloc alone ignores a failed mlock).
 */
#ifndef SYS_SECRET_H
#define SYS_SECRET_H

#include "base/err.h"
#include "base/id.h"

#define KEY_SIZE 32
#define WRAPPED_KEY_MAX 160

struct doc_key;   /* opens and seals the artifacts of one file or document */
struct index_key; /* keyed hashes of one client: duplicates, manifests     */

/* sodium_init, PR_SET_DUMPABLE 0, RLIMIT_CORE 0, a locked probe page. */
MUST_USE enum rc secret_start(struct err *err);

/* owner: the file or document; raw is copied and the caller wipes its own. NULL without memory. */
struct doc_key *doc_key_new(const struct id *client, const struct id *object, const uint8_t raw[KEY_SIZE]);
void doc_key_free(struct doc_key *key);
struct index_key *index_key_new(const struct id *client, const uint8_t raw[KEY_SIZE]);
void index_key_free(struct index_key *key);
/* BLAKE2b-256 keyed, of purpose (a literal) and bytes; never compare across clients. */
void index_key_tag(const struct index_key *key, const char *purpose, const void *bytes, size_t size, uint8_t out[32]);

#endif
