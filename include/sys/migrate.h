/*
 * migrate.h - apply sql/work/NNNN_*.sql and sql/delivery/NNNN_*.sql in order, once each.
 *
 * The files are built into the program.  Checksums of applied ones are compared; a changed
 * one is refused.  One advisory lock; one transaction a file.
 */
#ifndef SYS_MIGRATE_H
#define SYS_MIGRATE_H

#include "sys/db.h"

struct migration {
    const char *name;   /* "0001_roles.sql" */
    const char *sql;
};
extern const struct migration migrations_work[];     /* ends with a NULL name */
extern const struct migration migrations_delivery[];

MUST_USE enum rc migrate_apply(struct db *admin, const struct migration *list, int *applied, struct err *err);
/* How many are still to apply; RC_CONFIG when an applied one was changed. */
MUST_USE enum rc migrate_pending(struct db *db, const struct migration *list, int *pending, struct err *err);

#endif
