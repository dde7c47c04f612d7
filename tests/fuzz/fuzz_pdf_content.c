/* fuzz_pdf_content.c - drawing operators of a PDF page. */
#include "fuzz.h"

#include "pdf_content.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pdf_content c;

    pdf_content_scan(bytes_of(data, size), &c);
    HOLDS(!c.one_image || c.marks);
    HOLDS(memchr(c.image, 0, sizeof c.image) != NULL);
    return 0;
}
