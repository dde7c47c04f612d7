/* fuzz_vault.c - sealed envelopes: nothing that we did not seal opens. */
#include "fuzz.h"

#include "sys/vault.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct doc_key *key;
    static const struct id client = { { 1 } }, object = { { 2 } };
    static const uint8_t raw[KEY_SIZE] = { 3 };
    const struct seal_place place = { ARTIFACT_READING, 0, 0, 0, true };
    struct arena *arena = fuzz_arena();
    struct bytes out = { NULL, 0 };
    struct err err = { .rc = RC_OK };

    if (key == NULL && secret_start(&err) != RC_OK)
        return 0; /* memory cannot be locked here */
    if (key == NULL)
        HOLDS((key = doc_key_new(&client, &object, raw)) != NULL);
    HOLDS(vault_open(key, &place, bytes_of(data, size), arena, &out) != RC_OK);
    arena_free(arena);
    return 0;
}
