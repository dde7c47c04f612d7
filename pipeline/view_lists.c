/* view_lists.c - the three short lists: types of document, reasons to reject, keys. */
#include <stdio.h>
#include <string.h>

#include "review.h"
#include "screen.h"

static struct {
    struct arena *arena;
    struct desk_forms forms;
    int chosen, top;
    bool sure; /* Enter was pressed once on a rejection */
} l;

static void
lists_close(struct station *st)
{
    (void)st;
    arena_free(l.arena);
    memset(&l, 0, sizeof l);
}

static void
title(struct station *st, enum scope scope, enum word_id id, int *first, int *last)
{
    char left[128];
    char right[100];

    snprintf(left, sizeof left, " %s \xc2\xb7 %s", word(st->spanish, W_APP), word(st->spanish, id));
    snprintf(right, sizeof right, "%s ", st->person);
    *first = station_frame(st, scope, left, right, last);
}

static void
back(struct station *st)
{
    station_go(st, st->held ? &view_document : &view_queue);
}

/* ---- types ---- */

static void
type_open(struct station *st)
{
    struct desk_ask ask = { .what = DESK_FORMS };
    struct desk_answer answer;

    lists_close(st);
    if ((l.arena = arena_new(1u << 18)) == NULL)
        return;
    if (station_ask(st, &ask, DESK_IS_FORMS, l.arena, &answer) != RC_OK)
        return;
    l.forms = answer.u.forms;
    for (uint32_t i = 0; i < l.forms.count; i++)
        if (strcmp(l.forms.forms[i].name, st->document.form) == 0)
            l.chosen = (int)i;
}

static void
type_draw(struct station *st)
{
    int first;
    int last;

    title(st, IN_TYPE, W_TITLE_TYPE, &first, &last);
    first += screen_wrap(first - 1, 2, screen_columns() - 4, 2, STYLE_DIM, word(st->spanish, W_TYPE_HINT));
    l.top = list_top(l.top, l.chosen, last - first);
    for (int i = l.top; i < (int)l.forms.count && first + i - l.top < last; i++) {
        bool chosen = i == l.chosen;

        screen_bar(first + i - l.top, chosen ? STYLE_CHOSEN : STYLE_PLAIN, chosen ? ">" : " ", "");
        screen_put(first + i - l.top, 2, 40, chosen ? STYLE_CHOSEN : STYLE_PLAIN, l.forms.forms[i].title);
        screen_put(first + i - l.top, 44, screen_columns() - 44, chosen ? STYLE_CHOSEN : STYLE_DIM,
                   l.forms.forms[i].name);
    }
}

/* Read again as this type, or typed in by the person. */
static void
retype(struct station *st, bool by_hand)
{
    struct desk_ask ask = { .what = DESK_RETYPE, .flag = by_hand };
    struct desk_answer answer;
    struct arena *fresh;
    char form[DESK_TITLE_MAX + 1];

    if (l.chosen >= (int)l.forms.count || (fresh = arena_new(8u << 20)) == NULL)
        return;
    snprintf(form, sizeof form, "%s", l.forms.forms[l.chosen].name);
    ask.text = form;
    if (station_ask(st, &ask, by_hand ? DESK_IS_DOCUMENT : DESK_IS_DONE, fresh, &answer) != RC_OK) {
        arena_free(fresh);
        return;
    }
    if (by_hand) {
        arena_free(st->document_arena);
        st->document_arena = fresh;
        st->item = 0;
        station_keep(st, &answer.u.document);
        station_go(st, st->document.count > 0 ? &view_field : &view_document);
    } else {
        arena_free(fresh);
        station_release(st);
        station_say(st, W_RETYPED);
    }
}

static void
type_key(struct station *st, enum action action, struct key key)
{
    (void)key;
    st->message[0] = '\0';
    if (list_act(action, &l.chosen, (int)l.forms.count, 10))
        return;
    switch (action) {
    case ACT_ACCEPT: retype(st, false); break;
    case ACT_ADD_ROW: retype(st, true); break;
    case ACT_LEAVE: back(st); break;
    default: break;
    }
}

/* ---- reasons ---- */

/* The numbers of doc/reason.h, which the station may not include; test_review compares them. */
static const struct {
    uint32_t reason;
    enum word_id word;
} reasons[] = {
    { 100, W_REJECT_ILLEGIBLE },  { 101, W_REJECT_NOT_OURS },   { 102, W_REJECT_DUPLICATE },
    { 103, W_REJECT_WRONG_KIND }, { 104, W_REJECT_INCOMPLETE }, { 105, W_REJECT_OTHER },
};

static void
reject_open(struct station *st)
{
    lists_close(st);
}

static void
reject_draw(struct station *st)
{
    int first;
    int last;

    title(st, IN_REJECT, W_TITLE_REJECT, &first, &last);
    screen_put(first - 1, 2, screen_columns() - 4, STYLE_DIM, word(st->spanish, W_REJECT_HINT));
    for (int i = 0; i < (int)COUNT_OF(reasons) && first + 1 + i < last; i++)
        screen_bar(first + 1 + i, i == l.chosen ? STYLE_CHOSEN : STYLE_PLAIN, i == l.chosen ? "> " : "  ", "");
    for (int i = 0; i < (int)COUNT_OF(reasons) && first + 1 + i < last; i++)
        screen_put(first + 1 + i, 2, screen_columns() - 3, i == l.chosen ? STYLE_CHOSEN : STYLE_PLAIN,
                   word(st->spanish, reasons[i].word));
}

static void
reject_key(struct station *st, enum action action, struct key key)
{
    struct desk_ask ask = { .what = DESK_REJECT };
    struct desk_answer answer;
    struct arena *arena;
    bool sure = l.sure;

    (void)key;
    st->message[0] = '\0';
    l.sure = false;
    if (list_act(action, &l.chosen, (int)COUNT_OF(reasons), 10))
        return;
    if (action == ACT_LEAVE) {
        back(st);
    } else if (action == ACT_ACCEPT && !sure) {
        l.sure = true;
        station_warn(st, W_REJECT_AGAIN);
    } else if (action == ACT_ACCEPT && (arena = arena_new(1u << 16)) != NULL) {
        ask.number = reasons[l.chosen].reason;
        if (station_ask(st, &ask, DESK_IS_DONE, arena, &answer) == RC_OK) {
            station_release(st);
            station_say(st, W_REJECTED);
        }
        arena_free(arena);
    }
}

/* ---- keys ---- */

static void
help_draw(struct station *st)
{
    enum scope scope = st->before_help == NULL ? IN_QUEUE : st->before_help->scope;
    const struct binding *b;
    int first;
    int last;
    int wide = screen_columns() / 2;
    int half;

    title(st, IN_HELP, W_TITLE_HELP, &first, &last);
    half = last - first;
    for (unsigned i = 0; (b = binding_at(scope, i)) != NULL; i++) {
        int row = first + (int)i % (half < 1 ? 1 : half);
        int column = 2 + (int)i / (half < 1 ? 1 : half) * wide;

        screen_put(row, column, 14, STYLE_BOLD, b->name);
        screen_put(row, column + 15, wide - 16, STYLE_PLAIN, word(st->spanish, b->label));
    }
}

static void
help_key(struct station *st, enum action action, struct key key)
{
    (void)key;
    if (action == ACT_LEAVE || action == ACT_HELP || action == ACT_ESCAPE)
        st->view = st->before_help == NULL ? &view_queue : st->before_help; /* as it was left */
}

const struct view view_type = { IN_TYPE, W_TITLE_TYPE, type_open, type_draw, type_key, lists_close };
const struct view view_reject = { IN_REJECT, W_TITLE_REJECT, reject_open, reject_draw, reject_key, lists_close };
const struct view view_help = { IN_HELP, W_TITLE_HELP, NULL, help_draw, help_key, NULL };
