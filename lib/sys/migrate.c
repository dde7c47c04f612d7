/* migrate.c - bring a database up to date from the SQL that is built into the program. */
#include "sys/migrate.h"

#include <sodium.h>
#include <string.h>

#include "db_internal.h"

#define LOCK_LITERAL "4995423917" /* any fixed number: only one program migrates a database at a time */

static void
checksum(const char *sql, uint8_t out[32])
{
    crypto_hash_sha256(out, (const uint8_t *)sql, strlen(sql));
}

static enum rc
failed(struct db *db, enum rc rc, const char *name, struct err *err)
{
    rc = err_set(err, rc, "the database could not be brought up to date: %s", db_message(db));
    err_where(err, "%s (SQLSTATE %s)", name, db_sqlstate(db));
    err_cure(err, "nothing of this step was kept; put it right and run `escriba migrate` again");
    return rc;
}

/* What was applied before, each with its checksum, against the list.  *from: the first not applied. */
static enum rc
compare(struct db *db, const struct migration *list, int *from, struct err *err)
{
    struct db_result *r = NULL;
    int rows, known = 0;
    uint8_t sum[32];
    enum rc rc;

    *from = 0;
    while (list[known].name != NULL)
        known++;
    if ((rc = db_query(db, "SELECT to_regclass('escriba.migration') IS NOT NULL", NULL, 0, &r)) != RC_OK)
        return failed(db, rc, "escriba.migration", err);
    bool exists = db_bool(r, 0, 0);

    db_result_free(r);
    if (!exists)
        return RC_OK;
    if ((rc = db_query(db, "SELECT name, checksum FROM escriba.migration ORDER BY name", NULL, 0, &r)) != RC_OK)
        return failed(db, rc, "escriba.migration", err);
    rows = db_rows(r);
    if (rows > known) {
        rc = err_set(err, RC_CONFIG, "the database is newer than this program (%d steps, we know %d)", rows, known);
        err_cure(err, "install the newer program, or restore the database of this one");
        goto out;
    }
    for (int i = 0; i < rows; i++) {
        checksum(list[i].sql, sum);
        if (strcmp(list[i].name, db_text(r, i, 0)) != 0 ||
            !bytes_equal(db_bytes(r, i, 1), bytes_of(sum, sizeof sum))) {
            rc = err_set(err, RC_CONFIG, "%s was applied to this database with another text", db_text(r, i, 0));
            err_where(err, "the program has %s", list[i].name);
            err_cure(err, "an applied step never changes: write a new one with the next number");
            goto out;
        }
    }
    *from = rows;
out:
    db_result_free(r);
    return rc;
}

enum rc
migrate_pending(struct db *db, const struct migration *list, int *pending, struct err *err)
{
    int from = 0, all = 0;
    enum rc rc = compare(db, list, &from, err);

    while (list[all].name != NULL)
        all++;
    *pending = rc == RC_OK ? all - from : 0;
    return rc;
}

static enum rc
apply_one(struct db *admin, const struct migration *m)
{
    uint8_t sum[32];
    enum rc rc;

    checksum(m->sql, sum);
    const struct db_param p[] = { DB_P_TEXT(m->name), DB_P_BYTES(bytes_of(sum, sizeof sum)) };

    if ((rc = db_begin(admin)) != RC_OK || (rc = db_script(admin, m->sql)) != RC_OK ||
        (rc = db_run(admin, "RESET ROLE", NULL, 0)) != RC_OK ||
        (rc = db_run(admin, "INSERT INTO escriba.migration (name, checksum) VALUES ($1, $2)", p, 2)) != RC_OK ||
        (rc = db_commit(admin)) != RC_OK) {
        db_rollback(admin);
        return rc;
    }
    return RC_OK;
}

enum rc
migrate_apply(struct db *admin, const struct migration *list, int *applied, struct err *err)
{
    static const char table[] =
        "CREATE SCHEMA IF NOT EXISTS escriba; REVOKE ALL ON SCHEMA escriba FROM PUBLIC;"
        "CREATE TABLE IF NOT EXISTS escriba.migration (name text PRIMARY KEY, checksum bytea NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT now()); REVOKE ALL ON escriba.migration FROM PUBLIC";
    int from = 0;
    enum rc rc;

    *applied = 0;
    if ((rc = db_run(admin, "SELECT pg_catalog.pg_advisory_lock(" LOCK_LITERAL ")", NULL, 0)) != RC_OK)
        return failed(admin, rc, "lock", err);
    if ((rc = compare(admin, list, &from, err)) != RC_OK)
        goto out;
    if (list[from].name != NULL) {
        if ((rc = db_script(admin, table)) != RC_OK) {
            rc = failed(admin, rc, "escriba.migration", err);
            goto out;
        }
    }
    for (; list[from].name != NULL; from++) {
        if ((rc = apply_one(admin, &list[from])) != RC_OK) {
            rc = failed(admin, rc, list[from].name, err);
            goto out;
        }
        ++*applied;
    }
out:
    if (db_run(admin, "SELECT pg_catalog.pg_advisory_unlock(" LOCK_LITERAL ")", NULL, 0) != RC_OK && rc == RC_OK)
        rc = RC_DB;
    return rc;
}
