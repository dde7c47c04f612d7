/*
 * unpack.c - files out of ZIP, TAR and gzip, in the cage, never to a disk.
 *
 * libarchive's formats are enabled one by one; its filters not at all (one of them runs
 * programs).  An entry's name is data.  Only plain files come out: links, devices, pipes
 * and setuid files are dropped and counted, and so are names that had to be changed.
 */
#include "unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "doc/sniff.h"
#include "pixels.h"
#include "stages.h"
#include "zip_head.h"

#define CHUNK 65536
#define HEAD_ROOM 1024

enum reason
unpack_limit(uint64_t total, uint64_t packed, uint32_t *detail)
{
    if (total > ENTRY_BYTES_MAX) {
        *detail = ENTRY_BYTES_MAX >> 20;
        return REASON_ARCHIVE_TOO_LARGE;
    }
    if (total > RATIO_FREE && total / RATIO_MAX > packed) {
        *detail = RATIO_MAX;
        return REASON_ARCHIVE_RATIO;
    }
    return REASON_NONE;
}

struct unpacking {
    const struct job *job;
    uint64_t packed;  /* bytes of the archive as delivered     */
    uint64_t total;   /* bytes that came out so far            */
    uint64_t told;    /* sizes of all entries, as their own heads tell them */
    uint32_t entries; /* files and others that were seen       */
    uint32_t made;    /* files that came out                   */
    uint32_t odd;     /* dropped, or their names changed       */
    enum reason why;
    uint32_t detail;
};

/* Would this name have meant another place than the archive's own folder, or hidden something? */
static bool
is_odd(struct bytes raw, const char *clean)
{
    const char *name = (const char *)raw.data;
    size_t n = strlen(clean);

    if (raw.size == 0 || name[0] == '/' || memchr(name, '\\', raw.size) != NULL ||
        memchr(name, 0, raw.size) != NULL)
        return true;
    if ((raw.size >= 2 && name[1] == ':') || (raw.size >= 2 && memcmp(name, "..", 2) == 0) ||
        memmem(name, raw.size, "/..", 3) != NULL)
        return true;
    return raw.size < n || memcmp(name + raw.size - n, clean, n) != 0;
}

/* What desktop systems leave in archives beside the files. */
static bool
is_litter(struct bytes raw, const char *clean)
{
    return (raw.size > 9 && memcmp(raw.data, "__MACOSX/", 9) == 0) ||
           strncmp(clean, "._", 2) == 0 || strcmp(clean, ".DS_Store") == 0 ||
           strcasecmp(clean, "thumbs.db") == 0 || strcasecmp(clean, "desktop.ini") == 0;
}

/* b holds head and bytes; the format's place in the head is filled in now that they are known. */
static enum rc
emit_entry(struct unpacking *u, struct buffer *b, size_t head, const char *name)
{
    enum file_format format = format_sniff(bytes_of(b->data + head, b->size - head), name);

    if (b->failed)
        return RC_NOMEM;
    b->data[1] = (uint8_t)format;
    u->made++;
    return u->job->emit(u->job->to, ARTIFACT_ENTRY, u->made - 1, buffer_bytes(b));
}

static enum rc
read_entry(struct unpacking *u, struct archive *a, struct archive_entry *e, struct buffer *b,
           size_t head)
{
    for (;;) {
        uint8_t *room = buffer_extend(b, CHUNK);
        la_ssize_t n;

        if (room == NULL)
            return RC_NOMEM;
        n = archive_read_data(a, room, CHUNK);
        b->size -= n >= 0 ? CHUNK - (size_t)n : CHUNK;
        if (n == 0)
            break;
        if (n < 0) {
            u->why = archive_read_has_encrypted_entries(a) > 0 ? REASON_PASSWORD : REASON_DAMAGED;
            return RC_OK;
        }
        u->total += (uint64_t)n;
        if ((u->why = unpack_limit(u->total, u->packed, &u->detail)) != REASON_NONE)
            return RC_OK;
    }
    if (archive_entry_size_is_set(e) && (uint64_t)archive_entry_size(e) != b->size - head)
        u->why = REASON_DAMAGED;
    return RC_OK;
}

static enum rc
take_file(struct unpacking *u, struct archive *a, struct archive_entry *e, const char *name)
{
    const uint64_t said = archive_entry_size_is_set(e) ? (uint64_t)archive_entry_size(e) : 0;
    struct buffer b;
    size_t head;
    enum rc rc;

    /* declared sizes are checked before a byte is inflated, counted ones while */
    if ((u->why = unpack_limit(u->total + said, u->packed, &u->detail)) != REASON_NONE)
        return RC_OK;
    buffer_init(&b, (size_t)ENTRY_BYTES_MAX + CHUNK + HEAD_ROOM);
    entry_head(&b, FORMAT_UNKNOWN, name);
    head = b.size;
    rc = b.failed ? RC_NOMEM : read_entry(u, a, e, &b, head);
    if (rc == RC_OK && u->why == REASON_NONE)
        rc = emit_entry(u, &b, head, name);
    buffer_done(&b);
    return rc;
}

static enum rc
take_entry(struct unpacking *u, struct archive *a, struct archive_entry *e)
{
    const char *given = archive_entry_pathname_utf8(e), *name;
    struct bytes raw;

    if (given == NULL)
        given = archive_entry_pathname(e);
    raw = bytes_str(given != NULL ? given : "");
    if (++u->entries > ENTRIES_MAX) {
        u->why = REASON_TOO_MANY_ENTRIES;
        u->detail = ENTRIES_MAX;
        return RC_OK;
    }
    if (archive_entry_is_encrypted(e)) {
        u->why = REASON_PASSWORD;
        return RC_OK;
    }
    if (archive_entry_filetype(e) == AE_IFDIR)
        return RC_OK; /* a folder is nothing by itself */
    if ((name = entry_name_clean(raw, u->job->arena)) == NULL)
        return RC_NOMEM;
    if (archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e) != NULL ||
        archive_entry_symlink(e) != NULL || (archive_entry_perm(e) & (S_ISUID | S_ISGID)) != 0 ||
        is_litter(raw, name)) {
        u->odd++;
        return RC_OK;
    }
    u->odd += is_odd(raw, name);
    return take_file(u, a, e, name);
}

static enum rc
walk(struct unpacking *u, struct archive *a)
{
    struct archive_entry *e;
    enum rc rc = RC_OK;

    while (rc == RC_OK && u->why == REASON_NONE) {
        int status = archive_read_next_header(a, &e);

        if (status == ARCHIVE_EOF)
            break;
        if (status == ARCHIVE_OK || status == ARCHIVE_WARN) {
            rc = take_entry(u, a, e);
            u->told += archive_entry_size_is_set(e) ? (uint64_t)archive_entry_size(e) : 0;
        } else
            u->why = archive_read_has_encrypted_entries(a) > 0 ? REASON_PASSWORD : REASON_DAMAGED;
    }
    return rc;
}

static enum rc
unpack_archive(struct unpacking *u, enum file_format format, struct bytes bytes)
{
    struct archive *a = archive_read_new();
    enum rc rc = RC_OK;
    int bad;

    if (a == NULL)
        return RC_NOMEM;
    bad = format == FORMAT_ZIP ? archive_read_support_format_zip_seekable(a)
                               : archive_read_support_format_tar(a);
    if (bad != ARCHIVE_OK || archive_read_open_memory(a, bytes.data, bytes.size) != ARCHIVE_OK)
        u->why = REASON_DAMAGED;
    else
        rc = walk(u, a);
    (void)archive_read_free(a);
    return rc;
}

/* "scan.tif.gz" holds "scan.tif". */
static const char *
inner_name(const struct job *job)
{
    struct bytes raw = bytes_str(job->name != NULL ? job->name : "");

    if (raw.size > 3 && strcasecmp((const char *)raw.data + raw.size - 3, ".gz") == 0)
        raw.size -= 3;
    return entry_name_clean(raw, job->arena);
}

static enum rc
unpack_gzip(struct unpacking *u, struct bytes bytes)
{
    struct buffer inner, b;
    const char *name = inner_name(u->job);
    enum rc rc = name == NULL ? RC_NOMEM : gunzip(bytes, &inner, &u->why, &u->detail);

    if (rc != RC_OK)
        return rc;
    if (u->why != REASON_NONE)
        goto out;
    if (format_sniff(buffer_bytes(&inner), "") == FORMAT_TAR) {
        rc = unpack_archive(u, FORMAT_TAR, buffer_bytes(&inner));
        goto out;
    }
    buffer_init(&b, (size_t)ENTRY_BYTES_MAX + HEAD_ROOM);
    entry_head(&b, format_sniff(buffer_bytes(&inner), name), name);
    write_raw(&b, inner.data, inner.size);
    u->made++;
    rc = b.failed ? RC_NOMEM : u->job->emit(u->job->to, ARTIFACT_ENTRY, 0, buffer_bytes(&b));
    buffer_done(&b);
out:
    buffer_done(&inner);
    return rc;
}

/*
 * The directory at the end and the heads of the files must tell the same: an archive that
 * shows one thing to one program and another to the next is not taken.
 */
static enum rc
unpack_zip(struct unpacking *u, struct bytes bytes)
{
    uint64_t told;
    enum rc rc;

    if ((u->why = zip_head(bytes, &told, &u->detail)) != REASON_NONE)
        return RC_OK;
    rc = unpack_archive(u, FORMAT_ZIP, bytes);
    if (rc == RC_OK && u->why == REASON_NONE && u->told != told)
        u->why = REASON_DAMAGED;
    return rc;
}

static enum rc
unpack(struct unpacking *u, enum file_format format, struct bytes bytes)
{
    switch (format) {
    case FORMAT_ZIP: return unpack_zip(u, bytes);
    case FORMAT_TAR: return unpack_archive(u, format, bytes);
    case FORMAT_GZIP: return unpack_gzip(u, bytes);
    default:
        u->why = bytes.size == 0            ? REASON_EMPTY_FILE
                 : format == FORMAT_UNKNOWN ? REASON_UNKNOWN_FORMAT
                                            : REASON_FORMAT_REFUSED;
        return RC_OK;
    }
}

enum rc
unpack_run(const struct job *job, struct result *result)
{
    const struct artifact *original = artifact_find(&job->given, ARTIFACT_ORIGINAL, 0);
    struct unpacking u = { .job = job };
    enum rc rc;

    if (original == NULL)
        return RC_BUG;
    u.packed = original->bytes.size;
    if (job->depth >= ARCHIVE_DEPTH_MAX)
        return reject(result, REASON_ARCHIVE_DEPTH, ARCHIVE_DEPTH_MAX);
    if ((rc = unpack(&u, format_sniff(original->bytes, ""), original->bytes)) != RC_OK)
        return rc;
    if (u.why != REASON_NONE)
        return reject(result, u.why, u.detail);
    if (u.made == 0)
        return reject(result, REASON_NO_PAGES, 0);
    if (u.odd > 0) {
        result->reason = REASON_ENTRIES_DROPPED; /* a note beside PASS */
        result->detail = u.odd;
    }
    return RC_OK;
}
