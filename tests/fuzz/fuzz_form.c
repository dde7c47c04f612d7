/* fuzz_form.c - document types in YAML. */
#include "fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "doc/form.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = { .rc = RC_OK };
    struct form *form = NULL;
    char path[64];
    int fd = memfd_create("form", 0);

    HOLDS(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (form_load(path, &form, &err) != RC_OK)
        HOLDS(form == NULL);
    form_free(form);
    close(fd);
    return 0;
}
