/* versions.c - what makes a result here, gathered before the cage shuts. */
#include "versions.h"

#include <leptonica/allheaders.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tesseract/capi.h>
#include <time.h>

#include "base/clock.h"
#include "base/sha256.h"
#include "base/text.h"
#include "forms_ready.h"
#include "ocr.h"

#ifndef ESCRIBA_WEIGHTS
#define ESCRIBA_WEIGHTS "" /* "name hash" lines of the weights that are compiled in: CMakeLists.txt */
#endif

#define ROWS_MAX_HERE 40
#define DIGITS 16 /* of a hash */

static struct row {
    char name[48], value[96];
} rows[ROWS_MAX_HERE];
static uint32_t row_count;
static char readers[PROVENANCE_TEXT];
static bool made;

void
versions_tell(const char *name, const char *value)
{
    struct row *row = NULL;

    for (uint32_t i = 0; i < row_count; i++)
        if (strcmp(rows[i].name, name) == 0)
            row = &rows[i];
    if (row == NULL && row_count < COUNT_OF(rows))
        row = &rows[row_count++];
    if (row == NULL || value == NULL || value[0] == '\0')
        return;
    snprintf(row->name, sizeof row->name, "%s", name);
    snprintf(row->value, sizeof row->value, "%s", value);
    readers[0] = '\0';
}

void
versions_file(const char *name, const char *path)
{
    uint8_t hash[SHA256_SIZE];
    char digits[2 * SHA256_SIZE + 1];

    if (sha256_file(path, hash) != RC_OK)
        return;
    text_hex(hash, sizeof hash, digits);
    digits[DIGITS] = '\0';
    versions_tell(name, digits);
}

/* The linker's own hash of this program: two builds of one source may differ, and this tells. */
static int
find_build(struct dl_phdr_info *info, size_t size, void *to)
{
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const char *at = (const char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
        const char *end = at + info->dlpi_phdr[i].p_memsz;

        if (info->dlpi_phdr[i].p_type != PT_NOTE)
            continue;
        while (at + sizeof(ElfW(Nhdr)) <= end) {
            const ElfW(Nhdr) *note = (const void *)at;
            const char *name = at + sizeof *note, *hash = name + ((note->n_namesz + 3u) & ~3u);

            if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp(name, "GNU", 4) == 0 &&
                note->n_descsz >= DIGITS / 2) {
                text_hex((const uint8_t *)hash, DIGITS / 2, to);
                return 1;
            }
            at = hash + ((note->n_descsz + 3u) & ~3u);
        }
    }
    return 1; /* the first object is the program itself; libraries have builds of their own */
}

/* "name value\n" lines, as the build wrote them. */
static void
tell_lines(const char *lines)
{
    while (*lines != '\0') {
        char name[48], value[96];
        int n = 0;

        if (sscanf(lines, "%47s %95s%n", name, value, &n) == 2)
            versions_tell(name, value);
        lines += strcspn(lines, "\n");
        lines += *lines == '\n';
    }
}

static void
tell_library(const char *name, const char *text)
{
    /* "leptonica-1.82.0": the name stands in front already */
    size_t n = strlen(name);

    if (strncmp(text, name, n) == 0 && (text[n] == '-' || text[n] == ' '))
        text += n + 1;
    versions_tell(name, text);
}

/* What can be said without opening a file. */
static void
make(void)
{
    char build[2 * SHA256_SIZE + 1] = "";
    char *leptonica;

    if (made)
        return;
    made = true;
    leptonica = getLeptonicaVersion();
    versions_tell("escriba", ESCRIBA_VERSION);
    (void)dl_iterate_phdr(find_build, build);
    versions_tell("build", build);
    tell_library("tesseract", TessVersion());
    if (leptonica != NULL)
        tell_library("leptonica", leptonica);
    lept_free(leptonica);
    tell_lines(ESCRIBA_WEIGHTS);
}

void
versions_ready(void)
{
    bool reader = false;

    make();
    for (int i = 0; i < OCR_LANGUAGES; i++) {
        char path[4096], name[16];

        if (!ocr_model((enum ocr_language)i, name, sizeof name, path, sizeof path))
            continue;
        versions_file(name, path);
    }
    for (uint32_t i = 0; i < row_count; i++)
        reader = reader || strcmp(rows[i].name, "reader") == 0;
    if (!reader)
        versions_tell("reader", "0"); /* none: Tesseract reads alone, as in a program without the read stage */
}

static const char *
value_of(const char *name)
{
    for (uint32_t i = 0; i < row_count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].value;
    return "";
}

const char *
versions_readers(void)
{
    static const char *const who[] = { "escriba", "build", "tesseract", "leptonica", "eng", "spa", "deu", "fra",
                                       "reader" };
    size_t at = 0;

    make();
    for (size_t i = 0; readers[0] == '\0' || i > 0; i++) {
        if (i == COUNT_OF(who))
            break;
        const char *v = value_of(who[i]);
        int n = v[0] == '\0' ? 0 : snprintf(readers + at, sizeof readers - at, "%s%s %.12s", at > 0 ? ", " : "",
                                            who[i], v);

        if (n < 0 || (size_t)n >= sizeof readers - at)
            break;
        at += (size_t)n;
    }
    return readers;
}

static enum rc
add_form(const struct form *form, struct arena *arena, struct fields *out)
{
    const char *text;

    if (form == NULL)
        return RC_OK;
    text = arena_printf(arena, "%s %u %016llx", form->name, form->version, (unsigned long long)form->hash);
    return text == NULL ? RC_NOMEM : versions_add(out, arena, "form", text);
}

static bool
names_list(const struct form_field *fields, unsigned count, const char *name)
{
    for (unsigned i = 0; i < count; i++)
        if (fields[i].list != NULL && strcmp(fields[i].list, name) == 0)
            return true;
    return false;
}

/* The lists of codes that the form's fields name, each with its validity and the hash of its source. */
static enum rc
add_lists(const struct form *form, struct arena *arena, struct fields *out)
{
    const struct codelist_set *set = codelists_loaded();
    enum rc rc = RC_OK;

    for (unsigned i = 0; form != NULL && set != NULL && i < set->count && rc == RC_OK; i++) {
        const struct codelist_head *head = &set->lists[i].head;
        const char *name, *text;

        if (!names_list(form->fields, form->field_count, head->name) &&
            (form->table == NULL || !names_list(form->table->columns, form->table->column_count, head->name)))
            continue;
        name = arena_printf(arena, "list:%s", head->name);
        text = arena_printf(arena, "%s..%s %.16s", head->from, head->until, head->source);
        rc = name == NULL || text == NULL ? RC_NOMEM : versions_add(out, arena, name, text);
    }
    return rc;
}

/* Who read the pages, when it was not all of it us as we are now. */
static enum rc
add_readers(const struct page_reading *const *pages, uint32_t count, struct arena *arena, struct fields *out)
{
    enum rc rc = RC_OK;

    for (uint32_t p = 0; p < count && rc == RC_OK; p++) {
        const char *who = pages[p]->made_by;
        bool known = who == NULL || who[0] == '\0' || strcmp(who, versions_readers()) == 0;

        for (uint32_t i = 0; i < p && !known; i++)
            known = pages[i]->made_by != NULL && strcmp(pages[i]->made_by, who) == 0;
        if (!known)
            rc = versions_add(out, arena, "read_by", who);
    }
    return rc;
}

enum rc
versions_of(const struct form *form, const struct page_reading *const *pages, uint32_t page_count, struct arena *arena,
            struct fields *out)
{
    const time_t now = (time_t)(clock_wall_ms() / 1000);
    char day[16] = "";
    struct tm utc;
    enum rc rc = RC_OK;

    make();
    out->versions = NULL;
    out->version_count = 0;
    for (uint32_t i = 0; i < row_count && rc == RC_OK; i++)
        rc = versions_add(out, arena, rows[i].name, rows[i].value);
    /* Some checks ask whether a date is past: the day is part of what a result follows from. */
    if (gmtime_r(&now, &utc) != NULL)
        (void)strftime(day, sizeof day, "%Y-%m-%d", &utc);
    if (rc == RC_OK && (rc = add_form(form, arena, out)) == RC_OK && (rc = add_lists(form, arena, out)) == RC_OK &&
        (rc = add_readers(pages, page_count, arena, out)) == RC_OK)
        rc = versions_add(out, arena, "day", day);
    return rc == RC_LIMIT ? RC_OK : rc; /* sixty-four are enough */
}

void
versions_write_text(struct buffer *b, const struct form_set *forms)
{
    char line[256];

    make();
    for (uint32_t i = 0; i < row_count; i++) {
        int n = snprintf(line, sizeof line, "%s %s\n", rows[i].name, rows[i].value);

        buffer_append(b, line, (size_t)n);
    }
    for (unsigned i = 0; forms != NULL && i < forms->count; i++) {
        const struct form *f = forms->forms[i];
        int n = snprintf(line, sizeof line, "form:%.60s %u %016llx\n", f->name, f->version,
                         (unsigned long long)f->hash);

        buffer_append(b, line, (size_t)n);
    }
}
