/*
 * pdf.c - the pages of a PDF: sizes, turns, and the way to each one's pixels.
 *
 * libqpdf mends what it can; what it cannot is refused.  Its text layer, forms, scripts and
 * links are never looked at: pixels decide.
 */
#include "pdf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "doc/sniff.h"
#include "image_head.h"
#include "pdf_content.h"
#include "pdf_image.h"

#define RENDER_DPI 300
#define RENDER_DPI_LEAST 72
#define POINTS 72.0
#define SLACK 0.02      /* an image may miss or pass the page's edge by this share  */
#define ASPECT 0.05     /* and its resolutions may differ by this                   */
#define STORED_MARKS 6000 /* an image stored in more bytes than a blank page needs  */

struct face {
    double x0, y0, x1, y1; /* what is shown, in points */
    int rotation;
};

static bool
box_of(qpdf_data q, qpdf_oh array, struct face *f)
{
    double n[4];

    if (!qpdf_oh_is_array(q, array) || qpdf_oh_get_array_n_items(q, array) != 4)
        return false;
    for (int i = 0; i < 4; i++) {
        qpdf_oh item = qpdf_oh_get_array_item(q, array, i);

        n[i] = qpdf_oh_is_number(q, item) ? qpdf_oh_get_numeric_value(q, item) : NAN;
        if (!isfinite(n[i]))
            return false;
    }
    f->x0 = fmin(n[0], n[2]);
    f->x1 = fmax(n[0], n[2]);
    f->y0 = fmin(n[1], n[3]);
    f->y1 = fmax(n[1], n[3]);
    return true;
}

/* Boxes and turns may stand on a node above the page; a ring of parents is cut short. */
static qpdf_oh
inherited(qpdf_data q, qpdf_oh page, const char *key)
{
    qpdf_oh node = page;

    for (int i = 0; i < 64 && qpdf_oh_is_dictionary(q, node); i++) {
        qpdf_oh value = qpdf_oh_get_key(q, node, key);

        if (!qpdf_oh_is_null(q, value))
            return value;
        node = qpdf_oh_get_key(q, node, "/Parent");
    }
    return qpdf_oh_new_null(q);
}

static void
face_of(qpdf_data q, qpdf_oh page, struct face *f)
{
    struct face crop;
    int turn = 0;

    /* what viewers take when there is no good MediaBox: US Letter */
    if (!box_of(q, inherited(q, page, "/MediaBox"), f))
        *f = (struct face){ 0, 0, 612, 792, 0 };
    if (box_of(q, inherited(q, page, "/CropBox"), &crop)) {
        crop.x0 = fmax(crop.x0, f->x0);
        crop.y0 = fmax(crop.y0, f->y0);
        crop.x1 = fmin(crop.x1, f->x1);
        crop.y1 = fmin(crop.y1, f->y1);
        if (crop.x1 > crop.x0 && crop.y1 > crop.y0)
            *f = crop;
    }
    (void)qpdf_oh_get_value_as_int(q, inherited(q, page, "/Rotate"), &turn);
    f->rotation = turn % 90 == 0 ? ((turn % 360) + 360) % 360 : 0;
}

/* Something laid over the page that a viewer would draw: a filled field, a stamp, a note. */
static bool
has_annotations(qpdf_data q, qpdf_oh page)
{
    qpdf_oh annots = qpdf_oh_get_key(q, page, "/Annots");
    int n = qpdf_oh_is_array(q, annots) ? qpdf_oh_get_array_n_items(q, annots) : 0;

    for (int i = 0; i < n; i++) {
        qpdf_oh a = qpdf_oh_get_array_item(q, annots, i);

        if (!qpdf_oh_is_dictionary(q, a))
            continue;
        if (!qpdf_oh_is_name_and_equals(q, qpdf_oh_get_key(q, a, "/Subtype"), "/Link") &&
            !qpdf_oh_is_name_and_equals(q, qpdf_oh_get_key(q, a, "/Subtype"), "/Popup"))
            return true;
    }
    return false;
}

static qpdf_oh
object_named(qpdf_data q, qpdf_oh page, const char *name)
{
    qpdf_oh resources = inherited(q, page, "/Resources"), objects;
    char key[PDF_NAME_MAX + 2];

    if (!qpdf_oh_is_dictionary(q, resources))
        return qpdf_oh_new_null(q);
    objects = qpdf_oh_get_key(q, resources, "/XObject");
    if (!qpdf_oh_is_dictionary(q, objects))
        return qpdf_oh_new_null(q);
    key[0] = '/';
    memcpy(key + 1, name, strlen(name) + 1);
    return qpdf_oh_get_key(q, objects, key);
}

/* Lies the image upright over the whole face, no more and no less, with square pixels? */
static bool
covers(const double m[6], const struct face *f, const struct pdf_image *image)
{
    const double w = f->x1 - f->x0, h = f->y1 - f->y0;
    double xdpi, ydpi;

    if (m[0] <= 0 || m[3] <= 0 || fabs(m[1]) > 1e-3 * m[0] || fabs(m[2]) > 1e-3 * m[3])
        return false;
    if (fabs(m[4] - f->x0) > SLACK * w || fabs(m[4] + m[0] - f->x1) > SLACK * w ||
        fabs(m[5] - f->y0) > SLACK * h || fabs(m[5] + m[3] - f->y1) > SLACK * h)
        return false;
    xdpi = image->width / (m[0] / POINTS);
    ydpi = image->height / (m[3] / POINTS);
    return fabs(xdpi - ydpi) <= ASPECT * fmax(xdpi, ydpi) && xdpi >= 50 && xdpi <= 1300;
}

static bool
by_stream(qpdf_data q, qpdf_oh page, const struct pdf_content *content, const struct face *f,
          struct recipe_page *out)
{
    qpdf_oh oh = object_named(q, page, content->image), dict;
    struct pdf_image image;
    bool lying = f->rotation == 90 || f->rotation == 270;
    int id;

    if (!qpdf_oh_is_stream(q, oh) || (id = qpdf_oh_get_object_id(q, oh)) <= 0 ||
        qpdf_oh_get_generation(q, oh) != 0)
        return false;
    dict = qpdf_oh_get_dict(q, oh);
    if (!qpdf_oh_is_name_and_equals(q, qpdf_oh_get_key(q, dict, "/Subtype"), "/Image"))
        return false;
    pdf_image_look(q, oh, &image);
    /* an image alone: blank paper was scanned, or the renderer lost it */
    out->marks = image.stored > STORED_MARKS && image.coding == CODING_OTHER;
    if (image.coding == CODING_OTHER || !covers(content->matrix, f, &image))
        return false;
    out->way = WAY_STREAM;
    out->object = (uint32_t)id;
    out->rotation = f->rotation;
    out->width = lying ? image.height : image.width;
    out->height = lying ? image.width : image.height;
    out->dpi = dpi_believed((uint32_t)(image.width / ((f->x1 - f->x0) / POINTS) + 0.5), image.width,
                            image.height);
    return true;
}

/* Let the renderer draw it as fine as the limits allow. */
static enum reason
by_render(const struct face *f, struct recipe_page *out, uint32_t *detail)
{
    bool lying = f->rotation == 90 || f->rotation == 270;
    double w = (f->x1 - f->x0) / POINTS, h = (f->y1 - f->y0) / POINTS, dpi = RENDER_DPI;

    dpi = fmin(dpi, SIDE_MAX / fmax(w, h));
    dpi = fmin(dpi, sqrt(PIXELS_MAX / (w * h)));
    if (dpi < RENDER_DPI_LEAST) {
        *detail = SIDE_MAX;
        return REASON_SIDE_TOO_LONG;
    }
    out->way = WAY_RENDER;
    out->rotation = 0; /* the renderer turns by /Rotate */
    out->object = lying; /* it wants the size before turning */
    out->width = (uint32_t)fmax(1, floor((lying ? h : w) * dpi));
    out->height = (uint32_t)fmax(1, floor((lying ? w : h) * dpi));
    out->dpi = (uint32_t)dpi;
    return REASON_NONE;
}

static enum reason
look_at_page(qpdf_data q, uint32_t number, struct recipe_page *out, uint32_t *detail)
{
    qpdf_oh page = qpdf_get_page_n(q, number);
    struct pdf_content content;
    unsigned char *data = NULL;
    size_t size = 0;
    struct face f;
    bool streams;

    if (qpdf_has_error(q) || !qpdf_oh_is_dictionary(q, page))
        return REASON_DAMAGED;
    out->index = number;
    face_of(q, page, &f);
    if (f.x1 - f.x0 < 1 || f.y1 - f.y0 < 1)
        return REASON_DIMENSIONS;
    if ((qpdf_oh_get_page_content_data(q, page, &data, &size) & QPDF_ERRORS) != 0) {
        free(data);
        return REASON_DAMAGED;
    }
    pdf_content_scan(bytes_of(data, size), &content);
    free(data);
    streams =
        content.one_image && !has_annotations(q, page) && by_stream(q, page, &content, &f, out);
    if (streams)
        return REASON_NONE;
    out->marks = out->marks || (content.marks && !content.one_image);
    return by_render(&f, out, detail);
}

/* Refuse what libqpdf could not open. */
static enum rc
refuse(qpdf_data q, struct bytes bytes, struct result *result)
{
    qpdf_error e = qpdf_get_error(q);
    enum qpdf_error_code_e code = e != NULL ? qpdf_get_error_code(q, e) : qpdf_e_damaged_pdf;

    if (code == qpdf_e_password)
        return reject(result, REASON_PASSWORD, 0);
    return reject(result, format_is_ended(FORMAT_PDF, bytes) ? REASON_DAMAGED : REASON_TRUNCATED,
                  0);
}

/* What the page tree says of itself; a tree that holds fewer pages has lost some. */
static long long
count_claimed(qpdf_data q)
{
    qpdf_oh pages = qpdf_oh_get_key_if_dict(q, qpdf_get_root(q), "/Pages");
    long long n = 0;

    if (qpdf_oh_is_dictionary(q, pages))
        (void)qpdf_oh_get_value_as_longlong(q, qpdf_oh_get_key(q, pages, "/Count"), &n);
    return n;
}

static enum rc
look_at_pages(const struct job *job, qpdf_data q, uint32_t count, struct recipe *recipe,
              struct result *result)
{
    if ((recipe->pages = arena_array(job->arena, count, sizeof *recipe->pages)) == NULL)
        return RC_NOMEM;
    recipe->count = count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t detail = 0;
        enum reason why = look_at_page(q, i, &recipe->pages[i], &detail);

        qpdf_oh_release_all(q);
        if (why != REASON_NONE)
            return reject(result, why, detail);
    }
    return RC_OK;
}

enum rc
pdf_decode(const struct job *job, struct bytes bytes, struct recipe *recipe, struct result *result)
{
    long long claimed;
    qpdf_data q;
    enum rc rc;
    int count;

    if ((pdf_open(&q, bytes.data, bytes.size) & QPDF_ERRORS) != 0) {
        rc = refuse(q, bytes, result);
        goto out;
    }
    claimed = count_claimed(q);
    count = qpdf_get_num_pages(q);
    if (count < 0 || qpdf_has_error(q))
        rc = refuse(q, bytes, result);
    else if (count == 0)
        rc = reject(result, REASON_NO_PAGES, 0);
    else if (count > PAGES_MAX)
        rc = reject(result, REASON_TOO_MANY_PAGES, PAGES_MAX);
    else if (claimed > count)
        rc = reject(result, REASON_PAGE_COUNT, (uint32_t)count);
    else
        rc = look_at_pages(job, q, (uint32_t)count, recipe, result);
    if (rc == RC_OK && result->verdict == VERDICT_PASS)
        rc = pdf_attached(job, q);
out:
    qpdf_cleanup(&q);
    return rc;
}
