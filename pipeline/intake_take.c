/*
 * intake_take.c - one complete file: hashed, sealed part by part into the database, removed.
 *
 * It is read twice: the database must know the keyed hash before the parts come, to see a
 * duplicate.  The second reading must give the same hash, so that what is stored is what was
 * hashed, whatever somebody does to the file meanwhile.
 */
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/log.h"
#include "doc/companion.h"
#include "doc/reason.h"
#include "intake.h"
#include "step.h"

struct sealing {
    struct intake *in;
    const struct spool_file *file;
    const struct doc_key *key;
    crypto_hash_sha256_state hash;
    uint8_t expected[crypto_hash_sha256_BYTES];
    uint64_t offset;
    uint32_t part, parts;
    bool stub;       /* too large: only a note is stored */
    bool changed;    /* the file is not what it was      */
    bool io_failed;
};

/* Exactly the next block, or less at the end; RC_IO, and RC_BUSY when the file became shorter. */
static enum rc
block_read(const struct spool_file *file, uint64_t offset, uint8_t *out, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = pread(file->fd, out + done, size - done, (off_t)(offset + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return RC_IO;
        if (n == 0)
            return RC_BUSY;
        done += (size_t)n;
    }
    return RC_OK;
}

static enum rc
file_hash(struct intake *in, const struct spool_file *file, uint8_t out[crypto_hash_sha256_BYTES])
{
    crypto_hash_sha256_state state;
    enum rc rc;

    crypto_hash_sha256_init(&state);
    for (uint64_t at = 0; at < file->size; at += VAULT_PART) {
        size_t n = file->size - at < VAULT_PART ? (size_t)(file->size - at) : VAULT_PART;

        if ((rc = block_read(file, at, in->block, n)) != RC_OK)
            return rc;
        crypto_hash_sha256_update(&state, in->block, n);
    }
    crypto_hash_sha256_final(&state, out);
    return RC_OK;
}

/* Instead of the bytes of a file that is over the limit: why, and how large it was. */
static struct bytes
stub_bytes(const struct spool_file *file, uint8_t out[STUB_SIZE])
{
    struct buffer b;

    buffer_init(&b, STUB_SIZE);
    write_raw(&b, STUB_MAGIC, 4);
    write_u16(&b, REASON_FILE_TOO_LARGE);
    write_u64(&b, file->size);
    memcpy(out, b.data, b.size);
    buffer_done(&b);
    return bytes_of(out, STUB_SIZE);
}

static enum rc
next_part(void *from, struct bytes *out)
{
    struct sealing *s = from;
    struct seal_place place = { ARTIFACT_ORIGINAL, 0, 0, s->part, s->part + 1 == s->parts };
    struct bytes plain = { s->in->block, 0 };
    uint8_t hash[crypto_hash_sha256_BYTES];
    enum rc rc;

    if (s->part == s->parts)
        return RC_NOT_FOUND;
    arena_reset(s->in->arena);
    if (s->stub) {
        plain = stub_bytes(s->file, s->in->block);
    } else {
        uint64_t left = s->file->size - s->offset;

        plain.size = left < VAULT_PART ? (size_t)left : VAULT_PART;
        if ((rc = block_read(s->file, s->offset, s->in->block, plain.size)) != RC_OK) {
            s->changed = rc == RC_BUSY;
            s->io_failed = rc == RC_IO;
            return rc;
        }
        crypto_hash_sha256_update(&s->hash, plain.data, plain.size);
        s->offset += plain.size;
    }
    if (place.last) {
        crypto_hash_sha256_final(&s->hash, hash);
        if ((!s->stub && sodium_memcmp(hash, s->expected, sizeof hash) != 0) || !spool_unchanged(s->file)) {
            s->changed = true;
            return RC_BUSY;
        }
    }
    s->part++;
    return vault_seal(s->key, &place, plain, s->in->arena, out);
}

static enum rc
client_index(struct intake *in, const struct id *client)
{
    enum rc rc;

    if (in->index != NULL && id_equal(&in->index_client, client))
        return RC_OK;
    index_key_free(in->index);
    in->index = NULL;
    if ((rc = keyclient_index(in->keys, client, &in->index)) == RC_OK)
        in->index_client = *client;
    return rc;
}

/*
 * Which delivery of the file this is: the same inode, untouched.  When we die after the commit and
 * before the removal, the database knows it again by this and does not count it twice.
 */
static void
source_tag(struct intake *in, const struct watched *folder, const char *name, const struct spool_file *file,
           uint8_t out[32])
{
    struct buffer b;

    buffer_init(&b, 4096);
    write_text(&b, folder->stream);
    write_text(&b, folder->batch);
    write_text(&b, name);
    write_u64(&b, file->device);
    write_u64(&b, file->inode);
    write_u64(&b, file->size);
    write_i64(&b, file->modified_ns);
    index_key_tag(in->index, "source", b.data, b.size, out);
    buffer_done(&b);
}

static enum rc
admit_tags(struct intake *in, struct admit *a, const char *name, const struct spool_file *file, bool stub,
           const uint8_t source[32], uint8_t hash[crypto_hash_sha256_BYTES])
{
    char stem[STEM_MAX];
    size_t size;
    enum rc rc;

    memcpy(a->source_tag, source, 32);
    index_key_tag(in->index, "name", name, strlen(name), a->name_tag);
    if ((size = companion_stem(name, stem)) > 0)
        index_key_tag(in->index, "stem", stem, size, a->stem_tag);
    if (stub) {
        /* What is not kept is not read either: its own delivery stands for its bytes. */
        memcpy(a->content_tag, source, 32);
        return RC_OK;
    }
    if ((rc = file_hash(in, file, hash)) != RC_OK)
        return rc;
    index_key_tag(in->index, "content", hash, crypto_hash_sha256_BYTES, a->content_tag);
    return RC_OK;
}

static bool
is_manifest_name(const char *name)
{
    return strcasecmp(name, "manifest.csv") == 0 || strcasecmp(name, "manifest.json") == 0;
}

/* The source goes only now that its sealed copy is durable. */
static enum rc
source_remove(int dir, const char *name, const struct spool_file *file, bool stub)
{
    char done[300];
    enum rc rc = stub ? spool_put_aside(dir, name) : spool_remove(dir, name, file);

    if (rc != RC_OK) {
        log_event(LOG_WARN, "intake.not.removed", LOG_RC(rc));
        return RC_EXISTS;
    }
    if (snprintf(done, sizeof done, "%s.done", name) < (int)sizeof done)
        (void)unlinkat(dir, done, 0);
    return RC_OK;
}

enum rc
intake_take(struct intake *in, const struct watched *folder, int dir, const char *name,
            const struct spool_file *file)
{
    struct sealing s = { .in = in, .file = file, .stub = file->size > in->size_max };
    struct admit a = { .client = folder->client, .stream = folder->stream, .batch = folder->batch,
                       .size = file->size, .is_manifest = is_manifest_name(name),
                       .is_companion = companion_is(name) };
    const struct seal_place name_place = { ARTIFACT_NAME, 0, 0, 0, true };
    enum admit_answer answer = ADMIT_TAKEN;
    struct arena *names = arena_new(1 << 16);
    struct doc_key *key = NULL;
    uint8_t source[32];
    struct id batch;
    enum rc rc = RC_NOMEM;

    if (names == NULL)
        goto out;
    id_new(&a.file);
    s.parts = s.stub || file->size == 0 ? 1 : (uint32_t)((file->size + VAULT_PART - 1) / VAULT_PART);
    a.sealed_size = (s.stub ? STUB_SIZE : file->size) + (uint64_t)s.parts * VAULT_OVERHEAD;
    if ((rc = client_index(in, &folder->client)) != RC_OK)
        goto out;
    source_tag(in, folder, name, file, source);
    if ((rc = admit_tags(in, &a, name, file, s.stub, source, s.expected)) != RC_OK ||
        (rc = keyclient_new(in->keys, &a.client, &a.file, &key, a.wrapped, &a.wrapped_size)) != RC_OK ||
        (rc = vault_seal(key, &name_place, bytes_str(name), names, &a.name)) != RC_OK)
        goto out;
    s.key = key;
    crypto_hash_sha256_init(&s.hash);
    rc = store_admit(in->db, &a, next_part, &s, &answer, &batch);
    if (rc != RC_OK)
        rc = s.changed ? RC_BUSY : s.io_failed ? RC_IO : rc;
    else if (answer == ADMIT_CLOSED)
        rc = RC_DENIED;
    if (rc != RC_OK)
        goto out;
    in->taken++;
    in->duplicates += answer == ADMIT_DUPLICATE;
    in->report_changed = true;
    log_event(LOG_INFO, "intake.taken", LOG_INT("duplicate", answer == ADMIT_DUPLICATE), LOG_ID("file", a.file.b),
              LOG_ID("batch", batch.b), LOG_INT("bytes", file->size), LOG_INT("stub", s.stub));
    rc = source_remove(dir, name, file, s.stub);
out:
    doc_key_free(key);
    arena_free(names);
    arena_reset(in->arena);
    sodium_memzero(in->block, VAULT_PART);
    return rc;
}
