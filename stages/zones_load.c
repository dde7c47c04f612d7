/*
 * zones_load.c - the geometry of fixed forms, from forms/zones/NAME.yaml.
 */
#include "zone_template.h"

#include <cyaml/cyaml.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "zones.h"

#define OPT CYAML_FLAG_OPTIONAL
#define OPT_PTR (CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER)
#define TEMPLATES_MAX 32
#define ROWS_LIMIT 60
#define COPIES_LIMIT 8
#define NAME_ROOM 96
#define CELLS_LIMIT 100

const struct zone_kind zone_kinds[ZONE_READS] = {
    [ZONE_TEXT] = { "text", NULL, 0 },
    [ZONE_ID] = { "id", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./ ", 2 },
    [ZONE_CODE] = { "code", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789. ", 2 },
    [ZONE_DIGITS] = { "digits", "0123456789 ", 1 },
    [ZONE_DATE] = { "date", "0123456789-/. ", 1 },
    [ZONE_MONEY] = { "money", "0123456789.,- ", 1 },
    [ZONE_PHONE] = { "phone", "0123456789()- ", 1 },
    [ZONE_ZIP] = { "zip", "0123456789- ", 1 },
    [ZONE_STATE] = { "state", "ABCDEFGHIJKLMNOPQRSTUVWXYZ ", 2 },
    [ZONE_TAXID] = { "taxid", "0123456789- ", 1 },
    [ZONE_POINTERS] = { "pointers", "ABCDEFGHIJKL, ", 3 },
    [ZONE_UNITS] = { "units", "0123456789. ", 1 },
    [ZONE_MARK] = { "mark", NULL, 0 },
};

static const cyaml_strval_t reads[] = {
    { "text", ZONE_TEXT },   { "id", ZONE_ID },       { "code", ZONE_CODE },
    { "digits", ZONE_DIGITS }, { "date", ZONE_DATE }, { "money", ZONE_MONEY },
    { "phone", ZONE_PHONE }, { "zip", ZONE_ZIP },     { "state", ZONE_STATE },
    { "taxid", ZONE_TAXID }, { "pointers", ZONE_POINTERS }, { "units", ZONE_UNITS },
    { "mark", ZONE_MARK },
};
static const cyaml_strval_t inks[] = { { "any", INK_ANY }, { "red", INK_RED } };

static const cyaml_schema_value_t number = { CYAML_VALUE_FLOAT(CYAML_FLAG_DEFAULT, double) };
static const cyaml_schema_value_t seg = {
    CYAML_VALUE_SEQUENCE_FIXED(CYAML_FLAG_DEFAULT, double, &number, 3)
};
static const cyaml_schema_value_t rect = {
    CYAML_VALUE_SEQUENCE_FIXED(CYAML_FLAG_DEFAULT, double, &number, 4)
};
static const cyaml_schema_field_t zone_keys[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct zone_def, name, 1, 70),
    CYAML_FIELD_ENUM("read", CYAML_FLAG_STRICT, struct zone_def, read, reads, CYAML_ARRAY_LEN(reads)),
    CYAML_FIELD_SEQUENCE_FIXED("box", CYAML_FLAG_DEFAULT, struct zone_def, box, &number, 4),
    CYAML_FIELD_UINT("lines", OPT, struct zone_def, lines),
    CYAML_FIELD_FLOAT("split", OPT, struct zone_def, split),
    CYAML_FIELD_UINT("cells", OPT, struct zone_def, cells),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t zone_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct zone_def, zone_keys)
};
static const cyaml_schema_field_t rows_keys[] = {
    CYAML_FIELD_UINT("count", CYAML_FLAG_DEFAULT, struct zone_rows, count),
    CYAML_FIELD_FLOAT("pitch", CYAML_FLAG_DEFAULT, struct zone_rows, pitch),
    CYAML_FIELD_SEQUENCE_COUNT("zones", CYAML_FLAG_POINTER, struct zone_rows, zones, zone_count,
                               &zone_value, 1, 40),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t copy_keys[] = {
    CYAML_FIELD_FLOAT("dx", CYAML_FLAG_DEFAULT, struct zone_copy, dx),
    CYAML_FIELD_FLOAT("dy", CYAML_FLAG_DEFAULT, struct zone_copy, dy),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t copy_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct zone_copy, copy_keys)
};
#define SEGS(key, member)                                                                          \
    CYAML_FIELD_SEQUENCE_COUNT(key, OPT_PTR, struct zone_file, member, member##_count, &seg, 0, 1000)

static const cyaml_schema_field_t file_keys[] = {
    CYAML_FIELD_STRING_PTR("form", CYAML_FLAG_POINTER, struct zone_file, form, 1, 60),
    CYAML_FIELD_SEQUENCE("page", CYAML_FLAG_POINTER, struct zone_file, page, &number, 2, 2),
    CYAML_FIELD_ENUM("ink", OPT | CYAML_FLAG_STRICT, struct zone_file, ink, inks, CYAML_ARRAY_LEN(inks)),
    SEGS("across", across),
    SEGS("down", down),
    SEGS("dashed_across", dashed_across),
    SEGS("dashed_down", dashed_down),
    SEGS("tells", tells),
    CYAML_FIELD_SEQUENCE_COUNT("captions", OPT_PTR, struct zone_file, captions, caption_count, &rect,
                               0, 2000),
    CYAML_FIELD_SEQUENCE_COUNT("bars", OPT_PTR, struct zone_file, bars, bar_count, &rect, 0, 200),
    CYAML_FIELD_SEQUENCE_COUNT("zones", CYAML_FLAG_POINTER, struct zone_file, zones, zone_count,
                               &zone_value, 1, 600),
    CYAML_FIELD_MAPPING_PTR("rows", OPT_PTR, struct zone_file, rows, rows_keys),
    CYAML_FIELD_SEQUENCE_COUNT("copies", OPT_PTR, struct zone_file, copies, copy_count, &copy_value,
                               0, COPIES_LIMIT),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t top = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct zone_file, file_keys)
};

/* libcyaml speaks by a log: the first line is what is wrong, the next ones say where. */
struct said {
    char text[400];
};

static void listen(cyaml_log_t level, void *ctx, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void
listen(cyaml_log_t level, void *ctx, const char *format, va_list args)
{
    struct said *said = ctx;
    size_t used = strlen(said->text);

    if (level >= CYAML_LOG_ERROR && used + 2 < sizeof said->text)
        vsnprintf(said->text + used, sizeof said->text - used, format, args);
}

static const cyaml_config_t quiet = {
    .log_fn = listen, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR, .flags = CYAML_CFG_DEFAULT,
};

static void
add_rules(struct zone_template *t, const struct zone_seg *segs, unsigned count, bool across, bool dashed)
{
    for (unsigned i = 0; i < count; i++) {
        const double *a = segs[i].at;
        struct zone_rule *r = &t->rules[t->rule_count++];

        *r = across ? (struct zone_rule){ a[0], a[1], a[2], a[1], true, dashed }
                    : (struct zone_rule){ a[0], a[1], a[0], a[2], false, dashed };
        if (r->x0 < t->left) t->left = r->x0;
        if (r->x1 > t->right) t->right = r->x1;
        if (r->y0 < t->top) t->top = r->y0;
        if (r->y1 > t->bottom) t->bottom = r->y1;
    }
}

static void
add_zone(struct zone_template *t, const struct zone_def *d, double dx, double dy, const char *name)
{
    struct zone *z = &t->zones[t->zone_count++];

    *z = (struct zone){ name, d->read, d->box[0] + dx, d->box[1] + dy,
                        d->box[2] + dx, d->box[3] + dy, d->lines == 0 ? 1 : d->lines,
                        d->split == 0 ? 0 : d->split + dx, d->cells };
}

/* Rows and copies written out: "3.charges", and "charges@2" for the second copy. */
static enum rc
write_out(struct zone_template *t)
{
    const struct zone_file *f = t->file;
    unsigned copies = f->copy_count + 1;
    unsigned row_zones = f->rows == NULL ? 0 : f->rows->count * f->rows->zone_count;
    unsigned total = (f->zone_count + row_zones) * copies;
    char *name;

    t->zones = calloc(total, sizeof *t->zones);
    t->names = calloc(total, NAME_ROOM);
    if (t->zones == NULL || t->names == NULL)
        return RC_NOMEM;
    name = t->names;
    for (unsigned c = 0; c < copies; c++) {
        double dx = c == 0 ? 0 : f->copies[c - 1].dx;
        double dy = c == 0 ? 0 : f->copies[c - 1].dy;

        for (unsigned i = 0; i < f->zone_count; i++, name += NAME_ROOM) {
            if (c == 0)
                snprintf(name, NAME_ROOM, "%s", f->zones[i].name);
            else
                snprintf(name, NAME_ROOM, "%s@%u", f->zones[i].name, c + 1);
            add_zone(t, &f->zones[i], dx, dy, name);
        }
        for (unsigned r = 0; f->rows != NULL && r < f->rows->count; r++)
            for (unsigned i = 0; i < f->rows->zone_count; i++, name += NAME_ROOM) {
                if (c == 0)
                    snprintf(name, NAME_ROOM, "%u.%s", r + 1, f->rows->zones[i].name);
                else
                    snprintf(name, NAME_ROOM, "%u.%s@%u", r + 1, f->rows->zones[i].name, c + 1);
                add_zone(t, &f->rows->zones[i], dx, dy + r * f->rows->pitch, name);
            }
    }
    return RC_OK;
}

/* Nothing may lie outside the page or be no number. */
static bool
on_page(const struct zone_template *t)
{
    for (unsigned i = 0; i < t->rule_count; i++) {
        const struct zone_rule *r = &t->rules[i];

        if (!(r->x0 >= 0 && r->y0 >= 0 && r->x1 >= r->x0 && r->y1 >= r->y0 && r->x1 <= t->width &&
              r->y1 <= t->height))
            return false;
    }
    for (unsigned i = 0; i < t->zone_count; i++) {
        const struct zone *z = &t->zones[i];

        if (!(z->x0 >= 0 && z->y0 >= 0 && z->x1 > z->x0 && z->y1 > z->y0 && z->x1 <= t->width &&
              z->y1 <= t->height && z->cells <= CELLS_LIMIT))
            return false;
    }
    return true;
}

static enum rc
build(struct zone_template *t, const char *path, struct err *err)
{
    const struct zone_file *f = t->file;
    unsigned rules = f->across_count + f->down_count + f->dashed_across_count + f->dashed_down_count;
    enum rc rc;

    if (rules < 12 || !(f->page[0] > 0 && f->page[1] > 0) || f->page[0] < 50 || f->page[1] < 50 ||
        f->page[0] > 3000 || f->page[1] > 3000 ||
        (f->rows != NULL && f->rows->count > ROWS_LIMIT)) {
        err_set(err, RC_CONFIG, "a fixed form needs 12 rules or more, a page of 50 to 3000 points, "
                                "and at most %d rows", ROWS_LIMIT);
        err_where(err, "%s", path);
        err_cure(err, "compare with forms/zones/cms1500.yaml");
        return RC_CONFIG;
    }
    t->form = f->form;
    t->width = f->page[0];
    t->height = f->page[1];
    t->left = t->width;
    t->top = t->height;
    t->rules = calloc(rules, sizeof *t->rules);
    if (t->rules == NULL)
        return RC_NOMEM;
    add_rules(t, f->across, f->across_count, true, false);
    add_rules(t, f->down, f->down_count, false, false);
    add_rules(t, f->dashed_across, f->dashed_across_count, true, true);
    add_rules(t, f->dashed_down, f->dashed_down_count, false, true);
    rc = write_out(t);
    if (rc == RC_OK && !on_page(t)) {
        rc = err_set(err, RC_CONFIG, "a rule or a zone lies outside the page, or its end before its beginning");
        err_where(err, "%s", path);
        err_cure(err, "a box is [x0, y0, x1, y1] in points from the top left corner; a row's pitch counts too");
    }
    return rc;
}

enum rc
zone_template_load(const char *path, struct zone_template **out, struct err *err)
{
    struct said said = { "" };
    cyaml_config_t config = quiet;
    cyaml_err_t e;
    enum rc rc;
    struct zone_template *t = calloc(1, sizeof *t);

    if (t == NULL)
        return RC_NOMEM;
    config.log_ctx = &said;
    e = cyaml_load_file(path, &config, &top, (cyaml_data_t **)&t->file, NULL);
    if (e == CYAML_ERR_OOM) {
        rc = RC_NOMEM;
        goto out;
    }
    if (e != CYAML_OK) {
        size_t n = strcspn(said.text, "\n");

        rc = err_set(err, e == CYAML_ERR_FILE_OPEN ? RC_IO : RC_CONFIG, "%.*s",
                     n == 0 ? 60 : (int)n, n == 0 ? cyaml_strerror(e) : said.text);
        err_where(err, "%s", path);
        err_cure(err, "compare with forms/zones/cms1500.yaml");
        goto out;
    }
    rc = build(t, path, err);
    if (rc != RC_OK)
        goto out;
    *out = t;
    t = NULL;
out:
    zone_template_free(t);
    return rc;
}

void
zone_template_free(struct zone_template *t)
{
    if (t == NULL)
        return;
    if (t->file != NULL)
        cyaml_free(&quiet, &top, t->file, 0);
    free(t->rules);
    free(t->zones);
    free(t->names);
    free(t);
}

static const struct zone_template *loaded[TEMPLATES_MAX];
static unsigned loaded_count;

unsigned
zone_templates(const struct zone_template ***out)
{
    *out = loaded;
    return loaded_count;
}

void
zones_done(void)
{
    while (loaded_count > 0)
        zone_template_free((struct zone_template *)loaded[--loaded_count]);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int
is_yaml(const struct dirent *e)
{
    return text_ends(e->d_name, ".yaml") && e->d_name[0] != '.';
}

enum rc
zones_ready(const char *folder, const struct form_set *forms, struct err *err)
{
    char path[4096];
    struct dirent **names = NULL;
    enum rc rc = RC_OK;
    int count;

    zones_done();
    snprintf(path, sizeof path, "%s/zones", folder);
    count = scandir(path, &names, is_yaml, by_name);
    if (count < 0)
        return errno == ENOENT ? RC_OK : err_set(err, RC_IO, "cannot list %s", path);
    for (int i = 0; i < count && rc == RC_OK; i++) {
        struct zone_template *t = NULL;

        snprintf(path, sizeof path, "%s/zones/%s", folder, names[i]->d_name);
        rc = zone_template_load(path, &t, err);
        if (rc != RC_OK)
            break;
        if ((forms != NULL && forms_find(forms, t->form) == NULL) || loaded_count == TEMPLATES_MAX)
            zone_template_free(t);
        else
            loaded[loaded_count++] = t;
    }
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    if (rc != RC_OK)
        zones_done();
    return rc;
}
