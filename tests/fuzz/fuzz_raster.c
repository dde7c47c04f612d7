/* fuzz_raster.c - rasters: ours, and what the painter writes. */
#include "fuzz.h"

#include "doc/raster.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct raster r;

    if (raster_open(bytes_of(data, size), &r) == RC_OK)
        HOLDS(r.pixels + (size_t)r.width * r.height == data + size);
    return 0;
}
