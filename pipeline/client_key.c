/*
 * client_key.c - the client's key pair and the files it lies in.
 */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/text.h"

/* Write a new file and make it durable: a key that a power cut takes is a key lost. */
static enum rc
write_new(const char *path, mode_t mode, const void *bytes, size_t size, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    const char *at = bytes;
    enum rc rc = RC_OK;

    if (fd < 0) {
        rc = errno == EEXIST ? RC_EXISTS : errno == EACCES ? RC_DENIED : RC_IO;
        if (rc == RC_EXISTS)
            err_set(err, rc, "there is a file already, and a key is never overwritten");
        else
            err_set(err, rc, "cannot make the file: %s", strerror(errno));
        err_where(err, "%s", path);
        err_cure(err, "choose another name");
        return rc;
    }
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, at + done, size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            rc = err_set(err, RC_IO, "cannot write: %s", strerror(errno));
            err_where(err, "%s", path);
            break;
        }
        done += (size_t)n;
    }
    if (rc == RC_OK && fsync(fd) != 0)
        rc = err_set(err, RC_IO, "cannot make the file durable: %s", strerror(errno));
    close(fd);
    if (rc != RC_OK)
        unlink(path);
    return rc;
}

enum rc
client_key_make(const char *path, uint8_t public[BOX_KEY], struct err *err)
{
    uint8_t *secret = sodium_malloc(BOX_KEY);
    char hex[BOX_KEY * 2 + 2], beside[4096];
    enum rc rc = RC_NOMEM;

    if (secret == NULL)
        return err_set(err, RC_NOMEM, "no memory");
    if ((size_t)snprintf(beside, sizeof beside, "%s.pub", path) >= sizeof beside) {
        rc = err_set(err, RC_INPUT, "the name is too long");
        goto out;
    }
    crypto_box_keypair(public, secret);
    text_hex(public, BOX_KEY, hex);
    hex[BOX_KEY * 2] = '\n';
    if ((rc = write_new(path, 0600, secret, BOX_KEY, err)) != RC_OK)
        goto out;
    if ((rc = write_new(beside, 0644, hex, BOX_KEY * 2 + 1, err)) != RC_OK)
        unlink(path); /* ours, made a moment ago */
out:
    sodium_free(secret);
    return rc;
}

enum rc
client_key_open(const char *path, struct client_key *out, struct err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum rc rc = RC_IO;
    ssize_t n;

    out->secret = NULL;
    if (fd < 0) {
        rc = errno == ENOENT ? RC_NOT_FOUND : errno == EACCES ? RC_DENIED : RC_IO;
        err_set(err, rc, "cannot open the key: %s", strerror(errno));
        err_where(err, "%s", path);
        err_cure(err, "escriba-client keygen FILE makes one; --key names it");
        return rc;
    }
    if (fstat(fd, &st) != 0 || (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        rc = err_set(err, RC_DENIED, "others may read the key (mode %04o)", (unsigned)st.st_mode & 07777);
        err_cure(err, "chmod 600 %s", path);
        goto out;
    }
    if ((out->secret = sodium_malloc(BOX_KEY + 1)) == NULL) {
        rc = err_set(err, RC_NOMEM, "no memory");
        goto out;
    }
    /* One byte more than a key has, so that a longer file is noticed. */
    if ((n = read(fd, out->secret, BOX_KEY + 1)) != BOX_KEY) {
        rc = err_set(err, RC_INPUT, "this is not a client's secret key, which is 32 bytes");
        err_cure(err, "name the file that `escriba-client keygen` made, without .pub");
        goto out;
    }
    crypto_scalarmult_base(out->public, out->secret);
    rc = RC_OK;
out:
    close(fd);
    if (rc != RC_OK) {
        err_where(err, "%s", path);
        client_key_close(out);
    }
    return rc;
}

void
client_key_close(struct client_key *key)
{
    sodium_free(key->secret);
    key->secret = NULL;
}

enum rc
client_public_read(const char *path, uint8_t out[32], struct err *err)
{
    FILE *file = fopen(path, "re");
    char line[128] = "";
    enum rc rc = RC_OK;

    if (file == NULL) {
        rc = err_set(err, errno == ENOENT ? RC_NOT_FOUND : RC_IO, "cannot open the public key: %s", strerror(errno));
        err_where(err, "%s", path);
        return rc;
    }
    if (fgets(line, sizeof line, file) == NULL)
        line[0] = '\0';
    line[strcspn(line, " \t\r\n")] = '\0';
    if (strlen(line) != 64 || !text_unhex(line, out, 32)) {
        rc = err_set(err, RC_INPUT, "this is not a public key of ours, which is 64 hexadecimal digits");
        err_where(err, "%s", path);
        err_cure(err, "a client's is FILE.pub of keygen; an installation's is signer.pub of its hand-over folder");
    }
    fclose(file);
    return rc;
}

void
client_fingerprint(const uint8_t public[32], char out[FINGERPRINT_ROOM])
{
    uint8_t hash[16];
    char *at = out;

    crypto_generichash(hash, sizeof hash, public, 32, NULL, 0);
    for (size_t i = 0; i < sizeof hash; i += 2, at += 5)
        snprintf(at, 6, "%02X%02X%s", hash[i], hash[i + 1], i + 2 < sizeof hash ? "-" : "");
}
