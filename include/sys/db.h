/*
 * db.h - libpq with parameters only; no SQL text is ever put together from values.
 */
#ifndef SYS_DB_H
#define SYS_DB_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/id.h"

struct db;
struct db_result;

/* Typed parameters; all are sent in binary or as text with an explicit cast in the SQL. */
enum db_type { DB_NULL, DB_TEXT, DB_INT, DB_BYTES, DB_ID, DB_BOOL };

struct db_param {
    enum db_type type;
    const char *text;
    int64_t number;
    struct bytes bytes;
    const struct id *id;
};

#define DB_P_NULL ((struct db_param){ DB_NULL, 0, 0, { 0, 0 }, 0 })
#define DB_P_TEXT(t) ((struct db_param){ DB_TEXT, (t), 0, { 0, 0 }, 0 })
#define DB_P_INT(n) ((struct db_param){ DB_INT, 0, (int64_t)(n), { 0, 0 }, 0 })
#define DB_P_BOOL(n) ((struct db_param){ DB_BOOL, 0, (n) ? 1 : 0, { 0, 0 }, 0 })
#define DB_P_BYTES(b) ((struct db_param){ DB_BYTES, 0, 0, (b), 0 })
#define DB_P_ID(i) ((struct db_param){ DB_ID, 0, 0, { 0, 0 }, (i) })

/*
 * Connect: conninfo is a libpq string (timeouts and keepalives are added).  Refuses a server with
 * fsync, full_page_writes or synchronous_commit off (RC_CONFIG), and in the production profile a TCP
 * connection without verify-full.
 */
MUST_USE enum rc db_open(const char *conninfo, const char *application, struct db **out, struct err *err);
void db_close(struct db *db);
/* Run one statement; sql is a literal.  RC_DB to retry (the connection is mended on the next call), RC_LOST for
 * SQLSTATE ES001 (lease lost), RC_NOT_FOUND for ES404, RC_EXISTS for 23505, RC_DENIED for 42501,
 * RC_INPUT for 22xxx and ES400, RC_FULL for 53100.  The result is NULL but for RC_OK. */
MUST_USE enum rc db_query(struct db *db, const char *sql, const struct db_param *params, int count,
                          struct db_result **out);
/* The same with nothing to read. */
MUST_USE enum rc db_run(struct db *db, const char *sql, const struct db_param *params, int count);
MUST_USE enum rc db_begin(struct db *db);
MUST_USE enum rc db_commit(struct db *db);
void db_rollback(struct db *db);
/* SQLSTATE and our own message of the last failure; never holds values. */
const char *db_sqlstate(const struct db *db);

int db_rows(const struct db_result *r);
bool db_is_null(const struct db_result *r, int row, int col);
const char *db_text(const struct db_result *r, int row, int col);  /* "" for NULL */
int64_t db_int(const struct db_result *r, int row, int col);
bool db_bool(const struct db_result *r, int row, int col);
bool db_id(const struct db_result *r, int row, int col, struct id *out);
struct bytes db_bytes(const struct db_result *r, int row, int col); /* borrowed */
int db_columns(const struct db_result *r);
const char *db_column(const struct db_result *r, int col);
void db_result_free(struct db_result *r);

#endif
