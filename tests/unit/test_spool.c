/* test_spool.c - what is complete, what is left, and what is removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys/spool.h"

static char top[] = "/tmp/escriba-spool-XXXXXX";
static int dir;

static int
start(void **state)
{
    (void)state;
    return mkdtemp(top) != NULL && (dir = open(top, O_RDONLY | O_DIRECTORY)) >= 0 ? 0 : 1;
}

static int
finish(void **state)
{
    struct dirent *e;
    DIR *d = opendir(top);

    (void)state;
    while (d != NULL && (e = readdir(d)) != NULL)
        if (unlinkat(dir, e->d_name, 0) != 0)
            (void)unlinkat(dir, e->d_name, AT_REMOVEDIR);
    closedir(d);
    close(dir);
    return rmdir(top);
}

static void
make(const char *name, const void *bytes, size_t size)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), (ssize_t)size);
    close(fd);
}

static enum spool_end
end_of(const void *bytes, size_t size)
{
    struct spool_file file;
    enum spool_why why;
    enum spool_end end;

    make("x", bytes, size);
    assert_int_equal(spool_open(dir, "x", &file, &why), RC_OK);
    end = spool_end(&file);
    spool_close(&file);
    return end;
}

static void
names_say_what_they_are(void **state)
{
    static const struct {
        const char *name;
        enum spool_name kind;
    } rows[] = {
        { "scan.pdf", SPOOL_NAME_FILE },         { ".scan.pdf.Xy12", SPOOL_NAME_HIDDEN },
        { "scan.pdf.part", SPOOL_NAME_PARTIAL }, { "scan.tmp", SPOOL_NAME_PARTIAL },
        { "a.filepart", SPOOL_NAME_PARTIAL },    { "a.crdownload", SPOOL_NAME_PARTIAL },
        { "scan.pdf.done", SPOOL_NAME_DONE },    { ".done", SPOOL_NAME_CLOSE },
        { "big.tif.refused", SPOOL_NAME_REFUSED }, { ".escriba-taken-1-2", SPOOL_NAME_OURS },
        { "done", SPOOL_NAME_FILE },             { "part", SPOOL_NAME_FILE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(spool_name_kind(rows[i].name), rows[i].kind);
}

/* Each whole file is complete, and no proper beginning of it is. */
static void
a_cut_file_is_not_complete(void **state)
{
    static const uint8_t png[] = "\x89PNG\r\n\x1a\n....IHDR....IDAT....\0\0\0\0IEND\xae\x42\x60\x82";
    static const uint8_t jpeg[] = "\xff\xd8\xff\xe0..JFIF...\xff\xda..scan..\xff\xd9";
    static const uint8_t pdf[] = "%PDF-1.4\n1 0 obj\nendobj\ntrailer\nstartxref\n9\n%%EOF\n";
    static const uint8_t zip[] = "PK\3\4....................PK\5\6\0\0\0\0\1\0\1\0\10\0\0\0\30\0\0\0\3\0abc";
    /* Little-endian TIFF: header, one strip of 4 bytes at 8, a directory of three entries at 12. */
    static const uint8_t tiff[] = "II*\0\14\0\0\0STRP"
                                  "\3\0"
                                  "\0\1\3\0\1\0\0\0\2\0\0\0"
                                  "\21\1\4\0\1\0\0\0\10\0\0\0"
                                  "\27\1\4\0\1\0\0\0\4\0\0\0"
                                  "\0\0\0\0";
    static const struct {
        const uint8_t *bytes;
        size_t size, slack; /* so many bytes at the end may miss */
    } rows[] = {
        { png, sizeof png - 1, 0 },   { jpeg, sizeof jpeg - 1, 0 }, { pdf, sizeof pdf - 1, 1 },
        { zip, sizeof zip - 1, 0 },   { tiff, sizeof tiff - 1, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(end_of(rows[i].bytes, rows[i].size), SPOOL_ENDED);
        for (size_t n = 16; n + rows[i].slack < rows[i].size; n++)
            assert_int_not_equal(end_of(rows[i].bytes, n), SPOOL_ENDED);
    }
    assert_int_equal(end_of("", 0), SPOOL_CUT);
    assert_int_equal(end_of("just text", 9), SPOOL_NO_MARK);
    assert_int_equal(end_of("\x1f\x8b\x08....", 7), SPOOL_NO_MARK);
}

static void
a_tiff_that_points_outside_is_not_complete(void **state)
{
    uint8_t tiff[] = "II*\0\14\0\0\0STRP"
                     "\3\0"
                     "\0\1\3\0\1\0\0\0\2\0\0\0"
                     "\21\1\4\0\1\0\0\0\10\0\0\0"
                     "\27\1\4\0\1\0\0\0\4\0\0\0"
                     "\0\0\0\0";

    (void)state;
    tiff[12 + 2 + 24 + 8] = 200; /* the strip's size */
    assert_int_equal(end_of(tiff, sizeof tiff - 1), SPOOL_CUT);
    tiff[12 + 2 + 24 + 8] = 4;
    tiff[sizeof tiff - 5] = 250; /* the next directory */
    assert_int_equal(end_of(tiff, sizeof tiff - 1), SPOOL_CUT);
    tiff[sizeof tiff - 5] = 12; /* itself: a loop must end */
    (void)end_of(tiff, sizeof tiff - 1);
}

static void
a_tar_ends_with_two_blocks_of_zeros(void **state)
{
    uint8_t tar[512 * 4] = "name";

    (void)state;
    memcpy(tar + 257, "ustar", 6);
    memcpy(tar + 148, "0000000", 8);
    /* the sniffer wants a right checksum */
    unsigned sum = 0;

    memset(tar + 148, ' ', 8);
    for (int i = 0; i < 512; i++)
        sum += tar[i];
    snprintf((char *)tar + 148, 8, "%06o", sum);
    tar[155] = ' ';
    memset(tar + 512, 'x', 512);
    assert_int_equal(end_of(tar, sizeof tar), SPOOL_ENDED);
    assert_int_equal(end_of(tar, 512 * 3), SPOOL_CUT);
    assert_int_equal(end_of(tar, 512 * 4 - 1), SPOOL_CUT);
}

static void
odd_things_are_named_and_not_opened(void **state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct spool_file file;
    enum spool_why why;
    int s;

    (void)state;
    assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
    assert_int_equal(symlinkat("/etc/passwd", dir, "link"), 0);
    assert_int_equal(mkdirat(dir, "folder", 0700), 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/sock", top);
    assert_true((s = socket(AF_UNIX, SOCK_STREAM, 0)) >= 0);
    assert_int_equal(bind(s, (struct sockaddr *)&address, sizeof address), 0);
    close(s);
    static const struct {
        const char *name;
        enum spool_why why;
    } rows[] = { { "fifo", SPOOL_FIFO },
                 { "link", SPOOL_LINK },
                 { "folder", SPOOL_FOLDER_TOO_DEEP },
                 { "sock", SPOOL_SOCKET } };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(spool_open(dir, rows[i].name, &file, &why), RC_DENIED);
        assert_int_equal(why, rows[i].why);
    }
    assert_int_equal(spool_open(dir, "absent", &file, &why), RC_NOT_FOUND);
    assert_int_equal(spool_folder(dir, "link", &s), RC_DENIED);
    assert_int_equal(spool_folder(dir, "../", &s), RC_DENIED);
    if (geteuid() != 0) {
        make("secret", "x", 1);
        assert_int_equal(fchmodat(dir, "secret", 0, 0), 0);
        assert_int_equal(spool_open(dir, "secret", &file, &why), RC_DENIED);
        assert_int_equal(why, SPOOL_UNREADABLE);
    }
}

static void
a_writer_is_seen(void **state)
{
    struct spool_file file;
    enum spool_why why;
    int writer;

    (void)state;
    make("busy", "abc", 3);
    assert_int_equal(spool_open(dir, "busy", &file, &why), RC_OK);
    assert_int_equal(spool_writer(&file), SPOOL_NO_WRITER);
    writer = openat(dir, "busy", O_WRONLY);
    assert_int_equal(spool_writer(&file), SPOOL_WRITER);
    assert_true(spool_unchanged(&file));
    assert_int_equal(pwrite(writer, "xyz!", 4, 0), 4);
    assert_false(spool_unchanged(&file));
    close(writer);
    spool_close(&file);
}

static void
only_the_very_file_is_removed(void **state)
{
    struct spool_file file;
    enum spool_why why;
    int other;

    (void)state;
    make("a", "first", 5);
    assert_int_equal(spool_open(dir, "a", &file, &why), RC_OK);
    make("b", "second", 6);
    assert_int_equal(renameat(dir, "b", dir, "a"), 0);
    assert_int_equal(spool_remove(dir, "a", &file), RC_EXISTS);
    assert_int_equal(faccessat(dir, "a", F_OK, 0), 0);
    spool_close(&file);

    assert_int_equal(spool_open(dir, "a", &file, &why), RC_OK);
    other = openat(dir, "a", O_WRONLY | O_APPEND);
    assert_int_equal(write(other, "!", 1), 1);
    close(other);
    assert_int_equal(spool_remove(dir, "a", &file), RC_EXISTS);
    spool_close(&file);

    assert_int_equal(spool_open(dir, "a", &file, &why), RC_OK);
    assert_int_equal(spool_remove(dir, "a", &file), RC_OK);
    assert_int_not_equal(faccessat(dir, "a", F_OK, 0), 0);
    spool_close(&file);
}

/* Its bytes are gone from the inode, too; but not when somebody else has a name for them. */
static void
what_is_removed_is_overwritten(void **state)
{
    struct spool_file file;
    enum spool_why why;
    char back[8];

    (void)state;
    make("c", "SECRET", 6);
    assert_int_equal(spool_open(dir, "c", &file, &why), RC_OK);
    assert_int_equal(spool_remove(dir, "c", &file), RC_OK);
    assert_int_equal(pread(file.fd, back, 6, 0), 6);
    assert_memory_equal(back, "\0\0\0\0\0\0", 6);
    spool_close(&file);

    make("d", "SHARED", 6);
    assert_int_equal(linkat(dir, "d", dir, "e", 0), 0);
    assert_int_equal(spool_open(dir, "d", &file, &why), RC_OK);
    assert_int_equal(spool_remove(dir, "d", &file), RC_OK);
    assert_int_equal(pread(file.fd, back, 6, 0), 6);
    assert_memory_equal(back, "SHARED", 6);
    spool_close(&file);
}

static void
a_crash_while_removing_is_finished(void **state)
{
    (void)state;
    make(".escriba-taken-5-7", "REST", 4);
    spool_sweep(dir, ".escriba-taken-5-7");
    assert_int_not_equal(faccessat(dir, ".escriba-taken-5-7", F_OK, 0), 0);
    make("mine", "x", 1);
    spool_sweep(dir, "mine");
    assert_int_equal(faccessat(dir, "mine", F_OK, 0), 0);
}

static void
too_large_is_put_aside_whatever_its_name(void **state)
{
    char name[256];

    (void)state;
    memset(name, 'n', 255);
    name[255] = '\0';
    make(name, "x", 1);
    assert_int_equal(spool_put_aside(dir, name), RC_OK);
    memcpy(name + 247, ".refused", 8);
    assert_int_equal(faccessat(dir, name, F_OK, 0), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_say_what_they_are),
        cmocka_unit_test(a_cut_file_is_not_complete),
        cmocka_unit_test(a_tiff_that_points_outside_is_not_complete),
        cmocka_unit_test(a_tar_ends_with_two_blocks_of_zeros),
        cmocka_unit_test(odd_things_are_named_and_not_opened),
        cmocka_unit_test(a_writer_is_seen),
        cmocka_unit_test(only_the_very_file_is_removed),
        cmocka_unit_test(what_is_removed_is_overwritten),
        cmocka_unit_test(a_crash_while_removing_is_finished),
        cmocka_unit_test(too_large_is_put_aside_whatever_its_name),
    };

    return cmocka_run_group_tests(tests, start, finish);
}
