/*
 * intake_scan.c - look through one folder: what is complete is taken, the rest waits or is left.
 *
 * A scan is the truth; inotify only says where to look first and that a writer has closed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "doc/companion.h"
#include "intake.h"

#define TAKES_A_LOOK 64   /* then the next client's folder gets its turn */
#define NO_MARK_REST_MS 1000
#define CLOSE_NAME ".done"

/* ---- what waits -------------------------------------------------------------------- */

static struct waiting *
waiting_find(struct intake *in, uint64_t device, uint64_t inode)
{
    uint64_t h = (inode * 0x9e3779b97f4a7c15u) ^ (device * 0xc2b2ae3d27d4eb4fu);

    for (uint32_t i = 0; i < WAITING_MAX; i++) {
        struct waiting *w = &in->table[(h + i) % WAITING_MAX];

        if (w->inode == inode && w->device == device)
            return w;
        if (w->inode == 0) {
            /* Beyond this the rest waits for the next look: the window is bounded. */
            if (in->table_used >= WAITING_MAX * 3 / 4)
                return NULL;
            w->device = device;
            w->inode = inode;
            in->table_used++;
            return w;
        }
    }
    return NULL;
}

/* The file as it is now; what changed has not rested. */
static struct waiting *
waiting_note(struct intake *in, uint64_t device, uint64_t inode, uint64_t size, int64_t modified_ns)
{
    struct waiting *w = waiting_find(in, device, inode);

    if (w == NULL)
        return NULL;
    if (w->rest_ms == 0 || w->size != size || w->modified_ns != modified_ns) {
        w->size = size;
        w->modified_ns = modified_ns;
        w->rest_ms = clock_ms();
        w->closed = w->taken = false;
    }
    w->round = in->round;
    return w;
}

/* Open addressing forgets by building anew. */
void
scan_sweep(struct intake *in)
{
    struct waiting *old = in->table, *fresh;
    uint32_t used = 0;

    for (uint32_t i = 0; i < WAITING_MAX; i++)
        used += old[i].inode != 0 && old[i].round + 2 < in->round;
    if (used == 0 || (fresh = calloc(WAITING_MAX, sizeof *fresh)) == NULL)
        return;
    in->table = fresh;
    in->table_used = 0;
    for (uint32_t i = 0; i < WAITING_MAX; i++) {
        struct waiting *w;

        if (old[i].inode == 0 || old[i].round + 2 < in->round)
            continue;
        if ((w = waiting_find(in, old[i].device, old[i].inode)) != NULL)
            *w = old[i];
    }
    free(old);
}

void
scan_closed(struct intake *in, uint32_t folder, const char *name)
{
    char path[FOLDER_PATH_ROOM];
    struct waiting *w;
    struct stat st;
    int dir;

    if (spool_name_kind(name) != SPOOL_NAME_FILE)
        return;
    folders_path(&in->folders[folder], path);
    if (spool_folder(in->hot, path, &dir) != RC_OK)
        return;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode)) {
        w = waiting_note(in, st.st_dev, st.st_ino, (uint64_t)st.st_size,
                         (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
        if (w != NULL)
            w->closed = true;
    }
    close(dir);
}

/* ---- one file ---------------------------------------------------------------------- */

static bool
is_complete(const struct intake *in, const struct spool_file *file, const struct waiting *w, bool done_file)
{
    int64_t rest = clock_ms() - w->rest_ms, settle = in->in.settle_ms;
    enum spool_writer writer;

    if (done_file)
        return true;
    if ((writer = spool_writer(file)) == SPOOL_WRITER)
        return false;
    /* Not our file: the kernel does not say who writes it, so it must rest longer. */
    if (writer == SPOOL_WRITER_UNKNOWN)
        settle *= 2;
    switch (spool_end(file)) {
    case SPOOL_ENDED: return w->closed || rest >= settle;
    case SPOOL_NO_MARK:
        /* Neither the format nor the kernel can say that somebody is still writing: only long rest can. */
        if (writer == SPOOL_WRITER_UNKNOWN && !w->closed)
            break;
        return (w->closed && writer == SPOOL_NO_WRITER) ||
               rest >= (settle > NO_MARK_REST_MS ? settle : NO_MARK_REST_MS);
    case SPOOL_CUT: break;
    }
    /* It will not get better: taken as it is, and refused as truncated by name. */
    return rest >= in->give_up_ms;
}

static void
leave(struct intake *in, struct watched *f, struct waiting *w, enum spool_why why)
{
    f->left[why]++;
    if (w != NULL && w->told)
        return;
    if (w != NULL)
        w->told = true;
    log_event(LOG_WARN, "intake.left", LOG_ID("client", f->client.b), LOG_WORD("why", spool_why_name(why)));
    in->report_changed = true;
}

/* Things that cannot be opened are told once, too: by their inode. */
static void
leave_name(struct intake *in, struct watched *f, int dir, const char *name, enum spool_why why)
{
    struct waiting *w = NULL;
    struct stat st;

    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        w = waiting_note(in, st.st_dev, st.st_ino, 0, 0);
    leave(in, f, w, why);
}

static bool
has_done_file(int dir, const char *name)
{
    char done[300];

    return snprintf(done, sizeof done, "%s.done", name) < 256 &&
           faccessat(dir, done, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* RC_OK: taken, waiting or left; other codes stop the look. */
static enum rc
consider(struct intake *in, uint32_t folder, int dir, const char *name, uint32_t *takes)
{
    struct watched *f = &in->folders[folder];
    struct spool_file file = { .fd = -1 };
    enum spool_why why = SPOOL_FINE;
    struct waiting *w;
    enum rc rc = spool_open(dir, name, &file, &why);

    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc == RC_DENIED) {
        leave_name(in, f, dir, name, why);
        return RC_OK;
    }
    if (rc != RC_OK) {
        f->waiting++;
        return RC_OK;
    }
    w = waiting_note(in, file.device, file.inode, file.size, file.modified_ns);
    if (w != NULL && w->taken) {
        leave(in, f, w, SPOOL_NOT_REMOVABLE);
        goto out;
    }
    if (w == NULL || *takes == 0 || !is_complete(in, &file, w, has_done_file(dir, name))) {
        f->waiting++;
        goto out;
    }
    rc = intake_take(in, f, dir, name, &file);
    switch (rc) {
    case RC_OK: (*takes)--; break;
    case RC_BUSY:
        w->rest_ms = 0;
        f->waiting++;
        rc = RC_OK;
        break;
    case RC_EXISTS:
        /* It would be known again by its source, but not hashed again ten times a second. */
        w->taken = true;
        (*takes)--;
        leave(in, f, w, SPOOL_NOT_REMOVABLE);
        rc = RC_OK;
        break;
    case RC_DENIED:
        leave(in, f, w, SPOOL_PAUSED);
        rc = RC_OK;
        break;
    case RC_NOT_FOUND:
        /* The key store does not know this client: a person must act, other clients go on. */
        log_event(LOG_ERROR, "intake.no.keys", LOG_ID("client", f->client.b));
        leave(in, f, w, SPOOL_PAUSED);
        rc = RC_OK;
        break;
    default: f->waiting++; break;
    }
out:
    spool_close(&file);
    return rc;
}

/* ---- one folder -------------------------------------------------------------------- */

/* A folder's name becomes the batch's name, so it must be text. */
static enum rc
consider_folder(struct intake *in, uint32_t folder, int dir, const char *name)
{
    struct watched *f = &in->folders[folder];
    size_t size = strlen(name);

    if (name[0] == '.')
        return RC_OK;
    if (f->batch[0] != '\0') {
        leave_name(in, f, dir, name, SPOOL_FOLDER_TOO_DEEP);
        return RC_OK;
    }
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f) {
            leave_name(in, f, dir, name, SPOOL_ODD_FOLDER_NAME);
            return RC_OK;
        }
    if (size >= 200 || !text_is_utf8(name, size)) {
        leave_name(in, f, dir, name, SPOOL_ODD_FOLDER_NAME);
        return RC_OK;
    }
    return folders_add_batch(in, folder, name);
}

static bool
is_folder(int dir, const struct dirent *entry)
{
    struct stat st;

    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static enum rc
consider_entry(struct intake *in, uint32_t folder, int dir, const struct dirent *entry, uint32_t *takes)
{
    if (is_folder(dir, entry))
        return consider_folder(in, folder, dir, entry->d_name);
    switch (spool_name_kind(entry->d_name)) {
    case SPOOL_NAME_FILE: return consider(in, folder, dir, entry->d_name, takes);
    case SPOOL_NAME_OURS: spool_sweep(dir, entry->d_name); return RC_OK;
    case SPOOL_NAME_REFUSED: leave_name(in, &in->folders[folder], dir, entry->d_name, SPOOL_TOO_LARGE); return RC_OK;
    default: return RC_OK;
    }
}

/* The client says that its batch is complete, and everything of it is with us. */
static enum rc
close_batch(struct intake *in, const struct watched *f, int dir)
{
    bool closed = false;
    enum rc rc = store_batch_done(in->db, &f->client, f->stream, f->batch, &closed);

    if (rc != RC_OK)
        return rc;
    log_event(LOG_INFO, "intake.batch.done", LOG_ID("client", f->client.b), LOG_INT("closed", closed));
    if (unlinkat(dir, CLOSE_NAME, 0) != 0 || fsync(dir) != 0)
        return RC_IO;
    if (f->batch[0] != '\0') {
        char path[FOLDER_PATH_ROOM];

        folders_path(f, path);
        (void)unlinkat(in->hot, path, AT_REMOVEDIR); /* not empty: something was left there */
    }
    return RC_OK;
}

enum rc
scan_folder(struct intake *in, uint32_t folder)
{
    char path[FOLDER_PATH_ROOM];
    uint32_t takes = TAKES_A_LOOK;
    const struct dirent *entry;
    struct watched *f = &in->folders[folder];
    bool is_closed;
    DIR *list = NULL;
    int dir, copy;
    enum rc rc;

    folders_path(f, path);
    f->waiting = 0;
    memset(f->left, 0, sizeof f->left);
    f->dirty = false;
    if ((rc = spool_folder(in->hot, path, &dir)) != RC_OK) {
        f->known = f->batch[0] == '\0' && f->known;
        return rc == RC_NOT_FOUND || rc == RC_DENIED ? RC_OK : rc;
    }
    /* Asked before the list is made: what was there before .done is in the list. */
    is_closed = faccessat(dir, CLOSE_NAME, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    if ((copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 || (list = fdopendir(copy)) == NULL) {
        if (copy >= 0)
            close(copy);
        rc = RC_IO;
        goto out;
    }
    /* E-invoices first: when their pages come to be read, they are there. */
    for (int pages = 0; pages <= 1; pages++, rewinddir(list))
        while (rc == RC_OK && (entry = readdir(list)) != NULL) {
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                companion_is(entry->d_name) == (pages == 1))
                continue;
            rc = consider_entry(in, folder, dir, entry, &takes);
            f = &in->folders[folder]; /* a batch folder may have moved the list */
        }
    if (rc == RC_OK && is_closed && f->waiting == 0)
        rc = close_batch(in, f, dir);
    f->dirty = f->waiting > 0 || rc != RC_OK;
out:
    if (list != NULL)
        closedir(list);
    close(dir);
    return rc;
}
