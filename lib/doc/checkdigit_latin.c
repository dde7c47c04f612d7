/* checkdigit_latin.c - in work. */
#include "checkdigit_kinds.h"

#include <stddef.h>

const struct checkdigit_kind checkdigit_latin[] = {
    { NULL, false, NULL, NULL },
};
