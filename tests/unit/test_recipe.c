/* test_recipe.c - do recipes survive their codec, and do broken ones and separation behave? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "doc/recipe.h"
#include "doc/separate.h"

static struct recipe_page pages[] = {
    { WAY_IMAGE, 0, 2480, 3508, 300, 0, 8, false },
    { WAY_STREAM, 7, 1728, 2156, 204, 270, 41, false },
    { WAY_RENDER, 8, 1, 1, 72, 0, 1, true },
};

static void
a_recipe_survives(void **state)
{
    const struct recipe in = { FORMAT_PDF, pages, COUNT_OF(pages) };
    struct arena *arena = arena_new(1 << 20);
    struct recipe *out = NULL;
    struct buffer b;

    (void)state;
    buffer_init(&b, 1 << 16);
    recipe_write(&b, &in);
    assert_int_equal(recipe_read(buffer_bytes(&b), arena, &out), RC_OK);
    assert_int_equal(out->format, FORMAT_PDF);
    assert_int_equal(out->count, COUNT_OF(pages));
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        assert_int_equal(out->pages[i].way, pages[i].way);
        assert_int_equal(out->pages[i].index, pages[i].index);
        assert_int_equal(out->pages[i].width, pages[i].width);
        assert_int_equal(out->pages[i].height, pages[i].height);
        assert_int_equal(out->pages[i].dpi, pages[i].dpi);
        assert_int_equal(out->pages[i].rotation, pages[i].rotation);
        assert_int_equal(out->pages[i].object, pages[i].object);
        assert_int_equal(out->pages[i].marks, pages[i].marks);
    }
    for (size_t cut = 0; cut < b.size; cut++)
        assert_int_not_equal(recipe_read(bytes_of(b.data, cut), arena, &out), RC_OK);
    buffer_done(&b);
    arena_free(arena);
}

static void
what_breaks_a_limit_is_not_read(void **state)
{
    static const struct recipe_page bad[] = {
        { WAY_IMAGE, 0, 0, 10, 300, 0, 0, false },
        { WAY_IMAGE, 0, SIDE_MAX + 1, 10, 300, 0, 0, false },
        { WAY_IMAGE, 0, SIDE_MAX, SIDE_MAX, 300, 0, 0, false },
        { WAY_IMAGE, 0, 10, 10, 0, 0, 0, false },
        { WAY_IMAGE, 0, 10, 10, 300, 360, 0, false },
        { (enum recipe_way)9, 0, 10, 10, 300, 0, 0, false },
    };
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct recipe_page page = bad[i];
        const struct recipe in = { FORMAT_PNG, &page, 1 };
        struct recipe *out = NULL;
        struct buffer b;

        buffer_init(&b, 1 << 16);
        recipe_write(&b, &in);
        assert_int_not_equal(recipe_read(buffer_bytes(&b), arena, &out), RC_OK);
        buffer_done(&b);
    }
    arena_free(arena);
}

/* One letter a page: c content, s begins (start 0.9), w weak start (0.4), 1 2 3 "page k of 3", b blank, - separator. */
static const struct {
    const char *pages, *owners; /* a digit, or . for nobody */
    uint32_t count;
} piles[] = {
    { "", "", 0 },         { "c", "0", 1 },       { "ccc", "000", 1 },   { "sss", "012", 3 },
    { "scsc", "0011", 2 }, { "wcwc", "0000", 1 }, { "123", "000", 1 },   { "123123", "000111", 2 },
    { "123c", "0001", 2 }, { "123s", "0001", 2 }, { "s23s", "0001", 2 }, { "cbc", "0.0", 1 },
    { "c-c", "0.1", 2 },   { "-c-", ".0.", 1 },   { "bbb", "...", 0 },   { "--cc", "..00", 1 },
};

static void
piles_are_separated(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(piles); i++) {
        const uint32_t n = (uint32_t)strlen(piles[i].pages);
        struct page_facts facts[8] = { { 0 } };
        uint32_t owner[8] = { 0 }, count = 99;

        for (uint32_t k = 0; k < n; k++) {
            char c = piles[i].pages[k];

            facts[k].kind = c == 'b' ? PAGE_BLANK : c == '-' ? PAGE_SEPARATOR : PAGE_CONTENT;
            facts[k].start = c == 's' ? 0.9f : c == 'w' ? 0.4f : 0;
            facts[k].page_k = c >= '1' && c <= '3' ? (uint32_t)(c - '0') : 0;
            facts[k].page_n = facts[k].page_k > 0 ? 3 : 0;
        }
        separate_pages(facts, n, owner, &count);
        if (count != piles[i].count)
            fail_msg("pile %s: %u documents", piles[i].pages, count);
        for (uint32_t k = 0; k < n; k++)
            if (owner[k] !=
                (piles[i].owners[k] == '.' ? PAGE_NOBODY : (uint32_t)(piles[i].owners[k] - '0')))
                fail_msg("pile %s: page %u belongs to %u", piles[i].pages, k, owner[k]);
    }
}

/* One item of the SQL test's pile: kind, or "kind k n start form". */
static const char *
sql_page(const char *at, struct page_facts *f)
{
    unsigned kind = 0;
    char form[32] = "";
    int used = 0;

    if (*at == '"') {
        float start = 0;

        assert_true(sscanf(at + 1, "%u %u %u %f %31[a-z0-9]", &kind, &f->page_k, &f->page_n, &start,
                           form) >= 1);
        f->start = form[0] != 0 ? 1 : start;
        at = strchr(at + 1, '"') + 1;
    } else {
        assert_int_equal(sscanf(at, "%u%n", &kind, &used), 1);
        at += used;
    }
    f->kind = (enum page_kind)kind;
    return *at == ',' ? at + 1 : at;
}

/* The rows by which SQL's work.separate_pages is tested: the rule stands in two places and must be one. */
static void
sql_and_we_agree(void **state)
{
    FILE *sql = fopen(SOURCE_DIR "/tests/sql/work_commit.sql", "r");
    char line[1000];
    int rows = 0;

    (void)state;
    assert_non_null(sql);
    while (fgets(line, sizeof line, sql) != NULL) {
        struct page_facts facts[16] = { { 0 } };
        uint32_t owner[16], count, n = 0;
        char *pile = strstr(line, "'{"), *want, said[64] = "";

        if (strncmp(line, "    ('", 6) != 0 || pile == NULL || (want = strstr(pile, "}', '")) == NULL)
            continue;
        for (const char *at = pile + 2; at < want && n < 16; n++)
            at = sql_page(at, &facts[n]);
        want += 5;
        *strchr(want, '\'') = 0;
        separate_pages(facts, n, owner, &count);
        for (uint32_t i = 0; i < n; i++)
            if (owner[i] == PAGE_NOBODY)
                snprintf(said + strlen(said), sizeof said - strlen(said), "%s-", i > 0 ? " " : "");
            else
                snprintf(said + strlen(said), sizeof said - strlen(said), "%s%u", i > 0 ? " " : "",
                         owner[i]);
        if (strcmp(said, want) != 0)
            fail_msg("%s: we say %s", line, said);
        rows++;
    }
    fclose(sql);
    assert_true(rows > 10);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recipe_survives),
        cmocka_unit_test(sql_and_we_agree),
        cmocka_unit_test(what_breaks_a_limit_is_not_read),
        cmocka_unit_test(piles_are_separated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
