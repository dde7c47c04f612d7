/* picture.c - gray pixels to dots, dots to braille with libchafa. */
#include "picture.h"

#include <chafa.h>
#include <math.h>
#include <string.h>

#define DOTS_MAX 2000 /* of one strip in width */
#define STRIPS_MAX 24

struct dots {
    uint8_t *gray; /* 0 black */
    int width, height;
};

double
picture_scale(const struct desk_crop *crop, unsigned letters, double per_letter)
{
    double width = crop->x1 > crop->x0 ? crop->x1 - crop->x0 : crop->width;
    double height = crop->y1 > crop->y0 ? crop->y1 - crop->y0 : crop->height;
    double letter = height * 0.55;
    double scale;

    if (letters > 0) {
        /* Over several printed lines each holds its share of the letters; a letter is about half as wide
         * as its line is high. */
        double lines = floor(sqrt(letters * height * 0.45 / width) + 0.5);

        letter = width * (lines < 1 ? 1 : lines) / letters;
        /* A value read wrongly (two letters for ten) must not blow the picture up. */
        if (letter > height * 1.2)
            letter = height * 1.2;
    }
    if (letter < 2)
        letter = 2;
    scale = per_letter / letter;
    return scale > 4 ? 4 : scale < 0.02 ? 0.02 : scale;
}

/* One dot is the mean of the pixels that it covers; where it covers less than one, the nearest two are mixed. */
static uint8_t
dot_at(const struct desk_crop *crop, double x0, double y0, double step)
{
    double sum = 0;
    double weight = 0;
    int left = (int)floor(x0);
    int top = (int)floor(y0);
    int right = (int)ceil(x0 + step);
    int bottom = (int)ceil(y0 + step);

    for (int y = top; y < bottom; y++) {
        double wy = fmin(y + 1, y0 + step) - fmax(y, y0);

        for (int x = left; x < right; x++) {
            double wx = fmin(x + 1, x0 + step) - fmax(x, x0);

            if (x < 0 || y < 0 || x >= (int)crop->width || y >= (int)crop->height)
                continue;
            sum += crop->pixels.data[(size_t)y * crop->width + (size_t)x] * wx * wy;
            weight += wx * wy;
        }
    }
    return weight > 0 ? (uint8_t)(sum / weight + 0.5) : 255;
}

/* Between paper and ink as this crop has them (Otsu), moved towards paper so that thin strokes stay. */
static int
threshold(const struct dots *d)
{
    double count[256] = { 0 };
    double total = (double)d->width * d->height;
    double all = 0;
    double low = 0;
    double low_sum = 0;
    double best = -1;
    double ink = 0;
    double paper = 255;

    for (int i = 0; i < d->width * d->height; i++)
        count[d->gray[i]]++;
    for (int v = 0; v < 256; v++)
        all += v * count[v];
    for (int v = 0; v < 255; v++) {
        double high;
        double a;
        double b;

        low += count[v];
        low_sum += v * count[v];
        high = total - low;
        if (low == 0 || high == 0)
            continue;
        a = low_sum / low;
        b = (all - low_sum) / high;
        if (low * high * (a - b) * (a - b) > best) {
            best = low * high * (a - b) * (a - b);
            ink = a;
            paper = b;
        }
    }
    /* An empty crop has no ink: its noise must not be blown up into some. */
    if (best < 0 || paper - ink < 40)
        return (int)(paper < 128 && best < 0 ? 128 : ink - 40);
    return (int)(ink + (paper - ink) * 0.56);
}

/* The whole crop in dots, black or white. */
static enum rc
scale_down(const struct desk_crop *crop, double dots, struct arena *arena, struct dots *out)
{
    int limit;

    out->width = (int)ceil(crop->width * dots);
    out->height = (int)ceil(crop->height * dots);
    if (out->width < 1 || out->height < 1 || out->width > DOTS_MAX * STRIPS_MAX || out->height > DOTS_MAX)
        return RC_LIMIT;
    out->gray = arena_array(arena, (size_t)out->width, (size_t)out->height);
    if (out->gray == NULL)
        return RC_NOMEM;
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++)
            out->gray[(size_t)y * (size_t)out->width + (size_t)x] = dot_at(crop, x / dots, y / dots, 1 / dots);
    limit = threshold(out);
    for (size_t i = 0; i < (size_t)out->width * (size_t)out->height; i++)
        out->gray[i] = out->gray[i] <= limit ? 0 : 255;
    return RC_OK;
}

static int
ink_in_column(const struct dots *d, int x)
{
    int n = 0;

    for (int y = 0; y < d->height; y++)
        n += d->gray[(size_t)y * (size_t)d->width + (size_t)x] == 0;
    return n;
}

/* Where to fold: the emptiest column in the last third of the strip, the last one of equals. */
static int
fold_at(const struct dots *d, int from, int room)
{
    int best = from + room;
    int least = d->height + 1;

    if (from + room >= d->width)
        return d->width;
    for (int x = from + room - 1; x > from + room * 2 / 3; x--) {
        int n = ink_in_column(d, x);

        if (n < least) {
            least = n;
            best = x;
        }
    }
    return best;
}

/* One strip of dots, drawn by libchafa into its rows of cells. */
static void
draw_strip(const struct dots *d, int from, int to, struct picture *out, int row, ChafaCanvas *canvas, uint8_t *rgba,
           int rows)
{
    int width = out->columns * 2;

    memset(rgba, 0, (size_t)width * (size_t)rows * 4 * 4);
    for (size_t i = 3; i < (size_t)width * (size_t)rows * 4 * 4; i += 4)
        rgba[i] = 255;
    for (int y = 0; y < d->height && y < rows * 4; y++)
        for (int x = from; x < to && x - from < width; x++)
            if (d->gray[(size_t)y * (size_t)d->width + (size_t)x] == 0)
                memset(rgba + 4 * ((size_t)y * (size_t)width + (size_t)(x - from)), 255, 3);
    /* Four bytes a pixel: with three, libchafa 1.12 rounds the stride down and shears the picture. */
    chafa_canvas_draw_all_pixels(canvas, CHAFA_PIXEL_RGBA8_UNASSOCIATED, rgba, width, rows * 4, width * 4);
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < out->columns; x++)
            out->cells[(size_t)(row + y) * (size_t)out->columns + (size_t)x] =
                (wchar_t)chafa_canvas_get_char_at(canvas, x, y);
}

static ChafaCanvas *
canvas_new(int columns, int rows)
{
    ChafaSymbolMap *map = chafa_symbol_map_new();
    ChafaCanvasConfig *config = chafa_canvas_config_new();
    ChafaCanvas *canvas;

    chafa_symbol_map_add_by_tags(map, CHAFA_SYMBOL_TAG_BRAILLE);
    chafa_canvas_config_set_geometry(config, columns, rows);
    chafa_canvas_config_set_symbol_map(config, map);
    chafa_canvas_config_set_canvas_mode(config, CHAFA_CANVAS_MODE_FGBG);
    chafa_canvas_config_set_fg_color(config, 0xffffff);
    chafa_canvas_config_set_bg_color(config, 0);
    chafa_canvas_config_set_preprocessing_enabled(config, FALSE);
    chafa_canvas_config_set_work_factor(config, 1.0f);
    canvas = chafa_canvas_new(config);
    chafa_canvas_config_unref(config);
    chafa_symbol_map_unref(map);
    return canvas;
}

enum rc
picture_make(const struct desk_crop *crop, const struct picture_plan *plan, struct arena *arena, struct picture *out)
{
    struct dots d = { NULL, 0, 0 };
    int cuts[STRIPS_MAX + 1] = { 0 };
    int strips = 0;
    int rows;
    uint8_t *rgba;
    ChafaCanvas *canvas;
    enum rc rc;

    memset(out, 0, sizeof *out);
    if (plan->columns < 1 || plan->columns * 2 > DOTS_MAX)
        return RC_LIMIT;
    if ((rc = scale_down(crop, plan->dots, arena, &d)) != RC_OK)
        return rc;
    do {
        cuts[strips + 1] = fold_at(&d, cuts[strips], plan->columns * 2);
        strips++;
    } while (plan->fold && strips < STRIPS_MAX && cuts[strips] < d.width);
    rows = (d.height + 3) / 4;
    out->columns = plan->columns;
    if (strips == 1 && (cuts[1] + 1) / 2 < plan->columns)
        out->columns = (cuts[1] + 1) / 2;
    out->rows = rows * strips;
    out->cells = arena_array(arena, (size_t)out->rows * (size_t)out->columns, sizeof *out->cells);
    rgba = arena_array(arena, (size_t)out->columns * 2 * 4, (size_t)rows * 4);
    if (out->cells == NULL || rgba == NULL)
        return RC_NOMEM;
    canvas = canvas_new(out->columns, rows);
    for (int i = 0; i < strips; i++)
        draw_strip(&d, cuts[i], cuts[i + 1], out, i * rows, canvas, rgba, rows);
    chafa_canvas_unref(canvas);
    return RC_OK;
}
