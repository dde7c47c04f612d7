/* test_cluster.c - the private cluster is made, started, survives a kill, stops; bad places are refused with words.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cluster_home.h"
#include "sys/cluster.h"
#include "sys/db.h"

static char home[128];

static void
open_instance(struct instance *in)
{
    struct err err = { 0 };

    assert_int_equal(instance_open(home, in, &err), RC_OK);
}

static void
test_up_and_prepare(void **state)
{
    struct instance in;
    struct err err = { 0 };
    enum cluster_state cluster = CLUSTER_UP;
    int applied = 0;

    (void)state;
    open_instance(&in);
    assert_int_equal(cluster_status(&in, &cluster, &err), RC_OK);
    assert_int_equal(cluster, CLUSTER_ABSENT);
    if (cluster_up(&in, &err) != RC_OK || cluster_prepare(&in, &applied, &err) != RC_OK)
        err_print(&err, stderr), fail();
    assert_true(applied > 0);
    assert_int_equal(cluster_prepare(&in, &applied, &err), RC_OK);
    assert_int_equal(applied, 0);
    assert_int_equal(cluster_up(&in, &err), RC_OK);
    assert_int_equal(cluster_status(&in, &cluster, &err), RC_OK);
    assert_int_equal(cluster, CLUSTER_UP);
}

static void
test_settings(void **state)
{
    static const struct {
        const char *name, *value;
    } rows[] = {
        { "listen_addresses", "" },       { "password_encryption", "scram-sha-256" },
        { "data_checksums", "on" },       { "log_error_verbosity", "terse" },
        { "log_statement", "none" },      { "log_min_error_statement", "panic" },
        { "fsync", "on" },                { "log_parameter_max_length_on_error", "0" },
    };
    struct instance in;
    struct err err = { 0 };
    struct db *db = NULL;
    char conninfo[8192];

    (void)state;
    open_instance(&in);
    assert_int_equal(instance_conninfo(&in, "postgres", "admin", conninfo, sizeof conninfo), RC_OK);
    assert_int_equal(db_open(conninfo, "test", &db, &err), RC_OK);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct db_result *r = NULL;
        const struct db_param p[] = { DB_P_TEXT(rows[i].name) };

        assert_int_equal(db_query(db, "SELECT current_setting($1)", p, 1, &r), RC_OK);
        assert_string_equal(db_text(r, 0, 0), rows[i].value);
        db_result_free(r);
    }
    db_close(db);
}

/* Programs may log in with their own role to their own database only. */
static void
test_logins(void **state)
{
    static const struct {
        const char *database, *role;
        enum rc rc;
    } rows[] = {
        { "work", "intake", RC_OK },         { "work", "runner", RC_OK },        { "work", "desk", RC_OK },
        { "work", "operator", RC_OK },       { "work", "audit", RC_OK },         { "work", "metrics", RC_OK },
        { "delivery", "publisher", RC_OK },  { "delivery", "operator", RC_OK },  { "work", "publisher", RC_DENIED },
        { "delivery", "intake", RC_DENIED }, { "delivery", "runner", RC_DENIED }, { "delivery", "desk", RC_DENIED },
        { "postgres", "operator", RC_DENIED }, { "work", "owner", RC_DENIED },
    };
    struct instance in;

    (void)state;
    open_instance(&in);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = { 0 };
        struct db *db = NULL;
        char conninfo[8192];

        assert_int_equal(instance_conninfo(&in, rows[i].database, rows[i].role, conninfo, sizeof conninfo), RC_OK);
        enum rc rc = db_open(conninfo, "test", &db, &err);

        if (rc != rows[i].rc)
            fail_msg("%s in %s: %s, not %s", rows[i].role, rows[i].database, rc_name(rc), rc_name(rows[i].rc));
        db_close(db);
    }
}

static void
test_killed_postmaster(void **state)
{
    struct instance in;
    struct err err = { 0 };
    enum cluster_state cluster;
    char path[512], text[32] = "";
    FILE *f;

    (void)state;
    open_instance(&in);
    snprintf(path, sizeof path, "%s/pg/postmaster.pid", home);
    f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(text, sizeof text, f));
    fclose(f);
    assert_int_equal(kill((pid_t)strtol(text, NULL, 10), SIGKILL), 0);
    usleep(200000);
    if (cluster_up(&in, &err) != RC_OK)
        err_print(&err, stderr), fail();
    assert_int_equal(cluster_status(&in, &cluster, &err), RC_OK);
    assert_int_equal(cluster, CLUSTER_UP);
}

/* A server that could lose what it acknowledged is refused, and the words say which setting. */
static void
test_weak_server(void **state)
{
    static const char *const weak[] = { "fsync", "full_page_writes", "synchronous_commit" };
    struct instance in;

    (void)state;
    open_instance(&in);
    for (size_t i = 0; i < COUNT_OF(weak); i++) {
        struct err err = { 0 };
        struct db *db = NULL;
        char conninfo[8192], path[512];
        FILE *f;

        /* As an operator would: at the end of postgresql.conf, below our include. */
        assert_int_equal(cluster_down(&in, &err), RC_OK);
        snprintf(path, sizeof path, "%s/pg/postgresql.conf", home);
        f = fopen(path, "a");
        assert_non_null(f);
        long end = ftell(f);
        fprintf(f, "%s = off\n", weak[i]);
        fclose(f);
        assert_int_equal(cluster_up(&in, &err), RC_OK);
        assert_int_equal(instance_conninfo(&in, "postgres", "admin", conninfo, sizeof conninfo), RC_OK);
        assert_int_equal(db_open(conninfo, "test", &db, &err), RC_CONFIG);
        assert_non_null(strstr(err.what, weak[i]));
        assert_true(err.cure[0] != '\0');
        assert_int_equal(truncate(path, end), 0);
    }
    struct err err = { 0 };

    assert_int_equal(cluster_down(&in, &err), RC_OK);
    assert_int_equal(cluster_up(&in, &err), RC_OK);
}

static void
test_bad_places(void **state)
{
    struct err err = { 0 };
    struct instance in;
    char path[512], deep[200];
    FILE *f;

    (void)state;
    memset(deep, 'x', 120);
    deep[120] = '\0';
    snprintf(path, sizeof path, "%s/%s", home, deep);
    assert_int_equal(instance_open(path, &in, &err), RC_OK);
    assert_int_equal(cluster_up(&in, &err), RC_CONFIG);
    assert_non_null(strstr(err.what, "107"));

    if (geteuid() == 0) { /* below a private folder the server's user cannot reach its data */
        snprintf(path, sizeof path, "%s/private", home);
        assert_int_equal(mkdir(path, 0700), 0);
        snprintf(path, sizeof path, "%s/private/home", home);
        assert_int_equal(instance_open(path, &in, &err), RC_OK);
        assert_int_equal(cluster_up(&in, &err), RC_DENIED);
        assert_true(err.cure[0] != '\0');
    }
    /* Data of a server that is not installed. */
    snprintf(path, sizeof path, "%s/old", home);
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(path, sizeof path, "%s/old/pg", home);
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(path, sizeof path, "%s/old/pg/PG_VERSION", home);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs("9\n", f);
    fclose(f);
    snprintf(path, sizeof path, "%s/old", home);
    assert_int_equal(instance_open(path, &in, &err), RC_OK);
    assert_int_equal(cluster_up(&in, &err), RC_CONFIG);
    assert_non_null(strstr(err.cure, "postgresql-9"));
}

static void
copy_file(const char *from, const char *to)
{
    char text[4096] = "";
    FILE *f = fopen(from, "r");

    assert_non_null(f);
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    f = fopen(to, "w");
    assert_non_null(f);
    assert_int_equal(chmod(to, 0600), 0);
    fputs(text, f);
    fclose(f);
}

/* A server that exists, whose administrator gave us a role that may make databases and roles, and no more. */
static void
test_existing_server(void **state)
{
    char server[128], ours[128], from[512], to[512], conninfo[8192];
    struct instance theirs, in;
    struct err err = { 0 };
    struct db *db;
    FILE *f;
    int applied = 0;

    (void)state;
    assert_true(cluster_home_make(server, sizeof server));
    assert_true(cluster_home_make(ours, sizeof ours));
    assert_int_equal(instance_open(server, &theirs, &err), RC_OK);
    assert_int_equal(cluster_up(&theirs, &err), RC_OK);
    db = cluster_home_open(&theirs, "postgres", "admin");
    assert_non_null(db);
    assert_int_equal(
        db_run(db, "ALTER ROLE escriba_admin NOSUPERUSER CREATEDB CREATEROLE NOREPLICATION NOBYPASSRLS", NULL, 0),
        RC_OK);
    db_close(db);

    snprintf(to, sizeof to, "%s/escriba.yaml", ours);
    f = fopen(to, "w");
    assert_non_null(f);
    fprintf(f, "database: \"host=%s/run/pg\"\n", server);
    fclose(f);
    snprintf(to, sizeof to, "%s/secret", ours);
    assert_int_equal(mkdir(to, 0711), 0);
    snprintf(from, sizeof from, "%s/secret/escriba_admin.pgpass", server);
    snprintf(to, sizeof to, "%s/secret/escriba_admin.pgpass", ours);
    copy_file(from, to);
    assert_int_equal(instance_open(ours, &in, &err), RC_OK);
    assert_false(in.own_cluster);
    assert_int_equal(cluster_up(&in, &err), RC_OK); /* not ours to start */
    if (cluster_prepare(&in, &applied, &err) != RC_OK)
        err_print(&err, stderr), fail();
    assert_true(applied > 0);
    assert_int_equal(cluster_prepare(&in, &applied, &err), RC_OK);
    assert_int_equal(applied, 0);
    assert_int_equal(instance_conninfo(&in, "delivery", "operator", conninfo, sizeof conninfo), RC_OK);
    assert_int_equal(db_open(conninfo, "test", &db, &err), RC_OK);
    /* The one function that makes roles works there, too. */
    assert_int_equal(
        db_run(db, "SELECT delivery.client_add(gen_random_uuid(), 'SCRAM-SHA-256$4096:AAAA$AAAA:AAAA', 30)", NULL,
               0),
        RC_OK);
    db_close(db);
    assert_int_equal(cluster_down(&in, &err), RC_OK); /* nor to stop */
    assert_int_equal(instance_conninfo(&in, "work", "operator", conninfo, sizeof conninfo), RC_OK);
    assert_int_equal(db_open(conninfo, "test", &db, &err), RC_OK);
    db_close(db);
    cluster_home_remove(server);
    cluster_home_remove(ours);
}

static void
test_down(void **state)
{
    struct instance in;
    struct err err = { 0 };
    enum cluster_state cluster = CLUSTER_UP;
    struct db *db = NULL;
    char conninfo[8192];

    (void)state;
    open_instance(&in);
    assert_int_equal(cluster_down(&in, &err), RC_OK);
    assert_int_equal(cluster_status(&in, &cluster, &err), RC_OK);
    assert_int_equal(cluster, CLUSTER_DOWN);
    assert_int_equal(cluster_down(&in, &err), RC_OK);
    assert_int_equal(instance_conninfo(&in, "work", "runner", conninfo, sizeof conninfo), RC_OK);
    assert_int_equal(db_open(conninfo, "test", &db, &err), RC_DB);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_up_and_prepare), cmocka_unit_test(test_settings),   cmocka_unit_test(test_logins),
        cmocka_unit_test(test_killed_postmaster), cmocka_unit_test(test_weak_server),
        cmocka_unit_test(test_bad_places),     cmocka_unit_test(test_existing_server),
        cmocka_unit_test(test_down),
    };
    int failed;

    if (!cluster_home_make(home, sizeof home))
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_home_remove(home);
    return failed;
}
