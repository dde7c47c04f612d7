/*
 * keyclient.h - ask escriba-keyd.
 *
 * keyd knows who asks by the socket it is asked on (escribad made one per child, or the
 * kernel's SO_PEERCRED on the listening sockets) and has a row of rights and rates for
 * each kind of peer.  Requests are of fixed size.
 */
#ifndef SYS_KEYCLIENT_H
#define SYS_KEYCLIENT_H

#include "base/err.h"
#include "sys/secret.h"

struct keyclient;

#define SIGN_KEY_SIZE 32
#define SIGNATURE_SIZE 64
#define BOX_KEY_SIZE 32

/* The socket: fd number in ESCRIBA_KEYD_FD, else the path (may be NULL for the instance's own). */
MUST_USE enum rc keyclient_open(const char *path, struct keyclient **out, struct err *err);
void keyclient_close(struct keyclient *k);

/* A fresh key for a file or document version; wrapped gets what the database keeps (size in *wrapped_size). */
MUST_USE enum rc keyclient_new(struct keyclient *k, const struct id *client, const struct id *object,
                               struct doc_key **key, uint8_t wrapped[WRAPPED_KEY_MAX], size_t *wrapped_size);
MUST_USE enum rc keyclient_open_key(struct keyclient *k, const struct id *client, const struct id *object,
                                    const uint8_t *wrapped, size_t wrapped_size, struct doc_key **key);
MUST_USE enum rc keyclient_index(struct keyclient *k, const struct id *client, struct index_key **key);
/* What seals what is known of the client itself (its parties): an envelope whose object is the client.  It opens no
 * document. */
MUST_USE enum rc keyclient_own_key(struct keyclient *k, const struct id *client, struct doc_key **key);
/* The client's delivery public key as keyd vouches for it (never straight from the database). */
MUST_USE enum rc keyclient_box_key(struct keyclient *k, const struct id *client, uint8_t out[BOX_KEY_SIZE]);
/*
 * Sign a result for a client: Ed25519 over "escriba result v1\n" || client's box key || BLAKE2b-512(message).
 * digest is BLAKE2b-512 of the message; keyd puts the rest together itself.
 */
MUST_USE enum rc keyclient_sign(struct keyclient *k, const struct id *client, const uint8_t digest[64],
                                uint8_t signature[SIGNATURE_SIZE]);
/* Our public signing key. */
MUST_USE enum rc keyclient_sign_key(struct keyclient *k, uint8_t out[SIGN_KEY_SIZE]);
/* Operator only: make the keys of a new client and register its delivery key. */
MUST_USE enum rc keyclient_add_client(struct keyclient *k, const struct id *client,
                                      const uint8_t box_key[BOX_KEY_SIZE]);

#endif
