/*
 * instance.h - where one installation keeps its things: one folder, fixed names in it.
 *
 *   HOME/escriba.yaml        settings (written by `escriba up`, edited by the operator)
 *   HOME/hot/CLIENT/STREAM/  the hot folders
 *   HOME/pg/                 the private PostgreSQL cluster;   HOME/run/pg/ its socket
 *   HOME/keys/               the key store (0700): outside PostgreSQL and its backups
 *   HOME/secret/             passwords of the database roles (0600 each), pgpass per program
 *   HOME/run/keyd*.sock desk.sock           our own sockets
 *   HOME/forms/              the document types in force, copied by `up`
 *   HOME/codes/              lists of codes, one file for each list and validity
 *   HOME/log/                logs of the daemons;  HOME/metrics/escriba.prom
 *
 * HOME is --home, else $ESCRIBA_HOME, else /var/lib/escriba as root, else
 * $XDG_DATA_HOME/escriba or ~/.local/share/escriba.
 */
#ifndef SYS_INSTANCE_H
#define SYS_INSTANCE_H

#include <stdbool.h>

#include "base/err.h"

#define PATH_ROOM 4096

struct instance {
    char home[1024];
    char forms[PATH_ROOM];
    char hot[PATH_ROOM];
    char run[PATH_ROOM];
    char keys[PATH_ROOM];
    char secret[PATH_ROOM];
    char log[PATH_ROOM];
    char profile[16];           /* "trial" or "production"                       */
    bool production;            /* the profile: production or trial               */
    bool own_cluster;           /* our private cluster, or --database             */
    char database[1024];        /* conninfo of the server, without user and dbname */
    unsigned workers;           /* runners; default: the number of cores          */
    unsigned lease_seconds;     /* a claim of the runner lapses after this long   */
    unsigned review_seconds;    /* a document opened for review is free again     */
    unsigned scan_seconds;      /* the hot folders are looked through this often  */
    unsigned settle_ms;         /* a file without an end marker must rest so long */
};

/* Resolve and read HOME/escriba.yaml when it is there. home may be NULL. */
MUST_USE enum rc instance_open(const char *home, struct instance *out, struct err *err);
/*
 * The conninfo for a role: database "work", "delivery" or "postgres"; role "runner" -> user escriba_runner, with
 * HOME/secret/escriba_runner.pgpass.  RC_CONFIG in the production profile for TCP without sslmode=verify-full.
 */
MUST_USE enum rc instance_conninfo(const struct instance *in, const char *database, const char *role, char *out,
                                   size_t room);

#endif
