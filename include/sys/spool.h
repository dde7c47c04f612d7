/*
 * spool.h - files in a folder that strangers write to: is one complete, take it, remove it.
 *
 * Nothing here follows a link, opens a device, waits for a FIFO or trusts a name.  A name
 * is any bytes but '/' and NUL, and is never logged.
 */
#ifndef SYS_SPOOL_H
#define SYS_SPOOL_H

#include <stdint.h>
#include <stdbool.h>

#include "base/err.h"

/* What a name alone says. */
enum spool_name {
    SPOOL_NAME_FILE,    /* may be taken                                                  */
    SPOOL_NAME_HIDDEN,  /* begins with '.': somebody's temporary file                     */
    SPOOL_NAME_PARTIAL, /* ends in .part .tmp .filepart .crdownload: still being written  */
    SPOOL_NAME_DONE,    /* FILE.done: FILE is complete                                    */
    SPOOL_NAME_CLOSE,   /* exactly .done: this folder's batch is complete                 */
    SPOOL_NAME_REFUSED, /* ends in .refused: we put it aside, too large to keep           */
    SPOOL_NAME_OURS     /* a file being removed by us; see spool_sweep                    */
};
enum spool_name spool_name_kind(const char *name);

/* Why a thing in a hot folder is left where it is. */
enum spool_why {
    SPOOL_FINE,
    SPOOL_LINK,
    SPOOL_FIFO,
    SPOOL_DEVICE,
    SPOOL_SOCKET,
    SPOOL_FOLDER_TOO_DEEP,
    SPOOL_UNREADABLE,
    SPOOL_ODD_FOLDER_NAME,
    SPOOL_UNKNOWN_FOLDER,
    SPOOL_TOO_LARGE,
    SPOOL_PAUSED,
    SPOOL_NOT_REMOVABLE, /* taken, but the folder does not let us remove it */
    SPOOL_WHYS
};
const char *spool_why_name(enum spool_why why);

/* An open file and what it was when it was opened. */
struct spool_file {
    int fd;
    uint64_t device, inode, size, links;
    int64_t modified_ns, changed_ns;
};

/* Open a folder beneath another. RC_NOT_FOUND, RC_DENIED (a link or not a folder), RC_IO. */
MUST_USE enum rc spool_folder(int at, const char *name, int *out);
/* Open a plain file for reading. RC_DENIED: why says what it is; RC_NOT_FOUND: it is gone. */
MUST_USE enum rc spool_open(int at, const char *name, struct spool_file *out, enum spool_why *why);
void spool_close(struct spool_file *file);
/* Is it still what it was when it was opened: same inode, size and times? */
bool spool_unchanged(const struct spool_file *file);

/* Does anybody have it open for writing?  The kernel tells the file's owner and root only. */
enum spool_writer { SPOOL_NO_WRITER, SPOOL_WRITER, SPOOL_WRITER_UNKNOWN };
enum spool_writer spool_writer(const struct spool_file *file);

/* Is the end of its format there, by its first bytes and its tail? */
enum spool_end {
    SPOOL_ENDED,
    SPOOL_CUT,    /* the format has an end, and it is not there (yet)      */
    SPOOL_NO_MARK /* the format has none: only rest can tell (gzip, text) */
};
enum spool_end spool_end(const struct spool_file *file);

/*
 * Remove a file whose sealed copy is durable, only if the name still means this very file:
 * renamed out of sight, overwritten (best effort, not when it has other links), unlinked,
 * folder synced.  RC_EXISTS: the name means another file now, or it was changed; it stays.
 */
MUST_USE enum rc spool_remove(int at, const char *name, const struct spool_file *file);
/* Put it aside as NAME.refused. */
MUST_USE enum rc spool_put_aside(int at, const char *name);
/* Finish the removal of a file that a crash left as SPOOL_NAME_OURS. */
void spool_sweep(int at, const char *name);

#endif
