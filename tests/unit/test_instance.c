/* test_instance.c - where things are, and settings: defaults, limits, words, mistakes with their line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cluster_home.h"
#include "sys/config.h"

static const struct {
    const char *yaml;
    enum rc rc;
    const char *what;  /* in err.what, for a failure */
    const char *where; /* in err.where               */
} rows[] = {
    { "", RC_OK, NULL, NULL },
    { "# only a remark\n\n", RC_OK, NULL, NULL },
    { "---\n# nothing\n", RC_OK, NULL, NULL },
    { "profile: production\n", RC_OK, NULL, NULL },
    { "workers: 3\nlease_seconds: 60\n", RC_OK, NULL, NULL },
    { "database: \"host=db.example sslmode=verify-full\"\n", RC_OK, NULL, NULL },
    { "workers: 0\n", RC_CONFIG, "workers is 0", "escriba.yaml" },
    { "workers: 257\n", RC_CONFIG, "1 to 256", "escriba.yaml" },
    { "workers: -1\n", RC_CONFIG, "", "line 1" },
    { "workers: many\n", RC_CONFIG, "", "line 1" },
    { "profile: fast\n", RC_CONFIG, "profile cannot be 'fast'", "escriba.yaml" },
    { "profile: rial\n", RC_CONFIG, "profile cannot be 'rial'", "escriba.yaml" },
    { "workers: 2\nwrokers: 3\n", RC_CONFIG, "wrokers", "line 2" },
    { "hot: relative/path\n", RC_CONFIG, "full path", "escriba.yaml" },
    { "workers: [1, 2]\n", RC_CONFIG, "", "line 1" },
    { "- workers\n", RC_CONFIG, "", "escriba.yaml" },
    { "workers: 2\n\tprofile: trial\n", RC_CONFIG, "", "escriba.yaml" },
    { "lease_seconds: 29\n", RC_CONFIG, "30 to 3600", "escriba.yaml" },
    { "lease_seconds: 99999999999999\n", RC_CONFIG, "", "escriba.yaml" },
};

static void
test_settings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct instance in;
        struct err err = { 0 };

        assert_int_equal(instance_open("/tmp", &in, NULL), RC_OK);
        enum rc rc = config_read(rows[i].yaml, strlen(rows[i].yaml), "/x/escriba.yaml", &in, &err);

        if (rc != rows[i].rc)
            fail_msg("row %zu: %s, %s", i, rc_name(rc), err.what);
        if (rc != RC_OK && (strstr(err.what, rows[i].what) == NULL || strstr(err.where, rows[i].where) == NULL ||
                            err.what[0] == '\0' || err.cure[0] == '\0'))
            fail_msg("row %zu: what '%s' where '%s' cure '%s'", i, err.what, err.where, err.cure);
    }
}

static void
test_did_you_mean(void **state)
{
    static const char *const typos[][2] = { { "wrokers", "workers" },
                                            { "worker", "workers" },
                                            { "profiles", "profile" },
                                            { "leese_seconds", "lease_seconds" } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(typos); i++) {
        struct instance in;
        struct err err = { 0 };
        char yaml[64];

        assert_int_equal(instance_open("/tmp", &in, NULL), RC_OK);
        snprintf(yaml, sizeof yaml, "%s: 3\n", typos[i][0]);
        assert_int_equal(config_read(yaml, strlen(yaml), "y", &in, &err), RC_CONFIG);
        assert_non_null(strstr(err.cure, typos[i][1]));
    }
}

static void
test_values(void **state)
{
    static const char yaml[] = "workers: 7\nprofile: production\nhot: /srv/scans\n";
    struct instance in;
    struct err err = { 0 };
    char value[PATH_ROOM];
    int rows_seen = 0;

    (void)state;
    assert_int_equal(instance_open("/tmp/", &in, &err), RC_OK);
    assert_string_equal(in.home, "/tmp");
    assert_string_equal(in.hot, "/tmp/hot");
    assert_int_equal(in.lease_seconds, 300);
    assert_false(in.production);
    assert_true(in.workers >= 1);
    assert_int_equal(config_read(yaml, strlen(yaml), "y", &in, &err), RC_OK);
    assert_int_equal(in.workers, 7);
    assert_string_equal(in.hot, "/srv/scans");
    assert_int_equal(in.lease_seconds, 300);
    for (const struct setting *s = config_table; s->name != NULL; s++, rows_seen++) {
        config_value(&in, s, value, sizeof value);
        assert_true(s->sentence[0] != '\0');
        if (strcmp(s->name, "workers") == 0)
            assert_string_equal(value, "7");
    }
    assert_true(rows_seen >= 10);
}

static void
put(const char *home, const char *name, const char *text)
{
    char path[512];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", home, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void
test_conninfo(void **state)
{
    struct instance in;
    struct err err = { 0 };
    char home[128], conninfo[8192];

    (void)state;
    assert_true(cluster_home_make(home, sizeof home));
    assert_int_equal(instance_open(home, &in, &err), RC_OK);
    assert_true(in.own_cluster);
    assert_int_equal(instance_conninfo(&in, "work", "runner", conninfo, sizeof conninfo), RC_OK);
    assert_non_null(strstr(conninfo, "/run/pg' dbname=escriba_work user=escriba_runner passfile='"));
    assert_int_equal(instance_conninfo(&in, "work", "runner", conninfo, 20), RC_LIMIT);

    /* Production: TCP only with verify-full; a socket needs no TLS. */
    static const struct {
        const char *yaml;
        enum rc rc;
    } cases[] = {
        { "profile: production\ndatabase: host=db.example\n", RC_CONFIG },
        { "profile: production\ndatabase: host=localhost\n", RC_CONFIG },
        { "profile: production\ndatabase: host=db.example sslmode=require\n", RC_CONFIG },
        { "profile: production\ndatabase: host=db.example sslmode=verify-full\n", RC_OK },
        { "profile: production\ndatabase: host=/run/postgresql\n", RC_OK },
        { "profile: production\n", RC_OK },
        { "profile: trial\ndatabase: host=localhost\n", RC_OK },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        put(home, "escriba.yaml", cases[i].yaml);
        assert_int_equal(instance_open(home, &in, &err), RC_OK);
        assert_int_equal(instance_conninfo(&in, "work", "runner", conninfo, sizeof conninfo), cases[i].rc);
    }
    put(home, "escriba.yaml", "wokers: 3\n");
    assert_int_equal(instance_open(home, &in, &err), RC_CONFIG);
    assert_non_null(strstr(err.where, home));
    cluster_home_remove(home);
}

/* --home, then ESCRIBA_HOME, then the place of the user. */
static void
test_home(void **state)
{
    struct instance in;
    struct err err = { 0 };

    (void)state;
    setenv("ESCRIBA_HOME", "/tmp/from-environment", 1);
    assert_int_equal(instance_open("/tmp/given", &in, &err), RC_OK);
    assert_string_equal(in.home, "/tmp/given");
    assert_int_equal(instance_open(NULL, &in, &err), RC_OK);
    assert_string_equal(in.home, "/tmp/from-environment");
    unsetenv("ESCRIBA_HOME");
    if (geteuid() == 0) {
        assert_int_equal(instance_open(NULL, &in, NULL), RC_OK);
        assert_string_equal(in.home, "/var/lib/escriba");
    } else {
        setenv("XDG_DATA_HOME", "/tmp/data", 1);
        assert_int_equal(instance_open(NULL, &in, &err), RC_OK);
        assert_string_equal(in.home, "/tmp/data/escriba");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_did_you_mean),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_conninfo),
        cmocka_unit_test(test_home),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
