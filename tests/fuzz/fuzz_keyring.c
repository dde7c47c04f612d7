/* fuzz_keyring.c - a key store's backup and its records, as somebody may have left them on a disk. */
#include "fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/keyring.h"

static char dir[] = "/tmp/escriba-fuzz-XXXXXX";
static char path[64], keys[64], wrapped[80], record[128];
static char code[RECOVERY_CODE_TEXT]; /* of a real backup, so that the reader goes on to the bytes */

int LLVMFuzzerInitialize(int *argc, char ***argv);

static int
remove_one(const char *name, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(name);
}

static void
leave(void)
{
    (void)nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct root_source none = { NULL, -1 };
    char real[64], real_backup[64];
    struct keyring *ring = NULL;

    (void)argc;
    (void)argv;
    if (secret_start(NULL) != RC_OK || mkdtemp(dir) == NULL)
        exit(1);
    atexit(leave);
    snprintf(real, sizeof real, "%s/real", dir);
    snprintf(real_backup, sizeof real_backup, "%s/real.backup", dir);
    HOLDS(keyring_open(real, &none, &ring, NULL) == RC_OK && keyring_backup(ring, real_backup, code, NULL) == RC_OK);
    keyring_close(ring);
    snprintf(path, sizeof path, "%s/backup", dir);
    snprintf(keys, sizeof keys, "%s/keys", dir);
    snprintf(wrapped, sizeof wrapped, "%s/keys/wrapped", dir);
    snprintf(record, sizeof record, "%s/keys/wrapped/epoch.key", dir);
    (void)mkdir(keys, 0700);
    (void)mkdir(wrapped, 0700);
    return 0;
}

static void
put(const char *name, const uint8_t *data, size_t size)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd >= 0) {
        (void)!write(fd, data, size);
        close(fd);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct root_source none = { NULL, -1 };
    struct keyring *ring = NULL;

    put(path, data, size);
    HOLDS(keyring_restore(keys, path, code, NULL) != RC_OK);
    put(record, data, size);
    HOLDS(keyring_open(keys, &none, &ring, NULL) != RC_OK);
    return 0;
}
