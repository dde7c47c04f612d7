/* test_desk.c - what the desk makes of a document and of what a person says: items, doubts, orders, undo. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../pipeline/desk_decide.c"
#include "../../pipeline/desk_items.c"
#include "../../pipeline/desk_judge.c"
#include "../../pipeline/words_en_es.c"

/* The socket's end of the desk: keep the last answer. */
static struct desk_answer last;
static enum rc refused;
static struct arena *answers;

void
session_answer(struct session *s, enum desk_answer_kind kind, const struct buffer *body)
{
    (void)s;
    refused = RC_OK;
    assert_int_equal(desk_answer_read((uint16_t)kind, buffer_bytes(body), answers, &last), RC_OK);
}

void
session_refuse(struct session *s, enum rc rc, enum word_id id)
{
    (void)s;
    (void)id;
    refused = rc;
}

static struct form_set *forms;
static struct session session;
static struct work work;
static struct field machine[3];
static struct field cells[2];
static struct field_row row = { cells, 2 };
static struct fields fields;

static uint32_t
item(const char *name)
{
    for (uint32_t i = 0; i < work.count; i++)
        if (strcmp(work.items[i].name, name) == 0)
            return i;
    fail_msg("there is no item %s", name);
    return 0;
}

static void
ask(void (*answer)(struct desk *, struct session *, const struct desk_ask *), const char *name, const char *text,
    uint8_t flag)
{
    const struct desk_ask a = { .number = name[0] == '\0' ? 0 : item(name), .text = text, .flag = flag };

    answer(NULL, &session, &a);
}

static int
setup(void **state)
{
    struct err err;

    (void)state;
    answers = arena_new(4u << 20);
    if (forms == NULL && forms_load(SOURCE_DIR "/forms", &forms, &err) != RC_OK)
        return 1;
    machine[0] = (struct field){ .name = "invoice_number", .value = "F-1", .text = "F-1", .confidence = 0.99,
                                 .page = 1, .box = { 1, 2, 3, 4 } };
    machine[1] = (struct field){ .name = "grand_total", .value = "12.10", .text = "12,10", .verdict = FIELD_REVIEW,
                                 .reasons = { REASON_SUM_DIFFERS } };
    machine[2] = (struct field){ .name = "unheard_of", .value = "x", .text = "x", .verdict = FIELD_REVIEW };
    cells[0] = (struct field){ .name = "description", .value = "paper", .text = "paper" };
    cells[1] = (struct field){ .name = "odd_column", .value = "9", .text = "9", .verdict = FIELD_REVIEW };
    fields = (struct fields){ .form = "invoice", .fields = machine, .count = 3, .rows = &row, .row_count = 1 };
    memset(&work, 0, sizeof work);
    memset(&session, 0, sizeof session);
    work.arena = arena_new(16u << 20);
    work.fields = &fields;
    session.work = &work;
    session.person.clearance = 9;
    return work_items(&work, forms_find(forms, "invoice"), false) != RC_OK;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(work.arena);
    arena_free(answers);
    return 0;
}

static void
test_items(void **state)
{
    const struct item *first = &work.items[0];

    (void)state;
    /* In the order of the form, whatever the machine's order was; what the form does not know comes after. */
    assert_string_equal(first->name, forms_find(forms, "invoice")->fields[0].name);
    assert_int_equal(work.items[item("invoice_number")].mark, DESK_QUIET);
    assert_int_equal(work.items[item("grand_total")].mark, DESK_FLAGGED);
    assert_int_equal(work.items[item("unheard_of")].mark, DESK_FLAGGED);
    assert_int_equal(work.items[item("lines[1].odd_column")].mark, DESK_FLAGGED);
    assert_int_equal(work.items[item("lines[1].description")].mark, DESK_QUIET);
    /* A field that must be there and was not found is asked for. */
    for (uint32_t i = 0; i < work.count; i++)
        if (work.items[i].field == NULL && work.items[i].row < 0)
            assert_int_equal(work.items[i].mark, work.items[i].form->required ? DESK_FLAGGED : DESK_QUIET);
}

static void
test_clearance(void **state)
{
    const struct item *it;
    uint32_t left = work_left(&session);
    uint32_t hidden = 0;

    (void)state;
    session.person.clearance = 0;
    for (uint32_t i = 0; i < work.count; i++) {
        it = &work.items[i];
        hidden += it->mark == DESK_FLAGGED && !item_allowed(&session, it);
    }
    assert_true(hidden > 0);
    assert_int_equal(work_left(&session), left - hidden);
    for (int32_t at = work_next(&session, 0), n = 0; at >= 0 && n < 100; at = work_next(&session, (uint32_t)at), n++)
        assert_true(item_allowed(&session, &work.items[at]));
    /* Not even by its number. */
    ask(answer_correct, "grand_total", "1.00", 0);
    assert_int_equal(refused, RC_DENIED);
    assert_int_equal(work.items[item("grand_total")].mark, DESK_FLAGGED);
}

static void
test_decisions_and_undo(void **state)
{
    uint32_t left = work_left(&session);

    (void)state;
    ask(answer_accept, "grand_total", "", 0);
    assert_int_equal(last.u.decided.mark, DESK_ACCEPTED);
    assert_int_equal(last.u.decided.left, left - 1);
    ask(answer_correct, "unheard_of", "y", 0);
    ask(answer_blank, "lines[1].odd_column", "", 0);
    assert_int_equal(last.u.decided.left, left - 3);
    ask(answer_undo, "", "", 0);
    assert_int_equal(last.u.decided.item, item("lines[1].odd_column"));
    assert_int_equal(last.u.decided.mark, DESK_FLAGGED);
    ask(answer_undo, "", "", 0);
    ask(answer_undo, "", "", 0);
    assert_int_equal(work_left(&session), left);
    ask(answer_undo, "", "", 0);
    assert_int_equal(refused, RC_NOT_FOUND);
    /* A second thought, taken back, leaves the first. */
    ask(answer_correct, "grand_total", "13.00", 0);
    ask(answer_correct, "grand_total", "14.00", 0);
    ask(answer_undo, "", "", 0);
    assert_string_equal(work.items[item("grand_total")].value, "13.00");
}

static void
test_doubts(void **state)
{
    (void)state;
    ask(answer_correct, "grand_total", "twelve", 0);
    assert_int_equal(last.u.decided.outcome, DESK_REFUSED);
    ask(answer_correct, "grand_total", "1.234,56", 0);
    assert_int_equal(last.u.decided.outcome, DESK_TAKEN);
    assert_string_equal(work.items[item("grand_total")].value, "1234.56");
    ask(answer_correct, "iban", "ES9121000418450200051333", 0);
    assert_int_equal(last.u.decided.outcome, DESK_DOUBTED);
    assert_int_equal(last.u.decided.mark, DESK_QUIET);
    ask(answer_correct, "iban", "ES9121000418450200051333", 1);
    assert_int_equal(last.u.decided.outcome, DESK_TAKEN);
    ask(answer_correct, "iban", "ES9121000418450200051332", 0);
    assert_int_equal(last.u.decided.outcome, DESK_TAKEN);
    /* Nothing to accept where nothing was found. */
    for (uint32_t i = 0; i < work.count; i++)
        if (work.items[i].field == NULL) {
            ask(answer_accept, work.items[i].name, "", 0);
            if (work.items[i].mark == DESK_QUIET || work.items[i].mark == DESK_FLAGGED)
                assert_int_equal(last.u.decided.outcome, DESK_REFUSED);
        }
}

static struct fields *
order(uint32_t *accepted, uint32_t *corrected)
{
    struct fields *out = NULL;
    struct bytes bytes;

    assert_int_equal(work_order(&work, "invoice", work.arena, &bytes, accepted, corrected), RC_OK);
    assert_int_equal(fields_read(bytes, work.arena, &out), RC_OK);
    return out;
}

static void
test_order(void **state)
{
    uint32_t accepted;
    uint32_t corrected;
    struct fields *o;
    struct field *f;

    (void)state;
    ask(answer_accept, "grand_total", "", 0);
    ask(answer_correct, "invoice_number", "F-2", 0);
    ask(answer_unreadable, "lines[1].odd_column", "", 0);
    o = order(&accepted, &corrected);
    assert_int_equal(accepted, 1);
    assert_int_equal(corrected, 2);
    assert_string_equal(o->form, "invoice");
    assert_int_equal(o->count, 2);
    f = fields_find(o, "invoice_number");
    assert_string_equal(f->value, "F-2");
    assert_int_equal(f->origin, ORIGIN_PERSON);
    assert_int_equal(f->verdict, FIELD_AUTO);
    assert_int_equal(f->page, 1);
    assert_int_equal(f->box.x1, 3);
    assert_string_equal(fields_find(o, "grand_total")->value, "12.10");
    assert_int_equal(o->row_count, 1);
    assert_int_equal(o->rows[0].count, 1);
    assert_string_equal(o->rows[0].cells[0].name, "odd_column");
    assert_int_equal(o->rows[0].cells[0].state, FIELD_UNREADABLE);
    /* The next round keeps what was said in this one, and a later word wins. */
    work.before = o;
    assert_int_equal(work_items(&work, work.form, false), RC_OK);
    ask(answer_correct, "grand_total", "13.00", 0);
    assert_int_equal(work_add_row(&work), RC_OK);
    ask(answer_correct, "lines[2].description", "pens", 0);
    o = order(&accepted, &corrected);
    assert_string_equal(fields_find(o, "invoice_number")->value, "F-2");
    assert_string_equal(fields_find(o, "grand_total")->value, "13.00");
    assert_int_equal(o->row_count, 2);
    assert_string_equal(o->rows[0].cells[0].name, "odd_column");
    assert_string_equal(o->rows[1].cells[0].value, "pens");
}

static void
test_typed_in_by_hand(void **state)
{
    uint32_t accepted;
    uint32_t corrected;
    struct fields *o;

    (void)state;
    assert_int_equal(work_items(&work, forms_find(forms, "receipt"), true), RC_OK);
    assert_true(work.count > 3);
    for (uint32_t i = 0; i < work.count; i++) {
        assert_int_equal(work.items[i].mark, DESK_FLAGGED);
        assert_null(work.items[i].field);
    }
    ask(answer_correct, "seller_name", "ACME", 0);
    o = order(&accepted, &corrected);
    assert_int_equal(o->count, 1);
    assert_string_equal(fields_find(o, "seller_name")->value, "ACME");
}

/* A value typed at a station is text from outside: it cannot carry control characters on. */
static void
test_typed_controls(void **state)
{
    (void)state;
    ask(answer_correct, "unheard_of", "a\033]52;c;x\007b\xe2\x80\xae", 0);
    assert_string_equal(work.items[item("unheard_of")].value, "a?]52;c;x?b?");
}

/* One who types unseen is right at once when the machine read the same, and is asked again when not. */
static void
test_typed_unseen_by_one(void **state)
{
    const struct judgement *judged;
    uint32_t n, accepted, corrected;

    (void)state;
    machine[1].level = LEVEL_SINGLE;
    machine[1].stated = 0.91;
    machine[1].reasons[0] = REASON_LOW_CONFIDENCE;
    machine[2].level = LEVEL_SINGLE;
    assert_int_equal(work_items(&work, work.form, false), RC_OK);
    assert_true(item_blind(&work.items[item("grand_total")]));
    assert_false(item_blind(&work.items[item("invoice_number")]));
    ask(answer_accept, "grand_total", "", 0);
    assert_int_equal(last.u.decided.outcome, DESK_REFUSED);
    ask(answer_correct, "grand_total", "12,10", 0);
    assert_int_equal(last.u.decided.mark, DESK_ACCEPTED);
    ask(answer_undo, "", "", 0);
    ask(answer_correct, "grand_total", "12.70", 0);
    assert_int_equal(last.u.decided.outcome, DESK_DOUBTED);
    ask(answer_correct, "grand_total", "12.70", 1);
    assert_int_equal(last.u.decided.mark, DESK_CORRECTED);
    /* Letters and figures count, not how they are set. */
    assert_true(item_same(&work.items[item("seller_name")], "ACME, S.A.", "Acme S.A."));
    assert_false(item_same(&work.items[item("seller_name")], "ACME S.A.", "ACME S.L."));
    assert_false(item_same(&work.items[item("grand_total")], "12.10", "1210"));
    ask(answer_correct, "invoice_number", "F-7", 0);
    assert_int_equal(work_unsettled(&work), REASON_NONE);
    assert_int_equal(work_judged(&work, work.arena, &judged, &n), RC_OK);
    assert_int_equal(n, 2); /* not of what the form does not know */
    for (uint32_t i = 0; i < n; i++) {
        bool total = strcmp(judged[i].field, "grand_total") == 0;

        assert_false(judged[i].right);
        assert_int_equal(judged[i].way, total ? JUDGED_DOUBTED : JUDGED_FOUND);
        assert_int_equal(judged[i].keyed, total ? LEVEL_SINGLE : LEVEL_CONFIRM);
        assert_true(judged[i].stated == (total ? 0.91 : 0.99));
    }
    assert_int_equal(order(&accepted, &corrected)->count, 2);
}

/* Somebody takes the document anew, with what was said before. */
static void
next_person(void)
{
    uint32_t accepted, corrected;

    work.before = order(&accepted, &corrected);
    assert_int_equal(work_items(&work, work.form, false), RC_OK);
}

static void
test_typed_unseen_by_two(void **state)
{
    const struct judgement *judged;
    uint32_t n, accepted, corrected;

    (void)state;
    machine[1].level = LEVEL_DOUBLE;
    machine[1].reasons[0] = REASON_SAMPLED;
    assert_int_equal(work_items(&work, work.form, false), RC_OK);
    ask(answer_accept, "unheard_of", "", 0);
    ask(answer_correct, "grand_total", "12.10", 0); /* as the machine read it: two must say so all the same */
    assert_int_equal(last.u.decided.mark, DESK_CORRECTED);
    assert_int_equal(work_unsettled(&work), REASON_SECOND_KEY);
    assert_int_equal(work_judged(&work, work.arena, &judged, &n), RC_OK);
    assert_int_equal(n, 0);
    next_person();
    assert_int_equal(work.items[item("unheard_of")].mark, DESK_QUIET); /* settled by the first */
    assert_true(item_blind(&work.items[item("grand_total")]));
    ask(answer_correct, "grand_total", "12.1", 0);
    assert_int_equal(work_unsettled(&work), REASON_NONE);
    assert_int_equal(work_judged(&work, work.arena, &judged, &n), RC_OK);
    assert_int_equal(n, 1);
    assert_true(judged[0].right && judged[0].way == JUDGED_DRAWN && judged[0].keyed == LEVEL_DOUBLE);
    assert_int_equal(fields_find(order(&accepted, &corrected), "grand_total")->verdict, FIELD_AUTO);
}

static void
test_two_who_differ(void **state)
{
    const struct judgement *judged;
    uint32_t n, accepted, corrected;
    const struct field *f;

    (void)state;
    machine[1].level = LEVEL_DOUBLE;
    assert_int_equal(work_items(&work, work.form, false), RC_OK);
    ask(answer_correct, "grand_total", "12.70", 0);
    next_person();
    ask(answer_blank, "grand_total", "", 0);
    assert_int_equal(work_unsettled(&work), REASON_KEYS_DIFFER);
    ask(answer_correct, "grand_total", "12.10", 0);
    assert_int_equal(work_unsettled(&work), REASON_KEYS_DIFFER);
    next_person();
    assert_false(item_blind(&work.items[item("grand_total")]));
    f = work.items[item("grand_total")].key;
    assert_string_equal(f->value, "12.70");
    assert_string_equal(f->text, "12.10");
    ask(answer_accept, "grand_total", "", 0);
    assert_int_equal(work_unsettled(&work), REASON_NONE);
    assert_int_equal(work_judged(&work, work.arena, &judged, &n), RC_OK);
    assert_int_equal(n, 1);
    assert_true(!judged[0].right && judged[0].keyed == LEVEL_DOUBLE);
    f = fields_find(order(&accepted, &corrected), "grand_total");
    assert_string_equal(f->value, "12.70");
    assert_int_equal(f->verdict, FIELD_AUTO);
    assert_int_equal(f->reasons[0], 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_items, setup, teardown),
        cmocka_unit_test_setup_teardown(test_clearance, setup, teardown),
        cmocka_unit_test_setup_teardown(test_decisions_and_undo, setup, teardown),
        cmocka_unit_test_setup_teardown(test_doubts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_typed_in_by_hand, setup, teardown),
        cmocka_unit_test_setup_teardown(test_typed_controls, setup, teardown),
        cmocka_unit_test_setup_teardown(test_typed_unseen_by_one, setup, teardown),
        cmocka_unit_test_setup_teardown(test_typed_unseen_by_two, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_who_differ, setup, teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    forms_free(forms);
    return failed;
}
