/*
 * test_rules.c - rules between fields with the forms that we ship: pointers, dates, sums of columns, rates in force on
 * the day, whose paper it is, and what makes it the only one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rc.h"
#include "check.h"
#include "doc/parties.h"
#include "doc/rates.h"
#include "doc/value.h"
#include "forms_ready.h"
#include "stages.h"

#define CELLS_MAX 40

/* A document of fields and rows, by hand. */
struct paper {
    const struct form *form;
    struct fields fields;
    struct field list[CELLS_MAX];
    struct field cells[8][12];
    struct field_row rows[8];
};

static struct paper *
paper(const char *form)
{
    struct paper *p = calloc(1, sizeof *p);

    assert_non_null(p);
    p->form = forms_find(forms_loaded(), form);
    assert_non_null(p->form);
    p->fields = (struct fields){ .form = form, .fields = p->list, .rows = p->rows };
    return p;
}

static struct field
value(const char *name, const char *text)
{
    return (struct field){ .name = name, .value = text, .text = text, .confidence = 0.99, .state = FIELD_VALUE };
}

/* "name=value;name=value" into the document; into row r when r >= 0. Text must live on. */
static void
put(struct paper *p, int r, char *text)
{
    char *save = NULL;

    for (char *pair = strtok_r(text, ";", &save); pair != NULL; pair = strtok_r(NULL, ";", &save)) {
        char *equals = strchr(pair, '=');

        assert_non_null(equals);
        *equals = '\0';
        assert_non_null(r < 0 ? form_field(p->form, pair) : form_column(p->form, pair));
        if (r < 0) {
            p->list[p->fields.count++] = value(pair, equals + 1);
        } else {
            p->rows[r].cells = p->cells[r];
            p->cells[r][p->rows[r].count++] = value(pair, equals + 1);
            if ((uint32_t)r >= p->fields.row_count)
                p->fields.row_count = (uint32_t)r + 1;
        }
    }
}

static bool
has(const struct field *f, enum reason reason)
{
    for (int i = 0; f != NULL && i < FIELD_REASONS_MAX; i++)
        if (f->reasons[i] == reason)
            return true;
    return false;
}

static const struct field *
named(const struct paper *p, const char *name)
{
    const struct field *f = fields_find(&p->fields, name);

    for (uint32_t r = 0; f == NULL && r < p->fields.row_count; r++)
        for (uint32_t c = 0; c < p->rows[r].count; c++)
            if (strcmp(p->rows[r].cells[c].name, name) == 0)
                return &p->rows[r].cells[c];
    return f;
}

/* form, document, up to two rows; the field that is blamed, and why (REASON_NONE: nobody is). */
static const struct {
    const char *form, *fields, *rows[2], *field;
    enum reason reason;
} rules[] = {
    /* diagnosis pointers of a claim */
    { "cms1500", "box_21_a=E11.9;box_21_b=I10", { "diagnosis_pointers=AB" }, "diagnosis_pointers", REASON_NONE },
    { "cms1500", "box_21_a=E11.9;box_21_b=I10", { "diagnosis_pointers=AC" }, "diagnosis_pointers", REASON_POINTER_EMPTY },
    { "cms1500", "box_21_a=E11.9", { "diagnosis_pointers=A", "diagnosis_pointers=M" }, "diagnosis_pointers", REASON_NONE },
    { "cms1500", "box_21_a=E11.9", { "diagnosis_pointers=1" }, "diagnosis_pointers", REASON_POINTER_EMPTY },
    /* dates of service */
    { "cms1500", "box_31_physician_signature_date=2026-10-29", { "date_from=2026-10-27;date_to=2026-10-28" }, "date_to", REASON_NONE },
    { "cms1500", "box_31_physician_signature_date=2026-10-29", { "date_from=2026-10-27;date_to=2026-10-30" }, "date_to", REASON_DATE_IMPOSSIBLE },
    { "cms1500", "box_3_patient_birth=1980-01-01", { "date_from=2026-10-27;date_to=2026-10-26" }, "date_from", REASON_DATE_IMPOSSIBLE },
    { "cms1500", "box_3_patient_birth=2026-10-28", { "date_from=2026-10-27" }, "date_from", REASON_DATE_IMPOSSIBLE },
    { "cms1500", "box_18_hospitalization_from=2026-10-28", { "date_from=2026-10-27" }, "date_from", REASON_UNUSUAL },
    /* charges */
    { "cms1500", "box_28_total_charge=30.00", { "charges=10.00", "charges=20.00" }, "box_28_total_charge", REASON_NONE },
    { "cms1500", "box_28_total_charge=30.00", { "charges=10.00", "charges=20.01" }, "box_28_total_charge", REASON_SUM_DIFFERS },
    { "cms1500", "box_28_total_charge=30.00", { "charges=10.00", "charges=20.01" }, "charges", REASON_SUM_DIFFERS },
    { "cms1500", "box_28_total_charge=30.00", { "charges=10.00", "units=1" }, "box_28_total_charge", REASON_NONE },
    /* conditions */
    { "cms1500", "box_6_relationship_to_insured=self;box_2_patient_name=ADAMS, ANA;box_4_insured_name=Adams Ana", { NULL }, "box_4_insured_name", REASON_NONE },
    { "cms1500", "box_6_relationship_to_insured=self;box_2_patient_name=ADAMS, ANA;box_4_insured_name=FOX, BO", { NULL }, "box_4_insured_name", REASON_RULE_BROKEN },
    { "cms1500", "box_6_relationship_to_insured=spouse;box_2_patient_name=ADAMS, ANA;box_4_insured_name=FOX, BO", { NULL }, "box_4_insured_name", REASON_NONE },
    { "cms1500", "box_10_auto_accident=YES", { NULL }, "box_10_auto_accident", REASON_RULE_BROKEN },
    { "cms1500", "box_10_auto_accident=NO", { NULL }, "box_10_auto_accident", REASON_NONE },
    { "cms1500", "box_22_resubmission_code=7", { NULL }, "box_22_resubmission_code", REASON_RULE_BROKEN },
    { "cms1500", "box_22_resubmission_code=1", { NULL }, "box_22_resubmission_code", REASON_NONE },
    { "ub04", "fl_04_type_of_bill=0137", { NULL }, "fl_04_type_of_bill", REASON_RULE_BROKEN },
    { "ub04", "fl_04_type_of_bill=0137;fl_64_document_control=A1", { NULL }, "fl_04_type_of_bill", REASON_NONE },
    { "ub04", "fl_06_statement_from=2026-01-01;fl_06_statement_through=2026-01-31", { "service_date=2026-02-01" }, "service_date", REASON_DATE_IMPOSSIBLE },
    /* payslips: the length of the period */
    { "payslip", "period_start=2025-10-01;period_end=2025-10-31;total_days=30", { NULL }, "total_days", REASON_NONE },
    { "payslip", "period_start=2025-10-01;period_end=2025-10-31;total_days=31", { NULL }, "total_days", REASON_NONE },
    { "payslip", "period_start=2025-10-01;period_end=2025-10-31;total_days=36", { NULL }, "total_days", REASON_RULE_BROKEN },
    { "payslip", "period_start=2025-02-01;period_end=2025-02-28;total_days=30", { NULL }, "total_days", REASON_NONE },
    { "payslip", "period_start=2025-10-16;period_end=2025-10-31;total_days=30", { NULL }, "total_days", REASON_RULE_BROKEN },
    { "payslip", "contribution_group=5;base_cc=4909.51;period_end=2025-10-31", { NULL }, "base_cc", REASON_NONE },
    { "payslip", "contribution_group=5;base_cc=4999.50;period_end=2025-10-31", { NULL }, "base_cc", REASON_UNUSUAL },
    { "payslip", "contribution_group=05;base_cc=1381.20;period_end=2025-10-31", { NULL }, "base_cc", REASON_NONE },
    { "payslip", "contribution_group=5;base_cc=9999.50;period_end=2049-10-31", { NULL }, "base_cc", REASON_NONE },
    /* invoices */
    { "invoice", "issue_date=2026-03-02;due_date=2026-03-01", { NULL }, "due_date", REASON_DATE_IMPOSSIBLE },
    { "invoice", "net_total=30.00;tax_total=6.30;grand_total=36.30", { "amount=10.00", "amount=20.00" }, "amount", REASON_NONE },
    { "invoice", "net_total=30.00;tax_total=6.30;grand_total=36.30", { "amount=12.10", "amount=24.20" }, "amount", REASON_NONE },
    { "invoice", "net_total=30.00;discount=5.00;grand_total=25.00", { "amount=10.00", "amount=20.00" }, "amount", REASON_NONE },
    { "invoice", "net_total=30.00;tax_total=6.30;grand_total=36.30", { "amount=10.00", "amount=26.00" }, "amount", REASON_SUM_DIFFERS },
    { "invoice", "net_total=30.00;tax_total=6.30;grand_total=36.30", { "amount=10.00", "amount=26.00" }, "net_total", REASON_NONE },
    /* what was in force: 18 % until August 2012, 21 % since; a German rate is none of Spain */
    { "invoice", "seller_tax_id=A58818501;issue_date=2012-08-31", { "tax_rate=18.00" }, "tax_rate", REASON_NONE },
    { "invoice", "seller_tax_id=A58818501;issue_date=2012-08-31", { "tax_rate=21.00" }, "tax_rate", REASON_RATE_DIFFERS },
    { "invoice", "seller_tax_id=A58818501;issue_date=2012-09-01", { "tax_rate=21.00" }, "tax_rate", REASON_NONE },
    { "invoice", "seller_tax_id=A58818501;issue_date=2025-03-01", { "tax_rate=19.00" }, "tax_rate", REASON_RATE_DIFFERS },
    { "invoice", "seller_tax_id=DE136695976;issue_date=2025-03-01", { "tax_rate=19.00" }, "tax_rate", REASON_NONE },
    { "invoice", "seller_tax_id=DE136695976;issue_date=2020-09-01", { "tax_rate=19.00" }, "tax_rate", REASON_RATE_DIFFERS },
    { "invoice", "seller_tax_id=91-1144442;issue_date=2025-03-01", { "tax_rate=8.25" }, "tax_rate", REASON_NONE },
    { "invoice", "seller_tax_id=A58818501;issue_date=1990-01-01", { "tax_rate=12.00" }, "tax_rate", REASON_RATES_OUTDATED },
    { "invoice", "seller_tax_id=A58818501;issue_date=2011-03-01;tax_base_21=10.00;tax_amount_21=2.10", { NULL }, "tax_base_21", REASON_RATE_DIFFERS },
    { "invoice", "net_total=100.00;withholding_amount=15.00;issue_date=2025-03-01", { NULL }, "withholding_amount", REASON_NONE },
    { "invoice", "net_total=100.00;withholding_amount=15.50;issue_date=2025-03-01", { NULL }, "withholding_amount", REASON_UNUSUAL },
    /* what the law says of a W-2 is said, and holds nothing up */
    { "w2", "tax_year=2024;box3_ss_wages=50000.00;box4_ss_tax=3100.00", { NULL }, "box4_ss_tax", REASON_NONE },
    { "w2", "tax_year=2024;box3_ss_wages=50000.00;box4_ss_tax=3700.00", { NULL }, "box4_ss_tax", REASON_UNUSUAL },
    { "w2", "tax_year=2011;box3_ss_wages=50000.00;box4_ss_tax=2100.00", { NULL }, "box4_ss_tax", REASON_NONE },
    { "w2", "tax_year=2024;box3_ss_wages=40000.00;box7_ss_tips=10000.00;box4_ss_tax=3100.00", { NULL }, "box4_ss_tax", REASON_NONE },
    { "w2", "tax_year=2024;box3_ss_wages=168600.00", { NULL }, "box3_ss_wages", REASON_NONE },
    { "w2", "tax_year=2023;box3_ss_wages=168600.00", { NULL }, "box3_ss_wages", REASON_UNUSUAL },
    { "w2", "tax_year=2024;box5_medicare_wages=50000.00;box6_medicare_tax=725.00", { NULL }, "box6_medicare_tax", REASON_NONE },
    { "w2", "tax_year=2024;box10_dependent_care=5200.00", { NULL }, "box10_dependent_care", REASON_UNUSUAL },
};

static void
test_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        struct paper *p = paper(rules[i].form);
        char *texts[3] = { strdup(rules[i].fields), NULL, NULL };
        const struct field *f;

        put(p, -1, texts[0]);
        for (int r = 0; r < 2; r++)
            if (rules[i].rows[r] != NULL)
                put(p, r, texts[r + 1] = strdup(rules[i].rows[r]));
        check_document(p->form, &p->fields);
        f = named(p, rules[i].field);
        assert_non_null(f);
        if (rules[i].reason == REASON_NONE ? f->reasons[0] != 0 : !has(f, rules[i].reason))
            fail_msg("row %zu: %s should be %s and is %s", i, rules[i].field, reason_row(rules[i].reason)->word,
                     reason_row(f->reasons[0])->word);
        /* A note is said; only a doubt asks for a person. */
        assert_int_equal(field_doubted(f), reason_row(f->reasons[0])->class == CLASS_REVIEW);
        for (int k = 0; k < 3; k++)
            free(texts[k]);
        free(p);
    }
}

/* What a person typed is not doubted by a rule. */
static void
test_person(void **state)
{
    struct paper *p = paper("invoice");
    char text[] = "issue_date=2026-03-02;due_date=2026-03-01";

    (void)state;
    put(p, -1, text);
    p->list[1].origin = ORIGIN_PERSON;
    check_document(p->form, &p->fields);
    assert_true(has(&p->list[0], REASON_DATE_IMPOSSIBLE));
    assert_int_equal(p->list[1].reasons[0], 0);
    free(p);
}

static const struct { const char *form, *field, *text; enum reason reason; } values[] = {
    { "w2", "box12a_code", "DD", REASON_NONE },  { "w2", "box12b_code", "D", REASON_NONE },
    { "w2", "box12a_code", "ODD", REASON_CODE_UNKNOWN }, { "w2", "box12c_code", "ODD", REASON_FORMAT_WRONG },
    { "w2", "box12d_code", "I", REASON_CODE_UNKNOWN }, { "w2", "box12a_code", "O", REASON_CODE_UNKNOWN },
    { "w2", "box12a_code", "II", REASON_NONE },  { "w2", "box12a_code", "XX", REASON_CODE_UNKNOWN },
    { "w2", "tax_year", "2010", REASON_NONE },   { "w2", "tax_year", "2110", REASON_DATE_IMPOSSIBLE },
    { "w2", "tax_year", "20I0", REASON_DATE_IMPOSSIBLE }, { "w2", "tax_year", "1910", REASON_DATE_IMPOSSIBLE },
};

static void
test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        const struct form *form = forms_find(forms_loaded(), values[i].form);
        struct field f = value(values[i].field, values[i].text);

        check_field(form_field(form, values[i].field), &f);
        if (values[i].reason == REASON_NONE ? f.reasons[0] != 0 : !has(&f, values[i].reason))
            fail_msg("row %zu: %s %s", i, values[i].text, reason_row(f.reasons[0])->word);
    }
}

/* ---- whose it is --------------------------------------------------------------------------------- */

static struct party known[] = {
    { PARTY_NAME, "Acme Ibérica, S.L." }, { PARTY_TAX_ID, "B58378431" }, { PARTY_NAME, "Insure Well of Ohio" },
};
static const struct { unsigned first, count; const char *form, *fields; enum party_answer answer; } papers[] = {
    { 0, 2, "invoice", "buyer_name=ACME IBERICA SL", PARTY_OURS },
    { 0, 2, "invoice", "buyer_name=Acrne Iberica, S. L.", PARTY_OURS },
    { 0, 2, "invoice", "buyer_name=Acme Ibérica S.L. - Almacén Norte", PARTY_OURS },
    { 0, 2, "invoice", "buyer_name=Acme Portuguesa, Lda.", PARTY_STRANGER },
    { 0, 2, "invoice", "buyer_name=Nosotros Mismos S.A.", PARTY_STRANGER },
    { 0, 2, "invoice", "buyer_name=Otro Nombre;buyer_tax_id=B-58378431", PARTY_OURS },
    { 0, 2, "invoice", "buyer_name=Otro Nombre;buyer_tax_id=ESB58378431", PARTY_OURS },
    { 0, 2, "invoice", "buyer_name=Acme Ibérica SL;buyer_tax_id=A58818501", PARTY_STRANGER }, /* a number decides */
    { 0, 2, "invoice", "seller_name=Acme Ibérica SL", PARTY_UNNAMED },
    { 0, 1, "invoice", "buyer_name=Acme Iberica;buyer_tax_id=A58818501", PARTY_OURS }, /* no number is known */
    { 1, 1, "invoice", "buyer_name=Acme Iberica", PARTY_UNNAMED },                      /* no name is known   */
    { 0, 0, "invoice", "buyer_name=Nosotros Mismos S.A.", PARTY_OURS },                 /* nothing is known   */
    { 0, 2, "receipt", "seller_name=Nosotros Mismos S.A.", PARTY_OURS },                /* the form does not ask */
    { 2, 1, "cms1500", "carrier_1=INSURE WELL OF OHIO;box_33_billing_name=DANIEL MARTIN MD", PARTY_OURS },
    { 2, 1, "cms1500", "carrier_1=HUMANA;box_33_billing_name=INSURE WELL OF OHIO", PARTY_OURS },
    { 2, 1, "cms1500", "carrier_1=HUMANA;box_33_billing_name=DANIEL MARTIN MD", PARTY_STRANGER },
};

static void
test_party(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(papers); i++) {
        const struct parties parties = { known + papers[i].first, papers[i].count };
        struct paper *p = paper(papers[i].form);
        char *text = strdup(papers[i].fields);
        enum party_answer answer;

        put(p, -1, text);
        p->list[0].origin = ORIGIN_PERSON; /* it is about the paper, whoever read it */
        answer = check_party(p->form, &parties, &p->fields);
        if (answer != papers[i].answer)
            fail_msg("row %zu: %s gives %d", i, papers[i].fields, (int)answer);
        assert_int_equal(has(&p->list[0], REASON_NOT_FOR_THIS_CLIENT), answer == PARTY_STRANGER);
        free(text);
        free(p);
    }
}

static void
test_parties_codec(void **state)
{
    struct arena *arena = arena_new(1u << 20);
    const struct parties parties = { known, 3 };
    struct twins twins = { { { "invoice_number", "text" } }, 1 }, read;
    struct parties back;
    struct buffer b;

    (void)state;
    buffer_init(&b, PARTIES_BYTES_MAX);
    parties_write(&b, &parties);
    assert_int_equal(parties_read(buffer_bytes(&b), arena, &back), RC_OK);
    assert_int_equal(back.count, 3);
    assert_string_equal(back.items[0].value, known[0].value);
    for (size_t n = 0; n < b.size; n++)
        assert_int_equal(parties_read(bytes_of(b.data, n), arena, &back), RC_INPUT);
    b.data[5] = PARTY_KINDS;
    assert_int_equal(parties_read(buffer_bytes(&b), arena, &back), RC_INPUT);
    buffer_done(&b);
    buffer_init(&b, 1000);
    twins_write(&b, &twins);
    assert_int_equal(twins_read(buffer_bytes(&b), arena, &read), RC_OK);
    assert_string_equal(read.items[0].text, "text");
    for (size_t n = 0; n < b.size; n++)
        assert_int_equal(twins_read(bytes_of(b.data, n), arena, &read), RC_INPUT);
    buffer_done(&b);
    arena_free(arena);
    assert_int_equal(party_kind_find("npi"), PARTY_NPI);
    assert_int_equal(party_kind_find("iban"), PARTY_KINDS);
    assert_true(party_same(&known[0], &(struct party){ PARTY_NAME, "ACME IBERICA SL" }));
    assert_false(party_same(&known[1], &(struct party){ PARTY_EIN, "B58378431" }));
}

/* ---- twins --------------------------------------------------------------------------------------- */

static void
twin_text(const char *form, const char *fields, const char *row, char *out, size_t room)
{
    struct arena *arena = arena_new(1u << 20);
    struct paper *p = paper(form);
    char *a = strdup(fields), *b = row != NULL ? strdup(row) : NULL;
    struct twins twins;

    put(p, -1, a);
    if (b != NULL)
        put(p, 0, b);
    assert_int_equal(check_twins(p->form, &p->fields, arena, &twins), RC_OK);
    snprintf(out, room, "%s", twins.count > 0 ? twins.items[0].text : "");
    free(a);
    free(b);
    free(p);
    arena_free(arena);
}

static void
test_twins(void **state)
{
    static const struct { const char *form, *fields, *row, *other, *other_row; bool same; } rows[] = {
        { "invoice", "invoice_number=F-2025/0001;seller_tax_id=A58818501;issue_date=2025-01-02;grand_total=12.10", NULL,
          "invoice_number=f 2025 0001;seller_tax_id=A-58818501;issue_date=2025-01-02;grand_total=12.10", NULL, true },
        { "invoice", "invoice_number=1;seller_tax_id=A58818501;issue_date=2025-01-02;grand_total=12.10", NULL,
          "invoice_number=1;seller_tax_id=A58818501;issue_date=2025-01-02;grand_total=12.20", NULL, false },
        { "invoice", "invoice_number=12;seller_tax_id=A58818501;issue_date=2025-01-02;grand_total=12.10", NULL,
          "invoice_number=2;seller_tax_id=A58818501;issue_date=2025-01-02;grand_total=12.10", NULL, false },
        { "cms1500", "box_26_patient_account_number=ACC-1;box_28_total_charge=5.00", "date_from=2026-01-02;date_to=2026-01-02;charges=5.00",
          "box_26_patient_account_number=ACC 1;box_28_total_charge=5.00", "date_from=2026-01-02;date_to=2026-01-02;charges=5.00", true },
        { "cms1500", "box_26_patient_account_number=ACC-1;box_28_total_charge=5.00", "date_from=2026-01-02;date_to=2026-01-02;charges=5.00",
          "box_26_patient_account_number=ACC-1;box_28_total_charge=5.00", "date_from=2026-01-03;date_to=2026-01-03;charges=5.00", false },
        /* a claim that is sent again, and says so, is another document */
        { "cms1500", "box_26_patient_account_number=ACC-1;box_28_total_charge=5.00", "date_from=2026-01-02;date_to=2026-01-02;charges=5.00",
          "box_26_patient_account_number=ACC-1;box_28_total_charge=5.00;box_22_resubmission_code=7", "date_from=2026-01-02;date_to=2026-01-02;charges=5.00", false },
    };
    char one[4000], other[4000];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        twin_text(rows[i].form, rows[i].fields, rows[i].row, one, sizeof one);
        twin_text(rows[i].form, rows[i].other, rows[i].other_row, other, sizeof other);
        assert_true(one[0] != '\0' && other[0] != '\0');
        if ((strcmp(one, other) == 0) != rows[i].same)
            fail_msg("row %zu", i);
    }
    /* With a value missing nothing is known of the document: it is nobody's twin. */
    twin_text("invoice", "invoice_number=1;issue_date=2025-01-02;grand_total=12.10", NULL, one, sizeof one);
    assert_string_equal(one, "");
}

/* ---- tables of rates ------------------------------------------------------------------------------ */

static void
test_rates(void **state)
{
    const struct rate_row *rows[RATES_AT_ONCE];
    const struct rate_table *vat = rates_find(rates_loaded(), "vat");
    unsigned count;

    (void)state;
    assert_non_null(vat);
    assert_null(rates_find(rates_loaded(), "no_such_table"));
    assert_int_equal(rates_ask(vat, "ES", "2013-01-01", rows, &count), RATES_HERE);
    assert_int_equal(rates_ask(vat, "ES", "1990-01-01", rows, &count), RATES_OUTDATED);
    assert_int_equal(rates_ask(vat, "ZZ", "2013-01-01", rows, &count), RATES_SILENT);
    assert_int_equal(rates_ask(NULL, "ES", "2013-01-01", rows, &count), RATES_SILENT);
    assert_int_equal(rates_ask(rates_find(rates_loaded(), "us_ss_wage_base"), "", "2024-07-01", rows, &count), RATES_HERE);
    assert_int_equal(count, 1);
    assert_string_equal(rows[0]->most, "168600.00");
    /* Every table that a form names is there. */
    for (unsigned i = 0; i < forms_loaded()->count; i++)
        for (unsigned k = 0; k < forms_loaded()->forms[i]->rule_count; k++) {
            const char *table = forms_loaded()->forms[i]->rules[k].table;

            if (table != NULL && rates_find(rates_loaded(), table) == NULL)
                fail_msg("%s names the table %s", forms_loaded()->forms[i]->name, table);
        }
}

static void
test_rates_bad(void **state)
{
    static const char head[] = "rates: x\ntitle: {en: a, es: b}\nsource: s\n";
    static const struct { const char *rest; enum rc rc; } files[] = {
        { "unit: percent\nrows:\n  - {value: \"21\"}\n", RC_OK },
        { "unit: percent\nrows:\n  - {most: \"21\"}\n", RC_CONFIG },
        { "unit: amount\nrows:\n  - {value: \"21\"}\n", RC_CONFIG },
        { "unit: amount\nrows:\n  - {most: \"21,00\"}\n", RC_CONFIG },
        { "unit: percent\nrows:\n  - {value: \"21\", from: \"2012-13-01\"}\n", RC_CONFIG },
        { "unit: percent\nrows:\n  - {value: \"21\", from: \"2013-01-01\", until: \"2012-01-01\"}\n", RC_CONFIG },
        { "unit: weight\nrows:\n  - {value: \"21\"}\n", RC_CONFIG },
        { "unit: percent\nrows: []\n", RC_CONFIG },
        { "unit: percent\nrows:\n  - {value: \"21\", wrong: 1}\n", RC_CONFIG },
    };
    char folder[] = "/tmp/ratesXXXXXX", path[64];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/x.yaml", folder);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct rate_set *set = NULL;
        struct err err = { 0 };
        FILE *file = fopen(path, "we");

        assert_non_null(file);
        fprintf(file, "%s%s", head, files[i].rest);
        fclose(file);
        if (rates_load(folder, &set, &err) != files[i].rc)
            fail_msg("row %zu: %s", i, err.what);
        if (files[i].rc != RC_OK)
            assert_true(strstr(err.where, path) != NULL && err.cure[0] != '\0');
        rates_free(set);
    }
    remove(path);
    remove(folder);
    {
        struct rate_set *set = NULL;
        struct err err = { 0 };

        assert_int_equal(rates_load(folder, &set, &err), RC_OK); /* no folder, no tables */
        assert_int_equal(set->count, 0);
        rates_free(set);
    }
}

/* A form that asks for what cannot be is refused with the rule's name. */
static void
test_bad_rules(void **state)
{
    static const char *const bad[] = {
        "{name: r, kind: rate, fields: [a, b]}",                   /* without a table */
        "{name: r, kind: order, fields: [a, b], table: vat, when: a}", /* when without matches */
        "{name: r, kind: days, fields: [a, b]}",                   /* three fields */
        "{name: r, kind: pointers, fields: [a]}",                  /* points nowhere */
        "{name: r, kind: order, fields: [a, b], when: a, matches: ['(']}",
        "{name: r, kind: adds_to, fields: [a, b], maybe: [c]}",    /* c is no field */
    };
    char path[] = "/tmp/ruleXXXXXX.yaml";
    int fd = mkstemps(path, 5);

    (void)state;
    assert_true(fd >= 0);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct form *form = NULL;
        struct err err = { 0 };
        FILE *file = fopen(path, "we");

        assert_non_null(file);
        fprintf(file, "form: x\nversion: 1\ntitle: {en: a, es: b}\nfields:\n  - {name: a, type: money}\n"
                      "  - {name: b, type: money}\nrules:\n  - %s\n", bad[i]);
        fclose(file);
        if (form_load(path, &form, &err) != RC_CONFIG)
            fail_msg("row %zu was taken", i);
        assert_true(strstr(err.where, path) != NULL);
    }
    close(fd);
    remove(path);
}

static int
ready(void **state)
{
    (void)state;
    setenv("ESCRIBA_FORMS", SOURCE_DIR "/forms", 1);
    return forms_ready() == RC_OK ? 0 : -1;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),         cmocka_unit_test(test_person), cmocka_unit_test(test_values),
        cmocka_unit_test(test_party),         cmocka_unit_test(test_parties_codec),
        cmocka_unit_test(test_twins),         cmocka_unit_test(test_rates),  cmocka_unit_test(test_rates_bad),
        cmocka_unit_test(test_bad_rules),
    };

    return cmocka_run_group_tests(tests, ready, NULL);
}
