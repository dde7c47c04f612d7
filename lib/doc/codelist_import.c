/*
 * codelist_import.c - the official files of codes, as they come, to the bytes of a stored list.
 *
 * Tab- or comma-separated with a line of headings or without (RFC 4180 quoting), or the plain
 * files of CMS and CDC.  A pure function over bytes from outside: nothing is opened here.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "doc/codelist.h"
#include "doc/value.h"

#define COLUMNS 80
#define CELL 160 /* a description is cut, a code never comes near it */

struct record {
    char cell[COLUMNS][CELL];
    unsigned count;
    bool cut[COLUMNS]; /* longer than CELL */
};

struct source {
    const char *at, *end;
    unsigned line; /* the first of the record at hand */
    unsigned next;
    char mark;     /* '\t' or ','; 0: CMS */
    bool order;    /* CMS: an order file  */
    bool headed;   /* headings were there */
};

struct row {
    char code[CODE_MAX + 1];
    bool usable;
    char until[CODELIST_DATE];
    char words[CODE_WORDS_MAX + 1];
};

/* Which column holds what; -1: none. */
struct columns {
    int code, usable, until, words;
};

static enum rc
refuse(struct err *err, unsigned line, const char *what, const char *cure)
{
    err_set(err, RC_INPUT, "%s", what);
    if (line != 0)
        err_where(err, "line %u", line);
    err_cure(err, "%s", cure);
    return RC_INPUT;
}

/* ---- records ------------------------------------------------------------------------------ */

static void
put(struct record *r, size_t *n, char c)
{
    if (r->count >= COLUMNS)
        return;
    if (*n + 1 < CELL)
        r->cell[r->count][(*n)++] = c;
    else
        r->cut[r->count] = true;
}

static void
end_cell(struct record *r, size_t n)
{
    if (r->count >= COLUMNS)
        return;
    while (n > 0 && isspace((unsigned char)r->cell[r->count][n - 1]))
        n--;
    r->cell[r->count][n] = '\0';
    r->count++;
}

/* Quotes hold commas and newlines in files with commas; elsewhere a quote is a character. */
static void
next_separated(struct source *s, struct record *r)
{
    bool quoted = false;
    size_t n = 0;

    r->count = 0;
    memset(r->cut, 0, sizeof r->cut);
    while (s->at < s->end) {
        char c = *s->at++;

        s->next += c == '\n';
        if (quoted && c == '"' && s->at < s->end && *s->at == '"') {
            put(r, &n, *s->at++);
        } else if (s->mark == ',' && c == '"' && (quoted || n == 0)) {
            quoted = !quoted;
        } else if (!quoted && (c == s->mark || c == '\n')) {
            end_cell(r, n);
            n = 0;
            if (c == '\n')
                return;
        } else if (c != '\r' && !(n == 0 && c == ' ')) {
            put(r, &n, c == '\t' || c == '\n' ? ' ' : c);
        }
    }
    end_cell(r, n);
}

static void
copy_cell(struct record *r, const char *from, const char *end)
{
    size_t n = 0;

    if (r->count < COLUMNS)
        r->cut[r->count] = false;
    while (from < end && *from == ' ')
        from++;
    while (from < end)
        put(r, &n, *from++);
    end_cell(r, n);
}

/* "00001 A00     0 Cholera ...": number, code in columns 7-13, 1 when it may be used in column 15. */
static bool
is_order_line(const char *line, size_t size)
{
    if (size < 16 || line[5] != ' ' || line[6] == ' ' || line[13] != ' ' || (line[14] != '0' && line[14] != '1') ||
        line[15] != ' ')
        return false;
    for (int i = 0; i < 5; i++)
        if (!isdigit((unsigned char)line[i]))
            return false;
    return true;
}

/* The cells are code, usable ("" when the file does not say), words. */
static void
next_plain(struct source *s, struct record *r)
{
    static const char no_code[] = "?"; /* what a line of another file gives */
    const char *line = s->at, *stop = memchr(line, '\n', (size_t)(s->end - line)), *end, *p;

    end = stop != NULL ? stop : s->end;
    s->at = stop != NULL ? stop + 1 : s->end;
    s->next += stop != NULL;
    if (end > line && end[-1] == '\r')
        end--;
    r->count = 0;
    if (s->order && is_order_line(line, (size_t)(end - line))) {
        copy_cell(r, line + 6, line + 13);
        copy_cell(r, line + 14, line + 15);
        copy_cell(r, line + 16, end - line > 76 ? line + 76 : end);
        return;
    }
    if (s->order && end > line) {
        copy_cell(r, no_code, no_code + 1);
        return;
    }
    for (p = line; p < end && *p != ' ' && *p != '\t'; p++)
        ;
    copy_cell(r, line, p);
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    if (end - p > 1 && (*p == '0' || *p == '1') && p[1] == ' ') {
        copy_cell(r, p, p + 1);
        p += 2;
    } else {
        copy_cell(r, p, p);
    }
    copy_cell(r, p, end);
}

static void
next_record(struct source *s, struct record *r)
{
    s->line = s->next;
    if (s->mark != 0)
        next_separated(s, r);
    else
        next_plain(s, r);
}

/* ---- headings ----------------------------------------------------------------------------- */

static void
fold(const char *cell, char out[CELL])
{
    size_t n = 0;

    for (; *cell != '\0'; cell++)
        if (isalnum((unsigned char)*cell))
            out[n++] = (char)tolower((unsigned char)*cell);
    out[n] = '\0';
}

static int
column_named(const struct record *r, const char *const names[])
{
    for (size_t i = 0; names[i] != NULL; i++)
        for (unsigned c = 0; c < r->count; c++) {
            char word[CELL];

            fold(r->cell[c], word);
            if (strcmp(word, names[i]) == 0)
                return (int)c;
        }
    return -1;
}

/* A line of headings names a column of codes; a line of data begins with a code that has a digit. */
static bool
read_headings(const struct record *r, struct columns *out)
{
    static const char *const codes[] = { "code", "alphabeticcode", "alpha2", "alpha3", "hcpc", "hcpcs", NULL };
    static const char *const usable[] = { "billable", "usable", "validforcoding", "valid", "leaf", NULL };
    static const char *const until[] = { "until", "validuntil", "withdrawaldate", "terminationdate", "termdate",
                                         "termdt", "deactivationdate", NULL };
    static const char *const words[] = { "description", "longdescription", "shortdescription", "displayname",
                                         "name", "currency", "title", "entity", NULL };
    char key[CODE_MAX + 1], word[CELL];
    struct columns found = { .code = column_named(r, codes) };

    if (r->count == 0 || (strpbrk(r->cell[0], "0123456789") != NULL && codelist_key(r->cell[0], key)))
        return false;
    for (unsigned c = 0; c < r->count && found.code < 0; c++) {
        fold(r->cell[c], word);
        if (text_ends(word, "code") || text_ends(word, "codes"))
            found.code = (int)c;
    }
    if (found.code < 0)
        return false;
    found.usable = column_named(r, usable);
    found.until = column_named(r, until);
    found.words = column_named(r, words);
    *out = found;
    return true;
}

/* Without headings: code, a column of 0 and 1 if there is one, words. */
static struct columns
guess_columns(const struct record *r)
{
    bool flag = r->count > 2 && (strcmp(r->cell[1], "0") == 0 || strcmp(r->cell[1], "1") == 0);

    return (struct columns){ .code = 0, .usable = flag ? 1 : -1, .until = -1,
                             .words = flag ? 2 : r->count > 1 ? 1 : -1 };
}

/* ---- one row ------------------------------------------------------------------------------ */

static bool
says_no(const char *cell)
{
    char word[CELL];

    fold(cell, word);
    return strcmp(word, "0") == 0 || strcmp(word, "n") == 0 || strcmp(word, "no") == 0 || strcmp(word, "false") == 0;
}

/* The day after which a code is withdrawn: 2003-07-15, 20030715, 07/15/2003; a month or year ends with its last day. */
static bool
read_until(const char *cell, char out[CODELIST_DATE])
{
    const char *at = strrchr(cell, ' '), *p;
    struct date d = { 0, 12, 31 };
    char text[40];
    int used = 0;

    at = at != NULL ? at + 1 : cell; /* "1989 to 1990" */
    for (p = at; isdigit((unsigned char)*p); p++)
        ;
    if (p - at == 8 && *p == '\0') {
        used = sscanf(at, "%4d%2d%2d", &d.year, &d.month, &d.day) == 3;
    } else if (p - at == 4) {
        int n = sscanf(at, "%4d-%2d-%2d", &d.year, &d.month, &d.day);

        /* the years of ISO 4217's "1989-1990" */
        if (n == 2 && strlen(at) == 9)
            n = sscanf(at + 5, "%4d", &d.year);
        used = strspn(at, "0123456789-") == strlen(at);
        if (n == 1)
            d.month = 12;
        if (n < 3)
            d.day = d.month >= 1 && d.month <= 12 ? date_month_days(d.year, d.month) : 0;
    } else {
        used = sscanf(at, "%2d/%2d/%4d", &d.month, &d.day, &d.year) == 3;
    }
    if (!used || !date_valid(d) || d.year < 1000 || d.year > 9999)
        return false;
    snprintf(text, sizeof text, "%04d-%02d-%02d", d.year, d.month, d.day);
    memcpy(out, text, CODELIST_DATE);
    return true;
}

/* One line of valid UTF-8 without control characters, cut between characters. */
static void
copy_words(const char *cell, char out[CODE_WORDS_MAX + 1])
{
    size_t n = strlen(cell);
    bool utf8;

    if (n > CODE_WORDS_MAX)
        n = CODE_WORDS_MAX;
    while (n > 0 && ((unsigned char)cell[n] & 0xC0) == 0x80)
        n--;
    utf8 = text_is_utf8(cell, n);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)cell[i];

        out[i] = (char)(c < 0x20 || c == 0x7f ? ' ' : c >= 0x80 && !utf8 ? '?' : c);
    }
    out[n] = '\0';
}

static const char *
cell_at(const struct record *r, int column)
{
    return column >= 0 && (unsigned)column < r->count ? r->cell[column] : "";
}

/* What stands in the way, as a person sees it. */
static enum rc
refuse_code(const struct source *s, const char *cell, const char *name, bool shape, struct err *err)
{
    char shown[24];
    size_t n = 0;

    for (; cell[n] != '\0' && n + 1 < sizeof shown; n++)
        shown[n] = cell[n] >= 0x20 && cell[n] < 0x7f ? cell[n] : '?';
    shown[n] = '\0';
    err_set(err, RC_INPUT, shape ? "'%s' is no code" : "'%s' is no code of %s", shown, name);
    err_where(err, "line %u", s->line);
    err_cure(err, "the first column, or the one headed 'code', must hold codes; --format tsv, csv or cms says how the "
                  "file is written");
    return RC_INPUT;
}

static enum rc
read_row(const struct source *s, const struct record *r, const struct columns *c, const char *name, struct row *out,
         struct err *err)
{
    const char *code = cell_at(r, c->code), *until = cell_at(r, c->until);

    if ((unsigned)c->code < r->count && r->cut[c->code])
        return refuse_code(s, code, name, true, err);
    /* Without headings nothing tells a list from prose but capitals. */
    if (!codelist_key(code, out->code) || strchr(code, ' ') != NULL ||
        (!s->headed && strpbrk(code, "abcdefghijklmnopqrstuvwxyz") != NULL))
        return refuse_code(s, code, name, true, err);
    if (!codelist_shape_good(name, out->code))
        return refuse_code(s, code, name, false, err);
    out->usable = !says_no(cell_at(r, c->usable));
    out->until[0] = '\0';
    if (until[0] != '\0' && !read_until(until, out->until))
        return refuse(err, s->line, "the day of withdrawal is no date", "write it as 2026-11-21, or empty the cell");
    copy_words(cell_at(r, c->words), out->words);
    return RC_OK;
}

/* ---- all of them -------------------------------------------------------------------------- */

/* Every full line among the first few is one of an order file. */
static bool
looks_ordered(const char *at, const char *end)
{
    unsigned seen = 0;

    while (at < end && seen < 20) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((stop != NULL ? stop : end) - at);

        if (size > 1 && !is_order_line(at, size))
            return false;
        seen += size > 1;
        at += size + (stop != NULL);
    }
    return seen > 0;
}

/* A tab decides; a comma does unless blanks come before it, as in "A000    Cholera, classical". */
static char
guess_mark(const char *at, const char *end)
{
    const char *stop = memchr(at, '\n', (size_t)(end - at)), *comma;

    end = stop != NULL ? stop : end;
    if (memchr(at, '\t', (size_t)(end - at)) != NULL)
        return '\t';
    comma = memchr(at, ',', (size_t)(end - at));
    if (comma == NULL || memmem(at, (size_t)(comma - at), "  ", 2) != NULL || looks_ordered(at, end))
        return 0;
    return ',';
}

static enum rc
check_source(struct bytes source, struct err *err)
{
    static const char save[] = "save it as text: tab-separated (.tsv), comma-separated (.csv) or the plain .txt";

    if (source.size == 0)
        return refuse(err, 0, "the file is empty", "download it again");
    if (source.size > CODELIST_SOURCE_MAX) {
        err_set(err, RC_LIMIT, "the file is larger than %u MiB", CODELIST_SOURCE_MAX >> 20);
        err_cure(err, "leave out what is not code, flag and description");
        return RC_LIMIT;
    }
    if (memchr(source.data, '\0', source.size) != NULL ||
        (source.size > 4 && (memcmp(source.data, "PK\003\004", 4) == 0 || memcmp(source.data, "%PDF", 4) == 0)))
        return refuse(err, 0, "this is no text: a spreadsheet, an archive or a picture of a list", save);
    if (source.data[0] == '<')
        return refuse(err, 1, "this is a page of the web, not a list", save);
    return RC_OK;
}

static int
by_code(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->code, ((const struct row *)b)->code);
}

/* A code that stands there twice: usable and in force if one of them is. */
static void
merge(struct row *into, const struct row *other)
{
    into->usable = into->usable || other->usable;
    if (into->until[0] != '\0' && (other->until[0] == '\0' || strcmp(other->until, into->until) > 0)) {
        memcpy(into->until, other->until, sizeof into->until);
        memcpy(into->words, other->words, sizeof into->words);
    }
}

static uint32_t
sort_rows(struct row *rows, uint32_t count)
{
    uint32_t kept = 0;

    qsort(rows, count, sizeof *rows, by_code);
    for (uint32_t i = 0; i < count; i++) {
        if (kept > 0 && strcmp(rows[kept - 1].code, rows[i].code) == 0)
            merge(&rows[kept - 1], &rows[i]);
        else
            rows[kept++] = rows[i];
    }
    return kept;
}

static void
add(struct buffer *b, const char *text)
{
    buffer_append(b, text, strlen(text));
}

static enum rc
write_list(const struct codelist_head *head, const struct row *rows, struct buffer *out)
{
    char text[CODELIST_NAME_MAX + CODELIST_SHA + 160];

    snprintf(text, sizeof text, "escriba-codes 1\nname %s\nfrom %s\nuntil %s\ncount %u\nsource %s\n\n", head->name,
             head->from[0] != '\0' ? head->from : "-", head->until[0] != '\0' ? head->until : "-", head->count,
             head->source);
    add(out, text);
    for (uint32_t i = 0; i < head->count; i++) {
        add(out, rows[i].code);
        add(out, rows[i].usable ? "\t1\t" : "\t0\t");
        add(out, rows[i].until);
        add(out, "\t");
        add(out, rows[i].words);
        add(out, "\n");
    }
    return out->failed ? RC_NOMEM : RC_OK;
}

static uint32_t
lines_of(struct bytes source)
{
    uint32_t lines = 1;

    for (size_t i = 0; i < source.size; i++)
        lines += source.data[i] == '\n';
    return lines;
}

enum rc
codelist_import(struct bytes source, enum codelist_format format, struct codelist_head *head, struct arena *arena,
                struct buffer *out, struct err *err)
{
    struct source s = { .next = 1 };
    struct columns columns = { 0, -1, -1, -1 };
    struct record *record;
    struct row *rows;
    uint32_t count = 0, room;
    bool first = true;
    enum rc rc = check_source(source, err);

    if (rc != RC_OK)
        return rc;
    s.at = (const char *)source.data;
    s.end = s.at + source.size;
    if (source.size >= 3 && memcmp(s.at, "\xEF\xBB\xBF", 3) == 0)
        s.at += 3;
    s.mark = format == CODELIST_TSV ? '\t' : format == CODELIST_CSV ? ',' : 0;
    if (format == CODELIST_AUTO)
        s.mark = guess_mark(s.at, s.end);
    s.order = s.mark == 0 && looks_ordered(s.at, s.end);
    room = lines_of(source);
    if (room > CODELIST_ROWS_MAX + 1)
        return err_set(err, RC_LIMIT, "the list has more than %d lines", CODELIST_ROWS_MAX);
    record = arena_alloc(arena, sizeof *record);
    rows = arena_array(arena, room, sizeof *rows);
    if (record == NULL || rows == NULL)
        return RC_NOMEM;
    while (s.at < s.end) {
        next_record(&s, record);
        if (record->count == 0 || (record->count == 1 && record->cell[0][0] == '\0') || record->cell[0][0] == '#')
            continue;
        if (first && s.mark != 0) {
            first = false;
            if ((s.headed = read_headings(record, &columns)))
                continue;
            columns = guess_columns(record);
        } else if (first) {
            first = false;
            columns = (struct columns){ .code = 0, .usable = 1, .until = -1, .words = 2 };
        }
        if (cell_at(record, columns.code)[0] == '\0')
            continue; /* an entry without a code: ISO 4217 has some */
        if ((rc = read_row(&s, record, &columns, head->name, &rows[count], err)) != RC_OK)
            return rc;
        count++;
    }
    if (count == 0)
        return refuse(err, 0, "there is no code in it", "give the official file of codes");
    head->count = sort_rows(rows, count);
    return write_list(head, rows, out);
}
