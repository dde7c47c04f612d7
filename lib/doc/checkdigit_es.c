/* checkdigit_es.c - in work. */
#include "checkdigit_kinds.h"

#include <stddef.h>

const struct checkdigit_kind checkdigit_es[] = {
    { NULL, false, NULL, NULL },
};
