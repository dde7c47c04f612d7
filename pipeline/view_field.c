/* view_field.c - one field: its picture, its value, why it is asked, and the decision. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "picture.h"
#include "review.h"
#include "review_check.h"
#include "review_edit.h"
#include "screen.h"
#include "view_field.h"

#define TYPED_AHEAD_MS 300

static struct field_screen f;

static const enum word_id kinds[] = { W_KIND_TEXT, W_KIND_MONEY, W_KIND_DATE, W_KIND_ID,
                                      W_KIND_CODE, W_KIND_MARK,  W_KIND_NUMBER };

static const struct desk_item *
item_of(const struct station *st)
{
    return st->item < st->document.count ? &st->document.items[st->item] : NULL;
}

static void
set_text(const char *text)
{
    char *safe = text_printable(f.arena, text, strlen(text));

    edit_set(&f.edit, safe == NULL ? "" : safe);
    f.doubted = false;
}

static void
field_close(struct station *st)
{
    (void)st;
    field_picture_forget(&f);
    arena_free(f.arena);
    bytes_wipe(&f, sizeof f);
}

static void
field_open(struct station *st)
{
    struct desk_ask ask = { .what = DESK_FIELD, .number = st->item };
    struct desk_answer answer;
    int64_t begun = clock_ms();
    int zoom = f.zoom;

    field_close(st);
    f.zoom = zoom;
    f.arena = arena_new(1u << 20);
    if (f.arena == NULL)
        return;
    if (st->document.count == 0) {
        field_picture_page(st, &f);
        return;
    }
    if (station_ask(st, &ask, DESK_IS_FIELD, f.arena, &answer) != RC_OK) {
        if (st->running && st->view == &view_field)
            station_go(st, st->held ? &view_document : &view_queue);
        return;
    }
    f.field = answer.u.field;
    f.ready = true;
    set_text(f.field.value);
    if (f.field.picture)
        field_picture_value(st, &f);
    else
        field_picture_page(st, &f);
    /* Enter pressed while this field was on its way was meant for the one before: nobody accepts what they have not
     * seen. */
    if (clock_ms() - begun > TYPED_AHEAD_MS)
        screen_drop_keys();
}

/* ---- drawing ---- */

static void
draw_value(const struct station *st, int row)
{
    const char *name = word(st->spanish, W_VALUE);
    int column = screen_width_of(name) + 3;
    int room = screen_columns() - column - 2;
    char text[EDIT_MAX * 4 + 1];
    wchar_t shown[512];
    int from;
    int n = 0;

    if (room > 500)
        room = 500;
    if (room < 4)
        return;
    from = f.edit.at - room + 1 > 0 ? f.edit.at - room + 1 : 0;
    screen_put(row, 1, column, STYLE_BOLD, name);
    for (int i = 0; i < room; i++)
        screen_put(row, column + i, 1, STYLE_FIELD, " ");
    while (n < room && f.edit.text[from + n] != 0) {
        shown[n] = f.edit.text[from + n];
        n++;
    }
    shown[n] = 0;
    if (wcstombs(text, shown, sizeof text) != (size_t)-1)
        screen_put(row, column, room, STYLE_FIELD, text);
    screen_cursor(row, column + f.edit.at - from);
    bytes_wipe(text, sizeof text);
    bytes_wipe(shown, sizeof shown);
}

static void
draw_printed(const struct station *st, int row)
{
    bool es = st->spanish;
    char sure[64];
    int at = 1;

    if (f.field.state == DESK_HAS_NOTHING || f.field.state == DESK_HAS_HIDDEN) {
        screen_put(row, 1, screen_columns() - 2, STYLE_DIM,
                   word(es, f.field.state == DESK_HAS_HIDDEN ? W_HIDDEN : W_NOT_FOUND));
        return;
    }
    at += screen_put(row, at, 20, STYLE_DIM, word(es, W_PRINTED)) + 2;
    if (f.field.state == DESK_HAS_BLANK)
        at += screen_put(row, at, 30, STYLE_PLAIN, word(es, W_MARK_BLANK));
    else if (f.field.state == DESK_HAS_UNREADABLE)
        at += screen_put(row, at, 30, STYLE_PLAIN, word(es, W_MARK_UNREADABLE));
    else
        at += screen_put(row, at, screen_columns() - at - 16, STYLE_PLAIN, f.field.text);
    word_count(es, W_SURE, f.field.sure / 10u, 0, sure, sizeof sure);
    screen_put(row, at + 3, 20, STYLE_DIM, sure);
}

/* From below upwards, so that the picture gets what is left: returns the row of the value. */
static int
draw_below(const struct station *st, int last)
{
    char line[600];
    int row = last;
    int reasons = f.field.reason_count > 3 ? 3 : (int)f.field.reason_count;

    if (f.field.choice_count > 0) {
        size_t size = (size_t)snprintf(line, sizeof line, "%s (F2): ", word(st->spanish, W_CHOICES));

        for (uint32_t i = 0; i < f.field.choice_count && size < sizeof line - 1; i++)
            size += (size_t)snprintf(line + size, sizeof line - size, "%s%s", i > 0 ? " | " : "",
                                     f.field.choices[i]);
        screen_put(--row, 1, screen_columns() - 2, STYLE_PLAIN, line);
        bytes_wipe(line, sizeof line);
    }
    for (int i = reasons - 1; i >= 0; i--) {
        int wide = screen_width_of(f.field.reasons[i]);
        int lines = wide > screen_columns() - 4 ? 2 : 1;

        row -= lines;
        screen_put(row, 1, 2, STYLE_BOLD, "!");
        screen_wrap(row, 3, screen_columns() - 4, lines, STYLE_PLAIN, f.field.reasons[i]);
    }
    draw_printed(st, --row);
    draw_value(st, --row);
    return row;
}

static void
field_draw(struct station *st)
{
    const struct desk_item *item = item_of(st);
    bool es = st->spanish;
    char left[700];
    char right[200];
    int first;
    int last;
    int value;
    size_t size;

    snprintf(left, sizeof left, " %s \xc2\xb7 %.200s", word(es, W_APP),
             st->document.title[0] != '\0' ? st->document.title : word(es, W_TYPE_UNKNOWN));
    word_count(es, W_PAGE_OF, f.page + 1, st->document.pages, right, sizeof right);
    size = strlen(right);
    size += (size_t)snprintf(right + size, sizeof right - size, " \xc2\xb7 ");
    word_count(es, W_LEFT, station_flagged(st), 0, right + size, sizeof right - size);
    snprintf(right + strlen(right), sizeof right - strlen(right), " \xc2\xb7 %s ", st->person);
    first = station_frame(st, IN_FIELD, left, right, &last);
    if (item != NULL) {
        snprintf(left, sizeof left, "%.300s", item->title);
        snprintf(right, sizeof right, "%s%s%s", word(es, kinds[item->type]), item->required ? ", " : "",
                 item->required ? word(es, W_MUST) : "");
        size = (size_t)screen_put(first - 1, 1, screen_columns() - 2, STYLE_BOLD, left);
        screen_put(first - 1, (int)size + 4, screen_columns() - (int)size - 5, STYLE_DIM, right);
    }
    value = f.ready ? draw_below(st, last) : last;
    field_picture_draw(st, &f, first, value - 1);
    bytes_wipe(left, sizeof left);
}

/* ---- deciding ---- */

/* The desk has decided: mark the item and go where the person expects to be. */
static void
decided(struct station *st, const struct desk_decided *d, const char *text)
{
    if (d->outcome != DESK_TAKEN) {
        f.doubted = d->outcome == DESK_DOUBTED;
        snprintf(f.doubted_text, sizeof f.doubted_text, "%s", text);
        station_text(st, true, d->message);
        return;
    }
    if (d->item < st->document.count)
        st->document.items[d->item].mark = d->mark;
    st->message[0] = '\0';
    if (d->next >= 0 && d->next < (int32_t)st->document.count) {
        st->item = (uint32_t)d->next;
        field_open(st);
    } else {
        station_go(st, &view_document);
    }
}

static void
decide(struct station *st, enum desk_what what, const char *text, bool insist)
{
    struct desk_ask ask = { .what = what, .number = st->item, .text = text, .flag = insist };
    struct desk_answer answer;
    struct arena *arena = arena_new(1u << 16);

    if (arena == NULL)
        return;
    if (station_ask(st, &ask, DESK_IS_DECIDED, arena, &answer) == RC_OK)
        decided(st, &answer.u.decided, text);
    arena_free(arena);
}

static void
accept(struct station *st)
{
    const struct desk_item *item = item_of(st);
    char typed[DESK_TEXT_MAX + 1];
    char value[DESK_TEXT_MAX + 1];
    enum word_id wrong;

    if (item == NULL || !f.ready)
        return;
    if (!edit_get(&f.edit, typed, sizeof typed)) {
        station_warn(st, W_TOO_LONG);
        return;
    }
    if (!f.edit.changed && !f.doubted && f.field.state != DESK_HAS_NOTHING &&
        f.field.state != DESK_HAS_HIDDEN) {
        decide(st, DESK_ACCEPT, "", false);
    } else if (typed[0] == '\0') {
        station_warn(st, W_EMPTY_VALUE);
    } else if ((wrong = check_value((enum desk_type)item->type, (enum desk_date_order)st->document.date_order,
                                    &f.field, typed, value, sizeof value)) != 0) {
        station_warn(st, wrong);
    } else {
        bool insist = f.doubted && strcmp(value, f.doubted_text) == 0;

        edit_set(&f.edit, value);
        f.edit.changed = true;
        decide(st, DESK_CORRECT, value, insist);
    }
    bytes_wipe(typed, sizeof typed);
    bytes_wipe(value, sizeof value);
}

static void
undo(struct station *st)
{
    struct desk_ask ask = { .what = DESK_UNDO };
    struct desk_answer answer;
    struct arena *arena = arena_new(1u << 16);

    if (arena == NULL)
        return;
    if (station_ask(st, &ask, DESK_IS_DECIDED, arena, &answer) == RC_OK) {
        if (answer.u.decided.item < st->document.count) {
            st->document.items[answer.u.decided.item].mark = answer.u.decided.mark;
            st->item = answer.u.decided.item;
        }
        field_open(st);
        station_say(st, W_UNDONE);
    }
    arena_free(arena);
}

static void
next_choice(struct station *st)
{
    uint32_t n = f.field.choice_count;

    if (n == 0) {
        station_say(st, W_NO_CHOICES);
        return;
    }
    set_text(f.field.choices[f.choice % n]);
    f.choice = (f.choice + 1) % n;
    f.edit.changed = true;
}

static void
move_to(struct station *st, int by)
{
    int count = (int)st->document.count;

    if (count == 0)
        return;
    st->item = (uint32_t)(((int)st->item + by + count) % count);
    field_open(st);
}

static void
type_in(struct station *st, struct key key)
{
    const struct desk_item *item = item_of(st);

    if (key.is_code || !f.ready || item == NULL)
        return;
    if (key.value == '-' && (item->type == DESK_MONEY || item->type == DESK_NUMBER) && edit_minus_behind(&f.edit))
        return;
    /* The first letter typed over a value that nobody touched replaces it, as in every form of a keying desk. */
    if (!f.edit.changed && f.edit.at == f.edit.size && f.edit.size > 0 && !f.moved && key.value >= 0x20)
        edit_set(&f.edit, "");
    if (!edit_type(&f.edit, key.value))
        station_warn(st, W_BAD_CHARACTER);
}

static void
field_key(struct station *st, enum action action, struct key key)
{
    int next;

    if (action != ACT_ACCEPT || !f.doubted)
        st->message[0] = '\0';
    if (action == ACT_NONE) {
        type_in(st, key);
        return;
    }
    if (edit_act(&f.edit, action)) {
        f.moved = true;
        return;
    }
    if (field_picture_act(st, &f, action))
        return;
    switch (action) {
    case ACT_ACCEPT: accept(st); break;
    case ACT_BLANK: decide(st, DESK_BLANK, "", false); break;
    case ACT_UNREADABLE: decide(st, DESK_UNREADABLE, "", false); break;
    case ACT_UNDO: undo(st); break;
    case ACT_RESTORE: set_text(f.field.value == NULL ? "" : f.field.value); break;
    case ACT_CHOICE: next_choice(st); break;
    case ACT_NEXT: move_to(st, 1); break;
    case ACT_BACK: move_to(st, -1); break;
    case ACT_SKIP:
        if ((next = station_flagged_after(st, (int)st->item)) >= 0)
            st->item = (uint32_t)next;
        field_open(st);
        break;
    case ACT_ADD_ROW: station_go(st, &view_document); break;
    case ACT_TYPE: station_go(st, &view_type); break;
    case ACT_REJECT: station_go(st, &view_reject); break;
    case ACT_LEAVE: station_go(st, &view_document); break;
    case ACT_ESCAPE: station_say(st, W_ESCAPE); break;
    default: break;
    }
}

const struct view view_field = { IN_FIELD, W_TITLE_FIELD, field_open, field_draw, field_key, field_close };
