/* form_yaml.h - libcyaml's part of form.c; nobody else includes it. */
#ifndef DOC_FORM_YAML_H
#define DOC_FORM_YAML_H

#include <stddef.h>

#include "doc/form.h"

/* RC_CONFIG with err filled; path is for the words only.  *out goes to form_yaml_free. */
MUST_USE enum rc form_from_yaml(const uint8_t *bytes, size_t size, const char *path,
                                struct form **out, struct err *err);
void form_yaml_free(struct form *form); /* may be NULL */

#endif
