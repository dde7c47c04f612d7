/*
 * read_companion.c - an e-invoice beside its pages, for `escriba read`: found, paired, read in a cage.
 *
 * NAME.xml beside NAME.pdf, in the same folder or the same archive.  It has no pages of its own; alone it is refused,
 * as in the queue.
 */
#include "read_set.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "doc/companion.h"
#include "doc/witness.h"

#define COMPANION_BYTES_MAX (64 << 20) /* the cage has a smaller limit, and says so */
#define PATH_ROOM 8192

/* The bytes of a plain file as a memfd, or -1: what cannot be had is no companion. */
static int
copy_of(const char *path)
{
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), to = -1;
    struct stat st;
    off_t at = 0;

    if (from < 0)
        return -1;
    if (fstat(from, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size <= COMPANION_BYTES_MAX &&
        (to = memfd_create("companion", MFD_CLOEXEC | MFD_ALLOW_SEALING)) >= 0)
        while (at < st.st_size && sendfile(to, from, &at, (size_t)(st.st_size - at)) > 0)
            ;
    close(from);
    if (to >= 0 && (at < st.st_size || fcntl(to, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW |
                                                                  F_SEAL_WRITE) != 0)) {
        close(to);
        to = -1;
    }
    return to;
}

void
read_companion_load(struct read_file *f)
{
    static const char *const endings[] = { "xml", "XML" };
    const char *slash = strrchr(f->name, '/'), *dot = strrchr(f->name, '.');
    char path[PATH_ROOM];

    if (f->fd < 0 || f->companion >= 0 || companion_is(f->name) || dot == NULL || (slash != NULL && dot < slash) ||
        (size_t)(dot - f->name) + 8 > sizeof path)
        return;
    for (size_t i = 0; i < COUNT_OF(endings) && f->companion < 0; i++) {
        snprintf(path, sizeof path, "%.*s.%s", (int)(dot - f->name), f->name, endings[i]);
        f->companion = copy_of(path);
    }
}

/* The same folder, the same stem. */
static bool
beside(const struct read_file *a, const struct read_file *b)
{
    const char *x = strrchr(a->name, '/'), *y = strrchr(b->name, '/');
    size_t n = x != NULL ? (size_t)(x - a->name) : 0, m = y != NULL ? (size_t)(y - b->name) : 0;
    char one[STEM_MAX], two[STEM_MAX];

    return n == m && memcmp(a->name, b->name, n) == 0 && companion_stem(a->name, one) > 0 &&
           companion_stem(b->name, two) > 0 && strcmp(one, two) == 0;
}

void
read_companion_pair(struct read_file *first)
{
    for (struct read_file *xml = first; xml != NULL; xml = xml->next) {
        if (!companion_is(xml->name))
            continue;
        for (struct read_file *f = first; f != NULL && !xml->taken; f = f->next) {
            if (companion_is(f->name) || f->companion >= 0 || !beside(xml, f))
                continue;
            xml->taken = true;
            /* of a command line nothing is open yet: the pages find it on the disk */
            if (xml->fd >= 0)
                f->companion = dup(xml->fd);
        }
    }
}

enum rc
read_companion_open(struct read_file *f, struct cell_host **host, const struct read_options *options, bool pages)
{
    struct cell_input input = { .kind = ARTIFACT_ORIGINAL, .fd = pages ? f->companion : f->fd };
    struct cell_call call = { .stage = stage_find("einvoice"), .inputs = &input, .input_count = 1, .hint = "",
                              .name = f->name };
    const struct artifact *made;
    struct witness *witness = NULL;
    struct cell_answer answer;
    enum rc rc = read_call(host, options, &call, f->arena, &answer);

    if (!pages)
        f->archive = true;
    if (rc != RC_OK)
        return rc;
    made = artifact_find(&answer.made, ARTIFACT_WITNESS, 0);
    if (answer.result.verdict != VERDICT_PASS || made == NULL ||
        witness_read(made->bytes, f->arena, &witness) != RC_OK) {
        if (!pages) { /* beside its pages it is only no witness */
            f->refused = answer.result.reason != REASON_NONE ? answer.result.reason : REASON_DAMAGED;
            f->detail = answer.result.detail;
        }
        return RC_OK;
    }
    if (pages) {
        f->beside = made->bytes;
        return RC_OK;
    }
    f->kind = witness->kind;
    if (!f->taken)
        f->refused = REASON_COMPANION_ALONE;
    return RC_OK;
}
