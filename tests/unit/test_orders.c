/* test_orders.c - what a person said of a document, over what the machine says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "document.h"
#include "with_forms.h"

static struct field
cell(const char *name, const char *value, enum field_origin origin, int x)
{
    return (struct field){ .name = name, .value = value, .text = value, .state = FIELD_VALUE, .origin = origin,
                           .confidence = 0.99, .verdict = FIELD_AUTO,
                           .box = { x, 10, x > 0 ? x + 50 : 0, x > 0 ? 30 : 10 } };
}

static const struct field *
find(const struct fields *f, uint32_t row, const char *name)
{
    for (uint32_t k = 0; k < f->rows[row].count; k++)
        if (strcmp(f->rows[row].cells[k].name, name) == 0)
            return &f->rows[row].cells[k];
    fail_msg("row %u has no %s", row, name);
    return NULL;
}

/* Two rows of the machine; said: the cells of an order, in its rows. */
static void
apply(struct arena *arena, struct fields *order, struct fields *out)
{
    struct document doc = { .order = order };
    static struct field first[3], second[3];
    static struct field_row rows[2];

    first[0] = cell("description", "Rake", ORIGIN_MACHINE, 100);
    first[1] = cell("quantity", "4", ORIGIN_MACHINE, 300);
    first[2] = cell("amount", "50.00", ORIGIN_MACHINE, 500);
    second[0] = cell("description", "Spade", ORIGIN_MACHINE, 100);
    second[1] = cell("quantity", "2", ORIGIN_MACHINE, 300);
    second[2] = cell("amount", "60.00", ORIGIN_MACHINE, 500);
    rows[0] = (struct field_row){ .cells = first, .count = 3 };
    rows[1] = (struct field_row){ .cells = second, .count = 3 };
    *out = (struct fields){ .form = "invoice", .rows = rows, .row_count = 2 };
    assert_int_equal(document_orders(&doc, forms_find(forms, "invoice"), arena, out), RC_OK);
}

/* One cell of one row was asked about: the others, and the row behind it, are what the machine is sure of. */
static void
cells_that_nobody_was_asked_about_stay(void **state)
{
    struct arena *arena = arena_new(1u << 20);
    struct field said[] = { cell("quantity", "5", ORIGIN_PERSON, 300) };
    struct field_row rows[] = { { .cells = said, .count = 1 } };
    struct fields order = { .form = "invoice", .rows = rows, .row_count = 1 }, out;

    (void)state;
    apply(arena, &order, &out);
    assert_int_equal(out.row_count, 2);
    assert_string_equal(find(&out, 0, "quantity")->value, "5");
    assert_int_equal(find(&out, 0, "quantity")->origin, ORIGIN_PERSON);
    assert_string_equal(find(&out, 0, "description")->value, "Rake");
    assert_string_equal(find(&out, 0, "amount")->value, "50.00");
    assert_false(field_doubted(find(&out, 0, "amount")));
    assert_string_equal(find(&out, 1, "amount")->value, "60.00");
    arena_free(arena);
}

/* The row that was seen is not the row that is found now: the rest of it is looked at again. */
static void
a_row_that_moved_is_looked_at_again(void **state)
{
    struct arena *arena = arena_new(1u << 20);
    struct field said[] = { cell("quantity", "5", ORIGIN_PERSON, 320) };
    struct field_row rows[] = { { .cells = said, .count = 1 } };
    struct fields order = { .form = "invoice", .rows = rows, .row_count = 1 }, out;

    (void)state;
    apply(arena, &order, &out);
    assert_true(field_doubted(find(&out, 0, "amount")));
    assert_false(field_doubted(find(&out, 0, "quantity")));
    assert_false(field_doubted(find(&out, 1, "amount")));
    arena_free(arena);
}

/* A row that a person added stands behind the machine's; a table typed by hand replaces them. */
static void
rows_that_were_added_or_typed(void **state)
{
    struct arena *arena = arena_new(1u << 20);
    struct field seen[] = { cell("amount", "50.00", ORIGIN_PERSON, 500) };
    struct field added[] = { cell("amount", "7.00", ORIGIN_PERSON, 0) };
    struct field_row rows[] = { { .cells = seen, .count = 1 }, { .count = 0 }, { .cells = added, .count = 1 } };
    struct field_row typed[] = { { .cells = added, .count = 1 } };
    struct fields order = { .form = "invoice", .rows = rows, .row_count = 3 };
    struct fields by_hand = { .form = "invoice", .rows = typed, .row_count = 1 }, out;

    (void)state;
    apply(arena, &order, &out);
    assert_int_equal(out.row_count, 3);
    assert_string_equal(find(&out, 1, "amount")->value, "60.00");
    assert_string_equal(find(&out, 2, "amount")->value, "7.00");
    apply(arena, &by_hand, &out);
    assert_int_equal(out.row_count, 1);
    assert_int_equal(out.rows[0].count, 1);
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_that_nobody_was_asked_about_stay), cmocka_unit_test(a_row_that_moved_is_looked_at_again),
        cmocka_unit_test(rows_that_were_added_or_typed),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
