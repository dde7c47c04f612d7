/* db_internal.h - what db.c and db_result.c share. */
#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H

#include <libpq-fe.h>

#include "sys/db.h"

#define OID_BOOL 16
#define OID_BYTEA 17
#define OID_NAME 19
#define OID_INT8 20
#define OID_INT2 21
#define OID_INT4 23
#define OID_TEXT 25
#define OID_FLOAT4 700
#define OID_FLOAT8 701
#define OID_TIMESTAMPTZ 1184
#define OID_UUID 2950

/* Takes r, whatever happens. */
MUST_USE enum rc db_result_wrap(PGresult *r, struct db_result **out);

/* Several statements in one literal of ours (a migration); no parameters, no results. */
MUST_USE enum rc db_script(struct db *db, const char *sql);

#endif
