/*
 * document.c - document.h: decoding, a person's orders, encoding.
 */
#include "document.h"

#include <string.h>

#include "forms_ready.h"
#include "story.h"

#define FIELDS_BYTES_MAX (8u << 20)

static int
page_of(const struct artifact *const *list, uint32_t count, const struct artifact *a)
{
    uint32_t at = count;

    while (at > 0 && list[at - 1]->page > a->page)
        at--;
    return (int)at;
}

enum rc
document_open(const struct job *job, struct document *out)
{
    const struct artifact **readings;
    struct page_reading **pages;
    uint32_t count = 0;
    enum rc rc;

    *out = (struct document){ .forms = job->forms != NULL ? job->forms : forms_loaded() };
    readings = arena_array(job->arena, job->given.count + 1, sizeof *readings);
    pages = arena_array(job->arena, job->given.count + 1, sizeof *pages);
    if (readings == NULL || pages == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < job->given.count; i++) {
        const struct artifact *a = &job->given.items[i];

        if (a->kind == ARTIFACT_READING) {
            int at = page_of(readings, count, a);

            memmove(readings + at + 1, readings + at, (count - (uint32_t)at) * sizeof *readings);
            readings[at] = a;
            count++;
        } else if (a->kind == ARTIFACT_TERMS) {
            struct terms *terms;

            if ((rc = terms_read(a->bytes, job->arena, &terms)) != RC_OK)
                return rc;
            out->terms = terms;
        } else if (a->kind == ARTIFACT_PARTIES) {
            struct parties *parties = arena_alloc(job->arena, sizeof *parties);

            if (parties == NULL)
                return RC_NOMEM;
            if ((rc = parties_read(a->bytes, job->arena, parties)) != RC_OK)
                return rc;
            out->parties = parties;
        } else if (a->kind == ARTIFACT_FIELDS || a->kind == ARTIFACT_ORDER) {
            struct fields *fields;

            if ((rc = fields_read(a->bytes, job->arena, &fields)) != RC_OK)
                return rc;
            if (a->kind == ARTIFACT_ORDER)
                out->order = fields;
            else
                out->fields = fields; /* the last one wins: it is the newest */
        }
    }
    for (uint32_t i = 0; i < count; i++)
        if ((rc = reading_read(readings[i]->bytes, job->arena, &pages[i])) != RC_OK)
            return rc;
    out->pages = (const struct page_reading *const *)pages;
    out->page_count = count;
    return RC_OK;
}

/* Room for one more field at the end of the list. */
static struct field *
append(struct fields *fields, struct arena *arena)
{
    struct field *bigger = arena_array(arena, fields->count + 2u, sizeof *bigger);

    if (bigger == NULL || fields->count >= FIELDS_MAX)
        return NULL;
    if (fields->count > 0)
        memcpy(bigger, fields->fields, fields->count * sizeof *bigger);
    fields->fields = bigger;
    return &bigger[fields->count++];
}

static struct field *
cell_in(const struct field_row *row, const char *name)
{
    for (uint32_t k = 0; k < row->count; k++)
        if (strcmp(row->cells[k].name, name) == 0)
            return &row->cells[k];
    return NULL;
}

/* Typed in without any picture of a cell: the machine's rows do not count. */
static bool
is_by_hand(const struct fields *order)
{
    for (uint32_t r = 0; r < order->row_count; r++)
        for (uint32_t k = 0; k < order->rows[r].count; k++)
            if (!box_is_empty(order->rows[r].cells[k].box))
                return false;
    return true;
}

static bool
same_box(struct box a, struct box b)
{
    return a.x0 == b.x0 && a.y0 == b.y0 && a.x1 == b.x1 && a.y1 == b.y1;
}

/*
 * What was said of cells, over the machine's rows: a cell that nobody was asked about stays the machine's.  Where the
 * row that the person saw is not the one that is found now, the rest of it goes to a person again.
 */
static enum rc
order_rows(const struct fields *order, struct arena *arena, struct fields *fields)
{
    uint32_t rows = is_by_hand(order) ? 0 : fields->row_count;
    uint32_t all = rows > order->row_count ? rows : order->row_count;
    struct field_row *out = arena_array(arena, all, sizeof *out);

    if (out == NULL)
        return RC_NOMEM;
    for (uint32_t r = 0; r < all; r++) {
        const struct field_row none = { .count = 0 };
        const struct field_row *mine = r < rows ? &fields->rows[r] : &none;
        const struct field_row *said = r < order->row_count ? &order->rows[r] : &none;
        bool moved = false;

        if ((out[r].cells = arena_array(arena, mine->count + said->count + 1, sizeof(struct field))) == NULL)
            return RC_NOMEM;
        for (uint32_t k = 0; k < said->count; k++) {
            const struct field *now = cell_in(mine, said->cells[k].name);

            moved = moved || (now != NULL && !box_is_empty(now->box) && !box_is_empty(said->cells[k].box) &&
                              !same_box(now->box, said->cells[k].box));
        }
        for (uint32_t k = 0; k < mine->count; k++) {
            const struct field *given = cell_in(said, mine->cells[k].name);

            out[r].cells[out[r].count] = given != NULL ? *given : mine->cells[k];
            if (given == NULL && moved)
                field_doubt(&out[r].cells[out[r].count], REASON_CONFLICT);
            out[r].count++;
        }
        for (uint32_t k = 0; k < said->count; k++)
            if (cell_in(mine, said->cells[k].name) == NULL)
                out[r].cells[out[r].count++] = said->cells[k];
    }
    fields->rows = out;
    fields->row_count = all;
    return RC_OK;
}

enum rc
document_orders(const struct document *doc, const struct form *form, struct arena *arena,
                struct fields *fields)
{
    if (doc->order == NULL || form == NULL)
        return RC_OK;
    for (uint32_t i = 0; i < doc->order->count; i++) {
        const struct field *given = &doc->order->fields[i];
        struct field *mine = fields_find(fields, given->name);
        const struct provenance *before = mine != NULL ? mine->story : NULL;

        /* What one person typed and another has not is no value yet. */
        if (given->origin != ORIGIN_PERSON || given->verdict == FIELD_REVIEW || form_field(form, given->name) == NULL)
            continue;
        if (mine == NULL && (mine = append(fields, arena)) == NULL)
            return RC_NOMEM;
        *mine = *given;
        story_ordered(given, before, arena, mine);
        mine->verdict = FIELD_AUTO;
        memset(mine->reasons, 0, sizeof mine->reasons);
    }
    return doc->order->row_count > 0 ? order_rows(doc->order, arena, fields) : RC_OK;
}

enum rc
document_emit(const struct job *job, const struct fields *fields)
{
    struct buffer buffer;
    enum rc rc;

    buffer_init(&buffer, FIELDS_BYTES_MAX);
    fields_write(&buffer, fields);
    rc = buffer.failed ? RC_LIMIT : job->emit(job->to, ARTIFACT_FIELDS, 0, buffer_bytes(&buffer));
    buffer_done(&buffer);
    return rc;
}
