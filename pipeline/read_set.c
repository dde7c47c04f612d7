/*
 * read_set.c - workers over files and pages; results leave in the order of the arguments.
 *
 * A worker takes pages of files that are open before it opens another file, so that no
 * more lies in memory than the workers need.
 */
#include "read_set.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define PROGRESS_NS 200000000L

/* A page of an open file, or a file to open; NULL when there is nothing to do now. Lock held. */
static struct read_file *
take(struct read_set *set, bool *is_page, uint32_t *page)
{
    struct read_file *fresh = NULL;

    for (struct read_file *f = set->files; f != NULL; f = f->next) {
        if (f->state == READ_PAGES && f->given < f->count) {
            *is_page = true;
            *page = f->given++;
            return f;
        }
        if (fresh == NULL && f->state == READ_NEW)
            fresh = f;
    }
    *is_page = false;
    if (fresh != NULL)
        fresh->state = READ_OPENING;
    return fresh;
}

static bool
all_done(const struct read_set *set)
{
    for (const struct read_file *f = set->files; f != NULL; f = f->next)
        if (f->state != READ_DONE)
            return false;
    return true;
}

/* Lock held. */
static void
done(struct read_set *set, struct read_file *f)
{
    if (f->fd >= 0) {
        close(f->fd);
        f->fd = -1;
    }
    f->state = READ_DONE;
    set->files_done++;
    pthread_cond_broadcast(&set->changed);
}

/* The pages are all read (or none will be): documents. Lock held on entry and return. */
static void
finish(struct read_set *set, struct read_file *f, struct cell_host **host)
{
    f->state = READ_GROUPING;
    if (f->rc == RC_OK && f->refused == REASON_NONE && f->error == 0 && !f->archive) {
        pthread_mutex_unlock(&set->lock);
        read_file_group(f, host, set->options);
        pthread_mutex_lock(&set->lock);
    }
    done(set, f);
}

static void
open_file(struct read_set *set, struct read_file *f, struct cell_host **host)
{
    struct read_file *children = NULL, **last = &children;

    pthread_mutex_unlock(&set->lock);
    read_file_open(f, host, set->options, &children);
    pthread_mutex_lock(&set->lock);
    while (*last != NULL)
        last = &(*last)->next;
    if (children != NULL) {
        *last = f->next;
        f->next = children;
    }
    if (f->count == 0 || f->refused != REASON_NONE || f->rc != RC_OK) {
        finish(set, f, host);
        return;
    }
    f->state = READ_PAGES;
    pthread_cond_broadcast(&set->changed);
}

static void
read_one(struct read_set *set, struct read_file *f, uint32_t page, struct cell_host **host)
{
    struct result result = { VERDICT_PASS, REASON_NONE, 0 };
    bool skip = f->refused != REASON_NONE || f->rc != RC_OK;
    const int64_t start = clock_ms();
    enum rc rc = RC_OK;

    pthread_mutex_unlock(&set->lock);
    if (!skip)
        rc = read_file_page(f, page, host, set->options, &result);
    pthread_mutex_lock(&set->lock);
    if (rc != RC_OK && f->rc == RC_OK)
        f->rc = rc;
    if (rc == RC_OK && result.verdict == VERDICT_REJECT && f->refused == REASON_NONE) {
        f->refused = result.reason != REASON_NONE ? result.reason : REASON_DAMAGED;
        f->detail = result.detail;
        f->ms += clock_ms() - start;
    }
    set->pages_read++;
    if (--f->left == 0)
        finish(set, f, host);
}

static void *
work(void *arg)
{
    struct read_set *set = arg;
    struct cell_host *host = NULL;
    struct err err = { .rc = RC_OK };
    enum rc rc = cell_host_start(set->options->cell, set->options->forms_dir, &host, &err);

    pthread_mutex_lock(&set->lock);
    if (rc != RC_OK) {
        set->err = err;
        set->stop = true;
    } else {
        set->lacks |= cell_host_lacks(host);
    }
    while (!set->stop && !all_done(set)) {
        bool is_page = false;
        uint32_t page = 0;
        struct read_file *f = take(set, &is_page, &page);

        if (f == NULL)
            pthread_cond_wait(&set->changed, &set->lock);
        else if (is_page)
            read_one(set, f, page, &host);
        else
            open_file(set, f, &host);
    }
    set->workers--;
    pthread_cond_broadcast(&set->changed);
    pthread_mutex_unlock(&set->lock);
    cell_host_stop(host);
    return NULL;
}

static enum rc
start_workers(struct read_set *set, pthread_t *threads, unsigned *started)
{
    for (*started = 0; *started < set->options->jobs; (*started)++) {
        set->workers++;
        if (pthread_create(&threads[*started], NULL, work, set) != 0) {
            set->workers--;
            return *started > 0 ? RC_OK : RC_NOMEM;
        }
    }
    return RC_OK;
}

/* Wait for a change, at most as long as the progress line may stand still. Lock held. */
static void
wait_change(struct read_set *set)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += PROGRESS_NS;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    (void)pthread_cond_timedwait(&set->changed, &set->lock, &until);
}

enum rc
read_set_run(struct read_set *set, void (*print)(struct read_file *file, void *to), void *to,
             void (*progress)(const struct read_set *set, void *to))
{
    pthread_t *threads = calloc(set->options->jobs, sizeof *threads);
    unsigned started = 0;
    enum rc rc = RC_NOMEM;

    if (threads == NULL)
        return RC_NOMEM;
    pthread_mutex_init(&set->lock, NULL);
    pthread_cond_init(&set->changed, NULL);
    pthread_mutex_lock(&set->lock);
    rc = start_workers(set, threads, &started);
    for (struct read_file *f = set->files; rc == RC_OK && f != NULL;) {
        struct read_file *next;

        while (f->state != READ_DONE && set->workers > 0 && !set->stop) {
            wait_change(set);
            if (progress != NULL)
                progress(set, to);
        }
        if (f->state != READ_DONE)
            break;
        print(f, to);
        next = f->next;
        set->files = next; /* the head is always the first that is not printed */
        read_file_free(f);
        f = next;
    }
    set->stop = true;
    pthread_cond_broadcast(&set->changed);
    pthread_mutex_unlock(&set->lock);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    if (set->err.rc != RC_OK)
        rc = set->err.rc;
    while (set->files != NULL) {
        struct read_file *next = set->files->next;

        read_file_free(set->files);
        set->files = next;
    }
    pthread_cond_destroy(&set->changed);
    pthread_mutex_destroy(&set->lock);
    free(threads);
    return rc;
}
