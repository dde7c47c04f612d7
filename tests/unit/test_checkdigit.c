/*
 * test_checkdigit.c - every kind by a few vectors of our own, then all public vectors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rc.h"
#include "doc/checkdigit.h"

static const struct { const char *kind, *value; bool good; } rows[] = {
    { "npi", "1234567893", true },          { "npi", "1234567890", false },       { "npi", "9243674328", false },
    { "dea", "AB1234563", true },           { "dea", "AB1234564", false },
    { "mbi", "1EG4-TE5-MK73", true },       { "mbi", "1EG4-TE5-MK7S", false },    { "mbi", "0EG4TE5MK73", false },
    { "us_ssn", "536-90-4399", true },      { "us_ssn", "000-12-3456", false },   { "us_ssn", "666-12-3456", false },
    { "us_ssn", "123-00-4567", false },     { "us_ssn", "912-34-5678", false },
    { "us_itin", "912-90-3456", true },     { "us_itin", "912-93-3456", false },
    { "us_ein", "91-1144442", true },       { "us_ein", "07-1144442", false },
    { "us_rtn", "111000025", true },        { "us_rtn", "111000024", false },
    { "iban", "ES91 2100 0418 4502 0005 1332", true }, { "iban", "ES91 2100 0418 4502 0005 1333", false },
    { "iban", "DE89 3704 0044 0532 0130 00", true },   { "iban", "DE89 3704 0044 0532 0130", false },
    { "iban", "ZZ89370400440532013000", false },
    { "iso11649", "RF18 5390 0754 7034", true },       { "iso11649", "RF19 5390 0754 7034", false },
    { "gtin", "4006381333931", true },      { "gtin", "4006381333932", false },   { "gtin", "96385074", true },
    { "luhn", "49927398716", true },        { "luhn", "49927398717", false },     { "luhn", "", false },
    { "es_nif", "12345678Z", true },        { "es_nif", "12345678A", false },     { "es_nif", "X1234567L", true },
    { "es_nif", "A58818501", true },        { "es_nif", "A58818502", false },     { "es_nif", "ES-B58378431", true },
    { "es_nie", "x-2482300w", true },       { "es_cif", "J99216582", true },      { "es_dni", "54362315-K", true },
    { "es_nss", "281234567840", true },     { "es_nss", "281234567841", false },
    { "es_ccc", "1234-1234-16 1234567890", true },     { "es_ccc", "1234-1234-17 1234567890", false },
    { "es_cups", "ES 1234-123456789012-JY", true },    { "es_cups", "ES 1234-123456789012-XY", false },
    { "mx_rfc", "GODE561231GR8", true },    { "mx_rfc", "GODE561331GR8", false }, { "mx_rfc", "CACA580710NF7", false },
    { "mx_rfc_digit", "GODE561231GR8", true }, { "mx_rfc_digit", "GODE561231GR9", false },
    { "mx_rfc_digit", "XAXX010101000", true },
    { "mx_curp", "BOXW310820HNERXN09", true },         { "mx_curp", "BOXW310820HNERXN08", false },
    { "mx_clabe", "032180000118359719", true },        { "mx_clabe", "032180000118359718", false },
    { "co_nit", "213.123.432-1", true },    { "co_nit", "213.123.432-2", false },
    { "cl_rut", "76086428-5", true },       { "cl_rut", "12531909-3", false },
    { "ar_cuit", "20-05536168-2", true },   { "ar_cuit", "20267565392", false },
    { "ar_cbu", "2850590940090418135201", true },      { "ar_cbu", "2810590940090418135201", false },
    { "pe_ruc", "20512333797", true },      { "pe_ruc", "20512333798", false },
    { "ec_ci", "171430710-3", true },       { "ec_ci", "171430710-4", false },    { "ec_ruc", "1792060346-001", true },
    { "br_cpf", "390.533.447-05", true },   { "br_cpf", "390.533.447-06", false },
    { "br_cpf", "111.111.111-11", false },
    { "br_cnpj", "16.727.230/0001-97", true }, { "br_cnpj", "16.727.230/0001-98", false },
    { "br_cnpj", "12.ABC.345/01DE-35", true },
    { "eu_vat", "ATU13585627", true },      { "eu_vat", "DE136695976", true },    { "eu_vat", "DE136695977", false },
    { "eu_vat", "FR40303265045", true },    { "eu_vat", "FR41303265045", false }, { "eu_vat", "QQ123", false },
    { "ch_uid", "CHE-100.155.212", true },  { "gb_vat", "GB 980 7806 84", true },
    { "us_state", "TX", true },             { "us_state", "XX", false },          { "us_zip", "90619-1234", true },
    { "icd10", "S72.001A", true },          { "icd10", "572.001A", false },       { "hcpcs", "J1100", true },
    { "us_ptin", "P-00634642", true },      { "us_ptin", "Q00634642", false },    { "us_atin", "123-45-6789", true },
    { "taxonomy", "207Q00000X", true },     { "taxonomy", "207Q000000", false },
    { "bic", "DEUTDEFF500", true },         { "bic", "DEUTDE", false },           { "bic", "1EUTDEFF", false },
    { "mod_97_10", "9999123456789012141490", true }, { "mod_97_10", "9999123456789012141491", false },
    { "es_ticketbai", "TBAI-00000006Y-251019-btFpwP8dcLGAF-237", true },
    { "es_ticketbai", "TBAI-00000006Y-251019-btFpwP8dcLGAF-238", false },
    { "es_ticketbai", "TBAI-00000006Y-251019-BTFPWP8DCLGAF-237", false },
    { "ec_access_key", "2103202601179237325500110010010000001231234567818", true },    { "br_nfe", "35260316727230000197550010000001231000001235", true },
    { "ar_cae", "61123022925855", true },   { "ar_cae", "6112302292585", false },
    { "mx_certificate", "30001000000400002495", true },
    { "hcpcs", "0042T", true },             { "hcpcs", "99213", true },           { "hcpcs", "JJ100", false },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum checkdigit_answer want = rows[i].good ? CHECKDIGIT_GOOD : CHECKDIGIT_BAD;

        if (checkdigit_check(rows[i].kind, rows[i].value) != want)
            fail_msg("row %zu: %s %s should be %s", i, rows[i].kind, rows[i].value, rows[i].good ? "good" : "bad");
    }
}

static void
test_unknown(void **state)
{
    char small[4];

    (void)state;
    assert_int_equal(checkdigit_check("no_such_kind", "1"), CHECKDIGIT_UNKNOWN);
    assert_false(checkdigit_compact("12345", small, sizeof small));
    for (unsigned i = 0; checkdigit_at(i) != NULL; i++)
        assert_ptr_equal(checkdigit_find(checkdigit_at(i)->name), checkdigit_at(i));
}

/* Any one digit changed must be noticed by a kind that claims to prove. */
static void
test_one_digit(void **state)
{
    static const char *const proving[][2] = {
        { "npi", "1234567893" }, { "iban", "DE89370400440532013000" }, { "es_nif", "12345678Z" },
        { "es_nss", "281234567840" }, { "us_rtn", "111000025" }, { "co_nit", "2131234321" },
        { "es_nie", "X2482300W" }, { "gtin", "4006381333931" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(proving); i++) {
        char value[40];

        snprintf(value, sizeof value, "%s", proving[i][1]);
        assert_true(checkdigit_proves(proving[i][0]));
        for (size_t at = 0; value[at] != '\0'; at++) {
            char was = value[at];

            if (was < '0' || was > '9')
                continue;
            value[at] = was == '9' ? '0' : (char)(was + 1);
            if (checkdigit_check(proving[i][0], value) == CHECKDIGIT_GOOD)
                fail_msg("%s: %s passes as well as %s", proving[i][0], value, proving[i][1]);
            value[at] = was;
        }
    }
}

/* The module of a vector to our kind; NULL: not ours. */
static const char *
kind_of(const char *module, const char *call)
{
    static char kind[40];
    static const struct { const char *module, *kind; } names[] = {
        { "iso7064.mod_97_10", "mod_97_10" }, { "mod_97_10", NULL },
        { "es.ccc", "es_ccc" }, { "luhn", "luhn" }, { "iban", "iban" }, { "us.ssn", "us_ssn" },
    };

    if (strcmp(call, "validate") != 0 && strcmp(call, "valid_list") != 0 && strcmp(call, "is_valid") != 0)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(names[i].module, module) == 0)
            return names[i].kind;
    snprintf(kind, sizeof kind, "%s", module);
    for (char *p = kind; *p != '\0'; p++)
        if (*p == '.')
            *p = '_';
    return checkdigit_find(kind) != NULL ? kind : NULL;
}

/*
 * Calls with an option that their line does not show: the same input is right by one call and
 * wrong by another; and an alphabet that is no number.
 */
static bool
has_option(const char *kind, const char *input)
{
    static const char *const known[][2] = {
        { "mx_rfc", "VACE-460910-SX6" }, { "mx_rfc", "SIN 931116 9P8" }, { "mx_rfc", "CCM 650122 I06" },
        { "luhn", "abcdefe" },          { "us_tin", "07-3456789" },      { "eu_vat", "EU372022452" },
        { "eu_vat", "IE 069385V8" },
    };

    /* A country and a number of it: two arguments. */
    if (strcmp(kind, "eu_vat") == 0 && strncmp(input, input + 3, 2) == 0 && input[2] == ' ')
        return true;

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strcmp(known[i][0], kind) == 0 && strcmp(known[i][1], input) == 0)
            return true;
    return false;
}

static void
test_vectors(void **state)
{
    struct { const char *kind, *first; bool on; } wrong_from[] = {
        { "iban", "AL48212110090000000235698741", false }, { "eu_vat", "ATU 143 43 102", false },
    };
    /* The kinds that documents of ours carry: each must be met, so often at least. */
    struct { const char *kind; unsigned least, run; } must[] = {
        { "es_nif", 1, 0 },  { "es_dni", 1, 0 },    { "es_nie", 1, 0 },   { "es_cif", 1, 0 },  { "es_ccc", 1, 0 },
        { "es_iban", 1, 0 }, { "es_cups", 16, 0 },  { "mx_rfc", 400, 0 }, { "mx_curp", 20, 0 }, { "co_nit", 230, 0 },
        { "cl_rut", 200, 0 }, { "ar_cuit", 210, 0 }, { "ar_cbu", 100, 0 }, { "pe_ruc", 110, 0 }, { "pe_cui", 40, 0 },
        { "ec_ci", 6, 0 },   { "ec_ruc", 240, 0 },  { "us_ein", 1, 0 },   { "us_ssn", 1, 0 },  { "us_itin", 1, 0 },
        { "us_tin", 1, 0 },  { "us_rtn", 1, 0 },    { "us_atin", 1, 0 },  { "us_ptin", 2, 0 }, { "eu_vat", 700, 0 },
        { "iban", 215, 0 },  { "luhn", 8, 0 },      { "mod_97_10", 2, 0 },
    };
    FILE *file = fopen("../shared/lists/stdnum_vectors.tsv", "re");
    char line[2000];
    unsigned run = 0, wrong = 0, unmet = 0;

    (void)state;
    if (file == NULL) {
        print_message("SKIPPED: the public vectors are not here (../shared/lists/stdnum_vectors.tsv)\n");
        skip();
    }
    while (fgets(line, sizeof line, file) != NULL) {
        char *save = NULL, *module = strtok_r(line, "\t", &save), *call = strtok_r(NULL, "\t", &save);
        char *input = strtok_r(NULL, "\t", &save), *expected = strtok_r(NULL, "\n", &save);
        const char *kind = expected == NULL ? NULL : kind_of(module, call);
        bool good;

        if (kind == NULL || has_option(kind, input))
            continue;
        good = strncmp(expected, "ERROR", 5) != 0 && strcmp(expected, "False") != 0;
        /* Two lists go on with numbers that are wrong on purpose. */
        for (size_t i = 0; i < COUNT_OF(wrong_from); i++) {
            wrong_from[i].on = wrong_from[i].on || strcmp(input, wrong_from[i].first) == 0;
            if (wrong_from[i].on && strcmp(kind, wrong_from[i].kind) == 0 && strcmp(call, "valid_list") == 0)
                good = false;
        }
        run++;
        for (size_t i = 0; i < COUNT_OF(must); i++)
            must[i].run += strcmp(must[i].kind, kind) == 0;
        if ((checkdigit_check(kind, input) == CHECKDIGIT_GOOD) != good) {
            if (wrong++ < 40)
                print_message("%s %s: expected %s\n", kind, input, expected);
        }
    }
    fclose(file);
    print_message("%u vectors\n", run);
    for (size_t i = 0; i < COUNT_OF(must); i++)
        if (must[i].run < must[i].least) {
            print_message("%s: %u vectors, %u at least\n", must[i].kind, must[i].run, must[i].least);
            unmet++;
        }
    assert_int_equal(unmet, 0);
    assert_true(run > 1500);
    assert_int_equal(wrong, 0);
}

/* Is the country one of the registry's own?  Territories print the IBAN of the state that they belong to. */
static bool
in_registry(const char *iban)
{
    FILE *file = fopen("../shared/lists/iban_registry_stdnum.dat", "re");
    bool found = false;
    char line[400];

    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL)
        found = strncmp(line, iban, 2) == 0 && line[2] == ' ';
    if (file != NULL)
        fclose(file);
    return found;
}

/* The example of every country that is in SWIFT's registry: shapes and lengths are ours by heart. */
static void
test_ibans(void **state)
{
    FILE *file = fopen("../shared/lists/iban_registry_php-iban.txt", "re");
    char line[4000];
    unsigned run = 0, wrong = 0;

    (void)state;
    if (file == NULL) {
        print_message("SKIPPED: the registry of IBANs is not here (../shared/lists/iban_registry_php-iban.txt)\n");
        skip();
    }
    while (fgets(line, sizeof line, file) != NULL) {
        char *rest = line, *column, *iban = NULL;
        bool official = false;

        for (int i = 0; (column = strsep(&rest, "|")) != NULL; i++) {
            if (i == 7)
                iban = column;
            official = official || (i == 17 && strcmp(column, "1") == 0);
        }
        if (!official || iban == NULL || !in_registry(iban))
            continue;
        run++;
        if (checkdigit_check("iban", iban) != CHECKDIGIT_GOOD) {
            print_message("%s\n", iban);
            wrong++;
        }
    }
    fclose(file);
    print_message("%u IBANs of the registry\n", run);
    assert_true(run > 70);
    assert_int_equal(wrong, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ibans),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_one_digit),
        cmocka_unit_test(test_vectors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
