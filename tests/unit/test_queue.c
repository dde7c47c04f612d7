/*
 * test_queue.c - many runners, some of which die, sleep past their lease, fail or give back: nothing is lost,
 * nothing is done twice, no client starves, and the balance and the audit chain hold at any moment.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/clock.h"
#include "cluster_home.h"
#include "sys/audit.h"
#include "sys/store.h"

#define CLIENTS 3
#define FILES 12 /* of each client */
#define RUNNERS 6

static char home[128];
static struct instance in;
static struct db *operator_db, *intake, *runner;
static struct id clients[CLIENTS];
static struct id worker;

#define OK(call) assert_int_equal(call, RC_OK)

static enum rc
one_part(void *from, struct bytes *out)
{
    int *left = from;

    *out = bytes_str("sealed bytes");
    return (*left)-- > 0 ? RC_OK : RC_NOT_FOUND;
}

static void
admit(const struct id *client, const char *stream)
{
    struct admit a = {
        .client = *client, .stream = stream, .batch = "", .name = bytes_str("n"), .wrapped_size = 90
    };
    enum admit_answer answer;
    struct id batch;
    int parts = 1;

    id_new(&a.file);
    randombytes_buf(a.content_tag, 32);
    randombytes_buf(a.name_tag, 32);
    OK(store_admit(intake, &a, one_part, &parts, &answer, &batch));
    assert_int_equal(answer, ADMIT_TAKEN);
}

static int64_t
ask(const char *sql)
{
    struct db_result *r = NULL;
    int64_t n;

    OK(db_query(operator_db, sql, NULL, 0, &r));
    n = db_rows(r) > 0 ? db_int(r, 0, 0) : -1;
    db_result_free(r);
    return n;
}

static enum rc
finish(struct db *db, const struct claim *c)
{
    struct page_facts facts = { .kind = c->page % 7 == 5 ? PAGE_BLANK : PAGE_CONTENT,
                                .start = c->page % 3 == 0 ? 0.9f : 0.1f };
    struct recipe_page pages[8] = { { 0 } };
    struct recipe recipe = { FORMAT_PDF, pages, 1 + c->file.b[0] % 8 };
    struct document_outcome o = { .verdict = c->document.b[0] % 10 == 0 ? VERDICT_REJECT : VERDICT_PASS,
                                  .form = "invoice",
                                  .sealed_fields = bytes_str("f"),
                                  .sealed_package = bytes_str("p"),
                                  .wrapped = c->file_wrapped,
                                  .wrapped_size = 60 };
    uint8_t digest[32] = { 1 };

    o.reason = o.verdict == VERDICT_REJECT ? REASON_DAMAGED : REASON_NONE;
    switch (c->unit) {
    case UNIT_FILE: return store_commit_decode(db, c, &recipe, bytes_str("recipe"), bytes_of(NULL, 0));
    case UNIT_PAGE: return store_commit_page(db, c, &facts, "", 0.0f, bytes_str("reading"));
    case UNIT_DOCUMENT: return store_commit_document(db, c, &o);
    default: return store_commit_delivery(db, c, c->step, digest);
    }
}

/* One of the runners: mostly good, sometimes not. */
static int
live(unsigned seed)
{
    struct db *db = cluster_home_open(&in, "work", "runner");
    struct claim claims[4];
    struct id me;
    uint32_t got, idle = 0;

    id_new(&me);
    while (db != NULL && idle < 40) {
        enum rc rc = store_claim(db, &me, ~0u, 1 + (uint32_t)rand_r(&seed) % 4, 1, claims, &got);

        if (rc != RC_OK)
            continue; /* a deadlock would be one; the next call claims again */
        if (got == 0) {
            idle++;
            clock_sleep_ms(50);
            continue;
        }
        idle = 0;
        for (uint32_t i = 0; i < got; i++) {
            int luck = rand_r(&seed) % 100;

            if (luck < 3)
                continue; /* dies with it: the lease runs out */
            if (luck < 5)
                clock_sleep_ms(1200); /* sleeps past its lease, then commits as if nothing had been */
            if (luck < 8)
                rc = store_release(db, &claims[i], REASON_NONE, 0);
            else if (luck < 11)
                rc = store_release(db, &claims[i], REASON_MEMORY, 0);
            else if (luck < 12 && (claims[i].unit == UNIT_FILE || claims[i].unit == UNIT_PAGE))
                rc = store_refuse(db, &claims[i], REASON_DAMAGED, 1);
            else
                rc = finish(db, &claims[i]);
            if (rc == RC_OK && luck >= 12 && finish(db, &claims[i]) != RC_LOST)
                _exit(99); /* a second commit under the same token must be refused */
            if (rc != RC_OK && rc != RC_LOST && rc != RC_DB)
                _exit(98);
        }
    }
    db_close(db);
    return db != NULL ? 0 : 97;
}

/* What the storm left behind to be tried again later (a delivery waits longer each time) is worked off in peace. */
static void
calm(void)
{
    struct db *db = cluster_home_open(&in, "work", "runner");
    struct claim claims[4];
    struct id me;
    uint32_t got;

    id_new(&me);
    for (int i = 0; i < 600 && ask("SELECT count(*) FROM ops.queue()") > 0; i++) {
        OK(store_claim(db, &me, ~0u, 4, 60, claims, &got));
        for (uint32_t k = 0; k < got; k++)
            OK(finish(db, &claims[k]));
        if (got == 0)
            clock_sleep_ms(100);
    }
    db_close(db);
}

static void
test_storm(void **state)
{
    pid_t pids[RUNNERS];
    int status;

    (void)state;
    for (int i = 0; i < FILES; i++)
        for (int c = 0; c < CLIENTS; c++)
            admit(&clients[c], "mixed");
    for (unsigned i = 0; i < RUNNERS; i++)
        if ((pids[i] = fork()) == 0)
            _exit(live(i + 1));
    /* The law holds at any moment, not only at the end. */
    for (int i = 0; i < 20; i++) {
        assert_int_equal(ask("SELECT count(*) FROM ops.balance(NULL) WHERE NOT holds"), 0);
        clock_sleep_ms(100);
    }
    for (int i = 0; i < RUNNERS; i++) {
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    calm();
    assert_int_equal(ask("SELECT count(*) FROM ops.balance_problems(NULL)"), 0);
    assert_int_equal(ask("SELECT sum(in_work + in_review)::bigint FROM ops.balance(NULL)"), 0);
    assert_int_equal(ask("SELECT count(*) FROM ops.balance(NULL) WHERE NOT holds"), 0);
    assert_true(ask("SELECT sum(delivered)::bigint FROM ops.balance(NULL) WHERE unit = 'page'") > 0);
    assert_int_equal(ask("SELECT count(*) FROM ops.queue()"), 0);
    /* Everybody locks in one order. */
    assert_int_equal(ask("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), 0);

    struct db *auditor = cluster_home_open(&in, "work", "audit");

    OK(audit_verify(auditor, NULL, NULL, 0, NULL, NULL));
    db_close(auditor);
}

/* Two connections that claim at one moment never get the same step, and a thousand are given out once each. */
static void
test_no_double_claim(void **state)
{
    struct db *other = cluster_home_open(&in, "work", "runner");
    struct claim a[50], b[50];
    uint32_t got_a, got_b, total = 0;

    (void)state;
    for (int i = 0; i < 40; i++)
        admit(&clients[0], "mixed");
    do {
        OK(store_claim(runner, &worker, 1u << UNIT_FILE, 7, 60, a, &got_a));
        OK(store_claim(other, &worker, 1u << UNIT_FILE, 5, 60, b, &got_b));
        for (uint32_t i = 0; i < got_a; i++)
            for (uint32_t k = 0; k < got_b; k++)
                assert_int_not_equal(a[i].step, b[k].step);
        for (uint32_t i = 0; i < got_a; i++)
            OK(store_refuse(runner, &a[i], REASON_DAMAGED, 0));
        for (uint32_t i = 0; i < got_b; i++)
            OK(store_refuse(other, &b[i], REASON_DAMAGED, 0));
        total += got_a + got_b;
    } while (got_a + got_b > 0);
    assert_int_equal(total, 40);
    while (store_claim(runner, &worker, ~0u, 50, 60, a, &got_a) == RC_OK && got_a > 0)
        for (uint32_t i = 0; i < got_a; i++)
            OK(finish(runner, &a[i]));
    db_close(other);
}

/* A client with three files is not behind another's forty. */
static void
test_fair(void **state)
{
    struct claim c;
    uint32_t got;
    int first_six[CLIENTS] = { 0 };

    (void)state;
    for (int i = 0; i < 40; i++)
        admit(&clients[0], "mixed");
    for (int i = 0; i < 3; i++)
        admit(&clients[1], "mixed");
    for (int i = 0; i < 6; i++) {
        OK(store_claim(runner, &worker, 1u << UNIT_FILE, 1, 60, &c, &got));
        assert_int_equal(got, 1);
        for (int k = 0; k < CLIENTS; k++)
            first_six[k] += id_equal(&c.client, &clients[k]);
        OK(store_refuse(runner, &c, REASON_DAMAGED, 0));
    }
    assert_int_equal(first_six[0], 3);
    assert_int_equal(first_six[1], 3);
    while (store_claim(runner, &worker, ~0u, 1, 60, &c, &got) == RC_OK && got > 0)
        OK(finish(runner, &c));
}

/* Within a client the earliest deadline goes first, whatever came first. */
static void
test_deadline(void **state)
{
    struct claim c;
    uint32_t got;

    (void)state;
    OK(db_run(operator_db, "SELECT ops.client_set('client0', 86400, NULL, NULL, NULL)", NULL, 0));
    admit(&clients[0], "slow");
    OK(db_run(operator_db, "SELECT ops.client_set('client0', 60, NULL, NULL, NULL)", NULL, 0));
    admit(&clients[0], "quick");
    OK(store_claim(runner, &worker, ~0u, 1, 60, &c, &got));
    assert_string_equal(c.hint, "quick");
    OK(store_refuse(runner, &c, REASON_DAMAGED, 0));
    /* Its refusal, due in a minute, goes before the other's first step, due in a day. */
    OK(store_claim(runner, &worker, ~0u, 1, 60, &c, &got));
    assert_int_equal(c.unit, UNIT_DELIVERY);
    OK(finish(runner, &c));
}

/* A lease that ran out: its step is another's, the first holder's commit is refused, and three such end in
 * quarantine. */
static void
test_lapse(void **state)
{
    struct claim first, c;
    uint32_t got;

    (void)state;
    while (store_claim(runner, &worker, ~0u, 1, 60, &c, &got) == RC_OK && got > 0)
        OK(finish(runner, &c));
    admit(&clients[2], "mixed");
    OK(store_claim(runner, &worker, ~0u, 1, 1, &first, &got));
    assert_int_equal(got, 1);
    OK(store_claim(runner, &worker, ~0u, 1, 1, &c, &got));
    assert_int_equal(got, 0);
    clock_sleep_ms(1100);
    OK(store_claim(runner, &worker, ~0u, 1, 1, &c, &got));
    assert_int_equal(got, 1);
    assert_int_equal(c.attempts, 2);
    assert_int_equal(finish(runner, &first), RC_LOST);
    assert_int_equal(store_renew(runner, &first, 60), RC_LOST);
    assert_int_equal(store_release(runner, &first, REASON_NONE, 0), RC_LOST);
    clock_sleep_ms(1100);
    OK(store_claim(runner, &worker, ~0u, 1, 1, &c, &got));
    assert_int_equal(c.attempts, 3);
    clock_sleep_ms(1100);
    OK(store_claim(runner, &worker, ~0u, 1, 1, &c, &got));
    assert_int_equal(got, 1);
    assert_int_equal(c.unit, UNIT_DELIVERY);
    assert_int_equal(c.refusal, REASON_CELL_DIED);
    assert_int_equal(ask("SELECT quarantined FROM ops.balance('client2') WHERE unit = 'file' AND holds") > 0, 1);
    OK(finish(runner, &c));
}

static bool
make_clients(void)
{
    static const char key[] = "01234567890123456789012345678901";

    for (int i = 0; i < CLIENTS; i++) {
        char name[16];

        snprintf(name, sizeof name, "client%d", i);
        id_new(&clients[i]);
        const struct db_param p[] = { DB_P_ID(&clients[i]), DB_P_TEXT(name), DB_P_BYTES(bytes_of(key, 32)) };

        if (db_run(operator_db, "SELECT ops.client_add($1, $2, '', '', $3, 3600, 0, 30, 0)", p, 3) != RC_OK ||
            db_run(operator_db, "SELECT ops.stream_add($1, s, CASE s WHEN 'mixed' THEN '' ELSE s END, '')"
                                " FROM unnest(ARRAY['mixed', 'slow', 'quick']) s",
                   &p[1], 1) != RC_OK)
            return false;
    }
    return true;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_double_claim), cmocka_unit_test(test_fair),  cmocka_unit_test(test_storm),
        cmocka_unit_test(test_lapse),           cmocka_unit_test(test_deadline),
    };
    int failed = 1;

    if (sodium_init() < 0 || !cluster_home_start(home, sizeof home, &in))
        return 1;
    id_new(&worker);
    operator_db = cluster_home_open(&in, "work", "operator");
    intake = cluster_home_open(&in, "work", "intake");
    runner = cluster_home_open(&in, "work", "runner");
    if (operator_db != NULL && intake != NULL && runner != NULL && make_clients())
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    db_close(operator_db);
    db_close(intake);
    db_close(runner);
    cluster_home_remove(home);
    return failed;
}
