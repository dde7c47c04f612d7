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

static struct form_set *forms;

static int
load(void **state)
{
    struct err err = { .rc = RC_OK };

    (void)state;
    return forms_load(SOURCE_DIR "/forms", &forms, &err) == RC_OK ? 0 : -1;
}

static int
unload(void **state)
{
    (void)state;
    forms_free(forms);
    return 0;
}

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

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(sums_between_groups_are_no_rows) };

    return cmocka_run_group_tests(tests, load, unload);
}
