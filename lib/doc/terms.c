/* terms.c - the contract's numbers and a client's calibration, encoded; and the lots that draw samples. */
#include "doc/terms.h"

#include <string.h>

#define VERSION 1
#define NAME_SIZE 128
#define FARTHEST 16.0 /* logits */

void
terms_write(struct buffer *b, const struct terms *terms)
{
    write_u8(b, VERSION);
    for (int i = 0; i < TERMS_BUDGETS; i++)
        write_f64(b, terms->budget[i]);
    write_f64(b, terms->sample);
    write_raw(b, terms->draw, sizeof terms->draw);
    write_u32(b, terms->count);
    for (uint32_t i = 0; i < terms->count; i++) {
        write_text(b, terms->items[i].form);
        write_text(b, terms->items[i].field);
        write_f64(b, terms->items[i].shift.mean);
        write_f64(b, terms->items[i].shift.low);
    }
}

static double
within(struct reader *r, double low, double high)
{
    double v = read_f64(r);

    if (!(v >= low && v <= high))
        reader_fail(r);
    return v;
}

enum rc
terms_read(struct bytes bytes, struct arena *arena, struct terms **out)
{
    struct reader r = reader_from(bytes);
    struct terms *t = arena_alloc(arena, sizeof *t);
    const uint8_t *draw;

    if (t == NULL)
        return RC_NOMEM;
    if (read_u8(&r) != VERSION)
        return RC_INPUT;
    for (int i = 0; i < TERMS_BUDGETS; i++)
        t->budget[i] = within(&r, 0, 1);
    t->sample = within(&r, 0, 1);
    if ((draw = read_raw(&r, sizeof t->draw)) != NULL)
        memcpy(t->draw, draw, sizeof t->draw);
    t->count = read_count(&r, TERMS_MAX);
    if ((t->items = arena_array(arena, t->count + 1, sizeof *t->items)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < t->count && reader_ok(&r); i++) {
        t->items[i].form = read_text(&r, NAME_SIZE, arena);
        t->items[i].field = read_text(&r, NAME_SIZE, arena);
        t->items[i].shift.mean = within(&r, -FARTHEST, FARTHEST);
        t->items[i].shift.low = within(&r, -FARTHEST, t->items[i].shift.mean); /* a bound from below */
    }
    if (!reader_finished(&r))
        return RC_INPUT;
    *out = t;
    return RC_OK;
}

struct shift
terms_shift(const struct terms *terms, const char *form, const char *field)
{
    for (uint32_t i = 0; terms != NULL && i < terms->count; i++)
        if (strcmp(terms->items[i].field, field) == 0 && strcmp(terms->items[i].form, form) == 0)
            return terms->items[i].shift;
    return (struct shift){ 0, 0 };
}

/* FNV-1a, then the finish of MurmurHash3: what differs in one bit differs in half of them. */
static uint64_t
stir(uint64_t h, const void *data, size_t size)
{
    const uint8_t *p = data;

    for (size_t i = 0; i < size; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

static uint64_t
finish(uint64_t h)
{
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
    return h ^ (h >> 33);
}

bool
terms_drawn(const struct terms *terms, const char *field, uint32_t row)
{
    const uint8_t number[4] = { (uint8_t)row, (uint8_t)(row >> 8), (uint8_t)(row >> 16), (uint8_t)(row >> 24) };
    uint64_t h = 0xcbf29ce484222325u;

    if (terms == NULL || terms->sample <= 0)
        return false;
    h = stir(h, terms->draw, sizeof terms->draw);
    h = stir(h, field, strlen(field) + 1);
    h = finish(stir(h, number, sizeof number));
    return (double)(h >> 11) * 0x1p-53 < terms->sample;
}

const char *
terms_column(const char *column, struct arena *arena)
{
    return arena_printf(arena, "lines.%s", column);
}

bool
terms_name(const char *field)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    size_t n = strspn(field, letters);

    if (n < 1 || n > 63)
        return false;
    if (field[n] == '.') {
        field += n + 1;
        n = strspn(field, letters);
    }
    return n >= 1 && n <= 63 && field[n] == '\0';
}
