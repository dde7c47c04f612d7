/*
 * test_lines.c - lines of print are found on pages drawn here: faint beside black, light on dark, ruled, bent, torn,
 * dithered, dotted; and a line's picture is upright, dark on white, of one size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <leptonica/allheaders.h>
#include <math.h>

#include "clean.h"
#include "line_crop.h"
#include "line_share.h"

#define WIDTH 900
#define HEIGHT 1200
#define LEFT 120
#define ROWS 10
#define PITCH 60
#define FIRST 300

static L_BMF *font;

static int
load(void **state)
{
    (void)state;
    setMsgSeverity(L_SEVERITY_NONE);
    font = bmfCreate(NULL, 6);
    return font != NULL ? 0 : -1;
}

static int
unload(void **state)
{
    (void)state;
    bmfDestroy(&font);
    return 0;
}

static PIX *
paper(int tone)
{
    PIX *pix = pixCreate(WIDTH, HEIGHT, 8);

    assert_non_null(pix);
    pixSetAllArbitrary(pix, (l_uint32)tone);
    pixSetResolution(pix, 150, 150);
    return pix;
}

/* y is where the letters stand. */
static void
print_row(PIX *pix, int x, int y, int tone, const char *text)
{
    l_int32 wide, overflow;
    PIX *mask = pixCreate(WIDTH, 40, 1);

    pixSetTextline(mask, font, text, 1, 0, 28, &wide, &overflow);
    pixSetMaskedGeneral(pix, mask, (l_uint32)tone, x, y - 28);
    pixDestroy(&mask);
}

static void
print_rows(PIX *pix, int tone, int odd_tone)
{
    char text[60];

    for (int i = 0; i < ROWS; i++) {
        snprintf(text, sizeof text, "Row number %d of the account 12,34%d.50", i, i);
        print_row(pix, LEFT, FIRST + i * PITCH, i % 2 ? odd_tone : tone, text);
    }
}

/* How many of the printed rows have one line that begins and ends with them; others: how many lines there are more. */
static int
rows_found(PIX *pix, uint32_t *others, int (*bend)(int x))
{
    struct arena *arena = arena_new(256u << 20);
    struct line_set set;
    int right = 0;

    assert_int_equal(ocr_lines_find(pix, arena, &set), RC_OK);
    for (int i = 0; i < ROWS; i++) {
        int base = FIRST + i * PITCH, hits = 0;

        for (uint32_t l = 0; l < set.count; l++) {
            struct box b = set.lines[l].box;
            int shift = bend != NULL ? bend((b.x0 + b.x1) / 2) : 0, slack = bend != NULL ? 34 : 12;

            if (b.x0 > LEFT + 8 || b.x0 < LEFT - 8 || b.x1 < LEFT + 350 || b.x1 > LEFT + 480)
                continue;
            hits += abs(b.y1 - base - shift) <= slack && b.y0 >= base + shift - 28 - slack && b.y0 <= base + shift - 8;
        }
        right += hits == 1;
    }
    *others = set.count - (uint32_t)right;
    arena_free(arena);
    return right;
}

static void
expect_all(PIX *pix, uint32_t most_others)
{
    uint32_t others;
    int right = rows_found(pix, &others, NULL);

    if (right != ROWS || others > most_others)
        fail_msg("%d of %d rows, %u other lines", right, ROWS, others);
    pixDestroy(&pix);
}

static void
black_rows(void **state)
{
    PIX *pix = paper(245);

    (void)state;
    print_rows(pix, 20, 20);
    expect_all(pix, 0);
}

static void
faint_rows_beside_black_ones(void **state)
{
    PIX *pix = paper(240);

    (void)state;
    print_rows(pix, 10, 196);
    expect_all(pix, 0);
}

/* Show-through of the back page is not print. */
static void
show_through_is_no_print(void **state)
{
    PIX *pix = paper(240);

    (void)state;
    print_rows(pix, 20, 20);
    for (int i = 0; i < ROWS; i++)
        print_row(pix, LEFT + 60, FIRST + i * PITCH + 30, 230, "what is printed on the back of it");
    expect_all(pix, 0);
}

static void
rules_and_frames_go(void **state)
{
    PIX *pix = paper(245);

    (void)state;
    print_rows(pix, 20, 20);
    for (int i = 0; i < ROWS; i++) {
        pixRasterop(pix, 40, FIRST + i * PITCH + 3, 800, 2, PIX_CLR, NULL, 0, 0); /* just below the letters */
        pixRasterop(pix, 40, FIRST + i * PITCH - 30, 2, PITCH, PIX_CLR, NULL, 0, 0);
        pixRasterop(pix, 840, FIRST + i * PITCH - 30, 2, PITCH, PIX_CLR, NULL, 0, 0);
    }
    expect_all(pix, 0);
}

/* A torn receipt on a black glass. */
static void
dark_edges_hold_no_lines(void **state)
{
    PIX *pix = paper(240);

    (void)state;
    print_rows(pix, 20, 20);
    for (int x = 0; x < WIDTH; x++) {
        int h = 90 + (x * 37 % 23) + (int)(20 * sin(x / 15.0));

        pixRasterop(pix, x, 0, 1, h, PIX_CLR, NULL, 0, 0);
        pixRasterop(pix, x, HEIGHT - h, 1, h, PIX_CLR, NULL, 0, 0);
    }
    expect_all(pix, 2);
}

/* Dots everywhere, as a copy of a copy has them. */
static void
texture_is_no_print(void **state)
{
    PIX *pix = paper(240);
    uint32_t seed = 7;

    (void)state;
    print_rows(pix, 20, 20);
    for (int i = 0; i < 4500; i++) {
        seed = seed * 1664525u + 1013904223u;
        pixRasterop(pix, (l_int32)(seed >> 8) % WIDTH, (l_int32)(seed >> 20) % 220, 2, 1, PIX_CLR, NULL, 0, 0);
        pixRasterop(pix, (l_int32)(seed >> 8) % WIDTH, 920 + (l_int32)(seed >> 20) % 280, 2, 1, PIX_CLR, NULL, 0, 0);
    }
    expect_all(pix, 3);
}

/* A needle printer: rows of dots that do not touch. */
static void
dots_become_letters(void **state)
{
    PIX *pix = paper(240), *bits = pixCreate(WIDTH, HEIGHT, 8);
    uint32_t others;
    int right;

    (void)state;
    pixSetAllArbitrary(bits, 255);
    print_rows(bits, 0, 0);
    for (int y = 0; y < HEIGHT; y += 3)
        for (int x = 0; x < WIDTH; x += 3) {
            l_uint32 v;

            pixGetPixel(bits, x, y, &v);
            if (v < 128)
                pixRasterop(pix, x, y, 2, 2, PIX_CLR, NULL, 0, 0);
        }
    pixDestroy(&bits);
    right = rows_found(pix, &others, NULL);
    pixDestroy(&pix);
    if (right < ROWS - 1 || others > 8)
        fail_msg("%d of %d rows, %u other lines", right, ROWS, others);
}

/* A band of this tone with print of that one: how many lines of it are found to be light on dark. */
static int
light_lines(l_uint32 tone, int ink)
{
    struct arena *arena = arena_new(256u << 20);
    PIX *pix = paper(245);
    BOX *band = boxCreate(100, 180, 700, 50);
    struct line_set set;
    int light = 0;

    print_rows(pix, 20, 20);
    pixSetInRectArbitrary(pix, band, tone);
    boxDestroy(&band);
    print_row(pix, LEFT, 216, ink, "SIMPLIFIED TAX INVOICE");
    assert_int_equal(ocr_lines_find(pix, arena, &set), RC_OK);
    for (uint32_t i = 0; i < set.count; i++)
        if (set.lines[i].light) {
            struct line_image image;
            uint32_t dark = 0;

            light++;
            assert_int_equal(line_crop(pix, &set.lines[i], 32, arena, &image), RC_OK);
            for (int k = 0; k < image.width * 32; k++)
                dark += image.pixels[k] < 128;
            assert_true(dark * 3 < (uint32_t)image.width * 32 && dark * 20 > (uint32_t)image.width * 32);
        }
    pixDestroy(&pix);
    arena_free(arena);
    return light;
}

static void
light_print_on_a_bar(void **state)
{
    (void)state;
    assert_int_equal(light_lines(0, 250), 1);
}

/* Orange, light blue, mid gray: a tint holds white letters as well, and its black ones stay what they are. */
static void
light_print_on_a_tint(void **state)
{
    (void)state;
    assert_int_equal(light_lines(128, 250), 1);
    assert_int_equal(light_lines(160, 250), 1);
    assert_int_equal(light_lines(160, 20), 0);
}

static int
wave(int x)
{
    return (int)lround(14 * sin((x - LEFT) / 90.0));
}

/* A page whose paper waves: every column of a straight one is moved up or down. */
static PIX *
waving(void)
{
    PIX *flat = paper(240), *pix = paper(240);

    print_rows(flat, 20, 20);
    for (int x = 0; x < WIDTH; x++)
        for (int y = 0; y < HEIGHT; y++) {
            l_uint32 v = 240;

            if (y - wave(x) >= 0 && y - wave(x) < HEIGHT)
                pixGetPixel(flat, x, y - wave(x), &v);
            pixSetPixel(pix, x, y, v);
        }
    pixDestroy(&flat);
    return pix;
}

/* The lowest dark row of every 24 columns with print: letters stand on one height in the picture. */
static int
unevenness(const struct line_image *image)
{
    int least = image->height, most = 0;

    for (int x = 0; x + 24 <= image->width; x += 24) {
        int low = -1;

        for (int y = 0; y < image->height; y++)
            for (int k = 0; k < 24; k++)
                if (image->pixels[y * image->width + x + k] < 100)
                    low = y;
        if (low < 0)
            continue;
        least = low < least ? low : least;
        most = low > most ? low : most;
    }
    return most - least;
}

static void
bent_lines_are_laid_straight(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    PIX *pix = waving();
    struct line_set set;
    int seen = 0;

    (void)state;
    assert_int_equal(ocr_lines_find(pix, arena, &set), RC_OK);
    for (uint32_t i = 0; i < set.count; i++) {
        struct line_image bent, straight;
        struct line_box plain = { .box = set.lines[i].box };

        if (plain.box.x1 - plain.box.x0 < 300)
            continue;
        assert_int_equal(line_crop(pix, &set.lines[i], 32, arena, &straight), RC_OK);
        assert_int_equal(line_crop(pix, &plain, 32, arena, &bent), RC_OK);
        /* descenders and commas hang below: a third of the height at most */
        if (unevenness(&straight) > 11 || unevenness(&bent) < 12)
            fail_msg("line %u: %d rows straightened, %d as it is", i, unevenness(&straight), unevenness(&bent));
        seen++;
    }
    assert_int_equal(seen, ROWS);
    pixDestroy(&pix);
    arena_free(arena);
}

/* Columns of the picture say where on the page they were. */
static void
columns_lead_back_to_the_page(void **state)
{
    struct arena *arena = arena_new(64u << 20);
    struct line_box line = { .box = { 100, 200, 500, 220 } };
    struct line_image image;
    PIX *pix = paper(230);

    (void)state;
    pixRasterop(pix, 300, 203, 4, 14, PIX_CLR, NULL, 0, 0);
    for (int height = 16; height <= 64; height *= 2) {
        double sum = 0, n = 0;

        assert_int_equal(line_crop(pix, &line, height, arena, &image), RC_OK);
        assert_int_equal(image.height, height);
        for (int x = 0; x < image.width; x++)
            if (image.pixels[height / 2 * image.width + x] < 100) {
                sum += image.x0 + ((double)x + 0.5) * image.scale;
                n++;
            }
        assert_true(n > 0 && fabs(sum / n - 302) < 1.0);
        assert_true(image.pixels[height / 2 * image.width + 3] > 240); /* paper is white */
    }
    pixDestroy(&pix);
    arena_free(arena);
}

/* Uneven light along a line is taken out. */
static void
paper_is_white_everywhere(void **state)
{
    struct arena *arena = arena_new(64u << 20);
    struct line_box line = { .box = { 100, 200, 700, 224 } };
    struct line_image image;
    PIX *pix = paper(230);

    (void)state;
    for (int x = 0; x < WIDTH; x++)
        for (int y = 150; y < 280; y++)
            pixSetPixel(pix, x, y, (l_uint32)(240 - x / 8));
    print_row(pix, 110, 220, 30, "Total 12.50 in a shadow that grows");
    assert_int_equal(line_crop(pix, &line, 32, arena, &image), RC_OK);
    for (int x = 0; x < image.width; x++)
        assert_true(image.pixels[x] > 215);
    pixDestroy(&pix);
    arena_free(arena);
}

static void
a_tall_stroke_does_not_shrink_letters(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    PIX *pix = paper(245);
    struct line_set set;
    float least = 9, most = 0;
    int seen = 0;

    (void)state;
    print_rows(pix, 20, 20);
    /* somebody drew through the fourth row */
    for (int k = 0; k < 60; k++)
        pixRasterop(pix, LEFT + 250 + k / 6, FIRST + 3 * PITCH - 44 + k, 3, 2, PIX_CLR, NULL, 0, 0);
    assert_int_equal(ocr_lines_find(pix, arena, &set), RC_OK);
    for (uint32_t i = 0; i < set.count; i++) {
        struct line_image image;

        if (set.lines[i].box.x1 - set.lines[i].box.x0 < 300)
            continue;
        assert_int_equal(line_crop(pix, &set.lines[i], 32, arena, &image), RC_OK);
        least = image.scale < least ? image.scale : least;
        most = image.scale > most ? image.scale : most;
        seen++;
    }
    assert_int_equal(seen, ROWS);
    if (most > 1.4f * least)
        fail_msg("letters are made between %.2f and %.2f times smaller", (double)least, (double)most);
    pixDestroy(&pix);
    arena_free(arena);
}

static void
bad_boxes_are_refused(void **state)
{
    static const struct line_box bad[] = {
        { .box = { 10, 10, 10, 40 } }, { .box = { 5000, 10, 5100, 40 } }, { .box = { 10, -90, 80, -10 } },
    };
    struct arena *arena = arena_new(64u << 20);
    struct line_image image;
    PIX *pix = paper(240);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(line_crop(pix, &bad[i], 32, arena, &image), RC_INPUT);
    assert_int_equal(line_crop(pix, &(struct line_box){ .box = { 10, 10, 90, 40 } }, 4, arena, &image), RC_INPUT);
    assert_int_equal(line_crop(pix, &(struct line_box){ .box = { -9, -9, 90, 40 } }, 32, arena, &image), RC_OK);
    pixDestroy(&pix);
    arena_free(arena);
}

/* The same page gives the same lines and the same pictures. */
static void
twice_is_the_same(void **state)
{
    struct arena *arena = arena_new(256u << 20);
    PIX *pix = waving();
    struct line_set a, b;

    (void)state;
    assert_int_equal(ocr_lines_find(pix, arena, &a), RC_OK);
    assert_int_equal(ocr_lines_find(pix, arena, &b), RC_OK);
    assert_int_equal(a.count, b.count);
    for (uint32_t i = 0; i < a.count; i++) {
        struct line_image x, y;

        assert_memory_equal(&a.lines[i], &b.lines[i], sizeof a.lines[i]);
        assert_int_equal(line_crop(pix, &a.lines[i], 32, arena, &x), RC_OK);
        assert_int_equal(line_crop(pix, &b.lines[i], 32, arena, &y), RC_OK);
        assert_memory_equal(x.pixels, y.pixels, (size_t)x.width * 32);
    }
    pixDestroy(&pix);
    arena_free(arena);
}

static struct line_box
half(int x0, int x1, float base)
{
    struct line_box line = { .box = { x0, (int)base - 20, x1, (int)base + 5 }, .height = 20, .up = 20, .down = 5 };

    for (int k = 0; k < LINE_KNOTS; k++)
        line.base[k] = base;
    return line;
}

static void
no_print_is_in_two_lines(void **state)
{
    struct line_box lines[] = { half(0, 300, 100), half(240, 400, 104), half(250, 280, 101), half(230, 420, 130) };
    struct line_set set = { .lines = lines, .count = 4 };

    (void)state;
    lines_share(&set);
    assert_int_equal(set.count, 3); /* the third lay wholly in the first */
    assert_int_equal(set.lines[0].box.x1, 300);
    assert_int_equal(set.lines[1].box.x0, 300);
    assert_int_equal(set.lines[1].box.x1, 400);
    assert_true(set.lines[1].base[0] == 104);
    assert_int_equal(set.lines[2].box.x0, 230); /* the next row */
    assert_int_equal(set.lines[2].box.x1, 420);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(black_rows),
        cmocka_unit_test(faint_rows_beside_black_ones),
        cmocka_unit_test(show_through_is_no_print),
        cmocka_unit_test(rules_and_frames_go),
        cmocka_unit_test(dark_edges_hold_no_lines),
        cmocka_unit_test(texture_is_no_print),
        cmocka_unit_test(dots_become_letters),
        cmocka_unit_test(light_print_on_a_bar),
        cmocka_unit_test(light_print_on_a_tint),
        cmocka_unit_test(bent_lines_are_laid_straight),
        cmocka_unit_test(columns_lead_back_to_the_page),
        cmocka_unit_test(paper_is_white_everywhere),
        cmocka_unit_test(a_tall_stroke_does_not_shrink_letters),
        cmocka_unit_test(bad_boxes_are_refused),
        cmocka_unit_test(twice_is_the_same),
        cmocka_unit_test(no_print_is_in_two_lines),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
