/* test_binding.c - one key does one thing in each place, and the help says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rc.h"

#include "../../pipeline/binding.c"
#include "../../pipeline/words_en_es.c"

#define ROWS (sizeof table / sizeof table[0])

static const enum scope scopes[] = { IN_QUEUE, IN_DOCUMENT, IN_FIELD, IN_TYPE, IN_REJECT, IN_HELP };

static void
test_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = i + 1; j < ROWS; j++)
            if ((table[i].scopes & table[j].scopes) != 0 && table[i].key.is_code == table[j].key.is_code &&
                table[i].key.value == table[j].key.value)
                fail_msg("rows %zu and %zu bind the same key", i, j);
}

/* While a value is typed, no letter, digit or sign may be a command. */
static void
test_letters_type(void **state)
{
    (void)state;
    for (unsigned c = 0x20; c < 0x7f; c++)
        assert_int_equal(binding_find(IN_FIELD, (struct key){ false, c }), ACT_NONE);
}

static void
test_known_keys(void **state)
{
    static const struct {
        enum scope scope;
        bool code;
        unsigned value;
        enum action action;
    } rows[] = {
        { IN_FIELD, false, '\r', ACT_ACCEPT },        { IN_FIELD, true, KEY_ENTER, ACT_ACCEPT },
        { IN_FIELD, false, '\t', ACT_NEXT },          { IN_FIELD, true, KEY_BTAB, ACT_BACK },
        { IN_FIELD, false, 'U' & 0x1f, ACT_UNREADABLE }, { IN_FIELD, false, 'B' & 0x1f, ACT_BLANK },
        { IN_FIELD, false, 'Z' & 0x1f, ACT_UNDO },    { IN_FIELD, true, KEY_F(10), ACT_LEAVE },
        { IN_FIELD, true, KEY_F(8), ACT_REJECT },     { IN_QUEUE, false, 'q', ACT_LEAVE },
        { IN_FIELD, false, 'q', ACT_NONE },           { IN_FIELD, false, 0x1b, ACT_ESCAPE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(binding_find(rows[i].scope, (struct key){ rows[i].code, rows[i].value }), rows[i].action);
}

/* Escape only says that it does nothing. */
static void
test_escape(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scopes); i++)
        assert_int_equal(binding_find(scopes[i], (struct key){ false, 0x1b }), ACT_ESCAPE);
}

static void
test_foot(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scopes); i++)
        for (unsigned columns = 60; columns <= 200; columns += 7)
            for (int es = 0; es < 2; es++) {
                unsigned from = 0;
                char out[1024];

                binding_foot(scopes[i], es == 1, columns, &from, out, sizeof out);
                assert_true(columns_of(out) <= columns);
                /* Help and the way out are in the first line of every screen. */
                assert_non_null(strstr(out, "F1 "));
                assert_non_null(strstr(out, "F10 "));
            }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unique), cmocka_unit_test(test_letters_type), cmocka_unit_test(test_known_keys),
        cmocka_unit_test(test_escape), cmocka_unit_test(test_foot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
