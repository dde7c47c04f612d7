/*
 * codelist_files.c - every stored list of a folder.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "doc/codelist.h"

#define LISTS_MAX 200
#define STORED_MAX (2 * (size_t)CODELIST_SOURCE_MAX)
#define SET_MAX ((size_t)512 << 20)

static int
is_list(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && text_ends(entry->d_name, ".codes");
}

static enum rc
slurp(const char *path, struct arena *arena, struct bytes *out)
{
    FILE *file = fopen(path, "rbe");
    char *bytes = NULL;
    long size = -1;
    enum rc rc = RC_IO;

    if (file == NULL)
        return RC_IO;
    if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
        goto out;
    rc = RC_INPUT;
    if (size == 0 || (size_t)size > STORED_MAX)
        goto out;
    rc = RC_NOMEM;
    if ((bytes = arena_alloc(arena, (size_t)size)) == NULL)
        goto out;
    rc = fread(bytes, 1, (size_t)size, file) == (size_t)size ? RC_OK : RC_IO;
    *out = bytes_of(bytes, (size_t)size);
out:
    fclose(file);
    return rc;
}

static enum rc
load_one(const char *path, struct codelist_set *set, struct err *err)
{
    struct bytes bytes;
    enum rc rc = slurp(path, set->arena, &bytes);

    if (rc == RC_OK)
        rc = codelist_read(bytes, set->arena, &set->lists[set->count]);
    if (rc == RC_OK) {
        set->count++;
        return RC_OK;
    }
    err_set(err, rc == RC_INPUT ? RC_CONFIG : rc, rc == RC_INPUT  ? "the list of codes is damaged"
                                                  : rc == RC_NOMEM ? "the lists of codes do not fit in memory"
                                                                   : "the list of codes cannot be read");
    err_where(err, "%s", path);
    err_cure(err, rc == RC_INPUT ? "remove it, and import the official file again: escriba codes import"
                                 : "look at the file's rights, and at the lists that are no longer needed");
    return rc == RC_INPUT ? RC_CONFIG : rc;
}

enum rc
codelists_load(const char *folder, struct codelist_set **out, struct err *err)
{
    struct dirent **names = NULL;
    struct codelist_set *set = calloc(1, sizeof *set);
    int count = scandir(folder, &names, is_list, alphasort);
    enum rc rc = RC_NOMEM;
    char path[4096];

    if (count < 0 && errno != ENOENT && errno != ENOMEM) {
        rc = err_set(err, RC_IO, "the folder of the lists of codes cannot be read");
        err_where(err, "%s", folder);
        err_cure(err, "chmod 755, or remove it and import the lists again");
        goto out;
    }
    if (set == NULL || (set->arena = arena_new(SET_MAX)) == NULL ||
        (set->lists = arena_array(set->arena, count > 0 ? (size_t)count : 1, sizeof *set->lists)) == NULL)
        goto out;
    if (count > LISTS_MAX) {
        rc = err_set(err, RC_CONFIG, "there are more than %d lists of codes", LISTS_MAX);
        err_where(err, "%s", folder);
        err_cure(err, "remove those that no document needs any more");
        goto out;
    }
    rc = RC_OK;
    for (int i = 0; i < count && rc == RC_OK; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        rc = load_one(path, set, err);
    }
    if (rc != RC_OK)
        goto out;
    *out = set;
    set = NULL;
out:
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    codelists_free(set);
    return rc;
}

void
codelists_free(struct codelist_set *set)
{
    if (set == NULL)
        return;
    arena_free(set->arena);
    free(set);
}
