/* test_decode.c - pages of images and PDFs: found, sized, turned, refused; before and after decoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "doc/raster.h"
#include "doc/recipe.h"
#include "pdf_content.h"
#include "pixels.h"
#include "stage_bench.h"
#include "stages.h"

/* A white page of w by h with a black square in its upper left corner. */
static PIX *
marked_page(int w, int h)
{
    PIX *p = pixCreate(w, h, 8);

    pixSetAllArbitrary(p, 255);
    for (int y = 0; y < 20; y++)
        for (int x = 0; x < 20; x++)
            pixSetPixel(p, x, y, 0);
    pixSetResolution(p, 200, 200);
    return p;
}

static struct bytes
encoded(PIX *p, int format)
{
    l_uint8 *data = NULL;
    size_t size = 0;

    assert_int_equal(pixWriteMem(&data, &size, p, format), 0);
    return bytes_of(data, size);
}

static struct recipe *
recipe_of(struct bench *b)
{
    struct recipe *r = NULL;

    assert_int_equal(b->rc, RC_OK);
    assert_int_equal(b->result.verdict, VERDICT_PASS);
    assert_int_equal(b->count, 1);
    assert_int_equal(recipe_read(b->made[0].bytes, b->arena, &r), RC_OK);
    b->given[1] = (struct artifact){ ARTIFACT_RECIPE, 0, b->made[0].bytes };
    b->job.given.count = 2;
    return r;
}

static PIX *
pixels_of(struct bench *b, uint32_t page)
{
    PIX *p = NULL;

    b->job.page = page;
    memset(&b->result, 0, sizeof b->result);
    assert_int_equal(pixels_get(&b->job, &b->result, &p), RC_OK);
    assert_non_null(p);
    assert_int_equal(pixGetDepth(p), 8);
    assert_null(pixGetColormap(p));
    return p;
}

static int
dark(PIX *p, int x, int y)
{
    l_uint32 v = 255;

    pixGetPixel(p, x, y, &v);
    return v < 100;
}

/* Which corner is the mark in? "nw", "ne", "sw", "se". */
static const char *
corner(PIX *p)
{
    int r = pixGetWidth(p) - 6, b = pixGetHeight(p) - 6;

    return dark(p, 5, 5)   ? "nw"
           : dark(p, r, 5) ? "ne"
           : dark(p, 5, b) ? "sw"
           : dark(p, r, b) ? "se"
                           : "none";
}

static void
refused(const void *data, size_t size, enum reason why)
{
    struct bench *b = bench_new(data, size, "x");

    bench_run(b, decode_run);
    assert_int_equal(b->rc, RC_OK);
    assert_int_equal(b->result.verdict, VERDICT_REJECT);
    if (b->result.reason != why)
        fail_msg("%s, not %s", reason_row(b->result.reason)->word, reason_row(why)->word);
    bench_free(b);
}

static void
images_become_gray_pages(void **state)
{
    static const int formats[] = { IFF_PNG, IFF_JFIF_JPEG, IFF_TIFF_LZW, IFF_TIFF_ZIP, IFF_TIFF };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        PIX *page = marked_page(400, 600), *out;
        struct bytes file = encoded(page, formats[i]);
        struct bench *b = bench_new(file.data, file.size, "x");
        struct recipe *r;

        bench_run(b, decode_run);
        r = recipe_of(b);
        assert_int_equal(r->count, 1);
        assert_int_equal(r->pages[0].way, WAY_IMAGE);
        assert_int_equal(r->pages[0].dpi, 200);
        out = pixels_of(b, 0);
        assert_int_equal(pixGetXRes(out), 200);
        assert_string_equal(corner(out), "nw");
        assert_true(ink_share(out) > 0.001f && ink_share(out) < 0.003f);
        pixDestroy(&out);
        pixDestroy(&page);
        bench_free(b);
        lept_free((void *)(uintptr_t)file.data);
    }
}

static void
every_depth_becomes_gray(void **state)
{
    PIX *page = marked_page(300, 200), *made[5];

    (void)state;
    made[0] = pixConvertTo1(page, 128);
    made[1] = pixConvertTo32(page);
    made[2] = pixConvertTo16(page);
    made[3] = pixConvertGrayToColormap(page);
    made[4] = pixAddAlphaToBlend(made[1], 1.0f, 0);
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        struct bytes file = encoded(made[i], IFF_PNG);
        struct bench *b = bench_new(file.data, file.size, "x.png");
        PIX *out;

        bench_run(b, decode_run);
        (void)recipe_of(b);
        out = pixels_of(b, 0);
        if (strcmp(corner(out), "nw") != 0)
            fail_msg("depth row %zu: %s", i, corner(out));
        pixDestroy(&out);
        pixDestroy(&made[i]);
        bench_free(b);
        lept_free((void *)(uintptr_t)file.data);
    }
    pixDestroy(&page);
}

static void
a_cut_image_is_never_a_page(void **state)
{
    static const int formats[] = { IFF_PNG, IFF_JFIF_JPEG, IFF_TIFF_ZIP };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        PIX *page = marked_page(120, 80);
        struct bytes file = encoded(page, formats[i]);

        for (size_t cut = 0; cut < file.size; cut += 1 + file.size / 200) {
            struct bench *b = bench_new(file.data, cut, "x");

            bench_run(b, decode_run);
            assert_int_equal(b->rc, RC_OK);
            if (b->result.verdict != VERDICT_REJECT)
                fail_msg("format %zu cut at %zu of %zu passed", i, cut, file.size);
            bench_free(b);
        }
        pixDestroy(&page);
        lept_free((void *)(uintptr_t)file.data);
    }
}

static void
sizes_are_refused_unread(void **state)
{
    static const uint8_t big[] = "\211PNG\r\n\032\n\000\000\000\015IHDR\000\001\206\240\000\001\206"
                                 "\240\010\000\000\000\000....";
    static const uint8_t none[] = "\211PNG\r\n\032\n\000\000\000\015IHDR\000\000\000\000\000\000"
                                  "\000\000\010\000\000\000\000....";
    static const uint8_t many[] = "\211PNG\r\n\032\n\000\000\000\015IHDR\000\000\046\254\000\000"
                                  "\046\254\010\000\000\000\000....";

    (void)state;
    refused(big, sizeof big - 1, REASON_SIDE_TOO_LONG);
    refused(none, sizeof none - 1, REASON_DIMENSIONS);
    refused(many, sizeof many - 1, REASON_TOO_MANY_PIXELS);
    refused("", 0, REASON_EMPTY_FILE);
    refused("no format of ours", 17, REASON_UNKNOWN_FORMAT);
    refused("GIF89a......", 12, REASON_FORMAT_REFUSED);
    refused("PK\003\004........", 12, REASON_FORMAT_REFUSED);
}

/* The same JPEG with an EXIF block that says how to turn it. */
static void
exif_turns_the_page(void **state)
{
    static const char *const corners[9] = { "", "nw", "ne", "se", "sw", "nw", "ne", "se", "sw" };
    PIX *page = marked_page(300, 200);
    struct bytes file = encoded(page, IFF_JFIF_JPEG);

    (void)state;
    for (unsigned o = 1; o <= 8; o++) {
        uint8_t exif[] = "\377\341\000\042Exif\000\000MM\000\052\000\000\000\010\000\001\001\022"
                         "\000\003\000\000\000\001\000\000\000\000\000\000\000\000";
        struct bench *b;
        struct recipe *r;
        uint8_t *turned;
        PIX *out;

        exif[29] = (uint8_t)o;
        turned = malloc(file.size + sizeof exif);
        assert_non_null(turned);
        memcpy(turned, file.data, 2);
        memcpy(turned + 2, exif, 36);
        memcpy(turned + 38, file.data + 2, file.size - 2);
        b = bench_new(turned, file.size + 36, "x.jpg");
        bench_run(b, decode_run);
        r = recipe_of(b);
        assert_int_equal(r->pages[0].width, o < 5 ? 300 : 200);
        out = pixels_of(b, 0);
        assert_int_equal(pixGetWidth(out), o < 5 ? 300 : 200);
        if (strcmp(corner(out), corners[o]) != 0)
            fail_msg("orientation %u: %s", o, corner(out));
        pixDestroy(&out);
        bench_free(b);
        free(turned);
    }
    pixDestroy(&page);
    lept_free((void *)(uintptr_t)file.data);
}

static uint32_t
le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void
every_frame_of_a_tiff_is_a_page(void **state)
{
    PIXA *pages = pixaCreate(3);
    l_uint8 *data = NULL;
    size_t size = 0, at;
    struct bench *b;
    struct recipe *r;

    (void)state;
    for (int i = 0; i < 3; i++) {
        PIX *page = marked_page(200 + i, 300);

        pixaAddPix(pages, pixConvertTo1(page, 128), L_INSERT);
        pixDestroy(&page);
    }
    assert_int_equal(pixaWriteMemMultipageTiff(&data, &size, pages), 0);
    b = bench_new(data, size, "x.tif");
    bench_run(b, decode_run);
    r = recipe_of(b);
    assert_int_equal(r->count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        PIX *out = pixels_of(b, i);

        assert_int_equal(pixGetWidth(out), 200 + (int)i);
        assert_string_equal(corner(out), "nw");
        pixDestroy(&out);
    }
    bench_free(b);
    /* the last directory's next is made the first: a ring of three */
    for (at = le32(data + 4); le32(data + at + 2 + 12u * (data[at] | data[at + 1] << 8)) != 0;)
        at = le32(data + at + 2 + 12u * (data[at] | data[at + 1] << 8));
    memcpy(data + at + 2 + 12u * (data[at] | data[at + 1] << 8), data + 4, 4);
    b = bench_new(data, size, "x.tif");
    bench_run(b, decode_run);
    assert_int_equal(recipe_of(b)->count, 3);
    bench_free(b);
    pixaDestroy(&pages);
    lept_free(data);
}

/* ---- PDF ------------------------------------------------------------------------- */

/* A page of 100 by 200 points that shows one image of 100 by 200 gray pixels, dark in its upper left corner. */
static char *
image_pdf(const char *image_extra, const char *page_extra, const char *content, size_t *size)
{
    const int w = 100, h = 200;
    char *pdf = malloc(32000 + (size_t)w * h);
    long at[5];
    int n;

    assert_non_null(pdf);
    n = sprintf(pdf, "%%PDF-1.4\n");
    at[0] = n;
    n += sprintf(pdf + n, "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
    at[1] = n;
    n +=
        sprintf(pdf + n,
                "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 %d %d]>>\nendobj\n", w, h);
    at[2] = n;
    n += sprintf(pdf + n,
                 "3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</XObject<</I 5 0 "
                 "R>>>>%s>>\nendobj\n",
                 page_extra);
    at[3] = n;
    n += sprintf(pdf + n, "4 0 obj\n<</Length %zu>>stream\n%s\nendstream\nendobj\n",
                 strlen(content), content);
    at[4] = n;
    n += sprintf(pdf + n,
                 "5 0 obj\n<</Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent "
                 "8/ColorSpace/DeviceGray/Length %d%s>>stream\n",
                 w, h, w * h, image_extra);
    memset(pdf + n, 255, (size_t)w * h);
    for (int y = 0; y < 20; y++)
        memset(pdf + n + y * w, 0, 20);
    n += w * h;
    n += sprintf(pdf + n, "\nendstream\nendobj\n");
    *size = (size_t)n;
    n += sprintf(pdf + n, "xref\n0 6\n0000000000 65535 f \n");
    for (int i = 0; i < 5; i++)
        n += sprintf(pdf + n, "%010ld 00000 n \n", at[i]);
    n += sprintf(pdf + n, "trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", *size);
    *size = (size_t)n;
    return pdf;
}

static const struct {
    const char *name, *image, *page, *content;
    enum recipe_way way;
    bool marks;
    const char *corner; /* of the pixels, for a stream */
} pdfs[] = {
    { "a scan", "", "", "q 100 0 0 200 0 0 cm /I Do Q", WAY_STREAM, false, "nw" },
    { "a scan under invisible text", "", "", "q 100 0 0 200 0 0 cm /I Do Q BT 3 Tr (hidden) Tj ET",
      WAY_STREAM, false, "nw" },
    { "turned", "", "/Rotate 90", "100 0 0 200 0 0 cm /I Do", WAY_STREAM, false, "ne" },
    { "turned on its head", "", "/Rotate -180", "100 0 0 200 0 0 cm /I Do", WAY_STREAM, false,
      "se" },
    { "black and white swapped", "/Decode[1 0]", "", "100 0 0 200 0 0 cm /I Do", WAY_STREAM, false,
      "all" },
    { "visible text over it", "", "", "q 100 0 0 200 0 0 cm /I Do Q BT (seen) Tj ET", WAY_RENDER,
      true, "" },
    { "a line over it", "", "", "q 100 0 0 200 0 0 cm /I Do Q 0 0 m 9 9 l S", WAY_RENDER, true,
      "" },
    { "smaller than the page", "", "", "50 0 0 100 0 0 cm /I Do", WAY_RENDER, true, "" },
    { "upside down by its matrix", "", "", "100 0 0 -200 0 200 cm /I Do", WAY_RENDER, true, "" },
    { "twice", "", "", "100 0 0 200 0 0 cm /I Do /I Do", WAY_RENDER, true, "" },
    { "cropped", "", "/CropBox[0 0 50 100]", "100 0 0 200 0 0 cm /I Do", WAY_RENDER, true, "" },
    { "a mask", "/SMask 5 0 R", "", "100 0 0 200 0 0 cm /I Do", WAY_RENDER, true, "" },
    { "with a stamp laid over", "", "/Annots[<</Subtype/Stamp>>]", "100 0 0 200 0 0 cm /I Do",
      WAY_RENDER, true, "" },
    { "with a link", "", "/Annots[<</Subtype/Link>>]", "100 0 0 200 0 0 cm /I Do", WAY_STREAM,
      false, "nw" },
    { "nothing", "", "", "q Q", WAY_RENDER, false, "" },
    { "no such image", "", "", "100 0 0 200 0 0 cm /J Do", WAY_RENDER, false, "" },
};

static void
pdf_pages_find_their_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pdfs); i++) {
        size_t size;
        char *pdf = image_pdf(pdfs[i].image, pdfs[i].page, pdfs[i].content, &size);
        struct bench *b = bench_new(pdf, size, "x.pdf");
        struct recipe *r;

        bench_run(b, decode_run);
        if (b->rc != RC_OK || b->result.verdict != VERDICT_PASS)
            fail_msg("%s: %s", pdfs[i].name, reason_row(b->result.reason)->word);
        r = recipe_of(b);
        if (r->pages[0].way != pdfs[i].way)
            fail_msg("%s: way %d", pdfs[i].name, r->pages[0].way);
        if (pdfs[i].way == WAY_STREAM) {
            PIX *out = pixels_of(b, 0);

            if (strcmp(pdfs[i].corner, "all") != 0 && strcmp(corner(out), pdfs[i].corner) != 0)
                fail_msg("%s: corner %s", pdfs[i].name, corner(out));
            if (strcmp(pdfs[i].corner, "all") == 0)
                assert_true(!dark(out, 5, 5) && dark(out, 50, 100));
            pixDestroy(&out);
        } else if (strcmp(pdfs[i].name, "nothing") == 0 ||
                   strstr(pdfs[i].content, "(seen)") != NULL) {
            assert_int_equal(r->pages[0].marks, pdfs[i].marks);
        }
        bench_free(b);
        free(pdf);
    }
}

static void
broken_pdfs_are_refused(void **state)
{
    static const char ring[] =
        "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n"
        "<</Type/Pages/Kids[2 0 R]/Count 1>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n";
    struct bench *b = bench_new(ring, sizeof ring - 1, "x.pdf");
    size_t size;
    char *pdf = image_pdf("", "/MediaBox[0 0 0 0]", "q Q", &size);

    (void)state;
    bench_run(b, decode_run);
    assert_int_equal(b->result.verdict, VERDICT_REJECT);
    bench_free(b);
    refused("%PDF-1.7\n", 9, REASON_TRUNCATED);
    refused("%PDF-1.7\nnothing\n%%EOF\n", 23, REASON_DAMAGED);
    refused(pdf, size, REASON_DIMENSIONS);
    free(pdf);
    pdf = image_pdf("", "/MediaBox[0 0 1000000000 1000000000]", "q Q", &size);
    refused(pdf, size, REASON_SIDE_TOO_LONG);
    free(pdf);
}

static const struct {
    const char *content;
    bool marks, one;
} contents[] = {
    { "", false, false },
    { "% /I Do", false, false },
    { "(/I Do) Tj", true, false },
    { "3 Tr (a(b)\\)c) Tj", false, false },
    { "3 Tr q 0 Tr Q (a) Tj", false, false },
    { "q 3 Tr Q (a) Tj", true, false },
    { "/I Do", true, true },
    { "/OC /x BDC /I Do EMC", true, true },
    { "BI /W 1 ID xx EI", true, false },
    { "0 0 9 9 re W n /I Do", true, true },
    { "0 0 9 9 re f /I Do", true, false },
    { "<2f4920446f>", false, false },
    { "[(unended", false, false },
    { "BI never ends", true, false },
};

static void
operators_are_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(contents); i++) {
        struct pdf_content c;

        pdf_content_scan(bytes_str(contents[i].content), &c);
        if (c.marks != contents[i].marks || c.one_image != contents[i].one)
            fail_msg("%s: marks %d one %d", contents[i].content, c.marks, c.one_image);
    }
}

static void
a_page_without_its_ink_is_told(void **state)
{
    struct recipe_page page = { WAY_RENDER, 0, 10, 10, 300, 0, 0, true };
    PIX *white = pixCreate(500, 500, 8);

    (void)state;
    pixSetAllArbitrary(white, 255);
    assert_int_equal(ink_reason(&page, ink_share(white)), REASON_NO_INK);
    page.marks = false;
    assert_int_equal(ink_reason(&page, ink_share(white)), REASON_NONE);
    pixSetPixel(white, 100, 100, 0);
    page.marks = true;
    assert_int_equal(ink_reason(&page, ink_share(white)), REASON_NONE);
    pixDestroy(&white);
}

static void
a_crop_has_a_margin_and_a_size(void **state)
{
    PIX *page = marked_page(400, 600);
    struct bytes file = encoded(page, IFF_PNG);
    struct bench *b = bench_new(file.data, file.size, "x");
    struct raster r;

    (void)state;
    bench_run(b, decode_run);
    (void)recipe_of(b);
    b->job.crop = (struct box){ 100, 100, 200, 150 };
    bench_run(b, crop_run);
    assert_int_equal(b->count, 1);
    assert_int_equal(raster_open(b->made[0].bytes, &r), RC_OK);
    assert_int_equal(r.width, 100 + 2 * 24);
    assert_int_equal(r.height, 50 + 2 * 24);
    b->job.crop_max = 74;
    bench_run(b, crop_run);
    assert_int_equal(raster_open(b->made[0].bytes, &r), RC_OK);
    assert_int_equal(r.width, 74);
    /* the mark of the upper left corner is in the upper right one of the turned page */
    b->job.turn = 90;
    b->job.crop = (struct box){ 570, 0, 600, 30 };
    b->job.crop_max = 0;
    bench_run(b, crop_run);
    assert_int_equal(raster_open(b->made[0].bytes, &r), RC_OK);
    assert_int_equal(r.pixels[r.width - 5], 0);
    b->job.crop = (struct box){ 5000, 5000, 5010, 5010 };
    bench_run(b, crop_run);
    assert_int_equal(b->result.verdict, VERDICT_REJECT);
    pixDestroy(&page);
    bench_free(b);
    lept_free((void *)(uintptr_t)file.data);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_become_gray_pages),
        cmocka_unit_test(every_depth_becomes_gray),
        cmocka_unit_test(a_cut_image_is_never_a_page),
        cmocka_unit_test(sizes_are_refused_unread),
        cmocka_unit_test(exif_turns_the_page),
        cmocka_unit_test(every_frame_of_a_tiff_is_a_page),
        cmocka_unit_test(pdf_pages_find_their_way),
        cmocka_unit_test(broken_pdfs_are_refused),
        cmocka_unit_test(operators_are_understood),
        cmocka_unit_test(a_page_without_its_ink_is_told),
        cmocka_unit_test(a_crop_has_a_margin_and_a_size),
    };

    setMsgSeverity(L_SEVERITY_NONE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
