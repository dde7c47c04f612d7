/*
 * rates.c - dated tables of rates and limits, from a folder, checked against themselves.
 */
#include "doc/rates.h"

#include <cyaml/cyaml.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/value.h"

#define TABLES_MAX 200
#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

static const cyaml_strval_t units[] = { { "percent", RATE_PERCENT }, { "amount", RATE_AMOUNT } };

static const cyaml_schema_field_t title_keys[] = {
    CYAML_FIELD_STRING_PTR("en", CYAML_FLAG_POINTER, struct title, en, 1, 120),
    CYAML_FIELD_STRING_PTR("es", CYAML_FLAG_POINTER, struct title, es, 1, 120),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t row_keys[] = {
    CYAML_FIELD_STRING_PTR("from", OPTIONAL, struct rate_row, from, 10, 10),
    CYAML_FIELD_STRING_PTR("until", OPTIONAL, struct rate_row, until, 10, 10),
    CYAML_FIELD_STRING_PTR("key", OPTIONAL, struct rate_row, key, 1, 20),
    CYAML_FIELD_STRING_PTR("value", OPTIONAL, struct rate_row, value, 1, 20),
    CYAML_FIELD_STRING_PTR("least", OPTIONAL, struct rate_row, least, 1, 20),
    CYAML_FIELD_STRING_PTR("most", OPTIONAL, struct rate_row, most, 1, 20),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t row_value = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct rate_row, row_keys) };
static const cyaml_schema_field_t table_keys[] = {
    CYAML_FIELD_STRING_PTR("rates", CYAML_FLAG_POINTER, struct rate_table, name, 1, 32),
    CYAML_FIELD_MAPPING("title", CYAML_FLAG_DEFAULT, struct rate_table, title, title_keys),
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER, struct rate_table, source, 1, 400),
    CYAML_FIELD_ENUM("unit", CYAML_FLAG_STRICT, struct rate_table, unit, units, CYAML_ARRAY_LEN(units)),
    CYAML_FIELD_SEQUENCE_COUNT("rows", CYAML_FLAG_POINTER, struct rate_table, rows, row_count, &row_value, 1, 2000),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t table_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct rate_table, table_keys)
};

/* The last thing that libcyaml complains of is the outermost; the first is the place. */
struct complaint {
    char text[400];
    size_t size;
};

__attribute__((format(printf, 3, 0))) static void
listen(cyaml_log_t level, void *ctx, const char *format, va_list args)
{
    struct complaint *c = ctx;
    int n;

    (void)level;
    if (c->size + 1 >= sizeof c->text)
        return;
    n = vsnprintf(c->text + c->size, sizeof c->text - c->size, format, args);
    if (n > 0)
        c->size += (size_t)n < sizeof c->text - c->size ? (size_t)n : sizeof c->text - c->size - 1;
}

static cyaml_config_t
config_of(struct complaint *c)
{
    return (cyaml_config_t){ .log_fn = listen, .log_ctx = c, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR };
}

static void
table_free(struct rate_table *table)
{
    struct complaint c = { .size = 0 };
    cyaml_config_t config = config_of(&c);

    if (table != NULL)
        cyaml_free(&config, &table_value, table, 0);
}

static bool
date_good(const char *date)
{
    struct date d;

    return date == NULL || date_canonical(date, &d);
}

static bool
number_good(const char *number)
{
    int64_t n;

    return number == NULL || money_canonical(number, &n);
}

/* What is wrong with a row; NULL: nothing. */
static const char *
row_wrong(const struct rate_table *table, const struct rate_row *row)
{
    if (!date_good(row->from) || !date_good(row->until))
        return "a day is no date; write it as 2026-11-21";
    if (row->from != NULL && row->until != NULL && strcmp(row->from, row->until) > 0)
        return "'until' is before 'from'";
    if (!number_good(row->value) || !number_good(row->least) || !number_good(row->most))
        return "a number is no plain decimal with at most two decimals";
    if (table->unit == RATE_PERCENT ? row->value == NULL : row->least == NULL && row->most == NULL)
        return "a percentage has a 'value', an amount 'least' or 'most' or both";
    return NULL;
}

static enum rc
table_load(const char *path, struct rate_table **out, struct err *err)
{
    struct complaint c = { .size = 0 };
    cyaml_config_t config = config_of(&c);
    struct rate_table *table = NULL;
    cyaml_err_t e = cyaml_load_file(path, &config, &table_value, (cyaml_data_t **)&table, NULL);
    const char *wrong = NULL;
    unsigned row = 0;

    if (e != CYAML_OK || table == NULL) {
        const char *place = strstr(c.text, "(line: ");

        err_set(err, e == CYAML_ERR_OOM ? RC_NOMEM : RC_CONFIG, "this is no table of rates: %s", cyaml_strerror(e));
        err_where(err, "%s%s%.*s", path, place != NULL ? " " : "",
                  place != NULL ? (int)strcspn(place, ")") + 1 : 0, place != NULL ? place : "");
        err_cure(err, "compare with the other files of this folder; docs/FORMS.md shows the shape");
        return err->rc;
    }
    for (; row < table->row_count && wrong == NULL; row++)
        wrong = row_wrong(table, &table->rows[row]);
    if (wrong != NULL) {
        err_set(err, RC_CONFIG, "%s", wrong);
        err_where(err, "%s, row %u", path, row);
        err_cure(err, "correct the row");
        table_free(table);
        return RC_CONFIG;
    }
    *out = table;
    return RC_OK;
}

static int
is_yaml(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);

    return entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

enum rc
rates_load(const char *folder, struct rate_set **out, struct err *err)
{
    struct dirent **names = NULL;
    struct rate_set *set = calloc(1, sizeof *set);
    int count = set != NULL ? scandir(folder, &names, is_yaml, alphasort) : 0;
    enum rc rc = set == NULL ? RC_NOMEM : RC_OK;
    char path[4096];

    if (count < 0 && errno != ENOENT) {
        rc = err_set(err, RC_IO, "the tables of rates cannot be read: %s", strerror(errno));
        err_where(err, "%s", folder);
        err_cure(err, "check the rights of the folder");
    } else if (count > TABLES_MAX) {
        rc = err_set(err, RC_LIMIT, "there are more than %d tables of rates", TABLES_MAX);
        err_where(err, "%s", folder);
        err_cure(err, "put several rows into one table");
    }
    if (count < 0)
        count = 0;
    if (rc == RC_OK && (set->tables = calloc((size_t)count + 1, sizeof(struct rate_table *))) == NULL)
        rc = RC_NOMEM;
    for (int i = 0; i < count && rc == RC_OK; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if ((rc = table_load(path, &set->tables[i], err)) == RC_OK)
            set->count++;
    }
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    if (rc == RC_OK)
        *out = set;
    else
        rates_free(set);
    return rc;
}

void
rates_free(struct rate_set *set)
{
    if (set == NULL)
        return;
    for (unsigned i = 0; i < set->count; i++)
        table_free(set->tables[i]);
    free(set->tables);
    free(set);
}

const struct rate_table *
rates_find(const struct rate_set *set, const char *name)
{
    for (unsigned i = 0; set != NULL && i < set->count; i++)
        if (strcmp(set->tables[i]->name, name) == 0)
            return set->tables[i];
    return NULL;
}

bool
rate_covers(const struct rate_row *row, const char *date)
{
    return (row->from == NULL || strcmp(row->from, date) <= 0) && (row->until == NULL || strcmp(date, row->until) <= 0);
}

enum rate_answer
rates_ask(const struct rate_table *table, const char *key, const char *date,
          const struct rate_row *out[RATES_AT_ONCE], unsigned *count)
{
    bool known = false;

    *count = 0;
    for (unsigned i = 0; table != NULL && i < table->row_count; i++) {
        const struct rate_row *row = &table->rows[i];

        if (row->key != NULL ? strcmp(row->key, key) != 0 : key[0] != '\0')
            continue;
        known = true;
        if (rate_covers(row, date) && *count < RATES_AT_ONCE)
            out[(*count)++] = row;
    }
    return *count > 0 ? RATES_HERE : known ? RATES_OUTDATED : RATES_SILENT;
}
