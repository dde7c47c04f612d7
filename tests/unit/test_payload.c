/* test_payload.c - codes of tax authorities and banks: what they state, and every rule that they may break. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "doc/payload.h"

#define CFDI "https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx?"
#define UUID "id=CEE4BE01-ADFA-4DEB-8421-ADD60F0BEDAC"
#define AFIP "https://www.afip.gob.ar/fe/qr/?p="
#define AEAT "https://www2.agenciatributaria.gob.es/wlpl/TIKE-CONT/ValidarQR?"
#define TBAI "https://batuz.eus/QRTBAI/?id=TBAI-00000006Y-251019-btFpwP8dcLGAF-237&s=T&nf=27174&i=4.70"
#define EPC "BCD\n002\n1\nSCT\n\nRed Cross of Belgium\nBE72000000001616\nEUR1\nCHAR\n\nUrgency fund\nSample"
#define BILL_HEAD "SPC\n0200\n1\nCH4431999123000889012\nS\nRobert Schneider AG\nRue du Lac\n1268\n2501\nBiel\nCH\n" \
                  "\n\n\n\n\n\n\n"
#define BILL_DEBTOR "S\nPia-Maria Rutschmann-Schnyder\nGrosse Marktgasse\n28\n9400\nRorschach\nCH\n"
#define BILL_TAIL "QRR\n210000000003139471430009017\nOrder of 15 June 2020\nEPD"
#define SWICO "\n//S1/10/10201409/11/200615/20/140.000-53/30/102673386/31/200615/32/7.7/40/0:30"

/* The example of the authority itself: CUIT 30000000007, 12,100 dollars. */
#define AFIP_EXAMPLE                                                                                                 \
    "eyJ2ZXIiOjEsImZlY2hhIjoiMjAyMC0xMC0xMyIsImN1aXQiOjMwMDAwMDAwMDA3LCJwdG9WdGEiOjEwLCJ0aXBvQ21wIjoxLCJucm9DbXAi" \
    "Ojk0LCJpbXBvcnRlIjoxMjEwMCwibW9uZWRhIjoiRE9MIiwiY3R6Ijo2NSwidGlwb0RvY1JlYyI6ODAsIm5yb0RvY1JlYyI6MjAwMDAwMDAw" \
    "MDEsInRpcG9Db2RBdXQiOiJFIiwiY29kQXV0Ijo3MDQxNzA1NDM2NzQ3Nn0="

/* The sample of the tax office's manual, its folio range and all, with keys made short; RUTs with their check digits. */
#define TED_TO(re, td, f, fe, rr, rsr, mnt, caf, from, to)                                                           \
    "<TED version=\"1.0\"><DD><RE>" re "</RE><TD>" td "</TD><F>" f "</F><FE>" fe "</FE><RR>" rr "</RR><RSR>" rsr      \
    "</RSR><MNT>" mnt "</MNT><IT1>Cajon AFECTO</IT1><CAF version=\"1.0\"><DA><RE>" caf "</RE><RS>RUT DE PRUEBA</RS>"  \
    "<TD>" td "</TD><RNG><D>" from "</D><H>" to "</H></RNG><FA>2003-09-04</FA><RSAPK><M>0a4O</M><E>Aw==</E></RSAPK>" \
    "<IDK>100</IDK></DA><FRMA algoritmo=\"SHA1withRSA\">g1AQ</FRMA></CAF><TSTED>2003-09-08T12:28:31</TSTED></DD>"    \
    "<FRMT algoritmo=\"SHA1withRSA\">pqjX</FRMT></TED>"
#define TED_LINES                                                                                                     \
    "<TED>\n<DD>\n<RE>97975000-5</RE>\r\n<TD>34</TD><F>1</F><FE>2003-09-08</FE><RR>8414240-9</RR><RSR>A</RSR>\n"    \
    "<MNT>7</MNT><IT1>x</IT1><CAF version=\"1.0\">\n<DA><RE>97975000-5</RE><RS>A</RS><TD>34</TD>\n<RNG><D>1</D>"     \
    "<H>1</H></RNG></DA></CAF><TSTED>x</TSTED></DD><FRMT>x</FRMT>\n</TED>\n"
#define TED(td, f, fe, rr, rsr, mnt) TED_TO("97975000-5", td, f, fe, rr, rsr, mnt, "97975000-5", "1", "200")

struct told {
    const char *field, *value;
};

static void
codes_state_values(void **state)
{
    static const struct {
        const char *text, *kind;
        struct told told[8];
    } rows[] = {
        { CFDI UUID "&re=EKU9003173C9&rr=XAXX010101000&tt=0000001160.000000&fe=Ab3+/x==", "mx_cfdi",
          { { "seller_tax_id", "EKU9003173C9" }, { "buyer_tax_id", "XAXX010101000" }, { "grand_total", "1160.00" },
            { "fiscal_uuid", "CEE4BE01-ADFA-4DEB-8421-ADD60F0BEDAC" }, { "seal", "Ab3+/x==" } } },
        /* finer than a hundredth: the total states nothing */
        { CFDI UUID "&re=EKU9003173C9&rr=XAXX010101000&tt=1160.005&fe=12345678", "mx_cfdi", { { "grand_total",
          NULL } } },
        { "?re=EKU9003173C9&rr=XAXX010101000&tt=0000000116.000000&" UUID, "mx_cfdi", { { "grand_total", "116.00" } } },
        { AFIP AFIP_EXAMPLE, "ar_afip",
          { { "issue_date", "2020-10-13" }, { "seller_tax_id", "30000000007" }, { "buyer_tax_id", "20000000001" },
            { "grand_total", "12100.00" }, { "currency", "USD" }, { "invoice_number", "10-94" } } },
        { AEAT "nif=89890001K&numserie=12345678%26G33&fecha=01-09-2024&importe=241.4", "es_verifactu",
          { { "seller_tax_id", "89890001K" }, { "invoice_number", "12345678&G33" }, { "issue_date", "2024-09-01" },
            { "grand_total", "241.40" } } },
        { AEAT "nif=89890001K&numserie=R-7&fecha=01-09-2024&importe=-12.00", "es_verifactu", { { "grand_total",
          "-12.00" } } },
        { TBAI "&cr=007", "es_ticketbai",
          { { "seller_tax_id", "00000006Y" }, { "issue_date", "2019-10-25" }, { "grand_total", "4.70" },
            { "invoice_number", "T-27174" } } },
        { TED("33", "27", "2003-09-08", "8414240-9", "JORGE GONZALEZ &amp; C\xc3\x8d" "A", "502946"), "cl_ted",
          { { "seller_tax_id", "97975000-5" }, { "invoice_number", "27" }, { "issue_date", "2003-09-08" },
            { "buyer_tax_id", "8414240-9" }, { "buyer_name", "JORGE GONZALEZ & C\xc3\x8d" "A" },
            { "grand_total", "502946.00" } } },
        /* a name that may be cut, a buyer who is nobody; line ends between elements */
        { TED("61", "200", "2003-09-08", "66666666-6", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMN", "0"), "cl_ted",
          { { "buyer_name", NULL }, { "buyer_tax_id", NULL }, { "grand_total", "0.00" } } },
        { TED_LINES, "cl_ted", { { "invoice_number", "1" }, { "grand_total", "7.00" } } },
        { EPC, "epc",
          { { "iban", "BE72000000001616" }, { "amount_due", "1.00" }, { "seller_name", "Red Cross of Belgium" },
            { "currency", "EUR" } } },
        { "BCD\r\n001\r\n1\r\nSCT\r\nBPOTBEB1\r\nA\r\nBE72000000001616", "epc",
          { { "iban", "BE72000000001616" }, { "amount_due", NULL }, { "currency", NULL } } },
        { BILL_HEAD "1949.75\nCHF\n" BILL_DEBTOR BILL_TAIL SWICO, "swiss_qr",
          { { "iban", "CH4431999123000889012" }, { "amount_due", "1949.75" }, { "currency", "CHF" },
            { "invoice_number", "10201409" }, { "issue_date", "2020-06-15" }, { "seller_tax_id", "CHE102673386" },
            { "payment_reference", "210000000003139471430009017" } } },
        { BILL_HEAD "\nEUR\n\n\n\n\n\n\n\n" BILL_TAIL "\n", "swiss_qr",
          { { "amount_due", NULL }, { "currency", "EUR" }, { "buyer_name", NULL }, { "invoice_number", NULL } } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(1 << 18);
        struct witness w;
        enum rc rc = payload_read(rows[i].text, arena, &w);

        if (rc != RC_OK || strcmp(w.kind, rows[i].kind) != 0)
            fail_msg("row %zu: %s, %s", i, rc_name(rc), rc == RC_OK ? w.kind : "");
        for (size_t k = 0; k < COUNT_OF(rows[i].told) && rows[i].told[k].field != NULL; k++) {
            const struct statement *s = witness_find(&w, rows[i].told[k].field);
            const char *want = rows[i].told[k].value;

            if ((s == NULL) != (want == NULL) || (s != NULL && strcmp(s->value, want) != 0))
                fail_msg("row %zu: %s is %s", i, rows[i].told[k].field, s != NULL ? s->value : "nothing");
        }
        arena_free(arena);
    }
}

static void
broken_rules_are_not_believed(void **state)
{
    static const struct {
        const char *text;
        enum rc rc;
    } rows[] = {
        /* of no kind */
        { "", RC_NOT_FOUND },
        { "ESCRIBA:SEPARATE", RC_NOT_FOUND },
        { "https://example.org/?id=1&re=2", RC_NOT_FOUND },
        { "https://example.org/?broken=%zz", RC_NOT_FOUND },
        { "https://verificacfdi.facturaelectronica.sat.gob.mx.example.org/default.aspx?" UUID, RC_NOT_FOUND },
        { "https://example.org@www.afip.gob.ar.x/fe/qr/?p=e30=", RC_NOT_FOUND },
        { "BCD", RC_NOT_FOUND },
        { "SPC 0200", RC_NOT_FOUND },
        { "\xff\xfe?id=1", RC_NOT_FOUND },
        /* Mexico: no seal, an RFC of 11, a total of 19 digits, no UUID, a name twice, a broken escape */
        { CFDI UUID "&re=EKU9003173C9&rr=XAXX010101000&tt=1160.00", RC_INPUT },
        { CFDI UUID "&re=EKU9003173C&rr=XAXX010101000&tt=1160.00&fe=12345678", RC_INPUT },
        { CFDI UUID "&re=EKU9003173C9&rr=XAXX010101000&tt=1234567890123456789.00&fe=12345678", RC_INPUT },
        { CFDI "id=1&re=EKU9003173C9&rr=XAXX010101000&tt=1160.00&fe=12345678", RC_INPUT },
        { CFDI UUID "&re=EKU9003173C9&rr=XAXX010101000&tt=1160.00&tt=1.00&fe=12345678", RC_INPUT },
        { CFDI UUID "&re=EKU9003173C9&rr=XAXX010101000&tt=1160.00&fe=%4", RC_INPUT },
        { CFDI UUID "&re=EKU9003173C9&rr=XAXX010101000&tt=1.160,00&fe=12345678", RC_INPUT },
        { CFDI UUID "&re=EKU9003173C9&rr=XAXX010101000&tt=1160.00&fe=1234567", RC_INPUT },
        /* Argentina: no base64, no object, nested, version 2, a wrong CUIT */
        { AFIP "****", RC_INPUT },
        { AFIP "e30=", RC_INPUT },
        { AFIP "eyJ2ZXIiOnsidmVyIjoxfX0=", RC_INPUT },
        { AFIP "eyJ2ZXIiOjJ9", RC_INPUT },
        { AFIP "", RC_INPUT },
        { "https://www.afip.gob.ar/fe/qr/?q=1", RC_INPUT },
        /* Spain: a wrong letter, a date of 31 February, three decimals, no number */
        { AEAT "nif=89890001X&numserie=1&fecha=01-09-2024&importe=1.00", RC_INPUT },
        { AEAT "nif=89890001K&numserie=1&fecha=31-02-2024&importe=1.00", RC_INPUT },
        { AEAT "nif=89890001K&numserie=1&fecha=2024-09-01&importe=1.00", RC_INPUT },
        { AEAT "nif=89890001K&numserie=1&fecha=01-09-2024&importe=1.000", RC_INPUT },
        { AEAT "nif=89890001K&numserie=&fecha=01-09-2024&importe=1.00", RC_INPUT },
        { AEAT "nif=89890001K&fecha=01-09-2024&importe=1.00", RC_INPUT },
        { AEAT "nif=89890001K&numserie=%00&fecha=01-09-2024&importe=1.00", RC_INPUT },
        /* TicketBAI: either check value, an amount that was changed */
        { TBAI "&cr=008", RC_INPUT },
        { "https://batuz.eus/QRTBAI/?id=TBAI-00000006Y-251019-btFpwP8dcLGAF-238&s=T&nf=27174&i=4.70&cr=007", RC_INPUT },
        { "https://batuz.eus/QRTBAI/?id=TBAI-00000006Y-251019-btFpwP8dcLGAF-237&s=T&nf=27174&i=4.71&cr=007", RC_INPUT },
        { TBAI, RC_INPUT },
        /* Chile: a delivery note, a folio out of its range or with a zero, wrong RUTs, cents, a day that is none, */
        { TED("52", "27", "2003-09-08", "8414240-9", "A", "1"), RC_INPUT },
        { TED("33", "201", "2003-09-08", "8414240-9", "A", "1"), RC_INPUT },
        { TED("33", "027", "2003-09-08", "8414240-9", "A", "1"), RC_INPUT },
        { TED("33", "27", "2003-09-08", "8414240-8", "A", "1"), RC_INPUT },
        { TED("33", "27", "2003-09-08", "84142409", "A", "1"), RC_INPUT },
        { TED("33", "27", "2003-09-08", "8414240-9", "A", "1.00"), RC_INPUT },
        { TED("33", "27", "2003-09-08", "8414240-9", "A", "-1"), RC_INPUT },
        { TED("33", "27", "2003-02-29", "8414240-9", "A", "1"), RC_INPUT },
        /* a name of 41, elements of others, an entity that XML does not know, what follows, a CAF of somebody else */
        { TED("33", "27", "2003-09-08", "8414240-9", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNO", "1"), RC_INPUT },
        { TED("33", "27", "2003-09-08", "8414240-9", "A<B>C</B>", "1"), RC_INPUT },
        { TED("33", "27", "2003-09-08", "8414240-9", "A&copy;", "1"), RC_INPUT },
        { TED("33", "27", "2003-09-08", "8414240-9", "A", "1") "<", RC_INPUT },
        { TED_TO("97975000-5", "33", "27", "2003-09-08", "8414240-9", "A", "1", "8414240-9", "1", "200"), RC_INPUT },
        { TED_TO("97975000-5", "33", "27", "2003-09-08", "8414240-9", "A", "1", "97975000-5", "28", "200"), RC_INPUT },
        { "<TED version=\"1.0\"><DD><RE>97975000-5</RE>", RC_INPUT },
        { "<TED", RC_NOT_FOUND },
        { "<TED>", RC_INPUT },
        { "<TEDIOUS>", RC_NOT_FOUND },
        /* EPC: version 3, no BIC in version 1, a wrong IBAN, dollars, nothing, both references */
        { "BCD\n003\n1\nSCT\n\nA\nBE72000000001616\nEUR1", RC_INPUT },
        { "BCD\n001\n1\nSCT\n\nA\nBE72000000001616\nEUR1", RC_INPUT },
        { "BCD\n002\n1\nSCT\n\nA\nBE72000000001617\nEUR1", RC_INPUT },
        { "BCD\n002\n1\nSCT\n\nA\nBE72000000001616\nUSD1", RC_INPUT },
        { "BCD\n002\n1\nSCT\n\nA\nBE72000000001616\nEUR0.00", RC_INPUT },
        { "BCD\n002\n1\nSCT\n\n\nBE72000000001616\nEUR1", RC_INPUT },
        { "BCD\n002\n1\nSCT\n\nA\nBE72000000001616\nEUR1\n\nRF18539007547034\nand text", RC_INPUT },
        { "BCD\n002\n1\nSCT\n\nA\nBE72000000001616\nEUR1\n\n\n\n\n\n\n\n", RC_INPUT },
        { "BCD\n", RC_INPUT },
        /* Switzerland: the reference's check digit, an IBAN that is none for a QRR, no EPD, another currency */
        { BILL_HEAD "1949.75\nCHF\n" BILL_DEBTOR "QRR\n210000000003139471430009018\n\nEPD", RC_INPUT },
        { BILL_HEAD "1949.75\nCHF\n" BILL_DEBTOR "NON\n\n\nEPD", RC_INPUT },
        { BILL_HEAD "1949.75\nCHF\n" BILL_DEBTOR "QRR\n210000000003139471430009017\n\nEND", RC_INPUT },
        { BILL_HEAD "1949.75\nUSD\n" BILL_DEBTOR BILL_TAIL, RC_INPUT },
        { BILL_HEAD "-1949.75\nCHF\n" BILL_DEBTOR BILL_TAIL, RC_INPUT },
        { BILL_HEAD "1949.75\nCHF\n", RC_INPUT },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(1 << 18);
        struct witness w;
        enum rc rc = payload_read(rows[i].text, arena, &w);

        if (rc != rows[i].rc)
            fail_msg("row %zu: %s", i, rc_name(rc));
        arena_free(arena);
    }
}

static void
every_kind_has_its_rules_named(void **state)
{
    unsigned n = 0;

    (void)state;
    for (; payload_kind_at(n) != NULL; n++) {
        assert_non_null(payload_kind_at(n)->read);
        assert_true(strlen(payload_kind_at(n)->rules) > 3);
    }
    assert_int_equal(n, 7);
}

/* What it states survives the codec, and no cut or changed byte of it does harm. */
static void
witnesses_survive_the_codec(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct witness w, *back = NULL;
    struct buffer b;

    (void)state;
    assert_int_equal(payload_read(TBAI "&cr=007", arena, &w), RC_OK);
    buffer_init(&b, 1 << 16);
    witness_write(&b, &w);
    assert_int_equal(witness_read(buffer_bytes(&b), arena, &back), RC_OK);
    assert_string_equal(back->kind, "es_ticketbai");
    assert_int_equal(back->count, w.count);
    assert_string_equal(witness_find(back, "grand_total")->value, "4.70");
    for (size_t n = 0; n < b.size; n++)
        assert_int_equal(witness_read(bytes_of(b.data, n), arena, &back), RC_INPUT);
    buffer_done(&b);
    arena_free(arena);
}

static void
too_many_statements_are_a_limit(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct witness w = { .kind = "ubl" };
    char long_value[STATEMENT_VALUE_MAX + 2];

    (void)state;
    memset(long_value, 'x', sizeof long_value);
    long_value[sizeof long_value - 1] = 0;
    assert_int_equal(witness_states(&w, arena, "a", long_value), RC_OK);
    assert_int_equal(witness_states(&w, arena, "a", NULL), RC_OK);
    assert_int_equal(witness_states(&w, arena, "a", "\xc3"), RC_OK);
    assert_int_equal(w.count, 0);
    for (int i = 0; i < STATEMENTS_MAX; i++)
        assert_int_equal(witness_states(&w, arena, "a", "1"), RC_OK);
    assert_int_equal(witness_states(&w, arena, "a", "1"), RC_LIMIT);
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_state_values),
        cmocka_unit_test(broken_rules_are_not_believed),
        cmocka_unit_test(every_kind_has_its_rules_named),
        cmocka_unit_test(witnesses_survive_the_codec),
        cmocka_unit_test(too_many_statements_are_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
