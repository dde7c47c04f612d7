/* test_extract_grid.c - the columns of a table: what the titles do not say the rows show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extract.h"
#include "extract_cells.h"
#include "paper.h"
#include "with_forms.h"

static const char *
value_of(const struct fields *out, uint32_t row, const char *name)
{
    for (uint32_t k = 0; k < out->rows[row].count; k++)
        if (strcmp(out->rows[row].cells[k].name, name) == 0)
            return out->rows[row].cells[k].value;
    return "no such column";
}

/* An invoice's rows, read from a page of typewriting. */
static struct arena *
invoice(const char *const *lines, size_t count, struct fields *out)
{
    struct arena *arena = arena_new(64u << 20);
    const struct page_reading *pages[1] = { paper(arena, lines, count) };

    *out = (struct fields){ .form = "" };
    assert_int_equal(extract_free(forms_find(forms, "invoice"), pages, 1, arena, out), RC_OK);
    return arena;
}

static void
codes_under_a_title_that_also_means_the_text(void **state)
{
    static const char *const lines[] = {
        "Instalaciones Ibáñez S.A.                                  FACTURA",
        "Número de factura: 25/0578          Fecha: 20/10/2025",
        "Artículo   Concepto                      Cant.     Precio       Importe",
        "07963      Cable de cobre rollo             24     102,45      2.458,80",
        "REF04491   Detergente concentrado 10 L      12      26,11        313,32",
        "A01438     Mantenimiento                     1     334,79        334,79",
        "Total factura                                                  3.106,91",
    };
    struct fields out;
    struct arena *arena = invoice(lines, COUNT_OF(lines), &out);

    (void)state;
    assert_int_equal(out.row_count, 3);
    assert_string_equal(value_of(&out, 0, "description"), "Cable de cobre rollo");
    assert_string_equal(value_of(&out, 0, "article_number"), "07963");
    assert_string_equal(value_of(&out, 1, "description"), "Detergente concentrado 10 L");
    assert_string_equal(value_of(&out, 1, "article_number"), "REF04491");
    assert_string_equal(value_of(&out, 2, "quantity"), "1.00");
    arena_free(arena);
}

/* No title stands over them, and they stand as close as words do. */
static void
codes_without_a_title(void **state)
{
    static const char *const lines[] = {
        "Lakeview Industrial Services, LLC                           INVOICE",
        "Invoice no: 2025-6177               Date: 12/03/2025",
        "Description                              QTY       Rate    Line Total",
        "P-02290  Freight to the site               3     174.82        524.46",
        "A9327    Pallet, heat treated              4      15.34         61.36",
        "004538   Filter 20x25x4                    5      30.87        154.35",
        "Total                                                          740.17",
    };
    struct fields out;
    struct arena *arena = invoice(lines, COUNT_OF(lines), &out);

    (void)state;
    assert_int_equal(out.row_count, 3);
    assert_string_equal(value_of(&out, 0, "description"), "Freight to the site");
    assert_string_equal(value_of(&out, 1, "description"), "Pallet, heat treated");
    assert_string_equal(value_of(&out, 2, "description"), "Filter 20x25x4");
    assert_string_equal(value_of(&out, 2, "article_number"), "004538");
    arena_free(arena);
}

static void
a_text_may_begin_with_a_number(void **state)
{
    static const char *const lines[] = {
        "Lakeview Industrial Services, LLC                           INVOICE",
        "Invoice no: 2025-6177               Date: 12/03/2025",
        "Description                              QTY       Rate    Line Total",
        "2025 calendar                              3     174.82        524.46",
        "Pallet, heat treated                       4      15.34         61.36",
        "3M tape                                    5      30.87        154.35",
        "Total                                                          740.17",
    };
    struct fields out;
    struct arena *arena = invoice(lines, COUNT_OF(lines), &out);

    (void)state;
    assert_int_equal(out.row_count, 3);
    assert_string_equal(value_of(&out, 0, "description"), "2025 calendar");
    assert_string_equal(value_of(&out, 2, "description"), "3M tape");
    assert_string_equal(value_of(&out, 0, "article_number"), "no such column");
    arena_free(arena);
}

/* "Disc %" is no column of the form's; its figures are no amounts. */
static void
a_column_that_is_not_asked_for_keeps_its_figures(void **state)
{
    static const char *const lines[] = {
        "Keystone Logistics LLC                                         INVOICE",
        "Invoice no: 70004730                Date: 09/26/2024",
        "Item description              QTY      Rate      Disc %     Line Total",
        "Freight                         1    108.20           5         102.79",
        "Copper pipe, 10 ft              6     33.00          15         168.30",
        "Copy paper                     10     40.28                     402.80",
        "Total                                                           673.89",
    };
    struct fields out;
    struct arena *arena = invoice(lines, COUNT_OF(lines), &out);

    (void)state;
    assert_int_equal(out.row_count, 3);
    assert_string_equal(value_of(&out, 0, "amount"), "102.79");
    assert_string_equal(value_of(&out, 1, "amount"), "168.30");
    assert_string_equal(value_of(&out, 2, "amount"), "402.80");
    assert_string_equal(value_of(&out, 1, "unit_price"), "33.00");
    arena_free(arena);
}

static void
amounts_whose_title_was_misread(void **state)
{
    static const char *const lines[] = {
        "Juniper Logistics LLC                                          INVOICE",
        "Invoice no: 107819                  Date: 11/23/2024",
        "Item description              QTY      Unit Price              e",
        "LED troffer                    24          111.15        2,667.60",
        "Safety glasses                  6            3.63           21.78",
        "Hex bolt                        1           14.93           14.93",
        "Sub-total:                                               2,704.31",
    };
    struct fields out;
    struct arena *arena = invoice(lines, COUNT_OF(lines), &out);

    (void)state;
    assert_int_equal(out.row_count, 3);
    assert_string_equal(value_of(&out, 0, "amount"), "2667.60");
    assert_string_equal(value_of(&out, 2, "amount"), "14.93");
    assert_string_equal(value_of(&out, 2, "unit_price"), "14.93");
    arena_free(arena);
}

/* Text runs close up to the next column's title, and a figure in it is no quantity. */
static void
text_ends_where_the_rows_leave_a_gap(void **state)
{
    static const char *const lines[] = {
        "Instalaciones Ibáñez S.A.                                  FACTURA",
        "Número de factura: 25/0578          Fecha: 20/10/2025",
        "Concepto                        Cant.     Precio       Importe",
        "Papel A4 80 g caja de 5            50      24,63      1.231,50",
        "paquetes",
        "Guante de nitrilo, talla 9         20       8,27        165,40",
        "Desplazamiento y dietas             5      51,41        257,05",
        "Total factura                                         1.653,95",
    };
    struct fields out;
    struct arena *arena = invoice(lines, COUNT_OF(lines), &out);

    (void)state;
    assert_int_equal(out.row_count, 3);
    assert_string_equal(value_of(&out, 0, "description"), "Papel A4 80 g caja de 5 paquetes");
    assert_string_equal(value_of(&out, 0, "quantity"), "50.00");
    assert_string_equal(value_of(&out, 1, "description"), "Guante de nitrilo, talla 9");
    assert_string_equal(value_of(&out, 1, "quantity"), "20.00");
    arena_free(arena);
}

static void
a_delivery_note_is_no_text_of_the_row_above(void **state)
{
    static const char *const lines[] = {
        "Instalaciones Ibáñez S.A.                                  FACTURA",
        "Número de factura: 25/0578          Fecha: 20/10/2025",
        "Concepto                        Cant.     Precio       Importe",
        "Limpieza de oficinas                1      24,63         24,63",
        "S/ albarán nº 9317 de fecha 25/01/2025",
        "Guante de nitrilo                  20       8,27        165,40",
        "BL no 76889 du 24/03/2025",
        "Papel                               1      10,00         10,00",
        "pedido especial de 3 colores",
        "Total factura                                           200,03",
    };
    struct fields out;
    struct arena *arena = invoice(lines, COUNT_OF(lines), &out);

    (void)state;
    assert_int_equal(out.row_count, 3);
    assert_string_equal(value_of(&out, 0, "description"), "Limpieza de oficinas");
    assert_string_equal(value_of(&out, 1, "description"), "Guante de nitrilo");
    assert_string_equal(value_of(&out, 2, "description"), "Papel pedido especial de 3 colores");
    arena_free(arena);
}

/* What stands in the margin goes on with no row; nor does a stamp in the head make a column. */
static void
what_stands_beside_the_table_is_no_part_of_it(void **state)
{
    static const char *const lines[] = {
        "                     Instalaciones Ibáñez S.A.                 FACTURA",
        "                     Número de factura: 25/0578   Fecha: 20/10/2025",
        "Avda. Camino 138     Concepto    S3A9               Cant.     Precio       Importe",
        "                     Cable de cobre en rollo           24     102,45      2.458,80",
        "CIF                  de 100 m",
        "                     Cemento CEM II 32,5 saco           8       4,54         36,32",
        "A03123650",
        "                     Total factura                                       2.495,12",
    };
    struct fields out;
    struct arena *arena = invoice(lines, COUNT_OF(lines), &out);

    (void)state;
    assert_int_equal(out.row_count, 2);
    assert_string_equal(value_of(&out, 0, "description"), "Cable de cobre en rollo de 100 m");
    assert_string_equal(value_of(&out, 1, "description"), "Cemento CEM II 32,5 saco");
    arena_free(arena);
}

static void
how_many_and_of_what_in_one_column(void **state)
{
    static const char *const lines[] = {
        "Krüger Gebäudereinigung GmbH                                 Rechnung",
        "Rechnungs-Nr.: 202506858          Rechnungsdatum: 05.12.2025",
        "Bezeichnung                        ME     Einzelpreis     Gesamtpreis",
        "Arbeitsstunde                50   Std           89,13        4.456,50",
        "Schraube M10x60              50   Pkg           22,13        1.106,50",
        "Mineralwasser                24   Kst            7,35          176,40",
        "Nettobetrag                                                  5.739,40",
    };
    struct fields out;
    struct arena *arena = invoice(lines, COUNT_OF(lines), &out);

    (void)state;
    assert_int_equal(out.row_count, 3);
    assert_string_equal(value_of(&out, 0, "description"), "Arbeitsstunde");
    assert_string_equal(value_of(&out, 0, "quantity"), "50.00");
    assert_string_equal(value_of(&out, 2, "quantity"), "24.00");
    assert_string_equal(value_of(&out, 2, "unit"), "Kst");
    arena_free(arena);
}

static void
a_unit_that_stands_close_is_no_part_of_the_number(void **state)
{
    static const char *const lines[] = {
        "Conseil Barbier SARL                                          Facture",
        "Facture n°: F006340               Date: 22/07/2024",
        "Description                    Quantité      PU HT         Montant HT",
        "Location de fontaine á eau           5u      50,48             252,40",
        "Brochure 100 Ib gloss                 2      10,00              20,00",
        "Total HT                                                       272,40",
    };
    struct fields out;
    struct arena *arena = invoice(lines, COUNT_OF(lines), &out);

    (void)state;
    assert_int_equal(out.row_count, 2);
    assert_string_equal(value_of(&out, 0, "quantity"), "5.00");
    assert_string_equal(value_of(&out, 0, "description"), "Location de fontaine à eau");
    assert_string_equal(value_of(&out, 1, "description"), "Brochure 100 lb gloss");
    assert_string_equal(cell_word("Im", "Grimm"), "Im"); /* German, and no lumen */
    arena_free(arena);
}

/* White on black, only the right half of the head was read. */
static void
half_a_head(void **state)
{
    static const char *const lines[] = {
        "Redfield Supply Corp.                                           INVOICE",
        "Invoice no: 70004730                Date: 09/03/2025",
        "                                                    Rate     Line Total",
        "Toner cartridge, black               10    EA     104.22       1,042.20",
        "Brochure, folded and boxed          500    EA       0.38         190.00",
        "Hex bolt (box of 50)                  4    BX      21.02          84.08",
        "Subtotal:                                                      1,316.28",
    };
    struct fields out;
    struct arena *arena = invoice(lines, COUNT_OF(lines), &out);

    (void)state;
    assert_int_equal(out.row_count, 3);
    assert_string_equal(value_of(&out, 0, "description"), "Toner cartridge, black");
    assert_string_equal(value_of(&out, 1, "quantity"), "500.00");
    assert_string_equal(value_of(&out, 2, "description"), "Hex bolt (box of 50)");
    assert_string_equal(value_of(&out, 2, "unit_price"), "21.02");
    arena_free(arena);
}

/* "ME" is the title of units; here it is what a reader saw of "g/m²". */
static void
a_row_is_no_head(void **state)
{
    static const char *const lines[] = {
        "Hofmann Spedition GmbH                                       Rechnung",
        "Rechnungs-Nr.: R0025203           Rechnungsdatum: 07.11.2025",
        "Art.-Nr.   Beschreibung               Menge     E-Preis        Betrag",
        "REF005898  Kopierpapier 80 g/me           6       25,60        153,60",
        "07892      Glasreinigung mit Leiter       1      375,43        375,43",
        "Nettobetrag                                                    529,03",
    };
    struct fields out;
    struct arena *arena = invoice(lines, COUNT_OF(lines), &out);

    (void)state;
    assert_int_equal(out.row_count, 2);
    assert_string_equal(value_of(&out, 0, "amount"), "153.60");
    assert_string_equal(value_of(&out, 0, "article_number"), "REF005898");
    assert_string_equal(value_of(&out, 1, "description"), "Glasreinigung mit Leiter");
    arena_free(arena);
}

/* Titles of two lines, of which the lower one names less; and days before the text are no codes of articles. */
static void
titles_of_two_lines(void **state)
{
    static const char *const lines[] = {
        "Contoso Training Ltd.                                          Invoice",
        "Invoice no: 70004730                Date: 12/13/2020",
        "When         Course                     Disc        Rate        Amount",
        "             Description                             USD           USD",
        "12/05/2020   Manager training              5      100.00        100.00",
        "12/10/2020   Leadership, part 2            5       20.00         20.00",
        "Total                                                           120.00",
    };
    struct fields out;
    struct arena *arena = invoice(lines, COUNT_OF(lines), &out);

    (void)state;
    assert_int_equal(out.row_count, 2);
    assert_string_equal(value_of(&out, 0, "description"), "Manager training");
    assert_string_equal(value_of(&out, 1, "description"), "Leadership, part 2");
    assert_string_equal(value_of(&out, 1, "unit_price"), "20.00");
    assert_string_equal(value_of(&out, 0, "article_number"), "no such column");
    arena_free(arena);
}

/* A reader draws some boxes too wide: "500" over "ud" behind it. */
static void
a_word_ends_where_the_next_begins(void **state)
{
    static const char *const lines[] = {
        "Instalaciones Ibáñez S.A.                                  FACTURA",
        "Número de factura: 25/0578          Fecha: 20/10/2025",
        "Concepto                     Cantidad   Ud.    Precio       Importe",
        "Impresión de hojas                500 | ud       2,00      1.000,00",
        "Guante de nitrilo                  20 | caja     8,27        165,40",
        "Total factura                                              1.165,40",
    };
    struct arena *arena = arena_new(64u << 20);
    struct page_reading *page = paper(arena, lines, COUNT_OF(lines));
    const struct page_reading *pages[1] = { page };
    struct fields out = { .form = "" };

    (void)state;
    for (uint32_t i = 0; i < page->word_count; i++)
        if (strcmp(page->words[i].text, "500") == 0)
            page->words[i].box.x1 += 5 * PAPER_LETTER;
    assert_int_equal(extract_free(forms_find(forms, "invoice"), pages, 1, arena, &out), RC_OK);
    assert_int_equal(out.row_count, 2);
    assert_string_equal(value_of(&out, 0, "quantity"), "500.00");
    assert_string_equal(value_of(&out, 0, "unit"), "ud");
    assert_string_equal(value_of(&out, 1, "unit"), "caja");
    arena_free(arena);
}

/* On a photograph a title may lie a little lower than the others, and is a line of its own. */
static void
a_title_that_lies_lower(void **state)
{
    static const char *const lines[] = {
        "Redfield Mechanical Corp.                                       INVOICE",
        "Invoice No.: 146620                 Date: 02/28/2025",
        "Item       Description                QTY        Price          Amount",
        "P-06615    Pallet, heat treated        12        19.04          228.48",
        "02128      Nitrile gloves, medium       2        15.93           31.86",
        "Subtotal                                                        260.34",
    };
    struct arena *arena = arena_new(64u << 20);
    struct page_reading *page = paper(arena, lines, COUNT_OF(lines));
    const struct page_reading *pages[1] = { page };
    struct fields out = { .form = "" };

    (void)state;
    for (uint32_t i = 0; i < page->word_count; i++)
        if (strcmp(page->words[i].text, "Description") == 0) {
            page->words[i].box.y0 += 11;
            page->words[i].box.y1 += 11;
        }
    assert_int_equal(extract_free(forms_find(forms, "invoice"), pages, 1, arena, &out), RC_OK);
    assert_int_equal(out.row_count, 2);
    assert_string_equal(value_of(&out, 0, "description"), "Pallet, heat treated");
    assert_string_equal(value_of(&out, 0, "article_number"), "P-06615");
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_under_a_title_that_also_means_the_text),
        cmocka_unit_test(codes_without_a_title),
        cmocka_unit_test(a_text_may_begin_with_a_number),
        cmocka_unit_test(a_column_that_is_not_asked_for_keeps_its_figures),
        cmocka_unit_test(amounts_whose_title_was_misread),
        cmocka_unit_test(text_ends_where_the_rows_leave_a_gap),
        cmocka_unit_test(a_delivery_note_is_no_text_of_the_row_above),
        cmocka_unit_test(what_stands_beside_the_table_is_no_part_of_it),
        cmocka_unit_test(how_many_and_of_what_in_one_column),
        cmocka_unit_test(a_unit_that_stands_close_is_no_part_of_the_number),
        cmocka_unit_test(half_a_head),
        cmocka_unit_test(a_row_is_no_head),
        cmocka_unit_test(titles_of_two_lines),
        cmocka_unit_test(a_word_ends_where_the_next_begins),
        cmocka_unit_test(a_title_that_lies_lower),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
