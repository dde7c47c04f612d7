/* second_line.c - one line's words as the second reader gives them. */
#include "second_line.h"

#include <limits.h>
#include <string.h>

#include "line_crop.h"

static size_t
put_letter(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xc0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    to[0] = (char)(0xe0 | c >> 12);
    to[1] = (char)(0x80 | (c >> 6 & 0x3f));
    to[2] = (char)(0x80 | (c & 0x3f));
    return 3;
}

/* Where a word at x stands: a bent or leaning line is as high as its letters only, not as its box. */
static void
set_height(const struct line_box *line, struct box *b)
{
    const float span = (float)(line->box.x1 - line->box.x0) / (LINE_KNOTS - 1);
    float at, part, base;
    int k;

    b->y0 = line->box.y0;
    b->y1 = line->box.y1;
    if (line->height <= 0 || span <= 0)
        return;
    at = ((float)(b->x0 + b->x1) / 2 - (float)line->box.x0) / span;
    at = at < 0 ? 0 : at > LINE_KNOTS - 1 ? LINE_KNOTS - 1 : at;
    k = at >= LINE_KNOTS - 1 ? LINE_KNOTS - 2 : (int)at;
    part = at - (float)k;
    base = line->base[k] * (1 - part) + line->base[k + 1] * part;
    /* one tall mark does not make all words tall: rows that are set closely would run into each other */
    b->y0 = (int32_t)(base - (line->up < 1.1f * line->height ? line->up : 1.1f * line->height));
    b->y1 = (int32_t)(base + (line->down < .3f * line->height ? line->down : .3f * line->height)) + 1;
}

void
second_cut_height(const struct line_box *line, struct box *b)
{
    struct box stand = *b;

    if (line->height <= 0)
        return;
    set_height(line, &stand);
    stand.y0 = stand.y0 > b->y0 ? stand.y0 : b->y0;
    stand.y1 = stand.y1 < b->y1 ? stand.y1 : b->y1;
    if (stand.y1 - stand.y0 >= 3)
        *b = stand;
}

/* Characters first .. end as a word; a letter that is doubtful makes its word doubtful. */
static enum rc
make_word(const struct second_text *text, uint32_t first, uint32_t end, const struct line_image *image,
          const struct line_box *line, struct arena *arena, struct word *out)
{
    const struct box all = line->box;
    char *at = arena_alloc(arena, (size_t)(end - first) * 3 + 1);
    float least = 1;
    size_t n = 0;

    if (at == NULL)
        return RC_NOMEM;
    for (uint32_t i = first; i < end; i++) {
        n += put_letter(at + n, text->chars[i].c);
        least = text->chars[i].conf < least ? text->chars[i].conf : least;
    }
    /* the middle of a letter is seen, not its edges: half a column more on both sides */
    *out = (struct word){ .text = at, .conf = least, .reader = READER_OWN, .second = "" };
    out->box = (struct box){ (int32_t)(image->x0 + (float)(text->chars[first].x0 - 3) * image->scale), all.y0,
                             (int32_t)(image->x0 + (float)(text->chars[end - 1].x1 + 3) * image->scale), all.y1 };
    if (out->box.x0 < all.x0)
        out->box.x0 = all.x0;
    if (out->box.x1 > all.x1)
        out->box.x1 = all.x1;
    if (out->box.x1 <= out->box.x0)
        out->box.x1 = out->box.x0 + 1;
    set_height(line, &out->box);
    return RC_OK;
}

static enum rc
split(const struct second_text *text, const struct line_image *image, const struct line_box *line, struct arena *arena,
      struct ocr_text *out)
{
    uint32_t first = 0;
    enum rc rc = RC_OK;

    out->words = arena_array(arena, (size_t)text->count / 2 + 2, sizeof *out->words);
    if (out->words == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; rc == RC_OK && i <= text->count; i++) {
        if (i < text->count && text->chars[i].c != ' ')
            continue;
        if (i > first)
            rc = make_word(text, first, i, image, line, arena, &out->words[out->count++]);
        first = i + 1;
    }
    out->conf = text->conf;
    return rc;
}

enum rc
second_line(PIX *gray, const struct line_box *line, struct arena *arena, struct ocr_text *out)
{
    struct arena *scratch = arena_new(64u << 20);
    struct line_image image;
    struct second_text text;
    enum rc rc;

    *out = (struct ocr_text){ .count = 0 };
    if (scratch == NULL)
        return RC_NOMEM;
    rc = line_crop(gray, line, SECOND_HEIGHT, scratch, &image);
    if (rc == RC_OK)
        rc = second_read(image.pixels, image.width, NULL, scratch, &text);
    if (rc == RC_OK)
        rc = split(&text, &image, line, arena, out);
    arena_free(scratch);
    return rc == RC_INPUT || rc == RC_LIMIT ? RC_OK : rc; /* what it cannot see it does not say */
}

/* ---- pieces ---------------------------------------------------------------------- */

#define CAPITAL 20  /* rows of a capital letter in a line image */
#define BASELINE 25 /* row of its foot                          */
#define ENDS_LOST 11     /* tenths of the pitch from the middle of the outermost letter to the end of the ink */
#define BETWEEN_LOST 19  /* and between the middles of two letters of a word                                  */

static uint8_t
pixel(PIX *pix, int x, int y)
{
    return (uint8_t)GET_DATA_BYTE(pixGetData(pix) + (ptrdiff_t)y * pixGetWpl(pix), x);
}

/* The piece in a picture of SECOND_HEIGHT rows, as the network knows lines. */
static uint8_t *
set_piece(PIX *pix, int body, int up, int *width, struct arena *arena)
{
    const float scale = (float)CAPITAL / (float)body;
    PIX *small = pixScaleGeneral(pix, scale, scale, 0, 0);
    const int w = small != NULL ? pixGetWidth(small) : 0, top = BASELINE - (int)((float)up * scale + .5f);
    uint8_t *gray = small != NULL ? arena_alloc(arena, (size_t)w * SECOND_HEIGHT) : NULL;

    *width = w;
    for (int y = 0; gray != NULL && y < SECOND_HEIGHT; y++)
        for (int x = 0; x < w; x++)
            gray[y * w + x] = y - top < 0 || y - top >= pixGetHeight(small) ? 255 : pixel(small, x, y - top);
    pixDestroy(&small);
    return gray;
}

/* The middle distance of neighbours, in half pixels; of one letter what a capital's would be. */
static int
pitch_of(const struct second_text *read)
{
    int counts[4 * SECOND_HEIGHT + 1] = { 0 }, all = 0, seen = 0, at = 0;

    for (uint32_t i = 1; i < read->count; i++) {
        const struct second_char *c = &read->chars[i - 1], *d = &read->chars[i];
        int distance = d->x0 + d->x1 - c->x0 - c->x1;

        if (c->c == ' ' || d->c == ' ' || distance < 0)
            continue;
        counts[distance < 4 * SECOND_HEIGHT ? distance : 4 * SECOND_HEIGHT]++;
        all++;
    }
    while (all > 0 && (seen += counts[at]) * 2 < all)
        at++;
    return at > 0 ? at : 2 * CAPITAL * 2 / 3;
}

bool
second_accounts(const struct second_text *read, const uint8_t *gray, int width)
{
    const int pitch = pitch_of(read);
    int left = width, right = 0, before = 0;
    bool any = false;

    for (int x = 0; x < width; x++)
        for (int y = 0; y < SECOND_HEIGHT; y++)
            if (gray[y * width + x] < 128) {
                left = x < left ? x : left;
                right = x + 1;
            }
    for (uint32_t i = 0; i < read->count; i++) {
        const struct second_char *c = &read->chars[i];
        const int middle = c->x0 + c->x1;

        if (c->c == ' ') {
            before = INT_MIN;
            continue;
        }
        if (!any && (middle - 2 * left) * 10 > pitch * ENDS_LOST)
            return false;
        if (any && before != INT_MIN && (middle - before) * 10 > pitch * BETWEEN_LOST)
            return false;
        any = true;
        before = middle;
        if (i + 1 == read->count || (i + 2 == read->count && read->chars[i + 1].c == ' '))
            return (2 * right - middle) * 10 <= pitch * ENDS_LOST;
    }
    return right == 0;
}

enum rc
second_piece(PIX *pix, int body, int up, const char *allow, struct arena *arena, const char **text, float *conf,
             bool *whole)
{
    struct arena *scratch = arena_new(32u << 20);
    struct second_text read = { .count = 0 };
    enum rc rc = RC_NOMEM;
    uint8_t *gray;
    int width;
    char *at;
    size_t n = 0;

    *text = "";
    *conf = 0;
    *whole = false;
    if (scratch == NULL)
        return RC_NOMEM;
    if ((gray = set_piece(pix, body, up, &width, scratch)) == NULL)
        goto out;
    if ((rc = second_read(gray, width, allow, scratch, &read)) != RC_OK || read.count == 0)
        goto out;
    if ((at = arena_alloc(arena, (size_t)read.count * 3 + 1)) == NULL) {
        rc = RC_NOMEM;
        goto out;
    }
    *conf = 1;
    for (uint32_t i = 0; i < read.count; i++) {
        n += put_letter(at + n, read.chars[i].c);
        *conf = read.chars[i].conf < *conf ? read.chars[i].conf : *conf;
    }
    while (n > 0 && at[n - 1] == ' ')
        at[--n] = '\0';
    *whole = second_accounts(&read, gray, width);
    *text = at[0] == ' ' ? at + 1 : at;
out:
    arena_free(scratch);
    return rc == RC_LIMIT ? RC_OK : rc;
}
