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
    assert_int_equal(n, 6);
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
