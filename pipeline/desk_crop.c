/*
 * desk_crop.c - the picture of one value, cut by the caged "crop" stage, and the next ones ahead
 * of time.
 *
 * What the cage gives back is pixels under a header that is checked here; a page that is not
 * one image is drawn by the second cage first.
 */
#include "desk.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "doc/raster.h"
#include "doc/reading.h"
#include "sys/vault.h"

#define MARGIN_INCHES 0.12 /* what the crop stage leaves around a box */
#define CROP_ARENA (16u << 20)

void
crop_forget(struct session *s)
{
    for (int i = 0; i < DESK_PREFETCH; i++) {
        buffer_done(&s->kept[i].answer);
        buffer_init(&s->kept[i].answer, DESK_KEPT_MAX);
        s->kept[i].used = false;
    }
}

/* Size and turn of a page, from its reading; a page without a reading is as its recipe says. */
static enum rc
page_place(struct desk *desk, struct work *w, uint32_t page, struct page_place **out)
{
    struct page_place *p = &w->places[page];
    const struct recipe_page *r;
    struct seal_place place = { ARTIFACT_READING, w->pages[page], 0, 0, true };
    struct arena *arena;
    struct page_reading *reading;
    struct bytes sealed;
    struct bytes plain;
    enum rc rc;

    *out = p;
    if (p->known)
        return RC_OK;
    if (w->pages[page] >= w->recipe->count)
        return RC_INPUT;
    r = &w->recipe->pages[w->pages[page]];
    *p = (struct page_place){ true, r->rotation % 180 == 0 ? r->width : r->height,
                              r->rotation % 180 == 0 ? r->height : r->width, r->dpi, 0 };
    if ((arena = arena_new(24u << 20)) == NULL)
        return RC_NOMEM;
    rc = store_review_load(desk->db, &w->task, ARTIFACT_READING, w->pages[page], arena, &sealed);
    if (rc == RC_OK && (rc = vault_open(w->file_key, &place, sealed, arena, &plain)) == RC_OK &&
        (rc = reading_read(plain, arena, &reading)) == RC_OK) {
        p->turn = reading->rotation;
        p->dpi = reading->dpi > 0 ? reading->dpi : p->dpi;
        if (reading->facts.width > 0 && reading->facts.height > 0) {
            p->width = reading->facts.width;
            p->height = reading->facts.height;
        }
    }
    arena_free(arena);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc
desk_cell_run(struct desk *desk, const struct cell_call *call, struct arena *arena, struct cell_answer *answer)
{
    enum rc rc = RC_IO;

    for (int i = 0; i < 2; i++) {
        struct err err = { 0 };

        if (desk->host == NULL && (rc = cell_host_start(NULL, desk->in.forms, &desk->host, &err)) != RC_OK) {
            log_event(LOG_ERROR, "desk.no_cell", LOG_RC(rc));
            return rc;
        }
        rc = cell_run(desk->host, call, arena, answer);
        if (rc != RC_IO && rc != RC_TIMEOUT)
            return rc;
        log_event(LOG_WARN, "desk.cell_lost", LOG_RC(rc));
        cell_host_stop(desk->host);
        desk->host = NULL;
    }
    return rc;
}

/* The page as a raster in a memfd, when it must be drawn. */
enum rc
work_paint(struct desk *desk, struct work *w, uint32_t file_page, struct arena *arena)
{
    const struct cell_input inputs[] = { { ARTIFACT_ORIGINAL, 0, w->original, { NULL, 0 } },
                                         { ARTIFACT_RECIPE, 0, -1, w->recipe_bytes } };
    struct cell_call call = { .stage = stage_find("paint"), .inputs = inputs, .input_count = 2, .hint = "",
                              .page = file_page, .name = "" };
    struct cell_answer answer = { .raster_fd = -1 };
    enum rc rc;

    if (w->raster >= 0 && w->raster_page == file_page)
        return RC_OK;
    if (w->raster >= 0)
        close(w->raster);
    w->raster = -1;
    if ((rc = desk_cell_run(desk, &call, arena, &answer)) != RC_OK)
        return rc;
    if (answer.raster_fd < 0)
        return RC_NOT_FOUND;
    w->raster = answer.raster_fd;
    w->raster_page = file_page;
    return RC_OK;
}

static enum rc
cut(struct desk *desk, struct work *w, uint32_t page, struct box box, int turn, struct arena *arena,
    struct raster *out)
{
    uint32_t file_page = w->pages[page];
    bool drawn = w->recipe->pages[file_page].way == WAY_RENDER;
    struct cell_input inputs[3] = { { ARTIFACT_RECIPE, 0, -1, w->recipe_bytes },
                                    { ARTIFACT_ORIGINAL, 0, w->original, { NULL, 0 } } };
    struct cell_call call = { .stage = stage_find("crop"), .inputs = inputs, .input_count = 2, .hint = "",
                              .page = file_page, .name = "", .output_max = CROP_ARENA / 2, .crop = box,
                              .crop_max = DESK_SIDE_MAX, .turn = turn };
    struct cell_answer answer = { .raster_fd = -1 };
    const struct artifact *made;
    enum rc rc;

    if (drawn) {
        if ((rc = work_paint(desk, w, file_page, arena)) != RC_OK)
            return rc;
        inputs[1] = (struct cell_input){ ARTIFACT_RASTER, file_page, w->raster, { NULL, 0 } };
    }
    if ((rc = desk_cell_run(desk, &call, arena, &answer)) != RC_OK)
        return rc;
    made = artifact_find(&answer.made, ARTIFACT_CROP, file_page);
    if (made == NULL)
        return RC_NOT_FOUND;
    return raster_open(made->bytes, out);
}

/* What part of the page a view shows. */
static struct box
box_of(const struct page_place *p, struct box value, enum desk_view view, const struct desk_box *window)
{
    struct box whole = { 0, 0, (int32_t)p->width, (int32_t)p->height };
    int margin = (int)(MARGIN_INCHES * p->dpi);
    int high = value.y1 - value.y0;
    struct box b = value;

    if (view == DESK_VIEW_LINE) {
        b = (struct box){ value.x0 - 14 * high, value.y0 - high, value.x1 + 14 * high, value.y1 + high };
    } else if (view == DESK_VIEW_PAGE) {
        /* The stage will add its margin again. */
        b = (struct box){ (int32_t)((int64_t)window->x0 * p->width / 1000) + margin,
                          (int32_t)((int64_t)window->y0 * p->height / 1000) + margin,
                          (int32_t)((int64_t)window->x1 * p->width / 1000) - margin,
                          (int32_t)((int64_t)window->y1 * p->height / 1000) - margin };
        if (box_is_empty(b))
            b = (struct box){ b.x0 - margin, b.y0 - margin, b.x0 - margin + 8, b.y0 - margin + 8 };
    }
    return box_cut(b, whole);
}

static uint16_t
thousandths(double at, double of)
{
    double t = of > 0 ? at * 1000 / of : 0;

    return (uint16_t)(t < 0 ? 0 : t > 1000 ? 1000 : t + 0.5);
}

/* Where the value lies in what was cut, and what part of the page that is. */
static void
describe(const struct page_place *p, const struct raster *r, struct box cut_box, struct box value,
         struct desk_crop *out)
{
    /* The stage's margin follows the image's own resolution, which the reading may know better; what came
     * unscaled tells it. */
    bool scaled = r->width >= DESK_SIDE_MAX || r->height >= DESK_SIDE_MAX;
    double margin = (int)(MARGIN_INCHES * (scaled || r->dpi == 0 ? p->dpi : r->dpi));
    double x0 = cut_box.x0 - margin > 0 ? cut_box.x0 - margin : 0;
    double y0 = cut_box.y0 - margin > 0 ? cut_box.y0 - margin : 0;
    double x1 = cut_box.x1 + margin < p->width ? cut_box.x1 + margin : p->width;
    double y1 = cut_box.y1 + margin < p->height ? cut_box.y1 + margin : p->height;
    double sx = x1 > x0 ? r->width / (x1 - x0) : 1;
    double sy = y1 > y0 ? r->height / (y1 - y0) : 1;

    out->window = (struct desk_box){ thousandths(x0, p->width), thousandths(y0, p->height),
                                     thousandths(x1, p->width), thousandths(y1, p->height) };
    out->width = r->width;
    out->height = r->height;
    if (box_is_empty(value))
        return;
    out->x0 = (uint32_t)(value.x0 > x0 ? (value.x0 - x0) * sx : 0);
    out->y0 = (uint32_t)(value.y0 > y0 ? (value.y0 - y0) * sy : 0);
    out->x1 = (uint32_t)(value.x1 > x0 ? (value.x1 - x0) * sx : 0);
    out->y1 = (uint32_t)(value.y1 > y0 ? (value.y1 - y0) * sy : 0);
    out->x1 = out->x1 > r->width ? r->width : out->x1;
    out->y1 = out->y1 > r->height ? r->height : out->y1;
    if (out->x0 > out->x1 || out->y0 > out->y1)
        out->x0 = out->x1 = out->y0 = out->y1 = 0;
}

/*
 * The stage's margin shows a line above and below; only the value leaves, with as much around
 * it as shows that nothing is cut off.
 */
static enum rc
trim(struct desk_crop *c, uint32_t dpi, struct arena *arena)
{
    uint32_t high = c->y1 - c->y0;
    uint32_t across = high / 2 + 4 < dpi / 20 ? high / 2 + 4 : dpi / 20;
    uint32_t up = high / 3 + 3 < dpi / 40 ? high / 3 + 3 : dpi / 40;
    uint32_t x0 = c->x0 > across ? c->x0 - across : 0;
    uint32_t y0 = c->y0 > up ? c->y0 - up : 0;
    uint32_t x1 = c->x1 + across < c->width ? c->x1 + across : c->width;
    uint32_t y1 = c->y1 + up < c->height ? c->y1 + up : c->height;
    uint8_t *pixels;

    if (c->x1 <= c->x0 || c->y1 <= c->y0)
        return RC_OK;
    if ((pixels = arena_array(arena, x1 - x0, y1 - y0)) == NULL)
        return RC_NOMEM;
    for (uint32_t y = y0; y < y1; y++)
        memcpy(pixels + (size_t)(y - y0) * (x1 - x0), c->pixels.data + (size_t)y * c->width + x0, x1 - x0);
    c->pixels = bytes_of(pixels, (size_t)(x1 - x0) * (y1 - y0));
    c->width = x1 - x0;
    c->height = y1 - y0;
    c->x0 -= x0;
    c->x1 -= x0;
    c->y0 -= y0;
    c->y1 -= y0;
    return RC_OK;
}

/* Make the body of the answer. */
static enum rc
make(struct desk *desk, struct session *s, const struct desk_ask *ask, struct buffer *body)
{
    struct work *w = s->work;
    const struct field *field = ask->flag == DESK_VIEW_PAGE ? NULL : w->items[ask->number].field;
    uint32_t page = field == NULL ? ask->number : field->page;
    struct box value = field == NULL ? (struct box){ 0, 0, 0, 0 } : field->box;
    struct desk_crop crop = { .item = ask->number, .page = page };
    struct arena *arena = NULL;
    struct page_place *place;
    struct raster raster;
    struct box box;
    enum rc rc;

    if (page >= w->page_count || (field == NULL && ask->flag != DESK_VIEW_PAGE))
        return RC_NOT_FOUND;
    if ((rc = work_source(desk, w)) != RC_OK || (rc = page_place(desk, w, page, &place)) != RC_OK)
        return rc;
    box = box_of(place, value, (enum desk_view)ask->flag, &ask->box);
    if (box_is_empty(box))
        return RC_NOT_FOUND;
    if ((arena = arena_new(CROP_ARENA)) == NULL)
        return RC_NOMEM;
    rc = cut(desk, w, page, box, place->turn, arena, &raster);
    if (rc == RC_OK && (raster.width > DESK_SIDE_MAX || raster.height > DESK_SIDE_MAX))
        rc = RC_LIMIT;
    if (rc == RC_OK) {
        describe(place, &raster, box, value, &crop);
        crop.pixels = bytes_of(raster.pixels, (size_t)raster.width * raster.height);
        if (ask->flag == DESK_VIEW_VALUE)
            rc = trim(&crop, raster.dpi > 60 ? raster.dpi : 200, arena);
    }
    if (rc == RC_OK) {
        desk_crop_write(body, &crop);
        rc = body->failed ? RC_LIMIT : RC_OK;
    }
    arena_free(arena);
    return rc;
}

static struct kept_crop *
kept_find(struct session *s, uint32_t item, uint8_t view)
{
    for (int i = 0; i < DESK_PREFETCH; i++)
        if (s->kept[i].used && s->kept[i].item == item && s->kept[i].view == view)
            return &s->kept[i];
    return NULL;
}

/* Who saw what is written before it leaves; when it cannot be written, nothing leaves. */
static enum rc
write_down(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    char what[100];

    if (ask->flag == DESK_VIEW_VALUE)
        return RC_OK; /* the value itself was asked for, and written down, before */
    if (ask->flag == DESK_VIEW_PAGE)
        snprintf(what, sizeof what, "page:%u", (unsigned)ask->number + 1);
    else
        snprintf(what, sizeof what, "line:%.90s", s->work->items[ask->number].name);
    return store_review_saw(desk->db, &s->person.id, &s->work->task, what);
}

static enum rc
see_value(struct desk *desk, struct session *s, struct item *item)
{
    char name[100];
    enum rc rc;

    if (item->seen)
        return RC_OK;
    snprintf(name, sizeof name, "%.99s", item->name);
    rc = store_review_saw(desk->db, &s->person.id, &s->work->task, name);
    item->seen = rc == RC_OK;
    return rc;
}

void
answer_crop(struct desk *desk, struct session *s, const struct desk_ask *ask)
{
    struct kept_crop *kept;
    struct buffer body;
    enum rc rc = RC_OK;

    if (s->work == NULL) {
        session_refuse(s, RC_NOT_FOUND, W_D_NO_DOCUMENT);
        return;
    }
    if (ask->flag > DESK_VIEW_PAGE || (ask->flag != DESK_VIEW_PAGE && ask->number >= s->work->count)) {
        session_refuse(s, RC_NOT_FOUND, W_D_NO_ITEM);
        return;
    }
    /* Who looks back sees the one value that was written down. */
    if (s->work->task.replay && (ask->flag != DESK_VIEW_VALUE || !s->work->items[ask->number].seen)) {
        session_refuse(s, RC_DENIED, W_D_NOT_ALLOWED);
        return;
    }
    if (ask->flag != DESK_VIEW_PAGE) {
        if (!item_allowed(s, &s->work->items[ask->number])) {
            session_refuse(s, RC_DENIED, W_D_NOT_ALLOWED);
            return;
        }
        rc = see_value(desk, s, &s->work->items[ask->number]);
        s->looking = ask->number;
    }
    if (rc == RC_OK)
        rc = write_down(desk, s, ask);
    if (rc != RC_OK) {
        session_refuse(s, rc, rc == RC_LOST ? W_D_LEASE : W_D_DATABASE);
        return;
    }
    buffer_init(&body, DESK_ANSWER_MAX);
    kept = kept_find(s, ask->number, ask->flag);
    if (kept != NULL && ask->flag != DESK_VIEW_PAGE) {
        session_answer(s, DESK_IS_CROP, &kept->answer);
    } else if ((rc = make(desk, s, ask, &body)) == RC_OK) {
        session_answer(s, DESK_IS_CROP, &body);
    } else {
        log_event(LOG_WARN, "desk.no_crop", LOG_ID("document", s->work->task.document.b), LOG_RC(rc));
        session_refuse(s, rc == RC_LOST ? RC_LOST : RC_NOT_FOUND, rc == RC_LOST ? W_D_LEASE : W_D_NO_PICTURE);
    }
    buffer_done(&body);
    s->prefetch = !s->work->task.replay;
}

/* A place for one more: an unused one, else one behind the item looked at. */
static struct kept_crop *
kept_place(struct session *s, const int32_t *wanted, int count)
{
    for (int i = 0; i < DESK_PREFETCH; i++) {
        bool needed = false;

        for (int n = 0; n < count; n++)
            needed = needed || (s->kept[i].used && (int32_t)s->kept[i].item == wanted[n]);
        if (!needed)
            return &s->kept[i];
    }
    return NULL;
}

bool
crop_ahead(struct desk *desk, struct session *s)
{
    int32_t wanted[DESK_PREFETCH - 1];
    int count = 0;
    uint32_t at = s->looking;

    if (s->work != NULL)
        while (count < DESK_PREFETCH - 1) {
            int32_t next = s->work->count == 0 ? -1 : work_next(s, at);

            if (next < 0 || (count > 0 && next == wanted[0]))
                break;
            wanted[count++] = next;
            at = (uint32_t)next;
        }
    for (int i = 0; i < count; i++) {
        struct desk_ask ask = { .what = DESK_CROP, .number = (uint32_t)wanted[i], .flag = DESK_VIEW_VALUE };
        const struct field *field = s->work->items[wanted[i]].field;
        struct kept_crop *place;

        if (kept_find(s, ask.number, ask.flag) != NULL || field == NULL || box_is_empty(field->box))
            continue;
        if ((place = kept_place(s, wanted, count)) == NULL)
            break;
        buffer_done(&place->answer);
        buffer_init(&place->answer, DESK_KEPT_MAX);
        place->item = ask.number;
        place->view = ask.flag;
        place->used = make(desk, s, &ask, &place->answer) == RC_OK;
        if (!place->used) {
            s->prefetch = false; /* the person's own question will say what is wrong */
            return false;
        }
        return true;
    }
    s->prefetch = false;
    return false;
}
