/* cluster_internal.h - what the cluster's files share: folders, small files, children as another user. */
#ifndef CLUSTER_INTERNAL_H
#define CLUSTER_INTERNAL_H

#include <sys/types.h>

#include "sys/cluster.h"

#define PASSWORD_TEXT 49 /* 24 random bytes in hexadecimal */

struct service { /* who the server runs as */
    uid_t uid;
    gid_t gid;
    char name[64];
};

MUST_USE enum rc cluster_service(struct service *out, struct err *err);
/* mkdir -p; owner (uid_t)-1 leaves it; the mode is set on the last folder only when it is made. */
MUST_USE enum rc cluster_folder(const char *path, mode_t mode, uid_t uid, gid_t gid, struct err *err);
/* Write a small file so that it is there whole or not at all, even after a power cut. */
MUST_USE enum rc cluster_file(const char *path, const char *text, mode_t mode, uid_t uid, gid_t gid, struct err *err);
/* The first size-1 bytes of a small file; false when it cannot be read. */
bool cluster_slurp(const char *path, char *out, size_t size);
void cluster_password(char out[PASSWORD_TEXT]);
/* Remove a folder and all that is in it (ours alone, not followed through links). */
void cluster_remove(const char *path);
/* Run argv as the service user; its last line of output in said.  The exit status, or -1. */
int cluster_run(const struct service *as, const char *const *argv, char *said, size_t room);
/* Whether the service user may enter a folder. */
bool cluster_reachable(const struct service *as, const char *path);

#endif
