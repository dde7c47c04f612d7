/* test_extract_table.c - the rows of a table: groups with their sums, wrapped descriptions. */
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

static const struct field *
cell_of(const struct fields *out, uint32_t row, const char *name)
{
    for (uint32_t k = 0; k < out->rows[row].count; k++)
        if (strcmp(out->rows[row].cells[k].name, name) == 0)
            return &out->rows[row].cells[k];
    fail_msg("no column %s", name);
    return NULL;
}

static void
sums_between_groups_are_no_rows(void **state)
{
    static const char *const lines[] = {
        "Garage Kobel AG                                    Rechnung",
        "Rechnungsnummer: 4711                              Datum: 13.05.2025",
        "Bezeichnung                    Menge     Einzelpreis       Betrag",
        "Bremsbelag vorn                    2           40.00        80.00",
        "mit Kontakt",
        "Bremsscheibe                       1           20.00        20.00",
        "                                          Summe            100.00",
        "Arbeit in der Werkstatt",
        "Montage                            1           60.00        60.00",
        "Probefahrt                         1           15.00        15.00",
        "                                                            75.00",
        "Gesamtbetrag                                               175.00",
    };
    struct arena *arena = arena_new(64u << 20);
    const struct page_reading *pages[1] = { paper(arena, lines, COUNT_OF(lines)) };
    struct fields out = { .form = "" };

    (void)state;
    assert_int_equal(extract_free(forms_find(forms, "invoice"), pages, 1, arena, &out), RC_OK);
    assert_int_equal(out.row_count, 4);
    assert_string_equal(cell_of(&out, 0, "description")->value, "Bremsbelag vorn mit Kontakt");
    assert_string_equal(cell_of(&out, 1, "description")->value, "Bremsscheibe");
    assert_string_equal(cell_of(&out, 2, "amount")->value, "60.00");
    assert_string_equal(cell_of(&out, 3, "amount")->value, "15.00");
    arena_free(arena);
}

/* The fields of pages of typewriting. */
static struct arena *
extracted(const char *form, const char *const *const *lines, const size_t *counts, uint32_t page_count,
          struct fields *out)
{
    struct arena *arena = arena_new(64u << 20);
    const struct page_reading *pages[4];

    assert_true(page_count <= COUNT_OF(pages));
    for (uint32_t i = 0; i < page_count; i++)
        pages[i] = paper(arena, lines[i], counts[i]);
    *out = (struct fields){ .form = "" };
    assert_int_equal(extract_free(forms_find(forms, form), pages, page_count, arena, out), RC_OK);
    return arena;
}

static const char *const page_one[] = {
    "Greenway Printing Corp.                            INVOICE",
    "Invoice number: 4711                               Date: 05/13/2025",
    "Description                    Quantity  Unit price     Amount",
    "Ruled paper, white                 2           40.00        80.00",
    "Toner                              1           20.00        20.00",
    "                                 Carried forward           100.00",
};

static void
a_table_goes_on_without_a_head(void **state)
{
    static const char *const two[] = {
        "Greenway Printing Corp.                            INVOICE",
        "Invoice number: 4711                               Page 2 of 2",
        "                                 Brought forward           100.00",
        "Envelopes                          3           10.00        30.00",
        "with a window",
        "Staples                            1            5.00         5.00",
        "Total                                                      135.00",
    };
    const char *const *lines[] = { page_one, two };
    struct fields out;
    struct arena *arena = extracted("invoice", lines, (size_t[]){ COUNT_OF(page_one), COUNT_OF(two) }, 2, &out);

    (void)state;
    assert_int_equal(out.row_count, 4);
    assert_string_equal(cell_of(&out, 1, "description")->value, "Toner");
    assert_string_equal(cell_of(&out, 2, "description")->value, "Envelopes with a window");
    assert_string_equal(cell_of(&out, 3, "amount")->value, "5.00");
    assert_int_equal(cell_of(&out, 3, "amount")->page, 1);
    arena_free(arena);
}

static void
a_table_goes_on_under_its_head_again(void **state)
{
    static const char *const two[] = {
        "Greenway Printing Corp.                            INVOICE",
        "Description                    Quantity  Unit price     Amount",
        "Envelopes                          3           10.00        30.00",
        "Total                                                      130.00",
    };
    const char *const *lines[] = { page_one, two };
    struct fields out;
    struct arena *arena = extracted("invoice", lines, (size_t[]){ COUNT_OF(page_one), COUNT_OF(two) }, 2, &out);

    (void)state;
    assert_int_equal(out.row_count, 3);
    assert_string_equal(cell_of(&out, 2, "description")->value, "Envelopes");
    arena_free(arena);
}

/* Where the table ended, amounts on the next page are none of its rows. */
static void
a_table_that_ended_does_not_go_on(void **state)
{
    static const char *const one[] = {
        "Greenway Printing Corp.                            INVOICE",
        "Description                    Quantity  Unit price     Amount",
        "Envelopes                          3           10.00        30.00",
        "Total                                                       30.00",
    };
    static const char *const two[] = {
        "Terms: we charge for reminders     1           15.00        15.00",
    };
    const char *const *lines[] = { one, two };
    struct fields out;
    struct arena *arena = extracted("invoice", lines, (size_t[]){ COUNT_OF(one), COUNT_OF(two) }, 2, &out);

    (void)state;
    assert_int_equal(out.row_count, 1);
    arena_free(arena);
}

static void
days_of_the_week_settle_dates(void **state)
{
    static const char *const sheet[] = {
        "Greenway Printing Corp.                            TIME SHEET",
        "Employee name: Grace Lawson        Week ending: 04-12-2026",
        "Day          Date          Time in     Time out     Break     Hours",
        "Monday       04-06-2026    7:00AM      5:30PM       0.50      10.00",
        "Tuesday      04-07-2026    7:15AM      4:15PM       1.00      8.00",
        "Wednesday    04-98-2026    7:15AM      3:45PM       0.50      8.00",
        "Thursday",
        "Friday",
        "Total hours: 26.00",
    };
    const char *const *lines[] = { sheet };
    struct fields out;
    struct arena *arena = extracted("timesheet", lines, (size_t[]){ COUNT_OF(sheet) }, 1, &out);

    (void)state;
    assert_int_equal(out.row_count, 3);
    assert_string_equal(cell_of(&out, 0, "work_date")->value, "2026-04-06");
    assert_string_equal(cell_of(&out, 1, "work_date")->value, "2026-04-07");
    assert_string_equal(cell_of(&out, 2, "work_date")->value, "2026-04-08");
    assert_int_equal(cell_of(&out, 1, "work_date")->origin, ORIGIN_MACHINE);
    assert_int_equal(cell_of(&out, 2, "work_date")->origin, ORIGIN_REPAIR);
    assert_string_equal(cell_of(&out, 2, "day")->value, "Wednesday"); /* idle days do not go on with it */
    arena_free(arena);
}

static void
a_year_is_lent_by_the_document(void **state)
{
    static const char *const sheet[] = {
        "Greenway Printing Corp.                            TIME SHEET",
        "Employee name: Grace Lawson        Week ending: 01/03/2027",
        "Day          Date       Time in     Time out     Break     Hours",
        "Monday       12/28      7:00AM      5:30PM       0.50      10.00",
        "Saturday     01/02      7:15AM      4:15PM       1.00      8.00",
        "Total hours: 18.00",
    };
    const char *const *lines[] = { sheet };
    struct fields out;
    struct arena *arena = extracted("timesheet", lines, (size_t[]){ COUNT_OF(sheet) }, 1, &out);

    (void)state;
    assert_int_equal(out.row_count, 2);
    assert_string_equal(cell_of(&out, 0, "work_date")->value, "2026-12-28");
    assert_string_equal(cell_of(&out, 1, "work_date")->value, "2027-01-02");
    arena_free(arena);
}

/* A point that was not seen, an hour that was lost, a digit that looks alike; nothing that no reading supports. */
static void
a_row_puts_its_cells_right(void **state)
{
    static const char *const sheet[] = {
        "Greenway Printing Corp.                            TIME SHEET",
        "Employee name: Grace Lawson        Week ending: 04-12-2026",
        "Day          Date          Time in     Time out     Break     Hours",
        "Monday       04-06-2026    7:00AM      5:30PM       050       1000",
        "Tuesday      04-07-2026    15AM        4:15PM       1.00      8.00",
        "Wednesday    04-08-2026    8:90AM      5:15PM       0.75      8.50",
        "Thursday     04-09-2026    6:00AM      3:30PM       1.00      18.50",
        "Friday       04-10-2026    9:00AM      5:00PM       1.00      3.00",
        "Total hours: 42.00",
    };
    const char *const *lines[] = { sheet };
    struct fields out;
    struct arena *arena = extracted("timesheet", lines, (size_t[]){ COUNT_OF(sheet) }, 1, &out);

    (void)state;
    assert_int_equal(out.row_count, 5);
    assert_string_equal(cell_of(&out, 0, "break_hours")->value, "0.50");
    assert_string_equal(cell_of(&out, 0, "hours")->value, "10.00");
    assert_string_equal(cell_of(&out, 1, "time_in")->value, "7:15AM");
    assert_string_equal(cell_of(&out, 2, "time_in")->value, "8:00AM");
    assert_string_equal(cell_of(&out, 3, "hours")->value, "8.50");
    assert_int_equal(cell_of(&out, 3, "hours")->origin, ORIGIN_REPAIR);
    assert_int_equal(cell_of(&out, 3, "hours")->verdict, FIELD_REVIEW);
    /* seven hours were worked: no single digit that looks alike makes three of it */
    assert_string_equal(cell_of(&out, 4, "hours")->value, "3.00");
    arena_free(arena);
}

static void
the_title_of_a_sheet_names_nobody(void **state)
{
    static const char *const sheet[] = {
        "Greenway Printing Corp.                       EMPLOYEE TIME SHEET",
        "Employee name:   GRACE LAWSON        Week ending: 04-12-2026",
        "Total hours: 26.00",
    };
    const char *const *lines[] = { sheet };
    struct fields out;
    struct arena *arena = extracted("timesheet", lines, (size_t[]){ COUNT_OF(sheet) }, 1, &out);

    (void)state;
    assert_string_equal(fields_find(&out, "employee_name")->value, "GRACE LAWSON");
    arena_free(arena);
}

static void
a_label_meets_a_titled_column(void **state)
{
    static const char *const pay[] = {
        "Copperhill Printing LLC                            Earnings Statement",
        "2312 Ridge Ave, Suite 282                          Pay Date: 04/11/2026",
        "Modesto, CA 95355",
        "",
        "                                                   EDWARD RAMSEY",
        "                                                   2487 Lincoln Street",
        "                                                   Ocala, FL 34425",
        "Earnings        rate     hours      this period     year to date",
        "Regular        56.33     80.00         4,506.40        27,038.40",
        "Holiday        56.33      8.00           450.64           901.28",
        "    Gross Pay                         $4,957.04       $27,939.68",
        "    Net Pay                           $3,559.64",
        "Copperhill Printing LLC",
        "EDWARD RAMSEY              xxxxxx2968      xxxx xxxx   $3,559.64",
    };
    const char *const *lines[] = { pay };
    struct fields out;
    struct arena *arena = extracted("payslip", lines, (size_t[]){ COUNT_OF(pay) }, 1, &out);

    (void)state;
    assert_string_equal(fields_find(&out, "gross_pay")->value, "4957.04");
    assert_string_equal(fields_find(&out, "ytd_gross")->value, "27939.68");
    assert_string_equal(fields_find(&out, "employee_name")->value, "EDWARD RAMSEY");
    arena_free(arena);
}

/* One misread date against another proves no order of day and month: dollars and the order of the period decide. */
static void
dates_that_contradict_prove_nothing(void **state)
{
    static const char *const pay[] = {
        "Copperhill Food Service LLC                        Pay stub",
        "Pay period: 01/19/2026 - 02/01/2026                Pay date: 02/07/2026",
        "Hired: 19/01/2020",
        "Gross pay                                          $2,388.80",
        "Total deductions                                     $641.46",
        "Net pay                                            $1,747.34",
    };
    const char *const *lines[] = { pay };
    struct fields out;
    struct arena *arena = extracted("payslip", lines, (size_t[]){ COUNT_OF(pay) }, 1, &out);

    (void)state;
    assert_string_equal(fields_find(&out, "period_start")->value, "2026-01-19");
    assert_string_equal(fields_find(&out, "period_end")->value, "2026-02-01");
    assert_string_equal(fields_find(&out, "pay_date")->value, "2026-02-07");
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_between_groups_are_no_rows),  cmocka_unit_test(a_table_goes_on_without_a_head),
        cmocka_unit_test(a_table_goes_on_under_its_head_again), cmocka_unit_test(a_table_that_ended_does_not_go_on),
        cmocka_unit_test(days_of_the_week_settle_dates),    cmocka_unit_test(a_year_is_lent_by_the_document),
        cmocka_unit_test(a_row_puts_its_cells_right),       cmocka_unit_test(the_title_of_a_sheet_names_nobody),
        cmocka_unit_test(a_label_meets_a_titled_column),     cmocka_unit_test(dates_that_contradict_prove_nothing),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
