/*
 * line_crop.c - a line's box on the page to a picture of fixed height.
 *
 * The strip is taken out, its paper made white and its ink dark by what the strip itself shows, then resized with
 * the cubic filter whose support grows when it makes smaller (Keys 1981, a = -1/2), as imaging libraries do it.
 */
#include "line_crop.h"

#include <math.h>
#include <string.h>

#define CONTRAST_LEAST 40.0f /* levels between paper and ink below which nothing is stretched further */

struct strip {
    float *at; /* row after row */
    int w, h;
    int x, y;  /* of its first pixel, on the page */
};

/* One column of the page between the pixels' rows; over the page's edge its last pixel goes on. */
static void
take_column(PIX *gray, int x, float y, bool light, float *to, int count, size_t step)
{
    int pw = pixGetWidth(gray), ph = pixGetHeight(gray), wpl = pixGetWpl(gray), top = (int)floorf(y);
    l_uint32 *data = pixGetData(gray);
    float part = y - (float)top;

    x = x < 0 ? 0 : x >= pw ? pw - 1 : x;
    for (int i = 0; i < count; i++) {
        int a = top + i < 0 ? 0 : top + i >= ph ? ph - 1 : top + i, b = a + 1 < ph && top + i >= 0 ? a + 1 : a;
        float v = (float)GET_DATA_BYTE(data + (size_t)a * (size_t)wpl, x);

        if (part > 0)
            v += part * ((float)GET_DATA_BYTE(data + (size_t)b * (size_t)wpl, x) - v);
        to[(size_t)i * step] = light ? 255 - v : v;
    }
}

/* The line cut out of the page, its base laid straight when it is known. */
static enum rc
take_strip(PIX *gray, const struct line_box *line, float share, struct arena *arena, struct strip *out)
{
    bool known = line->height > 0 && line->up + line->down >= 3;
    float tall = known ? line->up + line->down : (float)(line->box.y1 - line->box.y0);
    int margin = (int)(tall * share);

    margin = margin < 1 ? 1 : margin;
    *out = (struct strip){ .w = line->box.x1 - line->box.x0 + 2 * margin, .h = (int)(tall + 0.5f) + 2 * margin,
                           .x = line->box.x0 - margin, .y = line->box.y0 - margin };
    out->at = arena_array(arena, (size_t)out->w * (size_t)out->h, sizeof *out->at);
    if (out->at == NULL)
        return RC_NOMEM;
    if (known)
        out->y = (int)floorf(line_base_at(line, (float)line->box.x0) - line->up) - margin;
    for (int x = 0; x < out->w; x++) {
        float y = known ? line_base_at(line, (float)(out->x + x)) - line->up - (float)margin : (float)out->y;

        take_column(gray, out->x + x, y, line->light, out->at + x, out->h, (size_t)out->w);
    }
    return RC_OK;
}

static int
percentile(const uint32_t *histogram, uint32_t total, float share)
{
    uint32_t seen = 0, wanted = (uint32_t)((float)total * share);
    int v = 0;

    while (v < 255 && (seen += histogram[v]) <= wanted)
        v++;
    return v;
}

/* Paper by pieces along the line (light changes), ink for the whole of it (print does not). */
static enum rc
even_out(struct strip *s, struct arena *arena)
{
    int step = s->h * 2 > 16 ? s->h * 2 : 16, pieces = (s->w + step - 1) / step;
    float *paper = arena_array(arena, (size_t)pieces + 2, sizeof *paper), ink, least = 255;
    uint32_t all[256] = { 0 }, part[256];

    if (paper == NULL)
        return RC_NOMEM;
    for (int p = 0; p < pieces; p++) {
        int x0 = p * step, x1 = x0 + step < s->w ? x0 + step : s->w;
        uint32_t n = 0;

        memset(part, 0, sizeof part);
        for (int y = 0; y < s->h; y++)
            for (int x = x0; x < x1; x++, n++) {
                int v = (int)s->at[(size_t)y * (size_t)s->w + (size_t)x];

                part[v]++;
                all[v]++;
            }
        paper[p] = (float)percentile(part, n, 0.75f);
    }
    ink = (float)percentile(all, (uint32_t)(s->w * s->h), 0.02f);
    for (int p = 0; p < pieces; p++)
        least = paper[p] < least ? paper[p] : least;
    for (int x = 0; x < s->w; x++) {
        float at = ((float)x + 0.5f) / (float)step - 0.5f;
        int p = at < 0 ? 0 : (int)at >= pieces - 1 ? pieces - 1 : (int)at;
        int q = p + 1 < pieces ? p + 1 : p;
        float t = at - (float)p, white, range;

        t = t < 0 ? 0 : t > 1 ? 1 : t;
        white = paper[p] * (1 - t) + paper[q] * t;
        range = white - ink > CONTRAST_LEAST ? white - ink : CONTRAST_LEAST;
        for (int y = 0; y < s->h; y++) {
            float *v = &s->at[(size_t)y * (size_t)s->w + (size_t)x];
            float n = 255 - (white - *v) * 255 / range;

            *v = n < 0 ? 0 : n > 255 ? 255 : n;
        }
    }
    return RC_OK;
}

static float
cubic(float x)
{
    x = fabsf(x);
    if (x < 1)
        return (1.5f * x - 2.5f) * x * x + 1;
    return x < 2 ? ((-0.5f * x + 2.5f) * x - 4) * x + 2 : 0;
}

/* Rows of from (given by stride and pitch) resampled from n to m values. */
static void
resample(const float *from, int n, size_t from_step, float *to, int m, size_t to_step, int lanes,
         size_t from_lane, size_t to_lane)
{
    float scale = (float)n / (float)m, wide = scale > 1 ? scale : 1;

    for (int i = 0; i < m; i++) {
        float centre = ((float)i + 0.5f) * scale, sum = 0;
        int a = (int)floorf(centre - 2 * wide), b = (int)ceilf(centre + 2 * wide);

        a = a < 0 ? 0 : a;
        b = b > n ? n : b;
        for (int k = a; k < b; k++)
            sum += cubic(((float)k + 0.5f - centre) / wide);
        for (int l = 0; l < lanes; l++)
            to[(size_t)i * to_step + (size_t)l * to_lane] = 0;
        for (int k = a; k < b; k++) {
            float weight = cubic(((float)k + 0.5f - centre) / wide) / (sum != 0 ? sum : 1);

            for (int l = 0; l < lanes; l++)
                to[(size_t)i * to_step + (size_t)l * to_lane] +=
                    weight * from[(size_t)k * from_step + (size_t)l * from_lane];
        }
    }
}

static enum rc
resize(const struct strip *s, int width, int height, struct arena *arena, uint8_t **out)
{
    float *rows = arena_array(arena, (size_t)s->w * (size_t)height, sizeof *rows);
    float *done = arena_array(arena, (size_t)width * (size_t)height, sizeof *done);
    uint8_t *pixels = arena_alloc(arena, (size_t)width * (size_t)height);

    if (rows == NULL || done == NULL || pixels == NULL)
        return RC_NOMEM;
    resample(s->at, s->h, (size_t)s->w, rows, height, (size_t)s->w, s->w, 1, 1);
    resample(rows, s->w, 1, done, width, 1, height, (size_t)s->w, (size_t)width);
    for (size_t i = 0; i < (size_t)width * (size_t)height; i++)
        pixels[i] = (uint8_t)(done[i] < 0 ? 0 : done[i] > 255 ? 255 : done[i] + 0.5f);
    *out = pixels;
    return RC_OK;
}

enum rc
line_crop_wide(PIX *gray, const struct line_box *line, int height, float margin, struct arena *arena,
               struct line_image *out)
{
    struct box page = { 0, 0, pixGetWidth(gray), pixGetHeight(gray) };
    struct strip strip;
    enum rc rc;

    *out = (struct line_image){ .height = height };
    if (box_is_empty(box_cut(line->box, page)) || height < 8 || height > 256 || pixGetDepth(gray) != 8)
        return RC_INPUT;
    if ((rc = take_strip(gray, line, margin, arena, &strip)) != RC_OK || (rc = even_out(&strip, arena)) != RC_OK)
        return rc;
    out->width = (int)lroundf((float)strip.w * (float)height / (float)strip.h);
    out->width = out->width < 8 ? 8 : out->width > LINE_WIDTH_MAX ? LINE_WIDTH_MAX : out->width;
    out->scale = (float)strip.w / (float)out->width;
    out->x0 = (float)strip.x;
    out->band = (struct box){ strip.x, strip.y, strip.x + strip.w, strip.y + strip.h };
    return resize(&strip, out->width, height, arena, &out->pixels);
}

enum rc
line_crop(PIX *gray, const struct line_box *line, int height, struct arena *arena, struct line_image *out)
{
    return line_crop_wide(gray, line, height, LINE_MARGIN, arena, out);
}
