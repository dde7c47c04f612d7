/* test_value.c - amounts, dates and ids as people print them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "doc/lexicon.h"
#include "doc/value.h"

static void
amounts_are_read(void **state)
{
    static const struct { const char *text; char mark; unsigned count; int64_t first, second; } rows[] = {
        { "1.234,56", 0, 1, 123456, 0 },     { "1,234.56", 0, 1, 123456, 0 },
        { "1'234.50", 0, 1, 123450, 0 },     { "1 234,56", 0, 1, 123456, 0 },
        { "$1,349.97", 0, 1, 134997, 0 },    { "9.00", 0, 1, 900, 0 },
        { "RM 9.00", 0, 1, 900, 0 },         { "61,10 \xe2\x82\xac", 0, 1, 6110, 0 },
        { "(12.00)", 0, 1, -1200, 0 },       { "12.00-", 0, 1, -1200, 0 },
        { "-0.02", 0, 1, -2, 0 },            { "12.00 CR", 0, 1, -1200, 0 },
        { "36.5", 0, 1, 3650, 0 },           { "845", 0, 1, 84500, 0 },
        { "1.234.567,89", 0, 1, 123456789, 0 }, { "12,345,678", 0, 1, 1234567800, 0 },
        { "1.234", 0, 2, 123400, 123 },      { "1.234", '.', 2, 123, 123400 },
        { "1.234", ',', 2, 123400, 123 },    { "191.00000", 0, 1, 19100, 0 },
        { "1.2O4,56", 0, 1, 120456, 0 },     { "EUR 5,00", 0, 1, 500, 0 },
        { "1.234.56", 0, 1, 123456, 0 },     { "S$12.50", 0, 1, 1250, 0 },
        /* no amounts */
        { "", 0, 0, 0, 0 },                  { "EUR", 0, 0, 0, 0 },
        { "12/05/2018", 0, 0, 0, 0 },        { "SOLO", 0, 0, 0, 0 },
        { "12.3.4", 0, 0, 0, 0 },            { "A-12", 0, 0, 0, 0 },
        { "12345678901234567", 0, 0, 0, 0 }, { "1,2,3,4", 0, 0, 0, 0 },
        { "999999999999999999999999999999999999999999999999999999", 0, 0, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct amount out[2];
        unsigned n = money_readings(rows[i].text, rows[i].mark, out);

        if (n != rows[i].count || (n > 0 && out[0].minor != rows[i].first) ||
            (n > 1 && out[1].minor != rows[i].second))
            fail_msg("row %zu '%s': %u readings, first %lld", i, rows[i].text, n,
                     n > 0 ? (long long)out[0].minor : 0);
    }
}

static void
amounts_are_printed_and_read_back(void **state)
{
    static const int64_t rows[] = { 0, 5, -5, 99, 100, -123456, AMOUNT_MAX, -AMOUNT_MAX };
    struct arena *arena = arena_new(1 << 16);
    int64_t back;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *text = money_print(arena, rows[i]);

        assert_non_null(text);
        assert_true(money_canonical(text, &back));
        assert_int_equal(back, rows[i]);
    }
    assert_string_equal(money_print(arena, -5), "-0.05");
    assert_false(money_canonical("1,234.56", &back));
    assert_false(money_canonical("1.234", &back));
    assert_false(money_canonical("", &back));
    assert_false(money_canonical("-", &back));
    assert_false(money_canonical("99999999999999999999", &back));
    arena_free(arena);
}

static void
dates_are_read(void **state)
{
    static const struct { const char *text, *want; bool ambiguous; } rows[] = {
        { "2025-11-21", "2025-11-21", false },
        { "21/11/2025", "2025-11-21", false },
        { "4/25/2017", "2017-04-25", false },
        { "05/03/2018", "2018-03-05", true },
        { "25-12-18", "2018-12-25", false },
        { "05.03.2013", "2013-03-05", true },
        { "31 de julio de 2025", "2025-07-31", false },
        { "11. Juli 2014", "2014-07-11", false },
        { "5. M\xc3\xa4rz 2013", "2013-03-05", false },
        { "February 17, 2026", "2026-02-17", false },
        { "May 24, 2020", "2020-05-24", false },
        { "24-May-2020", "2020-05-24", false },
        { "1er f\xc3\xa9vrier 2022", "2022-02-01", false },
        { "31st January 2022", "2022-01-31", false },
        { "20181230", "2018-12-30", false },
        { "Date: 25/12/2018 8:13:39 PM", "2018-12-25", false },
        { "31 juillet 2025", "2025-07-31", false },
        { "2O/11/2025", "2025-11-20", false },
        { "REG #19- 10/03/2018 20:22", "2018-03-10", true },
        { "ORD #64 -REG #2- 25/12/2016 13:51:47", "2016-12-25", false },
    };
    struct arena *arena = arena_new(1 << 16);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct date_hit hit;

        if (dates_find(rows[i].text, &hit, 1) != 1 ||
            strcmp(date_print(arena, hit.date), rows[i].want) != 0 || hit.ambiguous != rows[i].ambiguous)
            fail_msg("row %zu '%s'", i, rows[i].text);
    }
    arena_free(arena);
}

static void
what_is_no_date_is_not_read(void **state)
{
    static const char *const rows[] = { "", "31/02/2018", "12.50", "07-3523888", "99/99/2018", "page 1 of 3",
                                        "1/2", "13/13/2013", "4111 1111 1111 1111" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct date_hit hit;
        unsigned n = dates_find(rows[i], &hit, 1);

        if (n != 0 && !hit.no_year && !hit.no_day)
            fail_msg("row %zu '%s'", i, rows[i]);
    }
}

static void
a_range_has_two_dates(void **state)
{
    struct date_hit hits[4];

    (void)state;
    assert_int_equal(dates_find("del 1 de Julio al 31 de Julio de 2025", hits, 4), 2);
    assert_true(hits[0].no_year);
    assert_int_equal(hits[0].date.day, 1);
    assert_int_equal(hits[1].date.day, 31);
    assert_int_equal(hits[1].date.year, 2025);
    assert_int_equal(dates_find("01/10/2024 - 31/10/2024", hits, 4), 2);
}

static void
days_are_counted(void **state)
{
    (void)state;
    assert_int_equal(date_serial((struct date){ 1970, 1, 1 }), 0);
    assert_int_equal(date_serial((struct date){ 2000, 3, 1 }), 11017);
    assert_int_equal(date_serial((struct date){ 2026, 11, 21 }) - date_serial((struct date){ 2026, 10, 21 }), 31);
    assert_int_equal(date_month_days(2024, 2), 29);
    assert_int_equal(date_month_days(1900, 2), 28);
    assert_int_equal(date_month_days(2024, 13), 0);
}

static void
folding_forgets_case_accents_and_marks(void **state)
{
    static const struct { const char *text, *want; } rows[] = {
        { "N\xc3\xbamero de Factura:", "numerodefactura" },
        { "Stra\xc3\x9f" "e", "strasse" },
        { "N\xc2\xba F-1", "nof1" },
        { "IVA 21%", "iva21%" },
        { "Invoice #", "invoice#" },
        { "\xff\xfe", "" },
    };
    char out[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        lexicon_fold(rows[i].text, out, sizeof out);
        assert_string_equal(out, rows[i].want);
    }
    assert_int_equal(lexicon_fold("abcdefgh", out, 4), 3);
}

static void
misread_words_are_near(void **state)
{
    static const struct { const char *a, *b; bool near; } rows[] = {
        { "invoicenumber", "lnvoicenurnber", true }, { "total", "totai", true },
        { "factura", "factuna", true },              { "antiguedad", "antigiiedad", true },
        { "total", "table", false },                 { "netto", "brutto", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double limit = lexicon_allowance(strlen(rows[i].a));

        if ((lexicon_distance(rows[i].a, strlen(rows[i].a), rows[i].b, strlen(rows[i].b), limit) <= limit) !=
            rows[i].near)
            fail_msg("row %zu", i);
    }
}

/* A field as a form would have it. */
static struct form_field
field_with(const char *check, const char *pattern)
{
    static char *checks[1], *patterns[1];
    struct form_field f = { .type = VALUE_ID };

    checks[0] = (char *)(uintptr_t)check;
    patterns[0] = (char *)(uintptr_t)pattern;
    f.checks = (struct phrases){ checks, 1 };
    f.pattern = (struct phrases){ patterns, 1 };
    return f;
}

static void
ids_are_put_right_by_their_check_digit(void **state)
{
    static const struct { const char *check, *pattern, *read, *want; } rows[] = {
        { "es_cif", "[A-Z]\\d{7}[0-9A-J]", "BO8948101", "B08948101" },
        { "es_cif", "[A-Z]\\d{7}[0-9A-J]", "BO08948101", "B08948101" },
        { "iban", "[A-Z]{2}\\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,4})?", "DEO8 7009 0100 1234 5678 90",
          "DE08 7009 0100 1234 5678 90" },
        { "es_dni", "\\d{8}[A-Z]", "974675512", "97467551Z" },
        /* a wrong digit is not guessed */
        { "iban", "[A-Z]{2}\\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,4})?", "DE08 7009 0100 1234 5679 90", NULL },
        { "es_cif", "[A-Z]\\d{7}[0-9A-J]", "B09948101", NULL },
    };
    struct arena *arena = arena_new(1 << 16);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct form_field f = field_with(rows[i].check, rows[i].pattern);
        const char *out = NULL;
        bool done = value_repair(&f, rows[i].read, arena, &out);

        if (done != (rows[i].want != NULL) || (done && strcmp(out, rows[i].want) != 0))
            fail_msg("row %zu: %s", i, done ? out : "not repaired");
        value_forget(rows[i].pattern);
    }
    arena_free(arena);
}

static void
a_pattern_that_runs_away_does_not_match(void **state)
{
    struct form_field f = field_with("iban", "(a+)+b");
    char text[60];

    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_false(value_matches(&f, text));
    value_forget(f.pattern.items[0]);
}

static void
typed_values_become_canonical(void **state)
{
    static const struct { enum value_type type; const char *text; enum rc rc; const char *want; } rows[] = {
        { VALUE_MONEY, "1.234,5", RC_OK, "1234.50" }, { VALUE_MONEY, "12.30", RC_OK, "12.30" },
        { VALUE_MONEY, "twelve", RC_INPUT, NULL },    { VALUE_PERCENT, "15,40 %", RC_OK, "15.40" },
        { VALUE_DATE, "21.11.2026", RC_OK, "2026-11-21" }, { VALUE_DATE, "soon", RC_INPUT, NULL },
        { VALUE_TEXT, "  a \t b ", RC_OK, "a b" },    { VALUE_MONEY, "", RC_OK, "" },
    };
    struct arena *arena = arena_new(1 << 16);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct form_field f = { .type = rows[i].type };
        const char *out = NULL;

        if (value_canonical(&f, rows[i].text, arena, &out) != rows[i].rc ||
            (rows[i].rc == RC_OK && strcmp(out, rows[i].want) != 0))
            fail_msg("row %zu '%s'", i, rows[i].text);
    }
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_read),
        cmocka_unit_test(amounts_are_printed_and_read_back),
        cmocka_unit_test(dates_are_read),
        cmocka_unit_test(what_is_no_date_is_not_read),
        cmocka_unit_test(a_range_has_two_dates),
        cmocka_unit_test(days_are_counted),
        cmocka_unit_test(folding_forgets_case_accents_and_marks),
        cmocka_unit_test(misread_words_are_near),
        cmocka_unit_test(ids_are_put_right_by_their_check_digit),
        cmocka_unit_test(a_pattern_that_runs_away_does_not_match),
        cmocka_unit_test(typed_values_become_canonical),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
