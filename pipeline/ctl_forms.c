/*
 * ctl_forms.c - document types in force, and the words for reasons.
 */
#include "ctl.h"

#include <string.h>

#include "doc/form.h"
#include "doc/reason.h"

/* The forms of a folder; CTL_OK or the exit code after the error was printed. */
static int
load(struct ctl *ctl, const char *dir, struct form_set **set)
{
    struct err err = { 0 };

    return forms_load(dir, set, &err) == RC_OK ? CTL_OK : ctl_fail(ctl, &err);
}

static void
show_form(struct ctl *ctl, const struct form *f)
{
    unsigned required = 0;

    for (unsigned i = 0; i < f->field_count; i++)
        required += f->fields[i].required;
    if (ctl->json) {
        json_t *o = json_object(), *names = json_array();

        json_object_set_new(o, "form", json_string(f->name));
        json_object_set_new(o, "version", json_integer(f->version));
        json_object_set_new(o, "title", json_string(ctl->lang == LANG_ES ? f->title.es : f->title.en));
        json_object_set_new(o, "fixed", json_boolean(f->fixed));
        for (unsigned i = 0; i < f->field_count; i++) {
            json_t *field = json_object();

            json_object_set_new(field, "name", json_string(f->fields[i].name));
            json_object_set_new(field, "type", json_string(value_type_name(f->fields[i].type)));
            json_object_set_new(field, "required", json_boolean(f->fields[i].required));
            json_object_set_new(field, "sensitivity", json_string(sensitivity_name(f->fields[i].sensitivity)));
            json_object_set_new(field, "criticality", json_string(criticality_name(f->fields[i].criticality)));
            json_array_append_new(names, field);
        }
        json_object_set_new(o, "fields", names);
        ctl_json(o);
        return;
    }
    printf("%-14s v%-3u %-6s %3u %s (%u %s)  %s\n", f->name, f->version,
           f->fixed ? ctl_tr(ctl, "fixed", "fijo") : ctl_tr(ctl, "free", "libre"), f->field_count,
           ctl_tr(ctl, "fields", "campos"), required, ctl_tr(ctl, "required", "obligatorios"),
           ctl->lang == LANG_ES && f->title.es != NULL ? f->title.es : f->title.en != NULL ? f->title.en : "");
}

int
ctl_forms_list_run(struct ctl *ctl)
{
    struct form_set *set = NULL;
    int code;

    if ((code = ctl_instance(ctl)) != CTL_OK || (code = load(ctl, ctl->in.forms, &set)) != CTL_OK)
        return code;
    for (unsigned i = 0; i < set->count; i++)
        show_form(ctl, set->forms[i]);
    forms_free(set);
    return CTL_OK;
}

int
ctl_forms_check_run(struct ctl *ctl)
{
    const char *dir = ctl_value(ctl, "dir");
    struct form_set *set = NULL;
    int code = CTL_OK;

    for (int i = 0; i < ctl->argc; i++) {
        struct form *form = NULL;
        struct err err = { 0 };

        if (form_load(ctl->argv[i], &form, &err) != RC_OK)
            code = ctl_fail(ctl, &err);
        else
            ctl_say(ctl, "%s: %s", ctl->argv[i], ctl_tr(ctl, "well", "bien"));
        form_free(form);
    }
    if (ctl->argc > 0)
        return code;
    if (dir == NULL) {
        if ((code = ctl_instance(ctl)) != CTL_OK)
            return code;
        dir = ctl->in.forms;
    }
    if ((code = load(ctl, dir, &set)) != CTL_OK)
        return code;
    if (ctl->json)
        ctl_json(json_pack("{s:s, s:i}", "dir", dir, "forms", (int)set->count));
    else
        ctl_say(ctl, "%s: %u %s", dir, set->count,
                ctl_tr(ctl, "document types, all well", "tipos de documento, todos bien"));
    forms_free(set);
    return CTL_OK;
}

int
ctl_codes_reasons_run(struct ctl *ctl)
{
    const struct reason_row *row;

    for (unsigned i = 0; (row = reason_at(i)) != NULL; i++) {
        const char *sentence = ctl->lang == LANG_ES ? row->es : row->en;

        if (row->reason == REASON_NONE)
            continue;
        if (ctl->json) {
            json_t *o = json_object();

            json_object_set_new(o, "number", json_integer(row->reason));
            json_object_set_new(o, "word", json_string(row->word));
            json_object_set_new(o, "class", json_string(reason_class_name(row->class)));
            json_object_set_new(o, "en", json_string(row->en));
            json_object_set_new(o, "es", json_string(row->es));
            ctl_json(o);
        } else {
            printf("%3d  %-10s %-20s %s\n", (int)row->reason, reason_class_name(row->class), row->word, sentence);
        }
    }
    return CTL_OK;
}
