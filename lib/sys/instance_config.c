/*
 * instance_config.c - HOME/escriba.yaml, read by libcyaml against the table of settings.
 *
 * The schema given to libcyaml is made from the table, so a setting is one row and no more.
 */
#include <cyaml/cyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/config.h"

#define AT(member) offsetof(struct instance, member)

const struct setting config_table[] = {
    /* name, kind, default, low, high, words, where it lives in struct instance; a sentence for the operator */
    { "profile",        SETTING_WORD,   "trial",   0,    15,             "trial|production", AT(profile),
      "trial warns of what production refuses to start on" },
    { "database",       SETTING_TEXT,   "",        0,    1023,           NULL,               AT(database),
      "libpq settings of an existing server, without user and dbname; empty: our own private cluster" },
    { "forms",          SETTING_PATH,   "",        0,    PATH_ROOM - 1,  NULL,               AT(forms),
      "where the document types are; default: forms in the home folder" },
    { "hot",            SETTING_PATH,   "",        0,    PATH_ROOM - 1,  NULL,               AT(hot),
      "where the clients' hot folders are; default: hot in the home folder" },
    { "keys",           SETTING_PATH,   "",        0,    PATH_ROOM - 1,  NULL,               AT(keys),
      "where the key store is: on another disk than the database; default: keys in the home folder" },
    { "workers",        SETTING_NUMBER, "",        1,    256,            NULL,               AT(workers),
      "how many runners work at once; default: the number of processor cores" },
    { "lease_seconds",  SETTING_NUMBER, "300",     30,   3600,           NULL,               AT(lease_seconds),
      "a step that a runner has taken is free for others after this long" },
    { "review_seconds", SETTING_NUMBER, "600",     60,   86400,          NULL,               AT(review_seconds),
      "a document that a person has opened is free for others after this long without a sign of life" },
    { "scan_seconds",   SETTING_NUMBER, "5",       1,    3600,           NULL,               AT(scan_seconds),
      "the hot folders are looked through this often, whatever inotify says" },
    { "settle_ms",      SETTING_NUMBER, "500",     50,   600000,         NULL,               AT(settle_ms),
      "a file must not have changed for this long before it is taken" },
    { NULL, SETTING_TEXT, NULL, 0, 0, NULL, 0, NULL },
};

static unsigned *
number_at(struct instance *in, const struct setting *s)
{
    return (unsigned *)(void *)((char *)in + s->offset);
}

static char *
text_at(struct instance *in, const struct setting *s)
{
    return (char *)in + s->offset;
}

void
config_value(const struct instance *in, const struct setting *setting, char *out, size_t room)
{
    const char *at = (const char *)in + setting->offset;

    if (setting->kind == SETTING_NUMBER)
        snprintf(out, room, "%u", *(const unsigned *)(const void *)at);
    else
        snprintf(out, room, "%s", at);
}

/* The first error that libcyaml reports is ours; of its backtrace the first line has the place. */
struct complaint {
    struct err *err;
    const char *path;
    bool told;
    bool placed;
};

static void complain(cyaml_log_t level, void *ctx, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void
complain(cyaml_log_t level, void *ctx, const char *format, va_list args)
{
    struct complaint *c = ctx;
    char line[256];
    unsigned at_line, at_column;
    const char *place;

    if (level < CYAML_LOG_ERROR)
        return;
    vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\n")] = '\0';
    if ((place = strstr(line, "(line: ")) != NULL) {
        if (!c->placed && sscanf(place, "(line: %u, column: %u)", &at_line, &at_column) == 2) {
            c->placed = true;
            err_where(c->err, "%s, line %u", c->path, at_line);
        }
        return;
    }
    if (c->told || strstr(line, "Backtrace") != NULL)
        return;
    c->told = true;
    err_set(c->err, RC_CONFIG, "%s", strncmp(line, "Load: ", 6) == 0 ? line + 6 : line);
    err_where(c->err, "%s", c->path);
}

static bool
word_allowed(const char *words, const char *word)
{
    size_t size = strlen(word);

    for (const char *at = words; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, "|");

        if (length == size && memcmp(at, word, size) == 0)
            return true;
        at += length + (at[length] == '|');
    }
    return false;
}

/* How many letters differ, where two neighbours exchanged count as one and one too many moves the rest. */
static unsigned
letters_apart(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b)
        a++, b++;
    if (*a == '\0' || *b == '\0')
        return (unsigned)(strlen(a) + strlen(b));
    if (a[1] == b[0] && a[0] == b[1])
        return 1 + letters_apart(a + 2, b + 2);
    if (strcmp(a + 1, b) == 0 || strcmp(a, b + 1) == 0)
        return 1;
    return 1 + letters_apart(a + 1, b + 1);
}

/* For an unknown key libcyaml names the mapping's line, not the key's; and a person wants to know what was meant. */
static void
explain_unknown_key(const char *text, const char *path, struct err *err)
{
    static const char said[] = "Unexpected key: ";
    char key[64];
    unsigned line = 1;

    if (err == NULL || strncmp(err->what, said, sizeof said - 1) != 0)
        return;
    snprintf(key, sizeof key, "%s", err->what + sizeof said - 1);
    for (const char *at = text; at != NULL && *at != '\0'; line++) {
        if (strncmp(at, key, strlen(key)) == 0) {
            err_where(err, "%s, line %u", path, line);
            break;
        }
        if ((at = strchr(at, '\n')) != NULL)
            at++;
    }
    for (const struct setting *s = config_table; s->name != NULL; s++)
        if (letters_apart(s->name, key) <= 2)
            err_cure(err, "did you mean '%s'?", s->name);
}

/* What libcyaml cannot check: limits and words.  Zero and "" mean "not given". */
static enum rc
take_over(const struct setting *s, struct instance *given, struct instance *in, const char *path, struct err *err)
{
    if (s->kind == SETTING_NUMBER) {
        unsigned value = *number_at(given, s);

        if (value == UINT32_MAX)
            return RC_OK;
        if (value < s->low || value > s->high) {
            err_set(err, RC_CONFIG, "%s is %u, and must be %lld to %lld", s->name, value, (long long)s->low,
                    (long long)s->high);
            err_where(err, "%s", path);
            err_cure(err, "%s", s->sentence);
            return RC_CONFIG;
        }
        *number_at(in, s) = value;
        return RC_OK;
    }
    const char *value = text_at(given, s);

    if (value[0] == '\0')
        return RC_OK;
    if (s->kind == SETTING_WORD && !word_allowed(s->words, value)) {
        err_set(err, RC_CONFIG, "%s cannot be '%s'", s->name, value);
        err_where(err, "%s", path);
        err_cure(err, "one of: %s", s->words);
        return RC_CONFIG;
    }
    if (s->kind == SETTING_PATH && value[0] != '/') {
        err_set(err, RC_CONFIG, "%s must be a full path", s->name);
        err_where(err, "%s", path);
        err_cure(err, "write it with the leading /");
        return RC_CONFIG;
    }
    snprintf(text_at(in, s), (size_t)s->high + 1, "%s", value);
    return RC_OK;
}

static void
schema_from_table(cyaml_schema_field_t *fields, size_t *count)
{
    size_t n = 0;

    for (const struct setting *s = config_table; s->name != NULL; s++, n++) {
        memset(&fields[n], 0, sizeof fields[n]);
        fields[n].key = s->name;
        fields[n].data_offset = (uint32_t)s->offset;
        fields[n].value.flags = CYAML_FLAG_OPTIONAL;
        if (s->kind == SETTING_NUMBER) {
            fields[n].value.type = CYAML_UINT;
            fields[n].value.data_size = sizeof(unsigned);
        } else {
            fields[n].value.type = CYAML_STRING;
            fields[n].value.data_size = 1;
            fields[n].value.string.max = (uint32_t)s->high;
        }
    }
    memset(&fields[n], 0, sizeof fields[n]);
    *count = n;
}

static bool
only_comments(const char *text, size_t size)
{
    bool comment = false;

    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n')
            comment = false;
        else if (text[i] == '#')
            comment = true;
        else if (!comment && text[i] != ' ' && text[i] != '\t' && text[i] != '\r' && text[i] != '-')
            return false;
    }
    return true;
}

static bool
is_given(const char *text, const char *name)
{
    size_t size = strlen(name);

    for (const char *at = text; (at = strstr(at, name)) != NULL; at += size)
        if ((at == text || at[-1] == '\n' || at[-1] == ' ') && at[size + strspn(at + size, " ")] == ':')
            return true;
    return false;
}

enum rc
config_read(const char *text, size_t size, const char *path, struct instance *in, struct err *err)
{
    cyaml_schema_field_t fields[COUNT_OF(config_table)];
    struct complaint complaint = { .err = err, .path = path };
    cyaml_config_t config = { .log_fn = complain, .log_ctx = &complaint, .mem_fn = cyaml_mem,
                              .log_level = CYAML_LOG_ERROR, .flags = CYAML_CFG_NO_ALIAS };
    cyaml_schema_value_t top = { .type = CYAML_MAPPING, .flags = CYAML_FLAG_POINTER,
                                 .data_size = sizeof(struct instance), .mapping = { .fields = fields } };
    struct instance *given = NULL;
    size_t count;
    enum rc rc = RC_OK;

    if (only_comments(text, size))
        return RC_OK;
    schema_from_table(fields, &count);
    if (cyaml_load_data((const uint8_t *)text, size, &config, &top, (cyaml_data_t **)&given, NULL) != CYAML_OK) {
        if (!complaint.told)
            err_set(err, RC_CONFIG, "the settings are not a list of 'name: value' lines");
        if (!complaint.placed)
            err_where(err, "%s", path);
        err_cure(err, "`escriba config` prints every setting with its limits");
        explain_unknown_key(text, path, err);
        return RC_CONFIG;
    }
    if (given == NULL) /* nothing but a byte order mark or an empty document */
        return RC_OK;
    for (const struct setting *s = config_table; s->name != NULL && rc == RC_OK; s++) {
        if (s->kind == SETTING_NUMBER && *number_at(given, s) == 0 && !is_given(text, s->name))
            *number_at(given, s) = UINT32_MAX;
        rc = take_over(s, given, in, path, err);
    }
    cyaml_free(&config, &top, given, 0);
    return rc;
}
