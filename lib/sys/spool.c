/*
 * spool.c - take files out of a folder that strangers write to.
 *
 * openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, so that no name leads elsewhere however
 * fast it is changed; O_NONBLOCK, so that a FIFO cannot hold us; fstat after the open, so that
 * what was looked at is what was opened.
 */
#include "sys/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"

#define OURS ".escriba-taken-"

static const char *const why_names[SPOOL_WHYS] = {
    [SPOOL_FINE] = "fine",
    [SPOOL_LINK] = "link",
    [SPOOL_FIFO] = "fifo",
    [SPOOL_DEVICE] = "device",
    [SPOOL_SOCKET] = "socket",
    [SPOOL_FOLDER_TOO_DEEP] = "folder-too-deep",
    [SPOOL_UNREADABLE] = "unreadable",
    [SPOOL_ODD_FOLDER_NAME] = "odd-folder-name",
    [SPOOL_UNKNOWN_FOLDER] = "unknown-folder",
    [SPOOL_TOO_LARGE] = "too-large",
    [SPOOL_PAUSED] = "client-paused",
    [SPOOL_NOT_REMOVABLE] = "not-removable",
};

const char *
spool_why_name(enum spool_why why)
{
    return (unsigned)why < SPOOL_WHYS ? why_names[why] : "unknown";
}

enum spool_name
spool_name_kind(const char *name)
{
    static const char *const partial[] = { ".part", ".tmp", ".filepart", ".crdownload" };

    if (strcmp(name, ".done") == 0)
        return SPOOL_NAME_CLOSE;
    if (text_starts(name, OURS))
        return SPOOL_NAME_OURS;
    if (name[0] == '.')
        return SPOOL_NAME_HIDDEN;
    if (text_ends(name, ".done"))
        return SPOOL_NAME_DONE;
    if (text_ends(name, ".refused"))
        return SPOOL_NAME_REFUSED;
    for (size_t i = 0; i < COUNT_OF(partial); i++)
        if (text_ends(name, partial[i]))
            return SPOOL_NAME_PARTIAL;
    return SPOOL_NAME_FILE;
}

static int
open_beneath(int at, const char *name, int flags)
{
    struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW),
                            .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };

    return (int)syscall(SYS_openat2, at, name, &how, sizeof how);
}

enum rc
spool_folder(int at, const char *name, int *out)
{
    int fd = open_beneath(at, name, O_RDONLY | O_DIRECTORY);

    if (fd >= 0) {
        *out = fd;
        return RC_OK;
    }
    if (errno == ENOENT)
        return RC_NOT_FOUND;
    return errno == ELOOP || errno == ENOTDIR || errno == EACCES || errno == EXDEV ? RC_DENIED : RC_IO;
}

static enum spool_why
why_not_plain(mode_t mode)
{
    if (S_ISREG(mode))
        return SPOOL_FINE;
    if (S_ISLNK(mode))
        return SPOOL_LINK;
    if (S_ISFIFO(mode))
        return SPOOL_FIFO;
    if (S_ISSOCK(mode))
        return SPOOL_SOCKET;
    if (S_ISDIR(mode))
        return SPOOL_FOLDER_TOO_DEEP;
    return SPOOL_DEVICE;
}

static int64_t
nanoseconds(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

enum rc
spool_open(int at, const char *name, struct spool_file *out, enum spool_why *why)
{
    struct stat st;
    int fd;

    /* Look first: opening a device or a tape can do something. */
    if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? RC_NOT_FOUND : RC_IO;
    if ((*why = why_not_plain(st.st_mode)) != SPOOL_FINE)
        return RC_DENIED;
    if ((fd = open_beneath(at, name, O_RDONLY | O_NONBLOCK | O_NOCTTY)) < 0) {
        if (errno == ENOENT)
            return RC_NOT_FOUND;
        *why = errno == ELOOP ? SPOOL_LINK : SPOOL_UNREADABLE;
        return errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EIO ? RC_IO : RC_DENIED;
    }
    if (fstat(fd, &st) != 0 || (*why = why_not_plain(st.st_mode)) != SPOOL_FINE) {
        close(fd);
        return RC_DENIED;
    }
    *out = (struct spool_file){ .fd = fd, .device = st.st_dev, .inode = st.st_ino, .size = (uint64_t)st.st_size,
                                .links = st.st_nlink, .modified_ns = nanoseconds(st.st_mtim),
                                .changed_ns = nanoseconds(st.st_ctim) };
    return RC_OK;
}

void
spool_close(struct spool_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

static bool
same(const struct spool_file *file, const struct stat *st)
{
    return st->st_dev == file->device && st->st_ino == file->inode && (uint64_t)st->st_size == file->size &&
           nanoseconds(st->st_mtim) == file->modified_ns;
}

bool
spool_unchanged(const struct spool_file *file)
{
    struct stat st;

    return fstat(file->fd, &st) == 0 && same(file, &st) && nanoseconds(st.st_ctim) == file->changed_ns;
}

enum spool_writer
spool_writer(const struct spool_file *file)
{
    /* A read lease is refused while somebody has the file open for writing. */
    if (fcntl(file->fd, F_SETLEASE, F_RDLCK) == 0) {
        (void)fcntl(file->fd, F_SETLEASE, F_UNLCK);
        return SPOOL_NO_WRITER;
    }
    return errno == EAGAIN ? SPOOL_WRITER : SPOOL_WRITER_UNKNOWN;
}

/* Zeros over what was there.  On copy-on-write file systems and flash this promises little. */
static void
overwrite(int at, const char *name, const struct spool_file *file)
{
    static const uint8_t zeros[65536];
    struct stat st;
    int fd = open_beneath(at, name, O_WRONLY | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && st.st_dev == file->device && st.st_ino == file->inode && st.st_nlink == 1) {
        for (uint64_t left = (uint64_t)st.st_size; left > 0;) {
            ssize_t n = write(fd, zeros, left < sizeof zeros ? (size_t)left : sizeof zeros);

            if (n <= 0)
                break;
            left -= (uint64_t)n;
        }
        (void)fdatasync(fd);
    }
    close(fd);
}

enum rc
spool_remove(int at, const char *name, const struct spool_file *file)
{
    char ours[64];
    struct stat st;

    if (!spool_unchanged(file) || fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !same(file, &st))
        return RC_EXISTS;
    snprintf(ours, sizeof ours, OURS "%llx-%llx", (unsigned long long)file->device,
             (unsigned long long)file->inode);
    /*
     * Out of sight first: a crash in the middle of overwriting must not leave a file of zeros
     * under the name that a client gave.
     */
    if (renameat2(at, name, at, ours, RENAME_NOREPLACE) != 0)
        return errno == ENOENT ? RC_EXISTS : RC_IO;
    if (fstatat(at, ours, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return RC_IO;
    if (!same(file, &st)) {
        /* Somebody put another file there between the look and the rename: give it back. */
        return renameat2(at, ours, at, name, RENAME_NOREPLACE) == 0 ? RC_EXISTS : RC_IO;
    }
    overwrite(at, ours, file);
    if (unlinkat(at, ours, 0) != 0)
        return RC_IO;
    return fsync(at) == 0 ? RC_OK : RC_IO;
}

enum rc
spool_put_aside(int at, const char *name)
{
    char aside[256];
    size_t size = strlen(name);

    /* A name that is too long loses its end. */
    if (size > 255 - 8)
        size = 255 - 8;
    memcpy(aside, name, size);
    memcpy(aside + size, ".refused", 9);
    if (renameat2(at, name, at, aside, RENAME_NOREPLACE) != 0)
        return errno == EEXIST ? RC_EXISTS : RC_IO;
    return fsync(at) == 0 ? RC_OK : RC_IO;
}

void
spool_sweep(int at, const char *name)
{
    struct spool_file file;
    enum spool_why why;

    if (spool_name_kind(name) != SPOOL_NAME_OURS)
        return;
    if (spool_open(at, name, &file, &why) == RC_OK) {
        overwrite(at, name, &file);
        spool_close(&file);
    }
    (void)unlinkat(at, name, 0);
}
