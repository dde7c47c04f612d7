/* screen_term.c - terminfo, without curses. */
#define NCURSES_WIDECHAR 1
#include "screen_term.h"

#include <curses.h>
#include <stdio.h>
#include <term.h>
#include <unistd.h>

bool
term_usable(void)
{
    return cursor_address != NULL && clr_eol != NULL;
}

void
term_erase(int rows)
{
    for (int row = 0; row < rows && term_usable(); row++) {
        putp(tparm(cursor_address, row, 0, 0, 0, 0, 0, 0, 0, 0));
        putp(clr_eol);
    }
}

static bool
by_hand(void)
{
    return enter_ca_mode == NULL && cursor_address != NULL && cursor_address[0] == '\033';
}

void
term_enter(void)
{
    if (by_hand())
        putp("\033[?1049h");
}

void
term_leave(void)
{
    if (by_hand())
        putp("\033[?1049l");
}

void
term_reset_after_kill(int rows)
{
    int err;

    if (cur_term == NULL && setupterm(NULL, STDOUT_FILENO, &err) != OK)
        return;
    term_erase(rows);
    if (exit_attribute_mode != NULL)
        putp(exit_attribute_mode);
    if (keypad_local != NULL)
        putp(keypad_local);
    if (cursor_normal != NULL)
        putp(cursor_normal);
    if (exit_ca_mode != NULL)
        putp(exit_ca_mode);
    term_leave();
    fflush(stdout);
}
