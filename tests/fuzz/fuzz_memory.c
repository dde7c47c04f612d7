/* fuzz_memory.c - a remembered layout, which comes out of a cage that may lie: read, written again, and laid on a page. */
#include "fuzz.h"

#include "memory.h"

static const char *const printed[] = { "Documento", "F-2025-0017", "Emitida", "12/05/2025", "Suma", "121,00", "Cliente" };

static struct page_reading *
a_page(struct arena *arena)
{
    struct page_reading *page = arena_alloc(arena, sizeof *page);

    page->form = "";
    page->facts.width = 1654;
    page->facts.height = 2339;
    page->words = arena_array(arena, COUNT_OF(printed), sizeof *page->words);
    for (uint32_t i = 0; i < COUNT_OF(printed); i++) {
        int x = (int)(i % 2) * 300 + 100, y = (int)(i / 2) * 40 + 100;

        page->words[page->word_count++] = (struct word){ .text = printed[i], .box = { x, y, x + 120, y + 20 },
                                                         .conf = 0.9f, .line = i / 2, .block = i };
    }
    return page;
}

static void
lay(struct arena *arena, struct memory_layout *m)
{
    const struct page_reading *pages[1] = { a_page(arena) };
    struct memory_set set = { .layouts = &m, .slots = &(uint32_t){ 1 }, .count = 1 };
    struct layout layout;
    struct memory_view view;
    struct memory_match match;

    if (layout_make(pages, 1, arena, &layout) != RC_OK || memory_view_make(&layout, arena, &view) != RC_OK ||
        memory_match(&set, m->form, &view, &match) != RC_OK)
        return;
    if (match.layout == NULL)
        match = (struct memory_match){ .layout = m, .slot = 1, .fit = memory_fit_same() };
    HOLDS(match.fit.xx > 0.5 && match.fit.xx < 2 && match.fit.yy > 0.5 && match.fit.yy < 2);
    HOLDS(match.fit.xy > -0.1 && match.fit.xy < 0.1 && match.fit.yx > -0.1 && match.fit.yx < 0.1);
    for (uint32_t i = 0; i < m->field_count && i < 4; i++)
        for (uint32_t p = 0; p < m->fields[i].place_count; p++) {
            struct memory_spot_at at;

            if (memory_predict(&match, &view, &m->fields[i].places[p], &at))
                HOLDS(at.page == 0 && at.strength > 0 && at.strength <= 1.0001);
        }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct memory_layout *m = NULL, *again = NULL;
    struct buffer b, c;

    if (memory_read(bytes_of(data, size), arena, &m) == RC_OK) {
        buffer_init(&b, MEMORY_LAYOUT_MAX);
        buffer_init(&c, MEMORY_LAYOUT_MAX);
        memory_write(&b, m);
        /* a number may come in more bytes than it needs; ours never does */
        HOLDS(!b.failed && b.size <= size && memory_read(buffer_bytes(&b), arena, &again) == RC_OK);
        memory_write(&c, again);
        HOLDS(bytes_equal(buffer_bytes(&b), buffer_bytes(&c)));
        buffer_done(&c);
        buffer_done(&b);
        lay(arena, m);
    }
    arena_free(arena);
    return 0;
}
