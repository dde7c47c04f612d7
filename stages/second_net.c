/*
 * second_net.c - the layers of the second reader: loaded, packed, run.
 *
 * Activations are bytes of 0..127 in rows of columns of channels, with a border of zeros, so that the window of any
 * output is a few runs of bytes and no edge is a special case.
 */
#include "second_net.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/codec.h"

#define BORDER 8   /* columns of zeros left and right; the widest dilation */
#define SPARE 64   /* bytes after the last row that a kernel may read */
#define SIDE_MAX 1024
#define FIRST "ESCRDR1\n"

enum { FLAG_ADD = 1, FLAG_RAW = 2 };

/* ---- loading --------------------------------------------------------------------- */

static enum rc
load_letters(struct reader *r, struct net *net)
{
    struct bytes text = read_bytes(r, 4096);
    size_t n = 0;

    if (!reader_ok(r) || (net->letters = calloc(text.size + 1, sizeof *net->letters)) == NULL)
        return RC_INPUT;
    for (size_t i = 0; i < text.size; n++) {
        uint32_t c = text.data[i++], more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

        c &= 0xffu >> (more > 0 ? more + 2 : 1);
        for (; more > 0 && i < text.size; more--)
            c = c << 6 | (text.data[i++] & 0x3fu);
        net->letters[n] = c;
    }
    net->classes = (unsigned)n + 1;
    return RC_OK;
}

static bool
read_floats(struct reader *r, float **to, int count, int room)
{
    if ((*to = calloc((size_t)room, sizeof **to)) == NULL)
        return false;
    for (int i = 0; i < count; i++) {
        uint32_t bits = read_u32(r);

        memcpy(&(*to)[i], &bits, sizeof bits);
    }
    return reader_ok(r);
}

/* From [output][row][column][input] to the order in which the kernels take them. */
static void
pack(struct layer *l, const int8_t *w)
{
    const int run = l->taps == l->rows ? l->columns * l->in : l->in, each = l->rows * l->columns * l->in;

    for (int o = 0; o < l->out; o++)
        for (int t = 0; t < l->taps; t++)
            for (int k = 0; k < run; k++) {
                const size_t tap = (size_t)(o / LANES) * (size_t)l->taps + (size_t)t;
                const size_t four = tap * (size_t)l->run + (size_t)(k / 4);

                l->packed[(four * LANES + (size_t)(o % LANES)) * 4 + (size_t)(k % 4)] = w[o * each + t * run + k];
            }
}

static enum rc
load_layer(struct reader *r, struct layer *l)
{
    uint32_t head[8], share;
    const uint8_t *w;
    int room;

    for (int i = 0; i < 8; i++)
        head[i] = read_u32(r);
    share = read_u32(r);
    memcpy(&l->share, &share, sizeof share);
    for (int i = 0; i < 7; i++)
        if (head[i] < 1 || head[i] > SIDE_MAX)
            return RC_INPUT;
    *l = (struct layer){ .in = (int)head[0], .out = (int)head[1], .rows = (int)head[2], .columns = (int)head[3],
                         .dilation = (int)head[4], .pool_y = (int)head[5], .pool_x = (int)head[6],
                         .add_input = (head[7] & FLAG_ADD) != 0, .raw = (head[7] & FLAG_RAW) != 0, .share = l->share };
    if (l->dilation * (l->columns / 2) > BORDER || l->rows > 3 || (l->add_input && l->in != l->out) ||
        (l->dilation > 1 && l->rows != 1))
        return RC_INPUT;
    l->taps = l->dilation == 1 ? l->rows : l->columns;
    l->run = ((l->dilation == 1 ? l->columns * l->in : l->in) + 3) / 4;
    room = (l->out + LANES - 1) / LANES * LANES;
    if (!read_floats(r, &l->factor, l->out, room) || !read_floats(r, &l->offset, l->out, room) ||
        (w = read_raw(r, (size_t)l->out * (size_t)l->rows * (size_t)l->columns * (size_t)l->in)) == NULL)
        return RC_INPUT;
    if ((l->packed = aligned_alloc(64, (size_t)room * (size_t)l->taps * (size_t)l->run * 4)) == NULL)
        return RC_NOMEM;
    memset(l->packed, 0, (size_t)room * (size_t)l->taps * (size_t)l->run * 4);
    pack(l, (const int8_t *)w);
    return RC_OK;
}

enum rc
net_load(struct bytes file, struct net *net)
{
    struct reader r, tail;
    const uint8_t *first;
    enum rc rc;

    *net = (struct net){ .count = 0 };
    if (file.size < 16)
        return RC_INPUT;
    tail = reader_from(bytes_of(file.data + file.size - 4, 4));
    net->crc = read_u32(&tail);
    if (net->crc != (uint32_t)crc32(0, file.data, (uInt)(file.size - 4)))
        return RC_INPUT;
    r = reader_from(bytes_of(file.data, file.size - 4));
    first = read_raw(&r, sizeof FIRST - 1);
    if (first == NULL || memcmp(first, FIRST, sizeof FIRST - 1) != 0)
        return RC_INPUT;
    if ((rc = load_letters(&r, net)) != RC_OK)
        goto out;
    net->count = read_count(&r, LAYERS_MAX);
    for (unsigned i = 0; i < net->count; i++) {
        if ((rc = load_layer(&r, &net->layers[i])) != RC_OK)
            goto out;
        if (net->layers[i].in != (i > 0 ? net->layers[i - 1].out : 1) || net->layers[i].raw != (i + 1 == net->count))
            rc = RC_INPUT;
    }
    if (rc != RC_OK || !reader_finished(&r) || net->count == 0 ||
        net->layers[net->count - 1].out != (int)net->classes)
        rc = RC_INPUT;
out:
    if (rc != RC_OK)
        net_free(net);
    return rc;
}

void
net_free(struct net *net)
{
    for (unsigned i = 0; i < LAYERS_MAX; i++) {
        free(net->layers[i].factor);
        free(net->layers[i].offset);
        free(net->layers[i].packed);
    }
    free(net->letters);
    *net = (struct net){ .count = 0 };
}

/* ---- running --------------------------------------------------------------------- */

struct plane {
    uint8_t *first; /* of row 0, column 0 */
    size_t row;     /* bytes from row to row */
    int width, height, channels;
};

static enum rc
plane_make(struct plane *p, int width, int height, int channels, struct arena *arena)
{
    uint8_t *all;

    p->width = width;
    p->height = height;
    p->channels = channels;
    p->row = (size_t)(width + 2 * BORDER) * (size_t)channels;
    if ((all = arena_alloc(arena, p->row * (size_t)(height + 2) + SPARE)) == NULL)
        return RC_NOMEM;
    p->first = all + p->row + (size_t)BORDER * (size_t)channels;
    return RC_OK;
}

/* The largest of each little window of the rows in line, into one row. */
static void
pool_row(const struct layer *l, const uint8_t *line, size_t line_bytes, int width, uint8_t *to)
{
    const size_t n = (size_t)l->out;

    for (int x = 0; x < width; x++) {
        const uint8_t *from = line + (size_t)(x * l->pool_x) * n;
        uint8_t *out = to + (size_t)x * n;

        memcpy(out, from, n);
        for (int y = 0; y < l->pool_y; y++)
            for (int k = y == 0 ? 1 : 0; k < l->pool_x; k++) {
                const uint8_t *at = from + (size_t)y * line_bytes + (size_t)k * n;

                for (size_t c = 0; c < n; c++)
                    out[c] = out[c] > at[c] ? out[c] : at[c];
            }
    }
}

/* Where the taps of output row y begin, for its first column. */
static void
find_taps(const struct layer *l, const struct plane *in, int y, int up, const uint8_t **taps)
{
    const ptrdiff_t step = in->channels;

    for (int t = 0; t < l->taps; t++) {
        const uint8_t *row = in->first + (ptrdiff_t)(y - up) * (ptrdiff_t)in->row;

        taps[t] = l->dilation == 1 ? row + (ptrdiff_t)t * (ptrdiff_t)in->row - (l->columns / 2) * step
                                   : row + (ptrdiff_t)(t - l->columns / 2) * l->dilation * step;
    }
}

static enum rc
run_layer(const struct layer *l, row_kernel *kernel, const struct plane *in, struct plane *out, float *raw,
          struct arena *arena)
{
    /* a window of three rows looks one up and one down; one of two rows takes both and leaves one */
    const int up = l->rows == 3 ? 1 : 0, rows = l->rows == 2 ? in->height / 2 : in->height;
    const int down = l->rows == 2 ? 2 : 1;
    const size_t line_bytes = (size_t)in->width * (size_t)l->out;
    const bool pools = l->pool_y > 1 || l->pool_x > 1;
    const uint8_t *taps[SIDE_MAX > 3 ? 16 : 3];
    uint8_t *line = NULL;

    if (l->taps > 16)
        return RC_INPUT;
    if (!l->raw && plane_make(out, in->width / l->pool_x, rows / l->pool_y, l->out, arena) != RC_OK)
        return RC_NOMEM;
    if (pools && (line = arena_alloc(arena, line_bytes * (size_t)l->pool_y + SPARE)) == NULL)
        return RC_NOMEM;
    for (int y = 0; y < rows; y++) {
        const int slot = y % l->pool_y;
        struct row_work work = { .layer = l, .taps = taps, .step = (size_t)in->channels, .pixels = in->width };

        find_taps(l, in, y * down, up, taps);
        work.input = l->add_input ? in->first + (ptrdiff_t)y * (ptrdiff_t)in->row : NULL;
        work.raw = raw;
        if (!l->raw)
            work.out = pools ? line + (size_t)slot * line_bytes : out->first + (size_t)y * out->row;
        kernel(&work);
        if (pools && slot == l->pool_y - 1 && y / l->pool_y < out->height)
            pool_row(l, line, line_bytes, out->width, out->first + (size_t)(y / l->pool_y) * out->row);
    }
    return RC_OK;
}

enum rc
net_run(const struct net *net, row_kernel *kernel, const uint8_t *pixels, int width, int height, struct arena *arena,
        float **scores, int *columns)
{
    struct plane in, out = { .width = 0 };
    enum rc rc;

    *columns = 0;
    if ((rc = plane_make(&in, width, height, 1, arena)) != RC_OK)
        return rc;
    for (int y = 0; y < height; y++)
        memcpy(in.first + (size_t)y * in.row, pixels + (size_t)y * (size_t)width, (size_t)width);
    for (unsigned i = 0; rc == RC_OK && i < net->count; i++) {
        const struct layer *l = &net->layers[i];

        if (l->raw) {
            *columns = in.width;
            if ((*scores = arena_array(arena, (size_t)in.width * (size_t)l->out + LANES, sizeof **scores)) == NULL)
                return RC_NOMEM;
        }
        rc = run_layer(l, kernel, &in, &out, l->raw ? *scores : NULL, arena);
        in = out;
    }
    return rc;
}
