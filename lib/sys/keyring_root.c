/*
 * keyring_root.c - where the root key comes from: a credential, a file, or a passphrase.
 *
 * Argon2id needs hundreds of mebibytes for a second; it runs in a child that exits, so that
 * keyd itself stays small.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/ipc.h"
#include "keyring_internal.h"

#define ROOT_NAME "root.key"
#define PASSPHRASE_NAME "root.pass"
#define CREDENTIAL_NAME "escriba-root"
#define PASSPHRASE_MAX 1024
#define PASSPHRASE_MIN 12
#define ARGON_MEMORY_MAX (2ull << 30)

/* A root key from outside: 32 raw bytes, or 64 hexadecimal digits and perhaps a newline. */
static enum rc
root_from_credential(const char *folder, uint8_t root[KEY_SIZE], struct err *err)
{
    char text[128];
    size_t bin = 0;
    ssize_t n;
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = dir < 0 ? -1 : openat(dir, CREDENTIAL_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    enum rc rc = RC_OK;

    if (dir >= 0)
        close(dir);
    if (fd < 0)
        return RC_NOT_FOUND;
    n = read(fd, text, sizeof text);
    close(fd);
    if (n == KEY_SIZE) {
        memcpy(root, text, KEY_SIZE);
    } else if (n < 64 || sodium_hex2bin(root, KEY_SIZE, text, 64, NULL, &bin, NULL) != 0 || bin != KEY_SIZE) {
        rc = err_set(err, RC_CONFIG, "the root credential is not a key");
        err_where(err, "credential " CREDENTIAL_NAME);
        err_cure(err, "give 32 raw bytes or 64 hexadecimal digits");
    }
    sodium_memzero(text, sizeof text);
    return rc;
}

/* The first line of fd into locked memory. */
static enum rc
passphrase_read(int fd, char *out, size_t *size)
{
    size_t n = 0;

    while (n < PASSPHRASE_MAX) {
        ssize_t got = read(fd, out + n, 1);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return RC_IO;
        if (got == 0 || out[n] == '\n')
            break;
        n++;
    }
    *size = n;
    return n < PASSPHRASE_MIN ? RC_INPUT : RC_OK;
}

/* The passphrase's key, worked out in a child whose memory is gone when it answers. */
static enum rc
passphrase_key(const char *passphrase, size_t size, const uint8_t *salt, uint64_t ops, uint64_t memory,
               uint8_t key[KEY_SIZE])
{
    enum rc rc = RC_IO;
    int pipe_fd[2], status = 0;
    pid_t pid;

    if (pipe2(pipe_fd, O_CLOEXEC) != 0)
        return RC_IO;
    if ((pid = fork()) < 0) {
        close(pipe_fd[0]);
        close(pipe_fd[1]);
        return RC_NOMEM;
    }
    if (pid == 0) {
        uint8_t made[KEY_SIZE];

        if (crypto_pwhash(made, sizeof made, passphrase, size, salt, ops, (size_t)memory,
                          crypto_pwhash_ALG_ARGON2ID13) != 0)
            _exit(1);
        _exit(ipc_write_all(pipe_fd[1], made, sizeof made) == RC_OK ? 0 : 1);
    }
    close(pipe_fd[1]);
    rc = ipc_read_all(pipe_fd[0], key, KEY_SIZE);
    close(pipe_fd[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return rc == RC_OK && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? RC_OK : RC_NOMEM;
}

static enum rc
root_from_passphrase(int dir, int fd, uint8_t root[KEY_SIZE], struct err *err)
{
    uint8_t body[RECORD_BODY_MAX];
    struct passphrase_room {
        char text[PASSPHRASE_MAX];
        uint8_t key[KEY_SIZE];
    } *room = NULL;
    size_t size = 0, length = 0;
    struct reader r;
    const uint8_t *salt, *sealed;
    uint64_t ops, memory;
    enum rc rc;

    if ((rc = record_read(dir, PASSPHRASE_NAME, RECORD_PASSPHRASE, body, &size)) != RC_OK)
        return rc;
    r = reader_from(bytes_of(body, size));
    salt = read_raw(&r, crypto_pwhash_SALTBYTES);
    ops = read_u64(&r);
    memory = read_u64(&r);
    sealed = read_raw(&r, KEY_SIZE + SECRET_BOX_OVERHEAD);
    if (!reader_finished(&r) || ops > 100 || memory > ARGON_MEMORY_MAX)
        return err_set(err, RC_CONFIG, "the passphrase record is damaged");
    if (fd < 0) {
        err_set(err, RC_CONFIG, "the key store needs its passphrase");
        err_cure(err, "start escribad with --passphrase-fd, or give the credential escriba-root");
        return RC_CONFIG;
    }
    if ((room = secret_alloc(sizeof *room)) == NULL)
        return RC_NOMEM;
    rc = RC_SEAL;
    if (passphrase_read(fd, room->text, &length) == RC_OK)
        rc = passphrase_key(room->text, length, salt, ops, memory, room->key);
    if (rc == RC_OK)
        rc = secret_box_open(room->key, "escriba root 1", bytes_of(salt, crypto_pwhash_SALTBYTES),
                             bytes_of(sealed, KEY_SIZE + SECRET_BOX_OVERHEAD), root);
    if (rc == RC_SEAL) {
        err_set(err, RC_SEAL, "this is not the key store's passphrase");
        err_where(err, "keys/" PASSPHRASE_NAME);
        err_cure(err, "try again; a lost passphrase needs escriba-keyd --restore BACKUP");
    }
    secret_free(room);
    return rc;
}

enum rc
root_find(int dir, const struct root_source *source, bool fresh, uint8_t root[KEY_SIZE], struct err *err)
{
    uint8_t body[RECORD_BODY_MAX];
    size_t size = 0;
    enum rc rc = RC_NOT_FOUND;

    if (source != NULL && source->credentials != NULL)
        rc = root_from_credential(source->credentials, root, err);
    if (rc != RC_NOT_FOUND)
        return rc;
    rc = record_read(dir, ROOT_NAME, RECORD_ROOT, body, &size);
    if (rc == RC_OK && size == KEY_SIZE) {
        memcpy(root, body, KEY_SIZE);
        sodium_memzero(body, sizeof body);
        return RC_OK;
    }
    sodium_memzero(body, sizeof body);
    if (rc != RC_NOT_FOUND) {
        err_set(err, RC_CONFIG, "the root key cannot be read");
        err_where(err, "keys/" ROOT_NAME);
        err_cure(err, "its mode must be 0400; if it is damaged: escriba-keyd --restore BACKUP");
        return RC_CONFIG;
    }
    rc = root_from_passphrase(dir, source != NULL ? source->passphrase_fd : -1, root, err);
    if (rc != RC_NOT_FOUND)
        return rc;
    if (!fresh) {
        /* Making a new one here would start an installation that can read nothing of the old. */
        err_set(err, RC_NOT_FOUND, "the root key of this key store is lost");
        err_where(err, "keys/" ROOT_NAME);
        err_cure(err, "escriba-keyd --restore BACKUP; without a backup the documents cannot be read again");
        return RC_NOT_FOUND;
    }
    randombytes_buf(root, KEY_SIZE);
    if ((rc = record_write(dir, ROOT_NAME, RECORD_ROOT, bytes_of(root, KEY_SIZE), false)) != RC_OK)
        return err_set(err, rc, "the root key cannot be written");
    return RC_OK;
}

enum rc
keyring_set_passphrase(struct keyring *ring, int fd, struct err *err)
{
    struct passphrase_room {
        char text[PASSPHRASE_MAX];
        uint8_t key[KEY_SIZE];
    } *room = secret_alloc(sizeof *room);
    uint8_t salt[crypto_pwhash_SALTBYTES], sealed[KEY_SIZE + SECRET_BOX_OVERHEAD];
    struct buffer b;
    size_t length = 0;
    enum rc rc;

    if (room == NULL)
        return RC_NOMEM;
    buffer_init(&b, 512);
    if ((rc = passphrase_read(fd, room->text, &length)) != RC_OK) {
        err_set(err, RC_INPUT, "the passphrase is too short");
        err_cure(err, "at least %d characters", PASSPHRASE_MIN);
        goto out;
    }
    randombytes_buf(salt, sizeof salt);
    rc = passphrase_key(room->text, length, salt, crypto_pwhash_OPSLIMIT_MODERATE,
                        crypto_pwhash_MEMLIMIT_MODERATE, room->key);
    if (rc != RC_OK) {
        err_set(err, rc, "the passphrase's key cannot be worked out");
        err_cure(err, "it needs %d MiB for a moment", (int)(crypto_pwhash_MEMLIMIT_MODERATE >> 20));
        goto out;
    }
    secret_box_seal(room->key, "escriba root 1", bytes_of(salt, sizeof salt),
                    bytes_of(ring->secrets->root, KEY_SIZE), sealed);
    write_raw(&b, salt, sizeof salt);
    write_u64(&b, crypto_pwhash_OPSLIMIT_MODERATE);
    write_u64(&b, crypto_pwhash_MEMLIMIT_MODERATE);
    write_raw(&b, sealed, sizeof sealed);
    rc = b.failed ? RC_NOMEM
                  : record_write(ring->dir, PASSPHRASE_NAME, RECORD_PASSPHRASE, buffer_bytes(&b), true);
    /* Only now may the bare root key go. */
    if (rc == RC_OK && unlinkat(ring->dir, ROOT_NAME, 0) != 0 && errno != ENOENT)
        rc = err_set(err, RC_IO, "the bare root key cannot be removed");
    if (rc == RC_OK && fsync(ring->dir) != 0)
        rc = RC_IO;
out:
    buffer_done(&b);
    secret_free(room);
    return rc;
}
