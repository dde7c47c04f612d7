/* test_unpack.c - archives give their plain files, within limits, under harmless names; manifests are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <zlib.h>

#include "doc/entry.h"
#include "doc/manifest.h"
#include "stage_bench.h"
#include "stages.h"

#define ROOM (4u << 20)

struct packed {
    struct archive *a;
    uint8_t *data;
    size_t size;
};

static void
pack_begin(struct packed *p, bool zip, const char *options)
{
    p->a = archive_write_new();
    p->data = malloc(ROOM);
    assert_non_null(p->data);
    if (zip)
        assert_int_equal(archive_write_set_format_zip(p->a), ARCHIVE_OK);
    else
        assert_int_equal(archive_write_set_format_pax_restricted(p->a), ARCHIVE_OK);
    if (options != NULL)
        assert_int_equal(archive_write_set_options(p->a, options), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(p->a, p->data, ROOM, &p->size), ARCHIVE_OK);
}

static void
pack(struct packed *p, const char *name, int type, int mode, const char *link, const void *bytes,
     size_t size)
{
    struct archive_entry *e = archive_entry_new();

    archive_entry_set_pathname(e, name);
    archive_entry_set_filetype(e, (unsigned)type);
    archive_entry_set_perm(e, (mode_t)mode);
    if (type == AE_IFLNK)
        archive_entry_set_symlink(e, link);
    else if (link != NULL)
        archive_entry_set_hardlink(e, link);
    if (type == AE_IFREG)
        archive_entry_set_size(e, (la_int64_t)size);
    assert_true(archive_write_header(p->a, e) >= ARCHIVE_WARN);
    if (size > 0)
        assert_int_equal(archive_write_data(p->a, bytes, size), size);
    archive_entry_free(e);
}

static void
file_in(struct packed *p, const char *name, const char *text)
{
    pack(p, name, AE_IFREG, 0644, NULL, text, strlen(text));
}

static void
pack_end(struct packed *p)
{
    assert_int_equal(archive_write_close(p->a), ARCHIVE_OK);
    archive_write_free(p->a);
}

static struct bench *
unpacked(const void *data, size_t size, const char *name, uint32_t depth)
{
    struct bench *b = bench_new(data, size, name);

    b->job.depth = depth;
    bench_run(b, unpack_run);
    assert_int_equal(b->rc, RC_OK);
    return b;
}

static void
expect_entry(struct bench *b, uint32_t i, const char *name, const char *text)
{
    struct entry e;

    assert_true(i < b->count);
    assert_int_equal(b->made[i].kind, ARTIFACT_ENTRY);
    assert_int_equal(entry_read(b->made[i].bytes, b->arena, &e), RC_OK);
    assert_string_equal(e.name, name);
    assert_int_equal(e.bytes.size, strlen(text));
    assert_memory_equal(e.bytes.data, text, strlen(text));
}

static void
refused(const void *data, size_t size, uint32_t depth, enum reason why)
{
    struct bench *b = unpacked(data, size, "x", depth);

    assert_int_equal(b->result.verdict, VERDICT_REJECT);
    if (b->result.reason != why)
        fail_msg("%s, not %s", reason_row(b->result.reason)->word, reason_row(why)->word);
    bench_free(b);
}

static void
plain_files_come_out(void **state)
{
    (void)state;
    for (int zip = 0; zip < 2; zip++) {
        struct packed p;
        struct bench *b;
        struct entry e;

        pack_begin(&p, zip, NULL);
        pack(&p, "scans", AE_IFDIR, 0755, NULL, NULL, 0);
        file_in(&p, "scans/one.pdf", "%PDF-1.7 one");
        file_in(&p, "scans/f\303\241ctura.tif", "II*\000two");
        pack_end(&p);
        b = unpacked(p.data, p.size, "x", 0);
        assert_int_equal(b->result.verdict, VERDICT_PASS);
        assert_int_equal(b->result.reason, REASON_NONE);
        assert_int_equal(b->count, 2);
        expect_entry(b, 0, "one.pdf", "%PDF-1.7 one");
        assert_int_equal(entry_read(b->made[0].bytes, b->arena, &e), RC_OK);
        assert_int_equal(e.format, FORMAT_PDF);
        for (size_t cut = 1; cut < p.size && zip; cut += 7)
            refused(p.data, cut, 0, cut < 4 ? REASON_UNKNOWN_FORMAT : REASON_TRUNCATED);
        bench_free(b);
        free(p.data);
    }
}

static void
what_is_no_plain_file_is_dropped(void **state)
{
    struct packed p;
    struct bench *b;

    (void)state;
    pack_begin(&p, false, NULL);
    pack(&p, "link", AE_IFLNK, 0777, "/etc", NULL, 0);
    pack(&p, "pipe", AE_IFIFO, 0644, NULL, NULL, 0);
    pack(&p, "null", AE_IFCHR, 0644, NULL, NULL, 0);
    pack(&p, "su", AE_IFREG, 06755, NULL, "x", 1);
    pack(&p, "hard", AE_IFREG, 0644, "/etc/shadow", NULL, 0);
    file_in(&p, "ok.pdf", "%PDF-1.7");
    pack_end(&p);
    b = unpacked(p.data, p.size, "x.tar", 0);
    assert_int_equal(b->result.verdict, VERDICT_PASS);
    assert_int_equal(b->result.reason, REASON_ENTRIES_DROPPED);
    assert_int_equal(b->result.detail, 5);
    assert_int_equal(b->count, 1);
    expect_entry(b, 0, "ok.pdf", "%PDF-1.7");
    bench_free(b);
    free(p.data);
}

static const struct {
    const char *raw, *clean;
    bool odd;
} names[] = {
    { "a.pdf", "a.pdf", false },
    { "b/c/a.pdf", "a.pdf", false },
    { "../../etc/passwd", "passwd", true },
    { "/abs/a.pdf", "a.pdf", true },
    { "C:\\x\\a.pdf", "a.pdf", true },
    { "a/../../b.pdf", "b.pdf", true },
    { "..", "entry", true },
    { "a\nb.pdf", "a_b.pdf", true },
    { "\033[2Jx.pdf", "_[2Jx.pdf", true },
    { "\342\200\256fdp.exe", "_fdp.exe", true },
    { "bad\377utf", "bad_utf", true },
    { "caf\303\251.pdf", "caf\303\251.pdf", false },
    { "-rf.pdf", "-rf.pdf", false },
    { "%n%s.pdf", "%n%s.pdf", false },
};

static void
names_are_data(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    char longest[600];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_string_equal(entry_name_clean(bytes_str(names[i].raw), arena), names[i].clean);
    assert_string_equal(entry_name_clean(bytes_of("a\000/b", 4), arena), "b");
    memset(longest, 'x', sizeof longest);
    memcpy(longest + 254, "\303\251", 2);
    assert_int_equal(strlen(entry_name_clean(bytes_of(longest, sizeof longest), arena)), 254);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct packed p;
        struct bench *b;

        if (strchr(names[i].raw, '\377') != NULL)
            continue;
        pack_begin(&p, false, NULL);
        file_in(&p, names[i].raw, "%PDF-1.7");
        pack_end(&p);
        b = unpacked(p.data, p.size, "x.tar", 0);
        assert_int_equal(b->result.verdict, VERDICT_PASS);
        if ((b->result.reason == REASON_ENTRIES_DROPPED) != names[i].odd)
            fail_msg("row %zu", i);
        bench_free(b);
        free(p.data);
    }
    arena_free(arena);
}

static uint8_t *
gzipped(const void *data, size_t size, size_t *out)
{
    uint8_t *to = malloc(size + 1000);
    z_stream z;

    assert_non_null(to);
    memset(&z, 0, sizeof z);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)size;
    z.next_out = to;
    z.avail_out = (uInt)(size + 1000);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    *out = z.total_out;
    deflateEnd(&z);
    return to;
}

static void
gzip_holds_a_file_or_a_tar(void **state)
{
    const char text[] = "%PDF-1.7 in gzip";
    struct packed p;
    struct bench *b;
    uint8_t *z;
    size_t size;

    (void)state;
    z = gzipped(text, sizeof text - 1, &size);
    b = unpacked(z, size, "in/scan.pdf.GZ", 0);
    assert_int_equal(b->count, 1);
    expect_entry(b, 0, "scan.pdf", text);
    bench_free(b);
    for (size_t cut = 2; cut < size; cut++)
        refused(z, cut, 0, REASON_TRUNCATED);
    z[size - 5] ^= 1; /* the checksum */
    refused(z, size, 0, REASON_DAMAGED);
    free(z);
    pack_begin(&p, false, NULL);
    file_in(&p, "a", "%PDF-1.7 a");
    file_in(&p, "b", "%PDF-1.7 b");
    pack_end(&p);
    z = gzipped(p.data, p.size, &size);
    b = unpacked(z, size, "x.tgz", 1);
    assert_int_equal(b->count, 2);
    expect_entry(b, 1, "b", "%PDF-1.7 b");
    bench_free(b);
    free(z);
    free(p.data);
}

static void
limits_hold(void **state)
{
    struct packed p;
    uint8_t *zeros = calloc(1, 70u << 20), *z;
    size_t size;

    (void)state;
    assert_non_null(zeros);
    z = gzipped(zeros, 70u << 20, &size);
    refused(z, size, 0, REASON_ARCHIVE_RATIO);
    free(z);
    pack_begin(&p, true, NULL);
    pack(&p, "big.tif", AE_IFREG, 0644, NULL, zeros, 70u << 20);
    pack_end(&p);
    refused(p.data, p.size, 0, REASON_ARCHIVE_RATIO);
    free(p.data);
    free(zeros);
    pack_begin(&p, true, NULL);
    for (int i = 0; i <= ENTRIES_MAX; i++) {
        char name[16];

        snprintf(name, sizeof name, "%d", i);
        file_in(&p, name, "");
    }
    pack_end(&p);
    refused(p.data, p.size, 0, REASON_TOO_MANY_ENTRIES);
    free(p.data);
    pack_begin(&p, true, NULL);
    file_in(&p, "a", "%PDF-1.7 a");
    pack_end(&p);
    refused(p.data, p.size, ARCHIVE_DEPTH_MAX, REASON_ARCHIVE_DEPTH);
    free(p.data);
}

/* The 32-bit word of the first central entry, changed. */
static void
patched(size_t at, uint8_t value, enum reason why)
{
    struct packed p;
    uint8_t *central;

    pack_begin(&p, true, NULL);
    file_in(&p, "a", "%PDF-1.7 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    pack_end(&p);
    central = memmem(p.data, p.size, "PK\001\002", 4);
    assert_non_null(central);
    central[at] = value;
    refused(p.data, p.size, 0, why);
    free(p.data);
}

static void
what_is_not_ours_is_refused(void **state)
{
    (void)state;
    patched(10, 12, REASON_FORMAT_REFUSED); /* bzip2 in a zip */
    patched(8, 9, REASON_PASSWORD);         /* the flag of encryption */
    patched(24, 7, REASON_DAMAGED);         /* the size told is not the size that comes */
    refused("7z\274\257\047\034......", 12, 0, REASON_FORMAT_REFUSED);
    refused("Rar!\032\007\000.....", 12, 0, REASON_FORMAT_REFUSED);
    refused("", 0, 0, REASON_EMPTY_FILE);
    refused("what is it?", 11, 0, REASON_UNKNOWN_FORMAT);
}

/* ---- manifests ------------------------------------------------------------------- */

#define HASH "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static const struct {
    const char *text;
    int count; /* -1: refused */
    const char *name;
    int pages;
    bool hash;
} manifests[] = {
    { "file,pages,sha256\na.pdf,3," HASH "\nb.pdf,,\n", 2, "a.pdf", 3, true },
    { "\357\273\277Nombre;P\303\241ginas\r\n\"a;1.pdf\";2\r\n", 1, "a;1.pdf", 2, false },
    { "pages,file\n7,\"say \"\"x\"\".pdf\"", 1, "say \"x\".pdf", 7, false },
    { "file\na.pdf\n\n\nb.pdf\n", 2, "a.pdf", -1, false },
    { "pages\n7\n", -1, NULL, 0, false },
    { "file,pages\na.pdf,many\n", -1, NULL, 0, false },
    { "file,pages\na.pdf,-1\n", -1, NULL, 0, false },
    { "file,sha256\na.pdf,00\n", -1, NULL, 0, false },
    { "file,pages\n,3\n", -1, NULL, 0, false },
    { "file\n\"open quote\n", -1, NULL, 0, false },
    { "[{\"file\":\"a.pdf\",\"pages\":4,\"sha256\":\"" HASH "\"}]", 1, "a.pdf", 4, true },
    { " {\"files\":[{\"name\":\"a.pdf\"},{\"name\":\"b\"}]}", 2, "a.pdf", -1, false },
    { "[{\"pages\":4}]", -1, NULL, 0, false },
    { "[{\"file\":\"a\",\"pages\":\"4.5\"}]", -1, NULL, 0, false },
    { "[{\"file\":7}]", -1, NULL, 0, false },
    { "[1,2]", -1, NULL, 0, false },
    { "{\"files\":{}}", -1, NULL, 0, false },
    { "[{\"file\":\"a\"", -1, NULL, 0, false },
};

static void
manifests_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(manifests); i++) {
        struct bench *b = bench_new(manifests[i].text, strlen(manifests[i].text), "manifest");
        struct manifest *m = NULL;

        bench_run(b, manifest_run);
        assert_int_equal(b->rc, RC_OK);
        if ((b->result.verdict == VERDICT_REJECT) != (manifests[i].count < 0))
            fail_msg("row %zu: verdict %d", i, b->result.verdict);
        if (manifests[i].count >= 0) {
            struct bytes raw = b->made[0].bytes;

            assert_int_equal(manifest_read(raw, b->arena, &m), RC_OK);
            assert_int_equal(m->count, manifests[i].count);
            assert_string_equal(m->entries[0].name, manifests[i].name);
            assert_int_equal(m->entries[0].pages, manifests[i].pages);
            assert_int_equal(m->entries[0].has_sha256, manifests[i].hash);
            if (manifests[i].hash)
                assert_int_equal(m->entries[0].sha256[31], 0xff);
            for (size_t cut = 0; cut < raw.size; cut++)
                assert_int_not_equal(manifest_read(bytes_of(raw.data, cut), b->arena, &m), RC_OK);
        }
        bench_free(b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_files_come_out),
        cmocka_unit_test(what_is_no_plain_file_is_dropped),
        cmocka_unit_test(names_are_data),
        cmocka_unit_test(gzip_holds_a_file_or_a_tar),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(what_is_not_ours_is_refused),
        cmocka_unit_test(manifests_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
