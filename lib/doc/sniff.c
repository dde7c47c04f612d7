/*
 * sniff.c - what a file is, by its first bytes: one table, read from top to bottom.
 *
 * Magic numbers: the formats' own specifications and the file(1) database's descriptions of them.
 */
#include "doc/sniff.h"

#include <string.h>
#include <strings.h>

#define PDF_WINDOW 1024
#define END_WINDOW 4096
#define TAR_BLOCK 512

struct magic {
    enum file_format format;
    const char *name; /* of a refused format */
    uint16_t at;
    uint8_t size;
    const char *bytes;
};

#define M(format, name, at, text) { FORMAT_##format, name, at, sizeof(text) - 1, text }

static const struct magic magics[] = {
    M(ZIP, "zip", 0, "PK\003\004"),
    M(ZIP, "zip", 0, "PK\005\006"),
    M(ZIP, "zip", 0, "PK\007\010"),
    M(GZIP, "gzip", 0, "\037\213"),
    M(TIFF, "tiff", 0, "II\052\000"),
    M(TIFF, "tiff", 0, "MM\000\052"),
    M(PNG, "png", 0, "\211PNG\r\n\032\n"),
    M(JPEG, "jpeg", 0, "\377\330\377"),
    M(REFUSED, "bigtiff", 0, "II\053\000"),
    M(REFUSED, "bigtiff", 0, "MM\000\053"),
    M(REFUSED, "7z", 0, "7z\274\257\047\034"),
    M(REFUSED, "rar", 0, "Rar!\032\007"),
    M(REFUSED, "xz", 0, "\3757zXZ\000"),
    M(REFUSED, "lzma", 0, "\135\000\000\200\000"),
    M(REFUSED, "bzip2", 0, "BZh"),
    M(REFUSED, "zstd", 0, "\050\265\057\375"),
    M(REFUSED, "lz4", 0, "\004\042\115\030"),
    M(REFUSED, "lzip", 0, "LZIP"),
    M(REFUSED, "lzop", 0, "\211LZO\000\r\n\032\n"),
    M(REFUSED, "lrzip", 0, "LRZI"),
    M(REFUSED, "compress", 0, "\037\235"),
    M(REFUSED, "cab", 0, "MSCF\000\000\000\000"),
    M(REFUSED, "lzh", 2, "-lh"),
    M(REFUSED, "arj", 0, "\140\352"),
    M(REFUSED, "xar", 0, "xar!"),
    M(REFUSED, "ar", 0, "!<arch>\n"),
    M(REFUSED, "rpm", 0, "\355\253\356\333"),
    M(REFUSED, "cpio", 0, "070701"),
    M(REFUSED, "cpio", 0, "070702"),
    M(REFUSED, "cpio", 0, "070707"),
    M(REFUSED, "cpio", 0, "\307\161"),
    M(REFUSED, "cpio", 0, "\161\307"),
    M(REFUSED, "mtree", 0, "#mtree"),
    M(REFUSED, "gif", 0, "GIF8"),
    M(REFUSED, "bmp", 0, "BM"),
    M(REFUSED, "webp", 8, "WEBP"),
    M(REFUSED, "jp2", 0, "\000\000\000\014jP  \r\n\207\n"),
    M(REFUSED, "jp2", 0, "\377\117\377\121"),
    M(REFUSED, "jbig2", 0, "\227JB2\r\n\032\n"),
    M(REFUSED, "jxl", 0, "\000\000\000\014JXL \r\n\207\n"),
    M(REFUSED, "heif", 4, "ftyphei"),
    M(REFUSED, "heif", 4, "ftypmif"),
    M(REFUSED, "avif", 4, "ftypavi"),
    M(REFUSED, "djvu", 0, "AT&TFORM"),
    M(REFUSED, "postscript", 0, "%!PS"),
    M(REFUSED, "ole", 0, "\320\317\021\340\241\261\032\341"),
    M(REFUSED, "rtf", 0, "{\\rtf"),
    M(REFUSED, "elf", 0, "\177ELF"),
    M(REFUSED, "psd", 0, "8BPS"),
};

static const struct {
    enum file_format format;
    const char *name;
} names[] = {
    { FORMAT_UNKNOWN, "unknown" },
    { FORMAT_PDF, "pdf" },
    { FORMAT_TIFF, "tiff" },
    { FORMAT_PNG, "png" },
    { FORMAT_JPEG, "jpeg" },
    { FORMAT_ZIP, "zip" },
    { FORMAT_TAR, "tar" },
    { FORMAT_GZIP, "gzip" },
    { FORMAT_MANIFEST_CSV, "manifest.csv" },
    { FORMAT_MANIFEST_JSON, "manifest.json" },
    { FORMAT_XML, "xml" },
    { FORMAT_REFUSED, "refused" },
};

static bool
find(struct bytes in, size_t from, size_t to, const char *what, size_t size)
{
    if (to > in.size)
        to = in.size;
    return from < to && memmem(in.data + from, to - from, what, size) != NULL;
}

static const struct magic *
magic_of(struct bytes b)
{
    for (size_t i = 0; i < COUNT_OF(magics); i++) {
        const struct magic *m = &magics[i];

        if (b.size >= (size_t)m->at + m->size && memcmp(b.data + m->at, m->bytes, m->size) == 0)
            return m;
    }
    return NULL;
}

/* "P1" to "P7" and white space. */
static bool
is_pnm(struct bytes b)
{
    return b.size > 2 && b.data[0] == 'P' && b.data[1] >= '1' && b.data[1] <= '7' &&
           (b.data[2] == '\n' || b.data[2] == ' ' || b.data[2] == '\r' || b.data[2] == '\t' ||
            b.data[2] == '#');
}

/* An octal number that ends with a blank or NUL; -1 when it is none. */
static long
octal(const uint8_t *at, size_t size)
{
    long n = 0;
    size_t i = 0;

    while (i < size && at[i] == ' ')
        i++;
    for (; i < size && at[i] >= '0' && at[i] <= '7'; i++)
        n = n * 8 + (at[i] - '0');
    return i < size && at[i] != ' ' && at[i] != 0 ? -1 : n;
}

/* By the checksum of the header: old tars have no "ustar".  Some writers sum signed bytes. */
static bool
is_tar(struct bytes b)
{
    long unsigned_sum = 0, signed_sum = 0, want;
    bool empty = true;

    if (b.size < TAR_BLOCK)
        return false;
    for (int i = 0; i < TAR_BLOCK; i++) {
        uint8_t c = i >= 148 && i < 156 ? ' ' : b.data[i];

        unsigned_sum += c;
        signed_sum += (int8_t)c;
        empty = empty && b.data[i] == 0;
    }
    want = octal(b.data + 148, 8);
    return !empty && want > 0 && (want == unsigned_sum || want == signed_sum);
}

static const char *
base_name(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash != NULL ? slash + 1 : name;
}

/* Text: no NUL and no control byte but white space in the first bytes. */
static bool
is_text(struct bytes b)
{
    size_t n = b.size < PDF_WINDOW ? b.size : PDF_WINDOW;

    for (size_t i = 0; i < n; i++)
        if (b.data[i] < 32 && b.data[i] != '\n' && b.data[i] != '\r' && b.data[i] != '\t')
            return false;
    return n > 0;
}

/* "<?xml" after a byte order mark and blanks, in UTF-16 as well; or a first element that names its space. */
static bool
is_xml(struct bytes b)
{
    size_t at = b.size >= 3 && memcmp(b.data, "\357\273\277", 3) == 0 ? 3 : 0;

    if (b.size >= 12 && (memcmp(b.data, "\377\376<\0?\0x\0m\0l\0", 12) == 0 ||
                         memcmp(b.data, "\376\377\0<\0?\0x\0m\0l", 12) == 0))
        return true;
    while (at < b.size && at < PDF_WINDOW && strchr(" \t\r\n", b.data[at]) != NULL && b.data[at] != 0)
        at++;
    if (find(b, at, at + 5, "<?xml", 5))
        return true;
    return at + 1 < b.size && b.data[at] == '<' && (b.data[at + 1] | 0x20) >= 'a' && (b.data[at + 1] | 0x20) <= 'z' &&
           find(b, at, at + PDF_WINDOW, "xmlns", 5);
}

enum file_format
format_sniff(struct bytes b, const char *name)
{
    const struct magic *m = magic_of(b);
    const char *base = base_name(name != NULL ? name : "");

    if (m != NULL)
        return m->format;
    if (is_pnm(b))
        return FORMAT_REFUSED;
    /* before the window: the first file of a tar may be a small PDF */
    if (is_tar(b))
        return FORMAT_TAR;
    if (find(b, 0, PDF_WINDOW, "%PDF-", 5))
        return FORMAT_PDF;
    if (is_xml(b))
        return FORMAT_XML;
    if (strcasecmp(base, "manifest.csv") == 0 && is_text(b))
        return FORMAT_MANIFEST_CSV;
    if (strcasecmp(base, "manifest.json") == 0 && is_text(b))
        return FORMAT_MANIFEST_JSON;
    return FORMAT_UNKNOWN;
}

const char *
format_name(enum file_format format)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i].format == format)
            return names[i].name;
    return "unknown";
}

const char *
format_refused_name(struct bytes b)
{
    const struct magic *m = magic_of(b);

    if (m != NULL)
        return m->format == FORMAT_REFUSED ? m->name : "";
    return is_pnm(b) ? "pnm" : "";
}

bool
format_is_archive(enum file_format format)
{
    return format == FORMAT_ZIP || format == FORMAT_TAR || format == FORMAT_GZIP;
}

bool
format_is_pages(enum file_format format)
{
    return format >= FORMAT_PDF && format <= FORMAT_JPEG;
}

bool
format_is_known(unsigned format)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if ((unsigned)names[i].format == format)
            return true;
    return false;
}

bool
format_is_ended(enum file_format format, struct bytes b)
{
    size_t tail = b.size < END_WINDOW ? b.size : END_WINDOW, from = b.size - tail;

    switch (format) {
    case FORMAT_PDF:
        return find(b, from, b.size, "%%EOF", 5);
    case FORMAT_PNG:
        return find(b, from, b.size, "IEND\256\102\140\202", 8);
    case FORMAT_JPEG:
        return find(b, from, b.size, "\377\331", 2);
    case FORMAT_ZIP:
        /* the end record may have a comment of up to 65,535 bytes after it */
        from = b.size < 65557 ? 0 : b.size - 65557;
        return find(b, from, b.size, "PK\005\006", 4);
    default:
        return b.size > 0;
    }
}
