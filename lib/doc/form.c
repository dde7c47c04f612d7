/*
 * form.c - forms from a folder, checked against themselves: every name that a rule or an
 * equation uses must be a field.
 */
#include "doc/form.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "doc/checkdigit.h"
#include "doc/value.h"
#include "doc/codelist.h"
#include "form_yaml.h"

#define FORM_BYTES_MAX (512 * 1024)
#define FORMS_MAX 200

/* FNV-1a: tells one version of a form from another; it protects nothing. */
static uint64_t
hash_of(const uint8_t *bytes, size_t size)
{
    uint64_t h = 1469598103934665603ull;

    for (size_t i = 0; i < size; i++)
        h = (h ^ bytes[i]) * 1099511628211ull;
    return h;
}

static enum rc
slurp(const char *path, uint8_t **out, size_t *size, struct err *err)
{
    FILE *file = fopen(path, "rbe");
    uint8_t *bytes = NULL;
    size_t n = 0;
    enum rc rc = RC_OK;

    if (file == NULL) {
        err_set(err, RC_IO, "the form cannot be opened");
        err_where(err, "%s", path);
        err_cure(err, "check that the file is there and readable");
        return RC_IO;
    }
    bytes = malloc(FORM_BYTES_MAX + 1);
    if (bytes == NULL) {
        rc = RC_NOMEM;
        goto out;
    }
    n = fread(bytes, 1, FORM_BYTES_MAX + 1, file);
    if (ferror(file) || n > FORM_BYTES_MAX) {
        rc = err_set(err, ferror(file) ? RC_IO : RC_CONFIG, "the form cannot be read or is too large");
        err_where(err, "%s", path);
        err_cure(err, "a form has at most 512 KiB");
        goto out;
    }
    *out = bytes;
    *size = n;
    bytes = NULL;
out:
    free(bytes);
    fclose(file);
    return rc;
}

static bool
is_field(const struct form *form, const char *name)
{
    return form_field(form, name) != NULL || form_column(form, name) != NULL;
}

static enum rc
unknown_name(const char *path, const char *where, const char *owner, const char *name, struct err *err)
{
    err_set(err, RC_CONFIG, "'%s' is no field of this form", name);
    err_where(err, "%s, %s '%s'", path, where, owner);
    err_cure(err, "use a name from 'fields', or add the field");
    return RC_CONFIG;
}

static enum rc
check_names(const struct form *form, const struct phrases *names, const char *path,
            const char *where, const char *owner, struct err *err)
{
    for (unsigned i = 0; i < names->count; i++)
        if (!is_field(form, names->items[i]))
            return unknown_name(path, where, owner, names->items[i], err);
    return RC_OK;
}

static enum rc
check_equation(const struct form *form, const struct equation *q, const char *path, struct err *err)
{
    enum rc rc;

    if (!is_field(form, q->result))
        return unknown_name(path, "equation", q->name, q->result, err);
    if ((rc = check_names(form, &q->terms, path, "equation", q->name, err)) != RC_OK ||
        (rc = check_names(form, &q->minus, path, "equation", q->name, err)) != RC_OK ||
        (rc = check_names(form, &q->maybe, path, "equation", q->name, err)) != RC_OK ||
        (rc = check_names(form, &q->maybe_minus, path, "equation", q->name, err)) != RC_OK)
        return rc;
    if (q->kind == EQ_PERCENT && q->rate == NULL) {
        err_set(err, RC_CONFIG, "a percent equation needs a rate");
        err_where(err, "%s, equation '%s'", path, q->name);
        err_cure(err, "add 'rate: 21' or 'rate: NAME_OF_A_FIELD'");
        return RC_CONFIG;
    }
    if (q->kind == EQ_PERCENT && !isdigit((unsigned char)q->rate[0]) &&
        strcmp(q->rate, "any") != 0 && !is_field(form, q->rate))
        return unknown_name(path, "equation", q->name, q->rate, err);
    return RC_OK;
}

static enum rc
check_list(const struct form *form, const struct form_field *f, const char *path, struct err *err)
{
    const struct form_field *on;

    if (f->list_on != NULL) {
        on = form_field(form, f->list_on) != NULL ? form_field(form, f->list_on) : form_column(form, f->list_on);
        if (on == NULL)
            return unknown_name(path, "field", f->name, f->list_on, err);
        if (on->type != VALUE_DATE || f->list == NULL) {
            err_set(err, RC_CONFIG, "'list_on' needs a 'list', and names a field of type date");
            err_where(err, "%s, field '%s'", path, f->name);
            err_cure(err, "add 'list: NAME', or take 'list_on' out");
            return RC_CONFIG;
        }
    }
    if (f->list != NULL && !codelist_name_good(f->list)) {
        err_set(err, RC_CONFIG, "'%s' cannot be the name of a list of codes", f->list);
        err_where(err, "%s, field '%s'", path, f->name);
        err_cure(err, "use lower-case letters, digits and dashes, as 'escriba codes list' shows them");
        return RC_CONFIG;
    }
    return RC_OK;
}

/* Names of fields, patterns, and what each kind of rule cannot do without. */
static enum rc
check_rule(const struct form *form, const struct rule *r, const char *path, struct err *err)
{
    static const struct {
        unsigned least, most;
        bool table;
    } needs[] = {
        [RULE_POINTERS] = { 2, 60, false }, [RULE_ADDS_TO] = { 2, 20, false }, [RULE_DAYS] = { 3, 3, false },
        [RULE_RATE] = { 2, 20, true },      [RULE_KNOWN_RATE] = { 1, 20, true }, [RULE_WITHIN] = { 1, 20, true },
    };
    const char *wrong = NULL;
    char what[160];
    size_t at;
    enum rc rc;

    if ((rc = check_names(form, &r->fields, path, "rule", r->name, err)) != RC_OK ||
        (rc = check_names(form, &r->maybe, path, "rule", r->name, err)) != RC_OK)
        return rc;
    if (r->when != NULL && !is_field(form, r->when))
        return unknown_name(path, "rule", r->name, r->when, err);
    if (r->on != NULL && !is_field(form, r->on))
        return unknown_name(path, "rule", r->name, r->on, err);
    for (unsigned i = 0; i < r->matches.count; i++)
        if (!value_pattern_ok(r->matches.items[i], what, sizeof what, &at))
            wrong = "a pattern of 'matches' is no regular expression";
    if ((r->when == NULL) != (r->matches.count == 0))
        wrong = "'when' and 'matches' belong together";
    if (r->kind >= RULE_POINTERS && (r->fields.count < needs[r->kind].least || r->fields.count > needs[r->kind].most))
        wrong = "a rule of this kind takes another number of fields";
    if (r->kind >= RULE_POINTERS && needs[r->kind].table != (r->table != NULL))
        wrong = "rules of the kinds rate, known_rate and within have a 'table', and no others";
    if (wrong == NULL)
        return RC_OK;
    err_set(err, RC_CONFIG, "%s", wrong);
    err_where(err, "%s, rule '%s'", path, r->name);
    err_cure(err, "docs/FORMS.md says what each kind of rule needs");
    return RC_CONFIG;
}

/* A span's columns are the table's own. */
static enum rc
check_span(const struct form *form, const struct form_span *span, const char *path, struct err *err)
{
    const char *names[] = { span->result, span->from, span->to, span->less };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i] != NULL && form_column(form, names[i]) == NULL)
            return unknown_name(path, "table", "span", names[i], err);
    return RC_OK;
}

/* Patterns compile, checks are known. */
static enum rc
check_field(const struct form_field *f, const char *path, struct err *err)
{
    for (unsigned i = 0; i < f->pattern.count; i++) {
        char what[160];
        size_t at;

        if (value_pattern_ok(f->pattern.items[i], what, sizeof what, &at))
            continue;
        err_set(err, RC_CONFIG, "a pattern is no regular expression: %s at character %zu", what, at + 1);
        err_where(err, "%s, field '%s'", path, f->name);
        err_cure(err, "patterns are PCRE2 and fit the whole value");
        return RC_CONFIG;
    }
    for (unsigned i = 0; i < f->checks.count; i++) {
        if (checkdigit_find(f->checks.items[i]) != NULL || value_check_find(f->checks.items[i]) != NULL)
            continue;
        err_set(err, RC_CONFIG, "there is no check '%s'", f->checks.items[i]);
        err_where(err, "%s, field '%s'", path, f->name);
        err_cure(err, "docs/FORMS.md lists the checks");
        return RC_CONFIG;
    }
    return RC_OK;
}

static enum rc
check_form(const struct form *form, const char *path, struct err *err)
{
    enum rc rc = RC_OK;

    for (unsigned i = 0; i < form->field_count; i++) {
        const struct form_field *f = &form->fields[i];

        for (unsigned j = 0; j < i; j++) {
            if (strcmp(form->fields[j].name, f->name) == 0) {
                err_set(err, RC_CONFIG, "the field '%s' is there twice", f->name);
                err_where(err, "%s", path);
                err_cure(err, "take one of them out");
                return RC_CONFIG;
            }
        }
        if (f->near != NULL && !is_field(form, f->near))
            return unknown_name(path, "field", f->name, f->near, err);
        if (f->cross != NULL && form_field(form, f->cross) == NULL)
            return unknown_name(path, "field", f->name, f->cross, err);
        if (f->twin != NULL && !is_field(form, f->twin))
            return unknown_name(path, "field", f->name, f->twin, err);
        if ((rc = check_field(f, path, err)) != RC_OK)
            return rc;
        if (f->type == VALUE_CODE && f->code_count == 0) {
            err_set(err, RC_CONFIG, "a field of type code needs codes");
            err_where(err, "%s, field '%s'", path, f->name);
            err_cure(err, "add 'codes:' with at least one 'code:'");
            return RC_CONFIG;
        }
        if ((rc = check_list(form, f, path, err)) != RC_OK)
            return rc;
    }
    for (unsigned i = 0; form->table != NULL && i < form->table->column_count; i++)
        if ((rc = check_list(form, &form->table->columns[i], path, err)) != RC_OK)
            return rc;
    if (form->table != NULL && form->table->span != NULL)
        rc = check_span(form, form->table->span, path, err);
    for (unsigned i = 0; i < form->equation_count && rc == RC_OK; i++)
        rc = check_equation(form, &form->equations[i], path, err);
    for (unsigned i = 0; i < form->rule_count && rc == RC_OK; i++)
        rc = check_rule(form, &form->rules[i], path, err);
    for (unsigned i = 0; i < form->party_count && rc == RC_OK; i++)
        rc = check_names(form, &form->party[i], path, "party", "fields", err);
    for (unsigned i = 0; i < form->unique_count && rc == RC_OK; i++)
        if ((rc = check_names(form, &form->unique[i].fields, path, "unique", "fields", err)) == RC_OK)
            rc = check_names(form, &form->unique[i].maybe, path, "unique", "maybe", err);
    for (unsigned i = 0; i < form->toxic_count && rc == RC_OK; i++)
        rc = check_names(form, &form->toxic[i], path, "toxic", "fields", err);
    return rc;
}

enum rc
form_load(const char *path, struct form **out, struct err *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct form *form = NULL;
    enum rc rc = slurp(path, &bytes, &size, err);

    if (rc != RC_OK)
        return rc;
    if ((rc = form_from_yaml(bytes, size, path, &form, err)) != RC_OK)
        goto out;
    if (form == NULL) { /* nothing but blanks and comments */
        rc = err_set(err, RC_CONFIG, "the document type is empty");
        err_where(err, "%s", path);
        err_cure(err, "write it, or take the file away");
        goto out;
    }
    if ((rc = check_form(form, path, err)) != RC_OK)
        goto out;
    form->hash = hash_of(bytes, size);
    *out = form;
    form = NULL;
out:
    form_yaml_free(form);
    free(bytes);
    return rc;
}

static void
forget_patterns(const struct form_field *fields, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = 0; k < fields[i].pattern.count; k++)
            value_forget(fields[i].pattern.items[k]);
}

void
form_free(struct form *form)
{
    if (form == NULL)
        return;
    forget_patterns(form->fields, form->field_count);
    if (form->table != NULL)
        forget_patterns(form->table->columns, form->table->column_count);
    for (unsigned i = 0; i < form->rule_count; i++)
        for (unsigned k = 0; k < form->rules[i].matches.count; k++)
            value_forget(form->rules[i].matches.items[k]);
    form_yaml_free(form);
}

static int
is_yaml(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);

    return entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

enum rc
forms_load(const char *folder, struct form_set **out, struct err *err)
{
    struct dirent **names = NULL;
    struct form_set *set = NULL;
    int count = scandir(folder, &names, is_yaml, alphasort);
    enum rc rc = RC_OK;
    char path[4096];

    if (count <= 0 || count > FORMS_MAX) {
        rc = err_set(err, count < 0 ? RC_IO : RC_CONFIG, "no forms could be found");
        err_where(err, "%s", folder);
        err_cure(err, "this folder must hold 1 to %d files NAME.yaml", FORMS_MAX);
        goto out;
    }
    set = calloc(1, sizeof *set);
    if (set == NULL || (set->forms = calloc((size_t)count, sizeof(struct form *))) == NULL) {
        rc = RC_NOMEM;
        goto out;
    }
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if ((rc = form_load(path, &set->forms[i], err)) != RC_OK)
            goto out;
        set->count++;
        for (int j = 0; j < i; j++) {
            if (strcasecmp(set->forms[j]->name, set->forms[i]->name) != 0)
                continue;
            rc = err_set(err, RC_CONFIG, "two files describe the form '%s'", set->forms[i]->name);
            err_where(err, "%s", path);
            err_cure(err, "give one of them another name under 'form:'");
            goto out;
        }
    }
    *out = set;
    set = NULL;
out:
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    forms_free(set);
    return rc;
}

void
forms_free(struct form_set *set)
{
    if (set == NULL)
        return;
    for (unsigned i = 0; i < set->count; i++)
        form_free(set->forms[i]);
    free(set->forms);
    free(set);
}

/* Names without case, '-', '_' and blanks. */
static bool
same_name(const char *a, const char *b)
{
    for (;;) {
        while (*a != '\0' && !isalnum((unsigned char)*a))
            a++;
        while (*b != '\0' && !isalnum((unsigned char)*b))
            b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (*a == '\0')
            return true;
        a++;
        b++;
    }
}

const struct form *
forms_find(const struct form_set *set, const char *name)
{
    if (set == NULL || name == NULL || name[0] == '\0')
        return NULL;
    for (unsigned i = 0; i < set->count; i++)
        if (same_name(set->forms[i]->name, name))
            return set->forms[i];
    return NULL;
}

const struct form_field *
form_field(const struct form *form, const char *name)
{
    for (unsigned i = 0; i < form->field_count; i++)
        if (strcmp(form->fields[i].name, name) == 0)
            return &form->fields[i];
    return NULL;
}

const struct form_field *
form_column(const struct form *form, const char *name)
{
    if (form->table != NULL)
        for (unsigned i = 0; i < form->table->column_count; i++)
            if (strcmp(form->table->columns[i].name, name) == 0)
                return &form->table->columns[i];
    return NULL;
}

const char *
value_type_name(enum value_type type)
{
    static const char *const names[] = { "text",  "name",   "address", "id",   "date",
                                         "money", "number", "percent", "code", "mark" };

    return (unsigned)type < COUNT_OF(names) ? names[type] : "text";
}

const char *
sensitivity_name(enum sensitivity s)
{
    static const char *const names[] = { "business", "financial", "personal",
                                         "identity", "health",    "special" };

    return (unsigned)s < COUNT_OF(names) ? names[s] : "special";
}

const char *
criticality_name(enum criticality c)
{
    static const char *const names[] = { "minor", "major", "critical" };

    return (unsigned)c < COUNT_OF(names) ? names[c] : "critical";
}
