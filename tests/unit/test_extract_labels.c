/* test_extract_labels.c - what is a label and what only looks like one; names in a letterhead; sums wherever they stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extract.h"
#include "extract_party.h"
#include "paper.h"
#include "with_forms.h"

struct want {
    const char *field, *value;
};

static void
check_reading(const char *form, struct page_reading *page, struct arena *arena, const struct want *wants, size_t n)
{
    const struct page_reading *pages[1] = { page };
    struct fields out = { .form = "" };

    assert_int_equal(extract_free(forms_find(forms, form), pages, 1, arena, &out), RC_OK);
    for (size_t i = 0; i < n; i++) {
        const struct field *f = fields_find(&out, wants[i].field);
        const char *value = f != NULL && f->state == FIELD_VALUE ? f->value : "(none)";

        if (strcmp(value, wants[i].value) != 0)
            fail_msg("%s: wanted '%s', got '%s'", wants[i].field, wants[i].value, value);
    }
}

static void
check_lines(const char *form, const char *const *lines, size_t count, const struct want *wants, size_t n)
{
    struct arena *arena = arena_new(64u << 20);

    check_reading(form, paper(arena, lines, count), arena, wants, n);
    arena_free(arena);
}

#define CHECK(form, lines, wants) check_lines(form, lines, COUNT_OF(lines), wants, COUNT_OF(wants))

/* "Transports" and "Service" are labels of other things; in a company's name they are its name. */
static void
a_word_of_a_company_is_no_label(void **state)
{
    static const char *const lines[] = {
        "Transports Perrin SARL                             Facture 2024-118",
        "57 rue des Tilleuls",
        "67000 Strasbourg                                   Date : 27/04/2024",
        "",
        "Client :",
        "Fairmont Food Service Limited",
        "",
        "Total HT :                100,00",
        "TVA 20 % :                 20,00",
        "Total TTC :               120,00",
        "",
        "Merci de r\303\251gler cette facture \303\240 r\303\251ception.",
        "",
        "Transports Perrin SARL    TVA FR11367162104",
    };
    static const struct want wants[] = {
        { "seller_name", "Transports Perrin SARL" }, { "buyer_name", "Fairmont Food Service Limited" },
        { "seller_tax_id", "FR11367162104" }, { "tax_total", "20.00" },
    };

    (void)state;
    CHECK("invoice", lines, wants);
}

/* A delivery note's date between the rows, "cuota" in a description: neither is the invoice's. */
static void
a_word_in_passing_is_no_label(void **state)
{
    static const char *const lines[] = {
        "Transportes Ribera, S.L.U.                         FACTURA",
        "NIF/CIF: B48457303                                 Factura n\xc2\xba 2024005928",
        "                                                   11/06/2024",
        "",
        "Descripci\xc3\xb3n                               Uds.   Precio ud.    Importe",
        "Cemento saco 25 kg                          1        5,14       5,14",
        "S/ albar\xc3\xa1n n\xc2\xba 98764 de fecha 29/05/2024",
        "Mantenimiento inform\xc3\xa1tico, cuota mensual   2      336,13     672,26",
        "",
        "Total neto:                                                   677,40",
        "IVA 21%:                                                      142,25",
        "Total a pagar                                                 819,65",
    };
    static const struct want wants[] = {
        { "issue_date", "2024-06-11" }, { "tax_total", "142.25" }, { "net_total", "677.40" },
        { "grand_total", "819.65" }, { "seller_name", "Transportes Ribera, S.L.U." },
    };

    (void)state;
    CHECK("invoice", lines, wants);
}

/* Five pieces at 4.15 are 20.75, and 4.15 is a fifth of that: still no row of a tax summary. */
static void
a_quantity_is_no_tax_rate(void **state)
{
    static const char *const lines[] = {
        "Papeterie Bonnet SAS                               Facture F-220",
        "",
        "Qt\xc3\xa9    D\xc3\xa9signation            PU HT      TVA %     Total HT",
        "5      Ramette papier A4       4,15       20 %       20,75",
        "2      Cartouche             106,30       20 %      212,60",
        "",
        "Total HT :                233,35",
        "TVA 20 % :                 46,67",
        "Total TTC :               280,02",
    };
    static const struct want wants[] = {
        { "tax_total", "46.67" }, { "net_total", "233.35" }, { "tax_amount_20", "46.67" }, { "tax_base_20", "(none)" },
    };

    (void)state;
    CHECK("invoice", lines, wants);
}

/* The label of the tax is misread; its amount is the sum of the summary's rows. */
static void
sums_of_several_rates_are_found_without_a_label(void **state)
{
    static const char *const lines[] = {
        "Artes Gr\xc3\xa1" "ficas N\xc3\xba\xc3\xb1" "ez, S.L.                          FACTURA",
        "NIF: B41859661                                     N\xc3\xbam. factura: A/7557",
        "",
        "Base          % IVA       Cuota IVA         Total neto:     3.281,82",
        "2.622,30      21,00%      550,68            VA                581,42",
        "72,72         10,00%      7,27              TOTAL:          3.863,24",
        "586,80        4,00%       23,47",
    };
    static const struct want wants[] = {
        { "tax_total", "581.42" }, { "net_total", "3281.82" }, { "grand_total", "3863.24" },
    };

    (void)state;
    CHECK("invoice", lines, wants);
}

/* A withholding is printed with a minus; its amount has none. */
static void
what_is_taken_off_has_no_sign(void **state)
{
    static const char *const lines[] = {
        "Beatriz Dom\xc3\xadnguez                                  FACTURA",
        "NIF: 27867945H                                     N\xc3\xbamero: 25/7100",
        "",
        "Base imponible:                     2.618,10",
        "IVA 21%:                              549,80",
        "Retenci\xc3\xb3n IRPF 15 %:                -392,72",
        "Total a pagar                       2.775,18",
    };
    static const struct want wants[] = {
        { "withholding_amount", "392.72" }, { "grand_total", "2775.18" }, { "net_total", "2618.10" },
    };

    (void)state;
    CHECK("invoice", lines, wants);
}

/* The official payslip prints the base as TOTAL of a block, under BASE, and the worker's letter proves an id without a label. */
static void
a_row_meets_its_column(void **state)
{
    static const char *const lines[] = {
        "RECIBO DE SALARIOS",
        "Empresa: Maquinaria Ortiz, S.L.            Trabajador: Nuria P\xc3\xa9rez Castro",
        "CIF: B33061201                             94540725F",
        "Periodo de liquidaci\xc3\xb3n: 01/04/2024 a 30/04/2024",
        "A. TOTAL DEVENGADO                                       2.210,34",
        "Contingencias comunes        4,70%                         103,89",
        "B. TOTAL A DEDUCIR                                         103,89",
        "L\xc3\x8dQUIDO TOTAL A PERCIBIR                                2.106,45",
        "",
        "                                           BASE         TIPO       EMPRESA",
        "1. Contingencias comunes",
        "Importe remuneraci\xc3\xb3n mensual             1.911,50",
        "Importe prorrata pagas extraordinarias      298,84",
        "TOTAL                                     2.210,34      23,60      521,64",
        "AT y EP                                   2.210,34       1,65       36,47",
    };
    static const struct want wants[] = {
        { "base_cc", "2210.34" }, { "employee_tax_id", "94540725F" }, { "employer_tax_id", "B33061201" },
        { "gross_pay", "2210.34" }, { "net_pay", "2106.45" },
    };

    (void)state;
    CHECK("payslip", lines, wants);
}

/* A wrong letter proves nothing, and what was put right proves nothing either. */
static void
an_id_without_label_must_be_right(void **state)
{
    static const char *const lines[] = {
        "RECIBO DE SALARIOS",
        "Empresa: Maquinaria Ortiz, S.L.            Trabajador: Nuria P\xc3\xa9rez Castro",
        "CIF: B33061201                             9454O725F",
        "L\xc3\x8dQUIDO TOTAL A PERCIBIR                                2.106,45",
    };
    static const struct want wants[] = { { "employee_tax_id", "(none)" } };

    (void)state;
    CHECK("payslip", lines, wants);
}

/* "Ihre", "Votre": the other party's number, though the label within it is the sender's. */
static void
your_number_is_the_buyers(void **state)
{
    static const char *const lines[] = {
        "Informatique Moreau SA                             Facture n\xc2\xb0 : F008549",
        "12 avenue de la R\xc3\xa9publique                        Votre n\xc2\xb0 TVA : FR90865451389",
        "31000 Toulouse",
        "",
        "Total HT :                100,00",
        "TVA 20 % :                 20,00",
        "Total TTC :               120,00",
        "",
        "Informatique Moreau SA    N\xc2\xb0 TVA intracom. FR82382391548",
    };
    static const struct want wants[] = {
        { "buyer_tax_id", "FR90865451389" }, { "seller_tax_id", "FR82382391548" },
    };

    (void)state;
    CHECK("invoice", lines, wants);
}

/* Words from x on in line l, in letters of the given height. */
static void
print_at(struct page_reading *page, struct arena *arena, uint32_t line, int x, int y, int tall, const char *text)
{
    for (const char *at = text; *at != '\0';) {
        size_t n = strcspn(at, " ");
        struct word *w = &page->words[page->word_count++];

        *w = (struct word){ .text = arena_copy(arena, at, n), .conf = 0.96f, .line = line, .block = 1000 + line,
                            .box = { x, y, x + (int)n * tall / 2, y + tall } };
        x += ((int)n + 1) * tall / 2;
        at += n + (at[n] == ' ');
    }
    page->facts.words = page->word_count;
}

/* In a narrow letterhead the name takes two lines of large print. */
static void
a_name_of_two_lines(void **state)
{
    static const char *const lines[] = {
        "", "", "",
        "7579 Sunset Drive, Unit 860                        Invoice No. INV-135507",
        "Albany, NY 12296                                   Date of issue: Jul 11, 2024",
        "",
        "Subtotal:                 150.84",
        "Tax (8%):                  12.07",
        "Total:                    162.91",
    };
    static const struct want wants[] = { { "seller_name", "Ironwood Office Products, Inc." } };
    struct arena *arena = arena_new(64u << 20);
    struct page_reading *page = paper(arena, lines, COUNT_OF(lines));

    (void)state;
    print_at(page, arena, 100, 60, 60, 32, "Ironwood Office");
    print_at(page, arena, 101, 60, 100, 32, "Products, Inc.");
    check_reading("invoice", page, arena, wants, COUNT_OF(wants));
    arena_free(arena);
}

/* A zero with a stroke is read as a 6 or a 9. What may be two days is none. */
static void
a_date_that_cannot_be_is_put_right(void **state)
{
    static const struct {
        const char *printed, *value;
    } rows[] = {
        { "Date: 18/64/2017", "2017-04-18" }, { "Date: 18/94/2017", "2017-04-18" }, { "Date: 67/10/2019", "2019-10-07" },
        { "Date: 18/44/2017", "(none)" }, { "Date: 18/04/2017", "2017-04-18" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *lines[] = { "Bluebell Garden Tools Ltd          INVOICE", rows[i].printed, "Total  132.00" };
        struct arena *arena = arena_new(64u << 20);
        const struct page_reading *pages[1] = { paper(arena, lines, COUNT_OF(lines)) };
        struct fields out = { .form = "" };
        const struct field *f;

        assert_int_equal(extract_free(forms_find(forms, "invoice"), pages, 1, arena, &out), RC_OK);
        f = fields_find(&out, "issue_date");
        assert_string_equal(f->state == FIELD_VALUE ? f->value : "(none)", rows[i].value);
        /* A person sees what was put right. */
        if (f->state == FIELD_VALUE)
            assert_int_equal(f->origin, strstr(rows[i].printed, "/04/") != NULL ? ORIGIN_MACHINE : ORIGIN_REPAIR);
        arena_free(arena);
    }
}

/* A postcode read with a sign is no amount, and a number is nobody's name. */
static void
a_sign_wants_an_amount(void **state)
{
    static const char *const lines[] = {
        "Redfield Supply Ltd                                INVOICE",
        "Sheffield $16 1DH                                  Invoice no: INV06993",
        "                                                   Customer: 64221",
        "Invoice Total            \302\24310,429.58",
    };
    static const struct want wants[] = { { "currency", "GBP" }, { "buyer_name", "(none)" } };

    (void)state;
    CHECK("invoice", lines, wants);
}

/* A company's form may stand alone in the next line. A person's own address says who sends. */
static void
a_form_below_a_name(void **state)
{
    static const char *const lines[] = {
        "Beatriz V\xc3\xa1zquez L\xc3\xb3pez                             FACTURA",
        "Paseo Virgen del Pilar, 21 bajo                    N\xc3\xbamero: 25/7100",
        "50068 Zaragoza",
        "facturacion@beatrizvazquezlope.example",
        "",
        "Destinatario",
        "Alimentaci\xc3\xb3n Dom\xc3\xadnguez y Gil",
        "S.L.",
        "Plaza Alcalde Moreno, 133",
        "08060 Badalona (Barcelona)",
        "",
        "Total a pagar                       2.775,18",
    };
    static const struct want wants[] = {
        { "buyer_name", "Alimentaci\xc3\xb3n Dom\xc3\xadnguez y Gil S.L." },
        { "seller_name", "Beatriz V\xc3\xa1zquez L\xc3\xb3pez" },
    };

    (void)state;
    CHECK("invoice", lines, wants);
}

/* The mark beside a name is its initial. */
static void
an_initial_is_cut(void **state)
{
    struct arena *arena = arena_new(1u << 20);

    (void)state;
    assert_string_equal(party_clean(arena, "Emballages Bonnet SA E"), "Emballages Bonnet SA");
    assert_string_equal(party_clean(arena, "Juan P\xc3\xa9rez J"), "Juan P\xc3\xa9rez J");
    assert_string_equal(party_clean(arena, "Servicios Gil S.A. B"), "Servicios Gil S.A. B");
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_of_a_company_is_no_label), cmocka_unit_test(a_word_in_passing_is_no_label),
        cmocka_unit_test(a_quantity_is_no_tax_rate), cmocka_unit_test(sums_of_several_rates_are_found_without_a_label),
        cmocka_unit_test(what_is_taken_off_has_no_sign), cmocka_unit_test(a_row_meets_its_column),
        cmocka_unit_test(an_id_without_label_must_be_right), cmocka_unit_test(your_number_is_the_buyers),
        cmocka_unit_test(a_name_of_two_lines), cmocka_unit_test(an_initial_is_cut),
        cmocka_unit_test(a_date_that_cannot_be_is_put_right), cmocka_unit_test(a_sign_wants_an_amount),
        cmocka_unit_test(a_form_below_a_name),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
