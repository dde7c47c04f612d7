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

/* Between paper and ink as these pixels have them (Otsu), moved towards paper so that thin strokes stay. */
static int
threshold(const uint8_t *gray, size_t size)
{
    double count[256] = { 0 };
    double total = (double)size;
    double all = 0;
    double low = 0;
    double low_sum = 0;
    double best = -1;
    double ink = 0;
    double paper = 255;

    for (size_t i = 0; i < size; i++)
        count[gray[i]]++;
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

/* The longest run of ink in a row (step 1) or column (step width) of n pixels. */
static uint32_t
longest_run(const uint8_t *at, size_t step, uint32_t n, int limit)
{
    uint32_t best = 0;
    uint32_t run = 0;

    for (uint32_t i = 0; i < n; i++) {
        run = at[i * step] <= limit ? run + 1 : 0;
        best = run > best ? run : best;
    }
    return best;
}

/* The first and last place between which all but a hundredth of the ink lies. */
static bool
middle(const uint32_t *ink, uint32_t n, uint32_t *from, uint32_t *to)
{
    uint64_t all = 0;
    uint64_t sum = 0;
    bool begun = false;

    for (uint32_t i = 0; i < n; i++)
        all += ink[i];
    for (uint32_t i = 0; i < n && all > 0; i++) {
        sum += ink[i];
        if (!begun && sum * 200 > all) {
            *from = i;
            begun = true;
        }
        if (sum * 200 >= all * 199) {
            *to = i + 1;
            return true;
        }
    }
    return false;
}

/* A run of ink from here; a single pixel of noise does not break it. */
static uint32_t
run_from(const uint8_t *row, uint32_t x, uint32_t width, int limit)
{
    uint32_t end = x;

    while (end < width && (row[end] <= limit || (end + 1 < width && end > x && row[end + 1] <= limit)))
        end++;
    return end - x;
}

/* Ink in each row and column of the rows kept (NULL: all), ruled lines left out. */
static void
profile(const struct desk_crop *c, int limit, const bool *upright, const bool *keep, uint32_t *rows,
        uint32_t *columns)
{
    memset(rows, 0, c->height * sizeof *rows);
    memset(columns, 0, c->width * sizeof *columns);
    for (uint32_t y = 0; y < c->height; y++) {
        const uint8_t *row = c->pixels.data + (size_t)y * c->width;

        for (uint32_t x = 0; x < c->width && (keep == NULL || keep[y]); x++) {
            uint32_t run = run_from(row, x, c->width, limit);

            /* No stroke of a letter is longer than its line is high; a rule is, even one that runs aslant. */
            for (uint32_t i = x; i < x + run && run <= c->height * 6 / 10 + 8; i++)
                if (!upright[i] && row[i] <= limit) {
                    rows[y]++;
                    columns[i]++;
                }
            x += run;
        }
    }
}

/*
 * Which rows hold the value: lines of writing, told apart by emptier rows, with at least nearly half the
 * ink of the strongest. A form's own captions are small and, where its colour drops out, faint.
 */
static void
strong_lines(const uint32_t *rows, uint32_t n, bool *keep)
{
    uint32_t peak = 0;
    uint64_t most = 0;

    for (uint32_t y = 0; y < n; y++)
        peak = rows[y] > peak ? rows[y] : peak;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t y = 0; y < n; y++) {
            uint32_t end = y;
            uint64_t ink = 0;

            while (end < n && (rows[end] * 10 > peak || (end + 1 < n && end > y && rows[end + 1] * 10 > peak)))
                ink += rows[end++];
            most = ink > most ? ink : most;
            for (uint32_t i = y; pass == 1 && ink * 20 >= most * 9 && i < end; i++)
                keep[i] = true;
            y = end;
        }
}

enum rc
picture_focus(const struct desk_crop *c, struct arena *arena, struct desk_crop *out)
{
    uint32_t *rows = arena_array(arena, c->height, sizeof *rows);
    uint32_t *columns = arena_array(arena, c->width, sizeof *columns);
    bool *upright = arena_array(arena, c->width, sizeof *upright);
    bool *keep = arena_array(arena, c->height, sizeof *keep);
    int limit = threshold(c->pixels.data, c->pixels.size);
    uint32_t x0 = 0, x1 = c->width, y0 = 0, y1 = c->height;
    uint32_t around;
    uint8_t *pixels;

    *out = *c;
    if (rows == NULL || columns == NULL || upright == NULL || keep == NULL)
        return RC_NOMEM;
    for (uint32_t x = 0; x < c->width; x++)
        upright[x] = c->height >= 12 && longest_run(c->pixels.data + x,
            c->width, c->height, limit) * 10 > c->height * 9;
    profile(c, limit, upright, NULL, rows, columns);
    strong_lines(rows, c->height, keep);
    profile(c, limit, upright, keep, rows, columns);
    if (!middle(columns, c->width, &x0, &x1) || !middle(rows, c->height, &y0, &y1))
        return RC_OK;
    /* A letter that is too faint for the threshold would stand beside the others. */
    around = (y1 - y0) / 4 + 3;
    x0 = x0 > 4 * around ? x0 - 4 * around : 0;
    x1 = x1 + 4 * around < c->width ? x1 + 4 * around : c->width;
    y0 = y0 > around ? y0 - around : 0;
    y1 = y1 + around < c->height ? y1 + around : c->height;
    if ((pixels = arena_array(arena, x1 - x0, y1 - y0)) == NULL)
        return RC_NOMEM;
    for (uint32_t y = y0; y < y1; y++)
        memcpy(pixels + (size_t)(y - y0) * (x1 - x0), c->pixels.data + (size_t)y * c->width + x0, x1 - x0);
    out->width = x1 - x0;
    out->height = y1 - y0;
    out->pixels = bytes_of(pixels, (size_t)out->width * out->height);
    /* What the letters are measured by: the writing without the paper. */
    out->x0 = out->width > 8 * around ? 4 * around : 0;
    out->x1 = out->width > 8 * around ? out->width - 4 * around : out->width;
    out->y0 = out->height > 2 * around ? around : 0;
    out->y1 = out->height > 2 * around ? out->height - around : out->height;
    return RC_OK;
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
    limit = threshold(out->gray, (size_t)out->width * (size_t)out->height);
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
