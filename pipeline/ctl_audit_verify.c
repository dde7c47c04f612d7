/*
 * ctl_audit_verify.c - escriba audit verify: every chain of the audit log, recomputed.
 *
 * A row's hash covers the row before it, so an edit, a deletion or a swap shows at its place.
 * Whoever owns the database can rewrite a whole chain; only heads that were kept elsewhere
 * (--json prints them, --against compares) show that.
 */
#include "ctl.h"

#include <endian.h>
#include <string.h>

#include <sodium.h>

#include "base/text.h"

#define PAGE_ROWS 10000
#define HASH 32

enum { N, AT, ACTOR, PERSON, EVENT, BATCH, FILE_ID, DOCUMENT, PAGE, CODE, AMOUNT, SEALED, PREV, HASH_COL };

static const char rows_sql[] = "SELECT n, at_bytes, actor, person_id, event, batch_id, file_id, document_id, "
                               "page, code, amount, sealed_hash, prev, hash"
                               " FROM ops.audit_rows($1, $2, $3::int)";

struct chain {
    struct id client;
    const char *name;
    int64_t head_n, n;
    uint8_t head[HASH], last[HASH];
    int64_t last_at;
    int64_t bad_n;        /* 0: none */
    const char *fault;
    const struct db_result *r;
};

/* A head kept from before. */
struct kept {
    struct id client;
    int64_t n;
    uint8_t hash[HASH];
    bool met;
};

struct kept_list {
    struct kept *items;
    size_t count;
};

static void
add_u32(crypto_hash_sha256_state *s, uint32_t v)
{
    uint32_t big = htobe32(v);

    crypto_hash_sha256_update(s, (const uint8_t *)&big, sizeof big);
}

static void
add_u64(crypto_hash_sha256_state *s, uint64_t v)
{
    uint64_t big = htobe64(v);

    crypto_hash_sha256_update(s, (const uint8_t *)&big, sizeof big);
}

static void
add_text(crypto_hash_sha256_state *s, const char *text)
{
    add_u32(s, (uint32_t)strlen(text));
    crypto_hash_sha256_update(s, (const uint8_t *)text, strlen(text));
}

/* NULL counts as the zero uuid. */
static void
add_id(crypto_hash_sha256_state *s, const struct db_result *r, int row, int col)
{
    struct id id = { { 0 } };

    if (!db_is_null(r, row, col) && !db_id(r, row, col, &id))
        memset(&id, 0xff, sizeof id); /* not a uuid: cannot fit */
    crypto_hash_sha256_update(s, id.b, ID_SIZE);
}

/* The bytes that work.audit_append hashes, in its order. */
static void
hash_row(const struct chain *c, int row, uint8_t out[HASH])
{
    const struct db_result *r = c->r;
    crypto_hash_sha256_state s;
    struct bytes at = db_bytes(r, row, AT), sealed = db_bytes(r, row, SEALED);

    crypto_hash_sha256_init(&s);
    crypto_hash_sha256_update(&s, c->last, HASH);
    crypto_hash_sha256_update(&s, c->client.b, ID_SIZE);
    add_u64(&s, (uint64_t)db_int(r, row, N));
    crypto_hash_sha256_update(&s, at.data, at.size);
    add_text(&s, db_text(r, row, ACTOR));
    add_id(&s, r, row, PERSON);
    add_text(&s, db_text(r, row, EVENT));
    add_id(&s, r, row, BATCH);
    add_id(&s, r, row, FILE_ID);
    add_id(&s, r, row, DOCUMENT);
    add_u32(&s, (uint32_t)db_int(r, row, PAGE));
    add_u32(&s, (uint32_t)db_int(r, row, CODE));
    add_u64(&s, (uint64_t)db_int(r, row, AMOUNT));
    add_u32(&s, db_is_null(r, row, SEALED) ? 0 : (uint32_t)sealed.size);
    if (!db_is_null(r, row, SEALED))
        crypto_hash_sha256_update(&s, sealed.data, sealed.size);
    crypto_hash_sha256_final(&s, out);
}

static bool
same(struct bytes b, const uint8_t hash[HASH])
{
    return b.size == HASH && memcmp(b.data, hash, HASH) == 0;
}

static bool
fault(struct chain *c, int64_t n, const char *what)
{
    c->bad_n = n;
    c->fault = what;
    return false;
}

static bool
check_row(struct chain *c, int row, struct kept_list *kept)
{
    int64_t n = db_int(c->r, row, N);
    struct bytes at = db_bytes(c->r, row, AT);
    uint8_t hash[HASH];
    uint64_t big = 0;

    if (n != c->n + 1)
        return fault(c, c->n + 1, "an entry is missing");
    if (!same(db_bytes(c->r, row, PREV), c->last))
        return fault(c, n, "does not follow the entry before it");
    hash_row(c, row, hash);
    if (!same(db_bytes(c->r, row, HASH_COL), hash))
        return fault(c, n, "was changed");
    if (at.size == sizeof big)
        memcpy(&big, at.data, sizeof big);
    if ((int64_t)be64toh(big) < c->last_at && n > 1)
        return fault(c, n, "is older than the entry before it");
    c->last_at = (int64_t)be64toh(big);
    memcpy(c->last, hash, HASH);
    c->n = n;
    for (size_t i = 0; i < kept->count; i++)
        if (kept->items[i].n == n && id_equal(&kept->items[i].client, &c->client)) {
            kept->items[i].met = true;
            if (memcmp(kept->items[i].hash, hash, HASH) != 0)
                return fault(c, n, "is not the entry that was there when the head was kept");
        }
    return true;
}

/* The whole chain; CTL_OK also when it is bad: the fault is in c. */
static int
walk(struct ctl *ctl, struct chain *c, struct kept_list *kept)
{
    int rows = 1, code = CTL_OK;

    while (rows > 0 && c->fault == NULL && code == CTL_OK) {
        struct db_param params[] = { DB_P_ID(&c->client), DB_P_INT(c->n + 1), DB_P_INT(PAGE_ROWS) };
        struct db_result *r = NULL;

        if ((code = ctl_query(ctl, rows_sql, params, 3, "reading the audit log", &r)) != CTL_OK)
            break;
        rows = db_rows(r);
        c->r = r;
        for (int i = 0; i < rows && check_row(c, i, kept); i++)
            ;
        db_result_free(r);
        if (ctl->progress)
            fprintf(stderr, "\r\033[K%s: %lld", c->name, (long long)c->n);
    }
    if (ctl->progress)
        fputs("\r\033[K", stderr);
    /* More may have been appended since the head was read; fewer is a tail cut off. */
    if (code == CTL_OK && c->fault == NULL && c->n < c->head_n)
        fault(c, c->n + 1, "the end of the chain was cut off");
    for (size_t i = 0; code == CTL_OK && c->fault == NULL && i < kept->count; i++)
        if (!kept->items[i].met && id_equal(&kept->items[i].client, &c->client))
            fault(c, c->n + 1, "the chain is shorter than when its head was kept");
    return code;
}

static void
report(struct ctl *ctl, const struct chain *c)
{
    char hex[HASH * 2 + 1], id[ID_TEXT];

    text_hex(c->last, HASH, hex);
    id_text(&c->client, id);
    if (ctl->json) {
        json_t *o = json_object();

        json_object_set_new(o, "client", json_string(c->name));
        json_object_set_new(o, "client_id", json_string(id));
        json_object_set_new(o, "n", json_integer(c->n));
        json_object_set_new(o, "hash", json_string(hex));
        json_object_set_new(o, "holds", json_boolean(c->fault == NULL));
        if (c->fault != NULL) {
            json_object_set_new(o, "first_bad", json_integer(c->bad_n));
            json_object_set_new(o, "fault", json_string(c->fault));
        }
        ctl_json(o);
    } else if (c->fault == NULL) {
        printf("%-20s %8lld %s, %s %.16s\n", ctl_safe(ctl, c->name), (long long)c->n,
               ctl_tr(ctl, "entries hold", "asientos cuadran"), ctl_tr(ctl, "head", "cabeza"), hex);
    } else {
        printf("%s%-20s entry %lld: %s%s\n", ctl_warm(ctl), ctl_safe(ctl, c->name), (long long)c->bad_n, c->fault,
               ctl_plain(ctl));
    }
}

/* Lines that --json printed before; other lines are an error. */
static int
read_kept(struct ctl *ctl, const char *path, struct kept_list *kept)
{
    FILE *file = fopen(path, "re");
    char line[1024];
    int code = CTL_OK;

    if (file == NULL)
        return ctl_fail_rc(ctl, RC_NOT_FOUND, path);
    if ((kept->items = arena_array(ctl->arena, 10000, sizeof *kept->items)) == NULL)
        code = ctl_fail_rc(ctl, RC_NOMEM, path);
    while (code == CTL_OK && kept->count < 10000 && fgets(line, sizeof line, file) != NULL) {
        json_t *o = json_loads(line, 0, NULL);
        struct kept *k = &kept->items[kept->count];
        const char *id = json_string_value(json_object_get(o, "client_id"));
        const char *hash = json_string_value(json_object_get(o, "hash"));

        k->n = json_integer_value(json_object_get(o, "n"));
        if (id == NULL || hash == NULL || !id_parse(id, &k->client) || strlen(hash) != HASH * 2 ||
            !text_unhex(hash, k->hash, HASH))
            code = ctl_usage(ctl, "%s does not hold what `escriba audit verify --json` prints", path);
        else if (k->n > 0)
            kept->count++;
        json_decref(o);
    }
    fclose(file);
    return code;
}

int
ctl_audit_verify_run(struct ctl *ctl)
{
    const char *client = ctl_value(ctl, "client"), *against = ctl_value(ctl, "against");
    struct db_param param = client != NULL ? DB_P_TEXT(client) : DB_P_NULL;
    struct kept_list kept = { 0 };
    struct db_result *heads = NULL;
    int code, bad = 0;

    if (against != NULL && (code = read_kept(ctl, against, &kept)) != CTL_OK)
        return code;
    if ((code = ctl_connect(ctl, "work", "audit")) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT client_id, client, n, hash FROM ops.audit_heads($1::text)", &param, 1,
                          "reading the heads", &heads)) != CTL_OK)
        return code;
    for (int i = 0; i < db_rows(heads) && code == CTL_OK; i++) {
        struct chain c = { .name = db_text(heads, i, 1), .head_n = db_int(heads, i, 2) };

        if (!db_id(heads, i, 0, &c.client) || (code = walk(ctl, &c, &kept)) != CTL_OK)
            break;
        bad += c.fault != NULL;
        report(ctl, &c);
    }
    for (size_t i = 0; client == NULL && code == CTL_OK && i < kept.count; i++)
        if (!kept.items[i].met) {
            char id[ID_TEXT];

            id_text(&kept.items[i].client, id);
            fprintf(stderr,
                    "escriba: the entry %lld of the chain of %s, whose hash was kept, is not there any more\n",
                    (long long)kept.items[i].n, id);
            bad++;
        }
    db_result_free(heads);
    return code != CTL_OK ? code : bad > 0 ? CTL_FAILED : CTL_OK;
}
