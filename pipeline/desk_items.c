/* desk_items.c - what of a document a person goes through, in the order of its form. */
#include "desk.h"

#include <string.h>

#define CELLS_SHOWN 1200 /* beyond so many only the flagged ones are listed */
#define ROWS_BY_HAND 200

enum desk_type
item_type(const struct item *item)
{
    static const enum desk_type types[] = {
        [VALUE_TEXT] = DESK_TEXT,     [VALUE_NAME] = DESK_TEXT,      [VALUE_ADDRESS] = DESK_TEXT,
        [VALUE_ID] = DESK_ID,         [VALUE_DATE] = DESK_DATE,      [VALUE_MONEY] = DESK_MONEY,
        [VALUE_NUMBER] = DESK_NUMBER, [VALUE_PERCENT] = DESK_NUMBER, [VALUE_CODE] = DESK_CODE,
        [VALUE_MARK] = DESK_MARK,
    };

    if (item->form == NULL || (unsigned)item->form->type >= COUNT_OF(types))
        return DESK_TEXT;
    return types[item->form->type];
}

bool
item_allowed(const struct session *s, const struct item *item)
{
    return item->form == NULL || (uint32_t)item->form->sensitivity <= s->person.clearance;
}

static struct item *
item_new(struct work *w)
{
    if (w->count == w->room) {
        uint32_t room = w->room == 0 ? 64 : w->room * 2;
        struct item *items;

        if (w->count >= DESK_ITEMS_MAX)
            return NULL;
        if (room > DESK_ITEMS_MAX)
            room = DESK_ITEMS_MAX;
        if ((items = arena_array(w->arena, room, sizeof *items)) == NULL)
            return NULL;
        if (w->count > 0)
            memcpy(items, w->items, w->count * sizeof *items);
        w->items = items;
        w->room = room;
    }
    w->items[w->count] = (struct item){ .row = -1 };
    return &w->items[w->count++];
}

/* What the machine is not sure of, or did not find although the form asks for it. */
static enum desk_mark
mark_of(const struct field *field, const struct form_field *form, bool by_hand)
{
    if (by_hand)
        return DESK_FLAGGED;
    if (field == NULL)
        return form != NULL && form->required ? DESK_FLAGGED : DESK_QUIET;
    if (field->verdict != FIELD_REVIEW)
        return DESK_QUIET;
    return DESK_FLAGGED;
}

static enum rc
add_field(struct work *w, const char *name, const struct form_field *form, struct field *field)
{
    struct item *item = item_new(w);

    if (item == NULL)
        return RC_LIMIT;
    item->form = form;
    item->name = item->column = name;
    item->field = field;
    item->mark = mark_of(field, form, w->by_hand);
    return RC_OK;
}

static enum rc
add_cell(struct work *w, uint32_t row, const char *column, const struct form_field *form, struct field *field,
         enum desk_mark mark)
{
    const char *table = w->form != NULL && w->form->table != NULL && w->form->table->name != NULL
                            ? w->form->table->name : "lines";
    char *name = arena_printf(w->arena, "%s[%u].%s", table, (unsigned)row + 1, column);
    struct item *item = name == NULL ? NULL : item_new(w);

    if (item == NULL)
        return RC_LIMIT;
    item->form = form;
    item->name = name;
    item->column = column;
    item->row = (int)row;
    item->field = field;
    item->mark = mark;
    return RC_OK;
}

static struct field *
cell_find(const struct field_row *row, const char *name)
{
    for (uint32_t i = 0; i < row->count; i++)
        if (strcmp(row->cells[i].name, name) == 0)
            return &row->cells[i];
    return NULL;
}

static enum rc
add_rows(struct work *w)
{
    const struct form_table *table = w->form == NULL ? NULL : w->form->table;
    bool all = table != NULL && (uint64_t)w->fields->row_count * table->column_count <= CELLS_SHOWN;
    enum rc rc = RC_OK;

    for (uint32_t r = 0; r < w->fields->row_count && rc == RC_OK; r++) {
        const struct field_row *row = &w->fields->rows[r];

        for (unsigned c = 0; table != NULL && c < table->column_count && rc == RC_OK; c++) {
            struct field *field = cell_find(row, table->columns[c].name);
            /* An empty cell that nobody missed is no question. */
            enum desk_mark mark = field == NULL ? DESK_QUIET : mark_of(field, &table->columns[c], false);

            if (all || mark == DESK_FLAGGED)
                rc = add_cell(w, r, table->columns[c].name, &table->columns[c], field, mark);
        }
        for (uint32_t c = 0; c < row->count && rc == RC_OK; c++)
            if (w->form == NULL || form_column(w->form, row->cells[c].name) == NULL)
                rc = add_cell(w, r, row->cells[c].name, NULL, &row->cells[c],
                              mark_of(&row->cells[c], NULL, false));
    }
    w->rows = w->fields->row_count;
    return rc;
}

const struct field *
item_in(const struct fields *fields, const struct item *item)
{
    if (fields == NULL)
        return NULL;
    if (item->row < 0)
        return fields_find(fields, item->column);
    if ((uint32_t)item->row >= fields->row_count)
        return NULL;
    for (uint32_t i = 0; i < fields->rows[item->row].count; i++)
        if (strcmp(fields->rows[item->row].cells[i].name, item->column) == 0)
            return &fields->rows[item->row].cells[i];
    return NULL;
}

enum rc
work_items(struct work *w, const struct form *form, bool by_hand)
{
    enum rc rc = RC_OK;

    w->form = form;
    w->by_hand = by_hand;
    w->items = NULL;
    w->count = w->room = w->rows = w->undos = 0;
    for (unsigned i = 0; form != NULL && i < form->field_count && rc == RC_OK; i++) {
        const struct form_field *f = &form->fields[i];

        rc = add_field(w, f->name, f, by_hand ? NULL : fields_find(w->fields, f->name));
    }
    if (by_hand) {
        work_rounds(w);
        return rc;
    }
    for (uint32_t i = 0; i < w->fields->count && rc == RC_OK; i++)
        if (form == NULL || form_field(form, w->fields->fields[i].name) == NULL)
            rc = add_field(w, w->fields->fields[i].name, NULL, &w->fields->fields[i]);
    if (rc == RC_OK)
        rc = add_rows(w);
    work_rounds(w);
    return rc;
}

enum rc
work_add_row(struct work *w)
{
    const struct form_table *table = w->form == NULL ? NULL : w->form->table;
    enum rc rc = RC_OK;

    if (table == NULL || w->rows >= ROWS_MAX || w->count + table->column_count > DESK_ITEMS_MAX)
        return RC_LIMIT;
    if (w->by_hand && w->rows >= ROWS_BY_HAND)
        return RC_LIMIT;
    for (unsigned c = 0; c < table->column_count && rc == RC_OK; c++)
        rc = add_cell(w, w->rows, table->columns[c].name, &table->columns[c], NULL, DESK_FLAGGED);
    w->rows++;
    return rc;
}

int32_t
work_next(const struct session *s, uint32_t item)
{
    const struct work *w = s->work;

    for (uint32_t i = 1; i <= w->count; i++) {
        uint32_t at = (item + i) % w->count;

        if (w->items[at].mark == DESK_FLAGGED && item_allowed(s, &w->items[at]))
            return (int32_t)at;
    }
    return -1;
}

uint32_t
work_left(const struct session *s)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->work->count; i++)
        n += s->work->items[i].mark == DESK_FLAGGED && item_allowed(s, &s->work->items[i]);
    return n;
}
