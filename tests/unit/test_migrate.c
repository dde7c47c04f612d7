/* test_migrate.c - numbered steps are applied once, in order, whole or not at all; a changed one is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "cluster_home.h"
#include "sys/migrate.h"

static char home[128];
static struct instance in;

static const struct migration two[] = {
    { "0001_a.sql", "CREATE TABLE public.a (n int); INSERT INTO public.a VALUES (1)" },
    { "0002_b.sql", "UPDATE public.a SET n = n + 1" },
    { 0, 0 },
};
static const struct migration three[] = {
    { "0001_a.sql", "CREATE TABLE public.a (n int); INSERT INTO public.a VALUES (1)" },
    { "0002_b.sql", "UPDATE public.a SET n = n + 1" },
    { "0003_c.sql", "SELECT pg_sleep(0.2); UPDATE public.a SET n = n * 10" },
    { 0, 0 },
};
static const struct migration changed[] = {
    { "0001_a.sql", "CREATE TABLE public.a (n bigint); INSERT INTO public.a VALUES (1)" },
    { "0002_b.sql", "UPDATE public.a SET n = n + 1" },
    { 0, 0 },
};
static const struct migration renamed[] = {
    { "0001_a.sql", "CREATE TABLE public.a (n int); INSERT INTO public.a VALUES (1)" },
    { "0002_other.sql", "UPDATE public.a SET n = n + 1" },
    { 0, 0 },
};
static const struct migration broken[] = {
    { "0001_a.sql", "CREATE TABLE public.a (n int); INSERT INTO public.a VALUES (1)" },
    { "0002_b.sql", "UPDATE public.a SET n = n + 1" },
    { "0003_c.sql", "SELECT pg_sleep(0.2); UPDATE public.a SET n = n * 10" },
    { "0004_d.sql", "UPDATE public.a SET n = 0; CREATE TABLE public.b (n int); SELECT 1 / 0" },
    { 0, 0 },
};

static struct db *
fresh(void)
{
    return cluster_home_open(&in, "fresh", "admin");
}

static int64_t
value(struct db *db)
{
    struct db_result *r = NULL;
    int64_t n;

    assert_int_equal(db_query(db, "SELECT n FROM public.a", NULL, 0, &r), RC_OK);
    n = db_int(r, 0, 0);
    db_result_free(r);
    return n;
}

static void
test_steps(void **state)
{
    struct db *db = fresh();
    struct err err = { 0 };
    int n = -1;

    (void)state;
    assert_int_equal(migrate_pending(db, two, &n, &err), RC_OK);
    assert_int_equal(n, 2);
    assert_int_equal(migrate_apply(db, two, &n, &err), RC_OK);
    assert_int_equal(n, 2);
    assert_int_equal(migrate_apply(db, two, &n, &err), RC_OK);
    assert_int_equal(n, 0);
    assert_int_equal(value(db), 2);
    assert_int_equal(migrate_pending(db, three, &n, &err), RC_OK);
    assert_int_equal(n, 1);
    db_close(db);
}

static void
test_refusals(void **state)
{
    struct db *db = fresh();
    struct err err = { 0 };
    int n = -1;

    (void)state;
    assert_int_equal(migrate_apply(db, changed, &n, &err), RC_CONFIG);
    assert_non_null(strstr(err.what, "0001_a.sql"));
    assert_true(err.cure[0] != '\0');
    assert_int_equal(migrate_pending(db, changed, &n, &err), RC_CONFIG);
    assert_int_equal(migrate_apply(db, renamed, &n, &err), RC_CONFIG);
    assert_int_equal(value(db), 2);
    db_close(db);
}

/* Two programs at once: one applies it, the other finds it done. */
static void
test_two_at_once(void **state)
{
    pid_t child = fork();
    int status;

    (void)state;
    if (child == 0) {
        struct db *db = fresh();
        struct err err;
        int n;

        _exit(db != NULL && migrate_apply(db, three, &n, &err) == RC_OK ? n : 100);
    }
    struct db *db = fresh();
    struct err err = { 0 };
    int n = -1;

    assert_int_equal(migrate_apply(db, three, &n, &err), RC_OK);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(n + WEXITSTATUS(status), 1);
    assert_int_equal(value(db), 20);
    db_close(db);
}

static void
test_broken_step(void **state)
{
    struct db *db = fresh();
    struct db_result *r = NULL;
    struct err err = { 0 };
    int n = -1;

    (void)state;
    assert_int_not_equal(migrate_apply(db, broken, &n, &err), RC_OK);
    assert_non_null(strstr(err.where, "0004_d.sql"));
    assert_int_equal(value(db), 20); /* nothing of the broken step was kept */
    assert_int_equal(db_query(db, "SELECT to_regclass('public.b') IS NULL", NULL, 0, &r), RC_OK);
    assert_true(db_bool(r, 0, 0));
    db_result_free(r);
    /* And the lock is free. */
    assert_int_equal(migrate_apply(db, three, &n, &err), RC_OK);
    /* An older program does not touch a newer database. */
    assert_int_equal(migrate_apply(db, two, &n, &err), RC_CONFIG);
    assert_non_null(strstr(err.what, "newer"));
    db_close(db);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_two_at_once),
        cmocka_unit_test(test_broken_step),
    };
    struct db *db;
    int failed = 1;

    if (!cluster_home_start(home, sizeof home, &in))
        return 1;
    if ((db = cluster_home_open(&in, "postgres", "admin")) != NULL &&
        db_run(db, "CREATE DATABASE escriba_fresh", NULL, 0) == RC_OK)
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    db_close(db);
    cluster_home_remove(home);
    return failed;
}
