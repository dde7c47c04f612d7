/*
 * form_yaml.c - from YAML to struct form: the schema for libcyaml, and its words turned
 * into an error a person can act on (what, which line and column, which key was meant).
 */
#include "form_yaml.h"

#include <cyaml/cyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define OPT CYAML_FLAG_OPTIONAL
#define OPT_PTR (CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER)
#define PHRASES(key, flags, type, member)                                                          \
    CYAML_FIELD_SEQUENCE_COUNT(key, (flags) | CYAML_FLAG_POINTER, type,          \
                               member.items, member.count, &phrase, 0, 400)

static const cyaml_schema_value_t phrase = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 400) };

static const cyaml_strval_t types[] = {
    { "text", VALUE_TEXT },     { "name", VALUE_NAME },   { "address", VALUE_ADDRESS },
    { "id", VALUE_ID },         { "date", VALUE_DATE },   { "money", VALUE_MONEY },
    { "number", VALUE_NUMBER }, { "percent", VALUE_PERCENT }, { "code", VALUE_CODE },
    { "mark", VALUE_MARK },
};
static const cyaml_strval_t criticalities[] = {
    { "minor", CRIT_MINOR }, { "major", CRIT_MAJOR }, { "critical", CRIT_CRITICAL },
};
static const cyaml_strval_t sensitivities[] = {
    { "business", SENS_BUSINESS }, { "financial", SENS_FINANCIAL }, { "personal", SENS_PERSONAL },
    { "identity", SENS_IDENTITY }, { "health", SENS_HEALTH },       { "special", SENS_SPECIAL },
};
static const cyaml_strval_t places[] = {
    { "right", PLACE_RIGHT }, { "below", PLACE_BELOW }, { "above", PLACE_ABOVE },
    { "left", PLACE_LEFT },   { "same", PLACE_SAME },
};
static const cyaml_strval_t picks[] = {
    { "label", PICK_LABEL },     { "first", PICK_FIRST }, { "last", PICK_LAST },
    { "largest", PICK_LARGEST }, { "most", PICK_MOST },   { "sender", PICK_SENDER },
    { "addressee", PICK_ADDRESSEE },
};
static const cyaml_strval_t equation_kinds[] = {
    { "sum", EQ_SUM }, { "product", EQ_PRODUCT }, { "percent", EQ_PERCENT },
};
static const cyaml_strval_t rule_kinds[] = {
    { "order", RULE_ORDER },     { "equal", RULE_EQUAL },     { "different", RULE_DIFFERENT },
    { "needs", RULE_NEEDS },     { "at_most", RULE_AT_MOST }, { "one_of", RULE_ONE_OF },
    { "pointers", RULE_POINTERS }, { "adds_to", RULE_ADDS_TO }, { "days", RULE_DAYS },
    { "rate", RULE_RATE },       { "known_rate", RULE_KNOWN_RATE }, { "within", RULE_WITHIN },
};

static const cyaml_schema_field_t language_keys[] = {
    PHRASES("en", OPT, struct by_language, en),
    PHRASES("es", OPT, struct by_language, es),
    PHRASES("de", OPT, struct by_language, de),
    PHRASES("fr", OPT, struct by_language, fr),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t title_keys[] = {
    CYAML_FIELD_STRING_PTR("en", CYAML_FLAG_POINTER, struct title, en, 1, 120),
    CYAML_FIELD_STRING_PTR("es", CYAML_FLAG_POINTER, struct title, es, 1, 120),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t code_keys[] = {
    CYAML_FIELD_STRING_PTR("code", CYAML_FLAG_POINTER, struct form_code, code, 1, 40),
    PHRASES("printed", OPT, struct form_code, printed),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t code_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct form_code, code_keys)
};
static const cyaml_schema_field_t field_keys[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct form_field, name, 1, 60),
    CYAML_FIELD_MAPPING("title", OPT, struct form_field, title, title_keys),
    CYAML_FIELD_ENUM("type", CYAML_FLAG_STRICT, struct form_field, type, types, CYAML_ARRAY_LEN(types)),
    CYAML_FIELD_BOOL("required", OPT, struct form_field, required),
    CYAML_FIELD_ENUM("criticality", OPT | CYAML_FLAG_STRICT, struct form_field, criticality,
                     criticalities, CYAML_ARRAY_LEN(criticalities)),
    CYAML_FIELD_ENUM("sensitivity", OPT | CYAML_FLAG_STRICT, struct form_field, sensitivity,
                     sensitivities, CYAML_ARRAY_LEN(sensitivities)),
    CYAML_FIELD_MAPPING("labels", OPT, struct form_field, labels, language_keys),
    CYAML_FIELD_FLAGS("place", OPT | CYAML_FLAG_STRICT, struct form_field, place, places,
                      CYAML_ARRAY_LEN(places)),
    CYAML_FIELD_ENUM("pick", OPT | CYAML_FLAG_STRICT, struct form_field, pick, picks,
                     CYAML_ARRAY_LEN(picks)),
    CYAML_FIELD_STRING_PTR("near", OPT_PTR, struct form_field, near, 1, 60),
    CYAML_FIELD_STRING_PTR("cross", OPT_PTR, struct form_field, cross, 1, 60),
    CYAML_FIELD_MAPPING("under", OPT, struct form_field, under, language_keys),
    CYAML_FIELD_MAPPING("rows", OPT, struct form_field, rows, language_keys),
    PHRASES("pattern", OPT, struct form_field, pattern),
    PHRASES("checks", OPT, struct form_field, checks),
    CYAML_FIELD_SEQUENCE_COUNT("codes", OPT_PTR, struct form_field, codes, code_count, &code_value,
                               0, 400),
    CYAML_FIELD_STRING_PTR("zone", OPT_PTR, struct form_field, zone, 1, 60),
    CYAML_FIELD_STRING_PTR("like", OPT_PTR, struct form_field, like, 1, 60),
    CYAML_FIELD_STRING_PTR("twin", OPT_PTR, struct form_field, twin, 1, 60),
    CYAML_FIELD_UINT("lines", OPT, struct form_field, lines),
    CYAML_FIELD_BOOL("keep_unlabelled", OPT, struct form_field, keep_unlabelled),
    CYAML_FIELD_STRING_PTR("list", OPT_PTR, struct form_field, list, 1, 32),
    CYAML_FIELD_STRING_PTR("list_on", OPT_PTR, struct form_field, list_on, 1, 60),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t field_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct form_field, field_keys)
};
static const cyaml_schema_field_t span_keys[] = {
    CYAML_FIELD_STRING_PTR("result", CYAML_FLAG_POINTER, struct form_span, result, 1, 60),
    CYAML_FIELD_STRING_PTR("from", CYAML_FLAG_POINTER, struct form_span, from, 1, 60),
    CYAML_FIELD_STRING_PTR("to", CYAML_FLAG_POINTER, struct form_span, to, 1, 60),
    CYAML_FIELD_STRING_PTR("less", OPT_PTR, struct form_span, less, 1, 60),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t table_keys[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct form_table, name, 1, 60),
    CYAML_FIELD_SEQUENCE_COUNT("columns", CYAML_FLAG_POINTER, struct form_table, columns,
                               column_count, &field_value, 1, 40),
    CYAML_FIELD_MAPPING("stop", OPT, struct form_table, stop, language_keys),
    CYAML_FIELD_MAPPING_PTR("span", OPT_PTR, struct form_table, span, span_keys),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t equation_keys[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct equation, name, 1, 60),
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct equation, kind, equation_kinds,
                     CYAML_ARRAY_LEN(equation_kinds)),
    CYAML_FIELD_STRING_PTR("result", CYAML_FLAG_POINTER, struct equation, result, 1, 60),
    PHRASES("terms", 0, struct equation, terms),
    PHRASES("minus", OPT, struct equation, minus),
    PHRASES("maybe", OPT, struct equation, maybe),
    PHRASES("maybe_minus", OPT, struct equation, maybe_minus),
    CYAML_FIELD_STRING_PTR("rate", OPT_PTR, struct equation, rate, 1, 60),
    CYAML_FIELD_STRING_PTR("tolerance", OPT_PTR, struct equation, tolerance, 1, 20),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t equation_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct equation, equation_keys)
};
static const cyaml_schema_field_t rule_keys[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct rule, name, 1, 60),
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct rule, kind, rule_kinds,
                     CYAML_ARRAY_LEN(rule_kinds)),
    PHRASES("fields", 0, struct rule, fields),
    PHRASES("maybe", OPT, struct rule, maybe),
    PHRASES("values", OPT, struct rule, values),
    PHRASES("matches", OPT, struct rule, matches),
    CYAML_FIELD_STRING_PTR("when", OPT_PTR, struct rule, when, 1, 60),
    CYAML_FIELD_STRING_PTR("table", OPT_PTR, struct rule, table, 1, 32),
    CYAML_FIELD_STRING_PTR("on", OPT_PTR, struct rule, on, 1, 60),
    CYAML_FIELD_STRING_PTR("key", OPT_PTR, struct rule, key, 1, 60),
    CYAML_FIELD_STRING_PTR("tolerance", OPT_PTR, struct rule, tolerance, 1, 20),
    CYAML_FIELD_BOOL("soft", OPT, struct rule, soft),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t rule_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct rule, rule_keys)
};
static const cyaml_schema_field_t clue_keys[] = {
    PHRASES("words", 0, struct form_clue, words),
    CYAML_FIELD_FLOAT("weight", CYAML_FLAG_DEFAULT, struct form_clue, weight),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t clue_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct form_clue, clue_keys)
};
static const cyaml_schema_field_t toxic_keys[] = {
    CYAML_FIELD_SEQUENCE_COUNT("fields", CYAML_FLAG_POINTER, struct phrases, items, count, &phrase, 2, 20),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t toxic_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct phrases, toxic_keys)
};
static const cyaml_schema_field_t party_keys[] = {
    CYAML_FIELD_SEQUENCE_COUNT("fields", CYAML_FLAG_POINTER, struct phrases, items, count, &phrase, 1, 20),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t party_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct phrases, party_keys)
};
static const cyaml_schema_field_t unique_keys[] = {
    PHRASES("fields", 0, struct form_unique, fields),
    PHRASES("maybe", OPT, struct form_unique, maybe),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t unique_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct form_unique, unique_keys)
};
static const cyaml_schema_field_t form_keys[] = {
    CYAML_FIELD_STRING_PTR("form", CYAML_FLAG_POINTER, struct form, name, 1, 60),
    CYAML_FIELD_UINT("version", CYAML_FLAG_DEFAULT, struct form, version),
    CYAML_FIELD_MAPPING("title", CYAML_FLAG_DEFAULT, struct form, title, title_keys),
    CYAML_FIELD_BOOL("fixed", OPT, struct form, fixed),
    CYAML_FIELD_STRING_PTR("zones", OPT_PTR, struct form, zones, 1, 60),
    PHRASES("languages", OPT, struct form, languages),
    CYAML_FIELD_SEQUENCE_COUNT("clues", OPT_PTR, struct form, clues, clue_count, &clue_value, 0, 200),
    CYAML_FIELD_MAPPING("decoys", OPT, struct form, decoys, language_keys),
    CYAML_FIELD_SEQUENCE_COUNT("fields", CYAML_FLAG_POINTER, struct form, fields, field_count,
                               &field_value, 1, 400),
    CYAML_FIELD_MAPPING_PTR("table", OPT_PTR, struct form, table, table_keys),
    CYAML_FIELD_SEQUENCE_COUNT("equations", OPT_PTR, struct form, equations, equation_count,
                               &equation_value, 0, 60),
    CYAML_FIELD_SEQUENCE_COUNT("rules", OPT_PTR, struct form, rules, rule_count, &rule_value, 0, 60),
    CYAML_FIELD_SEQUENCE_COUNT("toxic", OPT_PTR, struct form, toxic, toxic_count, &toxic_value, 0, 40),
    CYAML_FIELD_SEQUENCE_COUNT("party", OPT_PTR, struct form, party, party_count, &party_value, 0, 8),
    CYAML_FIELD_SEQUENCE_COUNT("unique", OPT_PTR, struct form, unique, unique_count, &unique_value, 0, 8),
    CYAML_FIELD_UINT("retention_days", OPT, struct form, retention_days),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t form_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct form, form_keys)
};

/* What libcyaml said while it failed, line by line. */
struct complaint {
    char text[2000];
    size_t size;
};

__attribute__((format(printf, 3, 0))) static void
listen(cyaml_log_t level, void *ctx, const char *format, va_list args)
{
    struct complaint *c = ctx;
    int n;

    (void)level;
    if (c->size >= sizeof c->text - 1)
        return;
    n = vsnprintf(c->text + c->size, sizeof c->text - c->size, format, args);
    if (n > 0)
        c->size += (size_t)n < sizeof c->text - c->size ? (size_t)n : sizeof c->text - c->size - 1;
}

static const struct cyaml_schema_field *const all_keys[] = {
    form_keys, field_keys, table_keys, span_keys, equation_keys, rule_keys, clue_keys,
    toxic_keys, code_keys, title_keys, language_keys, party_keys, unique_keys,
};

/* Typing slips: one letter wrong, missing, too many, or two exchanged.  60 letters at most. */
static unsigned
slips(const char *a, const char *b)
{
    unsigned rows[3][64] = { { 0 } };
    size_t na = strlen(a), nb = strlen(b);

    if (na > 60 || nb > 60)
        return 99;
    for (size_t j = 0; j <= nb; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        unsigned *now = rows[i % 3], *up = rows[(i - 1) % 3], *up2 = rows[(i + 1) % 3];

        now[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            unsigned best = up[j - 1] + (a[i - 1] != b[j - 1]);

            best = up[j] + 1 < best ? up[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && up2[j - 2] + 1 < best)
                best = up2[j - 2] + 1;
            now[j] = best;
        }
    }
    return rows[na % 3][nb];
}

/* The known key that is least different from a wrong one; NULL when none is near. */
static const char *
nearest_key(const char *wrong)
{
    const char *best = NULL;
    unsigned least = 4;

    for (size_t i = 0; i < CYAML_ARRAY_LEN(all_keys); i++) {
        for (const struct cyaml_schema_field *k = all_keys[i]; k->key != NULL; k++) {
            unsigned d = slips(wrong, k->key);

            if (d < least) {
                least = d;
                best = k->key;
            }
        }
    }
    return best;
}

/* The first "(line: 10, column: 3)" is the innermost place. */
static bool
place_of(const char *text, unsigned *line, unsigned *column)
{
    const char *at = strstr(text, "line: ");

    return at != NULL && sscanf(at, "line: %u, column: %u", line, column) == 2;
}

/* The rest of the line after a mark in the complaint. */
static bool
word_after(const char *text, const char *mark, char *out, size_t room)
{
    const char *at = strstr(text, mark);
    size_t n;

    if (at == NULL)
        return false;
    at += strlen(mark);
    n = strcspn(at, "\n");
    if (n >= room)
        n = room - 1;
    memcpy(out, at, n);
    out[n] = '\0';
    return n > 0;
}

/* libcyaml names the mapping that holds a wrong key; the key itself may stand lines below. */
static void
find_key(const uint8_t *bytes, size_t size, const char *key, unsigned *line, unsigned *column)
{
    size_t n = strlen(key);
    unsigned at_line = 1, at_column = 1;

    for (size_t i = 0; i + n < size; i++) {
        bool edge = i == 0 || strchr(" \t\n{,-", bytes[i - 1]) != NULL;

        if (at_line >= *line && edge && memcmp(bytes + i, key, n) == 0 && bytes[i + n] == ':') {
            *line = at_line;
            *column = at_column;
            return;
        }
        at_column++;
        if (bytes[i] == '\n') {
            at_line++;
            at_column = 1;
        }
    }
}

static enum rc
explain(cyaml_err_t e, const struct complaint *c, const uint8_t *bytes, size_t size, const char *path,
        struct err *err)
{
    unsigned line = 0, column = 0;
    char word[80] = "";
    const char *near;

    if (e == CYAML_ERR_INVALID_KEY && word_after(c->text, "Unexpected key: ", word, sizeof word)) {
        near = nearest_key(word);
        err_set(err, RC_CONFIG, "unknown key '%s'", word);
        if (near != NULL)
            err_cure(err, "did you mean '%s'? docs/FORMS.md lists every key", near);
        else
            err_cure(err, "take the line out; docs/FORMS.md lists every key");
    } else if (e == CYAML_ERR_INVALID_VALUE || e == CYAML_ERR_BAD_TYPE_IN_SCHEMA) {
        err_set(err, RC_CONFIG, "a value is not one of those allowed here");
        err_cure(err, "docs/FORMS.md lists the values of every key");
    } else if (e == CYAML_ERR_MAPPING_FIELD_MISSING) {
        if (word_after(c->text, "Missing required mapping field: ", word, sizeof word))
            err_set(err, RC_CONFIG, "the key '%s' is missing", word);
        else
            err_set(err, RC_CONFIG, "a required key is missing");
        err_cure(err, "add it; docs/FORMS.md shows a complete form");
    } else if (e == CYAML_ERR_FILE_OPEN) {
        err_set(err, RC_IO, "the form cannot be opened");
        err_cure(err, "check that the file is there and readable");
    } else {
        err_set(err, e == CYAML_ERR_OOM ? RC_NOMEM : RC_CONFIG, "the form is not as it should be: %s",
                cyaml_strerror(e));
        err_cure(err, "compare with the other forms and docs/FORMS.md");
    }
    if (place_of(c->text, &line, &column) && e == CYAML_ERR_INVALID_KEY)
        find_key(bytes, size, word, &line, &column);
    if (line > 0)
        err_where(err, "%s, line %u, column %u", path, line, column);
    else
        err_where(err, "%s", path);
    return e == CYAML_ERR_FILE_OPEN ? RC_IO : e == CYAML_ERR_OOM ? RC_NOMEM : RC_CONFIG;
}

static cyaml_config_t
config_of(struct complaint *c)
{
    return (cyaml_config_t){ .log_fn = listen, .log_ctx = c, .mem_fn = cyaml_mem,
                             .log_level = CYAML_LOG_ERROR };
}

enum rc
form_from_yaml(const uint8_t *bytes, size_t size, const char *path, struct form **out, struct err *err)
{
    struct complaint c = { .size = 0 };
    cyaml_config_t config = config_of(&c);
    struct form *form = NULL;
    cyaml_err_t e = cyaml_load_data(bytes, size, &config, &form_value, (cyaml_data_t **)&form, NULL);

    if (e != CYAML_OK)
        return explain(e, &c, bytes, size, path, err);
    *out = form;
    return RC_OK;
}

void
form_yaml_free(struct form *form)
{
    struct complaint c = { .size = 0 };
    cyaml_config_t config = config_of(&c);

    if (form != NULL)
        cyaml_free(&config, &form_value, form, 0);
}
