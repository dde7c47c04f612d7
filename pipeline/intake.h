/* intake.h - inside escriba-intake: the hot folders, what waits in them, and taking a file. */
#ifndef PIPELINE_INTAKE_H
#define PIPELINE_INTAKE_H

#include "sys/instance.h"
#include "sys/keyclient.h"
#include "sys/spool.h"
#include "sys/store.h"
#include "sys/vault.h"

#define CLIENT_NAME_ROOM 40
#define STREAM_NAME_ROOM 64
#define BATCH_NAME_ROOM 256
#define FOLDER_PATH_ROOM (CLIENT_NAME_ROOM + STREAM_NAME_ROOM + BATCH_NAME_ROOM + 4) /* CLIENT/STREAM/BATCH */

/* One folder that files are taken from: a stream's, or a batch's in it. */
struct watched {
    struct id client;
    char client_name[CLIENT_NAME_ROOM];
    char stream[STREAM_NAME_ROOM];
    char batch[BATCH_NAME_ROOM]; /* "": the stream's own folder */
    bool paused;
    bool known;                  /* the database (or the parent folder) still names it */
    bool dirty;                  /* look again                                         */
    int watch;                   /* inotify; -1: none                                  */
    uint32_t waiting;            /* files not yet complete                             */
    uint32_t left[SPOOL_WHYS];   /* things left where they are, by why                 */
};

/* A file that is not complete yet, by what it is, not by its name. */
struct waiting {
    uint64_t device, inode, size; /* inode 0: free */
    int64_t modified_ns;
    int64_t rest_ms;              /* unchanged since       */
    uint32_t round;               /* last full look that saw it */
    bool closed;                  /* its writer closed it, or it was moved in */
    bool told;                    /* that it is left, in the log              */
    bool taken;                   /* it is with us, but could not be removed  */
};

#define WAITING_MAX 16384

struct intake {
    struct instance in;
    struct db *db;
    struct keyclient *keys;
    int hot;     /* HOME/hot */
    int notify;  /* inotify  */
    struct watched *folders;
    uint32_t folder_count, folder_room;
    struct waiting *table;
    uint32_t table_used, round;
    int64_t give_up_ms;  /* an incomplete file is taken as it is after so long */
    uint64_t size_max;
    struct index_key *index;
    struct id index_client;
    struct arena *arena;
    uint8_t *block;      /* VAULT_PART bytes */
    uint64_t taken, duplicates;
    bool report_changed;
    bool refresh_soon;   /* a client's folder has come or gone */
};

/* ---- intake_folders.c ---- */

/* Which folders there are to be, from the database; makes the missing ones. */
MUST_USE enum rc folders_refresh(struct intake *in);
void folders_all_dirty(struct intake *in);
/* A batch folder that a scan found. RC_LIMIT when there are too many. */
MUST_USE enum rc folders_add_batch(struct intake *in, uint32_t stream_folder, const char *name);
/* The path below HOME/hot. */
void folders_path(const struct watched *folder, char out[FOLDER_PATH_ROOM]);
/* Take the events; folders become dirty and files closed. */
void folders_events(struct intake *in);
void folders_done(struct intake *in);
/* HOME/run/intake.json: counts for `escriba intake`. */
void folders_report(struct intake *in);

/* ---- intake_scan.c ---- */

/* Look through one folder and take what is complete.  RC_DB, RC_FULL, RC_TIMEOUT: wait, then look again. */
MUST_USE enum rc scan_folder(struct intake *in, uint32_t folder);
/* A writer closed this file: it is complete if its end is there. */
void scan_closed(struct intake *in, uint32_t folder, const char *name);
/* Forget files that a full look did not see. */
void scan_sweep(struct intake *in);

/* ---- intake_take.c ---- */

/*
 * Hash, seal, admit, remove.  RC_BUSY: it changed meanwhile, wait for it again; RC_DENIED: the client is
 * paused; RC_NOT_FOUND: the client has no keys; RC_EXISTS: taken, but it could not be removed;
 * RC_DB, RC_FULL, RC_TIMEOUT, RC_IO: try later.
 */
MUST_USE enum rc intake_take(struct intake *in, const struct watched *folder, int dir, const char *name,
                             const struct spool_file *file);

#endif
