/*
 * keyclient.c - the questions to escriba-keyd.
 *
 * Every question can be asked twice without harm, so when keyd is started again in the middle
 * of one, it is simply asked again.  A serial number tells a late answer from ours.
 */
#include "sys/keyclient.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/text.h"
#include "sys/instance.h"
#include "sys/keywire.h"

#define ANSWER_WAIT_MS 2000 /* then ask again: keyd may have been started anew */
#define GIVE_UP_MS 15000
#define BUSY_WAIT_MS 50

struct keyclient {
    int fd;
    bool inherited; /* made by escribad: cannot be made again by us */
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    uint64_t serial;
};

static enum rc
keyclient_connect(struct keyclient *k)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return RC_IO;
    memcpy(address.sun_path, k->path, sizeof address.sun_path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        enum rc rc = errno == EACCES ? RC_DENIED : RC_NOT_FOUND;

        close(fd);
        return rc;
    }
    k->fd = fd;
    return RC_OK;
}

/* What a process before us on this socket left behind. */
static void
keyclient_drain(int fd)
{
    struct key_answer old;

    while (recv(fd, &old, sizeof old, MSG_DONTWAIT) > 0)
        ;
    sodium_memzero(&old, sizeof old);
}

enum rc
keyclient_open(const char *path, struct keyclient **out, struct err *err)
{
    const char *inherited = getenv("ESCRIBA_KEYD_FD");
    struct keyclient *k = calloc(1, sizeof *k);
    struct instance in;
    char own[PATH_ROOM + 16];
    int64_t number;
    enum rc rc;

    if (k == NULL)
        return RC_NOMEM;
    k->fd = -1;
    randombytes_buf(&k->serial, sizeof k->serial);
    if (path == NULL && inherited != NULL) {
        rc = RC_CONFIG;
        if (!text_parse_i64(inherited, 3, 1 << 20, &number) || fcntl((int)number, F_SETFD, FD_CLOEXEC) != 0) {
            err_set(err, rc, "ESCRIBA_KEYD_FD is not an open socket");
            goto fail;
        }
        k->fd = (int)number;
        k->inherited = true;
        keyclient_drain(k->fd);
        *out = k;
        return RC_OK;
    }
    if (path == NULL) {
        if ((rc = instance_open(NULL, &in, err)) != RC_OK)
            goto fail;
        snprintf(own, sizeof own, "%s/keyd.sock", in.run);
        path = own;
    }
    if (strlen(path) >= sizeof k->path) {
        rc = err_set(err, RC_CONFIG, "the socket's path is too long");
        err_where(err, "%s", path);
        err_cure(err, "choose a shorter home folder");
        goto fail;
    }
    memcpy(k->path, path, strlen(path) + 1);
    if ((rc = keyclient_connect(k)) != RC_OK) {
        err_set(err, rc, rc == RC_DENIED ? "escriba-keyd does not let us in" : "escriba-keyd does not answer");
        err_where(err, "%s", path);
        err_cure(err, rc == RC_DENIED ? "run it as the installation's user" : "start it: escriba up");
        goto fail;
    }
    *out = k;
    return RC_OK;
fail:
    free(k);
    return rc;
}

void
keyclient_close(struct keyclient *k)
{
    if (k == NULL)
        return;
    if (k->fd >= 0)
        close(k->fd);
    free(k);
}

/* One try: RC_TIMEOUT to ask again, RC_IO when the socket is gone. */
static enum rc
ask_once(struct keyclient *k, const struct key_ask *ask, struct key_answer *answer)
{
    int64_t until = clock_ms() + ANSWER_WAIT_MS;
    ssize_t n;

    if (send(k->fd, ask, sizeof *ask, MSG_NOSIGNAL) != (ssize_t)sizeof *ask)
        return errno == EAGAIN ? RC_TIMEOUT : RC_IO;
    for (;;) {
        struct pollfd p = { .fd = k->fd, .events = POLLIN };
        int64_t left = until - clock_ms();

        if (left <= 0)
            return RC_TIMEOUT;
        if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
            return RC_IO;
        n = recv(k->fd, answer, sizeof *answer, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (n <= 0)
            return RC_IO;
        if (n == (ssize_t)sizeof *answer && answer->magic == KEYWIRE_MAGIC && answer->serial == ask->serial &&
            answer->size <= KEYWIRE_PAYLOAD)
            return RC_OK;
    }
}

/* Ask until there is an answer or the patience ends (RC_TIMEOUT: give the step back). */
static enum rc
ask(struct keyclient *k, enum key_request request, const struct id *client, const struct id *object,
    struct bytes payload, struct key_answer *answer)
{
    struct key_ask a = { .magic = KEYWIRE_MAGIC, .request = (uint16_t)request, .size = (uint16_t)payload.size };
    int64_t until = clock_ms() + GIVE_UP_MS;
    enum rc rc;

    if (payload.size > KEYWIRE_PAYLOAD)
        return RC_INPUT;
    if (client != NULL)
        a.client = *client;
    if (object != NULL)
        a.object = *object;
    if (payload.size > 0)
        memcpy(a.payload, payload.data, payload.size);
    for (;;) {
        a.serial = ++k->serial;
        rc = k->fd < 0 ? RC_IO : ask_once(k, &a, answer);
        if (rc == RC_OK && answer->rc != RC_BUSY) {
            rc = answer->rc <= RC_BUG ? (enum rc)answer->rc : RC_INPUT;
            break;
        }
        if (clock_ms() >= until) {
            rc = RC_TIMEOUT;
            break;
        }
        if (rc == RC_IO && !k->inherited) {
            if (k->fd >= 0)
                close(k->fd);
            k->fd = -1;
            (void)keyclient_connect(k);
        }
        if (rc != RC_TIMEOUT)
            clock_sleep_ms(BUSY_WAIT_MS);
    }
    sodium_memzero(&a, sizeof a);
    return rc;
}

static const struct bytes nothing = { NULL, 0 };

enum rc
keyclient_new(struct keyclient *k, const struct id *client, const struct id *object, struct doc_key **key,
              uint8_t wrapped[WRAPPED_KEY_MAX], size_t *wrapped_size)
{
    struct key_answer answer;
    enum rc rc = ask(k, KEY_NEW, client, object, nothing, &answer);

    if (rc == RC_OK && (answer.size <= KEY_SIZE || answer.size > KEY_SIZE + WRAPPED_KEY_MAX))
        rc = RC_INPUT;
    if (rc == RC_OK && (*key = doc_key_new(client, object, answer.payload)) == NULL)
        rc = RC_NOMEM;
    if (rc == RC_OK) {
        *wrapped_size = answer.size - KEY_SIZE;
        memcpy(wrapped, answer.payload + KEY_SIZE, *wrapped_size);
    }
    sodium_memzero(&answer, sizeof answer);
    return rc;
}

enum rc
keyclient_open_key(struct keyclient *k, const struct id *client, const struct id *object,
                   const uint8_t *wrapped, size_t wrapped_size, struct doc_key **key)
{
    struct key_answer answer;
    enum rc rc = ask(k, KEY_OPEN, client, object, bytes_of(wrapped, wrapped_size), &answer);

    if (rc == RC_OK && answer.size != KEY_SIZE)
        rc = RC_INPUT;
    if (rc == RC_OK && (*key = doc_key_new(client, object, answer.payload)) == NULL)
        rc = RC_NOMEM;
    sodium_memzero(&answer, sizeof answer);
    return rc;
}

enum rc
keyclient_index(struct keyclient *k, const struct id *client, struct index_key **key)
{
    struct key_answer answer;
    enum rc rc = ask(k, KEY_INDEX, client, NULL, nothing, &answer);

    if (rc == RC_OK && answer.size != KEY_SIZE)
        rc = RC_INPUT;
    if (rc == RC_OK && (*key = index_key_new(client, answer.payload)) == NULL)
        rc = RC_NOMEM;
    sodium_memzero(&answer, sizeof answer);
    return rc;
}

enum rc
keyclient_own_key(struct keyclient *k, const struct id *client, struct doc_key **key)
{
    struct key_answer answer;
    enum rc rc = ask(k, KEY_OWN, client, NULL, nothing, &answer);

    if (rc == RC_OK && answer.size != KEY_SIZE)
        rc = RC_INPUT;
    if (rc == RC_OK && (*key = doc_key_new(client, client, answer.payload)) == NULL)
        rc = RC_NOMEM;
    sodium_memzero(&answer, sizeof answer);
    return rc;
}

/* The answers that are not secret. */
static enum rc
ask_public(struct keyclient *k, enum key_request request, const struct id *client, struct bytes payload,
           uint8_t *out, size_t size)
{
    struct key_answer answer;
    enum rc rc = ask(k, request, client, NULL, payload, &answer);

    if (rc == RC_OK && answer.size != size)
        rc = RC_INPUT;
    if (rc == RC_OK && size > 0)
        memcpy(out, answer.payload, size);
    return rc;
}

enum rc
keyclient_box_key(struct keyclient *k, const struct id *client, uint8_t out[BOX_KEY_SIZE])
{
    return ask_public(k, KEY_BOX, client, nothing, out, BOX_KEY_SIZE);
}

enum rc
keyclient_sign(struct keyclient *k, const struct id *client, const uint8_t digest[64],
               uint8_t signature[SIGNATURE_SIZE])
{
    return ask_public(k, KEY_SIGN, client, bytes_of(digest, 64), signature, SIGNATURE_SIZE);
}

enum rc
keyclient_sign_key(struct keyclient *k, uint8_t out[SIGN_KEY_SIZE])
{
    return ask_public(k, KEY_SIGN_KEY, NULL, nothing, out, SIGN_KEY_SIZE);
}

enum rc
keyclient_add_client(struct keyclient *k, const struct id *client, const uint8_t box_key[BOX_KEY_SIZE])
{
    return ask_public(k, KEY_ADD_CLIENT, client, bytes_of(box_key, BOX_KEY_SIZE), NULL, 0);
}
