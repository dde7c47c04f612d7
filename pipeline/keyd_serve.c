/*
 * keyd_serve.c - sockets in, sockets out, and a line in keyd's own log for each answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ipc.h"
#include "base/log.h"
#include "keyd.h"

#define CONNECTIONS_MAX 128
#define ALLOWED_MAX 32
#define LOG_BYTES_MAX (64 << 20)

const struct keyd_peer_row keyd_peers[] = {
    { "intake", PEER_INTAKE, "keyd-intake.sock" },
    { "runner", PEER_RUNNER, "keyd-runner.sock" },
    { "desk", PEER_DESK, "keyd-desk.sock" },
    { "operator", PEER_OPERATOR, "keyd.sock" },
    { NULL, 0, NULL },
};

struct connection {
    int fd; /* -1: free */
    enum keyd_peer peer;
    bool listens;
    bool lasting; /* made by escribad: outlives the program at its other end */
    int32_t pid;
    struct keyd_bucket buckets[KEY_REQUESTS];
};

struct keyd {
    struct keyring *ring;
    int log_fd; /* -1: none */
    int64_t log_size;
    char log_path[4096 + 64];
    struct connection connections[CONNECTIONS_MAX];
    struct {
        uint32_t uid;
        unsigned peers;
    } allowed[ALLOWED_MAX];
    unsigned allowed_count;
};

const struct keyd_peer_row *
keyd_peer_find(const char *name)
{
    for (const struct keyd_peer_row *p = keyd_peers; p->name != NULL; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

const struct keyd_peer_row *
keyd_peer_row(enum keyd_peer peer)
{
    for (const struct keyd_peer_row *p = keyd_peers; p->name != NULL; p++)
        if (p->peer == peer)
            return p;
    return NULL;
}

/* A full log is put aside under the time of day, and never removed by us. */
static bool
log_reopen(struct keyd *keyd)
{
    char aside[sizeof keyd->log_path + 32];
    struct stat st;

    if (keyd->log_fd >= 0) {
        close(keyd->log_fd);
        snprintf(aside, sizeof aside, "%s.%lld", keyd->log_path, (long long)clock_wall_ms());
        (void)renameat2(AT_FDCWD, keyd->log_path, AT_FDCWD, aside, RENAME_NOREPLACE);
    }
    keyd->log_fd = open(keyd->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    keyd->log_size = keyd->log_fd >= 0 && fstat(keyd->log_fd, &st) == 0 ? st.st_size : 0;
    return keyd->log_fd >= 0;
}

struct keyd *
keyd_new(struct keyring *ring, const char *log_path)
{
    struct keyd *keyd = calloc(1, sizeof *keyd);

    if (keyd == NULL)
        return NULL;
    keyd->ring = ring;
    keyd->log_fd = -1;
    snprintf(keyd->log_path, sizeof keyd->log_path, "%s", log_path);
    if (log_path[0] != '\0' && !log_reopen(keyd)) {
        free(keyd);
        return NULL;
    }
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
        keyd->connections[i].fd = -1;
    return keyd;
}

static void
connection_close(struct connection *c)
{
    close(c->fd);
    memset(c, 0, sizeof *c);
    c->fd = -1;
}

void
keyd_free(struct keyd *keyd)
{
    if (keyd == NULL)
        return;
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
        if (keyd->connections[i].fd >= 0)
            connection_close(&keyd->connections[i]);
    if (keyd->log_fd >= 0)
        close(keyd->log_fd);
    free(keyd);
}

static struct connection *
connection_add(struct keyd *keyd, int fd, enum keyd_peer peer)
{
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *c = &keyd->connections[i];

        if (c->fd >= 0)
            continue;
        memset(c, 0, sizeof *c);
        c->fd = fd;
        c->peer = peer;
        return c;
    }
    return NULL;
}

enum rc
keyd_add_peer(struct keyd *keyd, int fd, enum keyd_peer peer)
{
    struct connection *c = connection_add(keyd, fd, peer);

    if (c == NULL)
        return RC_LIMIT;
    c->lasting = true;
    return RC_OK;
}

enum rc
keyd_add_listener(struct keyd *keyd, int fd, enum keyd_peer peer)
{
    struct connection *c = connection_add(keyd, fd, peer);

    if (c == NULL)
        return RC_LIMIT;
    c->listens = true;
    return RC_OK;
}

enum rc
keyd_allow(struct keyd *keyd, uint32_t uid, enum keyd_peer peer)
{
    if (keyd->allowed_count == ALLOWED_MAX)
        return RC_LIMIT;
    keyd->allowed[keyd->allowed_count].uid = uid;
    keyd->allowed[keyd->allowed_count++].peers = peer;
    return RC_OK;
}

static bool
is_allowed(const struct keyd *keyd, uint32_t uid, enum keyd_peer peer)
{
    if (uid == 0 || uid == (uint32_t)geteuid())
        return true;
    for (unsigned i = 0; i < keyd->allowed_count; i++)
        if (keyd->allowed[i].uid == uid && (keyd->allowed[i].peers & peer) != 0)
            return true;
    return false;
}

static void
accept_one(struct keyd *keyd, const struct connection *listener)
{
    uint32_t uid = 0, gid = 0;
    int32_t pid = 0;
    struct connection *c;
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    if (ipc_peer(fd, &uid, &gid, &pid) != RC_OK || !is_allowed(keyd, uid, listener->peer)) {
        log_event(LOG_WARN, "keyd.stranger", LOG_INT("uid", uid), LOG_INT("pid", pid));
        close(fd);
        return;
    }
    if ((c = connection_add(keyd, fd, listener->peer)) == NULL) {
        log_plain(LOG_WARN, "keyd.full");
        close(fd);
        return;
    }
    c->pid = pid;
}

/* Identifiers and codes only.  A log that cannot be written must not stop the answers unseen. */
static void
log_answer(struct keyd *keyd, const struct connection *c, const struct key_ask *ask,
           const struct key_answer *answer)
{
    char line[256], client[ID_TEXT], object[ID_TEXT];
    int n;

    /* Our public key is no secret, and `escriba up` asks for it until we are there. */
    if (ask->request == KEY_SIGN_KEY && answer->rc == RC_OK)
        return;
    id_text(&ask->client, client);
    id_text(&ask->object, object);
    n = snprintf(line, sizeof line, "%lld %s %d %s client=%s object=%s %s\n", (long long)clock_wall_ms(),
                 keyd_peer_row(c->peer)->name, (int)c->pid, keyd_request_name(ask->request), client, object,
                 rc_name((enum rc)answer->rc));
    if (n <= 0 || keyd->log_path[0] == '\0')
        return;
    if (keyd->log_size > LOG_BYTES_MAX)
        (void)log_reopen(keyd);
    keyd->log_size += n;
    if (keyd->log_fd < 0 || write(keyd->log_fd, line, (size_t)n) != n)
        log_plain(LOG_ERROR, "keyd.log.lost");
}

static void
answer_one(struct keyd *keyd, struct connection *c)
{
    struct key_ask ask;
    struct key_answer answer;
    ssize_t n = recv(c->fd, &ask, sizeof ask, MSG_DONTWAIT | MSG_TRUNC);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    /* Anything that is not exactly one question ends the conversation. */
    if (n != (ssize_t)sizeof ask || ask.magic != KEYWIRE_MAGIC) {
        if (n > 0)
            log_event(LOG_WARN, "keyd.nonsense", LOG_INT("size", n));
        if (n > 0 && c->lasting)
            return; /* escribad's socket cannot be made again; the packet is dropped */
        connection_close(c);
        return;
    }
    keyd_answer(keyd->ring, c->peer, c->buckets, clock_ms(), &ask, &answer);
    log_answer(keyd, c, &ask, &answer);
    /* Who does not take the answer away will ask again. */
    if (send(c->fd, &answer, sizeof answer, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN)
        connection_close(c);
    sodium_memzero(&answer, sizeof answer);
    sodium_memzero(&ask, sizeof ask);
}

enum rc
keyd_turn(struct keyd *keyd, int timeout_ms)
{
    struct pollfd polled[CONNECTIONS_MAX];
    struct connection *who[CONNECTIONS_MAX];
    nfds_t count = 0;

    for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
        if (keyd->connections[i].fd < 0)
            continue;
        who[count] = &keyd->connections[i];
        polled[count++] = (struct pollfd){ .fd = keyd->connections[i].fd, .events = POLLIN };
    }
    if (poll(polled, count, timeout_ms) < 0)
        return errno == EINTR ? RC_OK : RC_IO;
    for (nfds_t i = 0; i < count; i++) {
        if (polled[i].revents == 0)
            continue;
        if (who[i]->listens)
            accept_one(keyd, who[i]);
        else
            answer_one(keyd, who[i]);
    }
    return RC_OK;
}
