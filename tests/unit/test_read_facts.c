/* test_read_facts.c - whether a page begins a document: titles, sums that are named after them, and what is carried over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "doc/separate.h"
#include "read.h"

/* Lines of a page of 60 lines, '|' parts the words. */
static struct page_facts
facts_of(const char *const *lines, const int *rows, size_t count, struct arena *arena)
{
    struct page_reading page = { .form = "", .facts = { .kind = PAGE_CONTENT, .width = 1000, .height = 3000 } };

    page.words = arena_array(arena, 200, sizeof *page.words);
    for (size_t l = 0; l < count; l++) {
        const char *at = lines[l];

        for (int32_t x = 0; *at != '\0'; x += 100) {
            size_t n = strcspn(at, " ");

            page.words[page.word_count++] = (struct word){ .text = arena_copy(arena, at, n), .line = (uint32_t)l,
                .box = { x, rows[l] * 50, x + 90, rows[l] * 50 + 30 } };
            at += n + (at[n] == ' ');
        }
    }
    read_facts(&page, arena);
    return page.facts;
}

static void
pages_that_begin(void **state)
{
    static const struct {
        const char *lines[4];
        int rows[4];
        bool begins;
    } cases[] = {
        { { "ACME S.L.", "FACTURA F-12" }, { 2, 4 }, true },
        { { "ACME S.L.", "Factura nº: F-12" }, { 2, 4 }, true },
        { { "4854 Tuerca 23 1.580,56", "Base imponible 76.291,01", "TOTAL FACTURA 92.312,12" }, { 2, 6, 8 }, false },
        { { "Invoice amount 12.00", "thank you" }, { 3, 5 }, false },
        { { "Suma anterior 66.698,56", "7498 Cinta 40 2.588,00" }, { 2, 3 }, false },
        /* the letter head is printed on each page */
        { { "ACME S.L.", "Factura nº: F-12", "Suma anterior 66.698,56" }, { 2, 4, 20 }, false },
        { { "ACME Ltd", "INVOICE 12", "Brought forward 12.00" }, { 2, 4, 20 }, false },
        { { "ACME GmbH", "RECHNUNG 12", "Übertrag 12,00" }, { 2, 4, 20 }, false },
        /* a statement of account has its balance on the first page */
        { { "ACME Ltd", "STATEMENT of account", "Balance brought forward 12.00" }, { 2, 4, 20 }, true },
        { { "ACME S.L.", "FACTURA F-12", "Suma y sigue 66.698,56" }, { 2, 4, 58 }, true },
        { { "FACTURA F-12", "Página 2" }, { 4, 58 }, false },
        { { "FACTURA F-12", "Página 1" }, { 4, 58 }, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena *arena = arena_new(1u << 20);
        size_t n = 0;
        struct page_facts facts;

        while (n < COUNT_OF(cases[i].lines) && cases[i].lines[n] != NULL)
            n++;
        facts = facts_of(cases[i].lines, cases[i].rows, n, arena);
        if ((facts.start >= SEPARATE_START) != cases[i].begins)
            fail_msg("%s: start %.2f", cases[i].lines[n - 1], (double)facts.start);
        arena_free(arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(pages_that_begin) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
