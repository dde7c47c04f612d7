/*
 * features.c - documents through the stages without cages, with the numbers that speak for each value.
 *
 *     features READINGS OUT.jsonl FILE...
 *
 * A line a document, as `escriba read --json` prints it, with "features" in each field that has a
 * value.  What was read on a page is kept in READINGS/NAME.rd, so that a second run only
 * extracts.  The pages of X.pdf are READINGS/X-1.pgm, READINGS/X-2.pgm...; bench/calibrate paints
 * them.  For measuring and learning; made documents only, for it keeps what it reads.
 *
 * A file X.ocr.json is what is printed, not an image: a list of {"text", "box": [x0, y0, x1, y1],
 * "page": 0} as the labelled sets have it; bench/truth makes them of PDF files.  Nothing is read
 * then, and the extraction is measured alone.
 *
 * With --candidates OUT2.jsonl before READINGS every candidate of every field is written too, for
 * bench/train_ranker.
 */
#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "doc/fields.h"
#include "extract_choose.h"
#include "extract_score.h"
#include "extract_slip.h"
#include "forms_ready.h"
#include "ocr.h"
#include "read.h"
#include "second.h"
#include "stages.h"

#define NAME_ROOM 1024
#define PAGES_AT_MOST 20
#define ARTIFACTS_AT_MOST (PAGES_AT_MOST + 8)
#define ROWS_SEEN 256

/* What extract_probability was asked; the linker sends its callers here (--wrap). */
double __real_extract_probability(const struct extraction *x, unsigned index);
double __wrap_extract_probability(const struct extraction *x, unsigned index);

static double seen[ROWS_SEEN][FEATURE_COUNT];
static bool asked[ROWS_SEEN];

double
__wrap_extract_probability(const struct extraction *x, unsigned index)
{
    if (index < ROWS_SEEN) {
        extract_features(x, index, seen[index]);
        asked[index] = true;
    }
    return __real_extract_probability(x, index);
}

/* What slip_label and choose_weigh were asked, for bench/train_ranker. */
static FILE *rows_to;
static const char *rows_file;

static void quoted(FILE *to, const char *s);
void __real_slip_label(struct slip *slip);
void __wrap_slip_label(struct slip *slip);
double __real_choose_weigh(const struct form *form, uint16_t field, const char *value, const double *row,
                           unsigned columns);
double __wrap_choose_weigh(const struct form *form, uint16_t field, const char *value, const double *row,
                           unsigned columns);

static void
numbers(const double *row, unsigned count)
{
    fputs(", \"row\": [", rows_to);
    for (unsigned i = 0; i < count; i++)
        fprintf(rows_to, "%s%.4g", i > 0 ? "," : "", row[i]);
    fputs("]}\n", rows_to);
}

void
__wrap_slip_label(struct slip *slip)
{
    __real_slip_label(slip);
    for (uint32_t i = 0; rows_to != NULL && i < slip->count; i++) {
        fputs("{\"file\": ", rows_to);
        quoted(rows_to, rows_file);
        fprintf(rows_to, ", \"line\": %u, \"label\": %d, \"text\": ", i, (int)slip->lines[i].label);
        quoted(rows_to, slip->lines[i].text);
        fputs(", \"words\": [", rows_to);
        for (uint32_t w = 0; w < slip->lines[i].word_count; w++) {
            fputs(w > 0 ? ", " : "", rows_to);
            quoted(rows_to, slip->lines[i].words[w]);
        }
        fputc(']', rows_to);
        numbers(slip->lines[i].row, SLIP_FEATURE_COUNT);
    }
}

double
__wrap_choose_weigh(const struct form *form, uint16_t field, const char *value, const double *row,
                    unsigned columns)
{
    if (rows_to != NULL) {
        fputs("{\"file\": ", rows_to);
        quoted(rows_to, rows_file);
        fprintf(rows_to, ", \"form\": \"%s\", \"field\": \"%s\", \"value\": ", form->name,
                form->fields[field].name);
        quoted(rows_to, value);
        numbers(row, columns);
    }
    return __real_choose_weigh(form, field, value, row, columns);
}

struct made {
    struct arena *arena;
    struct artifact items[ARTIFACTS_AT_MOST];
    uint32_t count;
};

static enum rc
keep(void *to, enum artifact_kind kind, uint32_t page, struct bytes bytes)
{
    struct made *made = to;

    if (made->count == ARTIFACTS_AT_MOST)
        return RC_LIMIT;
    made->items[made->count++] = (struct artifact){
        .kind = kind, .page = page,
        .bytes = { (const uint8_t *)arena_copy(made->arena, bytes.data, bytes.size), bytes.size }
    };
    return RC_OK;
}

static void
quoted(FILE *to, const char *s)
{
    fputc('"', to);
    for (; *s != '\0'; s++)
        if (*s == '"' || *s == '\\')
            fprintf(to, "\\%c", *s);
        else if ((unsigned char)*s < ' ')
            fprintf(to, "\\u%04x", (unsigned)(unsigned char)*s);
        else
            fputc(*s, to);
    fputc('"', to);
}

static bool
read_now(const char *image, struct buffer *out)
{
    static bool ready;
    struct arena *arena = arena_new((size_t)1 << 30);
    PIX *pix = pixRead(image), *gray = pix != NULL ? pixConvertTo8(pix, 0) : NULL;
    struct page_reading reading;
    int dpi = pix != NULL ? pixGetXRes(pix) : 0;
    bool good = false;

    if (!ready && (ocr_ready() != RC_OK || second_ready() != RC_OK))
        goto out;
    ready = true;
    if (gray == NULL || arena == NULL)
        goto out;
    if (strstr(image, ".pgm") != NULL)
        dpi = 300;
    else if (dpi < 70)
        dpi = pixGetWidth(gray) > 2000 ? 300 : pixGetWidth(gray) > 1200 ? 200 : 150;
    pixSetResolution(gray, dpi, dpi);
    if (read_page(gray, NULL, arena, &reading) != RC_OK)
        goto out;
    reading_write(out, &reading);
    good = !out->failed;
out:
    pixDestroy(&gray);
    pixDestroy(&pix);
    arena_free(arena);
    return good;
}

static bool
page(const char *readings, const char *image, struct made *made, uint32_t number)
{
    const char *base = strrchr(image, '/');
    char path[NAME_ROOM];
    uint8_t block[65536];
    struct buffer b;
    bool good = true;
    FILE *f;
    size_t n;

    snprintf(path, sizeof path, "%s/%s.rd", readings, base != NULL ? base + 1 : image);
    buffer_init(&b, 1u << 26);
    if ((f = fopen(path, "rb")) != NULL) {
        while ((n = fread(block, 1, sizeof block, f)) > 0)
            good = buffer_append(&b, block, n) && good;
        fclose(f);
    } else if ((good = read_now(image, &b)) && (f = fopen(path, "wb")) != NULL) {
        fwrite(b.data, 1, b.size, f);
        fclose(f);
    }
    good = good && keep(made, ARTIFACT_READING, number, buffer_bytes(&b)) == RC_OK;
    buffer_done(&b);
    return good;
}

#define LINES_AT_MOST 8000
#define SURE 0.95f /* what a word of the truth says of itself */

/* The words of a printed line share its box by their letters. */
static void
words_of_line(const char *text, struct box box, uint32_t line, struct arena *arena, struct page_reading *out,
              uint32_t room)
{
    double all = (double)strlen(text) + 0.001, wide = box.x1 - box.x0;

    for (const char *at = text + strspn(text, " "); *at != '\0' && out->word_count < room;) {
        size_t n = strcspn(at, " ");
        char *word = arena_copy(arena, at, n + 1);
        struct word *w = &out->words[out->word_count];

        if (word == NULL)
            return;
        word[n] = '\0';
        *w = (struct word){ .text = word, .conf = SURE, .second = "", .line = line, .block = line };
        w->box = (struct box){ box.x0 + (int32_t)(wide * (double)(at - text) / all), box.y0,
                               box.x0 + (int32_t)(wide * (double)(at - text + (long)n) / all), box.y1 };
        if (w->box.x1 <= w->box.x0)
            w->box.x1 = w->box.x0 + 1;
        out->word_count++;
        at += n + strspn(at + n, " ");
    }
}

/* The pages of X.ocr.json. */
static bool
printed(const char *file, struct made *made)
{
    json_t *root = json_load_file(file, 0, NULL);
    bool good = json_is_array(root);

    for (uint32_t p = 0; p < PAGES_AT_MOST && good; p++) {
        struct page_reading *page = arena_alloc(made->arena, sizeof *page);
        struct buffer b;

        *page = (struct page_reading){ .dpi = 150, .form = "", .made_by = "printed" };
        page->words = arena_array(made->arena, LINES_AT_MOST, sizeof *page->words);
        for (size_t i = 0; i < json_array_size(root); i++) {
            const json_t *row = json_array_get(root, i), *box = json_object_get(row, "box");
            int32_t v[4];

            if ((uint32_t)json_integer_value(json_object_get(row, "page")) != p)
                continue;
            for (size_t k = 0; k < 4; k++)
                v[k] = (int32_t)json_number_value(json_array_get(box, k));
            words_of_line(json_string_value(json_object_get(row, "text")), (struct box){ v[0], v[1], v[2], v[3] },
                          (uint32_t)i, made->arena, page, LINES_AT_MOST);
            if (v[2] + v[0] > (int32_t)page->facts.width)
                page->facts.width = (uint32_t)(v[2] + v[0]);
            if (v[3] + 20 > (int32_t)page->facts.height)
                page->facts.height = (uint32_t)(v[3] + 20);
        }
        if (page->word_count == 0 && p > 0)
            break;
        page->facts.words = page->word_count;
        buffer_init(&b, 1u << 26);
        reading_write(&b, page);
        good = keep(made, ARTIFACT_READING, p, buffer_bytes(&b)) == RC_OK;
        buffer_done(&b);
    }
    json_decref(root);
    return good;
}

static bool
is_printed(const char *file)
{
    size_t n = strlen(file);

    return n > 9 && strcmp(file + n - 9, ".ocr.json") == 0;
}

static bool
pages(const char *readings, const char *file, struct made *made)
{
    const char *base = strrchr(file, '/'), *end = strrchr(file, '.');
    char pattern[NAME_ROOM];
    bool good = true;
    glob_t g;

    if (is_printed(file))
        return printed(file, made);
    base = base != NULL ? base + 1 : file;
    if (end == NULL || strcmp(end, ".pdf") != 0)
        return page(readings, file, made, 0);
    snprintf(pattern, sizeof pattern, "%s/%.*s-*.pgm", readings, (int)(end - base), base);
    if (glob(pattern, 0, NULL, &g) != 0)
        return false;
    for (size_t i = 0; i < g.gl_pathc && i < PAGES_AT_MOST; i++)
        good = page(readings, g.gl_pathv[i], made, (uint32_t)i) && good;
    globfree(&g);
    return good;
}

static void
print_field(FILE *to, const struct form *form, const struct field *f, unsigned index, bool rows)
{
    const struct form_field *ff = form != NULL ? form_field(form, f->name) : NULL;

    fprintf(to, "{\"name\": \"%s\", \"type\": \"%s\", \"value\": ", f->name,
            ff != NULL ? value_type_name(ff->type) : "");
    if (f->state == FIELD_VALUE)
        quoted(to, f->value);
    else
        fputs("null", to);
    fprintf(to, ", \"confidence\": %.4f, \"verdict\": \"%s\", \"reasons\": [", f->confidence,
            f->verdict == FIELD_AUTO ? "auto" : "review");
    for (int r = 0; r < FIELD_REASONS_MAX && f->reasons[r] != 0; r++)
        fprintf(to, "%s\"%s\"", r > 0 ? ", " : "", reason_row(f->reasons[r])->word);
    fputc(']', to);
    if (rows && f->state == FIELD_VALUE && index < ROWS_SEEN && asked[index]) {
        fprintf(to, ", \"near\": %s, \"features\": [", ff != NULL && ff->near != NULL ? "true" : "false");
        for (unsigned i = 0; i < FEATURE_COUNT; i++)
            fprintf(to, "%s%.5g", i > 0 ? ", " : "", seen[index][i]);
        fputc(']', to);
    }
    fputc('}', to);
}

/* The name that the results go by: X.jpg of X.ocr.json. */
static const char *
name_of(const char *file)
{
    static char name[NAME_ROOM];

    snprintf(name, sizeof name, "%s", file);
    if (is_printed(file))
        snprintf(name, sizeof name, "%.*s.jpg", (int)(strlen(file) - 9), file);
    return name;
}

static void
print_document(FILE *to, const char *file, const struct fields *f, bool review)
{
    const struct form *form = forms_find(forms_loaded(), f->form);

    fputs("{\"file\": ", to);
    quoted(to, name_of(file));
    fprintf(to, ", \"form\": \"%s\", \"form_confidence\": %.3f, \"review\": %s, \"fields\": [", f->form,
            f->form_confidence, review ? "true" : "false");
    for (uint32_t i = 0; i < f->count; i++) {
        fputs(i > 0 ? ", " : "", to);
        print_field(to, form, &f->fields[i], i, true);
    }
    fputs("], \"tables\": {\"lines\": [", to);
    for (uint32_t r = 0; r < f->row_count; r++) {
        fputs(r > 0 ? ", {" : "{", to);
        for (uint32_t c = 0; c < f->rows[r].count; c++) {
            fprintf(to, "%s\"%s\": ", c > 0 ? ", " : "", f->rows[r].cells[c].name);
            print_field(to, NULL, &f->rows[r].cells[c], 0, false);
        }
        fputc('}', to);
    }
    fputs("]}}\n", to);
}

static enum rc
document(const char *readings, const char *file, FILE *to)
{
    static const char *const steps[] = { "classify", "extract", "validate" };
    struct made made = { .arena = arena_new((size_t)1 << 30) };
    struct fields *fields = NULL;
    bool review = false;
    enum rc rc = made.arena == NULL ? RC_NOMEM : pages(readings, file, &made) ? RC_OK : RC_INPUT;

    memset(asked, 0, sizeof asked);
    for (size_t i = 0; i < COUNT_OF(steps) && rc == RC_OK; i++) {
        struct result result = { 0 };
        struct job job = { .given = { made.items, made.count }, .forms = forms_loaded(),
                           .arena = made.arena, .hint = "", .name = "", .emit = keep, .to = &made };

        rc = stage_find(steps[i])->run(&job, &result);
        review = review || result.verdict != VERDICT_PASS;
    }
    for (uint32_t i = 0; i < made.count && rc == RC_OK; i++)
        if (made.items[i].kind == ARTIFACT_FIELDS)
            rc = fields_read(made.items[i].bytes, made.arena, &fields);
    if (rc == RC_OK && fields != NULL)
        print_document(to, file, fields, review);
    arena_free(made.arena);
    return rc;
}

int
main(int argc, char **argv)
{
    FILE *to;
    int failed = 0;

    if (argc == 2 && strcmp(argv[1], "--names") == 0) {
        for (unsigned i = 0; i < FEATURE_COUNT; i++)
            puts(extract_feature_names[i]);
        return 0;
    }
    if (argc > 2 && strcmp(argv[1], "--candidates") == 0) {
        if ((rows_to = fopen(argv[2], "w")) == NULL)
            return 78;
        argc -= 2;
        argv += 2;
    }
    if (argc < 4) {
        fputs("usage: features [--candidates OUT2.jsonl] READINGS OUT.jsonl FILE...\n       features --names\n",
              stderr);
        return 64;
    }
    if (forms_ready() != RC_OK || (to = fopen(argv[2], "w")) == NULL)
        return 78;
    for (int i = 3; i < argc; i++) {
        enum rc rc;

        rows_file = argv[i];
        rc = document(argv[1], argv[i], to);

        if (rc != RC_OK)
            fprintf(stderr, "%s: %s\n", argv[i], rc_name(rc));
        failed += rc != RC_OK;
        fflush(to);
    }
    ocr_done();
    fclose(to);
    if (rows_to != NULL)
        fclose(rows_to);
    return failed > 0;
}
