/*
 * test_cell.c - calls to a real cell host, and to hosts and children that lie.
 *
 * This program is its own evil host: started as "escriba-cell" it plays the part that its
 * argument names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/ipc.h"
#include "doc/recipe.h"
#include "sys/cell.h"
#include "sys/cell_wire.h"

static char self[4096], program[4200];

/* ---- the evil host --------------------------------------------------------------- */

static void
say(int fd, bool pipe, uint16_t type, struct buffer *b)
{
    enum rc rc = pipe ? ipc_send_pipe(fd, type, buffer_bytes(b))
                      : ipc_send(fd, type, buffer_bytes(b), NULL, 0);

    /* the caller may shut its end at the first lie; a host that lies goes on all the same */
    if (rc != RC_OK && !pipe)
        exit(0);
    buffer_done(b);
    buffer_init(b, 1u << 20);
}

static void
evil_artifact(int out, struct buffer *b, unsigned kind, size_t size)
{
    write_u8(b, (uint8_t)kind);
    write_u32(b, 0);
    for (size_t i = 0; i < size; i++)
        write_u8(b, 'x');
    say(out, true, CELL_ARTIFACT, b);
}

static void
evil_end(int out, struct buffer *b, unsigned rc, unsigned verdict, unsigned reason, uint32_t count,
         uint64_t bytes)
{
    write_u8(b, (uint8_t)rc);
    write_u8(b, (uint8_t)verdict);
    write_u16(b, (uint16_t)reason);
    write_u32(b, 0);
    write_u32(b, count);
    write_u64(b, bytes);
    say(out, true, CELL_END, b);
}

static void
evil_answer(const char *part, int out, struct buffer *b)
{
    if (strcmp(part, "honest") == 0) {
        evil_artifact(out, b, ARTIFACT_RECIPE, 9);
        evil_end(out, b, RC_OK, VERDICT_PASS, 0, 1, 9);
    } else if (strcmp(part, "no-end") == 0) {
        evil_artifact(out, b, ARTIFACT_RECIPE, 9);
    } else if (strcmp(part, "count") == 0) {
        evil_artifact(out, b, ARTIFACT_RECIPE, 9);
        evil_end(out, b, RC_OK, VERDICT_PASS, 0, 2, 9);
    } else if (strcmp(part, "bytes") == 0) {
        evil_artifact(out, b, ARTIFACT_RECIPE, 9);
        evil_end(out, b, RC_OK, VERDICT_PASS, 0, 1, 8);
    } else if (strcmp(part, "after") == 0) {
        evil_end(out, b, RC_OK, VERDICT_PASS, 0, 0, 0);
        evil_artifact(out, b, ARTIFACT_RECIPE, 1);
    } else if (strcmp(part, "kind") == 0) {
        evil_artifact(out, b, ARTIFACT_PACKAGE, 1); /* decode makes none */
        evil_end(out, b, RC_OK, VERDICT_PASS, 0, 1, 1);
    } else if (strcmp(part, "verdict") == 0) {
        evil_end(out, b, RC_OK, 9, 0, 0, 0);
    } else if (strcmp(part, "reason") == 0) {
        evil_end(out, b, RC_OK, VERDICT_REJECT, 9999, 0, 0);
    } else if (strcmp(part, "much") == 0) {
        evil_artifact(out, b, ARTIFACT_RECIPE, 5000);
        evil_end(out, b, RC_OK, VERDICT_PASS, 0, 1, 5000);
    } else if (strcmp(part, "noise") == 0) {
        (void)!write(out, "this is no frame at all, but long enough for a head", 51);
    } else if (strcmp(part, "huge") == 0) {
        (void)!write(out, "ESC1\004\000\000\000\377\377\377\377", 12);
    }
}

static int
evil_host(const char *part)
{
    struct buffer in, b;
    struct frame f;

    buffer_init(&in, CELL_REQUEST_MAX);
    buffer_init(&b, 1u << 20);
    write_u32(&b, 0);
    write_u32(&b, 0);
    write_text(&b, "");
    write_text(&b, "");
    write_text(&b, "");
    say(CELL_CONTROL_FD, false, CELL_HELLO, &b);
    while (ipc_recv(CELL_CONTROL_FD, CELL_REQUEST_MAX, -1, &in, &f) == RC_OK) {
        if (strcmp(part, "dies") == 0)
            return 0;
        evil_answer(part, f.fd[0], &b);
        for (int i = 0; i < f.fds; i++)
            close(f.fd[i]);
        write_u8(&b, CELL_EXITED);
        write_u8(&b, 0);
        write_u32(&b, 1);
        write_u32(&b, 1);
        say(CELL_CONTROL_FD, false, CELL_DONE, &b);
    }
    return 0;
}

/* ---- calls ----------------------------------------------------------------------- */

static struct cell_host *
start(const char *what, const char *forms)
{
    struct err err = { .rc = RC_OK };
    struct cell_host *host = NULL;

    if (cell_host_start(what, forms, &host, &err) != RC_OK)
        err_print(&err, stdout);
    return host;
}

static enum rc
call(struct cell_host *host, const char *stage, const void *bytes, size_t size, size_t most,
     struct arena *arena, struct cell_answer *answer)
{
    struct cell_input input = { ARTIFACT_ORIGINAL, 0, -1, bytes_of(bytes, size) };
    struct cell_call c = { .stage = stage_find(stage),
                           .inputs = &input,
                           .input_count = 1,
                           .hint = "",
                           .name = "",
                           .output_max = most };

    return cell_run(host, &c, arena, answer);
}

static const struct {
    const char *part;
    enum rc rc;
    enum reason reason;
} lies[] = {
    { "honest", RC_OK, REASON_NONE },          { "no-end", RC_KILLED, REASON_CELL_DIED },
    { "count", RC_KILLED, REASON_CELL_DIED },  { "bytes", RC_KILLED, REASON_CELL_DIED },
    { "after", RC_KILLED, REASON_CELL_DIED },  { "kind", RC_KILLED, REASON_CELL_DIED },
    { "verdict", RC_KILLED, REASON_CELL_DIED }, { "reason", RC_KILLED, REASON_CELL_DIED },
    { "much", RC_KILLED, REASON_CELL_DIED },   { "noise", RC_KILLED, REASON_CELL_DIED },
    { "huge", RC_KILLED, REASON_CELL_DIED },
};

static void
lies_are_not_believed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lies); i++) {
        struct cell_host *host = start(self, lies[i].part);
        struct arena *arena = arena_new(1 << 20);
        struct cell_answer answer;
        enum rc rc;

        assert_non_null(host);
        for (int again = 0; again < 2; again++) {
            rc = call(host, "decode", "x", 1, 1000, arena, &answer);
            if (rc != lies[i].rc)
                fail_msg("%s: %s", lies[i].part, rc_name(rc));
            assert_int_equal(answer.result.reason, lies[i].reason);
            assert_int_equal(answer.made.count, lies[i].rc == RC_OK ? 1 : 0);
        }
        cell_host_stop(host);
        arena_free(arena);
    }
}

static void
a_lost_host_is_said_to_be_lost(void **state)
{
    struct cell_host *host = start(self, "dies");
    struct arena *arena = arena_new(1 << 20);
    struct cell_answer answer;

    (void)state;
    assert_non_null(host);
    assert_int_equal(call(host, "decode", "x", 1, 0, arena, &answer), RC_IO);
    assert_int_equal(call(host, "decode", "x", 1, 0, arena, &answer), RC_IO);
    cell_host_stop(host);
    host = NULL;
    assert_int_not_equal(cell_host_start("/nonexistent/escriba-cell", "", &host, NULL), RC_OK);
    assert_int_not_equal(cell_host_start("/bin/true", "", &host, NULL), RC_OK);
    assert_null(host);
    arena_free(arena);
}

static void
a_real_host_serves(void **state)
{
    static const char png[] = "\211PNG\r\n\032\n\000\000\000\015IHDR\000\001\206\240\000\001\206"
                              "\240\010\000\000\000\000....";
    struct cell_host *host = start(program, SOURCE_DIR "/forms");
    struct arena *arena = arena_new(64u << 20);
    struct cell_answer answer;
    int64_t begin;

    (void)state;
    assert_non_null(host);
    printf("# the host lacks: %u\n", cell_host_lacks(host));
    assert_int_equal(call(host, "decode", png, sizeof png - 1, 0, arena, &answer), RC_OK);
    assert_int_equal(answer.result.verdict, VERDICT_REJECT);
    assert_int_equal(answer.result.reason, REASON_SIDE_TOO_LONG);
    assert_int_equal(answer.result.detail, SIDE_MAX);
    begin = clock_ms();
    for (int i = 0; i < 100; i++)
        assert_int_equal(call(host, "decode", "", 0, 0, arena, &answer), RC_OK);
    assert_int_equal(answer.result.reason, REASON_EMPTY_FILE);
    printf("# cage_call_ms: %.2f\n", (double)(clock_ms() - begin) / 100);
    /* rows that are no cell's are not run */
    assert_int_equal(call(host, "review", "x", 1, 0, arena, &answer), RC_BUG);
    assert_int_equal(call(host, "decode", "GIF89a", 6, 0, arena, &answer), RC_OK);
    assert_int_equal(answer.result.reason, REASON_FORMAT_REFUSED);
    cell_host_stop(host);
    arena_free(arena);
}

/* One page; the content is put into the body. */
static char *
page_pdf(const char *content, size_t repeat, size_t *size)
{
    const size_t n = strlen(content);
    char *pdf = malloc(2000 + n * repeat);
    int at;

    assert_non_null(pdf);
    at = sprintf(pdf,
                 "%%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 "
                 "obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
                 "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 "
                 "R/Resources<</Font<</F 5 0 R>>>>>>\nendobj\n"
                 "5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n4 0 "
                 "obj\n<</Length %zu>>stream\n",
                 n * repeat);
    for (size_t i = 0; i < repeat; i++) {
        memcpy(pdf + at, content, n);
        at += (int)n;
    }
    at += sprintf(pdf + at, "\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n%%%%EOF\n");
    *size = (size_t)at;
    return pdf;
}

static enum rc
paint(struct cell_host *host, const char *content, size_t repeat, struct arena *arena,
      struct cell_answer *answer)
{
    size_t size;
    char *pdf = page_pdf(content, repeat, &size);
    struct cell_input inputs[2] = { { ARTIFACT_ORIGINAL, 0, -1, { NULL, 0 } },
                                    { ARTIFACT_RECIPE, 0, -1, { NULL, 0 } } };
    struct cell_call c = {
        .stage = stage_find("decode"), .inputs = inputs, .input_count = 1, .hint = "", .name = ""
    };
    enum rc rc;

    assert_int_equal(ipc_memfd("pdf", bytes_of(pdf, size), &inputs[0].fd), RC_OK);
    free(pdf);
    assert_int_equal(cell_run(host, &c, arena, answer), RC_OK);
    assert_int_equal(answer->made.count, 1);
    inputs[1].bytes = answer->made.items[0].bytes;
    c.stage = stage_find("paint");
    c.input_count = 2;
    rc = cell_run(host, &c, arena, answer);
    close(inputs[0].fd);
    return rc;
}

static void
a_page_is_painted_with_its_fonts(void **state)
{
    struct cell_host *host = start(program, SOURCE_DIR "/forms");
    struct arena *arena = arena_new(64u << 20);
    struct cell_answer answer;
    struct bytes raster;
    size_t ink = 0;

    (void)state;
    assert_non_null(host);
    assert_int_equal(paint(host, "BT /F 40 Tf 20 100 Td (Invoice) Tj ET", 1, arena, &answer),
                     RC_OK);
    assert_true(answer.raster_fd >= 0);
    assert_int_equal(ipc_map(answer.raster_fd, PIXELS_MAX, &raster), RC_OK);
    for (size_t i = 20; i < raster.size; i++)
        ink += raster.data[i] < 100;
    /* a font that is not in the file: without the machine's fonts the page would come out white, without an error */
    assert_true(ink > 1000);
    assert_true(write(answer.raster_fd, "x", 1) < 0);
    ipc_unmap(raster);
    close(answer.raster_fd);
    /* a flood that makes the painter's memory run out is a refusal with its reason, and the host lives on */
    assert_int_equal(paint(host, "q ", 2000000, arena, &answer), RC_KILLED);
    assert_int_equal(answer.result.reason, REASON_MEMORY);
    assert_int_equal(answer.raster_fd, -1);
    assert_int_equal(call(host, "decode", "", 0, 0, arena, &answer), RC_OK);
    cell_host_stop(host);
    arena_free(arena);
}

static int
find_programs(void **state)
{
    const char *bin = getenv("BIN");
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    (void)state;
    if (n <= 0)
        return -1;
    self[n] = 0;
    if (bin != NULL)
        snprintf(program, sizeof program, "%s/escriba-cell", bin);
    else
        snprintf(program, sizeof program, "%.*s/../bin/escriba-cell",
                 (int)(strrchr(self, '/') - self), self);
    return 0;
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lies_are_not_believed),
        cmocka_unit_test(a_lost_host_is_said_to_be_lost),
        cmocka_unit_test(a_real_host_serves),
        cmocka_unit_test(a_page_is_painted_with_its_fonts),
    };

    if (argc == 2 && strcmp(argv[0], "escriba-cell") == 0)
        return evil_host(argv[1]);
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, find_programs, NULL);
}
