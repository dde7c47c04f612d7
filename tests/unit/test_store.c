/*
 * test_store.c - one file's way through the work database and into the delivery database, by the C functions that
 * the programs call, each with its own role.  What SQL decides is tested in tests/sql; here it is that both fit
 * together.
 */
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
#include "sys/store.h"

static char home[128];
static struct instance in;
static struct db *intake, *runner, *desk, *operator_work, *operator_delivery, *publisher;
static struct arena *arena;
static struct id client, worker;

#define OK(call) assert_int_equal(call, RC_OK)

struct parts {
    const char *const *texts;
    int at;
};

static enum rc
next_part(void *from, struct bytes *out)
{
    struct parts *p = from;

    if (p->texts[p->at] == NULL)
        return RC_NOT_FOUND;
    *out = bytes_str(p->texts[p->at++]);
    return RC_OK;
}

static struct admit
some_file(uint8_t content)
{
    struct admit a = { .client = client,
                       .stream = "mixed",
                       .batch = "",
                       .name = bytes_str("sealed name"),
                       .size = 10,
                       .sealed_size = 20,
                       .wrapped_size = 100 };

    id_new(&a.file);
    memset(a.content_tag, content, 32);
    memset(a.name_tag, content, 32);
    memset(a.wrapped, 0xAB, 100);
    return a;
}

static const char *const two_parts[] = { "part one", "part two", NULL };

static struct claim
claim_one(unsigned mask)
{
    struct claim c;
    uint32_t got = 0;

    memset(&c, 0, sizeof c);
    OK(store_claim(runner, &worker, mask, 1, 60, &c, &got));
    assert_int_equal(got, 1);
    return c;
}

static int64_t
ask_number(struct db *db, const char *sql)
{
    struct db_result *r = NULL;
    int64_t n;

    OK(db_query(db, sql, NULL, 0, &r));
    n = db_int(r, 0, 0);
    db_result_free(r);
    return n;
}

static void
assert_balance(void)
{
    assert_int_equal(ask_number(operator_work, "SELECT count(*) FROM ops.balance(NULL) WHERE NOT holds"), 0);
}

static void
test_client(void **state)
{
    uint8_t key[32] = { 1 };
    char role[32];

    (void)state;
    id_new(&client);
    id_new(&worker);
    OK(store_client_role(operator_delivery, &client, "a password", 30, role));
    assert_memory_equal(role, "client_", 7);
    assert_int_equal(store_client_role(operator_delivery, &client, "again", 30, role), RC_EXISTS);
    const struct db_param p[] = { DB_P_ID(&client), DB_P_TEXT(role), DB_P_BYTES(bytes_of(key, 32)) };

    OK(db_run(operator_work, "SELECT ops.client_add($1, 'acme', 'Acme Ltd', $2, $3, 3600, 0, 30, 0)", p, 3));
    OK(db_run(operator_work, "SELECT ops.stream_add('acme', 'mixed', '', '')", NULL, 0));
    OK(db_run(operator_work, "SELECT ops.stream_add('acme', 'invoices', 'invoice', 'es')", NULL, 0));
    assert_int_equal(db_run(operator_work, "SELECT ops.stream_add('nobody', 'mixed', '', '')", NULL, 0),
                     RC_NOT_FOUND);

    struct hot_folder *folders;
    uint32_t count;

    OK(store_hot_folders(intake, arena, &folders, &count));
    assert_int_equal(count, 2);
    assert_string_equal(folders[1].stream, "mixed");
    assert_true(id_equal(&folders[1].client, &client));
}

static void
test_admit(void **state)
{
    struct admit a = some_file(1), again = some_file(1), other = some_file(2), unknown = some_file(3);
    struct parts parts = { two_parts, 0 };
    enum admit_answer answer;
    struct id batch, second;

    (void)state;
    memset(a.source_tag, 7, 32);
    OK(store_admit(intake, &a, next_part, &parts, &answer, &batch));
    assert_int_equal(answer, ADMIT_TAKEN);
    /* The same source again, after a crash: the same answer and nothing new. */
    memcpy(again.source_tag, a.source_tag, 32);
    OK(store_admit(intake, &again, next_part, &parts, &answer, &second));
    assert_int_equal(answer, ADMIT_TAKEN);
    assert_true(id_equal(&batch, &second));
    assert_int_equal(ask_number(operator_work, "SELECT files FROM ops.client('acme')"), 1);
    /* The same bytes from another source: a duplicate. */
    memset(again.source_tag, 8, 32);
    OK(store_admit(intake, &again, next_part, &parts, &answer, &second));
    assert_int_equal(answer, ADMIT_DUPLICATE);
    assert_int_equal(ask_number(operator_work, "SELECT files FROM ops.client('acme')"), 2);

    unknown.stream = "nothing";
    assert_int_equal(store_admit(intake, &unknown, next_part, &parts, &answer, &second), RC_NOT_FOUND);
    /* A file whose bytes stop half-way is not admitted. */
    static const char *const none[] = { NULL };
    struct parts empty = { none, 0 };

    assert_int_equal(store_admit(intake, &other, next_part, &empty, &answer, &second), RC_INPUT);
    assert_int_equal(ask_number(operator_work, "SELECT files FROM ops.client('acme')"), 2);
    assert_balance();
}

static void
test_file_step(void **state)
{
    struct claim c = claim_one(~0u);
    struct recipe_page pages[4] = { { 0 } };
    struct recipe recipe = { FORMAT_PDF, pages, 4 };
    struct bytes got;

    (void)state;
    assert_int_equal(c.unit, UNIT_FILE);
    assert_int_equal(c.attempts, 1);
    assert_int_equal(c.file_wrapped_size, 100);
    assert_string_equal(c.hint, "");
    OK(store_load_part(runner, &c, 1, arena, &got));
    assert_true(bytes_equal(got, bytes_str("part two")));
    assert_int_equal(store_load_part(runner, &c, 2, arena, &got), RC_NOT_FOUND);
    assert_int_equal(store_load(runner, &c, ARTIFACT_RECIPE, 0, arena, &got), RC_NOT_FOUND);
    OK(store_load(runner, &c, ARTIFACT_NAME, 0, arena, &got));
    assert_true(bytes_equal(got, bytes_str("sealed name")));

    /* Given back for a reason of ours: not a try.  The old token is worth nothing afterwards. */
    OK(store_release(runner, &c, REASON_NONE, 0));
    assert_int_equal(store_commit_decode(runner, &c, &recipe, bytes_str("recipe"), bytes_of(NULL, 0)), RC_LOST);
    c = claim_one(1u << UNIT_FILE);
    assert_int_equal(c.attempts, 1);
    OK(store_renew(runner, &c, 90));
    OK(store_commit_decode(runner, &c, &recipe, bytes_str("recipe"), bytes_of(NULL, 0)));
    assert_int_equal(store_commit_decode(runner, &c, &recipe, bytes_str("recipe"), bytes_of(NULL, 0)), RC_LOST);
    assert_balance();
}

static void
test_pages(void **state)
{
    struct page_facts content = { .kind = PAGE_CONTENT, .start = 0.9f, .words = 12 };
    struct page_facts goes_on = { .kind = PAGE_CONTENT, .start = 0.1f, .words = 12 };
    struct page_facts blank = { .kind = PAGE_BLANK };
    struct page_facts facts[4] = { content, goes_on, blank, content };
    struct claim claims[4];
    struct page_done done[3];
    uint32_t got = 0;
    struct bytes bytes;

    (void)state;
    OK(store_claim(runner, &worker, ~0u, 4, 60, claims, &got));
    assert_int_equal(got, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(claims[i].unit, UNIT_PAGE);
        assert_int_equal(claims[i].page, i); /* in order, for the cache of the opened original */
        assert_int_equal(claims[i].pages, 4);
    }
    OK(store_load(runner, &claims[2], ARTIFACT_RECIPE, 0, arena, &bytes));
    assert_true(bytes_equal(bytes, bytes_str("recipe")));
    for (int i = 0; i < 3; i++)
        done[i] = (struct page_done){ &claims[i], &facts[i], "", 0.0f, bytes_str("a reading") };
    OK(store_commit_pages(runner, done, 3));
    assert_int_equal(store_commit_pages(runner, done, 3), RC_LOST);
    OK(store_commit_page(runner, &claims[3], &facts[3], "cms1500", 0.99f, bytes_str("the last reading")));
    assert_int_equal(ask_number(operator_work, "SELECT documents FROM ops.client('acme')"), 2);
    assert_balance();
}

static const struct stated some_stated[] = {
    { .field = "total", .accepted = 2, .doubt = 0.06, .spread = 0.05, .by_person = 1, .asked = { 0, 1, 2, 3 } },
    { .field = "lines.price", .accepted = 7, .doubt = 0.5, .spread = 0.4, .sampled = 1 },
};
static const struct judgement some_judged[] = {
    { "total", 0.97, JUDGED_DRAWN, LEVEL_SINGLE, false },
    { "total", 0.97, JUDGED_DRAWN, LEVEL_SINGLE, false },
    { "total", 0.91, JUDGED_DOUBTED, LEVEL_CONFIRM, false },
    { "lines.price", 0.97, JUDGED_FOUND, LEVEL_CONFIRM, true },
    { "date", 0.97, JUDGED_RULED, LEVEL_CONFIRM, false },
};

/* What a person said moves the field it was said of, and no other. */
static void
assert_moved(const struct claim *c)
{
    struct terms terms;
    struct bytes got;

    OK(store_load(runner, c, ARTIFACT_TERMS, 0, arena, &got));
    assert_true(bytes_equal(got, bytes_str("sealed terms")));
    OK(store_terms(runner, c, arena, &terms));
    assert_int_equal(terms.count, 2);
    assert_true(calibration_accept(0.99, terms_shift(&terms, "receipt", "total")) < 0.95);
    assert_true(terms_shift(&terms, "receipt", "lines.price").mean > 0);
    assert_true(calibration_accept(0.99, terms_shift(&terms, "receipt", "lines.price")) == 0.99);
    assert_true(terms_shift(&terms, "receipt", "date").mean == 0 && terms_shift(&terms, "invoice", "total").mean == 0);
}

static void
test_document_and_review(void **state)
{
    struct claim c = claim_one(~0u);
    struct document_outcome o = { .verdict = VERDICT_REVIEW, .reason = REASON_LOW_CONFIDENCE, .form = "invoice",
                                  .fields = 10, .doubtful = 2, .expected_errors = 0.25 };
    const struct review_order said = { bytes_str("order"), 1, 9, "receipt", some_judged, COUNT_OF(some_judged) };
    struct terms terms;
    uint8_t wrapped[80] = { 9 };
    struct person person;
    struct review_task task;
    struct review_row *rows;
    struct bytes got;
    uint32_t *pages, count;

    (void)state;
    assert_int_equal(c.unit, UNIT_DOCUMENT);
    assert_int_equal(c.pages, 2);
    assert_int_equal(c.document_wrapped_size, 0);
    OK(store_document_pages(runner, &c, arena, &pages, &count));
    assert_int_equal(count, 2);
    assert_int_equal(pages[1], 1);
    OK(store_load(runner, &c, ARTIFACT_READING, pages[1], arena, &got));
    assert_true(bytes_equal(got, bytes_str("a reading")));
    o.wrapped = wrapped;
    o.wrapped_size = sizeof wrapped;
    o.sealed_fields = bytes_str("sealed fields");
    o.sealed_terms = bytes_str("sealed terms");
    o.stated = some_stated;
    o.stated_count = COUNT_OF(some_stated);
    OK(db_run(operator_work, "SELECT ops.contract_set('acme', 0.005, NULL, NULL, 0.01)", NULL, 0));
    OK(store_terms(runner, &c, arena, &terms));
    assert_int_equal(terms.count, 0);
    assert_true(terms.budget[CRIT_CRITICAL] == 0.005 && terms.budget[CRIT_MINOR] == 0 && terms.sample == 0.01);
    assert_memory_equal(terms.draw, c.document.b, sizeof terms.draw);
    OK(store_commit_document(runner, &c, &o));
    assert_int_equal(store_terms(runner, &c, arena, &terms), RC_LOST);

    OK(db_run(operator_work, "SELECT ops.person_add('ana', 'Ana', 'reviewer', 0, '', ARRAY['acme'])", NULL, 0));
    assert_int_equal(store_person(desk, "eve", &person), RC_DENIED);
    OK(store_person(desk, "ana", &person));
    OK(store_review_list(desk, &person.id, 10, arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].client_name, "acme");
    OK(store_review_take(desk, &person.id, NULL, 60, &task));
    assert_true(id_equal(&task.document, &c.document));
    assert_int_equal(task.reason, REASON_LOW_CONFIDENCE);
    assert_int_equal(task.document_wrapped_size, sizeof wrapped);
    struct review_task none;

    assert_int_equal(store_review_take(desk, &person.id, NULL, 60, &none), RC_NOT_FOUND);
    OK(store_review_load(desk, &task, ARTIFACT_FIELDS, 0, arena, &got));
    assert_true(bytes_equal(got, bytes_str("sealed fields")));
    OK(store_review_load_part(desk, &task, 0, arena, &got));
    OK(store_review_pages(desk, &task, arena, &pages, &count));
    assert_int_equal(count, 2);
    OK(store_review_saw(desk, &person.id, &task, "total"));
    OK(store_review_renew(desk, &task, 60));
    OK(store_review_retype(desk, &person.id, &task, "receipt", bytes_str("")));
    assert_int_equal(store_review_done(desk, &person.id, &task, &said), RC_LOST);
    assert_balance();

    /* Both pages are read again with the form that the person named, then the document runs again. */
    struct page_facts facts = { .kind = PAGE_CONTENT, .words = 3 };

    for (int i = 0; i < 2; i++) {
        c = claim_one(1u << UNIT_PAGE);
        assert_string_equal(c.hint, "receipt");
        OK(store_commit_page(runner, &c, &facts, "", 0.0f, bytes_str("read again")));
    }
    assert_balance();
    for (int i = 0; i < 2; i++) {
        c = claim_one(1u << UNIT_DOCUMENT);
        if (c.pages == 2)
            break;
        OK(store_release(runner, &c, REASON_NONE, 60)); /* the other document of this file */
    }
    assert_string_equal(c.hint, "receipt");
    assert_int_equal(c.document_wrapped_size, sizeof wrapped);
    o.wrapped_size = 0;
    OK(store_commit_document(runner, &c, &o));
    OK(store_review_take(desk, &person.id, &c.document, 60, &task));
    OK(store_review_leave(desk, &task));
    OK(store_review_take(desk, &person.id, &c.document, 60, &task));
    OK(store_review_done(desk, &person.id, &task, &said));
    c = claim_one(1u << UNIT_DOCUMENT);
    OK(store_load(runner, &c, ARTIFACT_ORDER, 0, arena, &got));
    assert_true(bytes_equal(got, bytes_str("order")));
    assert_moved(&c);
    o.verdict = VERDICT_PASS;
    o.reason = REASON_NONE;
    assert_int_equal(store_commit_document(runner, &c, &o), RC_INPUT); /* without a package */
    o.sealed_package = bytes_str("package");
    OK(store_commit_document(runner, &c, &o));
    assert_balance();
}

static void
test_delivery(void **state)
{
    struct claim c = claim_one(1u << UNIT_DELIVERY);
    struct publication p = { .client = client, .document = c.document, .batch = c.batch, .version = c.version,
                             .kind = "result", .form = c.form, .payload = bytes_str("sealed to the client") };
    uint8_t digest[32];
    int64_t seq, again;

    (void)state;
    assert_int_equal(c.refusal, REASON_NONE);
    assert_string_equal(c.form, "invoice");
    crypto_hash_sha256(p.digest, p.payload.data, p.payload.size);
    OK(store_publish(publisher, &p, &seq, digest));
    assert_int_equal(seq, 1);
    /* We died here: the second try has another ciphertext and gets the first answer. */
    uint8_t first[32];

    memcpy(first, digest, 32);
    p.payload = bytes_str("sealed again, other bytes");
    crypto_hash_sha256(p.digest, p.payload.data, p.payload.size);
    OK(store_publish(publisher, &p, &again, digest));
    assert_int_equal(again, 1);
    assert_memory_equal(digest, first, 32);
    OK(store_commit_delivery(runner, &c, seq, digest));
    assert_int_equal(store_commit_delivery(runner, &c, seq, digest), RC_LOST);
    p.digest[0] ^= 1;
    p.version = 2;
    assert_int_equal(store_publish(publisher, &p, &again, digest), RC_INPUT);
    assert_balance();
    assert_int_equal(ask_number(operator_work, "SELECT pages_delivered FROM ops.status()"), 2);
}

static void
test_refusal(void **state)
{
    struct admit a = some_file(50);
    struct parts parts = { two_parts, 0 };
    enum admit_answer answer;
    struct id batch;
    struct claim c;

    (void)state;
    OK(store_admit(intake, &a, next_part, &parts, &answer, &batch));
    c = claim_one(1u << UNIT_FILE);
    OK(store_refuse(runner, &c, REASON_PASSWORD, 3));
    c = claim_one(1u << UNIT_DELIVERY);
    assert_int_equal(c.refusal, REASON_PASSWORD);
    assert_int_equal(c.refusal_detail, 3);
    assert_true(id_equal(&c.document, &a.file));
    uint8_t digest[32] = { 0 };

    OK(store_commit_delivery(runner, &c, 2, digest));
    assert_balance();
}

static void
test_unpack_and_manifest(void **state)
{
    struct admit a = some_file(60), m = some_file(61);
    struct parts parts = { two_parts, 0 };
    enum admit_answer answer;
    struct id batch;
    struct claim c;
    struct child children[2] = { { .admit = some_file(62) }, { .admit = some_file(1) } }; /* the second is known */
    struct bytes part = bytes_str("child's bytes");
    struct manifest_tag tags[2] = { { .pages = 4 }, { .pages = -1 } };

    (void)state;
    a.batch = m.batch = "monday";
    OK(store_admit(intake, &a, next_part, &parts, &answer, &batch));
    c = claim_one(1u << UNIT_FILE);
    for (int i = 0; i < 2; i++) {
        children[i].parts = &part;
        children[i].part_count = 1;
    }
    OK(store_commit_unpack(runner, &c, children, 2, 1));
    assert_int_equal(store_commit_unpack(runner, &c, children, 2, 1), RC_LOST);
    m.is_manifest = true;
    parts.at = 0;
    OK(store_admit(intake, &m, next_part, &parts, &answer, &batch));
    memset(tags[0].name_tag, 62, 32);
    memset(tags[1].name_tag, 99, 32);
    do {
        c = claim_one(1u << UNIT_FILE);
        assert_true(c.is_manifest || c.depth == 1);
    } while (!c.is_manifest);
    OK(store_commit_manifest(runner, &c, tags, 2));
    bool closed = true;

    OK(store_batch_done(intake, &client, "mixed", "monday", &closed)); /* complete by count: closed already */
    assert_false(closed);
    uint32_t n;

    OK(store_tick(intake, &n));
    assert_balance();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client),   cmocka_unit_test(test_admit),
        cmocka_unit_test(test_file_step), cmocka_unit_test(test_pages),
        cmocka_unit_test(test_document_and_review), cmocka_unit_test(test_delivery),
        cmocka_unit_test(test_refusal),  cmocka_unit_test(test_unpack_and_manifest),
    };
    int failed;

    if (sodium_init() < 0 || (arena = arena_new(1 << 20)) == NULL || !cluster_home_start(home, sizeof home, &in))
        return 1;
    intake = cluster_home_open(&in, "work", "intake");
    runner = cluster_home_open(&in, "work", "runner");
    desk = cluster_home_open(&in, "work", "desk");
    operator_work = cluster_home_open(&in, "work", "operator");
    operator_delivery = cluster_home_open(&in, "delivery", "operator");
    publisher = cluster_home_open(&in, "delivery", "publisher");
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    db_close(intake);
    db_close(runner);
    db_close(desk);
    db_close(operator_work);
    db_close(operator_delivery);
    db_close(publisher);
    arena_free(arena);
    cluster_home_remove(home);
    return failed;
}
