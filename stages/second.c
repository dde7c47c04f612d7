/*
 * second.c - from a picture of a line to characters: ground and ink made even, the network, the best path of CTC.
 */
#include "second.h"

#include <string.h>

#include "second_net.h"
#include "second_weights.h"

#define WIDTH_MAX 4000
#define COLUMN 4          /* pixels for each column of scores */
#define FREE 8            /* pixels of ground at both ends: CTC may name a letter after it has gone by */
#define LEAST_RANGE 40    /* grey levels between ground and ink; less is no print */
#define OTHER_LEAST 0.01f /* alternatives below are not worth naming */

static struct net net;
static row_kernel *kernel;
static char version[9];

enum rc
second_ready(void)
{
    static const char hex[] = "0123456789abcdef";
    enum rc rc;

    if (kernel != NULL)
        return RC_OK;
    rc = net_load(bytes_of(second_weights, (size_t)(second_weights_end - second_weights)), &net);
    if (rc != RC_OK)
        return RC_CONFIG;
    for (int i = 0; i < 8; i++)
        version[i] = hex[net.crc >> (28 - 4 * i) & 15];
    (void)second_use(SECOND_BEST);
    return RC_OK;
}

void
second_done(void)
{
    net_free(&net);
    kernel = NULL;
}

const char *
second_version(void)
{
    return version;
}

bool
second_use(enum second_path path)
{
    static const struct {
        row_kernel *kernel;
        bool (*has)(void);
    } paths[] = {
        [SECOND_BEST] = { NULL, NULL },
        [SECOND_SCALAR] = { second_row_scalar, NULL },
        [SECOND_AVX2] = { second_row_avx2, second_has_avx2 },
        [SECOND_AVX512] = { second_row_avx512, second_has_avx512 },
    };

    if (path == SECOND_BEST)
        path = second_has_avx512() ? SECOND_AVX512 : second_has_avx2() ? SECOND_AVX2 : SECOND_SCALAR;
    if (paths[path].has != NULL && !paths[path].has())
        return false;
    kernel = paths[path].kernel;
    return true;
}

/* ---- before: ground 0, ink 127 --------------------------------------------------- */

/* The grey level below which a share of the pixels lies. */
static int
level(const uint32_t *histogram, uint32_t total, double share)
{
    uint32_t seen = 0, wanted = (uint32_t)((double)total * share);
    int i = 0;

    for (; i < 255; i++)
        if ((seen += histogram[i]) > wanted)
            break;
    return i;
}

static uint8_t *
even(const uint8_t *gray, int width, int wide, struct arena *arena)
{
    uint32_t histogram[256] = { 0 };
    uint8_t *out = arena_alloc(arena, (size_t)wide * SECOND_HEIGHT), map[256];
    int low, high;

    if (out == NULL)
        return NULL;
    for (int i = 0; i < width * SECOND_HEIGHT; i++)
        histogram[gray[i]]++;
    low = level(histogram, (uint32_t)(width * SECOND_HEIGHT), .02);
    high = level(histogram, (uint32_t)(width * SECOND_HEIGHT), .85);
    if (low > high - LEAST_RANGE)
        low = high - LEAST_RANGE;
    for (int i = 0; i < 256; i++) {
        int v = ((high - i) * 254 + (high - low)) / (2 * (high - low));

        map[i] = (uint8_t)(i >= high || v < 0 ? 0 : v > 127 ? 127 : v);
    }
    for (int y = 0; y < SECOND_HEIGHT; y++)
        for (int x = 0; x < width; x++)
            out[y * wide + FREE + x] = map[gray[y * width + x]];
    return out;
}

/* ---- after: shares, and the best path -------------------------------------------- */

/* e^x for x <= 0, of additions and multiplications only: the same bits on every machine. */
static float
power(float x)
{
    double y = (double)x * 1.4426950408889634, f, p;
    int whole;

    if (x < -60)
        return 0;
    whole = (int)y - 1;
    f = (y - whole) * 0.69314718055994531; /* 0 .. 1.39 */
    p = 1 + f * (1 + f * (.5 + f * (1.0 / 6 + f * (1.0 / 24 + f * (1.0 / 120 + f * (1.0 / 720 + f * (1.0 / 5040)))))));
    for (; whole < 0; whole++)
        p *= .5;
    return (float)p;
}

static void
shares(float *row, unsigned classes)
{
    float top = row[0], sum = 0;

    for (unsigned i = 1; i < classes; i++)
        top = row[i] > top ? row[i] : top;
    for (unsigned i = 0; i < classes; i++) {
        row[i] = power(row[i] - top);
        sum += row[i];
    }
    for (unsigned i = 0; i < classes; i++)
        row[i] = row[i] / sum;
}

static unsigned
best_of(const float *row, unsigned classes)
{
    unsigned best = 0;

    for (unsigned i = 1; i < classes; i++)
        if (row[i] > row[best])
            best = i;
    return best;
}

static bool
same_letter(uint32_t a, uint32_t b)
{
    return a != b && (a | 0x20) == (b | 0x20) && (a | 0x20) >= 'a' && (a | 0x20) <= 'z';
}

/* One character out of the columns in which it won. */
static void
settle(struct second_char *c, const float *row)
{
    const uint32_t self = c->c;

    c->conf = 0;
    for (unsigned i = 1; i < net.classes; i++) {
        const uint32_t letter = net.letters[i - 1];

        if (letter == self || same_letter(letter, self)) {
            c->conf += row[i];
            continue;
        }
        for (int k = 0; row[i] >= OTHER_LEAST && k < SECOND_OTHERS; k++)
            if (row[i] > c->other_conf[k]) {
                for (int j = SECOND_OTHERS - 1; j > k; j--) {
                    c->other[j] = c->other[j - 1];
                    c->other_conf[j] = c->other_conf[j - 1];
                }
                c->other[k] = letter;
                c->other_conf[k] = row[i];
                break;
            }
    }
}

/* What may not come out has no share. */
static void
forbid(float *scores, int columns, const char *allow)
{
    if (allow == NULL)
        return;
    for (unsigned c = 1; c < net.classes; c++) {
        const uint32_t letter = net.letters[c - 1];

        if (letter < 0x80 && strchr(allow, (int)letter) != NULL)
            continue;
        for (int x = 0; x < columns; x++)
            scores[(size_t)x * net.classes + c] = -1e9f;
    }
}

static enum rc
decode(float *scores, int columns, struct arena *arena, struct second_text *out)
{
    unsigned last = 0;
    float peak = 0;
    const float *at = NULL;
    double product = 0;

    out->chars = arena_array(arena, (size_t)columns + 1, sizeof *out->chars);
    if (out->chars == NULL)
        return RC_NOMEM;
    for (int x = 0; x <= columns; x++) {
        float *row = scores + (size_t)x * net.classes;
        unsigned won = 0;

        if (x < columns) {
            shares(row, net.classes);
            won = best_of(row, net.classes);
        }
        if (won != last && last != 0)
            settle(&out->chars[out->count++], at);
        if (won == 0) {
            last = 0;
            continue;
        }
        if (won != last) {
            out->chars[out->count] = (struct second_char){ .c = net.letters[won - 1], .x0 = x * COLUMN - FREE };
            peak = 0;
        }
        out->chars[out->count].x1 = (x + 1) * COLUMN - FREE;
        if (row[won] > peak) {
            peak = row[won];
            at = row;
        }
        last = won;
    }
    for (uint32_t i = 0; i < out->count; i++)
        product += (double)out->chars[i].conf;
    out->conf = out->count > 0 ? (float)(product / out->count) : 0;
    return RC_OK;
}

enum rc
second_read(const uint8_t *gray, int width, const char *allow, struct arena *arena, struct second_text *out)
{
    const int wide = (width + 2 * FREE + COLUMN - 1) / COLUMN * COLUMN;
    struct arena *scratch;
    uint8_t *pixels;
    float *scores;
    int columns;
    enum rc rc = RC_NOMEM;

    *out = (struct second_text){ .count = 0 };
    if (kernel == NULL)
        return RC_BUG;
    if (width < COLUMN)
        return RC_OK;
    if (width > WIDTH_MAX)
        return RC_LIMIT;
    if ((scratch = arena_new(64u << 20)) == NULL)
        return RC_NOMEM;
    if ((pixels = even(gray, width, wide, scratch)) != NULL &&
        (rc = net_run(&net, kernel, pixels, wide, SECOND_HEIGHT, scratch, &scores, &columns)) == RC_OK) {
        forbid(scores, columns, allow);
        rc = decode(scores, columns, arena, out);
    }
    arena_free(scratch);
    return rc;
}
