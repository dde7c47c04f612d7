/*
 * ipc.h - framed messages between our own processes, with file descriptors.
 *
 * A frame is: u32 magic "ESC1", u16 type, u16 fds, u32 size, then size bytes.  The
 * receiver states the largest size it takes.  Works on unix stream sockets (with
 * descriptors) and, without descriptors, on pipes.
 */
#ifndef BASE_IPC_H
#define BASE_IPC_H

#include "base/bytes.h"

#define IPC_FDS_MAX 4

struct frame {
    uint16_t type;
    struct bytes body;   /* points into the buffer given to ipc_recv */
    int fd[IPC_FDS_MAX]; /* owned by the caller; -1 where absent     */
    int fds;
};

/* Send one frame; fds may be NULL when count is 0.  RC_IO when the peer is gone. */
MUST_USE enum rc ipc_send(int sock, uint16_t type, struct bytes body, const int *fds, int count);
/* Send on a pipe: no descriptors. */
MUST_USE enum rc ipc_send_pipe(int fd, uint16_t type, struct bytes body);

/*
 * Receive one whole frame into buffer (reset first).  RC_IO at end of stream or on
 * error, RC_INPUT for a frame that is not ours, RC_LIMIT above max bytes, RC_TIMEOUT
 * after timeout_ms (-1 waits for ever).
 */
MUST_USE enum rc ipc_recv(int fd, size_t max, int timeout_ms, struct buffer *buffer, struct frame *out);

/* Listen on a unix socket path (an old socket file there is removed); connect to one. */
MUST_USE enum rc ipc_listen(const char *path, unsigned mode, int *out);
MUST_USE enum rc ipc_connect(const char *path, int *out);
/* Who is at the other end, from the kernel. */
MUST_USE enum rc ipc_peer(int sock, uint32_t *uid, uint32_t *gid, int32_t *pid);

/* A memfd named by a literal, filled with bytes, sealed against any change, offset 0. */
MUST_USE enum rc ipc_memfd(const char *name, struct bytes bytes, int *out);
/* Map a descriptor read-only; size is its length.  Unmap with ipc_unmap. */
MUST_USE enum rc ipc_map(int fd, size_t max, struct bytes *out);
void ipc_unmap(struct bytes mapped);
/* write(2)/read(2) until done. */
MUST_USE enum rc ipc_write_all(int fd, const void *bytes, size_t size);
MUST_USE enum rc ipc_read_all(int fd, void *bytes, size_t size);

#endif
