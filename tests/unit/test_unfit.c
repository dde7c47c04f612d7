/*
 * test_unfit.c - what a person is told of a page that is no document of ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rc.h"
#include "unfit.h"

#define WORDS_MAX 400

static const char english[] =
    "The invoice was sent to your address in March and the payment is due at the end of this month please pay the total "
    "amount to the account that is printed on this page with the number of the invoice for any question about this "
    "invoice call our office from Monday to Friday the price of each item is without tax thank you for your order";
static const char polish[] =
    "Szanowni Panstwo uprzejmie informujemy ze zamowione przez panstwa towary zostaly wyslane dnia wczorajszego kurierem "
    "prosimy sprawdzic zawartosc przesylki przy odbiorze oraz podpisac protokol zdawczo odbiorczy wszelkie uwagi dotyczace "
    "jakosci wyrobow nalezy zglaszac pisemnie naszemu biuru obslugi klienta ktore czynne jest codziennie miedzy godzina "
    "osma rano szesnasta popoludniu gwarancja obejmuje wady materialowe produkcyjne przez dwanascie miesiecy liczac dzien "
    "zakupu nie podlegaja reklamacji uszkodzenia mechaniczne powstale wskutek niewlasciwego uzytkowania zyczymy udanych";
static const char scraps[] = "| ~ a1 ii wq -- lj rn o0 ,. ii";

static const struct { const char *text; float conf; enum reason reason; } rows[] = {
    { english, 0.93f, REASON_UNKNOWN_TYPE }, { polish, 0.90f, REASON_LANGUAGE }, { scraps, 0.30f, REASON_NO_DOCUMENT },
    { english, 0.20f, REASON_NO_DOCUMENT },  { "", 0, REASON_UNREADABLE },
    { "Total 12,50 Datum 2025 Firma Muster GmbH Bern", 0.95f, REASON_UNKNOWN_TYPE },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct word words[WORDS_MAX];
        struct page_reading page = { .words = words };
        const struct page_reading *pages[] = { &page };
        char *text = strdup(rows[i].text), *save = NULL;
        enum reason reason;

        memset(words, 0, sizeof words);
        for (char *w = strtok_r(text, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
            assert_true(page.word_count < WORDS_MAX);
            words[page.word_count++] = (struct word){ .text = w, .conf = rows[i].conf };
        }
        reason = unfit_reason(pages, 1);
        if (reason != rows[i].reason)
            fail_msg("row %zu: %s", i, reason_row(reason)->word);
        /* Whatever it is, a person reads why in both languages. */
        assert_int_equal(reason_row(reason)->class, CLASS_REVIEW);
        assert_true(strlen(reason_row(reason)->en) > 20 && strlen(reason_row(reason)->es) > 20);
        free(text);
    }
}

/* A page of zones is a form of ours that somebody did not fill in, not a foreign one. */
static void
test_zones(void **state)
{
    struct zone_reading zone = { .zone = "a", .text = "" };
    struct page_reading page = { .zones = &zone, .zone_count = 1 };
    const struct page_reading *pages[] = { &page };

    (void)state;
    assert_int_equal(unfit_reason(pages, 1), REASON_UNKNOWN_TYPE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_zones) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
