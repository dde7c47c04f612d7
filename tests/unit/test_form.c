/* test_form.c - forms from YAML: the shipped ones load, wrong ones are refused with their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "doc/form.h"

static const char head[] = "form: parcel\nversion: 1\ntitle: {en: Parcel slip, es: Albar\xc3\xa1n}\n";

static enum rc
load_text(const char *text, struct form **out, struct err *err)
{
    char path[] = "/tmp/form-test-XXXXXX";
    int fd = mkstemp(path);
    enum rc rc;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    rc = form_load(path, out, err);
    unlink(path);
    return rc;
}

static void
the_shipped_forms_load(void **state)
{
    static const char *const names[] = { "invoice", "receipt", "payslip", "timesheet" };
    struct form_set *set = NULL;
    struct err err = { .rc = RC_OK };

    (void)state;
    if (forms_load(SOURCE_DIR "/forms", &set, &err) != RC_OK)
        fail_msg("%s (%s)", err.what, err.where);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct form *form = forms_find(set, names[i]);

        assert_non_null(form);
        assert_true(form->field_count > 3);
        assert_true(form->hash != 0);
        assert_true(form->retention_days > 0);
        for (unsigned f = 0; f < form->field_count; f++) {
            if (form->fields[f].title.en == NULL || form->fields[f].title.es == NULL)
                fail_msg("%s.%s has no title", names[i], form->fields[f].name);
        }
    }
    assert_ptr_equal(forms_find(set, "W-2"), forms_find(set, "w2"));
    assert_null(forms_find(set, "nothing"));
    assert_null(forms_find(set, ""));
    forms_free(set);
}

static void
a_small_form_is_enough(void **state)
{
    char text[600];
    struct form *form = NULL;
    struct err err;

    (void)state;
    snprintf(text, sizeof text, "%sfields:\n  - {name: parcel_number, type: id, labels: {en: [parcel no]}}\n", head);
    assert_int_equal(load_text(text, &form, &err), RC_OK);
    assert_string_equal(form->name, "parcel");
    assert_int_equal(form->fields[0].type, VALUE_ID);
    assert_string_equal(form->fields[0].labels.en.items[0], "parcel no");
    form_free(form);
}

static void
wrong_forms_are_refused_with_their_place(void **state)
{
    static const struct { const char *rest, *what, *where, *cure; } rows[] = {
        { "fields:\n  - {name: a, type: id, lables: {en: [x]}}\n", "unknown key 'lables'", "line 5", "labels" },
        { "fields:\n  - {name: a, type: id}\nretention_dais: 3\n", "unknown key 'retention_dais'", "line 6",
          "retention_days" },
        { "fields:\n  - {name: a, type: number of things}\n", "not one of those allowed", "line 5", "FORMS" },
        { "fields:\n  - {type: id}\n", "'name' is missing", "line 5", "add it" },
        { "fields:\n  - {name: a, type: id}\n  - {name: a, type: id}\n", "twice", "", "take one" },
        { "fields:\n  - {name: a, type: money}\nequations:\n  - {name: q, kind: sum, result: a, terms: [b]}\n",
          "'b' is no field", "equation 'q'", "fields" },
        { "fields:\n  - {name: a, type: code}\n", "needs codes", "field 'a'", "codes" },
        { "fields:\n  - {name: a, type: id, near: b}\n", "'b' is no field", "field 'a'", "fields" },
        { "fields:\n  - {name: a, type: id, pattern: ['(']}\n", "no regular expression", "field 'a'", "PCRE2" },
        { "fields:\n  - {name: a, type: id, checks: [ibna]}\n", "no check 'ibna'", "field 'a'", "FORMS" },
        { "fields: [", "not as it should be", "", "" },
        { "", "'fields' is missing", "", "add it" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[900];
        struct form *form = NULL;
        struct err err = { .rc = RC_OK };

        snprintf(text, sizeof text, "%s%s", head, rows[i].rest);
        if (load_text(text, &form, &err) != RC_CONFIG || strstr(err.what, rows[i].what) == NULL ||
            strstr(err.where, rows[i].where) == NULL || strstr(err.cure, rows[i].cure) == NULL)
            fail_msg("row %zu: what '%s' where '%s' cure '%s'", i, err.what, err.where, err.cure);
    }
}

static void
a_missing_folder_is_said(void **state)
{
    struct form_set *set = NULL;
    struct err err = { .rc = RC_OK };

    (void)state;
    assert_int_equal(forms_load("/nowhere/at/all", &set, &err), RC_IO);
    assert_non_null(strstr(err.where, "/nowhere/at/all"));
    assert_null(set);
    forms_free(NULL);
    form_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_forms_load),
        cmocka_unit_test(a_small_form_is_enough),
        cmocka_unit_test(wrong_forms_are_refused_with_their_place),
        cmocka_unit_test(a_missing_folder_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
