/* test_package.c - classify, validate and package: the four steps of a document in a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "check.h"
#include "classify.h"
#include "doc/fields.h"
#include "paper.h"
#include "stages.h"

static struct form_set *forms;

static int
load(void **state)
{
    struct err err = { .rc = RC_OK };

    (void)state;
    setenv("ESCRIBA_NOW", "1779000000", 1); /* May 2026: dates of the pages are past */
    return forms_load(SOURCE_DIR "/forms", &forms, &err) == RC_OK ? 0 : -1;
}

static int
unload(void **state)
{
    (void)state;
    forms_free(forms);
    return 0;
}

struct made {
    struct arena *arena;
    struct artifact items[32];
    uint32_t count;
};

static enum rc
keep(void *to, enum artifact_kind kind, uint32_t page, struct bytes bytes)
{
    struct made *m = to;
    char *copy = arena_copy(m->arena, bytes.data, bytes.size);

    if (copy == NULL || m->count == COUNT_OF(m->items))
        return RC_NOMEM;
    m->items[m->count++] = (struct artifact){ kind, page, bytes_of(copy, bytes.size) };
    return RC_OK;
}

static void
give_page(struct made *m, const char *const *lines, size_t count)
{
    struct buffer b;

    buffer_init(&b, 1 << 22);
    reading_write(&b, paper(m->arena, lines, count));
    assert_int_equal(keep(m, ARTIFACT_READING, 0, buffer_bytes(&b)), RC_OK);
    buffer_done(&b);
}

static void
run(struct made *m, enum rc (*stage)(const struct job *, struct result *), const char *hint,
    struct result *result)
{
    struct job job = { .given = { m->items, m->count }, .forms = forms, .arena = m->arena,
                       .hint = hint, .name = "", .emit = keep, .to = m };

    assert_int_equal(stage(&job, result), RC_OK);
}

static const struct fields *
fields_now(const struct made *m)
{
    struct fields *out = NULL;

    for (uint32_t i = 0; i < m->count; i++)
        if (m->items[i].kind == ARTIFACT_FIELDS)
            assert_int_equal(fields_read(m->items[i].bytes, m->arena, &out), RC_OK);
    return out;
}

static const char *const invoice[] = {
    "Bluebell Garden Tools Ltd                          INVOICE",
    "14 Mill Lane, Leeds                                Invoice No:  BG-20417",
    "LS1 4AP                                            Date:        12/05/2025",
    "Bill To:",
    "Harrow Parks Department",
    "Description              Qty      Unit price      Amount",
    "Rake, steel               4        12.50           50.00",
    "Spade                     2        30.00           60.00",
    "                                  Subtotal        \xc2\xa3" "110.00",
    "                                  VAT 20%          \xc2\xa3" "22.00",
    "                                  Total           \xc2\xa3" "132.00",
};

static void
documents_are_told_apart(void **state)
{
    static const char *const receipt[] = { "CORNER STORE SDN BHD", "Cashier: Ann", "Total 80.90",
                                           "Cash 100.00", "Change 19.10", "Thank you please come again" };
    static const char *const nomina[] = { "N\xc3\x93MINA", "Trabajador: GIL", "A. TOTAL DEVENGADO 2.000,00",
                                          "L\xc3\x8dQUIDO A PERCIBIR 1.670,00", "Grupo de cotizaci\xc3\xb3n: 5" };
    static const char *const sheet[] = { "WEEKLY TIMESHEET", "Week ending: 07/06/2025",
                                         "Day Date Time in Time out", "Monday 02/06 8:00 16:00",
                                         "Total hours: 40.00", "Supervisor signature" };
    static const char *const letter[] = { "Dear Ann,", "the weather has been lovely.", "Yours, Bob" };
    static const struct { const char *const *lines; size_t count; const char *form; } rows[] = {
        { invoice, COUNT_OF(invoice), "invoice" }, { receipt, COUNT_OF(receipt), "receipt" },
        { nomina, COUNT_OF(nomina), "payslip" },   { sheet, COUNT_OF(sheet), "timesheet" },
        { letter, COUNT_OF(letter), "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct made m = { .arena = arena_new(64u << 20) };
        struct result result;

        give_page(&m, rows[i].lines, rows[i].count);
        run(&m, classify_run, "", &result);
        if (strcmp(fields_now(&m)->form, rows[i].form) != 0)
            fail_msg("row %zu: %s", i, fields_now(&m)->form);
        if (rows[i].form[0] == '\0') {
            assert_int_equal(result.verdict, VERDICT_REVIEW);
            assert_int_equal(result.reason, REASON_UNKNOWN_TYPE);
        }
        arena_free(m.arena);
    }
}

static void
a_page_without_text_goes_to_a_person(void **state)
{
    struct made m = { .arena = arena_new(64u << 20) };
    struct result result;

    (void)state;
    give_page(&m, NULL, 0);
    run(&m, classify_run, "", &result);
    assert_int_equal(result.verdict, VERDICT_REVIEW);
    assert_int_equal(result.reason, REASON_UNREADABLE);
    run(&m, classify_run, "invoice", &result);
    assert_int_equal(result.reason, REASON_UNREADABLE);
    arena_free(m.arena);
}

static void
a_persons_word_wins(void **state)
{
    struct made m = { .arena = arena_new(64u << 20) };
    struct result result;
    struct field said = { .name = "invoice_number", .value = "BG-20418", .text = "", .confidence = 1,
                          .state = FIELD_VALUE, .origin = ORIGIN_PERSON };
    struct fields order = { .form = "invoice", .fields = &said, .count = 1 };
    struct buffer b;
    const struct field *f;

    (void)state;
    give_page(&m, invoice, COUNT_OF(invoice));
    buffer_init(&b, 1 << 20);
    fields_write(&b, &order);
    assert_int_equal(keep(&m, ARTIFACT_ORDER, 0, buffer_bytes(&b)), RC_OK);
    buffer_done(&b);
    run(&m, classify_run, "receipt", &result);
    assert_string_equal(fields_now(&m)->form, "invoice");
    run(&m, extract_run, "receipt", &result);
    run(&m, validate_run, "receipt", &result);
    f = fields_find(fields_now(&m), "invoice_number");
    assert_string_equal(f->value, "BG-20418");
    assert_int_equal(f->origin, ORIGIN_PERSON);
    assert_int_equal(f->verdict, FIELD_AUTO);
    assert_int_equal(result.verdict, VERDICT_PASS); /* it does not go round for ever */
    arena_free(m.arena);
}

static void
rules_are_checked(void **state)
{
    static const struct { const char *issue, *due, *net, *total; bool sum, order; } rows[] = {
        { "2025-05-12", "2025-06-12", "110.00", "132.00", false, false },
        { "2025-05-12", "2025-04-12", "110.00", "132.00", false, true },
        { "2025-05-12", "2025-06-12", "110.00", "133.00", true, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct field list[] = {
            { .name = "issue_date", .value = rows[i].issue }, { .name = "due_date", .value = rows[i].due },
            { .name = "net_total", .value = rows[i].net },    { .name = "tax_total", .value = "22.00" },
            { .name = "grand_total", .value = rows[i].total },
        };
        struct fields fields = { .form = "invoice", .fields = list, .count = COUNT_OF(list) };
        bool sum = false, order = false;

        check_document(forms_find(forms, "invoice"), &fields);
        for (size_t k = 0; k < COUNT_OF(list); k++)
            for (int r = 0; r < FIELD_REASONS_MAX; r++) {
                sum = sum || list[k].reasons[r] == REASON_SUM_DIFFERS;
                order = order || list[k].reasons[r] == REASON_DATE_IMPOSSIBLE;
            }
        if (sum != rows[i].sum || order != rows[i].order)
            fail_msg("row %zu", i);
    }
}

static void
values_are_checked(void **state)
{
    static const struct { const char *field, *value; enum reason reason; } rows[] = {
        { "iban", "ES91 2100 0418 4502 0005 1332", REASON_NONE },
        { "iban", "ES91 2100 0418 4502 0005 1333", REASON_CHECK_DIGIT },
        { "seller_tax_id", "B08948101", REASON_NONE },
        { "seller_tax_id", "B08948102", REASON_CHECK_DIGIT },
        { "issue_date", "2025-05-12", REASON_NONE },
        { "issue_date", "2031-05-12", REASON_DATE_IMPOSSIBLE },
        { "issue_date", "12/05/2025", REASON_FORMAT_WRONG },
        { "grand_total", "1,234.00", REASON_FORMAT_WRONG },
        { "grand_total", "1234.00", REASON_NONE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct field f = { .name = rows[i].field, .value = rows[i].value, .state = FIELD_VALUE };

        check_field(form_field(forms_find(forms, "invoice"), rows[i].field), &f);
        if (f.reasons[0] != rows[i].reason)
            fail_msg("row %zu: reason %u", i, f.reasons[0]);
    }
}

static bool fits(json_t *schema, json_t *root, json_t *value, char *path, size_t room);

static bool
type_fits(const char *type, json_t *v)
{
    return (strcmp(type, "object") == 0 && json_is_object(v)) || (strcmp(type, "array") == 0 && json_is_array(v)) ||
           (strcmp(type, "string") == 0 && json_is_string(v)) || (strcmp(type, "null") == 0 && json_is_null(v)) ||
           (strcmp(type, "integer") == 0 && json_is_integer(v)) || (strcmp(type, "number") == 0 && json_is_number(v));
}

static bool
members_fit(json_t *schema, json_t *root, json_t *value, char *path, size_t room)
{
    json_t *known = json_object_get(schema, "properties"), *more = json_object_get(schema, "additionalProperties");
    const char *key;
    json_t *member;

    json_object_foreach(value, key, member)
    {
        json_t *sub = known != NULL ? json_object_get(known, key) : NULL;

        if (sub == NULL && json_is_object(more))
            sub = more;
        if ((sub == NULL && json_is_false(more)) || (sub != NULL && !fits(sub, root, member, path, room))) {
            size_t n = strlen(path);

            snprintf(path + n, room - n, "<%s", key);
            return false;
        }
    }
    return true;
}

/* As much of JSON Schema as our schema uses. */
static bool
fits(json_t *schema, json_t *root, json_t *value, char *path, size_t room)
{
    json_t *part, *one, *ref = json_object_get(schema, "$ref");
    size_t i;

    if (ref != NULL) {
        assert_string_equal(json_string_value(ref), "#/$defs/value");
        return fits(json_object_get(json_object_get(root, "$defs"), "value"), root, value, path, room);
    }
    if ((part = json_object_get(schema, "const")) != NULL && !json_equal(part, value))
        return false;
    if ((part = json_object_get(schema, "enum")) != NULL) {
        bool any = false;

        json_array_foreach(part, i, one) any = any || json_equal(one, value);
        if (!any)
            return false;
    }
    if ((part = json_object_get(schema, "type")) != NULL) {
        bool any = json_is_string(part) && type_fits(json_string_value(part), value);

        json_array_foreach(part, i, one) any = any || type_fits(json_string_value(one), value);
        if (!any)
            return false;
    }
    if ((part = json_object_get(schema, "minimum")) != NULL && json_number_value(value) < json_number_value(part))
        return false;
    if ((part = json_object_get(schema, "maximum")) != NULL && json_number_value(value) > json_number_value(part))
        return false;
    json_array_foreach(json_object_get(schema, "allOf"), i, one) if (!fits(one, root, value, path, room)) return false;
    json_array_foreach(json_object_get(schema, "required"), i, one) if (json_is_object(value) &&
                                                                       json_object_get(value, json_string_value(one)) ==
                                                                           NULL) return false;
    if (json_is_object(value) && !members_fit(schema, root, value, path, room))
        return false;
    part = json_object_get(schema, "items");
    json_array_foreach(value, i, one) if (part != NULL && !fits(part, root, one, path, room)) return false;
    return true;
}

static void
a_package_fits_its_schema(void **state)
{
    struct made m = { .arena = arena_new(64u << 20) };
    struct result result;
    json_error_t error;
    json_t *schema = json_load_file(SOURCE_DIR "/docs/package.schema.json", 0, &error), *package;
    const struct artifact *made = NULL;
    char path[400] = "";

    (void)state;
    assert_non_null(schema);
    give_page(&m, invoice, COUNT_OF(invoice));
    run(&m, classify_run, "", &result);
    run(&m, extract_run, "", &result);
    run(&m, validate_run, "", &result);
    run(&m, package_run, "", &result);
    for (uint32_t i = 0; i < m.count; i++)
        if (m.items[i].kind == ARTIFACT_PACKAGE)
            made = &m.items[i];
    assert_non_null(made);
    package = json_loadb((const char *)made->bytes.data, made->bytes.size, 0, &error);
    assert_non_null(package);
    if (!fits(schema, schema, package, path, sizeof path))
        fail_msg("the package does not fit at %s", path);
    assert_string_equal(json_string_value(json_object_get(package, "form")), "invoice");
    assert_int_equal(json_array_size(json_object_get(json_object_get(package, "tables"), "lines")), 2);
    /* The checker itself can say no. */
    json_object_set_new(package, "extra", json_true());
    assert_false(fits(schema, schema, package, path, sizeof path));
    json_decref(package);
    json_decref(schema);
    arena_free(m.arena);
}

static void
broken_artifacts_are_refused(void **state)
{
    struct made m = { .arena = arena_new(64u << 20) };
    struct result result;
    struct job job = { .forms = forms, .arena = m.arena, .hint = "", .name = "", .emit = keep, .to = &m };

    (void)state;
    assert_int_equal(keep(&m, ARTIFACT_READING, 0, bytes_str("not a reading")), RC_OK);
    job.given = (struct artifact_set){ m.items, m.count };
    assert_int_not_equal(classify_run(&job, &result), RC_OK);
    assert_int_not_equal(extract_run(&job, &result), RC_OK);
    arena_free(m.arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_told_apart),
        cmocka_unit_test(a_page_without_text_goes_to_a_person),
        cmocka_unit_test(a_persons_word_wins),
        cmocka_unit_test(rules_are_checked),
        cmocka_unit_test(values_are_checked),
        cmocka_unit_test(a_package_fits_its_schema),
        cmocka_unit_test(broken_artifacts_are_refused),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
