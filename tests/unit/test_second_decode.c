/* test_second_decode.c - do words decide where a letter is doubtful, and nowhere else? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "second_decode.h"

/* The letters of a network that is not there: its scores are written here. */
static const char letters[] = " ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:!-";
static uint32_t codes[sizeof letters];
static struct net net;
static struct language language;
static struct decoder decoder;
static struct arena *arena;

static struct bytes
table(void)
{
    return bytes_of(second_language_weights, (size_t)(second_language_weights_end - second_language_weights));
}

static unsigned
class_of(char c)
{
    return (unsigned)(strchr(letters, c) - letters) + 1;
}

/*
 * Each character in a column of its own with nothing after it.  "a|b" in first and second: where they differ, first has
 * the share of the network and second what is left.  '_' in second: that nothing stands there.
 */
static const char *
reads(const char *first, const char *second, double share, bool words, struct second_text *text)
{
    const size_t count = strlen(first);
    float *scores = arena_array(arena, count * 2 * net.classes, sizeof *scores);
    char *out = arena_alloc(arena, count * 2 + 2);

    for (size_t i = 0; i < count * 2 * net.classes; i++)
        scores[i] = -20;
    for (size_t i = 0; i < count; i++) {
        float *row = scores + 2 * i * net.classes;

        row[class_of(first[i])] = 10;
        row[net.classes] = 10; /* the blank of CTC in the column after it */
        if (first[i] == second[i])
            continue;
        /* ln(a / b) between the two, of additions only */
        row[second[i] == '_' ? 0 : class_of(second[i])] = 10;
        for (double odds = share / (1 - share); odds > 1; odds /= 1.01)
            row[class_of(first[i])] += .00995033f;
    }
    assert_int_equal(decode(&decoder, scores, (int)count * 2, words, arena, arena, text), RC_OK);
    for (uint32_t i = 0; i < text->count; i++)
        out[i] = (char)text->chars[i].c;
    return out;
}

static void
words_decide_a_doubtful_letter(void **state)
{
    struct second_text text;

    (void)state;
    assert_string_equal(reads("SUN BHD", "SDN BHD", .6, true, &text), "SDN BHD");
    assert_string_equal(reads("RESTAUKANT", "RESTAURANT", .6, true, &text), "RESTAURANT");
    assert_string_equal(reads("Nalaysia", "Malaysia", .6, true, &text), "Malaysia");
    assert_string_equal(reads("TOTAI", "TOTAL", .6, true, &text), "TOTAL");
    assert_string_equal(reads("Invoice nunber", "Invoice number", .6, true, &text), "Invoice number");
    /* a letter that was not there, one that was missed, and a blank */
    assert_string_equal(reads("TOTALL", "TOTAL_", .6, true, &text), "TOTAL");
    assert_string_equal(reads("TOTALRSALES", "TOTAL SALES", .6, true, &text), "TOTAL SALES");
    /* what stands already is not moved */
    assert_string_equal(reads("RESTAURANT", "RESTAUKANT", .6, true, &text), "RESTAURANT");
}

static void
the_number_is_the_networks_own(void **state)
{
    struct second_text text;

    (void)state;
    assert_string_equal(reads("TOTAI", "TOTAL", .6, true, &text), "TOTAL");
    assert_true(text.chars[4].conf > .38f && text.chars[4].conf < .42f);
    assert_int_equal(text.chars[4].other[0], 'I');
    assert_true(text.chars[4].other_conf[0] > .58f);
    assert_true(text.chars[3].conf > .99f);
    assert_int_equal(text.chars[4].x0, 8 * DECODE_COLUMN - DECODE_FREE);
    assert_int_equal(text.chars[4].x1, 9 * DECODE_COLUMN - DECODE_FREE);
    /* a letter that was taken away leaves its doubt behind */
    assert_string_equal(reads("TOTALL", "TOTAL_", .6, true, &text), "TOTAL");
    assert_int_equal(text.count, 5);
    assert_true(text.chars[4].conf < .42f);
}

static void
what_is_sure_stays(void **state)
{
    struct second_text text;

    (void)state;
    assert_string_equal(reads("TOTAI", "TOTAL", .99, true, &text), "TOTAI");
    assert_string_equal(reads("TOTAI", "TOTAI", .99, true, &text), "TOTAI"); /* never offered, never said */
    assert_string_equal(reads("QXZVW", "QXZVW", .99, true, &text), "QXZVW");
    assert_string_equal(reads("", "", .99, true, &text), "");
    assert_int_equal(text.count, 0);
}

static void
digits_are_never_touched(void **state)
{
    static const char *const rows[][2] = {
        { "TOTAL 12.50", "TOTAL 12.60" }, { "81100", "81700" }, { "A1B2C3", "AIBZC3" }, { "RM5.00", "RMS.OO" },
        { "S0N BHD", "SDN BHD" },         { "KL10TAI", "KL10TAL" }, { "1", "I" },      { "12 40", "12_40" },
    };
    struct second_text text;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(reads(rows[i][0], rows[i][1], .55, true, &text), rows[i][0]);
    /* and none comes in */
    assert_string_equal(reads("QOX", "Q0X", .51, true, &text), "QOX");
    /* a word beside a number is decided as always, and the number stays */
    assert_string_equal(reads("JAIAN 55,57", "JALAN 56,51", .6, true, &text), "JALAN 55,57");
}

static void
codes_are_read_without_words(void **state)
{
    struct second_text text;

    (void)state;
    assert_string_equal(reads("TOTAI", "TOTAL", .6, false, &text), "TOTAI");
    assert_int_equal(decoder_make(&net, &language, 0, 0, &decoder), RC_OK);
    assert_string_equal(reads("TOTAI", "TOTAL", .6, true, &text), "TOTAI");
    assert_int_equal(decoder_make(&net, &language, 301, 0, &decoder), RC_CONFIG);
    assert_int_equal(decoder_make(&net, &language, -1, 0, &decoder), RC_CONFIG);
}

static void
long_lines_and_noise_stay_in_bounds(void **state)
{
    const int columns = 1004;
    float *scores = arena_array(arena, (size_t)columns * net.classes, sizeof *scores);
    struct second_text text;
    uint32_t seed = 5;

    (void)state;
    for (int round = 0; round < 4; round++) {
        for (size_t i = 0; i < (size_t)columns * net.classes; i++) {
            seed = seed * 1664525u + 1013904223u;
            scores[i] = (float)(seed >> 24) / (float)(8 << round);
        }
        assert_int_equal(decode(&decoder, scores, columns, true, arena, arena, &text), RC_OK);
        assert_true(text.count <= (uint32_t)columns);
        for (uint32_t i = 0; i < text.count; i++) {
            assert_true(text.chars[i].c != 0 && text.chars[i].conf >= 0 && text.chars[i].conf <= 1.001f);
            assert_true(text.chars[i].x1 > text.chars[i].x0);
            assert_true(i == 0 || text.chars[i].x0 >= text.chars[i - 1].x1);
        }
    }
}

static void
a_language_costs_what_it_should(void **state)
{
    language_past past = language_push(&language, 0, LANGUAGE_BLANK);

    (void)state;
    assert_int_equal(language_symbol(&language, 'a'), language_symbol(&language, 'A'));
    assert_int_equal(language_symbol(&language, 0xf1), language_symbol(&language, 0xd1)); /* ñ Ñ */
    assert_int_equal(language_symbol(&language, '3'), language_symbol(&language, '8'));
    assert_int_equal(language_symbol(&language, 0x20ac), LANGUAGE_OTHER);
    for (const char *c = "SDN BH"; *c != '\0'; c++)
        past = language_push(&language, past, language_symbol(&language, (uint32_t)*c));
    assert_true(language_cost(&language, past, language_symbol(&language, 'D')) <
                language_cost(&language, past, language_symbol(&language, 'O')));
    assert_true(language_cost(&language, past, 0) <= LANGUAGE_COST_MAX);
    past = language_push(&language, past, LANGUAGE_DIGIT);
    assert_true(language_push(&language, past, LANGUAGE_DIGIT) == past); /* a number is one */
}

static void
a_damaged_table_is_refused(void **state)
{
    struct bytes whole = table();
    uint8_t *copy = malloc(whole.size);
    struct language l;

    (void)state;
    assert_non_null(copy);
    memcpy(copy, whole.data, whole.size);
    assert_int_equal(language_load(bytes_of(copy, whole.size), &l), RC_OK);
    copy[whole.size / 2] ^= 1;
    assert_int_equal(language_load(bytes_of(copy, whole.size), &l), RC_INPUT);
    for (size_t cut = 0; cut < whole.size; cut += whole.size / 7)
        assert_int_equal(language_load(bytes_of(copy, cut), &l), RC_INPUT);
    free(copy);
    assert_int_equal(second_ready(), RC_OK);
    assert_int_equal(strlen(second_version()), 17);
    assert_int_equal(second_lean(bytes_of(letters, sizeof letters), 40, 0), RC_CONFIG);
    second_done();
}

static int
make(void **state)
{
    (void)state;
    for (size_t i = 0; letters[i] != '\0'; i++)
        codes[i] = (uint32_t)letters[i];
    net = (struct net){ .letters = codes, .classes = sizeof letters };
    return language_load(table(), &language) == RC_OK ? 0 : -1;
}

static int
fresh(void **state)
{
    (void)state;
    arena = arena_new(64u << 20);
    return arena != NULL && decoder_make(&net, &language, 40, 110, &decoder) == RC_OK ? 0 : -1;
}

static int
done(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_decide_a_doubtful_letter, fresh, done),
        cmocka_unit_test_setup_teardown(the_number_is_the_networks_own, fresh, done),
        cmocka_unit_test_setup_teardown(what_is_sure_stays, fresh, done),
        cmocka_unit_test_setup_teardown(digits_are_never_touched, fresh, done),
        cmocka_unit_test_setup_teardown(codes_are_read_without_words, fresh, done),
        cmocka_unit_test_setup_teardown(long_lines_and_noise_stay_in_bounds, fresh, done),
        cmocka_unit_test_setup_teardown(a_language_costs_what_it_should, fresh, done),
        cmocka_unit_test_setup_teardown(a_damaged_table_is_refused, fresh, done),
    };

    return cmocka_run_group_tests(tests, make, NULL);
}
