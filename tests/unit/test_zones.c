/*
 * test_zones.c - fixed forms: geometry files, values, registration and reading on pages drawn here.
 *
 * The pages are drawn from the geometry itself with a known turn, scale, shear and perspective,
 * so the right answer is known to the pixel.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rc.h"
#include "doc/provenance.h"
#include "ocr.h"
#include "second.h"
#include "zone_sheet.h"
#include "zone_template.h"
#include "zone_values.h"
#include "zones.h"

#define FORMS SOURCE_DIR "/forms"

static const struct { const char *text; int latest; const char *want; } dates[] = {
    { "01 25 42", 2026, "1942-01-25" },   { "07 14 02", 2026, "2002-07-14" },   { "05/28/2026", 2026, "2026-05-28" },
    { "5-28-2026", 2026, "2026-05-28" },  { "6.13.26", 2030, "2026-06-13" },    { "120525", 2026, "2025-12-05" },
    { "06131992", 2026, "1992-06-13" },   { "2025-12-06", 2026, "2025-12-06" }, { "13 25 42", 2026, "" },
    { "02 29 2025", 2026, "" },           { "02 29 2024", 2026, "2024-02-29" }, { "", 2026, "" },
    { "1 2 3 4", 2026, "" },              { "12 2026", 2026, "" },
};
static const struct { const char *text, *want; } moneys[] = {
    { "56.49.", "56.49" }, { "17.95  .", "17.95" }, { "320-31", "320.31" }, { "320 31", "320.31" },
    { "1 320", "1320.00" },
    { "1246.97", "1246.97" }, { "1,246.97", "1246.97" }, { "238", "238.00" },     { "2279.5", "2279.50" },
    { "$ 12.00", "12.00" },   { "-5.25", "-5.25" },      { "1,250", "1250.00" },  { "0012.50", "12.50" },
    { ".50", "0.50" },        { "12.345.678", "12345678.00" }, { "1.2345", "" },  { "", "" }, { "abc", "" },
};
static const struct { const char *text, *city, *state, *zip; } places[] = {
    { "DOVER, CA 90619", "DOVER", "CA", "90619" },          { "DOVER CA 90619-1234", "DOVER", "CA", "90619-1234" },
    { "NEW YORK, NY10001", "NEW YORK", "NY", "10001" },     { "DOVER, CA", "DOVER", "CA", "" },
    { "", "", "", "" },
};
static const struct { const char *text, *want; } diagnoses[] = {
    { "S72.001A", "S72.001A" }, { "150.9", "I50.9" }, { "572.001A", "S72.001A" }, { "E78.S", "E78.5" },
    { "R53.83", "R53.83" },     { "Z38.0O", "Z38.00" }, { "A", "" },            { "T78.40XA", "T78.40XA" },
};
static const struct { const char *text, *want; } procedures[] = {
    { "J1100", "J1100" }, { "99213", "99213" }, { "H00O4", "H0004" }, { "JI100", "J1100" },
    { "0042T", "0042T" },  { "HO0031", "H0031" },
};

/* A speck or a streak beside the value is read as a sign. */
static const struct { const char *text, *want; } texts[] = {
    { "YOUNG, SANDRA |", "YOUNG, SANDRA" }, { "9824 Chestnut  Drive . ;", "9824 Chestnut Drive" },
    { "\u00b0 Utica \u00b0", "Utica" },       { "A & B", "A & B" }, { "ACME & CO. #4", "ACME & CO. #4" },
    { "|", "|" },                            { "", "" },           { "Nu\u00f1ez \u00e9", "Nu\u00f1ez \u00e9" },
    { "- - 12 -", "12" },
};
static const struct { const char *text, *want; } ids[] = {
    { "14-9152228-", "14-9152228" }, { "0037071 -.", "0037071" }, { "A-1.2", "A-1.2" }, { "-", "-" }, { "", "" },
};

static void
test_values(void **state)
{
    char a[VALUE_ROOM], b[VALUE_ROOM], c[VALUE_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        zone_text(texts[i].text, a);
        assert_string_equal(a, texts[i].want);
    }
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        zone_id(ids[i].text, a);
        assert_string_equal(a, ids[i].want);
    }
    for (size_t i = 0; i < COUNT_OF(dates); i++) {
        zone_date(dates[i].text, dates[i].latest, a);
        assert_string_equal(a, dates[i].want);
    }
    for (size_t i = 0; i < COUNT_OF(moneys); i++) {
        zone_money(moneys[i].text, a);
        assert_string_equal(a, moneys[i].want);
    }
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        zone_place(places[i].text, a, b, c);
        assert_string_equal(a, places[i].city);
        assert_string_equal(b, places[i].state);
        assert_string_equal(c, places[i].zip);
    }
    for (size_t i = 0; i < COUNT_OF(diagnoses); i++) {
        zone_diagnosis(diagnoses[i].text, a);
        assert_string_equal(a, diagnoses[i].want);
    }
    for (size_t i = 0; i < COUNT_OF(procedures); i++) {
        zone_procedure(procedures[i].text, a);
        assert_string_equal(a, procedures[i].want);
    }
    zone_phone("325 678-5499", a);
    assert_string_equal(a, "(325) 678-5499");
}

#define RULES12                                                                                    \
    "[[1,1,9],[1,2,9],[1,3,9],[1,4,9],[1,5,9],[1,6,9],[1,7,9],[1,8,9],[1,9,9],[2,1,9],[2,2,9],[2,3,9]]"
#define OUTSIDE(box)                                                                               \
    "form: x\npage: [612, 792]\nacross: " RULES12 "\nzones: [{name: a, read: text, box: " box "}]\n"

/* Wrong geometry says what and where, and loads nothing. */
static void
test_wrong_files(void **state)
{
    static const char *const wrong[] = {
        "form: x\n",
        "form: x\npage: [612, 792]\nzones: []\n",
        "form: x\npage: [612, 792]\nzones: [{name: a, read: nonsense, box: [1, 2, 3, 4]}]\n",
        "form: x\npage: [612, 792]\nzones: [{name: a, read: text, box: [1, 2, 3]}]\n",
        "form: x\npage: [612, 792]\nacross: [[1, 2]]\nzones: [{name: a, read: text, box: [1, 2, 3, 4]}]\n",
        "form: x\npage: [612, 792]\nzones: [{name: a, read: text, box: [1, 2, 3, 4]}]\n",
        OUTSIDE("[1, 2, 3, 900]"),
        OUTSIDE("[5, 2, 3, 4]"),
        OUTSIDE("[.nan, 2, 3, 4]"),
        "form: x\nnonsense: 3\n",
        "[",
    };
    char path[] = "/tmp/zonesXXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct zone_template *t = NULL;
        struct err err = { 0 };
        FILE *file = fopen(path, "we");

        fputs(wrong[i], file);
        fclose(file);
        assert_int_equal(zone_template_load(path, &t, &err), RC_CONFIG);
        assert_null(t);
        assert_true(err.what[0] != '\0' && strstr(err.where, path) != NULL);
    }
    unlink(path);
}

static const struct zone_template *
template_of(const char *form)
{
    const struct zone_template **all;
    unsigned n = zone_templates(&all);

    for (unsigned i = 0; i < n; i++)
        if (strcmp(all[i]->form, form) == 0)
            return all[i];
    return NULL;
}

/* How a page is made of a form: p as in struct zone_map, to pixels. */
static PIX *
drawn(const struct zone_template *t, const double p[8], int width, int height, int gray)
{
    PIX *pix = pixCreate(width, height, 8);
    struct zone_map map = { .width = t->width, .height = t->height };

    memcpy(map.p, p, sizeof map.p);
    pixSetAll(pix);
    for (unsigned i = 0; i < t->rule_count; i++) {
        const struct zone_rule *r = &t->rules[i];
        double ax, ay, bx, by;

        if (r->dashed)
            continue;
        zone_map_point(&map, r->x0, r->y0, &ax, &ay);
        zone_map_point(&map, r->x1, r->y1, &bx, &by);
        for (double f = 0; f <= 1; f += 0.3 / (1 + hypot(bx - ax, by - ay)))
            for (int d = 0; d < 2; d++) {
                int x = (int)(ax + (bx - ax) * f) + (r->across ? 0 : d);
                int y = (int)(ay + (by - ay) * f) + (r->across ? d : 0);

                if (x >= 0 && y >= 0 && x < width && y < height)
                    pixSetPixel(pix, x, y, (l_uint32)gray);
            }
    }
    return pix;
}

static const struct { double p[8]; int width, height; } poses[] = {
    { { 2.7778, 0, 0, 0, 2.7778, 0, 0, 0 }, 1700, 2200 },                    /* 200 dpi, straight      */
    { { 4.1667, 0, 0, 0, 4.1667, 0, 0, 0 }, 2550, 3300 },                    /* 300 dpi                */
    { { 2.0833, 0, 0, 0, 2.0833, 0, 0, 0 }, 1275, 1650 },                    /* 150 dpi                */
    { { 2.75, -0.12, 90, 0.12, 2.75, 10, 0, 0 }, 1800, 2300 },               /* turned by 2.5 degrees  */
    { { 2.7, 0.1, 10, -0.2, 2.7, 130, 0, 0 }, 1750, 2300 },                  /* and sheared            */
    { { 2.4, 0, 120, 0, 2.3, 180, 0, 0 }, 1700, 2200 },                      /* smaller, moved         */
    { { 2.6, 0.05, 40, 0.08, 2.7, 30, 5e-5, -4e-5 }, 1700, 2250 },           /* photographed           */
};

static void
check_pose(const struct zone_template *t, const double p[8], int width, int height, const struct zone_match *m)
{
    struct zone_map true_map = { .width = t->width, .height = t->height };
    double worst = 0, x, y, tx, ty;

    memcpy(true_map.p, p, sizeof true_map.p);
    for (unsigned i = 0; i < t->zone_count; i++) {
        zone_map_point(&true_map, t->zones[i].x0, t->zones[i].y0, &tx, &ty);
        zone_map_point(&m->map, t->zones[i].x0, t->zones[i].y0, &x, &y);
        if (hypot(tx - x, ty - y) > worst)
            worst = hypot(tx - x, ty - y);
    }
    if (worst > 0.004 * width)
        fail_msg("%s %dx%d: off by %.1f pixels", t->form, width, height, worst);
}

static void
test_registration(void **state)
{
    const struct zone_template **all;
    unsigned count = zone_templates(&all);

    (void)state;
    assert_true(count >= 3);
    for (unsigned f = 0; f < count; f++)
        for (size_t i = 0; i < COUNT_OF(poses); i++) {
            PIX *pix = drawn(all[f], poses[i].p, poses[i].width, poses[i].height, i % 2 == 0 ? 0 : 110);
            struct zone_match m;

            if (zones_match(pix, "", &m) != RC_OK)
                fail_msg("%s (%u) is not found in pose %zu (%s %.2f)", all[f]->form, f, i,
                         m.form == NULL ? "-" : m.form, m.conf);
            if (m.template != all[f])
                fail_msg("%s (%u) is taken for another layout in pose %zu (%s %.2f)", all[f]->form, f, i,
                         m.form, m.conf);
            assert_int_equal(m.rotation, 0);
            check_pose(all[f], poses[i].p, poses[i].width, poses[i].height, &m);
            pixDestroy(&pix);
        }
}

/* A photograph from so near that the rules of one corner lie on their neighbours until the perspective is known. */
static void
test_from_near(void **state)
{
    static const double p[8] = { 2.9, 0.05, 60, 0.1, 2.9, 60, 1.4e-4, 1.0e-4 };
    PIX *pix = drawn(template_of("ub04"), p, 1900, 2350, 0);
    struct zone_match m;

    (void)state;
    assert_int_equal(zones_match(pix, "", &m), RC_OK);
    check_pose(template_of("ub04"), p, 1900, 2350, &m);
    pixDestroy(&pix);
}

/* A fax set light: of the rules a dot here and there, the bars whole with their captions left white. */
static PIX *
dissolved(const struct zone_template *t, const double p[8], int width, int height)
{
    PIX *pix = drawn(t, p, width, height, 0);
    unsigned seed = 4711;

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            seed = seed * 1103515245u + 12345u;
            if ((seed >> 16) % 100 < 90)
                pixSetPixel(pix, x, y, 255);
        }
    for (unsigned i = 0; i < t->file->bar_count; i++) {
        const double *a = t->file->bars[i].at;
        int x0 = (int)(p[0] * a[0] + p[1] * a[1] + p[2]), y0 = (int)(p[3] * a[0] + p[4] * a[1] + p[5]);
        int w = (int)(p[0] * (a[2] - a[0])), h = (int)(p[4] * (a[3] - a[1]));

        pixRasterop(pix, x0, y0, w, h, PIX_CLR, NULL, 0, 0);
        pixRasterop(pix, x0 + w / 4, y0 + h / 3, w / 5, h / 5, PIX_SET, NULL, 0, 0);
    }
    return pix;
}

/* Where the rules are lost the bars say how the form lies; without them, and with too few, it is no form. */
static void
test_dissolved(void **state)
{
    static const double p[8] = { 2.81, 0, 9, 0, 2.71, -14, 0, 0 };
    struct zone_match m;
    PIX *pix = dissolved(template_of("ub04"), p, 1728, 2156);

    (void)state;
    assert_int_equal(zones_match(pix, "", &m), RC_OK);
    assert_string_equal(m.form, "ub04");
    assert_int_equal(m.rotation, 0);
    check_pose(template_of("ub04"), p, 1728, 2156, &m);
    /* Half of the bars gone. */
    pixRasterop(pix, 0, 1078, 1728, 1078, PIX_SET, NULL, 0, 0);
    assert_int_equal(zones_match(pix, "", &m), RC_NOT_FOUND);
    pixDestroy(&pix);
}

/* A rule that a fax made a stair of, thick and thin by turns, with letters on it and across it. */
static void
test_rules_followed(void **state)
{
    const struct zone_template *t = template_of("ub04");
    struct sheet s = { .scale = 2.75, .left = t->left - 6, .top = t->top - 6, .width = 1690, .height = 2120 };
    PIX *before;
    l_int32 left = 0;
    /* The rule across at 97 points, lying 1.6 points too low; a stem crosses it. */
    int y = sheet_y(&s, 97 + 1.6), x0 = sheet_x(&s, 10.5), x1 = sheet_x(&s, 601.7), stem = sheet_x(&s, 300);

    (void)state;
    s.ink = pixCreate(s.width, s.height, 1);
    for (int x = x0; x < x1; x += 20)
        pixRasterop(s.ink, x, y - (x / 120) % 2, x1 - x < 19 ? x1 - x : 19, 2 + x / 20 % 2, PIX_SET, NULL, 0, 0);
    pixRasterop(s.ink, stem, y - 12, 4, 20, PIX_SET, NULL, 0, 0);
    before = pixCopy(NULL, s.ink);
    sheet_cut_rules(t, before, &s);
    for (int yy = y - 12; yy < y + 8; yy++)
        for (int x = stem; x < stem + 4; x++) {
            l_uint32 v;

            pixGetPixel(s.ink, x, yy, &v);
            assert_int_equal(v, 1);
        }
    pixCountPixels(s.ink, &left, NULL);
    if (left > 4 * 20 + 60)
        fail_msg("%d pixels of the rule are left", left - 4 * 20);
    /* A bar that lies three points too high goes, and nothing beside it. */
    pixClearAll(s.ink);
    pixRasterop(s.ink, sheet_x(&s, 414.2), sheet_y(&s, 145 - 3), sheet_x(&s, 507.7) - sheet_x(&s, 414.2), 33, PIX_SET,
                NULL, 0, 0);
    pixRasterop(s.ink, sheet_x(&s, 450), sheet_y(&s, 128), 4, 20, PIX_SET, NULL, 0, 0);
    sheet_clear_bars(t, &s);
    pixCountPixels(s.ink, &left, NULL);
    assert_in_range(left, 70, 80);
    pixDestroy(&before);
    pixDestroy(&s.ink);
}

/* The page lies on its side or on its head: how to turn it comes back. */
static void
test_turned(void **state)
{
    PIX *pix = drawn(template_of("cms1500"), poses[0].p, poses[0].width, poses[0].height, 0);

    (void)state;
    for (int quarter = 1; quarter < 4; quarter++) {
        PIX *turned = pixRotateOrth(pix, quarter);
        struct zone_match m;

        assert_int_equal(zones_match(turned, "", &m), RC_OK);
        assert_int_equal(m.rotation, 360 - 90 * quarter);
        check_pose(template_of("cms1500"), poses[0].p, poses[0].width, poses[0].height, &m);
        pixDestroy(&turned);
    }
    pixDestroy(&pix);
}

/* Scans of made documents: W-2s of several layouts; tables that the rules of a small form fit anywhere. */
static const struct { const char *path, *form, *first; } pictures[] = {
    { "w2/single_clean.jpg", "w2", "employee_ssn" }, { "w2/two_copies_fax.tif", "w2", "employee_ssn@2" },
    { "timesheet/clock_worn.jpg", NULL, NULL },      { "timesheet/hand_clean.jpg", NULL, NULL },
};

static bool
has_zone(const struct zone_template *t, const char *name)
{
    for (unsigned i = 0; i < t->zone_count; i++)
        if (strcmp(t->zones[i].name, name) == 0)
            return true;
    return false;
}

static void
test_pictures(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pictures); i++) {
        char path[500];
        struct zone_match m;
        PIX *pix, *gray;
        enum rc rc;

        snprintf(path, sizeof path, "%s/fixtures/documents/%s", SOURCE_DIR, pictures[i].path);
        pix = pixRead(path);
        assert_non_null(pix);
        gray = pixConvertTo8(pix, 0);
        rc = zones_match(gray, "", &m);
        if ((rc == RC_OK) != (pictures[i].form != NULL))
            fail_msg("%s: %s %.2f", pictures[i].path, m.form == NULL ? "-" : m.form, m.conf);
        if (rc == RC_OK) {
            assert_string_equal(m.form, pictures[i].form);
            assert_true(has_zone(m.template, pictures[i].first));
        }
        pixDestroy(&gray);
        pixDestroy(&pix);
    }
}

/* White, black, noise, and a table that is no form of ours. */
static void
test_no_form(void **state)
{
    PIX *pix = pixCreate(1700, 2200, 8);
    struct zone_match m;

    (void)state;
    assert_int_equal(zones_match(pix, "", &m), RC_NOT_FOUND);
    pixSetAll(pix);
    assert_int_equal(zones_match(pix, "", &m), RC_NOT_FOUND);
    for (int y = 100; y < 2100; y += 50)
        pixRasterop(pix, 100, y, 1500, 2, PIX_CLR, NULL, 0, 0);
    for (int x = 100; x < 1601; x += 150)
        pixRasterop(pix, x, 100, 2, 1950, PIX_CLR, NULL, 0, 0);
    assert_int_equal(zones_match(pix, "", &m), RC_NOT_FOUND);
    assert_int_equal(zones_match(pix, "cms1500", &m), RC_NOT_FOUND);
    pixDestroy(&pix);
    pix = pixCreate(3, 3, 8);
    assert_int_equal(zones_match(pix, "", &m), RC_NOT_FOUND);
    pixDestroy(&pix);
}

static const struct zone_reading *
zone_of(const struct page_reading *r, const char *name)
{
    for (uint32_t i = 0; i < r->zone_count; i++)
        if (strcmp(r->zones[i].zone, name) == 0)
            return &r->zones[i];
    fail_msg("no zone %s", name);
    return NULL;
}

static void
type(PIX *pix, L_BMF *font, const double p[8], double x, double y, const char *text)
{
    pixSetTextline(pix, font, text, 0, (l_int32)(p[0] * x + p[2]), (l_int32)(p[4] * y + p[5]), NULL, NULL);
}

/* Typed values, marks, and a bar over a value, from pixels to fields. */
static void
test_reading(void **state)
{
    const double *p = poses[0].p;
    PIX *pix = drawn(template_of("cms1500"), p, poses[0].width, poses[0].height, 0);
    L_BMF *font = bmfCreate(NULL, 12);
    struct arena *arena = arena_new((size_t)256 << 20);
    struct page_reading reading = { .form = "" };
    struct fields fields = { .form = "" };
    struct form_set *forms = NULL;
    struct zone_match m;
    struct err err;

    (void)state;
    assert_int_equal(forms_load(FORMS, &forms, &err), RC_OK);
    type(pix, font, p, 380, 117, "ABC123456");
    type(pix, font, p, 28, 140, "EVANS, MARK W");
    type(pix, font, p, 239, 141, "01");
    type(pix, font, p, 260, 139, "25"); /* the printer drifts */
    type(pix, font, p, 283, 142, "42");
    type(pix, font, p, 385, 691, "1246.97");
    type(pix, font, p, 385, 754, "1234567893");
    type(pix, font, p, 22, 550, "05 28 26");
    type(pix, font, p, 197, 550, "99213");
    type(pix, font, p, 380, 550, "841.84");
    /* Marked: male, a cross.  Both boxes of 10a.  A black bar over the total's neighbour, 29. */
    pixRenderLine(pix, 876, 369, 899, 391, 3, L_CLEAR_PIXELS);
    pixRenderLine(pix, 899, 369, 876, 391, 3, L_CLEAR_PIXELS);
    for (int i = 0; i < 2; i++) {
        int x = i == 0 ? 738 : 859;

        pixRenderLine(pix, x, 705, x + 20, 727, 3, L_CLEAR_PIXELS);
        pixRenderLine(pix, x + 20, 705, x, 727, 3, L_CLEAR_PIXELS);
    }
    pixRasterop(pix, 1290, 1895, 140, 30, PIX_CLR, NULL, 0, 0);

    assert_int_equal(zones_match(pix, "", &m), RC_OK);
    assert_int_equal(zones_read(pix, NULL, &m, arena, &reading), RC_OK);
    assert_string_equal(zone_of(&reading, "box_1a_insured_id")->text, "ABC123456");
    assert_int_equal(zone_of(&reading, "box_3_patient_sex=M")->mark, MARK_MARKED);
    assert_int_equal(zone_of(&reading, "box_3_patient_sex=F")->mark, MARK_BLANK);
    assert_string_equal(zone_of(&reading, "box_5_patient_zip")->text, "");
    assert_true(zone_of(&reading, "box_29_amount_paid")->ink > 0);

    /* What was read and not taken stands in the story, where it is another value. */
    for (uint32_t i = 0; i < reading.zone_count; i++)
        if (strcmp(reading.zones[i].zone, "box_28_total_charge") == 0) {
            reading.zones[i].other = "1246.91";
            reading.zones[i].other_conf = 0.4f;
        }
    assert_int_equal(zones_extract(forms_find(forms, "cms1500"), &reading, 0, arena, &fields), RC_OK);
    assert_non_null(fields_find(&fields, "box_28_total_charge")->story);
    assert_int_equal(fields_find(&fields, "box_28_total_charge")->story->alternative_count, 1);
    assert_string_equal(fields_find(&fields, "box_28_total_charge")->story->alternatives[0].value, "1246.91");
    assert_string_equal(fields_find(&fields, "box_2_patient_name")->value, "EVANS, MARK W");
    assert_string_equal(fields_find(&fields, "box_3_patient_birth")->value, "1942-01-25");
    assert_string_equal(fields_find(&fields, "box_3_patient_sex")->value, "M");
    assert_string_equal(fields_find(&fields, "box_28_total_charge")->value, "1246.97");
    assert_string_equal(fields_find(&fields, "box_33_billing_npi")->value, "1234567893");
    assert_int_equal(fields_find(&fields, "box_10_employment_related")->verdict, FIELD_REVIEW);
    assert_int_equal(fields_find(&fields, "box_10_employment_related")->reasons[0], REASON_SEVERAL_MARKS);
    assert_int_equal(fields_find(&fields, "box_29_amount_paid")->verdict, FIELD_REVIEW);
    assert_int_equal(fields_find(&fields, "box_5_patient_zip")->state, FIELD_BLANK);
    assert_int_equal(fields.row_count, 1);
    assert_string_equal(fields.rows[0].cells[0].value, "2026-05-28");

    forms_free(forms);
    arena_free(arena);
    bmfDestroy(&font);
    pixDestroy(&pix);
}

static int
set_up(void **state)
{
    struct err err = { 0 };

    (void)state;
    setenv("OMP_THREAD_LIMIT", "1", 1);
    setMsgSeverity(L_SEVERITY_NONE);
    if (zones_ready(FORMS, NULL, &err) != RC_OK) {
        err_print(&err, stderr);
        return 1;
    }
    return ocr_ready() == RC_OK && second_ready() == RC_OK ? 0 : 1;
}

static int
tear_down(void **state)
{
    (void)state;
    zones_done();
    second_done();
    ocr_done();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),       cmocka_unit_test(test_wrong_files), cmocka_unit_test(test_registration),
        cmocka_unit_test(test_from_near), cmocka_unit_test(test_dissolved),
        cmocka_unit_test(test_rules_followed),
        cmocka_unit_test(test_turned),       cmocka_unit_test(test_no_form),     cmocka_unit_test(test_reading),
        cmocka_unit_test(test_pictures),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
