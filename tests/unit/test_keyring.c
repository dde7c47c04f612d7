/* test_keyring.c - the key store: what it makes it opens again, and a lost or changed part is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/keyring.h"

static char top[] = "/tmp/escriba-keyring-XXXXXX";
static char keys[128], backup[128], path[256];
static const struct root_source no_source = { NULL, -1 };
static const struct id client = { { 0x11 } }, object = { { 0x22 } }, other = { { 0x33 } };
static const uint8_t box_key[BOX_KEY_SIZE] = { 9, 9, 9 };
static const uint8_t other_box[BOX_KEY_SIZE] = { 8, 8, 8 };

static const char *
in_keys(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", keys, name);
    return path;
}

static void
remove_tree(const char *name)
{
    char inner[600];
    struct dirent *e;
    DIR *d = opendir(name);

    while (d != NULL && (e = readdir(d)) != NULL) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%s/%s", name, e->d_name);
        if (unlink(inner) != 0)
            remove_tree(inner);
    }
    if (d != NULL)
        closedir(d);
    (void)rmdir(name);
}

static int
start(void **state)
{
    (void)state;
    if (secret_start(NULL) != RC_OK || mkdtemp(top) == NULL)
        return 1;
    snprintf(keys, sizeof keys, "%s/keys", top);
    snprintf(backup, sizeof backup, "%s/backup.txt", top);
    return 0;
}

static int
fresh(void **state)
{
    (void)state;
    remove_tree(keys);
    unlink(backup);
    return 0;
}

static int
finish(void **state)
{
    (void)state;
    remove_tree(top);
    return 0;
}

static struct keyring *
opened(void)
{
    struct keyring *ring = NULL;

    assert_int_equal(keyring_open(keys, &no_source, &ring, NULL), RC_OK);
    return ring;
}

static enum rc
open_again(const struct root_source *source)
{
    struct keyring *ring = NULL;
    struct err err = { 0 };
    enum rc rc = keyring_open(keys, source, &ring, &err);

    keyring_close(ring);
    if (rc != RC_OK)
        assert_true(err.what[0] != '\0' && (err.where[0] != '\0' || err.cure[0] != '\0'));
    return rc;
}

static void
keys_come_back_after_a_restart(void **state)
{
    struct keyring *ring = opened();
    uint8_t raw[KEY_SIZE], again[KEY_SIZE], wrapped[WRAPPED_KEY_MAX], index[KEY_SIZE], own[KEY_SIZE], pub[32], pub2[32];
    size_t size = 0;

    (void)state;
    assert_int_equal(keyring_new_key(ring, &client, &object, raw, wrapped, &size), RC_NOT_FOUND);
    assert_int_equal(keyring_add_client(ring, &client, box_key), RC_OK);
    assert_int_equal(keyring_new_key(ring, &client, &object, raw, wrapped, &size), RC_OK);
    assert_true(size <= WRAPPED_KEY_MAX);
    assert_int_equal(keyring_index(ring, &client, index), RC_OK);
    assert_int_equal(keyring_own_key(ring, &client, own), RC_OK);
    assert_memory_not_equal(own, index, KEY_SIZE);
    assert_int_equal(keyring_own_key(ring, &object, again), RC_NOT_FOUND); /* no client */
    keyring_sign_key(ring, pub);
    keyring_close(ring);

    ring = opened();
    assert_int_equal(keyring_open_key(ring, &client, &object, bytes_of(wrapped, size), again), RC_OK);
    assert_memory_equal(raw, again, KEY_SIZE);
    assert_int_equal(keyring_index(ring, &client, again), RC_OK);
    assert_memory_equal(index, again, KEY_SIZE);
    assert_int_equal(keyring_own_key(ring, &client, again), RC_OK);
    assert_memory_equal(own, again, KEY_SIZE);
    keyring_sign_key(ring, pub2);
    assert_memory_equal(pub, pub2, 32);
    assert_int_equal(keyring_box_key(ring, &client, again), RC_OK);
    assert_memory_equal(box_key, again, 32);
    keyring_close(ring);
}

static void
a_wrapped_key_is_bound_to_its_owner(void **state)
{
    struct keyring *ring = opened();
    uint8_t raw[KEY_SIZE], out[KEY_SIZE], wrapped[WRAPPED_KEY_MAX];
    size_t size = 0;

    (void)state;
    assert_int_equal(keyring_add_client(ring, &client, box_key), RC_OK);
    assert_int_equal(keyring_add_client(ring, &other, box_key), RC_OK);
    assert_int_equal(keyring_new_key(ring, &client, &object, raw, wrapped, &size), RC_OK);
    assert_int_equal(keyring_open_key(ring, &client, &client, bytes_of(wrapped, size), out), RC_SEAL);
    assert_int_equal(keyring_open_key(ring, &other, &object, bytes_of(wrapped, size), out), RC_SEAL);
    assert_int_equal(keyring_open_key(ring, &client, &object, bytes_of(wrapped, size - 1), out), RC_SEAL);
    for (size_t bit = 0; bit < size * 8; bit++) {
        wrapped[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        assert_int_equal(keyring_open_key(ring, &client, &object, bytes_of(wrapped, size), out), RC_SEAL);
        wrapped[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    keyring_close(ring);
}

/* Whoever owns the disk must not be able to put in another delivery key, nor swap two clients. */
static void
a_clients_record_cannot_be_swapped_or_changed(void **state)
{
    struct keyring *ring = opened();
    char one[256], two[256], text[ID_TEXT];
    uint8_t out[KEY_SIZE], byte;
    struct stat st;
    int fd;

    (void)state;
    assert_int_equal(keyring_add_client(ring, &client, box_key), RC_OK);
    assert_int_equal(keyring_add_client(ring, &client, box_key), RC_OK);
    assert_int_equal(keyring_add_client(ring, &client, other_box), RC_EXISTS);
    assert_int_equal(keyring_add_client(ring, &other, other_box), RC_OK);
    keyring_close(ring);
    id_text(&client, text);
    snprintf(one, sizeof one, "%s/wrapped/client-%s.key", keys, text);
    id_text(&other, text);
    snprintf(two, sizeof two, "%s/wrapped/client-%s.key", keys, text);
    assert_int_equal(rename(two, one), 0);
    ring = opened();
    assert_int_equal(keyring_box_key(ring, &client, out), RC_SEAL);
    assert_int_equal(keyring_box_key(ring, &other, out), RC_NOT_FOUND);
    keyring_close(ring);

    /* A rotten byte anywhere is said too. */
    assert_int_equal(stat(one, &st), 0);
    assert_int_equal(chmod(one, 0600), 0);
    for (off_t at = 0; at < st.st_size; at += 7) {
        assert_true((fd = open(one, O_RDWR)) >= 0);
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= 0x40;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        ring = opened();
        assert_int_not_equal(keyring_box_key(ring, &client, out), RC_OK);
        keyring_close(ring);
        byte ^= 0x40;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        close(fd);
    }
}

static void
a_lost_root_key_is_a_stated_loss(void **state)
{
    struct keyring *ring = opened();
    uint8_t raw[KEY_SIZE], out[KEY_SIZE], wrapped[WRAPPED_KEY_MAX];
    char code[RECOVERY_CODE_TEXT], wrong[RECOVERY_CODE_TEXT];
    size_t size = 0;
    unsigned clients, newer;
    struct err err = { 0 };

    (void)state;
    assert_int_equal(keyring_add_client(ring, &client, box_key), RC_OK);
    assert_int_equal(keyring_count(ring, &clients, &newer), RC_OK);
    assert_int_equal(clients, 1);
    assert_int_equal(newer, 1);
    assert_int_equal(keyring_new_key(ring, &client, &object, raw, wrapped, &size), RC_OK);
    assert_int_equal(keyring_backup(ring, backup, code, NULL), RC_OK);
    assert_int_equal(strlen(code), 39);
    assert_int_equal(keyring_count(ring, &clients, &newer), RC_OK);
    assert_int_equal(newer, 0);
    assert_int_equal(keyring_backup(ring, backup, wrong, &err), RC_EXISTS);
    keyring_close(ring);

    /* Without its root key the store says so, and makes no new one. */
    assert_int_equal(unlink(in_keys("root.key")), 0);
    assert_int_equal(open_again(&no_source), RC_NOT_FOUND);
    assert_int_not_equal(access(in_keys("root.key"), F_OK), 0);

    /* With the backup and the code everything is back, whether the root or the whole folder is gone. */
    memcpy(wrong, code, sizeof wrong);
    wrong[0] = wrong[0] == 'A' ? 'B' : 'A';
    assert_int_equal(keyring_restore(keys, backup, wrong, &err), RC_INPUT);
    for (int whole = 0; whole < 2; whole++) {
        assert_int_equal(keyring_restore(keys, backup, code, &err), RC_OK);
        ring = opened();
        assert_int_equal(keyring_open_key(ring, &client, &object, bytes_of(wrapped, size), out), RC_OK);
        assert_memory_equal(raw, out, KEY_SIZE);
        keyring_close(ring);
        assert_int_equal(keyring_restore(keys, backup, code, &err), RC_EXISTS);
        remove_tree(keys);
    }
    /* And with neither, a new store knows nothing of the old keys. */
    ring = opened();
    assert_int_equal(keyring_open_key(ring, &client, &object, bytes_of(wrapped, size), out), RC_NOT_FOUND);
    assert_int_equal(keyring_add_client(ring, &client, box_key), RC_OK);
    assert_int_equal(keyring_open_key(ring, &client, &object, bytes_of(wrapped, size), out), RC_SEAL);
    keyring_close(ring);
}

/* A client that came after the backup stays readable when only the root key was lost. */
static void
a_restore_keeps_what_is_newer(void **state)
{
    struct keyring *ring = opened();
    char code[RECOVERY_CODE_TEXT];
    uint8_t out[KEY_SIZE];

    (void)state;
    assert_int_equal(keyring_add_client(ring, &client, box_key), RC_OK);
    assert_int_equal(keyring_backup(ring, backup, code, NULL), RC_OK);
    assert_int_equal(keyring_add_client(ring, &other, box_key), RC_OK);
    keyring_close(ring);
    assert_int_equal(unlink(in_keys("root.key")), 0);
    assert_int_equal(keyring_restore(keys, backup, code, NULL), RC_OK);
    ring = opened();
    assert_int_equal(keyring_box_key(ring, &other, out), RC_OK);
    keyring_close(ring);
}

static void
another_root_key_does_not_open_it(void **state)
{
    char saved[128];

    (void)state;
    keyring_close(opened());
    snprintf(saved, sizeof saved, "%s/saved", top);
    assert_int_equal(rename(in_keys("root.key"), saved), 0);
    assert_int_equal(rename(in_keys("wrapped"), backup), 0);
    keyring_close(opened()); /* a second store, with a root key of its own */
    remove_tree(in_keys("wrapped"));
    assert_int_equal(rename(backup, in_keys("wrapped")), 0);
    assert_int_equal(open_again(&no_source), RC_SEAL);
    assert_int_equal(rename(saved, in_keys("root.key")), 0);
    assert_int_equal(open_again(&no_source), RC_OK);
}

static void
rights_are_checked(void **state)
{
    (void)state;
    keyring_close(opened());
    assert_int_equal(chmod(keys, 0750), 0);
    assert_int_equal(open_again(&no_source), RC_CONFIG);
    assert_int_equal(chmod(keys, 0700), 0);
    assert_int_equal(chmod(in_keys("root.key"), 0444), 0);
    assert_int_equal(open_again(&no_source), RC_CONFIG);
}

static int
pipe_with(const char *text)
{
    int fd[2];

    assert_int_equal(pipe(fd), 0);
    assert_int_equal(write(fd[1], text, strlen(text)), (ssize_t)strlen(text));
    close(fd[1]);
    return fd[0];
}

static void
a_passphrase_opens_it(void **state)
{
    struct keyring *ring = opened();
    struct root_source source = { NULL, -1 };
    struct err err = { 0 };
    int fd;

    (void)state;
    fd = pipe_with("short\n");
    assert_int_equal(keyring_set_passphrase(ring, fd, &err), RC_INPUT);
    close(fd);
    fd = pipe_with("correcto caballo bateria grapa\n");
    assert_int_equal(keyring_set_passphrase(ring, fd, &err), RC_OK);
    close(fd);
    keyring_close(ring);
    assert_int_not_equal(access(in_keys("root.key"), F_OK), 0);
    assert_int_equal(open_again(&source), RC_CONFIG);
    source.passphrase_fd = pipe_with("correcto caballo bateria grapas\n");
    assert_int_equal(open_again(&source), RC_SEAL);
    close(source.passphrase_fd);
    source.passphrase_fd = pipe_with("correcto caballo bateria grapa\n");
    assert_int_equal(open_again(&source), RC_OK);
    close(source.passphrase_fd);
}

static void
a_credential_opens_it(void **state)
{
    static const char hex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
    struct root_source source = { top, -1 };
    char name[128];
    FILE *f;

    (void)state;
    snprintf(name, sizeof name, "%s/escriba-root", top);
    assert_non_null(f = fopen(name, "w"));
    fputs(hex, f);
    fclose(f);
    assert_int_equal(open_again(&source), RC_OK);
    assert_int_not_equal(access(in_keys("root.key"), F_OK), 0);
    assert_int_equal(open_again(&source), RC_OK);
    assert_int_equal(open_again(&no_source), RC_NOT_FOUND);
    assert_non_null(f = fopen(name, "w"));
    fputs("not a key", f);
    fclose(f);
    assert_int_equal(open_again(&source), RC_CONFIG);
    unlink(name);
}

static void
a_signature_names_its_reader(void **state)
{
    static const uint8_t digest[64] = { 5 };
    struct keyring *ring = opened();
    uint8_t sig[SIGNATURE_SIZE], pub[SIGN_KEY_SIZE], message[18 + 32 + 64];

    (void)state;
    assert_int_equal(keyring_add_client(ring, &client, box_key), RC_OK);
    assert_int_equal(keyring_sign(ring, &client, digest, sig), RC_OK);
    keyring_sign_key(ring, pub);
    memcpy(message, "escriba result v1\n", 18);
    memcpy(message + 18, box_key, 32);
    memcpy(message + 50, digest, 64);
    assert_int_equal(crypto_sign_verify_detached(sig, message, sizeof message, pub), 0);
    message[18] ^= 1;
    assert_int_not_equal(crypto_sign_verify_detached(sig, message, sizeof message, pub), 0);
    keyring_close(ring);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(keys_come_back_after_a_restart, fresh),
        cmocka_unit_test_setup(a_wrapped_key_is_bound_to_its_owner, fresh),
        cmocka_unit_test_setup(a_clients_record_cannot_be_swapped_or_changed, fresh),
        cmocka_unit_test_setup(a_lost_root_key_is_a_stated_loss, fresh),
        cmocka_unit_test_setup(a_restore_keeps_what_is_newer, fresh),
        cmocka_unit_test_setup(another_root_key_does_not_open_it, fresh),
        cmocka_unit_test_setup(rights_are_checked, fresh),
        cmocka_unit_test_setup(a_passphrase_opens_it, fresh),
        cmocka_unit_test_setup(a_credential_opens_it, fresh),
        cmocka_unit_test_setup(a_signature_names_its_reader, fresh),
    };

    return cmocka_run_group_tests(tests, start, finish);
}
