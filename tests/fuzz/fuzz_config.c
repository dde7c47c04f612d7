/* fuzz_config.c - escriba.yaml. */
#include "fuzz.h"

#include "sys/config.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct instance *in = calloc(1, sizeof *in);
    struct err err = { .rc = RC_OK };
    char *text = malloc(size + 1); /* its callers hand over text with a NUL after it */

    HOLDS(text != NULL);
    memcpy(text, data, size);
    text[size] = 0;
    HOLDS(in != NULL);
    if (config_read(text, size, "escriba.yaml", in, &err) != RC_OK)
        HOLDS(err.rc != RC_OK && err.what[0] != 0);
    free(text);
    free(in);
    return 0;
}
