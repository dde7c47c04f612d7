/*
 * check_list.c - codes against the lists that were in force on the document's date.
 */
#include "check.h"
#include "doc/codelist.h"

static const char *
value_of(const struct field *cells, uint32_t count, const char *name)
{
    const struct fields all = { .fields = (struct field *)(uintptr_t)cells, .count = count };
    const struct field *f = fields_find(&all, name);

    return f != NULL && f->state == FIELD_VALUE && f->value[0] != '\0' ? f->value : NULL;
}

/* The day of the field: of its own row, of the document, or of the first row that has one. */
static const char *
day_of(const struct form_field *form, const struct fields *fields, const struct field_row *row)
{
    const char *day = NULL;

    if (form->list_on == NULL)
        return NULL;
    if (row != NULL)
        day = value_of(row->cells, row->count, form->list_on);
    if (day == NULL)
        day = value_of(fields->fields, fields->count, form->list_on);
    for (uint32_t r = 0; r < fields->row_count && day == NULL; r++)
        day = value_of(fields->rows[r].cells, fields->rows[r].count, form->list_on);
    return day;
}

static void
check_one(const struct form_field *form, const struct codelist_set *lists, const struct fields *fields,
          const struct field_row *row, struct field *field)
{
    static const enum reason reasons[] = {
        [CODELIST_SILENT] = REASON_NONE,          [CODELIST_GOOD] = REASON_NONE,
        [CODELIST_UNKNOWN] = REASON_CODE_UNKNOWN, [CODELIST_HEADING] = REASON_CODE_UNKNOWN,
        [CODELIST_ENDED] = REASON_CODE_UNKNOWN,   [CODELIST_OUTDATED] = REASON_LIST_OUTDATED,
    };
    enum reason reason;

    if (form == NULL || form->list == NULL || field->state != FIELD_VALUE || field->value[0] == '\0')
        return;
    reason = reasons[codelists_ask(lists, form->list, field->value, day_of(form, fields, row))];
    if (reason != REASON_NONE)
        field_doubt(field, reason);
}

void
check_lists(const struct form *form, const struct codelist_set *lists, struct fields *fields)
{
    if (lists == NULL || lists->count == 0)
        return;
    for (uint32_t i = 0; i < fields->count; i++)
        check_one(form_field(form, fields->fields[i].name), lists, fields, NULL, &fields->fields[i]);
    for (uint32_t r = 0; r < fields->row_count; r++)
        for (uint32_t c = 0; c < fields->rows[r].count; c++)
            check_one(form_column(form, fields->rows[r].cells[c].name), lists, fields, &fields->rows[r],
                      &fields->rows[r].cells[c]);
}
