/* cluster_home.h - a fresh home folder for one test, with or without a running cluster; removed at the end. */
#ifndef CLUSTER_HOME_H
#define CLUSTER_HOME_H

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/cluster.h"
#include "sys/db.h"

static inline bool
cluster_home_make(char *home, size_t room)
{
    snprintf(home, room, "/tmp/escriba-test-XXXXXX");
    /* 0755: as root the server runs as another user, who must reach it. */
    return mkdtemp(home) != NULL && chmod(home, 0755) == 0;
}

static inline int
cluster_home_remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static inline void
cluster_home_remove(const char *home)
{
    struct instance in;

    if (instance_open(home, &in, NULL) == RC_OK && cluster_down(&in, NULL) != RC_OK)
        fprintf(stderr, "the cluster in %s did not stop\n", home);
    nftw(home, cluster_home_remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* A running, prepared cluster in a fresh home. */
static inline bool
cluster_home_start(char *home, size_t room, struct instance *in)
{
    struct err err = { 0 };
    int applied;

    if (!cluster_home_make(home, room))
        return false;
    if (instance_open(home, in, &err) != RC_OK || cluster_up(in, &err) != RC_OK ||
        cluster_prepare(in, &applied, &err) != RC_OK) {
        err_print(&err, stderr);
        cluster_home_remove(home);
        return false;
    }
    return true;
}

static inline struct db *
cluster_home_open(const struct instance *in, const char *database, const char *role)
{
    char conninfo[8192];
    struct err err = { 0 };
    struct db *db = NULL;

    if (instance_conninfo(in, database, role, conninfo, sizeof conninfo) != RC_OK ||
        db_open(conninfo, "test", &db, &err) != RC_OK)
        err_print(&err, stderr);
    return db;
}

#endif
