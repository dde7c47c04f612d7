/*
 * client_show.c - what came, for a person: a line a field.
 *
 * Values are text that somebody printed on paper: they are made harmless for a terminal.
 */
#include "client.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/text.h"

#define ARENA_LIMIT (16u << 20)

static const char *
text_of(const json_t *value, struct arena *arena)
{
    const char *text = json_string_value(value);
    const char *safe = text != NULL ? text_printable(arena, text, strlen(text)) : NULL;

    return safe != NULL ? safe : "";
}

/* {"value": ..., "verdict": ...}, or the value alone. */
static const char *
cell_of(const json_t *cell, struct arena *arena)
{
    return text_of(json_is_object(cell) ? json_object_get(cell, "value") : cell, arena);
}

static void
show_tables(json_t *package, struct arena *arena)
{
    const char *name, *column;
    json_t *table, *row, *cell;
    size_t i;

    json_object_foreach(json_object_get(package, "tables"), name, table) {
        json_array_foreach(table, i, row) {
            printf("  %s %zu:", name, i + 1);
            json_object_foreach (row, column, cell)
                printf(" %s=%s", text_printable(arena, column, strlen(column)), cell_of(cell, arena));
            putchar('\n');
        }
    }
}

static void
show_package(json_t *package, const char *name, struct arena *arena)
{
    json_t *refused = json_object_get(package, "refused"), *field;
    size_t i;

    printf("%s  %s", name, text_of(json_object_get(package, "form"), arena));
    if (json_is_object(refused))
        printf("refused: %s  %s", text_of(json_object_get(refused, "reason"), arena),
               text_of(json_object_get(refused, "en"), arena));
    putchar('\n');
    json_array_foreach(json_object_get(package, "fields"), i, field) {
        const char *value = text_of(json_object_get(field, "value"), arena);
        const char *state = text_of(json_object_get(field, "state"), arena);

        printf("  %-24s %s%s%s%s\n", text_of(json_object_get(field, "name"), arena), value,
               value[0] == '\0' && state[0] != '\0' ? "(" : "", value[0] == '\0' ? state : "",
               value[0] == '\0' && state[0] != '\0' ? ")" : "");
    }
    show_tables(package, arena);
}

static int
show_file(const char *path, const char *name)
{
    struct arena *arena = arena_new(ARENA_LIMIT);
    json_error_t where;
    json_t *package = json_load_file(path, 0, &where);
    int code = 0;

    if (arena == NULL || package == NULL) {
        fprintf(stderr, "escriba-client: %s is not a result: %s\n", path, package == NULL ? where.text : "no memory");
        code = 1;
    } else {
        show_package(package, name, arena);
    }
    json_decref(package);
    arena_free(arena);
    return code;
}

static int
is_result(const struct dirent *e)
{
    const char *dot = strrchr(e->d_name, '.');

    return e->d_name[0] != '.' && dot != NULL && strcmp(dot, ".json") == 0;
}

int
client_show(const char *path)
{
    struct dirent **list = NULL;
    struct stat st;
    int count, code = 0;

    if (stat(path, &st) != 0) {
        fprintf(stderr, "escriba-client: %s: %s\n", path, strerror(errno));
        return 4;
    }
    if (!S_ISDIR(st.st_mode))
        return show_file(path, path);
    if ((count = scandir(path, &list, is_result, alphasort)) < 0)
        return 1;
    for (int i = 0; i < count; i++) {
        char file[4096];

        if ((size_t)snprintf(file, sizeof file, "%s/%s", path, list[i]->d_name) < sizeof file &&
            show_file(file, list[i]->d_name) != 0)
            code = 1;
        free(list[i]);
    }
    free(list);
    return code;
}
