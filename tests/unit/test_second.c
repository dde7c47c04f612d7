/* test_second.c - does the second reader read, alike on every machine, and nothing that is not there? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <leptonica/allheaders.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "second.h"
#include "second_line.h"
#include "second_net.h"
#include "second_weights.h"

/* A line that is drawn here: Leptonica's own bitmap letters. */
static PIX *
draw(const char *text, int size)
{
    L_BMF *font = bmfCreate(NULL, size);
    PIX *page = pixCreate(1100, 120, 8);
    l_int32 width, overflow;

    assert_non_null(font);
    pixSetAll(page);
    assert_int_equal(pixSetTextline(page, font, text, 0, 40, 75, &width, &overflow), 0);
    bmfDestroy(&font);
    return page;
}

static struct line_box
line_of(PIX *page)
{
    PIX *one = pixThresholdToBinary(page, 128);
    struct line_box line = { .light = false };
    BOX *box = NULL;

    assert_int_equal(pixClipToForeground(one, NULL, &box), 0);
    line.box = (struct box){ box->x, box->y, box->x + box->w, box->y + box->h };
    boxDestroy(&box);
    pixDestroy(&one);
    return line;
}

static void
a_drawn_line_is_read(void **state)
{
    PIX *page = draw("Invoice 20417 total 128.50", 20);
    struct line_box line = line_of(page);
    struct arena *arena = arena_new(32u << 20);
    struct ocr_text text;

    (void)state;
    assert_int_equal(second_line(page, &line, arena, &text), RC_OK);
    assert_int_equal(text.count, 4);
    assert_string_equal(text.words[0].text, "Invoice");
    assert_string_equal(text.words[1].text, "20417");
    assert_string_equal(text.words[3].text, "128.50");
    for (uint32_t i = 0; i < text.count; i++) {
        const struct box b = text.words[i].box;

        assert_int_equal(text.words[i].reader, READER_OWN);
        assert_true(b.x0 >= line.box.x0 && b.x1 <= line.box.x1 && b.x1 > b.x0);
        if (i > 0)
            assert_true(b.x0 >= text.words[i - 1].box.x1 - 4);
    }
    pixDestroy(&page);
    arena_free(arena);
}

static void
every_path_gives_the_same(void **state)
{
    static const enum second_path paths[] = { SECOND_SCALAR, SECOND_AVX2, SECOND_AVX512 };
    struct arena *arena = arena_new(64u << 20);
    uint32_t seed = 7;

    (void)state;
    for (int round = 0; round < 6; round++) {
        const int width = 37 + round * 71;
        uint8_t *gray = arena_alloc(arena, (size_t)width * SECOND_HEIGHT);
        struct second_text first = { .count = 0 }, text;

        for (int i = 0; i < width * SECOND_HEIGHT; i++) { /* blotches, so that letters are seen */
            seed = seed * 1664525u + 1013904223u;
            gray[i] = (uint8_t)((seed >> 24) > 150 || (i / 3) % 4 == 0 ? 250 : 20);
        }
        for (size_t p = 0; p < sizeof paths / sizeof *paths; p++) {
            if (!second_use(paths[p])) {
                printf("# a path is left out: this machine has it not\n");
                continue;
            }
            assert_int_equal(second_read(gray, width, NULL, arena, &text), RC_OK);
            if (p == 0)
                first = text;
            assert_int_equal(text.count, first.count);
            if (text.count > 0)
                assert_memory_equal(text.chars, first.chars, text.count * sizeof *text.chars);
        }
    }
    assert_true(second_use(SECOND_BEST));
    arena_free(arena);
}

static void
nothing_is_read_from_nothing(void **state)
{
    struct arena *arena = arena_new(32u << 20);
    uint8_t *gray = arena_alloc(arena, (size_t)4100 * SECOND_HEIGHT);
    struct second_text text;

    (void)state;
    memset(gray, 255, (size_t)4100 * SECOND_HEIGHT);
    assert_int_equal(second_read(gray, 300, NULL, arena, &text), RC_OK);
    assert_int_equal(text.count, 0);
    memset(gray, 0, (size_t)4100 * SECOND_HEIGHT);
    assert_int_equal(second_read(gray, 300, NULL, arena, &text), RC_OK);
    assert_int_equal(text.count, 0);
    assert_int_equal(second_read(gray, 1, NULL, arena, &text), RC_OK);
    assert_int_equal(second_read(gray, 4001, NULL, arena, &text), RC_LIMIT);
    arena_free(arena);
}

static void
damaged_weights_are_refused(void **state)
{
    const size_t size = (size_t)(second_weights_end - second_weights);
    uint8_t *copy = malloc(size);
    struct net net;

    (void)state;
    assert_non_null(copy);
    memcpy(copy, second_weights, size);
    assert_int_equal(net_load(bytes_of(copy, size), &net), RC_OK);
    net_free(&net);
    copy[size / 2] ^= 1;
    assert_int_equal(net_load(bytes_of(copy, size), &net), RC_INPUT);
    for (size_t cut = 0; cut < size; cut += size / 7)
        assert_int_equal(net_load(bytes_of(copy, cut), &net), RC_INPUT);
    free(copy);
}

static struct word
word(const char *text, int x0, int x1, float conf)
{
    return (struct word){ .text = text, .box = { x0, 10, x1, 30 }, .conf = conf };
}

static void
two_readings_become_one(void **state)
{
    struct word a[] = { word("TOTAL", 0, 50, .95f), word("12", 100, 120, .3f), word("40", 124, 144, .3f), word("x", 300, 310, .1f) };
    struct word b[] = { word("TOTAL", 1, 49, .99f), word("12.40", 99, 145, .99f) };
    struct ocr_text first = { .words = a, .count = 4 }, second = { .words = b, .count = 2 }, out;
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    for (int i = 0; i < 2; i++)
        b[i].reader = READER_OWN;
    assert_int_equal(second_merge(&first, &second, arena, &out), RC_OK);
    assert_true(out.count >= 2);
    assert_string_equal(out.words[0].text, "TOTAL");
    assert_string_equal(out.words[0].second, "TOTAL");
    assert_string_equal(out.words[1].text, "12.40");
    assert_string_equal(out.words[1].second, "12 40");
    assert_int_equal(out.words[1].reader, READER_OWN);
    /* the other way round: what leads is kept, what does not stands beside it */
    for (int i = 0; i < 4; i++)
        a[i].conf = .97f;
    b[0].conf = b[1].conf = .2f;
    assert_int_equal(second_merge(&first, &second, arena, &out), RC_OK);
    assert_int_equal(out.count, 4);
    assert_string_equal(out.words[1].text, "12");
    assert_string_equal(out.words[1].second, "12.40");
    assert_string_equal(out.words[2].second, "12.40");
    assert_string_equal(out.words[3].second, "");
    assert_int_equal(out.words[1].reader, READER_TESSERACT);
    arena_free(arena);
}

/* One reader's box of a word reaches into the next one: cut by boxes alone, "CASH & CARRY" came out as "CAS & ASH & CARRY". */
static void
no_word_comes_out_twice(void **state)
{
    struct word a[] = { word("FIVE", 0, 40, .9f), word("CASH", 50, 95, .5f), word("&", 100, 110, .9f), word("CARRY", 120, 170, .9f) };
    struct word b[] = { word("FIVE", 0, 40, .9f), word("CAS", 48, 80, .6f), word("&", 84, 98, .9f), word("CARRY", 118, 170, .9f) };
    struct ocr_text first = { .words = a, .count = 4 }, second = { .words = b, .count = 4 }, out;
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    assert_int_equal(second_merge(&first, &second, arena, &out), RC_OK);
    assert_int_equal(out.count, 4);
    assert_string_equal(out.words[2].text, "&");
    assert_string_equal(out.words[2].second, "&");
    assert_string_equal(out.words[3].text, "CARRY");
    /* nothing on one side, and nothing at all */
    second.count = 0;
    assert_int_equal(second_merge(&first, &second, arena, &out), RC_OK);
    first.count = 0;
    assert_int_equal(second_merge(&first, &second, arena, &out), RC_OK);
    assert_int_equal(out.count, 0);
    arena_free(arena);
}

/* Tesseract's English model has no such letter: "Calle Mayor, 3, 2º B" was "2% B". */
static void
ordinals_are_the_second_readers(void **state)
{
    const struct second_pair floor = { .first = "2%", .second = "2\xc2\xba", .first_conf = 0.96f, .second_conf = 0.55f };
    const struct second_pair rank = { .first = "1?", .second = "1\xc2\xaa", .first_conf = 0.83f, .second_conf = 0.59f };
    const struct second_pair sure = { .first = "22", .second = "2\xc2\xba", .first_conf = 0.97f, .second_conf = 0.9f };
    const struct second_pair number = { .first = "22", .second = "2\xc2\xba", .first_conf = 0.97f, .second_conf = 0.6f };
    const struct second_pair other = { .first = "30", .second = "2\xc2\xba", .first_conf = 0.97f, .second_conf = 0.5f };

    (void)state;
    assert_true(second_choice(&floor) > .5);
    assert_true(second_choice(&rank) > .5);
    assert_true(second_choice(&sure) > .5);
    assert_true(second_choice(&number) < .5);
    assert_true(second_choice(&other) < .5);
}

/* A word whose first letter the network did not see is stranger than the whole word: "VA 21%" was no tax. */
static void
half_a_word_is_strange(void **state)
{
    (void)state;
    assert_true(second_strangeness("VA") > second_strangeness("IVA"));
    assert_true(second_strangeness("SON BHO") > second_strangeness("SDN BHD"));
    assert_true(second_strangeness("1240") == 0);
}

static int
load(void **state)
{
    (void)state;
    return second_ready() == RC_OK ? 0 : -1;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_drawn_line_is_read),
        cmocka_unit_test(every_path_gives_the_same),
        cmocka_unit_test(nothing_is_read_from_nothing),
        cmocka_unit_test(damaged_weights_are_refused),
        cmocka_unit_test(two_readings_become_one),
        cmocka_unit_test(no_word_comes_out_twice),
        cmocka_unit_test(ordinals_are_the_second_readers),
        cmocka_unit_test(half_a_word_is_strange),
    };

    return cmocka_run_group_tests(tests, load, NULL);
}
