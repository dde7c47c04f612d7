/* fuzz_spool.c - the end marks of a stranger's file: never past its end, always finished. */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "sys/spool.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct spool_file file = { .fd = memfd_create("fuzz", MFD_CLOEXEC), .size = size };

    if (file.fd < 0)
        return 0;
    if (write(file.fd, data, size) == (ssize_t)size)
        (void)spool_end(&file);
    close(file.fd);
    return 0;
}
