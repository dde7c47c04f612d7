/*
 * recipe.h - how to get the pixels of each page of a file; what decode makes.
 *
 * Rasters are not stored.  A recipe names the page inside the sealed original and
 * the way to its pixels.  Encoded as artifact ARTIFACT_RECIPE, one for a file.
 */
#ifndef DOC_RECIPE_H
#define DOC_RECIPE_H

#include "base/codec.h"
#include "doc/reason.h"

#define PAGES_MAX 2000
#define SIDE_MAX 20000
#define PIXELS_MAX 60000000u
#define FILE_BYTES_MAX (512u << 20)

/* What a file is, decided once, by its first bytes. */
enum file_format {
    FORMAT_UNKNOWN = 0,
    FORMAT_PDF = 1,
    FORMAT_TIFF = 2,
    FORMAT_PNG = 3,
    FORMAT_JPEG = 4,
    FORMAT_ZIP = 10,
    FORMAT_TAR = 11,
    FORMAT_GZIP = 12,
    FORMAT_MANIFEST_CSV = 20, /* manifest.csv or manifest.json by name, text by content */
    FORMAT_MANIFEST_JSON = 21,
    FORMAT_XML = 22,     /* text that begins as XML does: perhaps an e-invoice */
    FORMAT_REFUSED = 99       /* known and not taken */
};

enum recipe_way {
    WAY_IMAGE = 1,  /* the file is an image: frame "index" of it                      */
    WAY_STREAM = 2, /* a PDF page that is one image: its stream, cut out by libqpdf   */
    WAY_RENDER = 3  /* a PDF page drawn by pdftoppm in the second cage                */
};

struct recipe_page {
    enum recipe_way way;
    uint32_t index;         /* frame of a TIFF, page of a PDF, from 0             */
    uint32_t width, height; /* pixels that will come out                          */
    uint32_t dpi;           /* best guess, 72..1200                               */
    int rotation;           /* degrees clockwise that the file asks for: 0 90 180 270 */
    uint32_t object;        /* WAY_STREAM: the object number of the image in the PDF;
                               WAY_IMAGE of a TIFF: the offset of the frame's directory;
                               WAY_RENDER: 1 when the page is turned by 90 or 270     */
    bool marks;             /* by what the page says, something should be drawn on it */
};

struct recipe {
    enum file_format format;
    struct recipe_page *pages;
    uint32_t count;
};

void recipe_write(struct buffer *b, const struct recipe *recipe);
/* RC_INPUT, RC_LIMIT or RC_OK; *out lives in arena. */
MUST_USE enum rc recipe_read(struct bytes bytes, struct arena *arena, struct recipe **out);

#endif
