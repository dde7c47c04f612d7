/*
 * deskkey.c - a person at the desk without a screen, for tests.
 *
 *     deskkey SOCKET DOCUMENT|next [NAME=VALUE]...
 *
 * Takes the document, says VALUE of each NAME (insisting), accepts what else is flagged, or says it is blank where
 * that is refused, and sends it on.  Prints a line for each item it decided: NAME, and how.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../pipeline/review_link.h"

static struct link *desk;
static struct arena *arena;

static enum rc
ask(struct desk_ask a, enum desk_answer_kind want, struct desk_answer *out)
{
    enum rc rc;

    if (a.text == NULL)
        a.text = "";
    rc = link_ask(desk, &a, want, arena, out);
    if (rc != RC_OK)
        fprintf(stderr, "question %d: %s %s\n", (int)a.what, rc_name(rc), link_message(desk));
    return rc;
}

static const char *
given(const char *name, int argc, char **argv)
{
    size_t n = strlen(name);

    for (int i = 3; i < argc; i++)
        if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=')
            return argv[i] + n + 1;
    return NULL;
}

static const char *
decide(const struct desk_item *item, uint32_t number, const char *value)
{
    struct desk_answer got;

    if (value != NULL) {
        if (ask((struct desk_ask){ .what = DESK_CORRECT, .number = number, .text = value, .flag = 1 }, DESK_IS_DECIDED,
                &got) == RC_OK && got.u.decided.outcome == DESK_TAKEN)
            return got.u.decided.mark == DESK_ACCEPTED ? "same" : "corrected";
        return "refused";
    }
    if (item->mark != DESK_FLAGGED)
        return NULL;
    if (ask((struct desk_ask){ .what = DESK_ACCEPT, .number = number }, DESK_IS_DECIDED, &got) == RC_OK &&
        got.u.decided.outcome == DESK_TAKEN)
        return "accepted";
    if (ask((struct desk_ask){ .what = DESK_BLANK, .number = number }, DESK_IS_DECIDED, &got) == RC_OK)
        return "blank";
    return "refused";
}

int
main(int argc, char **argv)
{
    struct desk_answer got, document;
    struct id id = { { 0 } };

    if (argc < 3 || (strcmp(argv[2], "next") != 0 && !id_parse(argv[2], &id))) {
        fputs("usage: deskkey SOCKET DOCUMENT|next [NAME=VALUE]...\n", stderr);
        return 64;
    }
    if ((arena = arena_new(64u << 20)) == NULL || link_open(argv[1], &desk) != RC_OK)
        return 69;
    if (ask((struct desk_ask){ .what = DESK_HELLO, .number = DESK_VERSION }, DESK_IS_WELCOME, &got) != RC_OK ||
        ask((struct desk_ask){ .what = DESK_TAKE, .id = id }, DESK_IS_DOCUMENT, &document) != RC_OK)
        return 1;
    for (uint32_t i = 0; i < document.u.document.count; i++) {
        const struct desk_item *item = &document.u.document.items[i];
        const char *how = decide(item, i, given(item->name, argc, argv));

        if (how != NULL)
            printf("%s %s\n", item->name, how);
    }
    if (ask((struct desk_ask){ .what = DESK_FINISH }, DESK_IS_DONE, &got) != RC_OK)
        return 1;
    link_close(desk);
    arena_free(arena);
    return 0;
}
