/*
 * read_out.c - what was read, for programs (JSON, one line a document) and for people.
 *
 * Text from documents is made safe for a terminal; JSON escapes it by itself.
 */
#include "read_set.h"

#include <jansson.h>
#include <string.h>

#include "doc/provenance.h"

#define NUMBER(x) json_real((double)(long long)((x) * 10000 + 0.5) / 10000)

static json_t *
text_of(const char *text)
{
    json_t *s = json_string(text != NULL ? text : "");

    return s != NULL ? s : json_string("");
}

static json_t *
reasons_of(const struct field *f)
{
    json_t *list = json_array();

    for (int i = 0; i < FIELD_REASONS_MAX && f->reasons[i] != 0; i++)
        json_array_append_new(list, json_string(reason_row(f->reasons[i])->word));
    return list;
}

/* Who else states the value, as in a delivery. */
static json_t *
agrees_of(const struct field *f)
{
    json_t *list = json_array();

    if ((f->evidence & EVIDENCE_CODE) != 0)
        json_array_append_new(list, json_string("code"));
    if ((f->evidence & EVIDENCE_EINVOICE) != 0)
        json_array_append_new(list, json_string("einvoice"));
    return list;
}

/* Pages are told as a person counts them: of the file, from 1. */
static uint32_t
page_of(const struct read_file *file, const struct read_document *d, uint32_t page)
{
    return page < d->pages ? file->first + d->page[page] + 1 : d->first + 1;
}

static json_t *
field_json(const struct read_file *file, const struct read_document *d, const struct field *f,
           bool named)
{
    json_t *o = json_object();

    if (named)
        json_object_set_new(o, "name", text_of(f->name));
    json_object_set_new(o, "value", text_of(f->value));
    json_object_set_new(o, "text", text_of(f->text));
    json_object_set_new(o, "confidence", NUMBER(f->confidence));
    json_object_set_new(o, "verdict", json_string(f->verdict == FIELD_AUTO ? "auto" : "review"));
    json_object_set_new(o, "reasons", reasons_of(f));
    if (f->origin == ORIGIN_CODE)
        json_object_set_new(o, "origin", json_string("code"));
    if (f->evidence != 0)
        json_object_set_new(o, "agrees", agrees_of(f));
    json_object_set_new(o, "page", json_integer(page_of(file, d, f->page)));
    json_object_set_new(o, "box", json_pack("[iiii]", f->box.x0, f->box.y0, f->box.x1, f->box.y1));
    return o;
}

static json_t *
rows_json(const struct read_file *file, const struct read_document *d)
{
    json_t *rows = json_array();

    for (uint32_t i = 0; d->fields != NULL && i < d->fields->row_count; i++) {
        const struct field_row *row = &d->fields->rows[i];
        json_t *o = json_object();

        for (uint32_t k = 0; k < row->count; k++)
            json_object_set_new(o, row->cells[k].name, field_json(file, d, &row->cells[k], false));
        json_array_append_new(rows, o);
    }
    return rows;
}

/* What made it: the same page and the same versions give the same result. */
static json_t *
versions_json(const struct fields *fields)
{
    json_t *o = json_object();

    for (uint32_t i = 0; fields != NULL && i < fields->version_count; i++)
        json_object_set_new(o, fields->versions[i].name, text_of(fields->versions[i].value));
    return o;
}

static json_t *
document_json(const struct read_file *file, const struct read_document *d)
{
    json_t *o = json_object(), *fields = json_array();

    json_object_set_new(o, "file", text_of(file->name));
    json_object_set_new(o, "form", text_of(d->fields != NULL ? d->fields->form : ""));
    json_object_set_new(o, "form_confidence",
                        NUMBER(d->fields != NULL ? d->fields->form_confidence : 0));
    json_object_set_new(o, "pages", json_integer(d->pages));
    json_object_set_new(o, "first_page", json_integer(d->first + 1));
    json_object_set_new(o, "verdict",
                        json_string(d->result.verdict == VERDICT_PASS ? "auto" : "review"));
    json_object_set_new(o, "reason",
        json_string(d->result.reason != REASON_NONE ? reason_row(d->result.reason)->word : ""));
    for (uint32_t i = 0; d->fields != NULL && i < d->fields->count; i++)
        json_array_append_new(fields, field_json(file, d, &d->fields->fields[i], true));
    json_object_set_new(o, "fields", fields);
    json_object_set_new(o, "tables", json_pack("{so}", "lines", rows_json(file, d)));
    json_object_set_new(o, "versions", versions_json(d->fields));
    json_object_set_new(o, "seconds", NUMBER((double)d->ms / 1000));
    return o;
}

static void
print_object(json_t *o, FILE *to)
{
    json_dumpf(o, to, JSON_COMPACT | JSON_REAL_PRECISION(8));
    fputc('\n', to);
    json_decref(o);
}

static json_t *
why_json(const struct read_file *file, const char *key, enum reason reason, uint32_t detail)
{
    const struct reason_row *row = reason_row(reason);

    return json_pack("{s:o, s:{s:s, s:s, s:i, s:s}, s:o}", "file", text_of(file->name), key,
                     "reason", row->word, "class", reason_class_name(row->class), "detail",
                     (int)detail, "text", row->en, "seconds", NUMBER((double)file->ms / 1000));
}

void
read_print_json(const struct read_file *file, FILE *to)
{
    if (file->error != 0 || file->rc != RC_OK)
        return; /* not a result: standard error has it */
    if (file->refused != REASON_NONE) {
        print_object(why_json(file, "refused", file->refused, file->detail), to);
        return;
    }
    if (file->listed > 0)
        print_object(json_pack("{s:o, s:{s:i}}", "file", text_of(file->name),
            "manifest", "entries", (int)file->listed), to);
    if (file->kind != NULL)
        print_object(json_pack("{s:o, s:{s:s}}", "file", text_of(file->name), "einvoice", "kind", file->kind), to);
    if (file->dropped > 0)
        print_object(why_json(file, "sanitized", REASON_ENTRIES_DROPPED, file->dropped), to);
    for (uint32_t i = 0; i < file->document_count; i++)
        print_object(document_json(file, &file->documents[i]), to);
    if (file->document_count == 0 && !file->archive)
        print_object(json_pack("{s:o, s:s, s:f, s:i, s:i, s:[], s:{s:[]}, s:f}", "file",
                               text_of(file->name), "form", "", "form_confidence", 0.0, "pages", 0,
                               "blank_pages", (int)file->blank, "fields", "tables", "lines",
                               "seconds", (double)file->ms / 1000),
                     to);
}

/* ---- for people ------------------------------------------------------------------ */

/* Control characters would reach the terminal as commands. */
static void
put_safe(const char *text, FILE *to)
{
    const unsigned char *p = (const unsigned char *)(text != NULL ? text : "");

    for (; *p != 0; p++) {
        if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)) {
            fputc(*p == '\n' ? ' ' : '?', to);
            p += *p == 0xc2;
        } else {
            fputc(*p, to);
        }
    }
}

static void
print_field(const struct field *f, int width, FILE *to)
{
    if (f->value[0] == 0 && f->verdict == FIELD_AUTO)
        return; /* not there, and it need not be */
    fprintf(to, "  %-*s  %3.0f %%  %s  ", width, f->name, f->confidence * 100,
        f->verdict == FIELD_AUTO ? "auto  " : "review");
    put_safe(f->value, to);
    if (f->evidence != 0)
        fprintf(to, "  %s", (f->evidence & EVIDENCE_EINVOICE) != 0 ? "= e-invoice" : "= code");
    for (int i = 0; i < FIELD_REASONS_MAX && f->reasons[i] != 0; i++)
        fprintf(to, "%s%s", i == 0 ? "  (" : ", ", reason_row(f->reasons[i])->word);
    fputs(f->reasons[0] != 0 ? ")\n" : "\n", to);
}

static void
print_rows(const struct fields *fields, FILE *to)
{
    for (uint32_t i = 0; i < fields->row_count; i++) {
        fprintf(to, "  line %u:", i + 1);
        for (uint32_t k = 0; k < fields->rows[i].count; k++) {
            const struct field *c = &fields->rows[i].cells[k];

            if (c->value[0] == 0)
                continue;
            fprintf(to, "  %s=", c->name);
            put_safe(c->value, to);
        }
        fputc('\n', to);
    }
}

static void
print_document(const struct read_file *file, const struct read_document *d, FILE *to)
{
    const struct fields *fields = d->fields;
    int width = 8;

    put_safe(file->name, to);
    fprintf(to, ", page %u", d->first + 1);
    if (d->pages > 1)
        fprintf(to, " to %u", page_of(file, d, d->pages - 1));
    if (fields != NULL && fields->form[0] != 0)
        fprintf(to, ": %s (%.0f %%)", fields->form, fields->form_confidence * 100);
    else
        fputs(": no type fits", to);
    fprintf(to, ", %.1f s", (double)d->ms / 1000);
    if (d->result.reason != REASON_NONE)
        fprintf(to, ", %s", reason_row(d->result.reason)->word);
    fputc('\n', to);
    if (fields == NULL)
        return;
    for (uint32_t i = 0; i < fields->count; i++)
        if ((int)strlen(fields->fields[i].name) > width)
            width = (int)strlen(fields->fields[i].name);
    for (uint32_t i = 0; i < fields->count; i++)
        print_field(&fields->fields[i], width, to);
    print_rows(fields, to);
}

void
read_print_text(const struct read_file *file, FILE *to)
{
    if (file->error != 0 || file->rc != RC_OK)
        return;
    if (file->refused != REASON_NONE) {
        put_safe(file->name, to);
        fprintf(to, ": refused: %s (%s)\n", reason_row(file->refused)->en,
                reason_row(file->refused)->word);
        return;
    }
    if (file->listed > 0) {
        put_safe(file->name, to);
        fprintf(to, ": a manifest of %u files\n", file->listed);
    }
    if (file->kind != NULL) {
        put_safe(file->name, to);
        fputs(": an e-invoice (", to);
        put_safe(file->kind, to);
        fputs("), compared with the pages of its name\n", to);
    }
    if (file->dropped > 0) {
        put_safe(file->name, to);
        fprintf(to, ": %s (%u)\n", reason_row(REASON_ENTRIES_DROPPED)->en, file->dropped);
    }
    for (uint32_t i = 0; i < file->document_count; i++)
        print_document(file, &file->documents[i], to);
    if (file->document_count == 0 && !file->archive) {
        put_safe(file->name, to);
        fprintf(to, ": nothing on its pages (%u blank)\n", file->blank);
    }
}
