/*
 * cluster.h - our own private PostgreSQL cluster: unix socket only, SCRAM, checksums.
 *
 * As root the server runs as an unprivileged system user.  Traps and cures: a zombie
 * postmaster, a private parent folder, a socket path over 107 bytes, another major version.
 */
#ifndef SYS_CLUSTER_H
#define SYS_CLUSTER_H

#include "sys/instance.h"

enum cluster_state { CLUSTER_ABSENT, CLUSTER_DOWN, CLUSTER_UP };

/* Make it if absent, start it if down. */
MUST_USE enum rc cluster_up(const struct instance *in, struct err *err);
MUST_USE enum rc cluster_down(const struct instance *in, struct err *err);
MUST_USE enum rc cluster_status(const struct instance *in, enum cluster_state *out, struct err *err);
/*
 * Bring the databases up to date, in our cluster or on the server of the `database` setting (there the operator has
 * made the role escriba_admin and HOME/secret/escriba_admin.pgpass): both databases, every migration, a password
 * for each program's role and its file in HOME/secret.  As root these files are given to the system user who runs
 * the program (escriba-intake..., else escriba, else root), so make that user before.  Can be run again at any
 * time.
 */
MUST_USE enum rc cluster_prepare(const struct instance *in, int *applied, struct err *err);

#endif
