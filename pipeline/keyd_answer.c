/*
 * keyd_answer.c - the table of requests, who may make them and how often; and the answers.
 *
 * A client's runner that is taken over can open documents no faster than its row says, and
 * every opening is in keyd's log.
 */
#include <sodium.h>
#include <string.h>

#include "keyd.h"

typedef enum rc answer_run(struct keyring *ring, const struct key_ask *ask, struct key_answer *answer);

static enum rc
answer_new(struct keyring *ring, const struct key_ask *ask, struct key_answer *answer)
{
    size_t size = 0;
    enum rc rc = keyring_new_key(ring, &ask->client, &ask->object, answer->payload, answer->payload + KEY_SIZE,
                                 &size);

    answer->size = (uint16_t)(KEY_SIZE + size);
    return rc;
}

static enum rc
answer_open(struct keyring *ring, const struct key_ask *ask, struct key_answer *answer)
{
    answer->size = KEY_SIZE;
    return keyring_open_key(ring, &ask->client, &ask->object, bytes_of(ask->payload, ask->size),
                            answer->payload);
}

static enum rc
answer_index(struct keyring *ring, const struct key_ask *ask, struct key_answer *answer)
{
    answer->size = KEY_SIZE;
    return keyring_index(ring, &ask->client, answer->payload);
}

static enum rc
answer_own(struct keyring *ring, const struct key_ask *ask, struct key_answer *answer)
{
    answer->size = KEY_SIZE;
    return keyring_own_key(ring, &ask->client, answer->payload);
}

static enum rc
answer_box(struct keyring *ring, const struct key_ask *ask, struct key_answer *answer)
{
    answer->size = BOX_KEY_SIZE;
    return keyring_box_key(ring, &ask->client, answer->payload);
}

static enum rc
answer_sign(struct keyring *ring, const struct key_ask *ask, struct key_answer *answer)
{
    answer->size = SIGNATURE_SIZE;
    return keyring_sign(ring, &ask->client, ask->payload, answer->payload);
}

static enum rc
answer_sign_key(struct keyring *ring, const struct key_ask *ask, struct key_answer *answer)
{
    (void)ask;
    answer->size = SIGN_KEY_SIZE;
    keyring_sign_key(ring, answer->payload);
    return RC_OK;
}

static enum rc
answer_add_client(struct keyring *ring, const struct key_ask *ask, struct key_answer *answer)
{
    answer->size = 0;
    return keyring_add_client(ring, &ask->client, ask->payload);
}

#define PEER_PUBLIC (PEER_RUNNER | PEER_DESK | PEER_OPERATOR)

static const struct request_row {
    const char *name;
    unsigned may;     /* enum keyd_peer, together                 */
    int payload;      /* exact size of the payload; -1: up to     */
    unsigned second;  /* so many a second on one connection,      */
    unsigned burst;   /* after so many at once                    */
    answer_run *run;
} requests[KEY_REQUESTS] = {
    /*                   what          who may ask                  payload a second burst  answer */
    [KEY_NEW]        = { "new",        PEER_INTAKE | PEER_RUNNER,    0,     2000,   20000, answer_new },
    [KEY_OPEN]       = { "open",       PEER_RUNNER | PEER_DESK,     -1,      200,    2000, answer_open },
    [KEY_INDEX]      = { "index",      PEER_INTAKE | PEER_RUNNER,    0,      200,    2000, answer_index },
    [KEY_BOX]        = { "box",        PEER_RUNNER | PEER_OPERATOR,  0,      200,    2000, answer_box },
    [KEY_SIGN]       = { "sign",       PEER_RUNNER,                 64,      200,    2000, answer_sign },
    [KEY_SIGN_KEY]   = { "sign-key",   PEER_PUBLIC,                  0,      100,     100, answer_sign_key },
    [KEY_OWN]        = { "own",        PEER_RUNNER | PEER_OPERATOR,  0,      200,    2000, answer_own },
    [KEY_ADD_CLIENT] = { "add-client", PEER_OPERATOR,               32,       10,     100, answer_add_client },
};

const char *
keyd_request_name(unsigned request)
{
    return request < KEY_REQUESTS && requests[request].name != NULL ? requests[request].name : "unknown";
}

/* A bucket that fills at the row's rate. */
static bool
take_token(const struct request_row *row, struct keyd_bucket *bucket, int64_t now_ms)
{
    if (bucket->at_ms == 0)
        bucket->tokens = row->burst;
    else if (now_ms > bucket->at_ms)
        bucket->tokens += (double)(now_ms - bucket->at_ms) * row->second / 1000.0;
    if (bucket->tokens > row->burst)
        bucket->tokens = row->burst;
    bucket->at_ms = now_ms > 0 ? now_ms : 1;
    if (bucket->tokens < 1)
        return false;
    bucket->tokens -= 1;
    return true;
}

void
keyd_answer(struct keyring *ring, enum keyd_peer peer, struct keyd_bucket buckets[KEY_REQUESTS], int64_t now_ms,
            const struct key_ask *ask, struct key_answer *answer)
{
    const struct request_row *row;
    enum rc rc;

    memset(answer, 0, sizeof *answer);
    answer->magic = KEYWIRE_MAGIC;
    answer->serial = ask->serial;
    row = ask->request < KEY_REQUESTS ? &requests[ask->request] : &requests[0];
    if (ask->magic != KEYWIRE_MAGIC || row->run == NULL)
        rc = RC_INPUT;
    else if ((row->may & peer) == 0)
        rc = RC_DENIED;
    else if (row->payload >= 0 ? ask->size != row->payload : ask->size > WRAPPED_KEY_MAX)
        rc = RC_INPUT;
    else if (!take_token(row, &buckets[ask->request], now_ms))
        rc = RC_BUSY;
    else
        rc = row->run(ring, ask, answer);
    if (rc != RC_OK) {
        sodium_memzero(answer->payload, sizeof answer->payload);
        answer->size = 0;
    }
    answer->rc = (uint16_t)rc;
}
