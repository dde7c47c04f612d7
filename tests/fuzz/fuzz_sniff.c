/* fuzz_sniff.c - first bytes of any file. */
#include "fuzz.h"

#include "doc/sniff.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes b = bytes_of(data, size);
    enum file_format f = format_sniff(b, "manifest.csv");

    HOLDS(format_is_known(f));
    HOLDS((format_refused_name(b)[0] != 0) == (f == FORMAT_REFUSED));
    (void)format_is_ended(f, b);
    return 0;
}
