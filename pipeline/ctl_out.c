/*
 * ctl_out.c - what the operator sees: tables, "heading: value" lines, or JSON.
 *
 * Data goes to standard output, talk to standard error.  Text from the database is made
 * printable first: a client's name must not drive a terminal.
 */
#include "ctl.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <utf8proc.h>

#include "base/text.h"
#include "doc/reason.h"

#define COLUMNS_MAX 24
#define CELL_WIDTH_MAX 48

const char *
ctl_tr(const struct ctl *ctl, const char *en, const char *es)
{
    return ctl->lang == LANG_ES && es != NULL ? es : en;
}

const char *
ctl_bold(const struct ctl *ctl)
{
    return ctl->color ? "\033[1m" : "";
}

const char *
ctl_warm(const struct ctl *ctl)
{
    return ctl->color ? "\033[1;33m" : "";
}

const char *
ctl_plain(const struct ctl *ctl)
{
    return ctl->color ? "\033[0m" : "";
}

const char *
ctl_safe(struct ctl *ctl, const char *text)
{
    const char *safe = text_printable(ctl->arena, text, strlen(text));

    return safe != NULL ? safe : "?";
}

void
ctl_say(const struct ctl *ctl, const char *format, ...)
{
    va_list list;

    if (ctl->quiet)
        return;
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

void
ctl_duration(int64_t seconds, char *out, size_t room)
{
    const char *sign = seconds < 0 ? "-" : "";
    int64_t s = seconds < 0 ? -seconds : seconds;

    if (s < 60)
        snprintf(out, room, "%s%lld s", sign, (long long)s);
    else if (s < 3600)
        snprintf(out, room, "%s%lld min", sign, (long long)(s / 60));
    else if (s < 48 * 3600)
        snprintf(out, room, "%s%lld h %02lld min", sign, (long long)(s / 3600), (long long)(s % 3600 / 60));
    else
        snprintf(out, room, "%s%lld d %lld h", sign, (long long)(s / 86400), (long long)(s % 86400 / 3600));
}

void
ctl_time(int64_t seconds, char *out, size_t room)
{
    time_t t = (time_t)seconds;
    struct tm tm;

    if (room == 0)
        return;
    out[0] = '\0';
    if (localtime_r(&t, &tm) != NULL)
        strftime(out, room, "%Y-%m-%d %H:%M", &tm);
}

/* RFC 3339 in UTC, for machines. */
static void
time_json(int64_t seconds, char *out, size_t room)
{
    time_t t = (time_t)seconds;
    struct tm tm;

    out[0] = '\0';
    if (gmtime_r(&t, &tm) != NULL)
        strftime(out, room, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* The index of a column by name, or -1. */
static int
find_column(const struct db_result *rows, const char *name)
{
    for (int i = 0; i < db_columns(rows); i++)
        if (strcmp(db_column(rows, i), name) == 0)
            return i;
    return -1;
}

static char *
hex_of(struct arena *arena, struct bytes b)
{
    char *out = arena_alloc(arena, b.size * 2 + 1);

    if (out != NULL)
        text_hex(b.data, b.size, out);
    return out;
}

static const char *
cell_text(struct ctl *ctl, const struct db_result *rows, int row, int col, enum cell_kind kind)
{
    char text[64] = "";
    struct id id;

    if (col < 0 || db_is_null(rows, row, col))
        return "-";
    switch (kind) {
    case CELL_INT: snprintf(text, sizeof text, "%lld", (long long)db_int(rows, row, col)); break;
    case CELL_BOOL: return db_bool(rows, row, col) ? ctl_tr(ctl, "yes", "sí") : "no";
    case CELL_TIME: ctl_time(db_int(rows, row, col), text, sizeof text); break;
    case CELL_SECONDS: ctl_duration(db_int(rows, row, col), text, sizeof text); break;
    case CELL_ID:
        if (db_id(rows, row, col, &id))
            id_text(&id, text);
        break;
    case CELL_REASON: {
        int64_t n = db_int(rows, row, col);

        return n > 0 ? reason_row((unsigned)n)->word : "-";
    }
    case CELL_HEX: {
        const char *hex = hex_of(ctl->arena, db_bytes(rows, row, col));
        return hex != NULL ? hex : "?";
    }
    default: return ctl_safe(ctl, db_text(rows, row, col));
    }
    const char *copy = arena_str(ctl->arena, text);
    return copy != NULL ? copy : "?";
}

static json_t *
cell_json(const struct db_result *rows, int row, int col, enum cell_kind kind)
{
    char text[64] = "";
    struct id id;

    if (col < 0 || db_is_null(rows, row, col))
        return json_null();
    switch (kind) {
    case CELL_INT:
    case CELL_SECONDS: return json_integer(db_int(rows, row, col));
    case CELL_BOOL: return json_boolean(db_bool(rows, row, col));
    case CELL_REAL: return json_real(db_real(rows, row, col));
    case CELL_REASON:
        return db_int(rows, row, col) > 0 ? json_string(reason_row((unsigned)db_int(rows, row, col))->word)
                                          : json_null();
    case CELL_TIME:
        time_json(db_int(rows, row, col), text, sizeof text);
        return json_string(text);
    case CELL_ID:
        if (db_id(rows, row, col, &id))
            id_text(&id, text);
        return json_string(text);
    case CELL_HEX: {
        struct bytes b = db_bytes(rows, row, col);
        char *hex = malloc(b.size * 2 + 1);
        json_t *out;

        if (hex == NULL)
            return json_null();
        text_hex(b.data, b.size, hex);
        out = json_string(hex);
        free(hex);
        return out;
    }
    default: {
        json_t *out = json_string(db_text(rows, row, col));
        return out != NULL ? out : json_null(); /* not UTF-8 */
    }
    }
}

json_t *
ctl_row_json(const struct db_result *rows, int row, const struct column *columns)
{
    json_t *object = json_object();

    for (const struct column *c = columns; c->name != NULL; c++)
        json_object_set_new(object, c->name, cell_json(rows, row, find_column(rows, c->name), c->kind));
    return object;
}

void
ctl_json(json_t *object)
{
    json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(10));
    fputc('\n', stdout);
    fflush(stdout);
    json_decref(object);
}

/* Columns on a terminal that a text takes. */
static int
text_width(const char *text)
{
    int width = 0;
    utf8proc_int32_t c;
    utf8proc_ssize_t n;

    for (const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text; *p != 0; p += n) {
        if ((n = utf8proc_iterate(p, -1, &c)) <= 0)
            return width + (int)strlen((const char *)p);
        width += utf8proc_charwidth(c);
    }
    return width;
}

static bool
is_number(enum cell_kind kind)
{
    return kind == CELL_INT || kind == CELL_SECONDS || kind == CELL_REAL;
}

static void
put_cell(const char *text, int width, bool right, bool last)
{
    int pad = width - text_width(text);

    if (right)
        printf("%*s%s", pad > 0 ? pad : 0, "", text);
    else
        printf("%s%*s", text, !last && pad > 0 ? pad : 0, "");
    fputs(last ? "\n" : "  ", stdout);
}

static void
print_table(struct ctl *ctl, const struct db_result *rows, const struct column *const *shown, int count)
{
    int width[COLUMNS_MAX];
    const char **cells = arena_array(ctl->arena, (size_t)db_rows(rows) * (size_t)count + 1, sizeof *cells);

    if (cells == NULL)
        return;
    for (int c = 0; c < count; c++) {
        int col = find_column(rows, shown[c]->name);

        width[c] = text_width(ctl_tr(ctl, shown[c]->en, shown[c]->es));
        for (int r = 0; r < db_rows(rows); r++) {
            const char *text = cell_text(ctl, rows, r, col, shown[c]->kind);
            int w = text_width(text);

            cells[r * count + c] = text;
            if (w > width[c])
                width[c] = w < CELL_WIDTH_MAX ? w : CELL_WIDTH_MAX;
        }
    }
    for (int c = 0; c < count; c++) {
        fputs(ctl_bold(ctl), stdout);
        put_cell(ctl_tr(ctl, shown[c]->en, shown[c]->es), width[c], is_number(shown[c]->kind), c + 1 == count);
        fputs(ctl_plain(ctl), stdout);
    }
    for (int r = 0; r < db_rows(rows); r++)
        for (int c = 0; c < count; c++)
            put_cell(cells[r * count + c], width[c], is_number(shown[c]->kind), c + 1 == count);
}

void
ctl_rows(struct ctl *ctl, const struct db_result *rows, const struct column *columns, const char *none_en,
         const char *none_es)
{
    const struct column *shown[COLUMNS_MAX];
    int count = 0;

    if (ctl->json) {
        for (int r = 0; r < db_rows(rows); r++)
            ctl_json(ctl_row_json(rows, r, columns));
        return;
    }
    if (db_rows(rows) == 0) {
        if (none_en != NULL)
            ctl_say(ctl, "%s", ctl_tr(ctl, none_en, none_es));
        return;
    }
    for (const struct column *c = columns; c->name != NULL && count < COLUMNS_MAX; c++)
        if (c->en != NULL)
            shown[count++] = c;
    print_table(ctl, rows, shown, count);
}

void
ctl_row(struct ctl *ctl, const struct db_result *rows, int row, const struct column *columns)
{
    int width = 0;

    if (ctl->json) {
        ctl_json(ctl_row_json(rows, row, columns));
        return;
    }
    for (const struct column *c = columns; c->name != NULL; c++)
        if (c->en != NULL && text_width(ctl_tr(ctl, c->en, c->es)) > width)
            width = text_width(ctl_tr(ctl, c->en, c->es));
    for (const struct column *c = columns; c->name != NULL; c++) {
        if (c->en == NULL)
            continue;
        const char *head = ctl_tr(ctl, c->en, c->es);

        printf("%s%s%s:%*s %s\n", ctl_bold(ctl), head, ctl_plain(ctl), width - text_width(head), "",
               cell_text(ctl, rows, row, find_column(rows, c->name), c->kind));
    }
}
