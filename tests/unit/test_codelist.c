/* test_codelist.c - official files of codes: how they are read, what is refused, what a list says about a code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "check.h"
#include "doc/codelist.h"

static const char sha[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

struct made {
    struct arena *arena;
    struct buffer bytes;
    struct codelist list;
    struct err err;
};

static enum rc
make(struct made *m, const char *name, const char *from, const char *until, enum codelist_format format,
     struct bytes source)
{
    struct codelist_head head = { .count = 0 };
    enum rc rc;

    memset(m, 0, sizeof *m);
    m->arena = arena_new((size_t)256 << 20);
    assert_non_null(m->arena);
    buffer_init(&m->bytes, (size_t)64 << 20);
    snprintf(head.name, sizeof head.name, "%s", name);
    snprintf(head.from, sizeof head.from, "%s", from);
    snprintf(head.until, sizeof head.until, "%s", until);
    memcpy(head.source, sha, sizeof sha);
    if ((rc = codelist_import(source, format, &head, m->arena, &m->bytes, &m->err)) != RC_OK)
        return rc;
    assert_int_equal(codelist_read(buffer_bytes(&m->bytes), m->arena, &m->list), RC_OK);
    assert_int_equal(m->list.head.count, head.count);
    return RC_OK;
}

static void
done(struct made *m)
{
    buffer_done(&m->bytes);
    arena_free(m->arena);
}

/* What comes out of a source: "CODE:usable:until:words" for each, in order. */
static const struct good {
    const char *what, *name, *source;
    enum codelist_format format;
    const char *want;
} goods[] = {
    { "tabs with headings", "icd10cm", "code\tbillable\tdescription\nA00.1\t1\tCholera, eltor\nA00\t0\tCholera\n",
      CODELIST_AUTO, "A00:0::Cholera|A001:1::Cholera, eltor|" },
    { "tabs without headings, no last newline", "hcpcs", "A0080\tNoninterest escort\nA0021\tOutside state", CODELIST_AUTO,
      "A0021:1::Outside state|A0080:1::Noninterest escort|" },
    { "tabs, no headings, a flag", "any", "X1\t0\tone\r\nX2\t1\ttwo\r\n", CODELIST_AUTO, "X1:0::one|X2:1::two|" },
    { "commas, quotes with commas, newlines and quotes", "taxonomy",
      "\xEF\xBB\xBF" "Code,Grouping,Definition,Display Name\n101Y00000X,\"A, B\",\"two\nlines\",\"Counselor \"\"C\"\"\"\n",
      CODELIST_AUTO, "101Y00000X:1::Counselor \"C\"|" },
    { "the code in another column, entries without one, withdrawn ones", "iso4217",
      "Entity,Currency,AlphabeticCode,NumericCode,MinorUnit,WithdrawalDate\nANTARCTICA,No universal currency,,,,\n"
      "ANDORRA,Spanish Peseta,ESP,724,,2002-03\nSPAIN,Euro,EUR,978,2,\nSUDAN,Dinar,SDD,736,,1989 to 1990\n"
      "YU,Dinar,YUN,890,,1989-1991\n",
      CODELIST_AUTO, "ESP:1:2002-03-31:Spanish Peseta|EUR:1::Euro|SDD:1:1990-12-31:Dinar|YUN:1:1991-12-31:Dinar|" },
    { "a code that is withdrawn in one place and in force in another", "iso4217",
      "code,name,until\nEUR,Euro of one,2006-10\nEUR,Euro,\n", CODELIST_AUTO, "EUR:1::Euro|" },
    { "CMS: an order file", "icd10cm",
      "00001 A00     0 Cholera                                                      Cholera\n"
      "00002 A000    1 Cholera due to Vibrio cholerae 01, biovar cholerae           Cholera due to Vibrio\n",
      CODELIST_AUTO, "A00:0::Cholera|A000:1::Cholera due to Vibrio cholerae 01, biovar cholerae|" },
    { "CMS: code and words", "icd10cm", "A000    Cholera due to Vibrio cholerae 01, biovar cholerae\nA009    Cholera\n",
      CODELIST_AUTO, "A000:1::Cholera due to Vibrio cholerae 01, biovar cholerae|A009:1::Cholera|" },
    { "CMS: code, flag and words, said so", "pos", "11 1 Office\n12 0 Home\n", CODELIST_CMS, "11:1::Office|12:0::Home|" },
    { "codes alone, with comments", "pos", "# of one column\n11\n\n12\n", CODELIST_AUTO, "11:1::|12:1::|" },
    { "other bytes than UTF-8 and control characters", "any", "A1\t\xE9tat \x1b[31m\n", CODELIST_AUTO,
      "A1:1::?tat  [31m|" },
    { "dots and case", "any", "code\tname\na.1b\tx\n", CODELIST_AUTO, "A1B:1::x|" },
};

static void
reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(goods); i++) {
        struct made m;
        char got[2000] = "";
        size_t n = 0;

        if (make(&m, goods[i].name, "", "", goods[i].format, bytes_str(goods[i].source)) != RC_OK)
            fail_msg("%s: %s (%s)", goods[i].what, m.err.what, m.err.where);
        for (uint32_t k = 0; k < m.list.head.count; k++) {
            const char *line = (const char *)m.list.text.data + m.list.lines[k];
            char code[CODE_MAX + 1] = "";
            struct code_found f;

            snprintf(code, sizeof code, "%.*s", (int)strcspn(line, "\t"), line);
            assert_true(codelist_find(&m.list, code, &f));
            n += (size_t)snprintf(got + n, sizeof got - n, "%s:%d:%s:%.*s|", code, !f.heading, f.until,
                                  (int)f.words.size, (const char *)f.words.data);
        }
        if (strcmp(got, goods[i].want) != 0)
            fail_msg("%s:\n got %s\nwant %s", goods[i].what, got, goods[i].want);
        done(&m);
    }
}

static const struct bad {
    const char *what, *name, *source;
    size_t size; /* 0: strlen */
    enum codelist_format format;
    const char *where;
} bads[] = {
    { "nothing", "any", "", 0, CODELIST_AUTO, "" },
    { "a spreadsheet", "any", "PK\003\004abc", 7, CODELIST_AUTO, "" },
    { "bytes", "any", "A1\tx\0y\n", 7, CODELIST_AUTO, "" },
    { "a page of the web", "any", "<html><body>A1</body></html>", 0, CODELIST_AUTO, "line 1" },
    { "prose", "any", "Dear Sir,\nthe codes are coming.\n", 0, CODELIST_AUTO, "line 1" },
    { "words with tabs", "any", "Dear\tSir\n", 0, CODELIST_AUTO, "line 1" },
    { "a code with a blank", "any", "code\tname\nA1 B\tx\n", 0, CODELIST_AUTO, "line 2" },
    { "headings alone", "any", "code\tname\n", 0, CODELIST_AUTO, "" },
    { "a line that is no code", "icd10cm", "code\tname\nA00\tCholera\nsee note*\tx\n", 0, CODELIST_AUTO, "line 3" },
    { "a code of another list", "icd10cm", "code\tname\nA00\tCholera\nEUR\tEuro\n", 0, CODELIST_AUTO, "line 3" },
    { "currencies as countries", "iso3166", "code,name\n978,Euro\n", 0, CODELIST_AUTO, "line 2" },
    { "a code too long", "any", "A1\tx\nAAAAAAAAAAAAAAAAA\ty\n", 0, CODELIST_AUTO, "line 2" },
    { "a date that is none", "any", "code\tuntil\nA1\tsoon\n", 0, CODELIST_AUTO, "line 2" },
    { "a line of another kind in an order file", "icd10cm",
      "00001 A00     0 Cholera\n00002 A000    1 Cholera\n00003 A001    1 x\n00004 A009    1 x\n00005 A01     0 x\n"
      "00006 A010    0 x\n00007 A0100   1 x\n00008 A0101   1 x\n00009 A0102   1 x\n00010 A0103   1 x\n"
      "00011 A0104   1 x\n00012 A0105   1 x\n00013 A0109   1 x\n00014 A011    1 x\n00015 A012    1 x\n"
      "00016 A013    1 x\n00017 A014    1 x\n00018 A02     0 x\n00019 A020    1 x\n00020 A021    1 x\nThe end\n",
      0, CODELIST_AUTO, "line 21" },
    { "a quote that never ends swallows the file", "any", "code,name\nA1,\"x\nA2,y\n*,\"z\n", 0, CODELIST_AUTO, NULL },
};

static void
refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bads); i++) {
        struct bytes source = bytes_of(bads[i].source, bads[i].size != 0 ? bads[i].size : strlen(bads[i].source));
        struct made m;
        enum rc rc = make(&m, bads[i].name, "", "", bads[i].format, source);

        if (bads[i].where != NULL) {
            if (rc != RC_INPUT || m.err.what[0] == '\0' || m.err.cure[0] == '\0')
                fail_msg("%s: not refused with its cure", bads[i].what);
            if (strcmp(m.err.where, bads[i].where) != 0)
                fail_msg("%s: refused at '%s', not at '%s'", bads[i].what, m.err.where, bads[i].where);
        }
        done(&m);
    }
}

/* A stored list that was changed by hand or cut is not read. */
static void
stored_lists_are_strict(void **state)
{
    static const char *const broken[] = {
        "", "escriba-codes 2\n",
        "escriba-codes 1\nname x\nfrom -\nuntil -\ncount 1\nsource %s\n\n",
        "escriba-codes 1\nname x\nfrom -\nuntil -\ncount 1\nsource %s\n\nA\t1\t\t",
        "escriba-codes 1\nname x\nfrom -\nuntil -\ncount 1\nsource %s\n\nA\t1\t\t\nB\t1\t\t\n",
        "escriba-codes 1\nname x\nfrom -\nuntil -\ncount 2\nsource %s\n\nB\t1\t\t\nA\t1\t\t\n",
        "escriba-codes 1\nname x\nfrom -\nuntil -\ncount 2\nsource %s\n\nA\t1\t\t\nA\t1\t\t\n",
        "escriba-codes 1\nname x\nfrom 2021-13-01\nuntil -\ncount 1\nsource %s\n\nA\t1\t\t\n",
        "escriba-codes 1\nname ../x\nfrom -\nuntil -\ncount 1\nsource %s\n\nA\t1\t\t\n",
        "escriba-codes 1\nname x\nfrom -\nuntil -\ncount 1\nsource %s\n\na\t1\t\t\n",
        "escriba-codes 1\nname x\nfrom -\nuntil -\ncount 1\nsource %s\n\nA\t2\t\t\n",
        "escriba-codes 1\nname x\nfrom -\nuntil -\ncount 4000000000\nsource %s\n\nA\t1\t\t\n",
    };
    struct arena *arena = arena_new(1u << 20);
    struct codelist list;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        const char *at = strstr(broken[i], "%s");
        char text[400];

        if (at != NULL)
            snprintf(text, sizeof text, "%.*s%s%s", (int)(at - broken[i]), broken[i], sha, at + 2);
        else
            snprintf(text, sizeof text, "%s", broken[i]);
        if (codelist_read(bytes_str(text), arena, &list) != RC_INPUT)
            fail_msg("row %zu was read", i);
    }
    arena_free(arena);
}

/* Two years of one list, a currency list without dates. */
static struct codelist_set *
three_lists(struct made made[3])
{
    static struct codelist lists[3];
    static struct codelist_set set;

    assert_int_equal(make(&made[0], "icd10cm", "2020-10-01", "2021-09-30", CODELIST_AUTO,
                          bytes_str("A00\t0\tCholera\nA000\t1\tof the year before\nA001\t1\tx\n")), RC_OK);
    assert_int_equal(make(&made[1], "icd10cm", "2021-10-01", "2022-09-30", CODELIST_AUTO,
                          bytes_str("A00\t0\tCholera\nA001\t1\tx\nA002\t1\tnew\n")), RC_OK);
    assert_int_equal(make(&made[2], "iso4217", "", "", CODELIST_AUTO,
                          bytes_str("code,name,until\nEUR,Euro,\nESP,Peseta,2002-03\n")), RC_OK);
    for (int i = 0; i < 3; i++)
        lists[i] = made[i].list;
    set = (struct codelist_set){ .lists = lists, .count = 3 };
    return &set;
}

static void
answers(void **state)
{
    static const struct {
        const char *name, *value, *date;
        enum codelist_answer want;
    } rows[] = {
        { "icd10cm", "A00.0", "2021-01-15", CODELIST_GOOD },
        { "icd10cm", "a000", "2020-10-01", CODELIST_GOOD },     /* the first day  */
        { "icd10cm", "A00.0", "2021-09-30", CODELIST_GOOD },    /* the last day   */
        { "icd10cm", "A00.0", "2021-10-01", CODELIST_UNKNOWN }, /* gone the next year */
        { "icd10cm", "A00.2", "2021-09-30", CODELIST_UNKNOWN }, /* not there yet  */
        { "icd10cm", "A00.2", NULL, CODELIST_GOOD },            /* no day: any    */
        { "icd10cm", "A00", "2021-01-15", CODELIST_HEADING },
        { "icd10cm", "A00.1", "2023-01-15", CODELIST_OUTDATED },
        { "icd10cm", "A00.1", "2015-10-01", CODELIST_OUTDATED },
        { "icd10cm", "B99.9", "", CODELIST_UNKNOWN },
        { "icd10cm", "250.00", "2021-01-15", CODELIST_SILENT }, /* ICD-9: not what it lists */
        { "icd10cm", "", "2021-01-15", CODELIST_SILENT },
        { "iso4217", "eur", "2026-01-01", CODELIST_GOOD },
        { "iso4217", "ESP", "2002-03-31", CODELIST_GOOD },
        { "iso4217", "ESP", "2002-04-01", CODELIST_ENDED },
        { "iso4217", "XXQ", "2026-01-01", CODELIST_UNKNOWN },
        { "hcpcs", "A0021", "2021-01-15", CODELIST_SILENT },    /* no such list here */
    };
    struct made made[3];
    const struct codelist_set *set = three_lists(made);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum codelist_answer got = codelists_ask(set, rows[i].name, rows[i].value, rows[i].date);

        if (got != rows[i].want)
            fail_msg("%s %s on %s: %d, not %d", rows[i].name, rows[i].value, rows[i].date != NULL ? rows[i].date : "-",
                     got, rows[i].want);
    }
    assert_int_equal(codelists_ask(NULL, "icd10cm", "A000", NULL), CODELIST_SILENT);
    for (int i = 0; i < 3; i++)
        done(&made[i]);
}

/* The form says which list, and of which day; the reason lands on the field, and a row's own day counts. */
static void
fields_are_checked(void **state)
{
    struct form_field dx = { .name = (char *)"dx", .type = VALUE_ID, .list = (char *)"icd10cm", .list_on = (char *)"day" };
    struct form_field day = { .name = (char *)"day", .type = VALUE_DATE };
    struct form_field known[] = { dx, { .name = (char *)"other", .type = VALUE_ID } };
    struct form_field columns[] = { day, dx };
    struct form_table table = { .name = (char *)"lines", .columns = columns, .column_count = 2 };
    struct form form = { .name = (char *)"f", .fields = known, .field_count = 2, .table = &table };
    struct field values[] = { { .name = "dx", .value = "A00.0" }, { .name = "other", .value = "B99" } };
    struct field first[] = { { .name = "day", .value = "2021-09-30" }, { .name = "dx", .value = "A00.0" } };
    struct field second[] = { { .name = "day", .value = "2021-10-01" }, { .name = "dx", .value = "A00.0" } };
    struct field third[] = { { .name = "day", .value = "2025-10-01" }, { .name = "dx", .value = "A00.0" } };
    struct field fourth[] = { { .name = "day", .state = FIELD_MISSING, .value = "" },
                              { .name = "dx", .state = FIELD_BLANK, .value = "" } };
    struct field_row lines[] = { { first, 2 }, { second, 2 }, { third, 2 }, { fourth, 2 } };
    struct fields fields = { .form = "f", .fields = values, .count = 2, .rows = lines, .row_count = 4 };
    struct codelist_set none = { .count = 0 };
    struct made made[3];
    const struct codelist_set *set = three_lists(made);

    (void)state;
    check_lists(&form, NULL, &fields);
    check_lists(&form, &none, &fields);
    assert_int_equal(second[1].reasons[0], REASON_NONE);
    check_lists(&form, set, &fields);
    assert_int_equal(values[0].reasons[0], REASON_NONE); /* by the day of the first row */
    assert_int_equal(values[1].reasons[0], REASON_NONE);
    assert_int_equal(first[1].reasons[0], REASON_NONE);
    assert_int_equal(second[1].reasons[0], REASON_CODE_UNKNOWN);
    assert_int_equal(second[1].verdict, FIELD_REVIEW);
    assert_int_equal(third[1].reasons[0], REASON_LIST_OUTDATED);
    assert_int_equal(fourth[1].reasons[0], REASON_NONE);
    for (int i = 0; i < 3; i++)
        done(&made[i]);
}

/* ---- a folder of them, and the official files where they are ------------------------------- */

static void
a_folder_is_read(void **state)
{
    char folder[] = "/tmp/codelist.XXXXXX", path[200], name[120];
    struct codelist_set *set = NULL;
    struct err err = { 0 };
    struct made m;
    FILE *f;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/none", folder);
    assert_int_equal(codelists_load(path, &set, &err), RC_OK);
    assert_int_equal(set->count, 0);
    codelists_free(set);

    assert_int_equal(make(&m, "pos", "2020-01-01", "", CODELIST_AUTO, bytes_str("11\tOffice\n")), RC_OK);
    codelist_file_name(&m.list.head, name, sizeof name);
    assert_string_equal(name, "pos.from-2020-01-01.codes");
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_non_null(f = fopen(path, "we"));
    assert_int_equal(fwrite(m.bytes.data, 1, m.bytes.size, f), m.bytes.size);
    fclose(f);
    assert_int_equal(codelists_load(folder, &set, &err), RC_OK);
    assert_int_equal(set->count, 1);
    assert_int_equal(codelists_ask(set, "pos", "11", "2026-01-01"), CODELIST_GOOD);
    assert_int_equal(codelists_ask(set, "pos", "99", "2026-01-01"), CODELIST_UNKNOWN);
    codelists_free(set);

    assert_int_equal(truncate(path, (off_t)m.bytes.size - 3), 0);
    set = NULL;
    assert_int_equal(codelists_load(folder, &set, &err), RC_CONFIG);
    assert_null(set);
    assert_non_null(strstr(err.where, name));
    assert_true(err.cure[0] != '\0');
    unlink(path);
    rmdir(folder);
    done(&m);
}

static const struct official {
    const char *file, *name, *good, *unknown;
    uint32_t least;
    unsigned answer; /* for unknown */
} officials[] = {
    { "icd10cm_2021.tsv", "icd10cm", "E11.9", "E11.7", 90000, CODELIST_UNKNOWN },
    { "icd10cm_2021.tsv", "icd10cm", "S72.001A", "S72.001", 90000, CODELIST_HEADING },
    { "hcpcs_2019_cms.tsv", "hcpcs", "A0021", "A0022", 6000, CODELIST_UNKNOWN },
    { "hcpcs_2025.tsv", "hcpcs", "G0008", "G0007", 4000, CODELIST_UNKNOWN },
    { "iso4217_codes-all.csv", "iso4217", "EUR", "QQQ", 170, CODELIST_UNKNOWN },
    { "iso4217_codes-all.csv", "iso4217", "USD", "ESP", 170, CODELIST_ENDED },
};

static void
official_files(void **state)
{
    bool any = false;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(officials); i++) {
        const struct official *o = &officials[i];
        struct codelist_set set = { .count = 1 };
        char path[300];
        struct stat st;
        struct made m;
        char *bytes;
        FILE *f;

        snprintf(path, sizeof path, SOURCE_DIR "/../shared/lists/%s", o->file);
        if (stat(path, &st) != 0 || (f = fopen(path, "re")) == NULL)
            continue;
        any = true;
        assert_non_null(bytes = malloc((size_t)st.st_size));
        assert_int_equal(fread(bytes, 1, (size_t)st.st_size, f), st.st_size);
        fclose(f);
        if (make(&m, o->name, "", "", CODELIST_AUTO, bytes_of(bytes, (size_t)st.st_size)) != RC_OK)
            fail_msg("%s: %s, %s", o->file, m.err.what, m.err.where);
        assert_true(m.list.head.count >= o->least);
        set.lists = &m.list;
        assert_int_equal(codelists_ask(&set, o->name, o->good, "2026-11-21"), CODELIST_GOOD);
        assert_int_equal(codelists_ask(&set, o->name, o->unknown, "2026-11-21"), o->answer);
        done(&m);
        free(bytes);
    }
    if (!any) {
        print_message("../shared/lists is not here: the official files are not read\n");
        skip();
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),    cmocka_unit_test(refuses),            cmocka_unit_test(stored_lists_are_strict),
        cmocka_unit_test(answers),  cmocka_unit_test(fields_are_checked), cmocka_unit_test(a_folder_is_read),
        cmocka_unit_test(official_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
