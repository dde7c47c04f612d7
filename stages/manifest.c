/*
 * manifest.c - manifest.csv or manifest.json of a batch, brought to one shape.
 *
 * JSON by jansson; CSV by a reader of ours (RFC 4180, comma or semicolon).  What it says is
 * a claim to be compared with what came, nothing more.
 */
#include "doc/manifest.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pixels.h"
#include "stages.h"

#define COLUMNS_MAX 32
#define CELL_MAX 2048
#define OUTPUT_MAX (32u << 20)

enum column { COLUMN_NONE, COLUMN_NAME, COLUMN_PAGES, COLUMN_SHA256 };

static const struct {
    const char *word;
    enum column column;
} headings[] = {
    { "file", COLUMN_NAME },      { "filename", COLUMN_NAME }, { "file_name", COLUMN_NAME },
    { "name", COLUMN_NAME },      { "fichero", COLUMN_NAME },  { "archivo", COLUMN_NAME },
    { "nombre", COLUMN_NAME },    { "pages", COLUMN_PAGES },   { "page_count", COLUMN_PAGES },
    { "paginas", COLUMN_PAGES },  { "p\303\241ginas", COLUMN_PAGES }, { "sha256", COLUMN_SHA256 },
    { "sha-256", COLUMN_SHA256 }, { "hash", COLUMN_SHA256 },
};

struct list {
    struct manifest_entry *entries;
    uint32_t count, room;
    struct arena *arena;
};

static enum column
column_of(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(headings); i++)
        if (strcasecmp(headings[i].word, word) == 0)
            return headings[i].column;
    return COLUMN_NONE;
}

static enum rc
list_add(struct list *l, struct manifest_entry **out)
{
    if (l->count == MANIFEST_ENTRIES_MAX)
        return RC_LIMIT;
    if (l->count == l->room) {
        uint32_t room = l->room > 0 ? l->room * 2 : 64;
        struct manifest_entry *more = arena_array(l->arena, room, sizeof *more);

        if (more == NULL)
            return RC_NOMEM;
        if (l->count > 0)
            memcpy(more, l->entries, l->count * sizeof *more);
        l->entries = more;
        l->room = room;
    }
    *out = &l->entries[l->count++];
    (*out)->pages = -1;
    return RC_OK;
}

static int
hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != 0 ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* False for a value that is not of its column's kind. An empty one says nothing. */
static bool
set_value(struct manifest_entry *e, enum column column, const char *text)
{
    char *end;
    long n;

    if (column == COLUMN_NAME) {
        e->name = text;
        return text[0] != 0 && strlen(text) <= MANIFEST_NAME_MAX;
    }
    if (column == COLUMN_NONE || text[0] == 0)
        return true;
    if (column == COLUMN_PAGES) {
        n = strtol(text, &end, 10);
        e->pages = (int32_t)n;
        return *end == 0 && n >= 0 && n <= 1000000;
    }
    for (size_t i = 0; i < sizeof e->sha256; i++) {
        int high = hex_digit(text[2 * i]), low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);

        if (low < 0)
            return false;
        e->sha256[i] = (uint8_t)(high << 4 | low);
    }
    e->has_sha256 = true;
    return text[2 * sizeof e->sha256] == 0;
}

/* ---- CSV ------------------------------------------------------------------------- */

struct csv {
    const char *at, *end;
    char separator;
    struct arena *arena;
};

/* One cell, trimmed of blanks; *last says that its line ends. NULL without memory or for a broken quote. */
static char *
csv_cell(struct csv *c, bool *last)
{
    char cell[CELL_MAX + 1];
    size_t n = 0;
    bool quoted;

    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t'))
        c->at++;
    quoted = c->at < c->end && *c->at == '"';
    c->at += quoted;
    for (; c->at < c->end && n < CELL_MAX; c->at++) {
        if (quoted && *c->at == '"') {
            if (c->end - c->at > 1 && c->at[1] == '"')
                c->at++;
            else
                break;
        } else if (!quoted && (*c->at == c->separator || *c->at == '\n' || *c->at == '\r')) {
            break;
        }
        cell[n++] = *c->at;
    }
    if (quoted && (c->at == c->end || *c->at != '"'))
        return NULL;
    c->at += quoted;
    while (!quoted && n > 0 && (cell[n - 1] == ' ' || cell[n - 1] == '\t'))
        n--;
    cell[n] = 0;
    while (c->at < c->end && *c->at != c->separator && *c->at != '\n')
        c->at++;
    *last = c->at == c->end || *c->at == '\n';
    c->at += c->at < c->end;
    return strlen(cell) == n ? arena_copy(c->arena, cell, n) : NULL;
}

static enum rc
csv_head(struct csv *c, enum column columns[COLUMNS_MAX], bool *named)
{
    bool last = false;

    *named = false;
    for (int i = 0; i < COLUMNS_MAX && !last; i++) {
        const char *cell = csv_cell(c, &last);

        if (cell == NULL)
            return RC_INPUT;
        columns[i] = column_of(cell);
        *named = *named || columns[i] == COLUMN_NAME;
    }
    return last && *named ? RC_OK : RC_INPUT;
}

static enum rc
csv_row(struct csv *c, const enum column columns[COLUMNS_MAX], struct list *l)
{
    struct manifest_entry e = { .pages = -1 }, *added;
    bool last = false, any = false;
    enum rc rc;

    for (int i = 0; !last; i++) {
        const char *cell = i < COLUMNS_MAX ? csv_cell(c, &last) : NULL;

        if (cell == NULL)
            return RC_INPUT;
        any = any || cell[0] != 0;
        if (cell[0] != 0 && !set_value(&e, columns[i], cell))
            return RC_INPUT;
    }
    if (!any)
        return RC_OK; /* an empty line */
    if (e.name == NULL)
        return RC_INPUT;
    if ((rc = list_add(l, &added)) == RC_OK)
        *added = e;
    return rc;
}

static enum rc
read_csv(struct bytes b, struct list *l)
{
    struct csv c = { (const char *)b.data, (const char *)b.data + b.size, ',', l->arena };
    enum column columns[COLUMNS_MAX] = { COLUMN_NONE };
    const char *line;
    bool named;
    enum rc rc;

    if (b.size >= 3 && memcmp(c.at, "\357\273\277", 3) == 0)
        c.at += 3;
    line = memchr(c.at, '\n', (size_t)(c.end - c.at));
    if (memchr(c.at, ';', (size_t)((line != NULL ? line : c.end) - c.at)) != NULL)
        c.separator = ';';
    rc = csv_head(&c, columns, &named);
    while (rc == RC_OK && c.at < c.end)
        rc = csv_row(&c, columns, l);
    return rc;
}

/* ---- JSON ------------------------------------------------------------------------ */

static enum rc
json_entry(const json_t *item, struct list *l)
{
    struct manifest_entry *e;
    const char *key;
    json_t *value;
    enum rc rc;

    if (!json_is_object(item))
        return RC_INPUT;
    if ((rc = list_add(l, &e)) != RC_OK)
        return rc;
    json_object_foreach((json_t *)(uintptr_t)item, key, value) {
        enum column column = column_of(key);
        char *text;

        if (column == COLUMN_NONE || json_is_null(value))
            continue;
        if (column == COLUMN_PAGES && json_is_integer(value)) {
            json_int_t n = json_integer_value(value);

            if (n < 0 || n > 1000000)
                return RC_INPUT;
            e->pages = (int32_t)n;
            continue;
        }
        if (!json_is_string(value))
            return RC_INPUT;
        if ((text = arena_str(l->arena, json_string_value(value))) == NULL)
            return RC_NOMEM;
        if (!set_value(e, column, text))
            return RC_INPUT;
    }
    return e->name != NULL ? RC_OK : RC_INPUT;
}

static enum rc
read_json(struct bytes b, struct list *l)
{
    json_t *root = json_loadb((const char *)b.data, b.size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *list = json_is_object(root) ? json_object_get(root, "files") : root;
    enum rc rc = json_is_array(list) ? RC_OK : RC_INPUT;

    for (size_t i = 0; rc == RC_OK && i < json_array_size(list); i++)
        rc = json_entry(json_array_get(list, i), l);
    json_decref(root);
    return rc;
}

static bool
looks_json(struct bytes b)
{
    for (size_t i = 0; i < b.size; i++)
        if (strchr(" \t\r\n", b.data[i]) == NULL || b.data[i] == 0)
            return b.data[i] == '{' || b.data[i] == '[';
    return false;
}

enum rc
manifest_run(const struct job *job, struct result *result)
{
    const struct artifact *original = artifact_find(&job->given, ARTIFACT_ORIGINAL, 0);
    struct list l = { .arena = job->arena };
    struct manifest manifest;
    struct buffer b;
    enum rc rc;

    if (original == NULL)
        return RC_BUG;
    if (original->bytes.size == 0)
        return reject(result, REASON_EMPTY_FILE, 0);
    rc = looks_json(original->bytes) ? read_json(original->bytes, &l)
                                     : read_csv(original->bytes, &l);
    if (rc == RC_INPUT)
        return reject(result, REASON_DAMAGED, l.count + 1); /* the entry that is wrong */
    if (rc == RC_LIMIT)
        return reject(result, REASON_TOO_MANY_ENTRIES, MANIFEST_ENTRIES_MAX);
    if (rc != RC_OK)
        return rc;
    manifest = (struct manifest){ l.entries, l.count };
    buffer_init(&b, OUTPUT_MAX);
    manifest_write(&b, &manifest);
    rc = b.failed ? RC_LIMIT : job->emit(job->to, ARTIFACT_MANIFEST, 0, buffer_bytes(&b));
    buffer_done(&b);
    return rc;
}
