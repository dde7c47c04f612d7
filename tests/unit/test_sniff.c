/* test_sniff.c - is a file's format decided by its first bytes, and only by them? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "doc/sniff.h"

#define B(text) { (const uint8_t *)(text), sizeof(text) - 1 }

static const struct {
    struct bytes in;
    const char *name;
    enum file_format want;
    const char *refused;
} rows[] = {
    { B(""), "x.pdf", FORMAT_UNKNOWN, "" },
    { B("%PDF-1.7\n"), "x.tif", FORMAT_PDF, "" },
    { B("junk before\n%PDF-1.4\n"), "", FORMAT_PDF, "" },
    { B("PK\003\004 stored %PDF-1.7"), "x.pdf", FORMAT_ZIP, "" },
    { B("PK\005\006"), NULL, FORMAT_ZIP, "" },
    { B("\037\213\010"), "", FORMAT_GZIP, "" },
    { B("II*\000"), "", FORMAT_TIFF, "" },
    { B("MM\000*"), "", FORMAT_TIFF, "" },
    { B("II+\000"), "", FORMAT_REFUSED, "bigtiff" },
    { B("\211PNG\r\n\032\n"), "", FORMAT_PNG, "" },
    { B("\377\330\377\340"), "", FORMAT_JPEG, "" },
    { B("GIF89a"), "x.png", FORMAT_REFUSED, "gif" },
    { B("BM12"), "", FORMAT_REFUSED, "bmp" },
    { B("RIFF\001\002\003\004WEBP"), "", FORMAT_REFUSED, "webp" },
    { B("7z\274\257\047\034"), "", FORMAT_REFUSED, "7z" },
    { B("Rar!\032\007\000"), "", FORMAT_REFUSED, "rar" },
    { B("\3757zXZ\000"), "", FORMAT_REFUSED, "xz" },
    { B("BZh91AY"), "", FORMAT_REFUSED, "bzip2" },
    { B("P6\n1 1\n255\n"), "", FORMAT_REFUSED, "pnm" },
    { B("P6x"), "", FORMAT_UNKNOWN, "" },
    { B("\177ELF"), "x.pdf", FORMAT_REFUSED, "elf" },
    { B("file,pages\na.pdf,2\n"), "manifest.csv", FORMAT_MANIFEST_CSV, "" },
    { B("file,pages\na.pdf,2\n"), "a/b/MANIFEST.CSV", FORMAT_MANIFEST_CSV, "" },
    { B("file,pages\na.pdf,2\n"), "other.csv", FORMAT_UNKNOWN, "" },
    { B("{\"files\":[]}"), "manifest.json", FORMAT_MANIFEST_JSON, "" },
    { B("\001\002"), "manifest.json", FORMAT_UNKNOWN, "" },
    { B("%PDF-1.7"), "manifest.csv", FORMAT_PDF, "" },
};

static void
content_decides(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (format_sniff(rows[i].in, rows[i].name) != rows[i].want)
            fail_msg("row %zu: %s", i, format_name(format_sniff(rows[i].in, rows[i].name)));
        assert_string_equal(format_refused_name(rows[i].in), rows[i].refused);
    }
}

static void
a_tar_is_known_by_its_checksum(void **state)
{
    uint8_t block[600] = { 0 };
    unsigned sum = 0;

    (void)state;
    memcpy(block, "old.tif", 7);
    memcpy(block + 148, "        ", 8);
    for (int i = 0; i < 512; i++)
        sum += block[i];
    for (int i = 0; i < 6; i++)
        block[148 + i] = (uint8_t)('0' + ((sum >> (3 * (5 - i))) & 7));
    block[154] = 0;
    assert_int_equal(format_sniff(bytes_of(block, 512), ""), FORMAT_TAR);
    memcpy(block + 512, "%PDF-1.7", 8);
    assert_int_equal(format_sniff(bytes_of(block, 600), "x.pdf"), FORMAT_TAR);
    block[0] ^= 1;
    assert_int_equal(format_sniff(bytes_of(block, 512), ""), FORMAT_UNKNOWN);
    memset(block, 0, sizeof block);
    assert_int_equal(format_sniff(bytes_of(block, 512), ""), FORMAT_UNKNOWN);
}

static void
the_end_is_looked_for(void **state)
{
    static const struct {
        enum file_format format;
        struct bytes in;
        bool ended;
    } ends[] = {
        { FORMAT_PDF, B("%PDF-1.7\n...\n%%EOF\n"), true },
        { FORMAT_PDF, B("%PDF-1.7\n..."), false },
        { FORMAT_PNG, B("...IEND\256\102\140\202"), true },
        { FORMAT_PNG, B("...IEND"), false },
        { FORMAT_JPEG, B("\377\330...\377\331"), true },
        { FORMAT_JPEG, B("\377\330..."), false },
        { FORMAT_ZIP, B("PK\003\004...PK\005\006"), true },
        { FORMAT_ZIP, B("PK\003\004..."), false },
        { FORMAT_TIFF, B("II*"), true },
        { FORMAT_TIFF, B(""), false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (format_is_ended(ends[i].format, ends[i].in) != ends[i].ended)
            fail_msg("row %zu", i);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_decides),
        cmocka_unit_test(a_tar_is_known_by_its_checksum),
        cmocka_unit_test(the_end_is_looked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
