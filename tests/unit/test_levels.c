/* test_levels.c - an error budget, a client's record and the lots, as the validate stage applies them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "document.h"
#include "levels.h"
#include "stage_bench.h"
#include "stages.h"

static struct form_set *forms;

static int
load(void **state)
{
    struct err err;

    (void)state;
    return forms_load(SOURCE_DIR "/forms", &forms, &err) != RC_OK;
}

static int
unload(void **state)
{
    (void)state;
    forms_free(forms);
    return 0;
}

/* The invoice's total and its number through validate, as stated with p; what came of it. */
static struct fields *
validated(struct bench *b, double p, const struct terms *terms, const struct fields *order)
{
    struct field list[2] = {
        { .name = "grand_total", .value = "121.00", .text = "121,00", .confidence = p },
        { .name = "invoice_number", .value = "F-2026/17", .text = "F-2026/17", .confidence = p },
    };
    struct field cells[1] = { { .name = "amount", .value = "7.00", .text = "7,00", .confidence = p } };
    struct field_row row = { cells, 1 };
    struct fields given = { .form = "invoice", .form_confidence = 1, .fields = list, .count = 2, .rows = &row, .row_count = 1 };
    struct fields *out = NULL;
    struct buffer f, t, o;

    buffer_init(&f, 1u << 16);
    buffer_init(&t, 1u << 16);
    buffer_init(&o, 1u << 16);
    fields_write(&f, &given);
    b->given[0] = (struct artifact){ ARTIFACT_FIELDS, 0, buffer_bytes(&f) };
    b->job.given.count = 1;
    if (terms != NULL) {
        terms_write(&t, terms);
        b->given[b->job.given.count++] = (struct artifact){ ARTIFACT_TERMS, 0, buffer_bytes(&t) };
    }
    if (order != NULL) {
        fields_write(&o, order);
        b->given[b->job.given.count++] = (struct artifact){ ARTIFACT_ORDER, 0, buffer_bytes(&o) };
    }
    b->job.forms = forms;
    bench_run(b, validate_run);
    assert_int_equal(b->rc, RC_OK);
    for (uint32_t i = 0; i < b->count; i++)
        if (b->made[i].kind == ARTIFACT_FIELDS)
            assert_int_equal(fields_read(b->made[i].bytes, b->arena, &out), RC_OK);
    assert_non_null(out);
    buffer_done(&f);
    buffer_done(&t);
    buffer_done(&o);
    return out;
}

static bool
says(const struct field *f, enum reason reason)
{
    for (int i = 0; i < FIELD_REASONS_MAX; i++)
        if (f->reasons[i] == reason)
            return true;
    return false;
}

static void
test_as_shipped(void **state)
{
    struct bench *b = bench_new("", 0, "");
    const struct terms none = { .items = NULL };
    const struct field *total;

    (void)state;
    total = fields_find(validated(b, 0.97, NULL, NULL), "grand_total");
    assert_int_equal(total->verdict, FIELD_AUTO);
    assert_true(total->stated == 0.97 && total->confidence == 0.97);
    total = fields_find(validated(b, 0.97, &none, NULL), "grand_total");
    assert_int_equal(total->verdict, FIELD_AUTO);
    total = fields_find(validated(b, 0.90, &none, NULL), "grand_total");
    assert_true(total->verdict == FIELD_REVIEW && total->level == LEVEL_CONFIRM && says(total, REASON_LOW_CONFIDENCE));
    bench_free(b);
}

static void
test_a_clients_record(void **state)
{
    struct bench *b = bench_new("", 0, "");
    struct term items[] = { { "invoice", "grand_total", { -1.5, -2 } }, { "receipt", "invoice_number", { -5, -6 } },
                            { "invoice", "lines.amount", { 2, 1 } } };
    const struct terms terms = { .items = items, .count = 3 };
    const struct fields *f = validated(b, 0.99, &terms, NULL);
    const struct field *total = fields_find(f, "grand_total");

    (void)state;
    assert_true(total->verdict == FIELD_REVIEW && total->stated == 0.99 && total->confidence < 0.96);
    assert_int_equal(fields_find(f, "invoice_number")->verdict, FIELD_AUTO); /* another form's record */
    assert_true(f->rows[0].cells[0].confidence > 0.99);
    bench_free(b);
}

static void
test_lots(void **state)
{
    struct bench *b = bench_new("", 0, "");
    struct terms all = { .sample = 1 };
    const struct field *total = fields_find(validated(b, 0.99, &all, NULL), "grand_total");

    (void)state;
    assert_true(total->verdict == FIELD_REVIEW && total->level == LEVEL_CONFIRM && says(total, REASON_SAMPLED));
    assert_false(says(total, REASON_LOW_CONFIDENCE));
    assert_int_equal(b->result.verdict, VERDICT_REVIEW);
    assert_int_equal(b->result.reason, REASON_SAMPLED); /* the queue says why it waits */
    /* What is asked for anyway is no lot. */
    assert_false(says(fields_find(validated(b, 0.5, &all, NULL), "grand_total"), REASON_SAMPLED));
    /* With a budget agreed a lot is typed: who is shown a value believes it. */
    all.budget[CRIT_CRITICAL] = all.budget[CRIT_MAJOR] = all.budget[CRIT_MINOR] = 0.02;
    total = fields_find(validated(b, 0.99, &all, NULL), "grand_total");
    assert_true(says(total, REASON_SAMPLED) && total->level == LEVEL_SINGLE);
    bench_free(b);
}

static void
test_an_order_of_one_key(void **state)
{
    struct bench *b = bench_new("", 0, "");
    struct field typed[] = { { .name = "grand_total", .value = "9.99", .text = "", .confidence = 1, .origin = ORIGIN_PERSON,
                               .verdict = FIELD_REVIEW, .reasons = { REASON_SECOND_KEY } } };
    const struct fields order = { .form = "invoice", .fields = typed, .count = 1 };
    struct fields *mine;
    struct document doc = { .order = &order };
    struct field machine = { .name = "grand_total", .value = "121.00", .text = "" };

    (void)state;
    mine = &(struct fields){ .form = "invoice", .fields = &machine, .count = 1 };
    /* What one typed and another has not is no value. */
    assert_int_equal(document_orders(&doc, forms_find(forms, "invoice"), b->arena, mine), RC_OK);
    assert_string_equal(mine->fields[0].value, "121.00");
    typed[0].verdict = FIELD_AUTO;
    assert_int_equal(document_orders(&doc, forms_find(forms, "invoice"), b->arena, mine), RC_OK);
    assert_string_equal(mine->fields[0].value, "9.99");
    bench_free(b);
}

static void
test_budgets(void **state)
{
    const struct form *invoice = forms_find(forms, "invoice"), *w2 = forms_find(forms, "w2");
    const struct form_field *field = form_field(invoice, "grand_total");
    struct terms terms = { .sample = 0 };
    double before = 0, p;

    (void)state;
    assert_true(levels_needed(invoice, field, &terms) == levels_needed(invoice, field, NULL));
    assert_int_equal(levels_asked(field, &terms, 0), LEVEL_CONFIRM);
    /* A tighter budget never asks for less. */
    for (double budget = 0.3; budget > 0.00005; budget /= 1.3) {
        enum field_level last = LEVEL_DOUBLE;

        for (int c = 0; c < TERMS_BUDGETS; c++)
            terms.budget[c] = budget;
        p = levels_needed(invoice, field, &terms);
        assert_true(p >= before && p <= 1);
        before = p;
        assert_true(levels_needed(w2, form_field(w2, "box1_wages"), &terms) <= 1);
        for (p = 0; p <= 1; p += 0.01) {
            enum field_level level = levels_asked(field, &terms, p);

            assert_true(level <= last && level >= LEVEL_CONFIRM);
            last = level;
        }
    }
    assert_true(before > 0.999);
    for (int c = 0; c < TERMS_BUDGETS; c++)
        terms.budget[c] = 0.005;
    assert_int_equal(levels_asked(field, &terms, 0.95), LEVEL_CONFIRM);
    assert_int_equal(levels_asked(field, &terms, 0.80), LEVEL_SINGLE);
    assert_int_equal(levels_asked(field, &terms, 0), LEVEL_DOUBLE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_shipped), cmocka_unit_test(test_a_clients_record), cmocka_unit_test(test_lots),
        cmocka_unit_test(test_an_order_of_one_key), cmocka_unit_test(test_budgets),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
