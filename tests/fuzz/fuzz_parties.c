/* fuzz_parties.c - identities and twins, and names of any shape held against them. */
#include "fuzz.h"

#include <string.h>

#include "doc/parties.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct party own[] = { { PARTY_NAME, "Acme Ibérica, S.L." }, { PARTY_TAX_ID, "B58378431" } };
    const struct parties known = { own, 2 };
    struct arena *arena = fuzz_arena();
    struct parties parties = { NULL, 0 };
    struct twins twins;
    char *text = arena_alloc(arena, size + 1);

    if (parties_read(bytes_of(data, size), arena, &parties) == RC_OK)
        for (uint32_t i = 0; i < parties.count; i++)
            HOLDS(parties.items[i].kind != PARTY_NAME || !parties_know_id(&(struct parties){ &parties.items[i], 1 }, "1"));
    if (twins_read(bytes_of(data, size), arena, &twins) == RC_OK)
        HOLDS(twins.count <= TWINS_MAX);
    if (text != NULL && size < 4000) {
        memcpy(text, data, size);
        text[size] = '\0';
        (void)parties_know_name(&known, text);
        (void)parties_know_id(&known, text);
        own[0].value = text;
        (void)parties_know_name(&known, "Acme Iberica");
        own[0].value = "Acme Ibérica, S.L.";
    }
    arena_free(arena);
    return 0;
}
