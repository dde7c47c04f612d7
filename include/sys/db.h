/*
 * db.h - libpq with parameters only; no SQL text is ever put together from values.
 */
#ifndef SYS_DB_H
#define SYS_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/id.h"

struct db;
struct db_result;

/* Typed parameters, sent in binary; a text may be cast in the SQL ($1::jsonb).  The last four are arrays. */
enum db_type {
    DB_NULL, DB_TEXT, DB_INT, DB_BYTES, DB_ID, DB_BOOL, DB_REAL,
    DB_TEXT_LIST, DB_INT_LIST, DB_BYTES_LIST, DB_ID_LIST, DB_REAL_LIST
};

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
/* A double precision number; the pointer must live until the call. */
#define DB_P_REAL(d) ((struct db_param){ DB_REAL, 0, 0, { (const uint8_t *)(d), sizeof(double) }, 0 })

/* One-dimensional arrays; their bytes live in arena.  Without memory they become NULL, which our SQL refuses. */
struct db_param db_text_list(struct arena *arena, const char *const *items, size_t count);
struct db_param db_int_list(struct arena *arena, const int64_t *items, size_t count);
struct db_param db_real_list(struct arena *arena, const double *items, size_t count);
struct db_param db_id_list(struct arena *arena, const struct id *items, size_t count);
/* An item whose data is NULL becomes NULL. */
struct db_param db_bytes_list(struct arena *arena, const struct bytes *items, size_t count);

/*
 * Connect: conninfo is a libpq string (timeouts and keepalives are added).  Refuses a server with
 * fsync, full_page_writes or synchronous_commit off (RC_CONFIG), and TCP to another machine without
 * sslmode=verify-full (instance_conninfo refuses it to this machine, too, in the production profile).
 * RC_DB when the server is away, RC_DENIED when it does not let us in.
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
/* SQLSTATE of the last failure, "" before one; never holds values. */
const char *db_sqlstate(const struct db *db);
/* The primary message of the last failure: for the operator's own commands, whose arguments are not documents. */
const char *db_message(const struct db *db);
/* The descriptor to wait on for notifications; -1 when there is none. */
int db_socket(const struct db *db);
/* True when a notification came on a channel this connection LISTENs to (all pending ones are taken). */
bool db_notified(struct db *db);
/* Scram the password as the server wants it stored, so that it never travels: "SCRAM-SHA-256$...". */
MUST_USE enum rc db_scram(struct db *db, const char *role, const char *password, struct arena *arena, char **out);

int db_rows(const struct db_result *r);
bool db_is_null(const struct db_result *r, int row, int col);
/* Any column as text, "" for NULL: numbers, uuids, booleans (true, false), times (ISO 8601, UTC). */
const char *db_text(const struct db_result *r, int row, int col);
/* Integers of any width, booleans, doubles cut, times as seconds since 1970; 0 for NULL. */
int64_t db_int(const struct db_result *r, int row, int col);
double db_real(const struct db_result *r, int row, int col);
bool db_bool(const struct db_result *r, int row, int col);
bool db_id(const struct db_result *r, int row, int col, struct id *out);
struct bytes db_bytes(const struct db_result *r, int row, int col); /* borrowed */
int db_columns(const struct db_result *r);
const char *db_column(const struct db_result *r, int col);
/* What a column holds, for printing it as JSON. */
enum db_kind { DB_KIND_TEXT, DB_KIND_NUMBER, DB_KIND_BOOL, DB_KIND_BYTES };
enum db_kind db_column_kind(const struct db_result *r, int col);
void db_result_free(struct db_result *r);

#endif
