/*
 * decode.c - what pages a file has, and how to get each one's pixels.
 *
 * The type is decided by content; the heads are checked against the product's limits; no
 * pixel is decoded here.
 */
#include "doc/recipe.h"
#include "doc/sniff.h"
#include "image_head.h"
#include "pdf.h"
#include "stages.h"

#define RECIPE_BYTES_MAX (1u << 20)

typedef enum rc head_of(struct bytes bytes, struct arena *arena, struct image_head *out,
                        enum reason *why, uint32_t *detail);

static const struct {
    enum file_format format;
    head_of *head;
} readers[] = {
    { FORMAT_PNG, png_head },
    { FORMAT_JPEG, jpeg_head },
    { FORMAT_TIFF, tiff_head },
};

static enum rc
images(const struct job *job, struct bytes bytes, head_of *head_of_format, struct recipe *recipe,
       struct result *result)
{
    struct image_head head = { NULL, 0 };
    enum reason why = REASON_NONE;
    uint32_t detail = 0;
    enum rc rc = head_of_format(bytes, job->arena, &head, &why, &detail);

    if (rc != RC_OK)
        return rc;
    if (why != REASON_NONE)
        return reject(result, why, detail);
    if ((recipe->pages = arena_array(job->arena, head.count, sizeof *recipe->pages)) == NULL)
        return RC_NOMEM;
    recipe->count = head.count;
    for (uint32_t i = 0; i < head.count; i++) {
        const struct image_frame *f = &head.frames[i];
        struct recipe_page *p = &recipe->pages[i];
        bool lying = f->rotation == 90 || f->rotation == 270;

        p->way = WAY_IMAGE;
        p->index = i;
        p->width = lying ? f->height : f->width;
        p->height = lying ? f->width : f->height;
        p->dpi = dpi_believed(f->dpi, f->width, f->height);
        p->rotation = 0; /* the readers turn by EXIF and TIFF tag themselves */
        p->object = f->offset;
        p->marks = false; /* an image says nothing of what should be on it */
    }
    return RC_OK;
}

static enum rc
refuse_format(struct bytes bytes, enum file_format format, struct result *result)
{
    if (bytes.size == 0)
        return reject(result, REASON_EMPTY_FILE, 0);
    return reject(result, format == FORMAT_UNKNOWN ? REASON_UNKNOWN_FORMAT : REASON_FORMAT_REFUSED,
                  0);
}

static enum rc
make_recipe(const struct job *job, struct bytes bytes, struct recipe *recipe, struct result *result)
{
    recipe->format = format_sniff(bytes, job->name);
    if (bytes.size > FILE_BYTES_MAX)
        return reject(result, REASON_FILE_TOO_LARGE, FILE_BYTES_MAX >> 20);
    if (recipe->format == FORMAT_PDF)
        return pdf_decode(job, bytes, recipe, result);
    for (size_t i = 0; i < COUNT_OF(readers); i++)
        if (readers[i].format == recipe->format)
            return images(job, bytes, readers[i].head, recipe, result);
    return refuse_format(bytes, recipe->format, result);
}

enum rc
decode_run(const struct job *job, struct result *result)
{
    const struct artifact *original = artifact_find(&job->given, ARTIFACT_ORIGINAL, 0);
    struct recipe recipe = { FORMAT_UNKNOWN, NULL, 0 };
    struct buffer b;
    enum rc rc;

    if (original == NULL)
        return RC_BUG;
    if ((rc = make_recipe(job, original->bytes, &recipe, result)) != RC_OK ||
        result->verdict != VERDICT_PASS)
        return rc;
    if (recipe.count == 0)
        return reject(result, REASON_NO_PAGES, 0);
    buffer_init(&b, RECIPE_BYTES_MAX);
    recipe_write(&b, &recipe);
    rc = b.failed ? RC_NOMEM : job->emit(job->to, ARTIFACT_RECIPE, 0, buffer_bytes(&b));
    buffer_done(&b);
    return rc;
}
