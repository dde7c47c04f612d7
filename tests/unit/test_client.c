/* test_client.c - a sealed result opens for its client alone, and only when the right installation signed it;
 * keys and receipts on disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../pipeline/client_box.c"
#include "../../pipeline/client_key.c"
#include "../../pipeline/client_receipt.c"

static const char message[] = "{\"delivery\":{\"document\":\"d\",\"version\":1,\"kind\":\"result\"}}";

struct world {
    struct client_key key, other;
    uint8_t sign_public[SIGN_KEY], sign_secret[crypto_sign_SECRETKEYBYTES];
    uint8_t payload[4096];
    size_t size;
    char dir[64];
};

static void
new_key(struct client_key *key)
{
    key->secret = sodium_malloc(BOX_KEY);
    assert_non_null(key->secret);
    crypto_box_keypair(key->public, key->secret);
}

/* As the runner does: sign for one client, seal to another (the same, when honest). */
static size_t
seal(struct world *w, const uint8_t for_whom[BOX_KEY], const uint8_t to_whom[BOX_KEY], const char *text)
{
    uint8_t plain[2048], bytes[sizeof context - 1 + BOX_KEY + MESSAGE_DIGEST];
    size_t n = strlen(text);

    memcpy(bytes, context, sizeof context - 1);
    memcpy(bytes + sizeof context - 1, for_whom, BOX_KEY);
    crypto_generichash(bytes + sizeof context - 1 + BOX_KEY, MESSAGE_DIGEST, (const uint8_t *)text, n, NULL, 0);
    crypto_sign_detached(plain, NULL, bytes, sizeof bytes, w->sign_secret);
    memcpy(plain + SIGNATURE, text, n);
    assert_int_equal(crypto_box_seal(w->payload, plain, SIGNATURE + n, to_whom), 0);
    return SIGNATURE + n + crypto_box_SEALBYTES;
}

static int
setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    if (w == NULL || sodium_init() < 0)
        return -1;
    new_key(&w->key);
    new_key(&w->other);
    crypto_sign_keypair(w->sign_public, w->sign_secret);
    w->size = seal(w, w->key.public, w->key.public, message);
    snprintf(w->dir, sizeof w->dir, "/tmp/escriba-test-client.XXXXXX");
    if (mkdtemp(w->dir) == NULL)
        return -1;
    *state = w;
    return 0;
}

static int
teardown(void **state)
{
    struct world *w = *state;

    client_key_close(&w->key);
    client_key_close(&w->other);
    rmdir(w->dir);
    free(w);
    return 0;
}

static void
an_honest_result_opens(void **state)
{
    struct world *w = *state;
    struct opened o;

    assert_int_equal(client_box_open(&w->key, w->sign_public, w->payload, w->size, &o), BOX_OK);
    assert_int_equal(o.size, strlen(message));
    assert_memory_equal(o.message, message, o.size);
    client_box_free(&o);
}

static void
another_key_does_not_open_it(void **state)
{
    struct world *w = *state;
    struct opened o;

    assert_int_equal(client_box_open(&w->other, w->sign_public, w->payload, w->size, &o), BOX_NOT_OURS);
    assert_null(o.buffer);
}

static void
every_changed_byte_is_noticed(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < w->size; i++)
        for (int bit = 0; bit < 8; bit++) {
            struct opened o;

            w->payload[i] ^= (uint8_t)(1 << bit);
            if (client_box_open(&w->key, w->sign_public, w->payload, w->size, &o) != BOX_NOT_OURS)
                fail_msg("byte %zu bit %d", i, bit);
            w->payload[i] ^= (uint8_t)(1 << bit);
        }
    for (size_t n = 0; n < w->size; n++) {
        struct opened o;

        assert_int_equal(client_box_open(&w->key, w->sign_public, w->payload, n, &o), BOX_NOT_OURS);
    }
}

/* Anybody with the public key can seal; and what was signed for one client can be sealed again to another. */
static void
only_our_signature_for_this_client_counts(void **state)
{
    struct world *w = *state;
    uint8_t stranger[SIGN_KEY], secret[crypto_sign_SECRETKEYBYTES];
    struct opened o;
    size_t n;

    crypto_sign_keypair(stranger, secret);
    assert_int_equal(client_box_open(&w->key, stranger, w->payload, w->size, &o), BOX_FORGED);
    assert_null(o.buffer);
    n = seal(w, w->other.public, w->key.public, message);
    assert_int_equal(client_box_open(&w->key, w->sign_public, w->payload, n, &o), BOX_FORGED);
}

static void
keys_are_made_and_read(void **state)
{
    struct world *w = *state;
    struct client_key key;
    struct err err;
    uint8_t public[BOX_KEY], again[32];
    char path[128], beside[160], print[FINGERPRINT_ROOM];
    struct stat st;

    snprintf(path, sizeof path, "%s/k", w->dir);
    snprintf(beside, sizeof beside, "%s.pub", path);
    assert_int_equal(client_key_make(path, public, &err), RC_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(client_key_make(path, public, &err), RC_EXISTS);
    assert_int_equal(client_public_read(beside, again, &err), RC_OK);
    assert_int_equal(client_key_open(path, &key, &err), RC_OK);
    assert_memory_equal(key.public, again, 32);
    client_key_close(&key);
    client_fingerprint(again, print);
    assert_int_equal(strlen(print), 39);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(client_key_open(path, &key, &err), RC_DENIED);
    assert_int_equal(chmod(beside, 0600), 0);
    assert_int_equal(client_key_open(beside, &key, &err), RC_INPUT);
    assert_int_equal(client_public_read(path, again, &err), RC_INPUT);
    unlink(path);
    assert_int_equal(client_key_open(path, &key, &err), RC_NOT_FOUND);
    unlink(beside);
}

static void
a_receipt_is_kept_once_and_holds(void **state)
{
    struct world *w = *state;
    struct receipt one = { .seq = 1, .version = 1, .document = "d", .file = "r.json" };
    struct receipts *r = NULL;
    struct opened o;
    struct err err;
    char path[128], file[128], line[4096];
    FILE *f;
    int lines = 0;

    w->size = seal(w, w->key.public, w->key.public, message);
    assert_int_equal(client_box_open(&w->key, w->sign_public, w->payload, w->size, &o), BOX_OK);
    memcpy(one.public, w->key.public, BOX_KEY);
    memcpy(one.signer, w->sign_public, SIGN_KEY);
    memcpy(one.digest, o.digest, MESSAGE_DIGEST);
    memcpy(one.signature, o.signature, SIGNATURE);
    client_box_free(&o);
    snprintf(path, sizeof path, "%s/receipts", w->dir);
    snprintf(file, sizeof file, "%s/r.json", w->dir);
    f = fopen(file, "w");
    assert_non_null(f);
    fputs(message, f);
    fclose(f);
    /* A power cut left half a line: what follows begins on a line of its own. */
    f = fopen(path, "w");
    assert_non_null(f);
    fputs("{\"seq\":", f);
    fclose(f);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(client_receipts_open(path, &r, &err), RC_OK);
        assert_int_equal(client_receipts_add(r, &one, &err), RC_OK);
        assert_int_equal(client_receipts_add(r, &one, &err), RC_OK);
        client_receipts_close(r);
    }
    f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL)
        lines++;
    fclose(f);
    assert_int_equal(lines, 2);
    assert_int_equal(client_receipts_verify(path, w->sign_public, w->dir), CLIENT_BAD_DATA); /* the half line */
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(line, f);
    fclose(f);
    assert_int_equal(client_receipts_verify(path, w->sign_public, w->dir), 0);
    assert_int_equal(client_receipts_verify(path, w->key.public, w->dir), CLIENT_BAD_DATA);
    f = fopen(file, "a");
    assert_non_null(f);
    fputc(' ', f);
    fclose(f);
    assert_int_equal(client_receipts_verify(path, w->sign_public, w->dir), CLIENT_BAD_DATA);
    unlink(path);
    unlink(file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_honest_result_opens, setup, teardown),
        cmocka_unit_test_setup_teardown(another_key_does_not_open_it, setup, teardown),
        cmocka_unit_test_setup_teardown(every_changed_byte_is_noticed, setup, teardown),
        cmocka_unit_test_setup_teardown(only_our_signature_for_this_client_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_are_made_and_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_receipt_is_kept_once_and_holds, setup, teardown),
    };

    return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
