/*
 * ctl_settings.c - escriba config: every setting with its value, limits and meaning.
 *
 * A change is one line of escriba.yaml: comments and order stay as the operator wrote them.
 */
#include "ctl.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "sys/config.h"

#define SETTINGS_MAX 65536

static const struct setting *
find_setting(const char *name)
{
    for (const struct setting *s = config_table; s->name != NULL; s++)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}

static void
read_all(const char *path, struct buffer *text)
{
    FILE *file = fopen(path, "re");
    char block[4096];
    size_t n;

    while (file != NULL && (n = fread(block, 1, sizeof block, file)) > 0)
        if (!buffer_append(text, block, n))
            break;
    if (file != NULL)
        fclose(file);
}

/* Is this line "name: ..."? */
static bool
is_line_of(const char *line, size_t size, const char *name)
{
    size_t n = strlen(name);

    return size > n && strncmp(line, name, n) == 0 && (line[n] == ':' || line[n] == ' ');
}

/* The settings with one line replaced or added; a value is always written as a quoted text or a number. */
static bool
with_line(const struct buffer *old, const struct setting *s, const char *value, struct buffer *out)
{
    const char *at = (const char *)old->data, *end = at + old->size;
    const char *quote = s->kind == SETTING_NUMBER ? "" : "\"";
    bool done = false;
    char line[PATH_ROOM + 128];
    int size = snprintf(line, sizeof line, "%s: %s%s%s\n", s->name, quote, value, quote);

    if (size < 0 || (size_t)size >= sizeof line)
        return false;
    while (at < end) {
        const char *nl = memchr(at, '\n', (size_t)(end - at));
        size_t n = nl != NULL ? (size_t)(nl - at) + 1 : (size_t)(end - at);

        if (is_line_of(at, n, s->name)) {
            if (!done)
                buffer_append(out, line, (size_t)size);
            done = true;
        } else {
            buffer_append(out, at, n);
            if (nl == NULL)
                buffer_append(out, "\n", 1);
        }
        at += n;
    }
    if (!done)
        buffer_append(out, line, (size_t)size);
    buffer_append(out, "", 1); /* config_read looks for names as in a text */
    return !out->failed;
}

int
ctl_setting_set(struct ctl *ctl, const char *name, const char *value)
{
    const struct setting *s = find_setting(name);
    struct buffer old, new;
    struct instance *trial = NULL;
    struct err err = { 0 };
    char path[PATH_ROOM];
    int code;

    if (s == NULL)
        return ctl_usage(ctl, "there is no setting `%s`; `escriba config` lists them", name);
    if (strpbrk(value, "\"\\\n\r") != NULL)
        return ctl_usage(ctl, "a setting cannot hold quotes, backslashes or line ends");
    if ((code = ctl_instance(ctl)) != CTL_OK)
        return code;
    buffer_init(&old, SETTINGS_MAX);
    buffer_init(&new, SETTINGS_MAX);
    snprintf(path, sizeof path, "%s/escriba.yaml", ctl->in.home);
    read_all(path, &old);
    if ((trial = arena_alloc(ctl->arena, sizeof *trial)) == NULL || old.failed || !with_line(&old, s, value, &new)) {
        code = ctl_fail_rc(ctl, RC_LIMIT, "changing the settings");
        goto out;
    }
    *trial = ctl->in;
    if (config_read((const char *)new.data, new.size - 1, path, trial, &err) != RC_OK) {
        code = ctl_fail(ctl, &err);
        goto out;
    }
    /* Read again as every program does: some settings decide others. */
    if ((code = ctl_file(ctl, path, new.data, new.size - 1, 0644, NULL)) == CTL_OK) {
        ctl->in_open = false;
        code = ctl_instance(ctl);
    }
out:
    buffer_done(&old);
    buffer_done(&new);
    return code;
}

static void
show_setting(struct ctl *ctl, const struct setting *s)
{
    char value[PATH_ROOM], limits[128] = "";

    config_value(&ctl->in, s, value, sizeof value);
    if (s->kind == SETTING_NUMBER)
        snprintf(limits, sizeof limits, "%lld to %lld", (long long)s->low, (long long)s->high);
    else if (s->words != NULL)
        snprintf(limits, sizeof limits, "%s", s->words);
    if (ctl->json) {
        json_t *o = json_object();

        json_object_set_new(o, "name", json_string(s->name));
        json_object_set_new(o, "value", s->kind == SETTING_NUMBER ? json_integer(strtoll(value, NULL, 10))
                                                                  : json_string(value));
        json_object_set_new(o, "default", json_string(s->fallback));
        json_object_set_new(o, "limits", json_string(limits));
        json_object_set_new(o, "meaning", json_string(s->sentence));
        ctl_json(o);
        return;
    }
    printf("%s%s%s: %s\n    %s", ctl_bold(ctl), s->name, ctl_plain(ctl), value[0] != '\0' ? value : "-", s->sentence);
    if (limits[0] != '\0')
        printf(" (%s)", limits);
    putchar('\n');
}

int
ctl_config_run(struct ctl *ctl)
{
    const struct setting *s;
    int code = ctl_instance(ctl);

    if (code != CTL_OK)
        return code;
    if (ctl->argc == 2) {
        if ((code = ctl_setting_set(ctl, ctl->argv[0], ctl->argv[1])) == CTL_OK)
            ctl_say(ctl, "written; `escriba down` and `escriba up` put it in force");
        return code;
    }
    if (ctl->argc == 1) {
        if ((s = find_setting(ctl->argv[0])) == NULL)
            return ctl_usage(ctl, "there is no setting `%s`; `escriba config` lists them", ctl->argv[0]);
        show_setting(ctl, s);
        return CTL_OK;
    }
    if (!ctl->json)
        ctl_say(ctl, "%s/escriba.yaml", ctl->in.home);
    for (s = config_table; s->name != NULL; s++)
        show_setting(ctl, s);
    return CTL_OK;
}
