/* test_vault.c - an envelope opens with its key, in its place, unchanged; and in no other case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <string.h>

#include "sys/vault.h"

static const uint8_t raw_key[KEY_SIZE] = { 1, 2, 3 };
static const uint8_t other_raw[KEY_SIZE] = { 1, 2, 4 };
static const struct id client = { { 0xaa, 1 } }, object = { { 0xbb, 2 } };
static const struct id other_client = { { 0xaa, 2 } }, other_object = { { 0xbb, 3 } };
static const struct seal_place place = { ARTIFACT_READING, 7, 3, 2, true };

static int
start(void **state)
{
    (void)state;
    return secret_start(NULL) == RC_OK ? 0 : 1;
}

static struct bytes
sealed(const struct doc_key *key, struct arena *arena, struct bytes plain)
{
    struct bytes out = { NULL, 0 };

    assert_int_equal(vault_seal(key, &place, plain, arena, &out), RC_OK);
    assert_int_equal(out.size, plain.size + VAULT_OVERHEAD);
    return out;
}

static void
what_is_sealed_opens(void **state)
{
    static const size_t sizes[] = { 0, 1, 31, 4096, VAULT_PART };
    struct doc_key *key = doc_key_new(&client, &object, raw_key);
    struct arena *arena = arena_new(16 << 20);

    (void)state;
    assert_non_null(key);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        uint8_t *plain = arena_alloc(arena, sizes[i]);
        struct bytes out;

        randombytes_buf(plain, sizes[i]);
        assert_int_equal(
            vault_open(key, &place, sealed(key, arena, bytes_of(plain, sizes[i])), arena, &out), RC_OK);
        assert_true(bytes_equal(out, bytes_of(plain, sizes[i])));
        arena_reset(arena);
    }
    arena_free(arena);
    doc_key_free(key);
}

static void
every_changed_bit_is_found(void **state)
{
    struct doc_key *key = doc_key_new(&client, &object, raw_key);
    struct arena *arena = arena_new(4 << 20), *scratch = arena_new(1 << 20);
    struct bytes good = sealed(key, arena, bytes_str("Importe total: 1.234,56"));
    uint8_t *copy = arena_alloc(arena, good.size);

    (void)state;
    for (size_t bit = 0; bit < good.size * 8; bit++) {
        struct bytes out = { NULL, 0 };

        memcpy(copy, good.data, good.size);
        copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        assert_int_equal(vault_open(key, &place, bytes_of(copy, good.size), scratch, &out), RC_SEAL);
        assert_null(out.data);
        arena_reset(scratch);
    }
    for (size_t cut = 0; cut < good.size; cut++) {
        struct bytes out = { NULL, 0 };

        assert_int_equal(vault_open(key, &place, bytes_of(good.data, cut), scratch, &out), RC_SEAL);
        arena_reset(scratch);
    }
    arena_free(scratch);
    arena_free(arena);
    doc_key_free(key);
}

static void
it_opens_nowhere_else(void **state)
{
    static const struct seal_place elsewhere[] = {
        { ARTIFACT_FIELDS, 7, 3, 2, true },  { ARTIFACT_READING, 8, 3, 2, true },
        { ARTIFACT_READING, 7, 4, 2, true }, { ARTIFACT_READING, 7, 3, 1, true },
        { ARTIFACT_READING, 7, 3, 2, false },
    };
    static const struct {
        const struct id *client, *object;
        const uint8_t *raw;
    } keys[] = {
        { &other_client, &object, raw_key },
        { &client, &other_object, raw_key },
        { &client, &object, other_raw },
        { &object, &client, raw_key },
    };
    struct doc_key *key = doc_key_new(&client, &object, raw_key);
    struct arena *arena = arena_new(1 << 20);
    struct bytes good = sealed(key, arena, bytes_str("W-2")), out;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(elsewhere); i++)
        assert_int_equal(vault_open(key, &elsewhere[i], good, arena, &out), RC_SEAL);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        struct doc_key *other = doc_key_new(keys[i].client, keys[i].object, keys[i].raw);

        assert_int_equal(vault_open(other, &place, good, arena, &out), RC_SEAL);
        doc_key_free(other);
    }
    assert_int_equal(vault_open(key, &place, good, arena, &out), RC_OK);
    arena_free(arena);
    doc_key_free(key);
}

/* The same bytes sealed twice look different: nobody learns that two pages are equal. */
static void
equal_texts_look_different(void **state)
{
    struct doc_key *key = doc_key_new(&client, &object, raw_key);
    struct arena *arena = arena_new(1 << 20);
    struct bytes a = sealed(key, arena, bytes_str("0.00")), b = sealed(key, arena, bytes_str("0.00"));

    (void)state;
    assert_memory_not_equal(a.data + 53, b.data + 53, a.size - 53);
    arena_free(arena);
    doc_key_free(key);
}

static void
a_tag_is_its_clients_and_its_purposes(void **state)
{
    struct index_key *one = index_key_new(&client, raw_key), *two = index_key_new(&other_client, other_raw);
    uint8_t a[32], b[32];

    (void)state;
    index_key_tag(one, "content", "x", 1, a);
    index_key_tag(one, "content", "x", 1, b);
    assert_memory_equal(a, b, 32);
    index_key_tag(one, "conten", "tx", 2, b);
    assert_memory_not_equal(a, b, 32);
    index_key_tag(one, "name", "x", 1, b);
    assert_memory_not_equal(a, b, 32);
    index_key_tag(two, "content", "x", 1, b);
    assert_memory_not_equal(a, b, 32);
    index_key_free(one);
    index_key_free(two);
    index_key_free(NULL);
    doc_key_free(NULL);
}

static void
too_large_is_refused_before_memory_is_asked_for(void **state)
{
    struct doc_key *key = doc_key_new(&client, &object, raw_key);
    struct arena *arena = arena_new(1 << 16);
    struct bytes out;

    (void)state;
    assert_int_equal(vault_seal(key, &place, bytes_of(raw_key, (size_t)VAULT_PLAIN_MAX + 1), arena, &out), RC_LIMIT);
    assert_int_equal(vault_seal(key, &place, bytes_of(raw_key, 1 << 20), arena, &out), RC_NOMEM);
    arena_free(arena);
    doc_key_free(key);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed_opens),
        cmocka_unit_test(every_changed_bit_is_found),
        cmocka_unit_test(it_opens_nowhere_else),
        cmocka_unit_test(equal_texts_look_different),
        cmocka_unit_test(a_tag_is_its_clients_and_its_purposes),
        cmocka_unit_test(too_large_is_refused_before_memory_is_asked_for),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
