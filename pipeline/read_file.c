/*
 * read_file.c - one file through the stages: look, read its pages, group them, read documents.
 *
 * Nothing is kept on a disk: bytes go from memfd to cage to arena.
 */
#include "read_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ipc.h"
#include "doc/entry.h"
#include "doc/manifest.h"
#include "doc/separate.h"
#include "doc/sniff.h"

#define FILE_ARENA (1u << 30)
#define PAGE_ARENA (64u << 20)
#define NAME_ROOM 8192

struct read_file *
read_file_new(const char *name)
{
    struct read_file *f = calloc(1, sizeof *f);

    if (f == NULL || (f->name = strdup(name)) == NULL) {
        free(f);
        return NULL;
    }
    f->fd = -1;
    f->companion = -1;
    return f;
}

void
read_file_free(struct read_file *f)
{
    if (f == NULL)
        return;
    for (uint32_t i = 0; f->pages != NULL && i < f->count; i++)
        arena_free(f->pages[i].arena);
    if (f->fd >= 0)
        close(f->fd);
    if (f->companion >= 0)
        close(f->companion);
    arena_free(f->arena);
    free(f->name);
    free(f);
}

static void
refuse(struct read_file *f, const struct result *result)
{
    f->refused = result->reason != REASON_NONE ? result->reason : REASON_DAMAGED;
    f->detail = result->detail;
}

void
read_file_load(struct read_file *f)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    int from = open(f->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), to = -1;
    struct stat st;
    off_t at = 0;

    if (from < 0 || fstat(from, &st) != 0)
        goto fail;
    errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    if (!S_ISREG(st.st_mode))
        goto fail;
    if (st.st_size > (off_t)FILE_BYTES_MAX) {
        f->refused = REASON_FILE_TOO_LARGE;
        f->detail = FILE_BYTES_MAX >> 20;
        goto out;
    }
    if ((to = memfd_create("original", MFD_CLOEXEC | MFD_ALLOW_SEALING)) < 0)
        goto fail;
    while (at < st.st_size) {
        ssize_t n = sendfile(to, from, &at, (size_t)(st.st_size - at));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            goto fail;
    }
    if (fcntl(to, F_ADD_SEALS, seals) != 0)
        goto fail;
    f->fd = to;
    to = -1;
    goto out;
fail:
    f->error = errno != 0 ? errno : EIO;
out:
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
}

enum rc
read_call(struct cell_host **host, const struct read_options *options, const struct cell_call *call,
          struct arena *arena, struct cell_answer *answer)
{
    enum rc rc = RC_IO;

    for (int attempt = 0; attempt < 2; attempt++) {
        if (*host == NULL &&
            (rc = cell_host_start(options->cell, options->forms_dir, host, NULL)) != RC_OK)
            return rc;
        rc = cell_run(*host, call, arena, answer);
        if (rc == RC_IO || rc == RC_TIMEOUT) {
            cell_host_stop(*host);
            *host = NULL;
            continue;
        }
        /* what ran out of time or memory does so again */
        if (rc != RC_KILLED || answer->result.reason != REASON_CELL_DIED)
            break;
    }
    /* a death in the cage is the file's doing: a refusal with its reason, as in the queue */
    return rc == RC_KILLED ? RC_OK : rc;
}

/* ---- archives -------------------------------------------------------------------- */

struct unpacking {
    struct read_file *file;
    struct read_file *first, **last;
};

static enum rc
take_entry(void *to, enum artifact_kind kind, uint32_t page, struct bytes bytes)
{
    struct unpacking *u = to;
    struct read_file *child;
    struct entry entry;
    char name[NAME_ROOM];
    enum rc rc;

    (void)page;
    if (kind != ARTIFACT_ENTRY)
        return RC_INPUT;
    if ((rc = entry_read(bytes, u->file->arena, &entry)) != RC_OK)
        return rc;
    snprintf(name, sizeof name, "%s/%s", u->file->name, entry.name);
    if ((child = read_file_new(name)) == NULL)
        return RC_NOMEM;
    child->depth = u->file->depth + 1;
    *u->last = child;
    u->last = &child->next;
    return ipc_memfd("original", entry.bytes, &child->fd);
}

static enum rc
unpack(struct read_file *f, struct cell_host **host, const struct read_options *options,
       struct read_file **children)
{
    struct unpacking u = { .file = f };
    struct cell_input input = { .kind = ARTIFACT_ORIGINAL, .fd = f->fd };
    struct cell_call call = { .stage = stage_find("unpack"),
                              .inputs = &input,
                              .input_count = 1,
                              .depth = f->depth,
                              .hint = "",
                              .name = f->name,
                              .output_max = (size_t)ENTRY_BYTES_MAX + (64u << 20),
                              .emit = take_entry,
                              .to = &u };
    struct cell_answer answer;
    enum rc rc;

    u.last = &u.first;
    f->archive = true;
    rc = read_call(host, options, &call, f->arena, &answer);
    if (rc == RC_OK && answer.result.verdict == VERDICT_PASS) {
        f->dropped = answer.result.reason == REASON_ENTRIES_DROPPED ? answer.result.detail : 0;
        read_companion_pair(u.first);
        *children = u.first;
        return RC_OK;
    }
    /* an archive is taken whole or not at all */
    while (u.first != NULL) {
        struct read_file *next = u.first->next;

        read_file_free(u.first);
        u.first = next;
    }
    if (rc == RC_OK)
        refuse(f, &answer.result);
    return rc;
}

/* A list of what a batch holds: read as in the queue, and counted; there is no batch here to compare it with. */
static enum rc
read_manifest(struct read_file *f, struct cell_host **host, const struct read_options *options)
{
    struct cell_input input = { .kind = ARTIFACT_ORIGINAL, .fd = f->fd };
    struct cell_call call = { .stage = stage_find("manifest"),
                              .inputs = &input,
                              .input_count = 1,
                              .hint = "",
                              .name = f->name };
    const struct artifact *made;
    struct manifest *manifest = NULL;
    struct cell_answer answer;
    enum rc rc = read_call(host, options, &call, f->arena, &answer);

    f->archive = true;
    if (rc != RC_OK)
        return rc;
    made = artifact_find(&answer.made, ARTIFACT_MANIFEST, 0);
    if (answer.result.verdict != VERDICT_PASS || made == NULL ||
        manifest_read(made->bytes, f->arena, &manifest) != RC_OK)
        refuse(f, &answer.result);
    else
        f->listed = manifest->count;
    return RC_OK;
}

/* ---- pages ----------------------------------------------------------------------- */

static enum rc
choose_pages(struct read_file *f, const struct read_options *options)
{
    uint32_t first = options->first > 0 ? options->first - 1 : 0;
    uint32_t last =
        options->last > 0 && options->last < f->recipe->count ? options->last : f->recipe->count;

    f->first = first;
    f->count = first < last ? last - first : 0;
    f->left = f->count;
    f->pages = arena_array(f->arena, f->count, sizeof *f->pages);
    return f->pages != NULL ? RC_OK : RC_NOMEM;
}

static enum rc
decode(struct read_file *f, struct cell_host **host, const struct read_options *options)
{
    struct cell_input input = { .kind = ARTIFACT_ORIGINAL, .fd = f->fd };
    struct cell_call call = { .stage = stage_find("decode"),
                              .inputs = &input,
                              .input_count = 1,
                              .depth = f->depth,
                              .hint = options->form,
                              .name = f->name };
    const struct artifact *made;
    struct cell_answer answer;
    enum rc rc = read_call(host, options, &call, f->arena, &answer);

    if (rc != RC_OK)
        return rc;
    made = artifact_find(&answer.made, ARTIFACT_RECIPE, 0);
    if (answer.result.verdict != VERDICT_PASS || made == NULL) {
        refuse(f, &answer.result);
        return RC_OK;
    }
    if ((rc = recipe_read(made->bytes, f->arena, &f->recipe)) == RC_INPUT || rc == RC_LIMIT) {
        f->refused = REASON_DAMAGED;
        return RC_OK;
    }
    if (rc != RC_OK)
        return rc;
    f->recipe_bytes = made->bytes;
    if ((made = artifact_find(&answer.made, ARTIFACT_WITNESS, 0)) != NULL)
        f->embedded = made->bytes;
    return choose_pages(f, options);
}

void
read_file_open(struct read_file *f, struct cell_host **host, const struct read_options *options,
               struct read_file **children)
{
    const int64_t start = clock_ms();
    struct bytes head = { NULL, 0 };
    enum file_format format;

    if (f->fd < 0) {
        read_file_load(f);
        read_companion_load(f);
    }
    if (f->error != 0 || f->refused != REASON_NONE)
        return;
    if ((f->arena = arena_new(FILE_ARENA)) == NULL ||
        ipc_map(f->fd, FILE_BYTES_MAX, &head) != RC_OK) {
        f->rc = RC_NOMEM;
        return;
    }
    format = format_sniff(head, f->name);
    ipc_unmap(head);
    if (format_is_archive(format))
        f->rc = unpack(f, host, options, children);
    else if (format == FORMAT_MANIFEST_CSV || format == FORMAT_MANIFEST_JSON)
        f->rc = read_manifest(f, host, options);
    else if (format == FORMAT_XML)
        f->rc = read_companion_open(f, host, options, false);
    else if ((f->rc = decode(f, host, options)) == RC_OK && f->refused == REASON_NONE && f->companion >= 0)
        f->rc = read_companion_open(f, host, options, true);
    f->ms = clock_ms() - start;
}

enum rc
read_file_paint(struct read_file *f, uint32_t page, struct cell_host **host, const struct read_options *options,
                struct arena *arena, int *raster, struct result *result)
{
    struct cell_input inputs[] = {
        { .kind = ARTIFACT_ORIGINAL, .fd = f->fd },
        { .kind = ARTIFACT_RECIPE, .fd = -1, .bytes = f->recipe_bytes }
    };
    struct cell_call call = {
        .stage = stage_find("paint"), .inputs = inputs, .input_count = 2, .page = page
    };
    struct cell_answer answer;
    enum rc rc = read_call(host, options, &call, arena, &answer);

    *raster = answer.raster_fd;
    if (rc == RC_OK && answer.raster_fd < 0) {
        *result = answer.result;
        result->verdict = VERDICT_REJECT;
    }
    return rc;
}

enum rc
read_file_page(struct read_file *f, uint32_t index, struct cell_host **host,
               const struct read_options *options, struct result *result)
{
    const uint32_t page = f->first + index;
    struct read_page *p = &f->pages[index];
    struct cell_input inputs[3] = {
        { .kind = ARTIFACT_RECIPE, .fd = -1, .bytes = f->recipe_bytes }
    };
    struct cell_call call = { .stage = stage_find("read"),
                              .inputs = inputs,
                              .input_count = 2,
                              .page = page,
                              .hint = options->form,
                              .depth = f->depth,
                              .name = f->name };
    const int64_t start = clock_ms();
    struct page_reading *reading = NULL;
    const struct artifact *made;
    struct cell_answer answer;
    int raster = -1;
    enum rc rc;

    if ((p->arena = arena_new(PAGE_ARENA)) == NULL)
        return RC_NOMEM;
    if (f->recipe->pages[page].way == WAY_RENDER) {
        if ((rc = read_file_paint(f, page, host, options, p->arena, &raster, result)) != RC_OK || raster < 0)
            return rc;
        inputs[1] = (struct cell_input){ .kind = ARTIFACT_RASTER, .page = page, .fd = raster };
    } else {
        inputs[1] = (struct cell_input){ .kind = ARTIFACT_ORIGINAL, .fd = f->fd };
    }
    rc = read_call(host, options, &call, p->arena, &answer);
    if (raster >= 0)
        close(raster);
    if (rc != RC_OK)
        return rc;
    *result = answer.result;
    made = artifact_find(&answer.made, ARTIFACT_READING, page);
    if (made == NULL || reading_read(made->bytes, p->arena, &reading) != RC_OK) {
        if (result->verdict != VERDICT_REJECT)
            *result = (struct result){ VERDICT_REJECT, REASON_DAMAGED, 0 };
        return RC_OK;
    }
    p->reading = made->bytes;
    p->facts = reading->facts;
    /* as SQL does: a page that is a fixed form begins a document */
    if (reading->form[0] != 0)
        p->facts.start = 1;
    p->ms = clock_ms() - start;
    return RC_OK;
}

/* ---- documents ------------------------------------------------------------------- */

static enum rc
read_document(struct read_file *f, struct read_document *d, struct cell_host **host,
              const struct read_options *options)
{
    struct cell_input *inputs = arena_array(f->arena, (size_t)d->pages + 2, sizeof *inputs);
    const struct bytes witnesses[] = { f->embedded, f->beside };
    struct cell_call call = { .stage = stage_find("classify"),
                              .inputs = inputs,
                              .input_count = d->pages,
                              .hint = options->form,
                              .depth = f->depth,
                              .name = f->name };
    const int64_t start = clock_ms();
    const struct artifact *made;
    struct cell_answer answer;
    enum rc rc;

    if (inputs == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < d->pages; i++)
        inputs[i] = (struct cell_input){ .kind = ARTIFACT_READING, .page = i, .fd = -1,
                                         .bytes = f->pages[d->page[i]].reading };
    /* of several documents in one file nobody can say which is the invoice */
    for (uint32_t i = 0; f->document_count == 1 && i < COUNT_OF(witnesses); i++)
        if (witnesses[i].size > 0)
            inputs[call.input_count++] = (struct cell_input){ .kind = ARTIFACT_WITNESS, .page = i, .fd = -1,
                                                              .bytes = witnesses[i] };
    if ((rc = read_call(host, options, &call, f->arena, &answer)) != RC_OK)
        return rc;
    d->result = answer.result;
    made = artifact_find(&answer.made, ARTIFACT_FIELDS, 0);
    if (made != NULL && fields_read(made->bytes, f->arena, &d->fields) != RC_OK) {
        d->fields = NULL;
        d->result = (struct result){ VERDICT_REJECT, REASON_DAMAGED, 0 };
    }
    d->ms = clock_ms() - start;
    for (uint32_t i = 0; i < d->pages; i++)
        d->ms += f->pages[d->page[i]].ms;
    return RC_OK;
}

static enum rc
group(struct read_file *f)
{
    struct page_facts *facts = arena_array(f->arena, f->count, sizeof *facts);
    uint32_t *owner = arena_array(f->arena, f->count, sizeof *owner), documents = 0;

    if (facts == NULL || owner == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < f->count; i++)
        facts[i] = f->pages[i].facts;
    separate_pages(facts, f->count, owner, &documents);
    if ((f->documents = arena_array(f->arena, documents, sizeof *f->documents)) == NULL)
        return RC_NOMEM;
    f->document_count = documents;
    for (uint32_t i = 0; i < f->count; i++) {
        struct read_document *d;

        f->blank += facts[i].kind == PAGE_BLANK;
        if (owner[i] == PAGE_NOBODY)
            continue;
        d = &f->documents[owner[i]];
        if (d->page == NULL &&
            (d->page = arena_array(f->arena, f->count - i, sizeof *d->page)) == NULL)
            return RC_NOMEM;
        if (d->pages == 0)
            d->first = f->first + i;
        d->page[d->pages++] = i;
    }
    return RC_OK;
}

void
read_file_group(struct read_file *f, struct cell_host **host, const struct read_options *options)
{
    f->rc = group(f);
    for (uint32_t i = 0; f->rc == RC_OK && i < f->document_count; i++)
        f->rc = read_document(f, &f->documents[i], host, options);
    for (uint32_t i = 0; i < f->document_count; i++)
        f->documents[i].ms += f->ms / f->document_count;
}
