/* test_audit.c - a chain is sound; after each kind of tampering by the database's own superuser it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "cluster_home.h"
#include "sys/audit.h"

static char home[128];
static struct instance in;
static struct db *admin, *auditor, *operator_db;

struct seen {
    int chains;
    struct audit_chain first_bad;
    bool bad;
};

static enum rc
note(void *to, const struct audit_chain *chain)
{
    struct seen *seen = to;

    seen->chains++;
    if (chain->fault != AUDIT_SOUND && !seen->bad) {
        seen->bad = true;
        seen->first_bad = *chain;
    }
    return RC_OK;
}

/* A client with a chain of some 30 rows of several kinds: persons, refusals, numbers, hashes. */
static bool
fill(void)
{
    static const char *const statements[] = {
        "SELECT ops.client_add('00000000-0000-4000-8000-000000000001', 'acme', 'Acme', '', decode(repeat('11', "
        "32), 'hex'),"
        " 3600, 0, 30, 0)",
        "SELECT ops.client_add('00000000-0000-4000-8000-000000000002', 'other', '', '', decode(repeat('22', 32), "
        "'hex'),"
        " 3600, 0, 30, 0)",
        "SELECT ops.stream_add('acme', 'mixed', '', ''), ops.stream_add('acme', 'invoices', 'invoice', 'es')",
        "SELECT ops.person_add('ana', 'Ana', 'reviewer', 3, '', ARRAY['acme'])",
        "SELECT ops.client_set('acme', 7200, NULL, NULL, NULL) FROM generate_series(1, 12)",
        "SELECT ops.client_state('acme', s) FROM unnest(ARRAY['paused', 'active']) s, generate_series(1, 6)",
    };

    for (size_t i = 0; i < COUNT_OF(statements); i++)
        if (db_run(operator_db, statements[i], NULL, 0) != RC_OK)
            return false;
    return db_run(admin,
                  "SELECT work.audit_add('00000000-0000-4000-8000-000000000001', 'test.row', gen_random_uuid(),"
                  " gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 7, 72, -5, sha256('x'))",
                  NULL, 0) == RC_OK;
}

#define CHAIN "client_id = '00000000-0000-4000-8000-000000000001'"

/* Each is done as superuser with triggers off, in a transaction that is not kept. */
static const struct {
    const char *what;
    const char *sql;
    enum audit_fault fault;
    int64_t at;
} tampers[] = {
    { "nothing", "SELECT 1", AUDIT_SOUND, 0 },
    { "edit a code", "UPDATE work.audit SET code = 73 WHERE event = 'test.row'", AUDIT_EDITED, 28 },
    { "edit an amount", "UPDATE work.audit SET amount = amount + 1 WHERE n = 5 AND " CHAIN, AUDIT_EDITED, 5 },
    { "edit an actor", "UPDATE work.audit SET actor = 'nobody' WHERE n = 2 AND " CHAIN, AUDIT_EDITED, 2 },
    { "edit an event", "UPDATE work.audit SET event = 'client.sex' WHERE n = 6 AND " CHAIN, AUDIT_EDITED, 6 },
    { "edit a time", "UPDATE work.audit SET at = at + interval '1 microsecond' WHERE n = 9 AND " CHAIN,
      AUDIT_EDITED, 9 },
    { "edit a person", "UPDATE work.audit SET person_id = gen_random_uuid() WHERE n = 4 AND " CHAIN, AUDIT_EDITED,
      4 },
    { "edit a document", "UPDATE work.audit SET document_id = NULL WHERE event = 'test.row'", AUDIT_EDITED, 28 },
    { "edit a page", "UPDATE work.audit SET page = 8 WHERE event = 'test.row'", AUDIT_EDITED, 28 },
    { "edit a ciphertext's hash", "UPDATE work.audit SET sealed_hash = sha256('y') WHERE event = 'test.row'",
      AUDIT_EDITED, 28 },
    { "move a byte between two texts",
      "UPDATE work.audit SET actor = actor || left(event, 1), event = substr(event, 2) WHERE n = 3 AND " CHAIN,
      AUDIT_EDITED, 3 },
    { "edit a row and its own hash", "UPDATE work.audit SET code = 1, hash = sha256('z') WHERE n = 7 AND " CHAIN,
      AUDIT_EDITED, 7 },
    { "edit a link", "UPDATE work.audit SET prev = sha256('z') WHERE n = 7 AND " CHAIN, AUDIT_BROKEN, 7 },
    { "delete a row", "DELETE FROM work.audit WHERE n = 10 AND " CHAIN, AUDIT_GAP, 10 },
    { "delete the first row", "DELETE FROM work.audit WHERE n = 1 AND " CHAIN, AUDIT_GAP, 1 },
    { "delete a row and close the gap",
      "DELETE FROM work.audit WHERE n = 10 AND " CHAIN "; UPDATE work.audit SET n = -n WHERE n > 10 AND " CHAIN
      "; UPDATE work.audit SET n = -n - 1 WHERE n < 0; UPDATE work.audit_head SET n = n - 1 WHERE " CHAIN,
      AUDIT_BROKEN, 10 },
    { "exchange two rows",
      "UPDATE work.audit SET n = -11 WHERE n = 11 AND " CHAIN
      "; UPDATE work.audit SET n = 11 WHERE n = 12 AND " CHAIN "; UPDATE work.audit SET n = 12 WHERE n = -11",
      AUDIT_BROKEN, 11 },
    { "insert a row",
      "UPDATE work.audit SET n = -n WHERE n > 10 AND " CHAIN "; UPDATE work.audit SET n = -n + 1 WHERE n < 0;"
      " INSERT INTO work.audit SELECT client_id, 11, at, actor, person_id, event, batch_id, file_id, document_id, "
      "page,"
      " code, amount, sealed_hash, hash, sha256('forged') FROM work.audit WHERE n = 10 AND " CHAIN
      "; UPDATE work.audit_head SET n = n + 1 WHERE " CHAIN,
      AUDIT_EDITED, 11 },
    { "cut the tail", "DELETE FROM work.audit WHERE n > 20 AND " CHAIN, AUDIT_CUT, 21 },
    { "cut the tail and turn the head's count back",
      "DELETE FROM work.audit WHERE n > 20 AND " CHAIN "; UPDATE work.audit_head SET n = 20 WHERE " CHAIN,
      AUDIT_HEAD, 21 },
    { "cut everything", "DELETE FROM work.audit WHERE " CHAIN, AUDIT_CUT, 1 },
    { "turn the head back", "UPDATE work.audit_head SET n = n - 1 WHERE " CHAIN, AUDIT_TOO_LONG, 28 },
    { "take the head away", "DELETE FROM work.audit_head WHERE " CHAIN, AUDIT_NO_HEAD, 0 },
    { "take the chain away", "DELETE FROM work.audit_head WHERE " CHAIN "; DELETE FROM work.audit WHERE " CHAIN,
      AUDIT_NO_HEAD, 0 },
    { "give a client's rows to another",
      "UPDATE work.audit SET client_id = '00000000-0000-4000-8000-000000000003' WHERE " CHAIN
      "; UPDATE work.audit_head SET client_id = '00000000-0000-4000-8000-000000000003' WHERE " CHAIN,
      AUDIT_EDITED, 1 },
};

static void
test_tampering(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(tampers); i++) {
        struct seen seen = { 0 };
        char script[2048];
        enum rc rc;

        /* Kept in a copy, so that the verifier sees it from its own session. */
        assert_int_equal(db_run(admin, "CREATE TABLE public.a AS TABLE work.audit", NULL, 0), RC_OK);
        assert_int_equal(db_run(admin, "CREATE TABLE public.h AS TABLE work.audit_head", NULL, 0), RC_OK);
        snprintf(script, sizeof script,
                 "SET session_replication_role = replica; %s; RESET session_replication_role", tampers[i].sql);
        for (char *at = script, *end; at != NULL && *at != '\0'; at = end) {
            if ((end = strchr(at, ';')) != NULL)
                *end++ = '\0';
            assert_int_equal(db_run(admin, at, NULL, 0), RC_OK);
        }
        rc = audit_verify(auditor, NULL, NULL, 0, note, &seen);
        if (seen.first_bad.fault != tampers[i].fault || seen.first_bad.at != tampers[i].at ||
            rc != (tampers[i].fault == AUDIT_SOUND ? RC_OK : RC_SEAL))
            fail_msg("%s: %s at %lld (%s)", tampers[i].what, audit_fault_text(seen.first_bad.fault),
                     (long long)seen.first_bad.at, rc_name(rc));
        static const char *const back[] = {
            "SET session_replication_role = replica",
            "DELETE FROM work.audit",
            "INSERT INTO work.audit TABLE public.a",
            "DELETE FROM work.audit_head",
            "INSERT INTO work.audit_head TABLE public.h",
            "RESET session_replication_role",
            "DROP TABLE public.a, public.h",
        };

        for (size_t k = 0; k < COUNT_OF(back); k++)
            assert_int_equal(db_run(admin, back[k], NULL, 0), RC_OK);
    }
}

static void
test_one_client(void **state)
{
    struct seen seen = { 0 };

    (void)state;
    assert_int_equal(audit_verify(auditor, NULL, NULL, 0, note, &seen), RC_OK);
    assert_int_equal(seen.chains, 3); /* two clients and the house */
    seen = (struct seen){ 0 };
    assert_int_equal(audit_verify(operator_db, "acme", NULL, 0, note, &seen), RC_OK);
    assert_int_equal(seen.chains, 1);
    assert_int_equal(audit_verify(auditor, "nobody", NULL, 0, note, &seen), RC_NOT_FOUND);
}

/* Whoever rewrites rows, hashes and head together is found out by a head that was kept elsewhere. */
static void
test_kept_heads(void **state)
{
    struct audit_kept kept = { .n = 5 };
    struct db_result *r = NULL;
    struct seen seen = { 0 };

    (void)state;
    assert_int_equal(db_query(auditor,
                              "SELECT n, hash FROM ops.audit_rows('00000000-0000-4000-8000-000000000001', 5, 1)",
                              NULL, 0, &r),
                     RC_OK);
    assert_true(id_parse("00000000-0000-4000-8000-000000000001", &kept.client));
    memcpy(kept.hash, db_bytes(r, 0, 1).data, 32);
    db_result_free(r);
    assert_int_equal(audit_verify(auditor, NULL, &kept, 1, note, &seen), RC_OK);
    kept.hash[31] ^= 1;
    assert_int_equal(audit_verify(auditor, NULL, &kept, 1, note, &seen), RC_SEAL);
    assert_int_equal(seen.first_bad.fault, AUDIT_REWRITTEN);
    assert_int_equal(seen.first_bad.at, 5);
    seen = (struct seen){ 0 };
    kept.n = 1000;
    assert_int_equal(audit_verify(auditor, NULL, &kept, 1, note, &seen), RC_SEAL);
    assert_int_equal(seen.first_bad.fault, AUDIT_CUT);
}

/* Not even the owner of the tables changes a row by mistake. */
static void
test_frozen(void **state)
{
    (void)state;
    assert_int_equal(db_run(admin, "UPDATE work.audit SET code = 1", NULL, 0), RC_DENIED);
    assert_int_equal(db_run(admin, "DELETE FROM work.audit", NULL, 0), RC_DENIED);
    assert_int_equal(db_run(admin, "TRUNCATE work.audit", NULL, 0), RC_DENIED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_client),
        cmocka_unit_test(test_tampering),
        cmocka_unit_test(test_kept_heads),
        cmocka_unit_test(test_frozen),
    };
    int failed = 1;

    if (sodium_init() < 0 || !cluster_home_start(home, sizeof home, &in))
        return 1;
    admin = cluster_home_open(&in, "work", "admin");
    auditor = cluster_home_open(&in, "work", "audit");
    operator_db = cluster_home_open(&in, "work", "operator");
    if (admin != NULL && auditor != NULL && operator_db != NULL && fill())
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    db_close(admin);
    db_close(auditor);
    db_close(operator_db);
    cluster_home_remove(home);
    return failed;
}
