/*
 * teach.c - documents through the stages without cages, with a memory that a person's corrections fill.
 *
 *     teach READINGS
 *
 * Commands on standard input, one a line, answers on standard output:
 *
 *     read FILE          the document's fields as JSON, with what is remembered
 *     learn FILE ORDER   the same with what a person said; ORDER has lines NAME, state (value, blank), VALUE
 *                        and, after another tab, the text, page and box that were shown; tabs between; a line
 *                        @form, state, FORM says of which type the document is; it alone teaches nothing
 *     forget             all that was learnt
 *     sizes              bytes of each layout that is remembered
 *     show               the layouts themselves, as text on standard error
 *     words FILE         what was read of it, as text on standard error: box, confidence, word
 *
 * FILE is an image, a PDF whose pages were painted as READINGS/X-1.pgm and so on, or X.words, the printed words
 * themselves: "page WIDTH HEIGHT", then "LINE X0 Y0 X1 Y1 WORD" for each of its words.  What was read on a page
 * is kept in READINGS/NAME.rd.  For measuring (bench/learning); made documents
 * and test sets only, for it keeps what it reads.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "doc/fields.h"
#include "doc/memory.h"
#include "forms_ready.h"
#include "ocr.h"
#include "read.h"
#include "stages.h"

#define NAME_ROOM 1024
#define LINE_ROOM 4096
#define PAGES_AT_MOST 20
#define WORDS_AT_MOST 4000
#define ARTIFACTS_AT_MOST (PAGES_AT_MOST + MEMORY_LAYOUTS_MAX + 16)

struct layout_kept {
    uint8_t *bytes;
    size_t size;
};

static struct layout_kept kept[MEMORY_LAYOUTS_MAX];
static uint32_t kept_count;

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

/* ---- pages ---- */

static bool
read_now(const char *image, struct buffer *out)
{
    static bool ready;
    struct arena *arena = arena_new((size_t)1 << 30);
    PIX *pix = pixRead(image), *gray = pix != NULL ? pixConvertTo8(pix, 0) : NULL;
    struct page_reading reading;
    int dpi = pix != NULL ? pixGetXRes(pix) : 0;
    bool good = false;

    if (!ready && read_ready() != RC_OK)
        goto out;
    ready = true;
    if (gray == NULL || arena == NULL)
        goto out;
    if (dpi < 70)
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
page(const char *readings, const char *image, uint32_t number, struct made *made)
{
    const char *base = strrchr(image, '/');
    char path[NAME_ROOM + 8];
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

/* Printed words instead of a picture. */
static bool
words(const char *file, struct made *made)
{
    struct page_reading reading[PAGES_AT_MOST];
    char line[LINE_ROOM], text[LINE_ROOM];
    FILE *f = fopen(file, "r");
    uint32_t count = 0;
    bool good = f != NULL;

    memset(reading, 0, sizeof reading);
    while (good && fgets(line, sizeof line, f) != NULL) {
        struct page_reading *r = &reading[count > 0 ? count - 1 : 0];
        struct word *w;
        struct box box;
        uint32_t width, height, number;

        if (sscanf(line, "page %u %u", &width, &height) == 2 && count < PAGES_AT_MOST) {
            r = &reading[count++];
            r->facts.width = width;
            r->facts.height = height;
            r->form = "";
            r->dpi = 200;
            r->words = arena_array(made->arena, WORDS_AT_MOST, sizeof *r->words);
            good = r->words != NULL;
        } else if (count > 0 && r->word_count < WORDS_AT_MOST &&
                   sscanf(line, "%u %d %d %d %d %4000s", &number, &box.x0, &box.y0, &box.x1, &box.y1, text) == 6) {
            w = &r->words[r->word_count++];
            *w = (struct word){ .box = box, .text = arena_str(made->arena, text), .conf = 0.92f, .line = number,
                                .block = number };
            r->facts.words = r->word_count;
        }
    }
    for (uint32_t i = 0; i < count && good; i++) {
        struct buffer b;

        buffer_init(&b, 1u << 24);
        reading_write(&b, &reading[i]);
        good = !b.failed && keep(made, ARTIFACT_READING, i, buffer_bytes(&b)) == RC_OK;
        buffer_done(&b);
    }
    if (f != NULL)
        fclose(f);
    return good && count > 0;
}

/* X.jpg, or X.pdf whose pages were painted as X-1.pgm, X-2.pgm ... into READINGS. */
static bool
pages(const char *readings, const char *file, struct made *made)
{
    const char *base = strrchr(file, '/'), *end = strrchr(file, '.');
    bool any = false;

    base = base != NULL ? base + 1 : file;
    if (end != NULL && strcmp(end, ".words") == 0)
        return words(file, made);
    if (end == NULL || strcmp(end, ".pdf") != 0)
        return page(readings, file, 0, made);
    for (uint32_t i = 0; i < PAGES_AT_MOST; i++) {
        char image[NAME_ROOM];
        FILE *f;

        snprintf(image, sizeof image, "%s/%.*s-%u.pgm", readings, (int)(end - base), base, i + 1);
        if ((f = fopen(image, "rb")) == NULL)
            break;
        fclose(f);
        if (!page(readings, image, i, made))
            return false;
        any = true;
    }
    return any;
}

/* ---- orders ---- */

static char *
column(char **rest)
{
    char *at = *rest;

    if (at == NULL)
        return NULL;
    *rest = strchr(at, '\t');
    if (*rest != NULL)
        *(*rest)++ = '\0';
    return at;
}

static bool
order_of(const char *path, struct made *made)
{
    struct fields order = { .form = "" };
    char line[LINE_ROOM];
    struct buffer b;
    FILE *f = fopen(path, "r");
    bool good = f != NULL;

    order.fields = arena_array(made->arena, FIELDS_MAX, sizeof *order.fields);
    while (good && order.fields != NULL && order.count < FIELDS_MAX && fgets(line, sizeof line, f) != NULL) {
        char *copy, *name, *state, *value, *text, *where;
        struct field *said = &order.fields[order.count];

        line[strcspn(line, "\n")] = '\0';
        copy = arena_str(made->arena, line);
        name = column(&copy);
        state = column(&copy);
        value = column(&copy);
        text = column(&copy);
        where = column(&copy);
        if (state == NULL || value == NULL)
            continue;
        if (strcmp(name, "@form") == 0) {
            order.form = value;
            continue;
        }
        *said = (struct field){ .name = name, .value = value, .text = text != NULL ? text : "", .confidence = 1,
                                .origin = ORIGIN_PERSON,
                                .state = strcmp(state, "blank") == 0 ? FIELD_BLANK : FIELD_VALUE };
        if (where != NULL && sscanf(where, "%u %d %d %d %d", &said->page, &said->box.x0, &said->box.y0, &said->box.x1,
                                    &said->box.y1) != 5)
            said->box = (struct box){ 0, 0, 0, 0 };
        order.count++;
    }
    if (f != NULL)
        fclose(f);
    buffer_init(&b, 1u << 24);
    fields_write(&b, &order);
    good = good && !b.failed && keep(made, ARTIFACT_ORDER, 0, buffer_bytes(&b)) == RC_OK;
    buffer_done(&b);
    return good;
}

/* ---- memory ---- */

static bool
remember(const struct artifact *a)
{
    uint32_t slot = a->page > 0 ? a->page - 1 : kept_count;
    uint8_t *copy;

    if (a->bytes.size == 0)
        return true;
    if (slot >= MEMORY_LAYOUTS_MAX || slot > kept_count || (copy = malloc(a->bytes.size)) == NULL)
        return false;
    memcpy(copy, a->bytes.data, a->bytes.size);
    free(kept[slot].bytes);
    kept[slot] = (struct layout_kept){ copy, a->bytes.size };
    kept_count += slot == kept_count;
    return true;
}

static void
forget(void)
{
    for (uint32_t i = 0; i < kept_count; i++)
        free(kept[i].bytes);
    memset(kept, 0, sizeof kept);
    kept_count = 0;
}

static void
show_field(const struct memory_field *f)
{
    fprintf(stderr, "  %s corrected %u confirmed %u helped %u misled %u constant '%s' %u/%u shape '%s'\n", f->name,
            f->corrected, f->confirmed, f->helped, f->misled, f->constant, f->same, f->different, f->shape);
    for (uint32_t i = 0; i < f->place_count; i++) {
        const struct memory_place *p = &f->places[i];

        fprintf(stderr, "    %d,%d wide %d words %u lines %u right %u wrong %u:", p->x, p->y, p->width, p->words,
                p->lines, p->right, p->wrong);
        for (uint32_t a = 0; a < p->anchor_count; a++)
            fprintf(stderr, " %s(%d,%d %u-%u)", p->anchors[a].text, p->anchors[a].dx, p->anchors[a].dy,
                    p->anchors[a].seen, p->anchors[a].missed);
        fputc('\n', stderr);
    }
}

static void
show(void)
{
    struct arena *arena = arena_new((size_t)64 << 20);

    for (uint32_t i = 0; arena != NULL && i < kept_count; i++) {
        struct memory_layout *m;

        if (memory_read(bytes_of(kept[i].bytes, kept[i].size), arena, &m) != RC_OK)
            continue;
        fprintf(stderr, "layout %u: %s, %u lessons\n ", i + 1, m->form, m->lessons);
        for (uint32_t k = 0; k < m->sender_count; k++)
            fprintf(stderr, " from %s", m->senders[k]);
        for (uint32_t k = 0; k < m->mark_count; k++)
            fprintf(stderr, " %s(%d,%d)", m->marks[k].text, m->marks[k].x, m->marks[k].y);
        fputc('\n', stderr);
        for (uint32_t k = 0; k < m->field_count; k++)
            show_field(&m->fields[k]);
    }
    arena_free(arena);
}

/* ---- a document ---- */

static void
print_document(const char *file, const struct fields *f, uint32_t slot)
{
    printf("{\"file\": ");
    quoted(stdout, file);
    printf(", \"form\": \"%s\", \"layout\": %u, \"fields\": [", f->form, slot);
    for (uint32_t i = 0; i < f->count; i++) {
        const struct field *v = &f->fields[i];

        printf("%s{\"name\": \"%s\", \"value\": ", i > 0 ? ", " : "", v->name);
        if (v->state == FIELD_VALUE)
            quoted(stdout, v->value);
        else
            fputs("null", stdout);
        printf(", \"text\": ");
        quoted(stdout, v->text);
        printf(", \"page\": %u, \"box\": [%d, %d, %d, %d], \"confidence\": %.4f, \"verdict\": \"%s\"}", v->page,
               v->box.x0, v->box.y0, v->box.x1, v->box.y1, v->confidence, v->verdict == FIELD_AUTO ? "auto" : "review");
    }
    fputs("]}\n", stdout);
}

static enum rc
print_words(const char *readings, const char *file)
{
    struct made made = { .arena = arena_new((size_t)1 << 30) };
    enum rc rc = made.arena == NULL ? RC_NOMEM : pages(readings, file, &made) ? RC_OK : RC_INPUT;

    for (uint32_t i = 0; i < made.count && rc == RC_OK; i++) {
        struct page_reading *r;

        if ((rc = reading_read(made.items[i].bytes, made.arena, &r)) != RC_OK)
            break;
        fprintf(stderr, "page %u %u\n", r->facts.width, r->facts.height);
        for (uint32_t w = 0; w < r->word_count; w++)
            fprintf(stderr, "%d %d %d %d %.2f %s\n", r->words[w].box.x0, r->words[w].box.y0, r->words[w].box.x1,
                    r->words[w].box.y1, (double)r->words[w].conf, r->words[w].text);
    }
    arena_free(made.arena);
    return rc;
}

static enum rc
document(const char *readings, const char *file, const char *order)
{
    static const char *const steps[] = { "classify", "extract", "validate", "remember" };
    struct made made = { .arena = arena_new((size_t)1 << 30) };
    struct fields *fields = NULL;
    uint32_t slot = 0;
    enum rc rc = made.arena == NULL ? RC_NOMEM : pages(readings, file, &made) ? RC_OK : RC_INPUT;

    if (rc == RC_OK && order != NULL && !order_of(order, &made))
        rc = RC_INPUT;
    for (uint32_t i = 0; i < kept_count && rc == RC_OK; i++)
        rc = keep(&made, ARTIFACT_MEMORY, i + 1, bytes_of(kept[i].bytes, kept[i].size));
    for (size_t i = 0; i < COUNT_OF(steps) && rc == RC_OK; i++) {
        struct result result = { 0 };
        struct job job = { .given = { made.items, made.count }, .forms = forms_loaded(), .arena = made.arena,
                           .hint = "", .name = "", .emit = keep, .to = &made };

        rc = stage_find(steps[i])->run(&job, &result);
    }
    for (uint32_t i = 0; i < made.count && rc == RC_OK; i++) {
        const struct artifact *a = &made.items[i];

        if (a->kind == ARTIFACT_FIELDS)
            rc = fields_read(a->bytes, made.arena, &fields);
        else if (a->kind == ARTIFACT_MEMORY && a->bytes.size == 0)
            slot = a->page;
    }
    /* what was learnt is the last of its kind; it came in before, too */
    if (rc == RC_OK && order != NULL && made.count > 0 && made.items[made.count - 1].kind == ARTIFACT_MEMORY)
        rc = remember(&made.items[made.count - 1]) ? RC_OK : RC_LIMIT;
    if (rc == RC_OK && fields != NULL)
        print_document(file, fields, slot);
    arena_free(made.arena);
    return rc;
}

int
main(int argc, char **argv)
{
    char line[LINE_ROOM];
    int failed = 0;

    if (argc != 2) {
        fputs("usage: teach READINGS\n", stderr);
        return 64;
    }
    if (forms_ready() != RC_OK)
        return 78;
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *what = line, *file, *order;
        enum rc rc = RC_INPUT;

        line[strcspn(line, "\n")] = '\0';
        if ((file = strchr(line, ' ')) != NULL)
            *file++ = '\0';
        order = file != NULL ? strchr(file, ' ') : NULL;
        if (order != NULL)
            *order++ = '\0';
        if (strcmp(what, "forget") == 0) {
            forget();
            rc = RC_OK;
            puts("{}");
        } else if (strcmp(what, "show") == 0) {
            show();
            puts("{}");
            rc = RC_OK;
        } else if (strcmp(what, "sizes") == 0) {
            for (uint32_t i = 0; i < kept_count; i++)
                printf("%s%zu", i == 0 ? "[" : ", ", kept[i].size);
            puts(kept_count == 0 ? "[]" : "]");
            rc = RC_OK;
        } else if (file != NULL && (strcmp(what, "read") == 0 || (strcmp(what, "learn") == 0 && order != NULL))) {
            rc = document(argv[1], file, strcmp(what, "learn") == 0 ? order : NULL);
        }
        if (file != NULL && strcmp(what, "words") == 0 && (rc = print_words(argv[1], file)) == RC_OK)
            puts("{}");
        if (rc != RC_OK) {
            printf("{\"error\": \"%s\"}\n", rc_name(rc));
            failed++;
        }
        fflush(stdout);
    }
    forget();
    ocr_done();
    return failed > 0;
}
