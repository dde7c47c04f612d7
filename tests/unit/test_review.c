/* test_review.c - what the station judges by itself: typed values, the line editor, its sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../pipeline/review_check.c"
#include "../../pipeline/review_edit.c"
#include "../../pipeline/words_en_es.c"
#include "doc/reason.h"

static const struct {
    enum desk_type type;
    enum desk_date_order order;
    const char *typed, *value;
    enum word_id wrong;
} values[] = {
    { DESK_MONEY, 0, "1234.56", "1234.56", 0 },
    { DESK_MONEY, 0, "1.234,56", "1234.56", 0 },
    { DESK_MONEY, 0, "1,234.56", "1234.56", 0 },
    { DESK_MONEY, 0, "1 234,56", "1234.56", 0 },
    { DESK_MONEY, 0, "1'234.50", "1234.50", 0 },
    { DESK_MONEY, 0, "1.234.567", "1234567.00", 0 },
    { DESK_MONEY, 0, "1.234", "1234.00", 0 },
    { DESK_MONEY, 0, "0.234", "", W_BAD_MONEY },
    { DESK_MONEY, 0, "12", "12.00", 0 },
    { DESK_MONEY, 0, "12.5", "12.50", 0 },
    { DESK_MONEY, 0, "-12,50", "-12.50", 0 },
    { DESK_MONEY, 0, "007.50", "7.50", 0 },
    { DESK_MONEY, 0, ".50", "0.50", 0 },
    { DESK_MONEY, 0, "12.3.4", "", W_BAD_MONEY },
    { DESK_MONEY, 0, "12.34.567", "", W_BAD_MONEY },
    { DESK_MONEY, 0, "1,23,456.00", "", W_BAD_MONEY },
    { DESK_MONEY, 0, "12a", "", W_BAD_MONEY },
    { DESK_MONEY, 0, "--5", "", W_BAD_MONEY },
    { DESK_MONEY, 0, ".", "", W_BAD_MONEY },
    { DESK_MONEY, 0, "1234567890123456789012", "", W_BAD_MONEY },
    { DESK_NUMBER, 0, "37,5", "37.5", 0 },
    { DESK_NUMBER, 0, "40", "40", 0 },
    { DESK_NUMBER, 0, "4o", "", W_BAD_NUMBER },
    { DESK_DATE, DESK_DAY_FIRST, "2026-11-21", "2026-11-21", 0 },
    { DESK_DATE, DESK_DAY_FIRST, "21/11/2026", "2026-11-21", 0 },
    { DESK_DATE, DESK_DAY_FIRST, "4.5.2026", "2026-05-04", 0 },
    { DESK_DATE, DESK_MONTH_FIRST, "4/5/2026", "2026-04-05", 0 },
    { DESK_DATE, DESK_MONTH_FIRST, "21/11/2026", "2026-11-21", 0 },
    { DESK_DATE, DESK_ORDER_UNKNOWN, "4/5/2026", "", W_DATE_UNSURE },
    { DESK_DATE, DESK_ORDER_UNKNOWN, "5/5/2026", "2026-05-05", 0 },
    { DESK_DATE, DESK_ORDER_UNKNOWN, "21/11/2026", "2026-11-21", 0 },
    { DESK_DATE, DESK_DAY_FIRST, "29/02/2024", "2024-02-29", 0 },
    { DESK_DATE, DESK_DAY_FIRST, "29/02/2026", "", W_BAD_DATE },
    { DESK_DATE, DESK_DAY_FIRST, "01/02/68", "2068-02-01", 0 },
    { DESK_DATE, DESK_DAY_FIRST, "01/02/69", "1969-02-01", 0 },
    { DESK_DATE, DESK_DAY_FIRST, "2026-13-40", "", W_BAD_DATE },
    { DESK_DATE, DESK_DAY_FIRST, "1/2-2026", "", W_BAD_DATE },
    { DESK_DATE, DESK_DAY_FIRST, "hoy", "", W_BAD_DATE },
    { DESK_CODE, 0, "eur", "EUR", 0 },
    { DESK_CODE, 0, "XXX", "", W_BAD_CODE },
    { DESK_MARK, 0, "usd", "USD", 0 },
    { DESK_TEXT, 0, "anything", "anything", 0 },
};

static void
test_values(void **state)
{
    const char *choices[] = { "EUR", "USD" };
    const struct desk_field field = { .choices = choices, .choice_count = 2 };
    char out[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        enum word_id wrong = check_value(values[i].type, values[i].order, &field, values[i].typed, out, sizeof out);

        if (wrong != values[i].wrong || (wrong == 0 && strcmp(out, values[i].value) != 0))
            fail_msg("row %zu: '%s' gave %d '%s'", i, values[i].typed, (int)wrong, wrong == 0 ? out : "");
    }
}

/* Nothing that a person can type runs past the room given. */
static void
test_room(void **state)
{
    static const char *const typed[] = { "123456789.12", "1.234.567.890,12", "2026-11-21", "aaaaaaaaaaaaaa", "-1.00" };
    const struct desk_field field = { .choice_count = 0 };

    (void)state;
    for (unsigned type = DESK_TEXT; type <= DESK_NUMBER; type++)
        for (size_t i = 0; i < COUNT_OF(typed); i++)
            for (size_t room = 2; room < 20; room++) {
                char out[24];

                memset(out, 'x', sizeof out);
                (void)check_value((enum desk_type)type, DESK_DAY_FIRST, &field, typed[i], out, room);
                for (size_t n = room; n < sizeof out; n++)
                    assert_int_equal(out[n], 'x');
            }
}

static void
test_edit(void **state)
{
    struct edit e;
    char out[64];

    (void)state;
    edit_set(&e, "Peña");
    assert_int_equal(e.size, 4);
    assert_false(e.changed);
    assert_true(edit_type(&e, L'!'));
    assert_true(e.changed);
    assert_true(edit_get(&e, out, sizeof out));
    assert_string_equal(out, "Peña!");
    assert_true(edit_act(&e, ACT_FIRST));
    assert_true(edit_act(&e, ACT_DELETE));
    assert_true(edit_act(&e, ACT_LAST));
    assert_true(edit_act(&e, ACT_BACKSPACE));
    assert_true(edit_get(&e, out, sizeof out));
    assert_string_equal(out, "eña");
    assert_true(edit_act(&e, ACT_LEFT));
    assert_true(edit_act(&e, ACT_DELETE_END));
    assert_true(edit_get(&e, out, sizeof out));
    assert_string_equal(out, "eñ");
    assert_false(edit_act(&e, ACT_BLANK));
    /* Control characters are no part of a value. */
    assert_false(edit_type(&e, 27));
    assert_false(edit_type(&e, 0x202e));
    edit_set(&e, "  a b  ");
    assert_true(edit_get(&e, out, sizeof out));
    assert_string_equal(out, "a b");
    assert_false(edit_get(&e, out, 3));
    edit_wipe(&e);
    assert_int_equal(e.text[0], 0);
}

static void
test_minus_behind(void **state)
{
    struct edit e;
    char out[64];

    (void)state;
    edit_set(&e, "12.50");
    assert_true(edit_minus_behind(&e));
    assert_true(edit_get(&e, out, sizeof out));
    assert_string_equal(out, "-12.50");
    assert_true(edit_minus_behind(&e));
    assert_true(edit_get(&e, out, sizeof out));
    assert_string_equal(out, "12.50");
    edit_set(&e, "");
    assert_false(edit_minus_behind(&e));
    edit_set(&e, "12.50");
    (void)edit_act(&e, ACT_FIRST);
    assert_false(edit_minus_behind(&e));
}

static unsigned
blanks(const char *text)
{
    unsigned set = 0;

    for (; *text != '\0'; text++)
        if (text[0] == '%' && (text[1] == '1' || text[1] == '2'))
            set |= 1u << (text[1] - '0');
    return set;
}

static void
test_words(void **state)
{
    char out[200];

    (void)state;
    for (unsigned id = 0; id < W_COUNT; id++) {
        const char *en = word(false, (enum word_id)id);
        const char *es = word(true, (enum word_id)id);

        if (en[0] == '\0' || es[0] == '\0')
            fail_msg("sentence %u is missing in a language", id);
        if (blanks(en) != blanks(es))
            fail_msg("sentence %u has other blanks in Spanish", id);
    }
    assert_string_equal(word(false, W_COUNT), "");
    word_count(false, W_DONE, 3, 4, out, sizeof out);
    assert_string_equal(out, "Sent on: 3 accepted, 4 corrected.");
    word_count(true, W_SURE, 61, 0, out, sizeof out);
    assert_string_equal(out, "seguro 61 %");
    word_count(true, W_DONE, 3, 4, out, 9);
    assert_string_equal(out, "Enviado:");
}

/* The station may not include doc/; what it says for each of a person's reasons must be in the table there. */
static void
test_reject_reasons(void **state)
{
    (void)state;
    assert_int_equal(REASON_PERSON_ILLEGIBLE, 100);
    assert_int_equal(REASON_PERSON_OTHER, 105);
    for (unsigned i = 0; i <= W_REJECT_OTHER - W_REJECT_ILLEGIBLE; i++)
        assert_int_equal(reason_row(REASON_PERSON_ILLEGIBLE + i)->class, CLASS_PERSON);
    assert_int_not_equal(reason_row(REASON_PERSON_OTHER + 1)->class, CLASS_PERSON);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),       cmocka_unit_test(test_room),  cmocka_unit_test(test_edit),
        cmocka_unit_test(test_minus_behind), cmocka_unit_test(test_words), cmocka_unit_test(test_reject_reasons),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
