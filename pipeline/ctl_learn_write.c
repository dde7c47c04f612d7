/*
 * ctl_learn_write.c - a form that was learnt, as the two files that forms are.
 *
 * What is written holds numbers and names of a few characters only, so that YAML needs no escapes.
 */
#include "ctl_learn.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
stem_end(const char *name)
{
    return name + strcspn(name, "=");
}

/* The column of a cell "2.price": "price"; NULL for a zone of the page. */
static const char *
column_of(const char *name)
{
    size_t n = strspn(name, "0123456789");

    return n > 0 && name[n] == '.' ? name + n + 1 : NULL;
}

/* Is this the first zone of its field? Boxes of one question and cells of one column are one field. */
static bool
is_first(const struct learn_list *list, unsigned i)
{
    const char *name = list->at[i].name, *column = column_of(name);

    name = column != NULL ? column : name;
    for (unsigned j = 0; j < i; j++) {
        const char *other = list->at[j].name, *its = column_of(other);

        if ((its != NULL) != (column != NULL))
            continue;
        other = its != NULL ? its : other;
        if (stem_end(other) - other == stem_end(name) - name &&
            strncmp(other, name, (size_t)(stem_end(name) - name)) == 0)
            return false;
    }
    return true;
}

static void
write_field(FILE *to, const struct learn_field *f)
{
    const char *name = column_of(f->name) != NULL ? column_of(f->name) : f->name;

    fprintf(to, "{name: %.*s, title: {en: \"%s\", es: \"%s\"}, type: %s, sensitivity: personal, criticality: major}\n",
            (int)(stem_end(name) - name), name, f->title, f->title, f->kind->type);
}

static void
write_form(FILE *to, const char *name, const char *title, const struct learn_list *fields)
{
    bool rows = false;

    fprintf(to, "# %s: learnt by `escriba forms learn` from a blank page. The zones are in zones/%s.yaml.\n"
                "# See docs/FORMS.md for what else a field can say: required, checks, sensitivity, rules, equations.\n",
            name, name);
    fprintf(to, "form: %s\nversion: 1\ntitle: {en: \"%s\", es: \"%s\"}\nfixed: true\nlanguages: [en, es]\nfields:\n",
            name, title, title);
    for (unsigned i = 0; i < fields->count; i++) {
        rows = rows || column_of(fields->at[i].name) != NULL;
        if (column_of(fields->at[i].name) == NULL && is_first(fields, i)) {
            fputs("  - ", to);
            write_field(to, &fields->at[i]);
        }
    }
    if (!rows)
        return;
    fputs("table:\n  name: lines\n  columns:\n", to);
    for (unsigned i = 0; i < fields->count; i++)
        if (column_of(fields->at[i].name) != NULL && is_first(fields, i)) {
            fputs("    - ", to);
            write_field(to, &fields->at[i]);
        }
}

static void
write_segments(FILE *to, const char *key, const struct learned_box *b, uint32_t count, bool across)
{
    fprintf(to, "%s:\n", key);
    for (uint32_t i = 0; i < count; i++)
        if (across)
            fprintf(to, "  - [%.1f, %.1f, %.1f]\n", b[i].at[0], b[i].at[1], b[i].at[2]);
        else
            fprintf(to, "  - [%.1f, %.1f, %.1f]\n", b[i].at[0], b[i].at[1], b[i].at[3]);
}

static void
write_zones(FILE *to, const char *name, const struct learned *l, const struct learn_list *fields)
{
    fprintf(to, "# The geometry of %s in points from the top left corner, as `escriba forms learn` found it.\n", name);
    fprintf(to, "form: %s\npage: [%.1f, %.1f]\nink: %s\n", name, l->width + 0.05, l->height + 0.05,
            l->red ? "red" : "any");
    write_segments(to, "across", l->across, l->across_count, true);
    write_segments(to, "down", l->down, l->down_count, false);
    if (l->caption_count > 0)
        fputs("captions:\n", to);
    for (uint32_t i = 0; i < l->caption_count; i++)
        fprintf(to, "  - [%.1f, %.1f, %.1f, %.1f]\n", l->captions[i].at[0], l->captions[i].at[1],
                l->captions[i].at[2], l->captions[i].at[3]);
    fputs("zones:\n", to);
    for (unsigned i = 0; i < fields->count; i++) {
        const struct learn_field *f = &fields->at[i];

        fprintf(to, "  - {name: \"%s\", read: %s, box: [%.1f, %.1f, %.1f, %.1f]", f->name, f->kind->read, f->at[0],
                f->at[1], f->at[2], f->at[3]);
        if (f->cells > 1)
            fprintf(to, ", cells: %u", f->cells);
        fputs("}\n", to);
    }
}

/* To PATH.new first; in its place only when all of it is on the disk. */
static enum rc
put(const char *path, void (*fill)(FILE *to, void *with), void *with, struct err *err)
{
    char fresh[PATH_MAX + 8];
    FILE *to;
    bool well;

    snprintf(fresh, sizeof fresh, "%s.new", path);
    if ((to = fopen(fresh, "we")) != NULL) {
        fill(to, with);
        well = fflush(to) == 0 && ferror(to) == 0 && fsync(fileno(to)) == 0;
        well = fclose(to) == 0 && well;
        if (well && chmod(fresh, 0644) == 0 && rename(fresh, path) == 0)
            return RC_OK;
        (void)unlink(fresh);
    }
    err_set(err, RC_IO, "the form cannot be written: %s", strerror(errno));
    err_where(err, "%s", path);
    err_cure(err, "name a folder that you may write to with --into");
    return RC_IO;
}

struct writing {
    const char *name, *title;
    const struct learned *learned;
    const struct learn_list *fields;
};

static void
fill_form(FILE *to, void *with)
{
    const struct writing *w = with;

    write_form(to, w->name, w->title, w->fields);
}

static void
fill_zones(FILE *to, void *with)
{
    const struct writing *w = with;

    write_zones(to, w->name, w->learned, w->fields);
}

enum rc
learn_write(const char *dir, const char *name, const char *title, const struct learned *l,
            const struct learn_list *fields, char *form_path, char *zones_path, struct err *err)
{
    struct writing w = { name, title != NULL ? title : name, l, fields };
    enum rc rc;

    snprintf(zones_path, PATH_MAX, "%s/zones", dir);
    if (mkdir(zones_path, 0755) != 0 && errno != EEXIST) {
        rc = err_set(err, RC_IO, "the folder of the zones cannot be made: %s", strerror(errno));
        err_where(err, "%s", zones_path);
        return rc;
    }
    snprintf(zones_path, PATH_MAX, "%s/zones/%s.yaml", dir, name);
    snprintf(form_path, PATH_MAX, "%s/%s.yaml", dir, name);
    rc = put(zones_path, fill_zones, &w, err);
    if (rc == RC_OK && (rc = put(form_path, fill_form, &w, err)) != RC_OK)
        (void)unlink(zones_path);
    return rc;
}
