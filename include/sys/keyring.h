/*
 * keyring.h - the key store: root key, epoch key, each client's keys.  Used by keyd alone.
 *
 *   DIR/root.key                the root key (0400); or DIR/root.pass: the same under a passphrase
 *   DIR/wrapped/epoch.key       the epoch key under the root key
 *   DIR/wrapped/sign.key        our Ed25519 seed under the epoch key
 *   DIR/wrapped/client-ID.key   one client's keys and delivery public key under the epoch key
 *
 * It lies outside PostgreSQL and its backups, so that destroying a key destroys what it
 * opened.  A file is written whole (temporary name, fsync, rename, fsync of the folder) and
 * ends with a checksum and END.  Everything in wrapped/ is noise without the root key.
 * The delivery public key lies inside the client's sealed record: who owns the database
 * or the disk cannot put another in its place.
 */
#ifndef SYS_KEYRING_H
#define SYS_KEYRING_H

#include "base/bytes.h"
#include "sys/keyclient.h"

struct keyring;

/* Where the root key comes from, besides DIR/root.key. */
struct root_source {
    const char *credentials;  /* $CREDENTIALS_DIRECTORY or NULL: the file escriba-root in it */
    int passphrase_fd;        /* one line; -1: none                                          */
};

/*
 * Open the store; an empty or absent DIR becomes a new one.  RC_NOT_FOUND: there is a store but
 * its root key is lost.  RC_SEAL: a root key or passphrase that is not this store's.  RC_CONFIG:
 * rights of the files, or a file cut short.  Nothing is made when a store is there.
 */
MUST_USE enum rc keyring_open(const char *dir, const struct root_source *source, struct keyring **out,
                              struct err *err);
void keyring_close(struct keyring *ring);

/* RC_EXISTS when the client is there with another delivery key; RC_OK when with the same. */
MUST_USE enum rc keyring_add_client(struct keyring *ring, const struct id *client,
                                    const uint8_t box_key[BOX_KEY_SIZE]);
/* RC_NOT_FOUND for a client that is not in the store, in all of these. raw is for the caller to wipe. */
MUST_USE enum rc keyring_new_key(struct keyring *ring, const struct id *client, const struct id *object,
                                 uint8_t raw[KEY_SIZE], uint8_t wrapped[WRAPPED_KEY_MAX], size_t *wrapped_size);
/* RC_SEAL when it was wrapped for another client or object, or was changed. */
MUST_USE enum rc keyring_open_key(struct keyring *ring, const struct id *client, const struct id *object,
                                  struct bytes wrapped, uint8_t raw[KEY_SIZE]);
MUST_USE enum rc keyring_index(struct keyring *ring, const struct id *client, uint8_t raw[KEY_SIZE]);
/* The key of what is known of the client itself: its parties.  Made from its keys, kept nowhere. */
MUST_USE enum rc keyring_own_key(struct keyring *ring, const struct id *client, uint8_t raw[KEY_SIZE]);
MUST_USE enum rc keyring_box_key(struct keyring *ring, const struct id *client, uint8_t out[BOX_KEY_SIZE]);
MUST_USE enum rc keyring_sign(struct keyring *ring, const struct id *client, const uint8_t digest[64],
                              uint8_t signature[SIGNATURE_SIZE]);
void keyring_sign_key(const struct keyring *ring, uint8_t out[SIGN_KEY_SIZE]);

/* Put the root key under a passphrase (first line of fd) and remove DIR/root.key. */
MUST_USE enum rc keyring_set_passphrase(struct keyring *ring, int fd, struct err *err);

#define RECOVERY_CODE_TEXT 40 /* 8 groups of 4 and a NUL */

/*
 * Write the whole store to one file, readable only with the recovery code, which is made
 * here and given back once.  The file begins with instructions for a person.
 */
MUST_USE enum rc keyring_backup(struct keyring *ring, const char *path, char code[RECOVERY_CODE_TEXT],
                                struct err *err);
/* Put the store of a backup into DIR. RC_EXISTS when one is there; RC_SEAL for a wrong code. */
MUST_USE enum rc keyring_restore(const char *dir, const char *path, const char *code, struct err *err);

/* How many clients are in the store, and how many of them were not there at the last backup. */
MUST_USE enum rc keyring_count(struct keyring *ring, unsigned *clients, unsigned *not_backed_up);

#endif
