/*
 * binding.c - which key does what, where.
 *
 * No Alt anywhere: terminals disagree about what it sends.  Escape never destroys: it
 * begins every function key, and a slow line can break one in two.
 */
#define NCURSES_WIDECHAR 1
#include "binding.h"

#include <curses.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define CHAR(c) { false, (unsigned)(c) }
#define CTRL(c) { false, (unsigned)(c) & 0x1f }
#define CODE(k) { true, (unsigned)(k) }

static const struct binding table[] = {
    /* where                    key              name             does            says             foot */
    { IN_QUEUE,                 CTRL('M'),       "Enter",         ACT_ACCEPT,     W_K_TAKE,         true },
    { IN_DOCUMENT,              CTRL('M'),       "Enter",         ACT_ACCEPT,     W_K_FINISH,       true },
    { IN_FIELD,                 CTRL('M'),       "Enter",         ACT_ACCEPT,     W_K_ACCEPT,       true },
    { IN_TYPE | IN_REJECT,      CTRL('M'),       "Enter",         ACT_ACCEPT,     W_K_CHOOSE,       true },
    { IN_LISTS | IN_FIELD,      CODE(KEY_ENTER), NULL,            ACT_ACCEPT,     W_K_ACCEPT,       false },
    { IN_LISTS | IN_FIELD,      CTRL('J'),       NULL,            ACT_ACCEPT,     W_K_ACCEPT,       false },
    { IN_ALL,                   CODE(KEY_F(1)),  "F1",            ACT_HELP,       W_K_HELP,         true },
    { IN_QUEUE,                 CODE(KEY_F(10)), "F10",           ACT_LEAVE,      W_K_QUIT,         true },
    { IN_DOCUMENT,              CODE(KEY_F(10)), "F10",           ACT_LEAVE,      W_K_LEAVE,        true },
    { IN_FIELD,                 CODE(KEY_F(10)), "F10",           ACT_LEAVE,      W_K_CLOSE,        true },
    { IN_TYPE | IN_REJECT,      CODE(KEY_F(10)), "F10",           ACT_LEAVE,      W_K_CLOSE,        true },
    { IN_HELP,                  CODE(KEY_F(10)), "F10",           ACT_LEAVE,      W_K_CLOSE,        true },
    { IN_DOCUMENT | IN_FIELD,   CTRL('I'),       "Tab",           ACT_NEXT,       W_K_NEXT,         true },
    { IN_DOCUMENT | IN_FIELD,   CODE(KEY_BTAB),  "Shift+Tab",     ACT_BACK,       W_K_BACK,         false },
    { IN_FIELD,                 CTRL('U'),       "Ctrl+U",        ACT_UNREADABLE, W_K_UNREADABLE,   true },
    { IN_FIELD,                 CTRL('B'),       "Ctrl+B",        ACT_BLANK,      W_K_BLANK,        true },
    { IN_DOCUMENT | IN_FIELD,   CTRL('Z'),       "Ctrl+Z",        ACT_UNDO,       W_K_UNDO,         true },
    { IN_FIELD,                 CTRL('R'),       "Ctrl+R",        ACT_RESTORE,    W_K_RESTORE,      false },
    { IN_FIELD,                 CTRL('K'),       "Ctrl+K",        ACT_DELETE_END, W_K_DELETE_END,   false },
    { IN_LISTS | IN_HELP,       CHAR('?'),       NULL,            ACT_HELP,       W_K_HELP,         false },
    { IN_FIELD,                 CODE(KEY_F(2)),  "F2",            ACT_CHOICE,     W_K_CHOICE,       true },
    { IN_DOCUMENT | IN_FIELD,   CODE(KEY_F(3)),  "F3",            ACT_PAGE,       W_K_PAGE,         true },
    { IN_FIELD,                 CODE(KEY_F(4)),  "F4",            ACT_ZOOM,       W_K_ZOOM,         true },
    { IN_QUEUE,                 CODE(KEY_F(5)),  "F5",            ACT_REFRESH,    W_K_REFRESH,      true },
    { IN_DOCUMENT | IN_FIELD,   CODE(KEY_F(5)),  "F5",            ACT_ADD_ROW,    W_K_ADD_ROW,      false },
    { IN_TYPE,                  CODE(KEY_F(5)),  "F5",            ACT_ADD_ROW,    W_K_TYPE_IN,      true },
    { IN_DOCUMENT,              CODE(KEY_F(6)),  "F6",            ACT_SKIP,       W_K_SKIP,         true },
    { IN_FIELD,                 CODE(KEY_F(6)),  "F6",            ACT_SKIP,       W_K_SKIP_FIELD,   true },
    { IN_DOCUMENT | IN_FIELD,   CODE(KEY_F(7)),  "F7",            ACT_TYPE,       W_K_TYPE,         true },
    { IN_DOCUMENT | IN_FIELD,   CODE(KEY_F(8)),  "F8",            ACT_REJECT,     W_K_REJECT,       true },
    { IN_HELP,                  CTRL('M'),       NULL,            ACT_LEAVE,      W_K_CLOSE,        false },
    { IN_HELP,                  CODE(KEY_ENTER), NULL,            ACT_LEAVE,      W_K_CLOSE,        false },
    { IN_LISTS | IN_HELP,       CHAR('q'),       NULL,            ACT_LEAVE,      W_K_CLOSE,        false },
    { IN_ALL,                   CODE(KEY_F(12)), "F12",           ACT_LOCK,       W_K_LOCK,         false },
    { IN_ALL,                   CTRL('L'),       "Ctrl+L",        ACT_REDRAW,     W_K_REDRAW,       false },
    { IN_LISTS,                 CODE(KEY_UP),    "Up, Down",      ACT_UP,         W_K_MOVE,         false },
    { IN_LISTS,                 CODE(KEY_DOWN),  NULL,            ACT_DOWN,       W_K_MOVE,         false },
    { IN_LISTS,                 CHAR('k'),       NULL,            ACT_UP,         W_K_MOVE,         false },
    { IN_LISTS,                 CHAR('j'),       NULL,            ACT_DOWN,       W_K_MOVE,         false },
    { IN_FIELD,                 CODE(KEY_UP),    NULL,            ACT_BACK,       W_K_BACK,         false },
    { IN_FIELD,                 CODE(KEY_DOWN),  NULL,            ACT_NEXT,       W_K_NEXT,         false },
    { IN_LISTS | IN_HELP,       CODE(KEY_PPAGE), "PgUp, PgDn",    ACT_PAGE_UP,    W_K_MOVE,         false },
    { IN_LISTS | IN_HELP,       CODE(KEY_NPAGE), NULL,            ACT_PAGE_DOWN,  W_K_MOVE,         false },
    { IN_FIELD,                 CODE(KEY_PPAGE), "PgUp, PgDn",    ACT_PAN_UP,     W_K_PAN,          false },
    { IN_FIELD,                 CODE(KEY_NPAGE), NULL,            ACT_PAN_DOWN,   W_K_PAN,          false },
    { IN_FIELD,                 CODE(KEY_SLEFT), "Shift+arrows",  ACT_PAN_LEFT,   W_K_PAN,          false },
    { IN_FIELD,                 CODE(KEY_SRIGHT), NULL,           ACT_PAN_RIGHT,  W_K_PAN,          false },
    { IN_FIELD,                 CODE(KEY_SR),    NULL,            ACT_PAN_UP,     W_K_PAN,          false },
    { IN_FIELD,                 CODE(KEY_SF),    NULL,            ACT_PAN_DOWN,   W_K_PAN,          false },
    { IN_ALL,                   CODE(KEY_HOME),  NULL,            ACT_FIRST,      W_K_MOVE,         false },
    { IN_ALL,                   CODE(KEY_END),   NULL,            ACT_LAST,       W_K_MOVE,         false },
    { IN_FIELD,                 CODE(KEY_LEFT),  NULL,            ACT_LEFT,       W_K_MOVE,         false },
    { IN_FIELD,                 CODE(KEY_RIGHT), NULL,            ACT_RIGHT,      W_K_MOVE,         false },
    { IN_FIELD,                 CODE(KEY_DC),    NULL,            ACT_DELETE,     W_K_MOVE,         false },
    { IN_FIELD,                 CODE(KEY_BACKSPACE), NULL,        ACT_BACKSPACE,  W_K_MOVE,         false },
    { IN_FIELD,                 CTRL('H'),       NULL,            ACT_BACKSPACE,  W_K_MOVE,         false },
    { IN_FIELD,                 CHAR(0x7f),      NULL,            ACT_BACKSPACE,  W_K_MOVE,         false },
    { IN_ALL,                   CHAR(0x1b),      NULL,            ACT_ESCAPE,     W_ESCAPE,         false },
};

enum action
binding_find(enum scope scope, struct key key)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if ((table[i].scopes & (unsigned)scope) != 0 && table[i].key.is_code == key.is_code &&
            table[i].key.value == key.value)
            return table[i].action;
    return ACT_NONE;
}

const struct binding *
binding_at(enum scope scope, unsigned n)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if ((table[i].scopes & (unsigned)scope) != 0 && table[i].name != NULL && n-- == 0)
            return &table[i];
    return NULL;
}

/* Columns that a UTF-8 text of ours takes: all its letters are one column wide. */
static unsigned
columns_of(const char *text)
{
    unsigned n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

void
binding_foot(enum scope scope, bool spanish, unsigned columns, unsigned *from, char *out, size_t room)
{
    const struct binding *b;
    unsigned used = 0;
    size_t size = 0;

    out[0] = '\0';
    for (; (b = binding_at(scope, *from)) != NULL; ++*from) {
        const char *label = word(spanish, b->label);
        unsigned want = columns_of(b->name) + 1 + columns_of(label) + (used > 0 ? 3 : 0);
        int n;

        if (!b->shown)
            continue;
        if (used + want > columns)
            break;
        n = snprintf(out + size, room - size, "%s%s %s", used > 0 ? " \xc2\xb7 " : "", b->name, label);
        if (n < 0 || (size_t)n >= room - size) {
            out[size] = '\0';
            break;
        }
        size += (size_t)n;
        used += want;
    }
}
