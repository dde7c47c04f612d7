/* test_base.c - does lib/base keep its headers' promises? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/codec.h"
#include "base/err.h"
#include "base/id.h"
#include "base/ipc.h"
#include "base/log.h"
#include "base/sha256.h"
#include "base/text.h"

static void
arena_has_a_ceiling(void **state)
{
    struct arena *arena = arena_new(100000);

    (void)state;
    assert_non_null(arena);
    assert_non_null(arena_alloc(arena, 60000));
    assert_null(arena_alloc(arena, 60000));
    assert_null(arena_array(arena, SIZE_MAX / 2, 3));
    assert_null(arena_alloc(arena, SIZE_MAX));
    assert_non_null(arena_alloc(arena, 0));
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
    assert_non_null(arena_alloc(arena, 99000));
    arena_free(arena);
    arena_free(NULL);
}

static void
arena_gives_zeroed_aligned_memory(void **state)
{
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    for (size_t size = 1; size < 5000; size += 37) {
        uint8_t *at = arena_alloc(arena, size);

        assert_non_null(at);
        assert_int_equal((uintptr_t)at % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(at[i], 0);
        memset(at, 0xff, size);
    }
    arena_reset(arena);
    assert_int_equal(((uint8_t *)arena_alloc(arena, 16))[0], 0);
    assert_string_equal(arena_printf(arena, "%d-%s", 7, "x"), "7-x");
    arena_free(arena);
}

static void
codec_gives_back_what_was_written(void **state)
{
    struct arena *arena = arena_new(1 << 16);
    struct buffer b;
    struct reader r;

    (void)state;
    buffer_init(&b, 1 << 16);
    write_u8(&b, 200);
    write_u16(&b, 60000);
    write_u32(&b, 4000000000u);
    write_u64(&b, UINT64_MAX);
    write_i32(&b, INT32_MIN);
    write_i64(&b, INT64_MIN);
    write_f64(&b, -0.1);
    write_var(&b, UINT64_MAX);
    write_svar(&b, INT64_MIN);
    write_svar(&b, -1);
    write_text(&b, "ñandú");
    write_bytes(&b, bytes_of("a\0b", 3));
    assert_false(b.failed);
    r = reader_from(buffer_bytes(&b));
    assert_int_equal(read_u8(&r), 200);
    assert_int_equal(read_u16(&r), 60000);
    assert_true(read_u32(&r) == 4000000000u);
    assert_true(read_u64(&r) == UINT64_MAX);
    assert_true(read_i32(&r) == INT32_MIN);
    assert_true(read_i64(&r) == INT64_MIN);
    assert_true(fabs(read_f64(&r) + 0.1) < 1e-12);
    assert_true(read_var(&r) == UINT64_MAX);
    assert_true(read_svar(&r) == INT64_MIN);
    assert_true(read_svar(&r) == -1);
    assert_string_equal(read_text(&r, 100, arena), "ñandú");
    assert_int_equal(read_bytes(&r, 100).size, 3);
    assert_true(reader_finished(&r));
    buffer_done(&b);
    arena_free(arena);
}

static void
codec_stops_at_every_cut(void **state)
{
    struct arena *arena = arena_new(1 << 16);
    struct buffer b;

    (void)state;
    buffer_init(&b, 1000);
    write_u32(&b, 7);
    write_text(&b, "hello");
    write_var(&b, 300);
    for (size_t cut = 0; cut < b.size; cut++) {
        struct reader r = reader_from(bytes_of(b.data, cut));

        (void)read_u32(&r);
        (void)read_text(&r, 100, arena);
        (void)read_var(&r);
        assert_false(reader_finished(&r));
    }
    buffer_done(&b);
    arena_free(arena);
}

static void
codec_refuses_what_cannot_be(void **state)
{
    static const struct {
        const char *what;
        uint8_t bytes[12];
        size_t size;
    } rows[] = {
        { "a length beyond the maximum", { 0xff, 0xff, 0xff, 0x7f, 1 }, 5 },
        { "a NUL inside a text", { 3, 0, 0, 0, 'a', 0, 'b' }, 7 },
        { "something left over", { 1, 0, 0, 0, 'a', 'b' }, 6 },
    };
    static const uint8_t nan_bytes[8] = { 0, 0, 0, 0, 0, 0, 0xf8, 0x7f };
    static const uint8_t long_var[11] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1 };
    struct arena *arena = arena_new(1 << 16);
    struct reader r;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        r = reader_from(bytes_of(rows[i].bytes, rows[i].size));
        (void)read_text(&r, 100, arena);
        if (reader_finished(&r))
            fail_msg("%s was taken", rows[i].what);
    }
    r = reader_from(bytes_of(nan_bytes, sizeof nan_bytes));
    (void)read_f64(&r);
    assert_false(reader_ok(&r));
    r = reader_from(bytes_of(long_var, sizeof long_var));
    (void)read_var(&r);
    assert_false(reader_ok(&r));
    arena_free(arena);
}

static void
buffer_keeps_its_ceiling(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, 10);
    assert_true(buffer_append(&b, "12345", 5));
    assert_true(buffer_append(&b, "67890", 5));
    assert_false(buffer_append(&b, "x", 1));
    assert_true(b.failed);
    assert_int_equal(b.size, 10);
    buffer_done(&b);
}

static void
text_is_made_harmless(void **state)
{
    static const struct {
        const char *in, *want;
    } rows[] = {
        { "plain", "plain" },
        { "a\033[2Jb", "a?[2Jb" },
        { "r\xe2\x80\xaetl", "r?tl" },       /* right-to-left override */
        { "zero\xe2\x80\x8bwidth", "zero?width" },
        { "\xc3\xb1", "\xc3\xb1" },
        { "\xc0\xaf", "??" },                 /* overlong slash */
        { "\xed\xa0\x80", "???" },            /* surrogate */
        { "\xc2\x9b" "2J", "?2J" },           /* C1 control sequence introducer */
        { "a\tb\n", "a?b?" },
    };
    struct arena *arena = arena_new(1 << 16);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(text_printable(arena, rows[i].in, strlen(rows[i].in)), rows[i].want);
    arena_free(arena);
}

static void
numbers_are_parsed_strictly(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        int64_t want;
    } rows[] = {
        { "0", true, 0 },        { "-12", true, -12 },  { "9223372036854775807", true, INT64_MAX },
        { "", false, 0 },        { "-", false, 0 },     { "9223372036854775808", false, 0 },
        { " 1", false, 0 },      { "1 ", false, 0 },    { "0x10", false, 0 },
        { "+1", false, 0 },      { "1e3", false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t got = 0;

        assert_int_equal(text_parse_i64(rows[i].in, INT64_MIN, INT64_MAX, &got), rows[i].ok);
        assert_true(got == rows[i].want);
    }
}

static void
ids_print_and_parse(void **state)
{
    struct id a;
    struct id b;
    char text[ID_TEXT];

    (void)state;
    id_new(&a);
    id_text(&a, text);
    assert_int_equal(strlen(text), 36);
    assert_true(id_parse(text, &b));
    assert_true(id_equal(&a, &b));
    assert_false(id_parse("12345678-1234-1234-1234-12345678901", &b));
    assert_false(id_parse("12345678-1234-1234-1234-1234567890123", &b));
    assert_false(id_parse("12345678x1234-1234-1234-123456789012", &b));
}

static void
frames_carry_descriptors(void **state)
{
    int pair[2];
    int fd;
    struct buffer b;
    struct frame f;
    struct bytes mapped;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(ipc_memfd("t", bytes_str("inside"), &fd), RC_OK);
    assert_int_equal(ipc_send(pair[0], 42, bytes_str("body"), &fd, 1), RC_OK);
    close(fd);
    buffer_init(&b, 1000);
    assert_int_equal(ipc_recv(pair[1], 100, 1000, &b, &f), RC_OK);
    assert_int_equal(f.type, 42);
    assert_int_equal(f.fds, 1);
    assert_true(bytes_equal(f.body, bytes_str("body")));
    assert_int_equal(ipc_map(f.fd[0], 100, &mapped), RC_OK);
    assert_true(bytes_equal(mapped, bytes_str("inside")));
    assert_int_equal(write(f.fd[0], "x", 1), -1); /* sealed */
    ipc_unmap(mapped);
    close(f.fd[0]);
    assert_int_equal(ipc_recv(pair[1], 100, 50, &b, &f), RC_TIMEOUT);
    assert_int_equal(ipc_send(pair[0], 1, bytes_str("too long a body"), NULL, 0), RC_OK);
    assert_int_equal(ipc_recv(pair[1], 4, 1000, &b, &f), RC_LIMIT);
    close(pair[0]);
    close(pair[1]);
    buffer_done(&b);
}

static void
frames_of_strangers_are_refused(void **state)
{
    int pair[2];
    struct buffer b;
    struct frame f;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    buffer_init(&b, 1000);
    assert_int_equal(write(pair[0], "GET / HTTP/1.0\r\n", 16), 16);
    assert_int_equal(ipc_recv(pair[1], 100, 1000, &b, &f), RC_INPUT);
    close(pair[0]);
    assert_int_not_equal(ipc_recv(pair[1], 100, 1000, &b, &f), RC_OK);
    close(pair[1]);
    buffer_done(&b);
}

static void
every_code_has_a_name_and_a_remedy(void **state)
{
    (void)state;
    for (int rc = RC_OK; rc <= RC_BUG; rc++) {
        assert_string_not_equal(rc_name((enum rc)rc), "unknown");
        (void)rc_remedy((enum rc)rc);
    }
    assert_string_equal(rc_name((enum rc)999), "unknown");
    assert_int_equal(rc_remedy(RC_LOST), REMEDY_FORGET);
    assert_int_equal(rc_remedy(RC_FULL), REMEDY_RETRY);
}

/* FIPS 180-4's own examples, and every place where a block can end. */
static void
hashes_are_those_of_sha256sum(void **state)
{
    static const struct { const char *text, *hex; } rows[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };
    char hex[2 * SHA256_SIZE + 1], bytes[200];
    uint8_t out[SHA256_SIZE], again[SHA256_SIZE];
    struct sha256 s;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sha256_init(&s);
        sha256_add(&s, rows[i].text, strlen(rows[i].text));
        sha256_end(&s, out);
        text_hex(out, sizeof out, hex);
        assert_string_equal(hex, rows[i].hex);
    }
    memset(bytes, 'x', sizeof bytes);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        sha256_init(&s);
        sha256_add(&s, bytes, n);
        sha256_end(&s, out);
        sha256_init(&s);
        for (size_t i = 0; i < n; i++)
            sha256_add(&s, bytes + i, 1);
        sha256_end(&s, again);
        assert_memory_equal(out, again, sizeof out);
    }
    assert_int_equal(sha256_file("/nowhere/at/all", out), RC_IO);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_has_a_ceiling),
        cmocka_unit_test(arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(codec_gives_back_what_was_written),
        cmocka_unit_test(codec_stops_at_every_cut),
        cmocka_unit_test(codec_refuses_what_cannot_be),
        cmocka_unit_test(buffer_keeps_its_ceiling),
        cmocka_unit_test(text_is_made_harmless),
        cmocka_unit_test(numbers_are_parsed_strictly),
        cmocka_unit_test(ids_print_and_parse),
        cmocka_unit_test(frames_carry_descriptors),
        cmocka_unit_test(frames_of_strangers_are_refused),
        cmocka_unit_test(every_code_has_a_name_and_a_remedy),
        cmocka_unit_test(hashes_are_those_of_sha256sum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
