/* test_cause.c - why a value was wrong: each cause has its row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "doc/cause.h"

static struct word words[] = {
    { .text = "Total", .line = 1 },   { .text = "1.234,50", .line = 1 }, { .text = "IVA", .line = 2 },
    { .text = "21,00", .line = 2 },   { .text = "Ana", .line = 3 },      { .text = "Ruiz", .line = 3 },
    { .text = "Gil", .line = 3 },     { .text = "Ref", .line = 4 },      { .text = "9912345678", .line = 4 },
};
static struct zone_reading zones[] = { { .zone = "box_2", .text = "ADAMS" } };
static const struct page_reading page = { .words = words, .word_count = COUNT_OF(words), .zones = zones,
                                          .zone_count = 1 };
static const struct page_reading *const pages[] = { &page };
static struct form_field money = { .name = (char *)(uintptr_t)"grand_total", .type = VALUE_MONEY };
static struct form_field name = { .name = (char *)(uintptr_t)"name", .type = VALUE_NAME };

static void
each_cause_is_told(void **state)
{
    struct provenance chose = { .second = "", .fired = { { "equation:chosen", FIRED_CHOSE } }, .fired_count = 1,
                                .alternatives = { { "1234.50", "1.234,50", 0.5f } }, .alternative_count = 1 };
    const struct {
        const char *value;
        enum field_state is;
        enum field_origin origin;
        const char *text, *right;
        bool refused, confirmed;
        const struct form_field *form;
        struct provenance *story;
        enum cause cause;
    } rows[] = {
        { "1234.50", FIELD_VALUE, ORIGIN_MACHINE, "1.234,50", NULL, false, false, &money, NULL, CAUSE_NONE },
        { "1234.50", FIELD_VALUE, ORIGIN_MACHINE, "1.234,50", "1234.50", false, false, &money, NULL, CAUSE_NONE },
        { "1234.50", FIELD_VALUE, ORIGIN_MACHINE, "1.234,50", NULL, true, false, &money, NULL, CAUSE_UNKNOWN },
        { "1234.50", FIELD_VALUE, ORIGIN_MACHINE, "1.234,50", "1234.50", true, true, &money, NULL, CAUSE_SOURCE },
        { "1234.50", FIELD_VALUE, ORIGIN_MACHINE, "1.234,50", "1234.50", true, false, &money, NULL, CAUSE_UNKNOWN },
        { "", FIELD_MISSING, ORIGIN_MACHINE, "", "99.10", false, false, &money, NULL, CAUSE_NOT_FOUND },
        { "", FIELD_UNREADABLE, ORIGIN_MACHINE, "", "99.10", false, false, &money, NULL, CAUSE_MISREAD },
        { "1284.50", FIELD_VALUE, ORIGIN_MACHINE, "1.284,50", "9234.50", false, false, &money, NULL, CAUSE_MISREAD },
        { "21.00", FIELD_VALUE, ORIGIN_MACHINE, "21,00", "1234.50", false, false, &money, NULL, CAUSE_CANDIDATE },
        { "", FIELD_MISSING, ORIGIN_MACHINE, "", "1234.50", false, false, &money, NULL, CAUSE_CANDIDATE },
        { "21.00", FIELD_VALUE, ORIGIN_MACHINE, "21,00", "", false, false, &money, NULL, CAUSE_CANDIDATE },
        { "21.00", FIELD_VALUE, ORIGIN_MACHINE, "21,00", "1234.50", false, false, &money, &chose, CAUSE_RULE },
        { "1284.50", FIELD_VALUE, ORIGIN_REPAIR, "1.234,50", "1234.50", false, false, &money, NULL, CAUSE_RULE },
        { "1284.50", FIELD_VALUE, ORIGIN_PERSON, "1.234,50", "1234.50", false, false, &money, NULL, CAUSE_KEYED },
        { "Ana Ruiz", FIELD_VALUE, ORIGIN_MACHINE, "Ana", "Ana Ruiz Gil", false, false, &name, NULL, CAUSE_CANDIDATE },
        { "Adam", FIELD_VALUE, ORIGIN_MACHINE, "Adam", "Adams", false, false, &name, NULL, CAUSE_CANDIDATE },
        /* a short number inside a longer one was not read */
        { "7", FIELD_VALUE, ORIGIN_MACHINE, "7", "12345", false, false, NULL, NULL, CAUSE_MISREAD },
    };
    struct arena *arena = arena_new(4 << 20);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct field f = { .name = "x", .value = rows[i].value, .text = rows[i].text, .state = rows[i].is,
                                 .origin = rows[i].origin, .story = rows[i].story };
        const struct cause_facts facts = { .field = &f, .right = rows[i].right, .refused = rows[i].refused,
                                           .confirmed = rows[i].confirmed, .form = rows[i].form, .pages = pages,
                                           .page_count = 1 };

        if (cause_find(&facts, arena) != rows[i].cause)
            print_message("row %zu: %d\n", i, (int)cause_find(&facts, arena));
        assert_int_equal(cause_find(&facts, arena), rows[i].cause);
    }
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_cause_is_told) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
