/* fuzz_entry.c - entries of archives and their names. */
#include "fuzz.h"

#include "doc/entry.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct entry e;
    char *name = entry_name_clean(bytes_of(data, size), arena), *again;

    HOLDS(name != NULL && name[0] != 0 && strlen(name) <= ENTRY_NAME_MAX);
    HOLDS(strchr(name, 47) == NULL && strchr(name, 92) == NULL);
    for (const char *p = name; *p != 0; p++)
        HOLDS((unsigned char)*p >= 32 && *p != 127);
    again = entry_name_clean(bytes_str(name), arena);
    HOLDS(again != NULL && strcmp(name, again) == 0);
    (void)!entry_read(bytes_of(data, size), arena, &e);
    arena_free(arena);
    return 0;
}
