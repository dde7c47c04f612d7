/*
 * package.c - the package stage: what the client receives, before it is sealed.
 *
 * JSON after docs/package.schema.json.  The cell knows neither client nor document: the
 * runner wraps this in the envelope that names them.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tesseract/capi.h>

#include "doc/provenance.h"
#include "document.h"
#include "doc/reason.h"
#include "stages.h"

#define PACKAGE_SCHEMA "escriba-package-2"

static const char *
state_word(enum field_state state)
{
    static const char *const words[] = { "value", "blank", "unreadable", "missing" };

    return (unsigned)state < COUNT_OF(words) ? words[state] : "missing";
}

static const char *
origin_word(enum field_origin origin)
{
    static const char *const words[] = { "machine", "person", "repair", "code" };

    return (unsigned)origin < COUNT_OF(words) ? words[origin] : "machine";
}

static json_t *
reasons_of(const struct field *field)
{
    json_t *list = json_array();

    for (int i = 0; i < FIELD_REASONS_MAX && field->reasons[i] != 0; i++)
        json_array_append_new(list, json_string(reason_row(field->reasons[i])->word));
    return list;
}

/* Who else says the same: what a person need not believe the reader alone for. */
static json_t *
agrees_of(const struct field *field)
{
    json_t *list = json_array();

    if ((field->evidence & EVIDENCE_CODE) != 0)
        json_array_append_new(list, json_string("code"));
    if ((field->evidence & EVIDENCE_EINVOICE) != 0)
        json_array_append_new(list, json_string("einvoice"));
    return list;
}

static json_t *
cell_of(const struct field *field)
{
    json_t *cell = json_object();

    json_object_set_new(cell, "value", field->state == FIELD_VALUE ? json_string(field->value) : json_null());
    json_object_set_new(cell, "text", json_string(field->text != NULL ? field->text : ""));
    json_object_set_new(cell, "state", json_string(state_word(field->state)));
    json_object_set_new(cell, "confidence", json_real(round(field->confidence * 10000) / 10000));
    json_object_set_new(cell, "verdict", json_string(field->verdict == FIELD_AUTO ? "auto" : "review"));
    json_object_set_new(cell, "origin", json_string(origin_word(field->origin)));
    json_object_set_new(cell, "page", json_integer(field->page));
    json_object_set_new(cell, "box", json_pack("[i,i,i,i]", field->box.x0, field->box.y0, field->box.x1,
                                               field->box.y1));
    json_object_set_new(cell, "reasons", reasons_of(field));
    if (field->evidence != 0)
        json_object_set_new(cell, "agrees", agrees_of(field));
    return cell;
}

static json_t *
tables_of(const struct form *form, const struct fields *fields)
{
    json_t *rows = json_array(), *tables = json_object();

    for (uint32_t r = 0; r < fields->row_count; r++) {
        json_t *row = json_object();

        for (uint32_t c = 0; c < fields->rows[r].count; c++)
            json_object_set_new(row, fields->rows[r].cells[c].name, cell_of(&fields->rows[r].cells[c]));
        json_array_append_new(rows, row);
    }
    if (form != NULL && form->table != NULL)
        json_object_set_new(tables, form->table->name, rows);
    else
        json_decref(rows);
    return tables;
}

static json_t *
fields_of(const struct form *form, const struct fields *fields)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < fields->count; i++) {
        const struct form_field *f = form != NULL ? form_field(form, fields->fields[i].name) : NULL;
        json_t *one = json_object(), *rest = cell_of(&fields->fields[i]);

        json_object_set_new(one, "name", json_string(fields->fields[i].name));
        if (f != NULL)
            json_object_set_new(one, "type", json_string(value_type_name(f->type)));
        json_object_update(one, rest);
        json_decref(rest);
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *
pages_of(const struct document *doc)
{
    json_t *list = json_array();

    for (uint32_t p = 0; p < doc->page_count; p++) {
        const struct page_reading *page = doc->pages[p];

        json_array_append_new(list, json_pack("{s:i,s:i,s:i,s:i,s:f}", "width", (int)page->facts.width,
                                              "height", (int)page->facts.height, "dpi", (int)page->dpi,
                                              "rotation", page->rotation, "skew",
                                              round((double)page->skew * 100) / 100));
    }
    return list;
}

/* What made it, name by name; "read_by" only where a page was read by other versions. */
static json_t *
made_by(const struct form *form, const struct fields *fields)
{
    json_t *versions = json_object(), *readers = json_array();

    json_object_set_new(versions, "escriba", json_string(ESCRIBA_VERSION));
    json_object_set_new(versions, "tesseract", json_string(TessVersion()));
    if (form != NULL) {
        json_object_set_new(versions, "form", json_integer(form->version));
        json_object_set_new(versions, "form_hash", json_sprintf("%016llx", (unsigned long long)form->hash));
    }
    for (uint32_t i = 0; i < fields->version_count; i++) {
        const struct version *v = &fields->versions[i];

        if (strcmp(v->name, "read_by") == 0)
            json_array_append_new(readers, json_string(v->value));
        else if (json_object_get(versions, v->name) == NULL)
            json_object_set_new(versions, v->name, json_string(v->value));
    }
    if (json_array_size(readers) > 0)
        json_object_set(versions, "read_by", readers);
    json_decref(readers);
    return versions;
}

enum rc
package_run(const struct job *job, struct result *result)
{
    struct document doc;
    const struct form *form;
    json_t *package = NULL;
    char *text = NULL;
    enum rc rc = document_open(job, &doc);

    *result = (struct result){ .verdict = VERDICT_PASS };
    if (rc != RC_OK)
        return rc;
    if (doc.fields == NULL)
        return RC_BUG;
    form = forms_find(doc.forms, doc.fields->form);
    package = json_object();
    if (package == NULL)
        return RC_NOMEM;
    json_object_set_new(package, "schema", json_string(PACKAGE_SCHEMA));
    json_object_set_new(package, "form", json_string(doc.fields->form));
    json_object_set_new(package, "form_confidence", json_real(round(doc.fields->form_confidence * 10000) / 10000));
    json_object_set_new(package, "pages", pages_of(&doc));
    json_object_set_new(package, "fields", fields_of(form, doc.fields));
    json_object_set_new(package, "tables", tables_of(form, doc.fields));
    json_object_set_new(package, "versions", made_by(form, doc.fields));
    text = json_dumps(package, JSON_COMPACT | JSON_REAL_PRECISION(6));
    rc = text == NULL ? RC_NOMEM : job->emit(job->to, ARTIFACT_PACKAGE, 0, bytes_str(text));
    if (text != NULL)
        bytes_wipe(text, strlen(text));
    free(text);
    json_decref(package);
    return rc;
}
