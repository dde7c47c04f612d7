/* review_link.c - one question at a time over the desk's socket. */
#include "review_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ipc.h"

#define ANSWER_MS 90000 /* a page that must be drawn anew takes its time */

struct link {
    int sock;
    struct buffer in;
    struct buffer out;
    char message[DESK_TITLE_MAX + 1];
};

enum rc
link_open(const char *path, struct link **out)
{
    struct link *link = calloc(1, sizeof *link);
    enum rc rc;

    if (link == NULL)
        return RC_NOMEM;
    link->sock = -1;
    buffer_init(&link->in, DESK_ANSWER_MAX + 64);
    buffer_init(&link->out, DESK_ASK_MAX);
    if ((rc = ipc_connect(path, &link->sock)) != RC_OK) {
        if (access(path, F_OK) == 0 && access(path, W_OK) != 0)
            rc = RC_DENIED;
        link->sock = -1;
        link_close(link);
        return rc;
    }
    *out = link;
    return RC_OK;
}

void
link_close(struct link *link)
{
    if (link == NULL)
        return;
    if (link->sock >= 0)
        close(link->sock);
    buffer_done(&link->in);
    buffer_done(&link->out);
    bytes_wipe(link, sizeof *link);
    free(link);
}

const char *
link_message(const struct link *link)
{
    return link->message;
}

/* Pixels are borrowed from the receive buffer, which the next question overwrites: move them. */
static enum rc
keep_pixels(struct desk_answer *answer, struct arena *arena)
{
    struct bytes *pixels = &answer->u.crop.pixels;
    void *copy;

    if (answer->kind != DESK_IS_CROP)
        return RC_OK;
    if ((copy = arena_copy(arena, pixels->data, pixels->size)) == NULL)
        return RC_NOMEM;
    pixels->data = copy;
    return RC_OK;
}

enum rc
link_ask(struct link *link, const struct desk_ask *ask, enum desk_answer_kind want, struct arena *arena,
         struct desk_answer *out)
{
    struct frame frame;
    enum rc rc;

    link->message[0] = '\0';
    link->out.size = 0;
    desk_ask_write(&link->out, ask);
    if (link->out.failed)
        return RC_LIMIT;
    rc = ipc_send(link->sock, (uint16_t)ask->what, buffer_bytes(&link->out), NULL, 0);
    bytes_wipe(link->out.data, link->out.size);
    if (rc != RC_OK)
        return RC_IO;
    if ((rc = ipc_recv(link->sock, DESK_ANSWER_MAX, ANSWER_MS, &link->in, &frame)) != RC_OK)
        return rc;
    for (int i = 0; i < frame.fds; i++)
        close(frame.fd[i]);
    rc = desk_answer_read(frame.type, frame.body, arena, out);
    if (rc == RC_OK)
        rc = keep_pixels(out, arena);
    if (frame.body.size > 0)
        bytes_wipe((void *)(uintptr_t)frame.body.data, frame.body.size);
    if (rc != RC_OK)
        return rc;
    if (out->kind == DESK_IS_ERROR) {
        strncpy(link->message, out->u.error.message, sizeof link->message - 1);
        rc = (enum rc)out->u.error.rc;
        return rc == RC_OK || rc > RC_BUG ? RC_BUG : rc;
    }
    return out->kind == want ? RC_OK : RC_INPUT;
}
