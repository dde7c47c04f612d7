/* test_einvoice.c - e-invoices of four kinds, alone and inside a PDF; and XML that means harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include "doc/companion.h"
#include "einvoice.h"
#include "stage_bench.h"
#include "stages.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define CII HEAD "<rsm:CrossIndustryInvoice " \
    "xmlns:rsm=\"urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100\" " \
    "xmlns:ram=\"r\" xmlns:udt=\"u\"><rsm:ExchangedDocument><ram:ID>R-17</ram:ID><ram:IssueDateTime>" \
    "<udt:DateTimeString format=\"102\">20240901</udt:DateTimeString></ram:IssueDateTime></rsm:ExchangedDocument>" \
    "<rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeAgreement><ram:SellerTradeParty><ram:Name>Nord " \
    "&amp; Co\n  GmbH" \
    "</ram:Name><ram:SpecifiedTaxRegistration><ram:ID schemeID=\"FC\">201/113/40209</ram:ID>" \
    "</ram:SpecifiedTaxRegistration>" \
    "<ram:SpecifiedTaxRegistration><ram:ID schemeID=\"VA\">DE136695976</ram:ID></ram:SpecifiedTaxRegistration>" \
    "</ram:SellerTradeParty></ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeSettlement>" \
    "<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode><ram:ApplicableTradeTax><ram:CalculatedAmount>19.00" \
    "</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode><ram:BasisAmount>100.0000</ram:BasisAmount>" \
    "<ram:RateApplicablePercent>19.00</ram:RateApplicablePercent></ram:ApplicableTradeTax>" \
    "<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:TaxBasisTotalAmount>100</ram:TaxBasisTotalAmount>" \
    "<ram:TaxTotalAmount currencyID=\"USD\">21.00</ram:TaxTotalAmount><ram:TaxTotalAmount currencyID=\"EUR\">19.00" \
    "</ram:TaxTotalAmount><ram:GrandTotalAmount>119.00</ram:GrandTotalAmount>" \
    "</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>" \
    "</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"
#define ZUGFERD_1 HEAD "<CrossIndustryDocument xmlns=\"urn:ferd:CrossIndustryDocument:invoice:1p0\">" \
    "<HeaderExchangedDocument>" \
    "<ID>471102</ID></HeaderExchangedDocument><SpecifiedSupplyChainTradeTransaction>" \
    "<ApplicableSupplyChainTradeSettlement>" \
    "<ApplicableTradeTax><CalculatedAmount>5.50</CalculatedAmount><BasisAmount>100.00</BasisAmount>" \
    "<ApplicablePercent>5.50" \
    "</ApplicablePercent></ApplicableTradeTax><SpecifiedTradeSettlementMonetarySummation><GrandTotalAmount>105.50" \
    "</GrandTotalAmount></SpecifiedTradeSettlementMonetarySummation></ApplicableSupplyChainTradeSettlement>" \
    "</SpecifiedSupplyChainTradeTransaction></CrossIndustryDocument>"
#define UBL_HEAD "<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\">"
#define UBL UBL_HEAD "<ID>U-1</ID><IssueDate>2024-09-01</IssueDate><DocumentCurrencyCode>EUR</DocumentCurrencyCode>" \
    "<AdditionalDocumentReference><Attachment><EmbeddedDocumentBinaryObject>%s</EmbeddedDocumentBinaryObject>" \
    "</Attachment>" \
    "</AdditionalDocumentReference><AccountingSupplierParty><Party><PartyTaxScheme><CompanyID>ESB12345674</CompanyID>" \
    "</PartyTaxScheme></Party></AccountingSupplierParty><TaxTotal><TaxAmount>21.00</TaxAmount></TaxTotal>" \
    "<LegalMonetaryTotal><TaxInclusiveAmount>121.00</TaxInclusiveAmount><PayableAmount>121.005</PayableAmount>" \
    "</LegalMonetaryTotal></Invoice>"
#define FACTURAE_INVOICE "<Invoice><InvoiceHeader><InvoiceNumber>55</InvoiceNumber><InvoiceSeriesCode>" \
    "A</InvoiceSeriesCode>" \
    "</InvoiceHeader><InvoiceIssueData><IssueDate>2024-09-01</IssueDate></InvoiceIssueData><TaxesOutputs><Tax>" \
    "<TaxTypeCode>01" \
    "</TaxTypeCode><TaxRate>21.00</TaxRate><TaxableBase><TotalAmount>100.00</TotalAmount></TaxableBase><TaxAmount>" \
    "<TotalAmount>21.00</TotalAmount></TaxAmount></Tax></TaxesOutputs><InvoiceTotals><InvoiceTotal>" \
    "106.00</InvoiceTotal>" \
    "<TotalTaxesWithheld>15.00</TotalTaxesWithheld></InvoiceTotals></Invoice>"
#define FACTURAE(invoices) "<fe:Facturae " \
    "xmlns:fe=\"http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml\"><Parties>" \
    "<SellerParty><TaxIdentification><TaxIdentificationNumber>89890001K</TaxIdentificationNumber></TaxIdentification>" \
    "<Individual><Name>Ana</Name><FirstSurname>Ruiz</FirstSurname><SecondSurname>Gil</SecondSurname></Individual>" \
    "</SellerParty></Parties><Invoices>" invoices "</Invoices></fe:Facturae>"
#define CFDI HEAD "<cfdi:Comprobante xmlns:cfdi=\"http://www.sat.gob.mx/cfd/4\" " \
    "xmlns:tfd=\"http://www.sat.gob.mx/TimbreFiscalDigital\" " \
    "Version=\"4.0\" Serie=\"F\" Folio=\"12\" Fecha=\"2024-09-01T10:30:00\" SubTotal=\"1000.00\" Moneda=\"MXN\" " \
    "Total=\"1160.000000\" Sello=\"x\"><cfdi:Emisor Rfc=\"EKU9003173C9\" Nombre=\"ESCUELA KEMPER URGATE\"/>" \
    "<cfdi:Receptor " \
    "Rfc=\"XAXX010101000\"/><cfdi:Impuestos TotalImpuestosTrasladados=\"160.00\"/><cfdi:Complemento>" \
    "<tfd:TimbreFiscalDigital " \
    "UUID=\"CEE4BE01-ADFA-4DEB-8421-ADD60F0BEDAC\"/></cfdi:Complemento></cfdi:Comprobante>"

struct told {
    const char *field, *value;
};

static const char *
value_of(const struct witness *w, const char *field)
{
    const struct statement *s = witness_find(w, field);

    return s != NULL ? s->value : NULL;
}

static void
kinds_are_read(void **state)
{
    static const struct {
        const char *text, *kind;
        struct told told[9];
    } rows[] = {
        { CII, "cii", { { "invoice_number", "R-17" }, { "issue_date", "2024-09-01" }, { "seller_name",
          "Nord & Co GmbH" },
                        { "seller_tax_id", "DE136695976" }, { "tax_total", "19.00" }, { "grand_total", "119.00" },
                        { "tax_base_19", "100.00" }, { "tax_amount_19", "19.00" }, { "net_total", "100.00" } } },
        { ZUGFERD_1, "cii", { { "invoice_number", "471102" }, { "tax_base_5_5", "100.00" }, { "grand_total",
          "105.50" } } },
        /* an amount finer than a hundredth states nothing */
        { UBL, "ubl", { { "invoice_number", "U-1" }, { "seller_tax_id", "ESB12345674" }, { "grand_total", "121.00" },
                        { "amount_due", NULL }, { "tax_total", "21.00" } } },
        { FACTURAE(FACTURAE_INVOICE), "facturae",
          { { "invoice_number", "A-55" }, { "seller_name", "Ana Ruiz Gil" }, { "seller_tax_id", "89890001K" },
            { "grand_total", "106.00" }, { "withholding_amount", "15.00" }, { "tax_base_21", "100.00" } } },
        { CFDI, "cfdi", { { "issue_date", "2024-09-01" }, { "seller_tax_id", "EKU9003173C9" }, { "grand_total",
          "1160.00" },
                          { "invoice_number", "F-12" }, { "fiscal_uuid", "CEE4BE01-ADFA-4DEB-8421-ADD60F0BEDAC" },
                          { "currency", "MXN" }, { "tax_total", "160.00" } } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(1 << 22);
        struct witness w;
        enum reason why;

        assert_int_equal(einvoice_read(bytes_str(rows[i].text), arena, &w, &why), RC_OK);
        assert_int_equal(why, REASON_NONE);
        assert_string_equal(w.kind, rows[i].kind);
        assert_int_equal(w.source, WITNESS_EINVOICE);
        for (size_t k = 0; k < COUNT_OF(rows[i].told) && rows[i].told[k].field != NULL; k++) {
            const char *is = value_of(&w, rows[i].told[k].field), *want = rows[i].told[k].value;

            if ((is == NULL) != (want == NULL) || (is != NULL && strcmp(is, want) != 0))
                fail_msg("row %zu: %s is %s", i, rows[i].told[k].field, is != NULL ? is : "nothing");
        }
        arena_free(arena);
    }
}

static void
harm_is_refused(void **state)
{
    static const struct { const char *text; enum reason why; } rows[] = {
        { "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>" UBL_HEAD "<ID>"
            "&a;</ID></Invoice>",
          REASON_EXTERNAL_PARTS },
        { "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
            "\"&a;&a;&a;&a;&a;&a;&a;&a;\">]>" UBL_HEAD
          "<ID>&b;&b;&b;</ID></Invoice>", REASON_EXTERNAL_PARTS },
        { "<!DOCTYPE x SYSTEM \"http://localhost/x.dtd\">" UBL_HEAD "<ID>1</ID></Invoice>", REASON_EXTERNAL_PARTS },
        { "<!DOCTYPE x PUBLIC \"a\" \"b\"><x/>", REASON_EXTERNAL_PARTS },
        { UBL_HEAD "<ID>&unknown;</ID></Invoice>", REASON_DAMAGED },
        { UBL_HEAD "<ID>1</ID>", REASON_DAMAGED },
        { UBL_HEAD "<ID a=\"1\" a=\"2\">1</ID></Invoice>", REASON_DAMAGED },
        { "", REASON_DAMAGED },
        { "<?xml version=\"1.0\" encoding=\"EBCDIC-XX\"?><x/>", REASON_DAMAGED },
        { "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", REASON_UNKNOWN_FORMAT },
        { "<Invoice xmlns=\"urn:other\"><ID>1</ID></Invoice>", REASON_UNKNOWN_FORMAT },
        { UBL_HEAD "</Invoice>", REASON_UNKNOWN_FORMAT },
        { FACTURAE(FACTURAE_INVOICE FACTURAE_INVOICE), REASON_FORMAT_REFUSED },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(1 << 22);
        struct witness w;
        enum reason why;

        assert_int_equal(einvoice_read(bytes_str(rows[i].text), arena, &w, &why), RC_OK);
        if (why != rows[i].why)
            fail_msg("row %zu: reason %u", i, (unsigned)why);
        arena_free(arena);
    }
}

static void
sizes_have_limits(void **state)
{
    struct arena *arena = arena_new(64u << 20);
    struct witness w;
    struct buffer b;
    enum reason why;

    (void)state;
    /* deep */
    buffer_init(&b, 32u << 20);
    for (int i = 0; i < XML_DEPTH_MAX + 2; i++)
        write_raw(&b, "<a>", 3);
    assert_int_equal(einvoice_read(buffer_bytes(&b), arena, &w, &why), RC_OK);
    assert_int_equal(why, REASON_FILE_TOO_LARGE);
    /* many */
    b.size = 0;
    write_raw(&b, "<a>", 3);
    for (int i = 0; i < XML_NODES_MAX; i++)
        write_raw(&b, "<a/>", 4);
    write_raw(&b, "</a>", 4);
    assert_int_equal(einvoice_read(buffer_bytes(&b), arena, &w, &why), RC_OK);
    assert_int_equal(why, REASON_FILE_TOO_LARGE);
    /* large */
    assert_int_equal(einvoice_read(bytes_of(b.data, XML_BYTES_MAX + 1), arena, &w, &why), RC_OK);
    assert_int_equal(why, REASON_FILE_TOO_LARGE);
    /* an attachment in base64 is no value, and does no harm */
    b.size = 0;
    write_raw(&b, UBL_HEAD "<ID>U-1</ID><Note>", sizeof UBL_HEAD "<ID>U-1</ID><Note>" - 1);
    for (int i = 0; i < 100000; i++)
        write_raw(&b, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo", 36 - 1);
    write_raw(&b, "</Note></Invoice>", 17);
    assert_int_equal(einvoice_read(buffer_bytes(&b), arena, &w, &why), RC_OK);
    assert_int_equal(why, REASON_NONE);
    assert_string_equal(value_of(&w, "invoice_number"), "U-1");
    buffer_done(&b);
    arena_free(arena);
}

/* ---- inside a PDF ------------------------------------------------------------------ */

#define PAGE "1 0 obj<</Type/Catalog/Pages 2 0 R%s>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" \
             "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
#define TREE "/Names<</EmbeddedFiles<</Names[(a) 4 0 R]>>>>"

static size_t
deflated(const void *from, size_t size, uint8_t *to, size_t room)
{
    uLongf n = room;

    assert_int_equal(compress2(to, &n, from, size, 9), Z_OK);
    return n;
}

/* A PDF without a table of objects: libqpdf makes one. */
static size_t
make_pdf(char *out, size_t room, const char *catalog, const char *name, const char *filter, const void *data,
  size_t size)
{
    int n = snprintf(out, room, "%%PDF-1.7\n" PAGE "4 0 obj<</Type/Filespec/F(%s)/UF(%s)/EF<</F 5 0 R>>>>endobj\n"
                                "5 0 obj<</Type/EmbeddedFile%s/Length %zu>>stream\n", catalog, name, name, filter,
                                  size);

    assert_true(n > 0 && (size_t)n + size + 100 < room);
    memcpy(out + n, data, size);
    return (size_t)n + size + (size_t)snprintf(out + n + size, 100,
      "\nendstream endobj\ntrailer<</Root 1 0 R/Size 6>>\n%%%%EOF\n");
}

static const struct artifact *
made_of(const struct bench *b, enum artifact_kind kind)
{
    for (uint32_t i = 0; i < b->count; i++)
        if (b->made[i].kind == kind)
            return &b->made[i];
    return NULL;
}

static void
a_pdf_brings_its_invoice(void **state)
{
    static char pdf[1 << 20];
    static uint8_t packed[1 << 19];
    char *zeros = calloc(1, 256u << 20);
    const struct {
        const char *catalog, *name, *filter;
        const void *data;
        size_t size;
        bool pack, found;
    } rows[] = {
        { TREE, "factur-x.xml", "", CII, sizeof CII - 1, false, true },
        { TREE, "factur-x.xml", "/Filter/FlateDecode", CII, sizeof CII - 1, true, true },
        { TREE, "ZUGFeRD-invoice.xml", "/Filter[/FlateDecode]", ZUGFERD_1, sizeof ZUGFERD_1 - 1, true, true },
        { "/AF[4 0 R]", "xrechnung.xml", "", CII, sizeof CII - 1, false, true },
        { "/AF[4 0 R]" TREE, "other.xml", "", CII, sizeof CII - 1, false, true },
        { TREE, "picture.png", "", CII, sizeof CII - 1, false, false },
        { "", "factur-x.xml", "", CII, sizeof CII - 1, false, false },
        { TREE, "factur-x.xml", "", "<a/>", 4, false, false },
        { TREE, "factur-x.xml", "/Filter/FlateDecode", CII, sizeof CII - 1, false, false },  /* not packed */
        { TREE, "factur-x.xml", "/Filter/FlateDecode", zeros, 256u << 20, true, false },     /* a bomb */
        { TREE, "factur-x.xml", "/Filter[/FlateDecode/FlateDecode]", CII, sizeof CII - 1, true, false },
        { TREE, "factur-x.xml", "/Filter/LZWDecode", CII, sizeof CII - 1, false, false },
        /* a ring */
        { "/Names<</EmbeddedFiles 6 0 R>>>>endobj\n6 0 obj<</Kids[6 0 R 6 0 R]", "factur-x.xml", "", CII,
          sizeof CII - 1, false,
          false },
        { "/Names(no)/AF(no)", "factur-x.xml", "", CII, sizeof CII - 1, false, false },
        { "/Names<</EmbeddedFiles<</Names[(a) (b) (c)]>>>>/AF[3 0 R 99 0 R null]", "factur-x.xml", "", CII,
          sizeof CII - 1, false,
          false },
    };

    (void)state;
    assert_non_null(zeros);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t n = rows[i].pack ? deflated(rows[i].data, rows[i].size, packed, sizeof packed) : rows[i].size;
        size_t size = make_pdf(pdf, sizeof pdf, rows[i].catalog, rows[i].name, rows[i].filter,
                               rows[i].pack ? packed : rows[i].data, n);
        struct bench *b = bench_new(pdf, size, "x.pdf");

        bench_run(b, decode_run);
        assert_int_equal(b->rc, RC_OK);
        if (b->result.verdict != VERDICT_PASS || made_of(b, ARTIFACT_RECIPE) == NULL ||
            (made_of(b, ARTIFACT_WITNESS) != NULL) != rows[i].found)
            fail_msg("row %zu: verdict %u reason %u, %s", i, (unsigned)b->result.verdict, (unsigned)b->result.reason,
                     made_of(b, ARTIFACT_WITNESS) != NULL ? "found" : "not found");
        bench_free(b);
    }
    free(zeros);
}

static void
companions_go_by_name(void **state)
{
    static const struct { const char *name, *stem; bool companion; } rows[] = {
        { "invoice-7.pdf", "invoice-7", false }, { "Invoice-7.XML", "invoice-7", true },
        { "a/b/Invoice-7.Pdf", "invoice-7", false }, { ".xml", ".xml", false }, { "xml", "xml", false },
        { "a.pdf.xml", "a.pdf", true },          { "noending", "noending", false }, { "d.xml/scan", "scan", false },
    };
    char stem[STEM_MAX], longest[STEM_MAX + 8];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(companion_stem(rows[i].name, stem), strlen(rows[i].stem));
        assert_string_equal(stem, rows[i].stem);
        assert_int_equal(companion_is(rows[i].name), rows[i].companion);
    }
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;
    assert_int_equal(companion_stem(longest, stem), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_read),
        cmocka_unit_test(harm_is_refused),
        cmocka_unit_test(sizes_have_limits),
        cmocka_unit_test(a_pdf_brings_its_invoice),
        cmocka_unit_test(companions_go_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
