/*
 * second.c - from a picture of a line to characters: ground and ink made even, the network, the decoder.
 */
#include "second.h"

#include <string.h>

#include "second_decode.h"
#include "second_language.h"
#include "second_net.h"
#include "second_weights.h"

#define WIDTH_MAX 4000
#define COLUMN DECODE_COLUMN
#define FREE DECODE_FREE
#define LEAST_RANGE 40   /* grey levels between ground and ink; less is no print */
#define LETTERS_LEAST 20 /* of an alphabet of words */
/* Hundredths; chosen on documents whose words the table had not seen, see docs/TRAINING.md. */
#define WEIGHT 40
#define BONUS 110

static struct net net;
static row_kernel *kernel;
static struct language language;
static struct decoder decoder;
static char version[18];

static char *
put_hex(char *to, uint32_t v)
{
    for (int i = 0; i < 8; i++)
        *to++ = "0123456789abcdef"[v >> (28 - 4 * i) & 15];
    return to;
}

enum rc
second_ready(void)
{
    const struct bytes weights = bytes_of(second_weights, (size_t)(second_weights_end - second_weights));
    const struct bytes table =
        bytes_of(second_language_weights, (size_t)(second_language_weights_end - second_language_weights));

    if (kernel != NULL)
        return RC_OK;
    if (net_load(weights, &net) != RC_OK || second_lean(table, WEIGHT, BONUS) != RC_OK) {
        net_free(&net);
        return RC_CONFIG;
    }
    (void)second_use(SECOND_BEST);
    return RC_OK;
}

enum rc
second_lean(struct bytes table, int weight, int bonus)
{
    if (language_load(table, &language) != RC_OK || decoder_make(&net, &language, weight, bonus, &decoder) != RC_OK)
        return RC_CONFIG;
    *put_hex(version, net.crc) = '-';
    *put_hex(version + 9, language.crc) = '\0';
    return RC_OK;
}

void
second_done(void)
{
    net_free(&net);
    kernel = NULL;
}

double
second_strangeness(const char *text)
{
    return language_strangeness(&language, text);
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

/* ---- after ------------------------------------------------------------------------ */

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

/* An alphabet of letters with the blank is of words; one without is of codes, which no language knows. */
static bool
of_words(const char *allow)
{
    int letters = 0;

    if (allow == NULL)
        return true;
    for (const char *c = allow; *c != '\0'; c++)
        letters += (*c | 0x20) >= 'a' && (*c | 0x20) <= 'z';
    return letters >= LETTERS_LEAST && strchr(allow, ' ') != NULL;
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
        rc = decode(&decoder, scores, columns, of_words(allow), scratch, arena, out);
    }
    arena_free(scratch);
    return rc;
}
