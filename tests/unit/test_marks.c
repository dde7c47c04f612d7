/*
 * test_marks.c - blank, marked, doubtful and several are four different answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rc.h"
#include "marks.h"

static const struct {
    float ink[4];
    uint32_t count;
    enum marks_answer answer;
    uint32_t which;
} rows[] = {
    { { 0.00f, 0.00f }, 2, MARKS_NONE, 0 },
    { { 0.02f, 0.01f }, 2, MARKS_NONE, 0 },
    { { 0.00f, 0.25f }, 2, MARKS_ONE, 1 },
    { { 0.12f, 0.00f, 0.01f }, 3, MARKS_ONE, 0 },
    { { 0.30f, 0.28f }, 2, MARKS_SEVERAL, 0 },
    { { 0.00f, 0.06f }, 2, MARKS_DOUBTFUL, 1 },
    /* A trace beside a plain cross is dirt; a faint second mark is doubt. */
    { { 0.05f, 0.40f }, 2, MARKS_ONE, 1 },
    { { 0.10f, 0.40f }, 2, MARKS_DOUBTFUL, 1 },
    /* Blacked out is no mark. */
    { { 0.97f, 0.00f }, 2, MARKS_DOUBTFUL, 0 },
    { { 0.25f }, 1, MARKS_ONE, 0 },
    { { 0.01f }, 1, MARKS_NONE, 0 },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t r = 0; r < COUNT_OF(rows); r++) {
        struct zone_reading zones[4] = { 0 }, *boxes[4];
        uint32_t which;
        float conf;

        for (uint32_t i = 0; i < rows[r].count; i++) {
            zones[i].ink = rows[r].ink[i];
            zones[i].mark = mark_of_ink(zones[i].ink);
            boxes[i] = &zones[i];
        }
        marks_compare(boxes, rows[r].count);
        if (marks_answer(boxes, rows[r].count, &which, &conf) != rows[r].answer)
            fail_msg("row %zu", r);
        if (rows[r].answer == MARKS_ONE && which != rows[r].which)
            fail_msg("row %zu: box %u", r, which);
        assert_true(conf > 0 && conf < 1);
    }
}

/* A plain cross is surer than a small tick. */
static void
test_confidence(void **state)
{
    struct zone_reading zones[2] = { { .ink = 0.3f, .mark = MARK_MARKED }, { .ink = 0, .mark = MARK_BLANK } };
    struct zone_reading *boxes[2] = { &zones[0], &zones[1] };
    uint32_t which;
    float plain, tick;

    (void)state;
    assert_int_equal(marks_answer(boxes, 2, &which, &plain), MARKS_ONE);
    zones[0].ink = 0.09f;
    assert_int_equal(marks_answer(boxes, 2, &which, &tick), MARKS_ONE);
    assert_true(plain > tick);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_confidence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
