/* audit.c - the audit chain is recomputed here, by other code than that which wrote it. */
#include "sys/audit.h"

#include <endian.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define ROWS_AT_ONCE 5000

enum column { N, AT, ACTOR, PERSON, EVENT, BATCH, FILE_ID, DOCUMENT, PAGE, CODE, AMOUNT, SEALED, PREV, HASH };

static const char rows_sql[] = "SELECT n, at_bytes, actor, person_id, event, batch_id, file_id, document_id, page, "
                               "code, amount, sealed_hash, prev,"
                               " hash FROM ops.audit_rows($1, $2, $3::int)";

const char *
audit_fault_text(enum audit_fault fault)
{
    static const char *const texts[] = {
        [AUDIT_SOUND] = "sound",
        [AUDIT_NO_HEAD] = "the chain is gone",
        [AUDIT_EDITED] = "a row was edited",
        [AUDIT_BROKEN] = "a row does not follow the one before it",
        [AUDIT_GAP] = "a row is missing",
        [AUDIT_CUT] = "rows at the end are missing",
        [AUDIT_TOO_LONG] = "there are rows after the last one counted",
        [AUDIT_HEAD] = "the head is not that of the last row",
        [AUDIT_TIME] = "a row is older than the one before it",
        [AUDIT_UNKNOWN] = "the chain belongs to no client",
        [AUDIT_REWRITTEN] = "a row is not the one that was there when the head was kept",
    };

    return (size_t)fault < COUNT_OF(texts) ? texts[fault] : "?";
}

static void
add_i64(crypto_hash_sha256_state *s, int64_t v)
{
    uint64_t big = htobe64((uint64_t)v);

    crypto_hash_sha256_update(s, (const uint8_t *)&big, 8);
}

static void
add_i32(crypto_hash_sha256_state *s, int32_t v)
{
    uint32_t big = htobe32((uint32_t)v);

    crypto_hash_sha256_update(s, (const uint8_t *)&big, 4);
}

static void
add_lengthy(crypto_hash_sha256_state *s, struct bytes b)
{
    add_i32(s, (int32_t)b.size);
    crypto_hash_sha256_update(s, b.data, b.size);
}

static void
add_id(crypto_hash_sha256_state *s, const struct db_result *r, int row, int col)
{
    struct id id;

    db_id(r, row, col, &id); /* zeros for NULL */
    crypto_hash_sha256_update(s, id.b, ID_SIZE);
}

static void
hash_row(const struct db_result *r, int row, const struct id *client, const uint8_t prev[32], uint8_t out[32])
{
    crypto_hash_sha256_state s;
    struct bytes at = db_bytes(r, row, AT);

    crypto_hash_sha256_init(&s);
    crypto_hash_sha256_update(&s, prev, 32);
    crypto_hash_sha256_update(&s, client->b, ID_SIZE);
    add_i64(&s, db_int(r, row, N));
    crypto_hash_sha256_update(&s, at.data, at.size);
    add_lengthy(&s, bytes_str(db_text(r, row, ACTOR)));
    add_id(&s, r, row, PERSON);
    add_lengthy(&s, bytes_str(db_text(r, row, EVENT)));
    add_id(&s, r, row, BATCH);
    add_id(&s, r, row, FILE_ID);
    add_id(&s, r, row, DOCUMENT);
    add_i32(&s, (int32_t)db_int(r, row, PAGE));
    add_i32(&s, (int32_t)db_int(r, row, CODE));
    add_i64(&s, db_int(r, row, AMOUNT));
    add_lengthy(&s, db_is_null(r, row, SEALED) ? bytes_of("", 0) : db_bytes(r, row, SEALED));
    crypto_hash_sha256_final(&s, out);
}

static int64_t
time_of(struct bytes at)
{
    uint64_t big = 0;

    if (at.size == 8)
        memcpy(&big, at.data, 8);
    return (int64_t)be64toh(big);
}

static bool
same(struct bytes b, const uint8_t hash[32])
{
    return b.size == 32 && memcmp(b.data, hash, 32) == 0;
}

struct walk {
    struct audit_chain *chain;
    const struct audit_kept *kept;
    size_t kept_count;
    uint8_t last[32];
    int64_t last_at;
};

/* One row after the last; the first fault ends the walk. */
static enum audit_fault
check_row(struct walk *w, const struct db_result *r, int row)
{
    uint8_t hash[32];
    int64_t at = time_of(db_bytes(r, row, AT));

    w->chain->at = w->chain->rows + 1;
    if (db_int(r, row, N) != w->chain->rows + 1)
        return AUDIT_GAP;
    hash_row(r, row, &w->chain->client, w->last, hash);
    if (!same(db_bytes(r, row, PREV), w->last))
        return AUDIT_BROKEN;
    if (!same(db_bytes(r, row, HASH), hash))
        return AUDIT_EDITED;
    if (w->chain->rows > 0 && at < w->last_at)
        return AUDIT_TIME;
    for (size_t i = 0; i < w->kept_count; i++)
        if (w->kept[i].n == w->chain->rows + 1 && id_equal(&w->kept[i].client, &w->chain->client) &&
            memcmp(w->kept[i].hash, hash, 32) != 0)
            return AUDIT_REWRITTEN;
    memcpy(w->last, hash, 32);
    w->last_at = at;
    w->chain->rows++;
    w->chain->at = 0;
    return AUDIT_SOUND;
}

/* What only the end of a chain shows. */
static void
check_end(struct walk *w, int64_t counted, struct bytes head)
{
    struct audit_chain *chain = w->chain;

    if (chain->rows < counted) {
        chain->fault = AUDIT_CUT;
        chain->at = chain->rows + 1;
    } else if (chain->rows > counted || !same(head, w->last)) {
        chain->fault = chain->rows > counted ? AUDIT_TOO_LONG : AUDIT_HEAD;
        chain->at = counted + 1;
    }
    for (size_t i = 0; i < w->kept_count && chain->fault == AUDIT_SOUND; i++)
        if (w->kept[i].n > chain->rows && id_equal(&w->kept[i].client, &chain->client)) {
            chain->fault = AUDIT_CUT; /* rows and head were turned back together */
            chain->at = chain->rows + 1;
        }
}

static enum rc
walk_chain(struct db *db, struct walk *w, int64_t counted, struct bytes head)
{
    struct audit_chain *chain = w->chain;
    bool more = true;

    while (more && chain->fault == AUDIT_SOUND) {
        const struct db_param p[] = { DB_P_ID(&chain->client), DB_P_INT(chain->rows + 1), DB_P_INT(ROWS_AT_ONCE) };
        struct db_result *r = NULL;
        enum rc rc = db_query(db, rows_sql, p, COUNT_OF(p), &r);

        if (rc != RC_OK)
            return rc;
        for (int i = 0; i < db_rows(r) && chain->fault == AUDIT_SOUND; i++)
            chain->fault = check_row(w, r, i);
        more = db_rows(r) == ROWS_AT_ONCE;
        db_result_free(r);
    }
    if (chain->fault == AUDIT_SOUND)
        check_end(w, counted, head);
    memcpy(chain->head, w->last, 32);
    return RC_OK;
}

enum rc
audit_verify(struct db *db, const char *client, const struct audit_kept *kept, size_t kept_count, audit_told *told,
             void *to)
{
    const struct db_param p[] = { client != NULL ? DB_P_TEXT(client) : DB_P_NULL };
    struct db_result *heads = NULL;
    bool sound = true;
    enum rc rc;

    /* One snapshot: rows that are appended meanwhile are not half seen. */
    if ((rc = db_begin(db)) != RC_OK ||
        (rc = db_run(db, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL, 0)) != RC_OK ||
        (rc = db_query(db, "SELECT client_id, client, n, hash FROM ops.audit_heads($1::text)", p, 1, &heads)) !=
            RC_OK)
        goto out;
    for (int i = 0; i < db_rows(heads); i++) {
        struct audit_chain chain = { .fault = AUDIT_SOUND };
        struct walk w = { .chain = &chain, .kept = kept, .kept_count = kept_count };

        db_id(heads, i, 0, &chain.client);
        snprintf(chain.name, sizeof chain.name, "%s", db_text(heads, i, 1));
        if (db_is_null(heads, i, 2)) {
            chain.fault = AUDIT_NO_HEAD;
        } else {
            if ((rc = walk_chain(db, &w, db_int(heads, i, 2), db_bytes(heads, i, 3))) != RC_OK)
                goto out;
            if (chain.fault == AUDIT_SOUND && strcmp(chain.name, "?") == 0)
                chain.fault = AUDIT_UNKNOWN;
        }
        sound = sound && chain.fault == AUDIT_SOUND;
        if (told != NULL && (rc = told(to, &chain)) != RC_OK)
            goto out;
    }
    rc = sound ? RC_OK : RC_SEAL;
out:
    db_result_free(heads);
    db_rollback(db);
    return rc;
}
