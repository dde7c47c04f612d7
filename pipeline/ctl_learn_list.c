/*
 * ctl_learn_list.c - the fields of a form that is being learnt: from a list, or from what was typed
 * into its zones.
 */
#include "ctl_learn.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define LINE_ROOM 512
#define COLUMNS_MAX 7

static const struct learn_kind kinds[] = {
    { "text", "text", "text" },     { "name", "text", "name" },   { "id", "id", "id" },
    { "code", "code", "id" },       { "digits", "digits", "id" }, { "date", "date", "date" },
    { "money", "money", "money" },  { "phone", "phone", "id" },   { "zip", "zip", "id" },
    { "state", "state", "id" },     { "number", "units", "number" }, { "mark", "mark", "mark" },
};

/* What a name's word lets expect, English and Spanish; the first that fits. */
static const struct {
    const char *part, *kind;
} hints[] = {
    { "date", "date" },   { "fecha", "date" },     { "birth", "date" },    { "dob", "date" },
    { "amount", "money" }, { "total", "money" },   { "importe", "money" }, { "price", "money" },
    { "precio", "money" }, { "phone", "phone" },   { "telefono", "phone" }, { "zip", "zip" },
    { "postal", "zip" },  { "state", "state" },    { "number", "id" },     { "numero", "id" },
    { "account", "id" },  { "code", "id" },        { "codigo", "id" },     { "ssn", "id" },
    { "nif", "id" },      { "iban", "id" },        { "name", "name" },     { "nombre", "name" },
    { "qty", "number" },  { "units", "number" },   { "hours", "number" },  { "horas", "number" },
};

const struct learn_kind *
learn_kind_of(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strcmp(kinds[i].word, word) == 0)
            return &kinds[i];
    return NULL;
}

const struct learn_kind *
learn_kind_guess(const char *name)
{
    if (strchr(name, '=') != NULL)
        return learn_kind_of("mark");
    for (size_t i = 0; i < COUNT_OF(hints); i++)
        if (strstr(name, hints[i].part) != NULL)
            return learn_kind_of(hints[i].kind);
    if (strcmp(name, "id") == 0 || text_ends(name, "_id") || text_ends(name, "_no"))
        return learn_kind_of("id");
    return learn_kind_of("text");
}

/* Letters, digits and _; a leading "N." makes it a cell of row N, a trailing "=VALUE" a box of a question. */
static bool
is_name(const char *name)
{
    const char *c = name;
    size_t digits = strspn(name, "0123456789"), n;

    if (digits > 0) {
        if (digits > 2 || name[digits] != '.' || name[0] == '0')
            return false;
        c += digits + 1;
    }
    if (!(*c >= 'a' && *c <= 'z'))
        return false;
    n = strspn(c, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (n > 40)
        return false;
    if (c[n] == '=')
        return c[n + 1] != '\0' && c[n + 1 + strspn(c + n + 1, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
    return c[n] == '\0';
}

static void
title_of(const char *name, char title[81])
{
    const char *c = name + strspn(name, "0123456789");
    size_t n = 0;

    c += *c == '.';
    for (; *c != '\0' && *c != '=' && n + 1 < 81; c++)
        title[n++] = *c == '_' ? ' ' : *c;
    title[n] = '\0';
    title[0] = (char)toupper((unsigned char)title[0]);
}

/* A number of points in a column of its own. */
static bool
number(const char *text, double *out)
{
    char *end;

    errno = 0;
    *out = strtod(text, &end);
    return end != text && *end == '\0' && errno == 0 && *out >= 0 && *out <= 3000;
}

static unsigned
split(char *line, char *columns[COLUMNS_MAX])
{
    unsigned n = 0;

    for (char *at = line; at != NULL && n < COLUMNS_MAX;) {
        char *next = n + 1 < COLUMNS_MAX ? strchr(at, ',') : NULL, *end;

        if (next != NULL)
            *next++ = '\0';
        at += strspn(at, " \t");
        for (end = at + strlen(at); end > at && strchr(" \t\r\n", end[-1]) != NULL; end--)
            end[-1] = '\0';
        columns[n++] = at;
        at = next;
    }
    return n;
}

/* A title goes into YAML: what would need an escape is left out. */
static void
set_title(struct learn_field *f, const char *text)
{
    size_t n = 0;

    for (; *text != '\0' && n + 1 < sizeof f->title; text++)
        if ((unsigned char)*text >= ' ' && *text != '"' && *text != '\\' && *text != 0x7f)
            f->title[n++] = *text;
    /* Not in the middle of a character. */
    while (n > 0 && n + 1 == sizeof f->title && ((unsigned char)f->title[n - 1] & 0x80) != 0)
        n--;
    f->title[n] = '\0';
}

static enum rc
one_line(char *line, const char *path, unsigned number_of, struct learn_field *f, bool *placed, struct err *err)
{
    char *columns[COLUMNS_MAX];
    unsigned n = split(line, columns), title = 2;
    enum rc rc = RC_OK;

    memset(f, 0, sizeof *f);
    *placed = n >= 6 && number(columns[2], &f->at[0]);
    if (!is_name(columns[0]) || strlen(columns[0]) > LEARNED_NAME_MAX)
        rc = err_set(err, RC_CONFIG, "the first column is no name of a field");
    else if (n >= 2 && columns[1][0] != '\0' && (f->kind = learn_kind_of(columns[1])) == NULL)
        rc = err_set(err, RC_CONFIG, "the second column is no type");
    else if (*placed && !(number(columns[3], &f->at[1]) && number(columns[4], &f->at[2]) &&
                          number(columns[5], &f->at[3]) && f->at[2] > f->at[0] && f->at[3] > f->at[1]))
        rc = err_set(err, RC_CONFIG, "the zone's place is not x0,y0,x1,y1 in points");
    if (rc != RC_OK) {
        err_where(err, "%s, line %u", path, number_of);
        err_cure(err, "name,type,title or name,type,x0,y0,x1,y1,title: a name has a-z 0-9 _ and may begin with a row's "
                      "number (2.price) or end with a box's value (paid=yes); types: text name id code digits date "
                      "money phone zip state number mark");
        return rc;
    }
    snprintf(f->name, sizeof f->name, "%s", columns[0]);
    if (f->kind == NULL)
        f->kind = learn_kind_guess(f->name);
    title = *placed ? 6 : 2;
    if (n > title && columns[title][0] != '\0')
        set_title(f, columns[title]);
    else
        title_of(f->name, f->title);
    return RC_OK;
}

enum rc
learn_list_read(const char *path, struct arena *arena, struct learn_list *out, struct err *err)
{
    FILE *file = fopen(path, "re");
    char line[LINE_ROOM];
    unsigned n = 0, placed = 0;
    enum rc rc = RC_OK;

    out->count = 0;
    if (file == NULL) {
        rc = err_set(err, RC_IO, "the list of fields cannot be opened: %s", strerror(errno));
        err_where(err, "%s", path);
        return rc;
    }
    out->at = arena_array(arena, LEARNED_BOXES_MAX, sizeof *out->at);
    if (out->at == NULL)
        rc = RC_NOMEM;
    while (rc == RC_OK && fgets(line, sizeof line, file) != NULL) {
        bool has = false;

        n++;
        if (line[strspn(line, " \t\r\n")] == '\0' || line[0] == '#' || (n == 1 && text_starts(line, "name,")))
            continue;
        if (strchr(line, '\n') == NULL && !feof(file))
            rc = err_set(err, RC_CONFIG, "line %u of the list of fields is too long", n);
        else if (out->count == LEARNED_BOXES_MAX)
            rc = err_set(err, RC_CONFIG, "more than %d fields", LEARNED_BOXES_MAX);
        else if ((rc = one_line(line, path, n, &out->at[out->count], &has, err)) == RC_OK)
            out->count++;
        placed += has;
    }
    fclose(file);
    if (rc == RC_OK && (out->count == 0 || (placed > 0 && placed != out->count))) {
        rc = err_set(err, RC_CONFIG, out->count == 0 ? "the list names no field"
                                                     : "some lines say where their zone lies and some do not");
        err_where(err, "%s", path);
        err_cure(err, "give every line its place, or none");
    }
    out->placed = placed > 0;
    return rc;
}

/* "amount:money" to its two parts; a name that nobody typed is its number. */
static void
name_zone(const struct learned_zone *z, unsigned i, struct learn_field *f)
{
    const char *colon = strchr(z->name, ':');
    size_t n = colon != NULL ? (size_t)(colon - z->name) : strlen(z->name);

    snprintf(f->name, sizeof f->name, "%.*s", (int)n, z->name);
    /* What has no name and is as small as a check box is one. */
    if (f->name[0] == '\0' || !is_name(f->name))
        snprintf(f->name, sizeof f->name, "field_%u%s", i + 1,
                 z->at[2] - z->at[0] < 18 && z->at[3] - z->at[1] < 18 ? "=x" : "");
    f->kind = colon != NULL ? learn_kind_of(colon + 1) : NULL;
    if (f->kind == NULL)
        f->kind = learn_kind_guess(f->name);
    title_of(f->name, f->title);
}

static enum rc
no_name_twice(const struct learn_list *list, struct err *err)
{
    for (unsigned i = 0; i < list->count; i++)
        for (unsigned j = 0; j < i; j++)
            if (strcmp(list->at[i].name, list->at[j].name) == 0) {
                enum rc rc = err_set(err, RC_CONFIG, "two zones have the name '%s'", list->at[i].name);

                err_where(err, "zones %u and %u, in reading order", j + 1, i + 1);
                err_cure(err, "name them with --fields; boxes of one question are name=value, cells of row 2 are "
                              "2.name");
                return rc;
            }
    return RC_OK;
}

enum rc
learn_fields(const struct learned *l, const struct learn_list *list, struct arena *arena, struct learn_list *out,
             struct err *err)
{
    enum rc rc;

    if (list != NULL && list->placed) {
        *out = *list;
        for (unsigned i = 0; i < out->count; i++)
            if (out->at[i].at[2] > l->width || out->at[i].at[3] > l->height) {
                rc = err_set(err, RC_CONFIG, "the zone of '%s' lies outside the page of %.0f by %.0f points",
                             out->at[i].name, l->width, l->height);
                err_cure(err, "points count from the top left corner, 72 to an inch");
                return rc;
            }
        return no_name_twice(out, err);
    }
    if (list != NULL && list->count != l->zone_count) {
        rc = err_set(err, RC_CONFIG, "%u zones are marked and the list names %u fields", l->zone_count, list->count);
        err_cure(err, "a line for each marked box, in reading order: rows from the top, each from the left");
        return rc;
    }
    out->placed = true;
    out->count = l->zone_count;
    out->at = arena_array(arena, l->zone_count + 1, sizeof *out->at);
    if (out->at == NULL)
        return RC_NOMEM;
    for (unsigned i = 0; i < l->zone_count; i++) {
        if (list != NULL)
            out->at[i] = list->at[i];
        else
            name_zone(&l->zones[i], i, &out->at[i]);
        memcpy(out->at[i].at, l->zones[i].at, sizeof out->at[i].at);
        out->at[i].cells = l->zones[i].cells;
    }
    return no_name_twice(out, err);
}
