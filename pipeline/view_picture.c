/* view_picture.c - the picture above the value: the value large, its line, or the page to move in. */
#include <math.h>
#include <string.h>

#include "screen.h"
#include "view_field.h"

/* Dots to a letter; below eight a digit cannot be told from another (measured, docs/REVIEW.md). */
#define DOTS_LEAST 8.0
#define DOTS_MOST 20.0

/* How F4 goes round: the value at three sizes, then the line around it. */
static const double zooms[] = { 1.0, 1.6, 2.4, 0 };
/* In page mode: thousandths of the page's width seen. */
static const int page_zooms[] = { 330, 220, 500, 1000 };

void
field_picture_forget(struct field_screen *f)
{
    arena_free(f->crop_arena);
    arena_free(f->draw_arena);
    f->crop_arena = NULL;
    f->draw_arena = NULL;
    f->has_crop = false;
    f->picture.cells = NULL;
}

static void
fetch(struct station *st, struct field_screen *f, struct desk_ask *ask)
{
    struct desk_answer answer;

    field_picture_forget(f);
    f->crop_arena = arena_new(2 * DESK_ANSWER_MAX + (1u << 18));
    f->draw_arena = arena_new(24u << 20);
    f->scroll = 0;
    if (f->crop_arena == NULL || f->draw_arena == NULL)
        return;
    ask->what = DESK_CROP;
    if (station_ask(st, ask, DESK_IS_CROP, f->crop_arena, &answer) != RC_OK)
        return;
    f->crop = f->focus = answer.u.crop;
    if (ask->flag == DESK_VIEW_VALUE && picture_focus(&f->crop, f->crop_arena, &f->focus) != RC_OK)
        f->focus = f->crop;
    f->page = f->crop.page;
    f->has_crop = true;
}

void
field_picture_value(struct station *st, struct field_screen *f)
{
    struct desk_ask ask = { .number = st->item, .flag = zooms[f->zoom] > 0 ? DESK_VIEW_VALUE : DESK_VIEW_LINE };

    f->page_mode = false;
    f->page = f->field.page;
    fetch(st, f, &ask);
}

/* A window of this size around a middle, pushed back into the page. */
static struct desk_box
window_at(int x, int y, int width, int height)
{
    int x0 = x - width / 2;
    int y0 = y - height / 2;

    width = width > 1000 ? 1000 : width;
    height = height > 1000 ? 1000 : height;
    x0 = x0 < 0 ? 0 : x0 + width > 1000 ? 1000 - width : x0;
    y0 = y0 < 0 ? 0 : y0 + height > 1000 ? 1000 - height : y0;
    return (struct desk_box){ (uint16_t)x0, (uint16_t)y0, (uint16_t)(x0 + width), (uint16_t)(y0 + height) };
}

static void
fetch_page(struct station *st, struct field_screen *f, int x, int y)
{
    struct desk_ask ask = { .number = f->page, .flag = DESK_VIEW_PAGE };
    int width = page_zooms[f->page_zoom];
    /* As much height as the pane shows at this width. */
    double pane = f->pane_columns > 0 ? (4.0 * f->pane_rows) / (2.0 * f->pane_columns) : 0.3;
    int height = (int)(width * pane / (f->tall > 0 ? f->tall : 1.414));

    ask.box = window_at(x, y, width, height < 20 ? 20 : height);
    f->window = ask.box;
    fetch(st, f, &ask);
    if (f->has_crop && f->crop.window.x1 > f->crop.window.x0 && f->crop.window.y1 > f->crop.window.y0)
        f->tall = ((double)f->crop.height / (f->crop.window.y1 - f->crop.window.y0)) /
                  ((double)f->crop.width / (f->crop.window.x1 - f->crop.window.x0));
}

void
field_picture_page(struct station *st, struct field_screen *f)
{
    int x = 0;
    int y = 0;

    if (f->has_crop) {
        x = (f->crop.window.x0 + f->crop.window.x1) / 2;
        y = (f->crop.window.y0 + f->crop.window.y1) / 2;
    }
    f->page_mode = true;
    if (f->pane_rows == 0) {
        f->pane_rows = screen_rows() - 12 > 4 ? screen_rows() - 12 : 4;
        f->pane_columns = screen_columns() - 2;
    }
    fetch_page(st, f, x, y);
}

static void
pan(struct station *st, struct field_screen *f, int right, int down)
{
    int width = f->window.x1 - f->window.x0;
    int height = f->window.y1 - f->window.y0;
    int x = (f->window.x0 + f->window.x1) / 2 + right * width / 2;
    int y = (f->window.y0 + f->window.y1) / 2 + down * height * 2 / 3;

    /* Beyond the edge of a page lies the next one. */
    if (down > 0 && f->window.y1 >= 1000 && f->page + 1 < st->document.pages) {
        f->page++;
        y = 0;
    } else if (down < 0 && f->window.y0 == 0 && f->page > 0) {
        f->page--;
        y = 1000;
    }
    fetch_page(st, f, x, y);
}

bool
field_picture_act(struct station *st, struct field_screen *f, enum action action)
{
    switch (action) {
    case ACT_PAGE:
        if (!f->page_mode)
            field_picture_page(st, f);
        else if (f->ready && f->field.picture)
            field_picture_value(st, f);
        else
            fetch_page(st, f, 0, 0);
        return true;
    case ACT_ZOOM:
        if (f->page_mode) {
            f->page_zoom = (f->page_zoom + 1) % (int)COUNT_OF(page_zooms);
            fetch_page(st, f, (f->window.x0 + f->window.x1) / 2, (f->window.y0 + f->window.y1) / 2);
        } else {
            f->zoom = (f->zoom + 1) % (int)COUNT_OF(zooms);
            field_picture_value(st, f);
        }
        return true;
    case ACT_PAN_UP:
        if (f->page_mode)
            pan(st, f, 0, -1);
        else
            f->scroll -= f->pane_rows;
        return true;
    case ACT_PAN_DOWN:
        if (f->page_mode)
            pan(st, f, 0, 1);
        else
            f->scroll += f->pane_rows;
        return true;
    case ACT_PAN_LEFT:
    case ACT_PAN_RIGHT:
        if (f->page_mode)
            pan(st, f, action == ACT_PAN_LEFT ? -1 : 1, 0);
        return true;
    default: return false;
    }
}

static struct picture_plan
plan_for(const struct field_screen *f, int columns, int rows)
{
    struct picture_plan plan = { .columns = columns, .fold = true };
    unsigned letters = (unsigned)screen_width_of(f->field.text == NULL ? "" : f->field.text);
    double fits = 2.0 * columns / (f->focus.width > 0 ? f->focus.width : 1);
    double per;

    if (f->page_mode || zooms[f->zoom] == 0) {
        plan.dots = fits;
        plan.fold = false;
        if (!f->page_mode && plan.dots > picture_scale(&f->focus, letters, DOTS_LEAST))
            plan.dots = picture_scale(&f->focus, letters, DOTS_LEAST);
        return plan;
    }
    /* As large as fits in one strip, between what can be read and what helps. */
    per = DOTS_LEAST * fits / picture_scale(&f->focus, letters, DOTS_LEAST);
    per = per < DOTS_LEAST ? DOTS_LEAST : per > DOTS_MOST ? DOTS_MOST : per;
    plan.dots = picture_scale(&f->focus, letters, per * zooms[f->zoom]);
    /* Unfolded it may not be higher than the pane, unless letters would get too small. */
    if (plan.dots * f->focus.height > 4.0 * rows && zooms[f->zoom] <= 1) {
        double low = 4.0 * rows / f->focus.height;
        double least = picture_scale(&f->focus, letters, DOTS_LEAST);

        plan.dots = low > least ? low : least < plan.dots ? least : plan.dots;
    }
    return plan;
}

/* A line of carets under the value, when its line is shown. */
static void
draw_carets(const struct field_screen *f, const struct picture_plan *plan, int row)
{
    int x0 = (int)(f->crop.x0 * plan->dots / 2);
    int x1 = (int)(f->crop.x1 * plan->dots / 2);

    for (int x = x0; x < x1 && x < plan->columns; x++)
        screen_put(row, 1 + x, 1, STYLE_BOLD, "^");
}

/* Blank rows at the end are not worth a scroll. */
static int
rows_with_ink(const struct picture *p)
{
    for (int i = p->rows * p->columns - 1; i >= 0; i--)
        if (p->cells[i] > 0x2800 && p->cells[i] <= 0x28ff)
            return i / p->columns + 1;
    return 0;
}

/* Made once and kept: a key must not wait for pixels. */
static bool
ready(struct field_screen *f, const struct picture_plan *plan)
{
    if (f->picture.cells != NULL && f->plan.columns == plan->columns && f->plan.fold == plan->fold &&
        f->plan.dots >= plan->dots && f->plan.dots <= plan->dots)
        return true;
    arena_reset(f->draw_arena);
    f->picture.cells = NULL;
    if (picture_make(&f->focus, plan, f->draw_arena, &f->picture) != RC_OK) {
        f->picture.cells = NULL;
        return false;
    }
    f->picture.rows = rows_with_ink(&f->picture);
    f->plan = *plan;
    return true;
}

void
field_picture_draw(struct station *st, struct field_screen *f, int first, int last)
{
    struct picture_plan plan;
    int rows = last - first;
    int columns = screen_columns() - 2;

    f->pane_rows = rows;
    f->pane_columns = columns;
    if (!f->has_crop) {
        if (f->ready && !f->field.picture)
            screen_wrap(first + 1, 2, columns - 2, 2, STYLE_DIM, word(st->spanish, W_NO_PICTURE));
        return;
    }
    if (rows < 1 || columns < 10)
        return;
    plan = plan_for(f, columns, rows);
    if (!ready(f, &plan))
        return;
    if (f->scroll > f->picture.rows - rows)
        f->scroll = f->picture.rows - rows;
    if (f->scroll < 0)
        f->scroll = 0;
    for (int i = 0; i < rows && i + f->scroll < f->picture.rows; i++)
        screen_cells(first + i, 1, f->picture.cells + (size_t)(i + f->scroll) * (size_t)f->picture.columns,
                     f->picture.columns);
    if (f->page_mode && rows > 6)
        screen_put(last, 1, columns, STYLE_DIM, word(st->spanish, W_PICTURE_PAGE));
    else if (f->picture.rows > f->scroll + rows)
        screen_put(last, 1, columns, STYLE_DIM, word(st->spanish, W_PICTURE_MORE));
    else if (zooms[f->zoom] == 0)
        draw_carets(f, &plan, first + f->picture.rows < last ? first + f->picture.rows : last);
}
