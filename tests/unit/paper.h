/*
 * paper.h - a page of typewriting: lines of text become a struct page_reading, a letter 12 by
 * 20 pixels, a line 32, so that tests of extraction show the page they read.
 */
#ifndef TESTS_PAPER_H
#define TESTS_PAPER_H

#include <string.h>

#include "base/arena.h"
#include "doc/reading.h"

#define PAPER_LETTER 12
#define PAPER_LINE 32

static inline struct page_reading *
paper(struct arena *arena, const char *const *lines, size_t count)
{
    struct page_reading *page = arena_alloc(arena, sizeof *page);
    uint32_t block = 0;

    page->form = "";
    page->dpi = 200;
    page->facts.width = 1654;
    page->facts.height = 2339;
    page->words = arena_array(arena, 2000, sizeof *page->words);
    for (size_t l = 0; l < count; l++) {
        const char *at = lines[l];

        while (*at != '\0') {
            size_t blanks = strspn(at, " "), n;
            struct word *w = &page->words[page->word_count];
            int x;

            at += blanks;
            n = strcspn(at, " ");
            if (n == 0)
                break;
            /* Bytes beyond ASCII are not columns of their own; near enough for a test. */
            x = (int)(at - lines[l]) * PAPER_LETTER + 60;
            block += blanks > 1 || page->word_count == 0 || w[-1].line != l;
            w->text = arena_copy(arena, at, n);
            w->box = (struct box){ x, (int)l * PAPER_LINE + 60, x + (int)n * PAPER_LETTER - 2,
                                   (int)l * PAPER_LINE + 80 };
            w->conf = 0.96f;
            w->line = (uint32_t)l;
            w->block = block;
            page->word_count++;
            at += n;
        }
    }
    page->facts.words = page->word_count;
    return page;
}

#endif
