/* test_doc.c - do readings and fields survive their codec, and nothing else? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zlib.h>
#include <string.h>

#include "base/text.h"
#include "doc/provenance.h"
#include "doc/reading.h"

static void
a_reading_survives(void **state)
{
    struct word words[] = {
        { .box = { 10, 20, 110, 50 }, .text = "Total", .conf = 0.91f, .line = 3, .block = 1 },
        { .box = { 5, 60, 40, 90 }, .text = "1.234,50", .conf = 0.5f, .line = 4, .block = 1, .second = "1.284,50",
          .second_conf = 0.25f, .reader = READER_OWN },
    };
    struct zone_reading zones[] = { { "box_2", { 1, 2, 3, 4 }, "ADAMS", 0.8f, 0.1f, MARK_DOUBTFUL, "ADAM5", "ADAM5",
                                      0.25f } };
    struct code_reading codes[] = { { { 9, 9, 99, 99 }, "QR-Code", "ESCRIBA:SEPARATE" } };
    struct box strikes[] = { { 10, 20, 110, 50 } };
    struct page_reading in = { .facts = { .kind = PAGE_SEPARATOR, .page_k = 2, .page_n = 3, .start = 0.25f,
                                          .width = 2480, .height = 3508, .ink = 0.03f, .words = 2,
                                          .reason = REASON_HANDWRITING },
                               .dpi = 300, .rotation = 270, .skew = -1.25f,
                               .flat = { true, { 1.01, 0.02, -3.5, -0.02, 0.99, 4.25, 1e-5, -2e-5 } },
                               .flat_width = 1700, .form = "cms1500", .form_conf = 0.75f,
                               .made_by = "tesseract 5, reader 1",
                               .words = words, .word_count = 2, .zones = zones, .zone_count = 1,
                               .codes = codes, .code_count = 1, .strikes = strikes, .strike_count = 1 };
    struct arena *arena = arena_new(1 << 20);
    struct page_reading *out;
    struct buffer b;

    (void)state;
    buffer_init(&b, 1 << 20);
    reading_write(&b, &in);
    assert_false(b.failed);
    assert_int_equal(reading_read(buffer_bytes(&b), arena, &out), RC_OK);
    assert_int_equal(out->facts.kind, PAGE_SEPARATOR);
    assert_int_equal(out->facts.page_n, 3);
    assert_int_equal(out->facts.reason, REASON_HANDWRITING);
    assert_int_equal(out->rotation, 270);
    assert_string_equal(out->form, "cms1500");
    assert_int_equal(out->word_count, 2);
    assert_string_equal(out->words[1].text, "1.234,50");
    assert_memory_equal(&out->words[1].box, &words[1].box, sizeof(struct box));
    assert_int_equal(out->words[1].line, 4);
    assert_string_equal(out->words[0].second, "");
    assert_string_equal(out->words[1].second, "1.284,50");
    assert_int_equal(out->words[1].reader, READER_OWN);
    assert_string_equal(out->made_by, "tesseract 5, reader 1");
    assert_int_equal(out->zones[0].mark, MARK_DOUBTFUL);
    assert_string_equal(out->zones[0].second, "ADAM5");
    assert_string_equal(out->zones[0].other, "ADAM5");
    assert_true(out->zones[0].other_conf > 0.24f && out->zones[0].other_conf < 0.26f);
    assert_string_equal(out->codes[0].text, "ESCRIBA:SEPARATE");
    assert_true(out->flat.on);
    assert_int_equal(out->flat_width, 1700);
    assert_memory_equal(out->flat.p, in.flat.p, sizeof in.flat.p);
    assert_int_equal(out->strike_count, 1);
    assert_memory_equal(&out->strikes[0], &strikes[0], sizeof(struct box));
    for (size_t cut = 0; cut < b.size; cut++)
        assert_int_not_equal(reading_read(bytes_of(b.data, cut), arena, &out), RC_OK);
    buffer_done(&b);
    arena_free(arena);
}

/* A reading of release 0.5.0 knows no photographs: it ends where the map begins now. */
static void
an_older_reading_is_read(void **state)
{
    struct word words[] = { { .box = { 10, 20, 110, 50 }, .text = "Total", .conf = 0.91f } };
    struct page_reading in = { .form = "", .words = words, .word_count = 1, .skew = 0.5f };
    struct arena *arena = arena_new(1 << 20);
    struct page_reading *out;
    struct buffer b;
    uint8_t plain[4096], packed[4096];
    uLongf size = sizeof plain, packed_size = sizeof packed;
    struct buffer old;

    (void)state;
    buffer_init(&b, 1 << 20);
    buffer_init(&old, 1 << 20);
    reading_write(&b, &in);
    assert_int_equal(uncompress(plain, &size, b.data + 5, (uLong)(b.size - 5)), Z_OK);
    assert_int_equal(plain[size - 1], 0);
    assert_int_equal(compress(packed, &packed_size, plain, size - 1), Z_OK);
    write_u8(&old, 4);
    write_u32(&old, (uint32_t)(size - 1));
    write_raw(&old, packed, packed_size);
    assert_int_equal(reading_read(buffer_bytes(&old), arena, &out), RC_OK);
    assert_false(out->flat.on);
    assert_string_equal(out->words[0].text, "Total");
    old.data[0] = 6; /* and one of a release to come is not */
    assert_int_equal(reading_read(buffer_bytes(&old), arena, &out), RC_INPUT);
    buffer_done(&old);
    buffer_done(&b);
    arena_free(arena);
}

static void
a_bomb_is_not_inflated(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    uint8_t bytes[16] = { 2, 0xff, 0xff, 0xff, 0xff };
    struct page_reading *out;

    (void)state;
    assert_int_equal(reading_read(bytes_of(bytes, sizeof bytes), arena, &out), RC_LIMIT);
    arena_free(arena);
}

static void
fields_survive(void **state)
{
    struct field list[] = {
        { .name = "grand_total", .value = "1234.50", .text = "1.234,50", .confidence = 0.987, .verdict = FIELD_REVIEW,
          .state = FIELD_VALUE, .origin = ORIGIN_REPAIR, .reasons = { REASON_SUM_DIFFERS }, .page = 1,
          .box = { 1, 2, 3, 4 } },
        { .name = "iban", .value = "", .text = "", .state = FIELD_MISSING },
    };
    struct field_row rows[] = { { list, 2 }, { list, 1 } };
    struct fields in = { .form = "invoice", .form_confidence = 0.5, .fields = list, .count = 2, .rows = rows,
                         .row_count = 2 };
    struct arena *arena = arena_new(1 << 20);
    struct fields *out;
    struct buffer b;

    (void)state;
    buffer_init(&b, 1 << 20);
    fields_write(&b, &in);
    assert_int_equal(fields_read(buffer_bytes(&b), arena, &out), RC_OK);
    assert_string_equal(out->form, "invoice");
    assert_string_equal(fields_find(out, "grand_total")->text, "1.234,50");
    assert_int_equal(fields_find(out, "grand_total")->reasons[0], REASON_SUM_DIFFERS);
    assert_null(fields_find(out, "nothing"));
    assert_int_equal(out->row_count, 2);
    assert_int_equal(out->rows[1].count, 1);
    for (size_t cut = 0; cut < b.size; cut++)
        assert_int_not_equal(fields_read(bytes_of(b.data, cut), arena, &out), RC_OK);
    buffer_done(&b);
    arena_free(arena);
}

/* A story is told whole, within its bounds, and the value's own text is never cut for it. */
static void
a_story_survives(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct field list[] = { { .name = "iban", .value = "ES91", .text = "ES9I", .origin = ORIGIN_REPAIR },
                            { .name = "iban", .value = "", .text = "" } };
    struct fields in = { .form = "invoice", .fields = list, .count = 2 };
    const struct id ana = { { 1, 2, 3 } };
    const struct provenance *p;
    char longest[600];
    struct fields *out;
    struct buffer b;

    (void)state;
    memset(longest, 0xc3, sizeof longest); /* e with an accent, many times */
    for (size_t i = 1; i < sizeof longest; i += 2)
        longest[i] = (char)0xa9;
    longest[sizeof longest - 1] = '\0';
    for (int i = 0; i < 9; i++) {
        char text[8] = { 'v', (char)('0' + i), 0 };

        provenance_alternative(&list[0], arena, i == 4 ? longest : text, text, i == 4 ? 9 : i);
        provenance_fired(&list[0], arena, "check", text, FIRED_HELD);
    }
    provenance_fired(&list[0], arena, "check", "v3", FIRED_FAILED);
    provenance_fired(&list[0], arena, "equation", "total", FIRED_CHOSE);
    for (int i = 0; i < 12; i++) {
        provenance_keyed(&list[0], arena, i == 0 ? NULL : &ana, i);
        list[0].origin = ORIGIN_PERSON;
    }
    list[0].story->needed = 0.96;
    list[0].story->second = "ES91 2100";
    assert_int_equal(versions_add(&in, arena, "tesseract", "5.3.0"), RC_OK);
    buffer_init(&b, 1 << 20);
    fields_write(&b, &in);
    assert_int_equal(fields_read(buffer_bytes(&b), arena, &out), RC_OK);
    p = out->fields[0].story;
    assert_non_null(p);
    assert_null(out->fields[1].story);
    assert_int_equal(p->alternative_count, ALTERNATIVES_MAX);
    assert_int_equal(strlen(p->alternatives[0].value), PROVENANCE_TEXT);
    assert_true(text_is_utf8(p->alternatives[0].value, PROVENANCE_TEXT));
    assert_string_equal(p->alternatives[1].value, "v8");
    assert_int_equal(p->fired_count, FIRED_MAX);
    assert_string_equal(p->fired[3].rule, "check:v3");
    assert_int_equal(p->fired[3].how, FIRED_FAILED);
    assert_string_equal(p->fired[9].rule, "equation:total");
    assert_int_equal(p->keying_count, KEYINGS_MAX);
    assert_int_equal(p->keyings[0].by, ORIGIN_REPAIR);
    assert_int_equal(p->keyings[KEYINGS_MAX - 1].at, 11);
    assert_memory_equal(&p->keyings[1].who, &ana, sizeof ana);
    assert_string_equal(p->second, "ES91 2100");
    assert_string_equal(version_find(out->versions, out->version_count, "tesseract"), "5.3.0");
    for (size_t cut = 0; cut < b.size; cut++)
        assert_int_not_equal(fields_read(bytes_of(b.data, cut), arena, &out), RC_OK);
    buffer_done(&b);
    arena_free(arena);
}

/* What the first release stored can still be reviewed and delivered. */
static void
fields_of_the_first_release_are_read(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct fields *out;
    struct buffer b;

    (void)state;
    buffer_init(&b, 1 << 16);
    write_u8(&b, 1);
    write_text(&b, "invoice");
    write_f64(&b, 0.5);
    write_u32(&b, 1);
    write_text(&b, "iban");
    write_text(&b, "ES91");
    write_text(&b, "ES91");
    write_f64(&b, 0.75);
    for (int i = 0; i < 3; i++)
        write_u8(&b, 0);
    for (int i = 0; i < FIELD_REASONS_MAX; i++)
        write_u16(&b, 0);
    for (int i = 0; i < 5; i++)
        write_u32(&b, (uint32_t)i);
    write_u32(&b, 0);
    assert_int_equal(fields_read(buffer_bytes(&b), arena, &out), RC_OK);
    assert_string_equal(out->fields[0].value, "ES91");
    assert_null(out->fields[0].story);
    assert_int_equal(out->version_count, 0);
    buffer_done(&b);
    arena_free(arena);
}

static void
doubts_are_kept_once(void **state)
{
    struct field f = { .name = "x" };

    (void)state;
    for (int i = 0; i < 3; i++)
        field_doubt(&f, REASON_CHECK_DIGIT);
    for (int i = 0; i < 20; i++)
        field_doubt(&f, (enum reason)(REASON_UNREADABLE + i));
    assert_int_equal(f.verdict, FIELD_REVIEW);
    assert_int_equal(f.reasons[0], REASON_CHECK_DIGIT);
    assert_int_not_equal(f.reasons[1], REASON_CHECK_DIGIT);
}

static void
every_reason_speaks_two_languages(void **state)
{
    const struct reason_row *row;

    (void)state;
    for (unsigned i = 0; (row = reason_at(i)) != NULL; i++) {
        assert_true(strlen(row->word) > 0 && strlen(row->en) > 0 && strlen(row->es) > 0);
        assert_ptr_equal(reason_row(row->reason), row);
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(reason_at(k)->word, row->word);
    }
    assert_int_equal(reason_row(9999)->reason, REASON_NONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reading_survives),
        cmocka_unit_test(an_older_reading_is_read), cmocka_unit_test(a_bomb_is_not_inflated),
        cmocka_unit_test(fields_survive),
        cmocka_unit_test(a_story_survives),
        cmocka_unit_test(fields_of_the_first_release_are_read),
        cmocka_unit_test(doubts_are_kept_once),
        cmocka_unit_test(every_reason_speaks_two_languages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
