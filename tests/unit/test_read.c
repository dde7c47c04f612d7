/*
 * test_read.c - pages through the real reader: however they lie on the glass, blank, faint,
 * with separator sheets; and what is read becomes fields.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <leptonica/allheaders.h>

#include "extract.h"
#include "ocr.h"
#include "read.h"
#include "second.h"

static struct form_set *forms;

static int
load(void **state)
{
    struct err err = { .rc = RC_OK };

    (void)state;
    setenv("OMP_THREAD_LIMIT", "1", 1);
    if (ocr_ready() != RC_OK || second_ready() != RC_OK)
        return -1;
    return forms_load(SOURCE_DIR "/forms", &forms, &err) == RC_OK ? 0 : -1;
}

static int
unload(void **state)
{
    (void)state;
    forms_free(forms);
    ocr_done();
    return 0;
}

static PIX *
page_of(const char *name)
{
    char path[400];
    PIX *any, *gray;
    l_int32 res;

    snprintf(path, sizeof path, SOURCE_DIR "/fixtures/documents/%s", name);
    any = pixRead(path);
    assert_non_null(any);
    res = pixGetXRes(any);
    gray = pixConvertTo8(any, 0);
    pixSetResolution(gray, res > 69 ? res : 200, res > 69 ? res : 200);
    pixDestroy(&any);
    return gray;
}

static size_t
key_of(const char *text, char *out, size_t room)
{
    size_t n = 0;

    for (; *text != '\0' && n + 1 < room; text++)
        if ((*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
            (unsigned char)*text >= 0x80)
            out[n++] = *text >= 'a' && *text <= 'z' ? (char)(*text - 32) : *text;
    out[n] = '\0';
    return n;
}

/* How many of the truth's fields the page gives, of how many. */
static void
score(PIX *gray, const char *truth, const char *form, unsigned *right, unsigned *all)
{
    struct arena *arena = arena_new(512u << 20);
    struct page_reading reading;
    const struct page_reading *pages[1] = { &reading };
    struct fields out = { .form = "" };
    char path[400], a[300], b[300];
    json_t *doc, *gold, *field;
    const char *name;

    assert_int_equal(read_page(gray, forms_find(forms, form), arena, &reading), RC_OK);
    assert_int_equal(extract_free(forms_find(forms, form), pages, 1, arena, &out), RC_OK);
    snprintf(path, sizeof path, SOURCE_DIR "/fixtures/documents/%s", truth);
    doc = json_load_file(path, 0, NULL);
    assert_non_null(doc);
    gold = json_object_get(doc, "gold");
    *right = *all = 0;
    json_object_foreach(gold, name, field)
    {
        const struct field *f = fields_find(&out, name);

        (*all)++;
        key_of(json_string_value(json_object_get(field, "value")), a, sizeof a);
        key_of(f != NULL && f->state == FIELD_VALUE ? f->value : "", b, sizeof b);
        *right += strcmp(a, b) == 0;
    }
    json_decref(doc);
    arena_free(arena);
}

static void
fixtures_are_read(void **state)
{
    static const struct { const char *image, *truth, *form; unsigned percent; } rows[] = {
        { "invoice/es_boxes_clean.jpg", "invoice/es_boxes_clean.json", "invoice", 80 },
        { "invoice/de_letter_clean.png", "invoice/de_letter_clean.json", "invoice", 80 },
        { "invoice/es_classic_stamp.jpg", "invoice/es_classic_stamp.json", "invoice", 60 },
        { "payslip/es_official_clean.jpg", "payslip/es_official_clean.json", "payslip", 75 },
        { "receipt/malaysia_clean.jpg", "receipt/malaysia_clean.json", "receipt", 50 },
        { "timesheet/clock_worn.jpg", "timesheet/clock_worn.json", "timesheet", 55 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        PIX *gray = page_of(rows[i].image);
        unsigned right, all;

        score(gray, rows[i].truth, rows[i].form, &right, &all);
        pixDestroy(&gray);
        if (right * 100 < all * rows[i].percent)
            fail_msg("%s: %u of %u fields", rows[i].image, right, all);
    }
}

/* Turned by quarters and tilted: as many fields as upright, or nearly. */
static void
a_page_may_lie_any_way(void **state)
{
    PIX *gray = page_of("invoice/es_boxes_clean.jpg"), *turned;
    unsigned upright, right, all;

    (void)state;
    score(gray, "invoice/es_boxes_clean.json", "invoice", &upright, &all);
    for (int quarters = 1; quarters < 4; quarters++) {
        turned = quarters == 2 ? pixRotate180(NULL, gray) : pixRotate90(gray, quarters == 1 ? 1 : -1);
        pixSetResolution(turned, pixGetXRes(gray), pixGetYRes(gray));
        score(turned, "invoice/es_boxes_clean.json", "invoice", &right, &all);
        pixDestroy(&turned);
        if (right + 2 < upright)
            fail_msg("turned by %d quarters: %u fields, upright %u", quarters, right, upright);
    }
    for (int i = -1; i < 2; i += 2) {
        turned = pixRotate(gray, (l_float32)i * 0.06f, L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0);
        pixSetResolution(turned, pixGetXRes(gray), pixGetYRes(gray));
        score(turned, "invoice/es_boxes_clean.json", "invoice", &right, &all);
        pixDestroy(&turned);
        if (right + 3 < upright)
            fail_msg("tilted: %u fields, upright %u", right, upright);
    }
    pixDestroy(&gray);
}

static void
boxes_lie_on_the_page_as_it_lay(void **state)
{
    PIX *gray = page_of("invoice/es_boxes_clean.jpg");
    PIX *tilted = pixRotate(gray, 0.05f, L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0);
    struct arena *arena = arena_new(512u << 20);
    struct page_reading reading;
    unsigned dark = 0, seen = 0;

    (void)state;
    pixSetResolution(tilted, pixGetXRes(gray), pixGetYRes(gray));
    assert_int_equal(read_page(tilted, NULL, arena, &reading), RC_OK);
    assert_true(reading.word_count > 20);
    /* A box that sits on its word has print in its middle row. */
    for (uint32_t i = 0; i < reading.word_count; i++) {
        const struct word *w = &reading.words[i];
        bool ink = false;

        if (strlen(w->text) < 4 || w->conf < 0.9f)
            continue;
        seen++;
        for (int32_t x = w->box.x0; x < w->box.x1 && !ink; x++) {
            l_uint32 v = 255;

            pixGetPixel(tilted, x, (w->box.y0 + w->box.y1) / 2, &v);
            ink = v < 140;
        }
        dark += ink;
    }
    assert_true(seen > 10 && dark * 100 >= seen * 95);
    arena_free(arena);
    pixDestroy(&tilted);
    pixDestroy(&gray);
}

static void
blank_and_empty_pages_are_known(void **state)
{
    struct arena *arena = arena_new(512u << 20);
    PIX *white = pixCreate(1654, 2339, 8), *dusty, *tiny = pixCreate(3, 3, 8);
    struct page_reading reading;

    (void)state;
    pixSetAll(white);
    pixSetResolution(white, 200, 200);
    assert_int_equal(read_page(white, NULL, arena, &reading), RC_OK);
    assert_int_equal(reading.facts.kind, PAGE_BLANK);
    dusty = pixCopy(NULL, white);
    srand(7);
    for (int i = 0; i < 60; i++)
        pixRasterop(dusty, rand() % 1600, rand() % 2300, 2, 2, PIX_CLR, NULL, 0, 0);
    assert_int_equal(read_page(dusty, NULL, arena, &reading), RC_OK);
    assert_int_equal(reading.facts.kind, PAGE_BLANK);
    assert_int_equal(reading.word_count, 0);
    pixSetResolution(tiny, 200, 200);
    assert_int_equal(read_page(tiny, NULL, arena, &reading), RC_OK);
    assert_int_equal(reading.word_count, 0);
    pixDestroy(&tiny);
    pixDestroy(&dusty);
    pixDestroy(&white);
    arena_free(arena);
}

/* A photo of a desk: grain and shapes, no text.  Nothing may come out as sure. */
static void
a_picture_is_no_document(void **state)
{
    struct arena *arena = arena_new(512u << 20);
    PIX *desk = pixCreate(1200, 1600, 8);
    const struct page_reading *pages[1];
    struct page_reading reading;
    struct fields out = { .form = "" };

    (void)state;
    srand(11);
    for (int y = 0; y < 1600; y++)
        for (int x = 0; x < 1200; x++)
            pixSetPixel(desk, x, y, (l_uint32)(90 + (x * y / 9000) % 60 + rand() % 25));
    for (int i = 0; i < 12; i++)
        pixRasterop(desk, rand() % 1000, rand() % 1400, 40 + rand() % 150, 30 + rand() % 150, PIX_CLR, NULL, 0, 0);
    pixSetResolution(desk, 150, 150);
    assert_int_equal(read_page(desk, NULL, arena, &reading), RC_OK);
    pages[0] = &reading;
    assert_int_equal(extract_free(forms_find(forms, "invoice"), pages, 1, arena, &out), RC_OK);
    for (uint32_t i = 0; i < out.count; i++)
        if (out.fields[i].state == FIELD_VALUE && out.fields[i].confidence > 0.9)
            fail_msg("%s is sure on a picture", out.fields[i].name);
    pixDestroy(&desk);
    arena_free(arena);
}

static void
languages_are_told(void **state)
{
    static const struct { const char *image, *word; } rows[] = {
        { "payslip/es_official_clean.jpg", "\xc3\x8d" }, /* LÍQUIDO: only the Spanish model has it */
        { "invoice/de_letter_clean.png", "\xc3\xbc" },   /* für, Grüßen */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(512u << 20);
        PIX *gray = page_of(rows[i].image);
        struct page_reading reading;
        bool found = false;

        assert_int_equal(read_page(gray, NULL, arena, &reading), RC_OK);
        for (uint32_t w = 0; w < reading.word_count; w++)
            found = found || strstr(reading.words[w].text, rows[i].word) != NULL;
        if (!found)
            fail_msg("%s was not read in its language", rows[i].image);
        pixDestroy(&gray);
        arena_free(arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixtures_are_read),
        cmocka_unit_test(a_page_may_lie_any_way),
        cmocka_unit_test(boxes_lie_on_the_page_as_it_lay),
        cmocka_unit_test(blank_and_empty_pages_are_known),
        cmocka_unit_test(a_picture_is_no_document),
        cmocka_unit_test(languages_are_told),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
