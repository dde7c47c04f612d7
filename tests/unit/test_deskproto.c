/* test_deskproto.c - questions and answers of the review desk survive the wire, and nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/deskproto.h"

static struct arena *arena;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(64u << 20);
    return arena == NULL;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void
test_questions(void **state)
{
    (void)state;
    for (unsigned what = DESK_HELLO; what <= DESK_RERUN; what++) {
        if (what > DESK_PING && what < DESK_REPLAY)
            continue;
        struct desk_ask ask = { .what = (enum desk_what)what, .number = 7, .flag = 1, .box = { 1, 2, 3, 1000 },
                                .text = "señor" };
        struct desk_ask got;
        struct buffer b;

        ask.id.b[3] = 9;
        buffer_init(&b, DESK_ASK_MAX);
        desk_ask_write(&b, &ask);
        assert_false(b.failed);
        assert_int_equal(desk_ask_read((uint16_t)what, buffer_bytes(&b), arena, &got), RC_OK);
        assert_int_equal(got.what, what);
        /* What a question does not carry is zero, never left over. */
        assert_true(got.number == 7 || got.number == 0);
        assert_true(strcmp(got.text, "señor") == 0 || got.text[0] == '\0');
        /* One byte more or less is another question. */
        write_u8(&b, 0);
        assert_int_equal(desk_ask_read((uint16_t)what, buffer_bytes(&b), arena, &got), RC_INPUT);
        for (size_t n = 0; n + 1 < b.size; n++)
            assert_int_equal(desk_ask_read((uint16_t)what, bytes_of(b.data, n), arena, &got), RC_INPUT);
        buffer_done(&b);
    }
}

static void
test_bad_questions(void **state)
{
    static const struct {
        uint16_t what;
        uint8_t body[32];
        size_t size;
    } rows[] = {
        { 0, { 0 }, 0 },
        { 19, { 0 }, 0 },
        { 101, { 0 }, 0 },
        { DESK_CROP, { 1, 0, 0, 0, 2, 9, 0, 0, 0, 3, 0, 1, 0 }, 13 },       /* x1 < x0           */
        { DESK_CROP, { 1, 0, 0, 0, 2, 0, 0, 0, 0, 0xe9, 3, 1, 0 }, 13 },    /* more than 1000    */
        { DESK_CORRECT, { 1, 0, 0, 0, 0, 3, 0, 0, 0, 'a', 0, 'b' }, 12 },   /* NUL in the text   */
        { DESK_CORRECT, { 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 'a' }, 10 }, /* length beyond   */
    };
    struct desk_ask got;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(desk_ask_read(rows[i].what, bytes_of(rows[i].body, rows[i].size), arena, &got), RC_INPUT);
}

/* One of each answer. */
static uint16_t
sample(unsigned i, struct buffer *b)
{
    static const uint8_t pixels[6] = { 0, 50, 100, 150, 200, 255 };
    const char *list[] = { "uno", "dos" };
    struct desk_row row = { .form = "Factura", .why = "x", .pages = 3, .taken = 1 };
    struct desk_item item = { "lines[3].charges", "Línea 3", DESK_MONEY, DESK_FLAGGED, 1, 2 };
    struct desk_form form = { "w2", "W-2" };

    struct desk_made made = { "tesseract", "5.3.0" };
    struct desk_hand hand = { 2, 1, DESK_HAS_VALUE, 1800000000, "ana", "1.00" };
    struct desk_other other = { "7.00", "7,00", -12 };
    struct desk_rule rule = { "equation:total", 3 };
    struct desk_sent sent = { 1, 0, 17, 1800000000 };
    const struct desk_replay story = { .form = "invoice", .name = "grand_total", .title = "Total",
                                       .standing = "delivered", .version = 2, .pages = 1, .value = "1.00", .text = "1,00", .second = "1,00",
                                       .sure = 990, .needed = 960, .reasons = list, .reason_count = 1, .hands = &hand,
                                       .hand_count = 1, .others = &other, .other_count = 1, .rules = &rule,
                                       .rule_count = 1, .sent = &sent, .sent_count = 1, .made = &made, .made_count = 1,
                                       .cause = DESK_CAUSE_KEYED, .wrong = "7.00", .right = "1.00" };

    switch (i) {
    case 0: desk_welcome_write(b, &(struct desk_welcome){ 1, "Ana", "reviewer", "es", 120, 4 }); return DESK_IS_WELCOME;
    case 1: desk_queue_write(b, &(struct desk_queue){ 9, &row, 1 }); return DESK_IS_QUEUE;
    case 2:
        desk_document_write(b, &(struct desk_document){ .form = "w2", .title = "W-2", .why = "", .items = &item,
                                                        .count = 1, .date_order = DESK_MONTH_FIRST });
        return DESK_IS_DOCUMENT;
    case 3:
        desk_field_write(b, &(struct desk_field){ .value = "1.00", .text = "1,00", .sure = 1000, .reasons = list,
                                                  .reason_count = 2, .choices = list, .choice_count = 1 });
        return DESK_IS_FIELD;
    case 4:
        desk_crop_write(b, &(struct desk_crop){ .width = 3, .height = 2, .x1 = 3, .y1 = 2, .pixels = { pixels, 6 } });
        return DESK_IS_CROP;
    case 5: desk_decided_write(b, &(struct desk_decided){ 1, DESK_DOUBTED, DESK_FLAGGED, "no", -1, 0 }); return DESK_IS_DECIDED;
    case 6: desk_forms_write(b, &(struct desk_forms){ &form, 1 }); return DESK_IS_FORMS;
    case 7: desk_done_write(b, &(struct desk_done){ DESK_END_RETYPED, 1, 2 }); return DESK_IS_DONE;
    case 8: desk_error_write(b, &(struct desk_error){ RC_DENIED, "no" }); return DESK_IS_ERROR;
    case 9: return DESK_IS_PONG;
    case 10: desk_replay_write(b, &story); return DESK_IS_REPLAY;
    case 11:
        desk_rerun_write(b, &(struct desk_rerun){ .done = 1, .of = 1, .finished = 1, .same = 1, .form = "invoice",
                                                  .value = "1.00", .text = "1,00", .sure = 900, .told = { 1, 3, 0, 2 },
                                                  .made = &made, .made_count = 1 });
        return DESK_IS_RERUN;
    default: return 0;
    }
}

static void
test_answers(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        struct desk_answer got;
        struct buffer b;
        uint16_t kind;

        buffer_init(&b, 1u << 16);
        kind = sample(i, &b);
        assert_false(b.failed);
        assert_int_equal(desk_answer_read(kind, buffer_bytes(&b), arena, &got), RC_OK);
        assert_int_equal(got.kind, kind);
        for (size_t n = 0; n < b.size; n++)
            assert_int_equal(desk_answer_read(kind, bytes_of(b.data, n), arena, &got), RC_INPUT);
        write_u8(&b, 1);
        assert_int_equal(desk_answer_read(kind, buffer_bytes(&b), arena, &got), RC_INPUT);
        buffer_done(&b);
        arena_reset(arena);
    }
}

static void
test_values_arrive(void **state)
{
    struct desk_answer got;
    struct buffer b;

    (void)state;
    buffer_init(&b, 1u << 16);
    (void)sample(3, &b);
    assert_int_equal(desk_answer_read(DESK_IS_FIELD, buffer_bytes(&b), arena, &got), RC_OK);
    assert_string_equal(got.u.field.value, "1.00");
    assert_string_equal(got.u.field.text, "1,00");
    assert_int_equal(got.u.field.reason_count, 2);
    assert_string_equal(got.u.field.reasons[1], "dos");
    assert_string_equal(got.u.field.choices[0], "uno");
    buffer_done(&b);
}

/* A crop whose size is not that of its pixels would make the station read past them. */
static void
test_lying_crop(void **state)
{
    static const uint8_t pixels[6] = { 0 };
    const struct desk_crop rows[] = {
        { .width = 4, .height = 2, .pixels = { pixels, 6 } },
        { .width = 3, .height = 0, .pixels = { pixels, 0 } },
        { .width = DESK_SIDE_MAX + 1, .height = 1, .pixels = { pixels, 6 } },
        { .width = 3, .height = 2, .x1 = 4, .pixels = { pixels, 6 } },
        { .width = 3, .height = 2, .x0 = 2, .x1 = 1, .pixels = { pixels, 6 } },
        { .width = 3, .height = 2, .window = { 0, 0, 1001, 1 }, .pixels = { pixels, 6 } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct desk_answer got;
        struct buffer b;

        buffer_init(&b, 1u << 16);
        desk_crop_write(&b, &rows[i]);
        assert_int_equal(desk_answer_read(DESK_IS_CROP, buffer_bytes(&b), arena, &got), RC_INPUT);
        buffer_done(&b);
    }
}

/* Changed bytes are refused or read as something sound; nothing crashes and no enumeration leaves its range. */
static void
test_changed_bytes(void **state)
{
    unsigned seed = 7;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        struct desk_answer got;
        struct buffer b;
        uint16_t kind;

        buffer_init(&b, 1u << 16);
        kind = sample(round % 12, &b);
        for (unsigned n = 0; b.size > 0 && n < 1 + round % 3; n++) {
            seed = seed * 1103515245u + 12345u;
            b.data[(seed >> 8) % b.size] = (uint8_t)(seed >> 20);
        }
        if (desk_answer_read(kind, buffer_bytes(&b), arena, &got) == RC_OK && kind == DESK_IS_DOCUMENT)
            for (uint32_t i = 0; i < got.u.document.count; i++)
                assert_true(got.u.document.items[i].mark <= DESK_NOT_READABLE);
        buffer_done(&b);
        arena_reset(arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_questions),     cmocka_unit_test(test_bad_questions), cmocka_unit_test(test_answers),
        cmocka_unit_test(test_values_arrive), cmocka_unit_test(test_lying_crop),    cmocka_unit_test(test_changed_bytes),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
