/*
 * desk_rerun.c - a document looked back at goes through the stages again, with what is installed today.
 *
 * In the desk's own cages, from the sealed original, nothing is kept.  One page for each question: the others at
 * the desk wait for a page at most.  What persons said is left out: the machine alone is compared with itself.
 */
#include "desk.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "doc/provenance.h"
#include "doc/reading.h"

#define PAGES_AGAIN 40u /* of a longer document only the value's own page is read again */
#define RUN_ARENA (48u << 20)

/* Which pages, and what was stored of the others. */
static enum rc
begin(struct desk *desk, struct work *w, struct looking *l)
{
    const struct field *f = w->items[l->item].field;
    enum rc rc = work_source(desk, w);

    l->again = arena_array(w->arena, w->page_count + 1u, sizeof *l->again);
    l->todo = arena_array(w->arena, w->page_count + 1u, sizeof *l->todo);
    if (l->again == NULL || l->todo == NULL)
        return RC_NOMEM;
    for (uint32_t p = 0; p < w->page_count && rc == RC_OK; p++) {
        if (w->page_count <= PAGES_AGAIN || (f != NULL && f->page == p))
            l->todo[l->todo_count++] = p;
        else
            rc = replay_stored(desk, w, ARTIFACT_READING, w->pages[p], w->arena, &l->again[p]);
    }
    return rc;
}

/* The same words at the same places, whoever read them. */
static bool
alike(struct bytes a, struct bytes b, struct arena *arena)
{
    struct page_reading *x, *y;
    struct buffer p, q;
    bool same;

    if (reading_read(a, arena, &x) != RC_OK || reading_read(b, arena, &y) != RC_OK)
        return false;
    x->made_by = y->made_by = "";
    buffer_init(&p, 16u << 20);
    buffer_init(&q, 16u << 20);
    reading_write(&p, x);
    reading_write(&q, y);
    same = !p.failed && !q.failed && bytes_equal(buffer_bytes(&p), buffer_bytes(&q));
    buffer_done(&p);
    buffer_done(&q);
    return same;
}

static enum rc
read_page(struct desk *desk, struct work *w, struct looking *l, uint32_t page, struct arena *arena)
{
    uint32_t file_page = w->pages[page];
    struct cell_input inputs[3] = { { ARTIFACT_ORIGINAL, 0, w->original, { NULL, 0 } },
                                    { ARTIFACT_RECIPE, 0, -1, w->recipe_bytes } };
    struct cell_call call = { .stage = stage_find("read"), .inputs = inputs, .input_count = 2, .page = file_page,
                              .hint = w->task.hint, .name = "" };
    struct cell_answer answer = { .raster_fd = -1 };
    const struct artifact *made;
    struct bytes before;
    void *copy;
    enum rc rc;

    if (file_page >= w->recipe->count)
        return RC_INPUT;
    if (w->recipe->pages[file_page].way == WAY_RENDER) {
        if ((rc = work_paint(desk, w, file_page, arena)) != RC_OK)
            return rc;
        inputs[2] = (struct cell_input){ ARTIFACT_RASTER, file_page, w->raster, { NULL, 0 } };
        call.input_count = 3;
    }
    if ((rc = desk_cell_run(desk, &call, arena, &answer)) != RC_OK)
        return rc;
    made = artifact_find(&answer.made, ARTIFACT_READING, file_page);
    if (made == NULL)
        return RC_NOT_FOUND;
    if ((copy = arena_copy(w->arena, made->bytes.data, made->bytes.size)) == NULL)
        return RC_NOMEM;
    l->again[page] = bytes_of(copy, made->bytes.size);
    if (replay_stored(desk, w, ARTIFACT_READING, file_page, arena, &before) == RC_OK &&
        alike(before, l->again[page], arena))
        l->same++;
    return RC_OK;
}

/* What the machine itself said then. */
static bool
same_as_then(const struct field *then, const struct field *now)
{
    const struct provenance *p = then != NULL ? then->story : NULL;
    const char *value = then == NULL ? "" : then->state == FIELD_VALUE ? then->value : "";
    const char *today = now == NULL || now->state != FIELD_VALUE ? "" : now->value;

    if (p != NULL && p->keying_count > 0 && p->keyings[0].by != ORIGIN_PERSON) {
        value = p->keyings[0].state == FIELD_VALUE ? p->keyings[0].value : "";
        /* a long value is kept cut */
        if (strlen(value) >= PROVENANCE_TEXT - 4)
            return strncmp(value, today, strlen(value)) == 0;
    }
    return strcmp(value, today) == 0;
}

static enum rc
run_document(struct desk *desk, struct work *w, struct looking *l, struct arena *arena, struct desk_rerun *out)
{
    struct cell_call call = { .stage = stage_find("classify"), .hint = w->task.hint, .name = "" };
    struct cell_answer answer = { .raster_fd = -1 };
    const struct field *now, *then = w->items[l->item].field;
    struct fields *fields = NULL;
    struct cell_input *inputs;
    enum rc rc = replay_inputs(desk, w, l->again, arena, &inputs, &call.input_count, out->told);

    if (rc != RC_OK)
        return rc;
    call.inputs = inputs;
    if ((rc = desk_cell_run(desk, &call, arena, &answer)) != RC_OK)
        return rc;
    for (uint32_t i = 0; i < answer.made.count; i++)
        if (answer.made.items[i].kind == ARTIFACT_FIELDS &&
            (rc = fields_read(answer.made.items[i].bytes, arena, &fields)) != RC_OK)
            return rc;
    if (fields == NULL)
        return RC_NOT_FOUND;
    now = item_in(fields, &w->items[l->item]);
    out->form = fields->form;
    out->state = (uint8_t)replay_state(now);
    out->same = same_as_then(then, now);
    if (now != NULL) {
        out->value = now->value;
        out->text = now->text;
        out->verdict = (uint8_t)now->verdict;
        out->sure = (uint16_t)(now->confidence * 1000 + 0.5);
    }
    out->made_count = fields->version_count < DESK_LIST_MAX ? fields->version_count : DESK_LIST_MAX;
    if ((out->made = arena_array(arena, out->made_count, sizeof *out->made)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < out->made_count; i++)
        out->made[i] = (struct desk_made){ fields->versions[i].name, fields->versions[i].value };
    return RC_OK;
}

void
answer_rerun(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    struct work *w = s->work;
    struct looking *l = w->looking;
    struct desk_rerun out = { .form = "", .value = "", .text = "", .state = DESK_HAS_NOTHING };
    struct arena *arena = NULL;
    struct buffer body;
    enum rc rc = RC_OK;

    (void)ask;
    if (l == NULL) {
        session_refuse(s, RC_NOT_FOUND, W_D_NO_ITEM);
        return;
    }
    if ((arena = arena_new(RUN_ARENA)) == NULL)
        rc = RC_NOMEM;
    if (rc == RC_OK && l->again == NULL)
        rc = begin(desk, w, l);
    if (rc == RC_OK && l->done < l->todo_count) {
        rc = read_page(desk, w, l, l->todo[l->done], arena);
        l->done++;
    } else if (rc == RC_OK) {
        rc = run_document(desk, w, l, arena, &out);
        out.finished = 1;
    }
    if (rc == RC_LOST || rc == RC_DB) {
        session_refuse(s, rc, rc == RC_LOST ? W_D_LEASE : W_D_DATABASE);
        arena_free(arena);
        return;
    }
    if (rc != RC_OK) {
        /* A page that no longer can be read is an answer, too. */
        log_event(LOG_WARN, "desk.no_rerun", LOG_ID("document", w->task.document.b), LOG_RC(rc));
        out.failed = out.finished = 1;
    }
    out.done = l->done;
    out.of = l->todo_count;
    out.pages_same = l->same;
    buffer_init(&body, DESK_ANSWER_MAX);
    desk_rerun_write(&body, &out);
    session_answer(s, DESK_IS_RERUN, &body);
    buffer_done(&body);
    arena_free(arena);
}
