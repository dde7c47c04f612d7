/*
 * clean.c - orientation, skew, perspective, blank pages.
 *
 * Left out because they did not help on measured pages: removing rules from the gray
 * image, binarising before reading, doubling the size of one small line alone.
 */
#include "clean.h"

#include <math.h>

#include "clean_flat.h"

#define SKEW_LEAST 0.15f /* degrees; below it turning blurs more than it helps */
#define SKEW_MOST 12.0f
#define SKEW_SURE 2.5f
#define BLANK_INK 0.0008f
/* No line of print and yet so much that is dark: a photograph or a drawing, which a person must see. */
#define PICTURE_INK 0.05f
/*
 * Capital letters so high or less are small print; fewer lines, or a larger page, are not made larger.  Nor is a page
 * of more dots an inch: there small print is dirt as often, and more of it would be read.
 */
#define SMALL_PRINT 12.5f
#define SMALL_LINES 4
#define SMALL_PAGE 5e6
#define SMALL_RES 150

static const float degree = 3.14159265f / 180.0f;

/* Dark and light at a quarter of the size: enough for skew and ink. */
static PIX *
small_bits(PIX *gray)
{
    PIX *half = pixScaleAreaMap2(gray), *even = NULL, *bits = NULL;

    if (half == NULL)
        return NULL;
    if (pixGetWidth(half) > 60 && pixGetHeight(half) > 60)
        even = pixBackgroundNorm(half, NULL, NULL, 20, 20, 90, 30, 200, 2, 2);
    bits = pixThresholdToBinary(even != NULL ? even : half, 140);
    pixDestroy(&even);
    pixDestroy(&half);
    return bits;
}

/* Share of dark pixels without the outer twentieth, where scanners leave shadows. */
static float
inner_ink(PIX *bits)
{
    l_int32 w = pixGetWidth(bits), h = pixGetHeight(bits), dark = 0;
    BOX *box = boxCreate(w / 20, h / 20, w - w / 10, h - h / 10);
    PIX *inner = box != NULL ? pixClipRectangle(bits, box, NULL) : NULL;
    float share = 0;

    if (inner != NULL) {
        pixCountPixels(inner, &dark, NULL);
        share = (float)dark / ((float)pixGetWidth(inner) * (float)pixGetHeight(inner));
    }
    pixDestroy(&inner);
    boxDestroy(&box);
    return share;
}

static float
skew_of(PIX *bits)
{
    l_float32 angle = 0, sure = 0;

    if (pixFindSkewSweepAndSearch(bits, &angle, &sure, 2, 1, SKEW_MOST, 1.0f, 0.03f) != 0)
        return 0;
    return sure >= SKEW_SURE && fabsf(angle) >= SKEW_LEAST ? angle : 0;
}

static enum rc
turn(PIX **gray, int quarters)
{
    l_int32 res = pixGetXRes(*gray);
    PIX *turned = quarters == 2 ? pixRotate180(NULL, *gray) : pixRotate90(*gray, quarters == 1 ? 1 : -1);

    if (turned == NULL)
        return RC_NOMEM;
    pixSetResolution(turned, res, res);
    pixDestroy(gray);
    *gray = turned;
    return RC_OK;
}

static enum rc
straighten(struct clean_page *page)
{
    PIX *bits = small_bits(page->gray), *straight = NULL;

    if (bits == NULL)
        return pixGetWidth(page->gray) < 8 || pixGetHeight(page->gray) < 8 ? RC_OK : RC_NOMEM;
    page->ink = inner_ink(bits);
    page->skew = page->ink > BLANK_INK / 4 ? skew_of(bits) : 0;
    pixDestroy(&bits);
    if (page->skew == 0)
        return RC_OK;
    straight = pixRotate(page->gray, page->skew * degree, L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0);
    if (straight == NULL)
        return RC_NOMEM;
    pixSetResolution(straight, pixGetXRes(page->gray), pixGetYRes(page->gray));
    pixDestroy(&page->gray);
    page->gray = straight;
    return RC_OK;
}

static enum rc
look(struct clean_page *page, struct arena *arena)
{
    enum rc rc;

    page->width = (uint32_t)pixGetWidth(page->gray);
    page->height = (uint32_t)pixGetHeight(page->gray);
    if ((rc = straighten(page)) != RC_OK)
        return rc;
    return ocr_lines_find(page->gray, arena, &page->lines);
}

/* A photograph in perspective is laid flat, from the upright page so that it is drawn anew only once. */
static enum rc
lay_flat(struct clean_page *page, PIX *upright, struct arena *arena)
{
    struct clean_flat plan;
    PIX *flat;
    enum rc rc = clean_flat_plan(upright, &page->lines, page->skew, arena, &plan);

    if (rc != RC_OK || !plan.back.on)
        return rc;
    if ((flat = clean_flat_lay(upright, &plan)) == NULL)
        return RC_NOMEM;
    pixDestroy(&page->gray);
    page->gray = flat;
    page->back = plan.back;
    page->flat = plan.to;
    page->skew = 0;
    return ocr_lines_find(page->gray, arena, &page->lines);
}

/* The way from the upright page to the deskewed one, as clean_unskew undoes it. */
static struct flat_map
skew_map(const struct clean_page *page)
{
    double a = (double)page->skew * (double)degree, cx = page->width / 2.0, cy = page->height / 2.0;

    return (struct flat_map){ true, { cos(a), -sin(a), cx - cx * cos(a) + cy * sin(a), sin(a), cos(a),
                                      cy - cx * sin(a) - cy * cos(a), 0, 0 } };
}

static bool
is_small_print(const struct clean_page *page)
{
    l_int32 res = pixGetXRes(page->gray);

    return res >= 70 && res <= SMALL_RES && page->lines.count >= SMALL_LINES && page->lines.height <= SMALL_PRINT &&
           (double)page->width * page->height <= SMALL_PAGE && pixGetDepth(page->gray) == 8;
}

/* Print of few pixels is made twice as large before anything is measured on it: skew, lines, and both readers gain. */
static enum rc
enlarge(struct clean_page *page, PIX **upright, struct arena *arena)
{
    PIX *large = clean_twice(*upright, arena);

    if (large == NULL)
        return RC_NOMEM;
    pixDestroy(upright);
    pixDestroy(&page->gray);
    *upright = large;
    if ((page->gray = pixClone(large)) == NULL)
        return RC_NOMEM;
    return look(page, arena);
}

/* What was done to the enlarged page is said of the page as it came. */
static enum rc
say_of_given(struct clean_page *page, uint32_t width, uint32_t height)
{
    static const struct flat_map twice = { true, { 2, 0, 0, 0, 2, 0, 0, 0 } };
    struct flat_map then = page->flat.on ? page->flat : skew_map(page);

    page->flat = flat_join(&twice, &then);
    page->width = width;
    page->height = height;
    return flat_invert(&page->flat, &page->back) ? RC_OK : RC_BUG;
}

enum rc
clean_make(PIX *given, struct arena *arena, struct clean_page *out)
{
    PIX *upright = pixClone(given);
    uint32_t width, height;
    bool small;
    enum rc rc;

    *out = (struct clean_page){ .gray = pixClone(given) };
    if (out->gray == NULL || upright == NULL) {
        rc = RC_NOMEM;
        goto out;
    }
    if ((rc = look(out, arena)) != RC_OK)
        goto out;
    if (out->lines.sideways) {
        if ((rc = turn(&upright, 1)) != RC_OK)
            goto out;
        pixDestroy(&out->gray);
        out->gray = pixClone(upright);
        if (out->gray == NULL) {
            rc = RC_NOMEM;
            goto out;
        }
        out->rotation = 90;
        if ((rc = look(out, arena)) != RC_OK)
            goto out;
    }
    width = out->width;
    height = out->height;
    small = is_small_print(out);
    if ((small && (rc = enlarge(out, &upright, arena)) != RC_OK) || (rc = lay_flat(out, upright, arena)) != RC_OK ||
        (small && (rc = say_of_given(out, width, height)) != RC_OK))
        goto out;
    out->blank = (out->lines.count == 0 && out->ink < PICTURE_INK) ||
                 (out->ink < BLANK_INK && out->lines.marks < 12);
out:
    pixDestroy(&upright);
    return rc;
}

/* Both the upright page and the flat one are turned by 180 degrees, and so is the way from one to the other. */
static void
turn_map(struct flat_map *map, double width, double height, double to_width, double to_height)
{
    struct flat_map before = { true, { -1, 0, width, 0, -1, height, 0, 0 } };
    struct flat_map after = { true, { -1, 0, to_width, 0, -1, to_height, 0, 0 } };

    before = flat_join(&before, map);
    *map = flat_join(&before, &after);
}

enum rc
clean_turn(struct clean_page *page, struct arena *arena)
{
    enum rc rc = turn(&page->gray, 2);

    page->rotation = (page->rotation + 180) % 360;
    if (rc != RC_OK)
        return rc;
    if (page->back.on) {
        double width = pixGetWidth(page->gray), height = pixGetHeight(page->gray);

        turn_map(&page->back, width, height, page->width, page->height);
        turn_map(&page->flat, page->width, page->height, width, height);
    }
    return ocr_lines_find(page->gray, arena, &page->lines);
}

void
clean_done(struct clean_page *page)
{
    pixDestroy(&page->gray);
}

struct box
clean_unskew(const struct clean_page *page, struct box box)
{
    double a = -(double)page->skew * (double)degree;
    double cx = page->width / 2.0, cy = page->height / 2.0;
    double x = (box.x0 + box.x1) / 2.0 - cx, y = (box.y0 + box.y1) / 2.0 - cy;
    double w = (box.x1 - box.x0) / 2.0, h = (box.y1 - box.y0) / 2.0;
    double nx = x * cos(a) - y * sin(a) + cx, ny = x * sin(a) + y * cos(a) + cy;

    if (page->back.on)
        return flat_box(&page->back, box);
    if (page->skew == 0)
        return box;
    return (struct box){ (int32_t)lround(nx - w), (int32_t)lround(ny - h), (int32_t)lround(nx + w),
                         (int32_t)lround(ny + h) };
}
