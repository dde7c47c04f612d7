/*
 * intake.c - escriba-intake: from the hot folders to sealed originals in the database.
 *
 * It copies and seals; it parses nothing.  When the database or the disk says no, everything stays
 * in the folders and is tried again: nothing is lost by waiting.
 */
#include "intake.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "doc/recipe.h"
#include "sys/runtime.h"

#define REFRESH_MS 2000
#define REFRESH_SOON_MS 100
#define TICK_MS 10000
#define PACE_MS 100      /* between two looks at a folder in which something waits, */
#define PACE_SLOW_MS 500 /* when nothing has happened there for a while             */
#define QUIET_MS 3000
#define BACK_OFF_MAX_MS 10000
#define PART_ARENA (4u << 20)

static const char usage[] =
    "escriba-intake [--home DIR] [--give-up-seconds N] [--size-mib N] [--no-inotify]\n"
    "Takes files from the hot folders.  Started by escribad.\n"
    "\n"
    "  --home DIR            the installation\n"
    "  --give-up-seconds N   a file that stays cut is taken after so long, and refused\n"
    "  --size-mib N          a larger file is refused without being copied\n"
    "  --no-inotify          look through the folders only every few seconds\n"
    "  -h, --help            this text;  --version  the version\n";

struct options {
    const char *home;
    int64_t give_up_seconds; /* 0: by the profile */
    int64_t size_mib;
    bool no_notify;
};

static bool
options_read(int argc, char **argv, struct options *o)
{
    static const struct option known[] = { { "home", required_argument, NULL, 'h' },
                                           { "give-up-seconds", required_argument, NULL, 'g' },
                                           { "size-mib", required_argument, NULL, 's' },
                                           { "no-inotify", no_argument, NULL, 'n' },
                                           { NULL, 0, NULL, 0 } };
    int c;

    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (c == 'h')
            o->home = optarg;
        else if (c == 'n')
            o->no_notify = true;
        else if (c != 'g' && c != 's')
            return false;
        else if (!text_parse_i64(optarg, 1, 1 << 20, c == 'g' ? &o->give_up_seconds : &o->size_mib))
            return false;
    }
    return optind == argc;
}

/* Two intakes would count one file twice; the second waits until the first is gone. */
static enum rc
lock_folders(const struct intake *in, int *out)
{
    char path[PATH_ROOM + 32];
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd;

    snprintf(path, sizeof path, "%s/intake.lock", in->in.run);
    if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
        return RC_IO;
    while (fcntl(fd, F_SETLK, &lock) != 0) {
        if (runtime_stopping()) {
            close(fd);
            return RC_BUSY;
        }
        clock_sleep_ms(200);
    }
    *out = fd;
    return RC_OK;
}

static enum rc
open_hot(struct intake *in, struct err *err)
{
    struct stat st;

    if (mkdir(in->in.hot, 0751) != 0 && errno != EEXIST)
        goto bad;
    in->hot = open(in->in.hot, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (in->hot < 0 || fstat(in->hot, &st) != 0)
        goto bad;
    if ((st.st_mode & S_IWOTH) != 0) {
        if (in->in.production) {
            err_set(err, RC_CONFIG, "everybody may write to the hot folders");
            err_where(err, "%s", in->in.hot);
            err_cure(err, "chmod o-w");
            return RC_CONFIG;
        }
        log_plain(LOG_WARN, "intake.hot.world-writable");
    }
    return RC_OK;
bad:
    err_set(err, RC_CONFIG, "the hot folders cannot be opened");
    err_where(err, "%s", in->in.hot);
    err_cure(err, "it must be a folder (no link) that this user may write to");
    return RC_CONFIG;
}

static enum rc
intake_open(struct intake *in, const struct options *o, struct err *err)
{
    char info[8192], path[PATH_ROOM + 32];
    const char *socket = NULL;
    enum rc rc;

    in->give_up_ms = o->give_up_seconds > 0 ? o->give_up_seconds * 1000 : in->in.production ? 60000 : 10000;
    in->size_max = o->size_mib > 0 ? (uint64_t)o->size_mib << 20 : FILE_BYTES_MAX;
    in->table = calloc(WAITING_MAX, sizeof *in->table);
    in->arena = arena_new(PART_ARENA);
    in->block = malloc(VAULT_PART);
    if (in->table == NULL || in->arena == NULL || in->block == NULL)
        return err_set(err, RC_NOMEM, "no memory");
    if (getenv("ESCRIBA_KEYD_FD") == NULL) {
        snprintf(path, sizeof path, "%s/keyd-intake.sock", in->in.run);
        socket = path;
    }
    if ((rc = open_hot(in, err)) != RC_OK || (rc = keyclient_open(socket, &in->keys, err)) != RC_OK)
        return rc;
    if ((rc = instance_conninfo(&in->in, "work", "intake", info, sizeof info)) != RC_OK)
        return err_set(err, rc, "the database's connection cannot be named");
    for (int i = 0; (rc = db_open(info, "escriba-intake", &in->db, err)) == RC_DB && i < 60 && !runtime_stopping(); i++)
        clock_sleep_ms(500);
    if (rc != RC_OK)
        return rc;
    /* Without it (a limit of the machine) the scans do everything. */
    if (!o->no_notify && (in->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) < 0)
        log_event(LOG_WARN, "intake.no.inotify", LOG_INT("errno", errno));
    return RC_OK;
}

static void
intake_close(struct intake *in)
{
    folders_done(in);
    index_key_free(in->index);
    keyclient_close(in->keys);
    db_close(in->db);
    arena_free(in->arena);
    free(in->block);
    free(in->table);
    if (in->notify >= 0)
        close(in->notify);
    if (in->hot >= 0)
        close(in->hot);
}

/* ---- the loop --------------------------------------------------------------------- */

struct rhythm {
    int64_t refresh_at, tick_at, look_at, event_at;
};

/* What is due by the clock. */
static enum rc
due(struct intake *in, struct rhythm *r)
{
    int64_t now = clock_ms();
    uint32_t closed = 0;
    enum rc rc;

    if (now >= r->refresh_at) {
        if ((rc = folders_refresh(in)) != RC_OK)
            return rc;
        r->refresh_at = now + REFRESH_MS;
    }
    if (now >= r->tick_at) {
        if ((rc = store_tick(in->db, &closed)) != RC_OK)
            return rc;
        r->tick_at = now + TICK_MS;
    }
    if (now >= r->look_at) {
        in->round++;
        folders_all_dirty(in);
        scan_sweep(in);
        r->look_at = now + (int64_t)in->in.scan_seconds * 1000;
    }
    return RC_OK;
}

/* Every dirty folder once, a bounded number of files each: no client waits for another's flood. */
static enum rc
look(struct intake *in, bool *waits)
{
    enum rc rc = RC_OK;

    *waits = false;
    for (uint32_t i = 0; i < in->folder_count && rc == RC_OK && !runtime_stopping(); i++) {
        if (!in->folders[i].dirty || in->folders[i].paused)
            continue;
        rc = scan_folder(in, i);
        *waits = *waits || in->folders[i].dirty;
    }
    return rc;
}

static int
how_long(const struct intake *in, const struct rhythm *r, bool waits)
{
    int64_t now = clock_ms(), next = r->refresh_at;

    if (waits)
        return now - r->event_at < QUIET_MS ? PACE_MS : PACE_SLOW_MS;
    for (uint32_t i = 0; i < in->folder_count; i++)
        if (in->folders[i].dirty && !in->folders[i].paused)
            return 0;
    next = r->tick_at < next ? r->tick_at : next;
    next = r->look_at < next ? r->look_at : next;
    return next > now ? (int)(next - now) : 0;
}

static enum rc
loop(struct intake *in)
{
    struct rhythm r = { 0, 0, 0, clock_ms() };
    int64_t back_off = 0;
    bool waits = false;
    enum rc rc;

    while (!runtime_stopping()) {
        struct pollfd p = { .fd = in->notify, .events = POLLIN };

        if ((rc = due(in, &r)) == RC_OK)
            rc = look(in, &waits);
        if (rc == RC_CONFIG || rc == RC_BUG || rc == RC_DENIED)
            return rc;
        if (rc != RC_OK) {
            if (back_off == 0)
                log_event(LOG_WARN, "intake.waits", LOG_RC(rc));
            back_off = back_off == 0 ? 250 : back_off * 2 < BACK_OFF_MAX_MS ? back_off * 2 : BACK_OFF_MAX_MS;
            clock_sleep_ms(back_off);
            continue;
        }
        if (back_off > 0)
            log_plain(LOG_INFO, "intake.goes.on");
        back_off = 0;
        if (in->report_changed)
            folders_report(in);
        if (poll(&p, in->notify >= 0 ? 1 : 0, how_long(in, &r, waits)) > 0) {
            folders_events(in);
            r.event_at = clock_ms();
        }
        if (in->refresh_soon && r.refresh_at > clock_ms() + REFRESH_SOON_MS)
            r.refresh_at = clock_ms() + REFRESH_SOON_MS;
        in->refresh_soon = false;
    }
    return RC_OK;
}

int
main(int argc, char **argv)
{
    static struct intake in = { .hot = -1, .notify = -1, .report_changed = true };
    struct options o = { 0 };
    struct err err = { 0 };
    int lock = -1;
    enum rc rc;

    log_open("escriba-intake", LOG_INFO);
    runtime_signals();
    if (runtime_answered(argc, argv, "escriba-intake", usage))
        return 0;
    if (!options_read(argc, argv, &o)) {
        fputs(usage, stderr);
        return 64;
    }
    if ((rc = secret_start(&err)) == RC_OK && (rc = instance_open(o.home, &in.in, &err)) == RC_OK &&
        (rc = lock_folders(&in, &lock)) == RC_OK && (rc = intake_open(&in, &o, &err)) == RC_OK) {
        log_plain(LOG_INFO, "intake.ready");
        rc = loop(&in);
    }
    if (rc == RC_BUSY && runtime_stopping())
        rc = RC_OK;
    if (rc != RC_OK) {
        if (err.rc == RC_OK)
            err_set(&err, rc, "escriba-intake cannot go on");
        err_print(&err, stderr);
    }
    intake_close(&in);
    if (lock >= 0)
        close(lock);
    log_event(LOG_INFO, "intake.stop", LOG_RC(rc));
    return err_exit_code(rc);
}
