/* test_memory.c - what a person taught about one page is right on the next one of that sender, and only there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "document.h"
#include "forms_ready.h"
#include "memory.h"
#include "paper.h"
#include "stages.h"

#define ITEMS 24

struct sheet {
    struct arena *arena;
    struct artifact items[ITEMS];
    uint32_t count;
};

static enum rc
keep(void *to, enum artifact_kind kind, uint32_t page, struct bytes bytes)
{
    struct sheet *s = to;

    assert_true(s->count < ITEMS);
    s->items[s->count++] = (struct artifact){ kind, page,
                                              bytes_of(arena_copy(s->arena, bytes.data, bytes.size), bytes.size) };
    return RC_OK;
}

static int
ready(void **state)
{
    (void)state;
    setenv("ESCRIBA_FORMS", SOURCE_DIR "/forms", 1);
    return forms_ready() == RC_OK ? 0 : -1;
}

/* An invoice of one sender whose labels no form knows; the lines that differ from page to page. */
struct values {
    const char *number, *day, *net, *tax, *total, *line;
    unsigned rows;
};

static struct page_reading *
invoice(struct arena *arena, const struct values *v)
{
    const char **lines = arena_array(arena, 40, sizeof *lines);
    size_t n = 0;

    lines[n++] = "Talleres Urbina S.L.";
    lines[n++] = "Calle Mayor 14, 28013 Madrid                       FACTURA";
    lines[n++] = "NIF: B85126223";
    lines[n++] = "";
    lines[n++] = arena_printf(arena, "Entregado a                                  Expediente   %s", v->number);
    lines[n++] = arena_printf(arena, "Hotel Miramar S.A.                           Con fecha    %s", v->day);
    lines[n++] = "Paseo de la Playa 3, 29016 Malaga";
    lines[n++] = "";
    lines[n++] = "Descripcion                      Cantidad     Precio      Importe";
    for (unsigned i = 0; i < v->rows; i++)
        lines[n++] = arena_printf(arena, "%s                   1      %s      %s", v->line, v->net, v->net);
    lines[n++] = "";
    lines[n++] = arena_printf(arena, "                                   Valor previo        %s", v->net);
    lines[n++] = arena_printf(arena, "                                   Repercutido         %s", v->tax);
    lines[n++] = arena_printf(arena, "                                   A satisfacer        %s", v->total);
    lines[n++] = "";
    lines[n++] = "Gracias por su confianza. Inscrita en el Registro Mercantil de Madrid";
    return paper(arena, lines, n);
}

static const struct values first = { "T-25/0017", "03/04/2025", "200,00", "42,00", "242,00", "Mano de obra", 1 };
static const struct values second = { "T-25/0231", "19/09/2025", "350,00", "73,50", "423,50", "Neumatico 205", 4 };
static const struct values third = { "T-25/0377", "02/11/2025", "90,00", "18,90", "108,90", "Filtro de aceite", 2 };

static void
add_reading(struct sheet *s, const struct page_reading *page)
{
    struct buffer b;

    buffer_init(&b, 1u << 24);
    reading_write(&b, page);
    assert_int_equal(keep(s, ARTIFACT_READING, 0, buffer_bytes(&b)), RC_OK);
    buffer_done(&b);
}

struct said {
    const char *field, *value; /* NULL: blank */
};

static void
add_order(struct sheet *s, const struct said *said, size_t count)
{
    struct fields order = { .form = "invoice", .count = (uint32_t)count };
    struct buffer b;

    order.fields = arena_array(s->arena, count + 1, sizeof *order.fields);
    for (size_t i = 0; i < count; i++)
        order.fields[i] = (struct field){ .name = said[i].field, .value = said[i].value != NULL ? said[i].value : "",
                                          .text = "", .confidence = 1, .origin = ORIGIN_PERSON,
                                          .state = said[i].value != NULL ? FIELD_VALUE : FIELD_BLANK };
    buffer_init(&b, 1u << 20);
    fields_write(&b, &order);
    assert_int_equal(keep(s, ARTIFACT_ORDER, 0, buffer_bytes(&b)), RC_OK);
    buffer_done(&b);
}

static const char *hint = "invoice"; /* of the stream; "" leaves the type to the machine */
static const char *type;             /* of the last document */

/* One document through its stages; what was remembered comes back in *memory, which may be empty before. */
static const struct fields *
through(struct arena *arena, const struct page_reading *page, const struct said *said, size_t count,
        struct bytes *memory, uint32_t *slot)
{
    static const char *const steps[] = { "classify", "extract", "validate", "remember" };
    struct sheet s = { .arena = arena };
    struct fields *fields = NULL;

    add_reading(&s, page);
    if (count > 0)
        add_order(&s, said, count);
    if (memory->size > 0)
        assert_int_equal(keep(&s, ARTIFACT_MEMORY, 1, *memory), RC_OK);
    *slot = UINT32_MAX;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        struct result result = { 0 };
        struct job job = { .given = { s.items, s.count }, .forms = forms_loaded(), .arena = arena, .hint = hint,
                           .name = "", .emit = keep, .to = &s };
        uint32_t before = s.count;

        assert_int_equal(stage_find(steps[i])->run(&job, &result), RC_OK);
        for (uint32_t k = before; k < s.count; k++)
            if (s.items[k].kind == ARTIFACT_FIELDS) {
                assert_int_equal(fields_read(s.items[k].bytes, arena, &fields), RC_OK);
            } else if (s.items[k].kind == ARTIFACT_MEMORY && s.items[k].bytes.size > 0) {
                *memory = s.items[k].bytes;
                *slot = s.items[k].page;
            }
    }
    type = fields != NULL ? fields->form : "";
    return fields;
}

static const char *
value_of(const struct fields *f, const char *name)
{
    const struct field *v = fields_find(f, name);

    return v != NULL && v->state == FIELD_VALUE ? v->value : "(none)";
}

static const struct said lesson[] = {
    { "invoice_number", "T-25/0017" }, { "issue_date", "2025-04-03" }, { "net_total", "200.00" },
    { "tax_total", "42.00" },          { "grand_total", "242.00" },    { "seller_name", "Talleres Urbina S.L." },
};

static void
the_next_page_of_a_sender_is_read_as_a_person_taught(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    struct bytes memory = { NULL, 0 };
    const struct fields *without, *with;
    uint32_t slot;

    (void)state;
    without = through(arena, invoice(arena, &second), NULL, 0, &memory, &slot);
    assert_int_equal(memory.size, 0);
    /* or the test shows nothing */
    assert_string_not_equal(value_of(without, "invoice_number"), "T-25/0231");
    assert_string_not_equal(value_of(without, "grand_total"), "423.50");
    (void)through(arena, invoice(arena, &first), lesson, COUNT_OF(lesson), &memory, &slot);
    assert_int_equal(slot, 0); /* a new layout */
    assert_true(memory.size > 0 && memory.size < MEMORY_LAYOUT_MAX);
    with = through(arena, invoice(arena, &second), NULL, 0, &memory, &slot);
    assert_int_equal(slot, UINT32_MAX); /* nobody spoke: nothing was learnt */
    assert_string_equal(value_of(with, "invoice_number"), "T-25/0231");
    assert_string_equal(value_of(with, "issue_date"), "2025-09-19");
    assert_string_equal(value_of(with, "net_total"), "350.00");
    assert_string_equal(value_of(with, "tax_total"), "73.50");
    assert_string_equal(value_of(with, "grand_total"), "423.50");
    assert_true(fields_find(with, "grand_total")->confidence < 0.96); /* once is not often */
    arena_free(arena);
}

static void
agreement_makes_it_surer_and_one_sender_stays_one_layout(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    const struct said more[] = { { "invoice_number", "T-25/0231" }, { "grand_total", "423.50" } };
    struct bytes memory = { NULL, 0 };
    struct memory_layout *m;
    double once, twice;
    uint32_t slot;

    (void)state;
    (void)through(arena, invoice(arena, &first), lesson, COUNT_OF(lesson), &memory, &slot);
    once = fields_find(through(arena, invoice(arena, &third), NULL, 0, &memory, &slot), "invoice_number")->confidence;
    (void)through(arena, invoice(arena, &second), more, COUNT_OF(more), &memory, &slot);
    assert_int_equal(slot, 1); /* the same */
    twice = fields_find(through(arena, invoice(arena, &third), NULL, 0, &memory, &slot), "invoice_number")->confidence;
    assert_true(twice > once);
    assert_int_equal(memory_read(memory, arena, &m), RC_OK);
    assert_int_equal(m->lessons, 2);
    assert_int_equal(memory_field(m, "invoice_number")->helped, 1);
    assert_int_equal(memory_field(m, "invoice_number")->misled, 0);
    arena_free(arena);
}

static void
the_same_order_again_is_no_second_lesson(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    struct bytes memory = { NULL, 0 };
    uint32_t slot;

    (void)state;
    (void)through(arena, invoice(arena, &first), lesson, COUNT_OF(lesson), &memory, &slot);
    (void)through(arena, invoice(arena, &first), lesson, COUNT_OF(lesson), &memory, &slot);
    assert_int_equal(slot, UINT32_MAX);
    arena_free(arena);
}

static void
a_wrong_lesson_is_unlearnt(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    /* the person took the net for the total, once; then said what is right */
    const struct said wrong[] = { { "grand_total", "200.00" }, { "seller_name", "Talleres Urbina S.L." } };
    const struct said right_2[] = { { "grand_total", "423.50" } }, right_3[] = { { "grand_total", "108.90" } };
    struct bytes memory = { NULL, 0 };
    const struct fields *f;
    uint32_t slot;

    (void)state;
    (void)through(arena, invoice(arena, &first), wrong, COUNT_OF(wrong), &memory, &slot);
    f = through(arena, invoice(arena, &second), NULL, 0, &memory, &slot);
    assert_string_equal(value_of(f, "grand_total"), "350.00");
    (void)through(arena, invoice(arena, &second), right_2, 1, &memory, &slot);
    f = through(arena, invoice(arena, &third), NULL, 0, &memory, &slot);
    assert_string_not_equal(value_of(f, "grand_total"), "90.00");
    (void)through(arena, invoice(arena, &third), right_3, 1, &memory, &slot);
    f = through(arena, invoice(arena, &second), NULL, 0, &memory, &slot);
    assert_string_equal(value_of(f, "grand_total"), "423.50");
    arena_free(arena);
}

static void
another_sender_is_another_layout(void **state)
{
    static const char *const other[] = {
        "Northern Paper Supplies Ltd", "14 Mill Lane, Leeds LS1 4AB", "VAT No: GB123456782", "",
        "Invoice No: 55012            Date: 12/05/2025", "Bill to: Hotel Miramar S.A.", "",
        "Description                    Qty      Price       Amount",
        "Copy paper                      2      40.00       80.00", "",
        "Subtotal      80.00", "VAT 20%       16.00", "Total         96.00",
    };
    struct arena *arena = arena_new(256u << 20);
    struct bytes memory = { NULL, 0 }, kept;
    const struct page_reading *page = paper(arena, other, COUNT_OF(other));
    const struct fields *plain, *taught;
    uint32_t slot;

    (void)state;
    plain = through(arena, page, NULL, 0, &memory, &slot);
    (void)through(arena, invoice(arena, &first), lesson, COUNT_OF(lesson), &memory, &slot);
    taught = through(arena, page, NULL, 0, &memory, &slot);
    for (uint32_t i = 0; i < plain->count; i++)
        assert_string_equal(value_of(plain, plain->fields[i].name), value_of(taught, plain->fields[i].name));
    kept = memory;
    {
        const struct said said[] = { { "invoice_number", "55012" } };

        (void)through(arena, page, said, 1, &kept, &slot);
        assert_int_equal(slot, 0); /* a new one, not the first one's */
    }
    arena_free(arena);
}

static void
a_name_that_is_always_the_same_mends_a_misread_one(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    struct page_reading *page = invoice(arena, &second);
    struct bytes memory = { NULL, 0 };
    const struct fields *f;
    uint32_t slot;

    (void)state;
    (void)through(arena, invoice(arena, &first), lesson, COUNT_OF(lesson), &memory, &slot);
    for (uint32_t i = 0; i < page->word_count; i++)
        if (strcmp(page->words[i].text, "Urbina") == 0)
            page->words[i].text = "Urb1na";
    f = through(arena, page, NULL, 0, &memory, &slot);
    assert_string_equal(value_of(f, "seller_name"), "Talleres Urbina S.L.");
    /* where nothing like it is printed, nothing is made up */
    for (uint32_t i = 0; i < page->word_count; i++)
        if (page->words[i].line == 0)
            page->words[i].text = "Xyzw";
    f = through(arena, page, NULL, 0, &memory, &slot);
    assert_string_not_equal(value_of(f, "seller_name"), "Talleres Urbina S.L.");
    arena_free(arena);
}

static void
what_does_not_decode_is_left_out(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    struct bytes memory = { NULL, 0 };
    uint8_t *broken;
    uint32_t slot;

    (void)state;
    (void)through(arena, invoice(arena, &first), lesson, COUNT_OF(lesson), &memory, &slot);
    broken = (uint8_t *)arena_copy(arena, memory.data, memory.size);
    broken[0]++; /* of another version */
    memory.data = broken;
    assert_non_null(through(arena, invoice(arena, &second), NULL, 0, &memory, &slot));
    arena_free(arena);
}

static void
a_layout_comes_back_as_it_was_written(void **state)
{
    struct arena *arena = arena_new(64u << 20);
    struct bytes memory = { NULL, 0 };
    struct memory_layout *m, *again;
    struct buffer b;
    uint32_t slot;

    (void)state;
    (void)through(arena, invoice(arena, &first), lesson, COUNT_OF(lesson), &memory, &slot);
    assert_int_equal(memory_read(memory, arena, &m), RC_OK);
    buffer_init(&b, MEMORY_LAYOUT_MAX);
    memory_write(&b, m);
    assert_false(b.failed);
    assert_true(bytes_equal(buffer_bytes(&b), memory));
    /* cut anywhere, or with something behind it, it is none */
    for (size_t n = 0; n < memory.size; n += 1 + n / 16)
        assert_int_equal(memory_read(bytes_of(memory.data, n), arena, &again), RC_INPUT);
    write_u8(&b, 0);
    assert_int_equal(memory_read(buffer_bytes(&b), arena, &again), RC_INPUT);
    buffer_done(&b);
    arena_free(arena);
}

static void
shapes(void **state)
{
    static const struct {
        const char *shape, *text;
        bool fits;
    } rows[] = {
        { "AA-9999", "FV-2025", true }, { "AA-9999", "FV-202", true }, { "AA-9999", "2025-FV", false },
        { "AA-9999", "FV/2025", false }, { "A99999", "F1", false }, { "A99999", "F12345678", true }, { "", "", true },
        { "9999", "12345678901234", false }, { "A-9", "Ñ-7", true },
    };
    char out[61];

    (void)state;
    memory_shape("F-2025/0017 b", out, sizeof out);
    assert_string_equal(out, "A-9999/9999 A");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (memory_shape_fits(rows[i].shape, rows[i].text) != rows[i].fits)
            fail_msg("row %zu", i);
    assert_true(memory_trust(1, 0) > 0.6 && memory_trust(3, 0) > memory_trust(1, 0));
    assert_true(memory_trust(1, 1) <= 0 && memory_trust(3, 1) < memory_trust(3, 0));
}

static void
a_misread_number_teaches_its_place_and_its_shape(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    const struct values misread = { "FV-O0017", "03/04/2025", "200,00", "42,00", "242,00", "Mano de obra", 1 };
    const struct values next = { "FV-00231", "19/09/2025", "350,00", "73,50", "423,50", "Neumatico 205", 4 };
    const struct values again = { "FV-0O377", "02/11/2025", "90,00", "18,90", "108,90", "Filtro de aceite", 2 };
    const struct values longer = { "numero FV-00412", "05/12/2025", "80,00", "16,80", "96,80", "Aceite", 1 };
    const struct said said[] = { { "invoice_number", "FV-00017" }, { "seller_name", "Talleres Urbina S.L." } };
    struct bytes memory = { NULL, 0 };
    uint32_t slot;

    (void)state;
    (void)through(arena, invoice(arena, &misread), said, COUNT_OF(said), &memory, &slot);
    assert_string_equal(value_of(through(arena, invoice(arena, &next), NULL, 0, &memory, &slot), "invoice_number"),
                        "FV-00231");
    /* a letter where this sender has a digit */
    assert_string_equal(value_of(through(arena, invoice(arena, &again), NULL, 0, &memory, &slot), "invoice_number"),
                        "FV-00377");
    /* its label is longer on this one */
    assert_string_equal(value_of(through(arena, invoice(arena, &longer), NULL, 0, &memory, &slot), "invoice_number"),
                        "FV-00412");
    arena_free(arena);
}

static void
fields_with_one_amount_have_places_of_their_own(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    const struct values no_tax = { "T-25/0017", "03/04/2025", "200,00", "0,00", "200,00", "Mano de obra", 2 };
    const struct said said[] = { { "net_total", "200.00" }, { "tax_total", "0.00" }, { "grand_total", "200.00" },
                                 { "seller_name", "Talleres Urbina S.L." } };
    struct bytes memory = { NULL, 0 };
    const struct fields *f;
    uint32_t slot;

    (void)state;
    (void)through(arena, invoice(arena, &no_tax), said, COUNT_OF(said), &memory, &slot);
    f = through(arena, invoice(arena, &second), NULL, 0, &memory, &slot);
    assert_string_equal(value_of(f, "net_total"), "350.00");
    assert_string_equal(value_of(f, "grand_total"), "423.50");
    arena_free(arena);
}

static void
the_type_that_a_person_said_is_known_again(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    struct page_reading *page = invoice(arena, &second);
    struct bytes none = { NULL, 0 }, memory = { NULL, 0 };
    uint32_t slot;

    (void)state;
    (void)through(arena, invoice(arena, &first), lesson, COUNT_OF(lesson), &memory, &slot);
    /* the title is not read, and the labels are none that a form knows */
    for (uint32_t i = 0; i < page->word_count; i++)
        if (strcmp(page->words[i].text, "FACTURA") == 0)
            page->words[i].text = "FAC1URFL";
    hint = "";
    (void)through(arena, page, NULL, 0, &none, &slot);
    assert_string_equal(type, "");
    (void)through(arena, page, NULL, 0, &memory, &slot);
    assert_string_equal(type, "invoice");
    /* another sender's paper stays what it is */
    for (uint32_t i = 0; i < page->word_count; i++)
        if (strcmp(page->words[i].text, "Urbina") == 0 || strcmp(page->words[i].text, "B85126223") == 0)
            page->words[i].text = "Zarzuelo";
    (void)through(arena, page, NULL, 0, &memory, &slot);
    assert_string_equal(type, "");
    hint = "invoice";
    arena_free(arena);
}

/* Words of a page as a photo shows them: narrower, slanted; every fifth one moved by the table's length. */
static void
a_photo_is_laid_on_its_layout(void **state)
{
    static const struct memory_fit photos[] = {
        { 1, 0, 0, 0, 1, 0 }, { 0.85, -0.03, 800, 0.01, 0.94, 480 }, { 1.2, 0.02, -860, 0.015, 1.18, -1080 },
    };
    struct memory_pair pairs[40];
    struct memory_fit fit;

    (void)state;
    for (size_t k = 0; k < COUNT_OF(photos); k++) {
        for (uint32_t i = 0; i < COUNT_OF(pairs); i++) {
            double x = 300 + (i * 1747) % 7000, y = 500 + (i * 2311) % 9000;

            pairs[i] = (struct memory_pair){ x, y, memory_fit_x(&photos[k], x, y), memory_fit_y(&photos[k], x, y) };
            if (i % 5 == 0)
                pairs[i].sy += 700 + 11 * i;
        }
        assert_true(memory_fit_find(pairs, COUNT_OF(pairs), &fit));
        for (uint32_t i = 1; i < 5; i++) {
            int32_t mx, my;

            assert_true(memory_fit_x(&fit, pairs[i].mx, pairs[i].my) - pairs[i].sx < 20);
            assert_true(pairs[i].sx - memory_fit_x(&fit, pairs[i].mx, pairs[i].my) < 20);
            memory_fit_back(&fit, pairs[i].sx, pairs[i].sy, &mx, &my);
            assert_in_range(mx + 30 - (int32_t)pairs[i].mx, 0, 60);
            assert_in_range(my + 30 - (int32_t)pairs[i].my, 0, 60);
        }
    }
    /* three words are no layout */
    assert_false(memory_fit_find(pairs, 3, &fit));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_page_of_a_sender_is_read_as_a_person_taught),
        cmocka_unit_test(agreement_makes_it_surer_and_one_sender_stays_one_layout),
        cmocka_unit_test(the_same_order_again_is_no_second_lesson),
        cmocka_unit_test(a_wrong_lesson_is_unlearnt),
        cmocka_unit_test(another_sender_is_another_layout),
        cmocka_unit_test(a_name_that_is_always_the_same_mends_a_misread_one),
        cmocka_unit_test(what_does_not_decode_is_left_out),
        cmocka_unit_test(a_layout_comes_back_as_it_was_written),
        cmocka_unit_test(shapes),
        cmocka_unit_test(a_misread_number_teaches_its_place_and_its_shape),
        cmocka_unit_test(fields_with_one_amount_have_places_of_their_own),
        cmocka_unit_test(the_type_that_a_person_said_is_known_again),
        cmocka_unit_test(a_photo_is_laid_on_its_layout),
    };

    return cmocka_run_group_tests(tests, ready, NULL);
}
