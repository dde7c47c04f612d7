/* artifact.c - looking into a set of artifacts. */
#include "doc/artifact.h"

const struct artifact *
artifact_find(const struct artifact_set *set, enum artifact_kind kind, uint32_t page)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (set->items[i].kind == kind && set->items[i].page == page)
            return &set->items[i];
    return NULL;
}
