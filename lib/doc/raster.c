/* raster.c - a page as plain pixels: our own header, or the P5 that pdftoppm writes. */
#include "doc/raster.h"

#include <string.h>

#include "base/codec.h"
#include "doc/recipe.h"

#define MAGIC 0x31525345u /* "ESR1" */

static enum rc
check(uint64_t width, uint64_t height, size_t left)
{
    if (width == 0 || height == 0)
        return RC_INPUT;
    if (width > SIDE_MAX || height > SIDE_MAX || width * height > PIXELS_MAX)
        return RC_LIMIT;
    return left == width * height ? RC_OK : RC_INPUT;
}

/* A decimal number after one byte of white space; at most six digits. */
static uint32_t
p5_number(struct reader *r)
{
    uint32_t n = 0;
    int digits = 0;

    while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && digits < 6) {
        n = n * 10 + (uint32_t)(*r->at++ - '0');
        digits++;
    }
    if (digits == 0 || r->at == r->end || (*r->at != ' ' && *r->at != '\n'))
        reader_fail(r);
    else
        r->at++;
    return n;
}

static enum rc
p5_open(struct reader *r, struct raster *out)
{
    uint32_t width = p5_number(r), height = p5_number(r), most = p5_number(r);
    enum rc rc;

    if (!reader_ok(r) || most != 255)
        return RC_INPUT;
    if ((rc = check(width, height, (size_t)(r->end - r->at))) != RC_OK)
        return rc;
    *out = (struct raster){ width, height, 0, r->at };
    return RC_OK;
}

enum rc
raster_open(struct bytes bytes, struct raster *out)
{
    struct reader r = reader_from(bytes);
    uint32_t width, height, dpi;
    enum rc rc;

    if (bytes.size > 3 && memcmp(bytes.data, "P5\n", 3) == 0) {
        r.at += 3;
        return p5_open(&r, out);
    }
    if (read_u32(&r) != MAGIC)
        return RC_INPUT;
    width = read_u32(&r);
    height = read_u32(&r);
    dpi = read_u32(&r);
    if (read_u32(&r) != 0 || !reader_ok(&r) || dpi > 4800)
        return RC_INPUT;
    if ((rc = check(width, height, (size_t)(r.end - r.at))) != RC_OK)
        return rc;
    *out = (struct raster){ width, height, dpi, r.at };
    return RC_OK;
}

void
raster_header(uint8_t out[RASTER_HEADER], uint32_t width, uint32_t height, uint32_t dpi)
{
    const uint32_t words[] = { MAGIC, width, height, dpi, 0 };

    for (int i = 0; i < RASTER_HEADER; i++)
        out[i] = (uint8_t)(words[i / 4] >> (8 * (i % 4)));
}
