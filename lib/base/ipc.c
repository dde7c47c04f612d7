/* ipc.c - framed messages between our processes, with file descriptors. */
#include "base/ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

#define MAGIC 0x31435345u /* "ESC1" */
#define HEADER 12

enum rc
ipc_write_all(int fd, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    while (size > 0) {
        ssize_t n = write(fd, at, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return errno == ENOSPC ? RC_FULL : RC_IO;
        at += n;
        size -= (size_t)n;
    }
    return RC_OK;
}

enum rc
ipc_read_all(int fd, void *bytes, size_t size)
{
    uint8_t *at = bytes;

    while (size > 0) {
        ssize_t n = read(fd, at, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return RC_IO;
        at += n;
        size -= (size_t)n;
    }
    return RC_OK;
}

static void
put_header(uint8_t out[HEADER], uint16_t type, int fds, size_t size)
{
    const uint32_t words[] = { MAGIC, (uint32_t)type | (uint32_t)fds << 16, (uint32_t)size };

    for (int i = 0; i < HEADER; i++)
        out[i] = (uint8_t)(words[i / 4] >> (8 * (i % 4)));
}

enum rc
ipc_send(int sock, uint16_t type, struct bytes body, const int *fds, int count)
{
    union {
        struct cmsghdr align;
        uint8_t space[CMSG_SPACE(sizeof(int) * IPC_FDS_MAX)];
    } control;
    uint8_t header[HEADER];
    struct iovec iov = { header, HEADER };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    const uint8_t *at = body.data;
    size_t left = body.size;
    ssize_t n;

    if (count < 0 || count > IPC_FDS_MAX || body.size > UINT32_MAX)
        return RC_BUG;
    put_header(header, type, count, body.size);
    memset(&control, 0, sizeof control);
    if (count > 0) {
        struct cmsghdr *c;

        msg.msg_control = control.space;
        msg.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count);
        c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
        memcpy(CMSG_DATA(c), fds, sizeof(int) * (size_t)count);
    }
    do {
        n = sendmsg(sock, &msg, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n != HEADER)
        return RC_IO;
    while (left > 0) {
        n = send(sock, at, left, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return RC_IO;
        at += n;
        left -= (size_t)n;
    }
    return RC_OK;
}

enum rc
ipc_send_pipe(int fd, uint16_t type, struct bytes body)
{
    uint8_t header[HEADER];
    enum rc rc;

    if (body.size > UINT32_MAX)
        return RC_BUG;
    put_header(header, type, 0, body.size);
    if ((rc = ipc_write_all(fd, header, HEADER)) != RC_OK)
        return rc;
    return ipc_write_all(fd, body.data, body.size);
}

static enum rc
wait_readable(int fd, int64_t until)
{
    for (;;) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        int64_t left = until < 0 ? -1 : until - clock_ms();
        int n;

        if (until >= 0 && left < 0)
            left = 0;
        n = poll(&p, 1, (int)left);
        if (n > 0)
            return RC_OK;
        if (n == 0)
            return RC_TIMEOUT;
        if (errno != EINTR)
            return RC_IO;
    }
}

/* Descriptors that a peer sends beyond what the header announces are closed at once. */
static void
take_fds(struct msghdr *msg, struct frame *out)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
        size_t count;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (out->fds < IPC_FDS_MAX)
                out->fd[out->fds++] = fd;
            else
                close(fd);
        }
    }
}

/* Some of the bytes asked for; descriptors are taken along when fd is a socket. */
static ssize_t
receive(int fd, void *to, size_t size, struct frame *out)
{
    union {
        struct cmsghdr align;
        uint8_t space[CMSG_SPACE(sizeof(int) * IPC_FDS_MAX)];
    } control;
    struct iovec iov = { to, size };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space,
                          .msg_controllen = sizeof control.space };
    ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);

    if (n < 0 && errno == ENOTSOCK)
        return read(fd, to, size);
    if (n > 0)
        take_fds(&msg, out);
    return n;
}

static enum rc
receive_all(int fd, uint8_t *to, size_t size, int64_t until, struct frame *out)
{
    while (size > 0) {
        enum rc rc = wait_readable(fd, until);
        ssize_t n;

        if (rc != RC_OK)
            return rc;
        n = receive(fd, to, size, out);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0)
            return RC_IO;
        to += n;
        size -= (size_t)n;
    }
    return RC_OK;
}

enum rc
ipc_recv(int fd, size_t max, int timeout_ms, struct buffer *buffer, struct frame *out)
{
    int64_t until = timeout_ms < 0 ? -1 : clock_ms() + timeout_ms;
    uint8_t header[HEADER];
    uint32_t words[3] = { 0, 0, 0 };
    uint8_t *body;
    enum rc rc;

    memset(out, 0, sizeof *out);
    for (int i = 0; i < IPC_FDS_MAX; i++)
        out->fd[i] = -1;
    buffer->size = 0;
    buffer->failed = false;
    if ((rc = receive_all(fd, header, HEADER, until, out)) != RC_OK)
        goto out;
    for (int i = 0; i < HEADER; i++)
        words[i / 4] |= (uint32_t)header[i] << (8 * (i % 4));
    rc = RC_INPUT;
    if (words[0] != MAGIC || (int)(words[1] >> 16) != out->fds)
        goto out;
    rc = RC_LIMIT;
    if (words[2] > max)
        goto out;
    rc = RC_NOMEM;
    if ((body = buffer_extend(buffer, words[2])) == NULL)
        goto out;
    if ((rc = receive_all(fd, body, words[2], until, out)) != RC_OK)
        goto out;
    out->type = (uint16_t)words[1];
    out->body = buffer_bytes(buffer);
    rc = RC_OK;
out:
    for (int i = 0; rc != RC_OK && i < out->fds; i++) {
        close(out->fd[i]);
        out->fd[i] = -1;
    }
    return rc;
}

static enum rc
address_of(const char *path, struct sockaddr_un *address)
{
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path)
        return RC_LIMIT;
    memcpy(address->sun_path, path, strlen(path));
    return RC_OK;
}

enum rc
ipc_listen(const char *path, unsigned mode, int *out)
{
    struct sockaddr_un address;
    enum rc rc = address_of(path, &address);
    struct stat st;
    int fd;

    if (rc != RC_OK)
        return rc;
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
        (void)unlink(path);
    if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
        return RC_IO;
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || chmod(path, mode) != 0 ||
        listen(fd, 64) != 0) {
        close(fd);
        return errno == EACCES ? RC_DENIED : RC_IO;
    }
    *out = fd;
    return RC_OK;
}

enum rc
ipc_connect(const char *path, int *out)
{
    struct sockaddr_un address;
    enum rc rc = address_of(path, &address);
    int fd;

    if (rc != RC_OK)
        return rc;
    if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
        return RC_IO;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        rc = errno == EACCES ? RC_DENIED : errno == ENOENT || errno == ECONNREFUSED ? RC_NOT_FOUND : RC_IO;
        close(fd);
        return rc;
    }
    *out = fd;
    return RC_OK;
}

enum rc
ipc_peer(int sock, uint32_t *uid, uint32_t *gid, int32_t *pid)
{
    struct ucred peer;
    socklen_t size = sizeof peer;

    if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return RC_IO;
    *uid = peer.uid;
    *gid = peer.gid;
    *pid = peer.pid;
    return RC_OK;
}

enum rc
ipc_memfd(const char *name, struct bytes bytes, int *out)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    enum rc rc;

    if (fd < 0)
        return RC_IO;
    if ((rc = ipc_write_all(fd, bytes.data, bytes.size)) != RC_OK)
        goto out;
    rc = RC_IO;
    if (lseek(fd, 0, SEEK_SET) != 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
        goto out;
    *out = fd;
    return RC_OK;
out:
    close(fd);
    return rc;
}

enum rc
ipc_map(int fd, size_t max, struct bytes *out)
{
    struct stat st;
    void *at;

    *out = (struct bytes){ NULL, 0 };
    if (fstat(fd, &st) != 0 || st.st_size < 0)
        return RC_IO;
    if ((uint64_t)st.st_size > max)
        return RC_LIMIT;
    if (st.st_size == 0)
        return RC_OK;
    at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return RC_NOMEM;
    *out = bytes_of(at, (size_t)st.st_size);
    return RC_OK;
}

void
ipc_unmap(struct bytes mapped)
{
    if (mapped.data != NULL)
        munmap((void *)(uintptr_t)mapped.data, mapped.size);
}
