/* pdf_image.h - one image of a PDF: can its stream be read by itself, and how. */
#ifndef STAGES_PDF_IMAGE_H
#define STAGES_PDF_IMAGE_H

#include <qpdf/qpdf-c.h>

#include <stdbool.h>
#include <stdint.h>

enum pdf_coding { CODING_OTHER, CODING_RAW, CODING_DCT, CODING_G4 };

struct pdf_image {
    enum pdf_coding coding;
    uint32_t width, height;
    uint32_t samples; /* 1 or 3  */
    uint32_t depth;   /* 1 or 8  */
    bool invert;      /* black and white are swapped */
    uint64_t stored;  /* bytes as they lie in the file */
};

/* CODING_OTHER: only a renderer can show it. Sizes are checked against the limits. */
void pdf_image_look(qpdf_data q, qpdf_oh image, struct pdf_image *out);
/* Open a file in memory without a word on standard error; q must be given to qpdf_cleanup whatever happens. */
QPDF_ERROR_CODE pdf_open(qpdf_data *q, const void *data, uint64_t size);

#endif
