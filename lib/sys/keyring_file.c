/*
 * keyring_file.c - the files of the key store: whole or not there.
 *
 * "ESK1" | type u8 | zero 3 | size u32 | body | BLAKE2b-256 of all before | "END\n".
 * The checksum finds a torn or rotten file; what stops a forger is the seal inside the body.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/ipc.h"
#include "keyring_internal.h"

#define RECORD_HEAD 12
#define RECORD_SUM 32

enum rc
record_write_raw(int dir, const char *name, struct bytes bytes, bool replace)
{
    char temporary[160];
    struct stat folder;
    enum rc rc = RC_IO;
    int fd = -1;

    if (snprintf(temporary, sizeof temporary, ".%s.tmp", name) >= (int)sizeof temporary)
        return RC_INPUT;
    if (!replace && faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return RC_EXISTS;
    if (fstat(dir, &folder) != 0)
        return RC_IO;
    if (unlinkat(dir, temporary, 0) != 0 && errno != ENOENT)
        return RC_IO;
    fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
    if (fd < 0)
        return errno == ENOSPC ? RC_FULL : RC_IO;
    /* A restore by root must leave files that keyd's own user can read. */
    if (folder.st_uid != geteuid() && fchown(fd, folder.st_uid, folder.st_gid) != 0)
        goto out;
    if (ipc_write_all(fd, bytes.data, bytes.size) != RC_OK || fsync(fd) != 0)
        goto out;
    if (close(fd) != 0) {
        fd = -1;
        goto out;
    }
    fd = -1;
    if (replace) {
        if (renameat(dir, temporary, dir, name) != 0)
            goto out;
    } else if (renameat2(dir, temporary, dir, name, RENAME_NOREPLACE) != 0) {
        rc = errno == EEXIST ? RC_EXISTS : RC_IO;
        goto out;
    }
    rc = fsync(dir) == 0 ? RC_OK : RC_IO;
out:
    if (fd >= 0)
        close(fd);
    if (rc != RC_OK)
        (void)unlinkat(dir, temporary, 0);
    return rc;
}

enum rc
record_read_raw(int dir, const char *name, size_t max, struct buffer *out)
{
    struct stat st;
    enum rc rc = RC_IO;
    uint8_t *room;
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0)
        return errno == ENOENT ? RC_NOT_FOUND : RC_IO;
    if (fstat(fd, &st) != 0)
        goto out;
    rc = RC_CONFIG;
    if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0 || st.st_size < 0 || (uintmax_t)st.st_size > max)
        goto out;
    rc = RC_NOMEM;
    if ((room = buffer_extend(out, (size_t)st.st_size)) == NULL)
        goto out;
    rc = ipc_read_all(fd, room, (size_t)st.st_size);
out:
    close(fd);
    return rc;
}

enum rc
record_write(int dir, const char *name, enum record_type type, struct bytes body, bool replace)
{
    uint8_t sum[RECORD_SUM];
    struct buffer b;
    enum rc rc = RC_NOMEM;

    buffer_init(&b, RECORD_BODY_MAX + 64);
    write_raw(&b, "ESK1", 4);
    write_u8(&b, (uint8_t)type);
    write_raw(&b, "\0\0\0", 3);
    write_bytes(&b, body);
    if (b.failed)
        goto out;
    crypto_generichash(sum, sizeof sum, b.data, b.size, NULL, 0);
    write_raw(&b, sum, sizeof sum);
    write_raw(&b, "END\n", 4);
    if (!b.failed)
        rc = record_write_raw(dir, name, buffer_bytes(&b), replace);
out:
    buffer_done(&b);
    return rc;
}

enum rc
record_read(int dir, const char *name, enum record_type type, uint8_t *body, size_t *size)
{
    uint8_t sum[RECORD_SUM];
    struct buffer b;
    struct reader r;
    struct bytes inner;
    const uint8_t *magic, *stored, *end;
    enum rc rc;

    buffer_init(&b, RECORD_BODY_MAX + 64);
    if ((rc = record_read_raw(dir, name, RECORD_BODY_MAX + 64, &b)) != RC_OK)
        goto out;
    rc = RC_CONFIG;
    r = reader_from(buffer_bytes(&b));
    magic = read_raw(&r, 4);
    if (read_u8(&r) != (uint8_t)type)
        reader_fail(&r);
    (void)read_raw(&r, 3);
    inner = read_bytes(&r, RECORD_BODY_MAX);
    stored = read_raw(&r, RECORD_SUM);
    end = read_raw(&r, 4);
    if (!reader_finished(&r) || memcmp(magic, "ESK1", 4) != 0 || memcmp(end, "END\n", 4) != 0)
        goto out;
    crypto_generichash(sum, sizeof sum, b.data, RECORD_HEAD + inner.size, NULL, 0);
    if (sodium_memcmp(sum, stored, sizeof sum) != 0)
        goto out;
    if (inner.size > 0)
        memcpy(body, inner.data, inner.size);
    *size = inner.size;
    rc = RC_OK;
out:
    buffer_done(&b);
    return rc;
}

enum rc
keyring_folder(const char *path, int *dir, int *wrapped, struct err *err)
{
    struct stat st;
    int d = -1, w = -1;

    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        err_set(err, RC_CONFIG, "the key store's folder cannot be made");
        err_where(err, "%s", path);
        return RC_CONFIG;
    }
    d = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (d < 0 || fstat(d, &st) != 0) {
        err_set(err, RC_DENIED, "the key store cannot be opened");
        err_where(err, "%s", path);
        err_cure(err, "run it as the owner of the key store");
        goto fail;
    }
    if ((st.st_mode & 077) != 0 || (st.st_uid != geteuid() && geteuid() != 0)) {
        err_set(err, RC_CONFIG, "the key store is open to others");
        err_where(err, "%s", path);
        err_cure(err, "chmod 0700 and chown to the user that runs escriba-keyd");
        goto fail;
    }
    if (mkdirat(d, "wrapped", 0700) == 0) {
        if (st.st_uid != geteuid() &&
            fchownat(d, "wrapped", st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) != 0)
            goto lost;
        if (fsync(d) != 0)
            goto lost;
    } else if (errno != EEXIST) {
        goto lost;
    }
    w = openat(d, "wrapped", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (w < 0 || fstat(w, &st) != 0)
        goto lost;
    if ((st.st_mode & 077) != 0) {
        err_set(err, RC_CONFIG, "the key store is open to others");
        err_where(err, "%s/wrapped", path);
        err_cure(err, "chmod 0700");
        goto fail;
    }
    *dir = d;
    *wrapped = w;
    return RC_OK;
lost:
    err_set(err, RC_IO, "the key store cannot be opened");
    err_where(err, "%s/wrapped", path);
fail:
    if (d >= 0)
        close(d);
    if (w >= 0)
        close(w);
    return err != NULL ? err->rc : RC_IO;
}

bool
keyring_is_name(const char *name)
{
    struct id id;
    char text[ID_TEXT];
    size_t n = strlen(name);

    if (strcmp(name, "epoch.key") == 0 || strcmp(name, "sign.key") == 0)
        return true;
    if (n != 7 + 36 + 4 || strncmp(name, "client-", 7) != 0 || strcmp(name + 7 + 36, ".key") != 0)
        return false;
    memcpy(text, name + 7, 36);
    text[36] = '\0';
    return id_parse(text, &id);
}
