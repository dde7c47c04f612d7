/*
 * keyring_internal.h - what the files keyring*.c share.
 */
#ifndef SYS_KEYRING_INTERNAL_H
#define SYS_KEYRING_INTERNAL_H

#include "base/bytes.h"
#include "secret_internal.h"
#include "sys/keyring.h"

#define RECORD_BODY_MAX 4096

enum record_type { RECORD_ROOT = 1, RECORD_PASSPHRASE = 2, RECORD_EPOCH = 3, RECORD_SIGN = 4, RECORD_CLIENT = 5 };

/* In locked memory as a whole. */
struct keyring_secrets {
    uint8_t root[KEY_SIZE];
    uint8_t epoch[KEY_SIZE];
    uint8_t sign_secret[64];
};

struct keyring {
    int dir;     /* DIR         */
    int wrapped; /* DIR/wrapped */
    uint32_t epoch;
    uint8_t installation[ID_SIZE];
    uint8_t sign_public[SIGN_KEY_SIZE];
    struct keyring_secrets *secrets;
    struct client_slot *slots; /* locked; a small cache of opened clients */
    uint64_t ticks;
};

/* One whole file: RC_EXISTS when it is there and may not be replaced. Made with the folder's owner. */
MUST_USE enum rc record_write(int dir, const char *name, enum record_type type, struct bytes body, bool replace);
/* RC_NOT_FOUND, RC_CONFIG (rights, END or checksum), RC_IO. body has room for RECORD_BODY_MAX. */
MUST_USE enum rc record_read(int dir, const char *name, enum record_type type, uint8_t *body, size_t *size);
/* Any bytes to a file in the same careful way. */
MUST_USE enum rc record_write_raw(int dir, const char *name, struct bytes bytes, bool replace);
MUST_USE enum rc record_read_raw(int dir, const char *name, size_t max, struct buffer *out);
/* Open DIR (made when absent, 0700) and DIR/wrapped; refuses a folder that others can enter. */
MUST_USE enum rc keyring_folder(const char *path, int *dir, int *wrapped, struct err *err);

/* Find or make the root key. fresh: there is no store yet, so one may be made. */
MUST_USE enum rc root_find(int dir, const struct root_source *source, bool fresh, uint8_t root[KEY_SIZE],
                           struct err *err);

/* Does the epoch key there open with this root key? */
bool keyring_epoch_fits(int wrapped, const uint8_t root[KEY_SIZE]);

/* Is this a name that belongs in wrapped/? */
bool keyring_is_name(const char *name);

#endif
