/* store_internal.h - what the files of store share: the parameters that name a leased step. */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include <string.h>

#include "sys/store.h"

/* A step in the queue is (client, object, unit, page); the object is its file or its document. */
static inline const struct id *
step_object(const struct claim *c)
{
    return c->unit == UNIT_FILE || c->unit == UNIT_PAGE ? &c->file : &c->document;
}

static inline int64_t
step_page(const struct claim *c)
{
    return c->unit == UNIT_PAGE ? (int64_t)c->page : 0;
}

/* $1 client, $2 object, $3 unit, $4 page, $5 token */
#define STEP_PARAMS(c)                                                                             \
    DB_P_ID(&(c)->client), DB_P_ID(step_object(c)), DB_P_INT((c)->unit), DB_P_INT(step_page(c)), DB_P_INT((c)->token)

static inline struct db_param
tag_param(const uint8_t tag[32])
{
    return DB_P_BYTES(bytes_of(tag, 32));
}

/* NULL for nothing. */
static inline struct db_param
maybe_bytes(struct bytes b)
{
    return b.size > 0 ? DB_P_BYTES(b) : DB_P_NULL;
}

/* One bytea in one row: copied into arena; RC_NOT_FOUND for no row or NULL. */
MUST_USE enum rc store_one_bytes(struct db *db, const char *sql, const struct db_param *params, int count,
                                 struct arena *arena, struct bytes *out);
/* One column of integers. */
MUST_USE enum rc store_integers(struct db *db, const char *sql, const struct db_param *params, int count,
                                struct arena *arena, uint32_t **out, uint32_t *n);
void store_copy_wrapped(const struct db_result *r, int row, int col, uint8_t out[WRAPPED_KEY_MAX], size_t *size);
void store_copy_text(const struct db_result *r, int row, int col, char *out, size_t room);

#endif
