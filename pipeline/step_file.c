/*
 * step_file.c - a file step: what is it, and what is in it?
 *
 * The runner looks at the first bytes only to choose the stage; everything else happens in the
 * cage.  A file out of an archive is sealed under a key of its own as it arrives.
 */
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "doc/companion.h"
#include "doc/entry.h"
#include "doc/manifest.h"
#include "doc/sniff.h"
#include "doc/witness.h"
#include "step.h"

#define SNIFF_BYTES 1024
#define MANIFEST_OUTPUT_MAX (64u << 20)

/* ---- unpack ------------------------------------------------------------------------ */

struct unpacking {
    struct step *step;
    struct index_key *index;
    struct child *children;
    uint32_t count, room;
    enum rc failed; /* what failed on our side of the cage */
};

static struct child *
child_next(struct unpacking *u)
{
    struct child *more;
    uint32_t room = u->room == 0 ? 64 : u->room * 2;

    if (u->count < u->room)
        return &u->children[u->count];
    if (room > ENTRIES_MAX * 2 || (more = arena_array(u->step->arena, room, sizeof *more)) == NULL)
        return NULL;
    if (u->count > 0)
        memcpy(more, u->children, u->count * sizeof *more);
    u->children = more;
    u->room = room;
    return &u->children[u->count];
}

static enum rc
child_seal(struct unpacking *u, const struct entry *entry, const struct doc_key *key, struct child *child)
{
    struct bytes name = bytes_str(entry->name);
    uint64_t size = entry->bytes.size;
    uint32_t parts = size == 0 ? 1 : (uint32_t)((size + VAULT_PART - 1) / VAULT_PART);
    enum rc rc = step_seal(u->step, key, ARTIFACT_NAME, 0, 0, name, &child->admit.name);

    if (rc != RC_OK)
        return rc;
    if ((child->parts = arena_array(u->step->arena, parts, sizeof *child->parts)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; rc == RC_OK && i < parts; i++) {
        const struct seal_place place = { ARTIFACT_ORIGINAL, 0, 0, i, i + 1 == parts };
        size_t at = (size_t)i * VAULT_PART, n = size - at < VAULT_PART ? (size_t)(size - at) : VAULT_PART;

        rc = vault_seal(key, &place, bytes_of(entry->bytes.data + at, n), u->step->arena, &child->parts[i]);
        child->admit.sealed_size += child->parts[i].size;
    }
    child->part_count = parts;
    return rc;
}

/* One entry as it comes out of the cage: sealed at once, so that no archive lies open in our memory. */
static enum rc
child_add(void *to, enum artifact_kind kind, uint32_t page, struct bytes bytes)
{
    struct unpacking *u = to;
    const struct claim *claim = u->step->claim;
    struct child *child = child_next(u);
    struct doc_key *key = NULL;
    struct entry entry;
    uint8_t hash[crypto_hash_sha256_BYTES];
    char stem[STEM_MAX];
    size_t size;
    enum rc rc;

    (void)page;
    if (kind != ARTIFACT_ENTRY)
        return RC_INPUT;
    if (child == NULL)
        return RC_NOMEM;
    if ((rc = entry_read(bytes, u->step->arena, &entry)) != RC_OK)
        return rc;
    memset(child, 0, sizeof *child);
    child->admit.client = claim->client;
    id_new(&child->admit.file);
    child->admit.stream = "";
    child->admit.batch = "";
    child->admit.size = entry.bytes.size;
    child->admit.is_manifest =
        strcasecmp(entry.name, "manifest.csv") == 0 || strcasecmp(entry.name, "manifest.json") == 0;
    crypto_hash_sha256(hash, entry.bytes.data, entry.bytes.size);
    index_key_tag(u->index, "content", hash, sizeof hash, child->admit.content_tag);
    index_key_tag(u->index, "name", entry.name, strlen(entry.name), child->admit.name_tag);
    child->admit.is_companion = companion_is(entry.name);
    if ((size = companion_stem(entry.name, stem)) > 0)
        index_key_tag(u->index, "stem", stem, size, child->admit.stem_tag);
    sodium_memzero(hash, sizeof hash);
    rc = keyclient_new(u->step->engine->keys, &claim->client, &child->admit.file, &key, child->admit.wrapped,
                       &child->admit.wrapped_size);
    if (rc == RC_OK)
        rc = child_seal(u, &entry, key, child);
    doc_key_free(key);
    if (rc == RC_OK)
        u->count++;
    return rc;
}

static enum rc
child_take(void *to, enum artifact_kind kind, uint32_t page, struct bytes bytes)
{
    struct unpacking *u = to;
    enum rc rc = child_add(u, kind, page, bytes);

    /* What does not decode is the cage's fault, all else is ours. */
    if (rc != RC_INPUT && rc != RC_LIMIT)
        u->failed = rc;
    return rc;
}

static enum rc
file_unpack(struct step *s, const struct cell_input *input)
{
    struct unpacking u = { .step = s };
    struct cell_call call = { .stage = stage_find("unpack"), .inputs = input, .input_count = 1, .hint = "",
                              .name = "", .depth = s->claim->depth, .output_max = ENTRY_BYTES_MAX + (16u << 20),
                              .emit = child_take, .to = &u };
    struct cell_answer answer;
    uint32_t dropped;
    enum rc rc = keyclient_index(s->engine->keys, &s->claim->client, &u.index);

    if (rc != RC_OK)
        goto out;
    if ((rc = step_cell(s, &call, &answer)) != RC_OK) {
        rc = u.failed != RC_OK ? u.failed : rc;
        goto out;
    }
    if (answer.result.verdict == VERDICT_REJECT) {
        rc = store_refuse(s->engine->work, s->claim, answer.result.reason, answer.result.detail);
        goto out;
    }
    dropped = answer.result.reason == REASON_ENTRIES_DROPPED ? answer.result.detail : 0;
    rc = store_commit_unpack(s->engine->work, s->claim, u.children, u.count, dropped);
out:
    index_key_free(u.index);
    return rc;
}

/* ---- manifest ---------------------------------------------------------------------- */

/* Names are compared without the folders that some clients write in front. */
static const char *
last_component(const char *name)
{
    for (const char *at = name; *at != '\0'; at++)
        if ((*at == '/' || *at == '\\') && at[1] != '\0')
            name = at + 1;
    return name;
}

static enum rc
manifest_commit(struct step *s, struct bytes bytes)
{
    struct index_key *index = NULL;
    struct manifest_tag *tags;
    struct manifest *manifest;
    enum rc rc = manifest_read(bytes, s->arena, &manifest);

    if (rc != RC_OK)
        return rc;
    if ((tags = arena_array(s->arena, manifest->count, sizeof *tags)) == NULL)
        return RC_NOMEM;
    if ((rc = keyclient_index(s->engine->keys, &s->claim->client, &index)) != RC_OK)
        return rc;
    for (uint32_t i = 0; i < manifest->count; i++) {
        const struct manifest_entry *e = &manifest->entries[i];
        const char *name = last_component(e->name);

        index_key_tag(index, "name", name, strlen(name), tags[i].name_tag);
        tags[i].pages = e->pages;
        tags[i].has_content = e->has_sha256;
        if (e->has_sha256)
            index_key_tag(index, "content", e->sha256, sizeof e->sha256, tags[i].content_tag);
    }
    index_key_free(index);
    return store_commit_manifest(s->engine->work, s->claim, tags, manifest->count);
}

static enum rc
file_manifest(struct step *s, const struct cell_input *input)
{
    struct cell_call call = { .stage = stage_find("manifest"), .inputs = input, .input_count = 1, .hint = "",
                              .name = "", .output_max = MANIFEST_OUTPUT_MAX };
    const struct artifact *made;
    struct cell_answer answer;
    enum rc rc;

    if ((rc = step_cell(s, &call, &answer)) != RC_OK)
        return rc;
    made = artifact_find(&answer.made, ARTIFACT_MANIFEST, 0);
    if (answer.result.verdict == VERDICT_REJECT || made == NULL)
        return store_refuse(s->engine->work, s->claim,
                            answer.result.reason != REASON_NONE ? answer.result.reason : REASON_DAMAGED,
                            answer.result.detail);
    rc = manifest_commit(s, made->bytes);
    /* What the cage made does not decode: not our fault, so the file's. */
    if (rc == RC_INPUT || rc == RC_LIMIT)
        rc = store_refuse(s->engine->work, s->claim, REASON_DAMAGED, 0);
    return rc;
}

/* ---- e-invoices -------------------------------------------------------------------- */

/* What the cage says that an e-invoice states, sealed for its file; size 0 for none, or what is no such thing. */
static enum rc
witness_seal(struct step *s, const struct cell_answer *answer, struct bytes *out)
{
    const struct artifact *made = artifact_find(&answer->made, ARTIFACT_WITNESS, 0);
    struct witness *witness;
    struct doc_key *key;
    enum rc rc;

    *out = bytes_of(NULL, 0);
    if (made == NULL || witness_read(made->bytes, s->arena, &witness) != RC_OK)
        return RC_OK;
    if ((rc = step_file_key(s, &key)) != RC_OK)
        return rc;
    return step_seal(s, key, ARTIFACT_WITNESS, 0, 0, made->bytes, out);
}

static enum rc
file_einvoice(struct step *s, const struct cell_input *input)
{
    struct cell_call call = { .stage = stage_find("einvoice"), .inputs = input, .input_count = 1, .hint = "",
                              .name = "", .depth = s->claim->depth };
    struct cell_answer answer;
    struct bytes sealed;
    enum rc rc;

    if ((rc = step_cell(s, &call, &answer)) != RC_OK || (rc = witness_seal(s, &answer, &sealed)) != RC_OK)
        return rc;
    if (answer.result.verdict == VERDICT_REJECT || sealed.size == 0)
        return store_refuse(s->engine->work, s->claim,
                            answer.result.reason != REASON_NONE ? answer.result.reason : REASON_DAMAGED,
                            answer.result.detail);
    return store_commit_companion(s->engine->work, s->claim, sealed);
}

/* ---- decode ------------------------------------------------------------------------ */

static enum rc
file_decode(struct step *s, const struct cell_input *input)
{
    struct cell_call call = { .stage = stage_find("decode"), .inputs = input, .input_count = 1, .hint = "",
                              .name = "", .depth = s->claim->depth };
    const struct artifact *made;
    struct cell_answer answer;
    struct recipe *recipe;
    struct doc_key *key;
    struct bytes sealed, witness;
    enum rc rc;

    if ((rc = step_cell(s, &call, &answer)) != RC_OK)
        return rc;
    if (answer.result.verdict == VERDICT_REJECT)
        return store_refuse(s->engine->work, s->claim, answer.result.reason, answer.result.detail);
    made = artifact_find(&answer.made, ARTIFACT_RECIPE, 0);
    if (made == NULL || recipe_read(made->bytes, s->arena, &recipe) != RC_OK)
        return store_refuse(s->engine->work, s->claim, REASON_DAMAGED, 0);
    if (recipe->count == 0)
        return store_refuse(s->engine->work, s->claim, REASON_NO_PAGES, 0);
    if ((rc = step_file_key(s, &key)) != RC_OK ||
        (rc = step_seal(s, key, ARTIFACT_RECIPE, 0, 0, made->bytes, &sealed)) != RC_OK ||
        (rc = witness_seal(s, &answer, &witness)) != RC_OK)
        return rc;
    return store_commit_decode(s->engine->work, s->claim, recipe, sealed, witness);
}

enum rc
step_file(struct step *s)
{
    const struct original *o = &s->engine->original;
    struct cell_input input = { .kind = ARTIFACT_ORIGINAL };
    uint8_t head[SNIFF_BYTES];
    enum file_format format;
    ssize_t n;
    enum rc rc;

    if ((rc = step_original(s)) != RC_OK)
        return rc;
    if (o->refused != REASON_NONE)
        return store_refuse(s->engine->work, s->claim, o->refused, 0);
    if ((n = pread(o->fd, head, sizeof head, 0)) < 0)
        return RC_IO;
    input.fd = o->fd;
    format = format_sniff(bytes_of(head, (size_t)n), NULL);
    if (s->claim->is_manifest && (format == FORMAT_UNKNOWN || format == FORMAT_MANIFEST_CSV ||
                                  format == FORMAT_MANIFEST_JSON))
        return file_manifest(s, &input);
    if (format_is_archive(format))
        return file_unpack(s, &input);
    if (format == FORMAT_XML)
        return file_einvoice(s, &input);
    return file_decode(s, &input);
}
