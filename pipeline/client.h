/*
 * client.h - escriba-client: what its files share.
 *
 * Runs at the client's site with nothing of ours but this program: the client's own role in
 * the delivery database, the client's own key, and the public key that our results are
 * signed with.
 */
#ifndef PIPELINE_CLIENT_H
#define PIPELINE_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

#define BOX_KEY 32
#define SIGN_KEY 32
#define SIGNATURE 64
#define MESSAGE_DIGEST 64
#define FINGERPRINT_ROOM 80
#define MESSAGE_MAX (256u << 20)

/* The client's key pair; secret lies in guarded memory. */
struct client_key {
    uint8_t *secret;
    uint8_t public[BOX_KEY];
};

/* ---- client_key.c ------------------------------------------------------------------ */

/* Make FILE (0600, 32 bytes) and FILE.pub (hex). RC_EXISTS when either is there already. */
MUST_USE enum rc client_key_make(const char *path, uint8_t public[BOX_KEY], struct err *err);
/* RC_DENIED when others can read the file, RC_INPUT when it is not 32 bytes. */
MUST_USE enum rc client_key_open(const char *path, struct client_key *out, struct err *err);
void client_key_close(struct client_key *key);
/* A public key in hex, as keygen and `escriba client add` write it. */
MUST_USE enum rc client_public_read(const char *path, uint8_t out[32], struct err *err);
/* Groups of four hex digits of BLAKE2b-128 of a public key, for two people to compare by voice. */
void client_fingerprint(const uint8_t public[32], char out[FINGERPRINT_ROOM]);

/* ---- client_box.c ------------------------------------------------------------------ */

enum box_answer {
    BOX_OK,
    BOX_NOT_OURS, /* not sealed to this key, or changed on the way             */
    BOX_FORGED,   /* opens, but the installation named by --signer did not sign it */
    BOX_NOMEM
};

struct opened {
    uint8_t *buffer;  /* signature and message; released by client_box_free */
    size_t room;
    const uint8_t *message;
    size_t size;
    uint8_t signature[SIGNATURE];
    uint8_t digest[MESSAGE_DIGEST]; /* BLAKE2b-512 of the message */
};

/* payload: crypto_box_seal(public, signature || message). */
enum box_answer client_box_open(const struct client_key *key, const uint8_t signer[SIGN_KEY], const uint8_t *payload,
                                size_t size, struct opened *out);
void client_box_free(struct opened *opened);
/* Did signer sign a message of this digest for the client with this public key? */
bool client_box_signed(const uint8_t signer[SIGN_KEY], const uint8_t public[BOX_KEY],
                       const uint8_t digest[MESSAGE_DIGEST], const uint8_t signature[SIGNATURE]);

/* ---- client_receipt.c -------------------------------------------------------------- */

struct receipts;

struct receipt {
    int64_t seq;
    char document[64];
    int64_t version;
    char file[256];
    uint8_t public[BOX_KEY], signer[SIGN_KEY];
    uint8_t digest[MESSAGE_DIGEST], signature[SIGNATURE];
};

/* Open for appending, reading what is there; path NULL gives one that keeps nothing. */
MUST_USE enum rc client_receipts_open(const char *path, struct receipts **out, struct err *err);
/* Append and fsync, once for each sequence number. */
MUST_USE enum rc client_receipts_add(struct receipts *receipts, const struct receipt *receipt, struct err *err);
void client_receipts_close(struct receipts *receipts);
/* Check a file of receipts: every signature, and with dir every file in it. Prints; gives the exit code. */
int client_receipts_verify(const char *path, const uint8_t signer[SIGN_KEY], const char *dir);

/* ---- client_show.c ------------------------------------------------------------------ */

/* Print a result file, or every one of a folder, for a person. Gives the exit code. */
int client_show(const char *path);

/* ---- client.c, client_pull.c -------------------------------------------------------- */

struct client_options {
    const char *conninfo, *role, *key, *signer, *to, *receipts, *reason, *dir;
    const char *handover, *home, *client;
    bool follow, no_ack, all;
};

enum { CLIENT_BAD_DATA = 65 }; /* sysexits: what came does not open or is not signed */

int client_pull(const struct client_options *o);
int client_ack(const struct client_options *o, int64_t upto);
int client_nack(const struct client_options *o, int64_t seq);

#endif
