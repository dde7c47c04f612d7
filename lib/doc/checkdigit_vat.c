/* checkdigit_vat.c - in work. */
#include "checkdigit_kinds.h"

#include <stddef.h>

const struct checkdigit_kind checkdigit_vat[] = {
    { NULL, false, NULL, NULL },
};
