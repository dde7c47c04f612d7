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

#endif
