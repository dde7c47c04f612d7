/* keyd.h - inside escriba-keyd: who asks, what they may, and the loop that answers. */
#ifndef PIPELINE_KEYD_H
#define PIPELINE_KEYD_H

#include "sys/keyring.h"
#include "sys/keywire.h"

/* Who is at the other end of a socket; bits, so that a row can name several. */
enum keyd_peer { PEER_INTAKE = 1, PEER_RUNNER = 2, PEER_DESK = 4, PEER_OPERATOR = 8 };

struct keyd_peer_row {
    const char *name; /* as in --peer NAME:FD and in the socket's name */
    enum keyd_peer peer;
    const char *socket; /* in HOME/run */
};
extern const struct keyd_peer_row keyd_peers[]; /* ends without a name */

const struct keyd_peer_row *keyd_peer_find(const char *name);
const struct keyd_peer_row *keyd_peer_row(enum keyd_peer peer);

/* ---- keyd_serve.c ---- */

struct keyd;

/* ring is borrowed; log_path: the append-only log of openings, "" for none. NULL when that cannot be opened. */
struct keyd *keyd_new(struct keyring *ring, const char *log_path);
void keyd_free(struct keyd *keyd);
/* A socket that is for this kind of peer by its making. */
MUST_USE enum rc keyd_add_peer(struct keyd *keyd, int fd, enum keyd_peer peer);
/* A listening socket; who connects must be root, our own user, or one of those allowed. */
MUST_USE enum rc keyd_add_listener(struct keyd *keyd, int fd, enum keyd_peer peer);
MUST_USE enum rc keyd_allow(struct keyd *keyd, uint32_t uid, enum keyd_peer peer);
/* Wait at most timeout_ms and answer what came. */
MUST_USE enum rc keyd_turn(struct keyd *keyd, int timeout_ms);

/* ---- keyd_answer.c: no sockets ---- */

/* How often, for each connection and request. */
struct keyd_bucket {
    double tokens;
    int64_t at_ms; /* 0: never used */
};

/* Look at the row first, then at the question.  Fills the answer always. */
void keyd_answer(struct keyring *ring, enum keyd_peer peer, struct keyd_bucket buckets[KEY_REQUESTS],
                 int64_t now_ms, const struct key_ask *ask, struct key_answer *answer);
/* A word for the log, from a constant table. */
const char *keyd_request_name(unsigned request);

/* ---- keyd_lock.c ---- */

/* No new program, connection or look into another process from here on. RC_CONFIG: the kernel cannot. */
MUST_USE enum rc keyd_lock(void);

/* ---- keyd_store.c: the commands that a person runs ---- */

int keyd_backup(const char *keys, const struct root_source *source, const char *file, const char *code_file);
int keyd_restore(const char *keys, const char *file, const char *code_file);
int keyd_passphrase(const char *keys, const struct root_source *source);
int keyd_status(const char *keys, const struct root_source *source);

#endif
