/*
 * db_result.c - reading what a query gave, and arrays as parameters.
 *
 * Results come in binary; a text of a number, uuid or time is made when it is asked for
 * and lives as long as the result.
 */
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db_internal.h"

#define EPOCH_2000 946684800 /* PostgreSQL counts microseconds from 2000-01-01 */
#define TEXT_ROOM 40

struct db_result {
    PGresult *r;
    char **made; /* rows * columns, texts made on demand */
};

enum rc
db_result_wrap(PGresult *r, struct db_result **out)
{
    struct db_result *result = calloc(1, sizeof *result);

    if (result == NULL) {
        PQclear(r);
        return RC_NOMEM;
    }
    result->r = r;
    *out = result;
    return RC_OK;
}

void
db_result_free(struct db_result *r)
{
    if (r == NULL)
        return;
    if (r->made != NULL) {
        size_t count = (size_t)PQntuples(r->r) * (size_t)PQnfields(r->r);

        for (size_t i = 0; i < count; i++)
            free(r->made[i]);
        free(r->made);
    }
    PQclear(r->r);
    free(r);
}

int
db_rows(const struct db_result *r)
{
    return PQntuples(r->r);
}

int
db_columns(const struct db_result *r)
{
    return PQnfields(r->r);
}

const char *
db_column(const struct db_result *r, int col)
{
    const char *name = PQfname(r->r, col);

    return name != NULL ? name : "";
}

bool
db_is_null(const struct db_result *r, int row, int col)
{
    return PQgetisnull(r->r, row, col) == 1;
}

static uint64_t
big_endian(const char *at, int length)
{
    uint64_t v = 0;

    for (int i = 0; i < length; i++)
        v = v << 8 | (uint8_t)at[i];
    return v;
}

static double
real_of(const struct db_result *r, int row, int col)
{
    const char *at = PQgetvalue(r->r, row, col);
    uint64_t bits = big_endian(at, PQgetlength(r->r, row, col));

    if (PQftype(r->r, col) == OID_FLOAT4) {
        uint32_t half = (uint32_t)bits;
        float f;

        memcpy(&f, &half, sizeof f);
        return (double)f;
    }
    double d;

    memcpy(&d, &bits, sizeof d);
    return d;
}

int64_t
db_int(const struct db_result *r, int row, int col)
{
    const char *at = PQgetvalue(r->r, row, col);

    if (db_is_null(r, row, col))
        return 0;
    switch (PQftype(r->r, col)) {
    case OID_BOOL: return at[0] != 0;
    case OID_INT2: return (int16_t)big_endian(at, 2);
    case OID_INT4: return (int32_t)big_endian(at, 4);
    case OID_INT8: return (int64_t)big_endian(at, 8);
    case OID_TIMESTAMPTZ: return (int64_t)big_endian(at, 8) / 1000000 + EPOCH_2000;
    case OID_FLOAT4:
    case OID_FLOAT8: return (int64_t)real_of(r, row, col);
    default: return 0;
    }
}

double
db_real(const struct db_result *r, int row, int col)
{
    Oid type = PQftype(r->r, col);

    if (db_is_null(r, row, col))
        return 0;
    return type == OID_FLOAT4 || type == OID_FLOAT8 ? real_of(r, row, col) : (double)db_int(r, row, col);
}

bool
db_bool(const struct db_result *r, int row, int col)
{
    return db_int(r, row, col) != 0;
}

bool
db_id(const struct db_result *r, int row, int col, struct id *out)
{
    memset(out, 0, sizeof *out);
    if (db_is_null(r, row, col) || PQftype(r->r, col) != OID_UUID || PQgetlength(r->r, row, col) != ID_SIZE)
        return false;
    memcpy(out->b, PQgetvalue(r->r, row, col), ID_SIZE);
    return true;
}

struct bytes
db_bytes(const struct db_result *r, int row, int col)
{
    return bytes_of(PQgetvalue(r->r, row, col), (size_t)PQgetlength(r->r, row, col));
}

enum db_kind
db_column_kind(const struct db_result *r, int col)
{
    switch (PQftype(r->r, col)) {
    case OID_BOOL: return DB_KIND_BOOL;
    case OID_BYTEA: return DB_KIND_BYTES;
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_FLOAT4:
    case OID_FLOAT8: return DB_KIND_NUMBER;
    default: return DB_KIND_TEXT;
    }
}

static void
time_text(int64_t micros, char *out, size_t room)
{
    int64_t seconds = micros / 1000000 + EPOCH_2000;
    time_t when;
    struct tm tm;

    if (micros % 1000000 < 0)
        seconds--;
    when = (time_t)seconds;
    if (gmtime_r(&when, &tm) == NULL || strftime(out, room, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        out[0] = '\0';
}

/* True when the type needs a text to be made; others are texts already. */
static bool
make_text(const struct db_result *r, int row, int col, char out[TEXT_ROOM])
{
    struct id id;

    switch (PQftype(r->r, col)) {
    case OID_BOOL:
        snprintf(out, TEXT_ROOM, "%s", db_int(r, row, col) ? "true" : "false");
        return true;
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
        snprintf(out, TEXT_ROOM, "%" PRId64, db_int(r, row, col));
        return true;
    case OID_FLOAT4:
    case OID_FLOAT8:
        snprintf(out, TEXT_ROOM, "%.6g", db_real(r, row, col));
        return true;
    case OID_TIMESTAMPTZ:
        time_text((int64_t)big_endian(PQgetvalue(r->r, row, col), 8), out, TEXT_ROOM);
        return true;
    case OID_UUID:
        if (!db_id(r, row, col, &id))
            memset(&id, 0, sizeof id);
        id_text(&id, out);
        return true;
    default:
        return false;
    }
}

const char *
db_text(const struct db_result *r, int row, int col)
{
    char text[TEXT_ROOM];
    struct db_result *cache = (struct db_result *)r; /* only texts are added */
    size_t columns = (size_t)PQnfields(r->r);
    size_t at = (size_t)row * columns + (size_t)col;

    if (row < 0 || row >= PQntuples(r->r) || col < 0 || (size_t)col >= columns || db_is_null(r, row, col))
        return "";
    if (!make_text(r, row, col, text))
        return PQgetvalue(r->r, row, col);
    if (cache->made == NULL)
        cache->made = calloc((size_t)PQntuples(r->r) * columns, sizeof *cache->made);
    if (cache->made == NULL)
        return "";
    if (cache->made[at] == NULL)
        cache->made[at] = strdup(text);
    return cache->made[at] != NULL ? cache->made[at] : "";
}

/* ---- arrays: u32 dimensions, has-null flag, element type, length, lower bound, then the items ---- */

struct list {
    uint8_t *start;
    uint8_t *at;
};

static void
list_u32(struct list *list, uint32_t v)
{
    uint32_t big = htobe32(v);

    memcpy(list->at, &big, 4);
    list->at += 4;
}

static bool
list_begin(struct list *list, struct arena *arena, uint32_t element, size_t count, size_t item_bytes)
{
    list->start = list->at = arena_alloc(arena, 20 + count * 4 + item_bytes);
    if (list->start == NULL || count > INT32_MAX)
        return false;
    list_u32(list, count > 0 ? 1 : 0);
    list_u32(list, 1);
    list_u32(list, element);
    if (count > 0) {
        list_u32(list, (uint32_t)count);
        list_u32(list, 1);
    }
    return true;
}

static void
list_item(struct list *list, const void *data, size_t size)
{
    list_u32(list, data != NULL ? (uint32_t)size : UINT32_MAX);
    if (data != NULL && size > 0)
        memcpy(list->at, data, size);
    list->at += data != NULL ? size : 0;
}

static struct db_param
list_end(const struct list *list, enum db_type type)
{
    return (struct db_param){ .type = type, .bytes = { list->start, (size_t)(list->at - list->start) } };
}

static struct db_param
no_list(enum db_type type)
{
    return (struct db_param){ .type = type };
}

struct db_param
db_text_list(struct arena *arena, const char *const *items, size_t count)
{
    struct list list;
    size_t size = 0;

    for (size_t i = 0; i < count; i++)
        size += items[i] != NULL ? strlen(items[i]) : 0;
    if (!list_begin(&list, arena, OID_TEXT, count, size))
        return no_list(DB_TEXT_LIST);
    for (size_t i = 0; i < count; i++)
        list_item(&list, items[i], items[i] != NULL ? strlen(items[i]) : 0);
    return list_end(&list, DB_TEXT_LIST);
}

struct db_param
db_int_list(struct arena *arena, const int64_t *items, size_t count)
{
    struct list list;

    if (!list_begin(&list, arena, OID_INT8, count, count * 8))
        return no_list(DB_INT_LIST);
    for (size_t i = 0; i < count; i++) {
        uint64_t big = htobe64((uint64_t)items[i]);

        list_item(&list, &big, 8);
    }
    return list_end(&list, DB_INT_LIST);
}

struct db_param
db_real_list(struct arena *arena, const double *items, size_t count)
{
    struct list list;

    if (!list_begin(&list, arena, OID_FLOAT8, count, count * 8))
        return no_list(DB_REAL_LIST);
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;

        memcpy(&bits, &items[i], 8);
        bits = htobe64(bits);
        list_item(&list, &bits, 8);
    }
    return list_end(&list, DB_REAL_LIST);
}

struct db_param
db_id_list(struct arena *arena, const struct id *items, size_t count)
{
    struct list list;

    if (!list_begin(&list, arena, OID_UUID, count, count * ID_SIZE))
        return no_list(DB_ID_LIST);
    for (size_t i = 0; i < count; i++)
        list_item(&list, items[i].b, ID_SIZE);
    return list_end(&list, DB_ID_LIST);
}

struct db_param
db_bytes_list(struct arena *arena, const struct bytes *items, size_t count)
{
    struct list list;
    size_t size = 0;

    for (size_t i = 0; i < count; i++)
        size += items[i].size;
    if (!list_begin(&list, arena, OID_BYTEA, count, size))
        return no_list(DB_BYTES_LIST);
    for (size_t i = 0; i < count; i++)
        list_item(&list, items[i].data, items[i].size);
    return list_end(&list, DB_BYTES_LIST);
}
