/* fuzz_ipc.c - frames between our processes. */
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/ipc.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer buffer;
    struct frame frame;
    int pair[2];

    if (size > 60000 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 0;
    if (write(pair[0], data, size) == (ssize_t)size) {
        close(pair[0]);
        pair[0] = -1;
        buffer_init(&buffer, 65536);
        while (ipc_recv(pair[1], 65536, 1000, &buffer, &frame) == RC_OK)
            HOLDS(frame.body.size <= 65536 && frame.fds == 0);
        buffer_done(&buffer);
    }
    if (pair[0] >= 0)
        close(pair[0]);
    close(pair[1]);
    return 0;
}
