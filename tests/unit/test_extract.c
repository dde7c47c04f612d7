/* test_extract.c - fields from pages, and a document type that is only a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "extract.h"
#include "paper.h"
#include "with_forms.h"

struct want {
    const char *field, *value;
};

static void
check_page(const struct form *form, const char *const *lines, size_t count, const struct want *wants,
           size_t want_count)
{
    struct arena *arena = arena_new(64u << 20);
    const struct page_reading *pages[1] = { paper(arena, lines, count) };
    struct fields out = { .form = "" };

    assert_non_null(form);
    assert_int_equal(extract_free(form, pages, 1, arena, &out), RC_OK);
    for (size_t i = 0; i < want_count; i++) {
        const struct field *f = fields_find(&out, wants[i].field);
        const char *value = f != NULL && f->state == FIELD_VALUE ? f->value : "(none)";

        if (strcmp(value, wants[i].value) != 0)
            fail_msg("%s: wanted '%s', got '%s'", wants[i].field, wants[i].value, value);
    }
    arena_free(arena);
}

#define CHECK_PAGE(form, lines, wants) check_page(form, lines, COUNT_OF(lines), wants, COUNT_OF(wants))

static void
an_english_invoice(void **state)
{
    static const char *const lines[] = {
        "Bluebell Garden Tools Ltd                          INVOICE",
        "14 Mill Lane, Leeds                                Invoice No:  BG-20417",
        "LS1 4AP                                            Date:        12/05/2025",
        "VAT Reg No: GB 123 4567 89                         Due Date:    11/06/2025",
        "",
        "Bill To:",
        "Harrow Parks Department",
        "",
        "Description              Qty      Unit price      Amount",
        "Rake, steel               4        12.50           50.00",
        "Spade                     2        30.00           60.00",
        "",
        "                                  Subtotal        \xc2\xa3" "110.00",
        "                                  VAT 20%          \xc2\xa3" "22.00",
        "                                  Total           \xc2\xa3" "132.00",
    };
    static const struct want wants[] = {
        { "invoice_number", "BG-20417" }, { "issue_date", "2025-05-12" }, { "due_date", "2025-06-11" },
        { "seller_name", "Bluebell Garden Tools Ltd" }, { "buyer_name", "Harrow Parks Department" },
        { "net_total", "110.00" }, { "tax_total", "22.00" }, { "grand_total", "132.00" },
        { "currency", "GBP" }, { "amount_due", "132.00" },
    };

    (void)state;
    CHECK_PAGE(forms_find(forms, "invoice"), lines, wants);
}

/* No label says total; one amount stands there. Of two nobody knows which is meant. */
static void
the_only_amount_is_the_total(void **state)
{
    static const char *const one[] = {
        "Northwind Traders                                  INVOICE",
        "1020 Harbour Way, Sunnyvale, CA 94088              Invoice For:  Wingtip Toys",
        "",
        "Invoice Number     Invoice Date     Invoice Due Date     Fees            VAT ID",
        "332376             4/25/2017        7/08/2017            $10,023.34      ST",
    };
    static const char *const two[] = {
        "Northwind Traders                                  INVOICE",
        "1020 Harbour Way, Sunnyvale, CA 94088              Invoice For:  Wingtip Toys",
        "",
        "Invoice Number     Invoice Date     Invoice Due Date     Fees            Credits",
        "332376             4/25/2017        7/08/2017             $10,023.34      $2,310.55",
    };
    static const struct want total[] = { { "grand_total", "10023.34" }, { "invoice_number", "332376" } };
    static const struct want none[] = { { "grand_total", "(none)" } };

    (void)state;
    CHECK_PAGE(forms_find(forms, "invoice"), one, total);
    CHECK_PAGE(forms_find(forms, "invoice"), two, none);
}

static void
a_spanish_invoice_by_rates(void **state)
{
    static const char *const lines[] = {
        "Papelería Trazos S.L.                              FACTURA",
        "CIF: B08948101                                 N\xc2\xba factura: 2025/118",
        "                                               Fecha: 03/02/2025",
        "Cliente",
        "Talleres Duero S.A.",
        "NIF: A58818501",
        "",
        "Base 21%:             294,74",
        "Cuota 21%:             61,90",
        "Base 4%:               24,57",
        "Cuota 4%:               0,98",
        "TOTAL FACTURA:        382,19",
        "IBAN: ES91 2100 0418 4502 0005 1332",
    };
    static const struct want wants[] = {
        { "invoice_number", "2025/118" }, { "issue_date", "2025-02-03" }, { "seller_tax_id", "B08948101" },
        { "buyer_tax_id", "A58818501" }, { "buyer_name", "Talleres Duero S.A." }, { "tax_base_21", "294.74" },
        { "tax_amount_21", "61.90" }, { "tax_base_4", "24.57" }, { "tax_amount_4", "0.98" },
        { "grand_total", "382.19" }, { "iban", "ES91 2100 0418 4502 0005 1332" }, { "net_total", "(none)" },
    };

    (void)state;
    CHECK_PAGE(forms_find(forms, "invoice"), lines, wants);
}

/* Of Chile, Mexico, Argentina: "$" is a peso, the day stands first, 1.234 is a thousand in Chile, the upper number is the issuer's. */
static void
latin_invoices(void **state)
{
    static const char *const chile[] = {
        "Suministros Norte SpA                          R.U.T.: 76.086.428-5",
        "Giro: Venta de repuestos                       FACTURA ELECTRONICA",
        "                                               N\xc2\xba 4711",
        "Fecha de emision: 01-09-2024",
        "Senores: Talleres Arauco Limitada",
        "R.U.T.: 96.790.240-3",
        "                                   Monto neto     $ 202.860",
        "                                   IVA 19%         $ 38.543",
        "                                   Monto total    $ 241.403",
    };
    static const struct want of_chile[] = {
        { "invoice_number", "4711" }, { "issue_date", "2024-09-01" }, { "seller_tax_id", "76.086.428-5" },
        { "buyer_tax_id", "96.790.240-3" }, { "currency", "CLP" }, { "net_total", "202860.00" },
        { "tax_total", "38543.00" }, { "grand_total", "241403.00" }, { "tax_amount_10", "(none)" },
    };
    static const char *const mexico[] = {
        "Suministros Norte SA de CV                     FACTURA",
        "RFC: EKU9003173C9                              Folio: A-500",
        "Folio fiscal: CEE4BE01-ADFA-4DEB-8421-ADD60F0BEDAC",
        "                                               Fecha de emision: 01/09/2024",
        "Receptor: Talleres Sur SA de CV",
        "RFC: URE180429TM6",
        "                                   Subtotal     $ 1,000.00",
        "                                   IVA 16%        $ 160.00",
        "                                   Total        $ 1,160.00",
    };
    static const struct want of_mexico[] = {
        { "invoice_number", "A-500" }, { "issue_date", "2024-09-01" }, { "seller_tax_id", "EKU9003173C9" },
        { "buyer_tax_id", "URE180429TM6" }, { "currency", "MXN" }, { "tax_total", "160.00" },
        { "grand_total", "1160.00" }, { "tax_amount_10", "(none)" },
    };
    static const char *const argentina[] = {
        "Suministros Norte S.A.                         FACTURA A",
        "                                               Comprobante N\xc2\xba: 00010-00000094",
        "                                               Fecha de Emision: 01/09/2024",
        "                                               CUIT: 30-70123456-8",
        "                                               Fecha de Inicio de Actividades: 01/03/2010",
        "CUIT: 20-12345678-6",
        "Cliente: Talleres Sur S.A.",
        "                                   Importe neto gravado  $ 19.950,00",
        "                                   IVA 21%                $ 4.189,50",
        "                                   Importe total         $ 24.139,50",
    };
    static const struct want of_argentina[] = {
        { "invoice_number", "00010-00000094" }, { "issue_date", "2024-09-01" }, { "seller_tax_id", "30-70123456-8" },
        { "buyer_tax_id", "20-12345678-6" }, { "currency", "ARS" }, { "grand_total", "24139.50" },
    };
    /* wrong check digits, and an id that looks like a RFC under no label: paper of nowhere in particular */
    static const char *const other[] = {
        "Bluebell Garden Tools Inc                      INVOICE",
        "ABC010203XY4                                   Invoice No: 20417",
        "RUT: 76.086.428-4                              Date: 01/09/2024",
        "Inscrita en el Registro Mercantil, tomo 1.482, folio 96, hoja 23.117",
        "                                   Subtotal     $110.00",
        "                                   Tax           $22.00",
        "                                   Total        $132.00",
    };
    static const struct want of_other[] = {
        { "invoice_number", "20417" }, { "issue_date", "2024-01-09" }, { "currency", "USD" }, { "grand_total", "132.00" },
        { "buyer_tax_id", "(none)" },
    };
    const struct form *form = forms_find(forms, "invoice");

    (void)state;
    CHECK_PAGE(form, chile, of_chile);
    CHECK_PAGE(form, mexico, of_mexico);
    CHECK_PAGE(form, argentina, of_argentina);
    CHECK_PAGE(form, other, of_other);
}

static void
a_german_invoice_by_breakdown(void **state)
{
    static const char *const lines[] = {
        "Kranz Papier GmbH",
        "Rechnungsnummer: 4711-08            Rechnungsdatum: 5. M\xc3\xa4rz 2025",
        "",
        "Steuersatz      Netto         Steuer",
        "19,00 %         200,00        38,00",
        "",
        "Rechnungssumme netto (excl. USt.)           200,00",
        "zzgl. MwSt.                                  38,00",
        "Rechnungssumme brutto                       238,00",
    };
    static const struct want wants[] = {
        { "invoice_number", "4711-08" }, { "issue_date", "2025-03-05" }, { "net_total", "200.00" },
        { "tax_total", "38.00" }, { "grand_total", "238.00" },
    };

    (void)state;
    CHECK_PAGE(forms_find(forms, "invoice"), lines, wants);
}

static void
sums_decide_between_totals(void **state)
{
    /* Two lines say total; the one that the cash and the change agree with is meant. */
    static const char *const lines[] = {
        "CORNER STORE SDN BHD",
        "Date: 25/12/2018",
        "Total              80.91",
        "Rounding           -0.01",
        "Total              80.90",
        "Cash              100.00",
        "Change             19.10",
        "GST SUMMARY",
        "Total              80.91",
    };
    static const struct want wants[] = {
        { "grand_total", "80.90" }, { "issue_date", "2018-12-25" }, { "seller_name", "CORNER STORE SDN BHD" },
    };

    (void)state;
    CHECK_PAGE(forms_find(forms, "receipt"), lines, wants);
}

static void
a_nomina_closes(void **state)
{
    static const char *const lines[] = {
        "Empresa: Talleres Duero S.A.                Trabajador: GIL ORTIZ, CARMEN",
        "CIF: A58818501                              NIF: 12345678Z",
        "Periodo de liquidaci\xc3\xb3n: del 1 de Julio al 31 de Julio de 2025",
        "A. TOTAL DEVENGADO                          2.000,00",
        "TOTAL APORTACIONES                            130,00",
        "I.R.P.F.               10,00 %                200,00",
        "B. TOTAL A DEDUCIR                            330,00",
        "L\xc3\x8dQUIDO A PERCIBIR                           1.670,00",
        "Base sujeta a retenci\xc3\xb3n del IRPF            2.000,00",
    };
    static const struct want wants[] = {
        { "employer_name", "Talleres Duero S.A." }, { "employee_name", "GIL ORTIZ, CARMEN" },
        { "employer_tax_id", "A58818501" }, { "employee_tax_id", "12345678Z" },
        { "period_start", "2025-07-01" }, { "period_end", "2025-07-31" }, { "gross_pay", "2000.00" },
        { "total_deductions", "330.00" }, { "net_pay", "1670.00" }, { "irpf_rate", "10.00" },
        { "irpf_amount", "200.00" }, { "base_irpf", "2000.00" },
    };

    (void)state;
    CHECK_PAGE(forms_find(forms, "payslip"), lines, wants);
}

static void
an_empty_page_gives_nothing(void **state)
{
    static const char *const lines[] = { "" };
    static const char *const noise[] = { "| . , ~", "_ _ _", "i l |" };
    static const struct want wants[] = {
        { "invoice_number", "(none)" }, { "grand_total", "(none)" }, { "issue_date", "(none)" },
    };

    (void)state;
    CHECK_PAGE(forms_find(forms, "invoice"), lines, wants);
    CHECK_PAGE(forms_find(forms, "invoice"), noise, wants);
}

static void
totals_that_do_not_add_up_are_doubted(void **state)
{
    static const char *const lines[] = {
        "Bluebell Garden Tools Ltd", "Invoice No: BG-1", "Date: 12/05/2025",
        "Subtotal         110.00",   "VAT               22.00", "Total            140.00",
    };
    struct arena *arena = arena_new(64u << 20);
    const struct page_reading *pages[1] = { paper(arena, lines, COUNT_OF(lines)) };
    struct fields out = { .form = "" };
    const struct field *total;
    bool said = false;

    (void)state;
    assert_int_equal(extract_free(forms_find(forms, "invoice"), pages, 1, arena, &out), RC_OK);
    total = fields_find(&out, "grand_total");
    assert_non_null(total);
    assert_int_equal(total->verdict, FIELD_REVIEW);
    for (int i = 0; i < FIELD_REASONS_MAX; i++)
        said = said || total->reasons[i] == REASON_SUM_DIFFERS;
    assert_true(said);
    assert_true(total->confidence < 0.9);
    arena_free(arena);
}

/* A type that nobody programmed: one file. */
static void
a_new_type_is_only_a_file(void **state)
{
    static const char yaml[] =
        "form: delivery_note\nversion: 1\ntitle: {en: Delivery note, es: Albar\xc3\xa1n}\n"
        "clues:\n  - {words: [delivery note], weight: 3}\n"
        "fields:\n"
        "  - {name: note_number, type: id, labels: {en: [note no, delivery note no]}}\n"
        "  - {name: delivered_on, type: date, labels: {en: [delivered on]}}\n"
        "  - {name: parcels, type: number, labels: {en: [parcels]}}\n"
        "  - {name: driver, type: name, labels: {en: [driver]}}\n"
        "  - {name: goods, type: money, labels: {en: [goods]}}\n"
        "  - {name: freight, type: money, labels: {en: [freight]}}\n"
        "  - {name: value, type: money, required: true, labels: {en: [declared value]}}\n"
        "equations:\n  - {name: v, kind: sum, result: value, terms: [goods, freight]}\n"
        "table:\n  name: lines\n  columns:\n"
        "    - {name: article, type: text, labels: {en: [article]}}\n"
        "    - {name: pieces, type: number, labels: {en: [pieces]}}\n"
        "    - {name: price, type: money, labels: {en: [price]}}\n"
        "  stop: {en: [goods]}\n";
    static const char *const lines[] = {
        "DELIVERY NOTE                  Note No: DN-5581",
        "Driver: Ann Other              Delivered on: 3 June 2025",
        "Parcels: 7",
        "Article             Pieces        Price",
        "Clay pots              3          10.00",
        "large, red",
        "Seeds                  9           2.50",
        "Goods                             12.50",
        "Freight                            4.00",
        "Declared value                    16.50",
    };
    static const struct want wants[] = {
        { "note_number", "DN-5581" }, { "delivered_on", "2025-06-03" }, { "parcels", "7.00" },
        { "driver", "Ann Other" }, { "value", "16.50" },
    };
    char path[] = "/tmp/new-type-XXXXXX";
    int fd = mkstemp(path);
    struct form *form = NULL;
    struct err err = { .rc = RC_OK };
    struct arena *arena = arena_new(64u << 20);
    const struct page_reading *pages[1] = { paper(arena, lines, COUNT_OF(lines)) };
    struct fields out = { .form = "" };

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, yaml, sizeof yaml - 1), (ssize_t)(sizeof yaml - 1));
    close(fd);
    if (form_load(path, &form, &err) != RC_OK)
        fail_msg("%s: %s", err.where, err.what);
    unlink(path);
    CHECK_PAGE(form, lines, wants);
    assert_int_equal(extract_free(form, pages, 1, arena, &out), RC_OK);
    assert_int_equal(out.row_count, 2);
    assert_string_equal(out.rows[0].cells[0].value, "Clay pots large, red");
    assert_string_equal(out.rows[1].cells[2].value, "2.50");
    arena_free(arena);
    form_free(form);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_english_invoice),
        cmocka_unit_test(the_only_amount_is_the_total),
        cmocka_unit_test(a_spanish_invoice_by_rates),
        cmocka_unit_test(latin_invoices),
        cmocka_unit_test(a_german_invoice_by_breakdown),
        cmocka_unit_test(sums_decide_between_totals),
        cmocka_unit_test(a_nomina_closes),
        cmocka_unit_test(an_empty_page_gives_nothing),
        cmocka_unit_test(totals_that_do_not_add_up_are_doubted),
        cmocka_unit_test(a_new_type_is_only_a_file),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
