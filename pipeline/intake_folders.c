/*
 * intake_folders.c - which hot folders there are, their watches, and the report on them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ipc.h"
#include "base/log.h"
#include "intake.h"

#define FOLDERS_MAX 50000
#define EVENTS (IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ATTRIB | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK)

void
folders_path(const struct watched *f, char out[FOLDER_PATH_ROOM])
{
    snprintf(out, FOLDER_PATH_ROOM, "%s/%s%s%s", f->client_name, f->stream, f->batch[0] != '\0' ? "/" : "", f->batch);
}

/* A watch needs a path; a link put in its way costs a hint, nothing else. */
static void
watch(struct intake *in, struct watched *f)
{
    char below[FOLDER_PATH_ROOM], path[PATH_ROOM + sizeof below];

    if (in->notify < 0 || f->watch >= 0)
        return;
    folders_path(f, below);
    snprintf(path, sizeof path, "%s/%s", in->in.hot, below);
    f->watch = inotify_add_watch(in->notify, path, EVENTS);
}

/* HOME/hot and the clients' folders: something new there means that the database has news. */
static void
watch_above(struct intake *in, const char *client)
{
    char path[PATH_ROOM + CLIENT_NAME_ROOM + 2];

    snprintf(path, sizeof path, "%s/%s", in->in.hot, client);
    if (in->notify >= 0 &&
        inotify_add_watch(in->notify, path, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW) < 0)
        log_event(LOG_DEBUG, "intake.watch", LOG_INT("errno", errno));
}

static void
unwatch(struct intake *in, struct watched *f)
{
    if (f->watch >= 0)
        (void)inotify_rm_watch(in->notify, f->watch);
    f->watch = -1;
}

static struct watched *
folder_find(struct intake *in, const char *client, const char *stream, const char *batch)
{
    for (uint32_t i = 0; i < in->folder_count; i++) {
        struct watched *f = &in->folders[i];

        if (strcmp(f->client_name, client) == 0 && strcmp(f->stream, stream) == 0 && strcmp(f->batch, batch) == 0)
            return f;
    }
    return NULL;
}

static struct watched *
folder_new(struct intake *in)
{
    struct watched *f;

    if (in->folder_count == in->folder_room) {
        uint32_t room = in->folder_room == 0 ? 32 : in->folder_room * 2;

        if (room > FOLDERS_MAX || (f = realloc(in->folders, room * sizeof *f)) == NULL)
            return NULL;
        in->folders = f;
        in->folder_room = room;
    }
    f = &in->folders[in->folder_count++];
    memset(f, 0, sizeof *f);
    f->watch = -1;
    f->dirty = f->known = true;
    return f;
}

/* Clients put files there through their own accounts: the group may write, others may not. */
static void
folder_make(struct intake *in, const char *path)
{
    if (mkdirat(in->hot, path, 0770) == 0) {
        if (fchmodat(in->hot, path, 02770, 0) != 0)
            log_event(LOG_WARN, "intake.folder.mode", LOG_INT("errno", errno));
    } else if (errno != EEXIST) {
        log_event(LOG_ERROR, "intake.folder.make", LOG_INT("errno", errno));
    }
}

enum rc
folders_add_batch(struct intake *in, uint32_t stream_folder, const char *name)
{
    const struct watched *parent = &in->folders[stream_folder];
    struct watched *f = folder_find(in, parent->client_name, parent->stream, name);

    if (f == NULL) {
        if ((f = folder_new(in)) == NULL)
            return RC_LIMIT;
        parent = &in->folders[stream_folder];
        f->client = parent->client;
        memcpy(f->client_name, parent->client_name, sizeof f->client_name);
        memcpy(f->stream, parent->stream, sizeof f->stream);
        snprintf(f->batch, sizeof f->batch, "%s", name);
        f->paused = parent->paused;
    }
    f->known = true;
    watch(in, f);
    return RC_OK;
}

/* Batch folders stay while they are there; scans find them again. */
static void
forget_unknown(struct intake *in)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < in->folder_count; i++) {
        if (!in->folders[i].known) {
            unwatch(in, &in->folders[i]);
            continue;
        }
        if (kept != i)
            in->folders[kept] = in->folders[i];
        kept++;
    }
    in->folder_count = kept;
}

static enum rc
folder_known(struct intake *in, const struct hot_folder *row)
{
    struct watched *f = folder_find(in, row->name, row->stream, "");
    char path[FOLDER_PATH_ROOM];
    bool fresh = f == NULL;

    if (fresh && (f = folder_new(in)) == NULL)
        return RC_NOMEM;
    if (fresh) {
        snprintf(f->client_name, sizeof f->client_name, "%s", row->name);
        snprintf(f->stream, sizeof f->stream, "%s", row->stream);
    }
    f->client = row->client;
    f->known = true;
    if (f->paused != row->paused)
        f->dirty = true;
    f->paused = row->paused;
    folder_make(in, f->client_name);
    watch_above(in, f->client_name);
    folders_path(f, path);
    folder_make(in, path);
    watch(in, f);
    return RC_OK;
}

enum rc
folders_refresh(struct intake *in)
{
    struct arena *arena = arena_new(64 << 20);
    struct hot_folder *rows = NULL;
    uint32_t count = 0;
    enum rc rc = arena == NULL ? RC_NOMEM : store_hot_folders(in->db, arena, &rows, &count);

    if (rc != RC_OK)
        goto out;
    watch_above(in, "");
    for (uint32_t i = 0; i < in->folder_count; i++)
        if (in->folders[i].batch[0] == '\0')
            in->folders[i].known = false;
    for (uint32_t i = 0; i < count && rc == RC_OK; i++)
        rc = folder_known(in, &rows[i]);
    /* A batch folder goes with its stream. */
    for (uint32_t i = 0; i < in->folder_count; i++) {
        struct watched *f = &in->folders[i];
        const struct watched *stream = folder_find(in, f->client_name, f->stream, "");

        f->known = f->known && stream != NULL && stream->known;
        if (f->known && stream != NULL)
            f->paused = stream->paused;
    }
    if (rc == RC_OK)
        forget_unknown(in);
out:
    arena_free(arena);
    return rc;
}

void
folders_all_dirty(struct intake *in)
{
    for (uint32_t i = 0; i < in->folder_count; i++)
        in->folders[i].dirty = true;
}

void
folders_events(struct intake *in)
{
    char block[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t size;

    while (in->notify >= 0 && (size = read(in->notify, block, sizeof block)) > 0) {
        for (ssize_t at = 0; at + (ssize_t)sizeof(struct inotify_event) <= size;) {
            const struct inotify_event *e = (const void *)(block + at);

            at += (ssize_t)sizeof *e + (ssize_t)e->len;
            if ((e->mask & IN_Q_OVERFLOW) != 0) {
                /* Events were lost: look everywhere. */
                log_plain(LOG_WARN, "intake.overflow");
                folders_all_dirty(in);
                continue;
            }
            bool found = false;

            for (uint32_t i = 0; i < in->folder_count && !found; i++) {
                if (in->folders[i].watch != e->wd)
                    continue;
                found = true;
                if ((e->mask & IN_IGNORED) != 0)
                    in->folders[i].watch = -1;
                in->folders[i].dirty = true;
                if ((e->mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0 && e->len > 0)
                    scan_closed(in, i, e->name);
            }
            in->refresh_soon = in->refresh_soon || (!found && (e->mask & IN_IGNORED) == 0);
        }
    }
}

void
folders_done(struct intake *in)
{
    for (uint32_t i = 0; i < in->folder_count; i++)
        unwatch(in, &in->folders[i]);
    free(in->folders);
    in->folders = NULL;
    in->folder_count = 0;
}

/* Counts and our own words; a batch folder's name is the client's and stays out. */
static void
report_write(struct intake *in, FILE *f)
{
    bool first = true;

    fprintf(f, "{\"at\":%lld,\"taken\":%llu,\"duplicates\":%llu,\"folders\":[", (long long)(clock_wall_ms() / 1000),
            (unsigned long long)in->taken, (unsigned long long)in->duplicates);
    for (uint32_t i = 0; i < in->folder_count; i++) {
        const struct watched *h = &in->folders[i];

        fprintf(f, "%s{\"client\":\"%s\",\"stream\":\"%s\",\"batch_folder\":%s,\"paused\":%s,\"waiting\":%u,\"left\":{",
                first ? "" : ",", h->client_name, h->stream, h->batch[0] != '\0' ? "true" : "false",
                h->paused ? "true" : "false", h->waiting);
        first = false;
        for (unsigned w = 1, n = 0; w < SPOOL_WHYS; w++)
            if (h->left[w] > 0)
                fprintf(f, "%s\"%s\":%u", n++ > 0 ? "," : "", spool_why_name((enum spool_why)w), h->left[w]);
        fputs("}}", f);
    }
    fputs("]}\n", f);
}

void
folders_report(struct intake *in)
{
    char path[PATH_ROOM + 32], temporary[PATH_ROOM + 40];
    FILE *f;
    bool good;

    snprintf(path, sizeof path, "%s/intake.json", in->in.run);
    snprintf(temporary, sizeof temporary, "%s.tmp", path);
    if ((f = fopen(temporary, "we")) == NULL)
        return;
    report_write(in, f);
    good = fchmod(fileno(f), 0644) == 0 && ferror(f) == 0;
    good = fclose(f) == 0 && good;
    if (good && rename(temporary, path) == 0)
        in->report_changed = false;
}
