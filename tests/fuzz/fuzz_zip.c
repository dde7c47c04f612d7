/* fuzz_zip.c - the central directory of a ZIP. */
#include "fuzz.h"

#include "doc/entry.h"
#include "zip_head.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t total = 0;
    uint32_t detail = 0;

    if (zip_head(bytes_of(data, size), &total, &detail) == REASON_NONE)
        HOLDS(total <= ENTRY_BYTES_MAX);
    return 0;
}
