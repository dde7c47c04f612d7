/* screen.c - curses, kept in one file. */
#define NCURSES_WIDECHAR 1
#include "screen.h"

#include <curses.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "screen_term.h"

static struct {
    SCREEN *screen;
    bool color;
    int cursor_row, cursor_column;
} s = { .cursor_row = -1 };

/* The keypad of a terminal inside tmux or on the console: ncurses does not know these. */
static const struct {
    const char *sent;
    int code;
} keypad_codes[] = {
    { "\033OM", KEY_ENTER }, { "\033Ok", '+' }, { "\033Om", '-' }, { "\033Oj", '*' }, { "\033Oo", '/' },
    { "\033Ol", ',' }, { "\033On", '.' }, { "\033Op", '0' }, { "\033Oq", '1' }, { "\033Or", '2' },
    { "\033Os", '3' }, { "\033Ot", '4' }, { "\033Ou", '5' }, { "\033Ov", '6' }, { "\033Ow", '7' },
    { "\033Ox", '8' }, { "\033Oy", '9' }, { "\033OX", '=' },
    { "\033[1;2D", KEY_SLEFT }, { "\033[1;2C", KEY_SRIGHT }, { "\033[1;2A", KEY_SR }, { "\033[1;2B", KEY_SF },
    { "\033[Z", KEY_BTAB }, { "\033[H", KEY_HOME }, { "\033[F", KEY_END }, { "\033[1~", KEY_HOME },
    { "\033[4~", KEY_END }, { "\033OH", KEY_HOME }, { "\033OF", KEY_END },
    { "\033OP", KEY_F(1) }, { "\033OQ", KEY_F(2) }, { "\033OR", KEY_F(3) }, { "\033OS", KEY_F(4) },
    { "\033[[A", KEY_F(1) }, { "\033[[B", KEY_F(2) }, { "\033[[C", KEY_F(3) }, { "\033[[D", KEY_F(4) },
    { "\033[[E", KEY_F(5) }, { "\033[11~", KEY_F(1) }, { "\033[12~", KEY_F(2) }, { "\033[13~", KEY_F(3) },
    { "\033[14~", KEY_F(4) }, { "\033[15~", KEY_F(5) }, { "\033[17~", KEY_F(6) }, { "\033[18~", KEY_F(7) },
    { "\033[19~", KEY_F(8) }, { "\033[20~", KEY_F(9) }, { "\033[21~", KEY_F(10) }, { "\033[24~", KEY_F(12) },
};

enum rc
screen_open(bool color)
{
    s.screen = newterm(NULL, stdout, stdin);
    if (s.screen == NULL)
        return RC_CONFIG;
    set_term(s.screen);
    if (!term_usable()) {
        endwin();
        return RC_CONFIG;
    }
    term_enter();
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    set_escdelay(50);
    scrollok(stdscr, FALSE);
    for (size_t i = 0; i < COUNT_OF(keypad_codes); i++)
        define_key(keypad_codes[i].sent, keypad_codes[i].code);
    s.color = color && has_colors();
    if (s.color) {
        start_color();
        use_default_colors();
        init_pair(1, COLOR_RED, -1);
        init_pair(2, COLOR_GREEN, -1);
    }
    curs_set(0);
    screen_wipe();
    return RC_OK;
}

void
screen_wipe(void)
{
    if (s.screen == NULL)
        return;
    term_erase(LINES);
    erase();
    s.cursor_row = -1;
    touchwin(stdscr);
    refresh();
}

void
screen_close(void)
{
    if (s.screen == NULL)
        return;
    screen_wipe();
    curs_set(1);
    term_leave();
    endwin();
    fflush(stdout);
    delscreen(s.screen);
    s.screen = NULL;
}

int screen_rows(void) { return LINES; }
int screen_columns(void) { return COLS; }

void
screen_begin(void)
{
    erase();
    s.cursor_row = -1;
}

void
screen_show(void)
{
    curs_set(s.cursor_row >= 0 ? 1 : 0);
    if (s.cursor_row >= 0)
        move(s.cursor_row, s.cursor_column);
    refresh();
}

void
screen_redraw(void)
{
    clearok(curscr, TRUE);
    refresh();
}

void
screen_cursor(int row, int column)
{
    s.cursor_row = row;
    s.cursor_column = column;
}

static attr_t
attributes(enum style style)
{
    switch (style) {
    case STYLE_BOLD: return A_BOLD;
    case STYLE_TITLE: return A_REVERSE;
    case STYLE_DIM: return A_DIM;
    case STYLE_ALERT: return A_BOLD | (s.color ? (attr_t)COLOR_PAIR(1) : 0);
    case STYLE_GOOD: return s.color ? (attr_t)COLOR_PAIR(2) : A_NORMAL;
    case STYLE_FIELD: return A_UNDERLINE;
    case STYLE_CHOSEN: return A_REVERSE;
    case STYLE_PLAIN: break;
    }
    return A_NORMAL;
}

/* The next character of a harmless text and its columns; false at the end. */
static bool
next_char(const char **text, wchar_t *out, int *columns)
{
    mbstate_t state;
    size_t n;

    if (**text == '\0')
        return false;
    memset(&state, 0, sizeof state);
    n = mbrtowc(out, *text, strlen(*text), &state);
    if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
        *out = L'?';
        n = 1;
    }
    *text += n;
    *columns = wcwidth(*out);
    /* Marks without a width of their own would gather in one cell and hide each other. */
    if (*columns <= 0) {
        *out = L'?';
        *columns = 1;
    }
    return true;
}

int
screen_width_of(const char *text)
{
    wchar_t c;
    int used = 0;
    int columns;

    while (next_char(&text, &c, &columns))
        used += columns;
    return used;
}

static int
put_raw(int row, int column, int width, attr_t how, const char *text)
{
    int used = 0;
    int columns;
    wchar_t wide[2] = { 0, 0 };
    cchar_t cell;

    while (used < width && next_char(&text, &wide[0], &columns) && used + columns <= width) {
        setcchar(&cell, wide, how & ~A_COLOR, (short)PAIR_NUMBER(how), NULL);
        if (column + used + columns <= COLS)
            mvadd_wch(row, column + used, &cell);
        used += columns;
    }
    return used;
}

int
screen_put(int row, int column, int width, enum style style, const char *text)
{
    struct arena *arena;
    char *safe;
    int used = 0;

    if (row < 0 || row >= LINES || column < 0 || column >= COLS || width <= 0)
        return 0;
    if (width > COLS - column)
        width = COLS - column;
    arena = arena_new(64u << 10);
    safe = arena == NULL ? NULL : text_printable(arena, text, strnlen(text, 16000));
    if (safe != NULL)
        used = put_raw(row, column, width, attributes(style), safe);
    arena_free(arena);
    return used;
}

void
screen_bar(int row, enum style style, const char *left, const char *right)
{
    int width = screen_width_of(right);

    if (row < 0 || row >= LINES)
        return;
    mvhline(row, 0, (chtype)' ' | (chtype)attributes(style), COLS);
    if (width > COLS)
        width = 0;
    screen_put(row, 0, width > 0 ? COLS - width - 1 : COLS, style, left);
    screen_put(row, COLS - width, width, style, right);
}

int
screen_wrap(int row, int column, int width, int lines, enum style style, const char *text)
{
    char line[1024];
    int used = 0;

    while (*text != '\0' && used < lines && width > 0) {
        size_t take = 0;
        size_t good = 0;
        int columns = 0;

        while (text[take] != '\0' && take < sizeof line - 8) {
            size_t step = 1;

            while (((unsigned char)text[take + step] & 0xc0) == 0x80)
                step++;
            if (columns + 1 > width)
                break;
            columns++;
            take += step;
            if (text[take] == ' ' || text[take] == '\0')
                good = take;
        }
        if (text[take] != '\0' && good > 0)
            take = good;
        if (take == 0)
            break;
        memcpy(line, text, take);
        line[take] = '\0';
        screen_put(row + used, column, width, style, line);
        used++;
        text += take;
        while (*text == ' ')
            text++;
    }
    return used;
}

void
screen_cells(int row, int column, const wchar_t *cells, int count)
{
    for (int i = 0; i < count && row >= 0 && row < LINES && column + i < COLS; i++) {
        wchar_t wide[2] = { cells[i], 0 };
        cchar_t cell;

        if (wide[0] == 0 || wide[0] == 0x2800) /* an empty braille cell is a blank in every font */
            wide[0] = L' ';
        setcchar(&cell, wide, A_NORMAL, 0, NULL);
        mvadd_wch(row, column + i, &cell);
    }
}

void
screen_drop_keys(void)
{
    flushinp();
}

bool
screen_key(int timeout_ms, struct key *out)
{
    wint_t value;
    int how;

    timeout(timeout_ms);
    how = get_wch(&value);
    if (how == ERR)
        return false;
    out->is_code = how == KEY_CODE_YES;
    out->value = (unsigned)value;
    /* What define_key gave for the keypad's digits and signs is a character. */
    if (out->is_code && out->value < 0x80)
        out->is_code = false;
    return true;
}
