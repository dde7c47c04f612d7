/* with_forms.h - the document types that ship, loaded before a group of tests and freed after it: load, unload. */
#ifndef TESTS_WITH_FORMS_H
#define TESTS_WITH_FORMS_H

#include "doc/form.h"

static struct form_set *forms;

static int
load(void **state)
{
    struct err err = { .rc = RC_OK };

    (void)state;
    return forms_load(SOURCE_DIR "/forms", &forms, &err) == RC_OK ? 0 : -1;
}

static int
unload(void **state)
{
    (void)state;
    forms_free(forms);
    return 0;
}

#endif
