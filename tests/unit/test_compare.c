/* test_compare.c - print against codes and e-invoices: equal, different, missing; never silently preferred. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compare.h"
#include "doc/form.h"
#include "stage.h"
#include "stages.h"

static struct form *form;

static int
load(void **state)
{
    struct err err = { .rc = RC_OK };

    (void)state;
    return form_load(SOURCE_DIR "/forms/invoice.yaml", &form, &err) == RC_OK ? 0 : -1;
}

static int
unload(void **state)
{
    (void)state;
    form_free(form);
    return 0;
}

/* A page of words, a line each 100 pixels. */
struct page {
    struct word words[64];
    struct page_reading reading;
    const struct page_reading *list[1];
};

static void
page_of(struct page *p, struct arena *arena, const char *text)
{
    uint32_t line = 0, n = 0;

    memset(p, 0, sizeof *p);
    while (*text != 0 && n < COUNT_OF(p->words)) {
        size_t size = strcspn(text, " \n");

        if (size > 0) {
            p->words[n] = (struct word){ .text = arena_copy(arena, text, size), .conf = 0.9f, .line = line,
                                         .box = { (int)n * 50, (int)line * 100, (int)n * 50 + 40,
                                           (int)line * 100 + 20 } };
            n++;
        }
        text += size;
        line += *text == '\n';
        text += *text != 0;
    }
    p->reading.words = p->words;
    p->reading.word_count = n;
    p->list[0] = &p->reading;
}

struct row {
    const char *field, *read; /* NULL: missing */
    double confidence;
    const char *stated;
    enum statement_force force;
    enum statement_part part;
    const char *page;
    /* what comes of it */
    const char *value;
    double least, most;
    enum reason reason; /* REASON_NONE: not doubted */
    bool evidence;
    enum field_origin origin;
};

static void
check_row(const struct row *row, enum witness_source source, size_t number)
{
    struct arena *arena = arena_new(1 << 20);
    struct page page;
    struct witness w = { .kind = source == WITNESS_CODE ? "es_verifactu" : "cii", .source = source };
    struct field field = { .name = row->field, .value = row->read != NULL ? row->read : "",
                           .text = row->read != NULL ? row->read : "", .confidence = row->confidence,
                           .state = row->read != NULL ? FIELD_VALUE : FIELD_MISSING };
    struct fields fields = { .form = "invoice", .fields = &field, .count = 1 };

    page_of(&page, arena, row->page);
    assert_int_equal(witness_add(&w, arena, row->field, row->stated, row->force, row->part), RC_OK);
    assert_int_equal(compare_witness(form, &w, page.list, 1, arena, &fields), RC_OK);
    if (strcmp(field.value, row->value) != 0 || field.confidence < row->least || field.confidence > row->most ||
        (field.evidence != 0) != row->evidence || field.origin != row->origin || field.reasons[0] != row->reason)
        fail_msg("row %zu: %s = '%s' %.3f evidence %u origin %u reason %u", number, field.name, field.value,
                 field.confidence, field.evidence, (unsigned)field.origin, field.reasons[0]);
    arena_free(arena);
}

#define S STATEMENT_STATES, STATEMENT_WHOLE
#define P STATEMENT_PRINTED, STATEMENT_WHOLE
#define U STATEMENT_SUPPORTS, STATEMENT_WHOLE

static void
print_is_compared(void **state)
{
    static const struct row rows[] = {
        /* equal: confirmed */
        { "grand_total", "241.40", 0.4, "241.40", S, "Total 241,40", "241.40", 0.99, 1, REASON_NONE, true,
          ORIGIN_MACHINE },
        { "issue_date", "2024-09-01", 0.5, "2024-09-01", S, "", "2024-09-01", 0.99, 1, REASON_NONE, true,
          ORIGIN_MACHINE },
        { "invoice_number", "T/27174", 0.5, "T-27174", S, "", "T/27174", 0.99, 1, REASON_NONE, true, ORIGIN_MACHINE },
        { "seller_tax_id", "ESB12345674", 0.5, "B12345674", S, "", "ESB12345674", 0.99, 1, REASON_NONE, true,
          ORIGIN_MACHINE },
        { "invoice_number", "0001-00000042", 0.5, "1-42", STATEMENT_STATES, STATEMENT_NUMBERS, "", "0001-00000042",
          0.99, 1,
          REASON_NONE, true, ORIGIN_MACHINE },
        { "invoice_number", "AB-27174", 0.5, "27174", STATEMENT_STATES, STATEMENT_END, "", "AB-27174", 0.99, 1,
          REASON_NONE,
          true, ORIGIN_MACHINE },
        { "iban", "CH44 3199 9123 0008 8901 2", 0.5, "CH4431999123000889012", S, "", "CH44 3199 9123 0008 8901 2",
          0.99, 1,
          REASON_NONE, true, ORIGIN_MACHINE },
        /* different: the value read stays, and a person looks, however sure the reading was */
        { "grand_total", "251.40", 0.999, "241.40", S, "Total 251,40", "251.40", 0, 0.5, REASON_CODE_DIFFERS,
          false, ORIGIN_MACHINE },
        { "grand_total", "251.40", 0.999, "241.40", S, "Total 251,40 otro 241,40", "251.40", 0, 0.5,
          REASON_CODE_DIFFERS, false,
          ORIGIN_MACHINE },
        { "issue_date", "2024-01-09", 0.97, "2024-09-01", S, "", "2024-01-09", 0, 0.5, REASON_CODE_DIFFERS, false,
          ORIGIN_MACHINE },
        { "invoice_number", "0001-00000043", 0.97, "1-42", STATEMENT_STATES, STATEMENT_NUMBERS, "",
          "0001-00000043", 0, 0.5,
          REASON_CODE_DIFFERS, false, ORIGIN_MACHINE },
        { "grand_total", "-241.40", 0.97, "241.40", S, "", "-241.40", 0, 0.5, REASON_CODE_DIFFERS, false,
          ORIGIN_MACHINE },
        /* a reading that was not sure of itself gives way to what stands in print as well: said, and for a person */
        { "grand_total", "41.90", 0.2, "241.40", S, "IVA 41,90\nTotal 241,40", "241.40", 0, 0.5, REASON_FROM_CODE,
          true, ORIGIN_CODE },
        /* what only supports is no difference; names are one where they stand in print */
        { "grand_total", "251.40", 0.97, "241.40", U, "", "251.40", 0.97, 0.97, REASON_NONE, false, ORIGIN_MACHINE },
        { "seller_name", "Norte", 0.97, "Suministros Norte SL", P, "Norte", "Norte", 0.97, 0.97, REASON_NONE,
          false, ORIGIN_MACHINE },
        { "seller_name", "Sur SA", 0.97, "Suministros Norte SL", P, "Sur SA\nSuministros Norte SL", "Sur SA", 0, 0.5,
          REASON_CODE_DIFFERS, false, ORIGIN_MACHINE },
        /* missing: from the code where print has it too */
        { "grand_total", NULL, 0, "241.40", S, "zu zahlen 241,40", "241.40", 0.97, 0.97, REASON_NONE, true,
          ORIGIN_CODE },
        { "iban", NULL, 0, "CH4431999123000889012", S, "CH44 3199 9123 0008 8901 2", "CH4431999123000889012", 0.97,
          0.97,
          REASON_NONE, true, ORIGIN_CODE },
        { "due_date", NULL, 0, "2024-10-01", S, "antes del 01.10.2024", "2024-10-01", 0.97, 0.97, REASON_NONE,
          true, ORIGIN_CODE },
        /* ... with a person's look when it must be there and print does not show it */
        { "grand_total", NULL, 0, "241.40", S, "ilegible", "241.40", 0.9, 0.9, REASON_FROM_CODE, true, ORIGIN_CODE },
        { "grand_total", NULL, 0, "4.40", S, "4,40", "4.40", 0.9, 0.9, REASON_FROM_CODE, true, ORIGIN_CODE },
          /* 4.40 may be anything */
        /* ... and not at all when it need not be */
        { "due_date", NULL, 0, "2024-10-01", S, "", "", 0, 0, REASON_NONE, false, ORIGIN_MACHINE },
        { "prepaid", NULL, 0, "0.00", S, "0,00", "", 0, 0, REASON_NONE, false, ORIGIN_MACHINE },
        { "amount_due", NULL, 0, "241.40", U, "241,40", "", 0, 0, REASON_NONE, false, ORIGIN_MACHINE },
        { "iban", NULL, 0, "no iban at all", S, "no iban at all", "", 0, 0, REASON_NONE, false, ORIGIN_MACHINE },
        { "currency", NULL, 0, "XYZ", S, "XYZ", "", 0, 0, REASON_NONE, false, ORIGIN_MACHINE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_row(&rows[i], WITNESS_CODE, i);
}

/* 01/09/2024 may be in January: the code knows. When it states a third day, it differs as ever. */
static void
a_date_is_turned_only_where_print_leaves_it_open(void **state)
{
    static const struct {
        const char *read, *stated, *value;
        enum reason before, after;
    } rows[] = { { "2024-01-09", "2024-09-01", "2024-09-01", REASON_CONFLICT, REASON_NONE },
                 { "2024-01-09", "2024-01-09", "2024-01-09", REASON_CONFLICT, REASON_NONE },
                 { "2024-01-09", "2024-09-02", "2024-01-09", REASON_CONFLICT, REASON_CODE_DIFFERS },
                 { "2024-01-09", "2024-09-01", "2024-01-09", REASON_NONE, REASON_CODE_DIFFERS } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(1 << 20);
        struct page page;
        struct witness w = { .kind = "cl_ted", .source = WITNESS_CODE };
        struct field field = { .name = "issue_date", .value = rows[i].read, .text = "01/09/2024", .confidence = 0.9,
                               .state = FIELD_VALUE, .reasons = { rows[i].before } };
        struct fields fields = { .form = "invoice", .fields = &field, .count = 1 };
        bool has = rows[i].after == REASON_NONE;

        page_of(&page, arena, "01/09/2024");
        assert_int_equal(witness_add(&w, arena, "issue_date", rows[i].stated, S), RC_OK);
        assert_int_equal(compare_witness(form, &w, page.list, 1, arena, &fields), RC_OK);
        for (int k = 0; k < FIELD_REASONS_MAX; k++)
            has = has || field.reasons[k] == rows[i].after;
        if (strcmp(field.value, rows[i].value) != 0 || !has ||
            (rows[i].after == REASON_NONE && (field.reasons[0] != REASON_NONE || field.confidence < COMPARE_AGREED)))
            fail_msg("row %zu: %s, reason %u", i, field.value, field.reasons[0]);
        arena_free(arena);
    }
}

/* An e-invoice names its fields: of two prints the one that it states is proposed, and looked at. */
static void
an_einvoice_says_which_print_is_meant(void **state)
{
    static const struct row rows[] = {
        { "grand_total", "251.40", 0.97, "241.40", S, "Total 251,40 otro 241,40", "241.40", 0, 0.5, REASON_FROM_CODE,
          true, ORIGIN_CODE },
        { "grand_total", "251.40", 0.97, "241.40", S, "Total 251,40", "251.40", 0, 0.5, REASON_CODE_DIFFERS, false,
          ORIGIN_MACHINE },
        /* a credit note has no minus there, and may have one in print (EN 16931, BT-3) */
        { "grand_total", "-233.47", 0.97, "233.47", S, "Total TTC -233,47", "233.47", 0, 0.5, REASON_FROM_CODE, true,
          ORIGIN_CODE },
        { "tax_total", "-198.00", 0.97, "14.99", S, "Base -198,00\nTotal taxes -14,99", "14.99", 0, 0.5,
          REASON_FROM_CODE, true, ORIGIN_CODE },
        /* 7.67 may stand there by chance: it is proposed, and looked at */
        { "net_total", NULL, 0, "-7.67", S, "Summe -7,67", "-7.67", 0.9, 0.9, REASON_FROM_CODE, true, ORIGIN_CODE },
        { "prepaid", NULL, 0, "7.67", S, "Summe 8,67", "", 0, 0, REASON_NONE, false, ORIGIN_MACHINE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_row(&rows[i], WITNESS_EINVOICE, i);
}

static void
a_person_is_not_contradicted(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct page page;
    struct witness w = { .kind = "epc" };
    struct field field = { .name = "grand_total", .value = "251.40", .text = "", .confidence = 1, .state = FIELD_VALUE,
                           .origin = ORIGIN_PERSON };
    struct fields fields = { .form = "invoice", .fields = &field, .count = 1 };

    (void)state;
    page_of(&page, arena, "");
    assert_int_equal(witness_states(&w, arena, "grand_total", "241.40"), RC_OK);
    assert_int_equal(compare_witness(form, &w, page.list, 1, arena, &fields), RC_OK);
    assert_int_equal(field.reasons[0], REASON_NONE);
    assert_string_equal(field.value, "251.40");
    arena_free(arena);
}

/* Print is gone, but code and e-invoice say the same: nobody need look.  When they differ, somebody must. */
static void
two_kinds_of_witness_are_two(void **state)
{
    static const struct { const char *second; enum reason reason; double confidence; } rows[] = {
        { "241.40", REASON_NONE, COMPARE_FOUND },
        { "251.40", REASON_FROM_CODE, COMPARE_DIFFERS },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(1 << 20);
        struct page page;
        struct witness code = { .kind = "es_verifactu", .source = WITNESS_CODE };
        struct witness xml = { .kind = "facturae", .source = WITNESS_EINVOICE };
        struct field field = { .name = "grand_total", .value = "", .text = "", .state = FIELD_MISSING };
        struct fields fields = { .form = "invoice", .fields = &field, .count = 1 };

        page_of(&page, arena, "nada");
        assert_int_equal(witness_states(&code, arena, "grand_total", "241.40"), RC_OK);
        assert_int_equal(witness_states(&xml, arena, "grand_total", rows[i].second), RC_OK);
        assert_int_equal(compare_witness(form, &code, page.list, 1, arena, &fields), RC_OK);
        assert_int_equal(compare_witness(form, &xml, page.list, 1, arena, &fields), RC_OK);
        assert_int_equal(field.reasons[0], rows[i].reason);
        assert_true(field.confidence == rows[i].confidence);
        arena_free(arena);
    }
}

/* The same code read twice is one witness, and one that breaks its rules is none. */
static void
the_stage_reads_codes(void **state)
{
    static char good[] = "https://www2.agenciatributaria.gob.es/wlpl/TIKE-CONT/ValidarQR?nif=89890001K&numserie=A-1"
                         "&fecha=01-09-2024&importe=241.40",
                broken[] = "https://www2.agenciatributaria.gob.es/wlpl/TIKE-CONT/ValidarQR?nif=89890001X&numserie=A-1"
                           "&fecha=01-09-2024&importe=999.00";
    struct code_reading codes[] = { { .kind = "QR-Code", .text = good }, { .kind = "QR-Code", .text = broken },
                                    { .kind = "QR-Code", .text = good } };
    struct arena *arena = arena_new(1 << 22);
    struct page page;
    struct field list[] = { { .name = "grand_total", .value = "241.40", .text = "241,40", .confidence = 0.5,
                              .state = FIELD_VALUE },
                            { .name = "issue_date", .value = "2024-01-09", .text = "", .confidence = 0.5,
                              .state = FIELD_VALUE, .reasons = { REASON_CONFLICT } } };
    struct fields fields = { .form = "invoice", .fields = list, .count = 2 };
    struct fields *out = NULL;

    (void)state;
    page_of(&page, arena, "Total 241,40");
    page.reading.codes = codes;
    page.reading.code_count = COUNT_OF(codes);
    assert_int_equal(compare_codes(form, page.list, 1, arena, &fields), RC_OK);
    out = &fields;
    assert_int_equal(fields_find(out, "grand_total")->evidence, EVIDENCE_CODE);
    assert_true(fields_find(out, "grand_total")->confidence == COMPARE_AGREED);
    assert_int_equal(fields_find(out, "issue_date")->reasons[1], REASON_CODE_DIFFERS);
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(print_is_compared),
        cmocka_unit_test(a_date_is_turned_only_where_print_leaves_it_open),
        cmocka_unit_test(an_einvoice_says_which_print_is_meant),
        cmocka_unit_test(a_person_is_not_contradicted),
        cmocka_unit_test(two_kinds_of_witness_are_two),
        cmocka_unit_test(the_stage_reads_codes),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
