/*
 * pdf_content.h - what a page's drawing operators say, without drawing them.
 *
 * Answers two questions: does the page show one image and nothing else that can be seen, and
 * should anything at all be seen.  A tokenizer of ours over untrusted bytes; it never recurses.
 */
#ifndef STAGES_PDF_CONTENT_H
#define STAGES_PDF_CONTENT_H

#include <stdbool.h>

#include "base/bytes.h"

#define PDF_NAME_MAX 127

struct pdf_content {
    bool marks;          /* something is drawn: an image, a form, a path, visible text   */
    bool one_image;      /* exactly one Do and nothing else that can be seen             */
    double matrix[6];    /* of that Do                                                   */
    char image[PDF_NAME_MAX + 1]; /* its resource name, without the slash                */
};

/* Pure. What is not understood counts as drawing: the page is then rendered. */
void pdf_content_scan(struct bytes content, struct pdf_content *out);

#endif
