/* desk_session.c - the sockets of the desk: whole questions in, answers out, nobody can make us wait. */
#include "desk.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ipc.h"
#include "base/log.h"

#define HEADER 12 /* of a frame: base/ipc.h */
#define MAGIC 0x31435345u
#define SESSIONS_OF_ONE 4

void
session_reset(struct session *s)
{
    memset(s, 0, sizeof *s);
    s->sock = -1;
    buffer_init(&s->in, HEADER + DESK_ASK_MAX);
    buffer_init(&s->out, HEADER + DESK_ANSWER_MAX);
    for (int i = 0; i < DESK_PREFETCH; i++)
        buffer_init(&s->kept[i].answer, DESK_KEPT_MAX);
}

void
session_end(struct desk *desk, struct session *s)
{
    work_end(desk, s, true);
    if (s->known)
        log_event(LOG_INFO, "desk.left", LOG_ID("person", s->person.id.b));
    close(s->sock);
    buffer_done(&s->in);
    buffer_done(&s->out);
    crop_forget(s);
    session_reset(s);
}

static struct session *
free_session(struct desk *desk, const char *user)
{
    struct session *found = NULL;
    int same = 0;

    for (int i = 0; i < DESK_SESSIONS; i++) {
        struct session *s = &desk->sessions[i];

        if (s->sock < 0)
            found = found == NULL ? s : found;
        else
            same += strcmp(s->user, user) == 0;
    }
    return same < SESSIONS_OF_ONE ? found : NULL;
}

bool
session_accept(struct desk *desk)
{
    int sock = accept4(desk->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    uint32_t uid;
    uint32_t gid;
    int32_t pid;
    const struct passwd *user;
    struct session *s;

    if (sock < 0)
        return false;
    if (ipc_peer(sock, &uid, &gid, &pid) != RC_OK || (user = getpwuid(uid)) == NULL ||
        (s = free_session(desk, user->pw_name)) == NULL) {
        log_plain(LOG_WARN, "desk.refused");
        close(sock);
        return true;
    }
    s->sock = sock;
    s->uid = uid;
    snprintf(s->user, sizeof s->user, "%s", user->pw_name);
    s->active_ms = clock_ms();
    return true;
}

static uint32_t
word_at(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* One whole frame from the front of what came; 0: not yet, -1: not ours. */
static int
next_frame(const struct buffer *in, uint16_t *type, struct bytes *body)
{
    uint32_t size;

    if (in->size < HEADER)
        return 0;
    size = word_at(in->data + 8);
    /* Questions carry no descriptors. */
    if (word_at(in->data) != MAGIC || word_at(in->data + 4) >> 16 != 0 || size > DESK_ASK_MAX)
        return -1;
    if (in->size < HEADER + size)
        return 0;
    *type = (uint16_t)word_at(in->data + 4);
    *body = bytes_of(in->data + HEADER, size);
    return (int)(HEADER + size);
}

bool
session_read(struct desk *desk, struct session *s)
{
    uint8_t chunk[4096];
    struct bytes body;
    uint16_t type;
    int used;
    ssize_t n;

    n = recv(s->sock, chunk, sizeof chunk, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (n == 0)
        return false;
    if (!buffer_append(&s->in, chunk, (size_t)n))
        return false;
    bytes_wipe(chunk, sizeof chunk);
    used = next_frame(&s->in, &type, &body);
    if (used == 0)
        return true;
    /* One question at a time: a second before the first is answered is not our station. */
    if (used < 0 || (size_t)used != s->in.size) {
        log_event(LOG_WARN, "desk.odd", LOG_INT("known", s->known));
        return false;
    }
    s->active_ms = clock_ms();
    desk_answer(desk, s, type, body);
    bytes_wipe(s->in.data, s->in.size);
    s->in.size = 0;
    return s->out.size > 0;
}

bool
session_write(struct session *s)
{
    while (s->sent < s->out.size) {
        ssize_t n = send(s->sock, s->out.data + s->sent, s->out.size - s->sent, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        s->sent += (size_t)n;
    }
    /* The room of a page is not kept for every session. */
    buffer_done(&s->out);
    buffer_init(&s->out, HEADER + DESK_ANSWER_MAX);
    s->sent = 0;
    return true;
}

void
session_answer(struct session *s, enum desk_answer_kind kind, const struct buffer *body)
{
    if (body->failed) {
        session_refuse(s, RC_LIMIT, W_D_FULL);
        return;
    }
    s->out.size = 0;
    s->sent = 0;
    write_u32(&s->out, MAGIC);
    write_u32(&s->out, (uint32_t)kind);
    write_u32(&s->out, (uint32_t)body->size);
    write_raw(&s->out, body->data, body->size);
    if (s->out.failed) {
        buffer_done(&s->out);
        buffer_init(&s->out, HEADER + DESK_ANSWER_MAX);
        s->closing = true;
    }
}

void
session_refuse(struct session *s, enum rc rc, enum word_id id)
{
    struct buffer body;

    buffer_init(&body, 4096);
    desk_error_write(&body, &(struct desk_error){ (uint16_t)rc, word(s->spanish, id) });
    session_answer(s, DESK_IS_ERROR, &body);
    buffer_done(&body);
}
