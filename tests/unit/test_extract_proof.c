/* test_extract_proof.c - cells of a table that arithmetic proves go without a person; the others wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extract.h"
#include "paper.h"
#include "with_forms.h"

/* The confidence of a cell on a page of two rows: its first row and the total below. */
static double
sure_of(const char *row, const char *total, const char *column)
{
    const char *lines[] = {
        "Bluebell Garden Tools Ltd                          INVOICE",
        "Invoice No:  BG-20417",
        "",
        "Description              Qty      Unit price      Amount",
        row,
        "Spade                     2        30.00           60.00",
        "",
        total,
    };
    struct arena *arena = arena_new(64u << 20);
    const struct page_reading *pages[1] = { paper(arena, lines, COUNT_OF(lines)) };
    struct fields out = { .form = "" };
    double sure = -1;

    assert_int_equal(extract_free(forms_find(forms, "invoice"), pages, 1, arena, &out), RC_OK);
    assert_int_equal(out.row_count, 2);
    for (uint32_t k = 0; k < out.rows[0].count; k++)
        if (strcmp(out.rows[0].cells[k].name, column) == 0)
            sure = out.rows[0].cells[k].confidence;
    arena_free(arena);
    return sure;
}

#define RIGHT "Rake, steel               4        12.50           50.00"
#define MISREAD "Rake, steel               4        12.50           56.00"
#define LESS_TEN "Rake, steel               4        12.50           45.00"
#define TOTAL(sum) "                                  Net total        " sum

static void
a_row_and_its_sum_prove_the_cells(void **state)
{
    (void)state;
    assert_true(sure_of(RIGHT, TOTAL("110.00"), "amount") > 0.99);
    assert_true(sure_of(RIGHT, TOTAL("110.00"), "quantity") > 0.99);
    assert_true(sure_of(RIGHT, TOTAL("110.00"), "unit_price") > 0.99);
    /* the row alone: less */
    assert_true(sure_of(RIGHT, TOTAL("999.00"), "amount") < 0.98);
    assert_true(sure_of(RIGHT, TOTAL("999.00"), "amount") > 0.95);
}

static void
what_nothing_proves_waits(void **state)
{
    (void)state;
    assert_true(sure_of(MISREAD, TOTAL("110.00"), "amount") < 0.81);
    assert_true(sure_of(MISREAD, TOTAL("110.00"), "unit_price") < 0.81);
    /* the sum is that of the misread one: the amount is likely, its factors are not */
    assert_true(sure_of(MISREAD, TOTAL("116.00"), "amount") > 0.98);
    assert_true(sure_of(MISREAD, TOTAL("116.00"), "quantity") < 0.81);
}

/* A whole discount explains an amount, but only when the sum says so too. */
static void
a_discount_wants_the_sum(void **state)
{
    (void)state;
    assert_true(sure_of(LESS_TEN, TOTAL("105.00"), "amount") > 0.99);
    assert_true(sure_of(LESS_TEN, TOTAL("105.00"), "unit_price") > 0.95);
    assert_true(sure_of(LESS_TEN, TOTAL("999.00"), "amount") < 0.81);
}

static void
a_description_waits(void **state)
{
    (void)state;
    assert_true(sure_of(RIGHT, TOTAL("110.00"), "description") < 0.80);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_and_its_sum_prove_the_cells), cmocka_unit_test(what_nothing_proves_waits),
        cmocka_unit_test(a_discount_wants_the_sum), cmocka_unit_test(a_description_waits),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
