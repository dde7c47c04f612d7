/* test_keyd.c - who may ask escriba-keyd what, how often, and that it can be started anew under its clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../pipeline/keyd.h"
#include "../../pipeline/seal_result.h"

static char top[] = "/tmp/escriba-keyd-XXXXXX";
static char keys[64];
static const struct root_source no_source = { NULL, -1 };
static const struct id client = { { 0x11 } }, object = { { 0x22 } };
static uint8_t box_public[32], box_secret[32];
static struct keyring *ring;

static int
start(void **state)
{
    (void)state;
    if (secret_start(NULL) != RC_OK || mkdtemp(top) == NULL)
        return 1;
    snprintf(keys, sizeof keys, "%s/keys", top);
    crypto_box_keypair(box_public, box_secret);
    return keyring_open(keys, &no_source, &ring, NULL) == RC_OK &&
                   keyring_add_client(ring, &client, box_public) == RC_OK
               ? 0
               : 1;
}

static int
finish(void **state)
{

    (void)state;
    keyring_close(ring);
    if (fork() == 0) {
        execlp("rm", "rm", "-rf", top, (char *)NULL);
        _exit(1);
    }
    return wait(NULL) < 0;
}

static struct key_ask
question(enum key_request request, size_t size)
{
    return (struct key_ask){ .magic = KEYWIRE_MAGIC, .request = (uint16_t)request, .size = (uint16_t)size,
                             .serial = 7, .client = client, .object = object };
}

/* The table of rights, written a second time: a change of it must be meant. */
static void
each_peer_gets_what_its_row_says(void **state)
{
    static const struct {
        enum key_request request;
        size_t size;
        const char *may; /* intake, runner, desk, operator */
    } rows[] = {
        { KEY_NEW, 0, "ir--" },   { KEY_OPEN, 109, "-rd-" },   { KEY_INDEX, 0, "ir--" },
        { KEY_BOX, 0, "-r-o" },   { KEY_SIGN, 64, "-r--" },    { KEY_SIGN_KEY, 0, "-rdo" },
        { KEY_ADD_CLIENT, 32, "---o" }, { KEY_OWN, 0, "-r-o" },
    };
    static const enum keyd_peer peers[] = { PEER_INTAKE, PEER_RUNNER, PEER_DESK, PEER_OPERATOR };

    (void)state;
    for (size_t r = 0; r < COUNT_OF(rows); r++)
        for (size_t p = 0; p < COUNT_OF(peers); p++) {
            struct keyd_bucket buckets[KEY_REQUESTS] = { { 0, 0 } };
            struct key_ask ask = question(rows[r].request, rows[r].size);
            struct key_answer answer;

            keyd_answer(ring, peers[p], buckets, 1000, &ask, &answer);
            assert_int_equal(answer.serial, 7);
            assert_int_equal(answer.rc == RC_DENIED, rows[r].may[p] == '-');
            if (answer.rc != RC_OK) {
                assert_int_equal(answer.size, 0);
                assert_true(sodium_is_zero(answer.payload, sizeof answer.payload));
            }
        }
}

static void
nonsense_gets_no_key(void **state)
{
    struct keyd_bucket buckets[KEY_REQUESTS] = { { 0, 0 } };
    struct key_answer answer;

    (void)state;
    for (unsigned request = 0; request < 300; request++)
        for (unsigned size = 0; size < 300; size += 13) {
            struct key_ask ask = question((enum key_request)request, size);

            if (request < KEY_REQUESTS && request > 0)
                continue;
            keyd_answer(ring, PEER_RUNNER, buckets, 1000, &ask, &answer);
            assert_int_equal(answer.rc, RC_INPUT);
        }
    struct key_ask ask = question(KEY_NEW, 1);

    keyd_answer(ring, PEER_RUNNER, buckets, 1000, &ask, &answer);
    assert_int_equal(answer.rc, RC_INPUT);
    ask = question(KEY_OPEN, 65535);
    keyd_answer(ring, PEER_RUNNER, buckets, 1000, &ask, &answer);
    assert_int_equal(answer.rc, RC_INPUT);
    ask = question(KEY_NEW, 0);
    ask.magic++;
    keyd_answer(ring, PEER_RUNNER, buckets, 1000, &ask, &answer);
    assert_int_equal(answer.rc, RC_INPUT);
}

/* A runner that is taken over cannot open everything at once. */
static void
openings_are_rationed(void **state)
{
    struct keyd_bucket buckets[KEY_REQUESTS] = { { 0, 0 } };
    struct key_ask ask = question(KEY_OPEN, 109);
    struct key_answer answer;
    unsigned served = 0, later = 0;

    (void)state;
    for (int i = 0; i < 5000; i++) {
        keyd_answer(ring, PEER_RUNNER, buckets, 1000, &ask, &answer);
        served += answer.rc != RC_BUSY;
    }
    assert_int_equal(served, 2000);
    for (int i = 0; i < 5000; i++) {
        keyd_answer(ring, PEER_RUNNER, buckets, 2000, &ask, &answer);
        later += answer.rc != RC_BUSY;
    }
    assert_int_equal(later, 200);
}

static pid_t
serve(int fd)
{
    pid_t pid = fork();

    if (pid == 0) {
        struct keyring *own = NULL;
        struct keyd *keyd;

        if (keyring_open(keys, &no_source, &own, NULL) != RC_OK || (keyd = keyd_new(own, "")) == NULL ||
            keyd_add_peer(keyd, fd, PEER_RUNNER) != RC_OK)
            _exit(1);
        if (keyd_lock() != RC_OK)
            _exit(1);
        while (keyd_turn(keyd, 1000) == RC_OK)
            ;
        _exit(1);
    }
    return pid;
}

static void
stop(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* The pair outlives either side: escribad keeps both ends. */
static void
a_client_survives_a_new_keyd(void **state)
{
    struct doc_key *key = NULL, *again = NULL;
    uint8_t wrapped[WRAPPED_KEY_MAX];
    char number[16];
    struct keyclient *k = NULL;
    size_t size = 0;
    int pair[2];
    pid_t pid;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    snprintf(number, sizeof number, "%d", pair[1]);
    setenv("ESCRIBA_KEYD_FD", number, 1);
    pid = serve(pair[0]);
    assert_int_equal(keyclient_open(NULL, &k, NULL), RC_OK);
    assert_int_equal(keyclient_new(k, &client, &object, &key, wrapped, &size), RC_OK);
    stop(pid);
    /* A question that nobody answers yet, a packet of nonsense before it, then a new keyd. */
    assert_int_equal(send(pair[1], "nonsense", 8, 0), 8);
    pid = serve(pair[0]);
    assert_int_equal(keyclient_open_key(k, &client, &object, wrapped, size, &again), RC_OK);
    assert_int_equal(keyclient_open_key(k, &object, &object, wrapped, size, &again), RC_NOT_FOUND);
    assert_int_equal(keyclient_add_client(k, &object, box_public), RC_DENIED);
    stop(pid);
    doc_key_free(key);
    doc_key_free(again);
    keyclient_close(k);
    unsetenv("ESCRIBA_KEYD_FD");
}

static int
locked_in(void (*act)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        if (keyd_lock() != RC_OK)
            _exit(9);
        act();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return status;
}

static void
act_nothing(void)
{
}

static void
act_exec(void)
{
    execl("/bin/true", "true", (char *)NULL);
}

static void
act_socket(void)
{
    (void)!socket(AF_INET, SOCK_STREAM, 0);
}

static void
act_fork(void)
{
    if (fork() == 0)
        _exit(0);
}

/* What a keyd that was taken over would want to do. */
static void
a_locked_keyd_does_nothing_else(void **state)
{
    static void (*const acts[])(void) = { act_exec, act_socket, act_fork };

    (void)state;
    assert_int_equal(locked_in(act_nothing), 0);
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        int status = locked_in(acts[i]);

        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGSYS);
    }
}

static void
a_result_is_for_one_reader(void **state)
{
    struct keyd_bucket buckets[KEY_REQUESTS] = { { 0, 0 } };
    struct key_ask ask = question(KEY_SIGN, 64);
    struct key_answer answer;
    struct arena *arena = arena_new(1 << 20);
    struct bytes message = bytes_str("{\"fields\":[]}"), payload;
    uint8_t open[512], sha[32], signed_bytes[18 + 32 + 64], sign_public[32], other_public[32], other_secret[32];

    (void)state;
    seal_result_digest(message, ask.payload);
    keyd_answer(ring, PEER_RUNNER, buckets, 1000, &ask, &answer);
    assert_int_equal(answer.rc, RC_OK);
    assert_int_equal(seal_result(box_public, answer.payload, message, arena, &payload, sha), RC_OK);
    crypto_box_keypair(other_public, other_secret);
    assert_int_not_equal(crypto_box_seal_open(open, payload.data, payload.size, other_public, other_secret), 0);
    assert_int_equal(crypto_box_seal_open(open, payload.data, payload.size, box_public, box_secret), 0);
    assert_memory_equal(open + 64, message.data, message.size);
    memcpy(signed_bytes, "escriba result v1\n", 18);
    memcpy(signed_bytes + 18, box_public, 32);
    crypto_generichash(signed_bytes + 50, 64, open + 64, message.size, NULL, 0);
    keyring_sign_key(ring, sign_public);
    assert_int_equal(crypto_sign_verify_detached(open, signed_bytes, sizeof signed_bytes, sign_public), 0);
    memcpy(signed_bytes + 18, other_public, 32);
    assert_int_not_equal(crypto_sign_verify_detached(open, signed_bytes, sizeof signed_bytes, sign_public), 0);
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_peer_gets_what_its_row_says),
        cmocka_unit_test(nonsense_gets_no_key),
        cmocka_unit_test(openings_are_rationed),
        cmocka_unit_test(a_client_survives_a_new_keyd),
        cmocka_unit_test(a_locked_keyd_does_nothing_else),
        cmocka_unit_test(a_result_is_for_one_reader),
    };

    return cmocka_run_group_tests(tests, start, finish);
}
