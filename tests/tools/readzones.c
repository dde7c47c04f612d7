/*
 * readzones.c - read pages by their zones without the rest of the house, for trying and measuring.
 *
 *     readzones FORMS_FOLDER IMAGE...      which form, how sure, how long
 *     readzones -z FORMS_FOLDER IMAGE...   and every zone with ink
 *     readzones -j FORMS_FOLDER IMAGE...   fields as JSON, one line a page
 *     readzones -s OUT.png FORMS IMAGE     the flat sheet of one page, what is left for the reader and, beside
 *                                          it (OUT.png.gray.png), what it was before
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ocr.h"
#include "second.h"
#include "zone_sheet.h"

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
show(const struct page_reading *r)
{
    for (uint32_t i = 0; i < r->zone_count; i++) {
        const struct zone_reading *z = &r->zones[i];

        if (z->mark == MARK_MARKED || z->mark == MARK_DOUBTFUL || z->ink > 0)
            printf("  %-44s %.2f ink %.3f mark %d [%d %d %d %d] %s\n", z->zone, z->conf, z->ink, z->mark,
                   z->box.x0, z->box.y0, z->box.x1, z->box.y1, z->text);
    }
}

static void
quoted(const char *s)
{
    putchar('"');
    for (; *s != '\0'; s++)
        if (*s == '"' || *s == '\\')
            printf("\\%c", *s);
        else if ((unsigned char)*s >= ' ')
            putchar(*s);
    putchar('"');
}

static void
json_field(const struct field *f)
{
    printf("\"value\": ");
    quoted(f->value);
    printf(", \"text\": ");
    quoted(f->text);
    printf(", \"confidence\": %.3f, \"verdict\": \"%s\", \"reasons\": [", f->confidence,
           f->verdict == FIELD_AUTO ? "auto" : "review");
    for (int i = 0; i < FIELD_REASONS_MAX && f->reasons[i] != 0; i++)
        printf("%s\"%s\"", i > 0 ? ", " : "", reason_row(f->reasons[i])->word);
    printf("]");
}

static void
json(const char *path, const struct fields *f, double seconds)
{
    printf("{\"file\": ");
    quoted(path);
    printf(", \"form\": \"%s\", \"seconds\": %.3f, \"fields\": [", f->form, seconds);
    for (uint32_t i = 0; i < f->count; i++) {
        printf("%s{\"name\": \"%s\", ", i > 0 ? ", " : "", f->fields[i].name);
        json_field(&f->fields[i]);
        printf("}");
    }
    printf("], \"tables\": {\"lines\": [");
    for (uint32_t r = 0; r < f->row_count; r++) {
        printf("%s{", r > 0 ? ", " : "");
        for (uint32_t c = 0; c < f->rows[r].count; c++) {
            printf("%s\"%s\": {", c > 0 ? ", " : "", f->rows[r].cells[c].name);
            json_field(&f->rows[r].cells[c]);
            printf("}");
        }
        printf("}");
    }
    printf("]}}\n");
}

static struct form_set *forms;

/* As the decoder makes it (stages/pixels.c): of a JPEG the luminance that it holds. */
static PIX *
gray_of(const char *path, PIX *pix)
{
    PIX *light = NULL;
    l_int32 format = 0;

    if (findFileFormat(path, &format) == 0 && format == IFF_JFIF_JPEG)
        light = pixReadJpeg(path, 0, 1, NULL, L_JPEG_READ_LUMINANCE);
    return light != NULL ? light : pix == NULL ? NULL : pixConvertTo8(pix, 0);
}

static int
one(const char *path, char mode, const char *sheet_path)
{
    PIX *pix = pixRead(path), *gray = gray_of(path, pix);
    struct arena *arena = arena_new((size_t)256 << 20);
    struct page_reading reading = { 0 };
    struct zone_match m;
    double t0 = now(), t1, t2;
    enum rc rc;

    if (gray == NULL || arena == NULL)
        return 1;
    rc = zones_match(gray, "", &m);
    t1 = t2 = now();
    if (rc == RC_OK && sheet_path != NULL) {
        struct sheet s;

        rc = sheet_flatten(gray, pixGetDepth(pix) == 32 ? pix : NULL, &m, arena, &s);
        if (rc == RC_OK)
            rc = sheet_clean(m.template, arena, &s);
        if (rc == RC_OK) {
            char before[512];

            snprintf(before, sizeof before, "%s.gray.png", sheet_path);
            pixWrite(sheet_path, s.clean, IFF_PNG);
            pixWrite(before, s.gray, IFF_PNG);
        }
        printf("scale %.3f left %.2f top %.2f dropped %d bilevel %d words %u\n", s.scale, s.left, s.top, s.dropped,
               s.bilevel, s.word_count);
        sheet_done(&s);
        t2 = now();
    } else if (rc == RC_OK && (mode == 'z' || mode == 'j')) {
        rc = zones_read(gray, pixGetDepth(pix) == 32 ? pix : NULL, &m, arena, &reading);
        t2 = now();
    }
    if (mode == 'j') {
        struct fields fields = { .form = "" };
        const struct form *form = rc == RC_OK ? forms_find(forms, m.form) : NULL;

        if (form != NULL && zones_extract(form, &reading, 0, arena, &fields) == RC_OK)
            json(path, &fields, now() - t0);
        goto out;
    }
    printf("%s: %s %s %.3f rot %d match %.0f ms read %.0f ms\n", path, rc_name(rc), m.form ? m.form : "-",
           m.conf, m.rotation, 1000 * (t1 - t0), 1000 * (t2 - t1));
    if (rc == RC_OK)
        show(&reading);
out:
    pixDestroy(&gray);
    pixDestroy(&pix);
    arena_free(arena);
    return 0;
}

int
main(int argc, char **argv)
{
    struct err err = { 0 };
    char mode = argc > 1 && argv[1][0] == '-' && argv[1][1] != 's' ? argv[1][1] : '\0';
    const char *sheet = argc > 3 && strcmp(argv[1], "-s") == 0 ? argv[2] : NULL;
    int at = sheet != NULL ? 3 : mode != '\0' ? 2 : 1;

    if (argc < at + 2)
        return 64;
    if (zones_ready(argv[at], NULL, &err) != RC_OK) {
        err_print(&err, stderr);
        return 78;
    }
    if (mode != '\0' && (ocr_ready() != RC_OK || second_ready() != RC_OK))
        return 69;
    if (mode == 'j' && forms_load(argv[at], &forms, &err) != RC_OK) {
        err_print(&err, stderr);
        return 78;
    }
    for (int i = at + 1; i < argc; i++)
        one(argv[i], mode, sheet);
    second_done();
    ocr_done();
    zones_done();
    forms_free(forms);
    return 0;
}
