/*
 * companion.h - which file is an e-invoice beside its pages: NAME.xml beside NAME.pdf.
 *
 * By names alone, as they are all that intake knows; what the XML is, the cage finds out.
 */
#ifndef DOC_COMPANION_H
#define DOC_COMPANION_H

#include <stdbool.h>
#include <stddef.h>

#define STEM_MAX 256

/* Does the name end in .xml, and is there something before it? */
bool companion_is(const char *name);
/*
 * The last component without its ending, letters of ASCII in lower case: "Scans/Invoice-7.PDF" is "invoice-7".
 * Returns its length; 0 when nothing is left, or it is too long: such a file has no companion.
 */
size_t companion_stem(const char *name, char out[STEM_MAX]);

#endif
