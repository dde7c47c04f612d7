/*
 * screen_term.h - the few things asked of the terminal itself, below curses.
 *
 * In a file of their own because term.h makes macros of ordinary words such as "columns".
 */
#ifndef PIPELINE_SCREEN_TERM_H
#define PIPELINE_SCREEN_TERM_H

#include <stdbool.h>

/* It can move its cursor and erase a line; after newterm or setupterm. */
bool term_usable(void);
/*
 * Line by line: tmux moves what a clearing of the whole screen removes into its history when
 * the alternate screen is off or unknown.
 */
void term_erase(int rows);
/*
 * The alternate screen by hand where the terminfo knows none: the Linux console's does not, but
 * tmux under that name has one, and a terminal that has none ignores the request.
 */
void term_enter(void);
void term_leave(void);
/* Without curses: erase the rows, then attributes, keypad, cursor and screen as they were. */
void term_reset_after_kill(int rows);

#endif
