/* test_words.c - lines of print on a page: rows of a table stay rows, however their words reach above and below. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "words.h"

#define ROWS 44
#define PITCH 58
#define LETTER 16

/* A word on its line's foot, in a box as the reader gives it: as high and as low as its letters reach. */
static struct word
word_at(const char *text, int x, double foot, uint32_t line)
{
    const int up = strpbrk(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZbdfhklt0123456789") != NULL ? 28 : 20;
    const int down = strpbrk(text, "gjpqy,") != NULL ? 8 : 0;

    return (struct word){ .text = text, .line = line, .block = line, .conf = 0.99f,
                          .box = { x, (int)foot - up, x + (int)strlen(text) * LETTER, (int)foot + down } };
}

/* Rows of a table, each read in three parts; the page's lines fan out by "fan" from edge to edge at its head and foot. */
static uint32_t
lines_of(const char *const *items, size_t count, double fan, struct arena *arena)
{
    struct page_reading page = { .form = "", .facts = { .kind = PAGE_CONTENT, .width = 2480, .height = 3508 } };
    const struct page_reading *pages[1] = { &page };
    struct layout layout;

    page.words = arena_array(arena, ROWS * 8, sizeof *page.words);
    for (int r = 0; r < ROWS; r++) {
        const char *at = items[(size_t)r % count];
        const double y = 400 + r * PITCH, tilt = fan * (y - 1754) / 1754 / 2480;
        uint32_t line = (uint32_t)r * 3;

        page.words[page.word_count++] = word_at("4893", 210, y + tilt * (210 - 1240), line);
        for (int x = 460; *at != '\0';) {
            size_t n = strcspn(at, " ");

            page.words[page.word_count++] = word_at(arena_copy(arena, at, n), x, y + tilt * (x - 1240), line + 1);
            x += ((int)n + 1) * LETTER;
            at += n + (at[n] == ' ');
        }
        page.words[page.word_count++] = word_at("83,27", 1780, y + tilt * (1780 - 1240), line + 2);
    }
    assert_int_equal(layout_make(pages, 1, arena, &layout), RC_OK);
    return layout.line_count;
}

static void
rows_stay_rows(void **state)
{
    static const char *const falling[] = { "Cinta aislante negra", "Bridas nylon", "Arandela plana" };
    static const char *const level[] = { "Caja estanca del modelo reforzado", "Interruptor doble de metal mate" };
    struct arena *arena = arena_new(16u << 20);

    (void)state;
    /* the last word reaches below the line and not above it, in nearly every row */
    assert_int_equal(lines_of(falling, COUNT_OF(falling), 0, arena), ROWS);
    assert_int_equal(lines_of(level, COUNT_OF(level), 0, arena), ROWS);
    /* a photographed page, whose lines rise at its head and fall at its foot */
    assert_int_equal(lines_of(level, COUNT_OF(level), 60, arena), ROWS);
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(rows_stay_rows) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
