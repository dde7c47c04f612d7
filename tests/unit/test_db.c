/* test_db.c - parameters and results of every type, codes of failures, a broken connection, a silent server log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cluster_home.h"

static char home[128];
static struct instance in;
static struct db *admin, *second;
static struct arena *arena;

#define OK(call) assert_int_equal(call, RC_OK)

static void
test_types(void **state)
{
    static const char sql[] =
        "SELECT $1::text, $2::bigint, $3::bytea, $4::uuid, $5::boolean, $6::float8, $7::text, $2::int, "
        "$2::smallint,"
        " $6::real, timestamptz '2026-11-21 12:34:56.789+02', NULL::uuid, timestamptz '1999-12-31 23:59:59.5+00'";
    struct id id;
    double real = -2.5;
    struct db_result *r = NULL;
    uint8_t raw[3] = { 0, 255, 1 };

    (void)state;
    id_new(&id);
    const struct db_param p[] = { DB_P_TEXT("ñ'; DROP TABLE x; --"),
                                  DB_P_INT(-300),
                                  DB_P_BYTES(bytes_of(raw, 3)),
                                  DB_P_ID(&id),
                                  DB_P_BOOL(7),
                                  DB_P_REAL(&real),
                                  DB_P_NULL };
    struct id got;
    char text[ID_TEXT];

    OK(db_query(admin, sql, p, COUNT_OF(p), &r));
    assert_int_equal(db_rows(r), 1);
    assert_int_equal(db_columns(r), 13);
    assert_string_equal(db_text(r, 0, 0), "ñ'; DROP TABLE x; --");
    assert_int_equal(db_int(r, 0, 1), -300);
    assert_string_equal(db_text(r, 0, 1), "-300");
    assert_true(bytes_equal(db_bytes(r, 0, 2), bytes_of(raw, 3)));
    assert_true(db_id(r, 0, 3, &got) && id_equal(&got, &id));
    id_text(&id, text);
    assert_string_equal(db_text(r, 0, 3), text);
    assert_true(db_bool(r, 0, 4));
    assert_string_equal(db_text(r, 0, 4), "true");
    assert_true(db_real(r, 0, 5) == -2.5);
    assert_true(db_is_null(r, 0, 6));
    assert_string_equal(db_text(r, 0, 6), "");
    assert_int_equal(db_int(r, 0, 7), -300);
    assert_int_equal(db_int(r, 0, 8), -300);
    assert_true(db_real(r, 0, 9) == -2.5);
    assert_string_equal(db_text(r, 0, 10), "2026-11-21T10:34:56Z");
    assert_int_equal(db_int(r, 0, 10), 1795257296);
    assert_false(db_id(r, 0, 11, &got));
    assert_true(id_is_zero(&got));
    assert_string_equal(db_text(r, 0, 12), "1999-12-31T23:59:59Z");
    assert_int_equal(db_column_kind(r, 1), DB_KIND_NUMBER);
    assert_int_equal(db_column_kind(r, 2), DB_KIND_BYTES);
    assert_int_equal(db_column_kind(r, 4), DB_KIND_BOOL);
    assert_string_equal(db_column(r, 7), "int4");
    db_result_free(r);
}

static void
test_lists(void **state)
{
    static const char *const texts[] = { "a", "", "c,{}\"\\" };
    static const int64_t ints[] = { INT64_MIN, 0, INT64_MAX };
    static const double reals[] = { 0.5, -1.25 };
    struct bytes blobs[] = { bytes_str("x"), { 0, 0 }, { (const uint8_t *)"", 0 } };
    struct id ids[2];
    struct db_result *r = NULL;

    (void)state;
    id_new(&ids[0]);
    id_new(&ids[1]);
    const struct db_param p[] = {
        db_text_list(arena, texts, 3), db_int_list(arena, ints, 3), db_real_list(arena, reals, 2),
        db_bytes_list(arena, blobs, 3), db_id_list(arena, ids, 2), db_int_list(arena, ints, 0),
    };

    OK(db_query(admin,
                "SELECT ($1::text[])[3], ($2::bigint[])[1], ($3::float8[])[2], ($4::bytea[])[2] IS NULL, "
                "length(($4::bytea[])[3]),"
                " ($5::uuid[])[2], cardinality($6::bigint[]), cardinality($4::bytea[])",
                p, COUNT_OF(p), &r));
    assert_string_equal(db_text(r, 0, 0), "c,{}\"\\");
    assert_true(db_int(r, 0, 1) == INT64_MIN);
    assert_true(db_real(r, 0, 2) == -1.25);
    assert_true(db_bool(r, 0, 3));
    assert_int_equal(db_int(r, 0, 4), 0);
    struct id got;

    assert_true(db_id(r, 0, 5, &got) && id_equal(&got, &ids[1]));
    assert_int_equal(db_int(r, 0, 6), 0);
    assert_int_equal(db_int(r, 0, 7), 3);
    db_result_free(r);
}

static void
test_codes(void **state)
{
    static const struct {
        const char *code;
        enum rc rc;
    } rows[] = {
        { "ES001", RC_LOST },      { "ES400", RC_INPUT }, { "ES403", RC_DENIED }, { "ES404", RC_NOT_FOUND },
        { "ES409", RC_EXISTS },    { "ES503", RC_BUSY },  { "23505", RC_EXISTS }, { "42501", RC_DENIED },
        { "22P02", RC_INPUT },     { "53100", RC_FULL },  { "40P01", RC_DB },     { "40001", RC_DB },
        { "57P01", RC_DB },        { "42P01", RC_DB },
    };

    (void)state;
    OK(db_run(admin, "CREATE FUNCTION public.fail(code text) RETURNS void LANGUAGE plpgsql AS"
                     " $$ BEGIN RAISE EXCEPTION 'said so' USING ERRCODE = code; END $$", NULL, 0));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct db_param p[] = { DB_P_TEXT(rows[i].code) };

        assert_int_equal(db_run(admin, "SELECT public.fail($1)", p, 1), rows[i].rc);
        assert_string_equal(db_sqlstate(admin), rows[i].code);
        assert_string_equal(db_message(admin), "said so");
    }
}

static void
test_transactions(void **state)
{
    struct db_result *r = NULL;

    (void)state;
    OK(db_run(admin, "CREATE TABLE public.t (n int)", NULL, 0));
    OK(db_begin(admin));
    OK(db_run(admin, "INSERT INTO public.t VALUES (1)", NULL, 0));
    db_rollback(admin);
    OK(db_begin(admin));
    OK(db_run(admin, "INSERT INTO public.t VALUES (2)", NULL, 0));
    OK(db_commit(admin));
    /* COMMIT of a failed transaction must not look like success. */
    OK(db_begin(admin));
    OK(db_run(admin, "INSERT INTO public.t VALUES (3)", NULL, 0));
    assert_int_not_equal(db_run(admin, "SELECT 1 / 0", NULL, 0), RC_OK);
    assert_int_not_equal(db_commit(admin), RC_OK);
    OK(db_query(admin, "SELECT sum(n) FROM public.t", NULL, 0, &r));
    assert_int_equal(db_int(r, 0, 0), 2);
    db_result_free(r);
}

static void
kill_second(void)
{
    OK(db_run(admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'second'",
              NULL, 0));
    usleep(100000);
}

/* A cut connection costs one call; inside a transaction nothing goes on as if it were there. */
static void
test_reconnect(void **state)
{
    struct err err = { 0 };
    char conninfo[8192];

    (void)state;
    OK(instance_conninfo(&in, "work", "runner", conninfo, sizeof conninfo));
    OK(db_open(conninfo, "second", &second, &err));
    kill_second();
    assert_int_equal(db_run(second, "SELECT 1", NULL, 0), RC_DB);
    OK(db_run(second, "SELECT 1", NULL, 0));
    OK(db_begin(second));
    kill_second();
    assert_int_equal(db_run(second, "SELECT 1", NULL, 0), RC_DB);
    assert_int_equal(db_run(second, "SELECT 1", NULL, 0), RC_DB); /* it would be outside the transaction */
    assert_int_equal(db_commit(second), RC_DB);
    OK(db_run(second, "SELECT 1", NULL, 0));

    /* The server goes and comes back. */
    OK(cluster_down(&in, &err));
    assert_int_equal(db_run(second, "SELECT 1", NULL, 0), RC_DB);
    assert_int_equal(db_run(second, "SELECT 1", NULL, 0), RC_DB);
    OK(cluster_up(&in, &err));
    OK(db_run(second, "SELECT 1", NULL, 0));
    assert_int_equal(db_run(admin, "SELECT 1", NULL, 0), RC_DB);
    OK(db_run(admin, "SELECT 1", NULL, 0));
    db_close(second);
}

static void
test_notify(void **state)
{
    (void)state;
    OK(db_run(admin, "LISTEN somewhere", NULL, 0));
    assert_true(db_socket(admin) >= 0);
    assert_false(db_notified(admin));
    OK(db_run(admin, "NOTIFY somewhere, '1'", NULL, 0));
    assert_true(db_notified(admin));
    assert_false(db_notified(admin));
}

static int
canaries_in(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    char text[65536];
    size_t size;
    FILE *f;
    int found = 0;

    (void)st;
    (void)ftw;
    if (kind != FTW_F || (f = fopen(path, "r")) == NULL)
        return 0;
    while ((size = fread(text, 1, sizeof text - 1, f)) > 0) {
        text[size] = '\0';
        for (size_t i = 0; i < size; i++)
            if (text[i] == '\0')
                text[i] = ' ';
        found = found || strstr(text, "CANARY") != NULL;
    }
    fclose(f);
    return found;
}

/* Errors with values in them, as text and as bytes: the server's log must not repeat one. */
static void
test_silent_log(void **state)
{
    static const char *const sql[] = {
        "SELECT $1::int",
        "INSERT INTO public.u VALUES ($1)",
        "INSERT INTO public.c VALUES ($1)",
        "SELECT public.fail2($1)",
        "SELECT $1::timestamptz",
        "SELECT $1::jsonb",
        "SELECT $1::uuid",
    };
    const struct db_param p[] = { DB_P_TEXT("CANARY-7391") };
    char path[512];

    (void)state;
    OK(db_run(admin, "CREATE TABLE public.u (x text PRIMARY KEY)", NULL, 0));
    OK(db_run(admin, "CREATE TABLE public.c (x text CHECK (x = 'other'))", NULL, 0));
    OK(db_run(admin, "CREATE FUNCTION public.fail2(x text) RETURNS void LANGUAGE plpgsql AS"
                     " $$ BEGIN RAISE EXCEPTION USING MESSAGE = 'failed', DETAIL = x, HINT = x; END $$", NULL, 0));
    OK(db_run(admin, "INSERT INTO public.u VALUES ($1)", p, 1));
    for (size_t i = 0; i < COUNT_OF(sql); i++)
        assert_int_not_equal(db_run(admin, sql[i], p, 1), RC_OK);
    snprintf(path, sizeof path, "%s/pg/log", home);
    assert_int_equal(nftw(path, canaries_in, 8, FTW_PHYS), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),        cmocka_unit_test(test_lists),     cmocka_unit_test(test_codes),
        cmocka_unit_test(test_transactions), cmocka_unit_test(test_notify),    cmocka_unit_test(test_silent_log),
        cmocka_unit_test(test_reconnect),
    };
    int failed = 1;

    if ((arena = arena_new(1 << 20)) == NULL || !cluster_home_start(home, sizeof home, &in))
        return 1;
    if ((admin = cluster_home_open(&in, "work", "admin")) != NULL)
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    db_close(admin);
    arena_free(arena);
    cluster_home_remove(home);
    return failed;
}
