/*
 * pdf.h - PDF through libqpdf: how many pages, locked or not, and which pages are one image.
 *
 * Nothing is drawn here.  A page that shows exactly one image over its whole face is read
 * from that image's stream; every other page is drawn by the second cage.
 */
#ifndef STAGES_PDF_H
#define STAGES_PDF_H

#include <qpdf/qpdf-c.h>

#include "pixels.h"

/* Fill the recipe, or refuse by result. */
MUST_USE enum rc pdf_decode(const struct job *job, struct bytes bytes, struct recipe *recipe,
                            struct result *result);
/*
 * An e-invoice attached to the PDF (Factur-X, ZUGFeRD, XRechnung): emits ARTIFACT_WITNESS when there is one that can be
 * read.  What cannot be read is passed over: the pages are the document.
 */
MUST_USE enum rc pdf_attached(const struct job *job, qpdf_data q);
/* The pixels of the image that WAY_STREAM names, as stored; *out NULL when result refuses. */
MUST_USE enum rc pdf_stream(const struct job *job, struct bytes bytes,
                            const struct recipe_page *page, struct result *result, PIX **out);

#endif
